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

// stripeFaults lets Stripe fail, hang, and tell what happened in another version of its language.
func stripeFaults(ctx context.Context, w *world, plan stagePlan) error {
	w.harm()
	for _, part := range []struct {
		share     float64
		delay     time.Duration
		faults    []int
		version   string
		purchases int
	}{
		{0.3, 0, quickFaults, "", plan.size(900, 40)},
		{0.3, 20 * time.Millisecond, quickFaults, "2022-11-15", plan.size(900, 20)},
		{0.05, 0, append(quickFaults, hangs...), "", plan.size(200, 0)},
	} {
		if part.purchases == 0 {
			continue
		}
		if err := w.sim.chaos(ctx, part.share, part.delay, part.faults...); err != nil {
			return err
		}
		if err := w.sim.version(ctx, part.version); err != nil {
			return err
		}
		plan.name = "stripe " + part.version
		w.stripe.slow(time.Duration(plan.IntN(20)) * time.Millisecond)
		w.load(ctx, plan, 2*buyersAtOnce, part.purchases)
	}
	return nil
}
