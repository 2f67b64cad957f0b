package inventory_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/inventory"
)

// model is what stock should be, counted by hand.
type model struct {
	onHand, allocated, reserved, low int32
	backorder                        bool
	events                           int
	orders                           map[uuid.UUID]modelOrder
}

type modelOrder struct {
	quantity int32
	state    string
}

// become changes the numbers and counts the crossing, if it is one.
func (m *model) become(onHand, allocated, reserved int32) {
	if m.available() > m.low && onHand-allocated-reserved <= m.low {
		m.events++
	}
	m.onHand, m.allocated, m.reserved = onHand, allocated, reserved
}

func (m *model) available() int32 { return m.onHand - m.allocated - m.reserved }

// of are the orders in one of these states.
func (m *model) of(states ...string) (ids []uuid.UUID) {
	for id, order := range m.orders {
		for _, state := range states {
			if order.state == state {
				ids = append(ids, id)
			}
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }) // as they were made
	return ids
}

func TestWhateverHappensLevelLedgerReservationsAndEventsAgree(t *testing.T) {
	t.Parallel()
	s := setup(t)
	rapid.Check(t, func(t *rapid.T) {
		m := &model{
			onHand: rapid.Int32Range(0, 12).Draw(t, "opening"), low: threshold,
			backorder: rapid.Bool().Draw(t, "backorder"), orders: map[uuid.UUID]modelOrder{},
		}
		variant := s.variant(t, m.onHand, m.backorder)
		t.Repeat(map[string]func(*rapid.T){
			"reserve": func(t *rapid.T) { s.reserve(t, m, variant) },
			"adjust":  func(t *rapid.T) { s.adjust(t, m, variant) },
			"set":     func(t *rapid.T) { s.set(t, m, variant) },
			"end": func(t *rapid.T) {
				s.step(t, m, m.of("OPEN"), rapid.SampledFrom([]string{"COMMITTED", "RELEASED"}).Draw(t, "end"))
			},
			"send":      func(t *rapid.T) { s.send(t, m, variant) },
			"take back": func(t *rapid.T) { s.step(t, m, m.of("SENT"), "RETURNED") },
			"unsend":    func(t *rapid.T) { s.step(t, m, m.of("SENT"), "COMMITTED") },
			"cancel":    func(t *rapid.T) { s.step(t, m, m.of("COMMITTED"), "ENDED") },
			"write off": func(t *rapid.T) { s.step(t, m, m.of("COMMITTED"), "LOST") },
			"policy":    func(t *rapid.T) { s.policy(t, m, variant) },
			"": func(t *rapid.T) {
				require.Equal(t, [4]int32{m.onHand, m.allocated, m.reserved, int32(m.events)}, s.numbers(t, variant), "%+v", m)
			},
		})
		s.agree(t)
	})
}

func (s *stand) reserve(t *rapid.T, m *model, variant uuid.UUID) {
	quantity := rapid.Int32Range(1, 6).Draw(t, "quantity")
	order := s.order(t)
	err := s.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		return s.hold(ctx, tx, order, []inventory.Units{{VariantID: variant, Quantity: quantity}})
	})
	if !m.backorder && m.available() < quantity {
		require.ErrorIs(t, err, errShort)
		return
	}
	require.NoError(t, err)
	m.orders[order] = modelOrder{quantity, "OPEN"}
	m.become(m.onHand, m.allocated, m.reserved+quantity)
}

var errShort = errors.New("too few")

func (s *stand) adjust(t *rapid.T, m *model, variant uuid.UUID) {
	delta := rapid.Int32Range(-8, 8).Filter(func(d int32) bool { return d != 0 }).Draw(t, "delta")
	s.change(t, m, variant, m.onHand+delta, inventory.Adjustment{Delta: &delta})
}

func (s *stand) set(t *rapid.T, m *model, variant uuid.UUID) {
	quantity := rapid.Int32Range(0, 12).Draw(t, "quantity")
	s.change(t, m, variant, quantity, inventory.Adjustment{Quantity: &quantity})
}

func (s *stand) change(t *rapid.T, m *model, variant uuid.UUID, wanted int32, change inventory.Adjustment) {
	err := s.adjusting(t.Context(), variant, change)
	least := m.reserved
	if m.backorder {
		least = 0
	}
	if wanted < m.onHand && wanted < least {
		require.ErrorIs(t, err, inventory.ErrInsufficient)
		return
	}
	require.NoError(t, err)
	m.become(wanted, m.allocated, m.reserved)
}

// step takes one of the orders to another state.
func (s *stand) step(t *rapid.T, m *model, orders []uuid.UUID, state string) {
	if len(orders) == 0 {
		t.Skip("no such order") // rapid draws another step instead
	}
	id := orders[0]
	order := m.orders[id]
	require.NoError(t, s.move(t.Context(), id, state))
	m.orders[id] = modelOrder{order.quantity, state}
	switch n := order.quantity; order.state + " " + state {
	case "OPEN COMMITTED":
		m.become(m.onHand, m.allocated+n, m.reserved-n)
	case "OPEN RELEASED":
		m.become(m.onHand, m.allocated, m.reserved-n)
	case "SENT COMMITTED":
		m.become(m.onHand+n, m.allocated+n, m.reserved)
	case "SENT RETURNED":
		m.become(m.onHand+n, m.allocated, m.reserved)
	case "COMMITTED ENDED":
		m.become(m.onHand, m.allocated-n, m.reserved)
	case "COMMITTED LOST":
		m.become(m.onHand-min(n, m.onHand), m.allocated-n, m.reserved)
	}
}

