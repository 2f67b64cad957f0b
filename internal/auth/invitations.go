package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/emails"
	"cartwright/internal/postgres"
)

// Invitation asks whoever has an address to work for the shop.
type Invitation struct {
	ID          uuid.UUID
	Email       string
	Role        Role
	Permissions []Permission // an admin has all
	InvitedBy   uuid.UUID
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// maxInvitations is how many wait for an answer at most, so that nobody has the shop send mails without end.
const maxInvitations = 100

// Invite says whom to invite, and as what.
type Invite struct {
	Email       string
	Role        Role
	Permissions []Permission // of staff; an admin has all
}

// InviteStaff owes a letter to the address, in place of one that was owed before. What becomes of a customer's account
// with that address, its owner decides by accepting. The answer does not tell whether there is one. ErrEmail,
// ErrAlreadyStaff, ErrTooManyInvitations, ErrAdminHasAll.
func (s *Service) InviteStaff(ctx context.Context, who Principal, invite Invite) (Invitation, error) {
	if invite.Role == Admin && len(invite.Permissions) > 0 {
		return Invitation{}, ErrAdminHasAll
	}
	address, err := parse(invite.Email)
	if err != nil {
		return Invitation{}, err
	}
	invite.Email = address
	invitation := Invitation{
		ID: uuid.Must(uuid.NewV7()), Email: invite.Email, Role: invite.Role, Permissions: of(invite.Permissions),
		InvitedBy: who.UserID, CreatedAt: s.now(), ExpiresAt: s.now().Add(InviteToStaff.Lasts()),
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.manageTx(ctx, tx, who); err != nil {
			return err
		}
		if invite.Role == Admin {
			if err := s.recentTx(ctx, tx, who); err != nil {
				return err
			}
		}
		if err := s.makeRoomTx(ctx, tx, invite.Email); err != nil {
			return err
		}
		err := s.q.InvitationCreate(ctx, tx, db.InvitationCreateParams{
			ID: invitation.ID, Email: invitation.Email, Role: string(invitation.Role), Permissions: toNames(invitation.Permissions),
			InvitedBy: invitation.InvitedBy, Now: invitation.CreatedAt, ExpiresAt: invitation.ExpiresAt,
		})
		if err != nil {
			return fmt.Errorf("invite: %w", err)
		}
		return s.oweInvitationTx(ctx, tx, invitation)
	})
	return invitation.shown(), err
}

// makeRoomTx makes sure that the address may be invited, and takes an earlier invitation away.
func (s *Service) makeRoomTx(ctx context.Context, tx pgx.Tx, email string) error {
	holder, err := s.q.UserGetByEmail(ctx, tx, emails.Key(email))
	switch {
	case err != nil && !postgres.IsMissing(err):
		return fmt.Errorf("find the user: %w", err)
	case err == nil && Role(holder.Role) != Customer:
		return ErrAlreadyStaff
	}
	if err := s.uninviteTx(ctx, tx, email); err != nil {
		return err
	}
	open, err := s.q.InvitationCount(ctx, tx, s.now())
	switch {
	case err != nil:
		return fmt.Errorf("count the invitations: %w", err)
	case open >= maxInvitations:
		return ErrTooManyInvitations
	}
	return nil
}

// oweInvitationTx owes the letter of an invitation.
func (s *Service) oweInvitationTx(ctx context.Context, tx pgx.Tx, invitation Invitation) error {
	letter := uuid.Must(uuid.NewV7())
	err := s.q.InvitationLetterCreate(ctx, tx, db.InvitationLetterCreateParams{
		ID: letter, Purpose: string(InviteToStaff), Email: invitation.Email, InvitationID: invitation.ID,
		Now: invitation.CreatedAt, ExpiresAt: invitation.ExpiresAt,
	})
	if err != nil {
		return fmt.Errorf("owe the letter: %w", err)
	}
	return s.Jobs.EnqueueTx(ctx, tx, SendLetter{letter}, time.Time{})
}

// ListInvitations are those that wait for an answer, the newest first; there is an end to them.
func (s *Service) ListInvitations(ctx context.Context) ([]Invitation, error) {
	rows, err := s.q.InvitationList(ctx, s.db, db.InvitationListParams{Now: s.now(), PageLimit: maxInvitations})
	if err != nil {
		return nil, fmt.Errorf("list the invitations: %w", err)
	}
	invitations := make([]Invitation, len(rows))
	for i, row := range rows {
		invitations[i] = Invitation{
			ID: row.ID, Email: row.Email, Role: Role(row.Role), Permissions: of(fromNames(row.Permissions)),
			InvitedBy: row.InvitedBy, CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt,
		}.shown()
	}
	return invitations, nil
}

// shown is the invitation with what its role brings.
func (i Invitation) shown() Invitation {
	if i.Role == Admin {
		i.Permissions = of(Permissions)
	}
	return i
}

// RevokeInvitation takes an invitation back, and its link is worth nothing any more; ErrNoInvitation.
func (s *Service) RevokeInvitation(ctx context.Context, who Principal, id uuid.UUID) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.manageTx(ctx, tx, who); err != nil {
			return err
		}
		deleted, err := s.q.InvitationDelete(ctx, tx, db.InvitationDeleteParams{ID: id, Now: s.now()})
		switch {
		case err != nil:
			return fmt.Errorf("revoke the invitation: %w", err)
		case deleted == 0:
			return ErrNoInvitation
		}
		return nil
	})
}

// uninviteTx takes the invitation of an address away.
func (s *Service) uninviteTx(ctx context.Context, tx pgx.Tx, email string) error {
	if err := s.q.InvitationDeleteByEmail(ctx, tx, emails.Key(email)); err != nil {
		return fmt.Errorf("take the invitation away: %w", err)
	}
	return nil
}
