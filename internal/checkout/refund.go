package checkout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/errs"
	"cartwright/internal/jobs"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// giveBackTx decides to give back all that is left of a payment, and has a job do it; what is only authorized is let go. Of
// a payment of which nothing is left, it decides nothing.
func (s *Service) giveBackTx(ctx context.Context, tx pgx.Tx, payment payments.Payment, why string) error {
	if payment.Status == payments.Authorized {
		return s.Jobs.EnqueueTx(ctx, tx, voidPayment{payment.OrderID, payment.ID}, s.Now())
	}
	left := payment.Left()
	if left.Minor == 0 {
		return nil
	}
	refund, err := s.Payments.StartRefundTx(ctx, tx, payments.Refund{Payment: payment, Amount: left, Actor: bySystem, Note: why})
	if err != nil {
		return err
	}
	return s.Jobs.EnqueueTx(ctx, tx, refundPayment{refund.ID}, s.Now())
}

const (
	// askAgain is how soon a job sees a refund through that was asked for by somebody who waited for the answer.
	askAgain = time.Minute
	// lookAgainForKey is how soon a refund is looked at again that the provider failed at: it keeps its failure under the
	// refund's key for a day, and asking under another might give back twice.
	lookAgainForKey = time.Hour
	// lookAgainForRefund is how soon a refund that the bank is thinking about is looked at again.
	lookAgainForRefund = 6 * time.Hour
)

// Refund gives back part of what was paid for an order. However many do it at once, no more is given back than was paid.
// It is written down before the provider is asked; what the provider answers stands in the refund, and while that is
// unknown, the refund is pending and a job finds out. Asking again with the same key answers the same refund.
// orders.ErrNotFound, ErrNotPaid, ErrNotCaptured, ErrNothingToRefund, ErrRefundItems, payments.ErrRefundExceeds, payments.ErrDisputed,
// ErrRestock, and an errs.Invalid that names lines which the order does not have; of a return also
// orders.ErrNoReturn, orders.ErrTransition, orders.ErrReturnRefunding and ErrReturnWorth.
func (s *Service) Refund(ctx context.Context, wanted Refund) (refund payments.Refund, err error) {
	ctx, cancel := context.WithTimeout(ctx, payments.AskFor)
	defer cancel()
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		refund, err = s.requestTx(ctx, tx, wanted)
		return err
	})
	if err != nil {
		return payments.Refund{}, err
	}
	if refund.ProviderID != "" || !refund.Undecided() {
		return s.Payments.Refund(ctx, wanted.Order, refund.ID) // asked for before
	}
	if err := s.askRefund(ctx, refund); err != nil {
		s.Logger.WarnContext(ctx, "refund is left to its job", "refund", refund.ID, "error", err)
	}
	return s.Payments.Refund(context.WithoutCancel(ctx), wanted.Order, refund.ID)
}

// requestTx records what is to be given back, and has the order's items follow.
func (s *Service) requestTx(ctx context.Context, tx pgx.Tx, wanted Refund) (refund payments.Refund, err error) {
	order, err := s.Orders.LockTx(ctx, tx, wanted.Order)
	if err != nil {
		return refund, err
	}
	latest, found, err := s.Payments.LatestTx(ctx, tx, order.ID)
	switch {
	case err != nil:
		return refund, err
	case order.Authorized():
		return refund, ErrNotCaptured
	case !order.Paid():
		return refund, ErrNotPaid
	case !found:
		return refund, wanted.refused(ErrNothingToRefund)
	}
	payment, err := s.Payments.LockTx(ctx, tx, latest.ID)
	if err != nil {
		return refund, err
	}
	if refund, found, err = s.Payments.AskedTx(ctx, tx, payment, wanted.Actor, wanted.Key); err != nil || found {
		return refund, err
	}
	refund = payments.Refund{
		Payment: payment, Actor: wanted.Actor, RequestKey: wanted.Key, Reason: wanted.Reason, Note: wanted.Note, Restocked: wanted.Restock,
	}
	before, err := s.Payments.RefundedItemsTx(ctx, tx, payment)
	if err != nil {
		return refund, err
	}
	came, err := s.cameTx(ctx, tx, order, before, &wanted)
	if err != nil {
		return refund, err
	}
	if err := wanted.of(order, before, &refund); err != nil {
		return refund, wanted.refused(err)
	}
	if refund, err = s.Payments.StartRefundTx(ctx, tx, refund); err != nil {
		return refund, exceeding(err, payment)
	}
	if order, err = s.takeOffTx(ctx, tx, order, refund, before, came.ID != uuid.Nil); err != nil {
		return refund, err
	}
	cause := causeOf("refund_requested", refund)
	if came.ID != uuid.Nil {
		if err := s.Orders.RefundReturnTx(ctx, tx, came, refund.ID); err != nil {
			return refund, err
		}
		cause.Return, cause.Stands = came.ID, came.Status
	}
	if _, err = s.Orders.SettleTx(ctx, tx, order, cause); err != nil {
		return refund, err
	}
	return refund, s.Jobs.EnqueueTx(ctx, tx, refundPayment{refund.ID}, s.Now().Add(askAgain))
}

