package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
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
)

// elsewhere is where the requests of these tests come from, as a proxy that is trusted says.
const elsewhere = "203.0.113.7"

// watched is a shop behind a proxy, with what audit tests ask with: "admin", a "key" of theirs that may everything, and
// "idle", who may nothing.
func watched(t *testing.T, options ...shoptest.Option) (shop *shoptest.Shop, tokens, actors map[string]string) {
	t.Helper()
	shop = shoptest.New(t, append(options, everywhere)...)
	shop.User("idle@example.com", auth.Staff)
	permit(t, shop, "idle@example.com")
	key := keyOf(t, shop.Admin, allScopes()...)
	tokens = map[string]string{
		"admin": shop.Login("admin@example.com").AccessToken, "idle": shop.Login("idle@example.com").AccessToken, "key": *key.Key,
	}
	return shop, tokens, map[string]string{"admin": "user:" + self(t, shop.Admin), "key": "key:" + key.ID.String()}
}

// through is the call as it comes through the proxy.
func (c call) through(address string) call {
	header := map[string]string{"X-Forwarded-For": address}
	for name, value := range c.header {
		header[name] = value
	}
	c.header = header
	return c
}

// logged are the entries that the filter finds, on as many pages as it takes.
func logged(t *testing.T, shop *shoptest.Shop, params client.ListAuditEntriesParams) (entries []client.AuditEntry) {
	t.Helper()
	for {
		got, err := shop.Admin.ListAuditEntriesWithResponse(t.Context(), &params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		entries = append(entries, got.JSON200.Data...)
		if params.Cursor = got.JSON200.NextCursor; params.Cursor == nil {
			return entries
		}
	}
}

// recordedOf are the entries of the request that was answered this.
func recordedOf(t *testing.T, shop *shoptest.Shop, got answer) []client.AuditEntry {
	t.Helper()
	return logged(t, shop, client.ListAuditEntriesParams{RequestID: ptr(uuid.MustParse(got.header.Get("X-Request-Id")))})
}

func entryCount(t *testing.T, shop *shoptest.Shop) (count int) {
	t.Helper()
	require.NoError(t, shop.DB.QueryRow(t.Context(), "SELECT count(*) FROM audit_entries").Scan(&count))
	return count
}

// staffCommands are the operations by which staff change something.
func staffCommands(t *testing.T) []operation {
	t.Helper()
	return slices.DeleteFunc(operations(t), func(o operation) bool {
		return o.method == http.MethodGet || !strings.Contains(o.permission, ":")
	})
}

// effective is a call of the operation on these things that changes something, once they are made ready for it.
func (o operation) effective(t *testing.T, shop *shoptest.Shop, of things, token string) call {
	t.Helper()
	exec := func(sql string, id string) {
		_, err := shop.DB.Exec(t.Context(), sql, id)
		require.NoError(t, err)
	}
	fresh := "fresh-" + uuid.NewString()
	switch o.id {
	case "deliverFulfillment", "cancelFulfillment":
		exec("UPDATE returns SET status = 'CANCELLED' WHERE order_id = $1", of["orderId"])
		exec("UPDATE orders SET status = 'SHIPPED', payment_status = 'PAID', fulfillment_status = 'FULFILLED' WHERE id = $1", of["orderId"])
	case "updateOrderStatus", "fulfillOrder":
		exec("UPDATE orders SET status = 'CONFIRMED', payment_status = 'PAID' WHERE id = $1", of["orderId"])
	case "refundOrder":
		exec("UPDATE orders SET status = 'CONFIRMED', payment_status = 'PAID' WHERE id = $1", of["orderId"])
		exec("UPDATE payments SET status = 'SUCCEEDED', intent_id = 'pi_' || id WHERE order_id = $1", of["orderId"])
	case "cancelOrderItems":
		exec("UPDATE orders SET status = 'CONFIRMED', payment_status = 'PAID' WHERE id = $1", of["orderId"])
		exec("UPDATE payments SET status = 'SUCCEEDED', intent_id = 'pi_' || id WHERE order_id = $1", of["orderId"])
	case "closeReturn":
		exec("UPDATE returns SET status = 'RECEIVED' WHERE id = $1", of["returnId"])
	case "captureOrder":
		held := shop.Order(1, shop.Product(1))
		hold(t, shop, held)
		of["orderId"] = held.ID.String()
	case "receiveReturn":
		exec("UPDATE returns SET status = 'APPROVED' WHERE id = $1", of["returnId"])
		exec("UPDATE order_items SET fulfilled_quantity = quantity WHERE order_id = $1", of["orderId"])
	case "refundReturn":
		exec("UPDATE returns SET status = 'RECEIVED' WHERE id = $1", of["returnId"])
		exec("UPDATE return_items SET received = 1 WHERE return_id = $1", of["returnId"])
		exec("UPDATE orders SET status = 'CONFIRMED', payment_status = 'PAID' WHERE id = $1", of["orderId"])
		exec("UPDATE payments SET status = 'SUCCEEDED', intent_id = 'pi_' || id WHERE order_id = $1", of["orderId"])
	case "releaseOrder":
		exec("UPDATE orders SET review_status = 'HELD' WHERE id = $1", of["orderId"])
	case "reactivateStaffMember":
		exec("UPDATE users SET is_active = false WHERE id = $1", of["staffId"])
	case "deleteProduct": // not one that was ordered
		of["products"] = shop.Product(1).ID.String()
	case "deleteCategory":
		of["categories"] = category(t, shop, fresh, nil).ID.String()
	}
	c := o.on(t, of, token)
	switch o.id {
	case "createCategory":
		c.body = toJSON(t, client.CategoryCreate{Name: fresh, Slug: fresh})
	case "createProduct":
		c.body = toJSON(t, client.ProductCreate{
			Name: fresh, SKU: fresh, Price: "1", CategoryID: uuid.MustParse(of["categories"]), InventoryQuantity: ptr[int32](1),
		})
	case "importCatalogue":
		c.media, c.body = "text/csv", "sku,price\n"+shop.Product(1).SKU+",5\n"
	case "reorderProductImages":
		another := shop.Product(1, func(p *client.ProductCreate) {
			p.Images = []client.ProductImageCreate{{URL: "https://example.com/1.jpg"}, {URL: "https://example.com/2.jpg"}}
		})
		c.path = "/products/" + another.ID.String() + "/images/order"
		c.body = toJSON(t, client.ProductImageOrder{ImageIds: []uuid.UUID{another.Images[1].ID, another.Images[0].ID}})
	}
	return c
}

// takesIdempotencyKey tells that the operation can be repeated under a key.
func (o operation) takesIdempotencyKey() bool {
	return o.described.Parameters.GetByInAndName("header", "Idempotency-Key") != nil
}

func TestEveryCommandOfStaffIsRecordedOnce(t *testing.T) {
	t.Parallel()
	shop, tokens, actors := watched(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	recorded := map[string]int{}
	for i, o := range staffCommands(t) {
		who := "admin"
		if o.takesKey() && i%2 == 0 { // in no order, so that each is tried with either
			who = "key"
		}
		of := thingsOf(t, shop, fmt.Sprintf("owner-%d@example.com", i))
		c, before := o.effective(t, shop, of, tokens[who]).through(elsewhere), entryCount(t, shop)
		if o.takesIdempotencyKey() {
			c = c.under(uuid.NewString())
		}
		began := time.Now()
		got := send(t, shop, c)
		require.Less(t, got.status, 300, "%s: %s", o.id, got.body)
		if o.takesIdempotencyKey() {
			again := send(t, shop, c)
			require.Equal(t, "true", again.header.Get("Idempotency-Replayed"), o.id)
			require.Empty(t, recordedOf(t, shop, again), "%s: a repetition does nothing", o.id)
		}
		entries := recordedOf(t, shop, got)
		require.Len(t, entries, 1, o.id)
		require.Equal(t, before+1, entryCount(t, shop), o.id)
		entry := entries[0]
		require.Equal(t, o.id, entry.Operation)
		require.Equal(t, "/api/v1"+c.path, entry.Target)
		require.Equal(t, actors[who], entry.Actor, o.id)
		require.Equal(t, actors["admin"], "user:"+entry.UserID.String(), "%s: a key acts in somebody's name", o.id)
		require.Equal(t, elsewhere, *entry.Address)
		require.WithinDuration(t, began, entry.CreatedAt, time.Minute)
		require.EqualValues(t, len(entry.Changes), entry.ChangeCount)
		if o.id == "importCatalogue" {
			require.Empty(t, entry.Changes)
		} else {
			require.NotEmpty(t, entry.Changes, o.id)
		}
		for _, change := range entry.Changes {
			require.NotEqual(t, change.Was, change.Became, o.id)
		}
		recorded[o.permission]++
	}
	t.Log(recorded)
	require.Len(t, recorded, 6, "%v", recorded)
	requireMasked(t, shop, tokens)
}

func TestWhatIsRefusedIsNotRecorded(t *testing.T) {
	t.Parallel()
	shop, tokens, _ := watched(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	of := thingsOf(t, shop, "owner@example.com")
	before, refused := entryCount(t, shop), map[int]int{}
	for _, o := range staffCommands(t) {
		body := ""
		if example := o.example(t); example != nil {
			body = toJSON(t, example)
		}
		for name, c := range map[string]call{
			"by who may not":  o.on(t, of, tokens["idle"]),
			"by nobody":       o.on(t, of, ""),
			"of what is not":  o.as(tokens["admin"], o.address("", uuid.NewString()), body),
			"of an odd body":  o.as(tokens["admin"], o.address("", uuid.NewString()), `{"surprise":1}`),
			"of an odd query": o.as(tokens["admin"], o.address("", uuid.NewString())+"?a=%", body),
		} {
			if !strings.Contains(o.path, "{") && name == "of what is not" {
				continue
			}
			c.header = map[string]string{}
			if o.takesIdempotencyKey() && name == "of what is not" {
				c = c.under(uuid.NewString()) // its reply is kept, and nothing else
			}
			if o.streams() {
				c.media = "text/plain"
			}
			got := send(t, shop, c)
			require.GreaterOrEqual(t, got.status, 400, "%s %s: %s", o.id, name, got.body)
			refused[got.status]++
		}
	}
	order := uuid.MustParse(of["orderId"])
	unpaid, err := shop.Admin.UpdateOrderStatusWithResponse(t.Context(), order, nil, client.OrderStatusUpdate{Status: client.OrderStatusSHIPPED})
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, unpaid.StatusCode())
	t.Log(refused)
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity} {
		require.Greater(t, refused[status], 5, status)
	}
	require.Equal(t, before, entryCount(t, shop))
}

func TestWhatChangesNothingIsNotRecorded(t *testing.T) {
	t.Parallel()
	shop, _, _ := watched(t, shoptest.WithoutJobs())
	product, buyer := shop.Product(5), shop.User("buyer@example.com", auth.Customer)
	before := entryCount(t, shop)
	same, err := shop.Admin.UpdateProductWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), product.ID.String(), nil, client.ProductPatch{Name: &product.Name})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, same.StatusCode(), string(same.Body))
	shop.Order(1, product)
	address(t, buyer, client.AddressTypeSHIPPING)
	shop.Login("buyer@example.com")
	require.Equal(t, before, entryCount(t, shop), "nor is what shoppers do, nor that one signs in")
}

func TestTheLogTellsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	shop, _, _ := watched(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	product := shop.Product(5)
	last := func(thing uuid.UUID, operation string) client.AuditEntry {
		entries := logged(t, shop, client.ListAuditEntriesParams{ThingID: &thing, Operation: &operation})
		require.NotEmpty(t, entries)
		return entries[0]
	}
	t.Run("a product", func(t *testing.T) {
		changed, err := shop.Admin.UpdateProductWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), product.Slug, nil, client.ProductPatch{
			Name: ptr("Lamp"), Price: ptr(client.Money("12345678.99")),
		})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, changed.StatusCode(), string(changed.Body))
		entry := last(product.ID, "updateProduct")
		require.EqualValues(t, 2, entry.ChangeCount)
		for _, change := range entry.Changes {
			switch change.Thing {
			case "products":
				require.Equal(t, client.AuditValues{"name": "Wireless Headphones"}, *change.Was)
				require.Equal(t, client.AuditValues{"name": "Lamp"}, *change.Became)
			case "productVariants":
				require.EqualValues(t, 19999, (*change.Was)["priceMinor"])
				require.EqualValues(t, 1234567899, (*change.Became)["priceMinor"])
			default:
				require.Fail(t, change.Thing)
			}
		}
	})
	t.Run("what is made and what is gone", func(t *testing.T) {
		made, err := shop.Admin.CreateCategoryWithResponse(t.Context(), nil, client.CategoryCreate{Name: "Lamps", Slug: "lamps"})
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, made.StatusCode())
		id := made.JSON201.ID
		entry := last(id, "createCategory")
		require.Nil(t, entry.Changes[0].Was)
		require.Equal(t, "Lamps", (*entry.Changes[0].Became)["name"])
		require.NotContains(t, *entry.Changes[0].Became, "description", "what is unset is left out")
		gone, err := shop.Admin.DeleteCategoryWithResponse(t.Context(), "lamps", nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusNoContent, gone.StatusCode())
		entry = last(id, "deleteCategory")
		require.Equal(t, "/api/v1/categories/lamps", entry.Target)
		require.Nil(t, entry.Changes[0].Became)
		require.Equal(t, "lamps", (*entry.Changes[0].Was)["slug"])
	})
	t.Run("an order", func(t *testing.T) {
		order := shop.Order(1, shop.Product(5))
		paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
		moved, err := shop.Staff.UpdateOrderStatusWithResponse(t.Context(), order.ID, nil, client.OrderStatusUpdate{Status: client.OrderStatusSHIPPED})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, moved.StatusCode(), string(moved.Body))
		entry := last(order.ID, "updateOrderStatus")
		require.Equal(t, "user:"+self(t, shop.Staff), entry.Actor)
		require.Len(t, entry.Changes, 4)
		require.Equal(t, []string{"orderItems", "fulfillments", "stockLevels"},
			[]string{entry.Changes[0].Thing, entry.Changes[1].Thing, entry.Changes[3].Thing})
		require.Equal(t, client.AuditChange{
			Thing: "orders", ThingID: order.ID.String(),
			Was:    &client.AuditValues{"status": "CONFIRMED", "fulfillmentStatus": "UNFULFILLED"},
			Became: &client.AuditValues{"status": "SHIPPED", "fulfillmentStatus": "FULFILLED"},
		}, entry.Changes[2])
	})
	t.Run("what somebody may do", func(t *testing.T) {
		clerk := uuid.MustParse(self(t, shop.User("clerk@example.com", auth.Staff)))
		changed, err := shop.Admin.UpdateStaffMemberWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), clerk, nil, client.StaffMemberPatch{
			Permissions: []client.StaffPermission{client.StaffPermissionOrdersRead},
		})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, changed.StatusCode(), string(changed.Body))
		entry := last(clerk, "updateStaffMember")
		require.Len(t, entry.Changes, 1)
		require.Equal(t, client.AuditValues{"permissions": []any{"orders:read"}}, *entry.Changes[0].Became)
		require.Contains(t, (*entry.Changes[0].Was)["permissions"], "refunds:write")
	})
}

