package shoptest

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
)

// Product puts a product on sale at 199.99 and tells its id.
func (s *Shop) Product(quantity int32, change ...func(*client.ProductCreate)) client.Product {
	s.t.Helper()
	slug := "p-" + strings.ToLower(uuid.NewString())
	category, err := s.Admin.CreateCategoryWithResponse(s.t.Context(), nil, client.CategoryCreate{Name: slug, Slug: slug})
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusCreated, category.StatusCode(), string(category.Body))
	active := client.ProductStatusACTIVE
	body := client.ProductCreate{
		Name: "Wireless Headphones", Slug: &slug, SKU: slug, Price: "199.99",
		InventoryQuantity: &quantity, CategoryID: category.JSON201.ID, Status: &active,
	}
	for _, c := range change {
		c(&body)
	}
	product, err := s.Admin.CreateProductWithResponse(s.t.Context(), nil, body)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusCreated, product.StatusCode(), string(product.Body))
	return *product.JSON201
}

// Cart is a new cart with these units of each product.
func (s *Shop) Cart(quantity int32, products ...client.Product) client.Cart {
	s.t.Helper()
	made, err := s.Guest.CreateCartWithResponse(s.t.Context(), nil, client.CartCreate{})
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusCreated, made.StatusCode(), string(made.Body))
	cart := *made.JSON201
	for _, product := range products {
		item := client.CartItemAdd{ProductID: product.ID, Quantity: &quantity}
		added, err := s.Guest.AddCartItemWithResponse(s.t.Context(), cart.ID, nil, item)
		require.NoError(s.t, err)
		require.Equal(s.t, http.StatusCreated, added.StatusCode(), string(added.Body))
		cart = *added.JSON201
	}
	return cart
}

// Order places a new cart with these units of each product.
func (s *Shop) Order(quantity int32, products ...client.Product) client.Order {
	s.t.Helper()
	placed, err := s.Place(s.t.Context(), s.Cart(quantity, products...).ID)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
	return *placed.JSON201
}

// Place places a cart; it is safe to call from many goroutines at once.
func (s *Shop) Place(ctx context.Context, cart uuid.UUID) (*client.PlaceOrderResponse, error) {
	return s.Guest.PlaceOrderWithResponse(ctx, nil, client.OrderPlace{
		CartID: cart, Email: "customer@example.com", ShippingAddress: Address(),
	})
}

// Address is a complete one.
func Address() client.AddressInput {
	return client.AddressInput{
		FirstName: "John", LastName: "Doe", Street1: "123 Main St", City: "New York", State: "NY",
		PostalCode: "10001", Country: "US",
	}
}

// Pay pays an order with one of Stripe's test payment methods.
func (s *Shop) Pay(ctx context.Context, order uuid.UUID, method string) (*client.PayOrderResponse, error) {
	return s.Guest.PayOrderWithResponse(ctx, order, nil, client.PaymentCreate{PaymentMethodID: &method})
}

// ReadOrder is the order as it is now.
func (s *Shop) ReadOrder(id uuid.UUID) client.Order {
	s.t.Helper()
	read, err := s.Guest.GetOrderWithResponse(s.t.Context(), id, nil)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, read.StatusCode(), string(read.Body))
	return *read.JSON200
}

// ReadProduct is the product as the public sees it now.
func (s *Shop) ReadProduct(id uuid.UUID) client.Product {
	s.t.Helper()
	read, err := s.Guest.GetProductWithResponse(s.t.Context(), id.String())
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, read.StatusCode(), string(read.Body))
	return *read.JSON200
}
