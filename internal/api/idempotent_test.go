package api_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// under is the call with an Idempotency-Key.
func (c call) under(key string) call {
	header := map[string]string{}
	maps.Copy(header, c.header)
	header["Idempotency-Key"] = key
	c.header = header
	return c
}

// holding is the call with the token of a guest's order.
func (c call) holding(order client.Order) call {
	header := map[string]string{}
	maps.Copy(header, c.header)
	header[shoptest.OrderTokenHeader] = *order.OrderToken
	c.header = header
	return c
}

// matching is the call with an If-Match.
func (c call) matching(tags string) call {
	header := map[string]string{}
	maps.Copy(header, c.header)
	header["If-Match"] = tags
	c.header = header
	return c
}

// commands are one good call of each operation that the tests repeat, and the same with another body.
func commands(t *testing.T, shop *shoptest.Shop) map[string][2]call {
	t.Helper()
	admin := shop.Login("admin@example.com").AccessToken
	product := shop.Product(100)
	shown, _ := pictured(t, shop, 1)
	images := "/products/" + product.Slug + "/images"
	toStrip, _ := pictured(t, shop, 1)
	cart, toPlace := shop.Cart(1, product), shop.Cart(3, product)
	toPay, toMove, toCancel := shop.Order(1, product), shop.Order(1, product), shop.Order(1, product)
	toSend, toRefund, toTake := shop.Order(9, product), shop.Order(1, product), shop.Order(1, product)
	hold(t, shop, toTake)
	for _, order := range []client.Order{toMove, toSend, toRefund} {
		_, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
		require.NoError(t, err)
	}
	for range 4 { // one may be taken back before another is returned
		fulfill(t, shop, toSend, 1)
	}
	const sentBack = `{"items":[{"orderItemId":"%s","quantity":1,"reason":"%s"}]}`
	const come = `{"items":[{"orderItemId":"%s","receivedQuantity":1,"restockedQuantity":%d}]}`
	line, lineToRefund := toSend.Items[0].ID.String(), toRefund.Items[0].ID.String()
	approved, received := returnOf(t, shop, toSend.ID, line), returnOf(t, shop, toRefund.ID, lineToRefund)
	_, err := shop.DB.Exec(t.Context(), `WITH came AS (UPDATE return_items SET received = 1 WHERE return_id = $2)
		UPDATE returns SET status = CASE id WHEN $1 THEN 'APPROVED' ELSE 'RECEIVED' END WHERE id IN ($1, $2)`, approved, received)
	require.NoError(t, err)
	toDeliver, toTakeBack := fulfill(t, shop, toSend, 1), fulfill(t, shop, toSend, 1)
	pair := func(method, path, token, body, other string) [2]call {
		c := call{method: method, path: path, token: token, body: body}
		d := c
		d.body = other
		return [2]call{c, d}
	}
	item := "/carts/" + cart.ID.String() + "/items/" + cart.Items[0].ID.String()
	place := `{"cartId":"%s","email":"%s@example.com","shippingAddress":` + toJSON(t, shoptest.Address()) + `}`
	create := `{"name":"n","sku":"sku-1","price":%d,"categoryId":"` + product.CategoryID.String() + `"}`
	patch := func(path, body, other string) [2]call {
		both := pair(http.MethodPatch, path, admin, body, other)
		both[0].media, both[1].media = mergePatch, mergePatch
		return both
	}
	toPayPair := pair(http.MethodPost, "/orders/"+toPay.ID.String()+"/payment", "",
		`{"paymentMethodId":"pm_card_visa"}`, `{"paymentMethodId":"pm_card_mastercard"}`)
	for i := range toPayPair {
		toPayPair[i] = toPayPair[i].holding(toPay)
	}
	// What takes no body is another command at another address.
	bare := func(method, path string) [2]call {
		both := pair(method, path, admin, "", "")
		both[1].path += "?another=1"
		return both
	}
	again := bare(http.MethodPost, "/orders/"+toPay.ID.String()+"/reorder")
	for i := range again {
		again[i].token = ""
		again[i] = again[i].holding(toPay)
	}
	toPatch, toArchive, toDelete, shelf := shop.Product(1), shop.Product(1), shop.Product(1), shop.Product(1)
	variants := shop.Product(1, func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{{Name: "a", SKU: "sku-a"}, {Name: "b", SKU: "sku-b"}}
	})
	of := func(p client.Product) string { return "/products/" + p.ID.String() }
	variant := func(i int) string { return of(variants) + "/variants/" + variants.Variants[i].ID.String() }
	holder := uuid.MustParse(self(t, shop.Admin))
	toPropose, _ := cardOf(t, shop, holder)
	toRemove, _ := cardOf(t, shop, holder)
	_, err = shop.DB.Exec(t.Context(), "UPDATE payment_customers SET customer_id = NULL") // whom Stripe is to make
	require.NoError(t, err)
	return map[string][2]call{
		"createCardSetup":    pair(http.MethodPost, "/account/card-setups", admin, `{"paymentMethodId":"pm_card_visa"}`, `{}`),
		"updateCard":         patch("/account/cards/"+toPropose, `{"isDefault":true}`, `{}`),
		"deleteCard":         bare(http.MethodDelete, "/account/cards/"+toRemove),
		"updateCategory":     patch("/categories/"+shelf.CategoryID.String(), `{"sortOrder":1}`, `{"sortOrder":2}`),
		"deleteCategory":     bare(http.MethodDelete, "/categories/"+category(t, shop, "to-delete", nil).Slug),
		"updateProduct":      patch(of(toPatch), `{"price":1}`, `{"price":2}`),
		"archiveProduct":     bare(http.MethodPost, of(toArchive)+"/archive"),
		"deleteProduct":      bare(http.MethodDelete, of(toDelete)),
		"createVariant":      pair(http.MethodPost, of(shelf)+"/variants", admin, `{"name":"v","sku":"sku-v"}`, `{"name":"w","sku":"sku-v"}`),
		"updateVariant":      patch(variant(1), `{"weight":1}`, `{"weight":2}`),
		"deleteVariant":      bare(http.MethodDelete, variant(2)),
		"createCategory":     pair(http.MethodPost, "/categories", admin, `{"name":"a","slug":"a"}`, `{"name":"b","slug":"a"}`),
		"createProduct":      pair(http.MethodPost, "/products", admin, fmt.Sprintf(create, 1), fmt.Sprintf(create, 2)),
		"createCart":         pair(http.MethodPost, "/carts", admin, `{"sessionId":"a"}`, `{"sessionId":"b"}`),
		"addProductImage":    pair(http.MethodPost, images, admin, `{"url":"https://example.com/a"}`, `{"url":"https://example.com/b"}`),
		"updateProductImage": patch("/products/"+shown.Slug+"/images/"+shown.Images[0].ID.String(), `{"altText":"a"}`, `{"altText":null}`),
		"deleteProductImage": bare(http.MethodDelete, "/products/"+toStrip.Slug+"/images/"+toStrip.Images[0].ID.String()),
		"reorderProductImages": pair(http.MethodPut, "/products/"+shown.Slug+"/images/order", admin,
			fmt.Sprintf(`{"imageIds":["%s"]}`, shown.Images[0].ID), `{"imageIds":[]}`),
		"uploadProductImage": {upload(t, images, admin, picture(t, 1)), upload(t, images, admin, picture(t, 2))},
		"addCartItem": pair(http.MethodPost, "/carts/"+cart.ID.String()+"/items", "",
			fmt.Sprintf(`{"productId":"%s","quantity":2}`, product.ID), fmt.Sprintf(`{"productId":"%s","quantity":3}`, product.ID)),
		"updateCartItem": pair(http.MethodPatch, item, "", `{"quantity":5}`, `{"quantity":6}`),
		"placeOrder": pair(http.MethodPost, "/orders/from-cart", "",
			fmt.Sprintf(place, toPlace.ID, "a"), fmt.Sprintf(place, toPlace.ID, "b")),
		"payOrder":          toPayPair,
		"claimCart":         bare(http.MethodPost, "/carts/"+shop.Cart(1, product).ID.String()+"/claim"),
		"repeatOrder":       again,
		"updateOrderStatus": pair(http.MethodPost, "/orders/"+toMove.ID.String()+"/status", admin, `{"status":"PROCESSING"}`, `{"status":"SHIPPED"}`),
		"addOrderNote":      pair(http.MethodPost, "/orders/"+toPay.ID.String()+"/notes", admin, `{"text":"a"}`, `{"text":"b"}`),
		"captureOrder":      bare(http.MethodPost, "/orders/"+toTake.ID.String()+"/capture"),
		"fulfillOrder": pair(http.MethodPost, "/orders/"+toSend.ID.String()+"/fulfillments", admin,
			fmt.Sprintf(`{"items":[{"orderItemId":"%s","quantity":2}]}`, toSend.Items[0].ID), `{}`),
		"deliverFulfillment":    bare(http.MethodPost, "/orders/"+toSend.ID.String()+"/fulfillments/"+toDeliver.ID.String()+"/deliver"),
		"cancelFulfillment":     bare(http.MethodPost, "/orders/"+toSend.ID.String()+"/fulfillments/"+toTakeBack.ID.String()+"/cancel"),
		"replayStripeEvent":     bare(http.MethodPost, "/webhooks/stripe/events/"+eventOf(t, shop)+"/replay"),
		"dismissPaymentFinding": pair(http.MethodPost, "/payments/findings/"+findingOf(t, shop)+"/dismiss", admin, `{"note":"a"}`, `{"note":"b"}`),
		"requestReturn":         pair(http.MethodPost, "/orders/"+toSend.ID.String()+"/returns", admin, fmt.Sprintf(sentBack, line, "OTHER"), fmt.Sprintf(sentBack, line, "DAMAGED")),
		"cancelReturn":          bare(http.MethodPost, "/orders/"+toSend.ID.String()+"/returns/"+returnOf(t, shop, toSend.ID, line)+"/cancel"),
		"approveReturn":         bare(http.MethodPost, "/returns/"+returnOf(t, shop, toSend.ID, line)+"/approve"),
		"rejectReturn":          pair(http.MethodPost, "/returns/"+returnOf(t, shop, toSend.ID, line)+"/reject", admin, `{"reason":"a"}`, `{"reason":"b"}`),
		"receiveReturn":         pair(http.MethodPost, "/returns/"+approved+"/receive", admin, fmt.Sprintf(come, line, 1), fmt.Sprintf(come, line, 0)),
		"refundReturn":          pair(http.MethodPost, "/returns/"+received+"/refund", admin, `{"fee":1}`, `{"fee":2}`),
		"refundOrder":           pair(http.MethodPost, "/orders/"+toRefund.ID.String()+"/refunds", admin, `{"amount":1}`, `{"amount":2}`),
		"cancelOrder":           pair(http.MethodPost, "/orders/"+toCancel.ID.String()+"/cancel", admin, `{}`, `{"reason":"other"}`),
	}
}

