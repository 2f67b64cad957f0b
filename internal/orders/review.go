package orders

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ReviewStatus is whether an order waits for a person to look at it.
type ReviewStatus string

// The review statuses of an order. One on hold is not sent until staff release it; whoever cancels it or gives its
// money back has rejected it.
const (
	NotReviewed ReviewStatus = "NONE"
	Held        ReviewStatus = "HELD"
	Released    ReviewStatus = "RELEASED"
	Rejected    ReviewStatus = "REJECTED"
)

// Judgement is what was found of an order's payment, for staff alone: ALLOW, HOLD or BLOCK with the codes of the
// rules that led to it. The zero Judgement is that of an order nobody judged.
type Judgement struct {
	Verdict string
	Reasons []string
}

func (j Judgement) equal(other Judgement) bool {
	return j.Verdict == other.Verdict && slices.Equal(j.Reasons, other.Reasons)
}

// decided is the state without a hold that its end has decided, or that nothing is left to send of.
func (s State) decided() State {
	if s.Review == Held && (s.Status == Cancelled || s.Status == Refunded || s.Fulfillment == Fulfilled) {
		s.Review = Rejected
	}
	return s
}

// JudgeTx records what was found of a locked order, with an event. Finding the same again changes nothing.
func (s *Service) JudgeTx(ctx context.Context, tx pgx.Tx, order Order, judgement Judgement, cause Cause) (Order, error) {
	if order.Judgement.equal(judgement) {
		return order, nil
	}
	order.Judgement = judgement
	return s.storeTx(ctx, tx, order, order.State, cause)
}

// Release lets an order on hold go on. Releasing it twice changes nothing. ErrNotFound, ErrTransition.
func (s *Service) Release(ctx context.Context, id uuid.UUID, cause Cause) (released Order, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.LockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		to := order.State
		to.Review = Released
		released, err = s.MoveTx(ctx, tx, order, to, cause)
		return err
	})
	return released, err
}
