package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
	"cartwright/internal/checkout"
	"cartwright/internal/orders"
)

// ListOrderReturns pages through what is sent back of an order.
func (o ordering) ListOrderReturns(
	ctx context.Context, request oapi.ListOrderReturnsRequestObject,
) (oapi.ListOrderReturnsResponseObject, error) {
	params := request.Params
	key := orderKey(ctx, request.OrderID, params.XOrderToken, auth.OrdersRead)
	found, err := o.orders.ReturnsOf(ctx, key, fromPage(params.Limit, params.Cursor))
	if err != nil {
		return nil, err
	}
	data := toSlice(found.Items, func(one orders.Return) oapi.Return { return toReturn(one, key.Staff) })
	return oapi.ListOrderReturns200JSONResponse{Data: data, NextCursor: optionalText(found.Next)}, nil
}

// RequestReturn asks to send back part of an order.
func (o ordering) RequestReturn(
	ctx context.Context, request oapi.RequestReturnRequestObject,
) (oapi.RequestReturnResponseObject, error) {
	key := orderKey(ctx, request.OrderID, request.Params.XOrderToken, auth.OrdersWrite)
	requested, err := o.orders.RequestReturn(ctx, key, toSlice(request.Body.Items, fromReturnItem), actor(ctx, key))
	if err != nil {
		return nil, err
	}
	return oapi.RequestReturn201JSONResponse(toReturn(requested, key.Staff)), nil
}

// CancelReturn takes a return back.
func (o ordering) CancelReturn(
	ctx context.Context, request oapi.CancelReturnRequestObject,
) (oapi.CancelReturnResponseObject, error) {
	key := orderKey(ctx, request.OrderID, request.Params.XOrderToken, auth.OrdersWrite)
	cancelled, err := o.orders.CancelReturn(ctx, key, request.ReturnID, orders.Cause{Type: "return_cancelled", Actor: actor(ctx, key)})
	if err != nil {
		return nil, err
	}
	return oapi.CancelReturn200JSONResponse(toReturn(cancelled, key.Staff)), nil
}

