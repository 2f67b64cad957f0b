package inventory_test

import (
	"context"
	"errors"
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
	onHand, reserved, low int32
	backorder             bool
	events                int
	orders                map[uuid.UUID]modelOrder
}

type modelOrder struct {
	quantity int32
	state    string
}

// become changes the numbers and counts the crossing, if it is one.
func (m *model) become(onHand, reserved int32) {
	if m.onHand-m.reserved > m.low && onHand-reserved <= m.low {
		m.events++
	}
	m.onHand, m.reserved = onHand, reserved
}

// of are the orders in one of these states.
func (m *model) of(states ...string) (ids []uuid.UUID) {
	for id, order := range m.orders {
		for _, state := range states {
			if order.state == state {
				ids = append(ids, id)
			}
		}
	}
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
			"return": func(t *rapid.T) { s.step(t, m, m.of("COMMITTED"), "RETURNED") },
			"policy": func(t *rapid.T) { s.policy(t, m, variant) },
			"": func(t *rapid.T) {
				require.Equal(t, [3]int32{m.onHand, m.reserved, int32(m.events)}, s.numbers(t, variant), "%+v", m)
			},
		})
		s.agree(t)
	})
}

func (s *stand) reserve(t *rapid.T, m *model, variant uuid.UUID) {
	quantity := rapid.Int32Range(1, 6).Draw(t, "quantity")
	order := s.order(t)
	err := s.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		short, err := s.stock.ReserveTx(ctx, tx, order, []inventory.Units{{VariantID: variant, Quantity: quantity}})
		if err == nil && len(short) > 0 {
			err = errShort
		}
		return err
	})
	if !m.backorder && m.onHand-m.reserved < quantity {
		require.ErrorIs(t, err, errShort)
		return
	}
	require.NoError(t, err)
	m.orders[order] = modelOrder{quantity, "OPEN"}
	m.become(m.onHand, m.reserved+quantity)
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
	m.become(wanted, m.reserved)
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
	switch state {
	case "COMMITTED":
		m.become(m.onHand-order.quantity, m.reserved-order.quantity)
	case "RELEASED":
		m.become(m.onHand, m.reserved-order.quantity)
	case "RETURNED":
		m.become(m.onHand+order.quantity, m.reserved)
	}
}

func (s *stand) policy(t *rapid.T, m *model, variant uuid.UUID) {
	allow := rapid.Bool().Draw(t, "allow")
	err := s.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		return s.stock.SetBackorderTx(ctx, tx, variant, allow)
	})
	if !allow && (m.onHand < 0 || m.onHand < m.reserved) {
		require.ErrorIs(t, err, inventory.ErrBackordersOpen)
		return
	}
	require.NoError(t, err)
	m.backorder = allow
}

// move is what checkout does with an order's stock.
func (s *stand) move(ctx context.Context, order uuid.UUID, state string) error {
	step := map[string]func(context.Context, pgx.Tx, uuid.UUID) error{
		"COMMITTED": s.stock.CommitTx, "RELEASED": s.stock.ReleaseTx, "RETURNED": s.stock.ReturnTx,
	}[state]
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error { return step(ctx, tx, order) })
}

func (s *stand) adjusting(ctx context.Context, variant uuid.UUID, change inventory.Adjustment) error {
	change.Reason, change.Actor = "CORRECTION", "user:test"
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error { return s.stock.AdjustTx(ctx, tx, variant, change) })
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