func TestWhatStaffDoForThemselvesIsRecordedMasked(t *testing.T) {
	t.Parallel()
	shop, tokens, _ := watched(t)
	clerk := shop.User("clerk@example.com", auth.Staff)
	made := address(t, clerk, client.AddressTypeSHIPPING)
	profile, err := clerk.UpdateProfileWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), nil, client.ProfilePatch{FirstName: ptr("Johanna"), LastName: ptr("Doehring")})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, profile.StatusCode(), string(profile.Body))
	email, err := clerk.ChangeEmailWithResponse(t.Context(), client.EmailChange{Email: "johanna@example.com", Password: shoptest.Password})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, email.StatusCode(), string(email.Body))
	app := enrolled(t, shop, clerk)
	password, err := clerk.ChangePasswordWithResponse(t.Context(), client.PasswordChange{CurrentPassword: shoptest.Password, Password: "another long password"})
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, password.StatusCode(), string(password.Body))
	gone, err := clerk.DeleteAddressWithResponse(t.Context(), made.ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, gone.StatusCode())
	cart := theirs(t, shop, shop.Login("admin@example.com").AccessToken, shop.Product(3))
	placed, err := shop.Admin.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
		CartID: cart.ID, Email: "johanna@example.com", ShippingAddress: shoptest.Address(), Notes: ptr("Ring at Quince's"),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))

	done := map[string]bool{}
	for _, entry := range logged(t, shop, client.ListAuditEntriesParams{}) {
		done[entry.Operation] = true
		for _, change := range entry.Changes {
			if entry.Operation == "updateProfile" {
				require.Equal(t, client.AuditValues{"firstName": "***", "lastName": "***"}, *change.Became, "that it changed is told")
			}
		}
	}
	for _, operation := range []string{
		"createAddress", "updateProfile", "changeEmail", "beginSecondFactor", "confirmSecondFactor", "changePassword", "deleteAddress",
		"createCart", "addCartItem", "placeOrder",
	} {
		require.True(t, done[operation], operation)
	}
	tokens["secret"] = app.secret
	for i, code := range app.recovery {
		tokens[fmt.Sprintf("code %d", i)] = code
	}
	requireMasked(t, shop, tokens)
}

