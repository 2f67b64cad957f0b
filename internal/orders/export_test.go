package orders

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/page"
)

// ListThrough asks for the first page of a list through something else than the database.
func (s *Service) ListThrough(ctx context.Context, through db.DBTX, filter Filter) {
	_, _ = s.listThrough(ctx, through, filter, page.Request{})
}

// Fulfill is FulfillTx of an order that counts no stock.
func (s *Service) Fulfill(ctx context.Context, fulfill Fulfill, cause Cause) (sent Fulfillment, err error) {
	err = s.locked(ctx, fulfill.Order, func(ctx context.Context, tx pgx.Tx, order Order) error {
		_, sent, err = s.FulfillTx(ctx, tx, order, fulfill, cause)
		return err
	})
	return sent, err
}

// CancelFulfillment is CancelFulfillmentTx of an order that counts no stock.
func (s *Service) CancelFulfillment(ctx context.Context, id, fulfillment uuid.UUID, cause Cause) (back Fulfillment, err error) {
	err = s.locked(ctx, id, func(ctx context.Context, tx pgx.Tx, order Order) error {
		_, back, err = s.CancelFulfillmentTx(ctx, tx, order, fulfillment, nil, cause)
		return err
	})
	return back, err
}

// SetStatus is SetStatusTx of an order that counts no stock.
func (s *Service) SetStatus(ctx context.Context, id uuid.UUID, status Status, cause Cause) (changed Order, err error) {
	err = s.locked(ctx, id, func(ctx context.Context, tx pgx.Tx, order Order) error {
		changed, err = s.SetStatusTx(ctx, tx, order, status, cause)
		return err
	})
	return changed, err
}

func (s *Service) locked(ctx context.Context, id uuid.UUID, change func(context.Context, pgx.Tx, Order) error) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.LockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		return change(ctx, tx, order)
	})
}
