package seal_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/seal"
)

var (
	first  = []byte("the first secret of tests, 0123456789")
	second = []byte("the second secret of tests, 012345678")
)

func box(t *testing.T, purpose string, secrets ...[]byte) *seal.Box {
	t.Helper()
	b, err := seal.New(purpose, secrets)
	require.NoError(t, err)
	return b
}

func sealed(t *testing.T, b *seal.Box, text, about string) []byte {
	t.Helper()
	s, err := b.Seal([]byte(text), about)
	require.NoError(t, err)
	return s
}

func TestWhatWasSealedOpensAsThatAndNothingElse(t *testing.T) {
	t.Parallel()
	b := box(t, "tests", first)
	for _, text := range []string{"", "a", "a text that nobody shall read"} {
		s := sealed(t, b, text, "row 1")
		opened, stale, err := b.Open(s, "row 1")
		require.NoError(t, err)
		require.Equal(t, text, string(opened))
		require.False(t, stale)
		require.True(t, bytes.HasPrefix(s, b.Mark()))
		if len(text) > 1 {
			require.NotContains(t, string(s), text)
		}
		require.NotContains(t, string(s), string(first[:8]))

		_, _, err = b.Open(s, "row 2")
		require.ErrorIs(t, err, seal.ErrSealed, "of another row")
		_, _, err = box(t, "another purpose", first).Open(s, "row 1")
		require.ErrorIs(t, err, seal.ErrSecret, "of another purpose")
		for i := range s {
			bad := slices.Clone(s)
			bad[i] ^= 1
			_, _, err = b.Open(bad, "row 1")
			require.Error(t, err, "changed at %d", i)
			_, _, err = b.Open(s[:i], "row 1")
			require.Error(t, err, "cut at %d", i)
		}
	}
	require.NotEqual(t, sealed(t, b, "the same", "row 1"), sealed(t, b, "the same", "row 1"), "equal texts do not show")
}

func TestASecretIsChangedWhileTextsOfTheOneBeforeAreAbout(t *testing.T) {
	t.Parallel()
	old, both, next := box(t, "tests", first), box(t, "tests", second, first), box(t, "tests", second)
	s := sealed(t, old, "a text", "row 1")
	text, stale, err := both.Open(s, "row 1")
	require.NoError(t, err)
	require.Equal(t, "a text", string(text))
	require.True(t, stale)
	require.False(t, bytes.HasPrefix(s, both.Mark()))
	_, _, err = next.Open(s, "row 1")
	require.ErrorIs(t, err, seal.ErrSecret)

	anew := sealed(t, both, "a text", "row 1")
	_, stale, err = next.Open(anew, "row 1")
	require.NoError(t, err)
	require.False(t, stale)
}
