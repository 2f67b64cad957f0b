package api

import (
	"context"
	"fmt"
	"io"

	"cartwright/gen/oapi"
	"cartwright/internal/checkout"
	"cartwright/internal/payments"
)

type webhooks struct {
	checkout *checkout.Service
	payments *payments.Service
	provider payments.Provider
}

// ReceiveStripeWebhook takes an event. Only a bad signature or a failure of ours is refused: Stripe
// sends again what was refused, and that helps in no other case.
func (w webhooks) ReceiveStripeWebhook(
	ctx context.Context, request oapi.ReceiveStripeWebhookRequestObject,
) (oapi.ReceiveStripeWebhookResponseObject, error) {
	payload, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, fmt.Errorf("read the event: %w", err)
	}
	event, err := w.provider.ParseEvent(payload, or(request.Params.StripeSignature, ""))
	if err != nil {
		return nil, err
	}
	if err := w.checkout.Settle(ctx, event, payments.Delivered); err != nil {
		return nil, err
	}
	return oapi.ReceiveStripeWebhook200JSONResponse{Received: true}, nil
}
