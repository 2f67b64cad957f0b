package checkout

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/errs"
	"cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// giveBackTx decides to refund a payment's whole rest, once, and has a job do it.
func (s *Service) giveBackTx(ctx context.Context, tx pgx.Tx, payment payments.Payment, reason string) error {
	id, created, err := s.Payments.StartRefundTx(ctx, tx, payment, reason)
	if err != nil || !created {
		return err
	}
	return s.Jobs.EnqueueTx(ctx, tx, refundPayment{id}, s.Now())
}

// refund is the job that asks the provider for what giveBackTx decided. Its key derives from the
// refund's row, so a job that runs twice refunds once.
func (s *Service) refund(ctx context.Context, job refundPayment) error {
	request, err := s.Payments.RefundByID(ctx, job.RefundID)
	if err != nil || request.Status != payments.RefundPending {
		return err
	}
	made, err := s.Provider.Refund(ctx, payments.NewRefund{
		RefundID: request.ID, IntentID: request.Payment.IntentID, Amount: request.Amount,
	})
	if err != nil {
		var known *errs.Error
		if errors.As(err, &known) && known.Kind == errs.Unavailable {
			return err
		}
		return fmt.Errorf("refund %s needs a person: %w", request.ID, err)
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.Orders.LockTx(ctx, tx, request.Payment.OrderID)
		if err != nil {
			return err
		}
		payment, err := s.Payments.LockTx(ctx, tx, request.Payment.ID)
		if err != nil {
			return err
		}
		if err := s.Payments.EndRefundTx(ctx, tx, request.ID, made); err != nil {
			return err
		}
		if made.Status != payments.RefundSucceeded {
			s.Logger.WarnContext(ctx, "refund not through yet", "refund", request.ID, "status", made.Status)
			return nil
		}
		// The rest was given back, so all of it is now.
		_, err = s.refundedTx(ctx, tx, order, payment, payment.Amount, bySystem)
		return err
	})
}

// refundedTx records how much of a locked payment has been given back in all, and what that makes
// of its order. News of less than is known changes nothing.
func (s *Service) refundedTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, total money.Amount, actor string,
) (orders.Order, error) {
	payment, err := s.Payments.RefundedTx(ctx, tx, payment, total)
	if err != nil || payment.Refunded.Minor == 0 {
		return order, err
	}
	to, cause := order.State, orders.Cause{Type: "refunded", Actor: actor, Reason: payment.Refunded.String()}
	to.Payment = orders.PaymentPartiallyRefunded
	if payment.Refunded == payment.Amount {
		to.Payment = orders.PaymentRefunded
		if order.Status != orders.Cancelled {
			to.Status = orders.Refunded
		}
	}
	return s.Orders.MoveTx(ctx, tx, order, to, cause)
}
