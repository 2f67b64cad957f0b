package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/page"
)

// DisputeFilter narrows and orders a list of disputes. What is zero does not narrow.
type DisputeFilter struct {
	Status   DisputeStatus
	DueFirst bool // those that must be answered soonest; else the newest
}

// disputed is where a page of disputes ended. At is nil where the last one is never due.
type disputed struct {
	ID uuid.UUID  `json:"i"`
	At *time.Time `json:"t"`
}

// Disputes is one page of all disputes.
func (s *Service) Disputes(ctx context.Context, filter DisputeFilter, request page.Request) (page.Of[Dispute], error) {
	read, start := s.newest, disputed{At: new(future)}
	at := func(d Dispute) any { return disputed{d.ID, &d.OpenedAt} }
	if filter.DueFirst {
		read, start = s.due, disputed{At: new(time.Unix(0, 0))}
		at = func(d Dispute) any { return disputed{d.ID, d.DueBy} }
	}
	list := fmt.Sprintf("disputes %q, due first: %t", filter.Status, filter.DueFirst)
	if request.Cursor != "" {
		if err := s.pages.Decode(list, request.Cursor, &start); err != nil {
			return page.Of[Dispute]{}, err
		}
	}
	size := request.Size()
	disputes, err := read(ctx, filter, start, int32(size)+1)
	if err != nil {
		return page.Of[Dispute]{}, fmt.Errorf("list the disputes: %w", err)
	}
	return page.Cut(s.pages, list, disputes, size, at)
}

func (s *Service) newest(ctx context.Context, filter DisputeFilter, before disputed, limit int32) (disputes []Dispute, err error) {
	rows, err := s.q.DisputeListNewest(ctx, s.db, db.DisputeListNewestParams{
		Status: optional(string(filter.Status)), BeforeTime: *before.At, BeforeID: before.ID, PageLimit: limit,
	})
	for _, row := range rows {
		disputes = append(disputes, toDispute(row.Dispute, toPayment(row.Payment)))
	}
	return disputes, err
}

func (s *Service) due(ctx context.Context, filter DisputeFilter, after disputed, limit int32) (disputes []Dispute, err error) {
	rows, err := s.q.DisputeListDue(ctx, s.db, db.DisputeListDueParams{
		Status: optional(string(filter.Status)), AfterTime: after.At, AfterID: after.ID, PageLimit: limit,
	})
	for _, row := range rows {
		disputes = append(disputes, toDispute(row.Dispute, toPayment(row.Payment)))
	}
	return disputes, err
}

// DisputesOf are all disputes of each of these orders, oldest first.
func (s *Service) DisputesOf(ctx context.Context, orders []uuid.UUID) (map[uuid.UUID][]Dispute, error) {
	rows, err := s.q.DisputeListByOrders(ctx, s.db, orders)
	if err != nil {
		return nil, fmt.Errorf("read the orders' disputes: %w", err)
	}
	byOrder := map[uuid.UUID][]Dispute{}
	for _, row := range rows {
		order := row.Payment.OrderID
		byOrder[order] = append(byOrder[order], toDispute(row.Dispute, toPayment(row.Payment)))
	}
	return byOrder, nil
}