// requireMasked makes sure that the log holds no secret, nothing that could be one, and nothing of a person.
func requireMasked(t *testing.T, shop *shoptest.Shop, secrets map[string]string) {
	t.Helper()
	rows, err := shop.DB.Query(t.Context(), `SELECT concat(e, ' ', c.thing, ' ', c.was, ' ', c.became)
		FROM audit_entries e LEFT JOIN audit_changes c ON c.entry_id = e.id`)
	require.NoError(t, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Greater(t, len(all), 10)
	said := strings.Join(all, "\n")
	for name, secret := range secrets {
		require.NotContains(t, said, secret, name)
	}
	for _, telling := range []string{
		"@", "$argon2", `\\x`, shoptest.Password, "another long password", "Johanna", "Doehring", "Quince", "Albany", "12207-0042",
		"John", "Doe", "123 Main St", `"10001"`, "Go-http-client", // quoted, as such digits stand in ids and times, too
	} {
		require.NotContains(t, said, telling)
	}
	require.Contains(t, said, `"***"`)
}

func TestNobodyChangesTheLog(t *testing.T) {
	t.Parallel()
	shop, _, _ := watched(t, shoptest.WithoutJobs())
	before := contents(t, shop)
	require.Positive(t, entryCount(t, shop))
	for _, sql := range []string{
		"UPDATE audit_entries SET actor = 'nobody'", "DELETE FROM audit_changes", "UPDATE audit_changes SET was = NULL",
		"DELETE FROM audit_entries",
	} {
		_, err := shop.DB.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "append-only", sql)
	}
	require.Equal(t, before, contents(t, shop))
}

