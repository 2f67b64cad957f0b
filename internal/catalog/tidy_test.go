package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/catalog"
	"cartwright/internal/postgres/pgtest"
)

func TestTidy_TakesAwayWhatNobodySees(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"DUP-1 ": "DUP-1", "DUP\u200b-1": "DUP-1", "DUP-1\n": "DUP-1", "a\tb  c": "a b c", "\ufeffRouge\u0301": "Roug\u00e9",
		"\u200b": "", "می\u200cخواهم": "می\u200cخواهم", "a\u200cb": "ab", "S\u00adM": "SM",
	} {
		require.Equal(t, want, catalog.Tidy(typed), "%q", typed)
	}
}

// What is compared in the database is compared in the same way before it gets there.
func TestKey_IsTheDatabases(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	inDatabase := func(texts []string) (keys []string) {
		t.Helper()
		require.NoError(t, db.QueryRow(t.Context(), `SELECT array_agg(catalogue_key(x) ORDER BY n) FROM unnest($1::text[]) WITH ORDINALITY AS t (x, n)`, texts).Scan(&keys))
		return keys
	}
	var every []string
	for r := rune(1); r < 0x11000; r++ {
		if r < 0xd800 || r > 0xdfff {
			every = append(every, "A"+string(r)+"b"+string(r))
		}
	}
	for i, key := range inDatabase(every) {
		require.Equal(t, catalog.Key(every[i]), key, "%q", every[i])
	}
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("aÄé\u0301\u200b \n-Ωσ")), rapid.Rune())).
			Filter(func(s string) bool { return !containsZero(s) }).Draw(r, "text")
		key := catalog.Key(text)
		require.Equal(r, []string{key}, inDatabase([]string{text}), "%q", text)
		require.Equal(r, key, catalog.Key(catalog.Tidy(text)), "what is stored is compared like what was typed")
		require.Equal(r, catalog.Tidy(text), catalog.Tidy(catalog.Tidy(text)))
	})
}

func containsZero(s string) bool {
	for _, r := range s {
		if r == 0 {
			return true
		}
	}
	return false
}
