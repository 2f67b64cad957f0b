//go:build unix

package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/payments/stripesim"
	"cartwright/internal/postgres/pgtest"
)

// production is everything that serve needs. Stripe is not there.
func production(t *testing.T, databaseURL string) map[string]string {
	t.Helper()
	return map[string]string{
		"DATABASE_URL":           databaseURL,
		"PUBLIC_URL":             "https://shop.example.com",
		"STRIPE_SECRET_KEY":      "sk_test_of_a_test",
		"STRIPE_PUBLISHABLE_KEY": "pk_test_of_a_test",
		"STRIPE_WEBHOOK_SECRET":  "whsec_of_a_test",
		"STRIPE_API_BASE":        "http://127.0.0.1:9",
		"JWT_SECRET":             "Fm3yYkz0aLq7rWc9VtXb2nHs5dJp8gUe",
	}
}

func TestServeNamesEverythingItMissesAtOnce(t *testing.T) {
	t.Parallel()
	needed := production(t, "")
	delete(needed, "STRIPE_API_BASE")
	lines := refusal(t, call{args: []string{"serve"}})
	require.Len(t, lines, len(needed))
	for variable := range needed {
		require.True(t, starts(lines, variable+" is not set: "), "%s: %v", variable, lines)
	}
}

func TestServeRefusesWhatIsKnownOrGuessable(t *testing.T) {
	t.Parallel()
	env := merge(production(t, "postgres://unused"), "BOOTSTRAP_ADMIN_EMAIL", "admin@example.com",
		"BOOTSTRAP_ADMIN_PASSWORD", "cartwright-dev", "JWT_SECRET", strings.Repeat("ab", 40))
	lines := refusal(t, call{args: []string{"serve"}, env: env})
	require.Len(t, lines, 2)
	require.True(t, starts(lines, "JWT_SECRET is weak"), lines)
	require.True(t, starts(lines, "BOOTSTRAP_ADMIN_PASSWORD is the one of dev mode"), lines)
}

func TestServeLeavesMigratingToAPerson(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	succeed(t, call{args: []string{"migrate", "down"}, env: map[string]string{"DATABASE_URL": url}})
	for _, command := range []string{"serve", "seed"} {
		lines := refusal(t, call{args: []string{command}, env: production(t, url)})
		require.Equal(t, []string{"the database waits for migrations: run `cartwright migrate up`"}, lines)
	}
}

func TestServeIsAShopWithoutDevsHabits(t *testing.T) {
	t.Parallel()
	shop := start(t, call{args: []string{"serve"}, env: production(t, pgtest.URL(t))})
	shop.ready()
	require.Equal(t, http.StatusOK, status(shop.url+"/healthz"))
	require.Equal(t, http.StatusUnauthorized, visit(shop).login("admin@example.com", "cartwright-dev").StatusCode())
	products, err := visit(shop).ListProductsWithResponse(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, products.JSON200.Data, "no demo shop")

	t.Run("a client that dawdles over its headers is let go", func(t *testing.T) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(shop.url, "http://"))
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		_, err = fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n")
		require.NoError(t, err)
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
		_, err = io.ReadAll(conn)
		require.False(t, errors.Is(err, os.ErrDeadlineExceeded), "the connection stays open")
	})
	shop.stop()
	require.Empty(t, shop.stdout.String())
	require.Contains(t, shop.stderr.String(), `"msg":"serving"`)
}

func TestBootstrapMakesTheAdminOnce(t *testing.T) {
	t.Parallel()
	env := merge(production(t, pgtest.URL(t)), "BOOTSTRAP_ADMIN_EMAIL", "chief@example.com")
	lines := refusal(t, call{args: []string{"serve"}, env: merge(env, "BOOTSTRAP_ADMIN_PASSWORD", "short")})
	require.Len(t, lines, 1)
	require.Contains(t, lines[0], "fewer than 8 characters")

	first := start(t, call{args: []string{"serve"}, env: merge(env, "BOOTSTRAP_ADMIN_PASSWORD", "correct horse battery")})
	first.ready()
	require.Equal(t, http.StatusOK, visit(first).login("chief@example.com", "correct horse battery").StatusCode())
	first.stop()
	connection, err := pgx.Connect(t.Context(), env["DATABASE_URL"])
	require.NoError(t, err)
	defer func() { _ = connection.Close(context.Background()) }()
	var hash string
	require.NoError(t, connection.QueryRow(t.Context(), "SELECT password_hash FROM users").Scan(&hash))
	require.Contains(t, hash, "$argon2id$v=19$m=19456,t=2,p=1$")
	// A changed variable does not change the account: its owner may have chosen another password.
	second := start(t, call{args: []string{"serve"}, env: merge(env, "BOOTSTRAP_ADMIN_PASSWORD", "another password")})
	second.ready()
	require.Equal(t, http.StatusOK, visit(second).login("chief@example.com", "correct horse battery").StatusCode())
	require.Equal(t, http.StatusUnauthorized, visit(second).login("chief@example.com", "another password").StatusCode())
}

