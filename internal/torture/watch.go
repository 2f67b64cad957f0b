package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// holdFor is how long a request to Stripe is held that is looked at.
const holdFor = 400 * time.Millisecond

// quiet looks whether a transaction is open while Stripe is asked: one buyer after the other buys, each request to Stripe
// is held on its way, and PostgreSQL tells who stands still inside a transaction for as long.
func quiet(ctx context.Context, w *world, plan stagePlan) error {
	var mu sync.Mutex
	var failed error
	w.stripe.onRequest(func() {
		err := w.lookForOpen(ctx)
		mu.Lock()
		defer mu.Unlock()
		failed = errors.Join(failed, err)
	})
	defer w.stripe.onRequest(nil)
	for n := range plan.size(3, 1) * len(behaviours) {
		chance := plan.plan.chance(plan.name, "buyer", fmt.Sprint(n))
		d := w.newDeal(chance, w.choose(chance))
		if err := d.fill(ctx); err != nil {
			return err
		}
		d.place(ctx, 8)
		behaviours[n%len(behaviours)](ctx, d)
		w.add("cases", 1)
	}
	mu.Lock()
	defer mu.Unlock()
	return failed
}

// lookForOpen holds a request and looks who stands still inside a transaction meanwhile.
func (w *world) lookForOpen(ctx context.Context) error {
	began := time.Now()
	still, err := w.inTransaction(ctx)
	for err == nil && time.Since(began) < holdFor {
		time.Sleep(holdFor / 4)
		var now map[string]string
		if now, err = w.inTransaction(ctx); err == nil {
			for who := range still {
				if now[who] == "" {
					delete(still, who)
				}
			}
		}
	}
	w.add("calls looked at", 1)
	for _, doing := range still {
		w.fail("a transaction is open while Stripe is asked; its last statement: %s", doing)
	}
	return err
}

// inTransaction is who waits for its client inside a transaction, and since when.
func (w *world) inTransaction(ctx context.Context) (map[string]string, error) {
	rows, err := w.db.conn().Query(ctx, `
		SELECT pid || ' ' || xact_start || ' ' || state_change, left(query, 100)
		FROM pg_stat_activity
		WHERE state LIKE 'idle in transaction%' AND application_name = 'cartwright'`)
	if err != nil {
		return nil, fmt.Errorf("look for open transactions: %w", err)
	}
	open := map[string]string{}
	var who, doing string
	_, err = pgx.ForEachRow(rows, []any{&who, &doing}, func() error {
		open[who] = doing
		return nil
	})
	return open, err
}
