package bulk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/bulk"
)

// An export tells everything about a shop: an empty one that imports it exports the same bytes.
func TestAnExportMakesTheSameShopAgain(t *testing.T) {
	t.Parallel()
	s, copied := setup(t), setup(t)
	files := rapid.Custom(drawn)
	for seed := range 20 { // each takes some hundred statements
		s.clear()
		s.must(files.Example(seed))
		for _, format := range []bulk.Format{bulk.CSV, bulk.NDJSON} {
			file := s.export(format)
			copied.clear()
			as := func(o *bulk.Options) { o.Format = format }
			copied.must(file, as)
			require.Equal(t, file, copied.export(format), "seed %d", seed)
			require.Zero(t, s.must(file, as).Updated, "and it changes nothing where it comes from")
		}
	}
}

func (s shop) clear() {
	s.t.Helper()
	_, err := s.db.Exec(s.t.Context(), `TRUNCATE stock_movements, stock_reservations, stock_levels, product_images, product_variants, products CASCADE`)
	require.NoError(s.t, err)
}

// drawn is a file of NDJSON with whatever texts may hold.
func drawn(r *rapid.T) string {
	var file strings.Builder
	text := rapid.OneOf(
		rapid.StringMatching(`[ -~äß灯\n\r\t"',;=+@-]{0,20}`), rapid.SampledFrom([]string{"=1+1", "\ufeff", `"`, `""`, " ", "\r\n", "\\.", "null", "a,b"}))
	named := text.Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
	skus := rapid.SliceOfNDistinct(named, 1, 12, rapid.ID).Draw(r, "skus")
	parent := ""
	for i, sku := range skus {
		row := map[string]any{"sku": sku, "name": named.Draw(r, "name")}
		if i > 0 && rapid.Bool().Draw(r, "variant") {
			row["parentSku"] = parent
		} else {
			parent = sku
			row["category"] = rapid.SampledFrom([]string{"lamps", "tables"}).Draw(r, "category")
			row["price"] = rapid.IntRange(0, 1e6).Draw(r, "price")
			for _, name := range []string{"description", "shortDescription", "dimensions", "seoTitle", "seoDescription"} {
				if rapid.Bool().Draw(r, name) {
					row[name] = text.Filter(func(s string) bool { return s != "" }).Draw(r, "text") // CSV cannot tell "" from nothing
				}
			}
			row["status"] = rapid.SampledFrom([]string{"DRAFT", "ACTIVE", "ARCHIVED"}).Draw(r, "status")
			row["trackInventory"] = rapid.Bool().Draw(r, "track")
			row["lowStockThreshold"] = rapid.IntRange(0, 9).Draw(r, "threshold")
			row["images"] = []map[string]string{{"url": "https://example.com/" + rapid.StringMatching(`[a-z?&=%#,"]{1,9}`).Draw(r, "url")}}
		}
		row["comparePrice"] = float64(rapid.IntRange(0, 99999).Draw(r, "compare")) / 100
		row["weight"] = rapid.Float64Range(0, 1e6).Draw(r, "weight")
		row["inventoryQuantity"] = rapid.IntRange(0, 1e9).Draw(r, "quantity")
		row["isActive"] = rapid.Bool().Draw(r, "active")
		options := map[string]string{}
		for name, value := range rapid.MapOfN(named, named, 0, 3).Draw(r, "options") {
			options[strings.TrimSpace("o"+name)] = value
			options["n"] = fmt.Sprint(i) // so that no two variants of a product have the same
		}
		row["options"] = options
		file.WriteString(encoded(row) + "\n")
	}
	return file.String()
}
