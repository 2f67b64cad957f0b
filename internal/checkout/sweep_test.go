package checkout_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments"
)

// listing stands before Stripe, hears how a list is asked for, and may refuse to answer.
type listing struct {
	path   string // of the list; "" is that of events
	mu     sync.Mutex
	heard  []url.Values
	refuse func(url.Values) bool
}

func (l *listing) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == cmp.Or(l.path, "/v1/events") {
			l.mu.Lock()
			l.heard = append(l.heard, r.URL.Query())
			refuse := l.refuse != nil && l.refuse(r.URL.Query())
			l.mu.Unlock()
			if refuse {
				w.WriteHeader(http.StatusTooManyRequests)
				_, _ = w.Write([]byte(`{"error":{"type":"invalid_request_error","code":"rate_limit"}}`))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// position is how far events were swept; "" before they ever were.
func position(t *testing.T, shop *shoptest.Shop) string {
	t.Helper()
	return scan[string](t, shop, "SELECT coalesce((SELECT swept_until::text FROM sweeps), '')")
}

// source is how an event got here.
func source(t *testing.T, shop *shoptest.Shop, event string) string {
	t.Helper()
	return scan[string](t, shop, "SELECT source FROM webhook_events WHERE id = $1", event)
}

func TestEventsThatNeverCameAreFetched(t *testing.T) {
	t.Parallel()
	stripe := &listing{refuse: func(asked url.Values) bool { return asked.Get("starting_after") != "" }}
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(stripe.front))
	require.NoError(t, shop.CatchUp(t.Context()))
	require.Empty(t, stripe.heard, "nothing is about a shop where nobody paid")

	came, delivered := paidUnheard(t, shop)
	require.Equal(t, http.StatusOK, tell(t, shop, delivered))
	missed, succeeded := paidUnheard(t, shop)
	given, _ := paidUnheard(t, shop)
	inDashboard(t, shop, *shop.ReadOrder(given.ID).StripePaymentIntentID, "1000")
	for i := range 120 {
		shop.Stripe.EmitObject("payment_intent.canceled", map[string]any{"id": fmt.Sprintf("pi_of_nobody_%d", i), "currency": "usd"})
	}
	shop.Stripe.EmitObject("customer.created", map[string]any{"id": "cus_1"})

	require.ErrorIs(t, shop.CatchUp(t.Context()), payments.ErrUnavailable)
	require.Empty(t, position(t, shop), "the second page is missing")
	stripe.refuse = nil
	exec(t, shop, "ALTER TABLE webhook_events ADD CONSTRAINT stuck CHECK (id <> '"+succeeded.ID+"')")
	require.ErrorContains(t, shop.CatchUp(t.Context()), succeeded.ID)
	require.Empty(t, position(t, shop), "one is missing")
	require.Equal(t, client.PaymentStatusPARTIALLYREFUNDED, shop.ReadOrder(given.ID).PaymentStatus, "which keeps no other")
	exec(t, shop, "ALTER TABLE webhook_events DROP CONSTRAINT stuck")
	began := time.Now()
	require.NoError(t, shop.CatchUp(t.Context()))
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(missed.ID).PaymentStatus)
	require.Equal(t, client.PaymentStatusPARTIALLYREFUNDED, shop.ReadOrder(given.ID).PaymentStatus)
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(came.ID).PaymentStatus)
	require.Equal(t, []string{"SWEPT", "DELIVERED"}, []string{source(t, shop, succeeded.ID), source(t, shop, delivered.ID)})
	require.Equal(t, 120, scan[int](t, shop, "SELECT count(*) FROM webhook_events WHERE outcome = 'SET_ASIDE' AND source = 'SWEPT'"))
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM webhook_events WHERE type = 'customer.created'"))
	require.WithinDuration(t, began, scan[time.Time](t, shop, "SELECT swept_until FROM sweeps"), time.Minute)

	before, asked, events := state(t, shop), len(stripe.heard), scan[int](t, shop, "SELECT count(*) FROM webhook_events")
	require.NoError(t, shop.CatchUp(t.Context()))
	require.Greater(t, len(stripe.heard), asked)
	require.Equal(t, before, state(t, shop))
	require.Equal(t, events, scan[int](t, shop, "SELECT count(*) FROM webhook_events"))
}

