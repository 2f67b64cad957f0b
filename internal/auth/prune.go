package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cartwright/gen/db"
)

// How long is kept what nobody asks for any more.
const (
	keepSession     = 30 * 24 * time.Hour // after its end
	keepUnverified  = 7 * 24 * time.Hour
	keepUnconfirmed = 24 * time.Hour // of an enrolment; longer than its tries are counted
)

// batch is how many rows are forgotten in one statement, so that none holds its locks for long.
const batch = 1000

// inBatches forgets until there is nothing left to forget.
func inBatches(forget func() (int64, error)) error {
	for {
		forgotten, err := forget()
		if err != nil || forgotten < batch {
			return err
		}
	}
}

// Prune is the job of forgetting old letters, invitations, tokens, sessions, challenges and networks, and what was never verified or confirmed.
type Prune struct{}

// Kind names the job.
func (Prune) Kind() string { return "auth_prune" }

// Prune works the job.
func (s *Service) Prune(ctx context.Context, _ Prune) error {
	_, invitations := s.q.InvitationDeleteExpired(ctx, s.db, s.now())
	_, letters := s.q.LetterDeleteExpired(ctx, s.db, s.now())
	tokens := inBatches(func() (int64, error) {
		return s.q.RefreshTokenDeleteExpired(ctx, s.db, db.RefreshTokenDeleteExpiredParams{Now: s.now(), AtOnce: batch})
	})
	sessions := inBatches(func() (int64, error) {
		return s.q.SessionDeleteOlder(ctx, s.db, db.SessionDeleteOlderParams{Before: s.now().Add(-keepSession), AtOnce: batch})
	})
	_, users := s.q.UserDeleteUnverified(ctx, s.db, s.now().Add(-keepUnverified))
	_, challenges := s.q.ChallengeDeleteExpired(ctx, s.db, s.now())
	_, factors := s.q.FactorDeleteUnconfirmed(ctx, s.db, s.now().Add(-keepUnconfirmed))
	networks := inBatches(func() (int64, error) {
		return s.q.KnownNetworkDeleteOlder(ctx, s.db, db.KnownNetworkDeleteOlderParams{Before: s.now().Add(-keepNetwork), AtOnce: batch})
	})
	if err := errors.Join(invitations, letters, tokens, sessions, users, challenges, factors, networks); err != nil {
		return fmt.Errorf("forget what is over: %w", err)
	}
	return nil
}
