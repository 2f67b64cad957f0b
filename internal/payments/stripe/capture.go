package stripe

import (
	"cmp"
	"context"
	"errors"

	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

// CaptureIntent takes all that the intent holds (https://docs.stripe.com/api/payment_intents/capture). Like a cancellation
// it is done once by nature, and carries no key of ours: a bank that refuses today may not tomorrow.
func (p *Provider) CaptureIntent(ctx context.Context, id string) (payments.Intent, error) {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return payments.Intent{}, err
	}
	defer cancel()
	captured, err := p.api.PaymentIntents.Capture(id, &stripego.PaymentIntentCaptureParams{Params: prepared})
	if why := refusedCapture(err); why != "" {
		return payments.Intent{}, payments.CaptureRefused(why)
	}
	return p.outcome(ctx, id, "capture the intent", captured, err)
}

// refusedCapture is Stripe's word for why it takes nothing; "" when it may have, or the intent itself tells.
func refusedCapture(err error) string {
	var stripeErr *stripego.Error
	switch {
	case !errors.As(err, &stripeErr) || stripeErr.Type == stripego.ErrorTypeIdempotency ||
		stripeErr.Code == stripego.ErrorCodePaymentIntentUnexpectedState:
		return ""
	case stripeErr.HTTPStatusCode == 400 || stripeErr.HTTPStatusCode == 402:
		return cmp.Or(string(stripeErr.DeclineCode), string(stripeErr.Code), "refused")
	}
	return ""
}
