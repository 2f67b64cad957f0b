package orders

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// SetStatusTx is staff moving a paid order along: PROCESSING, SHIPPED, DELIVERED. Shipping sends all that is left of it,
// and delivering delivers all that was sent; the stock of what is sent is the caller's to move. Other statuses follow from
// payment, cancellation and fulfilments. Errors: ErrTransition, ErrOnHold, and those of FulfillTx.
func (s *Service) SetStatusTx(ctx context.Context, tx pgx.Tx, order Order, status Status, cause Cause) (Order, error) {
	if order.Status == status {
		return order, nil
	}
	if !slices.Contains(byHand[order.Status], status) {
		return Order{}, notAllowed("status", string(order.Status), string(status)+" by hand")
	}
	to := order.State
	to.Status = status
	switch status {
	case Shipped:
		order, _, err := s.FulfillTx(ctx, tx, order, Fulfill{Order: order.ID}, cause)
		return order, err
	case Delivered:
		if err := s.deliverAllTx(ctx, tx, order.ID); err != nil {
			return Order{}, err
		}
	}
	return s.MoveTx(ctx, tx, order, to, cause)
}
