package checkout_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

// soon is how long a test waits for a job or a webhook.
const soon = time.Minute

// tick is how often it looks.
const tick = 20 * time.Millisecond

// setup runs a shop whose books are checked when the test ends.
func setup(t *testing.T, opts ...shoptest.Option) *shoptest.Shop {
	t.Helper()
	shop := shoptest.New(t, opts...)
	t.Cleanup(func() { booksAgree(t, shop) })
	return shop
}

// pay pays with a method and answers the result of a payment that was not refused.
func pay(t *testing.T, shop *shoptest.Shop, order uuid.UUID, method string) client.PaymentResult {
	t.Helper()
	paid, err := shop.Pay(t.Context(), order, method)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
	return *paid.JSON200
}

// ask asks for a client secret.
func ask(t *testing.T, shop *shoptest.Shop, order uuid.UUID) client.PaymentIntent {
	t.Helper()
	asked, err := shop.Guest.PayOrderWithResponse(t.Context(), order, nil, client.PaymentCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, asked.StatusCode(), string(asked.Body))
	require.NotNil(t, asked.JSON200.PaymentIntent.ClientSecret)
	return *asked.JSON200.PaymentIntent
}

// atStripe sends a form to the stand-in, past the shop and past whatever stands before the stand-in.
func atStripe(shop *shoptest.Shop, key, path string, form url.Values) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+key)
	answer := httptest.NewRecorder()
	shop.Stripe.ServeHTTP(answer, request)
	return answer
}

// inBrowser confirms an intent as Stripe.js does, with the publishable key.
func inBrowser(t *testing.T, shop *shoptest.Shop, intent client.PaymentIntent, method string, status int) {
	t.Helper()
	answer := atStripe(shop, "pk_test_browser", "/v1/payment_intents/"+intent.ID+"/confirm", url.Values{
		"client_secret": {*intent.ClientSecret}, "payment_method": {method}, "use_stripe_sdk": {"true"},
	})
	require.Equal(t, status, answer.Code, answer.Body)
}

// inDashboard gives money back as the shop's owner does by hand; "" means all of it.
func inDashboard(t *testing.T, shop *shoptest.Shop, intent, amount string) {
	t.Helper()
	form := url.Values{"payment_intent": {intent}}
	if amount != "" {
		form.Set("amount", amount)
	}
	answer := atStripe(shop, "sk_test_dashboard", "/v1/refunds", form)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
}

// drain waits until every webhook has arrived.
func drain(t *testing.T, shop *shoptest.Shop) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	require.NoError(t, shop.Stripe.Drain(ctx))
}

// tell delivers an event by hand and answers the status.
func tell(t *testing.T, shop *shoptest.Shop, event stripesim.Event) int {
	t.Helper()
	payload, err := json.Marshal(event)
	require.NoError(t, err)
	return post(t, shop, payload, stripesim.Signature(payload, shoptest.WebhookSecret, time.Now()))
}

func post(t *testing.T, shop *shoptest.Shop, payload []byte, signature string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shop.URL+"/api/v1/webhooks/stripe", bytes.NewReader(payload))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Stripe-Signature", signature)
	response, err := shop.HTTP().Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// of are the recorded events of some types, oldest first.
func of(shop *shoptest.Shop, types ...string) (events []stripesim.Event) {
	for _, event := range shop.Stripe.Events() {
		for _, kind := range types {
			if event.Type == kind {
				events = append(events, event)
			}
		}
	}
	return events
}

// scan reads one value from the shop's database.
func scan[T any](t *testing.T, shop *shoptest.Shop, sql string, args ...any) (value T) {
	t.Helper()
	require.NoError(t, shop.DB.QueryRow(context.Background(), sql, args...).Scan(&value), sql)
	return value
}

// exec changes the shop's database behind its back.
func exec(t *testing.T, shop *shoptest.Shop, sql string, args ...any) {
	t.Helper()
	_, err := shop.DB.Exec(context.Background(), sql, args...)
	require.NoError(t, err, sql)
}

// expire ends an order's time to pay and has its job look, rather than wait for it to be found.
func expire(t *testing.T, shop *shoptest.Shop, order uuid.UUID) {
	t.Helper()
	exec(t, shop, "UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = $1", order)
	look(t, shop, order)
}

// look has the job of an order's expiry look at it now.
func look(t *testing.T, shop *shoptest.Shop, order uuid.UUID) {
	t.Helper()
	exec(t, shop, `WITH earlier AS (
			UPDATE river_job SET state = 'available', scheduled_at = now()
			WHERE kind = 'order_expire' AND args->>'orderId' = $1::text AND state <> 'running' RETURNING id)
		INSERT INTO river_job (kind, args, max_attempts, state)
		SELECT 'order_expire', jsonb_build_object('orderId', $1::text), 25, 'available' WHERE NOT EXISTS (SELECT FROM earlier)`,
		order.String())
}

// becomes waits until an order has both statuses.
func becomes(t *testing.T, shop *shoptest.Shop, order uuid.UUID, status client.OrderStatus, payment client.PaymentStatus) {
	t.Helper()
	require.Eventually(t, func() bool {
		now := scan[string](t, shop, "SELECT status || ' ' || payment_status FROM orders WHERE id = $1", order)
		return now == string(status)+" "+string(payment)
	}, soon, tick, "the order is not %s and %s", status, payment)
}

// captured is what customers really paid, and refunded what really went back.
func captured(shop *shoptest.Shop) int64 { return shop.Stripe.Totals()["usd"].Captured }
func refunded(shop *shoptest.Shop) int64 { return shop.Stripe.Totals()["usd"].Refunded }

// outcome is what became of an event.
func outcome(t *testing.T, shop *shoptest.Shop, event string) string {
	t.Helper()
	return scan[string](t, shop, "SELECT coalesce((SELECT outcome FROM webhook_events WHERE id = $1), '')", event)
}
