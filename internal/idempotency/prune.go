package idempotency

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// keepFor is how long a key answers what it answered; afterwards it is a new one.
const keepFor = 72 * time.Hour

// Prune forgets replies that have been kept long enough.
type Prune struct{}

// Kind names the job.
func (Prune) Kind() string { return "idempotency_prune" }

// Prune works the job.
func (s *Store) Prune(ctx context.Context, _ Prune) error {
	if _, err := s.q.IdempotencyDeleteOlder(ctx, s.db, s.now().Add(-keepFor)); err != nil {
		return fmt.Errorf("forget old replies: %w", err)
	}
	return nil
}

// ForgetTx forgets the replies to commands whose scope names one of these ids: for whoever is to be forgotten.
func (s *Store) ForgetTx(ctx context.Context, tx pgx.Tx, ids []uuid.UUID) error {
	if _, err := s.q.IdempotencyDeleteNaming(ctx, tx, ids); err != nil {
		return fmt.Errorf("forget the replies to somebody: %w", err)
	}
	return nil
}
