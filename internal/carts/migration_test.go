package carts_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/orders"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

func TestCartsAndOrdersOfBeforeTheyHadOwnersGoOn(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(10)
	cart, order := shop.Cart(2, product), shop.Order(1, product)
	migrator, err := postgres.NewMigrator(t.Context(), shop.DB.Pool().Config().ConnString())
	require.NoError(t, err)
	defer migrator.Close()
	steps, err := migrator.Status(t.Context())
	require.NoError(t, err)
	for i := len(steps) - 1; steps[i].Source.Version >= 20; i-- {
		require.NoError(t, migrator.Down(t.Context()))
	}
	require.NoError(t, migrator.Up(t.Context()))

	require.EqualValues(t, 2, read(t, shop, cart.ID).ItemCount)
	require.Equal(t, http.StatusCreated, add(t, shop, cart.ID, client.CartItemAdd{ProductID: product.ID}).StatusCode())
	require.Equal(t, http.StatusOK, claim(t, customer(shop), cart.ID).StatusCode())

	before, err := shop.Guest.GetOrderWithResponse(t.Context(), order.ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, before.StatusCode(), "its id alone opens it no longer")
	service := orders.New(shop.DB, page.NewCodec([]byte("a key of tests")), time.Now)
	linked, err := service.AddToken(t.Context(), order.ID)
	require.NoError(t, err)
	method := "pm_card_visa"
	paid, err := shop.Guest.PayOrderWithResponse(t.Context(), order.ID, &client.PayOrderParams{XOrderToken: &linked.Token}, client.PaymentCreate{PaymentMethodID: &method})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
}
