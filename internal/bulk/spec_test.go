package bulk

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"cartwright/openapi"
)

func load(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := openapi.Document()
	require.NoError(t, err)
	return document
}

// What the API says of a product that is added holds for one that is imported.
func TestLimitsAreThoseOfTheAPI(t *testing.T) {
	t.Parallel()
	document := load(t)
	schemas := document.Components.Schemas
	product := schemas["ProductCreate"].Value.Properties
	held := func(name string, rule textRule, published *openapi3.Schema) {
		t.Helper()
		require.NotNil(t, published, name)
		require.EqualValues(t, published.MinLength, rule.min, name)
		require.EqualValues(t, *published.MaxLength, rule.max, name)
		pattern := ""
		if rule.pattern != nil {
			pattern = rule.pattern.String()
		}
		require.Equal(t, published.Pattern, pattern, name)
		require.Equal(t, !slices.Contains(schemas["ProductCreate"].Value.Required, name) && name != "slug" && name != "images",
			rule.nullable || name == "images", name)
	}
	for name, rule := range texts {
		switch name {
		case "parentSku":
			rule.nullable = false
			held("sku", rule, product["sku"].Value)
		case "variantName":
			held("name", texts["name"], schemas["ProductVariantCreate"].Value.Properties["name"].Value)
			require.True(t, rule.nullable)
			rule.nullable = false
			require.Equal(t, texts["name"], rule)
		case "category":
			require.EqualValues(t, *schemas["Slug"].Value.MaxLength, rule.max)
			require.Equal(t, schemas["Slug"].Value.Pattern, rule.pattern.String())
		default:
			held(name, rule, product[name].Value)
		}
	}
	image := schemas["ProductImageCreate"].Value.Properties
	require.EqualValues(t, *image["url"].Value.MaxLength, imageURL.max)
	require.Equal(t, image["url"].Value.Pattern, imageURL.pattern.String())
	require.EqualValues(t, *image["altText"].Value.MaxLength, imageAltText.max)
	require.EqualValues(t, *product["images"].Value.MaxItems, maxImages)
	options := schemas["VariantOptions"].Value
	require.EqualValues(t, *options.MaxProps, maxOptions)
	require.EqualValues(t, *options.AdditionalProperties.Schema.Value.MaxLength, optionValue.max)
	for _, name := range []string{"inventoryQuantity", "lowStockThreshold"} {
		require.InDelta(t, maxUnits, *product[name].Value.Max, 0, name)
		require.Zero(t, *product[name].Value.Min, name)
	}
	require.InDelta(t, maxWeight, *product["weight"].Value.Max, 0)
	require.Equal(t, []any{"DRAFT", "ACTIVE", "ARCHIVED"}, schemas["ProductStatus"].Value.Enum)
}

func TestEveryColumnIsDescribed(t *testing.T) {
	t.Parallel()
	described := load(t).Paths.Value("/catalogue/import").Post.Description
	for _, column := range columns {
		require.True(t, strings.Contains(described, "`"+column.name+"`"), column.name)
	}
}