func TestARepeatedCommandAnswersTheSameAndDoesNothing(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	for id, pair := range commands(t, shop) {
		t.Run(id, func(t *testing.T) {
			key := uuid.NewString()
			first := send(t, shop, pair[0].under(key))
			require.Less(t, first.status, 300, first.body)
			require.Empty(t, first.header.Get("Idempotency-Replayed"))
			before, charges := contents(t, shop), len(shop.Stripe.Charges())
			for _, same := range []string{key, `"` + key + `"`} {
				again := send(t, shop, pair[0].under(same))
				require.Equal(t, first.status, again.status)
				require.Equal(t, first.body, again.body)
				require.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
				require.Equal(t, first.header.Get("ETag"), again.header.Get("ETag"))
				require.Equal(t, first.header.Get("Content-Type"), again.header.Get("Content-Type"))
				require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
			}
			other := requireProblem(t, send(t, shop, pair[1].under(key)), http.StatusUnprocessableEntity)
			require.Equal(t, "idempotency_key_reused", other.Code)
			release := occupy(t, shop, scopeOf(t, shop, key), key)
			inUse := requireProblem(t, send(t, shop, pair[0].under(key)), http.StatusConflict)
			require.Equal(t, "idempotency_key_in_use", inUse.Code)
			release()
			require.Equal(t, before, contents(t, shop))
			require.Len(t, shop.Stripe.Charges(), charges)
		})
	}
}

