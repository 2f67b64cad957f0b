package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// find searches and answers the products of the first page.
func find(t *testing.T, shop *shoptest.Shop, params client.SearchProductsParams) []client.Product {
	t.Helper()
	found, err := shop.Guest.SearchProductsWithResponse(t.Context(), &params)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, found.StatusCode(), string(found.Body))
	return found.JSON200.Data
}

func skus(products []client.Product) []string {
	out := []string{}
	for _, product := range products {
		out = append(out, product.SKU)
	}
	return out
}

// named changes what tests of search look for.
func named(sku, name string, price client.Money, more ...func(*client.ProductCreate)) func(*client.ProductCreate) {
	return func(p *client.ProductCreate) {
		p.SKU, p.Name, p.Price = sku, name, price
		for _, change := range more {
			change(p)
		}
	}
}

func TestFiltersLeaveExactlyWhatFits(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.Product(5, named("free", "Sticker", "0"))
	middle := shop.Product(5, named("middle", "Lamp", "100.00", func(p *client.ProductCreate) { p.IsFeatured = ptr(true) }))
	shop.Product(0, named("dear", "Chandelier", "300.00"))
	shop.Product(0, named("service", "Assembly", "50.00", func(p *client.ProductCreate) { p.TrackInventory = ptr(false) }))
	shop.Product(0, named("two", "Cable", "10.00", func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{{Name: "long", SKU: "two-long", Price: ptr(client.Money("20.5")), InventoryQuantity: ptr[int32](3)}}
	}))
	amount := func(text string) *client.Money { return ptr(client.Money(text)) }
	for name, c := range map[string]struct {
		params client.SearchProductsParams
		want   []string
	}{
		"nothing":             {client.SearchProductsParams{}, []string{"dear", "free", "middle", "service", "two"}},
		"minPrice 0":          {client.SearchProductsParams{MinPrice: amount("0")}, []string{"dear", "free", "middle", "service", "two"}},
		"maxPrice 0":          {client.SearchProductsParams{MaxPrice: amount("0")}, []string{"free"}},
		"both 0":              {client.SearchProductsParams{MinPrice: amount("0.00"), MaxPrice: amount("0e0")}, []string{"free"}},
		"bounds are included": {client.SearchProductsParams{MinPrice: amount("50"), MaxPrice: amount("100")}, []string{"middle", "service"}},
		"any variant's price": {client.SearchProductsParams{MinPrice: amount("20.5"), MaxPrice: amount("20.50")}, []string{"two"}},
		"inStock":             {client.SearchProductsParams{InStock: ptr(true)}, []string{"free", "middle", "service", "two"}},
		"not inStock":         {client.SearchProductsParams{InStock: ptr(false)}, []string{"dear"}},
		"featured":            {client.SearchProductsParams{Featured: ptr(true)}, []string{"middle"}},
		"not featured":        {client.SearchProductsParams{Featured: ptr(false)}, []string{"dear", "free", "service", "two"}},
		"category":            {client.SearchProductsParams{Category: &middle.Category.Slug}, []string{"middle"}},
		"a word's stem":       {client.SearchProductsParams{Q: ptr("LAMPS")}, []string{"middle"}},
		"a word's beginning":  {client.SearchProductsParams{Q: ptr("chand")}, []string{"dear"}},
		"all words":           {client.SearchProductsParams{Q: ptr("lamp sticker")}, []string{}},
		"all together": {client.SearchProductsParams{
			Q: ptr("lamp"), MinPrice: amount("99"), MaxPrice: amount("101"), InStock: ptr(true), Featured: ptr(true),
			Category: &middle.Category.Slug,
		}, []string{"middle"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := skus(find(t, shop, c.params))
			slices.Sort(got)
			require.Equal(t, c.want, got)
		})
	}
	t.Run("a range that is none", func(t *testing.T) {
		got := send(t, shop, call{method: http.MethodGet, path: "/products/search?minPrice=2&maxPrice=1"})
		requireField(t, got, client.FieldLocationQUERY, "maxPrice")
	})
}

