package postgres

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// PulseEvery is how often a pulse asks: what it finds is to be done within a second.
const PulseEvery = 800 * time.Millisecond

// pulseTime bounds one statement of a pulse.
const pulseTime = 5 * time.Second

// Pulse asks PostgreSQL regularly whether work waits for this process, in one statement for all that wait for some. It
// finds what other processes have written, what was written by hand, and what a process left that died after its commit.
// There is no LISTEN: NOTIFY takes a lock of the whole cluster at commit, and a connection of its own can be cut.
type Pulse struct {
	db      *DB
	mu      sync.Mutex
	watches []watch
	users   int
	stop    func()
}

type watch struct {
	condition string
	wake      func()
}

// Pulse returns the one of this database.
func (db *DB) Pulse() *Pulse { return &db.pulse }

// Watch adds a condition, which is an SQL expression that is cheap to compute, such as EXISTS on an index. wake is
// called after each pulse that finds it true, and must not wait.
func (p *Pulse) Watch(condition string, wake func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watches = append(p.watches, watch{condition, wake})
}

// Start keeps the pulse going until ctx ends or stop is called, as often as it was started.
func (p *Pulse) Start(ctx context.Context) (stop func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users++; p.users == 1 {
		running, cancel := context.WithCancel(context.WithoutCancel(ctx))
		done := make(chan struct{})
		go func() {
			defer close(done)
			p.run(running)
		}()
		p.stop = func() { cancel(); <-done }
	}
	leave := sync.OnceFunc(p.leave)
	forget := context.AfterFunc(ctx, leave)
	return func() { forget(); leave() }
}

func (p *Pulse) leave() {
	p.mu.Lock()
	stop := func() {}
	if p.users--; p.users == 0 {
		stop = p.stop
	}
	p.mu.Unlock()
	stop()
}

func (p *Pulse) run(ctx context.Context) {
	ticker := time.NewTicker(PulseEvery)
	defer ticker.Stop()
	for {
		p.Beat(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Beat asks once. Where PostgreSQL cannot be asked, nothing is known and nothing is called.
func (p *Pulse) Beat(ctx context.Context) {
	p.mu.Lock()
	watches := p.watches
	p.mu.Unlock()
	if len(watches) == 0 {
		return
	}
	conditions := make([]string, len(watches))
	for i, watch := range watches {
		conditions[i] = "(" + watch.condition + ")"
	}
	ctx, cancel := context.WithTimeout(ctx, pulseTime)
	defer cancel()
	rows, err := PlannedAnew{p.db}.Query(ctx, "SELECT ARRAY["+strings.Join(conditions, ", ")+"]::boolean[]")
	if err != nil {
		return
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]bool])
	if err != nil {
		return
	}
	for i, waits := range found {
		if waits {
			watches[i].wake()
		}
	}
}