// ListReturns pages through what is sent back of all orders.
func (o ordering) ListReturns(
	ctx context.Context, request oapi.ListReturnsRequestObject,
) (oapi.ListReturnsResponseObject, error) {
	params := request.Params
	found, err := o.orders.Returns(ctx, orders.ReturnStatus(or(params.Status, "")), fromPage(params.Limit, params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListReturns200JSONResponse{Data: toSlice(found.Items, toStaffsReturn), NextCursor: optionalText(found.Next)}, nil
}

// GetReturn reads a return.
func (o ordering) GetReturn(ctx context.Context, request oapi.GetReturnRequestObject) (oapi.GetReturnResponseObject, error) {
	one, err := o.orders.Return(ctx, request.ReturnID)
	if err != nil {
		return nil, err
	}
	return oapi.GetReturn200JSONResponse(toStaffsReturn(one)), nil
}

// ApproveReturn lets the customer send back what they asked to.
func (o ordering) ApproveReturn(
	ctx context.Context, request oapi.ApproveReturnRequestObject,
) (oapi.ApproveReturnResponseObject, error) {
	approved, err := o.orders.ApproveReturn(ctx, request.ReturnID, principal(ctx).String())
	if err != nil {
		return nil, err
	}
	return oapi.ApproveReturn200JSONResponse(toStaffsReturn(approved)), nil
}

// RejectReturn refuses a return.
func (o ordering) RejectReturn(
	ctx context.Context, request oapi.RejectReturnRequestObject,
) (oapi.RejectReturnResponseObject, error) {
	rejected, err := o.orders.RejectReturn(ctx, request.ReturnID, request.Body.Reason, principal(ctx).String())
	if err != nil {
		return nil, err
	}
	return oapi.RejectReturn200JSONResponse(toStaffsReturn(rejected)), nil
}

// CloseReturn ends a return for which nothing is given back.
func (o ordering) CloseReturn(ctx context.Context, request oapi.CloseReturnRequestObject) (oapi.CloseReturnResponseObject, error) {
	closed, err := o.orders.CloseReturn(ctx, request.ReturnID, principal(ctx).String())
	if err != nil {
		return nil, err
	}
	return oapi.CloseReturn200JSONResponse(toStaffsReturn(closed)), nil
}

// ReceiveReturn counts what came.
func (o ordering) ReceiveReturn(
	ctx context.Context, request oapi.ReceiveReturnRequestObject,
) (oapi.ReceiveReturnResponseObject, error) {
	came := toSlice(request.Body.Items, func(i oapi.ReturnReceiptItem) orders.ReturnItem {
		return orders.ReturnItem{ItemID: i.OrderItemID, Received: i.ReceivedQuantity, Restocked: or(i.RestockedQuantity, 0)}
	})
	received, err := o.checkout.Receive(ctx, request.ReturnID, came, principal(ctx).String())
	if err != nil {
		return nil, err
	}
	return oapi.ReceiveReturn200JSONResponse(toStaffsReturn(received)), nil
}

// RefundReturn gives back what came is worth.
func (o ordering) RefundReturn(
	ctx context.Context, request oapi.RefundReturnRequestObject,
) (oapi.RefundReturnResponseObject, error) {
	one, err := o.orders.Return(ctx, request.ReturnID)
	if err != nil {
		return nil, err
	}
	order, err := o.orders.Get(ctx, one.OrderID)
	if err != nil {
		return nil, err
	}
	amounts := amountReader{currency: order.Total.Currency}
	wanted := checkout.Refund{
		Order: order.ID, Return: one.ID, Amount: amounts.optional("amount", request.Body.Amount), Fee: amounts.optional("fee", request.Body.Fee),
		Note: or(request.Body.Note, ""), Reason: "requested_by_customer", Actor: principal(ctx).String(),
		Key: requestKey(request.Params.IdempotencyKey),
	}
	switch {
	case request.Body.Amount != nil && request.Body.Fee != nil:
		amounts.problem("amount", "one_of", "Send either amount or fee.")
		amounts.problem("fee", "one_of", "Send either amount or fee.")
	case wanted.Amount != nil && wanted.Amount.Minor == 0 && len(amounts.fields) == 0:
		amounts.problem("amount", "too_small", "An amount to give back is above zero.")
	}
	if err := amounts.err(); err != nil {
		return nil, err
	}
	if _, err := o.checkout.Refund(ctx, wanted); err != nil {
		return nil, err
	}
	if one, err = o.orders.Return(context.WithoutCancel(ctx), one.ID); err != nil {
		return nil, err
	}
	return oapi.RefundReturn201JSONResponse(toStaffsReturn(one)), nil
}

func fromReturnItem(i oapi.ReturnItemInput) orders.ReturnItem {
	return orders.ReturnItem{ItemID: i.OrderItemID, Quantity: i.Quantity, Reason: orders.ReturnReason(i.Reason), Note: or(i.Note, "")}
}

func toStaffsReturn(r orders.Return) oapi.Return { return toReturn(r, true) }

func toReturn(r orders.Return, staff bool) oapi.Return {
	return oapi.Return{
		ID:           r.ID,
		OrderID:      r.OrderID,
		ReturnNumber: r.Number,
		Status:       oapi.ReturnStatus(r.Status),
		Items:        toSlice(r.Items, func(i orders.ReturnItem) oapi.ReturnItem { return toReturnItem(i, staff) }),
		Reason:       optionalText(r.Reply),
		RefundID:     optionalID(r.Refund),
		Actor:        toActor(r.Actor, staff),
		CreatedAt:    r.CreatedAt.UTC(),
		UpdatedAt:    r.UpdatedAt.UTC(),
	}
}

func toReturnItem(i orders.ReturnItem, staff bool) oapi.ReturnItem {
	item := oapi.ReturnItem{
		OrderItemID: i.ItemID, Quantity: i.Quantity, Reason: oapi.ReturnReason(i.Reason), Note: optionalText(i.Note),
		ReceivedQuantity: i.Received,
	}
	if staff {
		item.RestockedQuantity = &i.Restocked
	}
	return item
}
