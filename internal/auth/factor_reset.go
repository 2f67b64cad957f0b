package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/emails"
	"cartwright/internal/postgres"
)

// ResetFactor takes the factor of somebody who lost it away, ends their sessions and owes them a letter. Only an admin
// resets an admin's, and nobody their own: who is signed in as somebody must not be able to get past their factor.
// ErrOwnFactor, ErrForbidden, ErrRecent, ErrFactorGone.
func (s *Service) ResetFactor(ctx context.Context, who Principal, user uuid.UUID) error {
	if who.UserID == user {
		return ErrOwnFactor
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		role, err := s.q.UserGet(ctx, tx, user)
		switch {
		case postgres.IsMissing(err):
			return ErrFactorGone
		case err != nil:
			return fmt.Errorf("read the user: %w", err)
		case Role(role.Role) == Admin && who.Role != Admin:
			return ErrForbidden
		}
		if err := s.recentTx(ctx, tx, who); err != nil {
			return err
		}
		return s.resetFactorTx(ctx, tx, user)
	})
}

// ResetFactorByEmail is ResetFactor for whoever runs the shop. ErrFactorGone.
func (s *Service) ResetFactorByEmail(ctx context.Context, email string) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		user, err := s.q.UserGetByEmail(ctx, tx, emails.Key(email))
		switch {
		case postgres.IsMissing(err):
			return ErrFactorGone
		case err != nil:
			return fmt.Errorf("find the user: %w", err)
		}
		return s.resetFactorTx(ctx, tx, user.ID)
	})
}

func (s *Service) resetFactorTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	user, err := s.userTx(ctx, tx, id)
	if err != nil {
		return err
	}
	factor, err := s.q.FactorGetForUpdate(ctx, tx, id)
	switch {
	case postgres.IsMissing(err), err == nil && factor.ConfirmedAt == nil:
		return ErrFactorGone
	case err != nil:
		return fmt.Errorf("read the second factor: %w", err)
	}
	if err := s.removeFactorTx(ctx, tx, user); err != nil {
		return err
	}
	return s.endSessionsTx(ctx, tx, id, uuid.Nil)
}
