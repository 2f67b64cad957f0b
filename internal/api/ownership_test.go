package api_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
	"cartwright/internal/orders"
	paging "cartwright/internal/page"
)

// askers are all who may ask for a cart or an order, by what they are to it, with their tokens.
func askers(t *testing.T, shop *shoptest.Shop) map[string]string {
	t.Helper()
	for _, name := range []string{"owner", "other"} {
		shop.User(name+"@example.com", auth.Customer)
	}
	shop.User("reader@example.com", auth.Staff)
	shop.User("clerk@example.com", auth.Staff)
	for name, permissions := range map[string]string{"reader": "{orders:read}", "clerk": "{catalogue:read}"} {
		_, err := shop.DB.Exec(t.Context(), "UPDATE users SET permissions = $2::text[] WHERE email = $1", name+"@example.com", permissions)
		require.NoError(t, err)
	}
	tokens := map[string]string{"guest": ""}
	for _, name := range []string{"owner", "other", "reader", "clerk", "staff", "admin"} {
		tokens[name] = shop.Login(name + "@example.com").AccessToken
	}
	return tokens
}

// theirs opens a cart for who signs in with the token, or for a guest.
func theirs(t *testing.T, shop *shoptest.Shop, token string, product client.Product) client.Cart {
	t.Helper()
	as := shop.As(token)
	opened, err := as.CreateCartWithResponse(t.Context(), nil, client.CartCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, opened.StatusCode(), string(opened.Body))
	added, err := as.AddCartItemWithResponse(t.Context(), opened.JSON201.ID, nil, client.CartItemAdd{ProductID: product.ID})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, added.StatusCode(), string(added.Body))
	return *added.JSON201
}

func placing(t *testing.T, cart uuid.UUID) string {
	t.Helper()
	return toJSON(t, client.OrderPlace{CartID: cart, Email: "customer@example.com", ShippingAddress: shoptest.Address()})
}

// refusedEach sends the calls as everybody but those allowed, and wants 404 for each and nothing changed.
func refusedEach(t *testing.T, shop *shoptest.Shop, tokens map[string]string, calls map[string]call, allowed string) {
	t.Helper()
	before := contents(t, shop)
	for id, c := range calls {
		for who, token := range tokens {
			if slices.Contains(strings.Fields(allowed), who) {
				continue
			}
			c.token = token
			got := send(t, shop, c)
			require.Equal(t, http.StatusNotFound, got.status, "%s as %s: %s", id, who, got.body)
		}
	}
	require.Equal(t, before, contents(t, shop))
}

func TestACustomersCartIsTheirsAlone(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	tokens, product := askers(t, shop), shop.Product(100)
	cart := theirs(t, shop, tokens["owner"], product)
	at := "/carts/" + cart.ID.String()
	item := at + "/items/" + cart.Items[0].ID.String()
	reads := map[string]call{
		"getCart": {method: http.MethodGet, path: at}, "getCartTotal": {method: http.MethodGet, path: at + "/total"},
	}
	writes := map[string]call{
		"addCartItem":    {method: http.MethodPost, path: at + "/items", body: fmt.Sprintf(`{"productId":"%s"}`, product.ID)},
		"updateCartItem": {method: http.MethodPatch, path: item, body: `{"quantity":2}`},
		"removeCartItem": {method: http.MethodDelete, path: item},
		"placeOrder":     {method: http.MethodPost, path: "/orders/from-cart", body: placing(t, cart.ID)},
		"claimCart":      {method: http.MethodPost, path: at + "/claim"},
	}
	refusedEach(t, shop, tokens, reads, "owner reader staff admin")
	signedIn := map[string]call{"claimCart": writes["claimCart"]}
	delete(writes, "claimCart")
	refusedEach(t, shop, tokens, writes, "owner")
	refusedEach(t, shop, tokens, signedIn, "owner guest")
	requireProblem(t, send(t, shop, signedIn["claimCart"]), http.StatusUnauthorized)
	for _, who := range []string{"owner", "reader", "staff", "admin"} {
		for _, c := range reads {
			c.token = tokens[who]
			require.Equal(t, http.StatusOK, send(t, shop, c).status, who)
		}
	}
	for _, id := range []string{"addCartItem", "updateCartItem", "placeOrder"} {
		c := writes[id]
		c.token = tokens["owner"]
		got := send(t, shop, c)
		require.Less(t, got.status, 300, "%s: %s", id, got.body)
	}
	refusedEach(t, shop, tokens, reads, "owner reader staff admin") // bought, it is still theirs
	refusedEach(t, shop, tokens, writes, "owner")
}

