package cache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestAChangeElsewhereIsSeenAtTheNextLook(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	reader, writer := start(t, url, nil), start(t, url, nil)
	require.Equal(t, "old", reader.name(product))
	require.Equal(t, "old", reader.name(product))
	require.Equal(t, 1, reader.reads, "the second answer comes from a copy")
	_, err := writer.db.Exec(t.Context(), rename, product, "new")
	require.NoError(t, err)
	require.Equal(t, "old", reader.name(product))
	reader.look()
	require.Equal(t, "new", reader.name(product))
}

func TestEveryTableOfTheCatalogueIsFollowed(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	reader, writer := start(t, url, nil), start(t, url, nil)
	variant := uuid.Must(uuid.NewV7())
	for _, statement := range []string{
		`INSERT INTO product_variants (id, product_id, is_default, name, sku, price_minor, currency, created_at, updated_at)
		 VALUES ($2, $1, true, 'v', 's', 1, 'USD', now(), now())`,
		`UPDATE product_variants SET price_minor = 2 WHERE product_id = $1 AND id = $2`,
		`INSERT INTO stock_levels (variant_id, on_hand) SELECT $2, 5 WHERE $1::uuid IS NOT NULL`,
		`UPDATE stock_levels SET reserved = 1 WHERE variant_id = $2 AND $1::uuid IS NOT NULL`,
		`INSERT INTO product_images (id, product_id, url, created_at) VALUES ($2, $1, 'u', now())`,
		`UPDATE product_images SET alt_text = 'a' WHERE product_id = $1 AND id = $2`,
		`DELETE FROM product_images WHERE product_id = $1 AND id = $2`,
		`UPDATE categories SET name = 'd' WHERE id IN (SELECT category_id FROM products WHERE id = $1) AND $2::uuid IS NOT NULL`,
		`DELETE FROM product_variants WHERE product_id = $1 AND id = $2`,
		`DELETE FROM products WHERE id = $1 AND $2::uuid IS NOT NULL`,
	} {
		reader.name(product)
		before := reader.reads
		_, err := writer.db.Exec(t.Context(), statement, product, variant)
		require.NoError(t, err, statement)
		reader.look()
		reader.name(product)
		require.Equal(t, before+1, reader.reads, "%s: the copy was not forgotten", statement)
	}
}

func TestAProcessSeesAtOnceWhatItWrote(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	p := start(t, url, nil)
	for i := range 20 {
		want := fmt.Sprint("name ", i)
		require.NoError(t, p.db.InTx(t.Context(), func(ctx context.Context, _ pgx.Tx) error {
			if _, err := p.db.Exec(ctx, rename, product, want); err != nil {
				return err
			}
			inside, err := p.names.Load(ctx, []uuid.UUID{product}, p.read)
			require.Equal(t, want, inside[product], "a transaction reads no copy")
			return err
		}))
		require.Equal(t, want, p.name(product))
	}
}

func TestAProcessSeesWhatItWroteAlsoWhileALookIsUnderWay(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	p, other := start(t, url, nil), start(t, url, nil)
	require.Equal(t, "old", p.name(product))
	require.NoError(t, p.db.InTx(t.Context(), func(ctx context.Context, _ pgx.Tx) error {
		_, err := p.db.Exec(ctx, rename, product, "new")
		return err
	}))
	stuck, err := other.db.Pool().Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = stuck.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = stuck.Exec(t.Context(), `LOCK TABLE catalogue_changes`)
	require.NoError(t, err)
	follow, stop := context.WithCancel(t.Context())
	var looks sync.WaitGroup
	defer looks.Wait()
	defer stop()
	looks.Go(func() { p.feed.Follow(follow) })
	require.Eventually(t, func() bool {
		var waits bool
		require.NoError(t, other.db.QueryRow(t.Context(), `
			SELECT EXISTS (
				SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
				WHERE NOT l.granted AND l.relation = 'catalogue_changes'::regclass AND d.datname = current_database())`).Scan(&waits))
		return waits
	}, time.Minute, time.Millisecond)
	require.Equal(t, "new", p.name(product), "the look that is under way has told nothing yet")
}

func TestAReadOfOneselfCostsNoLookUnlessSomethingChanged(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	p := start(t, url, nil)
	require.NoError(t, p.db.InTx(t.Context(), func(ctx context.Context, _ pgx.Tx) error {
		_, err := p.db.Exec(ctx, `SELECT count(*) FROM products`)
		return err
	}))
	require.False(t, p.feed.wantsLook())
	failure := p.db.InTx(t.Context(), func(ctx context.Context, _ pgx.Tx) error {
		_, err := p.db.Exec(ctx, rename, product, "never")
		require.NoError(t, err)
		return context.Canceled
	})
	require.ErrorIs(t, failure, context.Canceled)
	require.False(t, p.feed.wantsLook(), "what was rolled back is no change")
}

