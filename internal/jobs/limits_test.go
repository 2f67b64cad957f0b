package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/jobs"
	"cartwright/internal/postgres"
)

// letter is a mail as far as the queue knows.
type letter struct {
	Name string `json:"name"`
}

func (letter) Kind() string { return "letter" }
func (letter) Limits() jobs.Limits {
	limits := jobs.ForMail()
	limits.Once = true
	return limits
}

func (letter) enqueue(t *testing.T, db *postgres.DB, queue *jobs.Queue, names ...string) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		letters := make([]jobs.Args, len(names))
		for i, name := range names {
			letters[i] = letter{name}
		}
		return queue.EnqueueAllTx(ctx, tx, letters, time.Now())
	}))
}

// setupLetters is a queue that works letters, and greetings beside them.
func setupLetters(t *testing.T, work func(context.Context, letter) error, greetings func(context.Context, greet) error) (*postgres.DB, *jobs.Queue) {
	t.Helper()
	return setup(t, greetings, func(queue *jobs.Queue) { jobs.Handle(queue, work) })
}

func TestMailsThatHangKeepNoOtherJobWaiting(t *testing.T) {
	t.Parallel()
	over, greeted := make(chan struct{}), make(chan struct{})
	db, queue := setupLetters(t,
		func(context.Context, letter) error { <-over; return nil },
		func(context.Context, greet) error { close(greeted); return nil })
	t.Cleanup(func() { close(over) })
	letter{}.enqueue(t, db, queue, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
	require.NoError(t, db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		return queue.EnqueueTx(ctx, tx, greet{"Ada"}, time.Now())
	}))
	select {
	case <-greeted:
	case <-time.After(soon):
		t.Fatal("it waits for the mails")
	}
}

func TestAJobOfOnceIsOneJobHoweverOftenItIsEnqueued(t *testing.T) {
	t.Parallel()
	worked := make(chan string, 10)
	db, queue := setupLetters(t,
		func(_ context.Context, job letter) error { worked <- job.Name; return nil },
		func(context.Context, greet) error { return nil })
	letter{}.enqueue(t, db, queue, "Ada")
	letter{}.enqueue(t, db, queue, "Ada")
	letter{}.enqueue(t, db, queue)
	require.Equal(t, "Ada", <-worked)
	letter{}.enqueue(t, db, queue, "Ada", "Bob")
	require.Equal(t, "Bob", <-worked)
	var count int
	require.NoError(t, db.QueryRow(t.Context(), "SELECT count(*) FROM river_job WHERE kind = 'letter'").Scan(&count))
	require.Equal(t, 2, count)
}

func TestAMailHasLimitsOfItsOwnAndKnowsItsAttempt(t *testing.T) {
	t.Parallel()
	type seen struct {
		jobs.Attempt
		left time.Duration
	}
	attempts := make(chan seen, 10)
	db, queue := setupLetters(t,
		func(ctx context.Context, _ letter) error {
			attempt, ok := jobs.AttemptOf(ctx)
			deadline, limited := ctx.Deadline()
			if !ok || !limited {
				return nil
			}
			attempts <- seen{attempt, time.Until(deadline)}
			return errors.New("no luck")
		},
		func(context.Context, greet) error { return nil })
	letter{}.enqueue(t, db, queue, "Ada")
	first, second := <-attempts, <-attempts
	require.Equal(t, first.Attempt, second.Attempt)
	require.False(t, first.Last)
	require.LessOrEqual(t, first.left, 30*time.Second)
	var most int
	require.NoError(t, db.QueryRow(t.Context(), "SELECT max_attempts FROM river_job WHERE kind = 'letter'").Scan(&most))
	require.Equal(t, 11, most)
	_, err := db.Exec(t.Context(), "UPDATE river_job SET max_attempts = attempt + 1 WHERE kind = 'letter'")
	require.NoError(t, err)
	require.True(t, (<-attempts).Last)
}

func TestAFinalErrorEndsItsJob(t *testing.T) {
	t.Parallel()
	db, queue := setupLetters(t,
		func(context.Context, letter) error { return jobs.Final(errors.New("never")) },
		func(context.Context, greet) error { return nil })
	letter{}.enqueue(t, db, queue, "Ada")
	require.Eventually(t, func() bool {
		var state string
		err := db.QueryRow(context.Background(), "SELECT state FROM river_job WHERE kind = 'letter'").Scan(&state)
		return err == nil && state == "cancelled"
	}, soon, 20*time.Millisecond)
}
