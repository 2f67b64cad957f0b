package api_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
	"cartwright/internal/payments/stripesim"
)

// disputes are the names of those that the filter leaves, on as many pages as it takes.
func disputes(t *testing.T, as *client.ClientWithResponses, params client.ListDisputesParams) (names []string) {
	t.Helper()
	for {
		got, err := as.ListDisputesWithResponse(t.Context(), &params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		for _, dispute := range got.JSON200.Data {
			names = append(names, dispute.StripeDisputeID)
		}
		if params.Cursor = got.JSON200.NextCursor; params.Cursor == nil {
			return names
		}
	}
}

func TestStaffSeeWhatBanksHaveAgainstPaymentsAndShoppersDoNot(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	var orders []client.Order
	var names []string
	for i := range 4 {
		order := paidOrder(t, shop, 1)
		opened, err := shop.Stripe.OpenDispute(shop.Stripe.Intents()[i].ID, stripesim.NewDispute{Reason: "duplicate"})
		require.NoError(t, err)
		orders, names = append(orders, order), append(names, opened.ID)
	}
	require.NoError(t, shop.Stripe.DecideDispute(names[2], true))
	require.NoError(t, shop.CatchUp(t.Context()))
	for i, due := range []string{"'2026-02-03'", "'2026-02-01'", "NULL", "'2026-02-01'"} {
		_, err := shop.DB.Exec(t.Context(), "UPDATE disputes SET opened_at = '2026-01-01'::timestamptz + $2 * interval '1 minute', evidence_due_by = "+due+" WHERE dispute_id = $1", names[i], i)
		require.NoError(t, err)
	}
	clerk := shop.User("clerk@example.com", auth.Staff)
	permit(t, shop, "clerk@example.com", "orders:read")
	newest := slices.Clone(names)
	slices.Reverse(newest)
	soonest := client.DisputeSortDue
	for limit := int32(1); limit <= 5; limit++ {
		require.Equal(t, newest, disputes(t, clerk, client.ListDisputesParams{Limit: &limit}))
		due := disputes(t, clerk, client.ListDisputesParams{Limit: &limit, Sort: &soonest})
		require.ElementsMatch(t, []string{names[1], names[3]}, due[:2])
		require.Equal(t, []string{names[0], names[2]}, due[2:], "what is never due comes last")
	}
	won, open := client.DisputeStatusWON, client.DisputeStatusNEEDSRESPONSE
	require.Equal(t, []string{names[2]}, disputes(t, clerk, client.ListDisputesParams{Status: &won}))
	require.Equal(t, []string{names[2]}, disputes(t, clerk, client.ListDisputesParams{Status: &won, Sort: &soonest}))
	require.Len(t, disputes(t, clerk, client.ListDisputesParams{Status: &open, Sort: &soonest, Limit: ptr[int32](1)}), 3)

	read, err := clerk.GetOrderWithResponse(t.Context(), orders[2].ID, nil)
	require.NoError(t, err)
	require.NotNil(t, read.JSON200, string(read.Body))
	require.Len(t, read.JSON200.Disputes, 1)
	shown := read.JSON200.Disputes[0]
	require.Equal(t, names[2], shown.StripeDisputeID)
	require.Equal(t, orders[2].ID, shown.OrderID)
	require.Equal(t, won, shown.Status)
	require.Equal(t, "215.99", shown.Amount.String())
	require.Equal(t, "duplicate", shown.Reason)
	require.NotNil(t, shown.FundsWithdrawnAt)
	require.NotNil(t, shown.FundsReinstatedAt)
	require.NotNil(t, shown.ClosedAt)
	require.Nil(t, shown.EvidenceDueBy)
	theirs, err := shop.Guest.GetOrderWithResponse(t.Context(), orders[2].ID, nil)
	require.NoError(t, err)
	require.NotNil(t, theirs.JSON200, string(theirs.Body))
	require.Nil(t, theirs.JSON200.Disputes)

	told, err := clerk.ListOrderEventsWithResponse(t.Context(), orders[2].ID, nil)
	require.NoError(t, err)
	var ofIt []string
	for _, event := range told.JSON200.Data {
		if event.DisputeID != nil {
			require.Equal(t, shown.ID, *event.DisputeID)
			require.Equal(t, client.OrderActorKindPAYMENTPROVIDER, event.Actor.Kind)
			ofIt = append(ofIt, event.Type)
		}
	}
	require.Equal(t, []string{"dispute_opened", "dispute_funds_withdrawn", "dispute_closed", "dispute_funds_reinstated"}, ofIt)
	byGuest, err := shop.Guest.ListOrderEventsWithResponse(t.Context(), orders[2].ID, nil)
	require.NoError(t, err)
	require.NotContains(t, string(byGuest.Body), "dispute")
}
