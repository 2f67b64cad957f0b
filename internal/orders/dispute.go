package orders

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Disputed is the reason of an order's review that its payment is disputed, or was lost to a dispute.
const Disputed = "payment_disputed"

// Disputed reports whether the order was put on hold for a dispute that was not won since.
func (o *Order) Disputed() bool { return slices.Contains(o.Judgement.Reasons, Disputed) }

// HoldError is the error of what an order on hold does not allow: ErrDisputed where a dispute holds it, else ErrOnHold.
func (o *Order) HoldError() error {
	if o.Disputed() {
		return ErrDisputed
	}
	return ErrOnHold
}

// HoldDisputedTx puts a locked order of which something is to be sent on hold because its payment is disputed, also where it
// was released before. An order on hold stays so, with one reason more.
func (s *Service) HoldDisputedTx(ctx context.Context, tx pgx.Tx, order Order, cause Cause) (Order, error) {
	if len(order.Unsent()) == 0 || order.Review == Held && order.Disputed() {
		return order, nil
	}
	if !order.Disputed() {
		order.Judgement.Reasons = append(slices.Clone(order.Judgement.Reasons), Disputed)
	}
	to := order.State
	to.Review = Held
	cause.Type = "held"
	return s.ChangeTx(ctx, tx, order, to, cause)
}

// LiftDisputeTx takes the dispute off a locked order's review. Where the dispute alone holds the order, it is as before the
// hold; a hold that a payment's check put it on is lifted by a person only.
func (s *Service) LiftDisputeTx(ctx context.Context, tx pgx.Tx, order Order, cause Cause) (Order, error) {
	if !order.Disputed() {
		return order, nil
	}
	order.Judgement.Reasons = slices.DeleteFunc(slices.Clone(order.Judgement.Reasons), func(r string) bool { return r == Disputed })
	to := order.State
	if order.Review == Held {
		before, err := s.q.OrderHoldStart(ctx, tx, order.ID)
		if err != nil {
			return Order{}, fmt.Errorf("find what put the order on hold: %w", err)
		}
		if before.DisputeID != nil {
			to.Review = ReviewStatus(before.ReviewBefore)
		}
	}
	cause.Type = "dispute_won"
	if to.Review != order.Review {
		cause.Type = "hold_lifted"
	}
	return s.ChangeTx(ctx, tx, order, to, cause)
}
