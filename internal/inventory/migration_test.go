package inventory_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/inventory"
	"cartwright/internal/postgres"
)

// A shop from before keeps its numbers and learns what is low; one that goes back keeps books that agree.
func TestStockSurvivesTheWayDownAndUp(t *testing.T) {
	t.Parallel()
	s := setup(t)
	owing, plenty := s.variant(t, 1, true), s.variant(t, 20, false)
	order := s.order(t)
	require.NoError(t, s.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		return s.hold(ctx, tx, order, []inventory.Units{{VariantID: owing, Quantity: 4}})
	}))
	require.NoError(t, s.move(t.Context(), order, "COMMITTED"))
	fewer := int32(-2)
	require.NoError(t, s.adjusting(t.Context(), plenty, inventory.Adjustment{Delta: &fewer}))
	require.Equal(t, [4]int32{1, 4, 0, 0}, s.numbers(t, owing))

	migrator, err := postgres.NewMigrator(t.Context(), s.db.Pool().Config().ConnString())
	require.NoError(t, err)
	defer migrator.Close()
	steps, err := migrator.Status(t.Context())
	require.NoError(t, err)
	for i := len(steps) - 1; steps[i].Source.Version >= 10; i-- {
		require.NoError(t, migrator.Down(t.Context()))
	}
	require.NoError(t, migrator.Up(t.Context()))
	s.agree(t)
	require.Equal(t, [4]int32{4, 4, 0, 0}, s.numbers(t, owing), "what was owed is written off")
	require.Equal(t, [4]int32{18, 0, 0, 0}, s.numbers(t, plenty))
	var low []string
	require.NoError(t, s.db.QueryRow(t.Context(), "SELECT array_agg(variant_id::text) FROM stock_low").Scan(&low))
	require.Equal(t, []string{owing.String()}, low)
}
