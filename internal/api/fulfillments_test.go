package api_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// fulfill sends so many of an order's first line.
func fulfill(t *testing.T, shop *shoptest.Shop, order client.Order, quantity int32) client.Fulfillment {
	t.Helper()
	got, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order.ID, nil, client.OrderFulfill{
		Items:   []client.FulfillmentItemInput{{OrderItemID: order.Items[0].ID, Quantity: quantity}},
		Carrier: ptr("UPS"), TrackingNumber: ptr("1Z999AA10123456784"), TrackingURL: ptr("https://example.com/1Z999AA10123456784"),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, got.StatusCode(), string(got.Body))
	return *got.JSON201
}

// paidOrder is a guest's order of so many of a product, paid.
func paidOrder(t *testing.T, shop *shoptest.Shop, quantity int32) client.Order {
	t.Helper()
	order := shop.Order(quantity, shop.Product(100))
	paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
	return order
}

func TestAGuestFollowsWhatWasSentOfTheirOrder(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	order := paidOrder(t, shop, 3)
	first := fulfill(t, shop, order, 1)
	mistake := fulfill(t, shop, order, 2)
	require.Equal(t, client.OrderStatusSHIPPED, shop.ReadOrder(order.ID).Status)
	for range 2 {
		back, err := shop.Staff.CancelFulfillmentWithResponse(t.Context(), order.ID, mistake.ID, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, back.StatusCode(), string(back.Body))
		require.Equal(t, client.FulfillmentStateCANCELLED, back.JSON200.Status)
	}
	read := shop.ReadOrder(order.ID)
	require.Equal(t, client.OrderStatusPROCESSING, read.Status)
	require.Equal(t, client.FulfillmentStatusPARTIAL, read.FulfillmentStatus)
	require.EqualValues(t, 1, read.Items[0].FulfilledQuantity)
	rest, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order.ID, nil, client.OrderFulfill{})
	require.NoError(t, err)
	require.EqualValues(t, 2, rest.JSON201.Items[0].Quantity)
	for _, id := range []uuid.UUID{first.ID, rest.JSON201.ID} {
		delivered, err := shop.Staff.DeliverFulfillmentWithResponse(t.Context(), order.ID, id, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, delivered.StatusCode(), string(delivered.Body))
		require.NotNil(t, delivered.JSON200.DeliveredAt)
	}
	require.Equal(t, client.OrderStatusDELIVERED, shop.ReadOrder(order.ID).Status)

	var seen []client.Fulfillment
	params := &client.ListFulfillmentsParams{Limit: ptr[int32](1)}
	for {
		page, err := shop.Guest.ListFulfillmentsWithResponse(t.Context(), order.ID, params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, page.StatusCode(), string(page.Body))
		seen = append(seen, page.JSON200.Data...)
		if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
			break
		}
	}
	require.Len(t, seen, 3)
	require.Equal(t, "1Z999AA10123456784", *seen[0].TrackingNumber)
	require.Equal(t, "https://example.com/1Z999AA10123456784", *seen[0].TrackingURL)
	nobody, err := shop.Guest.ListFulfillmentsWithResponse(t.Context(), uuid.New(), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, nobody.StatusCode())
}

func TestARefusedFulfilmentNamesItsRule(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks(), shoptest.WithFraud(app.FraudDefaults()))
	send := func(order uuid.UUID, items ...client.FulfillmentItemInput) *client.FulfillOrderResponse {
		got, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order, nil, client.OrderFulfill{Items: items})
		require.NoError(t, err)
		return got
	}
	unpaid := shop.Order(1, shop.Product(5))
	require.Equal(t, "order_not_paid", send(unpaid.ID).ApplicationProblemJSON409.Code)
	held := shop.Order(1, shop.Product(5))
	_, err := shop.Pay(t.Context(), held.ID, "pm_card_riskLevelElevated")
	require.NoError(t, err)
	require.Equal(t, "order_on_hold", send(held.ID).ApplicationProblemJSON409.Code)
	_, err = shop.Staff.CancelOrderWithResponse(t.Context(), unpaid.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	ended := send(unpaid.ID).ApplicationProblemJSON409
	require.Equal(t, "transition_not_allowed", ended.Code)
	require.Equal(t, "The order's status cannot go from CANCELLED to PROCESSING.", ended.Detail)
	require.Equal(t, http.StatusNotFound, send(uuid.New()).StatusCode())

	order := paidOrder(t, shop, 2)
	line := client.FulfillmentItemInput{OrderItemID: order.Items[0].ID, Quantity: 3}
	tooMany := send(order.ID, line).ApplicationProblemJSON409
	require.Equal(t, "fulfillment_exceeds_order", tooMany.Code)
	require.Equal(t, "items[0].quantity", tooMany.Errors[0].Field)
	line.OrderItemID = uuid.New()
	require.Equal(t, "items[0].orderItemId", send(order.ID, line).ApplicationProblemJSON422.Errors[0].Field)
	for _, address := range []string{"javascript:alert(1)", "ftp://example.com", "//example.com", "https:///x", "example.com"} {
		got, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order.ID, nil, client.OrderFulfill{TrackingURL: &address})
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode(), address)
	}
	sent := fulfill(t, shop, order, 1)
	cancelled, err := shop.Admin.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, "order_sent", cancelled.ApplicationProblemJSON409.Code)
	for _, id := range []uuid.UUID{uuid.New(), sent.ID} {
		of := order.ID
		if id == sent.ID {
			of = held.ID
		}
		delivered, err := shop.Staff.DeliverFulfillmentWithResponse(t.Context(), of, id, nil)
		require.NoError(t, err)
		require.Equal(t, "fulfillment_not_found", delivered.ApplicationProblemJSON404.Code)
		back, err := shop.Staff.CancelFulfillmentWithResponse(t.Context(), of, id, nil)
		require.NoError(t, err)
		require.Equal(t, "fulfillment_not_found", back.ApplicationProblemJSON404.Code)
	}
	mistake := fulfill(t, shop, order, 1)
	_, err = shop.Staff.CancelFulfillmentWithResponse(t.Context(), order.ID, mistake.ID, nil)
	require.NoError(t, err)
	delivered, err := shop.Staff.DeliverFulfillmentWithResponse(t.Context(), order.ID, mistake.ID, nil)
	require.NoError(t, err)
	require.Equal(t, "transition_not_allowed", delivered.ApplicationProblemJSON409.Code)
	_, err = shop.Staff.DeliverFulfillmentWithResponse(t.Context(), order.ID, sent.ID, nil)
	require.NoError(t, err)
	back, err := shop.Staff.CancelFulfillmentWithResponse(t.Context(), order.ID, sent.ID, nil)
	require.NoError(t, err)
	require.Equal(t, "transition_not_allowed", back.ApplicationProblemJSON409.Code)
}

