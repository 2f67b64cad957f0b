package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// examine brings the shop to rest and looks whether anything is broken.
func (w *world) examine(ctx context.Context, stage string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if w.broken() >= enough {
		return fmt.Errorf("%d things are broken, so the books are not examined", w.broken())
	}
	w.say("%s: settle", stage)
	if err := w.settle(ctx); err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	if said, err := w.command(ctx, "doctor"); err != nil {
		w.fail("after %s, cartwright doctor: %s", stage, badNews(said))
	}
	w.replay(ctx)
	for _, check := range []func(context.Context) error{w.promises, w.money, w.deadlocks} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	w.mu.Lock()
	w.settled = len(w.deals)
	w.mu.Unlock()
	return nil
}

// badNews leaves out what holds.
func badNews(said string) string {
	var lines []string
	for line := range strings.SplitSeq(said, "\n") {
		if !strings.HasPrefix(line, "ok ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.Join(lines, "\n        ")
}

// stored is an order as it is.
type stored struct{ Cart, Status, Payment string }

// promises compares what buyers were told with what is.
func (w *world) promises(ctx context.Context) error {
	rows, err := w.db.conn().Query(ctx, `SELECT id::text, cart_id::text, status, payment_status FROM orders`)
	if err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	orders := map[string]stored{}
	var id string
	var one stored
	_, err = pgx.ForEachRow(rows, []any{&id, &one.Cart, &one.Status, &one.Payment}, func() error {
		orders[id] = one
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	byCart := map[string]string{}
	for id, order := range orders {
		byCart[order.Cart] = id
	}
	for _, d := range w.unsettled() {
		order, exists := orders[d.order]
		bought := order.Payment == "PAID" || order.Payment == "AUTHORIZED" || order.Payment == "REFUNDED" || order.Payment == "PARTIALLY_REFUNDED"
		switch {
		case d.order != "" && !exists:
			w.fail("order %s was acknowledged and is lost", d.order)
		case d.order != "" && order.Cart != d.cart:
			w.fail("order %s was acknowledged for cart %s and is of cart %s", d.order, d.cart, order.Cart)
		case d.paid && !bought:
			w.fail("order %s was acknowledged as paid and is %s, %s", d.order, order.Status, order.Payment)
		case d.cancelled && order.Status != "CANCELLED" && order.Status != "REFUNDED":
			w.fail("order %s was acknowledged as cancelled and is %s, %s", d.order, order.Status, order.Payment)
		case d.soldOut && d.order == "" && byCart[d.cart] != "":
			w.fail("cart %s was refused and became order %s all the same", d.cart, byCart[d.cart])
		}
	}
	return nil
}

// deadlocks counts those that PostgreSQL has resolved since it last started. None is shown to a buyer: that would be a
// 500.
func (w *world) deadlocks(ctx context.Context) error {
	var n int
	if err := w.db.conn().QueryRow(ctx, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&n); err != nil {
		return fmt.Errorf("count deadlocks: %w", err)
	}
	w.add("deadlocks", n-w.of("deadlocks"))
	return nil
}
