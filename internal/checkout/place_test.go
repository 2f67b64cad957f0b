package checkout_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func TestAnOrderCostsWhatItsCartSaid(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(50)
	cart := shop.Cart(2, product)
	placed, err := shop.Place(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode())
	order := placed.JSON201
	require.Equal(t, "399.98", order.Subtotal.String())
	require.Equal(t, "32.00", order.TaxAmount.String())
	require.Equal(t, "431.98", order.TotalAmount.String())
	require.Equal(t, client.OrderStatusPENDING, order.Status)
	require.Equal(t, client.PaymentStatusPENDING, order.PaymentStatus)
	require.Equal(t, client.FulfillmentStatusUNFULFILLED, order.FulfillmentStatus)
	require.EqualValues(t, 48, shop.ReadProduct(product.ID).InventoryQuantity)

	again, err := shop.Place(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, again.StatusCode())
	require.Equal(t, order.ID, again.JSON200.ID)
	require.EqualValues(t, 48, shop.ReadProduct(product.ID).InventoryQuantity, "no more is taken")
}

func TestACartEditedWhileItIsPlacedIsOneOfItsTwoStates(t *testing.T) {
	t.Parallel()
	const rounds = 20
	shop := setup(t)
	product := shop.Product(1000)
	for range rounds {
		cart := shop.Cart(2, product)
		var edited, placed int
		var order client.Order
		shoptest.Together(2, func(who int) {
			if who == 0 {
				answer, err := shop.Guest.UpdateCartItemWithResponse(t.Context(), cart.ID, cart.Items[0].ID, nil, client.CartItemUpdate{Quantity: 5})
				if err != nil {
					t.Error(err)
					return
				}
				edited = answer.StatusCode()
				return
			}
			answer, err := shop.Place(t.Context(), cart.ID)
			if err != nil || answer.StatusCode() != http.StatusCreated {
				t.Errorf("%v %s", err, answer.Body)
				return
			}
			placed, order = answer.StatusCode(), *answer.JSON201
		})
		require.Equal(t, http.StatusCreated, placed)
		switch edited {
		case http.StatusOK:
			require.EqualValues(t, 5, order.Items[0].Quantity)
		case http.StatusConflict:
			require.EqualValues(t, 2, order.Items[0].Quantity)
		default:
			t.Fatalf("the edit answered %d", edited)
		}
	}
}

func TestWhatCannotBeBoughtIsNamedAndNothingIsTaken(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	good, archived, scarce := shop.Product(5), shop.Product(5), shop.Product(5)
	empty, err := shop.Place(t.Context(), shop.Cart(1).ID)
	require.NoError(t, err)
	require.Equal(t, "cart_empty", empty.ApplicationProblemJSON409.Code)
	unknown, err := shop.Place(t.Context(), uuid.New())
	require.NoError(t, err)
	require.GreaterOrEqual(t, unknown.StatusCode(), 400)
	require.Less(t, unknown.StatusCode(), 500)

	withArchived, withScarce := shop.Cart(1, good, archived), shop.Cart(2, good, scarce)
	exec(t, shop, "UPDATE products SET status = 'ARCHIVED' WHERE id = $1", archived.ID)
	refused, err := shop.Place(t.Context(), withArchived.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, refused.StatusCode())
	require.Equal(t, "product_not_available", refused.ApplicationProblemJSON409.Code)
	require.Equal(t, "items[1].quantity", refused.ApplicationProblemJSON409.Errors[0].Field)

	shop.Order(4, scarce)
	refused, err = shop.Place(t.Context(), withScarce.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
	require.Equal(t, "insufficient_inventory", refused.ApplicationProblemJSON409.Code)
	require.Len(t, refused.ApplicationProblemJSON409.Errors, 1)
	require.Equal(t, "items[1].quantity", refused.ApplicationProblemJSON409.Errors[0].Field)

	require.Equal(t, [2]int32{5, 0}, stock(t, shop, good.ID))
	require.EqualValues(t, 1, scan[int](t, shop, "SELECT count(*) FROM orders"))
}

func TestATotalThatStripeCannotChargeIsNotOrdered(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	for price, limit := range map[client.Money]string{"999999.99": "999999.99 USD", "0.20": "0.50 USD"} {
		product := shop.Product(5, func(p *client.ProductCreate) { p.Price = price })
		refused, err := shop.Place(t.Context(), shop.Cart(1, product).ID)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode())
		require.Equal(t, "amount_not_chargeable", refused.ApplicationProblemJSON422.Code)
		require.Contains(t, refused.ApplicationProblemJSON422.Detail, limit)
		require.Equal(t, [2]int32{5, 0}, stock(t, shop, product.ID))
	}
}

