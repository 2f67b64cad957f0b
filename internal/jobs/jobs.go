// Package jobs does later, at least once, what a commit promised.
//
// Owns: the wiring of river: enqueueing inside a transaction, workers, their limits.
// Does not own: what a job does. Workers are functions of the packages that enqueue them, and they
// must be safe to run twice: a job whose process dies runs again.
//
// Invariants: a job exists if and only if its transaction committed.
package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"cartwright/internal/crash"
	"cartwright/internal/postgres"
)

// Limits of every job.
const (
	jobTimeout  = 40 * time.Second // longer than a call of the payment provider
	rescueAfter = 2 * time.Minute
	maxAttempts = 25 // about three weeks with river's back-off; a payment job must not give up early
	concurrency = 8
	// pollEvery is how often river itself looks for jobs. Wake-ups and the pulse come long before.
	pollEvery = time.Minute
)

// Args is a job: its fields travel as JSON, Kind names its worker.
type Args = river.JobArgs

// Queue enqueues jobs and, once started, works them.
type Queue struct {
	db      *postgres.DB
	client  *river.Client[pgx.Tx]
	workers *river.Workers
	driver  *driver
	rest    func() // ends the pulse
}

// waiting is the condition of the pulse. Jobs for later are made available by river's scheduler.
const waiting = "EXISTS (SELECT FROM river_job WHERE state = 'available' AND scheduled_at <= now())"

// New makes a queue. Register workers with Handle before Start.
func New(db *postgres.DB, logger *slog.Logger) (*Queue, error) {
	workers := river.NewWorkers()
	driver := newDriver(riverpgxv5.New(db.Pool()))
	client, err := river.NewClient(driver, &river.Config{
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: concurrency},
			mailQueue:          {MaxWorkers: mailConcurrency},
		},
		Workers:              workers,
		Logger:               slog.New(quiet{logger.Handler()}),
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		MaxAttempts:          maxAttempts,
		FetchPollInterval:    pollEvery,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the job queue: %w", err)
	}
	q := &Queue{db: db, client: client, workers: workers, driver: driver, rest: func() {}}
	db.Pulse().Watch(waiting, func() {
		driver.wake(river.QueueDefault)
		driver.wake(mailQueue)
	})
	return q, nil
}

// Handle names the function that works jobs of this kind. Its context tells the attempt.
func Handle[T Args](q *Queue, work func(context.Context, T) error) {
	var args T
	river.AddWorker(q.workers, &worker[T]{work: work, timeout: limitsOf(args).Timeout})
}

// worker works one kind of job.
type worker[T Args] struct {
	river.WorkerDefaults[T]
	work    func(context.Context, T) error
	timeout time.Duration
}

// Timeout is that of one attempt; 0 means the usual one.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

// Work makes one attempt.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	crash.Point("job.before " + job.Kind)
	err := w.work(withAttempt(ctx, job), job.Args)
	crash.Point("job.after " + job.Kind)
	var again *againError
	var final *finalError
	switch {
	case errors.As(err, &again):
		return river.JobSnooze(again.wait)
	case errors.As(err, &final):
		return river.JobCancel(err)
	}
	return err
}

// Again tells the queue that there was nothing to do yet and when to look again. It is no failure.
func Again(wait time.Duration) error { return &againError{wait} }

type againError struct{ wait time.Duration }

func (e *againError) Error() string { return "again in " + e.wait.String() }

// Final tells the queue that err is no better at the next attempt: the job ends.
func Final(err error) error { return &finalError{err} }

type finalError struct{ cause error }

func (e *finalError) Error() string { return e.cause.Error() }
func (e *finalError) Unwrap() error { return e.cause }

// EnqueueTx adds a job that exists once tx commits, and is not worked before the given time.
func (q *Queue) EnqueueTx(ctx context.Context, tx pgx.Tx, args Args, at time.Time) error {
	if _, err := q.client.InsertTx(ctx, tx, args, options(args, at)); err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	q.wakeAfterCommit(ctx, args)
	return nil
}

// wakeAfterCommit has the workers of this process look for the job once it is there. One for later makes them look in
// vain, which river's pause between two looks bounds.
func (q *Queue) wakeAfterCommit(ctx context.Context, args Args) {
	queue := cmp.Or(limitsOf(args).Queue, river.QueueDefault)
	postgres.AfterCommit(ctx, func() { q.driver.wake(queue) })
}

// EnqueueAllTx is EnqueueTx of any number of jobs, no two of them the same, in one statement.
func (q *Queue) EnqueueAllTx(ctx context.Context, tx pgx.Tx, all []Args, at time.Time) error {
	if len(all) == 0 {
		return nil
	}
	inserts := make([]river.InsertManyParams, len(all))
	for i, args := range all {
		inserts[i] = river.InsertManyParams{Args: args, InsertOpts: options(args, at)}
	}
	if _, err := q.client.InsertManyTx(ctx, tx, inserts); err != nil {
		return fmt.Errorf("enqueue %d times %s: %w", len(all), all[0].Kind(), err)
	}
	q.wakeAfterCommit(ctx, all[0])
	return nil
}

func options(args Args, at time.Time) *river.InsertOpts {
	options := limitsOf(args).insertOpts()
	if at.After(time.Now()) { // any other time would have the job wait for river's scheduler
		options.ScheduledAt = at
	}
	return options
}

// Every enqueues args at each interval, once for all processes together.
func (q *Queue) Every(interval time.Duration, args Args) {
	q.client.PeriodicJobs().Add(river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return args, nil },
		&river.PeriodicJobOpts{RunOnStart: true}))
}

// EveryWhen is Every while a condition holds, an SQL expression that is cheap to compute. The first time it is enqueued
// whether it holds or not.
func (q *Queue) EveryWhen(interval time.Duration, condition string, args Args) {
	var holds atomic.Bool
	holds.Store(true)
	q.db.Pulse().Watch(condition, func() { holds.Store(true) })
	q.client.PeriodicJobs().Add(river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) {
			if !holds.Swap(false) {
				return nil, nil
			}
			return args, nil
		},
		&river.PeriodicJobOpts{RunOnStart: true}))
}

// Start works jobs until Stop.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.client.Start(ctx); err != nil {
		return err
	}
	q.rest = q.db.Pulse().Start(ctx)
	return nil
}

// Stop lets running jobs end, until ctx does; then it cancels them.
func (q *Queue) Stop(ctx context.Context) error {
	q.rest()
	if err := q.client.Stop(ctx); err != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		return q.client.StopAndCancel(hard)
	}
	return nil
}

// quiet drops river's own news below warnings; what matters of it is in the job tables.
type quiet struct{ slog.Handler }

// Enabled holds for warnings and worse.
func (h quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs stays quiet.
func (h quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{h.Handler.WithAttrs(attrs)} }

// WithGroup stays quiet.
func (h quiet) WithGroup(name string) slog.Handler { return quiet{h.Handler.WithGroup(name)} }
