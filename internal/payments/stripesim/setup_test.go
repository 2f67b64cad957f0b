package stripesim_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"go.uber.org/goleak"

	"cartwright/internal/payments/stripesim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a stand-in, its address, and the real client pointed at it.
type rig struct {
	sim *stripesim.Server
	url string
	api *client.API
}

func setup(t *testing.T, configure ...func(*stripesim.Config)) rig {
	t.Helper()
	var cfg stripesim.Config
	for _, c := range configure {
		c(&cfg)
	}
	sim, err := stripesim.New(cfg)
	require.NoError(t, err)
	srv := httptest.NewServer(sim)
	t.Cleanup(func() {
		srv.Close()
		assert.NoError(t, sim.Close())
	})
	return rig{sim: sim, url: srv.URL, api: newClient(srv.URL, srv.Client(), 0)}
}

func newClient(baseURL string, httpClient *http.Client, retries int64) *client.API {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(baseURL), HTTPClient: httpClient, EnableTelemetry: stripe.Bool(false),
		MaxNetworkRetries: stripe.Int64(retries), LeveledLogger: &stripe.LeveledLogger{},
	})
	return client.New("sk_test_rig", &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
}

// order is a payment of 19.99 USD with the method, confirmed at once as our shop does.
func order(method string) *stripe.PaymentIntentParams {
	return &stripe.PaymentIntentParams{
		Amount: stripe.Int64(1999), Currency: stripe.String("usd"), Confirm: stripe.Bool(true),
		PaymentMethod: stripe.String(method), ReturnURL: stripe.String("https://shop.example/back?cart=1"),
		AutomaticPaymentMethods: &stripe.PaymentIntentAutomaticPaymentMethodsParams{Enabled: stripe.Bool(true)},
		Metadata:                map[string]string{"order_id": "o-1"},
	}
}

func (r rig) pay(t *testing.T, method string) *stripe.PaymentIntent {
	t.Helper()
	pi, err := r.api.PaymentIntents.New(order(method))
	require.NoError(t, err)
	return pi
}

// refused asserts that err is Stripe's and returns it.
func refused(t *testing.T, err error) *stripe.Error {
	t.Helper()
	var e *stripe.Error
	require.ErrorAs(t, err, &e)
	return e
}

// reply is a raw answer.
type reply struct {
	status int
	header http.Header
	body   string
}

// raw sends a request the client library would not.
func (r rig) raw(t *testing.T, method, path, key string, form url.Values, header ...string) reply {
	t.Helper()
	target, body := r.url+path, io.Reader(nil)
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	} else if len(form) > 0 {
		target += "?" + form.Encode()
	}
	req, err := http.NewRequestWithContext(t.Context(), method, target, body)
	require.NoError(t, err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req) // follows no redirect
	require.NoError(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return reply{resp.StatusCode, resp.Header, string(data)}
}

// within bounds whatever a test waits for.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func eventTypes(sim *stripesim.Server) []string {
	var types []string
	for _, ev := range sim.Events() {
		types = append(types, ev.Type)
	}
	return types
}