// occupy holds a key as a request does that is still running.
func occupy(t *testing.T, shop *shoptest.Shop, scope, key string) (release func()) {
	t.Helper()
	tx, err := shop.DB.Pool().BeginTx(t.Context(), pgx.TxOptions{})
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 0))`, scope, key)
	require.NoError(t, err)
	return func() { require.NoError(t, tx.Rollback(context.WithoutCancel(t.Context()))) }
}

// scopeOf is who used a key, and for what.
func scopeOf(t *testing.T, shop *shoptest.Shop, key string) (scope string) {
	t.Helper()
	require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT scope FROM idempotency_keys WHERE key = $1`, key).Scan(&scope))
	return scope
}

func TestARefusalOfTheDoorIsNotKept(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	key := uuid.NewString()
	c := call{method: http.MethodPost, path: "/carts", body: `{"sessionId":""}`}
	requireField(t, send(t, shop, c.under(key)), client.FieldLocationBODY, "sessionId")
	c.body = `{"sessionId":"a"}`
	got := send(t, shop, c.under(key))
	require.Equal(t, http.StatusCreated, got.status, got.body)

	// A refusal that only the handler can make is no different.
	key = uuid.NewString()
	product := shop.Product(1)
	c = call{
		method: http.MethodPost, path: "/carts/" + shop.Cart(0).ID.String() + "/items",
		body: fmt.Sprintf(`{"productId":"%s"}`, uuid.NewString()),
	}
	requireField(t, send(t, shop, c.under(key)), client.FieldLocationBODY, "productId")
	c.body = fmt.Sprintf(`{"productId":"%s"}`, product.ID)
	got = send(t, shop, c.under(key))
	require.Equal(t, http.StatusCreated, got.status, got.body)
}

