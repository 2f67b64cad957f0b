package main

import (
	"context"
	"time"
)

// The faults of the stand-in (stripesim.AllFaults). Those that hang take as long as the shop waits.
var (
	quickFaults = []int{1, 2, 3, 4, 5}
	hangs       = []int{6, 7}
)

// How many times as slow the catalogue may be while Stripe fails. A short form has too few reads for more than a coarse
// look.
const (
	slowdown      = 1.5
	slowdownShort = 3
)

// stripeFaults lets Stripe fail, hang, and tell what happened in another version of its language, turn by turn with a
// Stripe that is well, and others look into the catalogue all the while.
func stripeFaults(ctx context.Context, w *world, plan stagePlan) error {
	w.harm()
	reading := &readers{times: map[bool][]time.Duration{}}
	for range plan.size(10, 1) {
		for _, part := range []struct {
			share     float64
			delay     time.Duration
			faults    []int
			version   string
			purchases int
		}{
			{0, 0, nil, "", plan.size(60, 30)},
			{0.3, 0, quickFaults, "", plan.size(90, 40)},
			{0.3, 20 * time.Millisecond, quickFaults, "2022-11-15", plan.size(90, 20)},
			{0.05, 0, append(quickFaults, hangs...), "", plan.size(20, 0)},
		} {
			if part.purchases == 0 || ctx.Err() != nil {
				continue
			}
			if err := w.sim.chaos(ctx, part.share, part.delay, part.faults...); err != nil {
				return err
			}
			if err := w.sim.version(ctx, part.version); err != nil {
				return err
			}
			w.stripe.slow(time.Duration(plan.IntN(20)) * time.Millisecond)
			failing := part.share > 0
			reading.during(ctx, w, failing, func() { w.load(ctx, plan.part(), 2*buyersAtOnce, part.purchases) })
			if failing {
				w.add("fault sequences", part.purchases)
			}
		}
	}
	most := slowdown
	if w.options.short {
		most = slowdownShort
	}
	return reading.compare(w, most)
}
