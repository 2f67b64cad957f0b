package pgsearch_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/search"
)

// turned is one turn of what keeps the documents, and whether it is as it should be after.
func (s *shop) turned(holds func() bool) func() bool {
	return func() bool { return s.engine.Turn(s.t.Context()) == nil && holds() }
}

// open begins a transaction that ends with the test at the latest.
func (s *shop) open(statements ...string) pgx.Tx {
	s.t.Helper()
	tx, err := s.db.Pool().Begin(s.t.Context())
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(s.t.Context())) })
	for _, statement := range statements {
		_, err := tx.Exec(s.t.Context(), statement)
		require.NoError(s.t, err)
	}
	return tx
}

const makeDocuments = `SET CONSTRAINTS ALL IMMEDIATE`

func TestALongTransactionMissesNoCategorysChange(t *testing.T) {
	t.Parallel()
	for name, renamedFirst := range map[string]bool{"that began before it": false, "that began after, and made its documents before it was to be seen": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, 0)
			garden := s.category("Garden", nil)
			id := s.product(product{name: "Rake", category: garden.ID, price: 100})
			s.exec(`UPDATE products SET status = 'DRAFT' WHERE id = $1`, id)
			imports := func() pgx.Tx { return s.open(`UPDATE products SET status = 'ACTIVE'`, makeDocuments) }
			renames := func() pgx.Tx { return s.open(`UPDATE categories SET name = 'Yard'`) }
			var long, short pgx.Tx
			if renamedFirst {
				short = renames()
				long = imports()
			} else {
				long = imports()
				short = renames()
			}
			require.NoError(t, short.Commit(t.Context()))
			require.NoError(t, s.engine.Turn(t.Context()))
			require.NoError(t, s.engine.Turn(t.Context()))
			require.NoError(t, long.Commit(t.Context()))
			require.Equal(t, []string{"Rake"}, s.text("garden"))
			require.Eventually(t, s.turned(func() bool { return slices.Equal(s.text("yard"), []string{"Rake"}) }), soon, 20*time.Millisecond)
		})
	}
}

func TestALongTransactionMissesNoOtherLanguage(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	category := s.category("Möbel", nil)
	id := s.product(product{name: "Gartenstühle", category: category.ID, price: 100, description: "Die Häuser der Kinder"})
	s.exec(`UPDATE products SET status = 'DRAFT' WHERE id = $1`, id)
	long := s.open(`UPDATE products SET status = 'ACTIVE'`, makeDocuments)
	require.NoError(t, s.engine.UseLanguage(t.Context(), "german"))
	require.NoError(t, s.engine.Turn(t.Context()))
	require.NoError(t, s.engine.Turn(t.Context()))
	require.NoError(t, long.Commit(t.Context()))
	require.Eventually(t, s.turned(func() bool { return slices.Equal(s.text("haus kind"), []string{"Gartenstühle"}) }), soon, 20*time.Millisecond)
}

func TestAProductThatIsLockedIsWaitedForWithoutHurry(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	category := s.category("Lighting", nil)
	id := s.product(product{name: "Brass Lamp", category: category.ID, price: 100, stock: 3})
	lock := s.open(`SELECT FROM products FOR UPDATE`)
	s.exec(`UPDATE stock_levels SET on_hand = 0`)
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	require.NoError(t, s.engine.Turn(ctx), "a turn that does not end")
	require.NoError(t, ctx.Err(), "a turn that does not end")
	require.NoError(t, lock.Rollback(t.Context()))
	no := false
	require.Empty(t, s.find(search.Query{InStock: &no}).Items)
	require.NoError(t, s.engine.Turn(ctx))
	require.Equal(t, id, s.find(search.Query{InStock: &no}).Items[0].ID)
}

func (s *shop) number(sql string, args ...any) (n int) {
	s.t.Helper()
	require.NoError(s.t, s.db.QueryRow(s.t.Context(), sql, args...).Scan(&n))
	return n
}

func TestASoldOutProductDoesNotWaitForARenamedCategory(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	lighting, garden := s.category("Lighting", nil), s.category("Garden", nil)
	lamp := s.product(product{name: "Brass Lamp", category: lighting.ID, price: 100, stock: 3})
	s.copies(s.product(product{name: "Rake", category: garden.ID, price: 100}), 500)
	s.exec(`UPDATE categories SET name = 'Yard' WHERE id = $1`, garden.ID)
	require.Eventually(t, func() bool { // only noted, and not all made anew
		require.NoError(t, s.engine.Freshen(t.Context()))
		return s.number(`SELECT count(*) FROM search_stale WHERE kind = 'PRODUCT'`) > 0
	}, soon, 10*time.Millisecond)
	s.exec(`UPDATE stock_levels SET on_hand = 0 WHERE variant_id IN (SELECT id FROM product_variants WHERE product_id = $1)`, lamp)
	require.NoError(t, s.engine.Freshen(t.Context()))
	require.Positive(t, s.number(`SELECT count(*) FROM search_stale WHERE kind = 'PRODUCT'`))
	no := false
	require.Equal(t, []string{"Brass Lamp"}, names(s.find(search.Query{InStock: &no, Category: lighting.Slug})))
	require.Eventually(t, s.turned(func() bool { return s.number(`SELECT count(*) FROM search_stale`) == 0 }), soon, 10*time.Millisecond)
	require.EqualValues(t, 501, s.find(search.Query{Text: "yard"}).Total.Value)
}

func TestManyProductsChangedAtOnceAreMadeAnewAfterTheCommit(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	garden, home := s.category("Garden", nil), s.category("Home", nil)
	s.copies(s.product(product{name: "Rake", category: garden.ID, price: 100}), 2_100)
	in := func(slug string) int64 { return s.find(search.Query{Category: slug}).Total.Value }
	s.exec(`UPDATE products SET category_id = $1 WHERE id IN (SELECT id FROM products LIMIT 2000)`, home.ID)
	require.Equal(t, []int64{101, 2000}, []int64{in(garden.Slug), in(home.Slug)}, "in the transaction")
	s.exec(`UPDATE products SET category_id = $1`, garden.ID)
	require.Equal(t, []int64{2101, 0}, []int64{in(garden.Slug), in(home.Slug)}, "only those that changed count")
	s.exec(`UPDATE products SET category_id = $1`, home.ID)
	require.Equal(t, []int64{2101, 0}, []int64{in(garden.Slug), in(home.Slug)}, "after it")
	require.NoError(t, s.engine.Turn(t.Context()))
	require.Equal(t, []int64{0, 2101}, []int64{in(garden.Slug), in(home.Slug)})
}

// Each of them has a trigger of its own at the commit; reading all of them each time would be reading a
// hundred million for ten thousand.
func TestManyProductsOfATransactionAreReadOnce(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	s.copies(s.product(product{name: "Rake", category: s.category("Garden", nil).ID, price: 100}), 400)
	tx := s.open(`SET LOCAL enable_seqscan = off`, `UPDATE products SET is_featured = true`, makeDocuments)
	var read int
	require.NoError(t, tx.QueryRow(t.Context(), `SELECT pg_stat_get_xact_tuples_returned('search_pending_pkey'::regclass)`).Scan(&read))
	require.Less(t, read, 10*400)
	require.NoError(t, tx.Commit(t.Context()))
	yes := true
	require.EqualValues(t, 401, s.find(search.Query{Featured: &yes}).Total.Value)
}
