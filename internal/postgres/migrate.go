package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"cartwright/migrations"
)

// Migrator moves the schema: our own migrations through goose, and behind them the job tables,
// which belong to the job library and are migrated by it.
type Migrator struct {
	pool  *pgxpool.Pool
	sql   *sql.DB
	goose *goose.Provider
}

// NewMigrator opens connections of its own, without the time limits of requests. Several processes
// at once take turns.
func NewMigrator(ctx context.Context, url string) (*Migrator, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	migrator := &Migrator{pool: pool, sql: db}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		migrator.Close()
		return nil, fmt.Errorf("prepare the migration lock: %w", err)
	}
	migrator.goose, err = goose.NewProvider(goose.DialectPostgres, db, migrations.FS,
		goose.WithSessionLocker(locker), goose.WithGoMigrations(inGo...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		migrator.Close()
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return migrator, nil
}

// Close ends the connections.
func (m *Migrator) Close() {
	_ = m.sql.Close()
	m.pool.Close()
}

// Up applies every pending migration.
func (m *Migrator) Up(ctx context.Context) error {
	if _, err := m.goose.Up(ctx); err != nil {
		return fmt.Errorf("migrate up: %w", err)
	}
	if _, err := m.pool.Exec(ctx, pinFunctions); err != nil {
		return fmt.Errorf("set the search_path of functions: %w", err)
	}
	return m.jobs(ctx, rivermigrate.DirectionUp)
}

// pinFunctions gives each function that has none a search_path of its own, because ANALYZE by autovacuum and pg_restore
// run with an empty one (see migration 46), and CREATE OR REPLACE FUNCTION takes the setting away. PostgreSQL does not
// inline an SQL function with a setting: one that should be has its body as RETURN or BEGIN ATOMIC.
const pinFunctions = `
	DO $$
	DECLARE
		one regprocedure;
	BEGIN
		PERFORM pg_advisory_xact_lock(hashtextextended('cartwright search paths', 0)); -- migrators take turns
		FOR one IN
			SELECT p.oid
			FROM pg_proc p
			WHERE p.pronamespace = current_schema()::regnamespace
			  AND p.prokind = 'f'
			  AND p.prosqlbody IS NULL
			  AND p.proname NOT LIKE 'river\_%'
			  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%')
			  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
		LOOP
			EXECUTE format('ALTER FUNCTION %s SET search_path TO %I, pg_temp', one, current_schema());
		END LOOP;
	END;
	$$`

// Down takes back the latest migration. With none of ours left it also removes the job tables.
func (m *Migrator) Down(ctx context.Context) error {
	if _, err := m.goose.Down(ctx); err != nil {
		return fmt.Errorf("migrate down: %w", err)
	}
	version, err := m.goose.GetDBVersion(ctx)
	if err != nil || version > 0 {
		return err
	}
	return m.jobs(ctx, rivermigrate.DirectionDown)
}

func (m *Migrator) jobs(ctx context.Context, direction rivermigrate.Direction) error {
	migrator, err := m.jobMigrator()
	if err != nil {
		return err
	}
	options := &rivermigrate.MigrateOpts{}
	if direction == rivermigrate.DirectionDown {
		options.TargetVersion = -1
	}
	if _, err := migrator.Migrate(ctx, direction, options); err != nil {
		return fmt.Errorf("migrate the job tables: %w", err)
	}
	return nil
}

// Status lists our migrations in order.
func (m *Migrator) Status(ctx context.Context) ([]*goose.MigrationStatus, error) {
	return m.goose.Status(ctx)
}

// Pending tells whether a migration waits to be applied, ours or one of the job tables.
func (m *Migrator) Pending(ctx context.Context) (bool, error) {
	pending, err := m.goose.HasPending(ctx)
	if err != nil || pending {
		return pending, err
	}
	migrator, err := m.jobMigrator()
	if err != nil {
		return false, err
	}
	result, err := migrator.Validate(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("look at the job tables: %w", err)
	}
	return !result.OK, nil
}

func (m *Migrator) jobMigrator() (*rivermigrate.Migrator[pgx.Tx], error) {
	config := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	migrator, err := rivermigrate.New(riverpgxv5.New(m.pool), config)
	if err != nil {
		return nil, fmt.Errorf("read the job migrations: %w", err)
	}
	return migrator, nil
}

// Migrate brings the database behind url to the latest schema.
func Migrate(ctx context.Context, url string) error {
	migrator, err := NewMigrator(ctx, url)
	if err != nil {
		return err
	}
	defer migrator.Close()
	return migrator.Up(ctx)
}
