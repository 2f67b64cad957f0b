package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

// attentionOf is the list of what needs a person, read in pages of one, and the counts beside it.
func attentionOf(t *testing.T, shop *shoptest.Shop, kind *client.AttentionKind) (items []client.AttentionItem, counts map[client.AttentionKind]int64) {
	t.Helper()
	params := client.ListAttentionParams{Kind: kind, Limit: ptr[int32](1)}
	for {
		got, err := shop.Staff.ListAttentionWithResponse(t.Context(), &params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		items = append(items, got.JSON200.Data...)
		counts = map[client.AttentionKind]int64{}
		for _, one := range got.JSON200.Counts {
			counts[one.Kind] = one.Count
		}
		if params.Cursor = got.JSON200.NextCursor; params.Cursor == nil {
			return items, counts
		}
	}
}

func TestListAttention_HasARefundThatBouncedAfterCancellingUntilItIsRefundedAgain(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	order := paidOrder(t, shop, 1)
	cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, cancelled.StatusCode(), string(cancelled.Body))
	var items []client.AttentionItem
	require.Eventually(t, func() bool { return len(shop.Stripe.Refunds()) == 1 }, 20*time.Second, 20*time.Millisecond)
	items, counts := attentionOf(t, shop, nil)
	require.Empty(t, items)
	require.Len(t, counts, 6, "every kind is counted")
	require.Eventually(t, func() bool {
		return shop.ReadOrder(order.ID).PaymentStatus == client.PaymentStatusREFUNDED
	}, 20*time.Second, 20*time.Millisecond)
	require.NoError(t, shop.Stripe.FinishRefund(shop.Stripe.Refunds()[0].ID, false))
	require.NoError(t, shop.CatchUp(t.Context()))

	failed := client.AttentionKindREFUNDFAILED
	items, counts = attentionOf(t, shop, &failed)
	require.Len(t, items, 1)
	require.Equal(t, order.ID, *items[0].OrderID)
	require.Equal(t, order.OrderNumber, *items[0].OrderNumber)
	require.Equal(t, order.TotalAmount, *items[0].Amount)
	require.EqualValues(t, 1, counts[failed])

	again, err := shop.Staff.RefundOrderWithResponse(t.Context(), order.ID, nil, client.RefundCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, again.StatusCode(), string(again.Body))
	items, counts = attentionOf(t, shop, nil)
	require.Empty(t, items, "it was dealt with")
	require.Zero(t, counts[failed])
}

func TestListAttention_HasDisputesAndWhatTheyHoldOldestFirst(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	order := paidOrder(t, shop, 1)
	opened, err := shop.Stripe.OpenDispute(shop.Stripe.Intents()[0].ID, stripesim.NewDispute{})
	require.NoError(t, err)
	require.NoError(t, shop.CatchUp(t.Context()))
	_, err = shop.DB.Exec(t.Context(), `INSERT INTO webhook_events (id, type, api_version, payload, outcome, reason, received_at)
		VALUES ('evt_odd', 'payment_intent.succeeded', '', '', 'SET_ASIDE', 'another currency', '2020-01-01')`)
	require.NoError(t, err)
	_, err = shop.DB.Exec(t.Context(), `INSERT INTO payment_findings (id, kind, status, intent_id, found_at, seen_at)
		VALUES (gen_random_uuid(), 'UNKNOWN_INTENT', 'OPEN', 'pi_odd', '2020-01-02', '2020-01-02')`)
	require.NoError(t, err)
	items, counts := attentionOf(t, shop, nil)
	require.Len(t, items, 4, "each once, on as many pages")
	require.Equal(t, client.AttentionKindSTRIPEEVENTSETASIDE, items[0].Kind)
	require.Equal(t, "evt_odd", items[0].ID)
	require.Equal(t, client.AttentionKindPAYMENTFINDING, items[1].Kind)
	require.EqualValues(t, 1, counts[client.AttentionKindORDERONHOLD])
	held := client.AttentionKindORDERONHOLD
	onHold, _ := attentionOf(t, shop, &held)
	require.Len(t, onHold, 1)
	require.Equal(t, order.ID.String(), onHold[0].ID)
	require.Equal(t, "payment_disputed", *onHold[0].Reason)
	answer := client.AttentionKindDISPUTETOANSWER
	due, _ := attentionOf(t, shop, &answer)
	require.Len(t, due, 1)
	require.NotNil(t, due[0].DueBy)
	require.NoError(t, shop.Stripe.DecideDispute(opened.ID, true))
	require.NoError(t, shop.CatchUp(t.Context()))
	items, _ = attentionOf(t, shop, nil)
	require.Len(t, items, 2, "what is decided waits no more")
}
