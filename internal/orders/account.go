package orders

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/errs"
)

// ToSend is how many units of the line are to be sent: those that were ordered and are neither cancelled, nor refunded
// before they were sent, nor sent.
func (i *Item) ToSend() int32 { return i.Quantity - i.Cancelled - i.Refunded - i.Fulfilled }

// Unsent is what is to be sent of the order, line by line.
func (o *Order) Unsent() (items []FulfillmentItem) {
	for _, item := range o.Items {
		if left := item.ToSend(); left > 0 {
			items = append(items, FulfillmentItem{ItemID: item.ID, Quantity: left})
		}
	}
	return items
}

// Void reports whether nothing of the order was sent and nothing is to be sent.
func (o *Order) Void() bool {
	for _, item := range o.Items {
		if item.Fulfilled > 0 || item.ToSend() > 0 {
			return false
		}
	}
	return true
}

// Item is the order's line with this id; found is false where it has none.
func (o *Order) Item(id uuid.UUID) (item Item, found bool) {
	for _, item := range o.Items {
		if item.ID == id {
			return item, true
		}
	}
	return Item{}, false
}

// Move is a change of a line's account: units go from what is to be sent to the others, or back where they are negative.
type Move struct {
	ItemID                                   uuid.UUID
	Cancelled, Refunded, Fulfilled, Returned int32
}

// MoveItemsTx changes the account of a locked order's lines, and returns the order with it. Its state is the caller's to
// change. ErrTooMany where a line has not enough units.
func (s *Service) MoveItemsTx(ctx context.Context, tx pgx.Tx, order Order, moves []Move) (Order, error) {
	if len(moves) == 0 {
		return order, nil
	}
	params := db.OrderItemMoveParams{OrderID: order.ID}
	at := map[uuid.UUID]Move{}
	for _, move := range moves {
		at[move.ItemID] = move
		params.ItemIds = append(params.ItemIds, move.ItemID)
		params.Cancelled = append(params.Cancelled, move.Cancelled)
		params.Refunded = append(params.Refunded, move.Refunded)
		params.Fulfilled = append(params.Fulfilled, move.Fulfilled)
		params.Returned = append(params.Returned, move.Returned)
	}
	moved, err := s.q.OrderItemMove(ctx, tx, params)
	if err != nil {
		return Order{}, fmt.Errorf("move the lines' units: %w", err)
	}
	if moved != int64(len(moves)) {
		return Order{}, ErrTooMany
	}
	order.Items = append([]Item{}, order.Items...)
	for i := range order.Items {
		item, move := &order.Items[i], at[order.Items[i].ID]
		item.Cancelled += move.Cancelled
		item.Refunded += move.Refunded
		item.Fulfilled += move.Fulfilled
		item.Returned += move.Returned
	}
	return order, nil
}

// SettledTx is where a locked order's lines lead it: FULFILLED, and SHIPPED or DELIVERED, once something was sent and
// nothing is left to send; PROCESSING where what was sent is to be sent again.
func (s *Service) SettledTx(ctx context.Context, tx pgx.Tx, order Order) (State, error) {
	to := order.State
	var sent, left bool
	for _, item := range order.Items {
		sent, left = sent || item.Fulfilled > 0, left || item.ToSend() > 0
	}
	switch {
	case !sent:
		to.Fulfillment = Unfulfilled
	case left:
		to.Fulfillment = Partial
	default:
		to.Fulfillment = Fulfilled
	}
	if to.Fulfillment == Fulfilled && (order.Status == Confirmed || order.Status == Processing) {
		more, err := s.q.FulfillmentIsOnItsWay(ctx, tx, order.ID)
		if err != nil {
			return to, fmt.Errorf("look for what is on its way: %w", err)
		}
		if to.Status = Delivered; more {
			to.Status = Shipped
		}
	}
	if to.Fulfillment != Fulfilled && (order.Status == Shipped || order.Status == Delivered) {
		to.Status = Processing
	}
	return to, nil
}

// SettleTx takes a locked order to where its lines lead it, with an event. An order on hold may follow, for nothing is
// sent by it.
func (s *Service) SettleTx(ctx context.Context, tx pgx.Tx, order Order, cause Cause) (Order, error) {
	to, err := s.SettledTx(ctx, tx, order)
	if err != nil {
		return Order{}, err
	}
	return s.FollowTx(ctx, tx, order, to, cause)
}

// FollowTx is ChangeTx for what follows from money or from what is cancelled: an order on hold may follow, for nothing is
// sent by it.
func (s *Service) FollowTx(ctx context.Context, tx pgx.Tx, order Order, to State, cause Cause) (Order, error) {
	if to = to.decided(); to.Status == Refunded && to.Fulfillment == Partial {
		to.Fulfillment = Fulfilled // with what was sent
	}
	if err := checkAxes(order.State, to); err != nil {
		return Order{}, err
	}
	return s.storeTx(ctx, tx, order, to, cause)
}

// endItemsTx has nothing more of a locked order be sent once it ends, and all of it once it is reinstated.
func (s *Service) endItemsTx(ctx context.Context, tx pgx.Tx, order Order, to State) (Order, error) {
	var moves []Move
	for _, item := range order.Items {
		move, left := Move{ItemID: item.ID}, item.ToSend()
		switch {
		case to.Status == Cancelled:
			move.Cancelled = left
		case to.Status == Refunded:
			move.Refunded = left
		case order.Status == Cancelled && to.Status == Confirmed:
			move.Cancelled = -item.Cancelled
		}
		if move.Cancelled != 0 || move.Refunded != 0 {
			moves = append(moves, move)
		}
	}
	return s.MoveItemsTx(ctx, tx, order, moves)
}

// wanted are the lines that are asked for, or all that is left to send. Each is the order's, once, and still there.
func (o *Order) wanted(asked []FulfillmentItem) (items []FulfillmentItem, err error) {
	left, seen := map[uuid.UUID]int32{}, map[uuid.UUID]bool{}
	for _, item := range o.Items {
		left[item.ID] = item.ToSend()
	}
	if len(asked) == 0 {
		return o.Unsent(), nil
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

// CancelItemsTx takes units of a locked order off what is to be sent: these, or all that is left. The order's state is
// the caller's to settle. ErrNothingToCancel, ErrTooMany, and an errs.Invalid that names lines which the order does not
// have.
func (s *Service) CancelItemsTx(ctx context.Context, tx pgx.Tx, order Order, asked []FulfillmentItem) (Order, []FulfillmentItem, error) {
	if len(order.Unsent()) == 0 {
		return Order{}, nil, ErrNothingToCancel
	}
	items, err := order.wanted(asked)
	if err != nil {
		return Order{}, nil, err
	}
	moves := make([]Move, len(items))
	for i, item := range items {
		moves[i] = Move{ItemID: item.ItemID, Cancelled: item.Quantity}
	}
	order, err = s.MoveItemsTx(ctx, tx, order, moves)
	return order, items, err
}
