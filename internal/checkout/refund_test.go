package checkout_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

var yes = true

// giveBack refunds, and answers the refund.
func giveBack(t *testing.T, shop *shoptest.Shop, order client.Order, body client.RefundCreate) client.Refund {
	t.Helper()
	made, err := shop.Staff.RefundOrderWithResponse(t.Context(), order.ID, nil, body)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, made.StatusCode(), string(made.Body))
	return *made.JSON201
}

// notGivenBack is the code with which a refund is refused.
func notGivenBack(t *testing.T, shop *shoptest.Shop, order client.Order, body client.RefundCreate) string {
	t.Helper()
	refused, err := shop.Staff.RefundOrderWithResponse(t.Context(), order.ID, nil, body)
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
	return refused.ApplicationProblemJSON409.Code
}

// lines are so many of each of an order's lines.
func lines(order client.Order, quantity int32) []client.RefundItemInput {
	var items []client.RefundItemInput
	for _, item := range order.Items {
		items = append(items, client.RefundItemInput{OrderItemID: item.ID, Quantity: quantity})
	}
	return items
}

func money(text string) *client.Money {
	amount := client.Money(text)
	return &amount
}

// paid is an order of so many of each product, paid with a method, and the intent.
func paid(t *testing.T, shop *shoptest.Shop, method string, quantity int32, products ...client.Product) (client.Order, string) {
	t.Helper()
	order := shop.Order(quantity, products...)
	return order, pay(t, shop, order.ID, method).PaymentIntent.ID
}

// amounts are what is left, is on its way and is back, as the order says.
func amounts(shop *shoptest.Shop, order client.Order) [3]string {
	now := shop.ReadOrder(order.ID)
	return [3]string{now.RefundableAmount.String(), now.RefundPendingAmount.String(), now.RefundedAmount.String()}
}

// lookAtRefunds has the jobs of refunds run at once.
func lookAtRefunds(t *testing.T, shop *shoptest.Shop) {
	t.Helper()
	exec(t, shop, "UPDATE river_job SET scheduled_at = now(), state = 'available' WHERE kind = 'payment_refund' AND state IN ('scheduled', 'retryable')")
}

func TestRefundsInPartsEndExactlyAtWhatWasPaid(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp, cable := shop.Product(9), shop.Product(9, func(p *client.ProductCreate) { p.Price = "0.05" })
	order, _ := paid(t, shop, "pm_card_visa", 3, lamp, cable)
	require.Equal(t, "648.13", order.TotalAmount.String())
	require.Equal(t, [3]string{"648.13", "0.00", "0.00"}, amounts(shop, order))

	first := giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1)})
	require.Equal(t, "216.05", first.Amount.String())
	require.Equal(t, client.RefundStatusSUCCEEDED, first.Status)
	require.NotNil(t, first.StripeRefundID)
	require.Equal(t, client.PaymentStatusPARTIALLYREFUNDED, shop.ReadOrder(order.ID).PaymentStatus)
	reason := client.RefundReasonRequestedByCustomer
	second := giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1), Reason: &reason})
	require.Equal(t, "216.04", second.Amount.String())
	require.Equal(t, "requested_by_customer", *shop.Stripe.Refunds()[1].Reason)
	require.Equal(t, "refund_exceeds_order", notGivenBack(t, shop, order, client.RefundCreate{Items: lines(order, 2)}))
	require.Equal(t, "refund_exceeds_payment", notGivenBack(t, shop, order, client.RefundCreate{Amount: money("216.05")}))
	third := giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1)})
	require.Equal(t, "216.04", third.Amount.String())
	require.Equal(t, [3]string{"0.00", "0.00", "648.13"}, amounts(shop, order))
	now := shop.ReadOrder(order.ID)
	require.Equal(t, client.PaymentStatusREFUNDED, now.PaymentStatus)
	require.Equal(t, client.OrderStatusREFUNDED, now.Status)
	require.Equal(t, "nothing_to_refund", notGivenBack(t, shop, order, client.RefundCreate{}))
	require.Equal(t, "refund_exceeds_payment", notGivenBack(t, shop, order, client.RefundCreate{Amount: money("0.01")}))
	require.EqualValues(t, 64813, refunded(shop))

	t.Run("and what was cancelled gives back the rest", func(t *testing.T) {
		order, _ := paid(t, shop, "pm_card_visa", 2, lamp)
		giveBack(t, shop, order, client.RefundCreate{Amount: money("10.00")})
		giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1), Restock: &yes})
		require.Equal(t, [2]int32{5, 0}, stock(t, shop, lamp.ID))
		cancel(t, shop, order.ID)
		becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
		require.Equal(t, [3]string{"0.00", "0.00", "431.98"}, amounts(shop, order))
		require.Equal(t, [2]int32{6, 0}, stock(t, shop, lamp.ID), "each unit came back once")
	})
}

