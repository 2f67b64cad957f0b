package api_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func TestStaffFindReturnsAndTheHistoryTellsOfThem(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	order := paidOrder(t, shop, 3)
	parcel := fulfill(t, shop, order, 3)
	mine := &client.RequestReturnParams{XOrderToken: order.OrderToken}
	var ids []uuid.UUID
	for range 3 {
		asked, err := shop.Guest.RequestReturnWithResponse(t.Context(), order.ID, mine, client.ReturnCreate{Items: []client.ReturnItemInput{
			{OrderItemID: order.Items[0].ID, Quantity: 1, Reason: client.ReturnReasonWRONGITEM, Note: ptr("It is blue.")},
		}})
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, asked.StatusCode(), string(asked.Body))
		ids = append(ids, asked.JSON201.ID)
	}
	more, err := shop.Guest.RequestReturnWithResponse(t.Context(), order.ID, mine, client.ReturnCreate{Items: []client.ReturnItemInput{
		{OrderItemID: order.Items[0].ID, Quantity: 1, Reason: client.ReturnReasonOTHER},
	}})
	require.NoError(t, err)
	require.Equal(t, "nothing_to_return", more.ApplicationProblemJSON409.Code)
	mistake, err := shop.Staff.CancelFulfillmentWithResponse(t.Context(), order.ID, parcel.ID, nil)
	require.NoError(t, err)
	require.Equal(t, "fulfillment_on_return", mistake.ApplicationProblemJSON409.Code, "what comes back was sent")
	rejected, err := shop.Staff.RejectReturnWithResponse(t.Context(), ids[0], nil, client.ReturnReject{Reason: "It is blue indeed."})
	require.NoError(t, err)
	require.Equal(t, "It is blue indeed.", *rejected.JSON200.Reason)
	var kept int
	require.NoError(t, shop.DB.QueryRow(t.Context(), "SELECT count(*) FROM order_events WHERE reason LIKE '%blue%'").Scan(&kept))
	require.Zero(t, kept, "what was written stays where it can be taken from")
	approved, err := shop.Staff.ApproveReturnWithResponse(t.Context(), ids[1], nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, approved.StatusCode())
	again, err := shop.Staff.ApproveReturnWithResponse(t.Context(), ids[1], nil)
	require.NoError(t, err)
	require.Equal(t, "transition_not_allowed", again.ApplicationProblemJSON409.Code)
	after, err := shop.Staff.RejectReturnWithResponse(t.Context(), ids[1], nil, client.ReturnReject{Reason: "Too late."})
	require.NoError(t, err)
	require.Equal(t, "transition_not_allowed", after.ApplicationProblemJSON409.Code)
	late, err := shop.Guest.CancelReturnWithResponse(t.Context(), order.ID, ids[1], &client.CancelReturnParams{XOrderToken: order.OrderToken})
	require.NoError(t, err)
	require.Equal(t, "return_approved", late.ApplicationProblemJSON409.Code)

	for status, want := range map[client.ReturnStatus][]uuid.UUID{
		"": {ids[2], ids[1], ids[0]}, client.ReturnStatusREQUESTED: {ids[2]}, client.ReturnStatusAPPROVED: {ids[1]}, client.ReturnStatusRECEIVED: nil,
	} {
		params := client.ListReturnsParams{Limit: ptr[int32](2)}
		if status != "" {
			params.Status = &status
		}
		var found []uuid.UUID
		for {
			page, err := shop.Staff.ListReturnsWithResponse(t.Context(), &params)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, page.StatusCode(), string(page.Body))
			for _, one := range page.JSON200.Data {
				found = append(found, one.ID)
			}
			if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
				break
			}
		}
		require.Equal(t, want, found, status)
	}
	own, err := shop.Guest.ListOrderReturnsWithResponse(t.Context(), order.ID, &client.ListOrderReturnsParams{XOrderToken: order.OrderToken})
	require.NoError(t, err)
	require.Len(t, own.JSON200.Data, 3)
	require.Equal(t, client.OrderActor{Kind: client.OrderActorKindCUSTOMER}, own.JSON200.Data[0].Actor)

	history, err := shop.Guest.ListOrderEventsWithResponse(t.Context(), order.ID, &client.ListOrderEventsParams{XOrderToken: order.OrderToken})
	require.NoError(t, err)
	var steps []string
	for _, event := range history.JSON200.Data {
		if event.ReturnID != nil && *event.ReturnID == ids[0] {
			before := "-"
			if event.ReturnStatusBefore != nil {
				before = string(*event.ReturnStatusBefore)
			}
			steps = append(steps, event.Type+" "+before+" "+string(*event.ReturnStatusAfter))
		}
	}
	require.Equal(t, []string{"return_requested - REQUESTED", "return_rejected REQUESTED REJECTED"}, steps)
}
