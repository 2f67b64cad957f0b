package jobs

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Limits are those of one kind of job. The zero value means those of every job.
type Limits struct {
	Attempts int           // how often it is tried
	Timeout  time.Duration // of one attempt
	Queue    string        // where it waits; kinds that may have to wait long do not keep others from their turn
	// Once makes one job of the same arguments, however often it is enqueued, for as long as the
	// queue remembers it: a day after it was done.
	Once bool
}

// Limited is a job with limits of its own.
type Limited interface {
	Args
	Limits() Limits
}

// ForMail are the limits of a job that sends one mail: it is tried for about seven hours (river waits
// n⁴ seconds after the n-th attempt).
func ForMail() Limits { return Limits{Attempts: 11, Timeout: 30 * time.Second, Queue: mailQueue} }

// mailQueue is where mails wait. A provider that hangs holds its workers, and no others.
const (
	mailQueue       = "mail"
	mailConcurrency = 4
)

func limitsOf(args Args) Limits {
	if limited, ok := args.(Limited); ok {
		return limited.Limits()
	}
	return Limits{}
}

// insertOpts is what river is told when such a job is enqueued.
func (l Limits) insertOpts() *river.InsertOpts {
	options := &river.InsertOpts{MaxAttempts: l.Attempts, Queue: l.Queue}
	if l.Once {
		options.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: rivertype.JobStates()}
	}
	return options
}