func TestARefusedCommandIsKept(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(1)
	first, second := shop.Cart(1, product), shop.Cart(1, product)
	order, err := shop.Place(t.Context(), first.ID)
	require.NoError(t, err)
	place := call{method: http.MethodPost, path: "/orders/from-cart", body: toJSON(t, client.OrderPlace{
		CartID: second.ID, Email: "customer@example.com", ShippingAddress: shoptest.Address(),
	})}.under(uuid.NewString())
	before := contents(t, shop)
	refused := send(t, shop, place)
	require.Equal(t, "insufficient_inventory", requireProblem(t, refused, http.StatusConflict).Code)
	after := contents(t, shop)
	delete(before, "idempotency_keys")
	delete(after, "idempotency_keys")
	require.Equal(t, before, after, "the refusal is kept without the half of the command that ran")

	cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.JSON201.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, cancelled.StatusCode(), string(cancelled.Body))
	again := send(t, shop, place)
	require.Equal(t, refused.body, again.body, "there is stock now, but this key has its answer")
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	fresh := send(t, shop, place.under(uuid.NewString()))
	require.Equal(t, http.StatusCreated, fresh.status, fresh.body)
}

func TestADeclinedPaymentIsKept(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	order := shop.Order(1, shop.Product(1))
	pay := call{
		method: http.MethodPost, path: "/orders/" + order.ID.String() + "/payment",
		body: `{"paymentMethodId":"pm_card_chargeDeclinedInsufficientFunds"}`,
	}.holding(order).under(uuid.NewString())
	first := send(t, shop, pay)
	problem := requireProblem(t, first, http.StatusPaymentRequired)
	require.Equal(t, "insufficient_funds", *problem.DeclineCode)
	require.Equal(t, first.body, send(t, shop, pay).body)
	require.Len(t, shop.Stripe.Charges(), 1)
}

