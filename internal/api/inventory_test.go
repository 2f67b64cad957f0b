package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// withVariant adds a white variant to a product to be made.
func withVariant(quantity int32) func(*client.ProductCreate) {
	return func(p *client.ProductCreate) {
		p.Variants = []client.ProductVariantCreate{{Name: "White", SKU: p.SKU + "-white", InventoryQuantity: &quantity}}
	}
}

// by changes stock by hand.
func by(reason client.InventoryReason, delta int32) client.InventoryAdjustment {
	return client.InventoryAdjustment{Delta: &delta, Reason: reason}
}

// to sets what is on hand by hand.
func to(quantity int32) client.InventoryAdjustment {
	return client.InventoryAdjustment{Quantity: &quantity, Reason: client.InventoryReasonCOUNTED}
}

func adjust(t *testing.T, shop *shoptest.Shop, product client.Product, change client.InventoryAdjustment) client.InventoryLevel {
	t.Helper()
	got, err := shop.Staff.AdjustProductInventoryWithResponse(t.Context(), product.Slug, nil, change)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
	return *got.JSON200
}

func allowBackorder(t *testing.T, shop *shoptest.Shop, product client.Product, allow bool) *client.SetVariantInventoryPolicyResponse {
	t.Helper()
	got, err := shop.Staff.SetVariantInventoryPolicyWithResponse(
		t.Context(), product.Slug, product.Variants[0].ID, nil, client.InventoryPolicy{AllowBackorder: allow})
	require.NoError(t, err)
	return got
}

func TestStockIsAdjustedByHandAndTheHistoryTellsWhoAndWhy(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(10, withVariant(3))
	require.EqualValues(t, 15, adjust(t, shop, product, by(client.InventoryReasonRECEIVED, 5)).OnHand)
	note := "two were broken"
	damaged := by(client.InventoryReasonDAMAGED, -2)
	damaged.Note = &note
	require.EqualValues(t, 13, adjust(t, shop, product, damaged).OnHand)
	require.EqualValues(t, 40, adjust(t, shop, product, to(40)).OnHand)
	require.EqualValues(t, 40, adjust(t, shop, product, to(40)).OnHand, "nothing is moved")

	white := product.Variants[1]
	changed, err := shop.Staff.AdjustVariantInventoryWithResponse(t.Context(), product.ID.String(), white.ID, nil, by(client.InventoryReasonLOST, -1))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, changed.StatusCode(), string(changed.Body))
	require.EqualValues(t, 2, changed.JSON200.Available)
	require.True(t, changed.JSON200.IsLow)

	levels, err := shop.Staff.GetProductInventoryWithResponse(t.Context(), product.Slug)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, levels.StatusCode(), string(levels.Body))
	require.Len(t, levels.JSON200.Data, 2)
	require.True(t, levels.JSON200.Data[0].IsDefault)
	require.EqualValues(t, 40, levels.JSON200.Data[0].OnHand)
	require.Equal(t, *changed.JSON200, levels.JSON200.Data[1])

	history := movements(t, shop, product, nil)
	var quantities []int32
	for _, movement := range history {
		quantities = append(quantities, movement.Quantity)
		if movement.Reason == client.InventoryMovementReasonINITIAL {
			require.Nil(t, movement.Actor)
			continue
		}
		require.Regexp(t, "^user:", *movement.Actor)
	}
	require.Equal(t, []int32{-1, 27, -2, 5}, quantities[:4], "newest first")
	require.ElementsMatch(t, []int32{10, 3}, quantities[4:])
	require.Equal(t, &note, history[2].Note)
	require.Equal(t, client.InventoryMovementReasonDAMAGED, history[2].Reason)
	require.Len(t, movements(t, shop, product, &white.ID), 2)
}

// movements are all of a product, read two at a time.
func movements(t *testing.T, shop *shoptest.Shop, product client.Product, variant *uuid.UUID) (all []client.InventoryMovement) {
	t.Helper()
	params := client.ListInventoryMovementsParams{VariantID: variant, Limit: ptr[int32](2)}
	for {
		page, err := shop.Staff.ListInventoryMovementsWithResponse(t.Context(), product.Slug, &params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, page.StatusCode(), string(page.Body))
		all = append(all, page.JSON200.Data...)
		if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
			return all
		}
	}
}

