package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/checkout"
	"cartwright/internal/money"
	"cartwright/internal/payments"
)

// RefundOrder gives back part of what was paid for an order, or all that is left of it.
func (o ordering) RefundOrder(
	ctx context.Context, request oapi.RefundOrderRequestObject,
) (oapi.RefundOrderResponseObject, error) {
	order, err := o.orders.Get(ctx, request.OrderID)
	if err != nil {
		return nil, err
	}
	amounts := amountReader{currency: order.Total.Currency}
	wanted := fromRefund(*request.Body, &amounts)
	if err := amounts.err(); err != nil {
		return nil, err
	}
	wanted.Order, wanted.Actor = order.ID, principal(ctx).String()
	wanted.Key = requestKey(request.Params.IdempotencyKey)
	refund, err := o.checkout.Refund(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return oapi.RefundOrder201JSONResponse(toRefund(refund)), nil
}

// ListRefunds pages through what was given back of an order.
func (o ordering) ListRefunds(
	ctx context.Context, request oapi.ListRefundsRequestObject,
) (oapi.ListRefundsResponseObject, error) {
	if _, err := o.orders.Get(ctx, request.OrderID); err != nil {
		return nil, err
	}
	found, err := o.payments.Refunds(ctx, request.OrderID, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListRefunds200JSONResponse{Data: toSlice(found.Items, toRefund), NextCursor: optionalText(found.Next)}, nil
}

// GetRefund reads a refund of an order.
func (o ordering) GetRefund(
	ctx context.Context, request oapi.GetRefundRequestObject,
) (oapi.GetRefundResponseObject, error) {
	refund, err := o.payments.Refund(ctx, request.OrderID, request.RefundID)
	if err != nil {
		return nil, err
	}
	return oapi.GetRefund200JSONResponse(toRefund(refund)), nil
}

// fromRefund reads what to give back, with what is wrong about it.
func fromRefund(body oapi.RefundCreate, amounts *amountReader) checkout.Refund {
	refund := checkout.Refund{
		Amount: amounts.optional("amount", body.Amount), Restock: or(body.Restock, false), Note: or(body.Note, ""),
		Items: toSlice(body.Items, func(i oapi.RefundItemInput) payments.RefundItem {
			return payments.RefundItem{ItemID: i.OrderItemID, Quantity: i.Quantity}
		}),
	}
	if body.Reason != nil {
		refund.Reason = string(*body.Reason)
	}
	switch {
	case body.Amount != nil && len(body.Items) > 0:
		amounts.problem("amount", "one_of", "Send either amount or items.")
		amounts.problem("items", "one_of", "Send either amount or items.")
	case refund.Amount != nil && refund.Amount.Minor == 0 && len(amounts.fields) == 0:
		amounts.problem("amount", "too_small", "An amount to give back is above zero.")
	case refund.Restock && len(body.Items) == 0:
		amounts.problem("restock", "without_items", "Say which items are on the shelf again.")
	}
	return refund
}

func toRefund(r payments.Refund) oapi.Refund {
	refund := oapi.Refund{
		ID:             r.ID,
		OrderID:        r.Payment.OrderID,
		Status:         oapi.RefundStatus(r.Status),
		Source:         oapi.RefundSource(r.Source),
		Amount:         r.Amount.Number(),
		Currency:       string(r.Amount.Currency),
		Items:          toSlice(r.Items, toRefundItem),
		Restocked:      r.Restocked,
		Fee:            fee(r.Fee),
		Note:           optionalText(r.Note),
		FailureReason:  optionalText(r.Failure),
		StripeRefundID: optionalText(r.ProviderID),
		Actor:          toActor(r.Actor, true),
		CreatedAt:      r.CreatedAt.UTC(),
		UpdatedAt:      r.UpdatedAt.UTC(),
	}
	if r.Reason != "" {
		reason := oapi.RefundReason(r.Reason)
		refund.Reason = &reason
	}
	return refund
}

func toRefundItem(i payments.RefundItem) oapi.RefundItem {
	return oapi.RefundItem{OrderItemID: i.ItemID, Quantity: i.Quantity, Amount: i.Amount.Number()}
}

// fee is absent where nothing was kept.
func fee(kept money.Amount) *money.Number {
	if kept.Minor == 0 {
		return nil
	}
	number := kept.Number()
	return &number
}