func TestTheLogIsSearchedPageByPage(t *testing.T) {
	t.Parallel()
	shop, tokens, actors := watched(t, shoptest.WithoutJobs())
	_, err := shop.DB.Exec(t.Context(), `
		INSERT INTO audit_entries (id, operation, target, actor, user_id, address, request_id, created_at)
		SELECT gen_random_uuid(), CASE n % 2 WHEN 0 THEN 'updateProduct' ELSE 'archiveProduct' END, '/api/v1/products/a', 'cli', NULL,
			CASE n % 3 WHEN 0 THEN '2001:db8::1' END, NULL, '2026-01-15T00:00:00Z'::timestamptz + n / 2 * interval '1 minute'
		FROM generate_series(0, 9) n`)
	require.NoError(t, err)
	at := func(text string) *client.AuditTime { return ptr(text) }
	day := client.ListAuditEntriesParams{From: at("2026-01-15T00:00:00Z"), To: at("2026-01-15T01:00:00+00:00")}
	all := logged(t, shop, day)
	require.Len(t, all, 10)
	require.True(t, slices.IsSortedFunc(all, func(a, b client.AuditEntry) int { return b.CreatedAt.Compare(a.CreatedAt) }))
	for limit := range int32(4) {
		paged := day
		paged.Limit = ptr(limit + 1)
		require.Equal(t, all, logged(t, shop, paged), "each once, however many on a page")
	}
	count := func(change func(*client.ListAuditEntriesParams)) int {
		params := day
		change(&params)
		return len(logged(t, shop, params))
	}
	require.Equal(t, 5, count(func(p *client.ListAuditEntriesParams) { p.Operation = ptr("archiveProduct") }))
	require.Equal(t, 4, count(func(p *client.ListAuditEntriesParams) { p.Address = ptr("2001:DB8:0::1") }), "however it is written")
	require.Equal(t, 2, count(func(p *client.ListAuditEntriesParams) {
		p.From, p.To = at("2026-01-15T00:01:00Z"), at("2026-01-15T00:02:00Z")
	}), "from is in it, and to is not")
	require.Zero(t, count(func(p *client.ListAuditEntriesParams) { p.UserID = ptr(uuid.New()) }))
	require.Zero(t, count(func(p *client.ListAuditEntriesParams) { p.ThingID = ptr(uuid.New()) }))
	admin := uuid.MustParse(strings.TrimPrefix(actors["admin"], "user:"))
	for _, entry := range logged(t, shop, client.ListAuditEntriesParams{UserID: &admin}) {
		require.Equal(t, admin, *entry.UserID)
	}
	for query, field := range map[string]string{
		"from=2026-13-01T00:00:00Z": "from", "to=2026-02-30T00:00:00Z": "to", "address=1.2.3": "address", "thingId=7": "thingId", "cursor=x": "cursor",
		"operation=a_b": "operation", "userId=me": "userId", "requestId=1": "requestId", "from=" + url.QueryEscape("15.01.2026"): "from",
	} {
		requireField(t, send(t, shop, call{method: http.MethodGet, path: "/audit-log?" + query, token: tokens["admin"]}), client.FieldLocationQUERY, field)
	}
	t.Run("and a cursor is of its filters alone", func(t *testing.T) {
		day.Limit = ptr[int32](1)
		first, err := shop.Admin.ListAuditEntriesWithResponse(t.Context(), &day)
		require.NoError(t, err)
		day.Cursor, day.Operation = first.JSON200.NextCursor, ptr("updateProduct")
		other, err := shop.Admin.ListAuditEntriesWithResponse(t.Context(), &day)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, other.StatusCode())
	})
	requireProblem(t, send(t, shop, call{method: http.MethodGet, path: "/audit-log", token: tokens["idle"]}), http.StatusForbidden)
	requireProblem(t, send(t, shop, call{method: http.MethodGet, path: "/audit-log", token: tokens["key"]}), http.StatusUnauthorized)
}

