package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// things are the ids of one thing of each kind that a path can name, by the parameter's name. Whatever can belong to a
// customer is one customer's, whose token is the "owner".
type things map[string]string

func thingsOf(t *testing.T, shop *shoptest.Shop, email string) things {
	t.Helper()
	shop.User(email, auth.Customer)
	owner := shop.Login(email).AccessToken
	product := shop.Product(100, func(p *client.ProductCreate) {
		p.Images = []client.ProductImageCreate{{URL: "https://example.com/1.jpg"}}
	})
	varied, err := shop.Admin.CreateVariantWithResponse(t.Context(), product.ID.String(), nil, client.ProductVariantCreate{
		Name: "Red", SKU: product.SKU + "-red", Options: &client.VariantOptions{"color": "red"},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, varied.StatusCode(), string(varied.Body))
	bought := theirs(t, shop, owner, product)
	customer := shop.As(owner)
	placed, err := customer.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
		CartID: bought.ID, Email: email, ShippingAddress: shoptest.Address(),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
	profile, err := customer.GetProfileWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, profile.StatusCode(), string(profile.Body))
	_, err = shop.DB.Exec(t.Context(), `INSERT INTO second_factors (user_id, secret, tries_until, created_at, confirmed_at)
		VALUES ($1, '', now(), now(), now())`, profile.JSON200.ID)
	require.NoError(t, err)
	var fulfillment string
	require.NoError(t, shop.DB.QueryRow(t.Context(), `INSERT INTO fulfillments (id, order_id, status, sent_at)
		VALUES (gen_random_uuid(), $1, 'SENT', now()) RETURNING id::text`, placed.JSON201.ID).Scan(&fulfillment))
	var refund string
	require.NoError(t, shop.DB.QueryRow(t.Context(), `WITH payment AS (
			INSERT INTO payments (id, order_id, status, amount_minor, currency, created_at, updated_at)
			SELECT gen_random_uuid(), id, 'CANCELLED', total_minor, currency, now(), now() FROM orders WHERE id = $1 RETURNING *)
		INSERT INTO refunds (id, payment_id, source, actor, amount_minor, status, created_at, updated_at)
		SELECT gen_random_uuid(), id, 'SHOP', 'system', 1, 'FAILED', now(), now() FROM payment RETURNING id::text`,
		placed.JSON201.ID).Scan(&refund))
	card, setup := cardOf(t, shop, profile.JSON200.ID)
	line := placed.JSON201.Items[0].ID.String()
	back := returnOf(t, shop, placed.JSON201.ID, line)
	cart := theirs(t, shop, owner, shop.Product(10))
	colleague := shop.User("colleague-"+email, auth.Staff)
	permit(t, shop, "colleague-"+email, "settings:write", "orders:read")
	return things{
		"products": product.ID.String(), "categories": shop.Product(0).Category.ID.String(), "imageId": product.Images[0].ID.String(),
		"variantId": varied.JSON201.Variants[1].ID.String(), "cartId": cart.ID.String(), "itemId": cart.Items[0].ID.String(),
		"eventId": eventOf(t, shop), "findingId": findingOf(t, shop), "refundId": refund, "returnId": back, "orderItemId": line, "fulfillmentId": fulfillment, "orderId": placed.JSON201.ID.String(), "addressId": address(t, customer, client.AddressTypeSHIPPING).ID.String(),
		"cardId": card, "setupId": setup,
		"sessionId": sessionBeside(t, customer), "userId": profile.JSON200.ID.String(), "staffId": self(t, colleague),
		"invitationId": invite(t, shop, "invited@example.com").ID.String(),
		"keyId":        keyOf(t, colleague, client.StaffPermissionOrdersRead).ID.String(),
		"owner":        owner,
	}
}

// returnOf is a return of one of a line, which nobody has decided on.
func returnOf(t *testing.T, shop *shoptest.Shop, order uuid.UUID, line string) string {
	t.Helper()
	id := uuid.NewString()
	_, err := shop.DB.Exec(t.Context(), `WITH one AS (
			INSERT INTO returns (id, order_id, return_number, status, actor, created_at, updated_at)
			VALUES ($1::uuid, $2, $1::uuid::text, 'REQUESTED', 'customer', now(), now()) RETURNING id)
		INSERT INTO return_items (return_id, order_item_id, quantity, reason) SELECT id, $3::uuid, 1, 'OTHER' FROM one`, id, order, line)
	require.NoError(t, err)
	return id
}