func TestBootstrapMakesNoAdminOfACustomer(t *testing.T) {
	t.Parallel()
	env := production(t, pgtest.URL(t))
	succeed(t, call{args: []string{"admin", "create", "--email", "owner@example.com"}, env: env, stdin: "correct horse battery\n"})
	alter := func(sql string) {
		connection, err := pgx.Connect(t.Context(), env["DATABASE_URL"])
		require.NoError(t, err)
		defer func() { _ = connection.Close(context.Background()) }()
		_, err = connection.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	told := func() bool {
		shop := start(t, call{args: []string{"serve"}, env: merge(env, "BOOTSTRAP_ADMIN_EMAIL", "Owner@Example.com", "BOOTSTRAP_ADMIN_PASSWORD", "another password")})
		shop.ready()
		require.Equal(t, http.StatusUnauthorized, visit(shop).login("owner@example.com", "another password").StatusCode())
		shop.stop()
		require.NotContains(t, strings.ToLower(shop.stderr.String()), "owner@example.com")
		return strings.Contains(shop.stderr.String(), "no admin was made: the account of BOOTSTRAP_ADMIN_EMAIL is no active admin's")
	}
	require.False(t, told(), "who is an admin already")
	alter("UPDATE users SET is_active = false")
	require.True(t, told(), "who was deactivated")
	alter("UPDATE users SET role = 'customer', permissions = '{}', is_active = true")
	require.True(t, told(), "a customer")
}

// One client that holds what it can get leaves the rest to others.
func TestServeBoundsTheConnectionsOfAnAddress(t *testing.T) {
	t.Parallel()
	shop := start(t, call{args: []string{"serve"}, env: merge(production(t, pgtest.URL(t)), "MAX_CONNECTIONS_PER_ADDRESS", "3")})
	shop.ready()
	for range 3 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(shop.url, "http://"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n")
		require.NoError(t, err)
	}
	require.Zero(t, status(shop.url+"/healthz"), "a fourth")
	elsewhere := &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP("127.0.0.2")}}).DialContext,
	}}
	answer, err := elsewhere.Get(shop.url + "/healthz")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
}

// held is a running shop with a payment in flight, which Stripe answers when release is called.
type held struct {
	*process
	release func()
	paid    chan *client.PayOrderResponse
}

func holdPayment(t *testing.T) held {
	t.Helper()
	arrived, released := make(chan struct{}), make(chan struct{})
	sim, err := stripesim.New(stripesim.Config{Intercept: func(stripesim.Call) stripesim.Fault {
		select {
		case arrived <- struct{}{}:
			<-released
		case <-released:
		}
		return stripesim.Proceed
	}})
	require.NoError(t, err)
	stripe := httptest.NewServer(sim)
	release := sync.OnceFunc(func() { close(released) })
	t.Cleanup(func() { release(); stripe.Close(); require.NoError(t, sim.Close()) })

	env := merge(production(t, pgtest.URL(t)), "STRIPE_API_BASE", stripe.URL)
	succeed(t, call{args: []string{"seed"}, env: env})
	h := held{process: start(t, call{args: []string{"serve"}, env: env}), release: release, paid: make(chan *client.PayOrderResponse, 1)}
	h.ready()
	shopper := visit(h.process)
	order := shopper.place(shopper.find("headphones"))
	go func() {
		answer, _ := shopper.pay(t.Context(), order.ID)
		h.paid <- answer
	}()
	select {
	case <-arrived:
	case <-time.After(patience):
		require.FailNow(t, "the payment did not reach Stripe")
	}
	return h
}

func TestRequestInFlightIsFinishedBeforeStopping(t *testing.T) {
	t.Parallel()
	h := holdPayment(t)
	h.signal(syscall.SIGTERM)
	h.until("draining", func() bool { return status(h.url+"/healthz") == 0 })
	h.release()
	require.Zero(t, h.end().ExitCode(), h.stderr.String())
	answer := <-h.paid
	require.NotNil(t, answer, "the request was cut off")
	require.Equal(t, http.StatusOK, answer.StatusCode(), string(answer.Body))
	require.Equal(t, client.PaymentStatusPAID, answer.JSON200.Order.PaymentStatus)
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	h := holdPayment(t)
	h.signal(os.Interrupt)
	h.until("draining", func() bool { return status(h.url+"/healthz") == 0 })
	for again := true; again; { // one that arrives before the first is dealt with would be one with it
		_ = h.cmd.Process.Signal(os.Interrupt)
		select {
		case <-h.ended:
			again = false
		case <-time.After(100 * time.Millisecond):
		}
	}
	state, ok := h.end().Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.Equal(t, syscall.SIGINT, state.Signal(), "%v", state)
	require.Nil(t, <-h.paid)
}

func TestLogsAreJSONLines(t *testing.T) {
	t.Parallel()
	env := merge(production(t, pgtest.URL(t)), "LOG_LEVEL", "error")
	quiet := start(t, call{args: []string{"serve"}, env: env})
	quiet.ready()
	quiet.stop()
	require.Empty(t, quiet.stderr.String())

	usual := start(t, call{args: []string{"serve"}, env: merge(env, "LOG_LEVEL", "")})
	usual.ready()
	usual.stop()
	require.Contains(t, usual.stderr.String(), "no mail is sent, because EMAIL_PROVIDER is not set")
	lines := bufio.NewScanner(strings.NewReader(usual.stderr.String()))
	for lines.Scan() {
		require.True(t, strings.HasPrefix(lines.Text(), "{"), lines.Text())
	}
}
