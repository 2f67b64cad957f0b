package carts_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// customer signs somebody up.
func customer(shop *shoptest.Shop) *client.ClientWithResponses {
	return shop.User(uuid.NewString()+"@example.com", auth.Customer)
}

func claim(t *testing.T, as *client.ClientWithResponses, cart uuid.UUID) *client.ClaimCartResponse {
	t.Helper()
	claimed, err := as.ClaimCartWithResponse(t.Context(), cart, nil)
	require.NoError(t, err)
	return claimed
}

// own opens the customer's cart with these units of each product.
func own(t *testing.T, as *client.ClientWithResponses, quantity int32, products ...client.Product) client.Cart {
	t.Helper()
	opened, err := as.CreateCartWithResponse(t.Context(), nil, client.CartCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, opened.StatusCode(), string(opened.Body))
	for _, product := range products {
		item := client.CartItemAdd{ProductID: product.ID, Quantity: &quantity}
		added, err := as.AddCartItemWithResponse(t.Context(), opened.JSON201.ID, nil, item)
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, added.StatusCode(), string(added.Body))
	}
	return *opened.JSON201
}

func mine(t *testing.T, as *client.ClientWithResponses) client.Cart {
	t.Helper()
	found, err := as.GetMyCartWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, found.StatusCode(), string(found.Body))
	return *found.JSON200
}

// gone makes sure that the cart's id opens nothing to these.
func gone(t *testing.T, cart uuid.UUID, clients ...*client.ClientWithResponses) {
	t.Helper()
	for _, as := range clients {
		read, err := as.GetCartWithResponse(t.Context(), cart)
		require.NoError(t, err)
		require.Equal(t, http.StatusNotFound, read.StatusCode(), string(read.Body))
	}
}

func TestACustomerHasOneOpenCart(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	buyer := customer(shop)
	none, err := buyer.GetMyCartWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, none.StatusCode())
	var opened [20]*client.CreateCartResponse
	shoptest.Together(len(opened), func(i int) {
		opened[i], _ = buyer.CreateCartWithResponse(t.Context(), nil, client.CartCreate{})
	})
	first := 0
	cart := mine(t, buyer)
	for _, one := range opened {
		if one.JSON201 != nil {
			first++
			require.Equal(t, cart.ID, one.JSON201.ID)
			continue
		}
		require.Equal(t, http.StatusOK, one.StatusCode(), string(one.Body))
		require.Equal(t, cart.ID, one.JSON200.ID)
	}
	require.Equal(t, 1, first)
}

func TestAClaimedCartOpensToNobodyElse(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	buyer, other := customer(shop), customer(shop)
	cart := shop.Cart(2, shop.Product(5))
	for range 2 { // again answers the same
		claimed := claim(t, buyer, cart.ID)
		require.Equal(t, http.StatusOK, claimed.StatusCode(), string(claimed.Body))
		require.Equal(t, cart.ID, claimed.JSON200.ID)
		require.NotNil(t, claimed.JSON200.CustomerID)
		require.EqualValues(t, 2, claimed.JSON200.ItemCount)
		require.Equal(t, cart.ID, mine(t, buyer).ID)
	}
	gone(t, cart.ID, shop.Guest, other)
	require.Equal(t, http.StatusNotFound, claim(t, other, cart.ID).StatusCode())
	require.Equal(t, http.StatusNotFound, claim(t, buyer, uuid.New()).StatusCode())
	placed, err := shop.Place(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, placed.StatusCode(), string(placed.Body))
}

func TestAClaimedCartIsMergedIntoTheCustomersOwn(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	buyer := customer(shop)
	plenty, scarce, soldOut, backorder, retired, fresh := shop.Product(100), shop.Product(4), shop.Product(3),
		shop.Product(3), shop.Product(100), shop.Product(100)
	theirs := own(t, buyer, 3, plenty, scarce, soldOut, backorder, retired)
	guests := shop.Cart(3, plenty, scarce, soldOut, backorder, retired, fresh)
	for sql, product := range map[string]uuid.UUID{
		`UPDATE stock_levels SET reserved = on_hand WHERE variant_id = (SELECT id FROM product_variants WHERE product_id = $1)`:     soldOut.ID,
		`UPDATE stock_levels SET allow_backorder = true WHERE variant_id = (SELECT id FROM product_variants WHERE product_id = $1)`: backorder.ID,
		`UPDATE products SET status = 'ARCHIVED' WHERE id = $1`:                                                                     retired.ID,
	} {
		_, err := shop.DB.Exec(t.Context(), sql, product)
		require.NoError(t, err)
	}
	var merged client.Cart
	for range 2 {
		claimed := claim(t, buyer, guests.ID)
		require.Equal(t, http.StatusOK, claimed.StatusCode(), string(claimed.Body))
		merged = *claimed.JSON200
	}
	require.Equal(t, theirs.ID, merged.ID)
	require.Equal(t, merged, mine(t, buyer))
	type line struct {
		quantity  int32
		available bool
	}
	got := map[uuid.UUID]line{}
	for _, item := range merged.Items {
		got[item.ProductID] = line{item.Quantity, item.Available}
	}
	require.Equal(t, map[uuid.UUID]line{
		plenty.ID: {6, true}, scarce.ID: {4, true}, soldOut.ID: {1, false}, backorder.ID: {6, true},
		retired.ID: {6, false}, fresh.ID: {3, true},
	}, got)
	require.Len(t, merged.Items, len(got), "one line per variant")
	gone(t, guests.ID, shop.Guest, buyer, shop.Staff)
}