// findingOf is an open finding.
func findingOf(t *testing.T, shop *shoptest.Shop) string {
	t.Helper()
	id := uuid.NewString()
	_, err := shop.DB.Exec(t.Context(), `INSERT INTO payment_findings (id, kind, status, intent_id, found_at, seen_at)
		VALUES ($1, 'UNKNOWN_PAYMENT', 'OPEN', $2, now(), now())`, id, "pi_"+id)
	require.NoError(t, err)
	return id
}

// eventOf is an event in the shop's inbox, of no interest to it.
func eventOf(t *testing.T, shop *shoptest.Shop) string {
	t.Helper()
	event := "evt_" + uuid.NewString()
	_, err := shop.DB.Exec(t.Context(), `INSERT INTO webhook_events (id, type, api_version, payload, outcome, received_at)
		VALUES ($1, 'customer.created', '', convert_to(format('{"id":%s,"type":"customer.created"}', to_json($1::text)), 'UTF8'), 'IGNORED', now())`, event)
	require.NoError(t, err)
	return event
}

// self is the id of who asks.
func self(t *testing.T, as *client.ClientWithResponses) string {
	t.Helper()
	read, err := as.GetProfileWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, read.StatusCode(), string(read.Body))
	return read.JSON200.ID.String()
}

// sessionBeside is a session of the customer that is not the one it asks in.
func sessionBeside(t *testing.T, customer *client.ClientWithResponses) string {
	t.Helper()
	listed, err := customer.ListSessionsWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, listed.StatusCode(), string(listed.Body))
	at := slices.IndexFunc(listed.JSON200.Data, func(s client.Session) bool { return !s.Current })
	return listed.JSON200.Data[at].ID.String()
}

// keys are API keys of the admin, in every state that matters. None is noted as used.
func keys(t *testing.T, shop *shoptest.Shop, tokens map[string]string) {
	t.Helper()
	for who, state := range map[string]string{
		"revoked key": "revoked_at = now()", "expired key": "expires_at = now() - interval '1 second'",
		"key without the scope": "scopes = '{}'", "key with just the scope": "scopes = '{}'",
	} {
		made := keyOf(t, shop.Admin, allScopes()...)
		_, err := shop.DB.Exec(t.Context(), "UPDATE api_keys SET name = $2, last_used_at = now() + interval '1 day', "+state+" WHERE id = $1", made.ID, who)
		require.NoError(t, err)
		tokens[who] = *made.Key
	}
}

// allow gives the permission to those who shall have just that.
func allow(t *testing.T, shop *shoptest.Shop, permissions ...string) {
	t.Helper()
	permit(t, shop, "just@example.com", permissions...)
	_, err := shop.DB.Exec(t.Context(), "UPDATE api_keys SET scopes = $1::text[] WHERE name = 'key with just the scope'",
		append([]string{}, permissions...))
	require.NoError(t, err)
}

// on is a call of the operation on these things, as good as the spec's example.
func (o operation) on(t *testing.T, of things, token string) call {
	t.Helper()
	c := call{method: o.method, token: token, media: o.media()}
	kind, _, _ := strings.Cut(strings.TrimPrefix(o.path, "/"), "/")
	c.path = parameter.ReplaceAllStringFunc(o.path, func(found string) string {
		name := strings.Trim(found, "{}")
		if name == "idOrSlug" {
			name = kind
		}
		require.Contains(t, of, name, "a kind of thing that the test does not know")
		return of[name]
	})
	switch body := o.example(t); {
	case o.takesForm():
		c.body, c.header = form(field{"file", "picture.gif", dot})
	case body != nil:
		sent := map[string]any{}
		for name, value := range body {
			sent[name] = value
		}
		switch o.id {
		case "payOrder":
			sent = map[string]any{"paymentMethodId": "pm_card_visa"}
		case "addCartItem":
			sent = map[string]any{"productId": of["products"]}
		case "fulfillOrder", "cancelOrderItems":
			delete(sent, "items")
		case "refundOrder":
			sent = map[string]any{"reason": "duplicate"}
		case "refundReturn":
			sent = map[string]any{}
		case "requestReturn":
			sent = map[string]any{"items": []any{map[string]any{"orderItemId": of["orderItemId"], "quantity": 1, "reason": "OTHER"}}}
		case "receiveReturn":
			sent = map[string]any{"items": []any{map[string]any{"orderItemId": of["orderItemId"], "receivedQuantity": 1}}}
		case "reorderProductImages":
			sent = map[string]any{"imageIds": []string{of["imageId"]}}
		case "createVariant":
			sent["sku"], sent["options"] = uuid.NewString(), map[string]string{"color": "green"}
		case "updateVariant", "updateProduct", "updateCategory":
			sent = map[string]any{"name": "Another"}
		}
		c.body = toJSON(t, sent)
	}
	return c
}

