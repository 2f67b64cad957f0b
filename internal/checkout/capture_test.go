package checkout_test

import (
	"bytes"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// authorized is an order whose money is held, and its intent.
func authorized(t *testing.T, shop *shoptest.Shop, product client.Product) (client.Order, string) {
	t.Helper()
	order := shop.Order(1, product)
	result := pay(t, shop, order.ID, "pm_card_visa")
	require.True(t, result.Success)
	require.Equal(t, client.PaymentStatusAUTHORIZED, result.Order.PaymentStatus)
	return result.Order, *result.Order.StripePaymentIntentID
}

// stands is how an order stands: its status and its payment's.
func stands(t *testing.T, shop *shoptest.Shop, order uuid.UUID) [2]string {
	t.Helper()
	read, err := shop.Staff.GetOrderWithResponse(t.Context(), order, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, read.StatusCode(), string(read.Body))
	return [2]string{string(read.JSON200.Status), string(read.JSON200.PaymentStatus)}
}

var (
	isAuthorized = [2]string{"CONFIRMED", "AUTHORIZED"}
	isPaid       = [2]string{"CONFIRMED", "PAID"}
	isLetGo      = [2]string{"CANCELLED", "FAILED"}
	isShipped    = [2]string{"SHIPPED", "PAID"}
)

func send(t *testing.T, shop *shoptest.Shop, order uuid.UUID) *client.FulfillOrderResponse {
	t.Helper()
	sent, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order, nil, client.OrderFulfill{})
	require.NoError(t, err)
	return sent
}

func capture(t *testing.T, shop *shoptest.Shop, order uuid.UUID) *client.CaptureOrderResponse {
	t.Helper()
	taken, err := shop.Staff.CaptureOrderWithResponse(t.Context(), order, nil)
	require.NoError(t, err)
	return taken
}

// captures is how often Stripe took the money of an intent.
func captures(t *testing.T, shop *shoptest.Shop, intent string) (times int) {
	t.Helper()
	for _, event := range of(shop, "charge.captured") {
		if bytes.Contains(encoded(t, event), []byte(`"payment_intent":"`+intent+`"`)) {
			times++
		}
	}
	return times
}

