package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/page"
)

// Event is one entry of an order's history: what caused it and the state after it.
type Event struct {
	State
	Cause
	Before    *State       // nil of the first
	Stood     ReturnStatus // where the return stood before that it is about; "" for a new one
	Sequence  int32
	CreatedAt time.Time
}

// Events is the order's history from its first event.
func (s *Service) Events(ctx context.Context, id uuid.UUID) ([]Event, error) {
	return s.told(ctx, db.OrderTimelineParams{OrderID: id, Staff: true, PageLimit: 1 << 30})
}

// Timeline is one page of an order's history for who may open it, oldest first. Staff are told all of it; others what
// changed for them, counted as if there was nothing else. ErrNotFound, also for what is another's.
func (s *Service) Timeline(ctx context.Context, key Key, request page.Request) (page.Of[Event], error) {
	if err := s.admit(ctx, key); err != nil {
		return page.Of[Event]{}, err
	}
	list := fmt.Sprintf("events of order %s, all: %t", key.Order, key.Staff)
	var after int32
	if err := s.after(list, request, &after); err != nil {
		return page.Of[Event]{}, err
	}
	size := request.Size()
	events, err := s.told(ctx, db.OrderTimelineParams{
		OrderID: key.Order, Staff: key.Staff, AfterNumber: after, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Event]{}, err
	}
	return page.Cut(s.pages, list, events, size, func(e Event) any { return e.Sequence })
}

func (s *Service) told(ctx context.Context, params db.OrderTimelineParams) ([]Event, error) {
	rows, err := s.q.OrderTimeline(ctx, s.db, params)
	if err != nil {
		return nil, fmt.Errorf("read the order's events: %w", err)
	}
	events := make([]Event, len(rows))
	for i, row := range rows {
		events[i] = toEvent(row)
	}
	return events, nil
}

// admit makes sure that who asks may open the order; ErrNotFound.
func (s *Service) admit(ctx context.Context, key Key) error {
	shown := s.shown(key.Token)
	_, err := s.q.OrderOpen(ctx, s.db, db.OrderOpenParams{
		ID: key.Order, Staff: key.Staff, CustomerID: whoever(key.Customer), TokenHash: shown.hash, PlacedAfter: shown.placedAfter,
	})
	return found(err)
}

func toEvent(row db.OrderTimelineRow) Event {
	event := Event{
		Sequence:  row.Number,
		State:     toState(row.Status, row.PaymentStatus, row.FulfillmentStatus, row.ReviewStatus),
		Cause:     Cause{Type: row.Type, Actor: row.Actor, Reason: row.Reason},
		CreatedAt: row.CreatedAt,
	}
	if row.FulfillmentID != nil {
		event.Cause.Fulfillment = *row.FulfillmentID
	}
	if row.RefundID != nil {
		event.Refund = *row.RefundID
	}
	if row.DisputeID != nil {
		event.Dispute = *row.DisputeID
	}
	if row.ReturnID != nil {
		event.Return, event.Stands, event.Stood = *row.ReturnID, ReturnStatus(text(row.ReturnStatus)), ReturnStatus(row.ReturnStatusBefore)
	}
	if row.StatusBefore != "" {
		before := toState(row.StatusBefore, row.PaymentStatusBefore, row.FulfillmentStatusBefore, row.ReviewStatusBefore)
		event.Before = &before
	}
	return event
}

func toState(status, payment, fulfillment, review string) State {
	return State{
		Status: Status(status), Payment: PaymentStatus(payment), Fulfillment: FulfillmentStatus(fulfillment),
		Review: ReviewStatus(review),
	}
}