func TestAGuestsCartIsUsedByItsId(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	tokens, product := askers(t, shop), shop.Product(100)
	for who, token := range tokens {
		cart := theirs(t, shop, "", product)
		at := "/carts/" + cart.ID.String()
		for _, c := range []call{
			{method: http.MethodGet, path: at},
			{method: http.MethodPost, path: at + "/items", body: fmt.Sprintf(`{"productId":"%s"}`, product.ID)},
			{method: http.MethodPost, path: "/orders/from-cart", body: placing(t, cart.ID)},
		} {
			c.token = token
			got := send(t, shop, c)
			require.Less(t, got.status, 300, "%s as %s: %s", c.path, who, got.body)
		}
		again := send(t, shop, call{method: http.MethodGet, path: at})
		if who == "guest" {
			require.Equal(t, http.StatusOK, again.status)
			continue
		}
		requireProblem(t, again, http.StatusNotFound) // it went with its order to who bought it
	}
}

func TestAnOrderOpensToWhoseItIs(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	tokens, product := askers(t, shop), shop.Product(100)
	placed, err := shop.As(tokens["owner"]).PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
		CartID: theirs(t, shop, tokens["owner"], product).ID, Email: "owner@example.com", ShippingAddress: shoptest.Address(),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
	require.Nil(t, placed.JSON201.OrderToken, "a customer needs no token")
	guests, another := shop.Order(1, product), shop.Order(1, product)
	calls := func(order uuid.UUID, header map[string]string) (read, pay map[string]call) {
		at := "/orders/" + order.String()
		return map[string]call{"getOrder": {method: http.MethodGet, path: at, header: header}},
			map[string]call{
				"payOrder":    {method: http.MethodPost, path: at + "/payment", header: header, body: `{"paymentMethodId":"pm_card_visa"}`},
				"cancelOrder": {method: http.MethodPost, path: at + "/cancel", header: header, body: `{}`},
			}
	}
	again := func(order uuid.UUID, header map[string]string) map[string]call {
		return map[string]call{"repeatOrder": {method: http.MethodPost, path: "/orders/" + order.String() + "/reorder", header: header}}
	}
	holding := func(token string) map[string]string { return map[string]string{shoptest.OrderTokenHeader: token} }
	wrong := map[string]map[string]string{
		"no token": nil, "an empty one": holding(""), "nonsense": holding("nonsense"),
		"another order's": holding(*another.OrderToken), "half of it": holding((*guests.OrderToken)[:20]),
	}
	for name, header := range wrong {
		t.Run("a guest's, with "+name, func(t *testing.T) {
			read, pay := calls(guests.ID, header)
			refusedEach(t, shop, tokens, read, "reader staff admin")
			refusedEach(t, shop, tokens, pay, "staff admin")
			refusedEach(t, shop, tokens, again(guests.ID, header), "")
		})
		t.Run("a customer's, with "+name, func(t *testing.T) {
			read, pay := calls(placed.JSON201.ID, header)
			refusedEach(t, shop, tokens, read, "owner reader staff admin")
			refusedEach(t, shop, tokens, pay, "owner staff admin")
			refusedEach(t, shop, tokens, again(placed.JSON201.ID, header), "owner")
		})
	}
	require.Empty(t, shop.Stripe.Charges(), "nothing reached Stripe")
	opens := func(order uuid.UUID, header map[string]string, who string) {
		read, pay := calls(order, header)
		for _, c := range []call{read["getOrder"], pay["payOrder"]} {
			c.token = tokens[who]
			got := send(t, shop, c)
			require.NotEqual(t, http.StatusNotFound, got.status, "%s as %s: %s", c.path, who, got.body)
			require.NotContains(t, got.body, "orderToken", "it is handed out once")
		}
	}
	opens(guests.ID, holding(*guests.OrderToken), "guest")
	opens(another.ID, holding(*another.OrderToken), "other")
	for _, who := range []string{"owner", "staff", "admin"} {
		opens(placed.JSON201.ID, nil, who)
	}
	t.Run("staff move and cancel it", func(t *testing.T) {
		before := contents(t, shop)
		move := call{method: http.MethodPost, path: "/orders/" + guests.ID.String() + "/status", body: `{"status":"PROCESSING"}`}
		cancel := call{method: http.MethodPost, path: "/orders/" + guests.ID.String() + "/cancel", body: `{}`}
		for who, token := range tokens {
			move.token, move.header = token, holding(*guests.OrderToken)
			cancel.token, cancel.header = move.token, move.header
			switch who {
			case "guest":
				requireProblem(t, send(t, shop, move), http.StatusUnauthorized)
			case "owner", "other", "reader", "clerk":
				requireProblem(t, send(t, shop, move), http.StatusForbidden)
			default:
				continue
			}
			require.Equal(t, "order_already_paid", requireProblem(t, send(t, shop, cancel), http.StatusConflict).Code, "what is paid is the shop's to cancel")
		}
		require.Equal(t, before, contents(t, shop))
	})
}

