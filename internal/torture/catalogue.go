package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// readEvery is how often somebody looks into the catalogue while others buy.
const readEvery = 10 * time.Millisecond

// readers are those who look into the catalogue, and how long each look took.
type readers struct {
	mu    sync.Mutex
	times map[bool][]time.Duration // by whether Stripe was failing
}

// during has people look into the catalogue, at a steady pace, while something else goes on.
func (r *readers) during(ctx context.Context, w *world, failing bool, others func()) {
	ctx, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() {
		tick := time.NewTicker(readEvery)
		defer tick.Stop()
		for n := uint64(0); ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				all.Go(func() { r.look(context.WithoutCancel(ctx), w, failing, n) })
			}
		}
	})
	others()
	for !r.enough(failing) && ctx.Err() == nil { // the others may be quick
		time.Sleep(readEvery)
	}
	stop()
	all.Wait()
}

// look reads a list or a product. Nothing that Stripe does may keep it from its answer.
func (r *readers) look(ctx context.Context, w *world, failing bool, n uint64) {
	path := "/products?limit=20"
	if n%2 == 0 {
		path = "/products/" + w.goods[int(n/2)%len(w.goods)].ID
	}
	began := time.Now()
	a := w.client.ask(ctx, rand.New(rand.NewPCG(n, 0)), request{method: http.MethodGet, path: path})
	took := time.Since(began)
	if !a.is(http.StatusOK) {
		w.fail("GET %s answered %d while Stripe failed: %v: %s", path, a.status, a.lost, a.body)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.times[failing] = append(r.times[failing], took)
}

// leastReads are as many as a p99 takes.
const leastReads = 100

// enough is whether so many have looked.
func (r *readers) enough(failing bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.times[failing]) >= leastReads
}

// p99 is how long all but one of a hundred took at most.
func p99(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)*99/100]
}

// compare looks whether the catalogue was so many times as slow at most while Stripe failed.
func (r *readers) compare(w *world, most float64) error {
	if !r.enough(true) || !r.enough(false) {
		return fmt.Errorf("the catalogue was read %d and %d times only", len(r.times[true]), len(r.times[false]))
	}
	failing, well := p99(r.times[true]), p99(r.times[false])
	ratio := float64(failing) / float64(well)
	w.say("catalogue: p99 %.1f ms while Stripe failed, %.1f ms while it was well: %.2f x", ms(failing), ms(well), ratio)
	w.add("catalogue p99 %", int(100*ratio))
	if ratio > most {
		w.fail("the catalogue's p99 was %.2f x as long while Stripe failed; at most %.1f x", ratio, most)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