func TestATransactionThatCommitsLateIsNotMissed(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	reader, writer := start(t, url, nil), start(t, url, nil)
	tx, err := writer.db.Pool().Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), rename, product, "late")
	require.NoError(t, err)
	for range 3 { // others begin, commit and are followed meanwhile
		_, err = writer.db.Exec(t.Context(), `UPDATE categories SET name = name || 'x'`)
		require.NoError(t, err)
		reader.look()
		require.Equal(t, "old", reader.name(product))
	}
	require.NoError(t, tx.Commit(t.Context()))
	reader.look()
	require.Equal(t, "late", reader.name(product))
}

func TestWhatWasReadBeforeAChangeIsNotKeptAfterIt(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	reader, writer := start(t, url, nil), start(t, url, nil)
	slow := func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
		found, err := reader.read(ctx, ids)
		require.NoError(t, err)
		_, err = writer.db.Exec(ctx, rename, product, "new")
		require.NoError(t, err)
		reader.look() // the change is told while the old value is still on its way
		return found, err
	}
	found, err := reader.names.Load(t.Context(), []uuid.UUID{product}, slow)
	require.NoError(t, err)
	require.Equal(t, "old", found[product])
	require.Equal(t, "new", reader.name(product))
}

func TestNothingComesFromACopyThatNobodyFollows(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	reader, writer := start(t, url, nil), start(t, url, nil)
	reader.name(product)
	_, err := writer.db.Exec(t.Context(), rename, product, "new")
	require.NoError(t, err)
	reader.pass(Lag)
	require.Equal(t, "new", reader.name(product), "the first read after a pause looks")

	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, reader.feed.Poll(over))
	_, err = writer.db.Exec(t.Context(), rename, product, "newest")
	require.NoError(t, err)
	reader.pass(Lag)
	require.Error(t, reader.feed.Poll(over))
	require.Equal(t, "newest", reader.name(product), "without a look that succeeds the database is asked")
	reader.look()
	require.Equal(t, "newest", reader.name(product), "what was missed meanwhile is not answered either")
}

func TestALookThatFailsForgetsNothing(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	reader, writer := start(t, url, nil), start(t, url, nil)
	other := uuid.Must(uuid.NewV7())
	_, err := writer.db.Exec(t.Context(), `INSERT INTO products (id, category_id, name, slug, status, created_at, updated_at)
		SELECT $2, category_id, 'other', 'other', status, created_at, updated_at FROM products WHERE id = $1`, product, other)
	require.NoError(t, err)
	reader.name(product)
	reader.name(other)
	before := reader.reads
	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, reader.feed.Poll(over))
	_, err = writer.db.Exec(t.Context(), rename, product, "new")
	require.NoError(t, err)
	reader.look()
	require.Equal(t, "other", reader.name(other))
	require.Equal(t, before, reader.reads, "the next look goes on from the last that succeeded")
	require.Equal(t, "new", reader.name(product))

	reader.pass(remembers + Lag)
	reader.look()
	require.Equal(t, "other", reader.name(other))
	require.Equal(t, before+2, reader.reads, "after too long everything is forgotten")
}

func TestOnesOwnChangeIsSeenThoughWhoeverAskedFirstHasGone(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	p := start(t, url, nil)
	require.Equal(t, "old", p.name(product))
	_, err := p.db.Exec(t.Context(), rename, product, "new")
	require.NoError(t, err)
	p.feed.changes.Add(1)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	p.feed.catchUp(gone)
	_, recent := p.feed.where()
	require.True(t, recent, "the look was everybody's")
	require.Equal(t, "new", p.name(product))

	p.feed.changes.Add(1)
	require.Error(t, p.feed.Poll(gone))
	_, recent = p.feed.where()
	require.False(t, recent, "what it wrote may be missing from its copies")
}

// After a crash, and on a server that takes another's place, the unlogged table is empty.
func TestWhenTheChangesAreLostEverythingIsForgotten(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	reader, second, writer := start(t, url, nil), start(t, url, nil), start(t, url, nil)
	require.Equal(t, "old", reader.name(product))
	require.Equal(t, "old", second.name(product))
	_, err := writer.db.Exec(t.Context(), rename, product, "new")
	require.NoError(t, err)
	_, err = writer.db.Exec(t.Context(), `TRUNCATE catalogue_changes`)
	require.NoError(t, err)
	reader.look()
	require.Equal(t, "new", reader.name(product))
	second.look()
	require.Equal(t, "new", second.name(product), "also when another has marked the table anew")
	before := reader.reads
	reader.look()
	require.Equal(t, "new", reader.name(product))
	require.Equal(t, before, reader.reads, "once")
}

