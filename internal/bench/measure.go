package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"time"
)

// bench is one run.
type bench struct {
	*table
	options  options
	db       *database
	shop     *shop
	yard     *pgbench
	goods    goods
	progress io.Writer
}

// measure does everything, one after the other. What was measured before an error is answered, too.
func measure(ctx context.Context, o options, progress io.Writer) (t *table, err error) {
	b := &bench{options: o, table: &table{lenient: o.short, began: time.Now()}, progress: progress}
	if b.db, err = openDatabase(ctx, o, progress); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.db.close()) }()
	if b.shop, err = newShop(o.binary, b.db.URL()); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.shop.close()) }()
	settings, err := b.db.describe(ctx, o)
	if err != nil {
		return nil, err
	}
	b.note("%d products; %d cores of %s/%s, shared by PostgreSQL, the shop and the load generator", o.products,
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	b.note("%s", settings)
	return b.table, b.all(ctx)
}

func (b *bench) all(ctx context.Context) error {
	before, err := b.calibrate(ctx)
	if err != nil {
		return err
	}
	b.table.yard = before // until there is a second one
	if err := b.seed(ctx); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := b.settle(ctx); err != nil {
		return err
	}
	if err := b.start(ctx); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"statements", b.statements},
		{"products", b.products},
		{"lists", b.lists},
		{"pages", b.pages},
		{"search", b.search},
		{"suggest", b.suggest},
		{"buying", b.buying},
		{"hot", b.hot},
		{"import", b.importRows},
		{"doctor", b.doctor},
	} {
		if !b.options.wants(step.name) {
			continue
		}
		b.say(step.name)
		if err := step.run(ctx); err != nil {
			b.failed(step.name, err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if err := b.settle(ctx); err != nil {
		return err
	}
	after, err := b.calibrate(ctx)
	if err != nil {
		return err
	}
	b.table.yard = before.and(after)
	b.note("pgbench -M prepared: select-only, 8 clients: %.0f/s; simple-update, 16 clients: %.0f/s (means; drift from first to last %+.0f %%, %+.0f %%)",
		b.table.yard.selectOnly, b.table.yard.simpleUpdate, 100*(after.selectOnly/before.selectOnly-1),
		100*(after.simpleUpdate/before.simpleUpdate-1))
	return nil
}

// failed makes a line of a step that could not be measured, and leaves the others their turn.
func (b *bench) failed(step string, err error) {
	b.note("%s failed: %v", step, err)
	b.add(row{what: step, measured: "failed, see above", verdict: miss})
}

func (b *bench) say(step string) {
	_, _ = fmt.Fprintf(b.progress, "%4.0f s  %s\n", time.Since(b.began).Seconds(), step)
}

// settle does at once what PostgreSQL does by and by after so many rows, so that it is not measured in passing. Tables
// without rows are left as PostgreSQL would leave them: once vacuumed they count as small for good, and the plans of
// what they will be filled with read them from end to end.
func (b *bench) settle(ctx context.Context) error {
	b.say("vacuum")
	tables, err := b.db.filled(ctx)
	if err != nil {
		return err
	}
	for _, statement := range []string{"VACUUM (ANALYZE) " + strings.Join(tables, ", "), "CHECKPOINT"} {
		if _, err := b.db.conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func (b *bench) calibrate(ctx context.Context) (c calibration, err error) {
	b.say("pgbench")
	if b.yard == nil {
		if b.yard, err = newPgbench(ctx, b.db, b.options); err != nil {
			return c, err
		}
	}
	return b.yard.calibrate(ctx)
}

// closed is a loop in which each worker asks again when it was answered.
func (b *bench) closed(workers int) load {
	l := load{address: b.shop.address, workers: workers, warm: 2 * time.Second, time: 10 * time.Second}
	if b.options.short {
		l.warm, l.time = 300*time.Millisecond, 2*time.Second
	}
	return l
}

// open is a loop that asks so many times a second for so many things in turn, each at least once. The rate is for the
// machine of the promise: beside it the load of a slower one is the same share of what it can carry.
func (b *bench) open(rate float64, things int) load {
	l := b.closed(16)
	l.rate = rate
	if !b.options.short {
		l.rate = rate * b.table.yard.pace()
		l.time = max(30*time.Second, time.Duration(float64(things)/l.rate*float64(time.Second)))
	}
	return l
}

// seed fills the shop.
func (b *bench) seed(ctx context.Context) error {
	b.say("seed")
	if _, _, err := b.shop.command(ctx, time.Minute, "migrate", "up"); err != nil {
		return err
	}
	_, took, err := b.shop.command(ctx, 20*time.Minute, "seed", "--products", fmt.Sprint(b.options.products))
	if err != nil {
		return err
	}
	const want = 10_000
	rate := float64(b.options.products) / took.Seconds()
	b.later(func(c calibration) row {
		r := row{
			what:     fmt.Sprintf("seed %d products, indexed", b.options.products),
			measured: fmt.Sprintf("%.0f/s, %.1f s", rate, took.Seconds()), ratio: fmt.Sprintf("%.2f", rate/want),
		}
		if b.options.products >= 50_000 { // fewer take no longer than the start of the process
			r.target, r.verdict = fmt.Sprintf("%d/s", want), b.fast(c, rate, want)
		}
		return r
	})
	b.goods, err = readGoods(ctx, b.db.conn)
	return err
}

// settled is the shop's memory in megabytes once it has given back what starting took: a runtime does so by and by.
func (b *bench) settled(ctx context.Context) (size float64, err error) {
	pauses := []time.Duration{3 * time.Second, 3 * time.Second, 3 * time.Second}
	if b.options.short {
		pauses = []time.Duration{time.Second}
	}
	size = math.Inf(1)
	for _, idle := range pauses {
		if !pause(ctx, idle) {
			return size, ctx.Err()
		}
		now, err := b.shop.resident(ctx)
		if err != nil {
			return size, err
		}
		size = min(size, now)
	}
	return size, nil
}

// start runs the shop and looks at it before anybody comes.
func (b *bench) start(ctx context.Context) error {
	b.say("start")
	took, err := b.shop.serve(ctx)
	if err != nil {
		return err
	}
	b.later(func(c calibration) row {
		return row{
			what: "process ready", measured: millis(took), target: "1000 ms", ratio: fmt.Sprintf("%.2f", took.Seconds()),
			verdict: b.quick(c, took.Seconds(), 1),
		}
	})
	const want = 60
	size, err := b.settled(ctx)
	b.add(row{
		what: "memory when idle", measured: fmt.Sprintf("%.0f MB", size), target: fmt.Sprintf("%d MB", want),
		ratio: fmt.Sprintf("%.2f", size/want), verdict: b.atMost(size, want),
	})
	return err
}
