package api_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
	"cartwright/internal/payments/stripesim"
)

// What no other test meets: together they meet every status that the spec documents, and TestMain
// makes sure of that.

func TestSigningInAndStayingSignedIn(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.User("customer@example.com", auth.Customer)
	refused := map[string]string{}
	for name, login := range map[string]client.UserLogin{
		"wrong password": {Email: "customer@example.com", Password: "wrong"},
		"unknown":        {Email: "nobody@example.com", Password: shoptest.Password},
	} {
		got, err := shop.Guest.LoginUserWithResponse(t.Context(), login)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnauthorized, got.StatusCode())
		require.Equal(t, "invalid_credentials", got.ApplicationProblemJSON401.Code)
		refused[got.ApplicationProblemJSON401.Detail] = name
	}
	require.Len(t, refused, 1, "both are refused in the same words")

	pair := shop.Login("CUSTOMER@example.com")
	require.Equal(t, "Bearer", pair.TokenType)
	refresh := func(token string) *client.RefreshTokensResponse {
		got, err := shop.Guest.RefreshTokensWithResponse(t.Context(), nil, client.TokenRefresh{RefreshToken: token})
		require.NoError(t, err)
		return got
	}
	next := refresh(pair.RefreshToken)
	require.Equal(t, http.StatusOK, next.StatusCode())
	again := refresh(pair.RefreshToken)
	require.Equal(t, http.StatusUnauthorized, again.StatusCode())
	require.Equal(t, "invalid_token", again.ApplicationProblemJSON401.Code)
	require.Equal(t, http.StatusUnauthorized, refresh(next.JSON200.RefreshToken).StatusCode(), "its family has ended")
}

func TestALineCanBeChangedAndRemovedUntilTheCartIsBought(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	lamp, cable := shop.Product(5), shop.Product(5)
	cart := shop.Cart(1, lamp, cable)
	line := cart.Items[0].ID
	set := func(quantity int32) *client.UpdateCartItemResponse {
		got, err := shop.Guest.UpdateCartItemWithResponse(t.Context(), cart.ID, line, nil, client.CartItemUpdate{Quantity: quantity})
		require.NoError(t, err)
		return got
	}
	changed := set(5)
	require.Equal(t, http.StatusOK, changed.StatusCode(), string(changed.Body))
	require.EqualValues(t, 6, changed.JSON200.ItemCount)
	short := set(6)
	require.Equal(t, http.StatusConflict, short.StatusCode())
	require.Equal(t, "insufficient_inventory", short.ApplicationProblemJSON409.Code)
	require.Equal(t, "quantity", short.ApplicationProblemJSON409.Errors[0].Field)

	removed, err := shop.Guest.RemoveCartItemWithResponse(t.Context(), cart.ID, cart.Items[1].ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, removed.StatusCode())
	require.Len(t, removed.JSON200.Items, 1)

	placed, err := shop.Place(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode())
	again, err := shop.Place(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, again.StatusCode())
	require.Equal(t, placed.JSON201.ID, again.JSON200.ID)
	require.Equal(t, "cart_converted", set(1).ApplicationProblemJSON409.Code)
	gone, err := shop.Guest.RemoveCartItemWithResponse(t.Context(), cart.ID, line, nil)
	require.NoError(t, err)
	require.Equal(t, "cart_converted", gone.ApplicationProblemJSON409.Code)
	require.Zero(t, shop.ReadProduct(lamp.ID).InventoryQuantity)
	require.EqualValues(t, 5, shop.ReadProduct(cable.ID).InventoryQuantity)
}

func TestACategoryHasANameAndASlugOfItsOwn(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	add := func(name, slug string) *client.CreateCategoryResponse {
		got, err := shop.Admin.CreateCategoryWithResponse(t.Context(), nil, client.CategoryCreate{Name: name, Slug: slug})
		require.NoError(t, err)
		return got
	}
	require.Equal(t, http.StatusCreated, add("Lamps", "lamps").StatusCode())
	require.Equal(t, "category_slug_taken", add("Other", "lamps").ApplicationProblemJSON409.Code)
	require.Equal(t, "category_name_taken", add("Lamps", "other").ApplicationProblemJSON409.Code)
	require.Equal(t, "slug", add("Id", uuid.NewString()).ApplicationProblemJSON422.Errors[0].Field)
}

func TestAKeyIsInUseWhileItsCommandRuns(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	key := uuid.NewString()
	release := occupy(t, shop, "guest POST /api/v1/carts", key)
	create := func() *client.CreateCartResponse {
		got, err := shop.Guest.CreateCartWithResponse(t.Context(), &client.CreateCartParams{IdempotencyKey: &key}, client.CartCreate{})
		require.NoError(t, err)
		return got
	}
	busy := create()
	require.Equal(t, http.StatusConflict, busy.StatusCode())
	require.Equal(t, "idempotency_key_in_use", busy.ApplicationProblemJSON409.Code)
	require.Equal(t, "1", busy.HTTPResponse.Header.Get("Retry-After"))
	release()
	require.Equal(t, http.StatusCreated, create().StatusCode())
}