func TestARefundStandsWhereStripeSaysAndTheOrderCountsWhatIsBack(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order, intent := paid(t, shop, "pm_card_pendingRefund", 1, shop.Product(5))
	read := func(refund client.Refund) client.Refund {
		drain(t, shop)
		got, err := shop.Staff.GetRefundWithResponse(t.Context(), order.ID, refund.ID)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		return *got.JSON200
	}
	atStripeNow := func(refund client.Refund, change func(string) error) client.Refund {
		require.NoError(t, change(*refund.StripeRefundID))
		return read(refund)
	}
	given := giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1), Restock: &yes})
	require.Equal(t, client.RefundStatusPENDING, given.Status)
	require.Equal(t, [3]string{"0.00", "215.99", "0.00"}, amounts(shop, order))
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus, "nothing is back yet")
	require.Equal(t, "nothing_to_refund", notGivenBack(t, shop, order, client.RefundCreate{}))
	require.Equal(t, "refund_exceeds_order", notGivenBack(t, shop, order, client.RefundCreate{Items: lines(order, 1)}))
	require.Equal(t, client.RefundStatusREQUIRESACTION, atStripeNow(given, shop.Stripe.AskForRefund).Status)
	require.Equal(t, client.RefundStatusCANCELLED, atStripeNow(given, shop.Stripe.CancelRefund).Status)
	require.Equal(t, [3]string{"215.99", "0.00", "0.00"}, amounts(shop, order), "what came to nothing may be given back again")

	given = giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1), Restock: &yes})
	finish := func(paid bool) func(string) error {
		return func(id string) error { return shop.Stripe.FinishRefund(id, paid) }
	}
	require.Equal(t, client.RefundStatusSUCCEEDED, atStripeNow(given, finish(true)).Status)
	require.Equal(t, client.PaymentStatusREFUNDED, shop.ReadOrder(order.ID).PaymentStatus)
	failed := atStripeNow(given, finish(false))
	require.Equal(t, client.RefundStatusFAILED, failed.Status)
	require.Equal(t, "unknown", *failed.FailureReason)
	now := shop.ReadOrder(order.ID)
	require.Equal(t, client.PaymentStatusPAID, now.PaymentStatus)
	require.Equal(t, client.OrderStatusREFUNDED, now.Status, "which was its end: the money goes back another way")

	inDashboard(t, shop, intent, "1000")
	drain(t, shop)
	rest := giveBack(t, shop, order, client.RefundCreate{})
	drain(t, shop)
	require.Equal(t, "205.99", rest.Amount.String(), "whatever was given back elsewhere counts, once it is heard of")
	listed, err := shop.Staff.ListRefundsWithResponse(t.Context(), order.ID, nil)
	require.NoError(t, err)
	require.Len(t, listed.JSON200.Data, 4, "and each is there once")
	for _, refund := range listed.JSON200.Data {
		if refund.Status == client.RefundStatusPENDING {
			require.NoError(t, shop.Stripe.FinishRefund(*refund.StripeRefundID, true))
		}
	}
	becomes(t, shop, order.ID, client.OrderStatusREFUNDED, client.PaymentStatusREFUNDED)
	sources := map[client.RefundSource]int{}
	for _, refund := range listed.JSON200.Data {
		sources[refund.Source]++
	}
	require.Equal(t, map[client.RefundSource]int{client.RefundSourceSHOP: 3, client.RefundSourceDASHBOARD: 1}, sources)
	require.Equal(t, []string{
		"refund_requested", "refund_failed", "refund_requested", "refunded", "refund_failed",
		"refund_requested", "refund_requested", "refunded", "refunded",
	}, refundEvents(t, shop, order), "each left its events")
}

