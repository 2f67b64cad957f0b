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

// fulfill sends so many of an order's first line, or all that is left where it is none.
func fulfill(t *testing.T, shop *shoptest.Shop, order client.Order, quantity int32) *client.FulfillOrderResponse {
	t.Helper()
	var body client.OrderFulfill
	if quantity > 0 {
		body.Items = []client.FulfillmentItemInput{{OrderItemID: order.Items[0].ID, Quantity: quantity}}
	}
	sent, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order.ID, nil, body)
	require.NoError(t, err)
	return sent
}

// requireDisputed requires that nothing of an order can be sent because a dispute holds it.
func requireDisputed(t *testing.T, shop *shoptest.Shop, order client.Order) {
	t.Helper()
	refused := fulfill(t, shop, order, 0)
	require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
	require.Equal(t, "order_disputed", refused.ApplicationProblemJSON409.Code)
	review := reviewOf(t, shop, order.ID)
	require.Equal(t, client.OrderReviewStatusHELD, review.Status)
	require.Contains(t, review.Reasons, "payment_disputed")
}

func requireSent(t *testing.T, shop *shoptest.Shop, order client.Order, quantity int32) uuid.UUID {
	t.Helper()
	sent := fulfill(t, shop, order, quantity)
	require.Equal(t, http.StatusCreated, sent.StatusCode(), string(sent.Body))
	return sent.JSON201.ID
}

// release has staff release an order, and returns its review since.
func release(t *testing.T, shop *shoptest.Shop, order uuid.UUID) client.OrderReviewStatus {
	t.Helper()
	note := "the customer called"
	released, err := shop.Staff.ReleaseOrderWithResponse(t.Context(), order, nil, client.OrderRelease{Note: &note})
	require.NoError(t, err)
	require.NotNil(t, released.JSON200, string(released.Body))
	return released.JSON200.Review.Status
}

func TestADisputedOrder_IsNotSentUntilItIsWonOrReleased(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(50)
	t.Run("won, it goes on", func(t *testing.T) {
		order, intent := paid(t, shop, "pm_card_visa", 1, product)
		id := dispute(t, shop, intent, stripesim.NewDispute{})
		requireDisputed(t, shop, order)
		for _, status := range []client.OrderStatus{client.OrderStatusPROCESSING, client.OrderStatusSHIPPED} {
			moved, err := shop.Staff.UpdateOrderStatusWithResponse(t.Context(), order.ID, nil, client.OrderStatusUpdate{Status: status})
			require.NoError(t, err)
			require.Equal(t, http.StatusConflict, moved.StatusCode(), string(moved.Body))
			require.Equal(t, "order_disputed", moved.ApplicationProblemJSON409.Code)
		}
		decide(t, shop, id, true)
		require.Equal(t, client.OrderReviewStatusNONE, reviewOf(t, shop, order.ID).Status)
		require.Empty(t, reviewOf(t, shop, order.ID).Reasons)
		require.Contains(t, happened(t, shop, order.ID), "held: payment_disputed")
		require.Contains(t, happened(t, shop, order.ID), "hold_lifted: payment_disputed")
		requireSent(t, shop, order, 0)
	})
	t.Run("lost, it waits for a person", func(t *testing.T) {
		order, intent := paid(t, shop, "pm_card_visa", 1, product)
		decide(t, shop, dispute(t, shop, intent, stripesim.NewDispute{}), false)
		requireDisputed(t, shop, order)
		require.Equal(t, client.OrderReviewStatusRELEASED, release(t, shop, order.ID))
		require.Contains(t, happened(t, shop, order.ID), "released")
		requireSent(t, shop, order, 0)
	})
	t.Run("released meanwhile, it stays released when it is lost", func(t *testing.T) {
		order, intent := paid(t, shop, "pm_card_visa", 1, product)
		id := dispute(t, shop, intent, stripesim.NewDispute{})
		release(t, shop, order.ID)
		decide(t, shop, id, false)
		require.Equal(t, client.OrderReviewStatusRELEASED, reviewOf(t, shop, order.ID).Status)
		requireSent(t, shop, order, 0)
	})
	t.Run("an inquiry that becomes a dispute holds it again", func(t *testing.T) {
		order, intent := paid(t, shop, "pm_card_visa", 1, product)
		id := dispute(t, shop, intent, stripesim.NewDispute{Inquiry: true})
		requireDisputed(t, shop, order)
		release(t, shop, order.ID)
		require.NoError(t, shop.Stripe.EscalateInquiry(id))
		drain(t, shop)
		requireDisputed(t, shop, order)
		decide(t, shop, id, true)
		require.Equal(t, client.OrderReviewStatusRELEASED, reviewOf(t, shop, order.ID).Status, "as it was before")
	})
	t.Run("one that is paid and disputed at once", func(t *testing.T) {
		order, _ := paid(t, shop, "pm_card_createDispute", 1, product)
		drain(t, shop)
		requireDisputed(t, shop, order)
	})
	t.Run("the rest of one that was sent in part", func(t *testing.T) {
		order, intent := paid(t, shop, "pm_card_visa", 2, product)
		first := requireSent(t, shop, order, 1)
		id := dispute(t, shop, intent, stripesim.NewDispute{Amount: 100})
		requireDisputed(t, shop, order)
		arrived, err := shop.Staff.DeliverFulfillmentWithResponse(t.Context(), order.ID, first, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, arrived.StatusCode(), string(arrived.Body))
		decide(t, shop, id, false)
		requireDisputed(t, shop, order)
		giveBack(t, shop, order, client.RefundCreate{})
		require.Equal(t, client.OrderReviewStatusREJECTED, reviewOf(t, shop, order.ID).Status)
		require.Equal(t, client.FulfillmentStatusFULFILLED, shop.ReadOrder(order.ID).FulfillmentStatus)
	})
	t.Run("one that was sent by mistake", func(t *testing.T) {
		order, intent := paid(t, shop, "pm_card_visa", 1, product)
		sent := requireSent(t, shop, order, 0)
		dispute(t, shop, intent, stripesim.NewDispute{})
		require.Equal(t, client.OrderReviewStatusNONE, reviewOf(t, shop, order.ID).Status, "nothing is to be sent")
		back, err := shop.Staff.CancelFulfillmentWithResponse(t.Context(), order.ID, sent, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, back.StatusCode(), string(back.Body))
		requireDisputed(t, shop, order)
	})
	examined(t, shop)
}

func TestADisputeThatIsWon_LeavesTheHoldOfADoubtfulPayment(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(judging()))
	order, intent := paid(t, shop, "pm_card_riskLevelElevated", 1, shop.Product(5))
	id := dispute(t, shop, intent, stripesim.NewDispute{})
	require.Equal(t, []string{"risk_elevated", "payment_disputed"}, reviewOf(t, shop, order.ID).Reasons)
	decide(t, shop, id, true)
	review := reviewOf(t, shop, order.ID)
	require.Equal(t, client.OrderReviewStatusHELD, review.Status)
	require.Equal(t, []string{"risk_elevated"}, review.Reasons)
	require.Equal(t, "order_on_hold", fulfill(t, shop, order, 0).ApplicationProblemJSON409.Code)
	release(t, shop, order.ID)
	requireSent(t, shop, order, 0)
	examined(t, shop)
}
