package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// position is where a page of refunds or findings ended.
type position struct {
	ID        uuid.UUID `json:"i"`
	CreatedAt time.Time `json:"t"`
}

// future is later than anything that has happened: where lists begin whose newest come first.
var future = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Refunds is one page of an order's refunds, oldest first.
func (s *Service) Refunds(ctx context.Context, order uuid.UUID, request page.Request) (page.Of[Refund], error) {
	list, after := "refunds of order "+order.String(), position{CreatedAt: time.Unix(0, 0)}
	if request.Cursor != "" {
		if err := s.pages.Decode(list, request.Cursor, &after); err != nil {
			return page.Of[Refund]{}, err
		}
	}
	size := request.Size()
	rows, err := s.q.RefundListByOrder(ctx, s.db, db.RefundListByOrderParams{
		OrderID: order, AfterTime: after.CreatedAt, AfterID: after.ID, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Refund]{}, fmt.Errorf("list the order's refunds: %w", err)
	}
	refunds := make([]Refund, len(rows))
	for i, row := range rows {
		refunds[i] = toRefund(row.Refund, toPayment(row.Payment))
	}
	if err := s.loadItems(ctx, refunds); err != nil {
		return page.Of[Refund]{}, err
	}
	return page.Cut(s.pages, list, refunds, size, func(r Refund) any { return position{r.ID, r.CreatedAt} })
}

// Refund reads a refund of an order; ErrNoRefund.
func (s *Service) Refund(ctx context.Context, order, id uuid.UUID) (Refund, error) {
	row, err := s.q.RefundGetOfOrder(ctx, s.db, db.RefundGetOfOrderParams{ID: id, OrderID: order})
	if postgres.IsMissing(err) {
		return Refund{}, ErrNoRefund
	}
	if err != nil {
		return Refund{}, fmt.Errorf("read the refund: %w", err)
	}
	refunds := []Refund{toRefund(row.Refund, toPayment(row.Payment))}
	err = s.loadItems(ctx, refunds)
	return refunds[0], err
}

// loadItems reads what lines all of them are for, in one statement.
func (s *Service) loadItems(ctx context.Context, refunds []Refund) error {
	ids, at := make([]uuid.UUID, len(refunds)), map[uuid.UUID]int{}
	for i, refund := range refunds {
		ids[i], at[refund.ID] = refund.ID, i
	}
	rows, err := s.q.RefundItemsByRefunds(ctx, s.db, ids)
	if err != nil {
		return fmt.Errorf("read what was refunded: %w", err)
	}
	for _, row := range rows {
		refund := &refunds[at[row.RefundID]]
		amount := refund.Amount
		amount.Minor = row.AmountMinor
		refund.Items = append(refund.Items, RefundItem{ItemID: row.OrderItemID, Quantity: row.Quantity, Amount: amount})
	}
	return nil
}
