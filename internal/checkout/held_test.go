package checkout_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app"
	"cartwright/internal/app/shoptest"
)

// placeFrom places a cart as a shopper at an address, behind a proxy that the shop trusts.
func placeFrom(shop *shoptest.Shop, address string, cart uuid.UUID) (status int, problem client.Problem, order client.Order, err error) {
	body, err := json.Marshal(client.OrderPlace{
		CartID: cart, Email: uuid.NewString() + "@example.com", ShippingAddress: shoptest.Address(),
	})
	if err != nil {
		return 0, problem, order, err
	}
	request, err := http.NewRequest(http.MethodPost, shop.URL+"/api/v1/orders/from-cart", bytes.NewReader(body))
	if err != nil {
		return 0, problem, order, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Forwarded-For", address)
	response, err := shop.HTTP().Do(request)
	if err != nil {
		return 0, problem, order, err
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err == nil {
		if response.StatusCode == http.StatusCreated {
			err = json.Unmarshal(read, &order)
		} else {
			err = json.Unmarshal(read, &problem)
		}
	}
	return response.StatusCode, problem, order, err
}

// behindProxy believes what stands in X-Forwarded-For.
func behindProxy() shoptest.Option {
	return shoptest.WithEdge("https://shop.example.com", []string{"127.0.0.0/8"}, nil)
}

func holding(order, network, always app.Limit) shoptest.Option {
	return shoptest.WithFraud(app.FraudConfig{
		Window: app.Window(time.Hour), HoldRisk: "none", BlockRisk: "none", OrderShare: order, HeldShare: &network, HeldAlways: always,
	})
}

func TestPlace_OneOrderDoesNotTakeTheWholeStock(t *testing.T) {
	t.Parallel()
	shop := setup(t, behindProxy(), shoptest.WithFraud(app.FraudDefaults()))
	small, large, larger := shop.Product(8), shop.Product(60), shop.Product(100)
	everything := shop.Cart(1)
	for product, quantity := range map[uuid.UUID]int32{small.ID: 8, large.ID: 60, larger.ID: 100} {
		added, err := shop.Guest.AddCartItemWithResponse(t.Context(), everything.ID, nil, client.CartItemAdd{ProductID: product, Quantity: &quantity})
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, added.StatusCode(), string(added.Body))
	}
	status, problem, _, err := placeFrom(shop, "203.0.113.7", everything.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Equal(t, "too_much_held", problem.Code)
	require.Len(t, problem.Errors, 2, "the last units of what is nearly sold can be bought")
	for _, product := range []client.Product{small, large, larger} {
		require.Zero(t, stock(t, shop, product.ID)[1], "nothing is held")
	}
	status, _, _, err = placeFrom(shop, "203.0.113.7", shop.Cart(30, large).ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, status, "half of it is not too much")
}

func TestPlace_ANetworkHoldsItsShareHoweverManyOrdersAtOnce(t *testing.T) {
	t.Parallel()
	const units, buyers = 100, 60
	for name, c := range map[string]struct {
		address func(int) string
		most    int32
	}{
		"one address":     {func(int) string { return "203.0.113.7" }, 40},
		"one /64":         {func(i int) string { return fmt.Sprintf("2001:db8::%x", i+1) }, 40},
		"many of one /56": {func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i+1) }, 50},
		"many of one /48": {func(i int) string { return fmt.Sprintf("2001:db8:0:%x00::1", i+1) }, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := setup(t, behindProxy(), holding(0, 40, 5))
			product := shop.Product(units)
			carts := make([]uuid.UUID, buyers)
			for i := range carts {
				carts[i] = shop.Cart(2, product).ID
			}
			var placed atomic.Int32
			var first atomic.Pointer[client.Order]
			shoptest.Together(buyers, func(i int) {
				switch status, problem, order, err := placeFrom(shop, c.address(i), carts[i]); {
				case err != nil:
					t.Error(err)
				case status == http.StatusCreated:
					placed.Add(1)
					first.CompareAndSwap(nil, &order)
				case status != http.StatusTooManyRequests || problem.Code != "too_much_held":
					t.Errorf("%d %s", status, problem.Code)
				}
			})
			require.Equal(t, c.most, 2*placed.Load())
			require.Equal(t, c.most, stock(t, shop, product.ID)[1])

			status, _, _, err := placeFrom(shop, "198.51.100.1", shop.Cart(2, product).ID)
			require.NoError(t, err)
			require.Equal(t, http.StatusCreated, status, "others can buy")
			expire(t, shop, first.Load().ID)
			becomes(t, shop, first.Load().ID, client.OrderStatusCANCELLED, client.PaymentStatusPENDING)
			status, _, _, err = placeFrom(shop, c.address(0), shop.Cart(2, product).ID)
			require.NoError(t, err)
			require.Equal(t, http.StatusCreated, status, "what is free again is held by nobody")
			require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM stock_reservations WHERE (held_by IS NOT NULL) <> (state = 'OPEN')"))
		})
	}
}

func TestPlace_AnOrderHasAMaximumOfUnits(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{
		Window: app.Window(time.Hour), HoldRisk: "none", BlockRisk: "none", UnitsPerLine: 5, UnitsPerOrder: 8,
	}))
	product, other := shop.Product(50), shop.Product(50)
	for _, c := range []struct {
		cart   client.Cart
		fields []string
	}{
		{shop.Cart(6, product), []string{"items[0].quantity"}},
		{shop.Cart(5, product, other), []string{"items"}},
		{shop.Cart(6, product, other), []string{"items[0].quantity", "items[1].quantity", "items"}},
	} {
		refused, err := shop.Place(t.Context(), c.cart.ID)
		require.NoError(t, err)
		require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
		require.Equal(t, "too_many_units", refused.ApplicationProblemJSON409.Code)
		var fields []string
		for _, field := range refused.ApplicationProblemJSON409.Errors {
			fields = append(fields, field.Field)
		}
		require.Equal(t, c.fields, fields)
	}
	shop.Order(4, product, other)
}

func TestPay_BeginningExtendsAShortHoldOnce(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithReservationTTL(30*time.Minute), shoptest.WithHoldTTL(10*time.Minute))
	order := shop.Order(1, shop.Product(5))
	left := func() time.Duration { return shop.ReadOrder(order.ID).ExpiresAt.Sub(order.CreatedAt) }
	require.InDelta(t, (10 * time.Minute).Seconds(), left().Seconds(), 5)
	ask(t, shop, order.ID)
	require.InDelta(t, (30 * time.Minute).Seconds(), left().Seconds(), 30)
	exec(t, shop, "UPDATE orders SET created_at = created_at - interval '25 minutes', expires_at = expires_at - interval '25 minutes' WHERE id = $1", order.ID)
	order = shop.ReadOrder(order.ID)
	ask(t, shop, order.ID)
	require.InDelta(t, (40 * time.Minute).Seconds(), left().Seconds(), 5, "however often it begins")
}
