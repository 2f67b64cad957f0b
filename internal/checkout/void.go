package checkout

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/fraud"
	"cartwright/internal/jobs"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// voidPayment lets go of authorized money that nothing is sold for.
type voidPayment struct {
	OrderID   uuid.UUID `json:"orderId"`
	PaymentID uuid.UUID `json:"paymentId"`
}

// Kind names the job.
func (voidPayment) Kind() string { return "payment_void" }

// Limits make one job of a payment.
func (voidPayment) Limits() jobs.Limits { return jobs.Limits{Once: true} }

// voidPayment is the job that lets go of money: of an order that ended, or that was bought by other means, or whose payment
// was to be blocked, unless staff have released it meanwhile.
func (s *Service) voidPayment(ctx context.Context, job voidPayment) error {
	ctx, cancel := context.WithTimeout(ctx, payments.AskFor)
	defer cancel()
	order, err := s.Orders.Get(ctx, job.OrderID)
	if err != nil {
		return err
	}
	payment, found, err := s.Payments.Find(ctx, payments.Intent{PaymentID: job.PaymentID})
	if err != nil || !found || payment.Status != payments.Authorized {
		return err
	}
	blocked := order.Review == orders.Held && order.Judgement.Verdict == string(fraud.Block)
	if order.Authorized() && order.Status != orders.Cancelled && !blocked {
		return nil
	}
	cause := orders.Cause{Type: "cancelled", Actor: bySystem, Reason: strings.Join(order.Judgement.Reasons, ", ")}
	return s.endHold(ctx, payment, cause)
}

// endHold has the provider let go of a payment's money and ends its order, or learns that the money was taken before.
func (s *Service) endHold(ctx context.Context, payment payments.Payment, cause orders.Cause) error {
	intent, err := s.letGo(ctx, payment)
	if err != nil {
		return err
	}
	return s.heard(context.WithoutCancel(ctx), payment, func(ctx context.Context, tx pgx.Tx, order orders.Order, locked payments.Payment) error {
		if intent.Status == payments.IntentCanceled && order.Authorized() && locked.Status == payments.Authorized {
			if order, err = s.letGoTx(ctx, tx, order, cause); err != nil {
				return err
			}
		}
		_, mismatch, err := s.applyTx(ctx, tx, order, locked, intent, byProvider)
		if err == nil && mismatch != "" {
			err = misfit(locked, intent, mismatch)
		}
		return err
	})
}

// hearHold finds out whether a payment is authorized that nobody has told of yet, as one that a shopper made past the
// shop: then it takes effect.
func (s *Service) hearHold(ctx context.Context, payment payments.Payment) (bool, error) {
	intent, err := s.read(ctx, payment)
	if err != nil || intent.Status != payments.IntentRequiresCapture {
		return false, err
	}
	_, err = s.conclude(ctx, payment, intent, uuid.Nil)
	return err == nil, err
}
