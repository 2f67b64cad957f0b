package api_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
)

// heard is a log of everything, for a test to read.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps what is logged.
func (h *heard) Write(line []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(line)
}

// listening is an option with which a shop logs all that it ever logs there.
func (h *heard) listening() shoptest.Option {
	return shoptest.WithLogger(slog.New(slog.NewJSONHandler(h, &slog.HandlerOptions{Level: slog.LevelDebug})))
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// finds tells whether a text holds a secret, as it is, in other case, or in one of the forms in which texts travel.
func finds(text, secret string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{
		secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret)), url.QueryEscape(secret),
	}, func(form string) bool { return strings.Contains(text, strings.ToLower(form)) })
}

// requireUnsaid holds when no job and no line of the log has one of the secrets, and says which does.
func requireUnsaid(t *testing.T, shop *shoptest.Shop, log *heard, secrets map[string]string) {
	t.Helper()
	rows, err := shop.DB.Query(t.Context(), `SELECT j::text || ' ' || convert_to(j.args::text, 'UTF8')::text FROM river_job j`)
	require.NoError(t, err)
	jobs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.NotEmpty(t, jobs)
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Greater(t, len(lines), 20, "the log is listened to")
	for name, secret := range secrets {
		require.NotEmpty(t, secret, name)
		for _, job := range jobs {
			require.False(t, finds(job, secret), "%s is in a job: %s", name, job)
		}
		for _, line := range lines {
			require.False(t, finds(line, secret), "%s is in the log: %s", name, line)
		}
	}
}

// requireUnechoed holds when a refusal does not say a secret again, neither in its body nor in its headers.
func requireUnechoed(t *testing.T, c call, got answer, secrets map[string]string) {
	t.Helper()
	if got.status < http.StatusBadRequest {
		return
	}
	for name, secret := range secrets {
		require.False(t, finds(fmt.Sprint(got.body, got.header), secret), "%s %s %s is answered with the %s: %d %v %s", c.method, c.path, c.body, name, got.status, got.header, got.body)
	}
}

// The secrets that are sent wherever something can be sent. Passwords, tokens, keys and codes are all texts to whoever
// does not expect one, so one word stands for them; a security code of three digits would be found in every log.
const (
	canaryWord = "zq7391xk-canary"
	canaryCard = "4539578763621486"
	canaryText = canaryWord + " " + canaryCard
	canaryMail = "zq7391xk@canary.example.com"
)

var canaries = map[string]string{"word": "zq7391xk", "card": canaryCard}

// planted are copies of a body, each with the secret in the place of one of the values that its schema knows, or of all.
func planted(schema *openapi3.Schema, value any, secret string) (all []any) {
	object, _ := value.(map[string]any)
	items, _ := value.([]any)
	with := func(name string, inner any) {
		copied := maps.Clone(object)
		if copied == nil {
			copied = map[string]any{}
		}
		copied[name] = inner
		all = append(all, copied)
	}
	for name, property := range schema.Properties {
		for _, inner := range planted(property.Value, object[name], secret) {
			with(name, inner)
		}
	}
	if schema.AdditionalProperties.Schema != nil {
		with("color", secret)
	}
	for _, part := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		all = append(all, planted(part.Value, value, secret)...)
	}
	if schema.Items != nil {
		for _, inner := range planted(schema.Items.Value, append(items, nil)[0], secret) {
			all = append(all, []any{inner})
		}
	}
	return append(all, secret)
}

// bodies are texts with the secret that the operation may be sent, in its own form and in others, and broken ones.
func (o operation) bodies(t *testing.T, good call) (all []call) {
	t.Helper()
	in := func(media, body string) {
		c := good
		c.media, c.body, c.header = media, body, nil
		all = append(all, c)
	}
	described := o.described.RequestBody
	if described == nil {
		in("application/json", toJSON(t, canaryText))
		return all
	}
	for media, content := range described.Value.Content {
		if content.Schema == nil || !strings.HasSuffix(media, "json") {
			in(media, "sku,name,price\n"+canaryText+","+canaryText+","+canaryText+"\n\""+canaryText) // a column's name is told
			in(media, fmt.Sprintf("{%q:%q}\n{%q:%q}\n%q\n{%q", "sku", canaryText, "price", canaryText, canaryText, canaryText))
			continue
		}
		for _, secret := range []string{canaryText, canaryMail} {
			for _, body := range planted(content.Schema.Value, any(o.example(t)), secret) {
				in(media, toJSON(t, body))
			}
		}
		for _, broken := range []string{
			`{"password":"` + canaryText, `{"password":` + canaryText + `}`, `"` + canaryText + `"`, canaryText, `["` + canaryText + `"]`,
			`{"a":"` + canaryText + `"}{`, `{"a":{"b":"` + canaryText + `"},"a":1}`, `{"email":"` + canaryMail + `\u0000"}`,
			`{"n":` + canaryCard + `,}`, `{"price":` + canaryCard + canaryCard + `}`, `{"a":"` + canaryMail + "\xff\"}",
		} {
			in(media, broken)
		}
		for _, other := range []string{
			"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=" + canaryWord, "application/json; charset=" + canaryWord, "x/" + canaryWord, canaryText,
		} {
			in(other, `{"password":"`+canaryText+`"}`)
		}
	}
	return all
}

