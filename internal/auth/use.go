package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// usedWithin is how long a key that was used is not noted again.
const usedWithin = time.Minute

// AuthenticateKey asks what whoever holds an API key may do now: its scopes, as far as who made it may still do that.
// ErrToken when it never was one, or is expired, revoked, or of somebody who works for the shop no longer. It is looked
// up by its hash, so that how long that takes tells nothing of a key that is only nearly right.
func (s *Service) AuthenticateKey(ctx context.Context, key string) (Principal, error) {
	if !strings.HasPrefix(key, s.beginning()) {
		return Principal{}, ErrToken
	}
	row, err := s.q.APIKeyUser(ctx, s.db, db.APIKeyUserParams{KeyHash: hashToken(key), Now: s.now()})
	who, err := byKey(row, err)
	if err != nil {
		return Principal{}, err
	}
	return who, s.noteUse(ctx, row)
}

// byKey is whoever holds a key, as it was read.
func byKey(row db.APIKeyUserRow, err error) (Principal, error) {
	switch {
	case postgres.IsMissing(err):
		return Principal{}, ErrToken
	case err != nil:
		return Principal{}, fmt.Errorf("find the key: %w", err)
	}
	held := fromNames(row.Permissions)
	if Role(row.Role) == Admin {
		held = Permissions
	}
	left := slices.DeleteFunc(of(fromNames(row.Scopes)), func(p Permission) bool { return !slices.Contains(held, p) })
	return Principal{UserID: row.UserID, Role: Staff, KeyID: row.ID, Permissions: left}, nil
}

// noteUse keeps when a key was used last, and writes at most once a minute.
func (s *Service) noteUse(ctx context.Context, row db.APIKeyUserRow) error {
	before := s.now().Add(-usedWithin)
	if row.LastUsedAt != nil && row.LastUsedAt.After(before) {
		return nil
	}
	if err := s.q.APIKeyTouch(ctx, s.db, db.APIKeyTouchParams{ID: row.ID, Now: s.now(), Before: before}); err != nil {
		return fmt.Errorf("note the use of the key: %w", err)
	}
	return nil
}
