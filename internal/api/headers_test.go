package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
	"cartwright/openapi"
)

func TestEveryKindOfAnswerHasTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	origin := "https://shop.example.com"
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithEdge(origin, nil, []string{origin}))
	product := shop.Product(1)
	tag := sendWith(t, plain, shop, call{method: http.MethodGet, path: "/api/v1/products/" + product.ID.String()}).header.Get("ETag")
	failing, _ := broken(t)
	picture := "/demo/images/arched-desk-lamp.svg"
	for name, tc := range map[string]struct {
		of     *shoptest.Shop
		call   call
		status int
	}{
		"read":           {shop, call{method: http.MethodGet, path: "/api/v1/products"}, 200},
		"unchanged":      {shop, call{method: http.MethodGet, path: "/api/v1/products/" + product.ID.String(), header: map[string]string{"If-None-Match": tag}}, 304},
		"written":        {shop, call{method: http.MethodPost, path: "/api/v1/carts", body: `{}`}, 201},
		"redirect":       {shop, call{method: http.MethodGet, path: "/"}, 302},
		"malformed":      {shop, call{method: http.MethodPost, path: "/api/v1/carts", body: `{`}, 400},
		"unknown caller": {shop, call{method: http.MethodGet, path: "/api/v1/orders"}, 401},
		"nothing there":  {shop, call{method: http.MethodGet, path: "/nothing"}, 404},
		"wrong method":   {shop, call{method: http.MethodDelete, path: "/api/v1/carts"}, 405},
		"invalid":        {shop, call{method: http.MethodGet, path: "/api/v1/products?limit=0"}, 422},
		"panic":          {failing, call{method: http.MethodPost, path: "/api/v1/carts", body: `{}`}, 500},
		"not ready":      {failing, call{method: http.MethodGet, path: "/readyz"}, 503},
		"preflight":      {shop, call{method: http.MethodOptions, path: "/api/v1/carts", header: map[string]string{"Origin": origin, "Access-Control-Request-Method": "POST"}}, 204},
		"docs":           {shop, call{method: http.MethodGet, path: "/docs"}, 200},
		"spec":           {shop, call{method: http.MethodGet, path: "/openapi.yaml"}, 200},
		"picture":        {shop, call{method: http.MethodGet, path: picture}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			got := sendWith(t, plain, tc.of, tc.call)
			require.Equal(t, tc.status, got.status, got.body)
			require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
			require.Equal(t, "no-referrer", got.header.Get("Referrer-Policy"))
			require.Equal(t, "DENY", got.header.Get("X-Frame-Options"))
			policy := got.header.Get("Content-Security-Policy")
			require.Contains(t, policy, "default-src 'none'")
			if name != "picture" {
				require.Contains(t, policy, "frame-ancestors 'none'")
			}
			require.Equal(t, name == "docs", strings.Contains(policy, "script-src 'self'"), "only the docs run scripts")
			want := "same-origin"
			if name == "picture" {
				want = "cross-origin"
			}
			require.Equal(t, want, got.header.Get("Cross-Origin-Resource-Policy"))
			if tc.of == shop {
				require.Equal(t, "max-age=31536000", got.header.Get("Strict-Transport-Security"))
			} else {
				require.Empty(t, got.header.Get("Strict-Transport-Security"), "it is not known to be served by https")
			}
		})
	}
}

