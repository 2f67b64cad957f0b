package jobs

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"
)

// Attempt is one try of a job.
type Attempt struct {
	// Job names the job: the same at each of its attempts, and never another job's.
	Job string
	// Last tells that no other follows.
	Last bool
}

type attemptKey struct{}

// AttemptOf is the attempt that a worker was called for.
func AttemptOf(ctx context.Context) (attempt Attempt, ok bool) {
	attempt, ok = ctx.Value(attemptKey{}).(Attempt)
	return attempt, ok
}

// withAttempt tells the worker which attempt it is. A database that was set up anew counts its jobs
// from one again, so the number alone names none.
func withAttempt[T Args](ctx context.Context, job *river.Job[T]) context.Context {
	return context.WithValue(ctx, attemptKey{}, Attempt{
		Job:  fmt.Sprintf("%s-%d-%d", job.Kind, job.ID, job.CreatedAt.UnixMicro()),
		Last: job.Attempt >= job.MaxAttempts,
	})
}