func TestOnesKeyIsNotAnothers(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	key := uuid.NewString()
	seen := map[string]bool{}
	for _, token := range []string{"", shop.Login("staff@example.com").AccessToken, shop.Login("admin@example.com").AccessToken} {
		c := call{method: http.MethodPost, path: "/carts", body: `{}`, token: token}.under(key)
		made := send(t, shop, c)
		require.Equal(t, http.StatusCreated, made.status, made.body)
		require.Empty(t, made.header.Get("Idempotency-Replayed"))
		seen[made.header.Get("Location")] = true
		require.Equal(t, made.body, send(t, shop, c).body)
	}
	require.Len(t, seen, 3)
	t.Run("nor is one guest's, who names another session or cart", func(t *testing.T) {
		product := shop.Product(10)
		place := func() string {
			return toJSON(t, client.OrderPlace{
				CartID: shop.Cart(1, product).ID, Email: "customer@example.com", ShippingAddress: shoptest.Address(),
			})
		}
		for path, bodies := range map[string][2]string{
			"/carts": {`{"sessionId":"a"}`, `{"sessionId":"b"}`}, "/orders/from-cart": {place(), place()},
		} {
			made := map[string]bool{}
			for _, body := range bodies {
				c := call{method: http.MethodPost, path: path, body: body}.under("1")
				got := send(t, shop, c)
				require.Equal(t, http.StatusCreated, got.status, got.body)
				require.Empty(t, got.header.Get("Idempotency-Replayed"))
				require.Equal(t, got.body, send(t, shop, c).body)
				made[got.header.Get("Location")] = true
			}
			require.Len(t, made, 2, path)
		}
	})
	t.Run("nor is one guest's, who names nothing but the key", func(t *testing.T) {
		c := call{method: http.MethodPost, path: "/carts", body: `{}`}
		for _, short := range []string{"1", "123456789012345", `"123456789012345"`} {
			refused := send(t, shop, c.under(short))
			requireField(t, refused, client.FieldLocationHEADER, "Idempotency-Key")
			require.Equal(t, "too_short", refused.problem.Errors[0].Code)
		}
		require.Equal(t, http.StatusCreated, send(t, shop, c.under("1234567890123456")).status)
		c.token = shop.Login("staff@example.com").AccessToken
		require.Equal(t, http.StatusOK, send(t, shop, c.under("1")).status, "users have their own, and a cart by now")
	})
	// A token that lost its right is not answered what it was allowed before.
	requireProblem(t, send(t, shop, call{method: http.MethodPost, path: "/carts", body: `{}`, token: "stale"}.under(key)), http.StatusUnauthorized)
}

func TestAKeyUsedTwentyTimesAtOnceAddsOnce(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(100)
	cart := shop.Cart(0)
	add := call{
		method: http.MethodPost, path: "/carts/" + cart.ID.String() + "/items",
		body: fmt.Sprintf(`{"productId":"%s","quantity":2}`, product.ID),
	}.under(uuid.NewString())
	got := make([]answer, 20)
	shoptest.Together(len(got), func(i int) { got[i] = send(t, shop, add) })
	bodies := map[string]bool{}
	for _, one := range got {
		if one.status == http.StatusCreated {
			bodies[one.body] = true
			continue
		}
		require.Equal(t, "idempotency_key_in_use", requireProblem(t, one, http.StatusConflict).Code)
		require.NotEmpty(t, one.header.Get("Retry-After"))
	}
	require.Len(t, bodies, 1)
	read, err := shop.Guest.GetCartWithResponse(t.Context(), cart.ID)
	require.NoError(t, err)
	require.EqualValues(t, 2, read.JSON200.ItemCount)
}

// A key is looked at before what its command is about; TestARepeatedCommandAnswersTheSameAndDoesNothing tells it of others.
func TestAKeyIsInUseWhateverItsCommandIsAbout(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	admin, key := shop.Login("admin@example.com").AccessToken, uuid.NewString()
	first := send(t, shop, call{method: http.MethodPost, path: "/carts", body: `{}`, token: admin}.under(key))
	require.Equal(t, http.StatusCreated, first.status, first.body)
	who, found := strings.CutSuffix(scopeOf(t, shop, key), "POST /api/v1/carts")
	require.True(t, found)
	about := []string{
		"updateProfile", "endSession", "updateAddress", "deleteAddress", "revokeApiKey", "revokeInvitation", "reactivateStaffMember",
	}
	for _, o := range operations(t) {
		if !slices.Contains(about, o.id) {
			continue
		}
		body := ""
		if example := o.example(t); example != nil {
			body = toJSON(t, example)
		}
		c := o.as(admin, o.address("", ""), body).under(key)
		release := occupy(t, shop, who+c.method+" /api/v1"+c.path, key)
		got := send(t, shop, c)
		release()
		require.Equal(t, http.StatusConflict, got.status, "%s: %s", o.id, got.body)
		require.Equal(t, "idempotency_key_in_use", got.problem.Code, o.id)
	}
}
