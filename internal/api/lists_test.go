package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// page reads one page of products.
func page(t *testing.T, shop *shoptest.Shop, path, token string) client.ProductList {
	t.Helper()
	got := send(t, shop, call{method: http.MethodGet, path: path, token: token})
	require.Equal(t, http.StatusOK, got.status, got.body)
	var list client.ProductList
	require.NoError(t, json.Unmarshal([]byte(got.body), &list))
	return list
}

// walk reads every page of products; path ends in a parameter.
func walk(t *testing.T, shop *shoptest.Shop, path, token string) []client.Product {
	t.Helper()
	list := page(t, shop, path, token)
	all := list.Data
	for list.NextCursor != nil {
		require.NotEmpty(t, list.Data)
		list = page(t, shop, path+"&cursor="+url.QueryEscape(*list.NextCursor), token)
		all = append(all, list.Data...)
	}
	return all
}

func TestProductsAreListedOnceNewestFirst(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	var want, featured []string
	for i := range 15 {
		sku := fmt.Sprintf("sku-%02d", i)
		shop.Product(1, named(sku, sku, "1", func(p *client.ProductCreate) { p.IsFeatured = ptr(i%2 == 0) }))
		if want = append(want, sku); i%2 == 0 {
			featured = append(featured, sku)
		}
	}
	_, err := shop.DB.Exec(t.Context(), `UPDATE products SET created_at = '2030-01-01' WHERE name < 'sku-08'`) // ids decide
	require.NoError(t, err)
	want = append(want[:8:8], want[8:]...)
	got := skus(walk(t, shop, "/products?limit=4", ""))
	require.Len(t, got, len(want))
	require.ElementsMatch(t, want, got)
	require.True(t, slices.IsSortedFunc(got[:8], func(a, b string) int { return strings.Compare(b, a) }), got)
	require.ElementsMatch(t, featured, skus(walk(t, shop, "/products/featured?limit=3", "")))
	require.Len(t, page(t, shop, "/products", "").Data, 15)
}

func TestWhatIsNotForSaleExistsForStaffOnly(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	staff := shop.Login("staff@example.com").AccessToken
	shop.Product(1, named("active", "active lamp", "1"))
	for _, status := range []client.ProductStatus{client.ProductStatusDRAFT, client.ProductStatusARCHIVED} {
		t.Run(string(status), func(t *testing.T) {
			hidden := shop.Product(1, named(string(status), "hidden lamp", "1", func(p *client.ProductCreate) {
				p.Status, p.IsFeatured = &status, ptr(true)
			}))
			for _, idOrSlug := range []string{hidden.ID.String(), strings.ToUpper(hidden.ID.String()), hidden.Slug} {
				guest, err := shop.Guest.GetProductWithResponse(t.Context(), idOrSlug)
				require.NoError(t, err)
				require.Equal(t, http.StatusNotFound, guest.StatusCode())
				seen, err := shop.Staff.GetProductWithResponse(t.Context(), idOrSlug)
				require.NoError(t, err)
				require.Equal(t, http.StatusOK, seen.StatusCode())
			}
			for _, path := range []string{"/products?", "/products/featured?", "/products/search?", "/products/search?q=lamp", "/products?status=" + string(status)} {
				require.NotContains(t, skus(walk(t, shop, path, "")), string(status), path)
			}
			require.Contains(t, skus(walk(t, shop, "/products?status="+string(status), staff)), string(status))
			added, err := shop.Guest.AddCartItemWithResponse(t.Context(), shop.Cart(0).ID, nil, client.CartItemAdd{ProductID: hidden.ID})
			require.NoError(t, err)
			require.Equal(t, http.StatusConflict, added.StatusCode())
			require.Equal(t, "product_not_available", added.ApplicationProblemJSON409.Code)
		})
	}
	t.Run("an inactive category", func(t *testing.T) {
		made, err := shop.Admin.CreateCategoryWithResponse(t.Context(), nil, client.CategoryCreate{Name: "Hidden", Slug: "hidden", IsActive: ptr(false)})
		require.NoError(t, err)
		for _, idOrSlug := range []string{made.JSON201.ID.String(), "hidden"} {
			guest, err := shop.Guest.GetCategoryWithResponse(t.Context(), idOrSlug)
			require.NoError(t, err)
			require.Equal(t, http.StatusNotFound, guest.StatusCode())
			seen, err := shop.Staff.GetCategoryWithResponse(t.Context(), idOrSlug)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, seen.StatusCode())
		}
		below := category(t, shop, "below", &made.JSON201.ID)
		category(t, shop, "further-below", &below.ID)
		for _, slug := range []string{"below", "further-below"} {
			guest, err := shop.Guest.GetCategoryWithResponse(t.Context(), slug)
			require.NoError(t, err)
			require.Equal(t, http.StatusNotFound, guest.StatusCode(), "what is below it is hidden with it")
			seen, err := shop.Staff.GetCategoryWithResponse(t.Context(), slug)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, seen.StatusCode())
		}
		for who, wanted := range map[*client.ClientWithResponses]bool{shop.Guest: false, shop.Staff: true} {
			list, err := who.ListCategoriesWithResponse(t.Context(), nil)
			require.NoError(t, err)
			for _, slug := range []string{"hidden", "below", "further-below"} {
				require.Equal(t, wanted, slices.ContainsFunc(list.JSON200.Data, func(c client.Category) bool { return c.Slug == slug }), slug)
			}
		}
	})
}