func TestAnAuthorizedOrderIsBoughtAndItsMoneyTakenWhenItIsSent(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithManualCapture())
	product := shop.Product(10)
	t.Run("authorized, it saves its card and is paid for with it next time", func(t *testing.T) {
		mine := buyer(shop, "customer@example.com")
		saved := payWith(t, mine, orderOf(t, mine, product).ID, client.PaymentCreate{PaymentMethodID: new("pm_card_visa"), SaveCard: new(true)})
		require.Equal(t, http.StatusOK, saved.StatusCode(), string(saved.Body))
		cards := cardsOf(t, mine)
		require.Len(t, cards, 1)
		next := payWith(t, mine, orderOf(t, mine, product).ID, client.PaymentCreate{CardID: &cards[0].ID})
		require.Equal(t, http.StatusOK, next.StatusCode(), string(next.Body))
		require.Equal(t, client.PaymentStatusAUTHORIZED, next.JSON200.Order.PaymentStatus)
		for _, order := range []uuid.UUID{saved.JSON200.Order.ID, next.JSON200.Order.ID} {
			require.Equal(t, http.StatusOK, capture(t, shop, order).StatusCode())
			require.Equal(t, isPaid, stands(t, shop, order))
		}
		require.Len(t, cardsOf(t, mine), 1)
	})
	t.Run("authorized, it is confirmed and sold, and nothing is taken", func(t *testing.T) {
		order, intent := authorized(t, shop, product)
		drain(t, shop)
		require.Equal(t, isAuthorized, stands(t, shop, order.ID))
		require.Nil(t, order.ExpiresAt)
		require.EqualValues(t, 7, shop.ReadProduct(product.ID).InventoryQuantity)
		require.Zero(t, captures(t, shop, intent))
		require.Equal(t, "0.00", order.RefundableAmount.String())
		again, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
		require.NoError(t, err)
		require.Equal(t, http.StatusConflict, again.StatusCode(), string(again.Body))
		require.Equal(t, "order_already_paid", again.ApplicationProblemJSON409.Code)
		expire(t, shop, order.ID)
		settled(t, shop)
		require.Equal(t, isAuthorized, stands(t, shop, order.ID), "it does not expire any more")
		refund, err := shop.Staff.RefundOrderWithResponse(t.Context(), order.ID, nil, client.RefundCreate{})
		require.NoError(t, err)
		require.Equal(t, http.StatusConflict, refund.StatusCode(), string(refund.Body))
		require.Equal(t, "payment_not_captured", refund.ApplicationProblemJSON409.Code)
	})
	t.Run("sent in part, all of it is taken, once", func(t *testing.T) {
		other := shop.Product(10)
		order := shop.Order(2, product, other)
		pay(t, shop, order.ID, "pm_card_visa")
		intent := *shop.ReadOrder(order.ID).StripePaymentIntentID
		part := client.OrderFulfill{Items: []client.FulfillmentItemInput{{OrderItemID: order.Items[0].ID, Quantity: 9}}}
		refused, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order.ID, nil, part)
		require.NoError(t, err)
		require.Equal(t, "fulfillment_exceeds_order", refused.ApplicationProblemJSON409.Code)
		require.Equal(t, isAuthorized, stands(t, shop, order.ID), "nothing is taken for what cannot be sent")
		part.Items[0].Quantity = 1
		sent, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order.ID, nil, part)
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, sent.StatusCode(), string(sent.Body))
		require.Equal(t, [2]string{"PROCESSING", "PAID"}, stands(t, shop, order.ID))
		require.Equal(t, http.StatusCreated, send(t, shop, order.ID).StatusCode())
		require.Equal(t, isShipped, stands(t, shop, order.ID))
		require.Equal(t, 1, captures(t, shop, intent))
	})
	t.Run("moved to SHIPPED, it is taken too, and not before", func(t *testing.T) {
		order, intent := authorized(t, shop, product)
		move := func(status client.OrderStatus) {
			moved, err := shop.Staff.UpdateOrderStatusWithResponse(t.Context(), order.ID, nil, client.OrderStatusUpdate{Status: status})
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, moved.StatusCode(), string(moved.Body))
		}
		move(client.OrderStatusPROCESSING)
		require.Equal(t, [2]string{"PROCESSING", "AUTHORIZED"}, stands(t, shop, order.ID))
		move(client.OrderStatusSHIPPED)
		require.Equal(t, isShipped, stands(t, shop, order.ID))
		require.Equal(t, 1, captures(t, shop, intent))
	})
	t.Run("taken before, it is paid, and taking it twice changes nothing", func(t *testing.T) {
		order, intent := authorized(t, shop, product)
		for range 2 {
			taken := capture(t, shop, order.ID)
			require.Equal(t, http.StatusOK, taken.StatusCode(), string(taken.Body))
			require.Equal(t, client.PaymentStatusPAID, taken.JSON200.PaymentStatus)
		}
		require.Equal(t, 1, captures(t, shop, intent))
		require.Equal(t, http.StatusCreated, send(t, shop, order.ID).StatusCode())
		unpaid := capture(t, shop, shop.Order(1, product).ID)
		require.Equal(t, "order_not_authorized", unpaid.ApplicationProblemJSON409.Code)
	})
	t.Run("cancelled, its money is let go and its stock is back", func(t *testing.T) {
		stock := shop.Product(1)
		order, intent := authorized(t, shop, stock)
		cancel(t, shop, order.ID)
		drain(t, shop)
		require.Equal(t, isLetGo, stands(t, shop, order.ID))
		require.EqualValues(t, 1, shop.ReadProduct(stock.ID).InventoryQuantity)
		at, _ := shop.Stripe.Intent(intent)
		require.Equal(t, "canceled", at.Status)
		require.Equal(t, "order_not_authorized", capture(t, shop, order.ID).ApplicationProblemJSON409.Code)
		require.Equal(t, "transition_not_allowed", send(t, shop, order.ID).ApplicationProblemJSON409.Code)
		require.Empty(t, of(shop, "refund.created"))
	})
	t.Run("let go by the bank, the order is cancelled", func(t *testing.T) {
		stock := shop.Product(1)
		order, intent := authorized(t, shop, stock)
		require.NoError(t, shop.Stripe.ExpireHold(intent))
		drain(t, shop)
		require.Equal(t, isLetGo, stands(t, shop, order.ID))
		require.EqualValues(t, 1, shop.ReadProduct(stock.ID).InventoryQuantity)
		events, err := shop.Staff.ListOrderEventsWithResponse(t.Context(), order.ID, nil)
		require.NoError(t, err)
		last := events.JSON200.Data[len(events.JSON200.Data)-1]
		require.Equal(t, "authorization_ended", last.Type)
		require.Equal(t, client.OrderActorKindPAYMENTPROVIDER, last.Actor.Kind)
		require.NotEmpty(t, *last.Reason)
	})
	t.Run("captured in Stripe's dashboard, it is paid", func(t *testing.T) {
		order, intent := authorized(t, shop, product)
		require.Equal(t, http.StatusOK, atStripe(shop, "sk_test_dashboard", "/v1/payment_intents/"+intent+"/capture", nil).Code)
		drain(t, shop)
		require.Equal(t, isPaid, stands(t, shop, order.ID))
	})
	t.Run("a setting that has changed hurts no order under way", func(t *testing.T) {
		order := shop.Order(1, product)
		exec(t, shop, `INSERT INTO payments (id, order_id, status, amount_minor, currency, created_at, updated_at)
			SELECT gen_random_uuid(), id, 'CREATED', total_minor, currency, now(), now() FROM orders WHERE id = $1`, order.ID)
		require.Equal(t, client.PaymentStatusPAID, pay(t, shop, order.ID, "pm_card_visa").Order.PaymentStatus)
	})
	drain(t, shop)
	examined(t, shop)
}

