package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"cartwright/internal/postgres/embedded"
)

// database is the PostgreSQL that everything is in. The servers know the proxy in front of it only, because each start
// takes another port.
type database struct {
	config embedded.Config
	proxy  *proxy

	mu     sync.Mutex
	server *embedded.Server
	pool   *pgxpool.Pool // for looking at what happened, not through the proxy
}

// openDatabase starts it. What a process has written survives the process, so nothing needs to reach the disk for what
// is tried here: only a crash of the machine would lose it.
func openDatabase(ctx context.Context, dir string) (*database, error) {
	d := &database{config: embedded.Config{
		DataDir: filepath.Join(dir, "postgres"), Download: true, Progress: os.Stderr,
		Settings: map[string]string{"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on", "deadlock_timeout": "500ms"},
	}}
	var err error
	if d.proxy, err = newProxy(); err != nil {
		return nil, err
	}
	return d, d.start(ctx)
}

func (d *database) start(ctx context.Context) error {
	server, err := embedded.Open(ctx, d.config)
	if err != nil {
		return err
	}
	at, err := url.Parse(server.URL())
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, server.URL()+"&pool_max_conns=4&application_name=torture&timezone=UTC")
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pool != nil {
		d.pool.Close()
	}
	d.server, d.pool = server, pool
	d.proxy.to(at.Host)
	return nil
}

// url is where the servers find it.
func (d *database) url() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, err := url.Parse(d.server.URL())
	if err != nil {
		return ""
	}
	at.Host = d.proxy.address()
	return at.String()
}

func (d *database) conn() *pgxpool.Pool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pool
}

// crash stops it immediately, as pg_ctl stop -m immediate does: no client is waited for and nothing is tidied up.
func (d *database) crash() error {
	d.mu.Lock()
	server := d.server
	d.mu.Unlock()
	files, err := filepath.Glob(filepath.Join(d.config.DataDir, "pg*", "postmaster.pid"))
	if err != nil || len(files) != 1 {
		return fmt.Errorf("find the postmaster: %w", errors.Join(err, fmt.Errorf("%d files", len(files))))
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	select {
	case <-server.Done():
		return nil
	case <-time.After(20 * time.Second):
		return errors.New("PostgreSQL did not stop when told to at once")
	}
}

func (d *database) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pool != nil {
		d.pool.Close()
	}
	d.proxy.close()
	if d.server == nil {
		return nil
	}
	return d.server.Stop(ctx)
}