func TestWhatAProductCostsTheShopIsShownToStaffOnly(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	staff := shop.Login("staff@example.com").AccessToken
	product := shop.Product(1, named("s", "Lamp", "10", func(p *client.ProductCreate) { p.CostPrice = ptr(client.Money("7654.32")) }))
	for _, path := range []string{"/products/" + product.ID.String(), "/products/" + product.Slug, "/products", "/products/search?q=lamp"} {
		require.NotContains(t, send(t, shop, call{method: http.MethodGet, path: path}).body, "7654.32", path)
		require.Contains(t, send(t, shop, call{method: http.MethodGet, path: path, token: staff}).body, `"costPrice":7654.32`, path)
	}
}

func TestCategoriesAreListedByTheirOrderThenName(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	want := []string{"b", "c", strings.Repeat("<", 200), strings.Repeat("&", 200), "a"}
	for i, order := range []int32{0, 0, 1, 2, 3} {
		made, err := shop.Admin.CreateCategoryWithResponse(t.Context(), nil,
			client.CategoryCreate{Name: want[i], Slug: fmt.Sprintf("c-%d", i), SortOrder: &order})
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, made.StatusCode(), string(made.Body))
	}
	var got []string
	params := &client.ListCategoriesParams{Limit: ptr[int32](1)}
	for {
		list, err := shop.Guest.ListCategoriesWithResponse(t.Context(), params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, list.StatusCode(), string(list.Body))
		require.Len(t, list.JSON200.Data, 1)
		got = append(got, list.JSON200.Data[0].Name)
		if params.Cursor = list.JSON200.NextCursor; params.Cursor == nil {
			break
		}
	}
	require.Equal(t, want, got)
}

func TestOrdersAreListedOnceForStaff(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	product := shop.Product(100)
	var want []uuid.UUID
	for range 5 {
		want = append(want, shop.Order(1, product).ID)
	}
	paid, err := shop.Pay(t.Context(), want[2], "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
	slices.Reverse(want)
	list := func(params client.ListOrdersParams) (got []uuid.UUID) {
		params.Limit = ptr[int32](2)
		for {
			page, err := shop.Staff.ListOrdersWithResponse(t.Context(), &params)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, page.StatusCode(), string(page.Body))
			for _, order := range page.JSON200.Data {
				got = append(got, order.ID)
			}
			if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
				return got
			}
		}
	}
	require.Equal(t, want, list(client.ListOrdersParams{}))
	require.Equal(t, want[2:3], list(client.ListOrdersParams{Status: ptr(client.OrderStatusCONFIRMED)}))
	require.Equal(t, want[2:3], list(client.ListOrdersParams{PaymentStatus: ptr(client.PaymentStatusPAID)}))
	require.Len(t, list(client.ListOrdersParams{Status: ptr(client.OrderStatusPENDING), PaymentStatus: ptr(client.PaymentStatusPENDING)}), 4)
	require.Empty(t, list(client.ListOrdersParams{Status: ptr(client.OrderStatusSHIPPED)}))
	oldest := slices.Clone(want)
	slices.Reverse(oldest)
	require.Equal(t, oldest, list(client.ListOrdersParams{Sort: ptr(client.OrderSortOldest)}))
	read := shop.ReadOrder(want[1])
	moment := ptr(read.CreatedAt.Format(time.RFC3339Nano))
	for name, tc := range map[string]struct {
		params client.ListOrdersParams
		want   []uuid.UUID
	}{
		"from":         {client.ListOrdersParams{CreatedFrom: moment}, want[:2]},
		"before":       {client.ListOrdersParams{CreatedBefore: moment}, want[2:]},
		"a number":     {client.ListOrdersParams{Q: &read.OrderNumber}, want[1:2]},
		"a name":       {client.ListOrdersParams{Q: ptr("DOE joh")}, want},
		"no such name": {client.ListOrdersParams{Q: ptr("jane")}, nil},
		"an address":   {client.ListOrdersParams{Email: ptr("Customer@example.com")}, want},
		"another":      {client.ListOrdersParams{Email: ptr("other@example.com")}, nil},
		"a customer":   {client.ListOrdersParams{CustomerID: ptr(uuid.New())}, nil},
		"unfulfilled":  {client.ListOrdersParams{FulfillmentStatus: ptr(client.FulfillmentStatusUNFULFILLED)}, want},
		"dear":         {client.ListOrdersParams{MinTotal: &read.TotalAmount, MaxTotal: &read.TotalAmount}, want},
		"dearer":       {client.ListOrdersParams{MinTotal: ptr(client.Money("99999999"))}, nil},
	} {
		require.Equal(t, tc.want, list(tc.params), name)
	}
	staff := shop.Login("staff@example.com").AccessToken
	for query, field := range map[string]string{
		"createdFrom=2026-02-30T00:00:00Z": "createdFrom", "createdBefore=0000-01-01T00:00:00Z": "createdBefore", "createdFrom=yesterday": "createdFrom",
		"minTotal=1.001": "minTotal", "maxTotal=-1": "maxTotal", "sort=dearest": "sort", "q=%20": "q", "email=nobody": "email", "customerId=me": "customerId",
	} {
		requireField(t, send(t, shop, call{method: http.MethodGet, path: "/orders?" + query, token: staff}), client.FieldLocationQUERY, field)
	}
}
