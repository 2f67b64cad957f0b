package inventory

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// Why is what the ledger says of units that an order moved.
type Why struct{ Note, Actor string }

// SendTx takes what is sent of an order out of the shop, all or none: the variants of which fewer units are on hand are
// returned with what there is, and the caller must then roll back. What is not counted stays so, here as below; each
// variant may appear once. The caller holds the order's lock and has moved the account of its lines by the same units.
func (s *Service) SendTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, units []Units) (short []Units, err error) {
	levels, err := s.soldTx(ctx, tx, order, units)
	if err != nil {
		return nil, err
	}
	if short = shortOf(levels); len(short) > 0 {
		return short, nil
	}
	return nil, s.moveSoldTx(ctx, tx, order, levels, delta{onHand: -1, allocated: -1}, sale, Why{})
}

// ShortTx are the variants of which fewer units are on hand than these that an order bought, with what there is.
func (s *Service) ShortTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, units []Units) ([]Units, error) {
	levels, err := s.soldTx(ctx, tx, order, units)
	return shortOf(levels), err
}

func shortOf(levels []soldLevel) (short []Units) {
	for _, level := range levels {
		if level.onHand < level.Quantity {
			short = append(short, Units{VariantID: level.VariantID, Quantity: level.onHand})
		}
	}
	return short
}

// UnsendTx puts back what was recorded as sent by mistake: it is there, and sold.
func (s *Service) UnsendTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, units []Units, why Why) error {
	levels, err := s.soldTx(ctx, tx, order, units)
	if err != nil {
		return err
	}
	return s.moveSoldTx(ctx, tx, order, levels, delta{onHand: 1, allocated: 1}, sale, why)
}

// DeallocateTx has units that were sold and are not sent any more be for sale again.
func (s *Service) DeallocateTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, units []Units) error {
	levels, err := s.soldTx(ctx, tx, order, units)
	if err != nil {
		return err
	}
	return s.moveSoldTx(ctx, tx, order, levels, delta{allocated: -1}, "", Why{})
}

// EndTx is DeallocateTx of all that is to be sent of an order that is cancelled: it may be reserved anew.
func (s *Service) EndTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, units []Units) error {
	if err := s.DeallocateTx(ctx, tx, order, units); err != nil {
		return err
	}
	return s.setStateTx(ctx, tx, order, committed, released)
}

// WriteOffTx has units that were sold be neither sent nor for sale again: they leave the shop, as far as they are there.
func (s *Service) WriteOffTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, units []Units, why Why) error {
	levels, err := s.soldTx(ctx, tx, order, units)
	if err != nil {
		return err
	}
	shifts, moved := make([]db.StockLevelShiftParams, len(levels)), make([]Units, len(levels))
	for i, level := range levels { // at once, for what is available stays
		moved[i] = Units{VariantID: level.VariantID, Quantity: -min(level.Quantity, level.onHand)}
		shifts[i] = db.StockLevelShiftParams{
			VariantID: level.VariantID, OnHandDelta: moved[i].Quantity, AllocatedDelta: -level.Quantity,
		}
	}
	if err := s.shiftTx(ctx, tx, shifts); err != nil {
		return err
	}
	return s.noteTx(ctx, tx, &order, writeOff, moved, why)
}

// TakeBackTx puts what came back of an order on the shelf.
func (s *Service) TakeBackTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, units []Units, why Why) error {
	levels, err := s.soldTx(ctx, tx, order, units)
	if err != nil {
		return err
	}
	return s.moveSoldTx(ctx, tx, order, levels, delta{onHand: 1}, comeback, why)
}

// soldLevel is so many units of a variant that an order bought, and how many are there.
type soldLevel struct {
	Units
	onHand int32
}

// soldTx locks the levels of what the order bought and is counted, in variant-id order.
func (s *Service) soldTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, units []Units) ([]soldLevel, error) {
	if len(units) == 0 {
		return nil, nil
	}
	params := db.StockLevelLockSoldParams{OrderID: order}
	for _, one := range units {
		params.VariantIds = append(params.VariantIds, one.VariantID)
	}
	rows, err := s.q.StockLevelLockSold(ctx, tx, params)
	if err != nil {
		return nil, fmt.Errorf("lock the stock levels: %w", err)
	}
	levels := make([]soldLevel, len(rows))
	for i, row := range rows {
		at := slices.IndexFunc(units, func(u Units) bool { return u.VariantID == row.VariantID })
		levels[i] = soldLevel{Units: units[at], onHand: row.OnHand}
	}
	return levels, nil
}

// moveSoldTx shifts locked levels, and records the units in the ledger where on hand moves.
func (s *Service) moveSoldTx(
	ctx context.Context, tx pgx.Tx, order uuid.UUID, levels []soldLevel, by delta, reason string, why Why,
) error {
	if len(levels) == 0 {
		return nil
	}
	shifts, moved := make([]db.StockLevelShiftParams, len(levels)), []Units{}
	for i, level := range levels {
		shifts[i] = by.of(level.Units)
		if by.onHand != 0 {
			moved = append(moved, Units{VariantID: level.VariantID, Quantity: shifts[i].OnHandDelta})
		}
	}
	if err := s.shiftTx(ctx, tx, shifts); err != nil {
		return err
	}
	return s.noteTx(ctx, tx, &order, reason, moved, why)
}
