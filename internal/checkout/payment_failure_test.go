package checkout_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

// line is the wire between shop and Stripe. While it is cut, what Stripe answers to matching requests is lost,
// however often the shop asks.
type line struct {
	cut   atomic.Bool
	match func(path string) bool
}

func (l *line) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.cut.Load() && l.match(r.URL.Path) {
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
}

func creating(path string) bool   { return path == "/v1/payment_intents" }
func confirming(path string) bool { return strings.HasSuffix(path, "/confirm") }

// unavailable pays and expects to hear that nobody knows yet.
func unavailable(t *testing.T, shop *shoptest.Shop, order uuid.UUID, method string) {
	t.Helper()
	lost, err := shop.Pay(t.Context(), order, method)
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, lost.StatusCode(), string(lost.Body))
	require.Equal(t, "payment_provider_unavailable", lost.ApplicationProblemJSON503.Code)
}

func TestALostConfirmationIsSettledByTheWebhookAndChargesOnce(t *testing.T) {
	t.Parallel()
	wire := &line{match: confirming}
	shop := setup(t, shoptest.WithStripeFront(wire.front))
	order := shop.Order(1, shop.Product(5))
	wire.cut.Store(true)
	unavailable(t, shop, order.ID, "pm_card_visa")
	drain(t, shop)
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
	wire.cut.Store(false)
	again, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, again.StatusCode())
	require.EqualValues(t, 21599, captured(shop))
}

func TestALostConfirmationIsFoundOutByTheNextRequest(t *testing.T) {
	t.Parallel()
	for method, paid := range map[string]bool{"pm_card_visa": true, "pm_card_chargeDeclined": false} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			wire := &line{match: confirming}
			shop := setup(t, shoptest.WithStripeFront(wire.front), shoptest.WithoutWebhooks())
			order := shop.Order(1, shop.Product(5))
			wire.cut.Store(true)
			unavailable(t, shop, order.ID, method)
			wire.cut.Store(false)
			again, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
			require.NoError(t, err)
			require.Equal(t, map[bool]int{true: http.StatusConflict, false: http.StatusOK}[paid], again.StatusCode())
			require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
			require.EqualValues(t, 21599, captured(shop))
		})
	}
}

func TestALostIntentIsFoundAgainUnderItsKey(t *testing.T) {
	t.Parallel()
	wire := &line{match: creating}
	shop := setup(t, shoptest.WithStripeFront(wire.front))
	order := shop.Order(1, shop.Product(5))
	wire.cut.Store(true)
	unavailable(t, shop, order.ID, "pm_card_visa")
	wire.cut.Store(false)
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
	require.Len(t, shop.Stripe.Intents(), 1)
	require.EqualValues(t, 21599, captured(shop))
}

func TestAnAnswerLostOnceIsAskedForAgainUnnoticed(t *testing.T) {
	t.Parallel()
	var lost atomic.Int32
	shop := setup(t, shoptest.WithIntercept(func(call stripesim.Call) stripesim.Fault {
		require.NotEmpty(t, call.IdempotencyKey)
		lost.Add(1)
		return stripesim.LoseAnswer
	}))
	order := shop.Order(1, shop.Product(5))
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
	require.EqualValues(t, 2, lost.Load(), "creation and confirmation")
	require.Len(t, shop.Stripe.Intents(), 1)
	require.EqualValues(t, 21599, captured(shop))
}

// Stripe keeps a 500 under its key for a day: an order must not be unpayable for as long.
func TestAFailureOfStripeIsOverWhenStripeIs(t *testing.T) {
	t.Parallel()
	for name, match := range map[string]func(string) bool{"creating": creating, "confirming": confirming} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var down atomic.Bool
			shop := setup(t, shoptest.WithIntercept(func(call stripesim.Call) stripesim.Fault {
				if down.Load() && match(call.Path) {
					return stripesim.FailBefore
				}
				return stripesim.Proceed
			}))
			order := shop.Order(1, shop.Product(5))
			down.Store(true)
			unavailable(t, shop, order.ID, "pm_card_visa")
			unavailable(t, shop, order.ID, "pm_card_visa")
			require.Equal(t, client.OrderStatusPENDING, shop.ReadOrder(order.ID).Status)
			down.Store(false)
			require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
			require.EqualValues(t, 21599, captured(shop))
		})
	}
}

func TestARateLimitIsNoRefusal(t *testing.T) {
	t.Parallel()
	var limited atomic.Bool
	limited.Store(true)
	shop := setup(t, shoptest.WithIntercept(func(stripesim.Call) stripesim.Fault {
		if limited.Load() {
			return stripesim.RateLimit
		}
		return stripesim.Proceed
	}))
	order := shop.Order(1, shop.Product(5))
	unavailable(t, shop, order.ID, "pm_card_visa")
	limited.Store(false)
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
}

// crash leaves the rows as a process does that dies while it waits for Stripe: an open attempt in nobody's hands.
func crash(t *testing.T, shop *shoptest.Shop, order uuid.UUID) {
	t.Helper()
	exec(t, shop, `UPDATE payment_attempts SET status = 'OPEN', lease_until = now() + interval '1 minute'
		WHERE payment_id IN (SELECT id FROM payments WHERE order_id = $1)`, order)
	exec(t, shop, "UPDATE payments SET status = 'CREATED' WHERE order_id = $1 AND status <> 'SUCCEEDED'", order)
}

func TestACrashBetweenAskingAndHearingChargesOnce(t *testing.T) {
	t.Parallel()
	for name, match := range map[string]func(string) bool{"creating": creating, "confirming": confirming} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wire := &line{match: match}
			shop := setup(t, shoptest.WithStripeFront(wire.front), shoptest.WithoutWebhooks())
			order := shop.Order(1, shop.Product(5))
			wire.cut.Store(true)
			unavailable(t, shop, order.ID, "pm_card_visa")
			wire.cut.Store(false)
			crash(t, shop, order.ID)

			held, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
			require.NoError(t, err)
			require.Equal(t, http.StatusConflict, held.StatusCode(), "the attempt belongs to the request that made it")
			require.Equal(t, "payment_in_progress", held.ApplicationProblemJSON409.Code)
			require.Equal(t, client.OrderStatusPENDING, shop.ReadOrder(order.ID).Status)

			exec(t, shop, "UPDATE payment_attempts SET lease_until = now() - interval '1 second'")
			_, err = shop.Pay(t.Context(), order.ID, "pm_card_visa")
			require.NoError(t, err)
			require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
			require.Len(t, shop.Stripe.Intents(), 1)
			require.EqualValues(t, 21599, captured(shop))
			require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM payment_attempts WHERE status = 'OPEN'"))
		})
	}
}
