package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Accept says who accepts an invitation.
type Accept struct {
	Token, Password     string
	FirstName, LastName string
}

// AcceptInvitation has whoever got an invitation's letter work for the shop: with a new account, or with the one they
// have there as a customer. As after a forgotten password, the password is the account's and its sessions end, for the
// letter proves the address in the same way. It signs nobody in. ErrLink, also when who sent the invitation could not
// send it any more; ErrWeak, ErrBusy.
func (s *Service) AcceptInvitation(ctx context.Context, accept Accept) error {
	address, err := s.q.InvitationGetByToken(ctx, s.db, db.InvitationGetByTokenParams{TokenHash: hashToken(accept.Token), Now: s.now()})
	switch {
	case postgres.IsMissing(err):
		return ErrLink
	case err != nil:
		return fmt.Errorf("find the invitation: %w", err)
	}
	if err := acceptable(accept.Password, address); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, accept.Password)
	if err != nil {
		return fmt.Errorf("hash the password: %w", err)
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error { return s.acceptTx(ctx, tx, accept, hash) })
}

// acceptTx uses the invitation. Nobody's rights change meanwhile.
func (s *Service) acceptTx(ctx context.Context, tx pgx.Tx, accept Accept, hash string) error {
	if err := s.q.StaffLock(ctx, tx); err != nil {
		return fmt.Errorf("lock the staff: %w", err)
	}
	used, err := s.q.InvitationUse(ctx, tx, db.InvitationUseParams{TokenHash: hashToken(accept.Token), Now: s.now()})
	switch {
	case postgres.IsMissing(err):
		return ErrLink
	case err != nil:
		return fmt.Errorf("use the invitation: %w", err)
	}
	user, err := s.q.UserEmploy(ctx, tx, db.UserEmployParams{
		ID: uuid.Must(uuid.NewV7()), Email: used.Email, PasswordHash: hash, Role: used.Role, Permissions: used.Permissions,
		FirstName: accept.FirstName, LastName: accept.LastName, Now: s.now(),
	})
	switch {
	case postgres.IsMissing(err):
		return ErrLink
	case err != nil:
		return fmt.Errorf("employ the user: %w", err)
	}
	if err := s.forgetLettersTx(ctx, tx, user, ""); err != nil {
		return err
	}
	if err := s.endSessionsTx(ctx, tx, user, uuid.Nil); err != nil {
		return err
	}
	return s.verifiedTx(ctx, tx, user, used.Email)
}
