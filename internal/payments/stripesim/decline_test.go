package stripesim_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
)

func TestADeclineSaysWhyAndTakesNothing(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]struct {
		code    stripe.ErrorCode
		decline stripe.DeclineCode
	}{
		"pm_card_chargeDeclined":                           {stripe.ErrorCodeCardDeclined, stripe.DeclineCodeGenericDecline},
		"pm_card_visa_chargeDeclined":                      {stripe.ErrorCodeCardDeclined, stripe.DeclineCodeGenericDecline},
		"pm_card_chargeDeclinedInsufficientFunds":          {stripe.ErrorCodeCardDeclined, stripe.DeclineCodeInsufficientFunds},
		"pm_card_visa_chargeDeclinedInsufficientFunds":     {stripe.ErrorCodeCardDeclined, stripe.DeclineCodeInsufficientFunds},
		"pm_card_visa_chargeDeclinedLostCard":              {stripe.ErrorCodeCardDeclined, stripe.DeclineCodeLostCard},
		"pm_card_visa_chargeDeclinedStolenCard":            {stripe.ErrorCodeCardDeclined, stripe.DeclineCodeStolenCard},
		"pm_card_visa_chargeDeclinedVelocityLimitExceeded": {stripe.ErrorCodeCardDeclined, stripe.DeclineCodeCardVelocityExceeded},
		"pm_card_chargeDeclinedExpiredCard":                {stripe.ErrorCodeExpiredCard, stripe.DeclineCodeExpiredCard},
		"pm_card_chargeDeclinedIncorrectCvc":               {stripe.ErrorCodeIncorrectCVC, stripe.DeclineCodeIncorrectCVC},
		"pm_card_chargeDeclinedProcessingError":            {stripe.ErrorCodeProcessingError, stripe.DeclineCodeProcessingError},
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			_, err := r.api.PaymentIntents.New(order(method))
			e := refused(t, err)
			assert.Equal(t, http.StatusPaymentRequired, e.HTTPStatusCode)
			assert.Equal(t, stripe.ErrorTypeCard, e.Type)
			assert.Equal(t, want.code, e.Code)
			assert.Equal(t, want.decline, e.DeclineCode)
			assert.NotEmpty(t, e.Msg)
			assert.NotEmpty(t, e.DocURL)
			assert.Regexp(t, `^ch_`, e.ChargeID)
			require.NotNil(t, e.PaymentIntent)
			assert.Equal(t, stripe.PaymentIntentStatusRequiresPaymentMethod, e.PaymentIntent.Status)
			assert.Equal(t, want.decline, e.PaymentIntent.LastPaymentError.DeclineCode)
			assert.Zero(t, r.sim.Totals()["usd"].Captured)
			assert.Equal(t, []string{"payment_intent.created", "charge.failed", "payment_intent.payment_failed"}, eventTypes(r.sim))
		})
	}
}

func TestADeclinedIntentTakesAnotherCard(t *testing.T) {
	t.Parallel()
	r := setup(t)
	_, err := r.api.PaymentIntents.New(order("pm_card_chargeDeclined"))
	declined := refused(t, err).PaymentIntent
	pi, err := r.api.PaymentIntents.Confirm(declined.ID, &stripe.PaymentIntentConfirmParams{
		PaymentMethod: stripe.String("pm_card_visa"), ReturnURL: stripe.String("https://shop.example"),
	})
	require.NoError(t, err)
	assert.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
	assert.Nil(t, pi.LastPaymentError)
	assert.Len(t, r.sim.Charges(), 2)
	assert.Equal(t, int64(1999), r.sim.Totals()["usd"].Captured)
}

func TestAnUnknownMethodIsMissing(t *testing.T) {
	t.Parallel()
	r := setup(t)
	_, err := r.api.PaymentIntents.New(order("pm_nope"))
	e := refused(t, err)
	assert.Equal(t, http.StatusBadRequest, e.HTTPStatusCode)
	assert.Equal(t, stripe.ErrorCodeResourceMissing, e.Code)
	assert.Equal(t, "payment_method", e.Param)
	assert.Equal(t, "No such PaymentMethod: 'pm_nope'", e.Msg)

	_, err = r.api.PaymentIntents.Get("pi_nope", nil)
	assert.Equal(t, http.StatusNotFound, refused(t, err).HTTPStatusCode)
}

func TestCardsByTokenAndNumberBehaveLikeTheirNames(t *testing.T) {
	t.Parallel()
	r := setup(t)
	byToken, err := r.api.PaymentMethods.New(&stripe.PaymentMethodParams{
		Type: stripe.String("card"), Card: &stripe.PaymentMethodCardParams{Token: stripe.String("tok_visa")},
	})
	require.NoError(t, err)
	assert.Equal(t, "4242", byToken.Card.Last4)
	r.pay(t, byToken.ID)
	_, err = r.api.PaymentIntents.New(order(byToken.ID))
	assert.Contains(t, refused(t, err).Msg, "may not be used again", "a method without customer is spent")

	number := func(digits string) (*stripe.PaymentMethod, error) {
		return r.api.PaymentMethods.New(&stripe.PaymentMethodParams{Type: stripe.String("card"), Card: &stripe.PaymentMethodCardParams{
			Number: stripe.String(digits), ExpMonth: stripe.Int64(8), ExpYear: stripe.Int64(2031), CVC: stripe.String("123"),
		}})
	}
	lacking, err := number("4000000000009995")
	require.NoError(t, err)
	assert.Equal(t, int64(2031), lacking.Card.ExpYear)
	_, err = r.api.PaymentIntents.New(order(lacking.ID))
	assert.Equal(t, stripe.DeclineCodeInsufficientFunds, refused(t, err).DeclineCode)

	_, err = number("4242424242424241")
	assert.Equal(t, stripe.ErrorCodeIncorrectNumber, refused(t, err).Code)
	_, err = number("4929420573595709")
	assert.Equal(t, stripe.DeclineCode("test_mode_live_card"), refused(t, err).DeclineCode)
}
