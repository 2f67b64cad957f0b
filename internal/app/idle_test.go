//go:build unix

package app_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/app"
	"cartwright/internal/payments/stripesim"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// An idle shop sends PostgreSQL fewer statements a second than this.
const idleStatements = 3

// statementLog is a PostgreSQL of the test's own that logs each statement with its time.
type statementLog struct {
	t    *testing.T
	url  string
	file string
}

func startLogging(t *testing.T) statementLog {
	t.Helper()
	server, err := pgtest.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(context.WithoutCancel(t.Context()))) })
	require.NoError(t, postgres.Migrate(t.Context(), server.URL()))
	conn, err := pgx.Connect(t.Context(), server.URL())
	require.NoError(t, err)
	for _, setting := range []string{"log_statement = 'all'", "log_line_prefix = '%n %a|'"} {
		_, err := conn.Exec(t.Context(), "ALTER SYSTEM SET "+setting)
		require.NoError(t, err)
	}
	_, err = conn.Exec(t.Context(), "SELECT pg_reload_conf()")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	return statementLog{t, server.URL(), filepath.Join(server.DataDir(), "postgres.log")}
}

// read returns when PostgreSQL executed each statement of the shop, and the statements.
func (l statementLog) read() (times []time.Time, statements []string) {
	l.t.Helper()
	file, err := os.Open(l.file)
	require.NoError(l.t, err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		prefix, line, found := strings.Cut(lines.Text(), " cartwright|")
		if !found || !strings.Contains(line, " statement: ") && !strings.Contains(line, " execute ") {
			continue
		}
		var seconds float64
		_, err := fmt.Sscan(prefix, &seconds)
		require.NoError(l.t, err)
		times, statements = append(times, time.UnixMicro(int64(seconds*1e6))), append(statements, line)
	}
	require.NoError(l.t, lines.Err())
	return times, statements
}

// idle builds and starts a shop and returns once what a start does is done.
func (l statementLog) idle() *app.Shop {
	l.t.Helper()
	sim, err := stripesim.New(stripesim.Config{WebhookSecret: "whsec_of_a_shop_that_is_idle_0123456789"})
	require.NoError(l.t, err)
	stripe := httptest.NewServer(sim)
	shop, err := app.Build(l.t.Context(), app.Config{
		StripeSecretKey: "sk_test_0123456789abcdefghijklmnopqrstuvwxyz", StripeAPIBase: stripe.URL,
		StripeSweepInterval: 30 * time.Second, StripeReconcileInterval: 15 * time.Minute,
		JWTSecret: "a secret that only tests know, 0123456789", Currency: "USD", TaxRate: "0.08",
		ReservationTTL: 30 * time.Minute, PublicURL: "http://localhost:3000", EmailProvider: "dev", DataDir: l.t.TempDir(),
		MediaMaxBytes: 1 << 20, MediaMaxPixels: 1 << 20,
	}, l.url, slog.New(slog.DiscardHandler))
	require.NoError(l.t, err)
	require.NoError(l.t, shop.Start(context.WithoutCancel(l.t.Context())))
	l.t.Cleanup(func() {
		require.NoError(l.t, shop.Stop(context.WithoutCancel(l.t.Context())))
		shop.Close()
		stripe.Close()
		require.NoError(l.t, sim.Close())
	})
	conn, err := pgx.Connect(l.t.Context(), l.url)
	require.NoError(l.t, err)
	defer conn.Close(l.t.Context())
	require.Eventually(l.t, func() bool {
		var done bool
		err := conn.QueryRow(l.t.Context(), `
			SELECT count(*) >= 8 AND bool_and(state = 'completed') FROM river_job`).Scan(&done)
		return err == nil && done
	}, patience, 100*time.Millisecond, "the jobs of the start end")
	return shop
}

// A busy machine makes the shop slower and sends fewer statements: the bound holds there as well.
func TestServe_IdleSendsPostgreSQLFewerThanThreeStatementsASecond(t *testing.T) {
	t.Parallel()
	log := startLogging(t)
	log.idle()
	const window = 45
	before, _ := log.read()
	require.NotEmpty(t, before)
	began := before[len(before)-1]
	require.Eventually(t, func() bool {
		now, _ := log.read()
		return len(now) >= len(before)+window
	}, 2*patience, 500*time.Millisecond)
	times, statements := log.read()
	took := times[len(before)+window-1].Sub(began)
	t.Logf("%d statements in %s", window, took.Round(time.Millisecond))
	require.Greater(t, took, window*time.Second/idleStatements, strings.Join(statements[len(before):], "\n"))
	for _, statement := range statements {
		require.NotContains(t, strings.ToLower(statement), "notify", "which takes a lock of the whole cluster")
	}
}
