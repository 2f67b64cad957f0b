package ratelimit

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"cartwright/internal/cache"
)

func TestInstancesShareTheirCounts(t *testing.T) {
	t.Parallel()
	redis, w := miniredis.RunT(t), newWatch()
	redis.SetTime(w.now())
	one := instance(t, redis, w).Limit("login", 10, 15*time.Minute)
	other := instance(t, redis, w).Limit("login", 10, 15*time.Minute)
	require.Equal(t, 3, allowed(t, one, "someone@example.com", 3))
	require.Equal(t, 2, allowed(t, other, "someone@example.com", 10))
	refused := one.Take(t.Context(), "someone@example.com")
	require.Equal(t, Verdict{Remaining: 0, Reset: 150 * time.Second}, refused)
	require.Equal(t, Verdict{Allowed: true, Remaining: 4, Reset: 150 * time.Second}, other.Take(t.Context(), "another"))

	w.pass(150 * time.Second)
	redis.SetTime(w.now())
	require.Equal(t, 1, allowed(t, one, "someone@example.com", 2))
	require.Zero(t, allowed(t, other, "someone@example.com", 2))

	for _, key := range redis.Keys() {
		require.NotContains(t, key, "someone", "keys leave the process as digests")
		require.Less(t, redis.TTL(key), 15*time.Minute)
		require.NotZero(t, redis.TTL(key))
	}
	require.Len(t, redis.Keys(), 2)
}

func TestTheLossOfRedisNeitherFailsNorForgives(t *testing.T) {
	t.Parallel()
	redis, w := miniredis.RunT(t), newWatch()
	redis.SetTime(w.now())
	one := instance(t, redis, w).Limit("login", 10, 15*time.Minute)
	other := instance(t, redis, w).Limit("login", 10, 15*time.Minute)
	require.Equal(t, 4, allowed(t, one, "key", 4))
	require.Equal(t, 1, allowed(t, other, "key", 1))

	redis.Close()
	require.Zero(t, allowed(t, other, "key", 50), "it was told of all five")
	require.Equal(t, 1, allowed(t, one, "key", 50), "it knows of four")
	require.Equal(t, 5, allowed(t, one, "another", 50), "alone it counts by itself")

	require.NoError(t, redis.Restart())
	w.pass(2 * time.Second)
	redis.SetTime(w.now())
	require.Equal(t, 5, allowed(t, one, "a third", 4)+allowed(t, other, "a third", 4), "they share again")
}

func TestARedisThatDoesNotAnswerIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	w := newWatch()
	limiter := instance(t, nil, w)
	redis, err := cache.NewRedis("redis://"+silent.Addr().String(), discard)
	require.NoError(t, err)
	t.Cleanup(func() { _ = redis.Close() })
	limiter.shared = &shared{redis: redis, logger: discard}
	limit := limiter.Limit("x", 2000, time.Hour)
	began := time.Now()
	require.Equal(t, 1000, allowed(t, limit, "key", 1100))
	require.Less(t, time.Since(began), 30*time.Second, "1,100 waits would take two minutes")
}

func TestAClientThatLeavesDoesNotTurnRedisOff(t *testing.T) {
	t.Parallel()
	redis, w := miniredis.RunT(t), newWatch()
	limiter := instance(t, redis, w)
	limit := limiter.Limit("x", 10, time.Hour)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.True(t, limit.Take(gone, "key").Allowed)
	require.Zero(t, limiter.shared.away.Load())
	require.Len(t, redis.Keys(), 1)
}

func TestWhatOthersLeftInRedisIsNoCount(t *testing.T) {
	t.Parallel()
	redis, w := miniredis.RunT(t), newWatch()
	limit := instance(t, redis, w).Limit("x", 10, time.Hour)
	limit.Take(t.Context(), "key")
	for _, nonsense := range []string{"", "x", "-1", "nan", strings.Repeat("9", 300)} {
		require.NoError(t, redis.Set(redis.Keys()[0], nonsense))
		limit.Take(t.Context(), "key")
	}
	require.Zero(t, limit.limiter.shared.away.Load(), "it still counts there")
}

var discard = slog.New(slog.DiscardHandler)
