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
	Waited  bool   // for others from its network that were under way, in vain
}

// AdmitTx lets a try through and writes it down, or blocks it and writes nothing. It comes last among the locks of its
// transaction, which should end soon: those who try by the same address wait for it. Of a network from which so much is
// under way that it would be too much if all failed, a try is Crowded: it should wait outside of the transaction and come
// again. One that has waited is let through with a challenge, up to a multiple of what its network is still allowed.
func (s *Service) AdmitTx(ctx context.Context, tx pgx.Tx, try Try) (Verdict, error) {
	keys := s.hash(try.Who)
	if err := s.q.TryLock(ctx, tx, keys.locks(s.mac("method", try.Method))); err != nil {
		return Verdict{}, fmt.Errorf("take turns to pay: %w", err)
	}
	count := keys.count(s.Now().Add(-s.Rules.Window))
	count.ID, count.MethodID, count.OpenCounts = try.ID, optional(try.Method), true
	found, err := s.countTx(ctx, tx, keys, count)
	if err != nil {
		return Verdict{}, err
	}
	verdict := s.Rules.admit(found, try)
	if verdict.Blocked() {
		return verdict, nil
	}
	outcome := open
	if try.Method == "" {
		outcome = asked
	}
	err = s.q.TryCreate(ctx, tx, db.TryCreateParams{
		ID: try.ID, PaymentID: try.Payment, SessionID: keys.session, AddressHash: keys.address, EmailHash: keys.email,
		SiteHash: keys.site, BlockHash: keys.block, MethodID: optional(try.Method), Outcome: outcome, Now: s.Now(),
	})
	if err != nil {
		return Verdict{}, fmt.Errorf("write down a try to pay: %w", err)
	}
	return verdict, nil
}

// admit judges a try that is about to be made.
func (r Rules) admit(found counts, try Try) Verdict {
	asking := try.Method == ""
	reasons := append(r.failed(found, asking), r.exceeded(found)...)
	crowded := r.crowded(found, asking)
	switch {
	case len(reasons) > 0:
		return Verdict{Decision: Block, Reasons: found.named(reasons)}
	case len(crowded) > 0 && !try.Waited:
		return Verdict{Decision: Block, Reasons: found.named(crowded), Crowded: true}
	case len(crowded) > 0:
		if reasons := r.overrun(found, asking); len(reasons) > 0 {
			return Verdict{Decision: Block, Reasons: found.named(reasons)}
		}
	}
	return Verdict{Decision: Allow, Challenge: len(crowded) > 0 || r.doubtful(found, asking)}
}

// countTx is what others count for a try.
func (s *Service) countTx(ctx context.Context, tx pgx.Tx, keys keys, count db.TryCountParams) (counts, error) {
	found := counts{surges: s.surges.now()}
	var err error
	if found.all, err = s.q.TryCount(ctx, tx, count); err != nil {
		return counts{}, fmt.Errorf("count tries to pay: %w", err)
	}
	if keys.address == nil {
		return found, nil
	}
	found.networks, err = s.q.TryCountByNetwork(ctx, tx, db.TryCountByNetworkParams{
		AddressHash: keys.address, SiteHash: keys.site, BlockHash: keys.block, ID: count.ID, Since: count.Since,
		OwnCard: found.all.OwnCard,
	})
	if err != nil {
		return counts{}, fmt.Errorf("count a network's tries to pay: %w", err)
	}
	if keys.block == nil && len(found.networks) > 1 {
		found.networks = found.networks[:1]
	}
	return found, nil
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
