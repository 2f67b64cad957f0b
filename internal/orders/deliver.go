package orders

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Deliver marks a fulfilment of an order as delivered. The order is DELIVERED once all of it was sent and has arrived.
// Marking it twice changes nothing. ErrNotFound, ErrNoFulfillment, ErrTransition, ErrOnHold.
func (s *Service) Deliver(ctx context.Context, id, fulfillment uuid.UUID, cause Cause) (turned Fulfillment, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.LockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		turned, err = s.turnTx(ctx, tx, order, fulfillment, Arrived, func([]FulfillmentItem) error {
			cause.Fulfillment = fulfillment
			return s.arriveTx(ctx, tx, order, cause)
		})
		return err
	})
	return turned, err
}

// arriveTx is what an order does when a fulfilment of it has arrived.
func (s *Service) arriveTx(ctx context.Context, tx pgx.Tx, order Order, cause Cause) error {
	to := order.State
	if order.Status == Shipped {
		more, err := s.q.FulfillmentIsOnItsWay(ctx, tx, order.ID)
		if err != nil {
			return fmt.Errorf("look for what is on its way: %w", err)
		}
		if !more {
			to.Status = Delivered
		}
	}
	_, err := s.ChangeTx(ctx, tx, order, to, cause)
	return err
}

// CancelFulfillmentTx takes back a fulfilment of a locked order that was recorded by mistake: what it sent is to be sent
// again, and the order is PROCESSING. Units that were refunded as sent, of which refunded says how many of each line, and
// those of an order that was refunded whole, are refunded and not to be sent. The order is returned with its lines' account;
// the stock is the caller's to move. Taking it back twice changes nothing.
// Errors: ErrNoFulfillment, ErrTransition, and ErrOnReturn where it sent what comes back.
func (s *Service) CancelFulfillmentTx(
	ctx context.Context, tx pgx.Tx, order Order, fulfillment uuid.UUID, refunded map[uuid.UUID]int32, cause Cause,
) (after Order, turned Fulfillment, err error) {
	after = order
	turned, err = s.turnTx(ctx, tx, order, fulfillment, TakenBack, func(sent []FulfillmentItem) error {
		if after, err = s.MoveItemsTx(ctx, tx, order, order.takingBack(sent, refunded)); errors.Is(err, ErrTooMany) {
			return ErrOnReturn
		}
		if err != nil {
			return err
		}
		if err := s.unreturnedTx(ctx, tx, after); err != nil {
			return err
		}
		to, err := s.SettledTx(ctx, tx, after)
		if err != nil {
			return err
		}
		if order.Status != Refunded && to.Fulfillment != Fulfilled {
			to.Status = Processing
		}
		cause.Fulfillment = fulfillment
		change := s.ChangeTx
		if order.Review == Held { // nothing is sent by it
			change = s.FollowTx
		}
		after, err = change(ctx, tx, after, to, cause)
		return err
	})
	return after, turned, err
}

// takingBack is how the account of the order's lines moves when what was sent was not.
func (o *Order) takingBack(sent []FulfillmentItem, refunded map[uuid.UUID]int32) []Move {
	moves := make([]Move, len(sent))
	for i, one := range sent {
		moves[i] = Move{ItemID: one.ItemID, Fulfilled: -one.Quantity}
		item, _ := o.Item(one.ItemID)
		if moves[i].Refunded = min(one.Quantity, max(0, refunded[one.ItemID]-(item.Fulfilled-one.Quantity))); o.Status == Refunded {
			moves[i].Refunded = one.Quantity
		}
	}
	return moves
}

// unreturnedTx makes sure that no more of a locked order is on returns than was sent. ErrOnReturn.
func (s *Service) unreturnedTx(ctx context.Context, tx pgx.Tx, order Order) error {
	left, err := s.ReturnableTx(ctx, tx, order)
	if err != nil {
		return err
	}
	for _, quantity := range left {
		if quantity < 0 {
			return ErrOnReturn
		}
	}
	return nil
}

// turnTx takes a fulfilment of a locked order to another status; follow is what that makes of the order.
func (s *Service) turnTx(
	ctx context.Context, tx pgx.Tx, order Order, fulfillment uuid.UUID, status DeliveryStatus, follow func([]FulfillmentItem) error,
) (Fulfillment, error) {
	row, err := s.q.FulfillmentGet(ctx, tx, db.FulfillmentGetParams{ID: fulfillment, OrderID: order.ID})
	if postgres.IsMissing(err) {
		return Fulfillment{}, ErrNoFulfillment
	}
	if err != nil {
		return Fulfillment{}, fmt.Errorf("read the fulfilment: %w", err)
	}
	before := DeliveryStatus(row.Status)
	if err := checkAxis("fulfillment", deliveryTransitions, before, status); err != nil {
		return Fulfillment{}, err
	}
	if before != status {
		row, err = s.q.FulfillmentSetStatus(ctx, tx, db.FulfillmentSetStatusParams{ID: row.ID, Status: string(status), Now: s.now()})
		if err != nil {
			return Fulfillment{}, fmt.Errorf("change the fulfilment: %w", err)
		}
	}
	all, err := s.withSent(ctx, tx, []db.Fulfillment{row})
	if err != nil || before == status {
		return first(all), err
	}
	return all[0], follow(all[0].Items)
}

func first(all []Fulfillment) (one Fulfillment) {
	if len(all) > 0 {
		one = all[0]
	}
	return one
}

// deliverAllTx marks as delivered all that is on its way of an order.
func (s *Service) deliverAllTx(ctx context.Context, tx pgx.Tx, order uuid.UUID) error {
	err := s.q.FulfillmentDeliverAll(ctx, tx, db.FulfillmentDeliverAllParams{OrderID: order, Now: s.now()})
	if err != nil {
		return fmt.Errorf("deliver what is on its way: %w", err)
	}
	return nil
}
