package orders

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/emails"
	"cartwright/internal/postgres"
)

// keptTokens is how many tokens of an order work at once; a new one beyond them ends the oldest.
const keptTokens = 10

// Key is what somebody has to show for an order. A customer's order opens to them alone, a guest's to whoever holds
// a token of it.
type Key struct {
	Order    uuid.UUID
	Customer uuid.UUID // who is signed in; Nil means a guest
	Token    string    // "" means none
	Staff    bool      // may use every order
}

// Open reads an order for who asks; ErrNotFound, also for what is another's.
func (s *Service) Open(ctx context.Context, key Key) (Order, error) {
	row, err := s.q.OrderOpen(ctx, s.db, db.OrderOpenParams{
		ID: key.Order, Staff: key.Staff, CustomerID: whoever(key.Customer), TokenHash: hashToken(key.Token),
	})
	return s.load(ctx, row, err)
}

// OpenTx reads an order for who asks and keeps others from changing it until tx ends; ErrNotFound, also for what is
// another's.
func (s *Service) OpenTx(ctx context.Context, tx pgx.Tx, key Key) (Order, error) {
	row, err := s.q.OrderOpenForUpdate(ctx, tx, db.OrderOpenForUpdateParams{
		ID: key.Order, Staff: key.Staff, CustomerID: whoever(key.Customer), TokenHash: hashToken(key.Token),
	})
	return s.load(ctx, row, err)
}

// Lookup finds a guest's order by its number and the e-mail address it was placed with, and hands out another token.
// ErrNotFound, the same and after the same time, whichever of the two is wrong.
func (s *Service) Lookup(ctx context.Context, number, email string) (Order, error) {
	if emails.Same(email, ErasedEmail) {
		return Order{}, ErrNotFound
	}
	token := newToken()
	row, err := s.q.OrderAddToken(ctx, s.db, db.OrderAddTokenParams{
		OrderNumber: strings.ToUpper(number), EmailKey: emails.Key(email), TokenHash: hashToken(token), Kept: keptTokens,
	})
	if postgres.IsMissing(err) {
		return Order{}, ErrNotFound
	}
	order, err := s.load(ctx, row, err)
	order.Token = token
	return order, err
}

// newToken makes an unguessable token of 256 bits.
func newToken() string {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails: crypto/rand ends the program first
	return base64.RawURLEncoding.EncodeToString(secret[:])
}

// hashToken is what is stored of a token; nil, which is the hash of nothing stored, for none.
func hashToken(token string) []byte {
	if token == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
