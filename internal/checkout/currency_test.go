package checkout_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

func TestEveryCurrencyIsChargedInStripesUnitsAndComesBackRight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency, stripe, price, total string
		units                          int64
	}{
		{"USD", "usd", "10.55", "22.79", 2279},
		{"JPY", "jpy", "5000", "10800", 10800},
		{"KWD", "kwd", "1.230", "2.660", 2660},
		{"ISK", "isk", "1501", "3242", 324200},
		{"UGX", "ugx", "1501", "3242", 324200},
		{"MGA", "mga", "1501.00", "3242.00", 3242},
	} {
		t.Run(c.currency, func(t *testing.T) {
			t.Parallel()
			shop := setup(t, shoptest.WithCurrency(c.currency))
			order := shop.Order(2, shop.Product(5, func(p *client.ProductCreate) { p.Price = client.Money(c.price) }))
			require.Equal(t, c.total, order.TotalAmount.String())
			paid := pay(t, shop, order.ID, "pm_card_visa")
			require.True(t, paid.Success)
			require.Equal(t, c.total, paid.PaymentIntent.Amount.String())
			require.Equal(t, c.currency, paid.PaymentIntent.Currency)
			require.Equal(t, map[string]stripesim.Totals{c.stripe: {Captured: c.units}}, shop.Stripe.Totals())

			drain(t, shop)
			require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM webhook_events WHERE outcome = 'SET_ASIDE'"))
			half := giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1)})
			require.NotEqual(t, c.total, half.Amount.String())
			cancel(t, shop, order.ID)
			becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
			require.Equal(t, c.total, shop.ReadOrder(order.ID).RefundedAmount.String())
			require.Equal(t, c.units, shop.Stripe.Totals()[c.stripe].Refunded)
		})
	}
}
