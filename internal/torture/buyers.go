package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
)

// behaviour is what a buyer does with a placed order.
type behaviour func(ctx context.Context, d *deal)

// behaviours are all that buyers do, each as often as the others.
var behaviours = []behaviour{
	func(ctx context.Context, d *deal) { d.pay(ctx, visa, 6) },
	func(ctx context.Context, d *deal) { d.pay(ctx, declined, 3); d.pay(ctx, visa, 6) },
	func(ctx context.Context, d *deal) { // a second tab
		var tabs sync.WaitGroup
		tabs.Go(func() { d.pay(ctx, visa, 6) })
		other := d.paying(visa, "")
		chance := rand.New(rand.NewPCG(d.Uint64(), 0))
		tabs.Go(func() { d.try(ctx, chance, other) })
		tabs.Wait()
	},
	func(ctx context.Context, d *deal) {
		told := d.pay(ctx, authenticate, 6)
		d.w.sim.finish(ctx, told.PaymentIntent.ID, "authenticate", d.IntN(5) > 0)
	},
	func(ctx context.Context, d *deal) {
		told := d.pay(ctx, bank, 6)
		d.w.sim.finish(ctx, told.PaymentIntent.ID, "finish", d.IntN(4) > 0)
	},
	func(ctx context.Context, d *deal) {
		if told := d.pay(ctx, "", 6); told.PaymentIntent.ClientSecret != "" {
			d.inBrowser(ctx, told, visa)
		}
	},
	func(ctx context.Context, d *deal) { // cancelled while it is paid
		var both sync.WaitGroup
		both.Go(func() { d.pay(ctx, visa, 4) })
		both.Go(func() { d.cancelApart(ctx) })
		both.Wait()
	},
	func(ctx context.Context, d *deal) { d.pay(ctx, "", 4); d.cancel(ctx, 6) },
	func(ctx context.Context, d *deal) { d.pay(ctx, visa, 6); d.cancel(ctx, 6) },
	func(ctx context.Context, d *deal) { d.pay(ctx, "", 4); d.w.expire(ctx, d.order) },
	func(ctx context.Context, d *deal) { d.w.expire(ctx, d.order); d.pay(ctx, visa, 4) },
}

// cancelApart cancels beside another request of the same deal, whose chance it leaves alone.
func (d *deal) cancelApart(ctx context.Context) {
	chance := rand.New(rand.NewPCG(uint64(len(d.order)), 1))
	d.try(ctx, chance, request{method: http.MethodPost, path: "/orders/" + d.order + "/cancel", body: "{}", admin: true})
}

// shop is a whole purchase.
func (d *deal) shop(ctx context.Context) {
	if err := d.fill(ctx); err != nil {
		if d.w.isCalm() {
			d.w.fail("a cart could not be filled: %v", err)
		}
		return
	}
	crowd := 0
	if d.IntN(4) == 0 {
		crowd = 1 + d.IntN(6)
	}
	d.placeTogether(ctx, crowd)
	if d.order == "" || d.token == "" {
		return // sold out, or never told
	}
	behaviours[d.IntN(len(behaviours))](ctx, d)
}

// placeTogether places the cart under the deal's key and, at the same time, so often without one, while a line of it
// is changed.
func (d *deal) placeTogether(ctx context.Context, crowd int) {
	var all sync.WaitGroup
	for range crowd {
		chance := rand.New(rand.NewPCG(d.Uint64(), 0))
		all.Go(func() {
			if a := d.try(ctx, chance, d.placing("")); !a.again() {
				d.placed(a)
			}
		})
	}
	if crowd > 0 {
		chance, more := rand.New(rand.NewPCG(d.Uint64(), 0)), d.lines[0]
		all.Go(func() {
			d.try(ctx, chance, request{
				method: http.MethodPost, path: "/carts/" + d.cart + "/items",
				body: fmt.Sprintf(`{"productId":%q,"quantity":1}`, more.product.ID),
			})
		})
	}
	all.Go(func() { d.place(ctx, 8) })
	all.Wait()
}

// load has so many buyers buy at once, one purchase after the other, until ctx ends or so many were made.
func (w *world) load(ctx context.Context, plan stagePlan, buyers, most int) {
	var made atomic.Int64
	var all sync.WaitGroup
	for range buyers {
		all.Go(func() {
			for {
				n := made.Add(1)
				if ctx.Err() != nil || most > 0 && n > int64(most) {
					return
				}
				chance := plan.plan.chance(plan.name, "buyer", fmt.Sprint(n))
				w.newDeal(chance, w.choose(chance)).shop(context.WithoutCancel(ctx))
				w.add("cases", 1)
			}
		})
	}
	all.Wait()
}

// choose is what a buyer wants: some lines in some order.
func (w *world) choose(chance *rand.Rand) (lines []line) {
	for _, at := range chance.Perm(len(w.goods))[:1+chance.IntN(4)] {
		lines = append(lines, line{w.goods[at], 1 + chance.IntN(3)})
	}
	return lines
}
