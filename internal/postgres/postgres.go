package postgres

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DB is a pool of connections. It sends a statement into the transaction that the context carries,
// else to the pool.
type DB struct {
	pool    *pgxpool.Pool
	changed []func()
	pulse   Pulse
}

// Session settings of every connection: nothing waits for long, and times are UTC.
var sessionSettings = map[string]string{
	"application_name":                    "cartwright",
	"timezone":                            "UTC",
	"lock_timeout":                        "10s",
	"statement_timeout":                   "15s",
	"idle_in_transaction_session_timeout": "20s",
	"client_min_messages":                 "notice", // see noticeChanges
}

// defaultMaxConns keeps each core busy while some connections wait for the disk or for each other. More of
// them take turns on the same cores, and everybody waits longer for less: with 20 on two cores a product was
// read half as often as with 8.
func defaultMaxConns() int32 { return int32(max(8, 4*runtime.GOMAXPROCS(0))) }

// OnChange adds what is called after each transaction of this process that changed the catalogue has
// committed. It must be added before there are any.
func (db *DB) OnChange(changed func()) { db.changed = append(db.changed, changed) }

// Open connects and pings. pool_max_conns in the URL sets the number of connections (default: four for each core, at least 8).
func Open(ctx context.Context, url string) (*DB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	parsed, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	if _, set := parsed.RuntimeParams["pool_max_conns"]; !set {
		config.MaxConns = defaultMaxConns()
	}
	config.MaxConnIdleTime = 5 * time.Minute
	for name, value := range sessionSettings {
		if _, set := config.ConnConfig.RuntimeParams[name]; !set {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
	config.ConnConfig.OnNotice = noticeChanges
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	db := &DB{pool: pool}
	db.pulse.db = db
	return db, nil
}

// Close waits for borrowed connections and closes them all.
func (db *DB) Close() { db.pool.Close() }

// Pool is for those who must hold connections of their own, such as the job runner.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.pool.Ping(ctx) }

// Exec is like pgx's. With Query, QueryRow, SendBatch and CopyFrom it makes DB what the generated queries ask for.
func (db *DB) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return db.conn(ctx).Exec(ctx, sql, args...)
}

// Query is like pgx's.
func (db *DB) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return db.conn(ctx).Query(ctx, sql, args...)
}

// QueryRow is like pgx's.
func (db *DB) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return db.conn(ctx).QueryRow(ctx, sql, args...)
}

// SendBatch is like pgx's.
func (db *DB) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	return db.conn(ctx).SendBatch(ctx, batch)
}

// CopyFrom is like pgx's.
func (db *DB) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	return db.conn(ctx).CopyFrom(ctx, table, columns, rows)
}

// conn is where a statement of this context belongs.
func (db *DB) conn(ctx context.Context) connection {
	if tx := current(ctx); tx != nil {
		return tx
	}
	return db.pool
}

type connection interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
	Query(context.Context, string, ...any) (pgx.Rows, error)
	QueryRow(context.Context, string, ...any) pgx.Row
	SendBatch(context.Context, *pgx.Batch) pgx.BatchResults
	CopyFrom(context.Context, pgx.Identifier, []string, pgx.CopyFromSource) (int64, error)
	Begin(context.Context) (pgx.Tx, error)
}
