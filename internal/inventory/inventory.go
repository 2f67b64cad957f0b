package inventory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/budget"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// Service moves stock and tells of it.
type Service struct {
	db    *postgres.DB
	q     *db.Queries
	pages page.Codec
	now   func() time.Time
}

// New makes a service.
func New(database *postgres.DB, pages page.Codec, now func() time.Time) *Service {
	return &Service{db: database, q: db.New(), pages: pages, now: now}
}

// Units are so many of a variant.
type Units struct {
	VariantID uuid.UUID
	Quantity  int32
}

const (
	open      = "OPEN"
	committed = "COMMITTED"
	released  = "RELEASED"
)

const (
	initial  = "INITIAL"
	sale     = "SALE"
	comeback = "RETURN"
	writeOff = "WRITE_OFF"
)

// Opening is a variant to count from now on.
type Opening struct {
	Units
	AllowBackorder bool
}

// OpenTx begins to count new variants, at these quantities.
func (s *Service) OpenTx(ctx context.Context, tx pgx.Tx, stock []Opening) error {
	levels, units := make([]db.StockLevelCreateParams, len(stock)), make([]Units, len(stock))
	for i, opening := range stock {
		units[i] = opening.Units
		levels[i] = db.StockLevelCreateParams{
			VariantID: opening.VariantID, OnHand: opening.Quantity, AllowBackorder: opening.AllowBackorder,
		}
	}
	if err := postgres.BatchError(s.q.StockLevelCreate(ctx, tx, levels).Exec); err != nil {
		return fmt.Errorf("create stock levels: %w", err)
	}
	return s.recordTx(ctx, tx, nil, initial, units)
}

// ReserveTx holds these units for the order, all or none: the variants that have too few are
// answered, and the caller must then roll back. Each variant may appear once.
func (s *Service) ReserveTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, wanted []Units) (short []uuid.UUID, err error) {
	return s.ReserveForTx(ctx, tx, order, wanted, Holder{})
}

// Holder is the network that an unpaid order is placed from, and how much may be held.
type Holder struct {
	// Networks are keyed hashes, the widest network first; none where it is not known.
	Networks [][]byte
	// Shares are what each of them may hold of a variant, in per cent of what is not sold; 100 is no limit.
	Shares []int32
	// OrderShare is the same of one order; 0 is no limit.
	OrderShare int32
	// Always is how many units may be held whatever the shares.
	Always int32
}

func (h Holder) limited() bool { return len(h.Networks) > 0 && len(h.Shares) > 0 || h.OrderShare > 0 }

// ReserveForTx is ReserveTx on behalf of a network. BeyondTx reports what is too much.
func (s *Service) ReserveForTx(
	ctx context.Context, tx pgx.Tx, order uuid.UUID, wanted []Units, holder Holder,
) (short []uuid.UUID, err error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	if err := budget.Check(ctx, budget.Stock); err != nil {
		return nil, err
	}
	return s.holdTx(ctx, tx, order, wanted, holder)
}

func (s *Service) holdTx(
	ctx context.Context, tx pgx.Tx, order uuid.UUID, wanted []Units, holder Holder,
) (short []uuid.UUID, err error) {
	params := db.StockReserveParams{OrderID: order, Now: s.now(), HeldBy: append([][]byte{}, holder.Networks...)}
	for _, units := range wanted {
		params.VariantIds = append(params.VariantIds, units.VariantID)
		params.Quantities = append(params.Quantities, units.Quantity)
	}
	taken, err := s.q.StockReserve(ctx, tx, params)
	if err != nil {
		return nil, fmt.Errorf("reserve stock: %w", err)
	}
	for _, units := range wanted {
		if !slices.Contains(taken, units.VariantID) {
			short = append(short, units.VariantID)
		}
	}
	return short, nil
}

// BeyondTx is the variants of which the order, or its network with what it holds already, has more units than the holder
// may hold. It follows ReserveForTx in the same transaction, which has the levels locked: of however many orders at once
// each sees those before it. Where there are any, the caller must roll back.
func (s *Service) BeyondTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, held []Units, holder Holder) ([]uuid.UUID, error) {
	if len(held) == 0 || !holder.limited() {
		return nil, nil
	}
	params := db.StockHeldBeyondParams{
		OrderID: order, HeldBy: append([][]byte{}, holder.Networks...), NetworkShares: append([]int32{}, holder.Shares...),
		OrderShare: holder.OrderShare, Always: int64(holder.Always),
	}
	for _, units := range held {
		params.VariantIds = append(params.VariantIds, units.VariantID)
	}
	beyond, err := s.q.StockHeldBeyond(ctx, tx, params)
	if err != nil {
		return nil, fmt.Errorf("compare what is held: %w", err)
	}
	return beyond, nil
}