func TestASweepGoesThroughDayAfterDayAndNotFurtherBackThanStripe(t *testing.T) {
	t.Parallel()
	stripe := &listing{}
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(stripe.front))
	const day = 24 * 60 * 60
	for _, c := range []struct{ away, spans, back int64 }{{5, 6, 5*day + 3600}, {40, 30, 30 * day}} {
		exec(t, shop, `INSERT INTO sweeps VALUES ('events', now() - $1::int * interval '1 day')
			ON CONFLICT (name) DO UPDATE SET swept_until = excluded.swept_until`, c.away)
		stripe.heard = nil
		require.NoError(t, shop.CatchUp(t.Context()))
		require.Len(t, stripe.heard, int(c.spans), "the last may be a moment")
		until := time.Now().Unix() - c.back
		for i, asked := range stripe.heard {
			from, err := strconv.ParseInt(asked.Get("created[gte]"), 10, 64)
			require.NoError(t, err)
			to, err := strconv.ParseInt(asked.Get("created[lte]"), 10, 64)
			require.NoError(t, err)
			if i == 0 {
				require.InDelta(t, until, from, 60)
			} else {
				require.InDelta(t, until-3600, from, 1, "an hour again")
			}
			require.LessOrEqual(t, to-from, int64(day+3600))
			until = to
		}
		require.InDelta(t, time.Now().Unix(), until, 60)
	}
}

func TestEventsAreSweptWhileTheyAreDelivered(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	product := shop.Product(100)
	for range 4 {
		order := shop.Order(1, product)
		intent := ask(t, shop, order.ID)
		inBrowser(t, shop, intent, "pm_card_chargeDeclined", http.StatusPaymentRequired)
		inBrowser(t, shop, intent, "pm_card_visa", http.StatusOK)
	}
	events := of(shop, "payment_intent.payment_failed", "payment_intent.succeeded")
	require.Len(t, events, 8)
	var failed atomic.Int32
	shoptest.Together(12, func(n int) {
		switch {
		case n >= 8 && shop.CatchUp(t.Context()) != nil, n < 8 && tell(t, shop, events[n]) != http.StatusOK:
			failed.Add(1)
		}
	})
	require.Zero(t, failed.Load())
	require.Equal(t, 4, scan[int](t, shop, "SELECT count(*) FROM orders WHERE payment_status = 'PAID'"))
	require.Equal(t, 8, scan[int](t, shop, "SELECT count(*) FROM webhook_events WHERE intent_id IS NOT NULL AND outcome = 'APPLIED'"))
}

func TestWhatCameOfATryWhoseAnswerWasLostIsFoundOut(t *testing.T) {
	t.Parallel()
	wire := &line{match: confirming}
	stripe := &listing{refuse: func(url.Values) bool { return true }} // no event tells either
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(func(next http.Handler) http.Handler {
		return stripe.front(wire.front(next))
	}))
	product := shop.Product(5)
	paid, declined, held := shop.Order(1, product), shop.Order(1, product), shop.Order(1, product)
	wire.cut.Store(true)
	unavailable(t, shop, paid.ID, "pm_card_visa")
	unavailable(t, shop, declined.ID, "pm_card_chargeDeclined")
	unavailable(t, shop, held.ID, "pm_card_visa")
	wire.cut.Store(false)
	lease := func(until string) {
		exec(t, shop, `UPDATE payment_attempts a SET lease_until = `+until+` FROM payments p WHERE p.id = a.payment_id AND p.order_id = $1`, held.ID)
	}
	lease("now() + interval '1 minute'")
	require.ErrorIs(t, shop.CatchUp(t.Context()), payments.ErrUnavailable)
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(paid.ID).PaymentStatus)
	require.Equal(t, client.PaymentStatusFAILED, shop.ReadOrder(declined.ID).PaymentStatus)
	require.Equal(t, client.PaymentStatusPENDING, shop.ReadOrder(held.ID).PaymentStatus, "its request may still be told")
	lease("now()")
	require.ErrorIs(t, shop.CatchUp(t.Context()), payments.ErrUnavailable)
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(held.ID).PaymentStatus)
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM payment_attempts WHERE status = 'OPEN'"))
	require.True(t, pay(t, shop, declined.ID, "pm_card_visa").Success)
	require.EqualValues(t, 3*21599, captured(shop))
}
