package cache

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// process is one of several on the same database: its connections, its feed, its copies.
type process struct {
	t     *testing.T
	db    *postgres.DB
	feed  *Feed
	names *Cache[string]
	mu    sync.Mutex
	time  time.Time
	reads int // how often the database was asked
}

// start makes a process that follows changes from now on.
func start(t *testing.T, url string, redis *miniredis.Miniredis) *process {
	t.Helper()
	db, err := postgres.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	p := &process{t: t, db: db, time: time.Now()}
	p.feed = NewFeed(db, slog.New(slog.DiscardHandler), p.now)
	var shared *Redis
	if redis != nil {
		shared, err = NewRedis("redis://"+redis.Addr(), slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		t.Cleanup(func() { _ = shared.Close() })
	}
	p.names = New(p.feed, shared, func(string) uint32 { return 1 })
	p.look()
	return p
}

func (p *process) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.time
}

func (p *process) pass(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.time = p.time.Add(d)
}

func (p *process) look() {
	p.t.Helper()
	require.NoError(p.t, p.feed.Poll(p.t.Context()))
}

// catchUpWith looks until what the process reads is known to hold everything from before the other
// began. Transactions of the whole server count, so other tests' may have to end first.
func (p *process) catchUpWith(other *process) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		p.look()
		return p.feed.position.from >= other.names.log.all.to
	}, time.Minute, time.Millisecond)
}

// read asks the database for names.
func (p *process) read(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	p.mu.Lock()
	p.reads++
	p.mu.Unlock()
	rows, err := p.db.Query(ctx, `SELECT id, name FROM products WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[uuid.UUID]string{}
	for rows.Next() {
		var id uuid.UUID
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		found[id] = name
	}
	return found, rows.Err()
}

// name is what the process would show.
func (p *process) name(id uuid.UUID) string {
	p.t.Helper()
	found, err := p.names.Load(p.t.Context(), []uuid.UUID{id}, p.read)
	require.NoError(p.t, err)
	return found[id]
}

// setup makes a database with a product called "old".
func setup(t *testing.T) (url string, product uuid.UUID) {
	t.Helper()
	url = pgtest.URL(t)
	db, err := postgres.Open(t.Context(), url)
	require.NoError(t, err)
	defer db.Close()
	category := uuid.Must(uuid.NewV7())
	_, err = db.Exec(t.Context(), `INSERT INTO categories (id, name, slug, created_at) VALUES ($1, 'c', 'c', now())`, category)
	require.NoError(t, err)
	product = uuid.Must(uuid.NewV7())
	_, err = db.Exec(t.Context(), `
		INSERT INTO products (id, category_id, name, slug, status, created_at, updated_at)
		VALUES ($1, $2, 'old', 'p', 'ACTIVE', now(), now())`, product, category)
	require.NoError(t, err)
	return url, product
}

const rename = `UPDATE products SET name = $2 WHERE id = $1`