func TestAnEntryListsItsFirstHundredChanges(t *testing.T) {
	t.Parallel()
	shop, _, _ := watched(t, shoptest.WithoutJobs())
	from, into := category(t, shop, "from", nil), category(t, shop, "into", nil)
	for i := range 103 {
		category(t, shop, fmt.Sprintf("below-%03d", i), &from.ID)
	}
	moved, err := shop.Admin.DeleteCategoryWithResponse(t.Context(), "from", &client.DeleteCategoryParams{MoveTo: ptr("into")})
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, moved.StatusCode(), string(moved.Body))
	entries := logged(t, shop, client.ListAuditEntriesParams{ThingID: &from.ID, Operation: ptr("deleteCategory")})
	require.Len(t, entries, 1)
	require.EqualValues(t, 104, entries[0].ChangeCount)
	require.Len(t, entries[0].Changes, 100)
	require.Equal(t, into.ID.String(), (*entries[0].Changes[0].Became)["parentId"])
}

func TestAnImportHasOneEntryHoweverManyRows(t *testing.T) {
	t.Parallel()
	shop, _, _ := watched(t, shoptest.WithoutJobs())
	shelf := category(t, shop, "shelf", nil)
	file := strings.Builder{}
	file.WriteString("sku,name,category,price\n")
	for i := range 2500 { // several transactions
		fmt.Fprintf(&file, "s%04d,Lamp,%s,1\n", i, shelf.Slug)
	}
	load := func(dryRun bool) []client.AuditEntry {
		params := &client.ImportCatalogueParams{DryRun: &dryRun}
		got, err := shop.Admin.ImportCatalogueWithBodyWithResponse(t.Context(), params, "text/csv", strings.NewReader(file.String()))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		require.EqualValues(t, 2500, got.JSON200.Created)
		return logged(t, shop, client.ListAuditEntriesParams{RequestID: ptr(uuid.MustParse(got.HTTPResponse.Header.Get("X-Request-Id")))})
	}
	require.Empty(t, load(true), "a dry run does nothing")
	entries := load(false)
	require.Len(t, entries, 1)
	require.Zero(t, entries[0].ChangeCount)
}

