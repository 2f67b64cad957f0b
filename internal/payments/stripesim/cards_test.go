package stripesim_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments/stripesim"
)

func (r rig) customer(t *testing.T) string {
	t.Helper()
	made, err := r.api.Customers.New(&stripe.CustomerParams{Metadata: map[string]string{"customer_id": "c-1"}})
	require.NoError(t, err)
	return made.ID
}

// keep is the setup of a card, confirmed at once.
func keep(customer, method string) *stripe.SetupIntentParams {
	return &stripe.SetupIntentParams{
		Customer: &customer, PaymentMethod: &method, Confirm: stripe.Bool(true),
		ReturnURL:               stripe.String("https://shop.example/back?cart=1"),
		AutomaticPaymentMethods: &stripe.SetupIntentAutomaticPaymentMethodsParams{Enabled: stripe.Bool(true)},
	}
}

// kept is the name of a card that the customer keeps.
func (r rig) kept(t *testing.T, customer, method string) string {
	t.Helper()
	made, err := r.api.SetupIntents.New(keep(customer, method))
	require.NoError(t, err)
	if made.Status == stripe.SetupIntentStatusRequiresAction {
		require.NoError(t, r.sim.Authenticate(made.ID, true))
	}
	return made.PaymentMethod.ID
}

// orderOf is an order of a customer's.
func orderOf(customer, method string) *stripe.PaymentIntentParams {
	params := order(method)
	params.Customer = &customer
	return params
}

func (r rig) saved(customer string) (ids []string) {
	for _, method := range r.sim.Saved(customer) {
		ids = append(ids, method.ID)
	}
	return ids
}

func TestAKeptCardIsChargedAgainAndForItsCustomerAlone(t *testing.T) {
	t.Parallel()
	r := setup(t)
	owner, other := r.customer(t), r.customer(t)
	card := r.kept(t, owner, "pm_card_visa")
	assert.Equal(t, []string{"customer.created", "customer.created", "setup_intent.created", "payment_method.attached", "setup_intent.succeeded"}, eventTypes(r.sim))
	for range 2 {
		_, err := r.api.PaymentIntents.New(orderOf(owner, card))
		require.NoError(t, err)
	}
	_, err := r.api.PaymentIntents.New(orderOf(other, card))
	assert.Equal(t, stripe.ErrorCodeResourceMissing, refused(t, err).Code)
	_, err = r.api.PaymentIntents.New(order(card))
	assert.Contains(t, refused(t, err).Msg, "belongs to the Customer")
	_, err = r.api.SetupIntents.New(keep(other, card))
	assert.Equal(t, "payment_method", refused(t, err).Param)
	_, err = r.api.PaymentMethods.Attach(card, &stripe.PaymentMethodAttachParams{Customer: &other})
	assert.Contains(t, refused(t, err).Msg, "already been attached")
	_, err = r.api.Customers.RetrievePaymentMethod(card, &stripe.CustomerRetrievePaymentMethodParams{Customer: &other})
	assert.Equal(t, http.StatusNotFound, refused(t, err).HTTPStatusCode)

	for _, card := range []string{card, r.kept(t, owner, "pm_card_visa")} {
		detached, err := r.api.PaymentMethods.Detach(card, nil)
		require.NoError(t, err)
		assert.Nil(t, detached.Customer)
		_, again := r.api.PaymentMethods.Detach(card, nil)
		assert.Contains(t, refused(t, again).Msg, "detachment is impossible")
		_, pay := r.api.PaymentIntents.New(orderOf(owner, card))
		_, guest := r.api.PaymentIntents.New(order(card))
		_, attach := r.api.PaymentMethods.Attach(card, &stripe.PaymentMethodAttachParams{Customer: &owner})
		for _, err := range []error{pay, guest, attach} {
			assert.Contains(t, refused(t, err).Msg, "may not be used again")
		}
	}
	assert.Equal(t, int64(2*1999), r.sim.Totals()["usd"].Captured)
}