func TestACartIsClaimedOnceHoweverManyTry(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(100)
	buyer, other := customer(shop), customer(shop)
	own(t, buyer, 1, product)
	own(t, other, 1, product)
	cart := shop.Cart(2, product)
	var claimed [20]*client.ClaimCartResponse
	shoptest.Together(len(claimed), func(i int) {
		as := buyer
		if i%2 == 1 {
			as = other
		}
		claimed[i], _ = as.ClaimCartWithResponse(t.Context(), cart.ID, nil)
	})
	won := [2]bool{}
	for i, one := range claimed {
		if one.StatusCode() == http.StatusOK {
			won[i%2] = true
			require.EqualValues(t, 3, one.JSON200.ItemCount)
		} else {
			require.Equal(t, http.StatusNotFound, one.StatusCode(), string(one.Body))
		}
	}
	require.NotEqual(t, won[0], won[1], "one of them has it")
	require.EqualValues(t, 4, mine(t, buyer).ItemCount+mine(t, other).ItemCount)
}

func TestTwentyCartsClaimedAtOnceBecomeOne(t *testing.T) {
	t.Parallel()
	const carts = 20
	shop := shoptest.New(t, shoptest.WithoutJobs())
	lamp, cable := shop.Product(1000), shop.Product(1000)
	buyer := customer(shop)
	var guests [carts]uuid.UUID
	for i := range guests {
		guests[i] = shop.Cart(1, lamp, cable).ID
	}
	shoptest.Together(carts, func(i int) {
		claimed, err := buyer.ClaimCartWithResponse(t.Context(), guests[i], nil)
		if err != nil || claimed.StatusCode() != http.StatusOK {
			t.Errorf("%v %s", err, claimed.Body)
		}
	})
	cart := mine(t, buyer)
	require.Len(t, cart.Items, 2)
	require.EqualValues(t, 2*carts, cart.ItemCount)
}

func TestUnitsAddedWhileACartIsClaimedAreNotLost(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(1000)
	buyer := customer(shop)
	own(t, buyer, 1, product)
	cart := shop.Cart(1, product)
	var added atomic.Int32
	shoptest.Together(20, func(i int) {
		if i == 10 {
			if claimed, err := buyer.ClaimCartWithResponse(t.Context(), cart.ID, nil); err != nil || claimed.StatusCode() != http.StatusOK {
				t.Errorf("%v %s", err, claimed.Body)
			}
			return
		}
		one, err := shop.Guest.AddCartItemWithResponse(t.Context(), cart.ID, nil, client.CartItemAdd{ProductID: product.ID})
		switch {
		case err == nil && one.StatusCode() == http.StatusCreated:
			added.Add(1)
		case err != nil || one.StatusCode() != http.StatusNotFound:
			t.Errorf("%v %s", err, one.Body)
		}
	})
	require.EqualValues(t, 2+added.Load(), mine(t, buyer).ItemCount)
	gone(t, cart.ID, shop.Guest)
}

func TestACartIsClaimedOrBoughtButNotBoth(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(1000)
	for range 8 {
		buyer := customer(shop)
		theirs, guests := own(t, buyer, 1, product), shop.Cart(2, product)
		var done sync.WaitGroup
		var placed, bought *client.PlaceOrderResponse
		var claimed *client.ClaimCartResponse
		done.Go(func() { placed, _ = shop.Place(t.Context(), guests.ID) })
		done.Go(func() {
			bought, _ = buyer.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
				CartID: theirs.ID, Email: "buyer@example.com", ShippingAddress: shoptest.Address(),
			})
		})
		done.Go(func() { claimed, _ = buyer.ClaimCartWithResponse(t.Context(), guests.ID, nil) })
		done.Wait()
		require.Equal(t, http.StatusCreated, bought.StatusCode(), string(bought.Body))
		units := bought.JSON201.Items[0].Quantity
		if placed.StatusCode() == http.StatusCreated {
			require.Equal(t, "cart_converted", claimed.ApplicationProblemJSON409.Code)
			units += placed.JSON201.Items[0].Quantity
		} else {
			require.Equal(t, http.StatusNotFound, placed.StatusCode(), string(placed.Body))
			require.Equal(t, http.StatusOK, claimed.StatusCode(), string(claimed.Body))
			if units == 1 { // bought before it was claimed, so the claimed cart is open
				units += mine(t, buyer).ItemCount
			}
		}
		require.EqualValues(t, 3, units)
	}
}

// A line of what was deleted is merged as the others are, and twice it is one line.
func TestALineOfADeletedProductIsMergedToo(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	somebody := customer(shop)
	both, theirs, kept := shop.Product(9), shop.Product(9), shop.Product(9)
	own(t, somebody, 1, both)
	guests := shop.Cart(2, both, theirs, kept)
	for _, product := range []client.Product{both, theirs} {
		got, err := shop.Admin.DeleteProductWithResponse(t.Context(), product.ID.String(), nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusNoContent, got.StatusCode(), string(got.Body))
	}
	claimed := claim(t, somebody, guests.ID)
	require.Equal(t, http.StatusOK, claimed.StatusCode(), string(claimed.Body))
	lines := map[uuid.UUID]bool{}
	for _, item := range mine(t, somebody).Items {
		require.NotContains(t, lines, item.ProductID)
		lines[item.ProductID] = item.UnavailableReason == nil
	}
	require.Equal(t, map[uuid.UUID]bool{both.ID: false, theirs.ID: false, kept.ID: true}, lines)
}
