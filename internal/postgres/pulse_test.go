package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

func TestPulse_WakesWhoeverHasWork(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	woken := make(chan string, 100)
	db.Pulse().Watch("EXISTS (SELECT FROM search_stale)", func() { woken <- "search" })
	db.Pulse().Watch("EXISTS (SELECT FROM carts)", func() { woken <- "carts" })
	db.Pulse().Beat(t.Context())
	require.Empty(t, woken)

	stopFirst, stopSecond := db.Pulse().Start(t.Context()), db.Pulse().Start(t.Context())
	stopFirst()
	stopFirst()
	another, err := postgres.Open(t.Context(), db.Pool().Config().ConnString())
	require.NoError(t, err)
	defer another.Close()
	_, err = another.Exec(t.Context(), "INSERT INTO search_stale (kind, ref) VALUES ('PRODUCT', gen_random_uuid())")
	require.NoError(t, err)
	require.Equal(t, "search", <-woken, "also of what another process wrote")

	// The connection is cut, and the next pulse has another.
	_, err = another.Exec(t.Context(), `
		SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	require.NoError(t, err)
	_, err = another.Exec(t.Context(), "DELETE FROM search_stale; INSERT INTO carts (id, currency, created_at, updated_at) VALUES (gen_random_uuid(), 'USD', now(), now())")
	require.NoError(t, err)
	for <-woken != "carts" {
	}
	stopSecond()
	for len(woken) > 0 {
		<-woken
	}
	db.Pulse().Beat(t.Context())
	require.Len(t, woken, 1, "it has ended")
}

func TestAfterCommit_IsCalledOnceAndOnlyThen(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var called int
	call := func() { called++ }
	undone := errors.New("undone")
	require.ErrorIs(t, db.InTx(t.Context(), func(ctx context.Context, _ pgx.Tx) error {
		postgres.AfterCommit(ctx, call)
		return undone
	}), undone)
	require.Zero(t, called)
	require.NoError(t, db.InTx(t.Context(), func(ctx context.Context, _ pgx.Tx) error {
		err := db.InTx(ctx, func(ctx context.Context, _ pgx.Tx) error {
			postgres.AfterCommit(ctx, call)
			return nil
		})
		require.Zero(t, called, "a savepoint is no commit")
		return err
	}))
	require.Equal(t, 1, called)
	postgres.AfterCommit(t.Context(), call)
	require.Equal(t, 1, called)
}
