package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// AskFor is how long one request or job may speak to the provider, all its calls together. Whatever
// waits for it (a job's time, a response's, a graceful stop) takes longer.
const AskFor = 25 * time.Second

// leaseFor is how long an attempt belongs to the request that made it: until that has surely ended.
const leaseFor = AskFor + 10*time.Second

// Attempt is one try to confirm a payment's intent.
type Attempt struct {
	ID uuid.UUID
}

// Begin is a try to be made.
type Begin struct {
	ID         uuid.UUID
	MethodID   string
	RequestKey string // the Idempotency-Key it is asked for with, or ""
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// BroughtHomeTx is the order's payment that a try under this key paid; found is false when none did.
func (s *Service) BroughtHomeTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, requestKey string) (payment Payment, found bool, err error) {
	row, err := s.q.PaymentGetByRequestKey(ctx, tx, db.PaymentGetByRequestKeyParams{OrderID: order, RequestKey: requestKey})
	if postgres.IsMissing(err) || requestKey == "" {
		return Payment{}, false, nil
	}
	if err != nil {
		return Payment{}, false, fmt.Errorf("look for the attempt of this key: %w", err)
	}
	return toPayment(row.Payment), true, nil
}

// FreeTx tells whether an attempt may be opened on a locked payment. ErrInFlight while another request holds one;
// abandoned is an open attempt whose request is gone: the intent must be read before trying again.
func (s *Service) FreeTx(ctx context.Context, tx pgx.Tx, payment uuid.UUID) (abandoned bool, err error) {
	open, err := s.q.AttemptGetOpen(ctx, tx, payment)
	switch {
	case postgres.IsMissing(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for an open attempt: %w", err)
	case open.LeaseUntil.After(s.now()):
		return false, ErrInFlight
	}
	return true, nil
}

// BeginTx opens an attempt on a locked payment that is free for one.
func (s *Service) BeginTx(ctx context.Context, tx pgx.Tx, payment uuid.UUID, begin Begin) (Attempt, error) {
	row, err := s.q.AttemptCreate(ctx, tx, db.AttemptCreateParams{
		ID: begin.ID, PaymentID: payment, PaymentMethodID: begin.MethodID, RequestKey: optional(begin.RequestKey),
		LeaseUntil: s.now().Add(leaseFor), Now: s.now(),
	})
	if err != nil {
		return Attempt{}, fmt.Errorf("create attempt: %w", err)
	}
	return Attempt{ID: row.ID}, nil
}

// InFlightTx tells whether a request is confirming the payment right now.
func (s *Service) InFlightTx(ctx context.Context, tx pgx.Tx, payment uuid.UUID) (bool, error) {
	open, err := s.q.AttemptGetOpen(ctx, tx, payment)
	if postgres.IsMissing(err) {
		return false, nil
	}
	return err == nil && open.LeaseUntil.After(s.now()), err
}

// EndTx closes the request's own attempt with what its intent says.
func (s *Service) EndTx(ctx context.Context, tx pgx.Tx, attempt uuid.UUID, intent Intent) error {
	err := s.q.AttemptSetStatus(ctx, tx, db.AttemptSetStatusParams{
		ID: attempt, Status: string(attemptAfter(intent)), DeclineCode: declineCode(intent), Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("close the attempt: %w", err)
	}
	return nil
}

// EndWaitingTx closes the attempts that nobody's request holds with what the intent says, and answers which.
func (s *Service) EndWaitingTx(ctx context.Context, tx pgx.Tx, payment uuid.UUID, intent Intent) ([]uuid.UUID, error) {
	ended, err := s.q.AttemptSettleWaiting(ctx, tx, db.AttemptSettleWaitingParams{
		PaymentID: payment, Status: string(attemptAfter(intent)), DeclineCode: declineCode(intent), Now: s.now(),
	})
	if err != nil {
		return nil, fmt.Errorf("close waiting attempts: %w", err)
	}
	return ended, nil
}

// LetGo gives up the request's hold on an attempt whose outcome it could not learn.
func (s *Service) LetGo(ctx context.Context, attempt uuid.UUID) error {
	return s.q.AttemptReleaseLease(ctx, s.db, db.AttemptReleaseLeaseParams{ID: attempt, Now: s.now()})
}

// unclearAtOnce is how many are answered at once.
const unclearAtOnce = 100

// Unclear are payments with a try whose request is gone, so that nobody knows what came of it; those that wait longest
// come first, and of many not all.
func (s *Service) Unclear(ctx context.Context) ([]Payment, error) {
	rows, err := s.q.PaymentListUnclear(ctx, s.db, db.PaymentListUnclearParams{Now: s.now(), AtOnce: unclearAtOnce})
	if err != nil {
		return nil, fmt.Errorf("look for tries that nobody holds: %w", err)
	}
	unclear := make([]Payment, len(rows))
	for i, row := range rows {
		unclear[i] = toPayment(row)
	}
	return unclear, nil
}

func declineCode(intent Intent) *string {
	if intent.Decline == nil {
		return nil
	}
	return &intent.Decline.Code
}
