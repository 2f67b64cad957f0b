package customers

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Profile is who a customer is.
type Profile struct {
	ID            uuid.UUID
	Email         string
	EmailVerified bool
	Role          string
	FirstName     string
	LastName      string
	Phone         *string
	DateOfBirth   *time.Time // a day, at midnight UTC
	CreatedAt     time.Time
}

// firstBirth is the earliest day of birth that is no slip of the pen.
var firstBirth = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

// Service keeps profiles and address books.
type Service struct {
	db  *postgres.DB
	q   *db.Queries
	now func() time.Time
}

// New makes a service.
func New(database *postgres.DB, now func() time.Time) *Service {
	return &Service{db: database, q: db.New(), now: now}
}

// Profile reads a customer's; ErrNotFound.
func (s *Service) Profile(ctx context.Context, id uuid.UUID) (Profile, error) {
	row, err := s.q.ProfileGet(ctx, s.db, id)
	return toProfile(row, err)
}

// EmailTx is a customer's e-mail address; ErrNotFound.
func (s *Service) EmailTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (string, error) {
	row, err := s.q.ProfileGet(ctx, tx, id)
	profile, err := toProfile(row, err)
	return profile.Email, err
}

// UpdateProfile changes names, phone and day of birth, and nothing else that change may have touched. change may run more
// than once. ErrBirth, ErrNotFound.
func (s *Service) UpdateProfile(ctx context.Context, id uuid.UUID, change func(*Profile)) (profile Profile, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if profile, err = s.lockTx(ctx, tx, id); err != nil {
			return err
		}
		change(&profile)
		if born := profile.DateOfBirth; born != nil && (born.Before(firstBirth) || born.After(s.now())) {
			return ErrBirth
		}
		err := s.q.ProfileUpdate(ctx, tx, db.ProfileUpdateParams{
			ID: id, FirstName: profile.FirstName, LastName: profile.LastName, Phone: profile.Phone,
			DateOfBirth: profile.DateOfBirth, Now: s.now(),
		})
		if err != nil {
			return fmt.Errorf("change the profile: %w", err)
		}
		return nil
	})
	return profile, err
}

// lockTx reads a profile and keeps others from changing what is the customer's until tx ends.
func (s *Service) lockTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Profile, error) {
	row, err := s.q.ProfileGetForUpdate(ctx, tx, id)
	return toProfile(db.ProfileGetRow(row), err)
}

func toProfile(row db.ProfileGetRow, err error) (Profile, error) {
	switch {
	case postgres.IsMissing(err):
		return Profile{}, ErrNotFound
	case err != nil:
		return Profile{}, fmt.Errorf("read the profile: %w", err)
	}
	return Profile(row), nil
}