// refundEvents are the types of an order's events that are about refunds, as its customer is told.
func refundEvents(t *testing.T, shop *shoptest.Shop, order client.Order) (types []string) {
	t.Helper()
	events, err := shop.Guest.ListOrderEventsWithResponse(t.Context(), order.ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, events.StatusCode(), string(events.Body))
	for _, event := range events.JSON200.Data {
		if event.RefundID != nil {
			types = append(types, event.Type)
		}
	}
	return types
}

func refunding(path string) bool { return path == "/v1/refunds" }

// Stripe forgets a key after a while: then the same question gives back again, unless somebody looks first.
func TestARefundWhoseAnswerWasLostIsFoundOutAndNeverMadeTwice(t *testing.T) {
	t.Parallel()
	wire := &line{match: refunding}
	forgetful := func(next http.Handler) http.Handler {
		return wire.front(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if refunding(r.URL.Path) && !wire.cut.Load() {
				r.Header.Del("Idempotency-Key")
			}
			next.ServeHTTP(w, r)
		}))
	}
	for name, front := range map[string]func(http.Handler) http.Handler{"a job asks": wire.front, "much later": forgetful, "its request is repeated": wire.front} {
		shop := setup(t, shoptest.WithStripeFront(front), shoptest.WithoutWebhooks())
		order, _ := paid(t, shop, "pm_card_visa", 1, shop.Product(5))
		wire.cut.Store(true)
		key := uuid.NewString()
		ask := func() client.Refund {
			made, err := shop.Staff.RefundOrderWithResponse(t.Context(), order.ID, &client.RefundOrderParams{IdempotencyKey: &key}, client.RefundCreate{Amount: money("10.00")})
			require.NoError(t, err)
			require.Equal(t, http.StatusCreated, made.StatusCode(), string(made.Body))
			return *made.JSON201
		}
		given := ask()
		require.Equal(t, client.RefundStatusPENDING, given.Status, name)
		require.Nil(t, given.StripeRefundID)
		require.Equal(t, [3]string{"205.99", "10.00", "0.00"}, amounts(shop, order), "nobody knows, so it counts")
		require.Len(t, shop.Stripe.Refunds(), 1)
		wire.cut.Store(false)
		if name == "its request is repeated" {
			exec(t, shop, "DELETE FROM idempotency_keys") // as when the process died before the reply was stored
			again := ask()
			require.Equal(t, given.ID, again.ID)
			require.Equal(t, client.RefundStatusSUCCEEDED, again.Status)
			require.Equal(t, given.ID, ask().ID)
		} else {
			lookAtRefunds(t, shop)
		}
		becomes(t, shop, order.ID, client.OrderStatusCONFIRMED, client.PaymentStatusPARTIALLYREFUNDED)
		require.Len(t, shop.Stripe.Refunds(), 1, name)
		require.EqualValues(t, 1000, refunded(shop), name)
	}
}

