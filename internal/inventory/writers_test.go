package inventory_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
	"cartwright/internal/inventory"
)

// write does one thing to stock that somebody may do; being refused for want of stock is no failure.
func (s *stand) write(ctx context.Context, order uuid.UUID, variants []uuid.UUID) error {
	one := variants[rand.N(len(variants))]
	var err error
	switch rand.N(3) {
	case 0:
		delta := 1 + rand.Int32N(9)
		if rand.N(2) == 0 {
			delta = -delta
		}
		err = s.adjusting(ctx, one, inventory.Adjustment{Delta: &delta})
	case 1:
		quantity := 500 + rand.Int32N(500)
		err = s.adjusting(ctx, one, inventory.Adjustment{Quantity: &quantity})
	default:
		if err = s.buy(ctx, order, variants); err == nil {
			for _, state := range [][]string{{"RELEASED"}, {"COMMITTED", "ENDED"}, {"COMMITTED", "SENT", "RETURNED"}}[rand.N(3)] {
				if err == nil {
					err = s.move(ctx, order, state)
				}
			}
		}
	}
	if errors.Is(err, inventory.ErrInsufficient) || errors.Is(err, errShort) {
		return nil
	}
	return err
}

// buy reserves some variants, named in any order.
func (s *stand) buy(ctx context.Context, order uuid.UUID, variants []uuid.UUID) error {
	var wanted []inventory.Units
	for _, i := range rand.Perm(len(variants))[:min(len(variants), 5)] {
		wanted = append(wanted, inventory.Units{VariantID: variants[i], Quantity: 1 + rand.Int32N(3)})
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return s.hold(ctx, tx, order, wanted)
	})
}

func TestSixtyFourWritersLoseNothingAndNobodyIsToldOfADeadlock(t *testing.T) {
	t.Parallel()
	const writers = 64
	for name, of := range map[string]struct{ variants, each int }{"on 1,000 variants": {1000, 15}, "on one": {1, 6}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			variants := make([]uuid.UUID, of.variants)
			for i := range variants {
				variants[i] = s.variant(t, 1000, false)
			}
			orders := make([]uuid.UUID, writers*of.each)
			for i := range orders {
				orders[i] = s.order(t)
			}
			failed := make([]error, writers)
			shoptest.Together(writers, func(i int) {
				for k := range of.each {
					failed[i] = errors.Join(failed[i], s.write(t.Context(), orders[i*of.each+k], variants))
				}
			})
			require.NoError(t, errors.Join(failed...))
			s.agree(t)
			if of.variants > 1 {
				return
			}
			var moved int
			require.NoError(t, s.db.QueryRow(t.Context(), "SELECT count(*) FROM stock_movements").Scan(&moved))
			require.Greater(t, moved, writers, "there was something to lose")
		})
	}
}

func TestSixtyFourBuyersAcrossTheThresholdMakeOneEvent(t *testing.T) {
	t.Parallel()
	const buyers = 64
	s := setup(t)
	variant := s.variant(t, buyers, false)
	orders := make([]uuid.UUID, buyers)
	for i := range orders {
		orders[i] = s.order(t)
	}
	failed := make([]error, buyers)
	shoptest.Together(buyers, func(i int) {
		failed[i] = s.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
			short, err := s.stock.ReserveTx(ctx, tx, orders[i], []inventory.Units{{VariantID: variant, Quantity: 1}})
			if err == nil && len(short) > 0 {
				err = errShort
			}
			return err
		})
	})
	require.NoError(t, errors.Join(failed...))
	require.Equal(t, [4]int32{buyers, 0, buyers, 1}, s.numbers(t, variant))
	var available int32
	require.NoError(t, s.db.QueryRow(t.Context(), "SELECT available FROM stock_events").Scan(&available))
	require.EqualValues(t, threshold, available, "of the buyer who crossed it")
	s.agree(t)
}

// A crossing that is taken back never was.
func TestWhatIsRolledBackMakesNoEvent(t *testing.T) {
	t.Parallel()
	s := setup(t)
	variant, order := s.variant(t, 6, false), s.order(t)
	require.ErrorIs(t, s.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := s.stock.ReserveTx(ctx, tx, order, []inventory.Units{{VariantID: variant, Quantity: 1}})
		require.NoError(t, err)
		return errShort
	}), errShort)
	require.Equal(t, [4]int32{6, 0, 0, 0}, s.numbers(t, variant))
}

// Levels have no index on what changes, so a sale rewrites no index.
func TestSalesUpdateLevelsInPlace(t *testing.T) {
	t.Parallel()
	s := setup(t)
	variant := s.variant(t, 1000, false)
	for range 50 {
		order := s.order(t)
		require.NoError(t, s.buy(t.Context(), order, []uuid.UUID{variant}))
		require.NoError(t, s.move(t.Context(), order, "COMMITTED"))
	}
	conn, err := pgx.Connect(t.Context(), s.db.Pool().Config().ConnString())
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	s.db.Close() // what its connections counted is told when they end
	require.Eventually(t, func() bool {
		var updated, hot int
		require.NoError(t, conn.QueryRow(t.Context(), `
			SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'stock_levels'`).Scan(&updated, &hot))
		if updated >= 100 {
			require.Equal(t, updated, hot)
		}
		return updated >= 100
	}, time.Minute, 50*time.Millisecond)
}
