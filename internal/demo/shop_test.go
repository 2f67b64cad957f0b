package demo

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"cartwright/internal/catalog"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/openapi"
)

// What the demo shop holds could have been sent through the API, in a currency of any kind.
func TestGoodsKeepTheContractInEveryCurrency(t *testing.T) {
	t.Parallel()
	document, err := openapi.Document()
	require.NoError(t, err)
	for currency, headphones := range map[money.Currency]money.Number{"USD": "189.00", "JPY": "18900", "KWD": "189.000"} {
		t.Run(string(currency), func(t *testing.T) {
			t.Parallel()
			shop, _ := setup(t, currency)
			_, err := Seed(t.Context(), shop)
			require.NoError(t, err)
			categories, products := stored(t, shop)
			for _, category := range categories {
				requireValid(t, document, "CategoryCreate", asCategoryCreate(category))
			}
			for _, product := range products {
				requireValid(t, document, "ProductCreate", asProductCreate(t, product, currency))
			}
			known, err := shop.Catalog.Get(t.Context(), "over-ear-headphones", catalog.Viewer{})
			require.NoError(t, err)
			require.Equal(t, headphones, known.Default().Price.Number())
		})
	}
}

func requireValid(t *testing.T, document *openapi3.T, schema string, body map[string]any) {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	err = document.Components.Schemas[schema].Value.VisitJSON(
		value, openapi3.EnableFormatValidation(), openapi3.VisitAsRequest(), openapi3.MultiErrors(),
	)
	require.NoError(t, err, string(text))
}

func asCategoryCreate(c catalog.Category) map[string]any {
	body := map[string]any{
		"name": c.Name, "slug": c.Slug, "description": c.Description, "image": c.Image, "sortOrder": c.SortOrder,
		"isActive": c.IsActive,
	}
	if c.ParentID != nil {
		body["parentId"] = c.ParentID
	}
	return body
}

func asProductCreate(t *testing.T, p catalog.Product, currency money.Currency) map[string]any {
	t.Helper()
	body := map[string]any{
		"slug": p.Slug, "description": p.Description, "shortDescription": p.ShortDescription,
		"trackInventory": p.TrackInventory, "lowStockThreshold": p.LowStockThreshold, "dimensions": p.Dimensions,
		"categoryId": p.CategoryID, "status": p.Status, "isFeatured": p.IsFeatured,
	}
	if p.SEOTitle != nil {
		body["seoTitle"], body["seoDescription"] = p.SEOTitle, p.SEODescription
	}
	images := []any{}
	for _, image := range p.Images {
		images = append(images, map[string]any{"url": image.URL, "altText": image.AltText})
	}
	variants := []any{}
	for i, variant := range p.Variants {
		fields := asVariantCreate(t, variant, currency)
		if i > 0 {
			variants = append(variants, fields)
			continue
		}
		for name, value := range fields {
			body[name] = value
		}
	}
	delete(body, "options") // the API does not know them on a default variant
	body["name"], body["images"], body["variants"] = p.Name, images, variants
	return body
}

func asVariantCreate(t *testing.T, v catalog.Variant, currency money.Currency) map[string]any {
	t.Helper()
	fields := map[string]any{
		"name": v.Name, "sku": v.SKU, "inventoryQuantity": v.Available, "weight": v.Weight, "options": v.Options,
		"price": number(t, v.Price, currency),
	}
	if v.ComparePrice != nil {
		fields["comparePrice"] = number(t, *v.ComparePrice, currency)
	}
	return fields
}

// number also holds the amount to what the API would accept: no finer than can be charged, not below zero.
func number(t *testing.T, amount money.Amount, currency money.Currency) money.Number {
	t.Helper()
	same, err := amount.Number().In(currency)
	require.NoError(t, err)
	require.Equal(t, amount, same)
	require.GreaterOrEqual(t, amount.Minor, int64(0))
	return amount.Number()
}

func TestPricesMakeSense(t *testing.T) {
	t.Parallel()
	for _, currency := range []money.Currency{"USD", "JPY", "KWD"} {
		shop := Shop{Currency: currency}
		for _, product := range mustReadGoods(t).Products {
			for _, variant := range product.allVariants() {
				details, err := shop.fromVariant(variant)
				require.NoError(t, err, variant.SKU)
				if details.ComparePrice != nil {
					require.Greater(t, details.ComparePrice.Minor, details.Price.Minor, variant.SKU)
				}
				if details.Price.Minor > 0 {
					require.NotNil(t, details.CostPrice, variant.SKU)
					require.Positive(t, details.CostPrice.Minor, variant.SKU)
					require.Less(t, details.CostPrice.Minor, details.Price.Minor, variant.SKU)
				}
			}
		}
	}
}

// A first look at the shop meets every state a product can be in.
func TestGoodsShowEveryState(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, product := range mustReadGoods(t).Products {
		tracked := product.TrackInventory == nil || *product.TrackInventory
		low := int32(defaultLowStockThreshold)
		if product.LowStockThreshold != nil {
			low = *product.LowStockThreshold
		}
		for state, holds := range map[string]bool{
			"draft":         product.Status == string(catalog.Draft),
			"archived":      product.Status == string(catalog.Archived),
			"sold out":      product.Status == "" && tracked && product.InventoryQuantity == 0,
			"low":           product.Status == "" && product.InventoryQuantity > 0 && product.InventoryQuantity <= low,
			"not counted":   !tracked,
			"free":          product.Price == "0",
			"featured":      product.IsFeatured,
			"reduced":       product.ComparePrice != "",
			"with variants": len(product.Variants) > 0,
			"two pictures":  len(product.Images) > 1,
		} {
			if holds {
				seen[state]++
			}
		}
	}
	require.Equal(t, map[string]int{
		"draft": 1, "archived": 1, "sold out": 1, "low": 3, "not counted": 1, "free": 1, "featured": 12, "reduced": 9,
		"with variants": 26, "two pictures": 10,
	}, seen)
}

