package checkout_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/orders"
)

// Nobody is left to whom it could be sent.
func TestMoneyForAnErasedOrderGoesBackAlthoughItsStockIsThere(t *testing.T) {
	t.Parallel()
	wire := &line{match: creating}
	shop := setup(t, shoptest.WithStripeFront(wire.front))
	product := shop.Product(5)
	order, payLate := late(t, shop, wire, product)
	exec(t, shop, "UPDATE orders SET email = $2 WHERE id = $1", order.ID, orders.ErasedEmail)
	payLate()
	becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
	require.Equal(t, [2]int32{5, 0}, stock(t, shop, product.ID))
	require.EqualValues(t, captured(shop), refunded(shop))
}