func TestWhatAShopperTypesIsText(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.Product(1, named("p-1", "O'Brien's 100% cotton_shirt", "1"))
	for _, q := range []string{
		`'`, `'!&|():*<->\`, `!`, `a & | b`, `:*`, `\`, `\\'`, `%`, `_`, `a:b`, `<->`, `'); DROP TABLE products; --`, `$1`, `{}`, `""`,
		" ", "\t\n", "the and of", strings.Repeat("x", 200), strings.Repeat("x ", 100), strings.Repeat("世", 200), strings.Repeat("'", 200),
		"🦄", "a\u0301\u200d", "ﬁ", "\ufeff", "İI", "١٢٣", "x\u202ey",
	} {
		found, err := shop.Guest.SearchProductsWithResponse(t.Context(), &client.SearchProductsParams{Q: &q})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, found.StatusCode(), "%q: %s", q, found.Body)
	}
	for _, q := range []string{"%", "_", "p_q", `q%`, "%q"} {
		require.Empty(t, find(t, shop, client.SearchProductsParams{Q: &q}), q)
	}
	for _, q := range []string{"o'brien", "100%", "cotton_shirt", "shirt & cotton", "P-1", "p-", "p1", "p_1"} {
		require.Len(t, find(t, shop, client.SearchProductsParams{Q: &q}), 1, q)
	}
	long := send(t, shop, call{method: http.MethodGet, path: "/products/search?q=" + strings.Repeat("x", 201)})
	requireField(t, long, client.FieldLocationQUERY, "q")
}

func TestAnExactSKUComesFirst(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.Product(1, named("other", "AB-10 AB-10 AB-10", "1"))
	shop.Product(1, named("ab-100", "Something", "1"))
	shop.Product(1, named("AB-10", "Exactly", "1"))
	shop.Product(1, named("parent", "With variants", "1", func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{{Name: "v", SKU: "XY-7"}}
	}))
	shop.Product(1, named("loud", "XY-7 XY-7 XY-7", "1"))
	require.Equal(t, []string{"AB-10", "other", "ab-100"}, skus(find(t, shop, client.SearchProductsParams{Q: ptr("ab-10")})))
	require.Equal(t, []string{"parent", "loud"}, skus(find(t, shop, client.SearchProductsParams{Q: ptr("xy-7")})))
}

func TestSearchIsPagedOnceThroughInEveryOrder(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	var all []client.Product
	for i := range 30 {
		price := client.Money(fmt.Sprintf("%d.50", i%4)) // many of one price and one name
		all = append(all, shop.Product(1, named(fmt.Sprintf("sku-%02d", i), strings.Repeat("<", 193)+fmt.Sprintf(" lamp %d", i%3), price)))
	}
	slices.Reverse(all) // newest first
	by := func(key func(client.Product) string) func([]client.Product) bool {
		return func(list []client.Product) bool {
			return slices.IsSortedFunc(list, func(a, b client.Product) int { return strings.Compare(key(a), key(b)) })
		}
	}
	price := by(func(p client.Product) string { return string(p.Price) })
	for name, c := range map[string]struct {
		query  string
		sorted func([]client.Product) bool
	}{
		"newest":         {"sort=newest", func(l []client.Product) bool { return slices.Equal(skus(l), skus(all)) }},
		"no order named": {"", func(l []client.Product) bool { return slices.Equal(skus(l), skus(all)) }},
		"price_asc":      {"sort=price_asc", price},
		"price_desc":     {"sort=price_desc", func(l []client.Product) bool { l = slices.Clone(l); slices.Reverse(l); return price(l) }},
		"name":           {"sort=name", by(func(p client.Product) string { return p.Name })},
		"best_selling":   {"sort=best_selling", func(l []client.Product) bool { return slices.Equal(skus(l), skus(all)) }},
		"relevance":      {"sort=relevance&q=lamp", func([]client.Product) bool { return true }},
		"words":          {"q=lamp", func([]client.Product) bool { return true }},
	} {
		t.Run(name, func(t *testing.T) {
			got := walk(t, shop, "/products/search?limit=7&"+c.query, "")
			require.Len(t, got, len(all))
			require.True(t, c.sorted(got), skus(got))
			seen := skus(got)
			slices.Sort(seen)
			require.Len(t, slices.Compact(seen), len(all))
		})
	}
	t.Run("a cursor of another list is refused", func(t *testing.T) {
		cursor := url.QueryEscape(*page(t, shop, "/products/search?limit=7&sort=name", "").NextCursor)
		for _, path := range []string{"/products/search?sort=newest", "/products/search?q=lamp&sort=name", "/products?limit=7", "/products/featured?limit=7", "/categories?limit=7"} {
			requireField(t, send(t, shop, call{method: http.MethodGet, path: path + "&cursor=" + cursor}), client.FieldLocationQUERY, "cursor")
		}
		for _, bad := range []string{"x", "AAAA", cursor[:len(cursor)-1], cursor + "A", "'", "%00", strings.Repeat("A", 3000)} {
			requireField(t, send(t, shop, call{method: http.MethodGet, path: "/products/search?sort=name&cursor=" + bad}), client.FieldLocationQUERY, "cursor")
		}
	})
}

// options gives a product a second variant with these.
func options(sku string, chosen map[string]string) func(*client.ProductCreate) {
	return func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{{Name: sku, SKU: sku, Options: (*client.VariantOptions)(&chosen)}}
	}
}

func TestOptionsAreFilteredByHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.Product(1, named("red-m", "Shirt", "1", options("a", map[string]string{"Color": "Red", "Größe": "M"})))
	shop.Product(1, named("blue-m", "Shirt", "1", options("b", map[string]string{"Color": "Blue", "Größe": "M"})))
	shop.Product(1, named("red-l", "Shirt", "1", options("c", map[string]string{"color": "red", "Größe": "L"})))
	for query, want := range map[string][]string{
		"option.color=red":      {"red-l", "red-m"},
		"option.COLOR=R%C3%89D": {"red-l", "red-m"},
		"option[color]=red":     {"red-l", "red-m"},
		"option%5Bcolor%5D%5B0%5D=red&option[color][1]=blue": {"blue-m", "red-l", "red-m"},
		"option[color][]=red":                                {"red-l", "red-m"},
		"option.color=red&option.color=blue":                 {"blue-m", "red-l", "red-m"},
		"option.color=red&option.gr%C3%B6%C3%9Fe=m":          {"red-m"},
		"option.color=green":                                 {},
		"option.material=red":                                {},
		"option.color=":                                      {},
		"utm_source=x&anything[at][all]=1":                   {"blue-m", "red-l", "red-m"},
	} {
		got := skus(walk(t, shop, "/products/search?limit=2&"+query, ""))
		slices.Sort(got)
		require.Equal(t, want, got, query)
	}
	typed := skus(find(t, shop, client.SearchProductsParams{Option: &client.OptionFilters{"color": {"blue", "green"}, "größe": {"M"}}}))
	require.Equal(t, []string{"blue-m"}, typed)
	for query, field := range map[string]string{
		strings.Repeat("option.color=red&", 1000):   "option.color",
		manyOptions(1000):                           "option",
		"option.=x":                                 "option.",
		"option[color=x":                            "option[color",
		"option.color=" + strings.Repeat("x", 101):  "option.color",
		"option." + strings.Repeat("x", 101) + "=a": "option." + strings.Repeat("x", 101),
		"option.color=a%00b":                        "option.color",
		"option.color=%FF":                          "option.color",
		"sort=cheapest":                             "sort",
		"minPrice=-1":                               "minPrice",
		"maxPrice=1.999":                            "maxPrice",
		"q=a%00b":                                   "q",
		"category=a%00b":                            "category",
		"limit=101":                                 "limit",
		"cursor=nonsense":                           "cursor",
	} {
		requireField(t, send(t, shop, call{method: http.MethodGet, path: "/products/search?" + query}), client.FieldLocationQUERY, field)
	}
	// So much never reaches an operation.
	long := sendWith(t, plain, shop, call{method: http.MethodGet, path: "/api/v1/products/search?q=" + strings.Repeat("x", 10<<20)})
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, long.status)
}

func manyOptions(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("option.o%d=1", i))
	}
	return strings.Join(all, "&")
}

func TestAnAnswerSaysHowManyThereAreAndWhatIsLeftToChoose(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	first := shop.Product(1, named("a", "Lamp", "0", options("a-1", map[string]string{"color": "Red"})))
	shop.Product(0, named("b", "Lamp", "30", options("b-1", map[string]string{"color": "Blue"})))
	shop.Product(1, named("c", "Desk", "700.50"))
	got, err := shop.Guest.SearchProductsWithResponse(t.Context(), &client.SearchProductsParams{
		Q: ptr("lamp"), Option: &client.OptionFilters{"color": {"red"}},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
	require.Equal(t, client.SearchTotal{Value: 1}, got.JSON200.Total)
	require.Equal(t, client.SearchFacet{Name: "option.color", Label: "color", Values: []client.SearchFacetValue{
		{Value: "Blue", Label: "Blue", Count: 1}, {Value: "Red", Label: "Red", Count: 1, Selected: true},
	}}, got.JSON200.Facets.Options[0])
	require.Equal(t, []client.SearchFacetValue{
		{Value: first.Category.Slug, Label: first.Category.Name, Count: 1},
	}, got.JSON200.Facets.Categories.Values)
	require.Equal(t, []client.SearchFacetValue{
		{Value: "true", Label: "true", Count: 1}, {Value: "false", Label: "false"},
	}, got.JSON200.Facets.Availability.Values)

	all, err := shop.Guest.SearchProductsWithResponse(t.Context(), nil)
	require.NoError(t, err)
	counted := int64(0)
	for _, one := range all.JSON200.Facets.Prices.Values {
		params := client.SearchProductsParams{MinPrice: &one.MinPrice, MaxPrice: one.MaxPrice}
		again, err := shop.Guest.SearchProductsWithResponse(t.Context(), &params)
		require.NoError(t, err)
		require.Equal(t, one.Count, again.JSON200.Total.Value, one.Label)
		counted += one.Count
	}
	require.Equal(t, int64(3), counted)
}

func TestSuggestionsCompleteWhatIsTyped(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	product := shop.Product(1, named("WH-001", "Wireless Headphones", "199.99", func(p *client.ProductCreate) {
		p.Images = []client.ProductImageCreate{{URL: "https://example.com/a.jpg"}}
	}))
	category, err := shop.Admin.CreateCategoryWithResponse(t.Context(), nil, client.CategoryCreate{Name: "Headphones", Slug: "head-phones"})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, category.StatusCode())
	suggest := func(q string) client.SearchSuggestions {
		got, err := shop.Guest.SuggestSearchesWithResponse(t.Context(), &client.SuggestSearchesParams{Q: q, Limit: ptr[int32](3)})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		return *got.JSON200
	}
	require.Eventually(t, func() bool { return len(suggest("head").Categories) == 1 }, time.Minute, 20*time.Millisecond)
	got := suggest("wireless hea")
	require.Equal(t, []string{"wireless headphones"}, got.Queries)
	require.Len(t, got.Products, 1)
	require.Equal(t, product.ID, got.Products[0].ID)
	require.Equal(t, client.Money("199.99"), got.Products[0].Price)
	require.Equal(t, "https://example.com/a.jpg", got.Products[0].Image.URL)
	require.Equal(t, []client.CategorySuggestion{{ID: category.JSON201.ID, Name: "Headphones", Slug: "head-phones"}}, suggest("headph").Categories)
	require.Len(t, suggest("wh0").Products, 1, "a SKU begins so")
	require.Empty(t, suggest(" !? ").Products)
	requireField(t, send(t, shop, call{method: http.MethodGet, path: "/search/suggest"}), client.FieldLocationQUERY, "q")
	requireField(t, send(t, shop, call{method: http.MethodGet, path: "/search/suggest?q=a&limit=21"}), client.FieldLocationQUERY, "limit")
}
