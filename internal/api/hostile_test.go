package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// bomb is a hundred megabytes of nothing, in a hundred kilobytes.
func bomb(t *testing.T) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.CopyN(w, nothing{}, 100<<20)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return packed.String()
}

type nothing struct{}

func (nothing) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// quick is how long a refusal may take.
const quick = 100 * time.Millisecond

func TestAHostileBodyIsRefusedAtOnce(t *testing.T) { // not parallel: it measures time
	shop := shoptest.New(t, shoptest.WithoutJobs())
	held, packed := contents(t, shop), bomb(t)
	deep := func(n int) string {
		return `{"sessionId":` + strings.Repeat(`[`, n) + strings.Repeat(`]`, n) + `}`
	}
	for name, tc := range map[string]struct {
		body   string
		header map[string]string
		status int
	}{
		"10,000 arrays deep":        {body: deep(10_000), status: http.StatusBadRequest},
		"100,000 arrays deep":       {body: deep(100_000), status: http.StatusRequestEntityTooLarge},
		"64 arrays in an object":    {body: deep(64), status: http.StatusBadRequest},
		"63 arrays in an object":    {body: deep(63), status: http.StatusUnprocessableEntity},
		"a compression bomb":        {body: packed, header: map[string]string{"Content-Encoding": "gzip"}, status: http.StatusUnsupportedMediaType},
		"a bomb that denies it":     {body: packed, status: http.StatusRequestEntityTooLarge},
		"its beginning":             {body: packed[:8<<10], status: http.StatusBadRequest},
		"2 MiB":                     {body: `{"sessionId":"` + strings.Repeat("x", 2<<20) + `"}`, status: http.StatusRequestEntityTooLarge},
		"2 MiB without a length":    {body: `{"sessionId":"` + strings.Repeat("x", 2<<20) + `"}`, header: map[string]string{"Transfer-Encoding": "chunked"}, status: http.StatusRequestEntityTooLarge},
		"a member twice":            {body: `{"sessionId":"one","sessionId":"two"}`, status: http.StatusBadRequest},
		"a member twice, disguised": {body: `{"sessionId":"one","session\u0049d":"two"}`, status: http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			best := time.Hour
			for attempt := 0; attempt < 3 || attempt < 100 && best >= quick; attempt++ { // a busy machine may pause in many of them
				began := time.Now()
				got := send(t, shop, call{method: http.MethodPost, path: "/carts", body: tc.body, header: tc.header})
				best = min(best, time.Since(began))
				requireProblem(t, got, tc.status)
			}
			t.Logf("refused within %s", best)
			require.Less(t, best, quick)
		})
	}
	require.Equal(t, held, contents(t, shop))
}

func TestAMemberInOtherLettersIsNoMember(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin, held, tried := shop.Login("admin@example.com").AccessToken, contents(t, shop), 0
	delete(held, "refresh_tokens")
	for _, o := range operations(t) {
		example := o.example(t)
		if len(example) == 0 || o.streams() || o.id == "receiveStripeWebhook" || strings.HasPrefix(o.path, "/auth/") {
			continue
		}
		for name, value := range example {
			changed := map[string]any{strings.ToUpper(name): value}
			for other, value := range example {
				changed[other] = value
			}
			got := send(t, shop, o.as(admin, o.address("", uuid.NewString()), toJSON(t, changed)))
			requireField(t, got, client.FieldLocationBODY, strings.ToUpper(name))
			tried++
		}
	}
	require.Greater(t, tried, 30)
	after := contents(t, shop)
	delete(after, "refresh_tokens")
	require.Equal(t, held, after)
}
