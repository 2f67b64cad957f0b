package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/payments"
)

// ListStripeEvents pages through what Stripe has told, the newest first.
func (w webhooks) ListStripeEvents(
	ctx context.Context, request oapi.ListStripeEventsRequestObject,
) (oapi.ListStripeEventsResponseObject, error) {
	params := request.Params
	read := &amountReader{in: "QUERY"}
	filter := payments.InboxFilter{
		Type: or(params.Type, ""), Outcome: payments.Outcome(or(params.Outcome, "")), IntentID: or(params.PaymentIntentID, ""),
		ReceivedFrom:   fromMoment(read, "receivedFrom", params.ReceivedFrom),
		ReceivedBefore: fromMoment(read, "receivedBefore", params.ReceivedBefore),
	}
	if err := read.err(); err != nil {
		return nil, err
	}
	found, err := w.payments.Inbox(ctx, filter, fromPage(params.Limit, params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListStripeEvents200JSONResponse{
		Data: toSlice(found.Items, toStripeEvent), NextCursor: optionalText(found.Next),
	}, nil
}

// ReplayStripeEvent has an event decided anew, by how its payment stands now.
func (w webhooks) ReplayStripeEvent(
	ctx context.Context, request oapi.ReplayStripeEventRequestObject,
) (oapi.ReplayStripeEventResponseObject, error) {
	replayed, err := w.checkout.Replay(ctx, request.EventID)
	if err != nil {
		return nil, err
	}
	return oapi.ReplayStripeEvent200JSONResponse(toStripeEvent(replayed)), nil
}

func toStripeEvent(r payments.Received) oapi.StripeEvent {
	return oapi.StripeEvent{
		ID:              r.ID,
		Type:            r.Type,
		APIVersion:      optionalText(r.APIVersion),
		Source:          oapi.StripeEventSource(r.Source),
		Outcome:         oapi.StripeEventOutcome(r.Outcome),
		Reason:          optionalText(r.Reason),
		PaymentIntentID: optionalText(r.IntentID),
		ReceivedAt:      r.ReceivedAt.UTC(),
		ReplayCount:     int32(r.Replays),
		ReplayedAt:      optionalTime(r.ReplayedAt),
	}
}
