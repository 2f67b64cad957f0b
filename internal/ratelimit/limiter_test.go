package ratelimit

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNoStretchOfTheWindowHoldsMoreThanTheQuota(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		window := time.Duration(rapid.Int64Range(1, 3600).Draw(r, "seconds")) * time.Second
		quota := rapid.IntRange(1, 50).Draw(r, "quota")
		w := newWatch()
		limit := New(Config{Now: w.now}).Limit("x", quota, window)
		var taken []time.Time
		for range 200 {
			w.pass(time.Duration(rapid.Int64Range(0, int64(window)/4).Draw(r, "later")))
			if limit.Take(t.Context(), "key").Allowed {
				taken = append(taken, w.now())
			}
		}
		for i := quota; i < len(taken); i++ {
			if taken[i].Sub(taken[i-quota]) < window {
				r.Fatalf("%d within %s", quota+1, taken[i].Sub(taken[i-quota]))
			}
		}
	})
}

func TestAKeyThatKeepsAskingGetsItsQuotaAndIsToldWhen(t *testing.T) {
	t.Parallel()
	w := newWatch()
	limit := instance(t, nil, w).Limit("login", 10, 15*time.Minute)
	for left := 4; left >= 0; left-- {
		verdict := limit.Take(t.Context(), "key")
		require.Equal(t, Verdict{Allowed: true, Remaining: left, Reset: 150 * time.Second}, verdict)
	}
	refused := limit.Take(t.Context(), "key")
	require.Equal(t, Verdict{Remaining: 0, Reset: 150 * time.Second}, refused)
	w.pass(refused.Reset - time.Microsecond)
	require.False(t, limit.Take(t.Context(), "key").Allowed, "a moment too early")
	w.pass(time.Microsecond)
	require.True(t, limit.Take(t.Context(), "key").Allowed)
	require.True(t, limit.Take(t.Context(), "another").Allowed, "each key is counted by itself")

	w.pass(24 * time.Hour)
	hour := 0
	for range 4 * 60 { // four windows, asking each quarter of a minute
		hour += allowed(t, limit, "key", 1)
		w.pass(15 * time.Second)
	}
	require.Equal(t, 5+23, hour, "the burst, and one each 150 seconds")
	require.Equal(t, 1, allowed(t, instance(t, nil, w).Limit("one", 1, time.Hour), "key", 5))
}

func TestManyAtOnceGetNoMoreThanOneAfterAnother(t *testing.T) {
	t.Parallel()
	limit := instance(t, nil, newWatch()).Limit("x", 100, time.Hour)
	var count atomic.Int64
	var done sync.WaitGroup
	for range 32 {
		done.Go(func() { count.Add(int64(allowed(t, limit, "key", 20))) })
	}
	done.Wait()
	require.EqualValues(t, 50, count.Load())
}

func TestAMillionKeysNeitherGrowMemoryNorPushACountOut(t *testing.T) { // not parallel: it measures the heap
	w := newWatch()
	limiter := instance(t, nil, w)
	strict, general := limiter.Limit("login", 10, 15*time.Minute), limiter.Limit("default", 30000, 15*time.Minute)
	require.Equal(t, 5, allowed(t, strict, "victim@example.com", 10))
	allowed(t, general, "somebody", 1)
	before := heap()
	for i := range 1_000_000 {
		key := fmt.Sprintf("2001:db8:%x:%x::", i>>16, i&0xffff)
		strict.Take(t.Context(), key)
		require.True(t, general.Take(t.Context(), key).Allowed)
		if i%20 == 0 {
			w.pass(time.Millisecond) // 20,000 requests a second, for 50 seconds
		}
	}
	grown := int64(heap()) - int64(before)
	t.Logf("memory grew by %d KB", grown/1024)
	require.Less(t, grown, int64(1<<20))
	require.Zero(t, allowed(t, strict, "victim@example.com", 100), "his count is not forgotten")
	require.True(t, general.Take(t.Context(), "a stranger").Allowed, "a generous limit hurts nobody else")
}

func TestAThousandKeysInUseAreToldApart(t *testing.T) {
	t.Parallel()
	limit := instance(t, nil, newWatch()).Limit("login", 10, 15*time.Minute)
	for i := range 1000 {
		require.Equal(t, 5, allowed(t, limit, fmt.Sprint("key ", i), 7))
	}
}

// heap is what is in use after the garbage is gone.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
