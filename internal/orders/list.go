package orders

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/emails"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// Filter narrows a list. What is zero or nil does not.
type Filter struct {
	Status        Status
	Payment       PaymentStatus
	Fulfillment   FulfillmentStatus
	Review        ReviewStatus
	CreatedFrom   *time.Time
	CreatedBefore *time.Time
	Customer      uuid.UUID
	Email         string // the whole address, in upper or lower case
	Words         string // each begins a word of the order's number, address or names
	MinTotal      *money.Amount
	MaxTotal      *money.Amount // both only find orders in their currency
	OldestFirst   bool
}

// name tells the filter's list from others.
func (f Filter) name() (string, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("name the list of orders: %w", err)
	}
	return "orders " + string(text), nil
}

// List is one page for staff. It is found by few of a million orders or many, so each is planned for its own filter.
func (s *Service) List(ctx context.Context, filter Filter, request page.Request) (page.Of[Order], error) {
	return s.listThrough(ctx, postgres.PlannedAnew{DB: s.db}, filter, request)
}

func (s *Service) listThrough(ctx context.Context, planned db.DBTX, filter Filter, request page.Request) (page.Of[Order], error) {
	name, err := filter.name()
	if err != nil {
		return page.Of[Order]{}, err
	}
	if filter.OldestFirst {
		start := position{CreatedAt: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}
		if filter.CreatedFrom != nil {
			start.CreatedAt = *filter.CreatedFrom
		}
		return s.list(ctx, name, request, start, func(after position, limit int32) ([]db.Order, error) {
			params := db.OrderListOldestParams{AfterTime: after.CreatedAt, AfterID: after.ID, PageLimit: limit}
			fromFilter(filter, &params)
			return s.q.OrderListOldest(ctx, planned, params)
		})
	}
	start := newest
	if filter.CreatedBefore != nil { // or the walk begins with the newest of all, to throw them away
		start = position{CreatedAt: *filter.CreatedBefore}
	}
	return s.list(ctx, name, request, start, func(before position, limit int32) ([]db.Order, error) {
		var params db.OrderListOldestParams
		fromFilter(filter, &params)
		return s.q.OrderListNewest(ctx, planned, db.OrderListNewestParams{
			Status: params.Status, PaymentStatus: params.PaymentStatus, FulfillmentStatus: params.FulfillmentStatus,
			ReviewStatus: params.ReviewStatus, CreatedFrom: params.CreatedFrom, CreatedBefore: params.CreatedBefore,
			CustomerID: params.CustomerID, EmailKey: params.EmailKey, Words: params.Words, Currency: params.Currency,
			MinTotal: params.MinTotal, MaxTotal: params.MaxTotal,
			BeforeTime: before.CreatedAt, BeforeID: before.ID, PageLimit: limit,
		})
	})
}

// fromFilter writes the filter into the parameters of a query.
func fromFilter(filter Filter, params *db.OrderListOldestParams) {
	params.Status = optional(string(filter.Status))
	params.PaymentStatus = optional(string(filter.Payment))
	params.FulfillmentStatus = optional(string(filter.Fulfillment))
	params.ReviewStatus = optional(string(filter.Review))
	params.CreatedFrom, params.CreatedBefore = filter.CreatedFrom, filter.CreatedBefore
	params.CustomerID = whoever(filter.Customer)
	params.Words = optional(filter.Words)
	if filter.Email != "" {
		params.EmailKey = optional(emails.Key(filter.Email))
	}
	params.MinTotal, params.MaxTotal = minor(filter.MinTotal), minor(filter.MaxTotal)
	if bound := cmp.Or(filter.MinTotal, filter.MaxTotal); bound != nil {
		params.Currency = optional(string(bound.Currency))
	}
}

// minor is a bound in minor units; nil for none.
func minor(bound *money.Amount) *int64 {
	if bound == nil {
		return nil
	}
	return &bound.Minor
}

// ListByCustomer is one page of a customer's own, newest first.
func (s *Service) ListByCustomer(ctx context.Context, customer uuid.UUID, request page.Request) (page.Of[Order], error) {
	return s.list(ctx, "orders of "+customer.String(), request, newest, func(before position, limit int32) ([]db.Order, error) {
		return s.q.OrderListByCustomer(ctx, s.db, db.OrderListByCustomerParams{
			CustomerID: customer, BeforeTime: before.CreatedAt, BeforeID: before.ID, PageLimit: limit,
		})
	})
}

// list is the page of a list that the request asks for, of the rows that read finds from there on.
func (s *Service) list(
	ctx context.Context, list string, request page.Request, start position,
	read func(from position, limit int32) ([]db.Order, error),
) (page.Of[Order], error) {
	from := start
	if err := s.after(list, request, &from); err != nil {
		return page.Of[Order]{}, err
	}
	size := request.Size()
	rows, err := read(from, int32(size)+1)
	if err != nil {
		return page.Of[Order]{}, fmt.Errorf("list orders: %w", err)
	}
	orders, err := s.withItems(ctx, rows)
	if err != nil {
		return page.Of[Order]{}, err
	}
	return page.Cut(s.pages, list, orders, size, func(o Order) any { return position{o.ID, o.CreatedAt} })
}

// after reads where the page begins that is asked for, unless it is the first. page.ErrCursor.
func (s *Service) after(list string, request page.Request, from any) error {
	if request.Cursor == "" {
		return nil
	}
	return s.pages.Decode(list, request.Cursor, from)
}

type position struct {
	ID        uuid.UUID
	CreatedAt time.Time
}

// newest stands before all that there is, where the newest comes first.
var newest = position{ID: uuid.Max, CreatedAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
