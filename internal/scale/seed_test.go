package scale

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// bare is a number of products for which indexes are dropped, and which no chunk divides.
const bare = chunk + 777

func TestSameNumbersAreTheSameProducts(t *testing.T) {
	t.Parallel()
	once, twice := setup(t, "USD"), setup(t, "USD")
	require.Equal(t, Report{CategoriesAdded: 200, ProductsAdded: bare}, once.mustSeed(t, bare))

	require.Equal(t, Report{CategoriesAdded: 200, ProductsAdded: 1234}, twice.mustSeed(t, 1234))
	require.Equal(t, Report{CategoriesSkipped: 200, ProductsAdded: bare - 1234, ProductsSkipped: 1234}, twice.mustSeed(t, bare))
	require.Equal(t, content(t, once), content(t, twice))
}

func TestSeedingTwiceAddsNothing(t *testing.T) {
	t.Parallel()
	shop := setup(t, "USD")
	shop.mustSeed(t, 300)
	before := content(t, shop)
	require.Equal(t, Report{ProductsSkipped: 300}, shop.mustSeed(t, 300))
	require.Equal(t, Report{ProductsSkipped: 200}, shop.mustSeed(t, 200))
	require.Equal(t, before, content(t, shop))
}

func TestSeedFillsGapsAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	shop := setup(t, "USD")
	shop.mustSeed(t, 50)
	before := content(t, shop)
	third, fourth := newID(productID, 3, 0), newID(productID, 4, 0)
	for _, statement := range []string{
		"ALTER TABLE stock_movements DISABLE TRIGGER stock_movements_are_append_only",
		fmt.Sprintf("DELETE FROM stock_movements m USING product_variants v WHERE v.id = m.variant_id AND v.product_id = '%s'", third),
		fmt.Sprintf("DELETE FROM products WHERE id = '%s'", third),
		fmt.Sprintf("UPDATE products SET name = 'Ours' WHERE id = '%s'", fourth),
	} {
		_, err := shop.DB.Exec(t.Context(), statement)
		require.NoError(t, err, statement)
	}
	require.Equal(t, Report{CategoriesSkipped: 200, ProductsAdded: 1, ProductsSkipped: 49}, shop.mustSeed(t, 50))
	require.Equal(t, "Ours", scan[string](t, shop, fmt.Sprintf("SELECT name FROM products WHERE id = '%s'", fourth)))
	_, err := shop.DB.Exec(t.Context(), "UPDATE products SET name = $1 WHERE id = $2", newProduct(4).name, fourth)
	require.NoError(t, err)
	require.Equal(t, before, content(t, shop))
}

func TestSeedersAtOnceTakeTurns(t *testing.T) {
	t.Parallel()
	shop := setup(t, "USD")
	const seeders = 3
	reports := make([]Report, seeders)
	var group sync.WaitGroup
	for i := range seeders {
		group.Go(func() {
			var err error
			if reports[i], err = Seed(t.Context(), shop, 200); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	added := 0
	for _, report := range reports {
		added += report.ProductsAdded
	}
	require.Equal(t, 200, added)
	require.Equal(t, 200, scan[int](t, shop, "SELECT count(*) FROM products"))
}

func TestIndexesAndConstraintsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	shop := setup(t, "USD")
	before := structure(t, shop)
	var steps []string
	shop.Progress = func(p Progress) { steps = append(steps, p.Step) }
	shop.mustSeed(t, bare)
	require.Contains(t, steps, "indexes", "they were dropped at all")
	require.Equal(t, before, structure(t, shop))
}

func TestInterruptedSeedLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, at := range []Progress{
		{Step: "products", Done: chunk, Total: bare},
		{Step: "products", Done: bare, Total: bare},
		{Step: "indexes", Done: 0},
		{Step: "indexes", Done: 7},
	} {
		t.Run(fmt.Sprintf("%s %d", at.Step, at.Done), func(t *testing.T) {
			t.Parallel()
			shop := setup(t, "USD")
			before := structure(t, shop)
			ctx, interrupt := context.WithCancel(t.Context())
			shop.Progress = func(p Progress) {
				if p.Step == at.Step && p.Done == at.Done {
					interrupt()
				}
			}
			report, err := Seed(ctx, shop, bare)
			require.ErrorIs(t, err, context.Canceled)
			require.Zero(t, report)
			require.Equal(t, before, structure(t, shop))
			for _, table := range append(tables, "categories") {
				require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM "+table), table)
			}
			shop.Progress = nil
			shop.mustSeed(t, 100)
		})
	}
}

func TestSeedDoesNotWaitLongForAShopInUse(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), pgtest.URL(t)+"&lock_timeout=50ms")
	require.NoError(t, err)
	t.Cleanup(db.Close)
	shop := on(db, "USD")
	reader, err := db.Pool().Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = reader.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = reader.Exec(t.Context(), "SELECT FROM products")
	require.NoError(t, err)

	_, err = Seed(t.Context(), shop, bare)
	require.ErrorIs(t, err, ErrBusy)
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM categories"))
	shop.mustSeed(t, 100) // a few go in beside readers
}

func TestSeedRefusesWhatItCannotFill(t *testing.T) {
	t.Parallel()
	shop := setup(t, "USD")
	for _, products := range []int{-1, 0, MaxProducts + 1} {
		_, err := Seed(t.Context(), shop, products)
		require.ErrorIs(t, err, ErrProducts, products)
	}
	for _, bad := range []string{"", "/", "localhost:3000", "ftp://shop.example.com", "http://"} {
		wrong := shop
		wrong.BaseURL = bad
		_, err := Seed(t.Context(), wrong, 1)
		require.ErrorIs(t, err, ErrBaseURL, bad)
	}
	shop.Currency = "usd"
	_, err := Seed(t.Context(), shop, 1)
	require.ErrorIs(t, err, money.ErrCurrency)
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM categories"))
}