// settled waits until no job is left to be done now.
func settled(t *testing.T, shop *shoptest.Shop) {
	t.Helper()
	require.Eventually(t, func() bool {
		return scan[int](t, shop, `SELECT count(*) FROM river_job WHERE state IN ('available', 'running', 'retryable')
			OR state = 'scheduled' AND scheduled_at <= now()`) == 0
	}, soon, tick)
}

// Who sells at once, and then another way, or the other way round, finishes what is under way as it was begun.
func TestAHoldOutlivesTheSettingThatMadeIt(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(10)
	hold := func() (client.Order, string) {
		order := shop.Order(1, product)
		exec(t, shop, `INSERT INTO payments (id, order_id, status, amount_minor, currency, capture_method, created_at, updated_at)
			SELECT gen_random_uuid(), id, 'CREATED', total_minor, currency, 'manual', now(), now() FROM orders WHERE id = $1`, order.ID)
		pay(t, shop, order.ID, "pm_card_visa")
		require.Equal(t, isAuthorized, stands(t, shop, order.ID))
		return order, *shop.ReadOrder(order.ID).StripePaymentIntentID
	}
	order, intent := hold()
	require.Equal(t, http.StatusCreated, send(t, shop, order.ID).StatusCode())
	require.Equal(t, isShipped, stands(t, shop, order.ID))
	require.Equal(t, 1, captures(t, shop, intent))
	order, _ = hold()
	cancel(t, shop, order.ID)
	require.Equal(t, isLetGo, stands(t, shop, order.ID))
	taken := capture(t, shop, pay(t, shop, shop.Order(1, product).ID, "pm_card_visa").Order.ID)
	require.Equal(t, client.PaymentStatusPAID, taken.JSON200.PaymentStatus, "what was paid at once stays so")
	drain(t, shop)
	examined(t, shop)
}

