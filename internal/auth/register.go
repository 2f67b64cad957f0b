package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Register says who wants an account.
type Register struct {
	Email, Password, FirstName, LastName string
}

// Register opens an account, to be used once its address is verified, and owes the address a letter. Where there is an
// account with it already the letter says so, and nothing else tells the two apart. ErrEmail, ErrWeak, ErrBusy.
func (s *Service) Register(ctx context.Context, register Register) error {
	address, err := parse(register.Email)
	if err != nil {
		return err
	}
	register.Email = address
	if err := acceptable(register.Password, register.Email); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, register.Password)
	if err != nil {
		return fmt.Errorf("hash the password: %w", err)
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		user, err := s.q.UserRegister(ctx, tx, db.UserRegisterParams{
			ID: uuid.Must(uuid.NewV7()), Email: register.Email, PasswordHash: hash,
			FirstName: register.FirstName, LastName: register.LastName, Now: s.now(),
		})
		if postgres.IsMissing(err) {
			return s.oweTx(ctx, tx, AccountExists, register.Email, nil)
		}
		if err != nil {
			return fmt.Errorf("register the user: %w", err)
		}
		if err := s.forgetLettersTx(ctx, tx, user, VerifyAddress); err != nil {
			return err
		}
		return s.oweTx(ctx, tx, VerifyAddress, register.Email, &user)
	})
}

// Verify says who wants to use an account that was registered.
type Verify struct {
	Token, Password string
	Device, Network string
}

// VerifyEmail verifies the address that a letter's token was sent to, and signs in. It asks the password that was
// registered with, because anybody may register with another's address: whoever only clicks at the letter that comes of
// that must not open the account, and the orders that join it, to somebody else. ErrLink, ErrCredentials, ErrBusy.
func (s *Service) VerifyEmail(ctx context.Context, verify Verify) (pair TokenPair, err error) {
	l := link{VerifyAddress, verify.Token}
	letter, err := s.find(ctx, l)
	if err != nil {
		return TokenPair{}, err
	}
	user, err := s.q.UserGet(ctx, s.db, *letter.UserID)
	switch {
	case postgres.IsMissing(err):
		return TokenPair{}, ErrLink
	case err != nil:
		return TokenPair{}, fmt.Errorf("read the user: %w", err)
	}
	matches, err := s.hasher.matches(ctx, verify.Password, user.PasswordHash)
	if err != nil {
		return TokenPair{}, fmt.Errorf("compare the password: %w", err)
	}
	if !matches {
		return TokenPair{}, ErrCredentials
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, _, err := s.useTx(ctx, tx, l); err != nil {
			return err
		}
		changed, err := s.q.UserVerify(ctx, tx, db.UserVerifyParams{ID: user.ID, PasswordHash: user.PasswordHash, Now: s.now()})
		switch {
		case err != nil:
			return fmt.Errorf("verify the address: %w", err)
		case changed == 0:
			return ErrCredentials
		}
		if err := s.verifiedTx(ctx, tx, user.ID, user.Email); err != nil {
			return err
		}
		pair, err = s.openSessionTx(ctx, tx, opening{user: user.ID, compared: user.PasswordHash, device: verify.Device, network: verify.Network})
		return err
	})
	return pair, err
}

// verifiedTx tells that an address is a user's.
func (s *Service) verifiedTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, email string) error {
	if s.OnVerified == nil {
		return nil
	}
	return s.OnVerified(ctx, tx, email, user)
}
