package checkout_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/postgres"
)

func TestAShopThatSoldCanTakeItsOrdersBackAndBeginAgain(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs()) // its books end with its orders
	product := shop.Product(5)
	shop.Order(2, product)
	paid := shop.Order(1, product)
	pay(t, shop, paid.ID, "pm_card_visa")
	drain(t, shop)
	migrator, err := postgres.NewMigrator(t.Context(), shop.DB.Pool().Config().ConnString())
	require.NoError(t, err)
	defer migrator.Close()
	steps, err := migrator.Status(t.Context())
	require.NoError(t, err)
	for i := len(steps) - 1; steps[i].Source.Version >= 5; i-- { // everything since the orders, and these
		require.NoError(t, migrator.Down(t.Context()))
	}
	var left int
	require.NoError(t, shop.DB.QueryRow(t.Context(), "SELECT on_hand - reserved FROM stock_levels").Scan(&left))
	require.Equal(t, 4, left, "what was held is free, what was sold stays sold")
	require.NoError(t, migrator.Up(t.Context()))
	pay(t, shop, shop.Order(4, product).ID, "pm_card_visa")
}

// A shop from before knew only how much had been given back in all.
func TestWhatWasGivenBackBeforeHadRowsIsASumUntilStripeTellsMore(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t) // its events know no refunds any more
	order, intent := paid(t, shop, "pm_card_visa", 1, shop.Product(5))
	giveBack(t, shop, order, client.RefundCreate{Amount: money("1.00")})
	giveBack(t, shop, order, client.RefundCreate{Amount: money("2.00")})
	inDashboard(t, shop, intent, "1000")
	drain(t, shop)
	migrator, err := postgres.NewMigrator(t.Context(), shop.DB.Pool().Config().ConnString())
	require.NoError(t, err)
	defer migrator.Close()
	steps, err := migrator.Status(t.Context())
	require.NoError(t, err)
	for i := len(steps) - 1; steps[i].Source.Version >= 34; i-- {
		require.NoError(t, migrator.Down(t.Context()))
	}
	require.EqualValues(t, 1300, scan[int64](t, shop, "SELECT refunded_minor FROM payments"))
	require.Equal(t, 1, scan[int](t, shop, "SELECT count(*) FROM refunds"), "there was but one row of a payment")
	require.NoError(t, migrator.Up(t.Context()))
	require.Equal(t, [3]string{"202.99", "0.00", "13.00"}, amounts(shop, order))
	require.EqualValues(t, 1100, scan[int64](t, shop, "SELECT amount_minor FROM refunds WHERE source = 'DASHBOARD' AND refund_id IS NULL"))
	inDashboard(t, shop, intent, "500")
	drain(t, shop)
	require.Equal(t, [3]string{"197.99", "0.00", "18.00"}, amounts(shop, order))
	require.Equal(t, 4, scan[int](t, shop, "SELECT count(*) FROM refunds WHERE refund_id IS NOT NULL"))
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM refunds WHERE refund_id IS NULL"))
}
