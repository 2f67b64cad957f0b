package stripe_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/payments/stripe"
)

func provider(base string) *stripe.Provider {
	return stripe.New(stripe.Config{
		SecretKey: "sk_test_123", WebhookSecrets: []string{"whsec_test"}, APIBase: base,
		Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
}

// exchange is one request and how it was answered.
type exchange struct {
	Method, Path, Key string
	Form              url.Values
	Status            int
	Answer            string
}

// recorder stands before another server and remembers what passes. spoil may change a request's form.
type recorder struct {
	mu    sync.Mutex
	seen  []exchange
	spoil func(url.Values)
}

func (r *recorder) exchanges() []exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]exchange(nil), r.seen...)
}

// before starts the recorder before a server and answers its address.
func (r *recorder) before(t *testing.T, base string) string {
	t.Helper()
	target, err := url.Parse(base)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Error(err)
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			t.Error(err)
		}
		if r.spoil != nil {
			r.spoil(form)
		}
		setBody(request, form)
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, request)
		r.mu.Lock()
		r.seen = append(r.seen, exchange{
			Method: request.Method, Path: request.URL.Path, Key: request.Header.Get("Idempotency-Key"),
			Form: form, Status: answer.Code, Answer: answer.Body.String(),
		})
		r.mu.Unlock()
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // the client may have left
	}))
	t.Cleanup(server.Close)
	return server.URL
}
