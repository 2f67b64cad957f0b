package api_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

func cancelled(t *testing.T, as *client.ClientWithResponses, order uuid.UUID) *client.CancelOrderResponse {
	t.Helper()
	got, err := as.CancelOrderWithResponse(t.Context(), order, nil, client.OrderCancel{})
	require.NoError(t, err)
	return got
}

// After a decline the last unit is the shopper's own again at once.
func TestAShopperDropsAnUnpaidOrderAndOrdersAgain(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	for who, as := range map[string]*client.ClientWithResponses{"a guest": shop.Guest, "a customer": shop.User("c@example.com", auth.Customer)} {
		t.Run(who, func(t *testing.T) {
			last := shop.Product(1)
			cart, err := as.CreateCartWithResponse(t.Context(), nil, client.CartCreate{})
			require.NoError(t, err)
			_, err = as.AddCartItemWithResponse(t.Context(), cart.JSON201.ID, nil, client.CartItemAdd{ProductID: last.ID})
			require.NoError(t, err)
			place := client.OrderPlace{CartID: cart.JSON201.ID, Email: "c@example.com", ShippingAddress: shoptest.Address()}
			placed, err := as.PlaceOrderWithResponse(t.Context(), nil, place)
			require.NoError(t, err)
			require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
			order := placed.JSON201.ID
			declined, err := as.PayOrderWithResponse(t.Context(), order, nil, client.PaymentCreate{PaymentMethodID: ptr("pm_card_visa_chargeDeclined")})
			require.NoError(t, err)
			require.Equal(t, http.StatusPaymentRequired, declined.StatusCode(), string(declined.Body))

			for range 2 { // the second changes nothing
				got := cancelled(t, as, order)
				require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
				require.Equal(t, client.OrderStatusCANCELLED, got.JSON200.Status)
			}
			require.EqualValues(t, 1, shop.ReadProduct(last.ID).InventoryQuantity)

			var filled *client.RepeatOrderResponse
			for range 2 {
				filled, err = as.RepeatOrderWithResponse(t.Context(), order, nil)
				require.NoError(t, err)
				require.Equal(t, http.StatusOK, filled.StatusCode(), string(filled.Body))
				require.Len(t, filled.JSON200.Items, 1)
				require.EqualValues(t, 1, filled.JSON200.Items[0].Quantity)
				require.True(t, filled.JSON200.Items[0].Available)
			}
			place.CartID = filled.JSON200.ID
			again, err := as.PlaceOrderWithResponse(t.Context(), nil, place)
			require.NoError(t, err)
			require.Equal(t, http.StatusCreated, again.StatusCode(), string(again.Body))
			paid, err := as.PayOrderWithResponse(t.Context(), again.JSON201.ID, nil, client.PaymentCreate{PaymentMethodID: ptr("pm_card_visa")})
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))

			refused := cancelled(t, as, again.JSON201.ID)
			require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
			require.Equal(t, "order_already_paid", refused.ApplicationProblemJSON409.Code)
			read, err := as.GetOrderWithResponse(t.Context(), again.JSON201.ID, nil)
			require.NoError(t, err)
			require.Equal(t, client.PaymentStatusPAID, read.JSON200.PaymentStatus)
		})
	}
}

// Whichever comes first, an order is either paid or cancelled, and no money stays without goods.
func TestAShopperPaysOrDropsAnOrderButNotBoth(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(20)
	for range 8 {
		order := shop.Order(1, product)
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := shop.Pay(t.Context(), order.ID, "pm_card_visa"); err != nil {
				t.Error(err)
			}
		})
		got := cancelled(t, shop.Guest, order.ID)
		both.Wait()
		after := shop.ReadOrder(order.ID)
		if got.StatusCode() == http.StatusOK {
			require.Equal(t, client.OrderStatusCANCELLED, after.Status)
			require.NotEqual(t, client.PaymentStatusPAID, after.PaymentStatus)
			continue
		}
		require.Equal(t, http.StatusConflict, got.StatusCode(), string(got.Body))
		require.Contains(t, []string{"order_already_paid", "payment_in_progress"}, got.ApplicationProblemJSON409.Code)
		require.Equal(t, client.PaymentStatusPAID, after.PaymentStatus)
	}
	require.NoError(t, shop.CatchUp(t.Context()))
}

// A cart is filled with what there is: at today's prices, as far as there are units, and with what it had before.
func TestAnOrderIsPutIntoACartAsItWouldBeOrderedToday(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	somebody := shop.User("c@example.com", auth.Customer)
	scarce, archived, plain, other := shop.Product(5), shop.Product(5), shop.Product(5), shop.Product(5)
	opened, err := somebody.CreateCartWithResponse(t.Context(), nil, client.CartCreate{})
	require.NoError(t, err)
	put := func(cart uuid.UUID, product client.Product, quantity int32) {
		got, err := somebody.AddCartItemWithResponse(t.Context(), cart, nil, client.CartItemAdd{ProductID: product.ID, Quantity: &quantity})
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, got.StatusCode(), string(got.Body))
	}
	for _, product := range []client.Product{scarce, archived, plain} {
		put(opened.JSON201.ID, product, 3)
	}
	placed, err := somebody.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
		CartID: opened.JSON201.ID, Email: "c@example.com", ShippingAddress: shoptest.Address(),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
	off, price := client.ProductStatusARCHIVED, client.Money("7.00")
	for product, change := range map[uuid.UUID]client.ProductPatch{archived.ID: {Status: &off}, plain.ID: {Price: &price}} {
		got, err := shop.Admin.UpdateProductWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), product.String(), nil, change)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
	}
	next, err := somebody.CreateCartWithResponse(t.Context(), nil, client.CartCreate{})
	require.NoError(t, err)
	put(next.JSON201.ID, other, 2)
	put(next.JSON201.ID, plain, 1)

	filled, err := somebody.RepeatOrderWithResponse(t.Context(), placed.JSON201.ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, filled.StatusCode(), string(filled.Body))
	require.Equal(t, next.JSON201.ID, filled.JSON200.ID, "it is the customer's one open cart")
	lines := map[uuid.UUID]client.CartItem{}
	for _, item := range filled.JSON200.Items {
		lines[item.ProductID] = item
	}
	require.Len(t, lines, 4)
	require.EqualValues(t, 2, lines[other.ID].Quantity)
	require.EqualValues(t, 2, lines[scarce.ID].Quantity, "the order holds the others")
	require.EqualValues(t, 2, lines[plain.ID].Quantity)
	require.Equal(t, price, lines[plain.ID].Price)
	require.EqualValues(t, 3, lines[archived.ID].Quantity)
	require.Equal(t, client.CartItemUnavailableReasonNOTFORSALE, *lines[archived.ID].UnavailableReason)
}

// While a bank decides on a payment, the order has no end that it could miss.
func TestAnOrderThatABankDecidesOnHasNoTimeToExpire(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	order := shop.Order(1, shop.Product(1))
	require.NotNil(t, order.ExpiresAt)
	paying, err := shop.Pay(t.Context(), order.ID, "pm_usBankAccount_processing")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paying.StatusCode(), string(paying.Body))
	require.Nil(t, paying.JSON200.Order.ExpiresAt)
	require.Nil(t, shop.ReadOrder(order.ID).ExpiresAt)
}
