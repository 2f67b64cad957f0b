package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// ended is how long a test waits for a stream to be ended: much longer than it takes, much shorter than a stream may
// stand still.
const ended = 30 * time.Second

// sending is an import that has begun and does not end by itself.
type sending struct {
	body   *io.PipeWriter
	answer chan *client.ImportCatalogueResponse
}

// begin begins an import by a client, and waits until the shop has written what it writes at once.
func begin(t *testing.T, shop *shoptest.Shop, as *client.ClientWithResponses, name string) sending {
	t.Helper()
	body, end := io.Pipe()
	s := sending{end, make(chan *client.ImportCatalogueResponse, 1)}
	go func() {
		got, err := as.ImportCatalogueWithBodyWithResponse(context.WithoutCancel(t.Context()), nil, "text/csv", struct{ io.Reader }{body})
		if err != nil {
			t.Error(err)
		}
		s.answer <- got
	}()
	t.Cleanup(func() { _ = end.Close() })
	var rows strings.Builder
	rows.WriteString("sku,name,category,price\n")
	for i := range 1200 {
		fmt.Fprintf(&rows, "%s-%d,Lamp,electronics,1\n", name, i)
	}
	_, err := io.WriteString(end, rows.String())
	require.NoError(t, err)
	require.Eventually(t, func() bool { return written(t, shop, name) > 0 }, ended, 10*time.Millisecond)
	return s
}

// written is how many rows of an import are in the shop.
func written(t *testing.T, shop *shoptest.Shop, name string) (n int) {
	t.Helper()
	require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT count(*) FROM product_variants WHERE sku LIKE $1`, name+"-%").Scan(&n))
	return n
}

// status waits for the import's answer.
func (s sending) status(t *testing.T) int {
	t.Helper()
	select {
	case got := <-s.answer:
		require.NotNil(t, got)
		return got.StatusCode()
	case <-time.After(ended):
		require.FailNow(t, "the import goes on")
		return 0
	}
}

func TestAnImportEndsWithTheRightToIt(t *testing.T) {
	t.Parallel()
	shop, _ := importer(t)
	lasting := begin(t, shop, shop.Admin, "lasting")
	for name, c := range map[string]struct {
		lose func(t *testing.T, staff *client.ClientWithResponses, email string)
		want int
	}{
		"deactivated": {func(t *testing.T, staff *client.ClientWithResponses, _ string) {
			id, err := uuid.Parse(self(t, staff))
			require.NoError(t, err)
			got, err := shop.Admin.DeactivateStaffMemberWithResponse(t.Context(), id, nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		}, http.StatusUnauthorized},
		"signed out": {func(t *testing.T, staff *client.ClientWithResponses, _ string) {
			got, err := staff.LogoutUserWithResponse(t.Context())
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, got.StatusCode(), string(got.Body))
		}, http.StatusUnauthorized},
		"not permitted any more": {func(t *testing.T, _ *client.ClientWithResponses, email string) {
			permit(t, shop, email, "catalogue:read")
		}, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			email := strings.ReplaceAll(name, " ", "-") + "@example.com"
			staff := shop.User(email, auth.Staff)
			permit(t, shop, email, "catalogue:write")
			open := begin(t, shop, staff, name)
			c.lose(t, staff, email)
			require.Equal(t, c.want, open.status(t))
			require.Equal(t, 1000, written(t, shop, name), "what was read and not yet written is not")
		})
	}
	t.Run("with a key that is revoked", func(t *testing.T) {
		made := keyOf(t, shop.Admin, client.StaffPermissionCatalogueWrite)
		open := begin(t, shop, shop.As(*made.Key), "key")
		got, err := shop.Admin.RevokeAPIKeyWithResponse(t.Context(), made.ID, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusNoContent, got.StatusCode(), string(got.Body))
		require.Equal(t, http.StatusUnauthorized, open.status(t))
	})
	require.NoError(t, lasting.body.Close())
	require.Equal(t, http.StatusOK, lasting.status(t), "who still may, all the while")
	require.Equal(t, 1200, written(t, shop, "lasting"))
}

// A client that reads no further keeps an export waiting, for as long as it may stand still.
func TestAnExportEndsWithTheRightToIt(t *testing.T) {
	t.Parallel()
	shop, load := importer(t)
	var file strings.Builder
	file.WriteString("sku,name,category,price,description\n")
	for i := range 2400 {
		fmt.Fprintf(&file, "S%d,Lamp,electronics,1,%s\n", i, strings.Repeat("long ", 2000))
	}
	require.EqualValues(t, 2400, load("text/csv", file.String(), false, false).JSON200.Created)
	staff := shop.User("reader@example.com", auth.Staff)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, shop.URL+"/api/v1/catalogue/export?format=ndjson", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+shop.Login("reader@example.com").AccessToken)
	request.Header.Set("Accept-Encoding", "identity") // compressed, it would wait for nobody
	got, err := plain.Do(request)
	require.NoError(t, err)
	defer func() { _ = got.Body.Close() }()
	_, err = io.ReadFull(got.Body, make([]byte, 1000))
	require.NoError(t, err)
	waiting := func() (n int) {
		require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND state = 'idle in transaction'`).Scan(&n))
		return n
	}
	require.Equal(t, 1, waiting())
	signedOut, err := staff.LogoutEverywhereWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, signedOut.StatusCode())
	require.Eventually(t, func() bool { return waiting() == 0 }, ended, 20*time.Millisecond)
	_, err = io.Copy(io.Discard, got.Body)
	require.Error(t, err, "it cannot be taken for a whole one")
}
