package checkout_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

// paidUnheard is an order that Stripe was paid for, and the event that would tell the shop.
func paidUnheard(t *testing.T, shop *shoptest.Shop) (client.Order, stripesim.Event) {
	t.Helper()
	order := shop.Order(1, shop.Product(5))
	inBrowser(t, shop, ask(t, shop, order.ID), "pm_card_visa", http.StatusOK)
	events := of(shop, "payment_intent.succeeded")
	return order, events[len(events)-1]
}

func encoded(t *testing.T, event any) []byte {
	t.Helper()
	payload, err := json.Marshal(event)
	require.NoError(t, err)
	return payload
}

func TestAnEventWithoutAGoodSignatureChangesNothing(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	order, event := paidUnheard(t, shop)
	payload := encoded(t, event)
	now := time.Now()
	for name, signature := range map[string]string{
		"none":             "",
		"nonsense":         "t=,v1=",
		"no time":          "v1=" + stripesim.Signature(payload, shoptest.WebhookSecret, now)[len("t=1234567890,v1="):],
		"another secret":   stripesim.Signature(payload, "whsec_another", now),
		"another body":     stripesim.Signature(append([]byte(" "), payload...), shoptest.WebhookSecret, now),
		"six minutes old":  stripesim.Signature(payload, shoptest.WebhookSecret, now.Add(-6*time.Minute)),
		"six minutes away": stripesim.Signature(payload, shoptest.WebhookSecret, now.Add(6*time.Minute)),
	} {
		require.Equal(t, http.StatusBadRequest, post(t, shop, payload, signature), name)
	}
	require.Equal(t, client.PaymentStatusPENDING, shop.ReadOrder(order.ID).PaymentStatus)
	require.Empty(t, outcome(t, shop, event.ID))
	require.Equal(t, http.StatusOK, tell(t, shop, event), "the same event is taken once it is signed well")
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
}

func TestASignatureCoversEveryByte(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	order, event := paidUnheard(t, shop)
	indented, err := json.MarshalIndent(event, "  ", "\t")
	require.NoError(t, err)
	odd := bytes.ReplaceAll(append(indented, " \n\n"...), []byte(`"livemode"`), []byte(`"caf\u00e9": 1.0, "livemode"`))
	require.Equal(t, http.StatusOK, post(t, shop, odd, stripesim.Signature(odd, shoptest.WebhookSecret, time.Now())))
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
	require.Equal(t, odd, scan[[]byte](t, shop, "SELECT payload FROM webhook_events WHERE id = $1", event.ID))
}

func TestASignedBodyThatIsNoEventIsRefused(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	for _, body := range []string{
		"{", "[]", "null", "{}", `{"id":"evt_1"}`, `{"id":"evt_1","type":"payment_intent.succeeded","data":{}}`,
		`{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":[]}}`,
	} {
		payload := []byte(body)
		signature := stripesim.Signature(payload, shoptest.WebhookSecret, time.Now())
		require.Equal(t, http.StatusBadRequest, post(t, shop, payload, signature), body)
	}
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM webhook_events"))
}

func TestASecretIsRotatedWithoutLosingAnEvent(t *testing.T) {
	t.Parallel()
	const next = "whsec_next"
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithWebhookSecrets(shoptest.WebhookSecret, next))
	for _, secret := range []string{shoptest.WebhookSecret, next} {
		order, event := paidUnheard(t, shop)
		payload := encoded(t, event)
		require.Equal(t, http.StatusOK, post(t, shop, payload, stripesim.Signature(payload, secret, time.Now())))
		require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
	}
	payload := []byte(`{}`)
	require.Equal(t, http.StatusBadRequest, post(t, shop, payload, stripesim.Signature(payload, "whsec_former", time.Now())))
}

func TestAnEventOfNoInterestIsAcknowledged(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	for _, kind := range []string{"customer.created", "charge.dispute.created", "invented.by.stripe.tomorrow"} {
		event := shop.Stripe.EmitObject(kind, map[string]any{"id": "x_1", "object": "x"})
		drain(t, shop)
		require.Equal(t, "IGNORED", outcome(t, shop, event.ID))
	}
}

// An event written for another API version is signed, but its object is not believed.
func TestAnEventOfAnotherAPIVersionIsReadAnew(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	order, event := paidUnheard(t, shop)
	event.APIVersion = "2030-01-01"
	var object map[string]any
	require.NoError(t, json.Unmarshal(event.Data.Object, &object))
	object["amount"], object["status"] = 1, "canceled"
	event.Data.Object = encoded(t, object)
	require.Equal(t, http.StatusOK, tell(t, shop, event))
	require.Equal(t, "APPLIED", outcome(t, shop, event.ID))
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)

	event.ID, object["id"] = "evt_of_nothing", "pi_of_nobody"
	event.Data.Object = encoded(t, object)
	require.Equal(t, http.StatusOK, tell(t, shop, event), "asking Stripe again would not help")
	require.Equal(t, "SET_ASIDE", outcome(t, shop, event.ID))
}

func TestAnEventThatContradictsThePaymentIsSetAsideAndPaysNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]any){
		"amount":           func(o map[string]any) { o["amount"] = 1 },
		"currency":         func(o map[string]any) { o["currency"] = "jpy" },
		"intent":           func(o map[string]any) { o["id"] = "pi_another" },
		"livemode":         func(o map[string]any) { o["livemode"] = true },
		"event's livemode": func(map[string]any) {},
		"stranger":         func(o map[string]any) { o["id"], o["metadata"] = "pi_stranger", map[string]any{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := shoptest.New(t, shoptest.WithoutWebhooks())
			order, event := paidUnheard(t, shop)
			var object map[string]any
			require.NoError(t, json.Unmarshal(event.Data.Object, &object))
			change(object)
			event.Data.Object = encoded(t, object)
			event.Livemode = name == "event's livemode"
			for range 2 {
				require.Equal(t, http.StatusOK, tell(t, shop, event))
			}
			require.Equal(t, "SET_ASIDE", outcome(t, shop, event.ID))
			require.NotEmpty(t, scan[string](t, shop, "SELECT reason FROM webhook_events WHERE id = $1", event.ID))
			now := shop.ReadOrder(order.ID)
			require.Equal(t, client.OrderStatusPENDING, now.Status)
			require.Equal(t, client.PaymentStatusPENDING, now.PaymentStatus)
			require.EqualValues(t, 1, scan[int](t, shop, "SELECT count(*) FROM order_events"))
		})
	}
}

func TestAnEventIsTakenOnceWhateverItSaysLater(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	order, event := paidUnheard(t, shop)
	first := event
	first.Type = "customer.created"
	require.Equal(t, http.StatusOK, tell(t, shop, first))
	require.Equal(t, http.StatusOK, tell(t, shop, event))
	require.Equal(t, "IGNORED", outcome(t, shop, event.ID))
	require.Equal(t, client.PaymentStatusPENDING, shop.ReadOrder(order.ID).PaymentStatus)
	event.ID = "evt_of_its_own" // so that the books agree
	require.Equal(t, http.StatusOK, tell(t, shop, event))
}
