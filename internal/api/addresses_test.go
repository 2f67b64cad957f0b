package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// No mail reaches these: nothing may be registered, invited or bought with them.
var unreachableAddresses = []string{
	"a@b..com", "a@.example.com", "a@example.com.", "a@example", "a@example.123", "a@1.2.3.4", "a@-example.com", "a..b@example.com", ".a@example.com",
	`"a"@example.com`, "a,b@example.com", "v\u0130ctim@example.com", "\u212a@example.com", "\u017f@example.com", "\uff41@example.com", "a\u200b@example.com",
	"a@xn--a.example", "jo\u0308rg@example.com", "a@\u200b.example",
}

func TestAddresses_ThatNoMailReachesAreRefusedAtEveryDoor(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	cart := shop.Cart(1, shop.Product(5))
	before := contents(t, shop)
	for _, address := range unreachableAddresses {
		place := client.OrderPlace{CartID: cart.ID, Email: address, ShippingAddress: shoptest.Address()}
		register := client.UserRegister{Email: address, Password: shoptest.Password}
		for path, body := range map[string]any{"/orders/from-cart": place, "/auth/register": register} {
			got := send(t, shop, call{method: http.MethodPost, path: path, body: toJSON(t, body)})
			problem := requireProblem(t, got, http.StatusUnprocessableEntity)
			require.NotEmpty(t, problem.Errors, "%s %q", path, address)
			require.Equal(t, "email", problem.Errors[0].Field, "%s %q: %s", path, address, got.body)
		}
	}
	require.Equal(t, before, contents(t, shop))
}

func TestAddresses_OfOtherLettersAreStoredAsMailReachesThem(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	for i, domain := range []string{"m\u00fcnchen.example", "mu\u0308nchen.example", "xn--mnchen-3ya.example"} {
		cart := shop.Cart(1, shop.Product(5))
		placed, err := shop.Guest.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
			CartID: cart.ID, Email: "user@" + domain, ShippingAddress: shoptest.Address(),
		})
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
		require.Equal(t, "user@xn--mnchen-3ya.example", placed.JSON201.Email, i)
		again, err := shop.Guest.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
			CartID: cart.ID, Email: "USER@M\u00dcNCHEN.example", ShippingAddress: shoptest.Address(),
		})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, again.StatusCode(), fmt.Sprintf("it is the same address: %s", again.Body))
	}
}

func TestAddresses_OfAnAccountCountTogetherHoweverTheyAreSpelt(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithLimits(0))
	spellings := []string{"counted@example.com", "COUNTED@example.com", "counted@\uff45xample.com", "Counted@EXAMPLE.com", "counted@exam\u200bple.com"}
	status := 0
	for i := range 11 {
		login, err := shop.Guest.LoginUserWithResponse(t.Context(), client.UserLogin{Email: spellings[i%len(spellings)], Password: "wrong"})
		require.NoError(t, err)
		status = login.StatusCode()
	}
	require.Equal(t, http.StatusTooManyRequests, status)
}
