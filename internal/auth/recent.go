package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// recentFor is how long a sign-in is recent.
const recentFor = 15 * time.Minute

// recentTx is nil for somebody who signed in a short while ago. What outlives a session, or opens another's account, takes
// more than a session that was left open or stolen.
// Errors: ErrRecent, also for an API key.
func (s *Service) recentTx(ctx context.Context, tx pgx.Tx, who Principal) error {
	opened, err := s.q.SessionOpenedAt(ctx, tx, db.SessionOpenedAtParams{ID: who.SessionID, UserID: who.UserID})
	switch {
	case postgres.IsMissing(err), err == nil && s.now().Sub(opened) > recentFor:
		return ErrRecent
	case err != nil:
		return fmt.Errorf("read when the session was opened: %w", err)
	}
	return nil
}
