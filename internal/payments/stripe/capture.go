package stripe

import (
	"cmp"
	"context"
	"errors"

	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

// CaptureIntent takes all that the intent holds (https://docs.stripe.com/api/payment_intents/capture). By nature it is done
// once, so that it may be asked for anew, without the payment's key, when Stripe keeps a failure under that.
func (p *Provider) CaptureIntent(ctx context.Context, capture payments.Capture) (payments.Intent, error) {
	key := "capture:" + capture.PaymentID.String()
	if capture.Anew {
		key = ""
	}
	prepared, cancel, err := params(ctx, key)
	if err != nil {
		return payments.Intent{}, err
	}
	defer cancel()
	captured, err := p.api.PaymentIntents.Capture(capture.IntentID, &stripego.PaymentIntentCaptureParams{Params: prepared})
	if why := refusedCapture(err); why != "" {
		return payments.Intent{}, payments.CaptureRefused(why)
	}
	return p.outcome(ctx, capture.IntentID, "capture the intent", captured, err)
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
