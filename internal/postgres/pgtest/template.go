package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"cartwright/internal/postgres"
	"cartwright/migrations"
)

const (
	templatePrefix = "cartwright_template_"
	// templateLock is a number of our own for PostgreSQL's advisory locks.
	templateLock = 0x63617274
	// strategy: with fsync off and in memory, copying files takes half the time of writing them through the log.
	strategy = "FILE_COPY"
)

// ensureTemplate returns the template's name and makes it if this is the first process to ask.
func (s *server) ensureTemplate(ctx context.Context, conn *pgx.Conn) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.template != "" {
		return s.template, nil
	}
	version, err := schemaVersion(migrations.FS, riverpgxv5.New(nil).GetMigrationFS("main"))
	if err != nil {
		return "", err
	}
	name := templatePrefix + version
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return "", err
	}
	// A lost connection gives the lock up as well.
	defer func() { _, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", templateLock) }()
	var exists bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
	if err == nil && !exists {
		err = s.makeTemplate(ctx, conn, name)
	}
	if err == nil {
		s.template = name
	}
	return name, err
}

func (s *server) forgetTemplate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.template = ""
}

// makeTemplate migrates under another name, so that whatever has the template's name is complete.
func (s *server) makeTemplate(ctx context.Context, conn *pgx.Conn, name string) error {
	s.sweep(ctx, conn)
	building := name + "_building"
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+building+" WITH (FORCE)"); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+building+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, s.url(building)); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, sql := range []string{
		// Nobody may connect to it: a copy is refused while somebody is.
		"ALTER DATABASE " + building + " ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" + building + "'",
		"ALTER DATABASE " + building + " RENAME TO " + name,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// sweep drops templates of other schemas and what tests that were killed left a day ago. What cannot be dropped now
// is left to the next time.
func (s *server) sweep(ctx context.Context, conn *pgx.Conn) {
	rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE datname LIKE 'cartwright\\_te%'")
	if err != nil {
		return
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return
	}
	for _, name := range names {
		if strings.HasPrefix(name, templatePrefix) || leftOver(name, time.Now()) {
			_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
		}
	}
}

func leftOver(name string, now time.Time) bool {
	stamp, isTest := strings.CutPrefix(name, namePrefix)
	stamp, _, _ = strings.Cut(stamp, "_")
	made, err := time.Parse(nameTime, stamp)
	return isTest && err == nil && now.Sub(made) > 24*time.Hour
}

// schemaVersion is a hash of all that makes the schema: our migrations, and those that the job library brings.
func schemaVersion(sources ...fs.FS) (string, error) {
	sum := sha256.New()
	for _, source := range sources {
		err := fs.WalkDir(source, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(source, path)
			fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}