func TestAMethodThatNobodyKeepsIsSpentByOnePayment(t *testing.T) {
	t.Parallel()
	r := setup(t)
	owner := r.customer(t)
	once, err := r.api.PaymentIntents.New(orderOf(owner, "pm_card_visa"))
	require.NoError(t, err)
	assert.Empty(t, r.saved(owner), "a payment keeps nothing unasked")
	_, err = r.api.PaymentIntents.New(orderOf(owner, once.PaymentMethod.ID))
	assert.Contains(t, refused(t, err).Msg, "may not be used again")
}

func TestAPaymentKeepsItsMethodOnceItSucceeds(t *testing.T) {
	t.Parallel()
	r := setup(t)
	owner := r.customer(t)
	params := orderOf(owner, "pm_card_authenticationRequired")
	params.SetupFutureUsage = stripe.String("off_session")
	waits, err := r.api.PaymentIntents.New(params)
	require.NoError(t, err)
	assert.Empty(t, r.saved(owner))
	require.NoError(t, r.sim.Authenticate(waits.ID, true))
	assert.Equal(t, []string{waits.PaymentMethod.ID}, r.saved(owner))
	assert.Equal(t, []string{"payment_method.attached", "charge.succeeded", "payment_intent.succeeded"}, eventTypes(r.sim)[3:])

	params.PaymentMethod = stripe.String("pm_card_chargeDeclined")
	_, err = r.api.PaymentIntents.New(params)
	declined := refused(t, err).PaymentIntent
	assert.Len(t, r.saved(owner), 1, "a declined card is not kept")
	_, err = r.api.PaymentIntents.Confirm(declined.ID, &stripe.PaymentIntentConfirmParams{
		PaymentMethod: stripe.String("pm_card_visa"), SetupFutureUsage: stripe.String(""), ReturnURL: params.ReturnURL,
	})
	require.NoError(t, err)
	assert.Len(t, r.saved(owner), 1, "nor one that is not to be kept any more")
}

func TestASetupWaitsForTheBankAsAPaymentDoes(t *testing.T) {
	t.Parallel()
	r := setup(t)
	owner := r.customer(t)
	waits, err := r.api.SetupIntents.New(keep(owner, "pm_card_authenticationRequired"))
	require.NoError(t, err)
	assert.Equal(t, stripe.SetupIntentStatusRequiresAction, waits.Status)
	path := strings.TrimPrefix(waits.NextAction.RedirectToURL.URL, r.url)
	assert.Contains(t, r.raw(t, http.MethodGet, path, "", nil).body, "a card to be kept")
	assert.Contains(t, r.raw(t, http.MethodGet, "/", "", nil).body, waits.ID)
	assert.Equal(t, http.StatusNotFound, r.raw(t, http.MethodPost, path+"x", "", url.Values{"outcome": {"complete"}}).status, "the link is the right")
	done := r.raw(t, http.MethodPost, path, "", url.Values{"outcome": {"complete"}})
	back, err := url.Parse(done.header.Get("Location"))
	require.NoError(t, err)
	assert.Equal(t, waits.ID, back.Query().Get("setup_intent"))
	assert.Equal(t, waits.ClientSecret, back.Query().Get("setup_intent_client_secret"))
	assert.Equal(t, "succeeded", back.Query().Get("redirect_status"))
	assert.Len(t, r.saved(owner), 1)
	assert.Empty(t, r.sim.Charges())

	waits, err = r.api.SetupIntents.New(keep(owner, "pm_card_authenticationRequired"))
	require.NoError(t, err)
	require.NoError(t, r.sim.Authenticate(waits.ID, false))
	require.Error(t, r.sim.Authenticate(waits.ID, true))
	waits, err = r.api.SetupIntents.Get(waits.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, stripe.SetupIntentStatusRequiresPaymentMethod, waits.Status)
	assert.Equal(t, stripe.ErrorCodeSetupIntentAuthenticationFailure, waits.LastSetupError.Code)
	_, err = r.api.SetupIntents.Confirm(waits.ID, &stripe.SetupIntentConfirmParams{PaymentMethod: stripe.String("pm_card_visa")})
	assert.Equal(t, "return_url", refused(t, err).Param)
	assert.Len(t, r.saved(owner), 1)
}

