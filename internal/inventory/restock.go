package inventory

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// RestockTx puts part of what an order bought back on the shelf. What is not counted stays so. ErrRestock when that is
// more than was sold of something and is not back yet; the caller must then roll back. Each variant may appear once.
func (s *Service) RestockTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, units []Units) error {
	return s.TakeBackTx(ctx, tx, order, units, Why{})
}

// Why is what the ledger says of units that come back.
type Why struct{ Note, Actor string }

// TakeBackTx is RestockTx of units that came back, for which the ledger says why.
func (s *Service) TakeBackTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, units []Units, why Why) error {
	sold, err := s.q.ReservationListForUpdate(ctx, tx, db.ReservationListForUpdateParams{OrderID: order, State: committed})
	if err != nil {
		return fmt.Errorf("read reservations: %w", err)
	}
	var back []Units
	params := db.ReservationRestockParams{OrderID: order, Now: s.now()}
	var shifts []db.StockLevelShiftParams
	for _, row := range sold { // in variant-id order
		at := slices.IndexFunc(units, func(u Units) bool { return u.VariantID == row.VariantID })
		if at < 0 {
			continue
		}
		back = append(back, units[at])
		params.VariantIds = append(params.VariantIds, row.VariantID)
		params.Quantities = append(params.Quantities, units[at].Quantity)
		shifts = append(shifts, db.StockLevelShiftParams{VariantID: row.VariantID, OnHandDelta: units[at].Quantity})
	}
	if len(back) == 0 {
		return nil
	}
	counted, err := s.q.ReservationRestock(ctx, tx, params)
	if err != nil {
		return fmt.Errorf("count what comes back: %w", err)
	}
	if counted != int64(len(back)) {
		return ErrRestock
	}
	if err := postgres.BatchError(s.q.StockLevelShift(ctx, tx, shifts).Exec); err != nil {
		return fmt.Errorf("shift stock levels: %w", err)
	}
	return s.noteTx(ctx, tx, &order, comeback, back, why)
}
