package catalog_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/cache"
	"cartwright/internal/catalog"
	"cartwright/internal/media"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// Another instance has just published a product of which this one still has a copy from before: its ids are found in the
// database, and its texts and price are those of the draft.
func TestADraftIsShownToNobodyThoughItIsPublishedElsewhere(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	here, elsewhere := open(t, url), open(t, url)
	id := uuid.Must(uuid.NewV7())
	for _, statement := range []string{
		`INSERT INTO categories (id, name, slug, created_at) VALUES ($1, 'c', 'c', now())`,
		`INSERT INTO products (id, category_id, name, slug, status, is_featured, created_at, updated_at) VALUES ($1, $1, 'draft', 'p', 'DRAFT', true, now(), now())`,
		`INSERT INTO product_variants (id, product_id, is_default, name, sku, price_minor, currency, created_at, updated_at)
		 VALUES ($1, $1, true, 'v', 's', 1, 'USD', now(), now())`,
	} {
		_, err := here.Exec(t.Context(), statement, id)
		require.NoError(t, err)
	}
	moment := time.Now()
	feed := cache.NewFeed(here, slog.New(slog.DiscardHandler), func() time.Time { return moment })
	service := catalog.New(here, page.NewCodec([]byte("secret")), media.NewAddresses("https://example.com"),
		cache.New(feed, nil, catalog.Weight), time.Now)
	require.NoError(t, feed.Poll(t.Context()))
	staff, shopper := catalog.Viewer{Staff: true}, catalog.Viewer{}
	_, err := service.Get(t.Context(), id.String(), staff)
	require.NoError(t, err)
	_, err = elsewhere.Exec(t.Context(), `UPDATE products SET status = 'ACTIVE', name = 'published'`)
	require.NoError(t, err)

	shown := func() (all []catalog.Product) {
		listed, err := service.List(t.Context(), "", shopper, page.Request{})
		require.NoError(t, err)
		featured, err := service.Featured(t.Context(), page.Request{})
		require.NoError(t, err)
		found, err := service.ByIDs(t.Context(), []uuid.UUID{id}, shopper)
		require.NoError(t, err)
		return append(append(found, listed.Items...), featured.Items...)
	}
	require.Empty(t, shown())
	copied, err := service.ByIDs(t.Context(), []uuid.UUID{id}, staff)
	require.NoError(t, err)
	require.Equal(t, "draft", copied[0].Name, "the copy is what this is about")

	require.NoError(t, feed.Poll(t.Context()))
	require.Len(t, shown(), 3)
}

func open(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return db
}
