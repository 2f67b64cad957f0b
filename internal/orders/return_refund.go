package orders

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/postgres"
)

// ReturnToRefundTx is a return of a locked order whose money can be given back now. ErrNoReturn, ErrTransition,
// ErrReturnRefunding.
func (s *Service) ReturnToRefundTx(ctx context.Context, tx pgx.Tx, order Order, id uuid.UUID) (Return, error) {
	one, err := s.returnTx(ctx, tx, id)
	switch {
	case err != nil:
		return Return{}, err
	case one.OrderID != order.ID:
		return Return{}, ErrNoReturn
	case one.Status != ReturnReceived:
		return Return{}, notAllowed("return", string(one.Status), string(ReturnRefunded))
	case one.Refunding():
		return Return{}, ErrReturnRefunding
	}
	return one, nil
}

// RefundReturnTx notes which refund gives back what came with a return. It is REFUNDED once that refund is made.
func (s *Service) RefundReturnTx(ctx context.Context, tx pgx.Tx, one Return, refund uuid.UUID) error {
	one.Refund = refund
	_, err := s.storeReturnTx(ctx, tx, one)
	return err
}

// HearReturnRefundTx takes the return of a locked order to where its refund leads: REFUNDED when that was made, or back
// to RECEIVED, so that it can be refunded again, when it came to nothing. Without a return of that refund it does nothing.
func (s *Service) HearReturnRefundTx(ctx context.Context, tx pgx.Tx, order Order, made bool, cause Cause) error {
	row, err := s.q.ReturnGetByRefund(ctx, tx, cause.Refund)
	if postgres.IsMissing(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the refund's return: %w", err)
	}
	one := toReturn(row)
	to := one
	if cause.Type, to.Status = "return_refunded", ReturnRefunded; !made {
		cause.Type, to.Status, to.Refund = "return_refund_failed", ReturnReceived, uuid.Nil
	}
	if one.Status == to.Status { // it was never REFUNDED, and is free again
		turned, err := s.storeReturnTx(ctx, tx, to)
		if err != nil {
			return err
		}
		return s.noteReturnTx(ctx, tx, order, turned, cause)
	}
	_, err = s.turnReturnTx(ctx, tx, order, one, to, cause)
	return err
}
