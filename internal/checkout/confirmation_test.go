package checkout_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
	"cartwright/internal/checkout"
)

// confirmations counts the jobs that tell of an order, whatever else the job would say.
const confirmations = "SELECT count(*) FROM river_job WHERE kind = 'order_confirmation' AND args->>'orderId' = $1"

func TestAnOrderPaidByRacingNewsIsConfirmedOnce(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	intent := ask(t, shop, order.ID)
	require.Zero(t, scan[int](t, shop, confirmations, order.ID.String()), "before it is paid")
	inBrowser(t, shop, intent, "pm_card_visa", 200)
	paid := of(shop, "payment_intent.succeeded")[0]
	shoptest.Together(10, func(i int) {
		if i%2 == 0 {
			tell(t, shop, paid)
			return
		}
		if _, err := shop.Pay(t.Context(), order.ID, "pm_card_visa"); err != nil {
			t.Error(err)
		}
	})
	require.Equal(t, 1, scan[int](t, shop, confirmations, order.ID.String()))
}

func TestAConfirmationEnqueuedTwiceIsOneJob(t *testing.T) {
	t.Parallel()
	require.True(t, checkout.OrderConfirmation{}.Limits().Once)
}
