package page_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/page"
)

type position struct{ After int }

func TestACursorOpensOnlyItsOwnListUnchanged(t *testing.T) {
	t.Parallel()
	codec := page.NewCodec([]byte("secret"))
	cursor, err := codec.Encode("products", position{After: 7})
	require.NoError(t, err)

	var got position
	require.NoError(t, codec.Decode("products", cursor, &got))
	require.Equal(t, 7, got.After)

	require.ErrorIs(t, codec.Decode("orders", cursor, &got), page.ErrCursor)
	require.ErrorIs(t, page.NewCodec([]byte("other")).Decode("products", cursor, &got), page.ErrCursor)
	for _, bad := range []string{"", "x", "%%%", cursor + "A", "A" + cursor[1:]} {
		require.ErrorIs(t, codec.Decode("products", bad, &got), page.ErrCursor, bad)
	}
}

func TestCutPromisesANextPageOnlyWhenThereIsOne(t *testing.T) {
	t.Parallel()
	codec := page.NewCodec([]byte("secret"))
	at := func(i int) any { return position{After: i} }

	last, err := page.Cut(codec, "l", []int{1, 2}, 2, at)
	require.NoError(t, err)
	require.Equal(t, page.Of[int]{Items: []int{1, 2}}, last)

	first, err := page.Cut(codec, "l", []int{1, 2, 3}, 2, at)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, first.Items)
	var got position
	require.NoError(t, codec.Decode("l", first.Next, &got))
	require.Equal(t, 2, got.After)
}

func TestACursorOutlivesTheChangeOfItsSecret(t *testing.T) {
	t.Parallel()
	old, next := []byte("secret"), []byte("next")
	cursor, err := page.NewCodec(old).Encode("l", position{After: 7})
	require.NoError(t, err)
	rotated := page.NewCodec(next, old)
	var got position
	require.NoError(t, rotated.Decode("l", cursor, &got))
	require.Equal(t, 7, got.After)
	fresh, err := rotated.Encode("l", position{After: 8})
	require.NoError(t, err)
	require.NoError(t, page.NewCodec(next).Decode("l", fresh, &got))
	require.ErrorIs(t, page.NewCodec(next).Decode("l", cursor, &got), page.ErrCursor)
}
