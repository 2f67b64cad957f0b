package app

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"cartwright/internal/postgres/pgtest"
)

// This test is not parallel, so that the goroutines it finds are those of the shop.
func TestStoppingLeavesNothingRunning(t *testing.T) {
	url := pgtest.URL(t)
	before := goleak.IgnoreCurrent()
	port := freePort(t)
	t.Setenv("PORT", strconv.Itoa(port))
	t.Setenv("DATABASE_URL", url)
	t.Setenv("DATA_DIR", filepath.Join(t.TempDir(), ".data"))
	config, err := readConfig()
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- dev(ctx, config, io.Discard, slog.New(slog.DiscardHandler)) }()
	require.Eventually(t, func() bool { return isReady(port) }, time.Minute, 10*time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	http.DefaultClient.CloseIdleConnections()
	goleak.VerifyNone(t, before)
}

func isReady(port int) bool {
	response, err := http.Get("http://127.0.0.1:" + strconv.Itoa(port) + "/readyz")
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

func TestDrainingShopIsNotReady(t *testing.T) {
	t.Parallel()
	shop := &Shop{}
	shop.draining.Store(true)
	require.ErrorIs(t, shop.ready(t.Context()), errDraining)
}

func TestSecretIsMadeOnceAndTakenWhenLongEnough(t *testing.T) {
	t.Parallel()
	data, err := openDataDir(filepath.Join(t.TempDir(), "a", "b"))
	require.NoError(t, err)
	first, err := data.secret("some.secret", "whsec_")
	require.NoError(t, err)
	require.Regexp(t, `^whsec_.{48}$`, first)
	again, err := data.secret("some.secret", "whsec_")
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.NoError(t, os.WriteFile(data.file("some.secret"), []byte("cut off"), 0o600))
	anew, err := data.secret("some.secret", "")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(anew), minSecret)
}

func TestWeakSecretsAreShortOrHardlyVaried(t *testing.T) {
	t.Parallel()
	require.True(t, weak("Fm3yYkz0aLq7rWc9VtXb2nHs5dJp8gU"), "31 characters")
	require.True(t, weak("changemechangemechangemechangeme"))
	require.False(t, weak("Fm3yYkz0aLq7rWc9VtXb2nHs5dJp8gUe"))
}
