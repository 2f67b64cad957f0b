package pgtest

import (
	"context"
	"testing"
	"time"

	"cartwright/internal/postgres"
)

// patience bounds each step on the server, so that a test hangs neither at its start nor at its end.
const patience = time.Minute

// New returns a fresh migrated database, which is closed and dropped when the test ends.
func New(t testing.TB) *postgres.DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	db, err := postgres.Open(ctx, URL(t))
	if err != nil {
		t.Fatalf("pgtest: open the test's database: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// URL is like New for tests that start whole processes. Connections still open at the test's end are cut off.
func URL(t testing.TB) string {
	t.Helper()
	server, err := shared()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	name, err := server.create(ctx)
	if err != nil {
		t.Fatalf("pgtest: make a database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := server.drop(ctx, name); err != nil {
			t.Errorf("pgtest: drop the test's database: %v", err)
		}
	})
	return server.url(name)
}