func TestOnlyListedOriginsShare(t *testing.T) {
	t.Parallel()
	listed, other := "https://shop.example.com", "https://thief.example.com"
	ask := func(t *testing.T, shop *shoptest.Shop, method, origin string) answer {
		header := map[string]string{}
		if origin != "" {
			header["Origin"] = origin
		}
		if method == http.MethodOptions {
			header["Access-Control-Request-Method"] = "PATCH"
			header["Access-Control-Request-Headers"] = "authorization,if-match"
		}
		return sendWith(t, plain, shop, call{method: method, path: "/api/v1/products", header: header})
	}
	shared := func(t *testing.T, got answer, origin, credentials string) {
		t.Helper()
		require.Equal(t, origin, got.header.Get("Access-Control-Allow-Origin"))
		require.Equal(t, credentials, got.header.Get("Access-Control-Allow-Credentials"))
	}
	start := func(origins ...string) *shoptest.Shop {
		return shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithEdge(listed, nil, origins))
	}
	t.Run("without a list nobody", func(t *testing.T) {
		t.Parallel()
		shop := start()
		shared(t, ask(t, shop, http.MethodGet, listed), "", "")
		require.Empty(t, ask(t, shop, http.MethodOptions, listed).header.Get("Access-Control-Allow-Methods"))
	})
	t.Run("who is listed", func(t *testing.T) {
		t.Parallel()
		shop := start(listed, "http://localhost:5173")
		got := ask(t, shop, http.MethodGet, listed)
		shared(t, got, listed, "true")
		require.Contains(t, got.header.Values("Vary"), "Origin")
		for _, name := range []string{"ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"} {
			require.Contains(t, got.header.Get("Access-Control-Expose-Headers"), name)
		}
		shared(t, ask(t, shop, http.MethodGet, "http://localhost:5173"), "http://localhost:5173", "true")
		before := ask(t, shop, http.MethodOptions, listed)
		require.Equal(t, http.StatusNoContent, before.status)
		shared(t, before, listed, "true")
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			require.Contains(t, before.header.Get("Access-Control-Allow-Methods"), method)
		}
		sent, answered := headersOf(t)
		for _, name := range append(sent, "Authorization", "Content-Type", "If-None-Match") {
			require.Contains(t, before.header.Get("Access-Control-Allow-Headers"), name)
		}
		for _, name := range answered {
			require.Contains(t, got.header.Get("Access-Control-Expose-Headers"), name)
		}
	})
	t.Run("nobody like them", func(t *testing.T) {
		t.Parallel()
		shop := start(listed)
		for _, origin := range []string{
			other, "null", "", "*", "http://shop.example.com", "https://shop.example.com:8443", "https://shop.example.com.thief.example",
			"https://SHOP.example.com", "https://x.shop.example.com", listed + "/", listed + ", " + other,
		} {
			got := ask(t, shop, http.MethodGet, origin)
			shared(t, got, "", "")
			require.Contains(t, got.header.Values("Vary"), "Origin", "no cache may give this answer to who is listed")
			before := ask(t, shop, http.MethodOptions, origin)
			shared(t, before, "", "")
			require.Empty(t, before.header.Get("Access-Control-Allow-Methods"))
		}
	})
	t.Run("everybody without cookies", func(t *testing.T) {
		t.Parallel()
		shop := start("*", listed)
		shared(t, ask(t, shop, http.MethodGet, other), "*", "")
		shared(t, ask(t, shop, http.MethodOptions, other), "*", "")
		shared(t, ask(t, shop, http.MethodGet, listed), listed, "true")
	})
	t.Run("refusals too", func(t *testing.T) {
		t.Parallel()
		got := sendWith(t, plain, start(listed), call{method: http.MethodGet, path: "/api/v1/orders", header: map[string]string{"Origin": listed}})
		requireProblem(t, got, http.StatusUnauthorized)
		shared(t, got, listed, "true")
	})
}

// headersOf are the names of all headers that the spec lets clients send, and of those that scripts need of answers.
func headersOf(t *testing.T) (sent, answered []string) {
	t.Helper()
	document, err := openapi.Document()
	require.NoError(t, err)
	for _, scheme := range document.Components.SecuritySchemes {
		if scheme.Value.In == "header" {
			sent = append(sent, scheme.Value.Name)
		}
	}
	for _, o := range operations(t) {
		for _, parameter := range o.described.Parameters {
			if parameter.Value.In == "header" && o.id != "receiveStripeWebhook" { // which no page sends
				sent = append(sent, parameter.Value.Name)
			}
		}
		for _, response := range o.described.Responses.Map() {
			for name := range response.Value.Headers {
				if name != "WWW-Authenticate" && name != "Cache-Control" { // for the browser, or always readable
					answered = append(answered, name)
				}
			}
		}
	}
	require.Contains(t, sent, "X-Order-Token")
	require.Contains(t, answered, "X-CSRF-Token")
	return sent, answered
}

// unzipping asks for gzip and leaves it as it is.
var unzipping = &http.Client{Transport: &http.Transport{DisableCompression: true}}

