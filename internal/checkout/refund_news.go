package checkout

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/crash"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// refundsTx has news of a locked payment's refunds take effect, each once, whoever brings them and however often.
func (s *Service) refundsTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, told []payments.RefundNews,
) (orders.Order, error) {
	changes, err := s.Payments.HearRefundsTx(ctx, tx, payment, told)
	if err != nil {
		return order, err
	}
	if len(changes) > 0 {
		crash.Point("refund.stored")
	}
	for _, change := range changes {
		if order, err = s.refundTx(ctx, tx, order, change); err != nil {
			return order, err
		}
		if change.Found && change.Refund.Undecided() {
			if err := s.Jobs.EnqueueTx(ctx, tx, refundPayment{change.Refund.ID}, s.Now().Add(lookAgainForRefund)); err != nil {
				return order, err
			}
		}
	}
	return order, nil
}

// refusedTx ends a refund that the provider will never make, unless it is known by now that it did.
func (s *Service) refusedTx(ctx context.Context, tx pgx.Tx, order orders.Order, refund payments.Refund, why string) error {
	now, err := s.Payments.RefundByIDTx(ctx, tx, refund.ID)
	if err != nil || now.ProviderID != "" || !now.Undecided() {
		return err
	}
	change, err := s.Payments.RefusedTx(ctx, tx, refund, why)
	if err != nil {
		return err
	}
	_, err = s.refundTx(ctx, tx, order, change)
	return err
}

// refundTx records what became of a refund, and what that makes of its order: only what is really back counts.
func (s *Service) refundTx(ctx context.Context, tx pgx.Tx, order orders.Order, change payments.RefundChange) (_ orders.Order, err error) {
	refund, kind := change.Refund, "refund_requested"
	switch {
	case refund.Status == payments.RefundSucceeded:
		kind = "refunded"
	case refund.Over():
		kind = "refund_failed"
		s.Logger.ErrorContext(ctx, "refund failed and needs a person", "refund", refund.ID, "status", refund.Status, "why", refund.Failure)
	case !change.Found:
		return order, nil
	}
	to := order.State
	switch payment := change.Payment; payment.Refunded {
	case payment.Amount:
		to.Payment = orders.PaymentRefunded
		if order.Status != orders.Cancelled {
			to.Status = orders.Refunded
		}
	default:
		if to.Payment = orders.PaymentPartiallyRefunded; payment.Refunded.Minor == 0 {
			to.Payment = orders.PaymentPaid
		}
	}
	if change.Payment.Left().Minor == 0 && !refund.Over() {
		if order, to, err = s.allRefundedTx(ctx, tx, order, to); err != nil {
			return order, err
		}
	}
	if order, err = s.Orders.FollowTx(ctx, tx, order, to, causeOf(kind, refund)); err != nil || refund.Undecided() {
		return order, err
	}
	return order, s.Orders.HearReturnRefundTx(ctx, tx, order, refund.Status == payments.RefundSucceeded, causeOf(kind, refund))
}

// allRefundedTx releases what is to be sent of a locked order of whose payment nothing is left, and returns where that
// leads it.
func (s *Service) allRefundedTx(ctx context.Context, tx pgx.Tx, order orders.Order, to orders.State) (orders.Order, orders.State, error) {
	if len(order.Unsent()) == 0 {
		return order, to, nil
	}
	order, err := s.releaseTx(ctx, tx, order)
	if err != nil {
		return order, to, err
	}
	settled, err := s.Orders.SettledTx(ctx, tx, order)
	if to.Fulfillment = settled.Fulfillment; to.Status != orders.Refunded {
		to.Status = settled.Status
	}
	return order, to, err
}
