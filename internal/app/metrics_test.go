//go:build unix

package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/payments/stripesim"
	"cartwright/internal/postgres/pgtest"
)

func TestTheMetricsTellWhatHappens(t *testing.T) {
	t.Parallel()
	sim, err := stripesim.New(stripesim.Config{})
	require.NoError(t, err)
	stripe := httptest.NewServer(sim)
	t.Cleanup(func() { stripe.Close(); require.NoError(t, sim.Close()) })
	at := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	env := merge(production(t, pgtest.URL(t)), "STRIPE_API_BASE", stripe.URL, "METRICS_ADDRESS", at)
	succeed(t, call{args: []string{"seed"}, env: env})
	shop := start(t, call{args: []string{"serve"}, env: env})
	shop.ready()
	shopper := visit(shop)
	order := shopper.place(shopper.find("headphones"))
	answer, err := shopper.pay(t.Context(), order.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode(), string(answer.Body))
	require.Equal(t, http.StatusNotFound, status(shop.url+"/nothing-here"))
	require.Equal(t, http.StatusNotFound, status(shop.url+"/metrics"), "shoppers see none")

	sent := sim.Events()
	payload, err := json.Marshal(sent[len(sent)-1])
	require.NoError(t, err)
	for range 3 {
		require.Equal(t, http.StatusOK, deliver(t, shop.url, payload))
	}
	told := ""
	for _, line := range []string{
		`cartwright_http_request_duration_seconds_count{operation="payOrder",status="200"} 1`,
		`cartwright_http_request_duration_seconds_count{operation="",status="404"} 2`,
		`cartwright_stripe_request_duration_seconds_count{object="payment_intents",status="200"} 2`,
		`cartwright_stripe_held_back 0`,
		`cartwright_stripe_events_total{outcome="applied",type="payment_intent.succeeded"} 1`,
		`cartwright_stripe_events_total{outcome="repeated",type="payment_intent.succeeded"} 2`,
		`cartwright_stripe_events_set_aside 0`, `cartwright_payment_findings_open 0`,
		`cartwright_stripe_events_swept_timestamp_seconds 1.`,
		`cartwright_jobs{state="discarded"} 0`,
		`cartwright_jobs_waiting_seconds `,
		`cartwright_stock_held_unpaid_units 0`, `cartwright_stock_held_unpaid_orders 0`,
		`cartwright_database_connections{state="in_use"} `,
		`go_goroutines `, `process_resident_memory_bytes `,
	} {
		// What is counted after its answer was sent, and by jobs, may be read a moment later.
		shop.until("counting "+line, func() bool {
			told = page(t, "http://"+at+"/metrics")
			return strings.Contains(told, "\n"+line)
		})
	}
	for _, nobodys := range []string{order.ID.String(), order.Email, "nothing-here"} {
		require.NotContains(t, told, nobodys)
	}
	shop.signal(syscall.SIGTERM)
	require.Zero(t, shop.end().ExitCode(), shop.stderr.String())
}

func TestMetricsThatCannotBeServedStopTheStart(t *testing.T) {
	t.Parallel()
	taken := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(taken.Close)
	env := merge(production(t, pgtest.URL(t)), "METRICS_ADDRESS", taken.Listener.Addr().String())
	succeed(t, call{args: []string{"migrate", "up"}, env: env})
	refused := run(t, call{args: []string{"serve"}, env: env})
	require.Equal(t, 1, refused.code)
	require.Contains(t, refused.stderr, "\ncartwright: listen on METRICS_ADDRESS: ")
}

// deliver sends an event as Stripe does.
func deliver(t *testing.T, url string, payload []byte) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/v1/webhooks/stripe", bytes.NewReader(payload))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Stripe-Signature", stripesim.Signature(payload, "whsec_of_a_test", time.Now()))
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

func page(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, string(body))
	return string(body)
}