// forStaffToo are the operations of a customer's things that staff do on their behalf.
var forStaffToo = []string{"payOrder", "cancelOrder", "requestReturn", "cancelReturn"}

// verdict is the status with which an operation on the owner's things refuses somebody; 0 when it does not.
func (o operation) verdict(who string) int {
	switch {
	case who == "revoked key", who == "expired key", strings.Contains(who, "key") && !o.takesKey():
		return http.StatusUnauthorized
	case who == "key without the scope":
		who = "idle"
	case who == "key with just the scope":
		who = "just"
	}
	theirs := strings.HasPrefix(o.path, "/carts/") || strings.HasPrefix(o.path, "/orders/")
	switch {
	case o.permission == "signed-in" && who == "guest":
		return http.StatusUnauthorized
	case o.permission == "signed-in" && who != "owner", // what is another's is not there
		o.permission == "public" && theirs && (who == "guest" || who == "other" || who == "idle" || who == "just"):
		return http.StatusNotFound
	case o.permission == "public" && theirs && who == "admin" && o.method != http.MethodGet && !slices.Contains(forStaffToo, o.id):
		return http.StatusNotFound // the shop reads carts, and does not fill them
	case o.permission == "public" || o.permission == "signed-in" || who == "admin" || who == "just" && o.permission != "staff:manage":
		return 0
	case who == "guest":
		return http.StatusUnauthorized
	}
	return http.StatusForbidden
}

func TestEveryThingAnswersToThoseWhoseItIs(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	tokens := map[string]string{"guest": ""}
	shop.User("other@example.com", auth.Customer)
	shop.User("idle@example.com", auth.Staff)
	shop.User("just@example.com", auth.Staff) // with just the permission that is asked for
	permit(t, shop, "idle@example.com")
	keys(t, shop, tokens)
	allow(t, shop)
	for _, name := range []string{"other", "idle", "just", "admin"} {
		tokens[name] = shop.Login(name + "@example.com").AccessToken
	}
	refused, let := 0, 0
	of := thingsOf(t, shop, "owner@example.com")
	tokens["owner"] = of["owner"]
	before := contents(t, shop)
	for _, o := range operations(t) {
		if !strings.Contains(o.path, "{") {
			continue
		}
		allow(t, shop, o.permission)
		for who, token := range tokens {
			if want := o.verdict(who); want != 0 {
				got := send(t, shop, o.on(t, of, token))
				require.Equal(t, want, got.status, "%s as %s: %s", o.id, who, got.body)
				refused++
			}
		}
	}
	allow(t, shop)
	require.Equal(t, before, contents(t, shop), "whoever was refused touched nothing")
	require.Empty(t, shop.Stripe.Charges())
	for _, o := range operations(t) {
		if !strings.Contains(o.path, "{") {
			continue
		}
		allow(t, shop, o.permission)
		for who, token := range tokens {
			if o.verdict(who) == 0 {
				of := of
				if o.method != http.MethodGet { // which leaves things as they were
					of = thingsOf(t, shop, fmt.Sprintf("owner-%d@example.com", let))
				}
				if who == "owner" {
					token = of["owner"]
				}
				got := send(t, shop, o.on(t, of, token))
				if got.status != http.StatusConflict { // it is not the person that is refused
					require.Less(t, got.status, 300, "%s as %s: %s", o.id, who, got.body)
				}
				let++
			}
		}
	}
	t.Logf("%d refused, %d let", refused, let)
	require.Greater(t, refused, 80)
	require.Greater(t, let, 40)
}
