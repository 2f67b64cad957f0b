package pgsearch_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/search"
)

// thing is a product as brute force sees it.
type thing struct {
	product
	id   uuid.UUID
	path []string // slugs of its category and those above
	text string
}

// Words that neither begin nor resemble each other, in any form.
var bruteWords = strings.Fields("amber cobalt dusk fjord gravel hazel ivory jungle lunar mint ochre quartz")

// stocked fills a shop with things.
func stocked(t *testing.T, s *shop, count int) (things []thing, slugs []string) {
	t.Helper()
	dice := rand.New(rand.NewPCG(1, 2))
	paths := map[uuid.UUID][]catalog.Category{}
	var leaves []catalog.Category
	for i := range 3 {
		top := s.category(fmt.Sprintf("Top%d", i), nil)
		paths[top.ID] = []catalog.Category{top}
		leaves = append(leaves, top)
		for j := range 2 {
			below := s.category(fmt.Sprintf("Sub%d%d", i, j), &top.ID)
			paths[below.ID] = []catalog.Category{below, top}
			leaves = append(leaves, below)
		}
	}
	for _, leaf := range leaves {
		slugs = append(slugs, leaf.Slug)
	}
	pick := func(from []string) string { return from[dice.IntN(len(from))] }
	for range count {
		one := thing{product: product{
			name: pick(bruteWords) + " " + pick(bruteWords), description: pick(bruteWords), price: int64(dice.IntN(30)) * 250,
			category: leaves[dice.IntN(len(leaves))].ID, stock: int32(dice.IntN(2)), featured: dice.IntN(4) == 0,
		}}
		colors, sizes := dice.Perm(3), dice.Perm(3)
		for k := range dice.IntN(3) {
			one.variants = append(one.variants, variant{
				price: int64(dice.IntN(30)) * 250, stock: int32(dice.IntN(2)),
				options: map[string]string{"Color": []string{"Red", "Blue", "Grün"}[colors[k]], "size": []string{"S", "M", "L"}[sizes[k]]},
			})
		}
		one.id = s.product(one.product)
		one.text = one.name + " " + one.description
		for _, category := range paths[one.category] {
			one.path = append(one.path, category.Slug)
			one.text += " " + strings.ToLower(category.Name)
		}
		things = append(things, one)
	}
	return things, slugs
}

func (one *thing) prices() []int64 {
	prices := []int64{one.price}
	for _, v := range one.variants {
		prices = append(prices, v.price)
	}
	return prices
}

func (one *thing) inStock() bool {
	return one.stock > 0 || slices.ContainsFunc(one.variants, func(v variant) bool { return v.stock > 0 })
}

func (one *thing) has(name string, values []string) bool {
	return slices.ContainsFunc(one.variants, func(v variant) bool {
		return slices.ContainsFunc(values, func(value string) bool { return strings.EqualFold(v.options[name], value) })
	})
}

// matches tells whether it fits every filter but the one named.
func (one *thing) matches(query search.Query, without string) bool {
	for _, word := range strings.Fields(query.Text) {
		if !slices.Contains(strings.Fields(one.text), word) {
			return false
		}
	}
	within := func(price int64) bool {
		return (query.MinPrice == nil || price >= query.MinPrice.Minor) && (query.MaxPrice == nil || price <= query.MaxPrice.Minor)
	}
	for name, values := range query.Options {
		if without != "option."+name && !one.has(name, values) {
			return false
		}
	}
	return (without == "category" || query.Category == "" || slices.Contains(one.path, query.Category)) &&
		(without == "price" || slices.ContainsFunc(one.prices(), within)) &&
		(without == "inStock" || query.InStock == nil || one.inStock() == *query.InStock) &&
		(query.Featured == nil || one.featured == *query.Featured)
}

func count(things []thing, query search.Query, without string, also func(*thing) bool) (n int64) {
	for i := range things {
		if things[i].matches(query, without) && (also == nil || also(&things[i])) {
			n++
		}
	}
	return n
}

func randomQuery(r *rapid.T, slugs []string) search.Query {
	maybe := func(name string) bool { return rapid.IntRange(0, 2).Draw(r, name) == 0 }
	amount := func(name string) *money.Amount {
		made := money.New(rapid.Int64Range(0, 8000).Draw(r, name), "USD")
		return &made
	}
	query := search.Query{Options: map[string][]string{}}
	query.Text = strings.Join(rapid.SliceOfN(rapid.SampledFrom(bruteWords), 0, 2).Draw(r, "words"), " ")
	if maybe("category?") {
		query.Category = rapid.SampledFrom(slugs).Draw(r, "category")
	}
	if maybe("minPrice?") {
		query.MinPrice = amount("minPrice")
	}
	if maybe("maxPrice?") {
		query.MaxPrice = amount("maxPrice")
		if query.MinPrice != nil && query.MinPrice.Minor > query.MaxPrice.Minor {
			query.MinPrice, query.MaxPrice = query.MaxPrice, query.MinPrice
		}
	}
	if maybe("inStock?") {
		wanted := rapid.Bool().Draw(r, "inStock")
		query.InStock = &wanted
	}
	if maybe("featured?") {
		wanted := rapid.Bool().Draw(r, "featured")
		query.Featured = &wanted
	}
	if maybe("color?") {
		query.Options["Color"] = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Red", "Blue", "Grün", "None"}), 1, 2, rapid.ID).Draw(r, "color")
	}
	if maybe("size?") {
		query.Options["size"] = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"S", "M", "L"}), 1, 2, rapid.ID).Draw(r, "size")
	}
	query.Sort = rapid.SampledFrom([]search.Sort{
		search.Relevance, search.Newest, search.PriceUp, search.PriceDown, search.Name, search.BestSelling,
	}).Draw(r, "sort")
	return query
}

