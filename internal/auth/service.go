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

// Service signs users in.
type Service struct {
	db     *postgres.DB
	q      *db.Queries
	hasher *hasher
	signer signer
	now    func() time.Time
}

// New makes a service; secret signs the access tokens.
func New(database *postgres.DB, secret []byte, now func() time.Time) (*Service, error) {
	hasher, err := newHasher()
	if err != nil {
		return nil, err
	}
	return &Service{db: database, q: db.New(), hasher: hasher, signer: signer{key: secret, now: now}, now: now}, nil
}

// Login signs a user in; ErrCredentials whatever is wrong with them, ErrBusy when too many sign in at once.
func (s *Service) Login(ctx context.Context, email, password string) (TokenPair, error) {
	user, err := s.q.UserGetByEmail(ctx, s.db, email)
	if err != nil && !postgres.IsMissing(err) {
		return TokenPair{}, fmt.Errorf("find the user: %w", err)
	}
	matches, err := s.hasher.matches(ctx, password, user.PasswordHash)
	if err != nil {
		return TokenPair{}, fmt.Errorf("compare the password: %w", err)
	}
	if !matches || !user.IsActive {
		return TokenPair{}, ErrCredentials
	}
	return s.issue(ctx, s.db, Principal{UserID: user.ID, Role: Role(user.Role)}, uuid.Must(uuid.NewV7()))
}

// Refresh exchanges a refresh token for a new pair; ErrToken when it is not valid. One that was
// used before ends its whole family: either its owner or a thief holds a copy.
func (s *Service) Refresh(ctx context.Context, token string) (pair TokenPair, err error) {
	reused := false
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		row, err := s.q.RefreshTokenGetForUpdate(ctx, tx, hashToken(token))
		if postgres.IsMissing(err) {
			return ErrToken
		}
		if err != nil {
			return fmt.Errorf("read the refresh token: %w", err)
		}
		if reused = row.UsedAt != nil; reused {
			return s.q.RefreshFamilyRevoke(ctx, tx, db.RefreshFamilyRevokeParams{FamilyID: row.FamilyID, Now: s.now()})
		}
		user, err := s.q.UserGet(ctx, tx, row.UserID)
		if err != nil {
			return fmt.Errorf("read the user: %w", err)
		}
		if row.RevokedAt != nil || !row.ExpiresAt.After(s.now()) || !user.IsActive {
			return ErrToken
		}
		if err := s.q.RefreshTokenMarkUsed(ctx, tx, db.RefreshTokenMarkUsedParams{ID: row.ID, Now: s.now()}); err != nil {
			return fmt.Errorf("use the refresh token: %w", err)
		}
		pair, err = s.issue(ctx, tx, Principal{UserID: user.ID, Role: Role(user.Role)}, row.FamilyID)
		return err
	})
	if err == nil && reused {
		err = ErrToken
	}
	return pair, err
}

func (s *Service) issue(ctx context.Context, tx db.DBTX, principal Principal, family uuid.UUID) (TokenPair, error) {
	access, err := s.signer.sign(principal)
	if err != nil {
		return TokenPair{}, fmt.Errorf("sign the access token: %w", err)
	}
	refresh, hash := newRefreshToken()
	err = s.q.RefreshTokenCreate(ctx, tx, db.RefreshTokenCreateParams{
		ID: uuid.Must(uuid.NewV7()), UserID: principal.UserID, FamilyID: family, TokenHash: hash,
		Now: s.now(), ExpiresAt: s.now().Add(refreshTTL),
	})
	if err != nil {
		return TokenPair{}, fmt.Errorf("store the refresh token: %w", err)
	}
	return TokenPair{AccessToken: access, RefreshToken: refresh, ExpiresIn: accessTTL}, nil
}

// Authenticate reads an access token; ErrToken.
func (s *Service) Authenticate(token string) (Principal, error) { return s.signer.parse(token) }

// CreateUser adds a user with a role; ErrEmailTaken, ErrWeak, ErrBusy.
func (s *Service) CreateUser(ctx context.Context, email, password string, role Role) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.q.UserCreate(ctx, s.db, db.UserCreateParams{
		ID: uuid.Must(uuid.NewV7()), Email: email, PasswordHash: hash, Role: string(role),
		EmailVerified: true, Now: s.now(),
	})
	if postgres.Constraint(err) == "users_one_per_email" {
		return ErrEmailTaken.Wrap(err)
	}
	if err != nil {
		return fmt.Errorf("create the user: %w", err)
	}
	return nil
}

// HasUser tells whether there is an account with this address.
func (s *Service) HasUser(ctx context.Context, email string) (bool, error) {
	_, err := s.q.UserGetByEmail(ctx, s.db, email)
	if postgres.IsMissing(err) {
		return false, nil
	}
	return err == nil, err
}
