package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/openapi"
)

// patched is something that can be changed: where, and how a read of it shows its fields.
type patched struct {
	path string
	read func(body map[string]any) map[string]any
}

func itself(body map[string]any) map[string]any { return body }

// values are two of the kind that the schema describes, so that one differs from what there is.
func values(t *testing.T, property *openapi3.Schema, other uuid.UUID) [2]any {
	t.Helper()
	switch {
	case property.Format == "uuid":
		return [2]any{other.String(), nil}
	case property.Format == "uri":
		return [2]any{"https://example.com/a.png", "https://example.com/b.png"}
	case len(property.Enum) > 0:
		return [2]any{property.Enum[1], property.Enum[0]} // an admin has no permissions to change
	case property.Type.Is("array"):
		return [2]any{[]any{property.Items.Value.Enum[0]}, []any{property.Items.Value.Enum[1]}}
	case property.Pattern == "^[A-Z]{2}$":
		return [2]any{"DE", "FR"}
	case strings.HasPrefix(property.Pattern, `^\+`):
		return [2]any{"+1 212 555 0100", "+49 30 555 0100"}
	case strings.HasPrefix(property.Pattern, "^[0-9]{4}-"):
		return [2]any{"1990-05-17", "2000-02-29"}
	case property.MaxLength != nil && *property.MaxLength < 50:
		return [2]any{"text a", "text b"}
	case strings.HasPrefix(property.Pattern, "^[a-z0-9]"):
		return [2]any{"s-" + uuid.NewString()[:8] + "a", "s-" + uuid.NewString()[:8] + "b"}
	case property.Type.Is("string"):
		return [2]any{"text " + uuid.NewString(), "text " + uuid.NewString()}
	case property.Type.Is("number"):
		return [2]any{12.5, 13.25}
	case property.Type.Is("integer"):
		return [2]any{12.0, 13.0}
	case property.Type.Is("boolean"):
		return [2]any{true, false}
	case property.Type.Is("object"):
		return [2]any{map[string]any{"size": "L"}, map[string]any{"size": "M"}}
	}
	require.Fail(t, "no value for this kind of property")
	return [2]any{}
}

// Every field of every change, as the spec names them: it is set, it stays when it is not named, and null
// clears it, or is refused where the field cannot be empty.
func TestAChangeTellsAbsentFromNull(t *testing.T) {
	t.Parallel()
	document, err := openapi.Document()
	require.NoError(t, err)
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	other := category(t, shop, "other", nil)
	made := shop.Product(1, func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{{Name: "v", SKU: "sku-v"}}
		for i := range 20 {
			p.Images = append(p.Images, client.ProductImageCreate{URL: fmt.Sprintf("https://example.com/%d.jpg", i)})
		}
	})
	product := "/products/" + made.ID.String()
	theirCard, _ := cardOf(t, shop, uuid.MustParse(self(t, shop.Admin)))
	things := map[string]patched{
		"ProductImagePatch": {product + "/images/" + made.Images[0].ID.String(), func(body map[string]any) map[string]any {
			body["position"] = body["sortOrder"]
			return body
		}},
		"ProfilePatch":         {"/account", itself},
		"CustomerAddressPatch": {"/account/addresses/" + address(t, shop.Admin, client.AddressTypeSHIPPING).ID.String(), itself},
		"CardPatch":            {"/account/cards/" + theirCard, itself},
		"StaffMemberPatch":     {"/staff/" + self(t, shop.Staff), itself},
		"CategoryPatch":        {"/categories/" + category(t, shop, "mine", nil).ID.String(), itself},
		"ProductPatch":         {product, itself},
		"ProductVariantPatch": {product + "/variants/" + made.Variants[1].ID.String(), func(body map[string]any) map[string]any {
			variants, _ := body["variants"].([]any)
			variant, _ := variants[1].(map[string]any)
			return variant
		}},
	}
	for name, schema := range document.Components.Schemas {
		if !strings.HasSuffix(name, "Patch") || len(schema.Value.Properties) == 0 {
			continue
		}
		thing, known := things[name]
		require.True(t, known, "say where %s is sent", name)
		change := func(t *testing.T, body map[string]any) map[string]any {
			t.Helper()
			got := send(t, shop, call{method: http.MethodPatch, path: thing.path, body: toJSON(t, body), token: admin, media: mergePatch})
			require.Equal(t, http.StatusOK, got.status, got.body)
			var answered map[string]any
			require.NoError(t, json.Unmarshal([]byte(got.body), &answered))
			return thing.read(answered)
		}
		for field, property := range schema.Value.Properties {
			t.Run(name+"."+field, func(t *testing.T) {
				for _, value := range values(t, property.Value, other.ID) {
					if value == nil || name == "CardPatch" && value == false { // one card is the default
						continue
					}
					require.Equal(t, value, change(t, map[string]any{field: value})[field], "it is set")
					rename := map[string]any{}
					if schema.Value.Properties["name"] != nil {
						rename["name"] = "Name " + uuid.NewString()
					}
					rest := change(t, rename)
					if field != "name" {
						require.Equal(t, value, rest[field], "it stays")
					}
				}
				if !property.Value.Nullable {
					got := send(t, shop, call{method: http.MethodPatch, path: thing.path, body: toJSON(t, map[string]any{field: nil}), token: admin, media: mergePatch})
					requireField(t, got, client.FieldLocationBODY, field)
					return
				}
				cleared := change(t, map[string]any{field: nil})
				switch {
				case name == "ProductVariantPatch" && field == "price":
					require.Equal(t, true, cleared["followsPrice"])
				case field == "options":
					require.Equal(t, map[string]any{}, cleared[field])
				default:
					require.NotContains(t, cleared, field, "it is cleared")
				}
				require.Equal(t, cleared, change(t, map[string]any{}), "and stays so")
			})
		}
	}
}

