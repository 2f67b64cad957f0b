package stripesim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"cartwright/internal/payments/stripesim"
)

const secret = "whsec_test"

// receiver verifies every webhook as the shop does; answer may refuse some.
type receiver struct {
	url    string
	events chan stripe.Event
	tries  atomic.Int64
}

func receive(t *testing.T, answer func(try int64) int) *receiver {
	t.Helper()
	rec := &receiver{events: make(chan stripe.Event, 1000)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		event, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), secret)
		assert.NoError(t, err)
		status := answer(rec.tries.Add(1))
		if status == http.StatusOK {
			rec.events <- event
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(srv.Close)
	rec.url = srv.URL
	return rec
}

func always(int64) int { return http.StatusOK }

func (rec *receiver) types(t *testing.T, n int) []string {
	t.Helper()
	ctx := within(t)
	var types []string
	for range n {
		select {
		case ev := <-rec.events:
			types = append(types, string(ev.Type))
		case <-ctx.Done():
			t.Fatalf("only %v arrived", types)
		}
	}
	return types
}

func hooked(rec *receiver, delivery stripesim.Delivery) func(*stripesim.Config) {
	return func(cfg *stripesim.Config) {
		cfg.WebhookURL, cfg.WebhookSecret, cfg.Delivery = rec.url, secret, delivery
	}
}

func TestEventsArriveSignedAndInOrder(t *testing.T) {
	t.Parallel()
	rec := receive(t, always)
	r := setup(t, hooked(rec, stripesim.Delivery{}))
	pi := r.pay(t, "pm_card_visa")
	_, err := r.refund(pi.ID, 100)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "refund.created", "charge.refunded",
	}, rec.types(t, 5))
	require.NoError(t, r.sim.Drain(within(t)))
	assert.Zero(t, r.sim.Events()[4].PendingWebhooks)
}

func TestAnEventHoldsTheObjectAsItWas(t *testing.T) {
	t.Parallel()
	rec := receive(t, always)
	r := setup(t, hooked(rec, stripesim.Delivery{}))
	pi := r.pay(t, "pm_card_authenticationRequired")
	require.NoError(t, r.sim.Authenticate(pi.ID, true))
	ctx := within(t)
	want := []string{"requires_confirmation", "requires_action", "", "succeeded"}
	for _, status := range want {
		select {
		case ev := <-rec.events:
			assert.False(t, ev.Livemode)
			assert.Equal(t, stripe.APIVersion, ev.APIVersion)
			if status == "" {
				continue
			}
			var in stripe.PaymentIntent
			require.NoError(t, json.Unmarshal(ev.Data.Raw, &in))
			assert.Equal(t, status, string(in.Status))
			assert.Equal(t, "o-1", in.Metadata["order_id"])
		case <-ctx.Done():
			t.Fatal("events are missing")
		}
	}
}

func TestAReceiverThatWasDownGetsEverythingInOrder(t *testing.T) {
	t.Parallel()
	rec := receive(t, func(try int64) int {
		if try <= 3 {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	r := setup(t, hooked(rec, stripesim.Delivery{Backoff: time.Millisecond}))
	r.pay(t, "pm_card_visa")
	assert.Equal(t, []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}, rec.types(t, 3))
	assert.Equal(t, int64(6), rec.tries.Load())
}

func TestADeadReceiverIsGivenUpAndNeverDelaysAnAnswer(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	t.Cleanup(func() { close(hang); srv.Close() })
	r := setup(t, func(cfg *stripesim.Config) { cfg.WebhookURL = srv.URL })
	r.pay(t, "pm_card_visa") // answers although the receiver hangs, and Close does not wait for it

	rec := receive(t, func(int64) int { return http.StatusTeapot })
	r = setup(t, hooked(rec, stripesim.Delivery{Attempts: 2, Backoff: time.Millisecond}))
	r.pay(t, "pm_card_visa")
	require.NoError(t, r.sim.Drain(within(t)))
	assert.Equal(t, int64(6), rec.tries.Load())
}

func TestTheQueueIsBounded(t *testing.T) {
	t.Parallel()
	open, entered := make(chan struct{}), make(chan struct{}, 100)
	rec := receive(t, func(int64) int { entered <- struct{}{}; <-open; return http.StatusOK })
	r := setup(t, hooked(rec, stripesim.Delivery{Queue: 2}))
	r.pay(t, "pm_card_visa")
	<-entered
	for range 5 {
		r.pay(t, "pm_card_visa")
	}
	close(open)
	require.NoError(t, r.sim.Drain(within(t)))
	assert.LessOrEqual(t, rec.tries.Load(), int64(6))
	assert.Len(t, r.sim.Events(), 18, "all are recorded")
}

func TestEventsCanBeDuplicatedResentAndForged(t *testing.T) {
	t.Parallel()
	rec := receive(t, always)
	r := setup(t, func(cfg *stripesim.Config) { cfg.Delivery.Duplicates = 1 })
	pi := r.pay(t, "pm_card_visa")
	require.NoError(t, r.sim.Drain(within(t)))
	r.sim.SetWebhook(rec.url, secret)

	require.NoError(t, r.sim.Resend(r.sim.Events()[2].ID))
	_, err := r.sim.Emit("payment_intent.payment_failed", pi.ID)
	require.NoError(t, err)
	wrong, _ := r.sim.Intent(pi.ID)
	wrong.Amount = 1
	r.sim.EmitObject("payment_intent.succeeded", wrong)
	assert.Equal(t, []string{
		"payment_intent.succeeded", "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.payment_failed",
		"payment_intent.succeeded", "payment_intent.succeeded",
	}, rec.types(t, 6))
	require.Error(t, r.sim.Resend("evt_nope"))
	_, err = r.sim.Emit("payment_intent.succeeded", "pi_nope")
	require.Error(t, err)
}
