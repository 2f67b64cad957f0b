package api

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"cartwright/gen/oapi"
	"cartwright/internal/carts"
	"cartwright/internal/media"
	"cartwright/internal/postgres/pgtest"
	"cartwright/internal/pricing"
	"cartwright/openapi"
)

// The spec closes every object that clients send, so another spelling of a name is refused at the
// door. Here it is open, as it would be after a slip: still nothing but the validated name arrives.
func TestAnotherSpellingOfANameNeverArrives(t *testing.T) {
	t.Parallel()
	opened := bytes.ReplaceAll(openapi.JSON, []byte(`"additionalProperties":false`), []byte(`"additionalProperties":true`))
	require.NotEqual(t, openapi.JSON, opened)
	open, err := openapi3.NewLoader().LoadFromData(opened)
	require.NoError(t, err)
	prices, err := pricing.New("USD", "0")
	require.NoError(t, err)
	handler, err := build(Services{
		Carts: carts.New(pgtest.New(t), prices, media.Addresses{}, time.Now), Logger: slog.New(slog.DiscardHandler),
	}, open)
	require.NoError(t, err)
	for name, body := range map[string]string{
		"behind": `{"sessionId":"a","SESSIONID":"b"}`, "before": `{"SessionID":"b","sessionId":"a"}`,
		"of another kind": `{"sessionId":"a","SESSIONID":{"b":1}}`, "in Unicode": "{\"sessionId\":\"a\",\"\u017fessionId\":\"b\"}",
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodPost, "/api/v1/carts", strings.NewReader(body))
			request.Header.Set("Content-Type", "application/json")
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			require.Equal(t, http.StatusCreated, recorder.Code, recorder.Body)
			var cart oapi.Cart
			require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &cart))
			require.Equal(t, "a", *cart.SessionID)
		})
	}
}
