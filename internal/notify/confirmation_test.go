package notify_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
)

func TestAPaidOrderIsToldOfByMail(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	order := shop.Order(2, shop.Product(5))
	paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paid.StatusCode())
	mail := shop.AwaitMail("customer@example.com", "Your order "+order.OrderNumber)
	for _, part := range []string{"2 x Wireless Headphones: 399.98 USD", "Total: 431.98 USD", "John Doe", "123 Main St"} {
		require.Contains(t, mail.Text, part)
	}
	require.Len(t, shop.Mails("customer@example.com"), 1)
}
