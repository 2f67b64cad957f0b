package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// hold has the money for an order authorized, as a shop does that takes it later.
func hold(t *testing.T, shop *shoptest.Shop, order client.Order) {
	t.Helper()
	_, err := shop.DB.Exec(t.Context(), `INSERT INTO payments (id, order_id, status, amount_minor, currency, capture_method, created_at, updated_at)
		SELECT gen_random_uuid(), id, 'CREATED', total_minor, currency, 'manual', now(), now() FROM orders WHERE id = $1`, order.ID)
	require.NoError(t, err)
	paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
	require.True(t, paid.JSON200.Success)
	require.Equal(t, client.PaymentStatusAUTHORIZED, paid.JSON200.Order.PaymentStatus)
	require.Nil(t, paid.JSON200.PaymentIntent.ClientSecret, "there is nothing left to do with it")
}

func TestAKeyThatSentAnOrderTookItsMoneyOnce(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithManualCapture(), shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	product := shop.Product(10)
	order, other := shop.Order(2, product), shop.Order(1, product)
	hold(t, shop, order)
	hold(t, shop, other)
	admin := shop.Login("admin@example.com").AccessToken
	taken := func() (count int) {
		for _, event := range shop.Stripe.Events() {
			if event.Type == "charge.captured" {
				count++
			}
		}
		return count
	}
	sending := call{method: http.MethodPost, path: "/orders/" + order.ID.String() + "/fulfillments", token: admin}
	sending.body = fmt.Sprintf(`{"items":[{"orderItemId":"%s","quantity":3}]}`, order.Items[0].ID)
	refused := send(t, shop, sending)
	require.Equal(t, "fulfillment_exceeds_order", requireProblem(t, refused, http.StatusConflict).Code)
	sending.body = fmt.Sprintf(`{"items":[{"orderItemId":"%s","quantity":1.5}]}`, order.Items[0].ID)
	require.Equal(t, http.StatusUnprocessableEntity, send(t, shop, sending).status)
	require.Zero(t, taken(), "for what cannot be sent nothing is taken")

	sending.body = fmt.Sprintf(`{"items":[{"orderItemId":"%s","quantity":1}]}`, order.Items[0].ID)
	sending = sending.under(uuid.NewString())
	first := send(t, shop, sending)
	require.Equal(t, http.StatusCreated, first.status, first.body)
	require.Equal(t, first.body, send(t, shop, sending).body)
	require.EqualValues(t, 1, shop.ReadOrder(order.ID).Items[0].FulfilledQuantity)
	require.Equal(t, 1, taken())

	// A key that has its answer takes nothing, whatever it would take today.
	moving := call{method: http.MethodPost, path: "/orders/" + other.ID.String() + "/status", token: admin, body: `{"status":"SHIPPED"}`}.under(uuid.NewString())
	_, err := shop.DB.Exec(t.Context(), "UPDATE orders SET review_status = 'HELD' WHERE id = $1", other.ID)
	require.NoError(t, err)
	held := send(t, shop, moving)
	require.Equal(t, "order_on_hold", requireProblem(t, held, http.StatusConflict).Code)
	_, err = shop.DB.Exec(t.Context(), "UPDATE orders SET review_status = 'RELEASED' WHERE id = $1", other.ID)
	require.NoError(t, err)
	require.Equal(t, held.body, send(t, shop, moving).body)
	require.Equal(t, 1, taken())
	require.Equal(t, http.StatusOK, send(t, shop, moving.under(uuid.NewString())).status)
	require.Equal(t, 2, taken())
}