func TestAChangeCanBeReadLongAfterItsCommit(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	reader, writer := start(t, url, nil), start(t, url, nil)
	prune := func() { require.NoError(t, writer.feed.Prune(t.Context(), Prune{})) }
	left := func() (n int) {
		require.NoError(t, writer.db.QueryRow(t.Context(), `SELECT count(*) FROM catalogue_changes WHERE xid <> '0' AND product_id = $1`, product).Scan(&n))
		return n
	}
	require.Equal(t, "old", reader.name(product))
	tx, err := writer.db.Pool().Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), rename, product, "late")
	require.NoError(t, err)
	prune()
	writer.pass(2 * keepChanges) // it was written long ago when it is committed
	require.NoError(t, tx.Commit(t.Context()))
	prune()
	require.Equal(t, 1, left())
	reader.look()
	require.Equal(t, "late", reader.name(product))
	require.Eventually(t, func() bool { // transactions of the whole server count
		writer.pass(keepChanges)
		prune()
		return left() == 0
	}, time.Minute, time.Millisecond)
	reader.look()
	require.False(t, reader.feed.mark == uuid.Nil, "the mark stays")
}

func TestAChangeOfManyForgetsEverything(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	reader, writer := start(t, url, nil), start(t, url, nil)
	reader.name(product)
	_, err := writer.db.Exec(t.Context(), `INSERT INTO catalogue_changes (product_id) SELECT gen_random_uuid() FROM generate_series(1, $1)`, many+10)
	require.NoError(t, err)
	_, err = writer.db.Exec(t.Context(), rename, product, "new")
	require.NoError(t, err)
	reader.look()
	require.Equal(t, "new", reader.name(product))
}

func TestFeed_PollsSeldomWhileNothingIsRead(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	reader, writer := start(t, url, nil), start(t, url, nil)
	require.Equal(t, "old", reader.name(product))
	require.True(t, reader.feed.used.Swap(false), "what is read is followed closely")
	require.False(t, reader.feed.used.Load() || reader.feed.idleFor(idleEvery), "and nothing is asked once that is over")
	reader.pass(idleEvery)
	require.True(t, reader.feed.idleFor(idleEvery), "but for where it can go on from")
	require.Less(t, idleEvery+Lag, remembers)

	before := reader.reads
	require.Equal(t, "old", reader.name(product))
	require.Equal(t, before, reader.reads, "the first read after a pause looks, and has its copies still")
	reader.pass(idleEvery)
	_, err := writer.db.Exec(t.Context(), rename, product, "new")
	require.NoError(t, err)
	require.Equal(t, "new", reader.name(product))
}

// Under load, on processes that share a Redis, no answer is older than Lag.
func TestNoAnswerIsOlderThanLag(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	redis := redisServer(t)
	writer, readers := start(t, url, nil), []*process{start(t, url, redis), start(t, url, redis)}
	following, unfollow := context.WithCancel(t.Context())
	defer unfollow()
	var feeds, all sync.WaitGroup
	var committed history
	done := make(chan struct{})
	for _, reader := range readers {
		reader.feed.now = time.Now
		feeds.Go(func() { reader.feed.Follow(following) })
		for range 2 {
			all.Go(func() {
				for {
					least := committed.before(time.Now().Add(-Lag))
					if name := reader.name(product); name < least {
						t.Errorf("%q was answered more than %s after %q had been committed", name, Lag, least)
					}
					select {
					case <-done:
						return
					case <-time.After(time.Millisecond):
					}
				}
			})
		}
	}
	for i := range 200 {
		name := fmt.Sprintf("%04d", i)
		require.NoError(t, writer.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, rename, product, name)
			time.Sleep(rand.N(10 * time.Millisecond)) // a transaction of some length
			return err
		}))
		committed.add(name)
	}
	require.Eventually(t, func() bool {
		return readers[0].name(product) == "0199" && readers[1].name(product) == "0199"
	}, 5*Lag, time.Millisecond)
	close(done)
	all.Wait()
	unfollow()
	feeds.Wait()
}

// history is what was committed when.
type history struct {
	mu    sync.Mutex
	names []string
	times []time.Time
}

func (h *history) add(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.names, h.times = append(h.names, name), append(h.times, time.Now())
}

// before is the last name that had been committed by then; "" for none.
func (h *history) before(then time.Time) (last string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, name := range h.names {
		if h.times[i].Before(then) {
			last = name
		}
	}
	return last
}
