package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// account is what Stripe did with one intent.
type account struct {
	intent
	charges  int // that took money
	captured int64
	refunded int64
}

func accounts(known books) map[string]*account {
	all := map[string]*account{}
	for _, in := range known.Intents {
		all[in.ID] = &account{intent: in}
	}
	for _, c := range known.Charges {
		if a := all[c.Intent]; a != nil && c.Captured > 0 {
			a.charges++
			a.captured += c.Captured
		}
	}
	for _, r := range known.Refunds {
		if a := all[r.Intent]; a != nil && r.Status != "failed" && r.Status != "canceled" {
			a.refunded += r.Amount
		}
	}
	return all
}

// payment is a row of ours.
type payment struct {
	Order, Status      string
	Amount, Refunded   int64
	OrderStatus, State string
}

// money compares the payments with what the oracle says was charged and given back: the same for each intent, and for
// each order once at most.
func (w *world) money(ctx context.Context) error {
	known, err := w.sim.books(ctx)
	if err != nil {
		return fmt.Errorf("ask the oracle: %w", err)
	}
	payments, err := w.payments(ctx)
	if err != nil {
		return err
	}
	kept := map[string]int64{} // of each order
	times := map[string]int{}
	for id, a := range accounts(known) {
		kept[a.Metadata.Order] += a.captured - a.refunded
		if a.captured > a.refunded {
			times[a.Metadata.Order]++
		}
		ours, stored := payments[id]
		delete(payments, id)
		switch {
		case a.charges > 1 || a.captured > a.Amount:
			w.add("double charges", 1)
			w.fail("intent %s of %d was charged %d times, %d in all", id, a.Amount, a.charges, a.captured)
		case !stored && a.captured != 0:
			w.fail("intent %s was charged %d, and no payment knows of it", id, a.captured)
		case !stored: // its answer was lost, and nobody can confirm it
		case (ours.Status == "SUCCEEDED") != (a.captured > 0):
			w.fail("intent %s of order %s was charged %d, but its payment is %s", id, ours.Order, a.captured, ours.Status)
		case ours.Refunded != a.refunded:
			w.fail("of intent %s of order %s (%s, %s) %d was given back, but its payment says %d", id, ours.Order, ours.OrderStatus, ours.State, a.refunded, ours.Refunded)
		}
	}
	for id, p := range payments {
		w.fail("payment of order %s names intent %s, which the oracle does not know", p.Order, id)
	}
	for order, n := range times {
		if n > 1 {
			w.add("double charges", 1)
			w.fail("order %s was paid %d times", order, n)
		}
	}
	w.add("double charges", 0)
	faults := 0
	for fault, n := range known.Faults {
		if fault != 0 {
			faults += n
		}
	}
	w.add("stripe faults", faults-w.of("stripe faults"))
	w.add("stripe calls", faults+known.Faults[0]-w.of("stripe calls"))
	return w.orphans(ctx, kept)
}

// orphans looks for money that no order accounts for, and for orders that account for money which never came.
func (w *world) orphans(ctx context.Context, kept map[string]int64) error {
	rows, err := w.db.conn().Query(ctx, `
		SELECT id::text, status || ', ' || payment_status,
			CASE WHEN payment_status IN ('PAID', 'PARTIALLY_REFUNDED') AND status <> 'CANCELLED' THEN total_minor ELSE 0 END
		FROM orders`)
	if err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	var id, state string
	var owed int64
	_, err = pgx.ForEachRow(rows, []any{&id, &state, &owed}, func() error {
		if kept[id] != owed {
			w.fail("order %s (%s) accounts for %d, and Stripe holds %d for it", id, state, owed, kept[id])
		}
		delete(kept, id)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	for order, amount := range kept {
		if amount != 0 {
			w.fail("Stripe holds %d for order %q, which there is not", amount, order)
		}
	}
	return nil
}

func (w *world) payments(ctx context.Context) (map[string]payment, error) {
	rows, err := w.db.conn().Query(ctx, `
		SELECT p.intent_id, p.order_id::text, p.status, p.amount_minor, p.refunded_minor + p.refunding_minor, o.status, o.payment_status
		FROM payments p
		JOIN orders o ON o.id = p.order_id
		WHERE p.intent_id IS NOT NULL`)
	if err != nil {
		return nil, fmt.Errorf("read the payments: %w", err)
	}
	all := map[string]payment{}
	var id string
	var p payment
	_, err = pgx.ForEachRow(rows, []any{&id, &p.Order, &p.Status, &p.Amount, &p.Refunded, &p.OrderStatus, &p.State}, func() error {
		all[id] = p
		return nil
	})
	return all, err
}
