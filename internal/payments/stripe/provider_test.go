package stripe_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/payments"
	"cartwright/internal/payments/stripesim"
	"cartwright/internal/postgres/pgtest"
)

// simulated is a provider on a stand-in, with what passes between them.
func simulated(t *testing.T) (*stripesim.Server, *recorder, payments.Provider) {
	t.Helper()
	sim, err := stripesim.New(stripesim.Config{})
	require.NoError(t, err)
	server := httptest.NewServer(sim)
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, sim.Close())
	})
	seen := &recorder{}
	return sim, seen, provider(seen.before(t, server.URL))
}

func TestStripeIsNeverCalledInsideATransaction(t *testing.T) {
	t.Parallel()
	_, seen, p := simulated(t)
	err := pgtest.New(t).InTx(t.Context(), func(ctx context.Context, _ pgx.Tx) error {
		amount := money.New(100, "USD")
		_, create := p.CreateIntent(ctx, payments.NewIntent{Amount: amount})
		_, confirm := p.ConfirmIntent(ctx, payments.Confirmation{IntentID: "pi_1"})
		_, read := p.Intent(ctx, "pi_1")
		_, cancel := p.CancelIntent(ctx, "pi_1")
		_, refund := p.Refund(ctx, payments.NewRefund{IntentID: "pi_1", Amount: amount})
		_, events := p.Events(ctx, payments.Span{}, "")
		_, customer := p.CreateCustomer(ctx, uuid.New())
		_, setup := p.CreateSetup(ctx, payments.NewSetup{})
		_, readSetup := p.Setup(ctx, "seti_1")
		_, cancelSetup := p.CancelSetup(ctx, "seti_1")
		_, card := p.Card(ctx, "cus_1", "pm_1")
		for name, err := range map[string]error{
			"create": create, "confirm": confirm, "read": read, "cancel": cancel, "refund": refund, "events": events,
			"customer": customer, "forget": p.DeleteCustomer(ctx, "cus_1"), "setup": setup, "read setup": readSetup,
			"cancel setup": cancelSetup, "card": card, "detach": p.DetachCard(ctx, "pm_1"),
		} {
			require.ErrorContains(t, err, "inside a database transaction", name)
		}
		return nil
	})
	require.NoError(t, err)
	require.Empty(t, seen.exchanges())
}

func TestKeysDeriveFromOurRowsAndSoDoNotChangeOnRepetition(t *testing.T) {
	t.Parallel()
	sim, seen, p := simulated(t)
	intent := payments.NewIntent{PaymentID: uuid.New(), OrderID: uuid.New(), Amount: money.New(1999, "USD")}
	confirmation := payments.Confirmation{AttemptID: uuid.New(), MethodID: "pm_card_visa", ReturnURL: "https://shop.example"}
	refund := payments.NewRefund{RefundID: uuid.New(), Amount: money.New(500, "USD")}
	for range 2 {
		made, err := p.CreateIntent(t.Context(), intent)
		require.NoError(t, err)
		confirmation.IntentID, refund.IntentID = made.ID, made.ID
		confirmed, err := p.ConfirmIntent(t.Context(), confirmation)
		require.NoError(t, err)
		require.Equal(t, payments.IntentSucceeded, confirmed.Status)
		given, err := p.Refund(t.Context(), refund)
		require.NoError(t, err)
		require.Equal(t, payments.RefundSucceeded, given.Status)
	}
	require.Len(t, sim.Intents(), 1)
	require.Equal(t, stripesim.Totals{Captured: 1999, Refunded: 500}, sim.Totals()["usd"])
	exchanges := seen.exchanges()
	for i, id := range []uuid.UUID{intent.PaymentID, confirmation.AttemptID, refund.RefundID} {
		require.Contains(t, exchanges[i].Key, id.String())
		require.Equal(t, exchanges[i].Key, exchanges[i+3].Key)
	}
	require.Equal(t, intent.PaymentID.String(), exchanges[0].Form.Get("metadata[payment_id]"))
	require.NotContains(t, exchanges[0].Form.Encode(), "email")
}

