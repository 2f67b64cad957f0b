package bulk_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/bulk"
)

// Descriptions of a file are kept as they are, and searched as what they show.
func TestImport_KeepsHTMLAndSearchReadsItsText(t *testing.T) {
	t.Parallel()
	s := setup(t)
	words := func() (words string) {
		require.NoError(t, s.db.QueryRow(t.Context(), `SELECT string_agg(words::text, ' ') FROM search_documents`).Scan(&words))
		return words
	}
	const file = "sku,name,category,status,price,description\n" +
		`A,Tee,lamps,ACTIVE,1,"<p class=""zorg""><strong>Organic</strong> cotton&nbsp;tee</p><style>.gleep{}</style>"` + "\n"
	for _, options := range [][]func(*bulk.Options){{}, {atomic}} {
		s.clear()
		s.must(file, options...)
		require.Contains(t, words(), "'organ'")
		require.Contains(t, words(), "'cotton'")
		for _, word := range []string{"zorg", "strong", "nbsp", "gleep", "style", "class"} {
			require.NotContains(t, words(), word)
		}
		require.Contains(t, s.export(bulk.CSV), `"<p class=""zorg""><strong>Organic</strong> cotton&nbsp;tee</p>`)
		s.must("sku,description\nA,<em>Linen</em> &amp; hemp\n", options...)
		require.Contains(t, words(), "'linen'")
		require.NotContains(t, words(), "cotton")
		require.NotContains(t, words(), "'amp'")
	}
}
