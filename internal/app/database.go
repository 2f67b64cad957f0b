package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"cartwright/internal/postgres"
	"cartwright/internal/postgres/embedded"
)

// database is where the data is: a URL, and the server behind it when we run it ourselves.
type database struct {
	url    string
	server *embedded.Server // nil when DATABASE_URL says where
}

// openDatabase takes DATABASE_URL, else the server of the data folder, which it starts when it is
// not running. Errors are sentences that say what to do.
func openDatabase(ctx context.Context, config Config, progress io.Writer, logger *slog.Logger) (*database, error) {
	if config.DatabaseURL != "" {
		return &database{url: config.DatabaseURL}, reach(ctx, config.DatabaseURL)
	}
	data, err := openDataDir(config.DataDir)
	if err != nil {
		return nil, err
	}
	server, err := embedded.Open(ctx, embedded.Config{
		DataDir: data.path, Download: true, Registry: config.PostgresMirror, Progress: progress, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	return &database{url: server.URL(), server: server}, nil
}

// gone is closed when a server of ours ends; lost then tells why.
func (d *database) gone() <-chan struct{} {
	if d.server == nil {
		return nil
	}
	return d.server.Done()
}

func (d *database) lost() error {
	if err := d.server.Err(); err != nil {
		return err
	}
	return errors.New("the database server has ended")
}

// close stops the server if this process started it.
func (d *database) close() error {
	if d.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return d.server.Stop(ctx)
}

// reachTimeout is how long a start waits for the answer of DATABASE_URL.
const reachTimeout = 10 * time.Second

// reach tries DATABASE_URL once, so that what is wrong with it is said in one place and sentence.
func reach(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	db, err := postgres.Open(ctx, url)
	if err != nil {
		return unreachable(err)
	}
	db.Close()
	return nil
}

// unreachable says why in one sentence without repeating the URL, which holds a password.
func unreachable(err error) error {
	var connect *pgconn.ConnectError
	if !errors.As(err, &connect) {
		return errors.New("DATABASE_URL cannot be read: write it like postgres://user:password@host:5432/shop, " +
			"with special characters of the password percent-encoded")
	}
	where := net.JoinHostPort(connect.Config.Host, strconv.Itoa(int(connect.Config.Port)))
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		return fmt.Errorf("PostgreSQL at %s refuses DATABASE_URL: %s", where, refusal.Message)
	}
	// The driver tells every attempt in full; the end of the last one is the reason.
	text := connect.Error()
	reason := strings.TrimSpace(text[strings.LastIndex(text, ": ")+1:])
	return fmt.Errorf("PostgreSQL cannot be reached at %s (%s): start it, or correct DATABASE_URL", where, reason)
}
