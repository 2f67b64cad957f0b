package orders

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// Fulfill is what to send of an order, and how.
type Fulfill struct {
	Order          uuid.UUID
	Items          []FulfillmentItem // none means all that is left
	Carrier        string
	TrackingNumber string
	TrackingURL    string
}

// FulfillTx records that products of a locked order left: the order is PROCESSING and PARTIAL, or SHIPPED and FULFILLED once
// nothing is left to send. No more is sent of a line than is to be sent; the stock is the caller's to move.
// Errors: ErrUnpaid, ErrOnHold, ErrTransition, ErrNothingLeft, ErrTooMany, and an errs.Invalid that names lines which the
// order does not have.
func (s *Service) FulfillTx(
	ctx context.Context, tx pgx.Tx, order Order, fulfill Fulfill, cause Cause,
) (Order, Fulfillment, error) {
	if err := order.sendable(); err != nil {
		return Order{}, Fulfillment{}, err
	}
	items, err := order.wanted(fulfill.Items)
	if err != nil {
		return Order{}, Fulfillment{}, err
	}
	order, sent, err := s.sendTx(ctx, tx, order, fulfill, items)
	if err != nil {
		return Order{}, Fulfillment{}, err
	}
	to := order.State
	if to.Fulfillment, to.Status = Partial, Processing; len(order.Unsent()) == 0 {
		to.Fulfillment, to.Status = Fulfilled, Shipped
	}
	cause.Fulfillment = sent.ID
	order, err = s.ChangeTx(ctx, tx, order, to, cause)
	return order, sent, err
}

// sendTx writes a fulfilment, and counts what it sends.
func (s *Service) sendTx(
	ctx context.Context, tx pgx.Tx, order Order, fulfill Fulfill, items []FulfillmentItem,
) (Order, Fulfillment, error) {
	ids, quantities, moves := make([]uuid.UUID, len(items)), make([]int32, len(items)), make([]Move, len(items))
	for i, item := range items {
		ids[i], quantities[i] = item.ItemID, item.Quantity
		moves[i] = Move{ItemID: item.ItemID, Fulfilled: item.Quantity}
	}
	order, err := s.MoveItemsTx(ctx, tx, order, moves)
	if err != nil {
		return Order{}, Fulfillment{}, err
	}
	row, err := s.q.FulfillmentCreate(ctx, tx, db.FulfillmentCreateParams{
		ID: uuid.Must(uuid.NewV7()), OrderID: fulfill.Order, Status: string(Sent), Carrier: optional(fulfill.Carrier),
		TrackingNumber: optional(fulfill.TrackingNumber), TrackingURL: optional(fulfill.TrackingURL), Now: s.now(),
	})
	if err != nil {
		return Order{}, Fulfillment{}, fmt.Errorf("create the fulfilment: %w", err)
	}
	err = s.q.FulfillmentItemCreate(ctx, tx, db.FulfillmentItemCreateParams{
		FulfillmentID: row.ID, ItemIds: ids, Quantities: quantities,
	})
	if err != nil {
		return Order{}, Fulfillment{}, fmt.Errorf("record what is sent: %w", err)
	}
	sent := toFulfillment(row)
	sent.Items = items
	return order, sent, nil
}

// sendable tells why nothing may be sent of the order, if so.
func (o *Order) sendable() error {
	to := o.State
	switch to.Fulfillment = Partial; {
	case o.Payable() || o.Authorized():
		return ErrUnpaid
	case o.Fulfillment == Fulfilled, o.Void() && len(o.Items) > 0 && o.Status != Cancelled && o.Status != Refunded:
		return ErrNothingLeft
	case o.Review == Held: // also where sending more changes no status
		return o.HoldError()
	}
	to.Status = Processing
	return check(o.State, to)
}

// Sendable is what these lines of the order are, or without any all that is left, where they can be sent as soon as its
// money is taken; else the error that FulfillTx would return.
func (o *Order) Sendable(items []FulfillmentItem) ([]FulfillmentItem, error) {
	taken := *o
	if taken.Authorized() {
		taken.Payment = PaymentPaid
	}
	if err := taken.sendable(); err != nil {
		return nil, err
	}
	return taken.wanted(items)
}
