package scale

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/db"
	"cartwright/internal/money"
)

func TestProductsStayTheSameForEver(t *testing.T) {
	t.Parallel()
	sum := sha256.New()
	for n := 1; n <= 200; n++ {
		_, err := fmt.Fprintf(sum, "%v", described(newProduct(n)))
		require.NoError(t, err)
	}
	require.Equal(t, "19828c066025d6e7", hex.EncodeToString(sum.Sum(nil)[:8]),
		"a shop seeded before and one seeded now would differ")
}

// described is the product without pointers.
func described(p product) []any {
	all := []any{p.id, p.category, p.name, p.slug, p.description, p.short, p.status, p.tracked, p.featured, p.age, p.images}
	if p.dimensions != nil {
		all = append(all, *p.dimensions)
	}
	for _, v := range p.variants {
		for _, figure := range []*int{v.compare, v.cost} {
			if figure != nil {
				all = append(all, *figure)
			}
		}
		all = append(all, v.id, v.movement, v.name, v.sku, v.figure, v.weight, v.options, v.quantity)
	}
	return all
}

func TestProductsAreVaried(t *testing.T) {
	t.Parallel()
	const n = 20_000
	var variants, active, featured, untracked, empty, counted, several int
	perCount, perCategory := map[int]int{}, map[int]int{}
	slugs, skus, ids := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := 1; i <= n; i++ {
		p := newProduct(i)
		require.Equal(t, i, numberOf(p.id))
		words := strings.Count(p.name, " ") + 1
		require.True(t, words >= 2 && words <= 5, p.name)
		text := strings.Count(p.description, " ") + 1
		require.True(t, text >= 20 && text <= 60, "%d words: %s", text, p.description)
		require.Regexp(t, `^[a-z0-9]+(?:-[a-z0-9]+)*$`, p.slug)
		slugs[p.slug], ids[p.id.String()] = true, true
		perCategory[p.category]++
		perCount[len(p.variants)]++
		variants += len(p.variants)
		seen := map[string]bool{}
		for _, v := range p.variants {
			skus[v.sku], ids[v.id.String()], ids[v.movement.String()] = true, true, true
			options, err := json.Marshal(v.options)
			require.NoError(t, err)
			seen[fmt.Sprint(v.options)] = true
			require.NotContains(t, string(options), `\`)
			require.GreaterOrEqual(t, v.figure, 0)
			counted++
			empty += one(v.quantity == 0)
		}
		require.Len(t, seen, len(p.variants), "variants of %s are alike", p.name)
		several += one(len(p.images) > 1)
		active += one(p.status == "ACTIVE")
		featured += one(p.featured)
		untracked += one(!p.tracked)
		require.True(t, p.age >= 0 && p.age < ageLimit)
	}
	require.Len(t, slugs, n)
	require.Len(t, skus, variants)
	require.Len(t, ids, n+2*variants)
	require.Len(t, perCount, 6)
	require.Greater(t, perCount[1], perCount[2])
	require.Greater(t, perCount[2], perCount[3])
	require.InDelta(t, 2, float64(variants)/n, 0.2)
	require.InDelta(t, 0.95, float64(active)/n, 0.01)
	require.InDelta(t, 0.01, float64(featured)/n, 0.003)
	require.InDelta(t, 0.03, float64(untracked)/n, 0.005)
	require.InDelta(t, 0.15, float64(empty)/float64(counted), 0.02)
	require.Greater(t, several, n/10)
	require.Len(t, perCategory, 192, "all but the eight departments hold products")
}

func TestWordsAreRealistic(t *testing.T) {
	t.Parallel()
	all := Words()
	require.Greater(t, len(all), 3000)
	frequency := map[string]int{}
	const n = 20_000
	for i := 1; i <= n; i++ {
		p := newProduct(i)
		text := strings.ToLower(strings.ReplaceAll(p.name+" "+p.description, ".", ""))
		words := strings.Fields(text)
		slices.Sort(words)
		for _, word := range slices.Compact(words) {
			frequency[word]++
		}
	}
	require.Greater(t, frequency[all[0]], n/4, "a common word is in very many products")
	require.Less(t, frequency[all[0]], n*3/4)
	require.Greater(t, frequency[all[9]], frequency[all[99]])
	require.Greater(t, frequency[all[99]], 2*frequency[all[999]])
	require.Positive(t, frequency[all[len(all)-1]]+frequency[all[len(all)-2]]+frequency[all[len(all)-3]])
}

func TestTreeHasTwoHundredCategoriesOnThreeLevels(t *testing.T) {
	t.Parallel()
	levels := map[int]int{}
	names, slugs := map[string]bool{}, map[string]bool{}
	all := shelves().categories
	for place, c := range all {
		level := 1
		for at := c.parent; at >= 0; at = all[at].parent {
			level++
		}
		levels[level]++
		names[c.name], slugs[c.slug] = true, true
		require.Less(t, c.parent, place, "parents come first")
		require.Regexp(t, `^[a-z0-9]+(?:-[a-z0-9]+)*$`, c.slug)
	}
	require.Equal(t, map[int]int{1: 8, 2: 40, 3: 152}, levels)
	require.Len(t, names, 200)
	require.Len(t, slugs, 200)
}

func TestPricesFitTheCurrency(t *testing.T) {
	t.Parallel()
	for currency, want := range map[money.Currency][]int64{
		"USD": {0, 1899, 1950, 14999}, "JPY": {0, 1900, 1950, 15000}, "KWD": {0, 18990, 19500, 149990},
	} {
		for i, figure := range []int{0, 1899, 1950, 14999} {
			got := toMinor(figure, currency)
			require.Equal(t, want[i], got)
			require.Zero(t, got%currency.Increment())
		}
		shop := setup(t, currency)
		shop.mustSeed(t, 50)
		require.Equal(t, string(currency), scan[string](t, shop, "SELECT string_agg(DISTINCT currency::text, ',') FROM product_variants"))
	}
}

func TestEveryInvariantHolds(t *testing.T) {
	t.Parallel()
	for _, n := range []int{900, bare} { // among indexes, and before them
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			shop := setup(t, "USD")
			shop.mustSeed(t, n)
			for query, want := range map[string]int{
				"SELECT count(*) FROM products":                                                                                                              n,
				"SELECT count(*) FROM product_variants WHERE is_default":                                                                                     n,
				"SELECT count(DISTINCT product_id) FROM product_images":                                                                                      n,
				"SELECT count(*) FROM product_images WHERE url NOT LIKE '" + address + "/pictures/_.svg'":                                                    0,
				"SELECT count(*) FROM product_variants v LEFT JOIN stock_levels s ON s.variant_id = v.id WHERE s IS NULL":                                    0,
				"SELECT count(*) FROM stock_levels s LEFT JOIN stock_movements m USING (variant_id) WHERE (s.on_hand > 0) <> (m.reason = 'INITIAL') IS TRUE": 0,
				`SELECT count(*) FROM product_variants v JOIN product_variants d ON d.product_id = v.product_id AND d.is_default
					WHERE v.follows_price <> (NOT v.is_default AND v.price_minor = d.price_minor)`: 0,
				`SELECT count(*) FROM stock_levels s JOIN product_variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id
					WHERE s.low_stock_at IS DISTINCT FROM stock_low_at(p.status, v.is_active, p.track_inventory, p.low_stock_threshold)`: 0,
				`SELECT count(*) FROM stock_levels s LEFT JOIN stock_low l USING (variant_id)
					WHERE coalesce(s.on_hand <= s.low_stock_at, false) <> (l IS NOT NULL)`: 0,
				"SELECT count(*) FROM catalogue_changes WHERE product_id IS NULL":                                                    1,
				"SELECT count(*) FROM catalogue_changes":                                                                             1,
				"SELECT count(*) FROM products WHERE created_at > '" + today.Format("2006-01-02") + "' OR created_at < '2023-03-01'": 0,
			} {
				require.Equal(t, want, scan[int](t, shop, query), query)
			}
			wrong, err := db.New().StockDisagreements(t.Context(), shop.DB)
			require.NoError(t, err)
			require.Empty(t, wrong)
		})
	}
}
