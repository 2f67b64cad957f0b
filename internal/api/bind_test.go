package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func TestAHandlerGetsExactlyTheValidatedValue(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(100)
	cart := shop.Cart(1, product)
	items := "/carts/" + cart.ID.String() + "/items"
	admin := shop.Login("admin@example.com").AccessToken
	before := contents(t, shop)
	for name, c := range map[string]call{
		"NAME": {method: http.MethodPost, path: "/categories", token: admin, body: `{"name":"a","slug":"a","NAME":"b"}`},
		"Slug": {method: http.MethodPost, path: "/categories", token: admin, body: `{"Slug":"b","name":"a","slug":"a"}`},
		"Name": {method: http.MethodPost, path: "/products", token: admin, body: fmt.Sprintf(
			`{"name":"a","Name":"b","sku":"s","price":1,"categoryId":"%s"}`, product.CategoryID)},
		"PRICE": {method: http.MethodPost, path: "/products", token: admin, body: fmt.Sprintf(
			`{"name":"a","sku":"s","price":1,"PRICE":-1,"categoryId":"%s"}`, product.CategoryID)},
		"SESSIONID":      {method: http.MethodPost, path: "/carts", body: `{"sessionId":"a","SESSIONID":""}`},
		"\u017fessionId": {method: http.MethodPost, path: "/carts", body: "{\"sessionId\":\"a\",\"\u017fessionId\":\"b\"}"}, // ſ folds to s
		"QUANTITY":       {method: http.MethodPost, path: items, body: fmt.Sprintf(`{"productId":"%s","quantity":1,"QUANTITY":-5}`, product.ID)},
		"Quantity":       {method: http.MethodPatch, path: items + "/" + cart.Items[0].ID.String(), body: `{"quantity":1,"Quantity":0}`},
		"billingaddress": {method: http.MethodPost, path: "/orders/from-cart", body: fmt.Sprintf(
			`{"cartId":"%s","email":"a@example.com","shippingAddress":%s,"billingaddress":{}}`, cart.ID, toJSON(t, shoptest.Address()))},
		"Email": {method: http.MethodPost, path: "/auth/login", body: `{"email":"a@example.com","password":"p","Email":"admin@example.com"}`},
	} {
		t.Run(name, func(t *testing.T) {
			requireField(t, send(t, shop, c), client.FieldLocationBODY, name)
		})
	}
	require.Equal(t, before, contents(t, shop))
}

// Where the spec allows free names, they are kept as they are written; another spelling of one is the same name.
func TestFreeNamesKeepTheirSpelling(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	options := client.VariantOptions{"COLOR": "RED", "Size": "xL"}
	product := shop.Product(1, func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{{Name: "v", SKU: "v-1", Options: &options}}
	})
	require.Len(t, product.Variants, 2)
	require.Equal(t, options, product.Variants[1].Options)
}

// Of a repeated name one program takes the first value and another the last.
func TestARepeatedNameIsRefused(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	path := "/carts/" + shop.Cart(0).ID.String() + "/items"
	product, before := shop.Product(100), contents(t, shop)
	for _, quantities := range []string{`"quantity":2,"quantity":0`, `"quantity":0,"quantity":2`, `"quantity":2,"quantity":2`} {
		got := send(t, shop, call{
			method: http.MethodPost, path: path, body: fmt.Sprintf(`{"productId":"%s",%s}`, product.ID, quantities),
		})
		require.Equal(t, "malformed_json", requireProblem(t, got, http.StatusBadRequest).Code)
	}
	require.Equal(t, before, contents(t, shop))
}