func TestACardThatIsDeclinedCannotBeKept(t *testing.T) {
	t.Parallel()
	r := setup(t)
	owner := r.customer(t)
	_, err := r.api.SetupIntents.New(keep(owner, "pm_card_chargeDeclinedInsufficientFunds"))
	e := refused(t, err)
	assert.Equal(t, http.StatusPaymentRequired, e.HTTPStatusCode)
	assert.Equal(t, stripe.DeclineCodeInsufficientFunds, e.DeclineCode)
	assert.Equal(t, stripe.SetupIntentStatusRequiresPaymentMethod, e.SetupIntent.Status)
	assert.Equal(t, "setup_intent.setup_failed", eventTypes(r.sim)[2])
	_, err = r.api.PaymentMethods.Attach("pm_card_chargeDeclined", &stripe.PaymentMethodAttachParams{Customer: &owner})
	assert.Equal(t, stripe.ErrorCodeCardDeclined, refused(t, err).Code)
	assert.Empty(t, r.saved(owner))

	card := r.kept(t, owner, "pm_card_chargeCustomerFail")
	assert.Equal(t, []string{card}, r.saved(owner))
	_, err = r.api.PaymentIntents.New(orderOf(owner, card))
	assert.Equal(t, stripe.ErrorCodeCardDeclined, refused(t, err).Code)

	canceled, err := r.api.SetupIntents.Cancel(e.SetupIntent.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, stripe.SetupIntentStatusCanceled, canceled.Status)
	_, err = r.api.SetupIntents.Confirm(canceled.ID, &stripe.SetupIntentConfirmParams{PaymentMethod: stripe.String("pm_card_visa")})
	assert.Equal(t, stripe.ErrorCodeSetupIntentUnexpectedState, refused(t, err).Code)
	_, err = r.api.SetupIntents.Cancel(r.sim.Setups()[1].ID, nil)
	assert.Equal(t, stripe.SetupIntentStatusSucceeded, refused(t, err).SetupIntent.Status, "the error tells that it was kept")
}

func TestACardIsChargedInTheAbsenceOfItsOwnerAsItWasSetUp(t *testing.T) {
	t.Parallel()
	r := setup(t)
	owner := r.customer(t)
	absent := func(card string) error {
		params := orderOf(owner, card)
		params.OffSession = stripe.Bool(true)
		_, err := r.api.PaymentIntents.New(params)
		return err
	}
	attached, err := r.api.PaymentMethods.Attach("pm_card_authenticationRequiredOnSetup", &stripe.PaymentMethodAttachParams{Customer: &owner})
	require.NoError(t, err)
	for _, card := range []string{attached.ID, r.kept(t, owner, "pm_card_authenticationRequired")} {
		assert.Equal(t, stripe.ErrorCode("authentication_required"), refused(t, absent(card)).Code)
	}
	for _, name := range []string{"visa", "authenticationRequiredOnSetup", "authenticationRequiredSetupForOffSession"} {
		require.NoError(t, absent(r.kept(t, owner, "pm_card_"+name)), name)
	}
	assert.Equal(t, int64(3*1999), r.sim.Totals()["usd"].Captured)
}

