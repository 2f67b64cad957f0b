package bulk

import (
	"bytes"
	"encoding/json"
	"strings"

	"cartwright/internal/catalog"
)

// column is a column of CSV and a property of NDJSON.
type column struct {
	name string
	only Format // that has it; "" is both
	read func(c *check, row *Row, v value)
	// misplaced tells that a row gives what only a product has; nil where variants have it too.
	misplaced func(row *Row) bool
}

// Texts, by the name of their column. The limits are those of the API's ProductCreate.
var texts = map[string]textRule{
	"sku":              {min: 1, max: 64, pattern: notBlank, says: "This cannot be blank."},
	"parentSku":        {min: 1, max: 64, pattern: notBlank, says: "This cannot be blank.", nullable: true},
	"name":             {min: 1, max: 200, pattern: notBlank, says: "This cannot be blank."},
	"variantName":      {min: 1, max: 200, pattern: notBlank, says: "This cannot be blank.", nullable: true},
	"slug":             {min: 1, max: 200, pattern: slugForm, says: "This must be lower-case letters, digits and single hyphens."},
	"description":      {max: 50000, nullable: true},
	"shortDescription": {max: 1000, nullable: true},
	"category":         {min: 1, max: 200, pattern: slugForm, says: "This must be the slug of a category."},
	"dimensions":       {max: 200, nullable: true},
	"seoTitle":         {max: 200, nullable: true},
	"seoDescription":   {max: 1000, nullable: true},
}

// columns in the order of an export.
var columns = []column{
	{name: "sku", read: func(c *check, row *Row, v value) { row.SKU = c.tidy(texts["sku"].in(c, v)).value }},
	ofVariant("parentSku", func(r *Row) *field[string] { return &r.ParentSKU },
		func(c *check, v value) field[string] { return c.tidy(texts["parentSku"].in(c, v)) }),
	ofVariant("name", func(r *Row) *field[string] { return &r.Name }, texts["name"].in),
	ofProduct("slug", func(r *Row) *field[string] { return &r.Slug }, texts["slug"].in),
	ofProduct("description", func(r *Row) *field[string] { return &r.Description }, texts["description"].in),
	ofProduct("shortDescription", func(r *Row) *field[string] { return &r.ShortDescription }, texts["shortDescription"].in),
	ofProduct("category", func(r *Row) *field[string] { return &r.Category }, texts["category"].in),
	ofProduct("status", func(r *Row) *field[string] { return &r.Status }, (*check).status),
	ofVariant("price", func(r *Row) *field[int64] { return &r.Price }, (*check).amount),
	ofVariant("comparePrice", func(r *Row) *field[int64] { return &r.ComparePrice }, (*check).amount),
	ofVariant("costPrice", func(r *Row) *field[int64] { return &r.CostPrice }, (*check).amount),
	ofProduct("trackInventory", func(r *Row) *field[bool] { return &r.TrackInventory }, (*check).flag),
	ofVariant(quantityName, func(r *Row) *field[int32] { return &r.InventoryQuantity }, (*check).onHand),
	ofVariant(backorderName, func(r *Row) *field[bool] { return &r.AllowBackorder }, (*check).flag),
	ofProduct("lowStockThreshold", func(r *Row) *field[int32] { return &r.LowStockThreshold }, (*check).units),
	ofVariant("weight", func(r *Row) *field[float64] { return &r.Weight }, (*check).weight),
	ofProduct("dimensions", func(r *Row) *field[string] { return &r.Dimensions }, texts["dimensions"].in),
	ofProduct("isFeatured", func(r *Row) *field[bool] { return &r.IsFeatured }, (*check).flag),
	ofVariant("isActive", func(r *Row) *field[bool] { return &r.IsActive }, (*check).flag),
	ofProduct("seoTitle", func(r *Row) *field[string] { return &r.SEOTitle }, texts["seoTitle"].in),
	ofProduct("seoDescription", func(r *Row) *field[string] { return &r.SEODescription }, texts["seoDescription"].in),
	ofProduct(imagesName, func(r *Row) *field[[]picture] { return &r.Images }, (*check).images),
	// In NDJSON they stand in the images themselves.
	ofProduct(altTextsName, func(r *Row) *field[[]field[string]] { return &r.ImageAltTexts }, (*check).altTexts).in(CSV),
	ofProduct("variantName", func(r *Row) *field[string] { return &r.VariantName }, texts["variantName"].in),
	// CSV has a column for each option.
	ofVariant(optionsName, func(r *Row) *field[map[string]string] { return &r.Options }, (*check).options).in(NDJSON),
}

const (
	skuName       = "sku"
	quantityName  = "inventoryQuantity"
	backorderName = "allowBackorder"
	imagesName    = "images"
	altTextsName  = "imageAltTexts"
	optionsName   = "options"
	// optionPrefix begins the CSV columns that hold a variant's options.
	optionPrefix = "option."
)

// ofVariant is a column of every row.
func ofVariant[T any](name string, at func(*Row) *field[T], read func(*check, value) field[T]) column {
	return column{name: name, read: func(c *check, row *Row, v value) { *at(row) = read(c, v) }}
}

// ofProduct is a column that means nothing in a further variant's row.
func ofProduct[T any](name string, at func(*Row) *field[T], read func(*check, value) field[T]) column {
	made := ofVariant(name, at, read)
	made.misplaced = func(row *Row) bool { return at(row).has() }
	return made
}

// in is the column for files of one format only.
func (c column) in(format Format) column {
	c.only = format
	return c
}

// of tells whether files of a format have the column.
func (c column) of(format Format) bool { return c.only == "" || c.only == format }

// columnOf finds a column by name, for CSV also one for an option.
func columnOf(name string, format Format) (column, bool) {
	if option, ok := strings.CutPrefix(name, optionPrefix); ok && format == CSV && option != "" {
		return column{name: name, read: func(c *check, row *Row, v value) { row.editOption(c, option, v) }}, true
	}
	for _, known := range columns {
		if known.name == name && known.of(format) {
			return known, true
		}
	}
	return column{}, false
}

// editOption notes what a CSV column makes of one option; an empty cell takes it away.
func (r *Row) editOption(c *check, option string, v value) {
	optionName.hold(c, option)
	optionValue.hold(c, v.text)
	if r.optionEdits == nil {
		r.optionEdits = map[string]string{}
	}
	r.optionEdits[option] = v.text
}

// tidy cleans a text that tells things apart.
func (c *check) tidy(said field[string]) field[string] {
	if !said.has() {
		return said
	}
	if said.value = catalog.Tidy(said.value); said.value == "" && len(c.problems) == 0 {
		c.problem("pattern", "This holds no character that can be seen.")
	}
	return said
}

// strictly decodes JSON that may hold nothing unknown.
func strictly(raw json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
