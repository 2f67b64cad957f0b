// Command torture lets everything go wrong at once and looks whether anything was broken by it:
//
//	go run ./internal/torture -seed 1
//
// Two server processes work over one PostgreSQL, with the Stripe stand-in, a process of its own, as money's oracle, and
// with proxies between them. Buyers buy all the while, as impatiently as people do: they ask again under the same key
// until they are answered. Meanwhile the processes are killed at named points and at random ones, and stopped and let
// go; PostgreSQL is stopped immediately and started again; connections are cut and slowed; Stripe fails, hangs and
// answers what is not so; its events come late, twice and in any order.
//
// Whatever is done follows from one seed, which is printed and can be given again. How the processes interleave does
// not follow from it, so a seed repeats what was done to them and not every moment of it.
//
// After each stage everything heals, the time passes that anything waits for, and the books are examined: by
// `cartwright doctor`, beside the oracle, and beside what the buyers were told. It exits with 1 when anything is broken,
// and ends with one line of totals and its seed.
//
// With -short it does a sample of each, in about two minutes.
//
// Words: a stage is a kind of harm; a deal is one buyer's purchase, as the buyer knows of it; broken is whatever
// contradicts a promise, and says which.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() { os.Exit(run(os.Args[1:])) }

// limit is how long everything may take together.
const limit = 2 * time.Hour

// enough is how many broken things make whatever follows meaningless.
const enough = 50

// options are what can be asked for.
type options struct {
	seed    uint64
	short   bool
	only    []string // stages; all when empty
	keep    bool
	verbose bool
}

func (o options) wants(stage string) bool { return len(o.only) == 0 || slices.Contains(o.only, stage) }

func run(args []string) int {
	o, err := parse(args)
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "torture:", err)
		}
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	fmt.Fprintf(os.Stderr, "seed %d\n", o.seed)
	t := newTotals(os.Stderr)
	if err := torture(ctx, o, t); err != nil {
		t.fail("the harness: %v", err)
	}
	fmt.Println(t.line(o.seed))
	if t.broken() > 0 {
		return 1
	}
	return 0
}

func parse(args []string) (options, error) {
	flags := flag.NewFlagSet("torture", flag.ContinueOnError)
	seed := flags.Uint64("seed", 0, "what is done follows from it; by default another each time")
	short := flags.Bool("short", false, "a sample of each stage, in about two minutes")
	only := flags.String("only", "", "stages to run, separated by commas: "+strings.Join(stageNames(), ", "))
	keep := flags.Bool("keep", false, "leave the processes' logs where they are")
	verbose := flags.Bool("v", false, "tell each thing that is done")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	o := options{seed: *seed, short: *short, keep: *keep, verbose: *verbose}
	if flags.NArg() > 0 {
		return o, errors.New("usage: torture [-seed N] [-short] [-only stages] [-keep] [-v]")
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	for _, name := range o.only {
		if !slices.Contains(stageNames(), name) {
			return o, fmt.Errorf("there is no stage %q", name)
		}
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano()) % 1_000_000_000
	}
	return o, nil
}

// torture runs the stages, one after the other.
func torture(ctx context.Context, o options, t *totals) (err error) {
	w, err := newWorld(ctx, o, t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for _, s := range stages {
		if !o.wants(s.name) || ctx.Err() != nil {
			continue
		}
		if t.broken() >= enough {
			return fmt.Errorf("%d things are broken: %s and what follows are left out", t.broken(), s.name)
		}
		t.say("%s", s.name)
		if err := s.run(ctx, w, w.plan.stage(s.name)); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := w.examine(ctx, s.name); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return context.Cause(ctx)
}