// send takes an order's units out of the shop, where there are so many.
func (s *stand) send(t *rapid.T, m *model, variant uuid.UUID) {
	orders := m.of("COMMITTED")
	if len(orders) == 0 {
		t.Skip("no such order")
	}
	id, n := orders[0], m.orders[orders[0]].quantity
	err := s.move(t.Context(), id, "SENT")
	if m.onHand < n {
		require.ErrorIs(t, err, errShort)
		return
	}
	require.NoError(t, err)
	m.orders[id] = modelOrder{n, "SENT"}
	m.become(m.onHand-n, m.allocated-n, m.reserved)
}

func (s *stand) policy(t *rapid.T, m *model, variant uuid.UUID) {
	allow := rapid.Bool().Draw(t, "allow")
	err := s.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		return s.stock.SetBackorderTx(ctx, tx, variant, allow)
	})
	if !allow && m.backorder && m.available() < 0 {
		require.ErrorIs(t, err, inventory.ErrBackordersOpen)
		return
	}
	require.NoError(t, err)
	m.backorder = allow
}

// move is what checkout does with an order's stock, and with the account of its line.
func (s *stand) move(ctx context.Context, order uuid.UUID, state string) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var sent bool
		if err := tx.QueryRow(ctx, "SELECT bool_or(fulfilled_quantity > 0) FROM order_items WHERE order_id = $1", order).Scan(&sent); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "SELECT variant_id, quantity FROM order_items WHERE order_id = $1", order)
		if err != nil {
			return err
		}
		units, err := pgx.CollectRows(rows, pgx.RowToStructByPos[inventory.Units])
		if err != nil {
			return err
		}
		set := func(columns string) error {
			_, err := tx.Exec(ctx, "UPDATE order_items SET "+columns+" WHERE order_id = $1", order)
			return err
		}
		switch {
		case state == "COMMITTED" && !sent:
			return s.stock.CommitTx(ctx, tx, order)
		case state == "COMMITTED":
			return errors.Join(set("fulfilled_quantity = 0"), s.stock.UnsendTx(ctx, tx, order, units, inventory.Why{}))
		case state == "RELEASED":
			return s.stock.ReleaseTx(ctx, tx, order)
		case state == "SENT":
			short, err := s.stock.SendTx(ctx, tx, order, units)
			if err == nil && len(short) > 0 {
				err = errShort
			}
			return errors.Join(err, set("fulfilled_quantity = quantity"))
		case state == "ENDED":
			return errors.Join(set("cancelled_quantity = quantity"), s.stock.EndTx(ctx, tx, order, units))
		case state == "LOST":
			return errors.Join(set("refunded_quantity = quantity"), s.stock.WriteOffTx(ctx, tx, order, units, inventory.Why{}))
		}
		return errors.Join(set("returned_quantity = quantity"), s.stock.TakeBackTx(ctx, tx, order, units, inventory.Why{}))
	})
}

func (s *stand) adjusting(ctx context.Context, variant uuid.UUID, change inventory.Adjustment) error {
	change.Reason, change.Actor = "CORRECTION", "user:test"
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error { return s.stock.AdjustTx(ctx, tx, variant, change) })
}

// hold has an order of these units, and reserves them.
func (s *stand) hold(ctx context.Context, tx pgx.Tx, order uuid.UUID, wanted []inventory.Units) error {
	for _, units := range wanted {
		_, err := tx.Exec(ctx, `
			INSERT INTO order_items (id, order_id, position, product_id, variant_id, quantity, price_minor, product_snapshot, created_at)
			SELECT $1, $2, 0, product_id, id, $4, 0, '{}', now() FROM product_variants WHERE id = $3`,
			uuid.New(), order, units.VariantID, units.Quantity)
		if err != nil {
			return err
		}
	}
	short, err := s.stock.ReserveTx(ctx, tx, order, wanted)
	if err == nil && len(short) > 0 {
		err = errShort
	}
	return err
}

// order is a row that reservations may refer to.
func (s *stand) order(t require.TestingT) uuid.UUID {
	id, now := uuid.Must(uuid.NewV7()), time.Now()
	_, err := s.db.Exec(context.Background(), `
		INSERT INTO orders (id, cart_id, email, status, payment_status, fulfillment_status, currency, subtotal_minor, discount_minor,
			shipping_minor, tax_minor, total_minor, shipping_address, billing_address, expires_at, created_at, updated_at)
		VALUES ($1, $1, 'a@b.example', 'PENDING', 'PENDING', 'UNFULFILLED', 'USD', 0, 0, 0, 0, 0, '{}', '{}', $2, $2, $2)`, id, now)
	require.NoError(t, err)
	return id
}
