package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// expire lets the time to pay of an order be over, and has the shop look for such orders now instead of some seconds
// later. What fails is looked for by the shop itself.
func (w *world) expire(ctx context.Context, order string) {
	_, _ = w.db.conn().Exec(ctx, `UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = $1`, order)
	w.sweep(ctx)
}

func (w *world) sweep(ctx context.Context) {
	_, _ = w.db.conn().Exec(ctx, `INSERT INTO river_job (args, kind, max_attempts) VALUES ('{}', 'orders_expire_due', 25)`)
}

// passTime moves what is stored, instead of the clock: claims of requests that are gone run out, and what waits for its
// next try has it. It may be done only while no request is on its way. What is not at rest then waits for the day to pass
// after which Stripe forgets what it failed at.
func (w *world) passTime(ctx context.Context) error {
	for _, statement := range []string{
		`UPDATE payment_attempts SET lease_until = now() - interval '1 second' WHERE status = 'OPEN' AND lease_until > now()`,
		`UPDATE idempotency_keys SET locked_until = now() - interval '1 second' WHERE locked_until > now()`,
		`UPDATE river_job SET scheduled_at = now(), state = 'available' WHERE state IN ('retryable', 'scheduled')`,
		`UPDATE river_job SET attempted_at = now() - interval '30 minutes' WHERE state = 'running' AND attempted_at > now() - interval '20 minutes'
			AND attempted_at < now() - interval '5 seconds'`,
	} {
		if _, err := w.db.conn().Exec(ctx, statement); err != nil {
			return fmt.Errorf("let time pass: %w", err)
		}
	}
	return nil
}

// settle brings a shop that was harmed to rest: whatever was begun is ended. What is not at rest in time is broken.
func (w *world) settle(ctx context.Context) error {
	if err := w.heal(ctx); err != nil {
		return err
	}
	if err := w.passTime(ctx); err != nil {
		return err
	}
	w.retry(ctx, 5) // what waits for a bank or a customer is answered once they have decided
	if err := w.decide(ctx); err != nil {
		return err
	}
	for _, what := range w.retry(ctx, 40) {
		w.fail("%s is not answered although nothing is down", what)
	}
	if err := w.decide(ctx); err != nil { // who was answered only now may have asked a bank
		return err
	}
	if _, err := w.db.conn().Exec(ctx, `UPDATE orders SET expires_at = now() - interval '1 second' WHERE status = 'PENDING'`); err != nil {
		return err
	}
	w.sweep(ctx)
	return w.awaitRest(ctx)
}

// retry has every buyer who was not answered ask again, under the same key, so often at most, and names what is still
// not answered.
func (w *world) retry(ctx context.Context, times int) (unanswered []string) {
	for _, d := range w.unsettled() {
		if d.cart != "" && d.order == "" && !d.soldOut && len(d.lines) > 0 && d.asked {
			d.place(ctx, times)
			if d.order == "" && !d.soldOut {
				unanswered = append(unanswered, "placing cart "+d.cart)
			}
		}
		if d.open && d.order != "" {
			d.payAgain(ctx, times)
			if d.open {
				unanswered = append(unanswered, "paying order "+d.order+" by "+d.method)
			}
		}
	}
	return unanswered
}

func (w *world) unsettled() []*deal {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deals[w.settled:]
}

// decide has customers and banks answer what they were asked.
func (w *world) decide(ctx context.Context) error {
	known, err := w.sim.books(ctx)
	if err != nil {
		return err
	}
	for n, in := range known.Intents {
		switch in.Status {
		case "processing":
			w.sim.finish(ctx, in.ID, "finish", n%2 == 0)
		case "requires_action":
			w.sim.finish(ctx, in.ID, "authenticate", n%2 == 0)
		}
	}
	return w.drain(ctx)
}

func (w *world) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := w.sim.drain(ctx); err != nil {
		w.fail("Stripe's events did not arrive within a minute although nothing is down: %v", err)
	}
	return nil
}

// restPatience is how long a shop may take to come to rest. What a killed process left running is found by a look
// every 30 seconds.
const restPatience = 2 * time.Minute

// awaitRest waits until no order can be paid any more and no job waits.
func (w *world) awaitRest(ctx context.Context) error {
	for until, last := time.Now().Add(restPatience), time.Now(); ; {
		var pending, waiting int
		err := w.db.conn().QueryRow(ctx, `
			SELECT (SELECT count(*) FROM orders WHERE status = 'PENDING'),
				(SELECT count(*) FROM river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled', 'pending'))`).
			Scan(&pending, &waiting)
		switch {
		case err != nil:
			return fmt.Errorf("look whether the shop is at rest: %w", err)
		case pending+waiting == 0:
			return nil
		case time.Now().After(until):
			w.fail("the shop is not at rest after %s: pending are %s and jobs wait: %s", restPatience, w.pending(ctx), w.waiting(ctx))
			return nil
		case time.Since(last) > 3*time.Second:
			last = time.Now()
			if err := errors.Join(w.passTime(ctx), w.sim.forget(ctx)); err != nil {
				return err
			}
			if pending > 0 {
				w.sweep(ctx)
			}
		}
		if !pause(ctx, 100*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// pending names the orders that can still be paid, and how far that went.
func (w *world) pending(ctx context.Context) (names string) {
	_ = w.db.conn().QueryRow(ctx, `
		SELECT coalesce(string_agg(o.id || ' ' || coalesce(p.status || ' ' || coalesce(p.intent_id, 'without intent'), 'without payment')
			|| coalesce(' tried ' || a.status, ''), '; '), 'none')
		FROM orders o
		LEFT JOIN payments p ON p.order_id = o.id
		LEFT JOIN payment_attempts a ON a.payment_id = p.id
		WHERE o.status = 'PENDING'`).Scan(&names)
	return names
}

// waiting names the jobs that are not done.
func (w *world) waiting(ctx context.Context) (names string) {
	_ = w.db.conn().QueryRow(ctx, `
		SELECT coalesce(string_agg(kind || ' ' || state || ' ' || attempt || ' ' || coalesce(errors[array_upper(errors, 1)]->>'error', ''), '; '), 'none')
		FROM (SELECT * FROM river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled', 'pending') LIMIT 10) j`).Scan(&names)
	return names
}

// replay asks for orders again under their keys: the same key is answered the same, byte for byte, whatever happened
// since.
func (w *world) replay(ctx context.Context) {
	for i, d := range w.unsettled() {
		if d.order == "" || i%7 != 0 {
			continue
		}
		a := d.ask(ctx, d.placing(d.key), 5)
		if !a.is(http.StatusOK, http.StatusCreated) || !a.replayed || d.said != nil && !bytes.Equal(a.body, d.said) {
			w.fail("order %s, asked for again under its key, is not answered the same, but %d: %s", d.order, a.status, a.body)
		}
	}
}
