package checkout_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

// forget makes the order's intent one that Stripe does not know, as when the account was changed.
func forget(t *testing.T, shop *shoptest.Shop, order uuid.UUID) {
	t.Helper()
	exec(t, shop, "UPDATE payments SET intent_id = 'pi_' || replace(gen_random_uuid()::text, '-', '') WHERE order_id = $1", order)
}

func TestAnIntentThatStripeForgotDoesNotBlockItsOrder(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(10)
	t.Run("it is paid with a new one", func(t *testing.T) {
		order := shop.Order(1, product)
		ask(t, shop, order.ID)
		forget(t, shop, order.ID)
		refused, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
		require.NoError(t, err)
		require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
		require.Equal(t, "payment_ended", refused.ApplicationProblemJSON409.Code)
		require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
	})
	t.Run("it can be cancelled", func(t *testing.T) {
		order := shop.Order(1, product)
		ask(t, shop, order.ID)
		forget(t, shop, order.ID)
		cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, cancelled.StatusCode(), string(cancelled.Body))
		require.Equal(t, client.OrderStatusCANCELLED, cancelled.JSON200.Status)
	})
	t.Run("it expires", func(t *testing.T) {
		order := shop.Order(1, product)
		ask(t, shop, order.ID)
		forget(t, shop, order.ID)
		expire(t, shop, order.ID)
		becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusPENDING)
	})
}

func TestARepeatedRequestIsToldThatItPaid(t *testing.T) {
	t.Parallel()
	lost := false
	shop := setup(t, shoptest.WithIntercept(func(call stripesim.Call) stripesim.Fault {
		if !lost && call.Path != "/v1/payment_intents" {
			lost = true
			return stripesim.FailBefore
		}
		return stripesim.Proceed
	}))
	order := shop.Order(1, shop.Product(5))
	key, method := uuid.NewString(), "pm_card_visa"
	params := &client.PayOrderParams{IdempotencyKey: &key}
	first, err := shop.Guest.PayOrderWithResponse(t.Context(), order.ID, params, client.PaymentCreate{PaymentMethodID: &method})
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, first.StatusCode(), string(first.Body))
	second, err := shop.Guest.PayOrderWithResponse(t.Context(), order.ID, params, client.PaymentCreate{PaymentMethodID: &method})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, second.StatusCode(), string(second.Body))

	// As after a crash between the payment and its stored reply.
	exec(t, shop, "DELETE FROM idempotency_keys")
	third, err := shop.Guest.PayOrderWithResponse(t.Context(), order.ID, params, client.PaymentCreate{PaymentMethodID: &method})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, third.StatusCode(), string(third.Body))
	require.True(t, third.JSON200.Success)
	other, err := shop.Pay(t.Context(), order.ID, method)
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, other.StatusCode(), "another request is told that the order is paid")
	require.Equal(t, "order_already_paid", other.ApplicationProblemJSON409.Code)
}

func TestARefundThatTakesDaysIsSeenThrough(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	order := shop.Order(1, shop.Product(5))
	require.Equal(t, client.PaymentIntentStatusProcessing, pay(t, shop, order.ID, "pm_usBankAccount").PaymentIntent.Status)
	intent := *shop.ReadOrder(order.ID).StripePaymentIntentID
	require.NoError(t, shop.Stripe.FinishProcessing(intent, true))
	_, err := shop.Pay(t.Context(), order.ID, "pm_card_visa") // asks Stripe, and learns that it is paid
	require.NoError(t, err)
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
	cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, cancelled.StatusCode(), string(cancelled.Body))
	state := func(want string) func() bool {
		return func() bool {
			return scan[string](t, shop, "SELECT state::text FROM river_job WHERE kind = 'payment_refund'") == want
		}
	}
	refunds := func() []stripesim.Refund { return shop.Stripe.Refunds() }
	require.Eventually(t, func() bool { return len(refunds()) == 1 }, soon, tick)
	if refunds()[0].Status == "pending" {
		require.Eventually(t, state("scheduled"), soon, tick, "the job looks again later")
		require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
		require.NoError(t, shop.Stripe.FinishRefund(refunds()[0].ID, true))
		exec(t, shop, "UPDATE river_job SET state = 'available', scheduled_at = now() WHERE kind = 'payment_refund'")
	}
	becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
	require.Len(t, refunds(), 1)
}
