package orders

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/emails"
)

// Key is what somebody has to show for an order. A customer's order opens to them alone, a guest's to whoever holds
// a token of it, also after it joined an account.
type Key struct {
	Order    uuid.UUID
	Customer uuid.UUID // who is signed in; Nil means a guest
	Token    string    // "" means none
	Staff    bool      // may use every order
}

// Open reads an order for who asks; ErrNotFound, also for what is another's.
func (s *Service) Open(ctx context.Context, key Key) (Order, error) {
	shown := s.shown(key.Token)
	row, err := s.q.OrderOpen(ctx, s.db, db.OrderOpenParams{
		ID: key.Order, Staff: key.Staff, CustomerID: whoever(key.Customer), TokenHash: shown.hash, PlacedAfter: shown.placedAfter,
	})
	return s.load(ctx, row, err)
}

// OpenTx reads an order for who asks and keeps others from changing it until tx ends; ErrNotFound, also for what is
// another's.
func (s *Service) OpenTx(ctx context.Context, tx pgx.Tx, key Key) (Order, error) {
	shown := s.shown(key.Token)
	row, err := s.q.OrderOpenForUpdate(ctx, tx, db.OrderOpenForUpdateParams{
		ID: key.Order, Staff: key.Staff, CustomerID: whoever(key.Customer), TokenHash: shown.hash, PlacedAfter: shown.placedAfter,
	})
	return s.load(ctx, row, err)
}

// FindGuests returns a guest's order by its number and the e-mail address it was placed with. It takes the same time
// whichever of the two is wrong. Who knows both is not shown the order: they are written to.
// Errors: ErrNotFound.
func (s *Service) FindGuests(ctx context.Context, tx pgx.Tx, number, email string) (uuid.UUID, error) {
	if emails.Same(email, ErasedEmail) {
		return uuid.Nil, ErrNotFound
	}
	id, err := s.q.OrderFindGuests(ctx, tx, db.OrderFindGuestsParams{OrderNumber: strings.ToUpper(number), EmailKey: emails.Key(email)})
	return id, found(err)
}

// AddToken returns a guest's order with another token, for the link in a mail to its address. Nine of these work at once; a
// new one beyond them ends the oldest, but never the one that placing the order returned.
// Errors: ErrNotFound, also once the order has joined an account or was erased.
func (s *Service) AddToken(ctx context.Context, id uuid.UUID) (Order, error) {
	token := newToken(s.now().Add(LinkLasts))
	row, err := s.q.OrderAddToken(ctx, s.db, db.OrderAddTokenParams{ID: id, TokenHash: hashToken(token)})
	order, err := s.load(ctx, row, err)
	if err == nil && order.Erased() {
		return Order{}, ErrNotFound
	}
	order.Token = token
	return order, err
}
