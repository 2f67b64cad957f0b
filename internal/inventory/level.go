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
	Reserved       int32
	AllowBackorder bool
	LowAt          *int32 // nil where stock is not counted, and of what is not sold
}

// Available is what can be sold without owing anybody; below zero, it is what is owed.
func (l Level) Available() int32 { return l.OnHand - l.Reserved }

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

func toLevel(row db.StockLevel, sku, name string, isDefault bool) Level {
	return Level{
		VariantID:      row.VariantID,
		SKU:            sku,
		VariantName:    name,
		IsDefault:      isDefault,
		OnHand:         row.OnHand,
		Reserved:       row.Reserved,
		AllowBackorder: row.AllowBackorder,
		LowAt:          row.LowStockAt,
	}
}
