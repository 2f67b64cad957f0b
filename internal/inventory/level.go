package inventory

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"cartwright/gen/db"
)

// Level is how much there is of a variant.
type Level struct {
	VariantID      uuid.UUID
	SKU            string
	VariantName    string
	IsDefault      bool
	OnHand         int32
	Allocated      int32
	Reserved       int32
	AllowBackorder bool
	LowAt          *int32 // nil where stock is not counted, and of what is not sold
}

// Available is what can be sold of what is there; below zero, it is what is owed.
func (l Level) Available() int32 { return l.OnHand - l.Allocated - l.Reserved }

// IsLow tells whether the available units are at or below the threshold.
func (l Level) IsLow() bool { return l.LowAt != nil && l.Available() <= *l.LowAt }

// Levels are those of a product's variants, the default one first; none of an unknown product.
func (s *Service) Levels(ctx context.Context, product uuid.UUID) ([]Level, error) {
	rows, err := s.q.StockLevelList(ctx, s.db, product)
	if err != nil {
		return nil, fmt.Errorf("read stock levels: %w", err)
	}
	levels := make([]Level, len(rows))
	for i, row := range rows {
		levels[i] = toLevel(row.StockLevel, row.SKU, row.VariantName, row.IsDefault)
	}
	return levels, nil
}

// Backordered is how many units of each variant these orders wait for: they are sold and not on hand.
func (s *Service) Backordered(ctx context.Context, orders []uuid.UUID) (map[uuid.UUID]map[uuid.UUID]int32, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	rows, err := s.q.StockBackordered(ctx, s.db, orders)
	if err != nil {
		return nil, fmt.Errorf("read what orders wait for: %w", err)
	}
	waiting := map[uuid.UUID]map[uuid.UUID]int32{}
	for _, row := range rows {
		if waiting[row.OrderID] == nil {
			waiting[row.OrderID] = map[uuid.UUID]int32{}
		}
		waiting[row.OrderID][row.VariantID] = row.Quantity
	}
	return waiting, nil
}

func toLevel(row db.StockLevel, sku, name string, isDefault bool) Level {
	return Level{
		VariantID:      row.VariantID,
		SKU:            sku,
		VariantName:    name,
		IsDefault:      isDefault,
		OnHand:         row.OnHand,
		Allocated:      row.Allocated,
		Reserved:       row.Reserved,
		AllowBackorder: row.AllowBackorder,
		LowAt:          row.LowStockAt,
	}
}
