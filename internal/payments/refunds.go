package payments

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/money"
)

// RefundRequest is a refund we decided on: the row exists before the provider is asked.
type RefundRequest struct {
	ID         uuid.UUID
	ProviderID string // "" until the provider answered
	Payment    Payment
	Amount     money.Amount
	Status     RefundStatus
}

// Undecided tells whether the money is not back yet and may still come.
func (r *RefundRequest) Undecided() bool {
	return r.Status == RefundPending || r.Status == RefundRequiresAction
}

// StartRefundTx decides to give a payment's whole rest back. created is false when that was decided
// before.
func (s *Service) StartRefundTx(ctx context.Context, tx pgx.Tx, payment Payment, reason string) (id uuid.UUID, created bool, err error) {
	id = uuid.Must(uuid.NewV7())
	rest := payment.Amount.Minor - payment.Refunded.Minor
	if rest == 0 {
		return id, false, nil
	}
	rows, err := s.q.RefundCreate(ctx, tx, db.RefundCreateParams{
		ID: id, PaymentID: payment.ID, AmountMinor: rest, Reason: reason, Now: s.now(),
	})
	if err != nil {
		return id, false, fmt.Errorf("create refund: %w", err)
	}
	return id, rows == 1, nil
}

// RefundByID reads a refund with its payment.
func (s *Service) RefundByID(ctx context.Context, id uuid.UUID) (RefundRequest, error) {
	row, err := s.q.RefundGet(ctx, s.db, id)
	if err != nil {
		return RefundRequest{}, fmt.Errorf("read the refund: %w", err)
	}
	payment, err := s.q.PaymentGet(ctx, s.db, row.PaymentID)
	if err != nil {
		return RefundRequest{}, fmt.Errorf("read the refund's payment: %w", err)
	}
	request := RefundRequest{
		ID: row.ID, Payment: toPayment(payment), Status: RefundStatus(row.Status),
		Amount: money.New(row.AmountMinor, money.Currency(payment.Currency)),
	}
	if row.RefundID != nil {
		request.ProviderID = *row.RefundID
	}
	return request, nil
}

// EndRefundTx stores the provider's answer.
func (s *Service) EndRefundTx(ctx context.Context, tx pgx.Tx, id uuid.UUID, refund Refund) error {
	err := s.q.RefundSetResult(ctx, tx, db.RefundSetResultParams{
		ID: id, RefundID: refund.ID, Status: string(refund.Status), Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("store the refund's result: %w", err)
	}
	return nil
}