func TestAnOrdersTokenIsStoredHashed(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	order := shop.Order(1, shop.Product(1))
	require.GreaterOrEqual(t, len(*order.OrderToken), 43, "256 bits")
	var stored int
	require.NoError(t, shop.DB.QueryRow(t.Context(), `
		SELECT count(*) FROM orders o
		WHERE o::text LIKE '%' || $1 || '%' OR o::text LIKE '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%'`,
		*order.OrderToken).Scan(&stored))
	require.Zero(t, stored)
}

func TestPlacingAgainTellsNobodyElse(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	cart := shop.Cart(1, shop.Product(1))
	place := call{method: http.MethodPost, path: "/orders/from-cart", body: placing(t, cart.ID)}
	key := uuid.NewString()
	first := send(t, shop, place.under(key))
	require.Equal(t, http.StatusCreated, first.status, first.body)
	require.Contains(t, first.body, "orderToken")
	require.Equal(t, first.body, send(t, shop, place.under(key)).body, "a repetition hears the same token")
	again := send(t, shop, place)
	require.Equal(t, http.StatusOK, again.status, again.body)
	require.NotContains(t, again.body, "orderToken")
	place.body = strings.ReplaceAll(place.body, "customer@", "another@")
	other := send(t, shop, place)
	require.Equal(t, "cart_converted", requireProblem(t, other, http.StatusConflict).Code)
}

func TestAStoredReplyIsOfOneOrderToken(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	product := shop.Product(10)
	order, another := shop.Order(1, product), shop.Order(1, product)
	key := uuid.NewString()
	first := send(t, shop, pay(order, key))
	require.Equal(t, http.StatusOK, first.status, first.body)
	require.Equal(t, first.body, send(t, shop, pay(order, key)).body)
	for _, token := range []string{"", *another.OrderToken} {
		stranger := pay(order, key)
		stranger.header[shoptest.OrderTokenHeader] = token
		got := send(t, shop, stranger)
		requireProblem(t, got, http.StatusNotFound)
		require.Empty(t, got.header.Get("Idempotency-Replayed"))
	}
}

