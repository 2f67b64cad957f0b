package ratelimit

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"cartwright/internal/cache"
)

// watch is a clock that a test sets.
type watch struct {
	mu   sync.Mutex
	time time.Time
}

func newWatch() *watch { return &watch{time: time.Date(2026, 3, 29, 1, 59, 59, 0, time.UTC)} }

func (w *watch) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time
}

func (w *watch) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = w.time.Add(d)
}

// instance is a limiter of one of several processes; redis may be nil.
func instance(t *testing.T, redis *miniredis.Miniredis, w *watch) *Limiter {
	t.Helper()
	config := Config{Secret: []byte("a secret"), Now: w.now, Logger: slog.New(slog.DiscardHandler)}
	if redis != nil {
		shared, err := cache.NewRedis("redis://"+redis.Addr(), config.Logger)
		require.NoError(t, err)
		t.Cleanup(func() { _ = shared.Close() })
		config.Redis = shared
	}
	return New(config)
}

// allowed is how many of n are.
func allowed(t *testing.T, limit *Limit, key string, n int) (count int) {
	t.Helper()
	for range n {
		if limit.Take(t.Context(), key).Allowed {
			count++
		}
	}
	return count
}
