package stripesim_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
	"pgregory.net/rapid"

	"cartwright/internal/payments/stripesim"
)

func (r rig) refund(intent string, amount int64) (*stripe.Refund, error) {
	params := &stripe.RefundParams{PaymentIntent: stripe.String(intent), Reason: stripe.String("requested_by_customer")}
	if amount > 0 {
		params.Amount = stripe.Int64(amount)
	}
	return r.api.Refunds.New(params)
}

func TestRefundsNeverExceedWhatWasCaptured(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi := r.pay(t, "pm_card_visa")
	first, err := r.refund(pi.ID, 999)
	require.NoError(t, err)
	assert.Equal(t, stripe.RefundStatusSucceeded, first.Status)
	_, err = r.refund(pi.ID, 1001)
	assert.Equal(t, "Refund amount (10.01 usd) is greater than unrefunded amount on charge (10.00 usd)", refused(t, err).Msg)
	rest, err := r.refund(pi.ID, 0)
	require.NoError(t, err)
	assert.Equal(t, int64(1000), rest.Amount, "without an amount, the rest")
	_, err = r.refund(pi.ID, 0)
	assert.Equal(t, stripe.ErrorCodeChargeAlreadyRefunded, refused(t, err).Code)

	ch, err := r.api.Charges.Get(pi.LatestCharge.ID, &stripe.ChargeParams{Expand: stripe.StringSlice([]string{"refunds"})})
	require.NoError(t, err)
	assert.True(t, ch.Refunded)
	assert.Equal(t, int64(1999), ch.AmountRefunded)
	assert.Len(t, ch.Refunds.Data, 2)
	assert.Equal(t, stripesim.Totals{Captured: 1999, Refunded: 1999}, r.sim.Totals()["usd"])

	var listed int64
	for it := r.api.Refunds.List(&stripe.RefundListParams{PaymentIntent: stripe.String(pi.ID)}); it.Next(); {
		listed += it.Refund().Amount
	}
	assert.Equal(t, int64(1999), listed)
}

func TestOnlyCapturedMoneyIsRefunded(t *testing.T) {
	t.Parallel()
	r := setup(t)
	_, err := r.refund("pi_nope", 0)
	assert.Equal(t, stripe.ErrorCodeResourceMissing, refused(t, err).Code)
	_, err = r.api.PaymentIntents.New(order("pm_card_chargeDeclined"))
	_, err = r.refund(refused(t, err).PaymentIntent.ID, 0)
	assert.Contains(t, refused(t, err).Msg, "does not have a successful charge")

	params := order("pm_card_visa")
	params.CaptureMethod = stripe.String("manual")
	held, err := r.api.PaymentIntents.New(params)
	require.NoError(t, err)
	_, err = r.refund(held.ID, 0)
	assert.Equal(t, http.StatusBadRequest, refused(t, err).HTTPStatusCode)
	_, err = r.api.PaymentIntents.Capture(held.ID, &stripe.PaymentIntentCaptureParams{AmountToCapture: stripe.Int64(700)})
	require.NoError(t, err)
	_, err = r.refund(held.ID, 701)
	require.Error(t, err)
	re, err := r.refund(held.ID, 0)
	require.NoError(t, err)
	assert.Equal(t, int64(700), re.Amount)
}

func TestAFailedRefundComesBack(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi := r.pay(t, "pm_card_pendingRefund")
	re, err := r.refund(pi.ID, 1999)
	require.NoError(t, err)
	assert.Equal(t, stripe.RefundStatusPending, re.Status)
	_, err = r.refund(pi.ID, 1)
	require.Error(t, err, "pending counts")
	require.NoError(t, r.sim.FinishRefund(re.ID, false))
	assert.Zero(t, r.sim.Totals()["usd"].Refunded)
	_, err = r.refund(pi.ID, 1999)
	require.NoError(t, err)

	late := r.pay(t, "pm_card_refundFail")
	re, err = r.refund(late.ID, 0)
	require.NoError(t, err)
	assert.Equal(t, stripe.RefundStatusSucceeded, re.Status, "it looked well at first")
	re, err = r.api.Refunds.Get(re.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, stripe.RefundStatusFailed, re.Status)
	assert.Contains(t, eventTypes(r.sim), "charge.refund.updated")
}

