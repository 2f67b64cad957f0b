package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cartwright/internal/postgres/embedded"
)

// EnvURL names the environment variable with the administrator's connection URL of a server to use.
const EnvURL = "CARTWRIGHT_TEST_DATABASE_URL"

// timeZone is awkward on purpose.
const timeZone = "Pacific/Chatham"

// server is where this process makes its databases.
type server struct {
	admin    *url.URL
	mu       sync.Mutex
	template string // its name once known to exist
}

// shared is the process's one server. When it had to be started, nobody stops it: it ends with the process.
var shared = sync.OnceValues(func() (*server, error) {
	admin := os.Getenv(EnvURL)
	if admin == "" {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		started, err := Start(ctx)
		if err != nil {
			return nil, err
		}
		admin = started.URL()
	}
	parsed, err := url.Parse(admin)
	if err != nil || parsed.Host == "" {
		return nil, fmt.Errorf("%s is not a postgres:// URL", EnvURL)
	}
	return &server{admin: parsed}, nil
})

// Start runs a server for tests in a temporary folder, which goes when the server or this process ends. It trades
// what a crash of the machine would lose for speed.
func Start(ctx context.Context) (*embedded.Server, error) {
	servers.Add(1)
	return embedded.Open(ctx, embedded.Config{
		Temporary: true,
		InMemory:  true,
		Download:  true,
		Progress:  os.Stderr,
		Settings: map[string]string{
			"fsync":              "off",
			"synchronous_commit": "off",
			"full_page_writes":   "off",
			"autovacuum":         "off",
			"jit":                "off",
			"max_wal_size":       "512MB",
			"max_connections":    "500",
			"timezone":           timeZone,
		},
	})
}

// databases and servers count what this process has made and started.
var databases, servers atomic.Int64

// Databases returns how many databases this process has made.
func Databases() int64 { return databases.Load() }

// Servers returns how many servers this process has started.
func Servers() int64 { return servers.Load() }

func (s *server) url(database string) string {
	u := *s.admin
	u.Path = "/" + database
	return u.String()
}

// create copies the template. Another process, of another version of the schema, may have dropped it since we looked.
func (s *server) create(ctx context.Context) (string, error) {
	conn, err := pgx.Connect(ctx, s.admin.String())
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	name := newName(time.Now())
	for attempt := 0; ; attempt++ {
		template, err := s.ensureTemplate(ctx, conn)
		if err != nil {
			return "", fmt.Errorf("make the template: %w", err)
		}
		_, err = conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY "+strategy)
		if err == nil {
			databases.Add(1)
			break
		}
		if !hasCode(err, "3D000") || attempt > 2 { // invalid_catalog_name
			return "", err
		}
		s.forgetTemplate()
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+name+" SET timezone TO '"+timeZone+"'")
	return name, err
}

func (s *server) drop(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.admin.String())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	return errors.Join(err, conn.Close(ctx))
}

const (
	namePrefix = "cartwright_test_"
	nameTime   = "20060102150405"
)

// newName carries the time, by which left-overs are known.
func newName(now time.Time) string {
	return namePrefix + now.UTC().Format(nameTime) + "_" + strings.ToLower(rand.Text()[:12])
}

func hasCode(err error, code string) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.Code == code
}
