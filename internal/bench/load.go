package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ask is one measured request of a worker: the i-th of all.
type ask func(ctx context.Context, c *client, i int) error

// load is how an ask is repeated.
type load struct {
	address string
	workers int
	warm    time.Duration // not counted
	time    time.Duration
	atMost  int     // so many asks at most; 0 is no limit
	rate    float64 // asks a second of an open loop; 0 is a closed one
}

// sample is what was measured.
type sample struct {
	took   time.Duration
	times  []time.Duration // ascending
	errors int
	first  error
}

func (s sample) rate() float64 { return float64(len(s.times)) / max(s.took.Seconds(), 1e-9) }

// at is the time within which such a share of the asks was answered.
func (s sample) at(share float64) time.Duration {
	if len(s.times) == 0 {
		return 0
	}
	return s.times[min(len(s.times)-1, int(share*float64(len(s.times))))]
}

// failed tells what went wrong, if anything did: a figure with errors in it is none.
func (s sample) failed() error {
	switch {
	case s.errors > 0:
		return fmt.Errorf("%d of %d requests failed, the first: %w", s.errors, s.errors+len(s.times), s.first)
	case len(s.times) == 0:
		return fmt.Errorf("nothing was answered in time")
	}
	return nil
}

// run repeats the ask until the time is up, and answers what was counted.
func (l load) run(ctx context.Context, do ask) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, l.warm+l.time+answerIn)
	defer cancel()
	began := time.Now()
	from, until := began.Add(l.warm), began.Add(l.warm+l.time)
	var next atomic.Int64
	parts := make([]sample, l.workers)
	var group sync.WaitGroup
	for w := range parts {
		group.Go(func() {
			c := &client{address: l.address}
			defer c.close()
			l.work(ctx, c, do, &next, window{began, from, until}, &parts[w])
		})
	}
	group.Wait()
	var all sample
	all.took = min(time.Since(from), l.time)
	for _, part := range parts {
		all.times = append(all.times, part.times...)
		all.errors += part.errors
		if all.first == nil {
			all.first = part.first
		}
	}
	slices.Sort(all.times)
	return all, all.failed()
}

type window struct{ began, from, until time.Time }

// work is one worker's loop. In an open loop the time of an ask begins when it is due, not when the worker gets to it.
func (l load) work(ctx context.Context, c *client, do ask, next *atomic.Int64, w window, s *sample) {
	for ctx.Err() == nil {
		i := int(next.Add(1) - 1)
		if l.atMost > 0 && i >= l.atMost {
			return
		}
		start := time.Now()
		if l.rate > 0 {
			start = w.began.Add(time.Duration(float64(i) / l.rate * float64(time.Second)))
			if !pause(ctx, time.Until(start)) {
				return
			}
		}
		if !start.Before(w.until) {
			return
		}
		err := do(ctx, c, i)
		took := time.Since(start)
		switch {
		case err != nil:
			s.errors++
			if s.first == nil {
				s.first = err
			}
			if s.errors > 1000 {
				return
			}
		case !start.Before(w.from):
			s.times = append(s.times, took)
		}
	}
}

func pause(ctx context.Context, wait time.Duration) bool {
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}