func TestStaffMoveAnOrderForwardOnly(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	order := shop.Order(1, shop.Product(5))
	move := func(status client.OrderStatus) *client.UpdateOrderStatusResponse {
		got, err := shop.Staff.UpdateOrderStatusWithResponse(t.Context(), order.ID, nil, client.OrderStatusUpdate{Status: status})
		require.NoError(t, err)
		return got
	}
	require.Equal(t, "transition_not_allowed", move(client.OrderStatusSHIPPED).ApplicationProblemJSON409.Code)
	_, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
	require.NoError(t, err)
	for _, status := range []client.OrderStatus{client.OrderStatusPROCESSING, client.OrderStatusSHIPPED, client.OrderStatusDELIVERED} {
		moved := move(status)
		require.Equal(t, http.StatusOK, moved.StatusCode(), string(moved.Body))
		require.Equal(t, status, moved.JSON200.Status)
	}
	require.Equal(t, http.StatusConflict, move(client.OrderStatusPENDING).StatusCode())
	cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, cancelled.StatusCode())
	require.Equal(t, "transition_not_allowed", cancelled.ApplicationProblemJSON409.Code)
}

func TestAnOrderIsNotCancelledWhileStripeCannotBeAsked(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks(),
		shoptest.WithIntercept(func(stripesim.Call) stripesim.Fault {
			if down.Load() {
				return stripesim.RateLimit
			}
			return stripesim.Proceed
		}))
	product := shop.Product(5)
	order := shop.Order(1, product)
	begun, err := shop.Guest.PayOrderWithResponse(t.Context(), order.ID, nil, client.PaymentCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, begun.StatusCode(), string(begun.Body))
	require.NotEmpty(t, begun.JSON200.PaymentIntent.ClientSecret)
	down.Store(true)
	got, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, got.StatusCode(), string(got.Body))
	require.NotEmpty(t, got.HTTPResponse.Header.Get("Retry-After"))
	require.EqualValues(t, 4, shop.ReadProduct(product.ID).InventoryQuantity, "its stock is still held")
	require.Equal(t, client.OrderStatusPENDING, shop.ReadOrder(order.ID).Status)
}

func TestAWebhookIsTakenByItsSignatureAlone(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	payload := `{"id":"evt_1","object":"event","type":"customer.created","api_version":"2023-10-16","data":{"object":{}}}`
	sign := func(secret string, at time.Time) string {
		return stripesim.Signature([]byte(payload), secret, at)
	}
	deliver := func(signature string) *client.ReceiveStripeWebhookResponse {
		params := &client.ReceiveStripeWebhookParams{StripeSignature: &signature}
		got, err := shop.Guest.ReceiveStripeWebhookWithBodyWithResponse(t.Context(), params, "application/json", strings.NewReader(payload))
		require.NoError(t, err)
		return got
	}
	before := contents(t, shop)
	for name, signature := range map[string]string{
		"none": "", "nonsense": "t=1,v1=00", "endless": "t=1,v1=" + strings.Repeat("0", 5000),
		"another secret": sign("whsec_other", time.Now()), "old": sign(shoptest.WebhookSecret, time.Now().Add(-time.Hour)),
	} {
		got := deliver(signature)
		require.Equal(t, http.StatusBadRequest, got.StatusCode(), name)
		require.Equal(t, "webhook_signature_invalid", got.ApplicationProblemJSON400.Code, name)
	}
	t.Run("which no empty body has", func(t *testing.T) {
		params := &client.ReceiveStripeWebhookParams{StripeSignature: ptr(sign(shoptest.WebhookSecret, time.Now()))}
		for name, kind := range map[string]string{"JSON": "application/json", "text": "text/plain", "nothing": ""} {
			for _, body := range []io.Reader{nil, strings.NewReader(""), io.MultiReader()} { // the last without a length
				got, err := shop.Guest.ReceiveStripeWebhookWithBodyWithResponse(t.Context(), params, kind, body)
				require.NoError(t, err)
				require.Equal(t, http.StatusBadRequest, got.StatusCode(), name)
				require.Equal(t, "webhook_signature_invalid", got.ApplicationProblemJSON400.Code, name)
			}
		}
	})
	require.Equal(t, before, contents(t, shop))
	for range 2 {
		require.True(t, deliver(sign(shoptest.WebhookSecret, time.Now())).JSON200.Received)
	}
}