func TestADoubtfulHoldIsNotTakenBeforeItIsReleased(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithManualCapture(), shoptest.WithFraud(judging()), shoptest.WithLetting())
	product := shop.Product(10)
	order := shop.Order(1, product)
	require.Equal(t, client.PaymentStatusAUTHORIZED, pay(t, shop, order.ID, "pm_card_riskLevelElevated").Order.PaymentStatus)
	intent := *shop.ReadOrder(order.ID).StripePaymentIntentID
	require.Equal(t, client.OrderReviewStatusHELD, reviewOf(t, shop, order.ID).Status)
	require.Equal(t, "order_on_hold", capture(t, shop, order.ID).ApplicationProblemJSON409.Code)
	require.Equal(t, "order_on_hold", send(t, shop, order.ID).ApplicationProblemJSON409.Code)
	require.Zero(t, captures(t, shop, intent))
	released, err := shop.Staff.ReleaseOrderWithResponse(t.Context(), order.ID, nil, client.OrderRelease{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, released.StatusCode(), string(released.Body))
	require.Equal(t, http.StatusCreated, send(t, shop, order.ID).StatusCode())
	require.Equal(t, 1, captures(t, shop, intent))

	blocked := shop.Order(1, product)
	pay(t, shop, blocked.ID, "pm_card_riskLevelHighest")
	becomes(t, shop, blocked.ID, client.OrderStatusCANCELLED, client.PaymentStatusFAILED)
	require.Equal(t, client.OrderReviewStatusREJECTED, reviewOf(t, shop, blocked.ID).Status)
	require.EqualValues(t, 9, shop.ReadProduct(product.ID).InventoryQuantity)
	settled(t, shop)
	drain(t, shop)
	examined(t, shop)
}

// refusing answers captures like Stripe does that takes nothing, and keeps what it answered under the request's key.
type refusing struct {
	answer atomic.Pointer[string]
	kept   sync.Map
}

func (r *refusing) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		answer, key := r.answer.Load(), request.Header.Get("Idempotency-Key")
		if kept, found := r.kept.Load(key); found {
			answer = kept.(*string)
		}
		if answer == nil || request.Method != http.MethodPost || !isCapture(request.URL) {
			next.ServeHTTP(w, request)
			return
		}
		r.kept.Store(key, answer)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusPaymentRequired)
		_, _ = w.Write([]byte(*answer))
	})
}

func isCapture(address *url.URL) bool {
	return bytes.HasSuffix([]byte(address.Path), []byte("/capture"))
}

