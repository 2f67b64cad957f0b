package orders

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/errs"
)

// Fulfill is what to send of an order, and how.
type Fulfill struct {
	Order          uuid.UUID
	Items          []FulfillmentItem // none means all that is left
	Carrier        string
	TrackingNumber string
	TrackingURL    string
}

// Fulfill records that goods left: the order is PROCESSING and PARTIAL, or SHIPPED and FULFILLED once nothing is left.
// However many do it at once, no more is sent of a line than was ordered. ErrNotFound, ErrUnpaid, ErrOnHold,
// ErrTransition, ErrNothingLeft, ErrTooMany, and an errs.Invalid that names lines which the order does not have.
func (s *Service) Fulfill(ctx context.Context, fulfill Fulfill, cause Cause) (sent Fulfillment, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.LockTx(ctx, tx, fulfill.Order)
		if err != nil {
			return err
		}
		_, sent, err = s.fulfillTx(ctx, tx, order, fulfill, cause)
		return err
	})
	return sent, err
}

// fulfillTx sends of a locked order, whatever it is that caused it.
func (s *Service) fulfillTx(
	ctx context.Context, tx pgx.Tx, order Order, fulfill Fulfill, cause Cause,
) (Order, Fulfillment, error) {
	if err := order.sendable(); err != nil {
		return Order{}, Fulfillment{}, err
	}
	items, err := order.toSend(fulfill.Items)
	if err != nil {
		return Order{}, Fulfillment{}, err
	}
	sent, err := s.sendTx(ctx, tx, fulfill, items)
	if err != nil {
		return Order{}, Fulfillment{}, err
	}
	order = order.counting(items)
	to := order.State
	if to.Fulfillment, to.Status = Partial, Processing; order.left() == 0 {
		to.Fulfillment, to.Status = Fulfilled, Shipped
	}
	cause.Fulfillment = sent.ID
	order, err = s.ChangeTx(ctx, tx, order, to, cause)
	return order, sent, err
}

// sendTx writes a fulfilment, and counts what it sends.
func (s *Service) sendTx(ctx context.Context, tx pgx.Tx, fulfill Fulfill, items []FulfillmentItem) (Fulfillment, error) {
	ids, quantities := make([]uuid.UUID, len(items)), make([]int32, len(items))
	for i, item := range items {
		ids[i], quantities[i] = item.ItemID, item.Quantity
	}
	counted, err := s.q.OrderItemFulfill(ctx, tx, db.OrderItemFulfillParams{
		OrderID: fulfill.Order, ItemIds: ids, Quantities: quantities,
	})
	if err != nil {
		return Fulfillment{}, fmt.Errorf("count what is sent: %w", err)
	}
	if counted != int64(len(items)) {
		return Fulfillment{}, ErrTooMany
	}
	row, err := s.q.FulfillmentCreate(ctx, tx, db.FulfillmentCreateParams{
		ID: uuid.Must(uuid.NewV7()), OrderID: fulfill.Order, Status: string(Sent), Carrier: optional(fulfill.Carrier),
		TrackingNumber: optional(fulfill.TrackingNumber), TrackingURL: optional(fulfill.TrackingURL), Now: s.now(),
	})
	if err != nil {
		return Fulfillment{}, fmt.Errorf("create the fulfilment: %w", err)
	}
	err = s.q.FulfillmentItemCreate(ctx, tx, db.FulfillmentItemCreateParams{
		FulfillmentID: row.ID, ItemIds: ids, Quantities: quantities,
	})
	if err != nil {
		return Fulfillment{}, fmt.Errorf("write down what is sent: %w", err)
	}
	sent := toFulfillment(row)
	sent.Items = items
	return sent, nil
}

// sendable tells why nothing may be sent of the order, if so.
func (o *Order) sendable() error {
	to := o.State
	switch to.Fulfillment = Partial; {
	case o.Payable() || o.Authorized():
		return ErrUnpaid
	case o.Fulfillment == Fulfilled:
		return ErrNothingLeft
	case o.Review == Held: // also where sending more changes no status
		return ErrOnHold
	}
	to.Status = Processing
	return check(o.State, to)
}

// toSend are the lines that are asked for, or all that is left. Each is the order's, once, and still there.
func (o *Order) toSend(asked []FulfillmentItem) (items []FulfillmentItem, err error) {
	left, seen := map[uuid.UUID]int32{}, map[uuid.UUID]bool{}
	for _, item := range o.Items {
		if left[item.ID] = item.Quantity - item.Fulfilled; left[item.ID] > 0 {
			items = append(items, FulfillmentItem{ItemID: item.ID, Quantity: left[item.ID]})
		}
	}
	if len(asked) == 0 {
		return items, nil
	}
	var unknown, tooMany []errs.Field
	for i, item := range asked {
		name := fmt.Sprintf("items[%d].", i)
		switch rest, known := left[item.ItemID]; {
		case !known:
			unknown = append(unknown, errs.Field{Name: name + "orderItemId", Code: "unknown", Message: "The order has no such line."})
		case seen[item.ItemID]:
			unknown = append(unknown, errs.Field{Name: name + "orderItemId", Code: "duplicate", Message: "This line is named twice."})
		case item.Quantity > rest:
			tooMany = append(tooMany, errs.Field{
				Name: name + "quantity", Code: ErrTooMany.Code, Message: fmt.Sprintf("Only %d of this line are left to send.", rest),
			})
		}
		seen[item.ItemID] = true
	}
	switch {
	case len(unknown) > 0:
		return nil, errs.InvalidFields(unknown...)
	case len(tooMany) > 0:
		return nil, ErrTooMany.With(tooMany...)
	}
	return asked, nil
}

// counting is the order with these lines sent.
func (o Order) counting(sent []FulfillmentItem) Order {
	quantities := map[uuid.UUID]int32{}
	for _, item := range sent {
		quantities[item.ItemID] = item.Quantity
	}
	o.Items = append([]Item{}, o.Items...)
	for i := range o.Items {
		o.Items[i].Fulfilled += quantities[o.Items[i].ID]
	}
	return o
}

// left is how much is left to send.
func (o *Order) left() (left int64) {
	for _, item := range o.Items {
		left += int64(item.Quantity - item.Fulfilled)
	}
	return left
}

// Sendable is nil when these lines of the order, or without any all that is left, can be sent as soon as its money is
// taken; else the error that Fulfill would answer.
func (o *Order) Sendable(items []FulfillmentItem) error {
	taken := *o
	if taken.Authorized() {
		taken.Payment = PaymentPaid
	}
	if err := taken.sendable(); err != nil {
		return err
	}
	_, err := taken.toSend(items)
	return err
}
