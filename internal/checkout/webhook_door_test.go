package checkout_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
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
		"{", "[]", "null", "{}", `{"id":"evt_1"}`, `{"type":"payment_intent.succeeded","data":{"object":{}}}`,
		`{"id":"evt_1","type":"payment_intent.succeeded","data":[]}`, `{"id":"evt 1","type":"x"}`, `{"id":"evt_1","type":"\u0000"}`,
		`{"id":"evt_` + strings.Repeat("1", 252) + `","type":"x"}`,
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
	require.Equal(t, "pi_of_nobody", scan[string](t, shop, "SELECT intent_id FROM webhook_events WHERE id = $1", event.ID))
}

func TestARefundOfAnotherAPIVersionIsReadAnew(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	pay(t, shop, order.ID, "pm_card_visa")
	drain(t, shop)
	shop.Stripe.SetWebhook("", "")
	inDashboard(t, shop, *shop.ReadOrder(order.ID).StripePaymentIntentID, "1000")
	event := of(shop, "charge.refunded")[0]
	event.APIVersion = "2030-01-01"
	var object map[string]any
	require.NoError(t, json.Unmarshal(event.Data.Object, &object))
	object["amount"], object["amount_refunded"], object["currency"] = "much", []int{21599}, nil
	event.Data.Object = encoded(t, object)
	require.Equal(t, http.StatusOK, tell(t, shop, event))
	require.Equal(t, "APPLIED", outcome(t, shop, event.ID))
	now := shop.ReadOrder(order.ID)
	require.Equal(t, client.PaymentStatusPARTIALLYREFUNDED, now.PaymentStatus)
	require.Equal(t, "10.00", now.RefundedAmount.String())
}

// What helps nobody when it is sent again is acknowledged and kept for a person.
func TestAnEventThatCanNeverBeAcceptedIsNoErrorOfOurs(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	const pinned, another = stripesim.APIVersion, "2030-01-01"
	const succeeded, refunded = "payment_intent.succeeded", "charge.refunded"
	for name, c := range map[string]struct{ version, kind, data, outcome string }{
		"another kind of name":      {another, succeeded, `{"object":{"id":7}}`, "SET_ASIDE"},
		"not even an object":        {another, succeeded, `{"object":[7]}`, "SET_ASIDE"},
		"nothing at all":            {another, succeeded, `{}`, "SET_ASIDE"},
		"no name there any more":    {another, refunded, `{"object":{"payment_intent":{}}}`, "SET_ASIDE"},
		"a charge without intent":   {another, refunded, `{"object":{"payment_intent":null}}`, "IGNORED"},
		"of no interest":            {another, "tomorrow", `{"object":{"id":7}}`, "IGNORED"},
		"a strange name":            {another, succeeded, `{"object":{"id":"../pi_1?x=/"}}`, "SET_ASIDE"},
		"a name that is no text":    {another, succeeded, `{"object":{"id":"pi_\u0000"}}`, "SET_ASIDE"},
		"an intent of another kind": {pinned, succeeded, `{"object":{"id":"pi_1","amount":"much"}}`, "SET_ASIDE"},
		"an amount that is none":    {pinned, succeeded, `{"object":{"id":"pi_1","amount":1,"currency":"isk"}}`, "SET_ASIDE"},
		"a list for an intent":      {pinned, succeeded, `{"object":[7]}`, "SET_ASIDE"},
		"no intent at all":          {pinned, succeeded, `{}`, "SET_ASIDE"},
		"no name in it":             {pinned, succeeded, `{"object":{}}`, "SET_ASIDE"},
		"a name of no text":         {pinned, succeeded, `{"object":{"id":"pi_\u0000","currency":"usd"}}`, "SET_ASIDE"},
		"a charge of another kind":  {pinned, refunded, `{"object":{"payment_intent":"pi_1","amount_refunded":"all"}}`, "SET_ASIDE"},
		"of no interest either":     {pinned, "tomorrow", `{"object":[7]}`, "IGNORED"},
	} {
		id := "evt_" + strings.ReplaceAll(name, " ", "_")
		payload := fmt.Appendf(nil, `{"id":%q,"type":%q,"api_version":%q,"data":%s}`, id, c.kind, c.version, c.data)
		for range 2 {
			signature := stripesim.Signature(payload, shoptest.WebhookSecret, time.Now())
			require.Equal(t, http.StatusOK, post(t, shop, payload, signature), name)
		}
		require.Equal(t, c.outcome, outcome(t, shop, id), name)
		require.Equal(t, payload, scan[[]byte](t, shop, "SELECT payload FROM webhook_events WHERE id = $1", id), "it is kept as it came")
	}
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM webhook_events WHERE outcome = 'SET_ASIDE' AND reason = ''"))
}

// What Stripe refuses to show, or shows without sense, is not asked for again and again.
func TestAnEventWhoseIntentCannotBeReadIsSetAside(t *testing.T) {
	t.Parallel()
	var answer atomic.Pointer[string]
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := answer.Load()
			if body == nil || r.Method != http.MethodGet {
				next.ServeHTTP(w, r)
				return
			}
			if strings.Contains(*body, "error") {
				w.WriteHeader(http.StatusBadRequest)
			}
			_, _ = w.Write([]byte(*body))
		})
	}))
	order, event := paidUnheard(t, shop)
	id := event.ID
	event.APIVersion = "2030-01-01"
	for name, body := range map[string]string{
		"refused": `{"error":{"type":"invalid_request_error"}}`, "senseless": `{"id":"pi_1","amount":1,"currency":"isk"}`,
	} {
		answer.Store(&body)
		event.ID = id + name
		require.Equal(t, http.StatusOK, tell(t, shop, event), name)
		require.Equal(t, "SET_ASIDE", outcome(t, shop, event.ID), name)
		require.Contains(t, scan[string](t, shop, "SELECT reason FROM webhook_events WHERE id = $1", event.ID), "cannot be read", name)
	}
	require.Equal(t, client.PaymentStatusPENDING, shop.ReadOrder(order.ID).PaymentStatus)
	answer.Store(nil)
	event.ID = id
	require.Equal(t, http.StatusOK, tell(t, shop, event))
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
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
