package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/page"
)

// APIKey is what a program asks with, in the name of who made it.
type APIKey struct {
	ID         uuid.UUID
	Name       string
	Prefix     string       // the first letters of the key
	Scopes     []Permission // what it may do at most
	CreatedBy  uuid.UUID
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	LastUsedAt *time.Time // to within a minute
	RevokedAt  *time.Time
}

// maxKeys is how many of somebody's keys work at a time.
const maxKeys = 50

// How keys begin. What follows is 256 random bits, of which people see the first few.
const (
	anyKey       = "ck_"
	liveKey      = "ck_live_"
	testKey      = "ck_test_"
	shownLetters = 6
)

// IsAPIKey tells an API key from an access token.
func IsAPIKey(token string) bool { return strings.HasPrefix(token, anyKey) }

// beginning is how the keys of this shop begin. Keys made while it tried things out are worth nothing once it is live.
func (s *Service) beginning() string {
	if s.LiveKeys {
		return liveKey
	}
	return testKey
}

// APIKeyCreate says what a key shall be.
type APIKeyCreate struct {
	Name      string
	Scopes    []Permission
	ExpiresAt *time.Time // nil for never
}

// CreateAPIKey makes a key that may do what who asks may do now, or less. The key itself is answered once and not kept.
// ErrScope, ErrKeyExpiry, ErrTooManyKeys, ErrRecent; ErrForbidden for a key, which would else outlive its own end.
func (s *Service) CreateAPIKey(ctx context.Context, who Principal, create APIKeyCreate) (made APIKey, key string, err error) {
	if create.ExpiresAt != nil && !create.ExpiresAt.After(s.now()) {
		return APIKey{}, "", ErrKeyExpiry
	}
	random, _ := newToken()
	key = s.beginning() + random
	made = APIKey{
		ID: uuid.Must(uuid.NewV7()), Name: create.Name, Prefix: key[:len(s.beginning())+shownLetters], Scopes: of(create.Scopes),
		CreatedBy: who.UserID, CreatedAt: s.now(), ExpiresAt: create.ExpiresAt,
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.mayCreateTx(ctx, tx, who, made.Scopes); err != nil {
			return err
		}
		err := s.q.APIKeyCreate(ctx, tx, db.APIKeyCreateParams{
			ID: made.ID, UserID: made.CreatedBy, Name: made.Name, Prefix: made.Prefix, KeyHash: hashToken(key),
			Scopes: toNames(made.Scopes), Now: made.CreatedAt, ExpiresAt: made.ExpiresAt,
		})
		if err != nil {
			return fmt.Errorf("create the key: %w", err)
		}
		return nil
	})
	return made, key, err
}

// mayCreateTx keeps what somebody may do as it is until tx ends, and holds it against what their key shall do.
func (s *Service) mayCreateTx(ctx context.Context, tx pgx.Tx, who Principal, scopes []Permission) error {
	if who.KeyID != uuid.Nil {
		return ErrForbidden
	}
	row, err := s.q.StaffGetForUpdate(ctx, tx, who.UserID)
	member, err := readMember(db.StaffGetRow(row), err)
	switch {
	case err != nil:
		return err
	case !member.IsActive:
		return ErrToken
	case !slices.Contains(member.Permissions, SettingsWrite):
		return ErrForbidden
	}
	if err := s.recentTx(ctx, tx, who); err != nil {
		return err
	}
	if more := slices.DeleteFunc(slices.Clone(scopes), func(p Permission) bool { return slices.Contains(member.Permissions, p) }); len(more) > 0 {
		return scopesNotHeld(more)
	}
	working, err := s.q.APIKeyCount(ctx, tx, db.APIKeyCountParams{UserID: who.UserID, Now: s.now()})
	switch {
	case err != nil:
		return fmt.Errorf("count the keys: %w", err)
	case working >= maxKeys:
		return ErrTooManyKeys
	}
	return nil
}

// ListAPIKeys is one page of all keys there are and were, the newest first.
func (s *Service) ListAPIKeys(ctx context.Context, request page.Request) (page.Of[APIKey], error) {
	const list = "api keys"
	before := begin
	if request.Cursor != "" {
		if err := s.pages.Decode(list, request.Cursor, &before); err != nil {
			return page.Of[APIKey]{}, err
		}
	}
	rows, err := s.q.APIKeyList(ctx, s.db, db.APIKeyListParams{
		BeforeTime: before.CreatedAt, BeforeID: before.ID, PageLimit: int32(request.Size()) + 1,
	})
	if err != nil {
		return page.Of[APIKey]{}, fmt.Errorf("list the keys: %w", err)
	}
	keys := make([]APIKey, len(rows))
	for i, row := range rows {
		keys[i] = APIKey{
			ID: row.ID, Name: row.Name, Prefix: row.Prefix, Scopes: of(fromNames(row.Scopes)), CreatedBy: row.UserID,
			CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt, LastUsedAt: row.LastUsedAt, RevokedAt: row.RevokedAt,
		}
	}
	return page.Cut(s.pages, list, keys, request.Size(), func(k APIKey) any { return position{k.ID, k.CreatedAt} })
}

// RevokeAPIKey makes a key worth nothing, at once; ErrNoKey, also when it was revoked before.
func (s *Service) RevokeAPIKey(ctx context.Context, id uuid.UUID) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		revoked, err := s.q.APIKeyRevoke(ctx, tx, db.APIKeyRevokeParams{ID: id, Now: s.now()})
		switch {
		case err != nil:
			return fmt.Errorf("revoke the key: %w", err)
		case revoked == 0:
			return ErrNoKey
		}
		return nil
	})
}