func TestARefundThatStripeWillNeverMakeHasFailed(t *testing.T) {
	t.Parallel()
	_, _, p := simulated(t)
	made, err := p.CreateIntent(t.Context(), payments.NewIntent{PaymentID: uuid.New(), OrderID: uuid.New(), Amount: money.New(1999, "USD")})
	require.NoError(t, err)
	_, err = p.ConfirmIntent(t.Context(), payments.Confirmation{AttemptID: uuid.New(), IntentID: made.ID, MethodID: "pm_card_visa", ReturnURL: "https://shop.example"})
	require.NoError(t, err)
	for _, want := range []payments.RefundNews{
		{Amount: money.New(2000, "USD"), Status: payments.RefundFailed, Failure: "refused"},
		{Amount: made.Amount, Status: payments.RefundSucceeded},
		{Amount: made.Amount, Status: payments.RefundFailed, Failure: "charge_already_refunded"},
	} {
		refund := payments.NewRefund{RefundID: uuid.New(), IntentID: made.ID, Amount: want.Amount, Reason: "duplicate"}
		got, err := p.Refund(t.Context(), refund)
		require.NoError(t, err)
		require.Equal(t, want.Status, got.Status)
		require.Equal(t, want.Failure, got.Failure)
		require.Equal(t, refund.RefundID, got.RefundID)
		require.Equal(t, want.Status == payments.RefundSucceeded, got.ID != "")
	}
	gone, err := p.Refund(t.Context(), payments.NewRefund{RefundID: uuid.New(), IntentID: "pi_gone", Amount: made.Amount})
	require.NoError(t, err)
	require.Equal(t, "resource_missing", gone.Failure)
}

func TestAnIntentTellsAllItsRefundsHoweverMany(t *testing.T) {
	t.Parallel()
	_, _, p := simulated(t)
	made, err := p.CreateIntent(t.Context(), payments.NewIntent{PaymentID: uuid.New(), OrderID: uuid.New(), Amount: money.New(1999, "USD")})
	require.NoError(t, err)
	_, err = p.ConfirmIntent(t.Context(), payments.Confirmation{AttemptID: uuid.New(), IntentID: made.ID, MethodID: "pm_card_visa", ReturnURL: "https://shop.example"})
	require.NoError(t, err)
	ours := map[uuid.UUID]bool{}
	for i := range 13 {
		refund := payments.NewRefund{RefundID: uuid.New(), IntentID: made.ID, Amount: money.New(int64(1+i), "USD"), Reason: "duplicate"}
		_, err := p.Refund(t.Context(), refund)
		require.NoError(t, err)
		ours[refund.RefundID] = true
		read, err := p.Intent(t.Context(), made.ID)
		require.NoError(t, err)
		require.Len(t, read.Refunds, i+1)
		for _, one := range read.Refunds {
			require.True(t, ours[one.RefundID])
			require.Equal(t, payments.RefundSucceeded, one.Status)
			require.Equal(t, "duplicate", one.Reason)
			require.False(t, one.CreatedAt.IsZero())
		}
	}
}

func TestWhatStripeAnswersIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"down":         {http.StatusBadGateway, `{"error":{"type":"api_error"}}`, payments.ErrUnavailable},
		"failed":       {http.StatusInternalServerError, `{"error":{"type":"api_error"}}`, payments.ErrKeySpent},
		"limited":      {http.StatusTooManyRequests, `{"error":{"type":"invalid_request_error","code":"rate_limit"}}`, payments.ErrUnavailable},
		"wrong key":    {http.StatusUnauthorized, `{"error":{"type":"invalid_request_error"}}`, payments.ErrUnavailable},
		"no JSON":      {http.StatusOK, `<html>`, payments.ErrUnavailable},
		"missing":      {http.StatusNotFound, `{"error":{"type":"invalid_request_error","code":"resource_missing"}}`, payments.ErrUnknownIntent},
		"small amount": {http.StatusBadRequest, `{"error":{"type":"invalid_request_error","code":"amount_too_small"}}`, payments.ErrNotChargeable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(server.Close)
			_, err := provider(server.URL).CreateIntent(t.Context(), payments.NewIntent{Amount: money.New(100, "USD")})
			require.ErrorIs(t, err, c.want)
		})
	}
}

// What Stripe will not show, or shows in a way that makes no sense, is told from what it may show later.
func TestAnIntentThatCanNeverBeReadIsToldFromOneThatMay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"refused":   {http.StatusBadRequest, `{"error":{"type":"invalid_request_error"}}`, payments.ErrUnreadable},
		"no amount": {http.StatusOK, `{"id":"pi_1","object":"payment_intent","amount":1,"currency":"isk"}`, payments.ErrUnreadable},
		"missing":   {http.StatusNotFound, `{"error":{"type":"invalid_request_error"}}`, payments.ErrUnknownIntent},
		"limited":   {http.StatusTooManyRequests, `{"error":{"type":"invalid_request_error"}}`, payments.ErrUnavailable},
		"down":      {http.StatusBadGateway, `{"error":{"type":"api_error"}}`, payments.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(server.Close)
			_, err := provider(server.URL).Intent(t.Context(), "pi_1")
			for _, one := range []error{payments.ErrUnreadable, payments.ErrUnknownIntent, payments.ErrUnavailable} {
				require.Equal(t, errors.Is(c.want, one), errors.Is(err, one), "%v", err)
			}
		})
	}
}
