package stripesim_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
)

// form is order as bytes, for the raw answers.
func form(method string, extra ...string) url.Values {
	f := url.Values{
		"amount": {"1999"}, "currency": {"usd"}, "confirm": {"true"}, "payment_method": {method},
		"return_url": {"https://shop.example"}, "metadata[order_id]": {"o-1"}, "receipt_email": {"a@example.com"},
		"shipping[name]": {"A"}, "shipping[address][line1]": {"1 Way"}, "description": {"order"},
	}
	for i := 0; i+1 < len(extra); i += 2 {
		f.Set(extra[i], extra[i+1])
	}
	return f
}

func TestEveryAnswerHasThePublishedShape(t *testing.T) {
	t.Parallel()
	r := setup(t)
	const key, intents = "sk_test_x", "/v1/payment_intents"
	post := func(path string, f url.Values) string { return r.raw(t, http.MethodPost, path, key, f).body }
	get := func(path string) string { return r.raw(t, http.MethodGet, path, key, nil).body }
	id := func(body string) string {
		var object struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(body), &object))
		return object.ID
	}

	seen := map[string]bool{}
	intent := func(body, status string) string {
		t.Helper()
		assert.Contains(t, body, `"status": "`+status+`"`)
		conforms(t, "payment_intent", body)
		seen[status] = true
		return id(body)
	}
	paid := intent(post(intents, form("pm_card_visa")), "succeeded")
	intent(post(intents, url.Values{"amount": {"500"}, "currency": {"jpy"}}), "requires_payment_method")
	intent(post(intents, url.Values{"amount": {"500"}, "currency": {"kwd"}, "payment_method": {"pm_card_visa"}}), "requires_confirmation")
	redirected := intent(post(intents, form("pm_card_authenticationRequired")), "requires_action")
	intent(post(intents, form("pm_card_authenticationRequired", "return_url", "", "payment_method_types[]", "card")), "requires_action")
	bank := intent(post(intents, form("pm_usBankAccount")), "processing")
	held := intent(post(intents, form("pm_card_visa", "capture_method", "manual")), "requires_capture")
	intent(post(intents+"/"+held+"/cancel", url.Values{"cancellation_reason": {"duplicate"}}), "canceled")
	require.NoError(t, r.sim.Authenticate(redirected, false))
	intent(get(intents+"/"+redirected), "requires_payment_method")
	require.NoError(t, r.sim.FinishProcessing(bank, true))
	intent(get(intents+"/"+bank+"?expand[]=latest_charge&expand[]=payment_method"), "succeeded")
	assert.Len(t, seen, 7, "every status was met")
	for _, method := range []string{"riskLevelElevated", "cvcCheckFail", "cvcCheckFailElevatedRisk", "avsFail", "avsLine1Fail", "avsZipFail"} {
		intent(post(intents, form("pm_card_"+method)), "succeeded")
	}
	conforms(t, "error", post(intents, form("pm_card_riskLevelHighest")))
	conforms(t, "error", post(intents, form("pm_card_radarBlock")))

	declined := post(intents, form("pm_card_chargeDeclined"))
	conforms(t, "error", declined)
	conforms(t, "error", post(intents, url.Values{"amount": {"-1"}, "currency": {"usd"}}))
	conforms(t, "error", r.raw(t, http.MethodGet, intents, "", nil).body)
	conforms(t, "error", post(intents+"/"+paid+"/cancel", nil))

	conforms(t, "refund", post("/v1/refunds", url.Values{"payment_intent": {paid}, "amount": {"500"}, "reason": {"duplicate"}}))
	conforms(t, "refund", post("/v1/refunds", url.Values{"payment_intent": {bank}}))
	waiting := id(post("/v1/refunds", url.Values{"payment_intent": {intent(post(intents, form("pm_card_pendingRefund")), "succeeded")}}))
	require.NoError(t, r.sim.AskForRefund(waiting))
	conforms(t, "refund", get("/v1/refunds/"+waiting))
	conforms(t, "refund", post("/v1/refunds/"+waiting+"/cancel", nil))
	conforms(t, "error", post("/v1/refunds/"+waiting+"/cancel", nil))
	disputed := intent(post(intents, form("pm_card_createDispute")), "succeeded")
	conforms(t, "error", post("/v1/refunds", url.Values{"payment_intent": {disputed}}))
	intent(post(intents, form("pm_card_createDisputeInquiry")), "succeeded")
	for _, d := range r.sim.Disputes() {
		conforms(t, "dispute", get("/v1/disputes/"+d.ID+"?expand[]=charge&expand[]=payment_intent"))
		conforms(t, "dispute", post("/v1/disputes/"+d.ID, url.Values{"evidence[uncategorized_text]": {"winning_evidence"}}))
		conforms(t, "error", post("/v1/disputes/"+d.ID+"/close", nil))
	}
	for _, ch := range r.sim.Charges() {
		conforms(t, "charge", get("/v1/charges/"+ch.ID+"?expand[]=payment_intent&expand[]=refunds"))
	}
	owner := id(post("/v1/customers", url.Values{"email": {"a@example.com"}, "address[city]": {"Riga"}, "shipping[name]": {"A"}, "shipping[address][line1]": {"1 Way"}}))
	conforms(t, "customer", get("/v1/customers/"+owner))
	setup := func(status string, f url.Values) string {
		t.Helper()
		f.Set("customer", owner)
		body := post("/v1/setup_intents?expand[]=customer&expand[]=payment_method", f)
		assert.Contains(t, body, `"status": "`+status+`"`)
		conforms(t, "setup_intent", body)
		return id(body)
	}
	confirmed := func(method string) url.Values {
		return url.Values{"confirm": {"true"}, "payment_method": {method}, "return_url": {"https://shop.example"}}
	}
	setup("requires_payment_method", url.Values{"payment_method_types[]": {"card"}})
	setup("requires_confirmation", url.Values{"payment_method": {"pm_card_visa"}, "usage": {"on_session"}})
	setup("succeeded", confirmed("pm_card_visa"))
	waiting = setup("requires_action", confirmed("pm_card_authenticationRequired"))
	require.NoError(t, r.sim.Authenticate(waiting, false))
	conforms(t, "setup_intent", get("/v1/setup_intents/"+waiting))
	conforms(t, "setup_intent", post("/v1/setup_intents/"+waiting+"/cancel", url.Values{"cancellation_reason": {"abandoned"}}))
	conforms(t, "error", post("/v1/setup_intents/"+waiting+"/cancel", nil))
	conforms(t, "error", post("/v1/setup_intents", confirmed("pm_card_chargeDeclined")))
	saved := id(post("/v1/payment_methods/pm_card_visa/attach", url.Values{"customer": {owner}}))
	conforms(t, "payment_method", get("/v1/customers/"+owner+"/payment_methods/"+saved+"?expand[]=customer"))
	intent(post(intents+"?expand[]=customer", form(saved, "customer", owner, "setup_future_usage", "off_session")), "succeeded")
	require.NoError(t, r.sim.Renew(saved, 1, 2040))
	conforms(t, "payment_method", post("/v1/payment_methods/"+saved+"/detach", nil))
	conforms(t, "deleted_customer", r.raw(t, http.MethodDelete, "/v1/customers/"+owner, key, nil).body)
	conforms(t, "deleted_customer", get("/v1/customers/"+owner))
	conforms(t, "payment_method", get("/v1/payment_methods/pm_card_visa"))
	conforms(t, "payment_method", get("/v1/payment_methods/pm_usBankAccount"))
	conforms(t, "balance", get("/v1/balance"))
	for _, ev := range r.sim.Events() {
		conforms(t, "event", get("/v1/events/"+ev.ID))
		var object struct{ Object string }
		require.NoError(t, json.Unmarshal(ev.Data.Object, &object))
		conforms(t, object.Object, string(ev.Data.Object))
	}
}

// The client must decode what it asked to have expanded.
func TestExpandedObjectsDecode(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi := r.pay(t, "pm_card_visa")
	params := &stripe.PaymentIntentParams{}
	params.AddExpand("latest_charge.refunds")
	params.AddExpand("payment_method")
	_, err := r.refund(pi.ID, 100)
	require.NoError(t, err)
	pi, err = r.api.PaymentIntents.Get(pi.ID, params)
	require.NoError(t, err)
	assert.Equal(t, int64(100), pi.LatestCharge.Refunds.Data[0].Amount)
	assert.Equal(t, "4242", pi.PaymentMethod.Card.Last4)
}
