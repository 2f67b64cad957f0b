package stripesim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
)

func TestAuthenticationStandsBetweenConfirmationAndMoney(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi := r.pay(t, "pm_card_authenticationRequired")
	assert.Equal(t, stripe.PaymentIntentStatusRequiresAction, pi.Status)
	assert.Equal(t, stripe.PaymentIntentNextActionType("redirect_to_url"), pi.NextAction.Type)
	assert.Equal(t, "https://shop.example/back?cart=1", pi.NextAction.RedirectToURL.ReturnURL)
	assert.Empty(t, r.sim.Charges(), "nothing is charged before the customer agrees")

	path := strings.TrimPrefix(pi.NextAction.RedirectToURL.URL, r.url)
	page := r.raw(t, http.MethodGet, path, "", nil)
	assert.Equal(t, http.StatusOK, page.status)
	assert.Contains(t, page.header.Get("Content-Security-Policy"), "default-src 'none'")
	assert.Equal(t, http.StatusNotFound, r.raw(t, http.MethodPost, path+"x", "", url.Values{"outcome": {"complete"}}).status, "the link is the right")

	done := r.raw(t, http.MethodPost, path, "", url.Values{"outcome": {"complete"}})
	assert.Equal(t, http.StatusSeeOther, done.status)
	back, err := url.Parse(done.header.Get("Location"))
	require.NoError(t, err)
	assert.Equal(t, "shop.example", back.Host)
	assert.Equal(t, "1", back.Query().Get("cart"))
	assert.Equal(t, pi.ID, back.Query().Get("payment_intent"))
	assert.Equal(t, "succeeded", back.Query().Get("redirect_status"))
	assert.Equal(t, int64(1999), r.sim.Totals()["usd"].Captured)
	assert.Equal(t, http.StatusNotFound, r.raw(t, http.MethodPost, path, "", url.Values{"outcome": {"complete"}}).status, "a link decides once")
	assert.Equal(t, []string{"payment_intent.created", "payment_intent.requires_action", "charge.succeeded", "payment_intent.succeeded"}, eventTypes(r.sim))
}

func TestFailedAuthenticationAsksForAnotherMethod(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi := r.pay(t, "pm_card_threeDSecure2Required")
	require.NoError(t, r.sim.Authenticate(pi.ID, false))
	require.Error(t, r.sim.Authenticate(pi.ID, true))
	pi, err := r.api.PaymentIntents.Get(pi.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, stripe.PaymentIntentStatusRequiresPaymentMethod, pi.Status)
	assert.Equal(t, stripe.ErrorCode("payment_intent_authentication_failure"), pi.LastPaymentError.Code)
	assert.Empty(t, r.sim.Charges())
}

func TestAnIssuerMayDeclineAfterAuthentication(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi := r.pay(t, "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds")
	require.NoError(t, r.sim.Authenticate(pi.ID, true))
	got, _ := r.sim.Intent(pi.ID)
	assert.Equal(t, "requires_payment_method", got.Status)
	assert.Equal(t, "insufficient_funds", got.LastPaymentError.DeclineCode)
}

func TestAnAbsentCustomerCannotAuthenticate(t *testing.T) {
	t.Parallel()
	r := setup(t)
	params := order("pm_card_authenticationRequired")
	params.OffSession = stripe.Bool(true)
	_, err := r.api.PaymentIntents.New(params)
	assert.Equal(t, stripe.DeclineCodeAuthenticationRequired, refused(t, err).DeclineCode)

	params = order("pm_card_authenticationRequired")
	params.ErrorOnRequiresAction = stripe.Bool(true)
	_, err = r.api.PaymentIntents.New(params)
	assert.Equal(t, "error_on_requires_action", refused(t, err).Param, "not beside automatic methods")
	params.AutomaticPaymentMethods, params.PaymentMethodTypes = nil, stripe.StringSlice([]string{"card"})
	_, err = r.api.PaymentIntents.New(params)
	assert.Equal(t, stripe.ErrorCode("authentication_required"), refused(t, err).Code)
}

func TestManualConfirmationWaitsForTheServerAgain(t *testing.T) {
	t.Parallel()
	r := setup(t)
	params := order("pm_card_authenticationRequired")
	params.AutomaticPaymentMethods, params.ConfirmationMethod = nil, stripe.String("manual")
	pi, err := r.api.PaymentIntents.New(params)
	require.NoError(t, err)
	require.NoError(t, r.sim.Authenticate(pi.ID, true))
	got, _ := r.sim.Intent(pi.ID)
	assert.Equal(t, "requires_confirmation", got.Status)
	pi, err = r.api.PaymentIntents.Confirm(pi.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
}

func TestABrowserConfirmsWithTheClientSecretAndSeesOnlyItsShare(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi, err := r.api.PaymentIntents.New(&stripe.PaymentIntentParams{
		Amount: stripe.Int64(1999), Currency: stripe.String("usd"), Metadata: map[string]string{"order_id": "o-1"},
	})
	require.NoError(t, err)
	path := "/v1/payment_intents/" + pi.ID
	secret := url.Values{"client_secret": {pi.ClientSecret}}
	seen := r.raw(t, http.MethodGet, path, "pk_test_shop", secret)
	assert.Equal(t, http.StatusOK, seen.status)
	assert.NotContains(t, seen.body, "order_id")
	assert.NotContains(t, seen.body, "latest_charge")

	assert.Equal(t, http.StatusBadRequest, r.raw(t, http.MethodGet, path, "pk_test_shop", nil).status)
	assert.Equal(t, http.StatusBadRequest, r.raw(t, http.MethodGet, path, "pk_test_shop", url.Values{"client_secret": {"wrong"}}).status)
	assert.Equal(t, http.StatusUnauthorized, r.raw(t, http.MethodPost, path+"/cancel", "pk_test_shop", secret).status)
	assert.Equal(t, http.StatusUnauthorized, r.raw(t, http.MethodGet, "/v1/payment_intents", "pk_test_shop", nil).status)

	confirm := url.Values{
		"client_secret": {pi.ClientSecret}, "payment_method": {"pm_card_chargeDeclined"}, "key": {"pk_test_shop"},
		"use_stripe_sdk": {"true"},
	}
	declined := r.raw(t, http.MethodPost, path+"/confirm", "", confirm)
	assert.Equal(t, http.StatusPaymentRequired, declined.status)
	assert.NotContains(t, declined.body, "order_id", "an error shows no more than an answer")
	confirm.Set("payment_method", "pm_card_visa")
	assert.Equal(t, http.StatusOK, r.raw(t, http.MethodPost, path+"/confirm", "", confirm).status)
	assert.Equal(t, int64(1999), r.sim.Totals()["usd"].Captured)
}
