package orders

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// SetStatus is staff moving a paid order along: PROCESSING, SHIPPED, DELIVERED. Shipping sends all that is left of it,
// and delivering delivers all that was sent. Other statuses follow from payment, cancellation and fulfilments and are
// refused with ErrTransition; ErrOnHold.
func (s *Service) SetStatus(ctx context.Context, id uuid.UUID, status Status, cause Cause) (changed Order, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.LockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		if order.Status == status {
			changed = order
			return nil
		}
		if !slices.Contains(byHand[order.Status], status) {
			return notAllowed("status", string(order.Status), string(status)+" by hand")
		}
		changed, err = s.setStatusTx(ctx, tx, order, status, cause)
		return err
	})
	return changed, err
}

func (s *Service) setStatusTx(ctx context.Context, tx pgx.Tx, order Order, status Status, cause Cause) (Order, error) {
	to := order.State
	to.Status = status
	switch status {
	case Shipped:
		order, _, err := s.fulfillTx(ctx, tx, order, Fulfill{Order: order.ID}, cause)
		return order, err
	case Delivered:
		if err := s.deliverAllTx(ctx, tx, order.ID); err != nil {
			return Order{}, err
		}
	}
	return s.MoveTx(ctx, tx, order, to, cause)
}
