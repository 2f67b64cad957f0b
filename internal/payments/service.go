package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// Service stores payments. Callers hold the order's lock before they change one.
type Service struct {
	db    *postgres.DB
	q     *db.Queries
	pages page.Codec
	now   func() time.Time
}

// New makes a service.
func New(database *postgres.DB, pages page.Codec, now func() time.Time) *Service {
	return &Service{db: database, q: db.New(), pages: pages, now: now}
}

// NewPayment is a payment to be made of an order that has none.
type NewPayment struct {
	OrderID    uuid.UUID
	Amount     money.Amount
	CustomerID string        // the provider's name of whose cards can pay, or be saved by paying; "" is nobody's
	Capture    CaptureMethod // that it is to be asked for with
}

// LiveTx is the order's payment that may still be charged or was; made as wanted when there is none.
func (s *Service) LiveTx(ctx context.Context, tx pgx.Tx, wanted NewPayment) (Payment, error) {
	payment, found, err := s.LatestTx(ctx, tx, wanted.OrderID)
	if err != nil || (found && payment.Status != Cancelled) {
		return payment, err
	}
	row, err := s.q.PaymentCreate(ctx, tx, db.PaymentCreateParams{
		ID: uuid.Must(uuid.NewV7()), OrderID: wanted.OrderID, AmountMinor: wanted.Amount.Minor,
		Currency: string(wanted.Amount.Currency), CustomerID: optional(wanted.CustomerID), CaptureMethod: string(wanted.Capture), Now: s.now(),
	})
	if err != nil {
		return Payment{}, fmt.Errorf("create payment: %w", err)
	}
	return toPayment(row), nil
}

// LatestTx is the order's live payment, else its last; found is false when it never had one.
func (s *Service) LatestTx(ctx context.Context, tx pgx.Tx, order uuid.UUID) (payment Payment, found bool, err error) {
	byOrder, err := s.latest(ctx, tx, []uuid.UUID{order})
	payment, found = byOrder[order]
	return payment, found, err
}

// Latest is LatestTx for many orders at once.
func (s *Service) Latest(ctx context.Context, orders []uuid.UUID) (map[uuid.UUID]Payment, error) {
	return s.latest(ctx, s.db, orders)
}

func (s *Service) latest(ctx context.Context, tx db.DBTX, orders []uuid.UUID) (map[uuid.UUID]Payment, error) {
	rows, err := s.q.PaymentLatestByOrders(ctx, tx, orders)
	if err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	payments := make(map[uuid.UUID]Payment, len(rows))
	for _, row := range rows {
		payments[row.OrderID] = toPayment(row)
	}
	return payments, nil
}

// Find is the payment an intent belongs to: by the intent's id, else, when the answer that carried
// the id was lost, by the payment's id that the provider remembers.
func (s *Service) Find(ctx context.Context, intent Intent) (payment Payment, found bool, err error) {
	row, err := s.q.PaymentGetByIntent(ctx, s.db, intent.ID)
	if postgres.IsMissing(err) {
		row, err = s.q.PaymentGet(ctx, s.db, intent.PaymentID)
	}
	if postgres.IsMissing(err) {
		return Payment{}, false, nil
	}
	if err != nil {
		return Payment{}, false, fmt.Errorf("find the payment: %w", err)
	}
	return toPayment(row), true, nil
}

// LockTx reads a payment and keeps others from changing it until tx ends.
func (s *Service) LockTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Payment, error) {
	row, err := s.q.PaymentGetForUpdate(ctx, tx, id)
	if err != nil {
		return Payment{}, fmt.Errorf("lock the payment: %w", err)
	}
	return toPayment(row), nil
}

// ApplyTx takes a locked payment to where its intent stands; the intent must not mismatch. A final
// payment stays as it is, so news may come twice and in any order.
func (s *Service) ApplyTx(ctx context.Context, tx pgx.Tx, payment Payment, intent Intent) (Payment, error) {
	if payment.IntentID == "" {
		if _, err := s.q.PaymentSetIntent(ctx, tx, db.PaymentSetIntentParams{
			ID: payment.ID, IntentID: intent.ID, Now: s.now(),
		}); err != nil {
			return payment, fmt.Errorf("store the intent: %w", err)
		}
		payment.IntentID = intent.ID
	}
	status := payment.after(intent)
	if status == payment.Status {
		return payment, nil
	}
	payment.Status = status
	err := s.q.PaymentSetStatus(ctx, tx, db.PaymentSetStatusParams{ID: payment.ID, Status: string(status), Now: s.now()})
	if err != nil {
		return payment, fmt.Errorf("store the payment's status: %w", err)
	}
	return payment, nil
}

func toPayment(row db.Payment) Payment {
	currency := money.Currency(row.Currency)
	payment := Payment{
		ID:      row.ID,
		OrderID: row.OrderID,
		Status:  Status(row.Status),
		Capture: CaptureMethod(row.CaptureMethod),
		Amount:  money.New(row.AmountMinor, currency),

		Refunded:  money.New(row.RefundedMinor, currency),
		Refunding: money.New(row.RefundingMinor, currency),
		Lost:      money.New(row.LostMinor, currency),
	}
	payment.IntentID, payment.CustomerID = text(row.IntentID), text(row.CustomerID)
	return payment
}

// AbandonTx ends a locked payment that no intent was made for.
func (s *Service) AbandonTx(ctx context.Context, tx pgx.Tx, payment Payment) error {
	err := s.q.PaymentSetStatus(ctx, tx, db.PaymentSetStatusParams{ID: payment.ID, Status: string(Cancelled), Now: s.now()})
	if err != nil {
		return fmt.Errorf("abandon the payment: %w", err)
	}
	return nil
}
