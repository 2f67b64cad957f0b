package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// Member is somebody who works for the shop, or did.
type Member struct {
	ID          uuid.UUID
	Email       string
	FirstName   string
	LastName    string
	Role        Role
	Permissions []Permission // an admin has all
	IsActive    bool
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// position is where a page of a list ends.
type position struct {
	ID        uuid.UUID
	CreatedAt time.Time
}

// begin is before the first of a list whose newest come first.
var begin = position{ID: uuid.Max, CreatedAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}

// ListStaff is one page of those who work for the shop or did, who joined last first.
func (s *Service) ListStaff(ctx context.Context, request page.Request) (page.Of[Member], error) {
	const list = "staff"
	before := begin
	if request.Cursor != "" {
		if err := s.pages.Decode(list, request.Cursor, &before); err != nil {
			return page.Of[Member]{}, err
		}
	}
	rows, err := s.q.StaffList(ctx, s.db, db.StaffListParams{
		BeforeTime: before.CreatedAt, BeforeID: before.ID, PageLimit: int32(request.Size()) + 1,
	})
	if err != nil {
		return page.Of[Member]{}, fmt.Errorf("list the staff: %w", err)
	}
	members := make([]Member, len(rows))
	for i, row := range rows {
		members[i] = toMember(db.StaffGetRow(row))
	}
	return page.Cut(s.pages, list, members, request.Size(), func(m Member) any { return position{m.ID, m.CreatedAt} })
}

// StaffMember is one of those who work for the shop or did; ErrNoMember.
func (s *Service) StaffMember(ctx context.Context, id uuid.UUID) (Member, error) {
	row, err := s.q.StaffGet(ctx, s.db, id)
	return readMember(row, err)
}

func readMember(row db.StaffGetRow, err error) (Member, error) {
	switch {
	case postgres.IsMissing(err):
		return Member{}, ErrNoMember
	case err != nil:
		return Member{}, fmt.Errorf("read the member of staff: %w", err)
	}
	return toMember(row), nil
}

func toMember(row db.StaffGetRow) Member {
	member := Member{
		ID: row.ID, Email: row.Email, FirstName: row.FirstName, LastName: row.LastName, Role: Role(row.Role),
		Permissions: of(fromNames(row.Permissions)), IsActive: row.IsActive, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
	}
	if member.Role == Admin {
		member.Permissions = of(Permissions)
	}
	return member
}

// manageTx keeps others from changing the staff until tx ends, and makes sure that who asks may do so now: their right
// may have been taken since they were let in. ErrToken, ErrForbidden.
func (s *Service) manageTx(ctx context.Context, tx pgx.Tx, who Principal) error {
	if err := s.q.StaffLock(ctx, tx); err != nil {
		return fmt.Errorf("lock the staff: %w", err)
	}
	user, err := s.q.UserGet(ctx, tx, who.UserID)
	switch {
	case postgres.IsMissing(err), err == nil && !user.IsActive:
		return ErrToken
	case err != nil:
		return fmt.Errorf("read who manages: %w", err)
	}
	return Principal{UserID: user.ID, Role: Role(user.Role)}.Allow(StaffManage)
}
