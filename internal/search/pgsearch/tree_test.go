package pgsearch

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// watched counts how often all categories are read.
type watched struct {
	db.DBTX
	reads atomic.Int64
}

func (w *watched) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if strings.Contains(sql, "name: SearchCategories ") {
		w.reads.Add(1)
	}
	return w.DBTX.Query(ctx, sql, args...)
}

// planted is a forest whose clock the test moves.
func planted(t *testing.T) (f *forest, on *postgres.DB, reads *atomic.Int64, later func(time.Duration)) {
	t.Helper()
	on = pgtest.New(t)
	w := &watched{DBTX: on}
	var passed atomic.Int64
	f = newForest(w, func() time.Time { return time.Unix(0, passed.Load()) })
	return f, on, &w.reads, func(by time.Duration) { passed.Add(int64(by)) }
}

func TestSlugsThatAreMadeUpDoNotHaveTheCategoriesRead(t *testing.T) {
	t.Parallel()
	f, on, reads, _ := planted(t)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			for range 10 {
				found, err := f.at(t.Context(), "made-up")
				if err != nil || found.knows("made-up") {
					t.Error("a slug that is made up", err)
				}
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, reads.Load())
	_, err := on.Exec(t.Context(), `INSERT INTO categories (id, name, slug, created_at) VALUES (gen_random_uuid(), 'Made up', 'made-up', now())`)
	require.NoError(t, err)
	for range 2 {
		found, err := f.at(t.Context(), "made-up")
		require.NoError(t, err)
		require.True(t, found.knows("made-up"), "a category is there as soon as it is committed")
	}
	require.EqualValues(t, 2, reads.Load())
}

func TestOneReadsTheCategoriesAnewWhileOthersSearch(t *testing.T) {
	t.Parallel()
	f, on, reads, later := planted(t)
	first, err := f.at(t.Context(), "")
	require.NoError(t, err)
	later(treeAge * 3 / 4)
	lock, err := on.Pool().Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = lock.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = lock.Exec(t.Context(), `LOCK TABLE categories`)
	require.NoError(t, err)
	read := make(chan error, 1)
	go func() {
		_, err := f.at(t.Context(), "")
		read <- err
	}()
	require.Eventually(t, func() bool { return reads.Load() == 2 }, time.Minute, time.Millisecond)
	other, err := f.at(t.Context(), "")
	require.NoError(t, err)
	require.Same(t, first, other, "what is read now is waited for by one")
	later(treeAge)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = f.at(ctx, "")
	require.ErrorIs(t, err, context.DeadlineExceeded, "too old to be used")
	require.NoError(t, lock.Rollback(t.Context()))
	require.NoError(t, <-read)
}
