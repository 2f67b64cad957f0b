package api_test

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/openapi"
)

// ptr is the address of a value, for optional fields.
func ptr[T any](value T) *T { return &value }

// call is a request below the base path, written by hand.
type call struct {
	method, path, body string
	token              string
	media              string // of the body; JSON when empty
	header             map[string]string
}

// answer is what came back. problem is set when it was one.
type answer struct {
	status  int
	header  http.Header
	body    string
	problem client.Problem
}

// send sends a call and holds the answer to the contract.
func send(t *testing.T, shop *shoptest.Shop, c call) answer {
	t.Helper()
	c.path = "/api/v1" + c.path
	return sendWith(t, shop.HTTP(), shop, c)
}

// sendWith sends a call to any address of the shop.
func sendWith(t *testing.T, through *http.Client, shop *shoptest.Shop, c call) answer {
	t.Helper()
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	request, err := http.NewRequestWithContext(t.Context(), c.method, shop.URL+c.path, body)
	require.NoError(t, err)
	if c.body != "" {
		request.Header.Set("Content-Type", cmp.Or(c.media, "application/json"))
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range c.header {
		request.Header.Set(name, value)
	}
	response, err := through.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	got := answer{status: response.StatusCode, header: response.Header, body: string(read)}
	if response.Header.Get("Content-Type") == "application/problem+json" && c.method != http.MethodHead {
		require.NoError(t, json.Unmarshal(read, &got.problem))
	}
	return got
}

// internals are words that only the inside of the program uses.
var internals = regexp.MustCompile(`(?i)sqlstate|pgx|postgres|\.go\b|goroutine|panic|strconv|unmarshal|kin-openapi|runtime|0x[0-9a-f]{6}`)

// requireProblem holds an answer to what every refusal promises.
func requireProblem(t *testing.T, got answer, status int) client.Problem {
	t.Helper()
	require.Equal(t, status, got.status, got.body)
	require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
	require.EqualValues(t, status, got.problem.Status)
	require.NotEmpty(t, got.problem.RequestID)
	require.Equal(t, got.header.Get("X-Request-Id"), got.problem.RequestID)
	require.NotRegexp(t, internals, got.body)
	return got.problem
}

// requireField wants a 422 that names the field.
func requireField(t *testing.T, got answer, in client.FieldLocation, field string) {
	t.Helper()
	problem := requireProblem(t, got, http.StatusUnprocessableEntity)
	for _, found := range problem.Errors {
		if found.In == in && found.Field == field {
			require.NotEmpty(t, found.Message)
			return
		}
	}
	require.Failf(t, "the field is not named", "want %s %q in %s", in, field, got.body)
}

// contents is everything the shop's tables hold, a fingerprint per table.
func contents(t *testing.T, shop *shoptest.Shop) map[string]string {
	t.Helper()
	rows, err := shop.DB.Query(t.Context(), `
		SELECT table_name FROM information_schema.tables
		WHERE table_schema = 'public' AND table_name NOT LIKE 'river%' AND table_name NOT LIKE 'goose%'`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Greater(t, len(tables), 10)
	held := map[string]string{}
	for _, table := range tables {
		var fingerprint string
		require.NoError(t, shop.DB.QueryRow(t.Context(),
			`SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '' ORDER BY t::text), ''))
			FROM `+pgx.Identifier{table}.Sanitize()+` t`).Scan(&fingerprint))
		held[table] = fingerprint
	}
	return held
}

// operation is one operation of the spec, as tests made from the spec see it.
type operation struct {
	id, method, path string // path with its parameters in braces
	permission       string
	described        *openapi3.Operation
}

// operations are all of the spec.
func operations(t *testing.T) []operation {
	t.Helper()
	document, err := openapi.Document()
	require.NoError(t, err)
	var all []operation
	for path, item := range document.Paths.Map() {
		for method, described := range item.Operations() {
			permission, _ := described.Extensions["x-permission"].(string)
			all = append(all, operation{described.OperationID, method, path, permission, described})
		}
	}
	require.NotEmpty(t, all)
	return all
}

// streams tells that the operation reads its body or writes its answer bit by bit.
func (o operation) streams() bool { return o.described.Extensions["x-streams"] == true }

var parameter = regexp.MustCompile(`\{\w+\}`)

// address is the operation's path with this value for the named parameter and unknown ids for others.
func (o operation) address(name, value string) string {
	return parameter.ReplaceAllStringFunc(o.path, func(found string) string {
		if found == "{"+name+"}" {
			return value
		}
		return uuid.NewString()
	})
}

// example is the body that the spec shows for the operation; nil when it takes no JSON.
func (o operation) example(t *testing.T) map[string]any {
	t.Helper()
	if o.described.RequestBody == nil {
		return nil
	}
	media := o.described.RequestBody.Value.Content[o.media()]
	if media == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
		if value, ok := media.Examples[name].Value.Value.(map[string]any); ok && len(value) > 0 {
			return value
		}
	}
	return map[string]any{}
}

// mergePatch is the media type of a change.
const mergePatch = "application/merge-patch+json"

// media is the JSON that the operation takes.
func (o operation) media() string {
	if o.described.RequestBody != nil && o.described.RequestBody.Value.Content[mergePatch] != nil {
		return mergePatch
	}
	return "application/json"
}

// toJSON writes a value.
func toJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}
