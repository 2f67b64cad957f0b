package inventory

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// maxUnits is how many of a variant are counted at most.
const maxUnits = 1_000_000_000

// Adjustment is a change by hand: by a delta, or to a quantity on hand, one of them.
type Adjustment struct {
	Delta    *int32
	Quantity *int32
	Reason   string // as a movement has it
	Note     *string
	Actor    string
}

// check is an Invalid error for an adjustment that does not say what to do.
func (a Adjustment) check() error {
	switch {
	case (a.Delta == nil) == (a.Quantity == nil):
		return errWhichChange
	case a.Delta != nil && *a.Delta == 0:
		return errNothingMoved
	}
	return nil
}

// AdjustTx moves a level by hand. Setting it to what it is moves nothing. ErrVariantNotFound, ErrInsufficient,
// ErrTooMany, or an Invalid error.
func (s *Service) AdjustTx(ctx context.Context, tx pgx.Tx, variant uuid.UUID, change Adjustment) error {
	if err := change.check(); err != nil {
		return err
	}
	level, err := s.q.StockLevelLock(ctx, tx, variant)
	if postgres.IsMissing(err) {
		return ErrVariantNotFound
	}
	if err != nil {
		return fmt.Errorf("lock the stock level: %w", err)
	}
	delta, err := change.of(level)
	if err != nil || delta == 0 {
		return err
	}
	err = s.q.StockAdjust(ctx, tx, db.StockAdjustParams{
		ID: uuid.Must(uuid.NewV7()), VariantID: variant, Delta: delta,
		Reason: change.Reason, Note: change.Note, Actor: change.Actor, Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("adjust the stock level: %w", err)
	}
	return nil
}

// of is how many units the adjustment moves of this level, which is locked. Units may always come, and go down to what is
// reserved, or down to none where back-orders are allowed. What is allocated is no bound: where fewer units are there than
// were sold, they are owed.
func (a Adjustment) of(level db.StockLevel) (int32, error) {
	onHand := int64(level.OnHand)
	wanted := onHand
	if a.Delta != nil {
		wanted += int64(*a.Delta)
	} else {
		wanted = int64(*a.Quantity)
	}
	least := int64(level.Reserved)
	if level.AllowBackorder {
		least = 0
	}
	switch {
	case wanted < onHand && wanted < least:
		return 0, ErrInsufficient
	case wanted > maxUnits:
		return 0, ErrTooMany
	}
	return int32(wanted - onHand), nil
}

// SetBackorderTx allows or ends back-orders of a variant. ErrVariantNotFound; ErrBackordersOpen while
// the level depends on them.
func (s *Service) SetBackorderTx(ctx context.Context, tx pgx.Tx, variant uuid.UUID, allow bool) error {
	found, err := s.q.StockBackorderSet(ctx, tx, db.StockBackorderSetParams{VariantID: variant, AllowBackorder: allow})
	if err != nil {
		return fmt.Errorf("set back-orders: %w", err)
	}
	if found > 0 {
		return nil
	}
	exists, err := s.q.StockLevelExists(ctx, tx, variant)
	switch {
	case err != nil:
		return fmt.Errorf("look for the stock level: %w", err)
	case !exists:
		return ErrVariantNotFound
	}
	return ErrBackordersOpen
}