func TestWhoBecomesStaffIsRecorded(t *testing.T) {
	t.Parallel()
	shop, _, _ := watched(t)
	const email = "clerk@example.com"
	invite(t, shop, email)
	accepted := send(t, shop, call{method: http.MethodPost, path: "/auth/accept-invitation", body: toJSON(t, client.InvitationAccept{
		Token: mailed(t, shop, email, inviteSubject), Password: shoptest.Password, FirstName: "Johanna", LastName: "Doehring",
	})}.through(elsewhere))
	require.Equal(t, http.StatusNoContent, accepted.status, accepted.body)
	entries := recordedOf(t, shop, accepted)
	require.Len(t, entries, 1)
	require.Equal(t, "guest", entries[0].Actor)
	require.Nil(t, entries[0].UserID)
	at := slices.IndexFunc(entries[0].Changes, func(c client.AuditChange) bool { return c.Thing == "users" })
	require.Equal(t, "staff", (*entries[0].Changes[at].Became)["role"])
	require.Equal(t, "***", (*entries[0].Changes[at].Became)["email"])
}

// Tables whose changes the log does not hold, and why.
var unrecorded = map[string]string{
	"audit_entries": "the log itself", "audit_changes": "the log itself", "sweeps": "what jobs did",
	"order_events": "a history of its own, with its actors", "fulfillment_items": "follow their fulfilment",
	"refund_items": "follow their refund", "return_items": "follow their return",
	"stock_movements": "a ledger of its own, with its actors", "stock_reservations": "follow their order",
	"stock_low": "follows the levels", "stock_events": "follow the levels",
	"card_setups": "follow their card", "payment_attempts": "follow their payment", "payment_tries": "shoppers' alone",
	"known_networks": "where their owner signs in from", "refresh_tokens": "follow their session", "sign_in_challenges": "of who is not signed in yet",
	"idempotency_keys": "replies", "mails": "what jobs did", "dev_mails": "what jobs did",
	"media_files": "nothing before a product shows them", "catalogue_changes": "for caches",
}

func TestEveryTableIsRecordedOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	shop, _, _ := watched(t, shoptest.WithoutJobs())
	rows, err := shop.DB.Query(t.Context(), `
		SELECT c.relname, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgfoid = 'record_audit'::regproc)
		FROM pg_class c
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname !~ '^(river|goose|search)_'`)
	require.NoError(t, err)
	tables := map[string]bool{}
	var table string
	var recorded bool
	_, err = pgx.ForEachRow(rows, []any{&table, &recorded}, func() error { tables[table] = recorded; return nil })
	require.NoError(t, err)
	for table, recorded := range tables {
		require.Equal(t, recorded, unrecorded[table] == "", table)
	}
	for table := range unrecorded {
		require.Contains(t, tables, table)
	}
}

// Columns whose values the log shows, of those whose kind could hold what it must not. Whoever adds a column says here
// that it is neither secret nor personal, or masks it.
func TestEveryColumnThatCouldTellIsMaskedOrListed(t *testing.T) {
	t.Parallel()
	shown := map[string]string{
		"categories": "name slug description image", "products": "name slug description short_description status dimensions seo_title seo_description",
		"product_variants": "name sku currency options", "product_images": "url alt_text media_key", "carts": "currency", "cart_items": "deleted",
		"orders":   "order_number status payment_status fulfillment_status currency review_status review_verdict review_reasons",
		"payments": "intent_id status currency capture_method", "refunds": "refund_id source actor reason failure status", "disputes": "dispute_id currency reason status", "returns": "return_number status actor",
		"payment_findings": "kind status intent_id here there", "webhook_events": "type api_version outcome reason intent_id source", "users": "role permissions", "customer_addresses": "type",
		"letters": "purpose", "fulfillments": "status", "order_notes": "author", "invitations": "role permissions", "api_keys": "name prefix scopes",
	}
	shop, _, _ := watched(t, shoptest.WithoutJobs())
	rows, err := shop.DB.Query(t.Context(), `
		SELECT c.relname, a.attname, encode(t.tgargs, 'escape') FROM pg_trigger t
		JOIN pg_class c ON c.oid = t.tgrelid
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE t.tgfoid = 'record_audit'::regproc
			AND a.atttypid::regtype::text IN ('text', 'text[]', 'bytea', 'bytea[]', 'jsonb', 'character', 'date', 'inet')`)
	require.NoError(t, err)
	var table, column, arguments string
	_, err = pgx.ForEachRow(rows, []any{&table, &column, &arguments}, func() error {
		listed := slices.Contains(strings.Fields(shown[table]), column)
		masked := slices.Contains(strings.Split(arguments, `\000`), column)
		require.True(t, listed != masked, "%s.%s is masked: %t, listed: %t", table, column, masked, listed)
		return nil
	})
	require.NoError(t, err)
}

func TestTheLogIsReadAsItIsStored(t *testing.T) {
	t.Parallel()
	shop, _, _ := watched(t, shoptest.WithoutJobs())
	long := strings.Repeat("ä", 1500)
	made, err := shop.Admin.CreateCategoryWithResponse(t.Context(), nil, client.CategoryCreate{Name: "Lamps", Slug: "lamps", Description: &long})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, made.StatusCode(), string(made.Body))
	entries := logged(t, shop, client.ListAuditEntriesParams{ThingID: &made.JSON201.ID})
	require.Equal(t, strings.Repeat("ä", 1000)+"…", (*entries[0].Changes[0].Became)["description"], "long texts are cut")
	text, err := json.Marshal(entries[0])
	require.NoError(t, err)
	require.NotContains(t, string(text), "null")
}
