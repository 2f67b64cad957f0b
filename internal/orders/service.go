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
	if postgres.IsMissing(err) {
		return Order{}, ErrNotFound
	}
	if err != nil {
		return Order{}, fmt.Errorf("read the order: %w", err)
	}
	orders, err := s.withItems(ctx, []db.Order{row})
	if err != nil {
		return Order{}, err
	}
	return orders[0], nil
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

// Filter narrows a list; "" means any.
type Filter struct {
	Status  Status
	Payment PaymentStatus
	Review  ReviewStatus
}

// List is one page for staff, newest first.
func (s *Service) List(ctx context.Context, filter Filter, request page.Request) (page.Of[Order], error) {
	list := fmt.Sprintf("orders %s %s %s", filter.Status, filter.Payment, filter.Review)
	return s.list(ctx, list, request, func(before position, limit int32) ([]db.Order, error) {
		return s.q.OrderList(ctx, s.db, db.OrderListParams{
			Status:        optional(string(filter.Status)),
			PaymentStatus: optional(string(filter.Payment)),
			ReviewStatus:  optional(string(filter.Review)),
			BeforeTime:    before.CreatedAt,
			BeforeID:      before.ID,
			PageLimit:     limit,
		})
	})
}

// ListByCustomer is one page of a customer's own, newest first.
func (s *Service) ListByCustomer(ctx context.Context, customer uuid.UUID, request page.Request) (page.Of[Order], error) {
	return s.list(ctx, "orders of "+customer.String(), request, func(before position, limit int32) ([]db.Order, error) {
		return s.q.OrderListByCustomer(ctx, s.db, db.OrderListByCustomerParams{
			CustomerID: customer, BeforeTime: before.CreatedAt, BeforeID: before.ID, PageLimit: limit,
		})
	})
}

// Due is an unpaid order whose time to pay is over, since then.
type Due struct {
	ID    uuid.UUID
	Since time.Time
}

// ListDue is the next of them after one, from the one due longest; none when there are no more.
func (s *Service) ListDue(ctx context.Context, after Due) ([]Due, error) {
	rows, err := s.q.OrderDueList(ctx, s.db, db.OrderDueListParams{
		Now: s.now(), AfterTime: after.Since, AfterID: after.ID, PageLimit: dueAtOnce,
	})
	if err != nil {
		return nil, fmt.Errorf("list orders that are due: %w", err)
	}
	due := make([]Due, len(rows))
	for i, row := range rows {
		due[i] = Due{ID: row.ID, Since: row.ExpiresAt}
	}
	return due, nil
}

const dueAtOnce = 500

// list is the page of a list that the request asks for, of the rows that read finds.
func (s *Service) list(
	ctx context.Context, list string, request page.Request, read func(before position, limit int32) ([]db.Order, error),
) (page.Of[Order], error) {
	before := position{ID: uuid.Max, CreatedAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	if request.Cursor != "" {
		if err := s.pages.Decode(list, request.Cursor, &before); err != nil {
			return page.Of[Order]{}, err
		}
	}
	size := request.Size()
	rows, err := read(before, int32(size)+1)
	if err != nil {
		return page.Of[Order]{}, fmt.Errorf("list orders: %w", err)
	}
	orders, err := s.withItems(ctx, rows)
	if err != nil {
		return page.Of[Order]{}, err
	}
	return page.Cut(s.pages, list, orders, size, func(o Order) any { return position{o.ID, o.CreatedAt} })
}

type position struct {
	ID        uuid.UUID
	CreatedAt time.Time
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
