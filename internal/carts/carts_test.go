package carts_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func add(t *testing.T, shop *shoptest.Shop, cart uuid.UUID, item client.CartItemAdd) *client.AddCartItemResponse {
	t.Helper()
	added, err := shop.Guest.AddCartItemWithResponse(t.Context(), cart, nil, item)
	require.NoError(t, err)
	return added
}

func read(t *testing.T, shop *shoptest.Shop, cart uuid.UUID) client.Cart {
	t.Helper()
	got, err := shop.Guest.GetCartWithResponse(t.Context(), cart)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode())
	return *got.JSON200
}

func units(n int32) *int32 { return &n }

func TestAddingAgainRaisesTheLineAndChecksTheSum(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	product := shop.Product(5)
	cart := shop.Cart(3, product)
	raised := add(t, shop, cart.ID, client.CartItemAdd{ProductID: product.ID, Quantity: units(2)})
	require.Equal(t, http.StatusCreated, raised.StatusCode())
	require.Len(t, raised.JSON201.Items, 1)
	require.EqualValues(t, 5, raised.JSON201.Items[0].Quantity)

	refused := add(t, shop, cart.ID, client.CartItemAdd{ProductID: product.ID, Quantity: units(1)})
	require.Equal(t, http.StatusConflict, refused.StatusCode())
	require.Equal(t, "insufficient_inventory", refused.ApplicationProblemJSON409.Code)
	require.EqualValues(t, 5, read(t, shop, cart.ID).Items[0].Quantity, "a refusal changes nothing")
}

func TestAVariantOfAnotherProductIsRefused(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	product, other := shop.Product(5), shop.Product(5)
	cart := shop.Cart(1)
	variant := other.Variants[0].ID
	refused := add(t, shop, cart.ID, client.CartItemAdd{ProductID: product.ID, VariantID: &variant})
	require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode())
	require.NotEmpty(t, refused.ApplicationProblemJSON422.Errors)
	require.Empty(t, read(t, shop, cart.ID).Items)
}

func TestALineTakesNoMoreThanItsLimit(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	untracked := false
	product := shop.Product(0, func(p *client.ProductCreate) { p.TrackInventory, p.Price = &untracked, "0.01" })
	cart := shop.Cart(10_000, product)
	refused := add(t, shop, cart.ID, client.CartItemAdd{ProductID: product.ID, Quantity: units(1)})
	require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode())
	require.Equal(t, "quantity", refused.ApplicationProblemJSON422.Errors[0].Field)
	for _, quantity := range []int32{0, -1, 10_001, 2_147_483_647} {
		refused := add(t, shop, cart.ID, client.CartItemAdd{ProductID: product.ID, Quantity: units(quantity)})
		require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode(), quantity)
		set, err := shop.Guest.UpdateCartItemWithResponse(t.Context(), cart.ID, cart.Items[0].ID, nil, client.CartItemUpdate{Quantity: quantity})
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, set.StatusCode(), quantity)
	}
	require.EqualValues(t, 10_000, read(t, shop, cart.ID).Items[0].Quantity)
}

func TestAConvertedCartRefusesEdits(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	product := shop.Product(5)
	cart := shop.Cart(1, product)
	placed, err := shop.Place(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode())
	before := read(t, shop, cart.ID)

	added := add(t, shop, cart.ID, client.CartItemAdd{ProductID: product.ID})
	require.Equal(t, "cart_converted", added.ApplicationProblemJSON409.Code)
	set, err := shop.Guest.UpdateCartItemWithResponse(t.Context(), cart.ID, cart.Items[0].ID, nil, client.CartItemUpdate{Quantity: 2})
	require.NoError(t, err)
	require.Equal(t, "cart_converted", set.ApplicationProblemJSON409.Code)
	removed, err := shop.Guest.RemoveCartItemWithResponse(t.Context(), cart.ID, cart.Items[0].ID, nil)
	require.NoError(t, err)
	require.Equal(t, "cart_converted", removed.ApplicationProblemJSON409.Code)
	require.Equal(t, before, read(t, shop, cart.ID))
}

func TestACartShowsTodaysPrice(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	product := shop.Product(5)
	cart := shop.Cart(2, product)
	require.Equal(t, "399.98", cart.Subtotal.String())
	_, err := shop.DB.Exec(context.Background(), "UPDATE product_variants SET price_minor = 1000 WHERE product_id = $1", product.ID)
	require.NoError(t, err)
	now := read(t, shop, cart.ID)
	require.Equal(t, "10.00", now.Items[0].Price.String())
	total, err := shop.Guest.GetCartTotalWithResponse(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Equal(t, "21.60", total.JSON200.Total.String())
}

func TestFiftyAddsAtOnceAreAllThere(t *testing.T) {
	t.Parallel()
	const times = 50
	shop := shoptest.New(t)
	product := shop.Product(times)
	cart := shop.Cart(1)
	var done sync.WaitGroup
	for range times {
		done.Go(func() {
			added, err := shop.Guest.AddCartItemWithResponse(t.Context(), cart.ID, nil, client.CartItemAdd{ProductID: product.ID})
			if err != nil || added.StatusCode() != http.StatusCreated {
				t.Errorf("%v %s", err, added.Body)
			}
		})
	}
	done.Wait()
	now := read(t, shop, cart.ID)
	require.Len(t, now.Items, 1)
	require.EqualValues(t, times, now.Items[0].Quantity)
}
