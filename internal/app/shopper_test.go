//go:build unix

package app_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
)

// shopper talks to a running shop like a storefront does.
type shopper struct {
	*client.ClientWithResponses
	t *testing.T
}

// orderTokens are of all shoppers, by the ids of orders: a storefront keeps them while the shop restarts.
var orderTokens sync.Map

func tokenOf(order uuid.UUID) *string {
	token, _ := orderTokens.Load(order)
	text, _ := token.(string)
	return &text
}

func visit(p *process) shopper {
	p.t.Helper()
	made, err := client.NewClientWithResponses(p.url + "/api/v1")
	require.NoError(p.t, err)
	return shopper{ClientWithResponses: made, t: p.t}
}

func (s shopper) login(email, password string) *client.LoginUserResponse {
	s.t.Helper()
	answer, err := s.LoginUserWithResponse(s.t.Context(), client.UserLogin{Email: email, Password: password})
	require.NoError(s.t, err)
	return answer
}

// find is the first product of a search that can be bought.
func (s shopper) find(words string) client.Product {
	s.t.Helper()
	answer, err := s.SearchProductsWithResponse(s.t.Context(), &client.SearchProductsParams{Q: &words})
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, answer.StatusCode(), string(answer.Body))
	for _, product := range answer.JSON200.Data {
		if product.InventoryQuantity > 0 {
			return s.product(product.ID)
		}
	}
	require.FailNow(s.t, "there is no product to buy", "%s", answer.Body)
	return client.Product{}
}

func (s shopper) product(id uuid.UUID) client.Product {
	s.t.Helper()
	answer, err := s.GetProductWithResponse(s.t.Context(), id.String())
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, answer.StatusCode(), string(answer.Body))
	return *answer.JSON200
}

func (s shopper) order(id uuid.UUID) client.Order {
	s.t.Helper()
	answer, err := s.GetOrderWithResponse(s.t.Context(), id, &client.GetOrderParams{XOrderToken: tokenOf(id)})
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, answer.StatusCode(), string(answer.Body))
	return *answer.JSON200
}

// place orders one unit.
func (s shopper) place(product client.Product) client.Order {
	s.t.Helper()
	one := int32(1)
	cart, err := s.CreateCartWithResponse(s.t.Context(), nil, client.CartCreate{})
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusCreated, cart.StatusCode(), string(cart.Body))
	added, err := s.AddCartItemWithResponse(s.t.Context(), cart.JSON201.ID, nil, client.CartItemAdd{ProductID: product.ID, Quantity: &one})
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusCreated, added.StatusCode(), string(added.Body))
	placed, err := s.PlaceOrderWithResponse(s.t.Context(), nil, client.OrderPlace{
		CartID: cart.JSON201.ID, Email: "customer@example.com",
		ShippingAddress: client.AddressInput{
			FirstName: "John", LastName: "Doe", Street1: "123 Main St", City: "New York", State: "NY",
			PostalCode: "10001", Country: "US",
		},
	})
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
	orderTokens.Store(placed.JSON201.ID, *placed.JSON201.OrderToken)
	return *placed.JSON201
}

// pay may be called from a goroutine.
func (s shopper) pay(ctx context.Context, order uuid.UUID) (*client.PayOrderResponse, error) {
	method := "pm_card_visa"
	return s.PayOrderWithResponse(ctx, order, &client.PayOrderParams{XOrderToken: tokenOf(order)}, client.PaymentCreate{PaymentMethodID: &method})
}

// buy orders and pays one unit.
func (s shopper) buy(product client.Product) client.Order {
	s.t.Helper()
	paid, err := s.pay(s.t.Context(), s.place(product).ID)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, paid.StatusCode(), string(paid.Body))
	require.Equal(s.t, client.PaymentStatusPAID, paid.JSON200.Order.PaymentStatus)
	return paid.JSON200.Order
}
