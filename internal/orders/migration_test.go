package orders_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/orders"
	"cartwright/internal/postgres"
)

// A shop from before there were fulfilments sent its orders whole.
func TestWhatWasSentBeforeThereWereFulfilmentsIsOne(t *testing.T) {
	t.Parallel()
	r := setup(t)
	variants := r.stocked(t, 2)
	delivered, shipped, unsent := r.order(t, variants, 3, 2), r.order(t, variants, 1), r.order(t, variants, 1)
	migrator, err := postgres.NewMigrator(t.Context(), r.db.Pool().Config().ConnString())
	require.NoError(t, err)
	defer migrator.Close()
	steps, err := migrator.Status(t.Context())
	require.NoError(t, err)
	for i := len(steps) - 1; steps[i].Source.Version >= 30; i-- {
		require.NoError(t, migrator.Down(t.Context()))
	}
	for order, statuses := range map[*orders.Order][]orders.Status{&delivered: {orders.Shipped, orders.Delivered}, &shipped: {orders.Shipped}} {
		for i, status := range statuses {
			_, err = r.db.Exec(t.Context(), `
				INSERT INTO order_events (order_id, sequence, type, actor, status, payment_status, fulfillment_status, created_at)
				VALUES ($1, $2::integer, 'status_changed', 'user:1', $3, 'PAID', 'FULFILLED', now() + $2::integer * interval '1 hour')`, order.ID, i+2, status)
			require.NoError(t, err)
			_, err = r.db.Exec(t.Context(), "UPDATE orders SET status = $2, payment_status = 'PAID', fulfillment_status = 'FULFILLED' WHERE id = $1", order.ID, status)
			require.NoError(t, err)
		}
	}
	require.NoError(t, migrator.Up(t.Context()))
	for order, want := range map[*orders.Order]orders.DeliveryStatus{&delivered: orders.Arrived, &shipped: orders.Sent} {
		sent := r.sent(t, order.ID)
		require.Len(t, sent, 1)
		require.Equal(t, want, sent[0].Status)
		require.Len(t, sent[0].Items, len(order.Items))
		require.Equal(t, want == orders.Arrived, sent[0].DeliveredAt != nil)
		for _, item := range r.read(t, order.ID).Items {
			require.Equal(t, item.Quantity, item.Fulfilled)
		}
	}
	require.Empty(t, r.sent(t, unsent.ID))
	_, err = r.orders.Deliver(t.Context(), shipped.ID, r.sent(t, shipped.ID)[0].ID, orders.Cause{Type: "delivered", Actor: "user:1"})
	require.NoError(t, err)
	require.Equal(t, orders.Delivered, r.read(t, shipped.ID).Status)
}
