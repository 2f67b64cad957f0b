package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Backlog is how many jobs there are in each state that is not an end, and of those that were given up.
type Backlog struct {
	ByState map[string]int64
	// Waiting is how long the job that could run has waited longest.
	Waiting time.Duration
}

// backlogStates are river's words (https://riverqueue.com/docs/job-life-cycle).
var backlogStates = []string{"available", "running", "retryable", "scheduled", "discarded"}

// Backlog reads it.
func (q *Queue) Backlog(ctx context.Context) (Backlog, error) {
	backlog := Backlog{ByState: map[string]int64{}}
	for _, state := range backlogStates {
		backlog.ByState[state] = 0
	}
	rows, err := q.db.Query(ctx, `SELECT state::text, count(*),
			coalesce(extract(epoch FROM now() - min(scheduled_at) FILTER (WHERE state = 'available')), 0)::float8
		FROM river_job WHERE state = ANY($1::text[]::river_job_state[]) GROUP BY state`, backlogStates)
	if err != nil {
		return Backlog{}, fmt.Errorf("count the jobs: %w", err)
	}
	var state string
	var count int64
	var waiting float64
	_, err = pgx.ForEachRow(rows, []any{&state, &count, &waiting}, func() error {
		backlog.ByState[state] = count
		backlog.Waiting = max(backlog.Waiting, time.Duration(waiting*float64(time.Second)))
		return nil
	})
	if err != nil {
		return Backlog{}, fmt.Errorf("count the jobs: %w", err)
	}
	return backlog, nil
}
