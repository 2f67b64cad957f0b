package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/emails"
	"cartwright/internal/postgres"
)

// RequestReset owes a letter to whoever forgot their password. Whether anybody has the address is asked only when the
// letter is written, so that neither the answer nor its time can tell.
func (s *Service) RequestReset(ctx context.Context, email string) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return s.oweTx(ctx, tx, ResetForgotten, email, nil)
	})
}

// Reset says who chooses a new password.
type Reset struct {
	Token, Password string
	Network         string // where they ask from; may be empty
}

// ResetPassword sets the password of the account that a letter's token is for, ends all its sessions, revokes its API keys,
// which whoever had the password may have made, and owes a letter that says so. It proves the
// address as well, and makes the network a known one: who was shut out by others' tries signs in from there. ErrLink,
// ErrWeak, ErrBusy.
func (s *Service) ResetPassword(ctx context.Context, reset Reset) error {
	l := link{ResetForgotten, reset.Token}
	letter, err := s.find(ctx, l)
	if err != nil {
		return err
	}
	if err := acceptable(reset.Password, letter.Email); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, reset.Password)
	if err != nil {
		return fmt.Errorf("hash the password: %w", err)
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		user, address, err := s.useTx(ctx, tx, l)
		if err != nil {
			return err
		}
		email, err := s.q.UserResetPassword(ctx, tx, db.UserResetPasswordParams{
			ID: user, EmailKey: emails.Key(address), PasswordHash: hash, Now: s.now(),
		})
		switch {
		case postgres.IsMissing(err):
			return ErrLink
		case err != nil:
			return fmt.Errorf("set the password: %w", err)
		}
		if err := s.forgetLettersTx(ctx, tx, user, ""); err != nil {
			return err
		}
		if err := s.endSessionsTx(ctx, tx, user, uuid.Nil); err != nil {
			return err
		}
		if err := s.q.APIKeyRevokeByUser(ctx, tx, db.APIKeyRevokeByUserParams{UserID: user, Now: s.now()}); err != nil {
			return fmt.Errorf("revoke the API keys: %w", err)
		}
		if err := s.oweTx(ctx, tx, NewPassword, email, nil); err != nil {
			return err
		}
		if err := s.knowTx(ctx, tx, user, reset.Network); err != nil {
			return err
		}
		return s.verifiedTx(ctx, tx, user, email)
	})
}
