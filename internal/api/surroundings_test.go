package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/api"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/demo"
	"cartwright/openapi"
)

// plain is a client that follows no redirect and checks nothing.
var plain = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func TestTheContractIsServedAsItIsCommitted(t *testing.T) {
	t.Parallel()
	shop, _ := broken(t)
	yaml := sendWith(t, plain, shop, call{method: http.MethodGet, path: "/openapi.yaml"})
	require.Equal(t, http.StatusOK, yaml.status)
	require.Equal(t, string(openapi.YAML), yaml.body)
	require.Contains(t, yaml.header.Get("Content-Type"), "yaml")

	asJSON := sendWith(t, plain, shop, call{method: http.MethodGet, path: "/openapi.json"})
	require.Equal(t, http.StatusOK, asJSON.status)
	require.Equal(t, "application/json", asJSON.header.Get("Content-Type"))
	require.Equal(t, string(openapi.JSON), asJSON.body)

	root := sendWith(t, plain, shop, call{method: http.MethodGet, path: "/"})
	require.Equal(t, http.StatusFound, root.status)
	require.Equal(t, "/docs", root.header.Get("Location"))
	docs := sendWith(t, http.DefaultClient, shop, call{method: http.MethodGet, path: "/docs"})
	require.Equal(t, http.StatusOK, docs.status)
	require.Contains(t, docs.header.Get("Content-Security-Policy"), "default-src 'none'")
}

func TestWhatIsNotThereIsAProblem(t *testing.T) {
	t.Parallel()
	shop, _ := broken(t)
	for _, path := range []string{
		"/nothing", "/api", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/products/", "/api/v2/products", "//api/v1/products",
		"/api/v1/carts/x/nothing", "/openapi.yml", "/%00", "/healthz/x", "/api/v1/../../etc/passwd",
	} {
		got := sendWith(t, plain, shop, call{method: http.MethodGet, path: path})
		require.Equal(t, "not_found", requireProblem(t, got, http.StatusNotFound).Code, path)
	}
	for path, methods := range map[string][]string{
		"/api/v1/carts":           {http.MethodGet, http.MethodPut, http.MethodDelete, "NONSENSE"},
		"/api/v1/products":        {http.MethodPut, http.MethodDelete, http.MethodPatch},
		"/api/v1/orders/x":        {http.MethodPost, http.MethodDelete},
		"/api/v1/products/x":      {http.MethodPost, http.MethodPut},
		"/healthz":                {http.MethodPost},
		"/readyz":                 {http.MethodDelete},
		"/openapi.yaml":           {http.MethodPost},
		"/api/v1/webhooks/stripe": {http.MethodGet},
	} {
		for _, method := range methods {
			got := sendWith(t, plain, shop, call{method: method, path: path})
			require.Equal(t, "method_not_allowed", requireProblem(t, got, http.StatusMethodNotAllowed).Code, method+" "+path)
			require.NotEmpty(t, got.header.Get("Allow"), method+" "+path)
		}
	}
}

func TestWhatCanBeReadCanBeAskedAfter(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	for _, path := range []string{"/", "/docs", "/docs/init.js", "/docs/nothing", "/openapi.yaml", "/openapi.json", "/healthz", "/readyz"} {
		got := sendWith(t, plain, shop, call{method: http.MethodGet, path: path})
		asked := sendWith(t, plain, shop, call{method: http.MethodHead, path: path})
		require.Equal(t, got.status, asked.status, path)
		require.Equal(t, got.header.Get("Content-Type"), asked.header.Get("Content-Type"), path)
		require.Empty(t, asked.body, path)
	}
	missing := sendWith(t, plain, shop, call{method: http.MethodGet, path: "/docs/nothing"})
	require.Equal(t, "not_found", requireProblem(t, missing, http.StatusNotFound).Code)
	require.NotEmpty(t, missing.header.Get("Content-Security-Policy"))
}

func TestTheDemosPicturesAreServedLikeTheRest(t *testing.T) {
	t.Parallel()
	handler, err := api.New(api.Services{
		Demo: demo.Handler(), Ready: func(context.Context) error { return nil }, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	with, path := &shoptest.Shop{URL: server.URL}, demo.ImagePath+"arched-desk-lamp.svg"
	got := sendWith(t, plain, with, call{method: http.MethodGet, path: path})
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, "image/svg+xml", got.header.Get("Content-Type"))
	require.Equal(t, "no-cache", got.header.Get("Cache-Control"))
	require.NotEmpty(t, got.header.Get("X-Request-Id"))
	asked := sendWith(t, plain, with, call{method: http.MethodHead, path: path})
	require.Equal(t, http.StatusOK, asked.status)
	require.Empty(t, asked.body)
	unchanged := sendWith(t, plain, with, call{
		method: http.MethodGet, path: path, header: map[string]string{"If-None-Match": got.header.Get("ETag")},
	})
	require.Equal(t, http.StatusNotModified, unchanged.status)

	without, _ := broken(t)
	for name, nothing := range map[string]answer{
		"of this name": sendWith(t, plain, with, call{method: http.MethodGet, path: demo.ImagePath + "nothing.svg"}),
		"at the root":  sendWith(t, plain, with, call{method: http.MethodGet, path: "/demo"}),
		"of a demo":    sendWith(t, plain, without, call{method: http.MethodGet, path: path}),
	} {
		require.Equal(t, "not_found", requireProblem(t, nothing, http.StatusNotFound).Code, name)
		require.Equal(t, "no-store", nothing.header.Get("Cache-Control"), name)
	}
	written := sendWith(t, plain, with, call{method: http.MethodPost, path: path})
	require.Equal(t, "method_not_allowed", requireProblem(t, written, http.StatusMethodNotAllowed).Code)
}

func TestReadinessFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	check := func(path string) answer { return sendWith(t, plain, shop, call{method: http.MethodGet, path: path}) }
	var last int64
	require.NoError(t, shop.DB.QueryRow(t.Context(),
		`DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version) RETURNING version_id`).Scan(&last))
	pending := check("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, pending.status)
	require.Contains(t, pending.body, "cartwright migrate up")
	require.Equal(t, http.StatusOK, check("/healthz").status)
	_, err := shop.DB.Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)`, last)
	require.NoError(t, err)
	require.JSONEq(t, `{"status":"ok"}`, check("/readyz").body)
	require.JSONEq(t, `{"status":"ok"}`, check("/healthz").body)
}

func TestEveryAnswerNamesItsRequestAndIsNotSniffed(t *testing.T) {
	t.Parallel()
	shop, _ := broken(t)
	ids := map[string]bool{}
	for _, path := range []string{"/healthz", "/nothing", "/openapi.json", "/docs", "/", "/api/v1/products?limit=0", "/api/v1/nothing"} {
		got := sendWith(t, plain, shop, call{
			method: http.MethodGet, path: path, header: map[string]string{"X-Request-Id": "chosen by the client"},
		})
		ids[got.header.Get("X-Request-Id")] = true
		require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"), path)
		require.NotEmpty(t, got.header.Get("Referrer-Policy"), path)
		require.NotEmpty(t, got.header.Get("Cache-Control"), path)
		if strings.HasPrefix(path, "/api/") {
			require.Equal(t, "no-store", got.header.Get("Cache-Control"), path)
		}
	}
	require.Len(t, ids, 7)
	require.NotContains(t, ids, "chosen by the client")
}
