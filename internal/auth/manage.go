package auth

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// MemberChange says what somebody shall be; nil leaves it.
type MemberChange struct {
	Role        *Role
	Permissions *[]Permission // of staff; an admin has all
}

// UpdateStaffMember changes what somebody may do, from their next request on. ErrNoMember, ErrOwnAccount, ErrAdminHasAll,
// ErrRecent where it makes somebody an admin.
func (s *Service) UpdateStaffMember(ctx context.Context, who Principal, id uuid.UUID, change MemberChange) (Member, error) {
	return s.changeMember(ctx, who, id, func(member *Member) error {
		if change.Role != nil && *change.Role != member.Role {
			if member.Role == Admin {
				member.Permissions = nil // those of an admin came with the role
			}
			member.Role = *change.Role
		}
		switch {
		case change.Permissions == nil:
		case member.Role == Admin:
			return ErrAdminHasAll
		default:
			member.Permissions = of(*change.Permissions)
		}
		return nil
	})
}

// DeactivateStaffMember shuts somebody out at once: their sessions end, their access tokens are worth nothing, and
// their API keys are revoked. Doing it twice changes nothing. ErrNoMember, ErrOwnAccount.
func (s *Service) DeactivateStaffMember(ctx context.Context, who Principal, id uuid.UUID) (Member, error) {
	return s.changeMember(ctx, who, id, func(member *Member) error {
		member.IsActive = false
		return nil
	})
}

// ReactivateStaffMember lets somebody sign in again, with the password they had. ErrNoMember.
func (s *Service) ReactivateStaffMember(ctx context.Context, who Principal, id uuid.UUID) (Member, error) {
	return s.changeMember(ctx, who, id, func(member *Member) error {
		member.IsActive = true
		return nil
	})
}

// changeMember changes somebody else, and takes away what they lose by it. Because whoever asks is an active admin and
// stays one, an active admin is always left.
func (s *Service) changeMember(ctx context.Context, who Principal, id uuid.UUID, change func(*Member) error) (member Member, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.manageTx(ctx, tx, who); err != nil {
			return err
		}
		row, err := s.q.StaffGetForUpdate(ctx, tx, id)
		before, err := readMember(db.StaffGetRow(row), err)
		if err != nil {
			return err
		}
		member = before
		if err := change(&member); err != nil {
			return err
		}
		switch {
		case same(member, before):
			return nil
		case id == who.UserID:
			return ErrOwnAccount
		case member.Role == Admin && before.Role != Admin:
			if err := s.recentTx(ctx, tx, who); err != nil {
				return err
			}
		}
		if member, err = s.storeMemberTx(ctx, tx, member); err != nil {
			return err
		}
		return s.takeAwayTx(ctx, tx, member)
	})
	return member, err
}

func same(a, b Member) bool {
	return a.Role == b.Role && a.IsActive == b.IsActive && slices.Equal(a.Permissions, b.Permissions)
}

func (s *Service) storeMemberTx(ctx context.Context, tx pgx.Tx, member Member) (Member, error) {
	stored := member.Permissions
	if member.Role == Admin {
		stored = nil
	}
	err := s.q.StaffUpdate(ctx, tx, db.StaffUpdateParams{
		ID: member.ID, Role: string(member.Role), Permissions: toNames(stored), IsActive: member.IsActive, Now: s.now(),
	})
	if err != nil {
		return Member{}, fmt.Errorf("change the member of staff: %w", err)
	}
	row, err := s.q.StaffGet(ctx, tx, member.ID)
	return readMember(row, err)
}

// takeAwayTx ends what somebody began by rights that they have no longer.
func (s *Service) takeAwayTx(ctx context.Context, tx pgx.Tx, member Member) error {
	if !member.IsActive || member.Role != Admin {
		if err := s.q.InvitationDeleteByInviter(ctx, tx, member.ID); err != nil {
			return fmt.Errorf("take the invitations back: %w", err)
		}
	}
	if member.IsActive {
		return nil
	}
	if err := s.forgetLettersTx(ctx, tx, member.ID, ""); err != nil {
		return err
	}
	if err := s.q.APIKeyRevokeByUser(ctx, tx, db.APIKeyRevokeByUserParams{UserID: member.ID, Now: s.now()}); err != nil {
		return fmt.Errorf("revoke the keys: %w", err)
	}
	return s.endSessionsTx(ctx, tx, member.ID, uuid.Nil)
}
