package demo

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

func TestSeedFillsAnEmptyShop(t *testing.T) {
	t.Parallel()
	shop, db := setup(t, "USD")
	all := mustReadGoods(t)

	report, err := Seed(t.Context(), shop)
	require.NoError(t, err)
	require.Equal(t, Report{CategoriesAdded: len(all.Categories), ProductsAdded: len(all.Products)}, report)
	requireComplete(t, shop, db)

	newest, err := shop.Catalog.List(t.Context(), "", catalog.Viewer{}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, all.Products[len(all.Products)-1].Slug, newest.Items[0].Slug)
}

func TestSeedingTwiceAddsNothing(t *testing.T) {
	t.Parallel()
	shop, db := setup(t, "USD")
	first, err := Seed(t.Context(), shop)
	require.NoError(t, err)
	categories, products := stored(t, shop)

	second, err := Seed(t.Context(), shop)
	require.NoError(t, err)
	require.Equal(t, Report{CategoriesSkipped: first.CategoriesAdded, ProductsSkipped: first.ProductsAdded}, second)
	sameCategories, sameProducts := stored(t, shop)
	require.Equal(t, categories, sameCategories)
	require.Equal(t, products, sameProducts)
	requireComplete(t, shop, db)
}

func TestSeedGoesOnWhereItWasInterrupted(t *testing.T) {
	t.Parallel()
	for _, ticks := range []int32{1, 4, 15, 40, 250} {
		t.Run(fmt.Sprintf("after %d rows", ticks), func(t *testing.T) {
			t.Parallel()
			_, db := setup(t, "USD")
			ctx, interrupt := context.WithCancel(t.Context())
			var ticked atomic.Int32
			interrupted := open(db, "USD", func() time.Time {
				if ticked.Add(1) == ticks {
					interrupt()
				}
				return time.Now()
			})
			before, err := Seed(ctx, interrupted)
			require.ErrorIs(t, err, context.Canceled)

			shop := open(db, "USD", time.Now)
			after, err := Seed(t.Context(), shop)
			require.NoError(t, err)
			require.Equal(t, before.CategoriesAdded, after.CategoriesSkipped)
			require.Equal(t, before.ProductsAdded, after.ProductsSkipped)
			requireComplete(t, shop, db)
		})
	}
}

func TestSeedersAtOnceMakeOneShop(t *testing.T) {
	t.Parallel()
	shop, db := setup(t, "USD")
	var group sync.WaitGroup
	var categories, products atomic.Int32
	for range 4 {
		group.Go(func() {
			report, err := Seed(t.Context(), shop)
			if err != nil {
				t.Error(err)
			}
			categories.Add(int32(report.CategoriesAdded))
			products.Add(int32(report.ProductsAdded))
		})
	}
	group.Wait()
	all := mustReadGoods(t)
	require.EqualValues(t, len(all.Categories), categories.Load())
	require.EqualValues(t, len(all.Products), products.Load())
	requireComplete(t, shop, db)
}

func TestSeedLeavesWhatIsThere(t *testing.T) {
	t.Parallel()
	shop, _ := setup(t, "USD")
	all := mustReadGoods(t)
	text := "Ours since 1987."
	mine, err := shop.Catalog.CreateCategory(t.Context(), catalog.Category{
		Name: "Sound", Slug: all.Categories[0].Slug, Description: &text, // inactive
	})
	require.NoError(t, err)
	theirs := all.Products[0]
	theirs.Slug, theirs.Name = "another-slug", "The same SKU" // and a slug of its own
	product, err := shop.fromProduct(theirs, mine.ID)
	require.NoError(t, err)
	_, err = shop.Assortment.Add(t.Context(), product)
	require.NoError(t, err)

	report, err := Seed(t.Context(), shop)
	require.NoError(t, err)
	require.Equal(t, 1, report.CategoriesSkipped)
	require.Equal(t, 1, report.ProductsSkipped)
	kept, err := shop.Catalog.Category(t.Context(), all.Categories[0].Slug, staff)
	require.NoError(t, err)
	require.Equal(t, mine, kept)
}

func TestSeedRefusesAShopItCannotFill(t *testing.T) {
	t.Parallel()
	shop, _ := setup(t, "USD")
	for _, bad := range []string{"", "/", "localhost:3000", "ftp://shop.example.com", "http://", "http://a b"} {
		shop.BaseURL = bad
		_, err := Seed(t.Context(), shop)
		require.ErrorIs(t, err, ErrBaseURL, bad)
	}
	shop.BaseURL, shop.Currency = address, "usd"
	_, err := Seed(t.Context(), shop)
	require.ErrorIs(t, err, money.ErrCurrency)
	empty, err := shop.Catalog.IsEmpty(t.Context())
	require.NoError(t, err)
	require.True(t, empty)
}

// requireComplete holds when every category, product, variant, picture and stock level is there once.
func requireComplete(t *testing.T, shop Shop, db *postgres.DB) {
	t.Helper()
	all := mustReadGoods(t)
	var pictures, variants, following, units int32
	for _, product := range all.Products {
		pictures += int32(len(product.Images))
		for _, variant := range product.allVariants() {
			variants++
			if variant.followsPrice {
				following++
			}
			units += variant.InventoryQuantity
		}
	}
	var children int32
	parents := map[string]bool{}
	for _, category := range all.Categories {
		if category.Parent != "" {
			children++
			parents[category.Parent] = true
		}
	}
	categories, products := stored(t, shop)
	require.Len(t, categories, len(all.Categories))
	require.Len(t, products, len(all.Products))
	for query, want := range map[string]int32{
		"SELECT count(*) FROM product_images":                              pictures,
		"SELECT count(*) FROM product_variants":                            variants,
		"SELECT count(*) FROM product_variants WHERE follows_price":        following,
		"SELECT count(*) FROM stock_levels":                                variants,
		"SELECT sum(on_hand) FROM stock_levels":                            units,
		"SELECT sum(quantity) FROM stock_movements":                        units,
		"SELECT count(*) FROM categories WHERE parent_id IS NOT NULL":      children,
		"SELECT count(*) FROM product_variants WHERE is_default":           int32(len(all.Products)),
		"SELECT count(DISTINCT parent_id) FROM categories":                 int32(len(parents)),
		"SELECT count(*) FROM product_images WHERE coalesce(url, '') = ''": 0,
	} {
		var got int32
		require.NoError(t, db.QueryRow(t.Context(), query).Scan(&got))
		require.Equal(t, want, got, query)
	}
}
