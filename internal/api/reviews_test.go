package api_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

func TestStaffReleaseWhatIsOnHold(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks(), shoptest.WithFraud(app.FraudDefaults()))
	product := shop.Product(5)
	order, unpaid := shop.Order(1, product), shop.Order(1, product)
	held, err := shop.Pay(t.Context(), order.ID, "pm_card_riskLevelElevated")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, held.StatusCode(), string(held.Body))
	release := func(id uuid.UUID) *client.ReleaseOrderResponse {
		note := "called"
		got, err := shop.Staff.ReleaseOrderWithResponse(t.Context(), id, nil, client.OrderRelease{Note: &note})
		require.NoError(t, err)
		return got
	}
	require.Equal(t, http.StatusNotFound, release(uuid.New()).StatusCode())
	refused := release(unpaid.ID)
	require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
	require.Equal(t, "transition_not_allowed", refused.ApplicationProblemJSON409.Code)
	for range 2 {
		released := release(order.ID)
		require.Equal(t, http.StatusOK, released.StatusCode(), string(released.Body))
		require.Equal(t, client.OrderReviewStatusRELEASED, released.JSON200.Review.Status)
		require.Equal(t, client.OrderVerdictHOLD, *released.JSON200.Review.Verdict)
		require.Equal(t, []string{"risk_elevated"}, released.JSON200.Review.Reasons)
	}
}

func TestOnlyStaffWhoReadOrdersSeeAReview(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks(), shoptest.WithFraud(app.FraudDefaults()))
	buyer := shop.User("buyer@example.com", auth.Customer)
	shop.User("clerk@example.com", auth.Staff)
	_, err := shop.DB.Exec(t.Context(), "UPDATE users SET permissions = '{catalogue:read}' WHERE email = 'clerk@example.com'")
	require.NoError(t, err)
	token := shop.Login("buyer@example.com").AccessToken
	placed, err := buyer.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
		CartID: theirs(t, shop, token, shop.Product(5)).ID, Email: "buyer@example.com", ShippingAddress: shoptest.Address(),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
	id := placed.JSON201.ID
	paid, err := buyer.PayOrderWithResponse(t.Context(), id, nil, client.PaymentCreate{PaymentMethodID: ptr("pm_card_riskLevelElevated")})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
	for _, path := range []string{"/orders/" + id.String(), "/account/orders", "/account/export"} {
		got := send(t, shop, call{method: http.MethodGet, path: path, token: token})
		require.Equal(t, http.StatusOK, got.status, got.body)
		for _, word := range []string{"review", "risk_elevated", "HELD", "verdict"} {
			require.NotContains(t, got.body, word, path)
		}
	}
	for _, word := range []string{"review", "risk_elevated"} {
		require.NotContains(t, string(paid.Body), word)
	}
	seen := send(t, shop, call{method: http.MethodGet, path: "/orders/" + id.String(), token: shop.Login("staff@example.com").AccessToken})
	require.Contains(t, seen.body, "risk_elevated")
}
