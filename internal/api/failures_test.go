package api_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/api"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/idempotency"
	"cartwright/internal/payments/stripesim"
	"cartwright/internal/postgres/pgtest"
)

// broken is the API without the services behind it, so that every handler panics.
func broken(t *testing.T) (*shoptest.Shop, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	replies, err := idempotency.New(pgtest.New(t), [][]byte{[]byte("a secret")}, time.Now)
	require.NoError(t, err)
	handler, err := api.New(api.Services{
		Idempotency: replies,
		Ready:       func(context.Context) error { return errors.New("never") },
		Logger:      slog.New(slog.NewTextHandler(&log, nil)),
	})
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &shoptest.Shop{URL: server.URL}, &log
}

func TestAPanicIsAPlainProblemAndALogLine(t *testing.T) {
	t.Parallel()
	shop, log := broken(t)
	for name, header := range map[string]map[string]string{
		"alone": {}, "under a key": {"Idempotency-Key": "key-1"},
		"under the same key": {"Idempotency-Key": "key-1"}, // nothing was kept, nothing is locked
	} {
		t.Run(name, func(t *testing.T) {
			log.Reset()
			got := sendWith(t, http.DefaultClient, shop, call{
				method: http.MethodPost, path: "/api/v1/carts", body: `{"sessionId":"secret"}`, header: header,
			})
			problem := requireProblem(t, got, http.StatusInternalServerError)
			require.Equal(t, "internal", problem.Code)
			require.Empty(t, problem.Errors)
			require.Contains(t, log.String(), problem.RequestID)
			require.Contains(t, log.String(), "panic")
			require.NotContains(t, log.String(), "secret")
		})
	}
	t.Run("of a read whose answer is held back", func(t *testing.T) {
		log.Reset()
		got := sendWith(t, http.DefaultClient, shop, call{method: http.MethodGet, path: "/api/v1/categories/tree"})
		require.Equal(t, "internal", requireProblem(t, got, http.StatusInternalServerError).Code)
		require.Contains(t, log.String(), "panic")
	})
	t.Run("of a command that speaks to the outside", func(t *testing.T) {
		got := sendWith(t, http.DefaultClient, shop, call{
			method: http.MethodPost, path: "/api/v1/orders/" + uuid.NewString() + "/payment", body: `{}`,
			header: map[string]string{"Idempotency-Key": "key-2"},
		})
		require.Equal(t, "internal", requireProblem(t, got, http.StatusInternalServerError).Code)
	})
}

func TestADatabaseThatIsGoneIsUnavailableAndNothingElse(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	product := shop.Product(10)
	cart := shop.Cart(1, product)
	admin, key := shop.Login("admin@example.com").AccessToken, uuid.NewString()
	ready := call{method: http.MethodGet, path: "/readyz"}
	require.Equal(t, http.StatusOK, sendWith(t, http.DefaultClient, shop, ready).status)

	restore := cutOff(t, shop)
	got := sendWith(t, http.DefaultClient, shop, ready)
	require.Equal(t, http.StatusServiceUnavailable, got.status)
	require.NotRegexp(t, internals, got.body)
	require.Equal(t, http.StatusOK, sendWith(t, http.DefaultClient, shop, call{method: http.MethodGet, path: "/healthz"}).status)
	calls := []call{
		{method: http.MethodGet, path: "/products/" + product.ID.String()},
		{method: http.MethodGet, path: "/carts/" + cart.ID.String()},
		call{method: http.MethodPost, path: "/carts", body: `{}`}.under(key),
		call{method: http.MethodPost, path: "/orders/" + uuid.NewString() + "/payment", body: `{}`}.under("key-2"),
	}
	for _, o := range operations(t) {
		calls = append(calls, o.good(t, admin))
	}
	for _, c := range calls {
		got := send(t, shop, c)
		require.Equal(t, "unavailable", requireProblem(t, got, http.StatusServiceUnavailable).Code, c.path)
		require.Equal(t, []string{"1"}, got.header.Values("Retry-After"), c.path)
		require.Equal(t, 1, strings.Count(got.body, `"code"`))
	}
	restore()
	require.Equal(t, http.StatusOK, sendWith(t, http.DefaultClient, shop, ready).status)
	again := send(t, shop, call{method: http.MethodPost, path: "/carts", body: `{}`}.under(key))
	require.Equal(t, http.StatusCreated, again.status, "the failure was not kept")
}

// good is a call of the operation that gets past the door.
func (o operation) good(t *testing.T, admin string) call {
	t.Helper()
	body := ""
	if example := o.example(t); example != nil {
		body = toJSON(t, example)
	}
	c := o.as(admin, o.address("", ""), body)
	if o.id == "receiveStripeWebhook" {
		c.body = `{"id":"evt_1","object":"event","type":"customer.created","api_version":"2023-10-16","data":{"object":{}}}`
		c.header = map[string]string{
			"Stripe-Signature": stripesim.Signature([]byte(c.body), shoptest.WebhookSecret, time.Now()),
		}
	}
	if o.id == "suggestSearches" {
		c.path += "?q=lamp"
	}
	if o.id == "importCatalogue" {
		c.body, c.header = "sku,price\nA,1\n", map[string]string{"Content-Type": "text/csv"}
	}
	return c
}

// cutOff ends every connection to the shop's database and lets no new one in until restored.
func cutOff(t *testing.T, shop *shoptest.Shop) (restore func()) {
	t.Helper()
	config := shop.DB.Pool().Config().ConnConfig.Copy()
	name := config.Database
	config.Database = "postgres"
	run := func(sql string) {
		t.Helper()
		ctx := context.WithoutCancel(t.Context())
		connection, err := pgx.ConnectConfig(ctx, config)
		require.NoError(t, err)
		defer func() { _ = connection.Close(ctx) }()
		_, err = connection.Exec(ctx, sql)
		require.NoError(t, err)
	}
	run(`ALTER DATABASE "` + name + `" ALLOW_CONNECTIONS false`)
	run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '` + name + `'`)
	restored := false
	restore = func() {
		if !restored {
			run(`ALTER DATABASE "` + name + `" ALLOW_CONNECTIONS true`)
		}
		restored = true
	}
	t.Cleanup(restore)
	return restore
}