func TestAnAdjustmentThatCannotBeIsRefusedAndMovesNothing(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(10, withVariant(3))
	shop.Order(4, product)
	other := shop.Product(1)
	staff := shop.Login("staff@example.com").AccessToken
	before := contents(t, shop)
	for name, change := range map[string]client.InventoryAdjustment{
		"below what is reserved": by(client.InventoryReasonLOST, -7), "to less than is reserved": to(3), "below zero": by(client.InventoryReasonLOST, -11),
	} {
		got, err := shop.Staff.AdjustProductInventoryWithResponse(t.Context(), product.Slug, nil, change)
		require.NoError(t, err)
		require.Equal(t, http.StatusConflict, got.StatusCode(), name)
		require.Equal(t, "insufficient_inventory", got.ApplicationProblemJSON409.Code, name)
	}
	variant, err := shop.Staff.AdjustVariantInventoryWithResponse(
		t.Context(), product.Slug, product.Variants[1].ID, nil, by(client.InventoryReasonRECEIVED, 1_000_000_000))
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, variant.StatusCode())
	require.Equal(t, "too_many_units", variant.ApplicationProblemJSON409.Code)
	strange, err := shop.Staff.AdjustVariantInventoryWithResponse(
		t.Context(), product.Slug, other.Variants[0].ID, nil, by(client.InventoryReasonRECEIVED, 1))
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, strange.StatusCode())
	require.Equal(t, "variant_not_found", strange.ApplicationProblemJSON404.Code)

	path := "/products/" + product.Slug + "/inventory"
	for body, field := range map[string]string{
		`{"reason":"LOST"}`:                                   "delta",
		`{"delta":1,"quantity":1,"reason":"LOST"}`:            "quantity",
		`{"delta":0,"reason":"LOST"}`:                         "delta",
		`{"delta":1.5,"reason":"LOST"}`:                       "delta",
		`{"delta":2147483648,"reason":"LOST"}`:                "delta",
		`{"quantity":-1,"reason":"LOST"}`:                     "quantity",
		`{"delta":1}`:                                         "reason",
		`{"delta":1,"reason":"SALE"}`:                         "reason",
		`{"delta":1,"reason":"INITIAL"}`:                      "reason",
		`{"delta":1,"reason":"OTHER","note":"a\u0000b"}`:      "note",
		`{"delta":1,"reason":"OTHER","note":"` + long + `"}`:  "note",
		`{"delta":1,"reason":"OTHER","variantId":"anything"}`: "variantId",
	} {
		requireField(t, send(t, shop, call{method: http.MethodPost, path: path, token: staff, body: body}),
			client.FieldLocationBODY, field)
	}
	require.Equal(t, before, contents(t, shop))
}

// long is one character too many for a note.
var long = strings.Repeat("n", 501)

func TestAnAdjustmentRepeatedUnderItsKeyMovesOnce(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(10)
	key := uuid.NewString()
	var first string
	for i := range 3 {
		got, err := shop.Staff.AdjustProductInventoryWithResponse(t.Context(), product.Slug,
			&client.AdjustProductInventoryParams{IdempotencyKey: &key}, by(client.InventoryReasonRECEIVED, 5))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		if i == 0 {
			first = string(got.Body)
		}
		require.Equal(t, first, string(got.Body))
	}
	require.Len(t, movements(t, shop, product, nil), 2)
	require.EqualValues(t, 15, shop.ReadProduct(product.ID).InventoryQuantity)
}

