package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
	"cartwright/internal/payments/stripesim"
)

// inboxOf is a shop whose inbox holds these events, each a minute younger than the one before.
func inboxOf(t *testing.T, events ...client.StripeEvent) (shop *shoptest.Shop, at func(minute int) string) {
	t.Helper()
	shop = shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	began := time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC)
	for i, event := range events {
		_, err := shop.DB.Exec(t.Context(), `INSERT INTO webhook_events
			(id, type, api_version, payload, outcome, reason, received_at, source, intent_id) VALUES ($1, $2, '', '', $3, $4, $5, $6, $7)`,
			event.ID, event.Type, event.Outcome, event.Reason, began.Add(time.Duration(i)*time.Minute), event.Source, event.PaymentIntentID)
		require.NoError(t, err)
	}
	return shop, func(minute int) string { return began.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339) }
}

// told are the ids of the events that the filter leaves, on as many pages as it takes.
func told(t *testing.T, shop *shoptest.Shop, params client.ListStripeEventsParams) (ids []string) {
	t.Helper()
	for {
		got, err := shop.Staff.ListStripeEventsWithResponse(t.Context(), &params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		for _, event := range got.JSON200.Data {
			ids = append(ids, event.ID)
		}
		if params.Cursor = got.JSON200.NextCursor; params.Cursor == nil {
			return ids
		}
	}
}

func TestStaffSeeWhatStripeToldAndWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	event := func(id, kind, intent string, outcome client.StripeEventOutcome, source client.StripeEventSource, reason string) client.StripeEvent {
		return client.StripeEvent{ID: id, Type: kind, PaymentIntentID: ptr(intent), Outcome: outcome, Source: source, Reason: &reason}
	}
	const succeeded = "payment_intent.succeeded"
	shop, at := inboxOf(t,
		event("evt_0", succeeded, "pi_1", client.StripeEventOutcomeAPPLIED, client.StripeEventSourceDELIVERED, ""),
		event("evt_1", "charge.refunded", "pi_1", client.StripeEventOutcomeAPPLIED, client.StripeEventSourceSWEPT, ""),
		event("evt_2", succeeded, "pi_2", client.StripeEventOutcomeSETASIDE, client.StripeEventSourceDELIVERED, "no payment knows intent pi_2"),
		event("evt_3", "customer.created", "pi_3", client.StripeEventOutcomeIGNORED, client.StripeEventSourceDELIVERED, ""),
	)
	all := []string{"evt_3", "evt_2", "evt_1", "evt_0"}
	for limit := int32(1); limit <= 5; limit++ {
		require.Equal(t, all, told(t, shop, client.ListStripeEventsParams{Limit: &limit}))
	}
	for name, c := range map[string]struct {
		params client.ListStripeEventsParams
		want   []string
	}{
		"of a type":    {client.ListStripeEventsParams{Type: ptr(succeeded)}, []string{"evt_2", "evt_0"}},
		"of a payment": {client.ListStripeEventsParams{PaymentIntentID: ptr("pi_1")}, []string{"evt_1", "evt_0"}},
		"set aside":    {client.ListStripeEventsParams{Outcome: ptr(client.StripeEventOutcomeSETASIDE)}, []string{"evt_2"}},
		"from a time":  {client.ListStripeEventsParams{ReceivedFrom: ptr(at(2))}, []string{"evt_3", "evt_2"}},
		"before one":   {client.ListStripeEventsParams{ReceivedBefore: ptr(at(2))}, []string{"evt_1", "evt_0"}},
		"between both": {client.ListStripeEventsParams{ReceivedFrom: ptr(at(1)), ReceivedBefore: ptr(at(3))}, []string{"evt_2", "evt_1"}},
		"both at once": {client.ListStripeEventsParams{Type: ptr(succeeded), PaymentIntentID: ptr("pi_1")}, []string{"evt_0"}},
		"of none":      {client.ListStripeEventsParams{Type: ptr("charge.failed")}, nil},
	} {
		c.params.Limit = ptr[int32](1)
		require.Equal(t, c.want, told(t, shop, c.params), name)
	}
	aside, err := shop.Staff.ListStripeEventsWithResponse(t.Context(), &client.ListStripeEventsParams{PaymentIntentID: ptr("pi_2")})
	require.NoError(t, err)
	require.Equal(t, "no payment knows intent pi_2", *aside.JSON200.Data[0].Reason)
	require.Equal(t, at(2), aside.JSON200.Data[0].ReceivedAt.Format(time.RFC3339))

	first, err := shop.Staff.ListStripeEventsWithResponse(t.Context(), &client.ListStripeEventsParams{Limit: ptr[int32](1)})
	require.NoError(t, err)
	for name, params := range map[string]client.ListStripeEventsParams{
		"another list's cursor": {Type: ptr(succeeded), Cursor: first.JSON200.NextCursor},
		"no such day":           {ReceivedFrom: ptr("2026-02-30T00:00:00Z")},
	} {
		got, err := shop.Staff.ListStripeEventsWithResponse(t.Context(), &params)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode(), name)
	}
}

func TestAReplayIsAskedForOnceUnderItsKeyAndRecorded(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	order := paidOrder(t, shop, 1)
	require.NoError(t, shop.Stripe.Drain(t.Context()))
	events := shop.Stripe.Events()
	event := events[slices.IndexFunc(events, func(e stripesim.Event) bool { return e.Type == "payment_intent.succeeded" })].ID
	params := &client.ReplayStripeEventParams{IdempotencyKey: ptr(uuid.NewString())}
	for range 3 {
		got, err := shop.Staff.ReplayStripeEventWithResponse(t.Context(), event, params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		require.EqualValues(t, 1, got.JSON200.ReplayCount)
		require.Equal(t, client.StripeEventOutcomeAPPLIED, got.JSON200.Outcome)
		require.NotNil(t, got.JSON200.ReplayedAt)
	}
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
	entries := logged(t, shop, client.ListAuditEntriesParams{Operation: ptr("replayStripeEvent")})
	require.Len(t, entries, 1)
	require.Len(t, entries[0].Changes, 1)
	require.Equal(t, event, entries[0].Changes[0].ThingID)
	require.Equal(t, "user:"+self(t, shop.Staff), entries[0].Actor)

	missing, err := shop.Staff.ReplayStripeEventWithResponse(t.Context(), "evt_that_never_came", nil)
	require.NoError(t, err)
	require.Equal(t, "event_not_found", missing.ApplicationProblemJSON404.Code)
	_, err = shop.DB.Exec(t.Context(), "UPDATE webhook_events SET payload = '', intent_id = NULL WHERE id = $1", event)
	require.NoError(t, err)
	forgotten, err := shop.Staff.ReplayStripeEventWithResponse(t.Context(), event, nil)
	require.NoError(t, err)
	require.Equal(t, "event_forgotten", forgotten.ApplicationProblemJSON409.Code)

	shop.User("reader@example.com", auth.Staff)
	permit(t, shop, "reader@example.com", "orders:read")
	reader := shop.As(shop.Login("reader@example.com").AccessToken)
	listed, err := reader.ListStripeEventsWithResponse(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, listed.StatusCode(), string(listed.Body))
	refused, err := reader.ReplayStripeEventWithResponse(t.Context(), event, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, refused.StatusCode(), "who may read may not replay")
}
