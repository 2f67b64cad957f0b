//go:build unix

package app_test

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres/pgtest"
)

func TestObstacleIsOneSentenceThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	refuses := func(t *testing.T, c call, parts ...string) {
		t.Helper()
		lines := refusal(t, c)
		require.Len(t, lines, 1)
		for _, part := range parts {
			require.Contains(t, lines[0], part)
		}
	}
	t.Run("port in use", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", ":0")
		require.NoError(t, err)
		defer func() { _ = listener.Close() }()
		port := listener.Addr().(*net.TCPAddr).Port
		data := filepath.Join(t.TempDir(), ".data")
		env := map[string]string{"PORT": strconv.Itoa(port), "DATA_DIR": data}
		refuses(t, call{args: []string{"dev"}, env: env}, fmt.Sprintf("port %d is in use", port), "PORT=")
		require.NoDirExists(t, data, "nothing was begun")
	})
	t.Run("data folder that cannot be written", func(t *testing.T) {
		t.Parallel()
		folder := place(t)
		var who *syscall.Credential
		if os.Geteuid() == 0 {
			who = nobody(t)
		} else {
			require.NoError(t, os.Chmod(folder, 0o555))
		}
		env := map[string]string{"DATA_DIR": filepath.Join(folder, ".data"), "PORT": strconv.Itoa(freePort(t))}
		refuses(t, call{args: []string{"dev"}, env: env, user: who}, "is not accessible to this user", "DATA_DIR")
		env = merge(env, "DATA_DIR", folder, "DATABASE_URL", pgtest.URL(t))
		refuses(t, call{args: []string{"dev"}, env: env, user: who}, "is not accessible to this user", "DATA_DIR")
	})
	t.Run("data folder that is a file", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "data")
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		env := map[string]string{"DATA_DIR": file, "PORT": strconv.Itoa(freePort(t))}
		refuses(t, call{args: []string{"dev"}, env: env}, "is not a folder", "DATA_DIR")
	})
	t.Run("data of another major version", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(data, "pg9"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(data, "pg9", "PG_VERSION"), []byte("9\n"), 0o600))
		if os.Geteuid() == 0 {
			who := nobody(t)
			require.NoError(t, os.Chown(filepath.Join(data, "pg9"), int(who.Uid), int(who.Gid)))
		}
		env := map[string]string{"DATA_DIR": data}
		refuses(t, call{args: []string{"migrate", "status"}, env: env}, "needs PostgreSQL 9", "DATABASE_URL")
	})
	t.Run("unknown command", func(t *testing.T) {
		t.Parallel()
		refuses(t, call{args: []string{"bogus"}}, `unknown command "bogus"`)
		refuses(t, call{args: []string{"migrate", "bogus"}}, `unknown command "bogus"`)
	})
}

func TestEveryWrongVariableIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{
		"PORT": "abc", "RESERVATION_TTL": "x", "STRIPE_SWEEP_INTERVAL": "1s", "STRIPE_RECONCILE_INTERVAL": "1s", "LOG_LEVEL": "loud", "SHOP_CURRENCY": "usd", "TAX_RATE": "8%",
		"PUBLIC_URL": "shop.example.com", "STRIPE_API_BASE": "localhost", "STRIPE_MAX_PER_SECOND": "many", "METRICS_ADDRESS": "9090", "BOOTSTRAP_ADMIN_EMAIL": "admin",
		"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1",
		"RATE_LIMIT_MAX": "many", "RATE_LIMIT_WINDOW": "soon", "TRUSTED_PROXIES": "proxy", "CORS_ORIGINS": "shop.example.com",
		"MEDIA_MAX_BYTES": "10MB", "MEDIA_MAX_PIXELS": "-1", "MEDIA_S3_ENDPOINT": "localhost",
		"EMAIL_PROVIDER": "pigeon", "EMAIL_FROM": "shop", "SENDGRID_API_BASE": "localhost", "SMTP_PORT": "abc", "SMTP_TLS": "some",
		"FRAUD_WINDOW": "1s", "FRAUD_DECLINES_PER_IP": "-1", "FRAUD_CARDS_PER_EMAIL": "few", "FRAUD_SURGE_SHARE": "101", "FRAUD_SURGE_TRIES": "0",
		"FRAUD_SURGE_WINDOW": "soon", "FRAUD_HOLD_RISK": "high", "FRAUD_BLOCK_RISK": "normal", "FRAUD_HOLD_CHECKS": "cvc,zip",
		"FRAUD_HELD_SHARE": "101", "FRAUD_ORDER_SHARE": "half", "FRAUD_UNITS_PER_LINE": "-1", "HOLD_TTL": "1s", "CART_RETENTION": "1h",
		"UNPAID_ORDER_RETENTION": "soon",
		"SMTP_USERNAME":          "shop", "STOREFRONT_URL": "www.example.com", "REQUIRE_SECOND_FACTOR": "everybody",
	}
	for _, name := range []string{"dev", "serve", "seed"} {
		lines := refusal(t, call{args: []string{name}, env: wrong})
		for variable := range wrong {
			require.Contains(t, strings.Join(lines, "\n"), variable+" ", "of "+name)
		}
		for _, line := range lines {
			require.NotContains(t, line, "parse", "no jargon")
		}
	}
}

func starts(lines []string, prefix string) bool {
	for _, line := range lines {
		if strings.HasPrefix(line, prefix) {
			return true
		}
	}
	return false
}

// A shop that is being tried beside the tests has the default port.
func TestCommand_TakesAFreePort(t *testing.T) {
	t.Parallel()
	ports := slices.DeleteFunc(command(t, call{}).Env, func(set string) bool { return !strings.HasPrefix(set, "PORT=") })
	require.Len(t, ports, 1)
	require.NotContains(t, []string{"PORT=", "PORT=3000"}, ports[0])
}

func TestEmptyVariableCountsAsNotSet(t *testing.T) {
	t.Parallel()
	empty := map[string]string{"PORT": "", "LOG_LEVEL": "", "RESERVATION_TTL": "", "SHOP_CURRENCY": "", "DATABASE_URL": ""}
	lines := refusal(t, call{args: []string{"serve"}, env: empty})
	require.Len(t, lines, 6, "the six that production needs: %v", lines)
}

func TestUnusableDatabaseURLIsExplainedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	good, err := url.Parse(pgtest.URL(t))
	require.NoError(t, err)
	with := func(change func(*url.URL)) string {
		changed := *good
		changed.User = url.UserPassword(good.User.Username(), "hunter2")
		change(&changed)
		return changed.String()
	}
	cases := map[string]struct{ url, says string }{
		"malformed":           {"postgres://shop:hunter2@ho:st:port/x y", "DATABASE_URL cannot be read"},
		"@ in the password":   {"postgres://shop:@hunter2@host:port/shop", "DATABASE_URL cannot be read"},
		"not an address":      {"password=hunter2 and more", "DATABASE_URL cannot be read"},
		"nobody listens":      {with(func(u *url.URL) { u.Host = fmt.Sprintf("127.0.0.1:%d", freePort(t)) }), "connection refused"},
		"wrong password":      {with(func(*url.URL) {}), "password authentication failed"},
		"no such database":    {strings.Replace(good.String(), good.Path, "/hunter_is_not_there", 1), "does not exist"},
		"host without a name": {with(func(u *url.URL) { u.Host = "nowhere.invalid" }), "cannot be reached at nowhere.invalid"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, command := range []string{"seed", "dev", "serve"} {
				env := merge(production(t, c.url), "DATA_DIR", t.TempDir(), "PORT", strconv.Itoa(freePort(t)))
				lines := refusal(t, call{args: []string{command}, env: env})
				require.Len(t, lines, 1, command)
				require.Contains(t, lines[0], c.says, command)
				require.NotContains(t, lines[0], "hunter2", command)
			}
		})
	}
}
