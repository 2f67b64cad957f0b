//go:build unix

package app_test

import (
	"context"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres/pgtest"
)

// dev is a shop for development in a folder.
func dev(t *testing.T, data string) *process {
	t.Helper()
	return start(t, call{args: []string{"dev"}, env: map[string]string{"DATA_DIR": data}})
}

func TestDevIsAWholeShopThatOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	data := filepath.Join(place(t), ".data")
	first := dev(t, data)
	first.ready()
	requireBanner(t, first)
	shopper := visit(first)
	require.Equal(t, http.StatusOK, shopper.login("admin@example.com", "cartwright-dev").StatusCode())
	product := shopper.find("headphones")
	order := shopper.buy(product)
	left := shopper.product(product.ID).InventoryQuantity
	require.Equal(t, product.InventoryQuantity-1, left)
	require.Equal(t, http.StatusOK, status(product.Images[0].URL), "the picture of a demo product")

	t.Run("other commands join its database and leave it running", func(t *testing.T) {
		env := map[string]string{"DATA_DIR": data}
		require.NotContains(t, succeed(t, call{args: []string{"migrate", "status"}, env: env}), "pending")
		require.Contains(t, succeed(t, call{args: []string{"seed"}, env: env}), " 0 products added")
		require.Equal(t, http.StatusOK, status(first.url+"/readyz"))
	})

	standIn := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(after(first.stdout.String(), "Stripe "))
	require.Equal(t, http.StatusOK, status(standIn+"/"))
	first.stop()
	require.Empty(t, first.stderr.String())
	require.Zero(t, status(standIn+"/"), "the stand-in is gone")
	requireFree(t, data)
	requireSecretsAreTheOwners(t, data)

	second := dev(t, data)
	second.ready()
	require.NotContains(t, second.stdout.String(), "making", "the database is made once")
	require.NotContains(t, second.stdout.String(), "added", "the demo shop is filled once")
	require.Equal(t, order, visit(second).order(order.ID))
	require.Equal(t, left, visit(second).product(product.ID).InventoryQuantity)

	another := visit(second).buy(product)
	require.NoError(t, second.cmd.Process.Kill())
	second.end()
	third := dev(t, data)
	third.ready()
	require.Equal(t, another.ID, visit(third).order(another.ID).ID)
	require.Equal(t, another.PaymentStatus, visit(third).order(another.ID).PaymentStatus)
	third.stop()
	requireFree(t, data)
}

func requireBanner(t *testing.T, p *process) {
	t.Helper()
	p.until("announced", func() bool { return strings.Contains(p.stdout.String(), "Ctrl-C stops") })
	text := p.stdout.String()
	base := strings.Replace(p.url, "127.0.0.1", "localhost", 1)
	for _, part := range []string{
		base + "/api/v1\n", base + "/docs ", base + "/openapi.yaml", "admin@example.com / cartwright-dev",
		"a stand-in, because STRIPE_SECRET_KEY is not set", base + "/dev/mail shows",
	} {
		require.Contains(t, text, part)
	}
	require.Equal(t, 3, strings.Count(after(text, "Try:"), "  curl "), "three things to try")
	require.Equal(t, http.StatusOK, status(base+"/api/v1/products/search?q=headphones"))
	require.Equal(t, http.StatusOK, status(base+"/docs"))
	require.Equal(t, http.StatusOK, status(base+"/openapi.yaml"))
	require.Equal(t, http.StatusOK, status(base+"/dev/mail"))
}

func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}

func requireSecretsAreTheOwners(t *testing.T, data string) {
	t.Helper()
	for _, name := range []string{"jwt.secret", "webhook.secret", "stripe.json", "postgres.password"} {
		info, err := os.Stat(filepath.Join(data, name))
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), name)
	}
}

func TestDatabaseEndsWithAKilledDev(t *testing.T) {
	t.Parallel()
	data := filepath.Join(place(t), ".data")
	killed := dev(t, data)
	killed.ready()
	require.NoError(t, killed.cmd.Process.Kill())
	killed.end()
	lock, err := os.Open(filepath.Join(data, "postgres.lock"))
	require.NoError(t, err)
	defer func() { _ = lock.Close() }()
	require.Eventually(t, func() bool {
		return syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
	}, patience, 20*time.Millisecond)
}

