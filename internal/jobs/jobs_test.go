package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/jobs"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

type greet struct {
	Name string `json:"name"`
}

// Kind names the job.
func (greet) Kind() string { return "greet" }

const soon = time.Minute

// setup starts a queue that works greetings, and what else is registered.
func setup(t *testing.T, work func(context.Context, greet) error, register ...func(*jobs.Queue)) (*postgres.DB, *jobs.Queue) {
	t.Helper()
	db := pgtest.New(t)
	queue, err := jobs.New(db, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	jobs.Handle(queue, work)
	for _, more := range register {
		more(queue)
	}
	require.NoError(t, queue.Start(context.WithoutCancel(t.Context())))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		defer cancel()
		require.NoError(t, queue.Stop(ctx))
	})
	return db, queue
}

func TestAJobExistsIfItsTransactionCommitted(t *testing.T) {
	t.Parallel()
	worked := make(chan string, 10)
	db, queue := setup(t, func(_ context.Context, job greet) error { worked <- job.Name; return nil })
	enqueue := func(name string, end error) error {
		return db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
			require.NoError(t, queue.EnqueueTx(ctx, tx, greet{name}, time.Now()))
			return end
		})
	}
	undone := errors.New("undone")
	require.ErrorIs(t, enqueue("never", undone), undone)
	require.NoError(t, enqueue("Ada", nil))
	require.Equal(t, "Ada", <-worked)
	var left int
	require.NoError(t, db.QueryRow(t.Context(), "SELECT count(*) FROM river_job WHERE args->>'name' = 'never'").Scan(&left))
	require.Zero(t, left)
}

func TestAJobOfNowDoesNotWaitForTheScheduler(t *testing.T) {
	t.Parallel()
	db, queue := setup(t, func(context.Context, greet) error { return nil })
	var now, later string
	require.NoError(t, db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		require.NoError(t, queue.EnqueueTx(ctx, tx, greet{"now"}, time.Now()))
		require.NoError(t, queue.EnqueueTx(ctx, tx, greet{"later"}, time.Now().Add(time.Hour)))
		state := "SELECT state FROM river_job WHERE args->>'name' = $1"
		require.NoError(t, tx.QueryRow(ctx, state, "now").Scan(&now))
		return tx.QueryRow(ctx, state, "later").Scan(&later)
	}))
	require.Equal(t, []string{"available", "scheduled"}, []string{now, later})
}

func TestAJobThatFailsOrAsksToWaitRunsAgain(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]error{"fails": errors.New("no luck"), "waits": jobs.Again(0)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runs := make(chan int, 10)
			count := 0
			db, queue := setup(t, func(context.Context, greet) error {
				count++
				runs <- count
				if count == 1 {
					return first
				}
				return nil
			})
			require.NoError(t, db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
				return queue.EnqueueTx(ctx, tx, greet{"Ada"}, time.Now())
			}))
			require.Equal(t, 1, <-runs)
			select {
			case run := <-runs:
				require.Equal(t, 2, run)
			case <-time.After(soon):
				t.Fatal("it did not run again")
			}
		})
	}
}
