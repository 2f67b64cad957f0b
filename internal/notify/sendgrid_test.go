package notify

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sendGrid is a stand-in that answers the same to each request.
func sendGrid(t *testing.T, answer http.HandlerFunc) *SendGrid {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return NewSendGrid("SG.key", server.URL+"/")
}

func TestSendGridGetsTheMessage(t *testing.T) {
	t.Parallel()
	var request *http.Request
	var body []byte
	sender := sendGrid(t, func(w http.ResponseWriter, r *http.Request) {
		request = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
	})
	require.NoError(t, sender.Send(t.Context(), letter()))
	require.Equal(t, "POST /v3/mail/send", request.Method+" "+request.URL.Path)
	require.Equal(t, "Bearer SG.key", request.Header.Get("Authorization"))
	text, err := json.Marshal(letter().Text)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"from": {"name": "Lamps & Co", "email": "shop@example.com"},
		"subject": "Your order: Löwe",
		"personalizations": [{"to": [{"name": "Ada Löve, lace", "email": "ada@example.com"}]}],
		"content": [{"type": "text/plain", "value": `+string(text)+`}, {"type": "text/html", "value": "<p>Löwe</p>"}],
		"headers": {"Message-ID": "<0123456789abcdef@example.com>", "Auto-Submitted": "auto-generated"},
		"custom_args": {"message_id": "0123456789abcdef@example.com"},
		"tracking_settings": {"click_tracking": {"enable": false, "enable_text": false}, "open_tracking": {"enable": false}}
	}`, string(body))
}

func TestSendGridsRefusalsAreToldFromItsTroubles(t *testing.T) {
	t.Parallel()
	const echo = `{"errors": [{"message": "ada@example.com is not an address", "field": "personalizations.0.to.0.email"}, {"field": "ada@example.com"}]}`
	for status, wantRefused := range map[int]bool{
		400: true, 404: true, 413: true, 422: true,
		302: false, 401: false, 403: false, 408: false, 429: false, 500: false, 503: false,
	} {
		sender := sendGrid(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, echo)
		})
		err := sender.Send(t.Context(), letter())
		require.Error(t, err, status)
		_, isRefused := isRefusal(err)
		require.Equal(t, wantRefused, isRefused, status)
		require.ErrorContains(t, err, "personalizations.0.to.0.email")
		require.NotContains(t, err.Error(), "ada@")
	}
}

func TestSendGridThatHangsOrIsAwayIsLeftInTime(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	sender := sendGrid(t, func(http.ResponseWriter, *http.Request) { <-over })
	t.Cleanup(func() { close(over) })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	for _, sender := range []*SendGrid{sender, NewSendGrid("SG.key", "http://127.0.0.1:1")} {
		err := sender.Send(ctx, letter())
		require.Error(t, err)
		_, isRefused := isRefusal(err)
		require.False(t, isRefused)
		require.NotContains(t, err.Error(), "ada")
	}
}
