package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// pointPatience is how long the buyers may take to lead a process to a point.
const pointPatience = 25 * time.Second

// crashPoints has the servers end at every point, each in its turn, while the other goes on.
func crashPoints(ctx context.Context, w *world, plan stagePlan) error {
	var turns []string
	for range plan.size(3, 1) {
		for _, at := range plan.Perm(len(points))[:plan.size(len(points), 26)] {
			turns = append(turns, fmt.Sprintf("%s#%d", points[at], 1+plan.IntN(3)))
		}
	}
	reached := map[string]bool{}
	err := w.during(ctx, plan, func(ctx context.Context) error {
		var lanes sync.WaitGroup
		var mu sync.Mutex
		for _, s := range w.servers {
			lanes.Go(func() {
				for ctx.Err() == nil {
					mu.Lock()
					if len(turns) == 0 {
						mu.Unlock()
						return
					}
					turn := turns[0]
					turns = turns[1:]
					mu.Unlock()
					ok := w.crashAt(ctx, s, turn)
					mu.Lock()
					reached[turn[:len(turn)-2]] = reached[turn[:len(turn)-2]] || ok
					mu.Unlock()
				}
			})
		}
		lanes.Wait()
		return nil
	})
	for point, ok := range reached {
		if ok {
			w.add("points", 1)
		} else {
			w.fail("no process came by the point %q within %s", point, pointPatience)
		}
	}
	return err
}

// crashAt has a server end at a point, and waits until it runs again.
func (w *world) crashAt(ctx context.Context, s *server, turn string) bool {
	for len(s.crashes) > 0 {
		<-s.crashes
	}
	began := time.Now()
	s.rearm(turn)
	select {
	case <-s.crashes:
		w.add("crashes", 1)
		if w.options.verbose {
			w.say("%s ended at %s after %.1f s", s.name, turn, time.Since(began).Seconds())
		}
	case <-time.After(pointPatience):
		s.rearm("")
		return false
	case <-ctx.Done():
		return false
	}
	_ = s.awaitReady(ctx, time.Minute)
	return true
}
