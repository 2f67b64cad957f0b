package api_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

func TestWhoMayRefundGivesBackWhatIsLeftAndStaffReadWhatWas(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	order := paidOrder(t, shop, 2)
	clerk := shop.User("clerk@example.com", auth.Staff)
	refund := func(as *client.ClientWithResponses, id uuid.UUID, body client.RefundCreate) *client.RefundOrderResponse {
		got, err := as.RefundOrderWithResponse(t.Context(), id, nil, body)
		require.NoError(t, err)
		return got
	}
	permit(t, shop, "clerk@example.com", "orders:write", "orders:read")
	require.Equal(t, http.StatusForbidden, refund(clerk, order.ID, client.RefundCreate{}).StatusCode())
	permit(t, shop, "clerk@example.com", "refunds:write")
	note, reason := "Ordered one too many.", client.RefundReasonRequestedByCustomer
	first := refund(clerk, order.ID, client.RefundCreate{
		Items: []client.RefundItemInput{{OrderItemID: order.Items[0].ID, Quantity: 1}}, Restock: ptr(true), Reason: &reason, Note: &note,
	})
	require.Equal(t, http.StatusCreated, first.StatusCode(), string(first.Body))
	require.Equal(t, "215.99", first.JSON201.Amount.String())
	require.Equal(t, "215.99", first.JSON201.Items[0].Amount.String())
	require.Equal(t, self(t, clerk), first.JSON201.Actor.ID.String())
	require.Equal(t, note, *first.JSON201.Note)
	require.True(t, first.JSON201.Restocked)
	require.Equal(t, http.StatusCreated, refund(clerk, order.ID, client.RefundCreate{}).StatusCode())
	require.Equal(t, "nothing_to_refund", refund(clerk, order.ID, client.RefundCreate{}).ApplicationProblemJSON409.Code)
	too := client.Money("0.01")
	exceeds := refund(clerk, order.ID, client.RefundCreate{Amount: &too}).ApplicationProblemJSON409
	require.Equal(t, "refund_exceeds_payment", exceeds.Code)
	require.Equal(t, "Of this payment 0.00 USD are left to give back.", exceeds.Detail)
	require.Equal(t, "order_not_found", refund(clerk, uuid.New(), client.RefundCreate{}).ApplicationProblemJSON404.Code)

	var seen []client.Refund
	params := &client.ListRefundsParams{Limit: ptr[int32](1)}
	for {
		page, err := shop.Staff.ListRefundsWithResponse(t.Context(), order.ID, params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, page.StatusCode(), string(page.Body))
		seen = append(seen, page.JSON200.Data...)
		if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
			break
		}
	}
	require.Len(t, seen, 2)
	require.Equal(t, first.JSON201.ID, seen[0].ID)
	require.Empty(t, seen[1].Items)
	read, err := shop.Staff.GetRefundWithResponse(t.Context(), order.ID, seen[0].ID)
	require.NoError(t, err)
	require.Equal(t, seen[0], *read.JSON200)
	none, err := shop.Staff.ListRefundsWithResponse(t.Context(), uuid.New(), nil)
	require.NoError(t, err)
	require.Equal(t, "order_not_found", none.ApplicationProblemJSON404.Code)
	unknown, err := shop.Staff.GetRefundWithResponse(t.Context(), order.ID, uuid.New())
	require.NoError(t, err)
	require.Equal(t, "refund_not_found", unknown.ApplicationProblemJSON404.Code)

	events, err := shop.Guest.ListOrderEventsWithResponse(t.Context(), order.ID, nil)
	require.NoError(t, err)
	require.NotContains(t, string(events.Body), self(t, clerk), "customers are told that, and not by whom")
	last := events.JSON200.Data[len(events.JSON200.Data)-1]
	require.Equal(t, "refunded", last.Type)
	require.Equal(t, seen[1].ID, *last.RefundID)
	require.Equal(t, client.OrderStatusREFUNDED, last.After.Status)
	inside, err := shop.Staff.ListOrderEventsWithResponse(t.Context(), order.ID, nil)
	require.NoError(t, err)
	require.Equal(t, "215.99 USD, requested_by_customer", *inside.JSON200.Data[2].Reason)
	require.NotContains(t, string(inside.Body), note, "the note is where it can be taken from")
	require.EqualValues(t, 100, shop.ReadProduct(order.Items[0].ProductID).InventoryQuantity, "nothing of it is sent any more")
}
