package main

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// stages are all kinds of harm, in this order.
var stages = []stage{
	{"rush", rush},
	{"quiet", quiet},
	{"points", crashPoints},
	{"kills", kills},
	{"stripe", stripeFaults},
	{"cuts", cuts},
	{"postgres", restarts},
}

func stageNames() (names []string) {
	for _, s := range stages {
		names = append(names, s.name)
	}
	return names
}

// buyersAtOnce is how many buy while something is harmed.
const buyersAtOnce = 10

// during has buyers buy for as long as the harm is done.
func (w *world) during(ctx context.Context, plan stagePlan, harm func(context.Context) error) error {
	w.harm()
	loading, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() { w.load(loading, plan, buyersAtOnce, 0); close(done) }()
	err := harm(ctx)
	stop()
	<-done
	return err
}

// kills kills and stops servers at any moment.
func kills(ctx context.Context, w *world, plan stagePlan) error {
	return w.during(ctx, plan, func(ctx context.Context) error {
		for n := range plan.size(100, 6) {
			s := w.servers[plan.IntN(len(w.servers))]
			if plan.IntN(4) == 0 {
				s.signal(syscall.SIGSTOP, false)
				pause(ctx, plan.between(100*time.Millisecond, 2*time.Second))
				s.signal(syscall.SIGCONT, false)
				w.add("stops", 1)
			}
			pause(ctx, plan.between(50*time.Millisecond, 1200*time.Millisecond))
			s.kill()
			w.add("kills", 1)
			if n%3 != 0 { // now and then both are away
				if err := s.awaitReady(ctx, time.Minute); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// cuts ends and slows connections, to the database and to Stripe.
func cuts(ctx context.Context, w *world, plan stagePlan) error {
	return w.during(ctx, plan, func(ctx context.Context) error {
		for range plan.size(100, 8) {
			p := w.db.proxy
			if plan.IntN(3) == 0 {
				p = w.stripe
			}
			switch plan.IntN(3) {
			case 0:
				p.slow(plan.between(time.Millisecond, 30*time.Millisecond))
			case 1:
				p.slow(0)
				p.refuse(true)
				p.cut()
				pause(ctx, plan.between(10*time.Millisecond, time.Second))
				p.refuse(false)
			case 2:
				p.cut()
			}
			w.add("cuts", 1)
			pause(ctx, plan.between(50*time.Millisecond, 700*time.Millisecond))
		}
		return nil
	})
}

// restarts stops PostgreSQL immediately and starts it again.
func restarts(ctx context.Context, w *world, plan stagePlan) error {
	return w.during(ctx, plan, func(ctx context.Context) error {
		for range plan.size(20, 2) {
			pause(ctx, plan.between(500*time.Millisecond, 2*time.Second))
			if err := w.db.crash(); err != nil {
				return err
			}
			pause(ctx, plan.between(0, time.Second))
			if err := w.db.start(ctx); err != nil {
				return fmt.Errorf("start PostgreSQL again: %w", err)
			}
			w.add("postgres restarts", 1)
			for _, s := range w.servers {
				if err := s.awaitReady(ctx, recovery); err != nil {
					w.fail("%s after PostgreSQL was back: %v", s.name, err)
				}
			}
		}
		return nil
	})
}

// recovery is how long a server may take to be well again once PostgreSQL is.
const recovery = 3 * time.Second
