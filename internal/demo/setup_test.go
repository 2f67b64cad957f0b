package demo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/assortment"
	"cartwright/internal/catalog"
	"cartwright/internal/inventory"
	"cartwright/internal/media"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

const address = "https://shop.example.com"

func setup(t *testing.T, currency money.Currency) (Shop, *postgres.DB) {
	t.Helper()
	db := pgtest.New(t)
	return open(db, currency, time.Now), db
}

func open(db *postgres.DB, currency money.Currency, now func() time.Time) Shop {
	pages := page.NewCodec([]byte("secret"))
	goods := catalog.New(db, pages, media.Addresses{}, nil, now)
	return Shop{
		Catalog:    goods,
		Assortment: assortment.New(db, goods, inventory.New(db, pages, now)),
		Currency:   currency,
		BaseURL:    address,
	}
}

// stored reads everything back, drafts included.
func stored(t *testing.T, shop Shop) (categories []catalog.Category, products []catalog.Product) {
	t.Helper()
	whole := page.Request{Limit: page.MaxLimit}
	found, err := shop.Catalog.Categories(t.Context(), staff, whole)
	require.NoError(t, err)
	for _, status := range []catalog.Status{catalog.Active, catalog.Draft, catalog.Archived} {
		listed, err := shop.Catalog.List(t.Context(), status, staff, whole)
		require.NoError(t, err)
		products = append(products, listed.Items...)
	}
	return found.Items, products
}

func mustReadGoods(t *testing.T) goods {
	t.Helper()
	all, err := readGoods()
	require.NoError(t, err)
	return all
}
