package carts

import (
	"context"
	"errors"
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

// Open is whom to open a cart for.
type Open struct {
	Customer  uuid.UUID // Nil means a guest
	SessionID *string
}

// Open opens an empty cart. A customer has at most one open cart: who has one already is answered that, with
// opened = false.
func (s *Service) Open(ctx context.Context, open Open) (cart Cart, opened bool, err error) {
	if open.Customer == uuid.Nil {
		cart, err = s.create(ctx, open)
		return cart, true, err
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.q.CartLockCustomer(ctx, tx, open.Customer.String()); err != nil {
			return fmt.Errorf("take the customer's turn: %w", err)
		}
		if cart, err = s.Mine(ctx, open.Customer); !errors.Is(err, ErrNotFound) {
			opened = false
			return err
		}
		opened = true
		cart, err = s.create(ctx, open)
		return err
	})
	return cart, opened, err
}

func (s *Service) create(ctx context.Context, open Open) (Cart, error) {
	row, err := s.q.CartCreate(ctx, s.db, db.CartCreateParams{
		ID: uuid.Must(uuid.NewV7()), UserID: Key{Customer: open.Customer}.customer(), SessionID: open.SessionID,
		Currency: string(s.pricing.Currency()), Now: s.now(),
	})
	if err != nil {
		return Cart{}, fmt.Errorf("create cart: %w", ofCustomer(err))
	}
	return s.price(row, nil)
}

// Mine is the customer's open cart; ErrNotFound when they have none.
func (s *Service) Mine(ctx context.Context, customer uuid.UUID) (Cart, error) {
	row, err := s.q.CartGetOpen(ctx, s.db, customer)
	return s.load(ctx, row, err)
}

// Get reads a cart with its lines at today's prices; ErrNotFound, also for what is another's.
func (s *Service) Get(ctx context.Context, key Key) (Cart, error) {
	row, err := s.q.CartGet(ctx, s.db, db.CartGetParams{ID: key.Cart, CustomerID: key.customer(), Staff: key.Staff})
	return s.load(ctx, row, err)
}

// LockTx reads a cart and keeps others from changing it until tx ends; ErrNotFound, also for what is another's.
func (s *Service) LockTx(ctx context.Context, tx pgx.Tx, key Key) (Cart, error) {
	row, err := s.lockTx(ctx, tx, key)
	return s.load(ctx, row, err)
}

func (s *Service) lockTx(ctx context.Context, tx pgx.Tx, key Key) (db.Cart, error) {
	return s.q.CartGetForUpdate(ctx, tx, db.CartGetForUpdateParams{ID: key.Cart, CustomerID: key.customer()})
}

// ConvertTx marks a cart, which the key has locked, as bought. The cart is then whose the order is.
func (s *Service) ConvertTx(ctx context.Context, tx pgx.Tx, key Key, order uuid.UUID) error {
	err := s.q.CartConvert(ctx, tx, db.CartConvertParams{
		ID: key.Cart, CustomerID: key.customer(), OrderID: &order, Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("convert the cart: %w", ofCustomer(err))
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
