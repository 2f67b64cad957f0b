package stripe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

// metaRefund ties a refund to our row, also when the answer that carried its id was lost.
const metaRefund = "refund_id"

// Refund gives money back. What Stripe refuses it refuses for good: a refund that is larger than what is
// left of the charge, or of a charge that cannot be refunded.
func (p *Provider) Refund(ctx context.Context, refund payments.NewRefund) (payments.RefundNews, error) {
	prepared, cancel, err := params(ctx, "refund:"+refund.RefundID.String())
	if err != nil {
		return payments.RefundNews{}, err
	}
	defer cancel()
	amount, err := toStripe(refund.Amount)
	if err != nil {
		return payments.RefundNews{}, err
	}
	asked := &stripego.RefundParams{
		Params:        prepared,
		PaymentIntent: stripego.String(refund.IntentID),
		Amount:        stripego.Int64(amount),
		Metadata:      map[string]string{metaRefund: refund.RefundID.String()},
	}
	if refund.Reason != "" {
		asked.Reason = stripego.String(refund.Reason)
	}
	made, err := p.api.Refunds.New(asked)
	if why := refusedRefund(err); why != "" {
		return payments.RefundNews{RefundID: refund.RefundID, Status: payments.RefundFailed, Amount: refund.Amount, Failure: why}, nil
	}
	if err != nil {
		return payments.RefundNews{}, toError("refund", err)
	}
	return toRefund(made)
}

// refusedRefund is Stripe's word for why it makes no refund, now or later; "" when it may have made one, or still will.
func refusedRefund(err error) string {
	var stripeErr *stripego.Error
	switch {
	case !errors.As(err, &stripeErr) || stripeErr.Type == stripego.ErrorTypeIdempotency:
		return ""
	case stripeErr.HTTPStatusCode == 400 || stripeErr.HTTPStatusCode == 402 || stripeErr.HTTPStatusCode == 404:
		return cmp.Or(string(stripeErr.Code), "refused")
	}
	return ""
}

// refundsOf are all refunds of a charge that was paid, as far as an expanded charge tells of them: it lists the newest
// ten, and the others are asked for.
func (p *Provider) refundsOf(ctx context.Context, charge *stripego.Charge) ([]payments.RefundNews, error) {
	if !tellsRefunds(charge) {
		return nil, nil
	}
	made := charge.Refunds.Data
	if charge.Refunds.HasMore {
		made = nil
		list := &stripego.RefundListParams{Charge: stripego.String(charge.ID)}
		list.Context, list.Limit = ctx, stripego.Int64(100)
		found := p.api.Refunds.List(list)
		for found.Next() {
			made = append(made, found.Refund())
		}
		if err := found.Err(); err != nil {
			return nil, toError("list the refunds", err)
		}
	}
	return toRefunds(made)
}

// tellsRefunds tells whether a charge lists what was given back of it. Where nothing was taken, it lists what was let go.
func tellsRefunds(charge *stripego.Charge) bool {
	return charge != nil && charge.AmountCaptured > 0 && charge.Refunds != nil
}

func toRefunds(made []*stripego.Refund) ([]payments.RefundNews, error) {
	refunds := make([]payments.RefundNews, len(made))
	for i, one := range made {
		var err error
		if refunds[i], err = toRefund(one); err != nil {
			return nil, fmt.Errorf("%w: %w", payments.ErrUnreadable, err)
		}
	}
	return refunds, nil
}

func toRefund(refund *stripego.Refund) (payments.RefundNews, error) {
	amount, err := fromStripe(refund.Amount, string(refund.Currency))
	if err != nil {
		return payments.RefundNews{}, fmt.Errorf("read refund %s: %w", refund.ID, err)
	}
	news := payments.RefundNews{
		ID: refund.ID, Status: toRefundStatus(refund.Status), Amount: amount,
		Failure: string(refund.FailureReason), CreatedAt: time.Unix(refund.Created, 0),
	}
	// A refund made by somebody else has no row of ours: the zero id finds none.
	news.RefundID, _ = uuid.Parse(refund.Metadata[metaRefund])
	switch refund.Reason {
	case stripego.RefundReasonDuplicate, stripego.RefundReasonFraudulent, stripego.RefundReasonRequestedByCustomer:
		news.Reason = string(refund.Reason)
	case stripego.RefundReasonExpiredUncapturedCharge: // Stripe's own, of a hold
	}
	return news, nil
}

func toRefundStatus(status stripego.RefundStatus) payments.RefundStatus {
	if status == stripego.RefundStatusCanceled {
		return payments.RefundCancelled
	}
	return payments.RefundStatus(strings.ToUpper(string(status)))
}
