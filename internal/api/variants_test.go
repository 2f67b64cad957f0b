package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func addVariant(t *testing.T, shop *shoptest.Shop, product uuid.UUID, variant client.ProductVariantCreate) *client.CreateVariantResponse {
	t.Helper()
	got, err := shop.Admin.CreateVariantWithResponse(t.Context(), product.String(), nil, variant)
	require.NoError(t, err)
	return got
}

// change sends a merge patch as an admin and answers the product.
func change(t *testing.T, shop *shoptest.Shop, path, body string) answer {
	t.Helper()
	return send(t, shop, call{method: http.MethodPatch, path: path, body: body, token: shop.Login("admin@example.com").AccessToken, media: mergePatch})
}

func TestAVariantIsAddedWithItsStock(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(1)
	got := addVariant(t, shop, product.ID, client.ProductVariantCreate{
		Name: "White", SKU: "white", InventoryQuantity: ptr[int32](7), Price: ptr(client.Money("0")), CostPrice: ptr(client.Money("1.5")),
		Weight: ptr(0.25), Options: &client.VariantOptions{" color ": " White "},
	})
	require.Equal(t, http.StatusCreated, got.StatusCode(), string(got.Body))
	white := got.JSON201.Variants[1]
	require.Equal(t, client.VariantOptions{"color": "White"}, white.Options)
	require.EqualValues(t, 7, white.InventoryQuantity)
	require.EqualValues(t, "0.00", white.Price, "a price of 0 is a price")
	require.False(t, *white.FollowsPrice)
	require.EqualValues(t, "1.50", *white.CostPrice)
	public := shop.ReadProduct(product.ID)
	require.Nil(t, public.Variants[1].CostPrice)
	require.Nil(t, public.Variants[1].FollowsPrice)
	require.Equal(t, []client.ProductOption{{Name: "color", Values: []string{"White"}}}, public.Options)
	shop.Order(1, product)
	var movements int
	require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT sum(quantity) FROM stock_movements WHERE variant_id = $1`, white.ID).Scan(&movements))
	require.Equal(t, 7, movements)
}

func TestAVariantWithoutAPriceFollowsTheProducts(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	made := shop.Product(1, func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{{Name: "a", SKU: "a"}, {Name: "b", SKU: "b", Price: ptr(client.Money("5"))}}
	})
	require.Equal(t, http.StatusCreated, addVariant(t, shop, made.ID, client.ProductVariantCreate{Name: "c", SKU: "c"}).StatusCode())
	prices := func() (found []string) {
		for _, variant := range shop.ReadProduct(made.ID).Variants {
			found = append(found, string(variant.Price))
		}
		return found
	}
	require.Equal(t, []string{"199.99", "199.99", "5.00", "199.99"}, prices())
	path := "/products/" + made.Slug
	require.Equal(t, http.StatusOK, change(t, shop, path, `{"price":0}`).status)
	require.Equal(t, []string{"0.00", "0.00", "5.00", "0.00"}, prices())
	b, c := path+"/variants/"+made.Variants[2].ID.String(), path+"/variants/"+shop.ReadProduct(made.ID).Variants[3].ID.String()
	require.Equal(t, http.StatusOK, change(t, shop, b, `{"price":null}`).status)
	require.Equal(t, http.StatusOK, change(t, shop, c, `{"price":9}`).status)
	require.Equal(t, http.StatusOK, change(t, shop, path+"/variants/"+made.Variants[0].ID.String(), `{"price":3}`).status, "the default one's is the product's")
	require.Equal(t, []string{"3.00", "3.00", "3.00", "9.00"}, prices())
	require.EqualValues(t, "3.00", shop.ReadProduct(made.ID).Price)
}

func TestTheChoicesOfAProductAreThoseOfItsVariants(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	made := shop.Product(1, func(p *client.ProductCreate) {
		for i, options := range []client.VariantOptions{
			{"size": "S", "color": "Red"}, {"size": "L", "color": "Red"}, {"size": "L", "color": "Blue"}, {"size": "XXL"},
		} {
			p.Variants = append(p.Variants, client.ProductVariantCreate{Name: "v", SKU: fmt.Sprint("v-", i), Options: &options, IsActive: ptr(i != 3)})
		}
	})
	require.Equal(t, []client.ProductOption{
		{Name: "color", Values: []string{"Red", "Blue"}}, {Name: "size", Values: []string{"S", "L", "XXL"}},
	}, made.Options)
	require.Equal(t, []client.ProductOption{
		{Name: "color", Values: []string{"Red", "Blue"}}, {Name: "size", Values: []string{"S", "L"}},
	}, shop.ReadProduct(made.ID).Options, "shoppers choose among what is for sale")
	require.Len(t, shop.ReadProduct(made.ID).Variants, 4)
	main := "/products/" + made.Slug + "/variants/" + made.Variants[0].ID.String()
	require.Equal(t, http.StatusOK, change(t, shop, main, `{"name":"First","options":{"size":"M"}}`).status, "the default one can have options, too")
	require.Equal(t, []string{"M", "S", "L"}, shop.ReadProduct(made.ID).Options[1].Values)
}

func TestAProductHasEachChoiceOnceAndTheShopEachSKU(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	other := shop.Product(1)
	made := shop.Product(1, func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{{Name: "a", SKU: "a", Options: &client.VariantOptions{"color": "Red", "size": "S"}}}
	})
	before := contents(t, shop)
	for want, variant := range map[string]client.ProductVariantCreate{
		"options_taken options": {Name: "b", SKU: "b", Options: &client.VariantOptions{" size": "S ", "color": "Red"}},
		"sku_taken sku":         {Name: "b", SKU: other.SKU},
	} {
		got := addVariant(t, shop, made.ID, variant)
		require.Equal(t, http.StatusConflict, got.StatusCode(), want)
		require.Equal(t, want, got.ApplicationProblemJSON409.Code+" "+got.ApplicationProblemJSON409.Errors[0].Field)
	}
	twice := func(b client.ProductVariantCreate) *client.CreateProductResponse {
		got, err := shop.Admin.CreateProductWithResponse(t.Context(), nil, client.ProductCreate{
			Name: "n", SKU: "n", Price: "1", CategoryID: made.CategoryID,
			Variants: []client.ProductVariantCreate{{Name: "x", SKU: "x", Options: &client.VariantOptions{"color": "Red"}}, b},
		})
		require.NoError(t, err)
		return got
	}
	for want, variant := range map[string]client.ProductVariantCreate{
		"options_taken variants[1].options": {Name: "y", SKU: "y", Options: &client.VariantOptions{"color": " Red"}},
		"sku_taken variants[1].sku":         {Name: "y", SKU: "x"},
	} {
		got := twice(variant)
		require.Equal(t, http.StatusConflict, got.StatusCode(), want)
		require.Equal(t, want, got.ApplicationProblemJSON409.Code+" "+got.ApplicationProblemJSON409.Errors[0].Field)
	}
	bad := twice(client.ProductVariantCreate{Name: "y", SKU: "y", Options: &client.VariantOptions{"color": " "}})
	require.Equal(t, http.StatusUnprocessableEntity, bad.StatusCode())
	require.Equal(t, "variants[1].options", bad.ApplicationProblemJSON422.Errors[0].Field)
	require.Equal(t, before, contents(t, shop))

	t.Run("however long they are", func(t *testing.T) {
		long := client.VariantOptions{}
		for i := range 10 {
			long[fmt.Sprint(i)] = strings.Repeat("世", 100)
		}
		require.Equal(t, http.StatusCreated, addVariant(t, shop, made.ID, client.ProductVariantCreate{Name: "l", SKU: "l", Options: &long}).StatusCode())
		again := addVariant(t, shop, made.ID, client.ProductVariantCreate{Name: "l", SKU: "m", Options: &long})
		require.Equal(t, "options_taken", again.ApplicationProblemJSON409.Code)
	})
	t.Run("when many are added at once", func(t *testing.T) {
		var added [16]int
		shoptest.Together(len(added), func(i int) {
			got, err := shop.Admin.CreateVariantWithResponse(t.Context(), made.ID.String(), nil, client.ProductVariantCreate{
				Name: "r", SKU: fmt.Sprint("r-", i), Options: &client.VariantOptions{"race": "1"},
			})
			if err == nil {
				added[i] = got.StatusCode()
			}
		})
		count := map[int]int{}
		for _, status := range added {
			count[status]++
		}
		require.Equal(t, map[int]int{http.StatusCreated: 1, http.StatusConflict: 15}, count)
	})
}

func TestAProductHasAHundredVariantsBesideItsDefault(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	made := shop.Product(1, func(p *client.ProductCreate) {
		for i := range 99 {
			p.Variants = append(p.Variants, client.ProductVariantCreate{Name: "v", SKU: fmt.Sprint("v-", i)})
		}
	})
	require.Equal(t, http.StatusCreated, addVariant(t, shop, made.ID, client.ProductVariantCreate{Name: "v", SKU: "v-99"}).StatusCode())
	full := addVariant(t, shop, made.ID, client.ProductVariantCreate{Name: "v", SKU: "v-100"})
	require.Equal(t, http.StatusConflict, full.StatusCode())
	require.Equal(t, "too_many_variants", full.ApplicationProblemJSON409.Code)
}

func TestAVariantIsDeletedWhileNobodyOrderedIt(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(5, func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{
			{Name: "a", SKU: "a", InventoryQuantity: ptr[int32](5)}, {Name: "b", SKU: "b", InventoryQuantity: ptr[int32](5)},
		}
	})
	a, b := product.Variants[1].ID, product.Variants[2].ID
	cart := shop.Cart(0)
	for _, id := range []uuid.UUID{a, b} {
		added, err := shop.Guest.AddCartItemWithResponse(t.Context(), cart.ID, nil, client.CartItemAdd{ProductID: product.ID, VariantID: &id})
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, added.StatusCode())
	}
	remove := func(id uuid.UUID) *client.DeleteVariantResponse {
		got, err := shop.Admin.DeleteVariantWithResponse(t.Context(), product.Slug, id, nil)
		require.NoError(t, err)
		return got
	}
	require.Equal(t, "variant_is_default", remove(product.Variants[0].ID).ApplicationProblemJSON409.Code)
	gone := remove(b)
	require.Equal(t, http.StatusOK, gone.StatusCode(), string(gone.Body))
	require.Len(t, gone.JSON200.Variants, 2)
	require.Equal(t, "variant_not_found", remove(b).ApplicationProblemJSON404.Code)
	left, err := shop.Guest.GetCartWithResponse(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Len(t, left.JSON200.Items, 2)
	line := left.JSON200.Items[slices.IndexFunc(left.JSON200.Items, func(i client.CartItem) bool { return i.VariantID == b })]
	require.False(t, line.Available, "its line tells that it is gone")
	removed, err := shop.Guest.RemoveCartItemWithResponse(t.Context(), cart.ID, line.ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, removed.StatusCode(), string(removed.Body))

	placed, err := shop.Place(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
	before := contents(t, shop)
	require.Equal(t, "variant_ordered", remove(a).ApplicationProblemJSON409.Code)
	require.Equal(t, before, contents(t, shop))
}
