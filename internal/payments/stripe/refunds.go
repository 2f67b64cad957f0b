package stripe

import (
	"context"
	"errors"
	"strings"

	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

// Refund gives money back. A payment that the dashboard gave back before counts as given back.
func (p *Provider) Refund(ctx context.Context, refund payments.NewRefund) (payments.Refund, error) {
	prepared, cancel, err := params(ctx, "refund:"+refund.RefundID.String())
	if err != nil {
		return payments.Refund{}, err
	}
	defer cancel()
	amount, err := toStripe(refund.Amount)
	if err != nil {
		return payments.Refund{}, err
	}
	made, err := p.api.Refunds.New(&stripego.RefundParams{
		Params:        prepared,
		PaymentIntent: stripego.String(refund.IntentID),
		Amount:        stripego.Int64(amount),
		Metadata:      map[string]string{"refund_id": refund.RefundID.String()},
	})
	var stripeErr *stripego.Error
	switch {
	case errors.As(err, &stripeErr) && stripeErr.Code == stripego.ErrorCodeChargeAlreadyRefunded:
		return payments.Refund{Status: payments.RefundSucceeded}, nil
	case err != nil:
		return payments.Refund{}, toError("refund", err)
	}
	return payments.Refund{ID: made.ID, Status: toRefundStatus(made.Status)}, nil
}

// ReadRefund reads the present state.
func (p *Provider) ReadRefund(ctx context.Context, id string) (payments.Refund, error) {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return payments.Refund{}, err
	}
	defer cancel()
	read, err := p.api.Refunds.Get(id, &stripego.RefundParams{Params: prepared})
	if err != nil {
		return payments.Refund{}, toError("read the refund", err)
	}
	return payments.Refund{ID: read.ID, Status: toRefundStatus(read.Status)}, nil
}

func toRefundStatus(status stripego.RefundStatus) payments.RefundStatus {
	if status == stripego.RefundStatusCanceled {
		return payments.RefundCancelled
	}
	return payments.RefundStatus(strings.ToUpper(string(status)))
}
