package orders

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// ApproveReturn lets the customer send back what they asked to. ErrNoReturn, ErrTransition.
func (s *Service) ApproveReturn(ctx context.Context, id uuid.UUID, actor string) (Return, error) {
	return s.turnReturn(ctx, id, func(one *Return) { one.Status = ReturnApproved }, Cause{Type: "return_approved", Actor: actor})
}

// RejectReturn refuses a return, with what the customer is told, which stays with the return, from where it can be taken.
// ErrNoReturn, ErrTransition.
func (s *Service) RejectReturn(ctx context.Context, id uuid.UUID, reply, actor string) (Return, error) {
	return s.turnReturn(ctx, id, func(one *Return) { one.Status, one.Reply = ReturnRejected, reply },
		Cause{Type: "return_rejected", Actor: actor})
}

// CancelReturn takes a return back of which nothing came: its customer while nobody has decided on it, staff also after it
// was approved. ErrNotFound, also for what is another's, ErrNoReturn, ErrTransition, ErrReturnApproved.
func (s *Service) CancelReturn(ctx context.Context, key Key, id uuid.UUID, cause Cause) (cancelled Return, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.OpenTx(ctx, tx, key)
		if err != nil {
			return err
		}
		one, err := s.returnTx(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case one.OrderID != order.ID:
			return ErrNoReturn
		case one.Status == ReturnApproved && !key.Staff:
			return ErrReturnApproved
		}
		to := one
		to.Status = ReturnCancelled
		cancelled, err = s.turnReturnTx(ctx, tx, order, one, to, cause)
		return err
	})
	return cancelled, err
}

// CloseReturn ends a return that was received and for which nothing is given back. Errors: ErrNoReturn, ErrTransition,
// ErrReturnRefunding.
func (s *Service) CloseReturn(ctx context.Context, id uuid.UUID, actor string) (closed Return, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, one, err := s.LockReturnTx(ctx, tx, id)
		if err != nil {
			return err
		}
		if one.Refunding() {
			return ErrReturnRefunding
		}
		to := one
		to.Status = ReturnClosed
		closed, err = s.turnReturnTx(ctx, tx, order, one, to, Cause{Type: "return_closed", Actor: actor})
		return err
	})
	return closed, err
}

// turnReturn takes a return to where change says, with an event.
func (s *Service) turnReturn(ctx context.Context, id uuid.UUID, change func(*Return), cause Cause) (turned Return, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, one, err := s.LockReturnTx(ctx, tx, id)
		if err != nil {
			return err
		}
		to := one
		change(&to)
		turned, err = s.turnReturnTx(ctx, tx, order, one, to, cause)
		return err
	})
	return turned, err
}

// LockReturnTx reads a return with its order, and keeps others from changing either until tx ends. ErrNoReturn.
func (s *Service) LockReturnTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (order Order, one Return, err error) {
	if one, err = s.returnTx(ctx, tx, id); err != nil {
		return order, one, err
	}
	if order, err = s.LockTx(ctx, tx, one.OrderID); err != nil {
		return order, one, err
	}
	one, err = s.returnTx(ctx, tx, id) // as those left it who were before
	return order, one, err
}

func (s *Service) returnTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Return, error) {
	row, err := s.q.ReturnGet(ctx, tx, id)
	if postgres.IsMissing(err) {
		return Return{}, ErrNoReturn
	}
	if err != nil {
		return Return{}, fmt.Errorf("read the return: %w", err)
	}
	return s.withReturnItems(ctx, tx, row)
}

// turnReturnTx takes a return of a locked order to another status, with an event. ErrTransition also where it is there
// already: of two who decide at once, one is told.
func (s *Service) turnReturnTx(ctx context.Context, tx pgx.Tx, order Order, one, to Return, cause Cause) (Return, error) {
	if !slices.Contains(returnTransitions[one.Status], to.Status) {
		return Return{}, notAllowed("return", string(one.Status), string(to.Status))
	}
	turned, err := s.storeReturnTx(ctx, tx, to)
	if err != nil {
		return Return{}, err
	}
	return turned, s.noteReturnTx(ctx, tx, order, turned, cause)
}

func (s *Service) storeReturnTx(ctx context.Context, tx pgx.Tx, one Return) (Return, error) {
	row, err := s.q.ReturnSetStatus(ctx, tx, db.ReturnSetStatusParams{
		ID: one.ID, Status: string(one.Status), Reply: optional(one.Reply), RefundID: whoever(one.Refund), Now: s.now(),
	})
	if err != nil {
		return Return{}, fmt.Errorf("change the return: %w", err)
	}
	return s.withReturnItems(ctx, tx, row)
}
