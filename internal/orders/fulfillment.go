package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/page"
)

// DeliveryStatus is where a fulfilment stands.
type DeliveryStatus string

// The statuses of a fulfilment. One that was taken back was recorded by mistake: nothing left.
const (
	Sent      DeliveryStatus = "SENT"
	Arrived   DeliveryStatus = "DELIVERED"
	TakenBack DeliveryStatus = "CANCELLED"
)

// Fulfillment is what was sent of an order at once.
type Fulfillment struct {
	ID             uuid.UUID
	OrderID        uuid.UUID
	Status         DeliveryStatus
	Items          []FulfillmentItem
	Carrier        string
	TrackingNumber string
	TrackingURL    string
	SentAt         time.Time
	DeliveredAt    *time.Time
	CancelledAt    *time.Time
}

// FulfillmentItem is how many of a line were sent.
type FulfillmentItem struct {
	ItemID   uuid.UUID
	Quantity int32
}

// Fulfillments is one page of what was sent of an order, for who may open it, in the order it was sent. ErrNotFound,
// also for what is another's.
func (s *Service) Fulfillments(ctx context.Context, key Key, request page.Request) (page.Of[Fulfillment], error) {
	if err := s.admit(ctx, key); err != nil {
		return page.Of[Fulfillment]{}, err
	}
	list, after := "fulfillments of order "+key.Order.String(), position{CreatedAt: time.Unix(0, 0)}
	if err := s.after(list, request, &after); err != nil {
		return page.Of[Fulfillment]{}, err
	}
	size := request.Size()
	rows, err := s.q.FulfillmentList(ctx, s.db, db.FulfillmentListParams{
		OrderID: key.Order, AfterTime: after.CreatedAt, AfterID: after.ID, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Fulfillment]{}, fmt.Errorf("list the order's fulfilments: %w", err)
	}
	found, err := s.withSent(ctx, s.db, rows)
	if err != nil {
		return page.Of[Fulfillment]{}, err
	}
	return page.Cut(s.pages, list, found, size, func(f Fulfillment) any { return position{f.ID, f.SentAt} })
}

// withSent loads what all of them sent, in one statement.
func (s *Service) withSent(ctx context.Context, from db.DBTX, rows []db.Fulfillment) ([]Fulfillment, error) {
	all, ids, at := make([]Fulfillment, len(rows)), make([]uuid.UUID, len(rows)), map[uuid.UUID]int{}
	for i, row := range rows {
		all[i], ids[i], at[row.ID] = toFulfillment(row), row.ID, i
	}
	items, err := s.q.FulfillmentItemsByFulfillments(ctx, from, ids)
	if err != nil {
		return nil, fmt.Errorf("read what was sent: %w", err)
	}
	for _, item := range items {
		one := &all[at[item.FulfillmentID]]
		one.Items = append(one.Items, FulfillmentItem{ItemID: item.OrderItemID, Quantity: item.Quantity})
	}
	return all, nil
}

func toFulfillment(row db.Fulfillment) Fulfillment {
	return Fulfillment{
		ID: row.ID, OrderID: row.OrderID, Status: DeliveryStatus(row.Status),
		Carrier: text(row.Carrier), TrackingNumber: text(row.TrackingNumber), TrackingURL: text(row.TrackingURL),
		SentAt: row.SentAt, DeliveredAt: row.DeliveredAt, CancelledAt: row.CancelledAt,
	}
}