func TestARefundThatWaitsForTheCustomerCanBeGivenUp(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi := r.pay(t, "pm_card_pendingRefund")
	re, err := r.refund(pi.ID, 1000)
	require.NoError(t, err)
	_, err = r.api.Refunds.Cancel(re.ID, nil)
	assert.Equal(t, http.StatusBadRequest, refused(t, err).HTTPStatusCode, "it is not the customer that it waits for")
	require.NoError(t, r.sim.AskForRefund(re.ID))
	re, err = r.api.Refunds.Get(re.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, stripe.RefundStatusRequiresAction, re.Status)
	assert.Equal(t, "customer@example.com", re.NextAction.DisplayDetails.EmailSent.EmailSentTo)
	assert.Equal(t, int64(1000), r.sim.Totals()["usd"].Refunded)
	re, err = r.api.Refunds.Cancel(re.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, stripe.RefundStatusCanceled, re.Status)
	assert.Zero(t, r.sim.Totals()["usd"].Refunded)
	assert.Error(t, r.sim.FinishRefund(re.ID, true))
	whole, err := r.refund(pi.ID, 0)
	require.NoError(t, err)
	assert.Equal(t, int64(1999), whole.Amount, "what was given up may be given back again")
}

func TestAChargeListsItsNewestTenRefunds(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi := r.pay(t, "pm_card_visa")
	var newest string
	for range 11 {
		re, err := r.refund(pi.ID, 100)
		require.NoError(t, err)
		newest = re.ID
	}
	ch, err := r.api.Charges.Get(pi.LatestCharge.ID, &stripe.ChargeParams{Expand: stripe.StringSlice([]string{"refunds"})})
	require.NoError(t, err)
	assert.Len(t, ch.Refunds.Data, 10)
	assert.True(t, ch.Refunds.HasMore)
	assert.Equal(t, newest, ch.Refunds.Data[0].ID)
}

// Whatever is asked in whatever order, the books balance.
func TestMoneyAddsUpWhateverIsAsked(t *testing.T) {
	t.Parallel()
	r := setup(t)
	rapid.Check(t, func(t *rapid.T) {
		before := r.sim.Totals()["usd"]
		params := order(rapid.SampledFrom([]string{"pm_card_visa", "pm_card_chargeDeclined", "pm_usBankAccount", "pm_card_authenticationRequired"}).Draw(t, "method"))
		if *params.PaymentMethod != "pm_usBankAccount" && rapid.Bool().Draw(t, "manual") {
			params.CaptureMethod = stripe.String("manual")
		}
		pi, err := r.api.PaymentIntents.New(params)
		var refusal *stripe.Error
		if errors.As(err, &refusal) {
			pi = refusal.PaymentIntent
		}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			amount := rapid.Int64Range(1, 2500).Draw(t, "amount")
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				_, _ = r.api.PaymentIntents.Capture(pi.ID, &stripe.PaymentIntentCaptureParams{AmountToCapture: stripe.Int64(amount)})
			case 1:
				_, _ = r.api.PaymentIntents.Cancel(pi.ID, nil)
			case 2:
				_, _ = r.refund(pi.ID, amount)
			case 3:
				_ = r.sim.Authenticate(pi.ID, amount%2 == 0)
			case 4:
				_ = r.sim.FinishProcessing(pi.ID, amount%2 == 0)
			case 5:
				_, _ = r.api.PaymentIntents.Confirm(pi.ID, &stripe.PaymentIntentConfirmParams{
					PaymentMethod: stripe.String("pm_card_visa"), ReturnURL: stripe.String("https://shop.example"),
				})
			}
			in, _ := r.sim.Intent(pi.ID)
			after := r.sim.Totals()["usd"]
			captured, refunded := after.Captured-before.Captured, after.Refunded-before.Refunded
			if captured != in.AmountReceived || captured > in.Amount || refunded > captured {
				t.Fatalf("captured %d, refunded %d, intent received %d of %d", captured, refunded, in.AmountReceived, in.Amount)
			}
			if (in.Status == "succeeded") != (captured > 0) || (in.Status == "requires_capture") != (in.AmountCapturable > 0) {
				t.Fatalf("status %s with %d captured and %d held", in.Status, captured, in.AmountCapturable)
			}
		}
	})
}
