package pgsearch_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/search"
)

// soon is how long what is only noted may take to be found.
const soon = time.Minute

func TestWhatIsCommittedIsFoundByTheNextSearch(t *testing.T) {
	t.Parallel()
	s := setup(t, 0) // and nothing that keeps it
	category := s.category("Lighting", nil)
	require.Empty(t, s.text("lamp"))
	id := s.product(product{name: "Brass Lamp", category: category.ID, price: 100, stock: 1})
	require.Equal(t, []string{"Brass Lamp"}, s.text("lamps"))
	require.Equal(t, []string{"Brass Lamp"}, s.text("lightin"), "its category begins so")
	s.exec(`UPDATE products SET name = 'Copper Lantern' WHERE id = $1`, id)
	require.Empty(t, s.text("lamp"))
	require.Equal(t, []string{"Copper Lantern"}, s.text("copper lant"))
	s.exec(`UPDATE product_variants SET price_minor = 7777 WHERE product_id = $1`, id)
	require.Equal(t, int64(7777), s.find(search.Query{Sort: search.PriceUp}).Items[0].Default().Price.Minor)
	s.exec(`UPDATE products SET status = 'ARCHIVED' WHERE id = $1`, id)
	require.Empty(t, s.text("lantern"))
	s.exec(`UPDATE products SET status = 'ACTIVE' WHERE id = $1`, id)
	require.Len(t, s.text("lantern"), 1)
	s.exec(`UPDATE product_variants SET is_active = false WHERE product_id = $1`, id)
	require.Empty(t, s.text("lantern"), "nothing of it is for sale")
}

// Two who change a product at the same moment leave a document that shows both.
func TestChangesAtOnceAreAllFound(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	category := s.category("Lighting", nil)
	id := s.product(product{name: "Brass Lamp", category: category.ID, price: 100, stock: 1})
	first, err := s.db.Pool().Begin(t.Context())
	require.NoError(t, err)
	_, err = first.Exec(t.Context(), `UPDATE product_variants SET price_minor = 900 WHERE product_id = $1`, id)
	require.NoError(t, err)
	// The first makes its document and keeps its locks; the second waits for it at its own commit.
	_, err = first.Exec(t.Context(), `SET CONSTRAINTS ALL IMMEDIATE`)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		done <- pgx.BeginFunc(context.WithoutCancel(t.Context()), s.db.Pool(), func(tx pgx.Tx) error {
			_, err := tx.Exec(context.WithoutCancel(t.Context()), `INSERT INTO search_pending VALUES (pg_current_xact_id(), $1)`, id)
			return err
		})
	}()
	require.Eventually(t, func() bool {
		var waiting int
		err := s.db.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted`).Scan(&waiting)
		return err == nil && waiting > 0
	}, soon, 10*time.Millisecond)
	require.NoError(t, first.Commit(t.Context()))
	require.NoError(t, <-done)
	require.EqualValues(t, 900, s.price(id))
}

func (s *shop) price(id uuid.UUID) (price int64) {
	s.t.Helper()
	require.NoError(s.t, s.db.QueryRow(s.t.Context(), `SELECT price FROM search_documents WHERE product_id = $1`, id).Scan(&price))
	return price
}

func TestStockThatTurnsIsSeenSoon(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	s.keep()
	category := s.category("Lighting", nil)
	id := s.product(product{name: "Brass Lamp", category: category.ID, price: 100, stock: 3})
	yes := true
	available := func() bool { return len(s.find(search.Query{InStock: &yes}).Items) == 1 }
	require.True(t, available())
	stock := func(set string) {
		s.exec(`UPDATE stock_levels SET `+set+` WHERE variant_id IN (SELECT id FROM product_variants WHERE product_id = $1)`, id)
	}
	for _, step := range []struct {
		set  string
		want bool
	}{
		{"reserved = 3", false}, {"reserved = 2", true}, {"on_hand = 2", false}, {"allow_backorder = true", true}, {"allow_backorder = false", false},
	} {
		stock(step.set)
		begun := time.Now()
		require.Eventually(t, func() bool { return available() == step.want }, soon, 10*time.Millisecond, step.set)
		t.Logf("%s seen after %v", step.set, time.Since(begun))
	}
	s.exec(`UPDATE products SET track_inventory = false WHERE id = $1`, id)
	require.True(t, available(), "what is not counted can always be bought")
}

func TestACategoryThatIsRenamedOrMovedTakesItsProductsAlong(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	s.keep()
	garden, home := s.category("Garden", nil), s.category("Home", nil)
	tools := s.category("Tools", &garden.ID)
	s.product(product{name: "Rake", category: tools.ID, price: 100})
	in := func(slug string) int { return len(s.find(search.Query{Category: slug}).Items) }
	require.Equal(t, []int{1, 1, 0}, []int{in(garden.Slug), in(tools.Slug), in(home.Slug)})
	require.Equal(t, []string{"Rake"}, s.text("garden"))
	s.exec(`UPDATE categories SET parent_id = $2 WHERE id = $1`, tools.ID, home.ID)
	require.Eventually(t, func() bool { return in(home.Slug) == 1 && in(garden.Slug) == 0 }, soon, 10*time.Millisecond)
	s.exec(`UPDATE categories SET name = 'Implements' WHERE id = $1`, tools.ID)
	require.Eventually(t, func() bool { return slices.Equal(s.text("implements"), []string{"Rake"}) }, soon, 10*time.Millisecond)
	s.exec(`UPDATE categories SET is_active = false WHERE id = $1`, home.ID)
	require.Eventually(t, func() bool { return in(home.Slug) == 0 }, soon, 10*time.Millisecond)
	require.Empty(t, s.find(search.Query{}).Facets.Categories.Values, "what shoppers do not see is no choice")
}

func TestAnotherLanguageIsIndexedWithoutDowntime(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	category := s.category("Möbel", nil)
	s.product(product{name: "Gartenstühle", category: category.ID, price: 100, description: "Die Häuser der Kinder"})
	require.Empty(t, s.text("haus gartenstühle"), "not in English")
	require.NoError(t, s.engine.UseLanguage(t.Context(), "german"))
	require.Equal(t, []string{"Gartenstühle"}, s.text("gartenstühle"), "while the documents are those of English")
	s.product(product{name: "Tische", category: category.ID, price: 100})
	require.Equal(t, []string{"Tische"}, s.text("tisch"))
	s.keep()
	require.Eventually(t, func() bool { return slices.Equal(s.text("haus kind gartenstühle"), []string{"Gartenstühle"}) }, soon, 10*time.Millisecond)
	require.Eventually(t, func() bool {
		var left int
		err := s.db.QueryRow(t.Context(), `SELECT count(*) FROM search_settings WHERE previous IS NOT NULL OR reindexed_to IS NOT NULL`).Scan(&left)
		return err == nil && left == 0
	}, soon, 10*time.Millisecond)
	require.ErrorContains(t, s.engine.UseLanguage(t.Context(), "klingon"), "klingon")
}
