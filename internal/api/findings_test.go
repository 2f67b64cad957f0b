package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// foundIn are the intents of the findings that the filter leaves, on as many pages as it takes.
func foundIn(t *testing.T, shop *shoptest.Shop, params client.ListPaymentFindingsParams) (intents []string) {
	t.Helper()
	for {
		got, err := shop.Staff.ListPaymentFindingsWithResponse(t.Context(), &params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		for _, finding := range got.JSON200.Data {
			intents = append(intents, finding.PaymentIntentID)
		}
		if params.Cursor = got.JSON200.NextCursor; params.Cursor == nil {
			return intents
		}
	}
}

func TestStaffSeeWherePaymentsAndStripeDisagree(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	for i, kind := range []string{"STATUS", "AMOUNT", "STATUS"} {
		_, err := shop.DB.Exec(t.Context(), `INSERT INTO payment_findings (id, kind, status, intent_id, here, found_at, seen_at, resolved_at)
			VALUES ($1, $2, $3, $4, '{"status":"SUCCEEDED","amount":21599,"refunded":100,"currency":"USD"}', now() + $5::int * interval '1 minute', now(),
				CASE $3 WHEN 'OPEN' THEN NULL ELSE now() END)`,
			uuid.New(), kind, []string{"OPEN", "OPEN", "RESOLVED"}[i], fmt.Sprintf("pi_%d", i), i)
		require.NoError(t, err)
	}
	for _, limit := range []int32{1, 2, 50} {
		require.Equal(t, []string{"pi_2", "pi_1", "pi_0"}, foundIn(t, shop, client.ListPaymentFindingsParams{Limit: &limit}))
	}
	for name, c := range map[string]struct {
		params client.ListPaymentFindingsParams
		want   []string
	}{
		"open":                  {client.ListPaymentFindingsParams{Status: ptr(client.PaymentFindingStatusOPEN)}, []string{"pi_1", "pi_0"}},
		"of a kind":             {client.ListPaymentFindingsParams{Kind: ptr(client.PaymentFindingKindSTATUS)}, []string{"pi_2", "pi_0"}},
		"both":                  {client.ListPaymentFindingsParams{Status: ptr(client.PaymentFindingStatusOPEN), Kind: ptr(client.PaymentFindingKindSTATUS)}, []string{"pi_0"}},
		"dismissed, which none": {client.ListPaymentFindingsParams{Status: ptr(client.PaymentFindingStatusDISMISSED)}, nil},
	} {
		require.Equal(t, c.want, foundIn(t, shop, c.params), name)
	}
	first, err := shop.Staff.ListPaymentFindingsWithResponse(t.Context(), &client.ListPaymentFindingsParams{Limit: ptr[int32](1)})
	require.NoError(t, err)
	other, err := shop.Staff.ListPaymentFindingsWithResponse(t.Context(), &client.ListPaymentFindingsParams{
		Cursor: first.JSON200.NextCursor, Kind: ptr(client.PaymentFindingKindSTATUS),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusUnprocessableEntity, other.StatusCode(), "a cursor is of its own list")

	one, err := shop.Staff.GetPaymentFindingWithResponse(t.Context(), first.JSON200.Data[0].ID)
	require.NoError(t, err)
	require.Equal(t, first.JSON200.Data[0], *one.JSON200)
	require.Equal(t, "215.99 1.00", fmt.Sprint(one.JSON200.Shop.Amount, " ", one.JSON200.Shop.RefundedAmount))
	missing, err := shop.Staff.GetPaymentFindingWithResponse(t.Context(), uuid.New())
	require.NoError(t, err)
	require.Equal(t, "finding_not_found", missing.ApplicationProblemJSON404.Code)
}

func TestAFindingIsDismissedOnceAndRecorded(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	id := uuid.MustParse(findingOf(t, shop))
	dismiss := func(who *client.ClientWithResponses, id uuid.UUID, note string) *client.DismissPaymentFindingResponse {
		got, err := who.DismissPaymentFindingWithResponse(t.Context(), id, nil, client.PaymentFindingDismissal{Note: note})
		require.NoError(t, err)
		return got
	}
	shop.User("reader@example.com", auth.Staff)
	permit(t, shop, "reader@example.com", "orders:read")
	reader := shop.As(shop.Login("reader@example.com").AccessToken)
	require.Equal(t, http.StatusForbidden, dismiss(reader, id, "a").StatusCode())
	require.Equal(t, http.StatusUnprocessableEntity, dismiss(shop.Staff, id, "").StatusCode())
	require.Equal(t, "finding_not_found", dismiss(shop.Staff, uuid.New(), "a").ApplicationProblemJSON404.Code)
	dismissed := dismiss(shop.Staff, id, "It was a gift.")
	require.Equal(t, http.StatusOK, dismissed.StatusCode(), string(dismissed.Body))
	require.Equal(t, client.PaymentFindingStatusDISMISSED, dismissed.JSON200.Status)
	require.Equal(t, "It was a gift.", *dismissed.JSON200.Note)
	require.NotNil(t, dismissed.JSON200.ResolvedAt)
	require.Equal(t, "finding_not_open", dismiss(shop.Staff, id, "b").ApplicationProblemJSON409.Code)
	entries := logged(t, shop, client.ListAuditEntriesParams{Operation: ptr("dismissPaymentFinding")})
	require.Len(t, entries, 1)
	require.Equal(t, id.String(), entries[0].Changes[0].ThingID)
}
