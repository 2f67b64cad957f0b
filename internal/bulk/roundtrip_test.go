package bulk_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/bulk"
	"cartwright/internal/catalog"
)

// An export tells everything about a shop: an empty one that imports it holds the same, and exports the
// same bytes.
func TestAnExportMakesTheSameShopAgain(t *testing.T) {
	t.Parallel()
	s, copied := setup(t), setup(t)
	files := rapid.Custom(drawn)
	for seed := range 20 { // each takes some hundred statements
		s.clear()
		file := files.Example(seed)
		s.must(file)
		requireTold(t, file, s.export(bulk.NDJSON))
		for _, format := range []bulk.Format{bulk.CSV, bulk.NDJSON} {
			file := s.export(format)
			copied.clear()
			as := func(o *bulk.Options) { o.Format = format }
			copied.must(file, as)
			require.Equal(t, s.assortment(), copied.assortment(), "seed %d", seed)
			require.Equal(t, file, copied.export(format), "seed %d", seed)
			again := s.must(file, as)
			require.Equal(t, bulk.Report{Rows: again.Rows, Unchanged: again.Rows}, again, "it changes nothing where it comes from")
		}
	}
}

// What only the API can make of a product changes nothing either when it comes back.
func TestAnExportOfWhatTheAPITakesChangesNothing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	option := strings.Repeat("o", 400)
	s.must(`{"sku":"A","name":"Lamp","category":"lamps","price":1,"description":"","seoTitle":"","options":{"` + option + `":"on"},` +
		`"images":[{"url":"https://example.com/a","altText":"One"},{"url":"https://example.com/b","altText":"Two"},{"url":"https://example.com/c"}]}`)
	for before, after := range map[string]string{"b": "https://example.com/a", "c": "https://example.com/a lamp\u00a0\t.png"} {
		_, err := s.db.Exec(t.Context(), `UPDATE product_images SET url = $2 WHERE url LIKE '%/' || $1::text`, before, after)
		require.NoError(t, err)
	}
	before := s.contents()
	for _, format := range []bulk.Format{bulk.CSV, bulk.NDJSON} {
		report := s.must(s.export(format), func(o *bulk.Options) { o.Format = format })
		require.Equal(t, bulk.Report{Rows: 1, Unchanged: 1}, report, format)
	}
	require.Equal(t, before, s.contents())

	s.must("sku,imageAltTexts\nA,\"[\"\"Uno\"\", null, \"\"Tres\"\"]\"\n")
	var images string
	require.NoError(t, s.db.QueryRow(t.Context(),
		`SELECT string_agg(substr(url, 21) || ' ' || coalesce(alt_text, '-'), ', ' ORDER BY sort_order) FROM product_images`).Scan(&images))
	require.Equal(t, "a Uno, a -, a lamp\u00a0\t.png Tres", images, "each of two at one address has its own text")
}

func (s shop) clear() {
	s.t.Helper()
	_, err := s.db.Exec(s.t.Context(), `TRUNCATE stock_movements, stock_reservations, stock_levels, product_images, product_variants, products CASCADE`)
	require.NoError(s.t, err)
}

// assortment is what the shop's tables say of it, a line a variant, without ids, times and versions.
func (s shop) assortment() (lines []string) {
	s.t.Helper()
	rows, err := s.db.Query(s.t.Context(), `
		SELECT jsonb_build_array(
			to_jsonb(p) - '{id,category_id,version,created_at,updated_at}'::text[], c.slug,
			to_jsonb(v) - '{id,product_id,created_at,updated_at}'::text[],
			to_jsonb(l) - '{variant_id}'::text[],
			(SELECT jsonb_agg(to_jsonb(i) - '{id,product_id,created_at}'::text[] ORDER BY i.sort_order, i.id)
			FROM product_images i WHERE i.product_id = p.id AND v.is_default))::text
		FROM products p
		JOIN categories c ON c.id = p.category_id
		JOIN product_variants v ON v.product_id = p.id
		JOIN stock_levels l ON l.variant_id = v.id
		ORDER BY p.id, v.is_default DESC, v.sort_order, v.id`)
	require.NoError(s.t, err)
	lines, err = pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(s.t, err)
	return lines
}

// requireTold holds every value of an imported file against those of the export.
func requireTold(t *testing.T, imported, exported string) {
	t.Helper()
	told := map[any]map[string]any{}
	for _, row := range decoded(t, exported) {
		told[row["sku"]] = row
	}
	rows := decoded(t, imported)
	require.Len(t, told, len(rows))
	for _, row := range rows {
		for name, value := range row {
			require.Equal(t, value, told[row["sku"]][name], "%s of %v", name, row["sku"])
		}
	}
}

func decoded(t *testing.T, file string) (rows []map[string]any) {
	t.Helper()
	for decoder := json.NewDecoder(strings.NewReader(file)); decoder.More(); {
		var row map[string]any
		require.NoError(t, decoder.Decode(&row))
		rows = append(rows, row)
	}
	return rows
}

// drawn is a file of NDJSON with whatever texts may hold.
func drawn(r *rapid.T) string {
	var file strings.Builder
	text := rapid.OneOf(
		rapid.StringMatching(`[ -~äß灯\n\r\t"',;=+@-]{0,20}`), rapid.SampledFrom([]string{"=1+1", "\ufeff", `"`, `""`, " ", "\r\n", "\\.", "null", "a,b"}))
	named := text.Filter(func(s string) bool { return catalog.Tidy(s) != "" })
	tidy := rapid.Map(named, catalog.Tidy)
	skus := rapid.SliceOfNDistinct(tidy, 1, 12, catalog.Key).Draw(r, "skus")
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
			row["isFeatured"] = rapid.Bool().Draw(r, "featured")
			if images := drawnImages(r, text); len(images) > 0 {
				row["images"] = images
			}
			if own := named.Draw(r, "own name"); own != row["name"] && rapid.Bool().Draw(r, "named") {
				row["variantName"] = own
			}
		}
		row["comparePrice"] = float64(rapid.IntRange(0, 99999).Draw(r, "compare")) / 100
		row["weight"] = rapid.Float64Range(0, 1e6).Draw(r, "weight")
		if rapid.Bool().Draw(r, "back-orders") {
			row["allowBackorder"] = true
		}
		row["inventoryQuantity"] = rapid.IntRange(0, 1e9).Draw(r, "quantity")
		row["isActive"] = rapid.Bool().Draw(r, "active")
		options := map[string]string{}
		names := rapid.SliceOfNDistinct(tidy, 0, 3, catalog.Key).Draw(r, "options")
		for _, name := range names {
			options["o"+name] = tidy.Draw(r, "value")
			options["n"] = fmt.Sprint(i) // so that no two variants of a product have the same
		}
		if len(options) > 0 {
			row["options"] = options
		}
		file.WriteString(encoded(row) + "\n")
	}
	return file.String()
}

// drawnImages are some with a text, an empty one or none.
func drawnImages(r *rapid.T, text *rapid.Generator[string]) (images []map[string]string) {
	for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z?&=#,;|"]{0,8}[a-z]`), 0, 4, rapid.ID).Draw(r, "urls") {
		image := map[string]string{"url": "https://example.com/" + name}
		if rapid.Bool().Draw(r, "described") {
			image["altText"] = text.Draw(r, "altText")
		}
		images = append(images, image)
	}
	return images
}
