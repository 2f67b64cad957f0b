package checkout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/crash"
	"cartwright/internal/errs"
	"cartwright/internal/jobs"
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

// lookAgainForRefund is how soon a refund that the bank is thinking about is looked at again.
const lookAgainForRefund = 6 * time.Hour

// refund is the job that asks the provider for what giveBackTx decided, and sees it through. Its key
// derives from the refund's row, so a job that runs twice refunds once.
func (s *Service) refund(ctx context.Context, job refundPayment) error {
	request, err := s.Payments.RefundByID(ctx, job.RefundID)
	if err != nil || !request.Undecided() {
		return err
	}
	made, err := s.askRefund(ctx, request)
	if err != nil {
		var known *errs.Error
		if errors.As(err, &known) && known.Kind == errs.Unavailable {
			return err
		}
		return fmt.Errorf("refund %s needs a person: %w", request.ID, err)
	}
	if err := s.endRefund(ctx, request, made); err != nil {
		return err
	}
	switch made.Status {
	case payments.RefundPending, payments.RefundRequiresAction:
		return jobs.Again(lookAgainForRefund)
	case payments.RefundFailed, payments.RefundCancelled:
		s.Logger.ErrorContext(ctx, "refund failed and needs a person", "refund", request.ID, "status", made.Status)
	case payments.RefundSucceeded:
	}
	return nil
}

// askRefund makes the refund, or reads what became of it since.
func (s *Service) askRefund(ctx context.Context, request payments.RefundRequest) (payments.Refund, error) {
	if request.ProviderID != "" {
		return s.Provider.ReadRefund(ctx, request.ProviderID)
	}
	return s.Provider.Refund(ctx, payments.NewRefund{
		RefundID: request.ID, IntentID: request.Payment.IntentID, Amount: request.Amount,
	})
}

// endRefund stores the provider's answer, and what it makes of the order once the money is back.
func (s *Service) endRefund(ctx context.Context, request payments.RefundRequest, made payments.Refund) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.Orders.LockTx(ctx, tx, request.Payment.OrderID)
		if err != nil {
			return err
		}
		payment, err := s.Payments.LockTx(ctx, tx, request.Payment.ID)
		if err != nil {
			return err
		}
		if err := s.Payments.EndRefundTx(ctx, tx, request.ID, made); err != nil || made.Status != payments.RefundSucceeded {
			return err
		}
		crash.Point("refund.stored")
		// The rest was given back, so all of it is now.
		return s.refundedTx(ctx, tx, order, payment, payment.Amount, bySystem)
	})
}

// refundedTx records how much of a locked payment has been given back in all, and what that makes
// of its order. News of less than is known changes nothing.
func (s *Service) refundedTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, total money.Amount, actor string,
) error {
	payment, err := s.Payments.RefundedTx(ctx, tx, payment, total)
	if err != nil || payment.Refunded.Minor == 0 {
		return err
	}
	to, cause := order.State, orders.Cause{Type: "refunded", Actor: actor, Reason: payment.Refunded.String()}
	to.Payment = orders.PaymentPartiallyRefunded
	if payment.Refunded == payment.Amount {
		to.Payment = orders.PaymentRefunded
		if order.Status != orders.Cancelled {
			to.Status = orders.Refunded
		}
	}
	_, err = s.Orders.MoveTx(ctx, tx, order, to, cause)
	return err
}
