package cache

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/maypok86/otter/v2"

	"cartwright/internal/postgres"
)

// Cache keeps values by the id of the product they belong to.
type Cache[V any] struct {
	feed   *Feed
	near   *otter.Cache[uuid.UUID, V]
	shared *shared[V] // nil without Redis
	log    forgotten
}

// Read fetches the values of these ids from the database; ids without one are left out.
type Read[V any] func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]V, error)

// maxWeight bounds the copies in the process, in bytes as weigh counts them.
const maxWeight = 64 << 20

// New makes a cache that the feed keeps true. weigh is about how many bytes a value takes. redis may be nil.
func New[V any](feed *Feed, redis *Redis, weigh func(V) uint32) *Cache[V] {
	c := &Cache[V]{
		feed: feed,
		near: otter.Must(&otter.Options[uuid.UUID, V]{
			MaximumWeight: maxWeight,
			Weigher:       func(_ uuid.UUID, value V) uint32 { return weigh(value) },
		}),
		log: forgotten{of: map[uuid.UUID]mark{}},
	}
	if redis != nil {
		c.shared = newShared[V](redis)
	}
	feed.register(c)
	return c
}

// Load answers the values of these ids, from copies where that is allowed, else by read; a nil cache has
// none. The values are shared: whoever gets them must not change them.
func (c *Cache[V]) Load(ctx context.Context, ids []uuid.UUID, read Read[V]) (map[uuid.UUID]V, error) {
	if c == nil || postgres.InsideTx(ctx) {
		return read(ctx, ids)
	}
	c.feed.catchUp(ctx)
	at, recent := c.feed.where()
	if !recent {
		return read(ctx, ids)
	}
	found := make(map[uuid.UUID]V, len(ids))
	missing := c.fromNear(ids, found)
	if len(missing) == 0 {
		return found, nil
	}
	turn := c.log.turn()
	if c.shared != nil {
		missing = c.fromShared(ctx, missing, found, turn)
	}
	if len(missing) == 0 {
		return found, nil
	}
	values, err := read(ctx, missing)
	if err != nil {
		return nil, err
	}
	for id, value := range values {
		found[id] = value
		c.keep(id, value, turn)
	}
	if c.shared != nil {
		c.shared.put(ctx, values, at)
	}
	return found, nil
}

func (c *Cache[V]) fromNear(ids []uuid.UUID, found map[uuid.UUID]V) (missing []uuid.UUID) {
	for _, id := range ids {
		if value, ok := c.near.GetIfPresent(id); ok {
			found[id] = value
		} else {
			missing = append(missing, id)
		}
	}
	return missing
}

func (c *Cache[V]) fromShared(ctx context.Context, ids []uuid.UUID, found map[uuid.UUID]V, turn uint64) (missing []uuid.UUID) {
	entries := c.shared.get(ctx, ids)
	for _, id := range ids {
		entry, ok := entries[id]
		if !ok || !c.log.trusts(id, entry.From) {
			missing = append(missing, id)
			continue
		}
		found[id] = entry.Value
		c.keep(id, entry.Value, turn)
	}
	return missing
}

// keep stores what was read, unless it was forgotten since the reading began. It looks again after
// storing: a change may be told between the two.
func (c *Cache[V]) keep(id uuid.UUID, value V, turn uint64) {
	if c.log.since(id, turn) {
		return
	}
	c.near.Set(id, value)
	if c.log.since(id, turn) {
		c.near.Invalidate(id)
	}
}

func (c *Cache[V]) forget(ids []uuid.UUID, at position) {
	c.log.add(ids, at)
	for _, id := range ids {
		c.near.Invalidate(id)
	}
}

func (c *Cache[V]) forgetAll(at position) {
	c.log.addAll(at)
	c.near.InvalidateAll()
}

// forgotten remembers what was forgotten lately, so that a slow reader does not bring it back.
type forgotten struct {
	mu    sync.RWMutex
	turns uint64 // counts the times something was forgotten
	of    map[uuid.UUID]mark
	all   mark // of the latest time that everything was
}

// mark says when something was forgotten: in which turn, and below which transaction number another
// process's copy may lack the change.
type mark struct {
	turn uint64
	to   uint64
	when time.Time
}

// remember is how long it is remembered: longer than a reading may take, and longer than a copy in
// Redis lives and was read before it was put there.
const remember = time.Minute

// turn is the time at which a reading begins.
func (f *forgotten) turn() uint64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.turns
}

// since tells whether the id was forgotten after that turn.
func (f *forgotten) since(id uuid.UUID, turn uint64) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.all.turn > turn || f.of[id].turn > turn
}

// trusts tells whether a copy, read when everything below from was known, has all changes that were told here.
func (f *forgotten) trusts(id uuid.UUID, from uint64) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return from >= f.all.to && from >= f.of[id].to
}

func (f *forgotten) add(ids []uuid.UUID, at position) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turns++
	now := time.Now()
	for _, id := range ids {
		f.of[id] = mark{turn: f.turns, to: at.to, when: now}
	}
	if len(f.of) > many {
		f.prune(now)
	}
}

func (f *forgotten) addAll(at position) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turns++
	f.all = mark{turn: f.turns, to: at.to, when: time.Now()}
	clear(f.of)
}

// prune drops what is old enough. What is dropped counts as true again, so the mark of everything must
// not be older than what is remembered.
func (f *forgotten) prune(now time.Time) {
	for id, one := range f.of {
		if now.Sub(one.when) > remember {
			delete(f.of, id)
		}
	}
}
