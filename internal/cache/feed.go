package cache

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Lag is how old an answer from a copy may be at most.
const Lag = time.Second

const (
	pollEvery = 200 * time.Millisecond
	// idleEvery is how often a feed polls that nothing is read by, so that it can go on from where it was.
	idleEvery = 20 * time.Second
	pollTime  = 600 * time.Millisecond // with a pause before it, still within Lag
	// many is how many products are forgotten one by one; a larger change forgets everything.
	many = 2000
	// keepChanges is how long a change can be read at least, from when it was committed.
	keepChanges = 2 * time.Minute
	// remembers is how far a feed may lag and still go on from where it was.
	remembers = keepChanges / 2
)

// Feed follows the changes of the catalogue and tells them to caches.
type Feed struct {
	db     *postgres.DB
	q      *db.Queries
	logger *slog.Logger
	now    func() time.Time

	mu       sync.RWMutex
	snapshot string    // "" until the changes are followed
	mark     uuid.UUID // of the table of changes that snapshot is of
	position position  // of snapshot
	asOf     time.Time // when the last look began
	seen     uint64    // how many of this process's own changes the last look knew of
	broken   bool      // the last look failed
	caches   []forgetter

	used atomic.Bool // something was read since the last poll

	looking sync.Mutex    // one look at a time
	changes atomic.Uint64 // how often this process has changed something

	pruning  sync.Mutex
	prunable string    // a snapshot that every feed will have passed
	taken    time.Time // when it was
}

// forgetter is a cache as the feed sees it.
type forgetter interface {
	forget(ids []uuid.UUID, at position)
	forgetAll(at position)
}

// position is how far changes have been followed, in transaction numbers: whatever was committed below
// from is known, and nothing from to on is.
type position struct{ from, to uint64 }

// NewFeed makes a feed that follows nothing yet. now is a monotonic clock.
func NewFeed(database *postgres.DB, logger *slog.Logger, now func() time.Time) *Feed {
	f := &Feed{db: database, q: db.New(), logger: logger, now: now}
	database.OnChange(func() { f.changes.Add(1) })
	return f
}

// Follow polls for changes until ctx ends: often while something is read, and seldom otherwise, because the first read
// after a pause looks for itself.
func (f *Feed) Follow(ctx context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	f.used.Store(true)
	for broken := false; ; {
		if broken || f.used.Swap(false) || f.idleFor(idleEvery) {
			err := f.Poll(ctx)
			if err != nil && ctx.Err() == nil && !broken {
				f.logger.WarnContext(ctx, "changes cannot be followed; nothing is answered from the cache", "error", err)
			}
			broken = err != nil
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// idleFor reports whether the last look is so long ago.
func (f *Feed) idleFor(d time.Duration) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.now().Sub(f.asOf) >= d
}

// Poll looks once for changes and forgets what they concern. Without a look that succeeds nothing is answered from a copy
// once Lag has passed; the next one goes on from the last, or forgets everything when that was too long ago.
func (f *Feed) Poll(ctx context.Context) error {
	f.looking.Lock()
	defer f.looking.Unlock()
	return f.look(ctx)
}

// catchUp looks for changes when this process has made some, so that it sees what it wrote, and when nothing was read
// for a while. Whoever asked first may be gone before it ends: the look is everybody's.
func (f *Feed) catchUp(ctx context.Context) {
	if !f.used.Load() {
		f.used.Store(true)
	}
	if !f.wantsLook() {
		return
	}
	f.looking.Lock()
	defer f.looking.Unlock()
	if f.wantsLook() { // or another reader has just looked
		_ = f.look(context.WithoutCancel(ctx)) // where says that nothing can be trusted then
	}
}

// wantsLook reports whether a read has to look first. While looks fail nobody waits for another one.
func (f *Feed) wantsLook() bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.seen != f.changes.Load() || f.snapshot != "" && !f.broken && f.now().Sub(f.asOf) >= Lag
}

func (f *Feed) look(ctx context.Context) error {
	changes := f.changes.Load() // before reading; until the look has ended, whoever reads waits for it
	ctx, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	began := f.now()
	f.mu.RLock()
	since, mark := f.snapshot, f.mark
	if began.Sub(f.asOf) > remembers {
		since = ""
	}
	f.mu.RUnlock()
	found, err := f.read(ctx, since)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken = err != nil; f.broken {
		return err
	}
	at := positionOf(found.Snapshot)
	for _, one := range f.caches {
		if since == "" || found.Mark != mark || len(found.Changed) > many || slices.Contains(found.Changed, uuid.Nil) {
			one.forgetAll(at)
		} else if len(found.Changed) > 0 {
			one.forget(found.Changed, at)
		}
	}
	f.snapshot, f.mark, f.position, f.asOf, f.seen = found.Snapshot, found.Mark, at, began, changes
	return nil
}

// read answers the changes since a snapshot, and with which mark; without a snapshot where they begin. A table that has
// lost its mark gets another.
func (f *Feed) read(ctx context.Context, since string) (found db.ChangesSinceRow, err error) {
	if since != "" {
		if found, err = f.q.ChangesSince(ctx, f.db, db.ChangesSinceParams{Since: since, AtMost: many + 1}); err != nil {
			return found, err
		}
		if found.Mark != uuid.Nil {
			return found, nil
		}
	}
	if err := f.q.ChangesMark(ctx, f.db, uuid.New()); err != nil {
		return found, err
	}
	now, err := f.q.ChangesNow(ctx, f.db)
	return db.ChangesSinceRow{Snapshot: now.Snapshot, Mark: now.Mark}, err
}

// where is the feed's position, and whether it is recent enough to answer from copies: looked at less than Lag ago, and
// since this process last changed something.
func (f *Feed) where() (position, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.position, f.snapshot != "" && f.now().Sub(f.asOf) < Lag && f.seen == f.changes.Load()
}

func (f *Feed) register(cache forgetter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.caches = append(f.caches, cache)
}

// Prune is the job that forgets changes every feed has seen.
type Prune struct{}

// Prunable is the condition of the job: there are changes.
const Prunable = "EXISTS (SELECT FROM catalogue_changes WHERE xid > '0')"

// Kind names the job.
func (Prune) Kind() string { return "catalogue_changes_prune" }

// Prune works the job. What goes is what was committed before the last time that this process did, which is long enough
// ago for every feed to have passed it.
func (f *Feed) Prune(ctx context.Context, _ Prune) error {
	f.pruning.Lock()
	defer f.pruning.Unlock()
	if f.prunable != "" && f.now().Sub(f.taken) < keepChanges {
		return nil
	}
	began := f.now()
	now, err := f.q.ChangesNow(ctx, f.db)
	if err != nil {
		return err
	}
	if f.prunable != "" {
		if err := f.q.ChangesPrune(ctx, f.db, f.prunable); err != nil {
			return err
		}
	}
	f.prunable, f.taken = now.Snapshot, began
	return nil
}

// positionOf reads a pg_snapshot, such as 100:104:100,102.
func positionOf(snapshot string) (p position) {
	parts := strings.SplitN(snapshot, ":", 3)
	if len(parts) == 3 {
		p.from, _ = strconv.ParseUint(parts[0], 10, 64) // PostgreSQL wrote it
		p.to, _ = strconv.ParseUint(parts[1], 10, 64)
	}
	return p
}
