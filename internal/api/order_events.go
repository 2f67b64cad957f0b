package api

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
	"cartwright/internal/orders"
)

// ListOrderEvents pages through what happened to an order, as far as who asks is told.
func (o ordering) ListOrderEvents(
	ctx context.Context, request oapi.ListOrderEventsRequestObject,
) (oapi.ListOrderEventsResponseObject, error) {
	params := request.Params
	key := orderKey(ctx, request.OrderID, params.XOrderToken, auth.OrdersRead)
	found, err := o.orders.Timeline(ctx, key, fromPage(params.Limit, params.Cursor))
	if err != nil {
		return nil, err
	}
	data := toSlice(found.Items, func(event orders.Event) oapi.OrderEvent { return toOrderEvent(event, key.Staff) })
	return oapi.ListOrderEvents200JSONResponse{Data: data, NextCursor: optionalText(found.Next)}, nil
}

func toOrderEvent(e orders.Event, staff bool) oapi.OrderEvent {
	event := oapi.OrderEvent{
		Sequence:      e.Sequence,
		Type:          e.Type,
		Actor:         toActor(e.Actor, staff),
		FulfillmentID: optionalID(e.Cause.Fulfillment),
		RefundID:      optionalID(e.Refund),
		After:         toOrderState(e.State, staff),
		CreatedAt:     e.CreatedAt.UTC(),
	}
	if event.ReturnID = optionalID(e.Return); event.ReturnID != nil {
		after := oapi.ReturnStatus(e.Stands)
		event.ReturnStatusAfter = &after
		if before := oapi.ReturnStatus(e.Stood); before != "" {
			event.ReturnStatusBefore = &before
		}
	}
	if e.Before != nil {
		before := toOrderState(*e.Before, staff)
		event.Before = &before
	}
	if staff {
		event.Reason, event.DisputeID = optionalText(e.Reason), optionalID(e.Dispute)
	}
	return event
}

func toOrderState(s orders.State, staff bool) oapi.OrderState {
	state := oapi.OrderState{
		Status: oapi.OrderStatus(s.Status), PaymentStatus: oapi.PaymentStatus(s.Payment),
		FulfillmentStatus: oapi.FulfillmentStatus(s.Fulfillment),
	}
	if staff {
		review := oapi.OrderReviewStatus(s.Review)
		state.Review = &review
	}
	return state
}

// toActor says who caused something: to who is not staff, of those who work for the shop just that they do.
func toActor(actor string, staff bool) oapi.OrderActor {
	kind, id, _ := strings.Cut(actor, ":")
	known := map[string]oapi.OrderActorKind{
		"customer": oapi.OrderActorKindCUSTOMER, "stripe": oapi.OrderActorKindPAYMENTPROVIDER,
		"user": oapi.OrderActorKindSTAFF, "key": oapi.OrderActorKindAPIKEY,
	}
	shown := oapi.OrderActor{Kind: known[kind]}
	switch {
	case shown.Kind == "":
		shown.Kind = oapi.OrderActorKindSYSTEM
	case id == "":
	case !staff:
		shown.Kind = oapi.OrderActorKindSTAFF
	default:
		shown.ID = optionalID(uuid.MustParse(id))
	}
	return shown
}
