package checkout_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func TestPay_SendsShoppersToConfiguredOriginsAlone(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithEdge("https://shop.example.com", nil, []string{"https://spa.example.com", "*"}))
	order := shop.Order(1, shop.Product(5))
	method := "pm_card_visa"
	for _, elsewhere := range []string{
		"https://evil.example/orders", "https://shop.example.com.evil.example/", "http://shop.example.com/", "https://shop.example.com:8443/",
	} {
		refused, err := shop.Guest.PayOrderWithResponse(t.Context(), order.ID, nil, client.PaymentCreate{PaymentMethodID: &method, ReturnURL: &elsewhere})
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode(), "%s: %s", elsewhere, refused.Body)
		require.Equal(t, "origin_not_allowed", refused.ApplicationProblemJSON422.Errors[0].Code)
	}
	for _, named := range []string{"https://shop.example.com@evil.example/", "https://user@shop.example.com/"} {
		refused, err := shop.Guest.PayOrderWithResponse(t.Context(), order.ID, nil, client.PaymentCreate{PaymentMethodID: &method, ReturnURL: &named})
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode(), "%s: %s", named, refused.Body)
		require.Equal(t, "format", refused.ApplicationProblemJSON422.Errors[0].Code, "no address with a name in it is one to send to")
	}
	require.Empty(t, shop.Stripe.Charges())
	for _, own := range []string{"https://shop.example.com/orders/1?x=y", "https://SPA.example.com/done", "http://localhost:5173/done"} {
		placed := shop.Order(1, shop.Product(5))
		paid, err := shop.Guest.PayOrderWithResponse(t.Context(), placed.ID, nil, client.PaymentCreate{PaymentMethodID: &method, ReturnURL: &own})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, paid.StatusCode(), "%s: %s", own, paid.Body)
	}
}
