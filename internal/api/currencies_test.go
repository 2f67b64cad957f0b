package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func TestAmountsHaveTheDecimalsOfTheirCurrency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency, price, line, tax, total string
		refused                           []string
		same                              []string // other ways to write the price
		minor                             int64
	}{
		{"USD", "199.99", "399.98", "32.00", "431.98", []string{"5.001"}, []string{"199.990", "1.9999e2", "19999e-2"}, 43198},
		{"JPY", "5000", "10000", "800", "10800", []string{"5000.5"}, []string{"5000.0", "5e3"}, 10800},
		{"KWD", "1.230", "2.460", "0.200", "2.660", []string{"1.234", "1.2345"}, []string{"1.23"}, 2660},
	} {
		t.Run(c.currency, func(t *testing.T) {
			t.Parallel()
			shop := shoptest.New(t, shoptest.WithCurrency(c.currency), shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
			product := shop.Product(100, func(p *client.ProductCreate) { p.Price = client.Money(c.price) })
			require.EqualValues(t, c.price, product.Price)
			require.Equal(t, c.currency, product.Currency)
			admin := shop.Login("admin@example.com").AccessToken
			create := func(i int, price string) answer {
				return send(t, shop, call{method: http.MethodPost, path: "/products", token: admin, body: fmt.Sprintf(
					`{"name":"n %d","sku":"s-%d","price":%s,"categoryId":"%s"}`, i, i, price, product.CategoryID)})
			}
			for i, price := range c.refused {
				requireField(t, create(i, price), client.FieldLocationBODY, "price")
				found := send(t, shop, call{method: http.MethodGet, path: "/products/search?minPrice=" + price})
				requireField(t, found, client.FieldLocationQUERY, "minPrice")
			}
			for i, price := range c.same {
				made := create(i, price)
				require.Equal(t, http.StatusCreated, made.status, made.body)
				require.Contains(t, made.body, `"price":`+c.price+`,`)
			}
			require.Len(t, find(t, shop, client.SearchProductsParams{
				MinPrice: ptr(client.Money(c.price)), MaxPrice: ptr(client.Money(c.price)),
			}), 1)

			cart := shop.Cart(2, product)
			require.EqualValues(t, c.line, cart.Subtotal)
			total, err := shop.Guest.GetCartTotalWithResponse(t.Context(), cart.ID)
			require.NoError(t, err)
			require.EqualValues(t, c.line, total.JSON200.Subtotal)
			require.EqualValues(t, c.tax, total.JSON200.Tax)
			require.EqualValues(t, c.total, total.JSON200.Total)
			placed, err := shop.Place(t.Context(), cart.ID)
			require.NoError(t, err)
			require.EqualValues(t, c.total, placed.JSON201.TotalAmount)
			paid, err := shop.Pay(t.Context(), placed.JSON201.ID, "pm_card_visa")
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
			require.EqualValues(t, c.total, paid.JSON200.PaymentIntent.Amount)
			require.Equal(t, c.currency, paid.JSON200.PaymentIntent.Currency)
			require.Equal(t, c.minor, shop.Stripe.Intents()[0].Amount, "what Stripe was asked for")
		})
	}
}