func TestFacetsAndTotalsEqualBruteForce(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	things, slugs := stocked(t, s, 150)
	rapid.Check(t, func(r *rapid.T) {
		query := randomQuery(r, slugs)
		found, err := s.search.Find(t.Context(), query)
		require.NoError(r, err)
		if found.CorrectedQuery != "" {
			return
		}
		require.Equal(r, search.Count{Value: count(things, query, "", nil)}, found.Total)
		requireFacets(r, things, query, found.Facets)
	})
}

func requireFacets(r *rapid.T, things []thing, query search.Query, facets search.Facets) {
	values := func(facet search.Facet) map[string]int64 {
		require.False(r, facet.Approximate)
		counts := map[string]int64{}
		for _, value := range facet.Values {
			if value.Count > 0 {
				counts[value.Value] = value.Count
			}
		}
		return counts
	}
	categories := map[string]int64{}
	for i := range things {
		if things[i].matches(query, "category") {
			for _, slug := range things[i].path {
				categories[slug]++
			}
		}
	}
	require.Equal(r, categories, values(facets.Categories))
	available := values(facets.Availability)
	require.Equal(r, count(things, query, "inStock", (*thing).inStock), available["true"])
	require.Equal(r, count(things, query, "inStock", func(one *thing) bool { return !one.inStock() }), available["false"])
	for _, facet := range facets.Options {
		for value, counted := range values(facet) {
			want := count(things, query, "option."+facet.Name, func(one *thing) bool { return one.has(facet.Name, []string{value}) })
			require.Equal(r, want, counted, "%s %s", facet.Name, value)
		}
	}
	for _, name := range []string{"Color", "size"} {
		some := count(things, query, "option."+name, func(one *thing) bool { return len(one.variants) > 0 }) > 0
		listed := slices.ContainsFunc(facets.Options, func(facet search.Facet) bool { return facet.Name == name && len(values(facet)) > 0 })
		require.Equal(r, some, listed, name)
	}
	require.False(r, facets.Prices.Approximate)
	for _, one := range facets.Prices.Ranges {
		require.Equal(r, count(things, query, "price", func(thing *thing) bool {
			return slices.ContainsFunc(thing.prices(), func(price int64) bool { return price >= one.Min && (one.Max == nil || price <= *one.Max) })
		}), one.Count)
	}
}

// Whether counts are exact or not, each match is on one page, in order.
func TestPagesVisitEachMatchOnceEvenBeyondTheCap(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string][2]int{"exact": {0, 0}, "beyond the cap": {25, 0}, "beyond a walk": {25, 10}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exact := limits[0]
			s := setupWalking(t, exact, limits[1])
			things, slugs := stocked(t, s, 120)
			s.exec(`INSERT INTO search_sales SELECT id, abs(hashtext(id::text)) % 5 FROM products`)
			s.exec(`SELECT search_refresh(array_agg(id)) FROM products`)
			rapid.Check(t, func(r *rapid.T) {
				query := randomQuery(r, slugs)
				want := count(things, query, "", nil)
				items, total := everyPage(r, s, query)
				if exact > 0 && want > int64(exact) {
					require.True(r, total.Approximate)
					require.Greater(r, total.Value, int64(exact))
				} else {
					require.False(r, total.Approximate)
				}
				if want == 0 {
					return // whatever was found instead
				}
				seen := map[uuid.UUID]bool{}
				for _, item := range items {
					seen[item.ID] = true
				}
				require.Len(r, items, int(want))
				require.Len(r, seen, int(want))
				for i := range things {
					require.Equal(r, things[i].matches(query, ""), seen[things[i].id], things[i].name)
				}
				requireSorted(r, query.Sort, items)
			})
		})
	}
}

func everyPage(r *rapid.T, s *shop, query search.Query) (items []catalog.Product, total search.Count) {
	query.Request = page.Request{Limit: rapid.IntRange(1, 40).Draw(r, "limit")}
	for pages := 0; ; pages++ {
		require.Less(r, pages, 200)
		found, err := s.search.Find(s.t.Context(), query)
		require.NoError(r, err)
		if pages == 0 {
			total = found.Total
		}
		items = append(items, found.Items...)
		if query.Cursor = found.Next; query.Cursor == "" {
			return items, total
		}
		require.Len(r, found.Items, query.Limit)
	}
}

func requireSorted(r *rapid.T, sort search.Sort, items []catalog.Product) {
	by := map[search.Sort]func(a, b catalog.Product) int{
		search.Newest:    func(a, b catalog.Product) int { return b.CreatedAt.Compare(a.CreatedAt) },
		search.PriceUp:   func(a, b catalog.Product) int { return cmp.Compare(a.Default().Price.Minor, b.Default().Price.Minor) },
		search.PriceDown: func(a, b catalog.Product) int { return cmp.Compare(b.Default().Price.Minor, a.Default().Price.Minor) },
		search.Name:      func(a, b catalog.Product) int { return strings.Compare(a.Name, b.Name) },
	}[sort]
	require.True(r, by == nil || slices.IsSortedFunc(items, by))
}