// refused says what to do with a return for which nothing is left to give back.
func (r *Refund) refused(err error) error {
	if r.Return == uuid.Nil || !errors.Is(err, ErrNothingToRefund) {
		return err
	}
	refused := *ErrNothingToRefund
	refused.Message = "There is nothing left to give back for what came. Close the return instead."
	return &refused
}

// cameTx has a refund of a return be for what came with it and was not refunded before; without one it does nothing.
func (s *Service) cameTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, before map[uuid.UUID]payments.RefundItem, wanted *Refund,
) (came orders.Return, err error) {
	if wanted.Return == uuid.Nil {
		return came, nil
	}
	if came, err = s.Orders.ReturnToRefundTx(ctx, tx, order, wanted.Return); err != nil {
		return came, err
	}
	wanted.Items = nil
	for _, item := range came.Items {
		line, _ := order.Item(item.ItemID)
		if units := min(item.Received, line.Quantity-before[item.ItemID].Quantity); units > 0 {
			wanted.Items = append(wanted.Items, payments.RefundItem{ItemID: item.ItemID, Quantity: units})
		}
	}
	if len(wanted.Items) == 0 {
		return came, wanted.refused(ErrNothingToRefund)
	}
	return came, nil
}

// exceeding says how much is left where too much was asked for.
func exceeding(err error, payment payments.Payment) error {
	if !errors.Is(err, payments.ErrRefundExceeds) {
		return err
	}
	refused := *payments.ErrRefundExceeds
	refused.Message = fmt.Sprintf("Of this payment %s are left to give back.", payment.Left())
	return &refused
}

// causeOf is what an order's event says of a refund. The note stays with the refund, from where it can be taken.
func causeOf(kind string, refund payments.Refund) orders.Cause {
	reasons := []string{refund.Amount.String()}
	for _, more := range []string{refund.Reason, refund.Failure} {
		if more != "" {
			reasons = append(reasons, more)
		}
	}
	return orders.Cause{Type: kind, Actor: refund.Actor, Reason: strings.Join(reasons, ", "), Refund: refund.ID}
}

// askRefund asks the provider for a refund. Its key derives from the refund's row, so asking twice gives back once.
func (s *Service) askRefund(ctx context.Context, refund payments.Refund) error {
	news, err := s.Provider.Refund(ctx, payments.NewRefund{
		RefundID: refund.ID, IntentID: refund.Payment.IntentID, Amount: refund.Amount, Reason: refund.Reason,
	})
	if err != nil {
		return err
	}
	// Money may have moved: that is stored although whoever asked may have left.
	return s.heard(context.WithoutCancel(ctx), refund.Payment, func(ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment) error {
		if news.ID == "" {
			return s.refusedTx(ctx, tx, order, refund, news.Failure)
		}
		_, err := s.refundsTx(ctx, tx, order, payment, []payments.RefundNews{news})
		return err
	})
}

// refund is the job that sees a refund through. It looks before it asks: the provider forgets a key after a while, and
// then the same question would give back again.
func (s *Service) refund(ctx context.Context, job refundPayment) error {
	refund, err := s.Payments.RefundByID(ctx, job.RefundID)
	if err != nil || !refund.Undecided() {
		return err
	}
	if err := s.lookAtRefunds(ctx, refund.Payment); err != nil {
		return err
	}
	if refund, err = s.Payments.RefundByID(ctx, job.RefundID); err != nil {
		return err
	}
	if refund.ProviderID == "" && refund.Undecided() {
		err := s.askRefund(ctx, refund)
		if errors.Is(err, payments.ErrKeySpent) {
			return jobs.Again(lookAgainForKey)
		}
		if err != nil {
			var known *errs.Error
			if errors.As(err, &known) && known.Kind == errs.Unavailable {
				return err
			}
			return fmt.Errorf("refund %s needs a person: %w", refund.ID, err)
		}
		if refund, err = s.Payments.RefundByID(ctx, job.RefundID); err != nil {
			return err
		}
	}
	if refund.Undecided() {
		return jobs.Again(lookAgainForRefund)
	}
	return nil
}

// lookAtRefunds reads what the provider has given back of a payment, and what banks have against it.
func (s *Service) lookAtRefunds(ctx context.Context, payment payments.Payment) error {
	intent, err := s.Provider.Intent(ctx, payment.IntentID)
	switch {
	case errors.Is(err, payments.ErrUnknownIntent), errors.Is(err, payments.ErrUnreadable):
		return nil // asking for the refund will tell
	case err != nil:
		return err
	}
	return s.heard(ctx, payment, func(ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment) error {
		return s.movedTx(ctx, tx, order, payment, intent)
	})
}

// heard locks an order and its payment to have news take effect.
func (s *Service) heard(
	ctx context.Context, payment payments.Payment,
	effect func(ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment) error,
) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.Orders.LockTx(ctx, tx, payment.OrderID)
		if err != nil {
			return err
		}
		locked, err := s.Payments.LockTx(ctx, tx, payment.ID)
		if err != nil {
			return err
		}
		return effect(ctx, tx, order, locked)
	})
}
