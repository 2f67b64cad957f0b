package orders

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

// Service reads and changes orders.
type Service struct {
	db    *postgres.DB
	q     *db.Queries
	pages page.Codec
	now   func() time.Time
}

// New makes a service.
func New(database *postgres.DB, pages page.Codec, now func() time.Time) *Service {
	return &Service{db: database, q: db.New(), pages: pages, now: now}
}

// Get reads an order with its items; ErrNotFound.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (Order, error) {
	row, err := s.q.OrderGet(ctx, s.db, id)
	return s.load(ctx, row, err)
}

// LockTx reads an order and keeps others from changing it until tx ends; ErrNotFound.
func (s *Service) LockTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Order, error) {
	row, err := s.q.OrderGetForUpdate(ctx, tx, id)
	return s.load(ctx, row, err)
}

func (s *Service) load(ctx context.Context, row db.Order, err error) (Order, error) {
	if err := found(err); err != nil {
		return Order{}, err
	}
	orders, err := s.withItems(ctx, []db.Order{row})
	if err != nil {
		return Order{}, err
	}
	return orders[0], nil
}

// found is what reading an order's row came to.
func found(err error) error {
	if postgres.IsMissing(err) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	return nil
}

// withItems loads the items of all rows in one statement.
func (s *Service) withItems(ctx context.Context, rows []db.Order) ([]Order, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	items, err := s.q.OrderItemsByOrders(ctx, s.db, ids)
	if err != nil {
		return nil, fmt.Errorf("read order items: %w", err)
	}
	return toOrders(rows, items)
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
