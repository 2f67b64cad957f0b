package stripesim_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments/stripesim"
)

func TestAGoodCardIsChargedOnceAndInFull(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"pm_card_visa", "pm_card_mastercard", "pm_card_amex"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			params := order(method)
			params.AddExpand("latest_charge")
			pi, err := r.api.PaymentIntents.New(params)
			require.NoError(t, err)

			assert.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
			assert.Equal(t, int64(1999), pi.AmountReceived)
			assert.Equal(t, "o-1", pi.Metadata["order_id"])
			assert.Regexp(t, `^pi_[0-9A-Za-z]{24}$`, pi.ID)
			assert.Regexp(t, "^"+pi.ID+`_secret_[0-9A-Za-z]+$`, pi.ClientSecret)
			assert.True(t, pi.LatestCharge.Paid)
			assert.Equal(t, int64(1999), pi.LatestCharge.AmountCaptured)
			assert.Regexp(t, `^req_`, pi.LastResponse.RequestID)
			assert.Equal(t, int64(1999), r.sim.Totals()["usd"].Captured)
			assert.Equal(t, []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}, eventTypes(r.sim))
		})
	}
}

func TestAnIntentPassesThroughConfirmation(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi, err := r.api.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: stripe.Int64(500), Currency: stripe.String("JPY")})
	require.NoError(t, err)
	assert.Equal(t, stripe.PaymentIntentStatusRequiresPaymentMethod, pi.Status)
	assert.Equal(t, stripe.CurrencyJPY, pi.Currency)
	assert.Equal(t, stripe.PaymentIntentAutomaticPaymentMethodsAllowRedirects("always"), pi.AutomaticPaymentMethods.AllowRedirects)

	_, err = r.api.PaymentIntents.Confirm(pi.ID, &stripe.PaymentIntentConfirmParams{ReturnURL: stripe.String("https://shop.example")})
	assert.Contains(t, refused(t, err).Msg, "missing a payment method")

	pi, err = r.api.PaymentIntents.Update(pi.ID, &stripe.PaymentIntentParams{Amount: stripe.Int64(700), PaymentMethod: stripe.String("pm_card_visa")})
	require.NoError(t, err)
	assert.Equal(t, stripe.PaymentIntentStatusRequiresConfirmation, pi.Status)
	assert.Regexp(t, `^pm_[0-9A-Za-z]{24}$`, pi.PaymentMethod.ID, "a test name becomes a method of its own")

	pi, err = r.api.PaymentIntents.Confirm(pi.ID, &stripe.PaymentIntentConfirmParams{ReturnURL: stripe.String("https://shop.example")})
	require.NoError(t, err)
	assert.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
	assert.Equal(t, int64(700), r.sim.Totals()["jpy"].Captured)
}

func TestConfirmingWithoutReturnURLIsRefusedUnlessRedirectsAre(t *testing.T) {
	t.Parallel()
	r := setup(t)
	params := order("pm_card_visa")
	params.ReturnURL = nil
	_, err := r.api.PaymentIntents.New(params)
	e := refused(t, err)
	assert.Equal(t, stripe.ErrorTypeInvalidRequest, e.Type)
	assert.Equal(t, http.StatusBadRequest, e.HTTPStatusCode)
	assert.Contains(t, e.Msg, "`return_url` must be specified")

	params.AutomaticPaymentMethods = nil
	_, err = r.api.PaymentIntents.New(params)
	assert.Contains(t, refused(t, err).Msg, "`return_url` must be specified", "automatic methods are the default")
	assert.Empty(t, r.sim.Intents(), "a refused creation makes nothing")

	params.AutomaticPaymentMethods = &stripe.PaymentIntentAutomaticPaymentMethodsParams{
		Enabled: stripe.Bool(true), AllowRedirects: stripe.String("never"),
	}
	_, err = r.api.PaymentIntents.New(params)
	require.NoError(t, err)

	params.AutomaticPaymentMethods, params.PaymentMethodTypes = nil, stripe.StringSlice([]string{"card"})
	_, err = r.api.PaymentIntents.New(params)
	require.NoError(t, err)
}

func TestManualCaptureTakesNoMoreThanWasHeld(t *testing.T) {
	t.Parallel()
	r := setup(t)
	params := order("pm_card_visa")
	params.CaptureMethod = stripe.String("manual")
	pi, err := r.api.PaymentIntents.New(params)
	require.NoError(t, err)
	assert.Equal(t, stripe.PaymentIntentStatusRequiresCapture, pi.Status)
	assert.Equal(t, int64(1999), pi.AmountCapturable)
	assert.Equal(t, int64(1999), r.sim.Totals()["usd"].Held)
	assert.Zero(t, r.sim.Totals()["usd"].Captured)

	_, err = r.api.PaymentIntents.Capture(pi.ID, &stripe.PaymentIntentCaptureParams{AmountToCapture: stripe.Int64(2000)})
	assert.Equal(t, stripe.ErrorCodeAmountTooLarge, refused(t, err).Code)

	pi, err = r.api.PaymentIntents.Capture(pi.ID, &stripe.PaymentIntentCaptureParams{AmountToCapture: stripe.Int64(1500)})
	require.NoError(t, err)
	assert.Equal(t, int64(1500), pi.AmountReceived)
	assert.Equal(t, int64(1500), r.sim.Totals()["usd"].Captured)
	assert.Zero(t, r.sim.Totals()["usd"].Held)

	_, err = r.api.PaymentIntents.Capture(pi.ID, nil)
	assert.Equal(t, stripe.ErrorCodePaymentIntentUnexpectedState, refused(t, err).Code)
	assert.Equal(t, []string{"payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated", "charge.refunded", "charge.captured", "payment_intent.succeeded"}, eventTypes(r.sim))
	letGo := r.api.Refunds.List(&stripe.RefundListParams{PaymentIntent: &pi.ID})
	require.True(t, letGo.Next())
	assert.Equal(t, int64(499), letGo.Refund().Amount)
	assert.Empty(t, r.sim.Refunds(), "no money was given back")

	_, err = r.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &pi.ID})
	require.NoError(t, err)
	assert.Equal(t, stripesim.Totals{Captured: 1500, Refunded: 1500}, r.sim.Totals()["usd"])
	assert.True(t, r.sim.Charges()[0].Refunded)
	assert.Equal(t, int64(1999), r.sim.Charges()[0].AmountRefunded)
}