func TestAnOrdersHistoryTellsCustomersNothingOfTheShopsInside(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks(), shoptest.WithFraud(app.FraudDefaults()))
	order := shop.Order(1, shop.Product(5))
	_, err := shop.Pay(t.Context(), order.ID, "pm_card_riskLevelElevated")
	require.NoError(t, err)
	_, err = shop.Staff.ReleaseOrderWithResponse(t.Context(), order.ID, nil, client.OrderRelease{Note: ptr("sounded honest")})
	require.NoError(t, err)
	_, err = shop.Staff.UpdateOrderStatusWithResponse(t.Context(), order.ID, nil,
		client.OrderStatusUpdate{Status: client.OrderStatusPROCESSING, Reason: ptr("difficult customer")})
	require.NoError(t, err)
	sent := fulfill(t, shop, order, 1)
	read := func(as *client.ClientWithResponses) (events []client.OrderEvent, text string) {
		params := &client.ListOrderEventsParams{Limit: ptr[int32](2)}
		for {
			page, err := as.ListOrderEventsWithResponse(t.Context(), order.ID, params)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, page.StatusCode(), string(page.Body))
			events, text = append(events, page.JSON200.Data...), text+string(page.Body)
			if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
				return events, text
			}
		}
	}
	types := func(events []client.OrderEvent) (types []string) {
		for _, event := range events {
			types = append(types, event.Type)
		}
		return types
	}
	staff, text := read(shop.Staff)
	require.Equal(t, []string{"placed", "paid", "held", "released", "status_changed", "fulfilled"}, types(staff))
	require.Contains(t, text, "sounded honest")
	require.Contains(t, text, "risk_elevated")
	require.Equal(t, self(t, shop.Staff), staff[5].Actor.ID.String())
	require.Equal(t, sent.ID, *staff[5].FulfillmentID)
	require.Equal(t, client.OrderStatusPROCESSING, staff[5].Before.Status)
	require.Equal(t, client.OrderStatusSHIPPED, staff[5].After.Status)
	guest, text := read(shop.Guest)
	require.Equal(t, []string{"placed", "paid", "status_changed", "fulfilled"}, types(guest))
	for _, word := range []string{"honest", "difficult", "risk", "HELD", "review", "reason", self(t, shop.Staff)} {
		require.NotContains(t, text, word)
	}
	require.True(t, slices.IsSortedFunc(guest, func(a, b client.OrderEvent) int { return int(a.Sequence - b.Sequence) }))
	require.EqualValues(t, len(guest), guest[len(guest)-1].Sequence)
	require.Equal(t, client.OrderActorKindSTAFF, guest[3].Actor.Kind)
	nobody, err := shop.Guest.ListOrderEventsWithResponse(t.Context(), uuid.New(), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, nobody.StatusCode())
}

func TestStaffNoteOnAnOrderWhatNobodyElseReads(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	order := shop.Order(1, shop.Product(5))
	add := func(id uuid.UUID, text string) *client.AddOrderNoteResponse {
		got, err := shop.Staff.AddOrderNoteWithResponse(t.Context(), id, nil, client.OrderNoteAdd{Text: text})
		require.NoError(t, err)
		return got
	}
	for _, text := range []string{"first", "second"} {
		added := add(order.ID, text)
		require.Equal(t, http.StatusCreated, added.StatusCode(), string(added.Body))
		require.Equal(t, self(t, shop.Staff), added.JSON201.Author.ID.String())
	}
	require.Equal(t, http.StatusNotFound, add(uuid.New(), "none").StatusCode())
	require.Equal(t, http.StatusUnprocessableEntity, add(order.ID, " ").StatusCode())
	list, err := shop.Staff.ListOrderNotesWithResponse(t.Context(), order.ID, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, list.StatusCode(), string(list.Body))
	require.Len(t, list.JSON200.Data, 2)
	require.Equal(t, "second", *list.JSON200.Data[0].Text)
	none, err := shop.Staff.ListOrderNotesWithResponse(t.Context(), uuid.New(), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, none.StatusCode())
	customer := shop.User("curious@example.com", auth.Customer)
	for _, who := range []*client.ClientWithResponses{shop.Guest, customer} {
		hidden, err := who.ListOrderNotesWithResponse(t.Context(), order.ID, nil)
		require.NoError(t, err)
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, hidden.StatusCode())
	}
	events, err := shop.Guest.ListOrderEventsWithResponse(t.Context(), order.ID, nil)
	require.NoError(t, err)
	require.NotContains(t, string(events.Body), "second")
}
