package search

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/postgres/pgtest"
)

func TestTermsBeginWordsOfTheProduct(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":            "",
		" !? ":        "",
		"noise  canc": "'noise':* & 'canc':*",
		"PS-5":        "('PS-5':* | 'PS':* & '5':*)",
		`O'Brien\`:    `('O''Brien\\':* | 'O':* & 'Brien':*)`,
	} {
		require.Equal(t, want, terms(text), text)
	}
}

func TestWhateverIsTypedIsATSQuery(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringOfN(rapid.OneOf(
			rapid.SampledFrom([]rune(`'\!&|():*<-> a5.,@/"%_`)), rapid.Rune().Filter(func(r rune) bool { return r != 0 }),
		), 0, 200, -1).Draw(r, "text")
		var parsed string
		if err := db.QueryRow(t.Context(), `SELECT to_tsquery('english', $1)::text`, terms(text)).Scan(&parsed); err != nil {
			r.Fatalf("%q: %v", text, err)
		}
	})
}