func TestCancelingReleasesTheHoldAndEndsTheIntent(t *testing.T) {
	t.Parallel()
	r := setup(t)
	params := order("pm_card_visa")
	params.CaptureMethod = stripe.String("manual")
	pi, err := r.api.PaymentIntents.New(params)
	require.NoError(t, err)
	pi, err = r.api.PaymentIntents.Cancel(pi.ID, &stripe.PaymentIntentCancelParams{CancellationReason: stripe.String("abandoned")})
	require.NoError(t, err)
	assert.Equal(t, stripe.PaymentIntentStatusCanceled, pi.Status)
	assert.NotZero(t, pi.CanceledAt)
	assert.Zero(t, r.sim.Totals()["usd"].Held)

	held, err := r.api.PaymentIntents.New(params)
	require.NoError(t, err)
	require.NoError(t, r.sim.ExpireHold(held.ID))
	require.Error(t, r.sim.ExpireHold(held.ID), "once")
	held, err = r.api.PaymentIntents.Get(held.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, stripe.PaymentIntentCancellationReasonAutomatic, held.CancellationReason)
	assert.Zero(t, r.sim.Totals()["usd"].Held)

	_, err = r.api.PaymentIntents.Confirm(pi.ID, &stripe.PaymentIntentConfirmParams{PaymentMethod: stripe.String("pm_card_visa")})
	e := refused(t, err)
	assert.Equal(t, stripe.ErrorCodePaymentIntentUnexpectedState, e.Code)
	require.NotNil(t, e.PaymentIntent)
	assert.Equal(t, stripe.PaymentIntentStatusCanceled, e.PaymentIntent.Status)
	assert.Zero(t, r.sim.Totals()["usd"].Captured)
}

func TestAPaidIntentCanNeitherBeCanceledNorPaidAgain(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi := r.pay(t, "pm_card_visa")
	_, err := r.api.PaymentIntents.Cancel(pi.ID, nil)
	e := refused(t, err)
	assert.Equal(t, stripe.ErrorCodePaymentIntentUnexpectedState, e.Code)
	assert.Equal(t, stripe.PaymentIntentStatusSucceeded, e.PaymentIntent.Status, "the error tells that it was paid")

	_, err = r.api.PaymentIntents.Confirm(pi.ID, &stripe.PaymentIntentConfirmParams{PaymentMethod: stripe.String("pm_card_visa")})
	assert.Equal(t, stripe.ErrorCodePaymentIntentUnexpectedState, refused(t, err).Code)
	_, err = r.api.PaymentIntents.Update(pi.ID, &stripe.PaymentIntentParams{Amount: stripe.Int64(100)})
	assert.Equal(t, stripe.ErrorCodePaymentIntentUnexpectedState, refused(t, err).Code)
	assert.Equal(t, int64(1999), r.sim.Totals()["usd"].Captured)
}

func TestABankPaymentIsOnlyPaidWhenTheBankSaysSo(t *testing.T) {
	t.Parallel()
	for _, paid := range []bool{true, false} {
		r := setup(t)
		pi := r.pay(t, "pm_usBankAccount")
		assert.Equal(t, stripe.PaymentIntentStatusProcessing, pi.Status)
		assert.Zero(t, r.sim.Totals()["usd"].Captured)
		_, err := r.api.PaymentIntents.Cancel(pi.ID, nil)
		assert.Equal(t, stripe.ErrorCodePaymentIntentUnexpectedState, refused(t, err).Code)

		require.NoError(t, r.sim.FinishProcessing(pi.ID, paid))
		require.Error(t, r.sim.FinishProcessing(pi.ID, paid), "a bank answers once")
		pi, err = r.api.PaymentIntents.Get(pi.ID, nil)
		require.NoError(t, err)
		if paid {
			assert.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
			assert.Equal(t, int64(1999), r.sim.Totals()["usd"].Captured)
			continue
		}
		assert.Equal(t, stripe.PaymentIntentStatusRequiresPaymentMethod, pi.Status)
		assert.NotNil(t, pi.LastPaymentError)
		assert.Zero(t, r.sim.Totals()["usd"].Captured)
	}
}

func TestListsPageNewestFirst(t *testing.T) {
	t.Parallel()
	r := setup(t)
	var ids []string
	for range 5 {
		ids = append([]string{r.pay(t, "pm_card_visa").ID}, ids...)
	}
	params := &stripe.PaymentIntentListParams{}
	params.Limit = stripe.Int64(2)
	var listed []string
	for it := r.api.PaymentIntents.List(params); it.Next(); {
		listed = append(listed, it.PaymentIntent().ID)
	}
	assert.Equal(t, ids, listed)

	events := &stripe.EventListParams{Type: stripe.String("payment_intent.succeeded")}
	events.Limit = stripe.Int64(3)
	n := 0
	for it := r.api.Events.List(events); it.Next(); n++ {
		assert.Equal(t, stripe.EventTypePaymentIntentSucceeded, it.Event().Type)
	}
	assert.Equal(t, 5, n)
}