// HeldUnpaid is how many units unpaid orders hold, and how many orders do.
func (s *Service) HeldUnpaid(ctx context.Context) (units, orders int64, err error) {
	row, err := s.q.StockHeldUnpaid(ctx, s.db)
	if err != nil {
		return 0, 0, fmt.Errorf("count what is held unpaid: %w", err)
	}
	return row.Units, row.Orders, nil
}

// ReopenTx holds again what the order held before it was released, all or none, like ReserveTx. The order's money came, so
// nothing of what may be held unpaid is spent.
func (s *Service) ReopenTx(ctx context.Context, tx pgx.Tx, order uuid.UUID) (short []uuid.UUID, err error) {
	rows, err := s.q.ReservationListForUpdate(ctx, tx, db.ReservationListForUpdateParams{OrderID: order, State: released})
	if err != nil {
		return nil, fmt.Errorf("read reservations: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	wanted := make([]Units, len(rows))
	for i, row := range rows {
		wanted[i] = Units(row)
	}
	return s.holdTx(ctx, tx, order, wanted, Holder{})
}

// CommitTx allocates what the order holds: it is sold, and there until it is sent. Without open reservations it does
// nothing.
func (s *Service) CommitTx(ctx context.Context, tx pgx.Tx, order uuid.UUID) error {
	return s.moveTx(ctx, tx, order, open, committed, delta{allocated: 1, reserved: -1})
}

// ReleaseTx releases what the order holds. Without open reservations it does nothing.
func (s *Service) ReleaseTx(ctx context.Context, tx pgx.Tx, order uuid.UUID) error {
	return s.moveTx(ctx, tx, order, open, released, delta{reserved: -1})
}

// delta is what one unit does to a level.
type delta struct{ onHand, allocated, reserved int32 }

func (d delta) of(units Units) db.StockLevelShiftParams {
	return db.StockLevelShiftParams{
		VariantID: units.VariantID, OnHandDelta: d.onHand * units.Quantity,
		AllocatedDelta: d.allocated * units.Quantity, ReservedDelta: d.reserved * units.Quantity,
	}
}

// moveTx takes the order's reservations from one state to another and shifts their levels.
func (s *Service) moveTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, from, to string, by delta) error {
	rows, err := s.q.ReservationListForUpdate(ctx, tx, db.ReservationListForUpdateParams{OrderID: order, State: from})
	if err != nil {
		return fmt.Errorf("read reservations: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	shifts := make([]db.StockLevelShiftParams, len(rows))
	for i, row := range rows {
		shifts[i] = by.of(Units(row))
	}
	if err := s.setStateTx(ctx, tx, order, from, to); err != nil {
		return err
	}
	return s.shiftTx(ctx, tx, shifts)
}

func (s *Service) setStateTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, from, to string) error {
	err := s.q.ReservationSetState(ctx, tx, db.ReservationSetStateParams{
		OrderID: order, OldState: from, NewState: to, Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("change reservations: %w", err)
	}
	return nil
}

// shiftTx moves levels, which are in variant-id order.
func (s *Service) shiftTx(ctx context.Context, tx pgx.Tx, shifts []db.StockLevelShiftParams) error {
	if err := postgres.BatchError(s.q.StockLevelShift(ctx, tx, shifts).Exec); err != nil {
		return fmt.Errorf("shift stock levels: %w", err)
	}
	return nil
}

// recordTx writes the ledger.
func (s *Service) recordTx(ctx context.Context, tx pgx.Tx, order *uuid.UUID, reason string, moved []Units) error {
	return s.noteTx(ctx, tx, order, reason, moved, Why{})
}

func (s *Service) noteTx(ctx context.Context, tx pgx.Tx, order *uuid.UUID, reason string, moved []Units, why Why) error {
	var rows []db.StockMovementCreateParams
	for _, units := range moved {
		if units.Quantity != 0 {
			rows = append(rows, db.StockMovementCreateParams{
				ID: uuid.Must(uuid.NewV7()), VariantID: units.VariantID, Quantity: units.Quantity,
				Reason: reason, OrderID: order, Note: why.Note, Actor: why.Actor, Now: s.now(),
			})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := postgres.BatchError(s.q.StockMovementCreate(ctx, tx, rows).Exec); err != nil {
		return fmt.Errorf("record stock movements: %w", err)
	}
	return nil
}
