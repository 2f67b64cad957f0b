package checkout_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// replay has staff replay an event and answers what became of it.
func replay(t *testing.T, shop *shoptest.Shop, event string) client.StripeEvent {
	t.Helper()
	got, err := shop.Staff.ReplayStripeEventWithResponse(t.Context(), event, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
	return *got.JSON200
}

// state is all that events decide, but for when it was touched last.
func state(t *testing.T, shop *shoptest.Shop) map[string]string {
	t.Helper()
	now := map[string]string{}
	for _, table := range []string{
		"orders", "order_events", "payments", "payment_attempts", "refunds", "stock_levels", "stock_movements", "stock_reservations",
	} {
		now[table] = scan[string](t, shop, "SELECT coalesce(string_agg((to_jsonb(t) - 'updated_at')::text, chr(10) ORDER BY t::text), '') FROM "+table+" t")
	}
	now["jobs"] = scan[string](t, shop, "SELECT coalesce(string_agg(kind || args, chr(10) ORDER BY id), '') FROM river_job WHERE kind IN ('order_confirmation', 'payment_refund', 'payment_stop')")
	return now
}

func TestAnEventThatWasSetAsideTakesEffectOnceItCan(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	order, event := paidUnheard(t, shop)
	var object map[string]any
	require.NoError(t, json.Unmarshal(event.Data.Object, &object))
	object["amount"] = 1
	event.Data.Object = encoded(t, object)
	require.Equal(t, http.StatusOK, tell(t, shop, event))
	require.Equal(t, "SET_ASIDE", outcome(t, shop, event.ID))
	for turn := range int32(3) {
		replayed := replay(t, shop, event.ID)
		require.Equal(t, client.StripeEventOutcomeAPPLIED, replayed.Outcome, "Stripe is asked, and not what it said once")
		require.Nil(t, replayed.Reason)
		require.Equal(t, turn+1, replayed.ReplayCount)
		require.Equal(t, *shop.ReadOrder(order.ID).StripePaymentIntentID, *replayed.PaymentIntentID)
	}
	now := shop.ReadOrder(order.ID)
	require.Equal(t, client.OrderStatusCONFIRMED, now.Status)
	require.Equal(t, client.PaymentStatusPAID, now.PaymentStatus)

	stranger := shop.Stripe.EmitObject("payment_intent.succeeded", map[string]any{"id": "pi_of_nobody", "object": "payment_intent"})
	require.Equal(t, http.StatusOK, tell(t, shop, stranger))
	again := replay(t, shop, stranger.ID)
	require.Equal(t, client.StripeEventOutcomeSETASIDE, again.Outcome)
	require.Equal(t, "pi_of_nobody", *again.PaymentIntentID, "it is known what could not be had")
	require.Contains(t, *again.Reason, "knows no intent")
}

// eventful is a shop where much has happened, all of which it has heard of.
func eventful(t *testing.T, options ...shoptest.Option) *shoptest.Shop {
	t.Helper()
	shop := setup(t, options...)
	product := shop.Product(100)
	paid, parts, whole, cancelled := shop.Order(1, product), shop.Order(1, product), shop.Order(1, product), shop.Order(1, product)
	for _, order := range []client.Order{paid, parts, whole, cancelled} {
		_, err := shop.Pay(t.Context(), order.ID, "pm_card_chargeDeclined")
		require.NoError(t, err)
		pay(t, shop, order.ID, "pm_card_visa")
	}
	inDashboard(t, shop, *shop.ReadOrder(parts.ID).StripePaymentIntentID, "1000")
	inDashboard(t, shop, *shop.ReadOrder(whole.ID).StripePaymentIntentID, "")
	gone, err := shop.Staff.CancelOrderWithResponse(t.Context(), cancelled.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, gone.StatusCode(), string(gone.Body))
	becomes(t, shop, cancelled.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
	waiting, expired := shop.Order(1, product), shop.Order(1, product)
	pay(t, shop, waiting.ID, "pm_card_authenticationRequired")
	ask(t, shop, expired.ID)
	expire(t, shop, expired.ID)
	becomes(t, shop, expired.ID, client.OrderStatusCANCELLED, client.PaymentStatusPENDING)
	drain(t, shop)
	return shop
}

func TestReplayingAnyEventChangesNothingThatIsRight(t *testing.T) {
	t.Parallel()
	shop := eventful(t)
	before, events := state(t, shop), shop.Stripe.Events()
	require.Greater(t, len(events), 20)
	for turn := range 3 {
		if turn == 2 { // the inbox forgets what events said, and not what they were about
			exec(t, shop, "UPDATE webhook_events SET payload = '' WHERE intent_id IS NOT NULL")
		}
		rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		var refused atomic.Int32
		shoptest.Together(4, func(n int) {
			for i := n; i < len(events); i += 3 { // so that some are replayed by two at once
				got, err := shop.Staff.ReplayStripeEventWithResponse(t.Context(), events[i].ID, nil)
				if err != nil || got.StatusCode() != http.StatusOK || got.JSON200.Outcome == client.StripeEventOutcomeSETASIDE {
					refused.Add(1)
					t.Errorf("%s: %v %s", events[i].Type, err, got.Body)
				}
			}
		})
		require.Zero(t, refused.Load())
		for table, now := range state(t, shop) {
			require.Equal(t, before[table], now, "%s in turn %d", table, turn)
		}
	}
}

func TestAnEventIsReplayedWhileItsOrderIsPaidAndCancelled(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(100)
	for range 5 {
		order := shop.Order(1, product)
		_, err := shop.Pay(t.Context(), order.ID, "pm_card_chargeDeclined")
		require.NoError(t, err)
		drain(t, shop)
		events := of(shop, "payment_intent.payment_failed")
		event := events[len(events)-1].ID
		shoptest.Together(6, func(n int) {
			var status int
			switch n {
			case 0:
				paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
				require.NoError(t, err)
				status = paid.StatusCode()
			case 1:
				gone, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
				require.NoError(t, err)
				status = gone.StatusCode()
			default:
				replayed, err := shop.Staff.ReplayStripeEventWithResponse(t.Context(), event, nil)
				require.NoError(t, err)
				status = replayed.StatusCode()
			}
			if status != http.StatusOK && (n > 1 || status != http.StatusConflict) {
				t.Errorf("%d was answered %d", n, status)
			}
		})
	}
}

func TestAReplayThatStripeDoesNotAnswerLeavesTheEventAsItWas(t *testing.T) {
	t.Parallel()
	wire := &line{match: func(string) bool { return true }}
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(wire.front))
	order, event := paidUnheard(t, shop)
	event.Livemode = true
	require.Equal(t, http.StatusOK, tell(t, shop, event))
	row := func() string {
		return scan[string](t, shop, "SELECT webhook_events::text FROM webhook_events WHERE id = $1", event.ID)
	}
	before := row()
	wire.cut.Store(true)
	got, err := shop.Staff.ReplayStripeEventWithResponse(t.Context(), event.ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, got.StatusCode(), string(got.Body))
	require.Equal(t, before, row())
	wire.cut.Store(false)
	require.Equal(t, client.StripeEventOutcomeSETASIDE, replay(t, shop, event.ID).Outcome, "an event of real money stays one")
	require.Equal(t, client.PaymentStatusPENDING, shop.ReadOrder(order.ID).PaymentStatus)
	event.ID, event.Livemode = "evt_of_its_own", false // so that the books agree
	require.Equal(t, http.StatusOK, tell(t, shop, event))
}
