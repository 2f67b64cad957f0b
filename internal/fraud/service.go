package fraud

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Config is what fraud works with.
type Config struct {
	DB     *postgres.DB
	Rules  Rules
	Secret []byte // who tried is hashed with it
	Now    func() time.Time
}

// Service counts tries and judges payments.
type Service struct {
	Config
	q      *db.Queries
	surges surges
}

// New makes a service.
func New(config Config) *Service { return &Service{Config: config, q: db.New()} }

// Refused is ErrRefused with the time after which no try of now counts any more.
func (s *Service) Refused() error { return ErrRefused.After(s.Rules.Window) }

// Who tries.
type Who struct {
	Session uuid.UUID
	Address string // the network the request came from; "" when it says nothing of the shopper
	Email   string
}

// Try is one about to be made.
type Try struct {
	Who
	ID      uuid.UUID
	Payment uuid.UUID
	Method  string // "" asks for a client secret
}

// AdmitTx lets a try through and writes it down, or blocks it and writes nothing. It comes last among the locks of its
// transaction, which should end soon: those who try by the same address wait for it.
func (s *Service) AdmitTx(ctx context.Context, tx pgx.Tx, try Try) (Verdict, error) {
	keys := s.hash(try.Who)
	if err := s.q.TryLock(ctx, tx, keys.locks(s.mac("method", try.Method))); err != nil {
		return Verdict{}, fmt.Errorf("take turns to pay: %w", err)
	}
	count := keys.count(s.Now().Add(-s.Rules.Window))
	count.ID, count.MethodID, count.OpenCounts = try.ID, optional(try.Method), true
	found, err := s.q.TryCount(ctx, tx, count)
	if err != nil {
		return Verdict{}, fmt.Errorf("count tries to pay: %w", err)
	}
	if reasons := s.Rules.exceeded(found, try.Method == "", s.surges.now()); len(reasons) > 0 {
		return Verdict{Block, reasons}, nil
	}
	outcome := open
	if try.Method == "" {
		outcome = asked
	}
	err = s.q.TryCreate(ctx, tx, db.TryCreateParams{
		ID: try.ID, PaymentID: try.Payment, SessionID: keys.session, AddressHash: keys.address, EmailHash: keys.email,
		MethodID: optional(try.Method), Outcome: outcome, Now: s.Now(),
	})
	if err != nil {
		return Verdict{}, fmt.Errorf("write down a try to pay: %w", err)
	}
	return Verdict{Decision: Allow}, nil
}

// Outcomes of a try.
const (
	asked     = "ASKED" // a client secret was handed out
	open      = "OPEN"
	declined  = "DECLINED"
	succeeded = "SUCCEEDED"
)

// VoidTx forgets tries of which nothing came, and nothing can come any more.
func (s *Service) VoidTx(ctx context.Context, tx pgx.Tx, tries ...uuid.UUID) error {
	if len(tries) == 0 {
		return nil
	}
	if err := s.q.TryDeleteUnended(ctx, tx, tries); err != nil {
		return fmt.Errorf("forget tries to pay: %w", err)
	}
	return nil
}

// DeclineTx counts a try as declined of which the provider made no charge.
func (s *Service) DeclineTx(ctx context.Context, tx pgx.Tx, try uuid.UUID) error {
	if err := s.q.TrySettle(ctx, tx, db.TrySettleParams{ID: try, Outcome: declined}); err != nil {
		return fmt.Errorf("count a try to pay as declined: %w", err)
	}
	return nil
}

// Prune is the job that forgets tries that count no more.
type Prune struct{}

// Kind names the job.
func (Prune) Kind() string { return "fraud_prune" }

// Prune works the job.
func (s *Service) Prune(ctx context.Context, _ Prune) error {
	longest := slices.Max([]time.Duration{s.Rules.Window, s.Rules.Surge.Window})
	if _, err := s.q.TryDeleteOlder(ctx, s.DB, s.Now().Add(-longest)); err != nil {
		return fmt.Errorf("forget old tries to pay: %w", err)
	}
	return nil
}
