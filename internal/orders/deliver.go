package orders

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Deliver marks a fulfilment of an order as delivered. The order is DELIVERED once all of it was sent and has arrived.
// Marking it twice changes nothing. ErrNotFound, ErrNoFulfillment, ErrTransition, ErrOnHold.
func (s *Service) Deliver(ctx context.Context, order, fulfillment uuid.UUID, cause Cause) (Fulfillment, error) {
	return s.turn(ctx, order, fulfillment, Arrived, cause, func(ctx context.Context, tx pgx.Tx, order Order) (State, error) {
		to := order.State
		if order.Status != Shipped {
			return to, nil
		}
		more, err := s.q.FulfillmentIsOnItsWay(ctx, tx, order.ID)
		if err != nil {
			return to, fmt.Errorf("look for what is on its way: %w", err)
		}
		if !more {
			to.Status = Delivered
		}
		return to, nil
	})
}

// CancelFulfillment takes back a fulfilment that was recorded by mistake: what it sent is left to be sent again, and the
// order is PROCESSING. Taking it back twice changes nothing. ErrNotFound, ErrNoFulfillment, ErrTransition, ErrOnHold, and
// ErrOnReturn where it sent what comes back.
func (s *Service) CancelFulfillment(ctx context.Context, order, fulfillment uuid.UUID, cause Cause) (Fulfillment, error) {
	return s.turn(ctx, order, fulfillment, TakenBack, cause, func(ctx context.Context, tx pgx.Tx, order Order) (State, error) {
		to := order.State
		if err := s.q.OrderItemUnfulfill(ctx, tx, fulfillment); err != nil {
			return to, fmt.Errorf("take back what was sent: %w", err)
		}
		rest, err := s.LockTx(ctx, tx, order.ID)
		if err != nil {
			return to, err
		}
		if err := s.unreturnedTx(ctx, tx, rest); err != nil {
			return to, err
		}
		to.Status, to.Fulfillment = Processing, Unfulfilled
		for _, item := range rest.Items {
			if item.Fulfilled > 0 {
				to.Fulfillment = Partial
			}
		}
		return to, nil
	})
}

// unreturnedTx makes sure that no more of a locked order is on returns than was sent. ErrOnReturn.
func (s *Service) unreturnedTx(ctx context.Context, tx pgx.Tx, order Order) error {
	left, err := s.returnableTx(ctx, tx, order)
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

// turn takes a fulfilment to another status, and its order to where follow says, with an event.
func (s *Service) turn(
	ctx context.Context, order, fulfillment uuid.UUID, status DeliveryStatus, cause Cause,
	follow func(context.Context, pgx.Tx, Order) (State, error),
) (turned Fulfillment, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.LockTx(ctx, tx, order)
		if err != nil {
			return err
		}
		row, err := s.q.FulfillmentGet(ctx, tx, db.FulfillmentGetParams{ID: fulfillment, OrderID: order.ID})
		if postgres.IsMissing(err) {
			return ErrNoFulfillment
		}
		if err != nil {
			return fmt.Errorf("read the fulfilment: %w", err)
		}
		if before := DeliveryStatus(row.Status); before != status {
			if err := checkAxis("fulfillment", deliveryTransitions, before, status); err != nil {
				return err
			}
			row, err = s.q.FulfillmentSetStatus(ctx, tx, db.FulfillmentSetStatusParams{ID: row.ID, Status: string(status), Now: s.now()})
			if err != nil {
				return fmt.Errorf("change the fulfilment: %w", err)
			}
			if err := s.followTx(ctx, tx, order, fulfillment, cause, follow); err != nil {
				return err
			}
		}
		all, err := s.withSent(ctx, tx, []db.Fulfillment{row})
		if err == nil {
			turned = all[0]
		}
		return err
	})
	return turned, err
}

// followTx takes a locked order to where a fulfilment of it leads, with an event.
func (s *Service) followTx(
	ctx context.Context, tx pgx.Tx, order Order, fulfillment uuid.UUID, cause Cause,
	follow func(context.Context, pgx.Tx, Order) (State, error),
) error {
	to, err := follow(ctx, tx, order)
	if err != nil {
		return err
	}
	cause.Fulfillment = fulfillment
	_, err = s.ChangeTx(ctx, tx, order, to, cause)
	return err
}

// deliverAllTx marks as delivered all that is on its way of an order.
func (s *Service) deliverAllTx(ctx context.Context, tx pgx.Tx, order uuid.UUID) error {
	err := s.q.FulfillmentDeliverAll(ctx, tx, db.FulfillmentDeliverAllParams{OrderID: order, Now: s.now()})
	if err != nil {
		return fmt.Errorf("deliver what is on its way: %w", err)
	}
	return nil
}
