package postgres_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// setup is a database with two counters at zero.
func setup(t *testing.T) *postgres.DB {
	t.Helper()
	db := pgtest.New(t)
	_, err := db.Exec(t.Context(), `CREATE TABLE counters (id integer CONSTRAINT counters_once PRIMARY KEY,
		n integer NOT NULL CONSTRAINT counters_are_small CHECK (n < 1000))`)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), "INSERT INTO counters VALUES (1, 0), (2, 0)")
	require.NoError(t, err)
	return db
}

func count(t *testing.T, db *postgres.DB, id int) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRow(t.Context(), "SELECT n FROM counters WHERE id = $1", id).Scan(&n))
	return n
}

func increment(ctx context.Context, tx pgx.Tx, id int) error {
	_, err := tx.Exec(ctx, "UPDATE counters SET n = n + 1 WHERE id = $1", id)
	return err
}

func TestADeadlockNeverReachesTheCaller(t *testing.T) {
	t.Parallel()
	db := setup(t)
	tries, met := make(chan int, 20), [2]chan struct{}{make(chan struct{}), make(chan struct{})}
	results := make(chan error, 2)
	for who := range 2 {
		go func() {
			first := true
			results <- db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
				tries <- who
				if err := increment(ctx, tx, 1+who); err != nil {
					return err
				}
				if first { // each holds one row and wants the other's
					first = false
					close(met[who])
					<-met[1-who]
				}
				return increment(ctx, tx, 2-who)
			})
		}()
	}
	require.NoError(t, <-results)
	require.NoError(t, <-results)
	require.Equal(t, []int{2, 2}, []int{count(t, db, 1), count(t, db, 2)}, "each took effect once")
	require.Greater(t, len(tries), 2, "one of them was tried again")
}

func TestASerializationFailureIsTriedAgainAndOnlySoOften(t *testing.T) {
	t.Parallel()
	db := setup(t)
	tries := 0
	conflict := &pgconn.PgError{Code: "40001"}
	err := db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		if tries++; tries == 1 {
			require.NoError(t, increment(ctx, tx, 1))
			return conflict
		}
		return increment(ctx, tx, 1)
	})
	require.NoError(t, err)
	require.Equal(t, 1, count(t, db, 1), "what the first try did is undone")

	tries = 0
	err = db.InTx(t.Context(), func(context.Context, pgx.Tx) error { tries++; return conflict })
	require.ErrorIs(t, err, error(conflict))
	require.Equal(t, 4, tries)
	require.True(t, postgres.IsUnavailable(err))
}

func TestAnyOtherErrorEndsTheTransactionAtOnce(t *testing.T) {
	t.Parallel()
	db := setup(t)
	tries, mine := 0, errors.New("mine")
	require.ErrorIs(t, db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		tries++
		require.NoError(t, increment(ctx, tx, 1))
		return mine
	}), mine)
	require.Equal(t, 1, tries)
	require.Zero(t, count(t, db, 1))
}

func TestATransactionInsideATransactionIsASavepoint(t *testing.T) {
	t.Parallel()
	db := setup(t)
	require.False(t, postgres.InsideTx(t.Context()))
	mine := errors.New("mine")
	require.NoError(t, db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		require.True(t, postgres.InsideTx(ctx))
		require.NoError(t, increment(ctx, tx, 1))
		require.ErrorIs(t, db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			require.NoError(t, increment(ctx, tx, 1))
			return mine
		}), mine)
		_, err := db.Exec(ctx, "UPDATE counters SET n = n + 1 WHERE id = 2")
		return err
	}))
	require.Equal(t, []int{1, 1}, []int{count(t, db, 1), count(t, db, 2)})

	require.ErrorIs(t, db.InTx(t.Context(), func(ctx context.Context, _ pgx.Tx) error {
		_, err := db.Exec(ctx, "UPDATE counters SET n = n + 1 WHERE id = 2")
		require.NoError(t, err)
		return mine
	}), mine)
	require.Equal(t, 1, count(t, db, 2), "a statement given the transaction's context is part of it")
}