func TestLookUpOrder_MailsALinkAndReturnsTheSameToEverybody(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	tokens, product := askers(t, shop), shop.Product(100)
	order := shop.Order(1, product)
	owned, err := shop.As(tokens["owner"]).PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
		CartID: theirs(t, shop, tokens["owner"], product).ID, Email: "customer@example.com", ShippingAddress: shoptest.Address(),
	})
	require.NoError(t, err)
	for name, try := range map[string][2]string{
		"an unknown number": {"ORD-999999", order.Email}, "another's address": {order.OrderNumber, "another@example.com"},
		"a customer's order": {owned.JSON201.OrderNumber, "customer@example.com"}, "a pattern": {"%", order.Email},
		"a guest's order": {strings.ToLower(order.OrderNumber), "CUSTOMER@example.com"},
	} {
		got := send(t, shop, call{method: http.MethodPost, path: "/orders/lookup", body: toJSON(t, client.OrderLookup{OrderNumber: try[0], Email: try[1]})})
		require.Equal(t, http.StatusAccepted, got.status, "%s: %s", name, got.body)
		require.Empty(t, got.body, name)
	}
	mail := shop.AwaitMail("customer@example.com", "A link to your order "+order.OrderNumber)
	link := regexp.MustCompile(`http://localhost:4000/orders/(\S+)\?token=(\S+)`).FindStringSubmatch(mail.Text)
	require.Len(t, link, 3, mail.Text)
	require.Equal(t, order.ID.String(), link[1])
	for _, token := range []string{link[2], *order.OrderToken} {
		got := send(t, shop, call{method: http.MethodGet, path: "/orders/" + link[1], header: map[string]string{shoptest.OrderTokenHeader: token}})
		require.Equal(t, http.StatusOK, got.status, got.body)
	}
	require.Len(t, shop.Mails("customer@example.com"), 1)
	require.Empty(t, shop.Mails("another@example.com"))
}

func TestOrderToken_WorksOnAfterTheGuestVerifiesTheirAddress(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	order := shop.Order(1, shop.Product(10))
	buyer := shop.User("buyer@example.com", auth.Customer)
	var id uuid.UUID
	require.NoError(t, shop.DB.QueryRow(t.Context(), "SELECT id FROM users WHERE email = 'buyer@example.com'").Scan(&id))
	service := orders.New(shop.DB, paging.NewCodec([]byte("a key of tests")), time.Now)
	require.NoError(t, shop.DB.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		return service.JoinCustomerTx(ctx, tx, order.Email, id)
	}))
	joined, err := buyer.GetOrderWithResponse(t.Context(), order.ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, joined.StatusCode(), "it is in the account")
	paid := send(t, shop, pay(order, uuid.NewString()))
	require.Equal(t, http.StatusOK, paid.status, "and the checkout that has begun goes on: %s", paid.body)
	looked := send(t, shop, call{method: http.MethodGet, path: "/orders/" + order.ID.String(), header: map[string]string{shoptest.OrderTokenHeader: "nonsense"}})
	require.Equal(t, http.StatusNotFound, looked.status)
}

func TestAClaimedCartIsFoundAndABoughtOneIsNotClaimed(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(10)
	buyer := shop.User("buyer@example.com", auth.Customer)
	bought, cart := shop.Cart(1, product), shop.Cart(1, product)
	placed, err := shop.Place(t.Context(), bought.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode())
	before := contents(t, shop)
	refused, err := buyer.ClaimCartWithResponse(t.Context(), bought.ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
	require.Equal(t, "cart_converted", refused.ApplicationProblemJSON409.Code)
	require.Equal(t, before, contents(t, shop))
	claimed, err := buyer.ClaimCartWithResponse(t.Context(), cart.ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, claimed.StatusCode(), string(claimed.Body))
	mine, err := buyer.GetMyCartWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, mine.StatusCode(), string(mine.Body))
	require.Equal(t, *claimed.JSON200, *mine.JSON200)
}
