package payments

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// StartRefundTx decides to give part of a locked payment back, and writes it down for the provider to be asked. The
// amount, who asks, why, and the lines with their amounts are the caller's. ErrRefundExceeds when less than that is left,
// ErrDisputed while a bank decides about the payment.
func (s *Service) StartRefundTx(ctx context.Context, tx pgx.Tx, refund Refund) (Refund, error) {
	if err := s.undisputedTx(ctx, tx, refund.Payment); err != nil {
		return Refund{}, err
	}
	row, err := s.q.RefundCreate(ctx, tx, db.RefundCreateParams{
		ID: uuid.Must(uuid.NewV7()), PaymentID: refund.Payment.ID, Actor: refund.Actor, RequestKey: optional(refund.RequestKey),
		AmountMinor: refund.Amount.Minor, FeeMinor: refund.Fee.Minor, Reason: optional(refund.Reason), Note: optional(refund.Note), Restocked: refund.Restocked, Now: s.now(),
	})
	if postgres.IsMissing(err) {
		return Refund{}, ErrRefundExceeds
	}
	if err != nil {
		return Refund{}, fmt.Errorf("create refund: %w", err)
	}
	params := db.RefundItemCreateParams{RefundID: row.ID}
	for _, item := range refund.Items {
		params.ItemIds = append(params.ItemIds, item.ItemID)
		params.Quantities = append(params.Quantities, item.Quantity)
		params.Amounts = append(params.Amounts, item.Amount.Minor)
	}
	if len(refund.Items) > 0 {
		if err := s.q.RefundItemCreate(ctx, tx, params); err != nil {
			return Refund{}, fmt.Errorf("write down what is refunded: %w", err)
		}
	}
	payment, err := s.countTx(ctx, tx, row.PaymentID)
	started := toRefund(row, payment)
	started.Items = refund.Items
	return started, err
}

// AskedTx is the refund of a locked payment that the same person asked for with this key; found is false when there is none.
func (s *Service) AskedTx(ctx context.Context, tx pgx.Tx, payment Payment, actor, key string) (refund Refund, found bool, err error) {
	row, err := s.q.RefundGetByRequestKey(ctx, tx, db.RefundGetByRequestKeyParams{PaymentID: payment.ID, Actor: actor, RequestKey: key})
	if postgres.IsMissing(err) || key == "" {
		return Refund{}, false, nil
	}
	if err != nil {
		return Refund{}, false, fmt.Errorf("look for the refund of this key: %w", err)
	}
	return toRefund(row, payment), true, nil
}

// countTx has the payment follow its refunds and disputes.
func (s *Service) countTx(ctx context.Context, tx pgx.Tx, payment uuid.UUID) (Payment, error) {
	row, err := s.q.PaymentCountRefunds(ctx, tx, db.PaymentCountRefundsParams{ID: payment, Now: s.now()})
	if err != nil {
		return Payment{}, fmt.Errorf("count the payment's refunds: %w", err)
	}
	return toPayment(row), nil
}

// RefundByID reads a refund with its payment, and without its lines.
func (s *Service) RefundByID(ctx context.Context, id uuid.UUID) (Refund, error) {
	return s.refundByID(ctx, s.db, id)
}

// RefundByIDTx is RefundByID within a transaction that has locked the payment.
func (s *Service) RefundByIDTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Refund, error) {
	return s.refundByID(ctx, tx, id)
}

func (s *Service) refundByID(ctx context.Context, from db.DBTX, id uuid.UUID) (Refund, error) {
	row, err := s.q.RefundGet(ctx, from, id)
	if err != nil {
		return Refund{}, fmt.Errorf("read the refund: %w", err)
	}
	payment, err := s.q.PaymentGet(ctx, from, row.PaymentID)
	if err != nil {
		return Refund{}, fmt.Errorf("read the refund's payment: %w", err)
	}
	return toRefund(row, toPayment(payment)), nil
}

// RefusedTx stores that the provider made no refund of what was asked, and never will.
func (s *Service) RefusedTx(ctx context.Context, tx pgx.Tx, refund Refund, why string) (RefundChange, error) {
	row, err := s.q.RefundSetResult(ctx, tx, db.RefundSetResultParams{
		ID: refund.ID, Status: string(RefundFailed), Failure: &why, Now: s.now(),
	})
	if err != nil {
		return RefundChange{}, fmt.Errorf("store the refund's refusal: %w", err)
	}
	payment, err := s.countTx(ctx, tx, row.PaymentID)
	return RefundChange{Refund: toRefund(row, payment), Payment: payment}, err
}

// RefundedItemsTx is how many of each of an order's lines a payment's refunds are for, and for how much in all, by the
// line's id. Refunds that came to nothing do not count.
func (s *Service) RefundedItemsTx(ctx context.Context, tx pgx.Tx, payment Payment) (map[uuid.UUID]RefundItem, error) {
	rows, err := s.q.RefundItemSums(ctx, tx, payment.ID)
	if err != nil {
		return nil, fmt.Errorf("read what was refunded of each line: %w", err)
	}
	items := make(map[uuid.UUID]RefundItem, len(rows))
	for _, row := range rows {
		amount := payment.Amount
		amount.Minor = row.AmountMinor
		items[row.OrderItemID] = RefundItem{ItemID: row.OrderItemID, Quantity: row.Quantity, Amount: amount, Direct: row.WithoutReturn}
	}
	return items, nil
}

// EraseTx takes off the payments of these orders whose they are, and off their refunds what was noted.
func (s *Service) EraseTx(ctx context.Context, tx pgx.Tx, orders []uuid.UUID) error {
	if err := s.q.RefundEraseNotes(ctx, tx, orders); err != nil {
		return fmt.Errorf("erase what was noted of refunds: %w", err)
	}
	if err := s.q.PaymentEraseCustomer(ctx, tx, orders); err != nil {
		return fmt.Errorf("erase whose payments were: %w", err)
	}
	return nil
}
