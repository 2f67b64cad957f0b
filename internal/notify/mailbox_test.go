package notify_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
)

// visit reads a page of the mailbox.
func visit(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	answer, err := http.Get(url)
	require.NoError(t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer, string(body)
}

func TestTheMailboxShowsWhatWouldHaveBeenSent(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	empty, list := visit(t, shop.URL+"/dev/mail")
	require.Equal(t, http.StatusOK, empty.StatusCode)
	require.Contains(t, list, "No mail yet")
	first, second := buy(t, shop), buy(t, shop)
	shop.AwaitMail("customer@example.com", "Your order "+first.OrderNumber)
	shop.AwaitMail("customer@example.com", "Your order "+second.OrderNumber)

	answer, list := visit(t, shop.URL+"/dev/mail")
	require.Equal(t, "text/html; charset=utf-8", answer.Header.Get("Content-Type"))
	require.Contains(t, answer.Header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'; frame-src 'self'")
	require.NotContains(t, list, "<script")
	require.Contains(t, list, "Your order "+first.OrderNumber)
	_, path, _ := strings.Cut(list, `<li><a href="`)
	path, _, _ = strings.Cut(path, `"`)

	_, opened := visit(t, shop.URL+path)
	require.Contains(t, opened, "2 x Wireless Headphones")
	require.Contains(t, opened, `<iframe title="The mail as a page" src="`+path+`/page" sandbox="allow-popups allow-popups-to-escape-sandbox">`)
	page, html := visit(t, shop.URL+path+"/page")
	require.Contains(t, page.Header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'unsafe-inline'")
	require.Contains(t, page.Header.Get("Content-Security-Policy"), "; sandbox ")
	require.Equal(t, "no-store", page.Header.Get("Cache-Control"))
	require.Contains(t, html, "Wireless Headphones")

	style, _ := visit(t, shop.URL+"/dev/mail/mailbox.css")
	require.Equal(t, "text/css; charset=utf-8", style.Header.Get("Content-Type"))
	for _, nothing := range []string{"/dev/mail/x", path + "/other", "/dev/mail/00000000-0000-0000-0000-000000000000"} {
		missing, _ := visit(t, shop.URL+nothing)
		require.Equal(t, http.StatusNotFound, missing.StatusCode, nothing)
	}
}

func TestOnlyDevModeHasAMailbox(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithSendGrid("http://127.0.0.1:1"))
	answer, _ := visit(t, shop.URL+"/dev/mail")
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
}