func zippedCall(path string, header ...string) call {
	c := call{method: http.MethodGet, path: path, header: map[string]string{"Accept-Encoding": "gzip"}}
	for i := 0; i < len(header); i += 2 {
		c.header[header[i]] = header[i+1]
	}
	return c
}

func unzip(t *testing.T, got answer) string {
	t.Helper()
	require.Equal(t, "gzip", got.header.Get("Content-Encoding"))
	reader, err := gzip.NewReader(bytes.NewReader([]byte(got.body)))
	require.NoError(t, err)
	text, err := io.ReadAll(reader)
	require.NoError(t, err)
	return string(text)
}

func TestALongAnswerTravelsCompressedWithATagOfItsOwn(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	for range 10 {
		shop.Product(5)
	}
	list := "/api/v1/products"
	asIs := sendWith(t, unzipping, shop, call{method: http.MethodGet, path: list})
	require.Empty(t, asIs.header.Get("Content-Encoding"))
	got := sendWith(t, unzipping, shop, zippedCall(list))
	require.Equal(t, asIs.body, unzip(t, got))
	require.Less(t, len(got.body), len(asIs.body)/2)
	require.Contains(t, got.header.Values("Vary"), "Accept-Encoding")
	require.Contains(t, asIs.header.Values("Vary"), "Accept-Encoding")

	tag, compressedTag := asIs.header.Get("ETag"), got.header.Get("ETag")
	require.Equal(t, strings.TrimSuffix(tag, `"`)+`-gzip"`, compressedTag, "other bytes, another strong tag")
	for _, held := range []string{tag, compressedTag, "W/" + compressedTag, `"x", ` + compressedTag} {
		unchanged := sendWith(t, unzipping, shop, zippedCall(list, "If-None-Match", held))
		require.Equal(t, http.StatusNotModified, unchanged.status, held)
		require.Empty(t, unchanged.body)
		require.Empty(t, unchanged.header.Get("Content-Encoding"))
		require.Contains(t, held, unchanged.header.Get("ETag"), "the tag of what the client has")
		require.Contains(t, unchanged.header.Values("Vary"), "Accept-Encoding")
	}
	shop.Product(5)
	require.Equal(t, http.StatusOK, sendWith(t, unzipping, shop, zippedCall(list, "If-None-Match", compressedTag)).status)
	asked := zippedCall(list)
	asked.method = http.MethodHead
	require.Empty(t, sendWith(t, unzipping, shop, asked).body)
}

func TestACompressedTagGuardsAChange(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin, long := shop.Login("admin@example.com").AccessToken, strings.Repeat("long ", 500)
	product := shop.Product(1)
	change := func(match, description string) answer {
		return send(t, shop, call{
			method: http.MethodPatch, path: "/products/" + product.ID.String(), token: admin, media: mergePatch,
			body: toJSON(t, map[string]string{"description": description}), header: map[string]string{"If-Match": match},
		})
	}
	require.Equal(t, http.StatusOK, change("*", long).status)
	got := sendWith(t, unzipping, shop, zippedCall("/api/v1/products/"+product.ID.String()))
	require.Contains(t, unzip(t, got), long)
	require.Equal(t, http.StatusOK, change(got.header.Get("ETag"), long+"er").status)
	requireProblem(t, change(got.header.Get("ETag"), "lost"), http.StatusPreconditionFailed)
}

func TestSecretsAndShortAnswersAreNotCompressed(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	login := zippedCall("/api/v1/auth/login")
	login.method, login.body = http.MethodPost, `{"email":"admin@example.com","password":"`+shoptest.Password+`"}`
	for name, c := range map[string]call{
		"tokens": login, "a word": zippedCall("/healthz"), "a picture": zippedCall("/demo/images/arched-desk-lamp.svg"),
	} {
		got := sendWith(t, unzipping, shop, c)
		require.Equal(t, http.StatusOK, got.status, name)
		require.Empty(t, got.header.Get("Content-Encoding"), name)
	}
	for _, path := range []string{"/openapi.yaml", "/openapi.json"} {
		require.Contains(t, unzip(t, sendWith(t, unzipping, shop, zippedCall(path))), "Cartwright", path)
	}
}
