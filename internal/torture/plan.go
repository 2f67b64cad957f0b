package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// plan is all that is done, and follows from the seed and the length alone.
type plan struct {
	seed  uint64
	short bool
}

// chance is the course of chance of one part of the plan: the same for the same names.
func (p plan) chance(names ...string) *rand.Rand {
	hash := fnv.New64a()
	for _, name := range names {
		_, _ = hash.Write([]byte(name + "\n"))
	}
	return rand.New(rand.NewPCG(p.seed, hash.Sum64()))
}

// stagePlan is what one stage does.
type stagePlan struct {
	*rand.Rand
	plan plan
	name string
}

func (p plan) stage(name string) stagePlan { return stagePlan{p.chance(name), p, name} }

// part is a part of the stage, whose buyers are others than those of its other parts.
func (p stagePlan) part() stagePlan {
	p.name = fmt.Sprintf("%s %d", p.name, p.Uint64())
	return p
}

// size is how often something is done in the long form and in the short one.
func (p stagePlan) size(long, short int) int {
	if p.plan.short {
		return short
	}
	return long
}

// between is a duration by chance.
func (p stagePlan) between(least, most time.Duration) time.Duration {
	return least + time.Duration(p.Int64N(int64(most-least)))
}

// stage is a kind of harm.
type stage struct {
	name string
	run  func(context.Context, *world, stagePlan) error
}

// points are where a process is ended: around each commit of a transaction, named after who asked for it, around each
// call of Stripe, around each job, and between the steps of what must happen together.
var points = []string{
	"place.written", "settle.received", "apply.payment-moved", "received.sold", "end.order-moved", "refund.stored",
	"reply.unsaved", "staged.claimed", "staged.done",
	"commit.before checkout.Place", "commit.after checkout.Place",
	"commit.before checkout.begin", "commit.after checkout.begin",
	"commit.before checkout.conclude", "commit.after checkout.conclude",
	"commit.before checkout.settle", "commit.after checkout.settle",
	"commit.before checkout.unpaidIntent", "commit.after checkout.unpaidIntent",
	"commit.before checkout.end", "commit.after checkout.end",
	"commit.before checkout.expireDue", "commit.after checkout.expireDue",
	"commit.before checkout.heard", "commit.after checkout.heard",
	"commit.before idempotency.Do", "commit.after idempotency.Do",
	"commit.before idempotency.DoStaged", "commit.after idempotency.DoStaged",
	"stripe.before payment_intents", "stripe.after payment_intents",
	"stripe.before confirm", "stripe.after confirm",
	"stripe.before cancel", "stripe.after cancel",
	"stripe.before refunds", "stripe.after refunds",
	"stripe.before read", "stripe.after read",
	"job.before order_expire", "job.after order_expire",
	"job.before orders_expire_due", "job.after orders_expire_due",
	"job.before payment_refund", "job.after payment_refund",
}
