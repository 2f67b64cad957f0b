package checkout_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// due has the job of this kind run now.
func due(t *testing.T, shop *shoptest.Shop, kind string) {
	t.Helper()
	exec(t, shop, "INSERT INTO river_job (kind, args, max_attempts, state) VALUES ($1, '{}', 25, 'available')", kind)
}

func TestForget_UnpaidOrdersSayNobodysName(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithRetention(48*time.Hour))
	product := shop.Product(10)
	old, fresh, paid := shop.Order(1, product), shop.Order(1, product), shop.Order(1, product)
	pay(t, shop, paid.ID, "pm_card_visa")
	for _, order := range []client.Order{old, fresh} {
		expire(t, shop, order.ID)
		becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusPENDING)
	}
	exec(t, shop, "UPDATE orders SET updated_at = updated_at - interval '3 days' WHERE id = ANY($1)", []string{old.ID.String(), paid.ID.String()})
	due(t, shop, "orders_forget")
	says := func(order client.Order) string {
		return scan[string](t, shop, "SELECT email || (shipping_address || billing_address)::text FROM orders WHERE id = $1", order.ID)
	}
	require.Eventually(t, func() bool {
		return scan[string](t, shop, "SELECT email FROM orders WHERE id = $1", old.ID) == "erased@erased.invalid"
	}, soon, tick)
	require.NotContains(t, says(old), "Doe")
	require.Contains(t, says(old), "US")
	require.Contains(t, says(fresh), "Doe")
	require.Contains(t, says(paid), "Doe", "what was bought is kept")
}

func TestForget_OldCartsAreDeleted(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithRetention(48*time.Hour))
	product := shop.Product(10)
	old, fresh := shop.Cart(1, product), shop.Cart(1, product)
	order := shop.Order(1, product)
	// An id of three days ago.
	exec(t, shop, "ALTER TABLE cart_items DROP CONSTRAINT cart_items_cart_id_fkey")
	exec(t, shop, `UPDATE cart_items SET cart_id = '01900000-0000-7000-8000-000000000001' WHERE cart_id = $1`, old.ID)
	exec(t, shop, `UPDATE carts SET id = '01900000-0000-7000-8000-000000000001', updated_at = now() - interval '3 days' WHERE id = $1`, old.ID)
	exec(t, shop, "ALTER TABLE cart_items ADD CONSTRAINT cart_items_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES carts (id) ON DELETE CASCADE")
	due(t, shop, "carts_forget")
	require.Eventually(t, func() bool { return scan[int](t, shop, "SELECT count(*) FROM carts") == 2 }, soon, tick)
	require.Equal(t, 1, scan[int](t, shop, "SELECT count(*) FROM cart_items WHERE cart_id = $1", fresh.ID))
	require.Equal(t, client.OrderStatusPENDING, shop.ReadOrder(order.ID).Status)
}
