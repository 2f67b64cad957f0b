package api_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// placeFor places a cart that showed this total.
func placeFor(t *testing.T, shop *shoptest.Shop, cart client.Cart, total client.Money) *client.PlaceOrderResponse {
	t.Helper()
	placed, err := shop.Guest.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
		CartID: cart.ID, Email: "customer@example.com", ShippingAddress: shoptest.Address(), ExpectedTotal: &total,
	})
	require.NoError(t, err)
	return placed
}

func priced(price client.Money) func(*client.ProductCreate) {
	return func(p *client.ProductCreate) { p.Price = price }
}

func TestAnOrderCostsWhatTheShopperWasShownOrIsNotPlaced(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	kept, raised := shop.Product(5, priced("10.00")), shop.Product(5, priced("2.50"))
	cart := shop.Cart(2, kept, raised)
	shown := total(t, shop, cart)
	price := client.Money("3.00")
	changed, err := shop.Admin.UpdateProductWithApplicationMergePatchPlusJSONBodyWithResponse(
		t.Context(), raised.ID.String(), nil, client.ProductPatch{Price: &price})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, changed.StatusCode(), string(changed.Body))
	before := contents(t, shop)

	refused := placeFor(t, shop, cart, shown)
	require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
	problem := refused.ApplicationProblemJSON409
	require.Equal(t, "total_changed", problem.Code)
	now := read(t, shop, cart)
	require.Equal(t, total(t, shop, cart), *problem.Total)
	require.Equal(t, before, contents(t, shop))
	fields := map[string]string{}
	for _, field := range problem.Errors {
		fields[field.Field] = field.Code
	}
	line := 0
	if now.Items[1].ProductID == raised.ID {
		line = 1
	}
	require.Equal(t, map[string]string{"expectedTotal": "total_changed", fmt.Sprintf("items[%d].price", line): "price_changed"}, fields)

	require.Equal(t, http.StatusCreated, placeFor(t, shop, cart, *problem.Total).StatusCode())
	require.Equal(t, http.StatusOK, placeFor(t, shop, cart, shown).StatusCode(), "a repeated placing finds the order")
}

func TestAnExpectedTotalIsAnAmountOfTheCart(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	cart := shop.Cart(1, shop.Product(1))
	for _, total := range []client.Money{"1.999", "-1"} {
		require.Equal(t, http.StatusUnprocessableEntity, placeFor(t, shop, cart, total).StatusCode(), total)
	}
}

