package stripe_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/payments"
	"cartwright/internal/payments/stripesim"
)

func TestHeldMoneyIsTakenOnceAndAskedForAnewEachTime(t *testing.T) {
	t.Parallel()
	sim, seen, p := simulated(t)
	asked := payments.NewIntent{PaymentID: uuid.New(), OrderID: uuid.New(), Amount: money.New(1999, "USD"), Capture: payments.CaptureManual}
	made, err := p.CreateIntent(t.Context(), asked)
	require.NoError(t, err)
	confirmed, err := p.ConfirmIntent(t.Context(), payments.Confirmation{
		AttemptID: uuid.New(), IntentID: made.ID, MethodID: "pm_card_visa", ReturnURL: "https://shop.example",
	})
	require.NoError(t, err)
	require.Equal(t, payments.IntentRequiresCapture, confirmed.Status)
	require.NotNil(t, confirmed.Charge.Findings, "what was found of it is known")
	for range 2 {
		taken, err := p.CaptureIntent(t.Context(), made.ID)
		require.NoError(t, err)
		require.Equal(t, payments.IntentSucceeded, taken.Status)
		require.Equal(t, asked.Amount, *taken.Captured)
	}
	require.Equal(t, stripesim.Totals{Captured: 1999}, sim.Totals()["usd"])
	exchanges := seen.exchanges()
	require.Equal(t, "manual", exchanges[0].Form.Get("capture_method"))
	require.NotEqual(t, exchanges[2].Key, exchanges[3].Key, "a refusal that Stripe keeps is not the answer for ever")
	atOnce := asked
	atOnce.PaymentID, atOnce.Capture = uuid.New(), payments.CaptureAutomatic
	_, err = p.CreateIntent(t.Context(), atOnce)
	require.NoError(t, err)
	exchanges = seen.exchanges()
	require.NotContains(t, exchanges[len(exchanges)-1].Form, "capture_method", "what is taken at once is asked for as ever")
}

func TestWhatStripeSaysOfACaptureIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"declined": {402, `{"error":{"type":"card_error","code":"card_declined","decline_code":"lost_card","message":"No."}}`, payments.CaptureRefused("lost_card")},
		"too late": {400, `{"error":{"type":"invalid_request_error","code":"charge_expired_for_capture","message":"No."}}`, payments.CaptureRefused("charge_expired_for_capture")},
		"in use":   {409, `{"error":{"type":"invalid_request_error","code":"idempotency_key_in_use","message":"No."}}`, payments.ErrUnavailable},
		"failed":   {500, `{"error":{"type":"api_error","message":"No."}}`, payments.ErrKeySpent},
		"unknown":  {404, `{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No."}}`, payments.ErrUnknownIntent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Stripe-Should-Retry", "false")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(server.Close)
			_, err := provider(server.URL).CaptureIntent(t.Context(), "pi_1")
			require.ErrorIs(t, err, c.want)
			if name == "declined" || name == "too late" {
				require.Equal(t, c.want, err)
			}
		})
	}
}
