package stripesim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBadParametersAreNamedAndChangeNothing(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for change, want := range map[string]struct{ code, param string }{
		"amount=":                         {"parameter_invalid_empty", "amount"},
		"amount=-5":                       {"parameter_invalid_integer", "amount"},
		"amount=0":                        {"parameter_invalid_integer", "amount"},
		"amount=19.99":                    {"parameter_invalid_integer", "amount"},
		"amount=9223372036854775808":      {"parameter_invalid_integer", "amount"},
		"amount=49":                       {"amount_too_small", "amount"},
		"amount=100000000":                {"amount_too_large", "amount"},
		"amount=1995&currency=kwd":        {"parameter_invalid_integer", "amount"},
		"amount=1950&currency=isk":        {"parameter_invalid_integer", "amount"},
		"currency=xxx":                    {"", "currency"},
		"currency=":                       {"parameter_missing", "currency"},
		"surprise=1":                      {"parameter_unknown", "surprise"},
		"automatic_payment_methods[on]=1": {"parameter_unknown", "automatic_payment_methods[on]"},
		"metadata[a][b]=1":                {"parameter_unknown", "metadata[a][b]"},
		"confirm=yes":                     {"", "confirm"},
		"capture_method=later":            {"", "capture_method"},
		"receipt_email=nobody":            {"email_invalid", "receipt_email"},
		"confirm=true&return_url=shop":    {"url_invalid", "return_url"},
		"confirm=true&return_url=javascript:alert(1)": {"url_invalid", "return_url"},
		"return_url=https://shop.example":             {"", "return_url"},
		"transfer_data[destination]=acct_1":           {"", "transfer_data"},
		"expand[]=invoice":                            {"", "expand"},
		"customer=me":                                 {"resource_missing", "customer"},
		"shipping[name]=A":                            {"parameter_missing", "shipping[address]"},
		"metadata[k]=" + strings.Repeat("v", 501):     {"", "metadata[k]"},
	} {
		form, err := url.ParseQuery("amount=1999&currency=usd")
		assert.NoError(t, err)
		override, err := url.ParseQuery(change)
		assert.NoError(t, err)
		for name, values := range override {
			form[name] = values
		}
		got := r.raw(t, http.MethodPost, "/v1/payment_intents", "sk_test_x", form)
		assert.Equal(t, http.StatusBadRequest, got.status, change)
		assert.Contains(t, got.body, `"type": "invalid_request_error"`, change)
		assert.Contains(t, got.body, `"param": "`+want.param+`"`, change)
		if want.code != "" {
			assert.Contains(t, got.body, `"code": "`+want.code+`"`, change)
		}
	}
	assert.Empty(t, r.sim.Intents())
	assert.Empty(t, r.sim.Events())
}

func TestOnlyATestKeyOfThisVersionIsServed(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, key := range []string{"", "sk_live_abcdef", "nonsense"} {
		got := r.raw(t, http.MethodGet, "/v1/payment_intents", key, nil)
		assert.Equal(t, http.StatusUnauthorized, got.status)
		assert.Contains(t, got.body, `"error"`)
		assert.NotContains(t, got.body, "abcdef")
	}
	old := r.raw(t, http.MethodGet, "/v1/payment_intents", "sk_test_x", nil, "Stripe-Version", "2019-01-01")
	assert.Equal(t, http.StatusBadRequest, old.status)
	good := r.raw(t, http.MethodGet, "/v1/payment_intents", "sk_test_x", nil, "Stripe-Version", "2023-10-16")
	assert.Equal(t, http.StatusOK, good.status)
	assert.Equal(t, "application/json", good.header.Get("Content-Type"))
	assert.Equal(t, "2023-10-16", good.header.Get("Stripe-Version"))
	assert.Equal(t, http.StatusNotFound, r.raw(t, http.MethodGet, "/v1/nothing", "sk_test_x", nil).status)
	assert.Equal(t, http.StatusNotFound, r.raw(t, http.MethodDelete, "/v1/refunds", "sk_test_x", nil).status)
}

func TestTheOverviewEscapesWhatItShows(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi := r.pay(t, "pm_card_visa")
	page := r.raw(t, http.MethodGet, "/", "", nil)
	assert.Equal(t, http.StatusOK, page.status)
	assert.Contains(t, page.body, pi.ID)
	assert.NotContains(t, page.body, pi.ClientSecret)
	assert.Contains(t, page.header.Get("Content-Security-Policy"), "default-src 'none'")
}
