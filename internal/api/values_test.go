package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// Amounts that are none, as JSON text.
var badAmounts = []string{
	`-1`, `-0.01`, `1e400`, `-1e400`, `199.999`, `0.001`, `1e-3`, `"abc"`, `"199.99"`, `1e999999999`, `1e-999999999`,
	`1e10001`, `99999999999999999999`, `null`, `true`, `[]`, `{}`,
}

func TestABadAmountIsRefusedByName(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(1)
	category := product.CategoryID
	admin := shop.Login("admin@example.com").AccessToken
	before := contents(t, shop)
	bodies := map[string]string{
		"price":                    `{"name":"n","sku":"s","categoryId":"%s","price":%s}`,
		"comparePrice":             `{"name":"n","sku":"s","categoryId":"%s","price":1,"comparePrice":%s}`,
		"costPrice":                `{"name":"n","sku":"s","categoryId":"%s","price":1,"costPrice":%s}`,
		"variants[0].price":        `{"name":"n","sku":"s","categoryId":"%s","price":1,"variants":[{"name":"v","sku":"t","price":%s}]}`,
		"variants[0].costPrice":    `{"name":"n","sku":"s","categoryId":"%s","price":1,"variants":[{"name":"v","sku":"t","costPrice":%s}]}`,
		"variants[0].comparePrice": `{"name":"n","sku":"s","categoryId":"%s","price":1,"variants":[{"name":"v","sku":"t","comparePrice":%s}]}`,
	}
	for field, body := range bodies {
		for _, amount := range badAmounts {
			t.Run(field+"="+amount, func(t *testing.T) {
				requireField(t, send(t, shop, call{
					method: http.MethodPost, path: "/products", token: admin, body: fmt.Sprintf(body, category, amount),
				}), client.FieldLocationBODY, field)
			})
		}
	}
	for _, field := range []string{"price", "comparePrice", "costPrice"} {
		for _, amount := range badAmounts {
			t.Run("of a variant "+field+"="+amount, func(t *testing.T) {
				requireField(t, send(t, shop, call{
					method: http.MethodPost, path: "/products/" + product.Slug + "/variants", token: admin,
					body: fmt.Sprintf(`{"name":"v","sku":"t","%s":%s}`, field, amount),
				}), client.FieldLocationBODY, field)
			})
		}
	}
	for _, field := range []string{"minPrice", "maxPrice"} {
		for _, amount := range []string{
			"-1", "1e400", "199.999", "abc", "1e999999999", "NaN", "Inf", "-Inf", "0x10", "1_000", "", "1,5", "%2B1", "+1", "01",
		} {
			t.Run(field+"="+amount, func(t *testing.T) {
				requireField(t, send(t, shop, call{method: http.MethodGet, path: "/products/search?" + field + "=" + amount}),
					client.FieldLocationQUERY, field)
			})
		}
	}
	require.Equal(t, before, contents(t, shop))
}

func TestABadQuantityIsRefusedByName(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(100)
	cart := shop.Cart(1, product)
	before := contents(t, shop)
	for _, quantity := range []string{
		`0`, `-1`, `2147483648`, `9223372036854775808`, `1.5`, `1.0`, `1e400`, `1e0`, `"1"`, `null`, `true`, `[1]`, `10001`,
	} {
		t.Run(quantity, func(t *testing.T) {
			requireField(t, send(t, shop, call{
				method: http.MethodPost, path: "/carts/" + cart.ID.String() + "/items",
				body: fmt.Sprintf(`{"productId":"%s","quantity":%s}`, product.ID, quantity),
			}), client.FieldLocationBODY, "quantity")
			requireField(t, send(t, shop, call{
				method: http.MethodPatch, path: "/carts/" + cart.ID.String() + "/items/" + cart.Items[0].ID.String(),
				body: fmt.Sprintf(`{"quantity":%s}`, quantity),
			}), client.FieldLocationBODY, "quantity")
		})
	}
	for _, limit := range []string{"0", "-1", "101", "2147483648", "1.5", "abc", "1e1", "0x5"} {
		t.Run("limit="+limit, func(t *testing.T) {
			requireField(t, send(t, shop, call{method: http.MethodGet, path: "/products?limit=" + limit}),
				client.FieldLocationQUERY, "limit")
		})
	}
	require.Equal(t, before, contents(t, shop))
}