func TestCtrlCWhileStartingIsNoFailure(t *testing.T) {
	t.Parallel()
	data := filepath.Join(place(t), ".data")
	starting := dev(t, data)
	starting.until("making a database", func() bool { return strings.Contains(starting.stdout.String(), "making a PostgreSQL") })
	starting.signal(os.Interrupt)
	require.Zero(t, starting.end().ExitCode(), starting.stderr.String())
	require.Empty(t, starting.stderr.String())
	require.NotContains(t, starting.stdout.String(), "ready")
	requireFree(t, data)
}

func TestDevUsesTheDatabaseItIsGiven(t *testing.T) {
	t.Parallel()
	data, url := filepath.Join(place(t), ".data"), pgtest.URL(t)
	shop := start(t, call{args: []string{"dev"}, env: map[string]string{"DATA_DIR": data, "DATABASE_URL": url}})
	shop.ready()
	require.NoFileExists(t, filepath.Join(data, "postgres.lock"), "no server of its own")
	product := visit(shop).find("headphones")
	visit(shop).buy(product)
	shop.stop()

	// Everybody knows this admin, so production must not take over such a database as it is.
	sentence := refusal(t, call{args: []string{"serve"}, env: production(t, url)})
	require.Len(t, sentence, 1)
	require.Contains(t, sentence[0], "the database has the admin of dev mode")
}

func TestDevTalksToARealTestAccountWhenThereIsAKey(t *testing.T) {
	t.Parallel()
	data := filepath.Join(place(t), ".data")
	env := map[string]string{"DATA_DIR": data, "DATABASE_URL": pgtest.URL(t), "STRIPE_SECRET_KEY": "sk_test_1"}
	shop := start(t, call{args: []string{"dev"}, env: env})
	shop.ready()
	require.NotContains(t, shop.stdout.String(), "stand-in")
	require.Contains(t, shop.stdout.String(), "STRIPE_WEBHOOK_SECRET")
	require.NoFileExists(t, filepath.Join(data, "stripe.json"))
	shop.stop()

	sentence := refusal(t, call{args: []string{"dev"}, env: merge(env, "STRIPE_SECRET_KEY", "sk_live_1")})
	require.Len(t, sentence, 1)
	require.Contains(t, sentence[0], "STRIPE_SECRET_KEY is a live one")
}

// `sudo make run` in one's own checkout must leave something that `make run` can go on with.
func TestOrdinaryUserContinuesWhatRootBegan(t *testing.T) {
	t.Parallel()
	who := nobody(t)
	checkout := place(t)
	require.NoError(t, os.Chown(checkout, int(who.Uid), int(who.Gid)))
	env := map[string]string{"DATA_DIR": ".data", "HOME": checkout}
	root := start(t, call{args: []string{"dev"}, env: env, dir: checkout})
	root.ready()
	order := visit(root).buy(visit(root).find("headphones"))
	root.stop()

	ordinary := start(t, call{args: []string{"dev"}, env: env, dir: checkout, user: who})
	ordinary.ready()
	require.Equal(t, order, visit(ordinary).order(order.ID))
	again, err := visit(ordinary).pay(context.Background(), order.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, again.StatusCode(), "paid already")
	visit(ordinary).buy(visit(ordinary).find("headphones"))
	ordinary.stop()
	require.Empty(t, ordinary.stderr.String())
}

func TestOrdinaryUserNeedsNoRoot(t *testing.T) {
	t.Parallel()
	who := nobody(t)
	home := place(t)
	require.NoError(t, os.Chown(home, int(who.Uid), int(who.Gid)))
	env := map[string]string{"DATA_DIR": filepath.Join(home, ".data"), "HOME": home}
	shop := start(t, call{args: []string{"dev"}, env: env, user: who})
	shop.ready()
	shop.stop()
}
