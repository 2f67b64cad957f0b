package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/postgres/embedded"
)

// settings of the database: as durable as production's, with memory for the scale.
func settings(o options) map[string]string {
	all := map[string]string{
		"shared_buffers":           "512MB",
		"max_wal_size":             "4GB",
		"fsync":                    "on",
		"synchronous_commit":       "on",
		"full_page_writes":         "on",
		"effective_cache_size":     "4GB",
		"shared_preload_libraries": "pg_stat_statements",
	}
	if o.short {
		all["shared_buffers"] = "128MB"
	}
	if o.products > 300_000 {
		all["shared_buffers"] = "2GB"
	}
	return all
}

// database is the server that everything runs on.
type database struct {
	*embedded.Server
	conn    *pgx.Conn // for looking at what happened
	counted bool      // whether statements can be counted
}

func openDatabase(ctx context.Context, o options, progress io.Writer) (*database, error) {
	wanted := settings(o)
	server, err := embedded.Open(ctx, embedded.Config{Temporary: true, Progress: progress, Settings: wanted})
	counted := err == nil
	if err != nil { // PostgreSQL without its contributed modules
		delete(wanted, "shared_preload_libraries")
		server, err = embedded.Open(ctx, embedded.Config{Temporary: true, Download: true, Progress: progress, Settings: wanted})
	}
	if err != nil {
		return nil, err
	}
	d := &database{Server: server, counted: counted}
	if d.conn, err = pgx.Connect(ctx, server.URL()); err == nil && counted {
		err = d.count(ctx, "none") // until it is asked to
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// count says whose statements are counted, "all" or "none", also by the processes that there are.
func (d *database) count(ctx context.Context, whose string) error {
	for _, statement := range []string{
		"CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
		"ALTER SYSTEM SET pg_stat_statements.track = '" + whose + "'",
		"SELECT pg_reload_conf()",
	} {
		if _, err := d.conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("count statements: %w", err)
		}
	}
	if !pause(ctx, 300*time.Millisecond) { // until every process has read it
		return ctx.Err()
	}
	return nil
}

// filled are the tables that have rows.
func (d *database) filled(ctx context.Context) ([]string, error) {
	rows, err := d.conn.Query(ctx, `
		SELECT c.oid::regclass::text
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND pg_relation_size(c.oid) > 0 AND n.nspname IN ('public', 'pg_catalog')
		  AND (n.nspname = 'public' OR NOT c.relisshared)`)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (d *database) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if d.conn != nil {
		_ = d.conn.Close(ctx)
	}
	return d.Stop(ctx)
}

// describe is one line on what the figures were measured with.
func (d *database) describe(ctx context.Context, o options) (string, error) {
	var version string
	if err := d.conn.QueryRow(ctx, "SHOW server_version").Scan(&version); err != nil {
		return "", err
	}
	var said []string
	for name, value := range settings(o) {
		if !strings.Contains(name, "pg_stat") && !strings.Contains(name, "preload") {
			said = append(said, name+"="+value)
		}
	}
	slices.Sort(said)
	return "PostgreSQL " + version + ", " + strings.Join(said, " "), nil
}

// calibration is what pgbench reaches.
type calibration struct{ selectOnly, simpleUpdate float64 }

func (c calibration) and(other calibration) calibration {
	return calibration{(c.selectOnly + other.selectOnly) / 2, (c.simpleUpdate + other.simpleUpdate) / 2}
}

// The machine that absolute rates and times are promised for, quiet: what pgbench reaches there.
var promised = calibration{selectOnly: 70_000, simpleUpdate: 10_000}

// pace is how fast this machine is beside that one, by whichever of the two figures is kinder to the machine and harder
// on the shop; never more than 1, and 1 when there was no calibration.
func (c calibration) pace() float64 {
	if c == (calibration{}) {
		return 1
	}
	return min(1, max(c.selectOnly/promised.selectOnly, c.simpleUpdate/promised.simpleUpdate))
}

// pgbench runs the yardstick in a database of its own.
type pgbench struct {
	program string
	url     *url.URL
	seconds int
}

func newPgbench(ctx context.Context, d *database, o options) (*pgbench, error) {
	program, err := findPgbench()
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(d.URL())
	if err != nil {
		return nil, err
	}
	if _, err := d.conn.Exec(ctx, "CREATE DATABASE yardstick"); err != nil {
		return nil, fmt.Errorf("make pgbench's database: %w", err)
	}
	at.Path = "/yardstick"
	p := &pgbench{program: program, url: at, seconds: 10}
	rows := "20"
	if o.short {
		p.seconds, rows = 2, "5"
	}
	_, err = p.run(ctx, "-i", "-q", "-s", rows)
	return p, err
}

// findPgbench looks where PostgreSQL is installed.
func findPgbench() (string, error) {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench") // fails on a bad pattern only
	if len(found) == 0 {
		return "", errors.New("pgbench is needed, which comes with PostgreSQL; on Debian: apt-get install postgresql")
	}
	return found[len(found)-1], nil
}

func (p *pgbench) calibrate(ctx context.Context) (c calibration, err error) {
	seconds := strconv.Itoa(p.seconds)
	if c.selectOnly, err = p.rate(ctx, "-S", "-c", "8", "-T", seconds); err != nil {
		return c, err
	}
	c.simpleUpdate, err = p.rate(ctx, "-N", "-c", "16", "-T", seconds)
	return c, err
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// rate runs transactions as prepared statements, like the shop does.
func (p *pgbench) rate(ctx context.Context, args ...string) (float64, error) {
	output, err := p.run(ctx, append(args, "-n", "-M", "prepared", "-j", "2")...)
	if err != nil {
		return 0, err
	}
	found := tps.FindStringSubmatch(output)
	if found == nil {
		return 0, fmt.Errorf("pgbench says no rate: %s", output)
	}
	return strconv.ParseFloat(found[1], 64)
}

func (p *pgbench) run(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	args = append(args, "-h", p.url.Hostname(), "-p", p.url.Port(), "-U", p.url.User.Username(), strings.TrimPrefix(p.url.Path, "/"))
	cmd := exec.CommandContext(ctx, p.program, args...)
	secret, _ := p.url.User.Password()
	cmd.Env = append(cmd.Environ(), "PGPASSWORD="+secret)
	output, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("pgbench: %w: %s", err, output)
	}
	return string(output), nil
}