// total is what the shopper is shown that the cart costs.
func total(t *testing.T, shop *shoptest.Shop, cart client.Cart) client.Money {
	t.Helper()
	got, err := shop.Guest.GetCartTotalWithResponse(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
	return got.JSON200.Total
}

// read is the cart as it is now.
func read(t *testing.T, shop *shoptest.Shop, cart client.Cart) client.Cart {
	t.Helper()
	got, err := shop.Guest.GetCartWithResponse(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
	return *got.JSON200
}

// What was deleted, archived or switched off is neither left out of an order nor ordered.
func TestALineStaysInItsCartWhateverHappensToItsProduct(t *testing.T) {
	t.Parallel()
	archived := client.ProductStatusARCHIVED
	for name, take := range map[string]func(*testing.T, *shoptest.Shop, client.Product){
		"deleted": func(t *testing.T, shop *shoptest.Shop, product client.Product) {
			got, err := shop.Admin.DeleteProductWithResponse(t.Context(), product.ID.String(), nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, got.StatusCode(), string(got.Body))
		},
		"archived": func(t *testing.T, shop *shoptest.Shop, product client.Product) {
			got, err := shop.Admin.UpdateProductWithApplicationMergePatchPlusJSONBodyWithResponse(
				t.Context(), product.ID.String(), nil, client.ProductPatch{Status: &archived})
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := shoptest.New(t, shoptest.WithoutJobs())
			kept, gone := shop.Product(5, priced("5.00")), shop.Product(5, priced("12.00"))
			cart := shop.Cart(1, gone, kept)
			shown := total(t, shop, cart)
			take(t, shop, gone)

			now := read(t, shop, cart)
			require.Len(t, now.Items, 2)
			line := now.Items[0]
			require.Equal(t, client.CartItemUnavailableReasonNOTFORSALE, *line.UnavailableReason)
			require.False(t, line.Available)
			require.Equal(t, gone.ID, line.ProductID)
			require.Equal(t, gone.Name, line.Name)
			require.Equal(t, client.Money("12.00"), line.Price)
			require.Nil(t, now.Items[1].UnavailableReason)

			before := contents(t, shop)
			for _, expected := range []client.Money{shown, total(t, shop, cart)} {
				refused := placeFor(t, shop, cart, expected)
				require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
				require.Equal(t, "product_not_available", refused.ApplicationProblemJSON409.Code)
				require.Equal(t, "items[0].quantity", refused.ApplicationProblemJSON409.Errors[0].Field)
			}
			set, err := shop.Guest.UpdateCartItemWithResponse(t.Context(), cart.ID, line.ID, nil, client.CartItemUpdate{Quantity: 2})
			require.NoError(t, err)
			require.Equal(t, http.StatusConflict, set.StatusCode(), string(set.Body))
			require.Equal(t, "product_not_available", set.ApplicationProblemJSON409.Code)
			require.Equal(t, before, contents(t, shop))

			removed, err := shop.Guest.RemoveCartItemWithResponse(t.Context(), cart.ID, line.ID, nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, removed.StatusCode(), string(removed.Body))
			require.Len(t, removed.JSON200.Items, 1)
			require.Equal(t, http.StatusCreated, placeFor(t, shop, cart, total(t, shop, cart)).StatusCode())
		})
	}
}

// An order has every line of its cart, or there is none, however close a deletion comes.
func TestADeletionWhileItIsOrderedLosesNoLine(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	const tries = 12
	kept := shop.Product(100, priced("5.00"))
	for range tries {
		gone := shop.Product(5, priced("12.00"))
		cart := shop.Cart(1, gone, kept)
		var both sync.WaitGroup
		both.Go(func() {
			got, err := shop.Admin.DeleteProductWithResponse(t.Context(), gone.ID.String(), nil)
			if err != nil || got.StatusCode() != http.StatusNoContent && got.StatusCode() != http.StatusConflict {
				t.Errorf("the deletion: %v %s", err, got.Body)
			}
		})
		placed, err := shop.Place(t.Context(), cart.ID)
		both.Wait()
		require.NoError(t, err)
		if placed.StatusCode() == http.StatusCreated {
			require.Len(t, placed.JSON201.Items, 2)
			continue
		}
		require.Equal(t, http.StatusConflict, placed.StatusCode(), string(placed.Body))
		require.Equal(t, "product_not_available", placed.ApplicationProblemJSON409.Code)
		require.Len(t, read(t, shop, cart).Items, 2)
	}
}

// A refusal for want of stock tells how much there is.
func TestARefusalForWantOfStockTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(3)
	cart := shop.Cart(1, product)
	four := int32(4)
	for path, body := range map[string]any{
		http.MethodPost + " /items":                               client.CartItemAdd{ProductID: product.ID, Quantity: &four},
		http.MethodPatch + " /items/" + cart.Items[0].ID.String(): client.CartItemUpdate{Quantity: four},
	} {
		var method, at string
		_, err := fmt.Sscan(path, &method, &at)
		require.NoError(t, err)
		got := requireProblem(t, send(t, shop, call{method: method, path: "/carts/" + cart.ID.String() + at, body: toJSON(t, body)}), http.StatusConflict)
		require.Equal(t, "insufficient_inventory", got.Code)
		require.Equal(t, "quantity", got.Errors[0].Field)
		require.Contains(t, got.Errors[0].Message, "3", path)
	}
	two := shop.Cart(3, product)
	shop.Order(2, product)
	placed, err := shop.Place(t.Context(), two.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, placed.StatusCode())
	field := placed.ApplicationProblemJSON409.Errors[0]
	require.Equal(t, "items[0].quantity", field.Field)
	require.Contains(t, field.Message, "1")
}
