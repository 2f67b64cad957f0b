package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/page"
)

// Movement is a line of the ledger.
type Movement struct {
	ID        uuid.UUID
	VariantID uuid.UUID
	SKU       string
	Quantity  int32 // below zero where units went
	Reason    string
	Note      *string
	OrderID   *uuid.UUID // of what an order took or brought back
	Actor     *string    // of what was done by hand
	CreatedAt time.Time
}

// Movements pages through those of a product, newest first; variant may be nil.
func (s *Service) Movements(ctx context.Context, product uuid.UUID, variant *uuid.UUID, request page.Request) (page.Of[Movement], error) {
	list := fmt.Sprintf("stock movements %s %s", product, variant)
	before, err := s.before(list, request)
	if err != nil {
		return page.Of[Movement]{}, err
	}
	size := request.Size()
	rows, err := s.q.StockMovementList(ctx, s.db, db.StockMovementListParams{
		ProductID: product, VariantID: variant, BeforeID: before.ID, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Movement]{}, fmt.Errorf("list stock movements: %w", err)
	}
	movements := make([]Movement, len(rows))
	for i, row := range rows {
		movements[i] = Movement(row)
	}
	return page.Cut(s.pages, list, movements, size, func(m Movement) any { return position{ID: m.ID} })
}

// Low is a level that is low.
type Low struct {
	Level
	ProductID     uuid.UUID
	ProductName   string
	ProductStatus string
	Since         time.Time
}

// Low pages through what is low in the whole shop, what became so last first.
func (s *Service) Low(ctx context.Context, request page.Request) (page.Of[Low], error) {
	const list = "low stock"
	before, err := s.before(list, request)
	if err != nil {
		return page.Of[Low]{}, err
	}
	size := request.Size()
	rows, err := s.q.StockLowList(ctx, s.db, db.StockLowListParams{
		BeforeTime: before.Time, BeforeID: before.ID, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Low]{}, fmt.Errorf("list low stock: %w", err)
	}
	found := make([]Low, len(rows))
	for i, row := range rows {
		found[i] = Low{
			Level:     toLevel(row.StockLevel, row.SKU, row.VariantName, row.IsDefault),
			ProductID: row.ProductID, ProductName: row.ProductName, ProductStatus: row.ProductStatus, Since: row.Since,
		}
	}
	return page.Cut(s.pages, list, found, size, func(l Low) any { return position{l.VariantID, l.Since} })
}

// Event is something that happened to stock.
type Event struct {
	ID        uuid.UUID
	Type      string
	ProductID uuid.UUID
	VariantID uuid.UUID
	SKU       string
	Available int32 // at that moment, as Threshold was
	Threshold int32
	CreatedAt time.Time
}

// Events pages through what happened in the whole shop, latest first.
func (s *Service) Events(ctx context.Context, request page.Request) (page.Of[Event], error) {
	const list = "stock events"
	before, err := s.before(list, request)
	if err != nil {
		return page.Of[Event]{}, err
	}
	size := request.Size()
	rows, err := s.q.StockEventList(ctx, s.db, db.StockEventListParams{BeforeID: before.ID, PageLimit: int32(size) + 1})
	if err != nil {
		return page.Of[Event]{}, fmt.Errorf("list stock events: %w", err)
	}
	events := make([]Event, len(rows))
	for i, row := range rows {
		e := row.StockEvent
		events[i] = Event{
			ID: e.ID, Type: e.Type, ProductID: row.ProductID, VariantID: e.VariantID, SKU: row.SKU,
			Available: e.Available, Threshold: e.Threshold, CreatedAt: e.CreatedAt,
		}
	}
	return page.Cut(s.pages, list, events, size, func(e Event) any { return position{ID: e.ID} })
}

type position struct {
	ID   uuid.UUID
	Time time.Time
}

// before is where the page begins: above everything on the first.
func (s *Service) before(list string, request page.Request) (position, error) {
	before := position{ID: uuid.Max, Time: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	if request.Cursor == "" {
		return before, nil
	}
	return before, s.pages.Decode(list, request.Cursor, &before)
}
