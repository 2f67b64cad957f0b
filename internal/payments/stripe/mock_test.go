package stripe_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/payments"
	"cartwright/internal/payments/stripe"
	"cartwright/internal/payments/stripesim/stripemock"
)

func setBody(request *http.Request, form url.Values) {
	encoded := form.Encode()
	request.Body, request.ContentLength = io.NopCloser(strings.NewReader(encoded)), int64(len(encoded))
}

// callAll makes every kind of request that the shop makes. The mock's answers are canned: only what it says of the
// requests counts, so what the provider makes of the answers is not looked at.
func callAll(t *testing.T, p *stripe.Provider) {
	t.Helper()
	ctx, amount := t.Context(), money.New(43198, "USD")
	_, _ = p.CreateIntent(ctx, payments.NewIntent{PaymentID: uuid.New(), OrderID: uuid.New(), Amount: amount})
	_, _ = p.ConfirmIntent(ctx, payments.Confirmation{
		AttemptID: uuid.New(), IntentID: "pi_123", MethodID: "pm_card_visa", ReturnURL: "https://shop.example/orders/1",
	})
	_, _ = p.Intent(ctx, "pi_123")
	_, _ = p.CancelIntent(ctx, "pi_123")
	_, _ = p.Refund(ctx, payments.NewRefund{RefundID: uuid.New(), IntentID: "pi_123", Amount: amount, Reason: "duplicate"})
	_, _ = p.CreateIntent(ctx, payments.NewIntent{PaymentID: uuid.New(), OrderID: uuid.New(), Amount: amount, CustomerID: "cus_123"})
	_, _ = p.ConfirmIntent(ctx, payments.Confirmation{
		AttemptID: uuid.New(), IntentID: "pi_123", MethodID: "pm_123", ReturnURL: "https://shop.example/orders/1", Save: true,
	})
	_, _ = p.CreateCustomer(ctx, uuid.New())
	_, _ = p.CreateSetup(ctx, payments.NewSetup{SetupID: uuid.New(), CustomerID: "cus_123"})
	_, _ = p.CreateSetup(ctx, payments.NewSetup{
		SetupID: uuid.New(), CustomerID: "cus_123", MethodID: "pm_card_visa", ReturnURL: "https://shop.example/cards",
	})
	_, _ = p.Setup(ctx, "seti_123")
	_, _ = p.CancelSetup(ctx, "seti_123")
	_, _ = p.Card(ctx, "cus_123", "pm_123")
	_ = p.DetachCard(ctx, "pm_123")
	_ = p.DeleteCustomer(ctx, "cus_123")
}

var calls = []string{
	"POST /v1/payment_intents", "POST /v1/payment_intents/pi_123/confirm", "GET /v1/payment_intents/pi_123",
	"POST /v1/payment_intents/pi_123/cancel", "POST /v1/refunds",
	"POST /v1/payment_intents", "POST /v1/payment_intents/pi_123/confirm",
	"POST /v1/customers", "POST /v1/setup_intents", "POST /v1/setup_intents", "GET /v1/setup_intents/seti_123",
	"POST /v1/setup_intents/seti_123/cancel", "GET /v1/customers/cus_123/payment_methods/pm_123",
	"POST /v1/payment_methods/pm_123/detach", "DELETE /v1/customers/cus_123",
}

func TestStripesOwnValidationAcceptsEveryRequest(t *testing.T) {
	t.Parallel()
	base := stripemock.Start(t)
	t.Run("as it is sent", func(t *testing.T) {
		t.Parallel()
		var seen recorder
		callAll(t, provider(seen.before(t, base)))
		var got []string
		for _, exchange := range seen.exchanges() {
			got = append(got, exchange.Method+" "+exchange.Path)
			require.Equal(t, http.StatusOK, exchange.Status, "%s: %s", exchange.Path, exchange.Answer)
			if exchange.Method == http.MethodPost {
				require.NotEmpty(t, exchange.Key, exchange.Path)
			}
		}
		require.Equal(t, calls, got)
	})
	t.Run("and refuses a misspelt parameter", func(t *testing.T) {
		t.Parallel()
		seen := recorder{spoil: func(form url.Values) {
			if form.Has("amount") {
				form.Set("amounts", form.Get("amount"))
				form.Del("amount")
			}
		}}
		callAll(t, provider(seen.before(t, base)))
		for _, exchange := range seen.exchanges() {
			if exchange.Form.Has("amounts") {
				require.Equal(t, http.StatusBadRequest, exchange.Status, exchange.Path)
			}
		}
		require.True(t, seen.exchanges()[0].Form.Has("amounts"))
	})
}
