package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Session is where somebody is signed in.
type Session struct {
	ID                               uuid.UUID
	Device, Network                  string
	CreatedAt, LastUsedAt, ExpiresAt time.Time
}

// maxSessions is how many of somebody's sessions are listed.
const maxSessions = 100

// Sessions are those of a user that last, the one used last first, at most a hundred.
func (s *Service) Sessions(ctx context.Context, user uuid.UUID) ([]Session, error) {
	rows, err := s.q.SessionListByUser(ctx, s.db, db.SessionListByUserParams{UserID: user, Now: s.now(), PageLimit: maxSessions})
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	sessions := make([]Session, len(rows))
	for i, row := range rows {
		sessions[i] = Session(row)
	}
	return sessions, nil
}

// SessionOf is the session that a refresh token belongs to, whatever the token is worth; ErrToken for one that is unknown.
func (s *Service) SessionOf(ctx context.Context, token string) (uuid.UUID, error) {
	session, err := s.q.RefreshTokenSession(ctx, s.db, hashToken(token))
	switch {
	case postgres.IsMissing(err):
		return uuid.Nil, ErrToken
	case err != nil:
		return uuid.Nil, fmt.Errorf("find the session: %w", err)
	}
	return session, nil
}

// EndSession ends one of a user's sessions, at once; ErrNoSession when it is over already or another's.
func (s *Service) EndSession(ctx context.Context, user, session uuid.UUID) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		ended, err := s.q.SessionEndOfUser(ctx, tx, db.SessionEndOfUserParams{ID: session, UserID: user, Now: s.now()})
		switch {
		case err != nil:
			return fmt.Errorf("end the session: %w", err)
		case ended == 0:
			return ErrNoSession
		}
		return s.endSessionTx(ctx, tx, session)
	})
}

// EndSessions ends all of a user's sessions, at once.
func (s *Service) EndSessions(ctx context.Context, user uuid.UUID) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return s.endSessionsTx(ctx, tx, user, uuid.Nil)
	})
}

// endSessionsTx ends all of a user's sessions but the spared one.
func (s *Service) endSessionsTx(ctx context.Context, tx pgx.Tx, user, spared uuid.UUID) error {
	err := s.q.SessionEndAll(ctx, tx, db.SessionEndAllParams{UserID: user, Spared: spared, Now: s.now()})
	if err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	err = s.q.RefreshTokenRevokeAll(ctx, tx, db.RefreshTokenRevokeAllParams{UserID: user, Spared: spared, Now: s.now()})
	if err != nil {
		return fmt.Errorf("revoke the refresh tokens: %w", err)
	}
	return nil
}