func TestAnIncompleteAddressIsRefusedByName(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	cart := shop.Cart(1, shop.Product(100))
	before := contents(t, shop)
	address := map[string]string{
		"firstName": "John", "lastName": "Doe", "street1": "123 Main St", "city": "New York", "state": "NY",
		"postalCode": "10001", "country": "US",
	}
	place := func(which string, changed map[string]any) answer {
		body := map[string]any{"cartId": cart.ID, "email": "customer@example.com", "shippingAddress": address}
		body[which] = changed
		return send(t, shop, call{method: http.MethodPost, path: "/orders/from-cart", body: toJSON(t, body)})
	}
	for _, which := range []string{"shippingAddress", "billingAddress"} {
		for part := range address {
			for name, value := range map[string]any{
				"missing": nil, "empty": "", "blank": "  ", "too long": strings.Repeat("x", 201), "NUL": "a\x00b", "number": 7,
			} {
				t.Run(which+"."+part+" "+name, func(t *testing.T) {
					changed := map[string]any{}
					for other, text := range address {
						changed[other] = text
					}
					if changed[part] = value; value == nil {
						delete(changed, part)
					}
					requireField(t, place(which, changed), client.FieldLocationBODY, which+"."+part)
				})
			}
		}
	}
	t.Run("every part at once", func(t *testing.T) {
		problem := requireProblem(t, place("shippingAddress", map[string]any{}), http.StatusUnprocessableEntity)
		require.Len(t, problem.Errors, len(address))
	})
	for _, email := range []string{"", "nobody", "a@b", "@example.com", "a b@example.com", "a@exa mple.com", strings.Repeat("a", 250) + "@x.de"} {
		t.Run("email="+email, func(t *testing.T) {
			requireField(t, send(t, shop, call{method: http.MethodPost, path: "/orders/from-cart", body: toJSON(t, map[string]any{
				"cartId": cart.ID, "email": email, "shippingAddress": address,
			})}), client.FieldLocationBODY, "email")
		})
	}
	require.Equal(t, before, contents(t, shop))
}

func TestWhatDoesNotExistIsNotFound(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(100)
	cart := shop.Cart(1, product)
	admin := shop.Login("admin@example.com").AccessToken
	before := contents(t, shop)
	for _, o := range operations(t) {
		if o.described.Responses.Status(http.StatusNotFound) == nil || o.id == "createCardSetup" { // whose account alone may be missing
			continue
		}
		t.Run(o.id, func(t *testing.T) {
			body := ""
			if example := o.example(t); example != nil {
				body = toJSON(t, example)
			}
			problem := requireProblem(t, send(t, shop, o.as(admin, o.address("", ""), body)), http.StatusNotFound)
			require.Regexp(t, `^(product|category|variant|cart|cart_item|order|session|address|staff_member|invitation|api_key|second_factor|refund|return|event|finding|card|card_setup)_not_found$`, problem.Code)
		})
	}
	for name, body := range map[string]string{
		"productId": fmt.Sprintf(`{"productId":"%s"}`, uuid.NewString()),
		"variantId": fmt.Sprintf(`{"productId":"%s","variantId":"%s"}`, product.ID, uuid.NewString()),
	} {
		t.Run("unknown "+name+" in the body", func(t *testing.T) {
			got := send(t, shop, call{method: http.MethodPost, path: "/carts/" + cart.ID.String() + "/items", body: body})
			requireField(t, got, client.FieldLocationBODY, name)
		})
	}
	for name, body := range map[string]string{
		"productId": `{"productId":"019bc11a"}`, "variantId": fmt.Sprintf(`{"productId":"%s","variantId":""}`, product.ID),
	} {
		t.Run("malformed "+name+" in the body", func(t *testing.T) {
			got := send(t, shop, call{method: http.MethodPost, path: "/carts/" + cart.ID.String() + "/items", body: body})
			requireField(t, got, client.FieldLocationBODY, name)
		})
	}
	t.Run("unknown category of a product", func(t *testing.T) {
		requireField(t, send(t, shop, call{
			method: http.MethodPost, path: "/products", token: admin,
			body: fmt.Sprintf(`{"name":"n","sku":"s","price":1,"categoryId":"%s"}`, uuid.NewString()),
		}), client.FieldLocationBODY, "categoryId")
	})
	t.Run("unknown parent of a category", func(t *testing.T) {
		requireField(t, send(t, shop, call{
			method: http.MethodPost, path: "/categories", token: admin,
			body: fmt.Sprintf(`{"name":"n","slug":"s","parentId":"%s"}`, uuid.NewString()),
		}), client.FieldLocationBODY, "parentId")
	})
	require.Equal(t, before, contents(t, shop))
}
