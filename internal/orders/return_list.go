package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// Return reads a return; ErrNoReturn.
func (s *Service) Return(ctx context.Context, id uuid.UUID) (Return, error) {
	row, err := s.q.ReturnGet(ctx, s.db, id)
	if postgres.IsMissing(err) {
		return Return{}, ErrNoReturn
	}
	if err != nil {
		return Return{}, fmt.Errorf("read the return: %w", err)
	}
	return s.withReturnItems(ctx, s.db, row)
}

// Returns is one page of all returns, newest first; of those in one status, unless that is "".
func (s *Service) Returns(ctx context.Context, status ReturnStatus, request page.Request) (page.Of[Return], error) {
	list, before := "returns "+string(status), newest
	if err := s.after(list, request, &before); err != nil {
		return page.Of[Return]{}, err
	}
	size := request.Size()
	rows, err := s.q.ReturnList(ctx, s.db, db.ReturnListParams{
		Status: optional(string(status)), BeforeTime: before.CreatedAt, BeforeID: before.ID, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Return]{}, fmt.Errorf("list returns: %w", err)
	}
	return s.cutReturns(ctx, list, rows, size)
}

// ReturnsOf is one page of an order's returns, for who may open it, in the order they were asked for. ErrNotFound, also
// for what is another's.
func (s *Service) ReturnsOf(ctx context.Context, key Key, request page.Request) (page.Of[Return], error) {
	if err := s.admit(ctx, key); err != nil {
		return page.Of[Return]{}, err
	}
	list, after := "returns of order "+key.Order.String(), position{CreatedAt: time.Unix(0, 0)}
	if err := s.after(list, request, &after); err != nil {
		return page.Of[Return]{}, err
	}
	size := request.Size()
	rows, err := s.q.ReturnListByOrder(ctx, s.db, db.ReturnListByOrderParams{
		OrderID: key.Order, AfterTime: after.CreatedAt, AfterID: after.ID, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Return]{}, fmt.Errorf("list the order's returns: %w", err)
	}
	return s.cutReturns(ctx, list, rows, size)
}

func (s *Service) cutReturns(ctx context.Context, list string, rows []db.Return, size int) (page.Of[Return], error) {
	found, err := s.withReturned(ctx, s.db, rows)
	if err != nil {
		return page.Of[Return]{}, err
	}
	return page.Cut(s.pages, list, found, size, func(r Return) any { return position{r.ID, r.CreatedAt} })
}

func (s *Service) withReturnItems(ctx context.Context, from db.DBTX, row db.Return) (Return, error) {
	all, err := s.withReturned(ctx, from, []db.Return{row})
	if err != nil {
		return Return{}, err
	}
	return all[0], nil
}

// withReturned loads what all of them send back, in one statement.
func (s *Service) withReturned(ctx context.Context, from db.DBTX, rows []db.Return) ([]Return, error) {
	all, ids, at := make([]Return, len(rows)), make([]uuid.UUID, len(rows)), map[uuid.UUID]int{}
	for i, row := range rows {
		all[i], ids[i], at[row.ID] = toReturn(row), row.ID, i
	}
	items, err := s.q.ReturnItemsByReturns(ctx, from, ids)
	if err != nil {
		return nil, fmt.Errorf("read what is returned: %w", err)
	}
	for _, item := range items {
		one := &all[at[item.ReturnID]]
		one.Items = append(one.Items, toReturnItem(item))
	}
	return all, nil
}
