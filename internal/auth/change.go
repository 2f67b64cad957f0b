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

// Confirm is nil when the password is the principal's; ErrPassword, ErrToken when the account is gone, ErrBusy.
func (s *Service) Confirm(ctx context.Context, who Principal, password string) error {
	_, err := s.confirm(ctx, who, password)
	return err
}

// confirm answers the user with the password that was compared.
func (s *Service) confirm(ctx context.Context, who Principal, password string) (db.UserGetRow, error) {
	user, err := s.q.UserGet(ctx, s.db, who.UserID)
	switch {
	case postgres.IsMissing(err):
		return user, ErrToken
	case err != nil:
		return user, fmt.Errorf("read the user: %w", err)
	}
	matches, err := s.hasher.matches(ctx, password, user.PasswordHash)
	switch {
	case err != nil:
		return user, fmt.Errorf("compare the password: %w", err)
	case !matches:
		return user, ErrPassword
	}
	return user, nil
}

// ChangePassword sets another password, ends the principal's other sessions and owes them a letter that says so. ErrPassword when the current one is
// wrong, ErrWeak, ErrBusy.
func (s *Service) ChangePassword(ctx context.Context, who Principal, current, password string) error {
	user, err := s.confirm(ctx, who, current)
	if err != nil {
		return err
	}
	if err := acceptable(password, user.Email); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash the password: %w", err)
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		changed, err := s.q.UserSetPassword(ctx, tx, db.UserSetPasswordParams{
			ID: who.UserID, PasswordHash: hash, OldHash: user.PasswordHash, Now: s.now(),
		})
		switch {
		case err != nil:
			return fmt.Errorf("set the password: %w", err)
		case changed == 0:
			return ErrPassword // it was changed meanwhile
		}
		if err := s.forgetLettersTx(ctx, tx, who.UserID, ""); err != nil {
			return err
		}
		if err := s.oweTx(ctx, tx, NewPassword, user.Email, nil); err != nil {
			return err
		}
		return s.endSessionsTx(ctx, tx, who.UserID, who.SessionID)
	})
}

// RequestEmail owes a letter to the address that the principal's account shall have. Where another account has the
// address the letter says that, and the answer does not. ErrEmail, ErrPassword, ErrBusy.
func (s *Service) RequestEmail(ctx context.Context, who Principal, email, password string) error {
	email, err := parse(email)
	if err != nil {
		return err
	}
	if _, err := s.confirm(ctx, who, password); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.forgetLettersTx(ctx, tx, who.UserID, ChangeAddress); err != nil {
			return err
		}
		return s.oweTx(ctx, tx, ChangeAddress, email, &who.UserID)
	})
}

// ConfirmEmail gives the principal's account the address that a letter's token was sent to, and owes the address before a
// letter that says so. Only the account that asked may use the token: a click on a letter must not give one's address,
// and the orders that join it, to somebody else's account. Who registered with the address and never proved to have it
// gives way. ErrLink, ErrEmailTaken.
func (s *Service) ConfirmEmail(ctx context.Context, who Principal, token string) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		user, err := s.q.UserGetForUpdate(ctx, tx, who.UserID)
		switch {
		case postgres.IsMissing(err):
			return ErrToken
		case err != nil:
			return fmt.Errorf("read the user: %w", err)
		}
		asked, email, err := s.useTx(ctx, tx, link{ChangeAddress, token})
		switch {
		case err != nil:
			return err
		case asked != user.ID:
			return ErrLink
		}
		if err := s.q.UserDeleteUnverifiedByEmail(ctx, tx, emails.Key(email)); err != nil {
			return fmt.Errorf("forget who registered with the address: %w", err)
		}
		err = s.q.UserSetEmail(ctx, tx, db.UserSetEmailParams{ID: user.ID, Email: email, Now: s.now()})
		if postgres.Constraint(err) == "users_one_per_email" {
			return ErrEmailTaken.Wrap(err)
		}
		if err != nil {
			return fmt.Errorf("change the address: %w", err)
		}
		if err := s.forgetLettersTx(ctx, tx, user.ID, ""); err != nil {
			return err
		}
		if err := s.oweTx(ctx, tx, AddressChanged, user.Email, nil); err != nil {
			return err
		}
		return s.verifiedTx(ctx, tx, user.ID, email)
	})
}

// LockTx keeps others from changing an account, and from placing orders or opening sessions for it, until tx ends;
// ErrToken when it is gone.
func (s *Service) LockTx(ctx context.Context, tx pgx.Tx, user uuid.UUID) error {
	_, err := s.q.UserGetForUpdate(ctx, tx, user)
	switch {
	case postgres.IsMissing(err):
		return ErrToken
	case err != nil:
		return fmt.Errorf("lock the user: %w", err)
	}
	return nil
}

// DeleteTx takes an account away, with its sessions, and every letter and invitation to its address.
func (s *Service) DeleteTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, email string) error {
	if err := s.q.LetterDeleteByEmail(ctx, tx, emails.Key(email)); err != nil {
		return fmt.Errorf("take the letters away: %w", err)
	}
	if err := s.uninviteTx(ctx, tx, email); err != nil {
		return err
	}
	if err := s.q.UserDelete(ctx, tx, user); err != nil {
		return fmt.Errorf("delete the user: %w", err)
	}
	return nil
}
