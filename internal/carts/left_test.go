package carts_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// leaving deletes a user at the moment at which something of theirs is written into a table.
func leaving(t *testing.T, shop *shoptest.Shop, table, when string) {
	t.Helper()
	_, err := shop.DB.Exec(t.Context(), `CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN DELETE FROM users WHERE id = NEW.user_id; RETURN NEW; END $$;
		CREATE TRIGGER leave BEFORE `+when+` ON `+table+` FOR EACH ROW WHEN (NEW.user_id IS NOT NULL) EXECUTE FUNCTION leave()`)
	require.NoError(t, err)
}

func TestWhoLeavesMeanwhileIsSignedOutAndNothingBreaks(t *testing.T) {
	t.Parallel()
	t.Run("opening a cart", func(t *testing.T) {
		t.Parallel()
		shop := shoptest.New(t, shoptest.WithoutJobs())
		somebody := shop.User("leaver@example.com", auth.Customer)
		leaving(t, shop, "carts", "INSERT")
		got, err := somebody.CreateCartWithResponse(t.Context(), nil, client.CartCreate{})
		require.NoError(t, err)
		require.Equal(t, http.StatusUnauthorized, got.StatusCode(), string(got.Body))
		require.Equal(t, "invalid_token", got.ApplicationProblemJSON401.Code)
	})
	t.Run("claiming one", func(t *testing.T) {
		t.Parallel()
		shop := shoptest.New(t, shoptest.WithoutJobs())
		somebody, cart := shop.User("leaver@example.com", auth.Customer), shop.Cart(1, shop.Product(5))
		leaving(t, shop, "carts", "UPDATE")
		got := claim(t, somebody, cart.ID)
		require.Equal(t, http.StatusUnauthorized, got.StatusCode(), string(got.Body))
	})
	t.Run("placing an order", func(t *testing.T) {
		t.Parallel()
		shop := shoptest.New(t, shoptest.WithoutJobs())
		somebody, cart := shop.User("leaver@example.com", auth.Customer), shop.Cart(1, shop.Product(5))
		leaving(t, shop, "orders", "INSERT")
		got, err := somebody.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
			CartID: cart.ID, Email: "leaver@example.com", ShippingAddress: shoptest.Address(),
		})
		require.NoError(t, err)
		require.Equal(t, http.StatusUnauthorized, got.StatusCode(), string(got.Body))
		require.Equal(t, "invalid_token", got.ApplicationProblemJSON401.Code)
	})
}