func TestADeletedCustomerKeepsNothing(t *testing.T) {
	t.Parallel()
	var asked []string
	r := setup(t, func(cfg *stripesim.Config) {
		cfg.Intercept = func(call stripesim.Call) stripesim.Fault {
			if asked = append(asked, call.Method); call.Method == http.MethodDelete && !slices.Contains(asked[:len(asked)-1], http.MethodDelete) {
				return stripesim.FailBefore
			}
			return stripesim.Proceed
		}
	})
	owner := r.customer(t)
	card := r.kept(t, owner, "pm_card_visa")
	waits, err := r.api.SetupIntents.New(keep(owner, "pm_card_authenticationRequired"))
	require.NoError(t, err)
	_, err = r.api.Customers.Update(owner, &stripe.CustomerParams{Email: stripe.String("a@example.com")})
	require.NoError(t, err)
	_, err = r.api.Customers.Del(owner, nil)
	assert.Equal(t, http.StatusInternalServerError, refused(t, err).HTTPStatusCode, "faults meet a DELETE too")
	assert.Len(t, r.saved(owner), 1)
	gone, err := r.api.Customers.Del(owner, nil)
	require.NoError(t, err)
	assert.True(t, gone.Deleted)
	gone, err = r.api.Customers.Get(owner, nil)
	require.NoError(t, err)
	assert.True(t, gone.Deleted)
	assert.Empty(t, gone.Email)
	require.NoError(t, r.sim.Authenticate(waits.ID, true))
	assert.Empty(t, r.saved(owner))
	assert.Empty(t, r.sim.Customers())
	assert.Equal(t, []string{"payment_method.detached", "customer.deleted", "setup_intent.setup_failed"}, eventTypes(r.sim)[len(eventTypes(r.sim))-3:])

	_, again := r.api.Customers.Del(owner, nil)
	_, update := r.api.Customers.Update(owner, &stripe.CustomerParams{Name: stripe.String("A")})
	for _, err := range []error{again, update} {
		assert.Equal(t, http.StatusNotFound, refused(t, err).HTTPStatusCode)
	}
	_, attach := r.api.PaymentMethods.Attach("pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: &owner})
	_, setUp := r.api.SetupIntents.New(keep(owner, "pm_card_visa"))
	_, pay := r.api.PaymentIntents.New(orderOf(owner, card))
	for _, err := range []error{attach, setUp, pay} {
		e := refused(t, err)
		assert.Equal(t, http.StatusBadRequest, e.HTTPStatusCode)
		assert.Equal(t, stripe.ErrorCodeResourceMissing, e.Code)
		assert.Equal(t, "customer", e.Param)
	}
}

func TestACustomersMethodsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	r := setup(t)
	owner, other := r.customer(t), r.customer(t)
	var cards []string
	for range 3 {
		cards = append([]string{r.kept(t, owner, "pm_card_visa")}, cards...)
	}
	r.kept(t, other, "pm_card_visa")
	ofPath := &stripe.CustomerListPaymentMethodsParams{Customer: &owner}
	ofPath.Limit = stripe.Int64(2)
	var listed []string
	for it := r.api.Customers.ListPaymentMethods(ofPath); it.Next(); {
		listed = append(listed, it.PaymentMethod().ID)
	}
	assert.Equal(t, cards, listed)
	listed = nil
	for it := r.api.PaymentMethods.List(&stripe.PaymentMethodListParams{Customer: &owner, Type: stripe.String("card")}); it.Next(); {
		listed = append(listed, it.PaymentMethod().ID)
	}
	assert.Equal(t, cards, listed)
	banks := r.raw(t, http.MethodGet, "/v1/payment_methods", "sk_test_x", url.Values{"customer": {owner}, "type": {"us_bank_account"}})
	assert.Contains(t, banks.body, `"data": []`)
}

func TestAKeyMakesOneCustomerAndOneSetup(t *testing.T) {
	t.Parallel()
	r := setup(t)
	customer := &stripe.CustomerParams{}
	customer.SetIdempotencyKey("customer-1")
	setups := &stripe.SetupIntentParams{}
	setups.SetIdempotencyKey("setup-1")
	for range 2 {
		made, err := r.api.Customers.New(customer)
		require.NoError(t, err)
		setups.Customer = &made.ID
		_, err = r.api.SetupIntents.New(setups)
		require.NoError(t, err)
	}
	assert.Len(t, r.sim.Customers(), 1)
	assert.Len(t, r.sim.Setups(), 1)
	setups.Usage = stripe.String("on_session")
	_, err := r.api.SetupIntents.New(setups)
	assert.Equal(t, stripe.ErrorTypeIdempotency, refused(t, err).Type)
}

