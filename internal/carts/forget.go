package carts

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
)

// forgetAtOnce is how many carts are deleted in one statement, so that none holds its locks for long.
const forgetAtOnce = 500

// Forget is the job that deletes old carts.
type Forget struct{}

// Kind names the job.
func (Forget) Kind() string { return "carts_forget" }

// ForgetOld deletes guests' carts, and those that were bought or merged, that nobody has changed for so long. The open cart
// of a customer stays with the account.
func (s *Service) ForgetOld(ctx context.Context, after time.Duration) error {
	before := s.now().Add(-after)
	for {
		deleted, err := s.q.CartDeleteOlder(ctx, s.db, db.CartDeleteOlderParams{
			BeforeID: firstID(before), Before: before, AtOnce: forgetAtOnce,
		})
		if err != nil {
			return fmt.Errorf("delete old carts: %w", err)
		}
		if deleted < forgetAtOnce {
			return nil
		}
	}
}

// firstID is the least id of a moment: a UUIDv7 begins with its milliseconds (RFC 9562, 5.7).
func firstID(at time.Time) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16)
	return id
}