func TestGoodsAreDescribedInFull(t *testing.T) {
	t.Parallel()
	all := mustReadGoods(t)
	require.InDelta(t, 60, len(all.Products), 4)
	seen := map[string]bool{} // names, slugs and SKUs
	for _, product := range all.Products {
		texts := []string{product.Name, product.Description, product.ShortDescription, product.Dimensions}
		for _, picture := range product.Images {
			texts = append(texts, picture.AltText)
		}
		for _, text := range texts {
			require.NotEmpty(t, text, product.Slug)
			require.Equal(t, strings.TrimSpace(text), text, product.Slug)
		}
		require.Less(t, len(product.ShortDescription), len(product.Description), product.Slug)
		require.NotNil(t, product.Weight, product.Slug)
		requireNew(t, seen, product.Name, product.Slug)
		for _, variant := range product.allVariants() {
			requireNew(t, seen, variant.SKU)
		}
	}
}

func requireNew(t *testing.T, seen map[string]bool, names ...string) {
	t.Helper()
	for _, name := range names {
		require.False(t, seen[name], "%s is there twice", name)
		seen[name] = true
	}
}

// Every variant names a value for each option of its product, and no two name the same values.
func TestVariantsCanBeToldApart(t *testing.T) {
	t.Parallel()
	for _, product := range mustReadGoods(t).Products {
		names := slices.Sorted(maps.Keys(product.Options))
		require.Equal(t, len(product.Variants) > 0, len(names) > 0, product.Slug)
		require.LessOrEqual(t, len(product.allVariants()), 6, product.Slug)
		choices := map[string]bool{}
		for _, variant := range product.allVariants() {
			require.Equal(t, names, slices.Sorted(maps.Keys(variant.Options)), variant.SKU)
			options, err := json.Marshal(variant.Options)
			require.NoError(t, err)
			require.False(t, choices[string(options)], "%s is offered twice", variant.SKU)
			choices[string(options)] = true
		}
	}
}

func TestCategoriesAreATreeWithoutEmptyOnes(t *testing.T) {
	t.Parallel()
	all := mustReadGoods(t)
	require.InDelta(t, 14, len(all.Categories), 2)
	level, deepest, filled := map[string]int{}, 0, map[string]int{}
	for _, category := range all.Categories {
		require.NotEmpty(t, category.Description, category.Slug)
		require.True(t, category.Parent == "" || level[category.Parent] > 0, "%s stands before its parent", category.Slug)
		level[category.Slug] = level[category.Parent] + 1
		deepest = max(deepest, level[category.Slug])
	}
	require.Equal(t, 3, deepest)
	for _, product := range all.Products {
		require.Positive(t, level[product.Category], product.Slug)
		if product.Status == "" {
			filled[product.Category]++
		}
	}
	for slug := range level {
		require.GreaterOrEqual(t, filled[slug], 2, slug)
	}
}

// What stands out is ready for search engines, in texts they show whole.
func TestFeaturedGoodsHaveTextsForSearchEngines(t *testing.T) {
	t.Parallel()
	for _, product := range mustReadGoods(t).Products {
		require.Equal(t, product.SEOTitle == "", product.SEODescription == "", product.Slug)
		require.LessOrEqual(t, utf8.RuneCountInString(product.SEOTitle), 60, product.Slug)
		require.LessOrEqual(t, utf8.RuneCountInString(product.SEODescription), 160, product.Slug)
		if product.IsFeatured {
			require.NotEmpty(t, product.SEOTitle, product.Slug)
		}
	}
}

// Search has accents to fold, and text without spaces between its words.
func TestGoodsSpeakSeveralLanguages(t *testing.T) {
	t.Parallel()
	scripts := map[string]bool{}
	for _, product := range mustReadGoods(t).Products {
		for _, letter := range product.Name {
			scripts["accents"] = scripts["accents"] || unicode.Is(unicode.Latin, letter) && letter > unicode.MaxASCII
		}
		for _, letter := range product.Description {
			for name, table := range map[string]*unicode.RangeTable{
				"Chinese": unicode.Han, "Japanese": unicode.Hiragana, "Korean": unicode.Hangul,
			} {
				scripts[name] = scripts[name] || unicode.Is(table, letter)
			}
		}
	}
	require.Equal(t, map[string]bool{"accents": true, "Chinese": true, "Japanese": true, "Korean": true}, scripts)
}

// The first page of the list, which is the newest, is what a stranger sees first.
func TestTheFirstPageShowsTheWholeShop(t *testing.T) {
	t.Parallel()
	products := mustReadGoods(t).Products
	categories := map[string]bool{}
	for _, product := range products[len(products)-page.DefaultLimit:] {
		require.Empty(t, product.Status, product.Slug)
		require.Positive(t, product.InventoryQuantity, product.Slug)
		categories[product.Category] = true
	}
	require.GreaterOrEqual(t, len(categories), 12)
}

// The README's session creates these on top of the demo shop.
func TestGoodsLeaveRoomForTheSession(t *testing.T) {
	t.Parallel()
	all := mustReadGoods(t)
	for _, category := range all.Categories {
		require.NotEqual(t, "Electronics", category.Name)
		require.NotEqual(t, "electronics", category.Slug)
	}
	for _, product := range all.Products {
		require.NotEqual(t, "wireless-headphones", product.Slug)
		for _, variant := range product.allVariants() {
			require.NotEqual(t, "WH-001", variant.SKU)
		}
	}
}