// places are calls with the secret anywhere but in the body.
func (o operation) places(good call) (all []call) {
	for _, found := range parameter.FindAllString(o.path, -1) {
		c := good
		c.path = o.address(strings.Trim(found, "{}"), url.PathEscape(canaryText))
		all = append(all, c)
	}
	in := func(query string) {
		c := good
		c.path += "?" + query
		all = append(all, c)
	}
	headers := []string{
		"Authorization", "X-Api-Key", shoptest.OrderTokenHeader, "X-CSRF-Token", "Idempotency-Key", "If-Match", "If-None-Match", "User-Agent",
		"X-Forwarded-For", "Forwarded", "Origin", "Referer", "Accept", "Accept-Encoding", "Content-Encoding", "X-Request-Id", "Stripe-Signature",
	}
	for _, described := range o.described.Parameters {
		switch described.Value.In {
		case openapi3.ParameterInQuery:
			in(url.QueryEscape(described.Value.Name) + "=" + url.QueryEscape(canaryText))
			in(url.QueryEscape(described.Value.Name) + "=" + url.QueryEscape(canaryMail))
		case openapi3.ParameterInHeader:
			headers = append(headers, described.Value.Name)
		}
	}
	in("token=" + url.QueryEscape(canaryText))
	in("a=%zz" + canaryWord)
	in("a;" + canaryWord)
	for _, name := range headers {
		values := []string{canaryText}
		switch name {
		case "Authorization":
			values = append(values, "Bearer "+canaryWord, "Bearer ck_test_"+canaryWord)
		case "If-Match", "If-None-Match":
			values = append(values, `"`+canaryWord+`"`)
		}
		for _, value := range values {
			c := good
			c.header = map[string]string{name: value}
			all = append(all, c)
		}
	}
	cookies := good
	cookies.token, cookies.header = "", map[string]string{"Cookie": "cartwright_access=" + canaryWord + "; cartwright_refresh=" + canaryWord + "; other=" + canaryCard}
	return append(all, cookies)
}

func TestASecretSentAnywhereIsSaidNowhere(t *testing.T) {
	t.Parallel()
	log, sent, refused := &heard{}, 0, 0
	shop := shoptest.New(t, log.listening())
	try := func(c call) {
		got := send(t, shop, c)
		requireUnechoed(t, c, got, canaries)
		if sent++; got.status >= http.StatusBadRequest {
			refused++
		}
	}
	for _, o := range operations(t) {
		good := o.good(t, shop.Login("admin@example.com").AccessToken)
		if o.id == "logoutUser" || o.id == "logoutEverywhere" {
			good.token = ""
		}
		for _, c := range o.bodies(t, good) {
			try(c)
		}
		for _, c := range o.places(good) {
			try(c)
		}
	}
	for _, path := range []string{"/" + canaryWord, "/api/v1/" + canaryWord, "/media/" + canaryWord, "/docs/" + canaryWord, "/dev/mail/" + canaryWord, "/demo/images/" + canaryWord, "/api/v1/products/" + canaryWord + "/" + canaryCard} {
		for _, method := range []string{http.MethodGet, http.MethodPost, "ZQ7391XK"} {
			c := call{method: method, path: path, body: `{"password":"` + canaryText + `"}`}
			requireUnechoed(t, c, sendWith(t, plain, shop, c), canaries)
		}
	}
	t.Logf("%d sent, %d refused", sent, refused)
	require.Greater(t, refused, 2000)
	requireUnsaid(t, shop, log, canaries)
}