func TestABackOrderIsSoldAndOwedAndSettled(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	product := shop.Product(1, func(p *client.ProductCreate) { p.AllowBackorder = ptr(true) }, withVariant(0))
	require.True(t, product.AllowBackorder)
	require.False(t, product.Variants[1].AllowBackorder)

	order := shop.Order(4, product)
	held := adjust(t, shop, product, by(client.InventoryReasonDAMAGED, -1))
	require.EqualValues(t, []int32{0, 4, -4}, []int32{held.OnHand, held.Reserved, held.Available})
	gone, err := shop.Staff.AdjustProductInventoryWithResponse(t.Context(), product.Slug, nil, by(client.InventoryReasonDAMAGED, -1))
	require.NoError(t, err)
	require.Equal(t, "insufficient_inventory", gone.ApplicationProblemJSON409.Code, "there is none to be damaged")
	paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))

	seen := shop.ReadProduct(product.ID)
	require.Zero(t, seen.InventoryQuantity, "what is owed is nobody's business")
	require.True(t, seen.InStock)
	refused := allowBackorder(t, shop, product, false)
	require.Equal(t, http.StatusConflict, refused.StatusCode())
	require.Equal(t, "backorders_open", refused.ApplicationProblemJSON409.Code)

	backordered := func() *int32 {
		listed, err := shop.Staff.ListOrdersWithResponse(t.Context(), nil)
		require.NoError(t, err)
		require.Equal(t, shop.ReadOrder(order.ID).Items[0].BackorderedQuantity, listed.JSON200.Data[0].Items[0].BackorderedQuantity)
		return listed.JSON200.Data[0].Items[0].BackorderedQuantity
	}
	require.Equal(t, ptr[int32](4), backordered())
	some := adjust(t, shop, product, by(client.InventoryReasonRECEIVED, 3))
	require.EqualValues(t, []int32{3, 4, 0, -1}, []int32{some.OnHand, some.Allocated, some.Reserved, some.Available}, "what comes settles what is owed")
	require.Equal(t, ptr[int32](1), backordered())
	require.Zero(t, adjust(t, shop, product, by(client.InventoryReasonRECEIVED, 1)).Available)
	require.Nil(t, backordered())
	ended := allowBackorder(t, shop, product, false)
	require.Equal(t, http.StatusOK, ended.StatusCode(), string(ended.Body))
	require.False(t, ended.JSON200.AllowBackorder)
	added, err := shop.Guest.AddCartItemWithResponse(t.Context(), shop.Cart(0).ID, nil, client.CartItemAdd{ProductID: product.ID})
	require.NoError(t, err)
	require.Equal(t, "insufficient_inventory", added.ApplicationProblemJSON409.Code)

	white, err := shop.Admin.CreateVariantWithResponse(t.Context(), product.Slug, nil, client.ProductVariantCreate{
		Name: "Red", SKU: product.SKU + "-red", AllowBackorder: ptr(true), Options: &client.VariantOptions{"color": "red"},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, white.StatusCode(), string(white.Body))
	require.True(t, white.JSON201.Variants[2].AllowBackorder)
	require.True(t, white.JSON201.Variants[2].InStock)
}

// low are the SKUs on the low-stock list, and happened the events, newest first.
func low(t *testing.T, shop *shoptest.Shop) (skus []string) {
	t.Helper()
	params := client.ListLowStockParams{Limit: ptr[int32](2)}
	for {
		page, err := shop.Staff.ListLowStockWithResponse(t.Context(), &params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, page.StatusCode(), string(page.Body))
		for _, one := range page.JSON200.Data {
			require.True(t, one.Level.IsLow)
			skus = append(skus, one.Level.SKU)
		}
		if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
			return skus
		}
	}
}

func happened(t *testing.T, shop *shoptest.Shop) (events []client.StockEvent) {
	t.Helper()
	params := client.ListStockEventsParams{Limit: ptr[int32](2)}
	for {
		page, err := shop.Staff.ListStockEventsWithResponse(t.Context(), &params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, page.StatusCode(), string(page.Body))
		events = append(events, page.JSON200.Data...)
		if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
			return events
		}
	}
}

func TestWhatBecomesLowIsListedAndToldOnce(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	empty := shop.Product(0, named("empty", "Lamp", "1"))
	shop.Product(0, named("uncounted", "Lamp", "1", func(p *client.ProductCreate) { p.TrackInventory = ptr(false) }))
	lamp := shop.Product(8, named("lamp", "Lamp", "1"))
	cable := shop.Product(8, named("cable", "Lamp", "1"))
	require.Equal(t, []string{"empty"}, low(t, shop))
	require.Empty(t, happened(t, shop), "what begins low has not become so")

	shop.Order(2, lamp)
	require.Empty(t, happened(t, shop))
	for range 3 {
		shop.Order(1, lamp) // to 5, 4 and 3 of 8
	}
	adjust(t, shop, cable, to(2))
	require.Equal(t, []string{"cable", "lamp", "empty"}, low(t, shop))
	events := happened(t, shop)
	require.Len(t, events, 2, "once each, not with every sale")
	require.Equal(t, "cable", events[0].SKU)
	require.Equal(t, lamp.ID, events[1].ProductID)
	require.EqualValues(t, []int32{5, 5}, []int32{events[1].Available, events[1].LowStockThreshold})

	adjust(t, shop, lamp, by(client.InventoryReasonRECEIVED, 100))
	require.Equal(t, []string{"cable", "empty"}, low(t, shop))
	adjust(t, shop, lamp, by(client.InventoryReasonLOST, -100))
	require.Len(t, happened(t, shop), 3, "again, for it was above")

	_, err := shop.DB.Exec(t.Context(), `UPDATE products SET low_stock_threshold = 1 WHERE id = ANY($1)`, []uuid.UUID{lamp.ID, cable.ID})
	require.NoError(t, err)
	require.Equal(t, []string{"empty"}, low(t, shop))
	_, err = shop.DB.Exec(t.Context(), `UPDATE products SET track_inventory = false WHERE id = $1`, empty.ID)
	require.NoError(t, err)
	require.Empty(t, low(t, shop))
	require.Len(t, happened(t, shop), 3)
}
