package carts

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/media"
	"cartwright/internal/postgres"
	"cartwright/internal/pricing"
)

// Service keeps carts.
type Service struct {
	db       *postgres.DB
	q        *db.Queries
	pricing  *pricing.Service
	pictures media.Addresses
	now      func() time.Time
}

// New makes a service.
func New(database *postgres.DB, pricing *pricing.Service, pictures media.Addresses, now func() time.Time) *Service {
	return &Service{db: database, q: db.New(), pricing: pricing, pictures: pictures, now: now}
}

// Create opens an empty cart.
func (s *Service) Create(ctx context.Context, sessionID *string) (Cart, error) {
	row, err := s.q.CartCreate(ctx, s.db, db.CartCreateParams{
		ID: uuid.Must(uuid.NewV7()), SessionID: sessionID, Currency: string(s.pricing.Currency()), Now: s.now(),
	})
	if err != nil {
		return Cart{}, fmt.Errorf("create cart: %w", err)
	}
	return s.price(row, nil)
}

// Get reads a cart with its lines at today's prices; ErrNotFound.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (Cart, error) {
	row, err := s.q.CartGet(ctx, s.db, id)
	return s.load(ctx, row, err)
}

// LockTx reads a cart and keeps others from changing it until tx ends; ErrNotFound.
func (s *Service) LockTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Cart, error) {
	row, err := s.q.CartGetForUpdate(ctx, tx, id)
	return s.load(ctx, row, err)
}

// ConvertTx marks a locked cart as bought.
func (s *Service) ConvertTx(ctx context.Context, tx pgx.Tx, cart, order uuid.UUID) error {
	err := s.q.CartConvert(ctx, tx, db.CartConvertParams{ID: cart, OrderID: &order, Now: s.now()})
	if err != nil {
		return fmt.Errorf("convert the cart: %w", err)
	}
	return nil
}

func (s *Service) load(ctx context.Context, row db.Cart, err error) (Cart, error) {
	if postgres.IsMissing(err) {
		return Cart{}, ErrNotFound
	}
	if err != nil {
		return Cart{}, fmt.Errorf("read the cart: %w", err)
	}
	lines, err := s.q.CartLineList(ctx, s.db, row.ID)
	if err != nil {
		return Cart{}, fmt.Errorf("read the cart's lines: %w", err)
	}
	return s.price(row, lines)
}