func TestABrowserConfirmsASetupWithItsClientSecretAndSeesOnlyItsShare(t *testing.T) {
	t.Parallel()
	r := setup(t)
	owner := r.customer(t)
	made, err := r.api.SetupIntents.New(&stripe.SetupIntentParams{Customer: &owner, Metadata: map[string]string{"setup_id": "s-1"}})
	require.NoError(t, err)
	path, secret := "/v1/setup_intents/"+made.ID, url.Values{"client_secret": {made.ClientSecret}}
	assert.Equal(t, http.StatusBadRequest, r.raw(t, http.MethodGet, path, "pk_test_shop", nil).status)
	assert.Equal(t, http.StatusBadRequest, r.raw(t, http.MethodGet, path, "pk_test_shop", url.Values{"client_secret": {"wrong"}}).status)
	assert.Equal(t, http.StatusUnauthorized, r.raw(t, http.MethodPost, path+"/cancel", "pk_test_shop", secret).status)
	assert.Equal(t, http.StatusUnauthorized, r.raw(t, http.MethodGet, "/v1/customers/"+owner, "pk_test_shop", nil).status)
	confirm := url.Values{"client_secret": {made.ClientSecret}, "payment_method": {"pm_card_chargeDeclined"}, "use_stripe_sdk": {"true"}}
	declined := r.raw(t, http.MethodPost, path+"/confirm", "pk_test_shop", confirm)
	assert.Equal(t, http.StatusPaymentRequired, declined.status)
	confirm.Set("payment_method", "pm_card_visa")
	done := r.raw(t, http.MethodPost, path+"/confirm", "pk_test_shop", confirm)
	assert.Equal(t, http.StatusOK, done.status)
	for _, body := range []string{r.raw(t, http.MethodGet, path, "pk_test_shop", secret).body, declined.body, done.body} {
		assert.Contains(t, body, `"usage"`)
		assert.NotContains(t, body, "s-1")
		assert.NotContains(t, body, owner)
	}
}

func TestWhatIsNotSimulatedOfCustomersAndSetupsIsRefused(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for request, param := range map[string]string{
		"/v1/customers?payment_method=pm_card_visa":                            "payment_method",
		"/v1/customers?invoice_settings[default_payment_method]=pm_1":          "invoice_settings",
		"/v1/customers?email=nobody":                                           "email",
		"/v1/setup_intents?customer=cus_none":                                  "customer",
		"/v1/setup_intents?return_url=https://shop.example":                    "return_url",
		"/v1/setup_intents?payment_method_types[]=us_bank_account":             "payment_method_types",
		"/v1/setup_intents?usage=often":                                        "usage",
		"/v1/setup_intents?payment_method_data[type]=card":                     "payment_method_data",
		"/v1/setup_intents?payment_method=pm_usBankAccount":                    "payment_method",
		"/v1/setup_intents?confirm=true&payment_method=pm_card_visa":           "return_url",
		"/v1/payment_methods/pm_card_visa/attach":                              "customer",
		"/v1/payment_intents?amount=1999&currency=usd&customer=cus_none":       "customer",
		"/v1/payment_intents?amount=1999&currency=usd&expand[]=customer.email": "expand",
	} {
		path, query, _ := strings.Cut(request, "?")
		form, err := url.ParseQuery(query)
		require.NoError(t, err)
		got := r.raw(t, http.MethodPost, path, "sk_test_x", form)
		assert.Equal(t, http.StatusBadRequest, got.status, request)
		assert.Contains(t, got.body, `"param": "`+param+`"`, request)
	}
	assert.Empty(t, r.sim.Events())
	assert.Empty(t, r.sim.Setups())
}
