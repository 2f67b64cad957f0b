package notify_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func TestAPaidOrderIsToldOfByMail(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	order := buy(t, shop)
	mail := shop.AwaitMail("customer@example.com", "Your order "+order.OrderNumber)
	for _, part := range []string{"2 x Wireless Headphones: 399.98 USD", "Total: 431.98 USD", "John Doe", "123 Main St"} {
		require.Contains(t, mail.Text, part)
	}
	require.Len(t, shop.Mails("customer@example.com"), 1)
}

// buy is an order of two units, paid.
func buy(t *testing.T, shop *shoptest.Shop) client.Order {
	t.Helper()
	order := shop.Order(2, shop.Product(5))
	paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
	return order
}

func TestAMailThatCannotBeSentTouchesNothingOfItsOrder(t *testing.T) {
	t.Parallel()
	for state, status := range map[string]int{"retryable": http.StatusInternalServerError, "cancelled": http.StatusBadRequest} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			t.Cleanup(provider.Close)
			shop := shoptest.New(t, shoptest.WithSendGrid(provider.URL))
			order := buy(t, shop)
			var job string
			require.Eventually(t, func() bool {
				var now string
				err := shop.DB.QueryRow(context.Background(),
					"SELECT state, j::text FROM river_job j WHERE kind = 'order_confirmation'").Scan(&now, &job)
				return err == nil && now == state
			}, time.Minute, 20*time.Millisecond)
			for _, personal := range []string{"customer@", "John", "Main St"} {
				require.NotContains(t, job, personal)
			}
			now := shop.ReadOrder(order.ID)
			require.Equal(t, client.OrderStatusCONFIRMED, now.Status)
			require.Equal(t, client.PaymentStatusPAID, now.PaymentStatus)
		})
	}
}
