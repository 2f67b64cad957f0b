package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
	"cartwright/internal/orders"
)

// ListFulfillments pages through what was sent of an order.
func (o ordering) ListFulfillments(
	ctx context.Context, request oapi.ListFulfillmentsRequestObject,
) (oapi.ListFulfillmentsResponseObject, error) {
	params := request.Params
	key := orderKey(ctx, request.OrderID, params.XOrderToken, auth.OrdersRead)
	found, err := o.orders.Fulfillments(ctx, key, fromPage(params.Limit, params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListFulfillments200JSONResponse{
		Data: toSlice(found.Items, toFulfillment), NextCursor: optionalText(found.Next),
	}, nil
}

// FulfillOrder records that goods left.
func (o ordering) FulfillOrder(
	ctx context.Context, request oapi.FulfillOrderRequestObject,
) (oapi.FulfillOrderResponseObject, error) {
	if err := captured(ctx); err != nil {
		return nil, err
	}
	body := request.Body
	sent, err := o.checkout.Fulfill(ctx, orders.Fulfill{
		Order: request.OrderID, Items: toSlice(body.Items, fromFulfillmentItem), Carrier: or(body.Carrier, ""),
		TrackingNumber: or(body.TrackingNumber, ""), TrackingURL: or(body.TrackingURL, ""),
	}, orders.Cause{Type: "fulfilled", Actor: principal(ctx).String()})
	if err != nil {
		return nil, err
	}
	return oapi.FulfillOrder201JSONResponse(toFulfillment(sent)), nil
}

// DeliverFulfillment marks what was sent as delivered.
func (o ordering) DeliverFulfillment(
	ctx context.Context, request oapi.DeliverFulfillmentRequestObject,
) (oapi.DeliverFulfillmentResponseObject, error) {
	cause := orders.Cause{Type: "delivered", Actor: principal(ctx).String()}
	delivered, err := o.orders.Deliver(ctx, request.OrderID, request.FulfillmentID, cause)
	if err != nil {
		return nil, err
	}
	return oapi.DeliverFulfillment200JSONResponse(toFulfillment(delivered)), nil
}

// CancelFulfillment takes back what was recorded by mistake.
func (o ordering) CancelFulfillment(
	ctx context.Context, request oapi.CancelFulfillmentRequestObject,
) (oapi.CancelFulfillmentResponseObject, error) {
	cause := orders.Cause{Type: "fulfillment_cancelled", Actor: principal(ctx).String()}
	cancelled, err := o.checkout.CancelFulfillment(ctx, request.OrderID, request.FulfillmentID, cause)
	if err != nil {
		return nil, err
	}
	return oapi.CancelFulfillment200JSONResponse(toFulfillment(cancelled)), nil
}

func fromFulfillmentItem(i oapi.FulfillmentItemInput) orders.FulfillmentItem {
	return orders.FulfillmentItem{ItemID: i.OrderItemID, Quantity: i.Quantity}
}

func toFulfillment(f orders.Fulfillment) oapi.Fulfillment {
	return oapi.Fulfillment{
		ID:             f.ID,
		OrderID:        f.OrderID,
		Status:         oapi.FulfillmentState(f.Status),
		Items:          toSlice(f.Items, toFulfillmentItem),
		Carrier:        optionalText(f.Carrier),
		TrackingNumber: optionalText(f.TrackingNumber),
		TrackingURL:    optionalText(f.TrackingURL),
		SentAt:         f.SentAt.UTC(),
		DeliveredAt:    optionalTime(f.DeliveredAt),
		CancelledAt:    optionalTime(f.CancelledAt),
	}
}

func toFulfillmentItem(i orders.FulfillmentItem) oapi.FulfillmentItem {
	return oapi.FulfillmentItem{OrderItemID: i.ItemID, Quantity: i.Quantity}
}