func TestOptionsAreMergedByName(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(1)
	patch := func(options string) answer {
		return send(t, shop, call{
			method: http.MethodPatch, path: "/products/" + product.ID.String() + "/variants/" + product.Variants[0].ID.String(),
			body: `{"options":` + options + `}`, token: shop.Login("admin@example.com").AccessToken, media: mergePatch,
		})
	}
	for _, step := range [][2]string{
		{`{"color":"Red"}`, `"options":{"color":"Red"}`},
		{`{" size ":"  L "}`, `"options":{"color":"Red","size":"L"}`},
		{`{"color":null}`, `"options":{"size":"L"}`},
		{`{"none":null}`, `"options":{"size":"L"}`},
		{`{}`, `"options":{"size":"L"}`},
		{`null`, `"options":{}`},
	} {
		got := patch(step[0])
		require.Equal(t, http.StatusOK, got.status, got.body)
		require.Contains(t, got.body, step[1], step[0])
	}
	for _, bad := range []string{`{"color":""}`, `{"":"Red"}`, `{"color":"  "}`, `{"a":"1"," a ":"2"}`, `{"a":1}`, `[]`, `{"a":"\u0000"}`} {
		require.Contains(t, requireProblem(t, patch(bad), http.StatusUnprocessableEntity).Errors[0].Field, "options", bad)
	}
}

func TestABadChangeIsRefusedByName(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	taken := shop.Product(1)
	made := shop.Product(1, func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{{Name: "v", SKU: "sku-v", Options: &client.VariantOptions{"a": "b"}}}
	})
	product := "/products/" + made.ID.String()
	main, variant := product+"/variants/"+made.Variants[0].ID.String(), product+"/variants/"+made.Variants[1].ID.String()
	top := category(t, shop, "top", nil)
	under := category(t, shop, "under", &top.ID)
	before := contents(t, shop)
	patch := func(path, body string) answer {
		return send(t, shop, call{method: http.MethodPatch, path: path, body: body, token: admin, media: mergePatch})
	}
	for _, amount := range badAmounts {
		for path, fields := range map[string][]string{
			product: {"price", "comparePrice", "costPrice"}, variant: {"price", "comparePrice", "costPrice"},
		} {
			for _, field := range fields {
				if amount == "null" {
					continue // it clears
				}
				requireField(t, patch(path, `{"`+field+`":`+amount+`}`), client.FieldLocationBODY, field)
			}
		}
	}
	for _, bad := range [][3]string{
		{product, `{"inventoryQuantity":5}`, "inventoryQuantity"},
		{product, `{"id":"x"}`, "id"},
		{product, `{"PRICE":5}`, "PRICE"},
		{product, `{"name":"a\u0000b"}`, "name"},
		{product, `{"description":"a\u0000b"}`, "description"},
		{product, `{"name":" "}`, "name"},
		{product, `{"slug":"search"}`, "slug"},
		{product, `{"slug":"019bc11a-e9c0-7b6e-8e35-90d2c4b7f005"}`, "slug"},
		{product, `{"categoryId":"` + uuid.NewString() + `"}`, "categoryId"},
		{product, `{"weight":-1}`, "weight"},
		{product, `{"lowStockThreshold":-1}`, "lowStockThreshold"},
		{product, `{"status":"GONE"}`, "status"},
		{main, `{"price":null}`, "price"},
		{variant, `{"inventoryQuantity":5}`, "inventoryQuantity"},
		{"/categories/top", `{"parentId":"` + top.ID.String() + `"}`, "parentId"},
		{"/categories/top", `{"parentId":"` + under.ID.String() + `"}`, "parentId"},
		{"/categories/top", `{"parentId":"` + uuid.NewString() + `"}`, "parentId"},
		{"/categories/top", `{"slug":"tree"}`, "slug"},
		{"/categories/top", `{"sortOrder":-1}`, "sortOrder"},
	} {
		t.Run(bad[1], func(t *testing.T) {
			requireField(t, patch(bad[0], bad[1]), client.FieldLocationBODY, bad[2])
		})
	}
	for _, conflict := range [][3]string{
		{product, `{"sku":"` + taken.SKU + `"}`, "sku_taken sku"},
		{product, `{"sku":"sku-v"}`, "sku_taken sku"},
		{product, `{"slug":"` + taken.Slug + `"}`, "product_slug_taken slug"},
		{variant, `{"sku":"` + taken.SKU + `"}`, "sku_taken sku"},
		{main, `{"options":{" a":"b "}}`, "options_taken options"},
		{"/categories/under", `{"slug":"top"}`, "category_slug_taken slug"},
		{"/categories/under", `{"name":"top"}`, "category_name_taken name"},
	} {
		t.Run(conflict[1], func(t *testing.T) {
			problem := requireProblem(t, patch(conflict[0], conflict[1]), http.StatusConflict)
			require.Equal(t, conflict[2], problem.Code+" "+problem.Errors[0].Field)
		})
	}
	require.Equal(t, before, contents(t, shop))
}