func TestATransactionWhoseCallerLeftIsRolledBack(t *testing.T) {
	t.Parallel()
	db := setup(t)
	ctx, leave := context.WithCancel(t.Context())
	err := db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		require.NoError(t, increment(ctx, tx, 1))
		leave()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, count(t, db, 1))
}

func TestAConstraintIsKnownByItsName(t *testing.T) {
	t.Parallel()
	db := setup(t)
	_, err := db.Exec(t.Context(), "INSERT INTO counters VALUES (1, 0)")
	require.Equal(t, "counters_once", postgres.Constraint(err))
	_, err = db.Exec(t.Context(), "UPDATE counters SET n = 1000")
	require.Equal(t, "counters_are_small", postgres.Constraint(err))
	_, err = db.Exec(t.Context(), "SELECT 1/0")
	require.Empty(t, postgres.Constraint(err))
	require.Empty(t, postgres.Constraint(nil))
	var n int
	require.True(t, postgres.IsMissing(db.QueryRow(t.Context(), "SELECT n FROM counters WHERE id = 3").Scan(&n)))
}

func TestADatabaseThatCannotBeAskedIsNoAnswer(t *testing.T) {
	t.Parallel()
	db := setup(t)
	_, err := db.Exec(t.Context(), "SELECT 1/0")
	require.False(t, postgres.IsUnavailable(err))
	require.False(t, postgres.IsUnavailable(nil))

	require.NoError(t, db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		require.NoError(t, increment(ctx, tx, 1))
		_, err := db.Exec(t.Context(), "SET lock_timeout = '1ms'; UPDATE counters SET n = 5 WHERE id = 1")
		require.True(t, postgres.IsUnavailable(err), "waited too long for a lock: %v", err)
		return nil
	}))
	_, err = db.Exec(t.Context(), "SELECT pg_terminate_backend(pg_backend_pid())")
	require.True(t, postgres.IsUnavailable(err), "the server shut the connection: %v", err)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = postgres.Open(ctx, "postgres://nobody@127.0.0.1:1/nothing?sslmode=disable")
	require.True(t, postgres.IsUnavailable(err), "nobody listens: %v", err)
}

// Connections go from hand to hand: what one transaction's connection heard belongs to it alone.
func TestEachTransactionThatChangedTheCatalogueIsToldOnce(t *testing.T) {
	t.Parallel()
	db := setup(t)
	var told, committed atomic.Int64
	db.OnChange(func() { told.Add(1) })
	var all sync.WaitGroup
	for range 40 { // twice the connections there are
		all.Go(func() {
			for i := range 50 {
				err := db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
					if i%2 == 1 {
						return increment(ctx, tx, 3) // no such row: nothing changes
					}
					if _, err := tx.Exec(ctx, "SELECT announce_catalogue_change()"); err != nil || i%10 != 0 {
						return err
					}
					return errRolledBack
				})
				switch {
				case err == nil && i%2 == 0:
					committed.Add(1)
				case err != nil && !errors.Is(err, errRolledBack):
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	require.Equal(t, committed.Load(), told.Load())
	require.Positive(t, told.Load())
}

var errRolledBack = errors.New("rolled back on purpose")

func TestWhatBeginsATransactionRunsFirstInEachTry(t *testing.T) {
	t.Parallel()
	db := setup(t)
	begun, tries := 0, 0
	ctx := postgres.AtBegin(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		begun++
		return increment(ctx, tx, 1)
	})
	require.NoError(t, db.InTx(ctx, func(ctx context.Context, _ pgx.Tx) error {
		tries++
		require.Equal(t, tries, begun, "before it")
		require.NoError(t, db.InTx(ctx, func(context.Context, pgx.Tx) error { return nil }), "and not in a savepoint")
		require.Equal(t, tries, begun)
		if tries == 1 {
			return &pgconn.PgError{Code: "40001"}
		}
		return nil
	}))
	require.Equal(t, 2, begun)
	require.Equal(t, 1, count(t, db, 1), "what it did is the transaction's")

	failed := errors.New("failed")
	ctx = postgres.AtBegin(ctx, func(context.Context, pgx.Tx) error { return failed })
	require.ErrorIs(t, db.InTx(ctx, func(context.Context, pgx.Tx) error { tries++; return nil }), failed)
	require.Equal(t, 2, tries, "nothing is done without it")
}
