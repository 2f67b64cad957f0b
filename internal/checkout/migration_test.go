package checkout_test

import (
	"testing"

	"github.com/stretchr/testify/require"

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
	require.Equal(t, [2]int32{4, 0}, stock(t, shop, product.ID), "what was held is free, what was sold stays sold")
	require.NoError(t, migrator.Up(t.Context()))
	pay(t, shop, shop.Order(4, product).ID, "pm_card_visa")
}