func TestWhereMoneyIsNotTakenNothingIsSent(t *testing.T) {
	t.Parallel()
	stripe := &refusing{}
	shop := setup(t, shoptest.WithManualCapture(), shoptest.WithStripeFront(stripe.front), shoptest.WithoutWebhooks())
	product := shop.Product(10)
	t.Run("declined", func(t *testing.T) {
		order, intent := authorized(t, shop, product)
		declined := `{"error":{"type":"card_error","code":"card_declined","decline_code":"do_not_honor","message":"No."}}`
		stripe.answer.Store(&declined)
		for _, problem := range []*client.Problem{capture(t, shop, order.ID).ApplicationProblemJSON409, send(t, shop, order.ID).ApplicationProblemJSON409} {
			require.Equal(t, "capture_refused", problem.Code)
			require.Equal(t, "do_not_honor", *problem.DeclineCode)
		}
		stripe.answer.Store(nil)
		require.Equal(t, isAuthorized, stands(t, shop, order.ID))
		require.Equal(t, 2, scan[int](t, shop, `SELECT count(*) FROM order_events
			WHERE order_id = $1 AND type = 'capture_refused' AND reason = 'do_not_honor'`, order.ID))
		require.Equal(t, http.StatusCreated, send(t, shop, order.ID).StatusCode(), "it may go well later")
		require.Equal(t, 1, captures(t, shop, intent))
	})
	t.Run("let go, which nobody was told", func(t *testing.T) {
		for _, try := range []func(uuid.UUID) *client.Problem{
			func(id uuid.UUID) *client.Problem { return capture(t, shop, id).ApplicationProblemJSON409 },
			func(id uuid.UUID) *client.Problem { return send(t, shop, id).ApplicationProblemJSON409 },
		} {
			order, intent := authorized(t, shop, product)
			require.NoError(t, shop.Stripe.ExpireHold(intent))
			require.Equal(t, "authorization_ended", try(order.ID).Code)
			require.Equal(t, isLetGo, stands(t, shop, order.ID))
			require.Equal(t, client.FulfillmentStatusUNFULFILLED, shop.ReadOrder(order.ID).FulfillmentStatus)
			require.NoError(t, shop.Reconcile(t.Context()))
			require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM river_job WHERE kind = 'payment_compare' AND args->>'intentId' = $1", intent))
		}
	})
	t.Run("taken in part before the shop knew of it", func(t *testing.T) {
		order := shop.Order(1, product)
		intent := ask(t, shop, order.ID)
		inBrowser(t, shop, intent, "pm_card_visa", http.StatusOK)
		answer := atStripe(shop, "sk_test_dashboard", "/v1/payment_intents/"+intent.ID+"/capture", url.Values{"amount_to_capture": {"100"}})
		require.Equal(t, http.StatusOK, answer.Code, answer.Body)
		cancel := func() *client.CancelOrderResponse {
			cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
			require.NoError(t, err)
			return cancelled
		}
		kept := cancel()
		require.Equal(t, http.StatusConflict, kept.StatusCode(), string(kept.Body))
		require.Equal(t, "capture_amount_differs", kept.ApplicationProblemJSON409.Code)
		require.Equal(t, http.StatusOK, atStripe(shop, "sk_test_dashboard", "/v1/refunds", url.Values{"payment_intent": {intent.ID}}).Code)
		require.Equal(t, http.StatusOK, cancel().StatusCode())
		require.Equal(t, client.OrderStatusCANCELLED, shop.ReadOrder(order.ID).Status)
	})
	t.Run("taken in part, in Stripe's dashboard", func(t *testing.T) {
		order, intent := authorized(t, shop, product)
		answer := atStripe(shop, "sk_test_dashboard", "/v1/payment_intents/"+intent+"/capture", url.Values{"amount_to_capture": {"100"}})
		require.Equal(t, http.StatusOK, answer.Code, answer.Body)
		for range 2 {
			require.Equal(t, "capture_amount_differs", send(t, shop, order.ID).ApplicationProblemJSON409.Code)
			kept, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
			require.NoError(t, err)
			require.Equal(t, http.StatusConflict, kept.StatusCode(), string(kept.Body))
			require.Equal(t, "capture_amount_differs", kept.ApplicationProblemJSON409.Code)
		}
		require.Equal(t, isAuthorized, stands(t, shop, order.ID), "that is for a person to decide")
		compare(t, shop)
		require.Equal(t, "AMOUNT", scan[string](t, shop, "SELECT kind FROM payment_findings WHERE intent_id = $1", intent))
		// The rest of what was held is gone, and what was taken is given back by hand.
		require.Equal(t, http.StatusOK, atStripe(shop, "sk_test_dashboard", "/v1/refunds", url.Values{"payment_intent": {intent}}).Code)
		left := shop.ReadProduct(product.ID).InventoryQuantity
		ended, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, ended.StatusCode(), string(ended.Body))
		require.Equal(t, isLetGo, stands(t, shop, order.ID))
		require.Equal(t, left+1, shop.ReadProduct(product.ID).InventoryQuantity)
		compare(t, shop)
		require.Empty(t, findings(t, shop, client.PaymentFindingStatusOPEN), "both agree")
	})
	drain(t, shop)
	examined(t, shop)
}
