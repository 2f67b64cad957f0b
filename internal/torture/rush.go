package main

import (
	"context"
	"fmt"
	"sync"
)

// rush is what happens without any fault: so many buyers on so few units, over both servers.
func rush(ctx context.Context, w *world, plan stagePlan) error {
	for n := range plan.size(300, 16) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := w.rushOnce(ctx, plan, n); err != nil {
			return err
		}
		w.add("cases", 1)
	}
	return nil
}

// rushOnce has up to 24 buyers want up to three products at once, of which there is too little or just enough.
func (w *world) rushOnce(ctx context.Context, plan stagePlan, n int) error {
	chance := plan.plan.chance(plan.name, "case", fmt.Sprint(n))
	offered := make([]product, 1+chance.IntN(3))
	for i := range offered {
		var err error
		if offered[i], err = w.offer(ctx, fmt.Sprintf("rare-%d-%d", n, i), 1+chance.IntN(12)); err != nil {
			return err
		}
	}
	deals := make([]*deal, 2+chance.IntN(23))
	var ready sync.WaitGroup
	for i := range deals {
		own := plan.plan.chance(plan.name, "case", fmt.Sprint(n), "buyer", fmt.Sprint(i))
		var lines []line
		for _, at := range own.Perm(len(offered))[:1+own.IntN(len(offered))] {
			lines = append(lines, line{offered[at], 1 + own.IntN(2)})
		}
		deals[i] = w.newDeal(own, lines)
		ready.Go(func() {
			if err := deals[i].fill(ctx); err != nil {
				deals[i].cart = ""
			}
		})
	}
	ready.Wait()
	crowded := -1
	if chance.IntN(3) == 0 {
		crowded = chance.IntN(len(deals))
	}
	var all sync.WaitGroup
	for i, d := range deals {
		if d.cart != "" {
			all.Go(func() { d.placeTogether(ctx, map[bool]int{true: 20}[i == crowded]) }) // no more than one buyer may at once
		}
	}
	all.Wait()
	if err := w.soldAll(ctx, n, offered, deals); err != nil {
		return err
	}
	for _, d := range deals {
		if d.order != "" && d.token != "" && d.IntN(2) == 0 {
			all.Go(func() { behaviours[d.IntN(len(behaviours))](ctx, d) })
		}
	}
	all.Wait()
	return nil
}

// soldAll looks whether no unit was sold twice, and none kept from a buyer who wanted it: whoever got nothing wanted
// more of something than is left.
func (w *world) soldAll(ctx context.Context, n int, offered []product, deals []*deal) error {
	left := map[string]int{}
	for _, p := range offered {
		var onHand, allocated, reserved, held int
		err := w.db.conn().QueryRow(ctx, `
			SELECT s.on_hand, s.allocated, s.reserved, coalesce((
				SELECT sum(quantity) FROM stock_reservations r WHERE r.variant_id = s.variant_id AND state = 'OPEN'), 0)
			FROM stock_levels s
			JOIN product_variants v ON v.id = s.variant_id
			WHERE v.product_id = $1 AND v.is_default`, p.ID).Scan(&onHand, &allocated, &reserved, &held)
		if err != nil {
			return fmt.Errorf("read what is left: %w", err)
		}
		if onHand != p.units || allocated != 0 || reserved != held || held > p.units {
			w.fail("case %d: of %d units %d are on hand, %d allocated, %d reserved, and orders hold %d", n, p.units, onHand, allocated, reserved, held)
		}
		left[p.ID] = p.units - held
	}
	for _, d := range deals {
		if !d.soldOut {
			continue
		}
		enough := true
		for _, l := range d.lines {
			enough = enough && left[l.product.ID] >= l.quantity
		}
		if enough {
			w.fail("case %d: a buyer was refused although there is enough of everything", n)
		}
	}
	return nil
}
