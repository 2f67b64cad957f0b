package carts

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Line is so many units of a variant.
type Line struct {
	VariantID uuid.UUID
	Quantity  int32
}

// Fill puts these units, one line a variant, into the customer's open cart, or into a new one; a guest, uuid.Nil, gets a new one. A line
// that is there already is raised to as many units, so that filling again changes nothing. Lines are capped as those of
// merged carts are, and of a variant that is gone there is none. ErrTooLong.
func (s *Service) Fill(ctx context.Context, customer uuid.UUID, lines []Line) (cart Cart, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		opened, _, err := s.Open(ctx, Open{Customer: customer})
		if err != nil {
			return err
		}
		cart, err = s.edit(ctx, Key{Cart: opened.ID, Customer: customer}, func(ctx context.Context, tx pgx.Tx) error {
			return s.fillTx(ctx, tx, opened.ID, lines)
		})
		return err
	})
	return cart, err
}

// fillTx puts units into a locked cart.
func (s *Service) fillTx(ctx context.Context, tx pgx.Tx, cart uuid.UUID, lines []Line) error {
	there, err := s.q.CartLineList(ctx, tx, cart)
	if err != nil {
		return fmt.Errorf("read the cart's lines: %w", err)
	}
	had := make(map[uuid.UUID]int32, len(there))
	for _, line := range there {
		had[line.VariantID] = line.Quantity
	}
	ids := make([]uuid.UUID, len(lines))
	for i, line := range lines {
		ids[i] = line.VariantID
	}
	rows, err := s.q.CartVariantList(ctx, tx, db.CartVariantListParams{Ids: ids, Currency: string(s.pricing.Currency())})
	if err != nil {
		return fmt.Errorf("read the variants: %w", err)
	}
	variants := make(map[uuid.UUID]db.CartVariantListRow, len(rows))
	for _, row := range rows {
		variants[row.VariantID] = row
	}
	var filled []db.CartItemPutParams
	for _, line := range lines {
		variant, ok := variants[line.VariantID]
		if !ok || had[line.VariantID] >= line.Quantity {
			continue
		}
		quantity := capped(db.CartLineListRow{
			ProductStatus: variant.ProductStatus, IsActive: variant.IsActive, TrackInventory: variant.TrackInventory,
			Available: variant.Available, AllowBackorder: variant.AllowBackorder,
		}, line.Quantity)
		filled = append(filled, db.CartItemPutParams{
			ID: uuid.Must(uuid.NewV7()), CartID: cart, VariantID: line.VariantID, SeenPriceMinor: &variant.PriceMinor,
			Quantity: max(quantity, had[line.VariantID]), Now: s.now(),
		})
	}
	if err := postgres.BatchError(s.q.CartItemPut(ctx, tx, filled).Exec); err != nil {
		return fmt.Errorf("fill the cart: %w", err)
	}
	return nil
}
