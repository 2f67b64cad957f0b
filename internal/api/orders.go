package api

import (
	"context"

	"github.com/google/uuid"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
	"cartwright/internal/checkout"
	"cartwright/internal/inventory"
	"cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

type ordering struct {
	orders   *orders.Service
	checkout *checkout.Service
	payments *payments.Service
	stock    *inventory.Service
	currency money.Currency
}

// orderKey is what the request shows for an order. Staff who have the permission need nothing else.
func orderKey(ctx context.Context, order uuid.UUID, token *string, permission auth.Permission) orders.Key {
	who := principal(ctx)
	return orders.Key{
		Order: order, Customer: who.Customer(), Token: or(token, ""), Staff: who.Allow(permission) == nil,
	}
}

// actor is who does something with an order: a customer, or staff on behalf of one.
func actor(ctx context.Context, key orders.Key) string {
	if key.Staff {
		return principal(ctx).String()
	}
	return "customer"
}

// GetOrder reads an order.
func (o ordering) GetOrder(
	ctx context.Context, request oapi.GetOrderRequestObject,
) (oapi.GetOrderResponseObject, error) {
	order, err := o.orders.Open(ctx, orderKey(ctx, request.OrderID, request.Params.XOrderToken, auth.OrdersRead))
	if err != nil {
		return nil, err
	}
	read, err := withPayment(ctx, o.payments, order)
	if err != nil {
		return nil, err
	}
	if err := addBackordered(ctx, o.stock, []orders.Order{order}, []oapi.Order{read}); err != nil {
		return nil, err
	}
	return oapi.GetOrder200JSONResponse(read), nil
}

// addBackordered says of each line of these orders how many of its units wait for stock. shown are the same orders.
func addBackordered(ctx context.Context, stock *inventory.Service, list []orders.Order, shown []oapi.Order) error {
	var unsent []uuid.UUID
	for _, order := range list {
		if order.Bought() && len(order.Unsent()) > 0 {
			unsent = append(unsent, order.ID)
		}
	}
	waiting, err := stock.Backordered(ctx, unsent)
	if err != nil {
		return err
	}
	for _, order := range shown {
		for i := range order.Items {
			if units, some := waiting[order.ID][order.Items[i].VariantID]; some {
				order.Items[i].BackorderedQuantity = &units
			}
		}
	}
	return nil
}

// LookUpOrder mails a link to a guest's order to who knows its number and address.
func (o ordering) LookUpOrder(
	ctx context.Context, request oapi.LookUpOrderRequestObject,
) (oapi.LookUpOrderResponseObject, error) {
	if err := o.checkout.MailLink(ctx, request.Body.OrderNumber, request.Body.Email); err != nil {
		return nil, err
	}
	return oapi.LookUpOrder202Response{}, nil
}

// ListOrders pages through all orders that fit.
func (o ordering) ListOrders(
	ctx context.Context, request oapi.ListOrdersRequestObject,
) (oapi.ListOrdersResponseObject, error) {
	filter, err := fromOrderFilter(request.Params, o.currency)
	if err != nil {
		return nil, err
	}
	found, err := o.orders.List(ctx, filter, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	data, err := withPayments(ctx, o.payments, found.Items)
	if err != nil {
		return nil, err
	}
	if err := addBackordered(ctx, o.stock, found.Items, data); err != nil {
		return nil, err
	}
	return oapi.ListOrders200JSONResponse{Data: data, NextCursor: optionalText(found.Next)}, nil
}

// UpdateOrderStatus moves a paid order along.
func (o ordering) UpdateOrderStatus(
	ctx context.Context, request oapi.UpdateOrderStatusRequestObject,
) (oapi.UpdateOrderStatusResponseObject, error) {
	if err := captured(ctx); err != nil {
		return nil, err
	}
	cause := orders.Cause{Type: "status_changed", Actor: principal(ctx).String(), Reason: or(request.Body.Reason, "")}
	order, err := o.checkout.SetStatus(ctx, request.OrderID, orders.Status(request.Body.Status), cause)
	if err != nil {
		return nil, err
	}
	changed, err := withPayment(ctx, o.payments, order)
	if err != nil {
		return nil, err
	}
	return oapi.UpdateOrderStatus200JSONResponse(changed), nil
}

// CancelOrder ends an order and returns its stock and its money, the latter for those who may refund. Shoppers end theirs
// while they are not paid.
func (o ordering) CancelOrder(
	ctx context.Context, request oapi.CancelOrderRequestObject,
) (oapi.CancelOrderResponseObject, error) {
	key := orderKey(ctx, request.OrderID, request.Params.XOrderToken, auth.OrdersWrite)
	cause := orders.Cause{Type: "cancelled", Actor: actor(ctx, key)}
	if request.Body != nil {
		cause.Reason = or(request.Body.Reason, "")
	}
	order, err := o.checkout.Cancel(ctx, key, cause, principal(ctx).Allow(auth.RefundsWrite) == nil)
	if err != nil {
		return nil, err
	}
	cancelled, err := withPayment(ctx, o.payments, order)
	if err != nil {
		return nil, err
	}
	return oapi.CancelOrder200JSONResponse(cancelled), nil
}

// RepeatOrder puts what an order has into the shopper's cart.
func (o ordering) RepeatOrder(ctx context.Context, request oapi.RepeatOrderRequestObject) (oapi.RepeatOrderResponseObject, error) {
	key := orderKey(ctx, request.OrderID, request.Params.XOrderToken, auth.OrdersWrite)
	key.Staff = false // the shop fills no carts
	cart, err := o.checkout.Reorder(ctx, key)
	if err != nil {
		return nil, err
	}
	return oapi.RepeatOrder200JSONResponse(toCart(cart)), nil
}

// CancelOrderItems has what was not sent of a paid order not be sent any more.
func (o ordering) CancelOrderItems(
	ctx context.Context, request oapi.CancelOrderItemsRequestObject,
) (oapi.CancelOrderItemsResponseObject, error) {
	body := request.Body
	order, err := o.checkout.CancelItems(ctx, checkout.CancelItems{
		Order: request.OrderID, Items: toSlice(body.Items, fromFulfillmentItem), WriteOff: !or(body.Restock, true),
		Reason: or(body.Reason, ""), Actor: principal(ctx).String(),
	})
	if err != nil {
		return nil, err
	}
	changed, err := withPayment(ctx, o.payments, order)
	if err != nil {
		return nil, err
	}
	return oapi.CancelOrderItems200JSONResponse(changed), nil
}

// withPayment is the order as the API shows it, with what its payment adds.
func withPayment(ctx context.Context, service *payments.Service, order orders.Order) (oapi.Order, error) {
	all, err := withPayments(ctx, service, []orders.Order{order})
	if err != nil {
		return oapi.Order{}, err
	}
	return all[0], nil
}

func withPayments(ctx context.Context, service *payments.Service, list []orders.Order) ([]oapi.Order, error) {
	byOrder, err := service.Latest(ctx, toSlice(list, func(o orders.Order) uuid.UUID { return o.ID }))
	if err != nil {
		return nil, err
	}
	staff := principal(ctx).Allow(auth.OrdersRead) == nil
	disputes, err := disputesFor(ctx, service, list, staff)
	if err != nil {
		return nil, err
	}
	return toSlice(list, func(order orders.Order) oapi.Order {
		shown := toOrder(order, byOrder[order.ID])
		if staff {
			shown.Review = toReview(order)
			shown.Disputes = toSlice(disputes[order.ID], toDispute)
		}
		return shown
	}), nil
}

func toOrder(o orders.Order, payment payments.Payment) oapi.Order {
	refunded, refunding, left := payment.Refunded, payment.Refunding, payment.Left()
	refunded.Currency, refunding.Currency, left.Currency = o.Total.Currency, o.Total.Currency, o.Total.Currency
	order := oapi.Order{
		ID:                    o.ID,
		CustomerID:            optionalID(o.Customer),
		OrderToken:            optionalText(o.Token),
		OrderNumber:           o.Number,
		CartID:                o.CartID,
		Email:                 o.Email,
		Status:                oapi.OrderStatus(o.Status),
		PaymentStatus:         oapi.PaymentStatus(o.Payment),
		FulfillmentStatus:     oapi.FulfillmentStatus(o.Fulfillment),
		Currency:              string(o.Total.Currency),
		Subtotal:              o.Subtotal.Number(),
		DiscountAmount:        o.Discount.Number(),
		ShippingAmount:        o.Shipping.Number(),
		TaxAmount:             o.Tax.Number(),
		TotalAmount:           o.Total.Number(),
		RefundedAmount:        refunded.Number(),
		RefundPendingAmount:   refunding.Number(),
		RefundableAmount:      left.Number(),
		ShippingAddress:       toAddress(o.ShippingAddress),
		BillingAddress:        toAddress(o.BillingAddress),
		Notes:                 o.Notes,
		Items:                 toSlice(o.Items, toOrderItem),
		StripePaymentIntentID: optionalText(payment.IntentID),
		CreatedAt:             o.CreatedAt.UTC(),
		UpdatedAt:             o.UpdatedAt.UTC(),
	}
	if o.Payable() && payment.Status != payments.Processing { // whose bank decides until when
		expires := o.ExpiresAt.UTC()
		order.ExpiresAt = &expires
	}
	return order
}

func toOrderItem(i orders.Item) oapi.OrderItem {
	return oapi.OrderItem{
		ID:                i.ID,
		ProductID:         i.ProductID,
		VariantID:         i.VariantID,
		Quantity:          i.Quantity,
		FulfilledQuantity: i.Fulfilled,
		CancelledQuantity: i.Cancelled,
		RefundedQuantity:  i.Refunded,
		ReturnedQuantity:  i.Returned,
		QuantityToSend:    i.ToSend(),
		Price:             i.Price.Number(),
		LineTotal:         i.LineTotal.Number(),
		ProductSnapshot: oapi.ProductSnapshot{
			Name: i.Snapshot.Name, VariantName: i.Snapshot.VariantName, SKU: i.Snapshot.SKU,
			Image: optionalText(i.Snapshot.Image), Options: toOptions(i.Snapshot.Options),
		},
	}
}
