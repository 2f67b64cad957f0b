package scale

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// If this fails, search_refresh makes its documents in another way than package scale does.
func TestDocumentsAreWhatTheSearchMakes(t *testing.T) {
	t.Parallel()
	shop := setup(t, "USD")
	_, err := shop.DB.Exec(t.Context(), "INSERT INTO categories (id, name, slug, created_at) VALUES (gen_random_uuid(), 'Lamps', 'shiny-things', now())")
	require.NoError(t, err)
	shop.mustSeed(t, 2500)
	const documents = `
		SELECT array_agg(concat_ws('|', product_id, words, card, prices, price, name_key, sold, created_at) ORDER BY product_id)
		FROM search_documents`
	ours := scan[[]string](t, shop, documents)
	require.Equal(t, scan[int](t, shop, "SELECT count(*) FROM products WHERE status = 'ACTIVE'"), len(ours))
	words := scan[[]string](t, shop, "SELECT array_agg(word::text ORDER BY word) FROM search_words_new")
	require.Greater(t, len(words), 3000)

	_, err = shop.DB.Exec(t.Context(), "DELETE FROM search_documents; DELETE FROM search_words_new")
	require.NoError(t, err)
	_, err = shop.DB.Exec(t.Context(), "SELECT search_refresh(array_agg(id)) FROM products")
	require.NoError(t, err)
	theirs := scan[[]string](t, shop, documents)
	require.Len(t, theirs, len(ours))
	for i := range theirs {
		require.Equal(t, theirs[i], ours[i])
	}
	// A name that no product for sale has yet may be among ours.
	require.Subset(t, words, scan[[]string](t, shop, "SELECT array_agg(DISTINCT word::text) FROM search_words_new"))
}