// Nothing here makes it happen, and if it does, the shop's books say so.
func TestARefundThatStripeMadeTwiceAllTheSameIsTwoRefunds(t *testing.T) {
	t.Parallel()
	wire := &line{match: refunding}
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(func(next http.Handler) http.Handler {
		return wire.front(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Idempotency-Key")
			next.ServeHTTP(w, r)
		}))
	}))
	order, _ := paid(t, shop, "pm_card_visa", 1, shop.Product(5))
	wire.cut.Store(true)
	giveBack(t, shop, order, client.RefundCreate{Amount: money("10.00")})
	made := len(shop.Stripe.Refunds())
	require.Greater(t, made, 1, "the client asks again by itself")
	wire.cut.Store(false)
	lookAtRefunds(t, shop)
	becomes(t, shop, order.ID, client.OrderStatusCONFIRMED, client.PaymentStatusPARTIALLYREFUNDED)
	require.EqualValues(t, 1000*made, scan[int64](t, shop, "SELECT refunded_minor FROM payments"))
	require.Equal(t, 1, scan[int](t, shop, "SELECT count(*) FROM refunds WHERE source = 'SHOP'"))
}

func TestWhatStripeRefusesIsNoRefund(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks()) // so that nobody hears of the dashboard
	order, intent := paid(t, shop, "pm_card_visa", 1, shop.Product(5))
	inDashboard(t, shop, intent, "20000")
	given := giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1)})
	require.Equal(t, client.RefundStatusFAILED, given.Status)
	require.Equal(t, "refused", *given.FailureReason)
	require.Equal(t, [3]string{"215.99", "0.00", "0.00"}, amounts(shop, order))
	for _, event := range of(shop, "charge.refunded") {
		for range 2 {
			require.Equal(t, http.StatusOK, tell(t, shop, event))
		}
	}
	require.Equal(t, [3]string{"15.99", "0.00", "200.00"}, amounts(shop, order))
	require.Equal(t, "15.99", giveBack(t, shop, order, client.RefundCreate{}).Amount.String())
	require.EqualValues(t, 21599, refunded(shop))
}

func TestARefundIsOfItsOrderAndOfWhatWasPaid(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	product := shop.Product(9)
	unpaid := shop.Order(1, product)
	require.Equal(t, "order_not_paid", notGivenBack(t, shop, unpaid, client.RefundCreate{}))
	free := shop.Order(1, shop.Product(9, func(p *client.ProductCreate) { p.Price = "0" }))
	settled, err := shop.Guest.PayOrderWithResponse(t.Context(), free.ID, nil, client.PaymentCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, settled.StatusCode(), string(settled.Body))
	require.Equal(t, "nothing_to_refund", notGivenBack(t, shop, free, client.RefundCreate{}))
	order, _ := paid(t, shop, "pm_card_visa", 1, product)
	other, _ := paid(t, shop, "pm_card_visa", 1, product)
	for field, body := range map[string]client.RefundCreate{
		"amount":               {Amount: money("1.001")},
		"items":                {Amount: money("1"), Items: lines(order, 1)},
		"restock":              {Restock: &yes},
		"items[0].orderItemId": {Items: lines(other, 1)},
		"items[1].orderItemId": {Items: append(lines(order, 1), lines(order, 1)...)},
	} {
		refused, err := shop.Staff.RefundOrderWithResponse(t.Context(), order.ID, nil, body)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode(), string(refused.Body))
		var fields []string
		for _, problem := range refused.ApplicationProblemJSON422.Errors {
			fields = append(fields, problem.Field)
		}
		require.Contains(t, fields, field)
	}
	zero, err := shop.Staff.RefundOrderWithResponse(t.Context(), order.ID, nil, client.RefundCreate{Amount: money("0.00")})
	require.NoError(t, err)
	require.Equal(t, http.StatusUnprocessableEntity, zero.StatusCode())
	given := giveBack(t, shop, order, client.RefundCreate{Amount: money("1.5")})
	foreign, err := shop.Staff.GetRefundWithResponse(t.Context(), other.ID, given.ID)
	require.NoError(t, err)
	require.Equal(t, "refund_not_found", foreign.ApplicationProblemJSON404.Code)
	nobody, err := shop.Staff.RefundOrderWithResponse(t.Context(), uuid.New(), nil, client.RefundCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, nobody.StatusCode())
	require.Len(t, shop.Stripe.Refunds(), 1)
}
