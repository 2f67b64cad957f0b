package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func TestSearchOfAnUnknownCategory_IsAFieldError(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	got := send(t, shop, call{method: http.MethodGet, path: "/products/search?category=no-such"})
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	requireField(t, got, client.FieldLocationQUERY, "category")
}

// A product costs what its active variants cost, wherever shoppers read it.
func TestPriceRange_IsOfActiveVariants(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	parka := shop.Product(0, named("PAR-0", "Zephyr parka", "999.00", func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{
			{Name: "S", SKU: "PAR-S", Price: ptr(client.Money("20.00")), InventoryQuantity: ptr[int32](5), Options: &client.VariantOptions{"Size": "S"}},
			{Name: "M", SKU: "PAR-M", Price: ptr(client.Money("25.00")), InventoryQuantity: ptr[int32](5), Options: &client.VariantOptions{"Size": "M"}},
		}
	}))
	read := func() client.Product {
		t.Helper()
		got, err := shop.Guest.GetProductWithResponse(t.Context(), parka.Slug)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		return *got.JSON200
	}
	_, err := shop.DB.Exec(t.Context(), `UPDATE product_variants SET is_active = false WHERE sku = 'PAR-0'`)
	require.NoError(t, err)
	require.Equal(t, &client.ProductPriceRange{Min: "20.00", Max: "25.00"}, read().PriceRange)
	amount := func(text string) *client.Money { return ptr(client.Money(text)) }
	require.Empty(t, find(t, shop, client.SearchProductsParams{MinPrice: amount("900")}))
	found := find(t, shop, client.SearchProductsParams{MaxPrice: amount("25")})
	require.Equal(t, []string{"PAR-0"}, skus(found))
	require.Equal(t, &client.ProductPriceRange{Min: "20.00", Max: "25.00"}, found[0].PriceRange)
}

// Options that differ by case alone are one choice to shoppers.
func TestChoices_AreListedOnceHoweverTheyAreSpelt(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	scarf := shop.Product(1, named("OPT-0", "Wool scarf", "10.00", func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{
			{Name: "a", SKU: "OPT-1", Options: &client.VariantOptions{"Color": "Red", "Size": "M"}},
			{Name: "b", SKU: "OPT-2", Options: &client.VariantOptions{"color": "red", "Size": "L"}},
			{Name: "c", SKU: "OPT-3", Options: &client.VariantOptions{"COLOR": "Roug\u00e9", "Size": "m"}},
		}
	}))
	got, err := shop.Guest.GetProductWithResponse(t.Context(), scarf.Slug)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
	require.Equal(t, []client.ProductOption{{Name: "Color", Values: []string{"Red", "Roug\u00e9"}}, {Name: "Size", Values: []string{"M", "L"}}}, got.JSON200.Options)
	require.Equal(t, client.VariantOptions{"Color": "Red", "Size": "L"}, got.JSON200.Variants[2].Options)
	staff, err := shop.Admin.GetProductWithResponse(t.Context(), scarf.Slug)
	require.NoError(t, err)
	require.Equal(t, client.VariantOptions{"color": "red", "Size": "L"}, staff.JSON200.Variants[2].Options, "as it is stored")

	lookalike, err := shop.Admin.CreateVariantWithResponse(t.Context(), scarf.Slug, nil, client.ProductVariantCreate{
		Name: "d", SKU: "OPT-4", Options: &client.VariantOptions{"Color": "RED\u200b", "size": "m"},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, lookalike.StatusCode(), string(lookalike.Body))
	for _, sku := range []string{"opt-1", "OPT\u200b-1", " OPT-1", "OPT-1\n"} {
		taken, err := shop.Admin.CreateVariantWithResponse(t.Context(), scarf.Slug, nil, client.ProductVariantCreate{
			Name: "e", SKU: sku, Options: &client.VariantOptions{"Color": "Blue"},
		})
		require.NoError(t, err)
		require.Equal(t, http.StatusConflict, taken.StatusCode(), "%q: %s", sku, taken.Body)
	}
}