func TestOrderNumbersAreUniqueHoweverManyArePlacedAtOnce(t *testing.T) {
	t.Parallel()
	const buyers = 40
	shop := setup(t)
	product := shop.Product(buyers)
	carts, numbers := make([]uuid.UUID, buyers), make([]string, buyers)
	for i := range carts {
		carts[i] = shop.Cart(1, product).ID
	}
	shoptest.Together(buyers, func(i int) {
		placed, err := shop.Place(t.Context(), carts[i])
		if err != nil || placed.StatusCode() != http.StatusCreated {
			t.Errorf("%v %s", err, placed.Body)
			return
		}
		numbers[i] = placed.JSON201.OrderNumber
	})
	seen := map[string]bool{}
	for _, number := range numbers {
		require.Regexp(t, `^ORD-[0-9]+$`, number)
		require.False(t, seen[number], number)
		seen[number] = true
	}
}

func TestAnOrderRemembersWhatWasSold(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(5)
	order := shop.Order(1, product)
	exec(t, shop, "UPDATE products SET name = 'Something else', status = 'ARCHIVED' WHERE id = $1", product.ID)
	exec(t, shop, "UPDATE product_variants SET price_minor = 1, sku = 'other' WHERE product_id = $1", product.ID)
	now := shop.ReadOrder(order.ID)
	require.Equal(t, order.Items, now.Items)
	require.Equal(t, "Wireless Headphones", now.Items[0].ProductSnapshot.Name)
	require.Equal(t, "199.99", now.Items[0].Price.String())
	require.Equal(t, order.TotalAmount, now.TotalAmount)
	exec(t, shop, "UPDATE product_variants SET price_minor = 19999 WHERE product_id = $1", product.ID)
}

func TestStaffMoveAPaidOrderAlong(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	move := func(status client.OrderStatus) *client.UpdateOrderStatusResponse {
		moved, err := shop.Staff.UpdateOrderStatusWithResponse(t.Context(), order.ID, nil, client.OrderStatusUpdate{Status: status})
		require.NoError(t, err)
		return moved
	}
	refused := move(client.OrderStatusPROCESSING)
	require.Equal(t, http.StatusConflict, refused.StatusCode(), "nobody has paid")
	require.Equal(t, "transition_not_allowed", refused.ApplicationProblemJSON409.Code)
	require.Equal(t, "status", refused.ApplicationProblemJSON409.Errors[0].Field)
	pay(t, shop, order.ID, "pm_card_visa")
	require.Equal(t, http.StatusConflict, move(client.OrderStatusDELIVERED).StatusCode())
	for _, status := range []client.OrderStatus{client.OrderStatusPROCESSING, client.OrderStatusSHIPPED, client.OrderStatusDELIVERED} {
		require.Equal(t, status, move(status).JSON200.Status)
		require.Equal(t, status, move(status).JSON200.Status, "saying it twice changes nothing")
	}
	require.Equal(t, client.FulfillmentStatusFULFILLED, shop.ReadOrder(order.ID).FulfillmentStatus)
	cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, cancelled.StatusCode(), "it was delivered")
	require.Zero(t, refunded(shop))
}
