package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func TestAProductGetsASlugOfItsName(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	add := func(t *testing.T, sku, name string) client.Product {
		return shop.Product(1, named(sku, name, "1", func(p *client.ProductCreate) { p.Slug = nil }))
	}
	for name, want := range map[string]string{
		"Crème Brûlée Set":                     `^creme-brulee-set$`,
		"  O'Neill's -- 100% Wool! ":           `^oneills-100-wool$`,
		"Acme™ ℋ²O":                            `^acmetm-h2o$`,
		"İstanbul ÅNGSTRÖM":                    `^istanbul-angstrom$`,
		"世界":                                   `^shi-jie$`,
		"Größe æøł":                            `^grosse-aeol$`,
		"🦄":                                    `^product-[0-9a-f]{8}$`,
		"世界 2":                                 `^shi-jie-2$`,
		strings.Repeat("x", 200):               `^x{180}$`,
		strings.Repeat("x-", 100):              `^(x-){89}x$`,
		"Search":                               `^search-[0-9a-f]{8}$`, // /products/search is another operation
		"Featured":                             `^featured-[0-9a-f]{8}$`,
		"019bc11a-e9c0-7b6e-8e35-90d2c4b7f005": `^019bc11a-e9c0-7b6e-8e35-90d2c4b7f005-[0-9a-f]{8}$`, // would be read as an id
	} {
		t.Run(name, func(t *testing.T) {
			product := add(t, "sku "+name[:min(len(name), 20)], name)
			require.Regexp(t, want, product.Slug)
			read, err := shop.Guest.GetProductWithResponse(t.Context(), product.Slug)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, read.StatusCode(), string(read.Body))
			require.Equal(t, product.ID, read.JSON200.ID)
		})
	}
	t.Run("of its own when the name is taken", func(t *testing.T) {
		first, second := add(t, "a", "Same name"), add(t, "b", "Same Name!")
		require.Equal(t, "same-name", first.Slug)
		require.Regexp(t, `^same-name-[0-9a-f]{8}$`, second.Slug)
	})
	t.Run("when many are added at once", func(t *testing.T) {
		slugs := make([]string, 10)
		category := add(t, "c", "Other").CategoryID
		shoptest.Together(len(slugs), func(i int) {
			made, err := shop.Admin.CreateProductWithResponse(t.Context(), nil, client.ProductCreate{
				Name: "At once", SKU: "at-once-" + string(rune('a'+i)), Price: "1", CategoryID: category,
			})
			if err == nil && made.JSON201 != nil {
				slugs[i] = made.JSON201.Slug
			}
		})
		require.NotContains(t, slugs, "")
	})
}

func TestAGivenSlugIsKeptOrRefused(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(1, func(p *client.ProductCreate) { p.Slug = ptr("mine") })
	require.Equal(t, "mine", product.Slug)
	try := func(slug, sku string) *client.CreateProductResponse {
		made, err := shop.Admin.CreateProductWithResponse(t.Context(), nil, client.ProductCreate{
			Name: "n", Slug: &slug, SKU: sku, Price: "1", CategoryID: product.CategoryID,
		})
		require.NoError(t, err)
		return made
	}
	taken := try("mine", "other")
	require.Equal(t, http.StatusConflict, taken.StatusCode())
	require.Equal(t, "product_slug_taken", taken.ApplicationProblemJSON409.Code)
	require.Equal(t, "slug", taken.ApplicationProblemJSON409.Errors[0].Field)
	taken = try("other", product.SKU)
	require.Equal(t, "sku_taken", taken.ApplicationProblemJSON409.Code)
	require.Equal(t, "sku", taken.ApplicationProblemJSON409.Errors[0].Field)
	for _, slug := range []string{"search", "featured", "019bc11a-e9c0-7b6e-8e35-90d2c4b7f005", "Upper", "a--b", "-a", "a b", "ä", ""} {
		made := try(slug, "other")
		require.Equal(t, http.StatusUnprocessableEntity, made.StatusCode(), slug)
		require.Equal(t, "slug", made.ApplicationProblemJSON422.Errors[0].Field)
	}
}
