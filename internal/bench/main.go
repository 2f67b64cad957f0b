// Command bench measures the shop and holds it to its numbers:
//
//	go run ./internal/bench -scale 100k bin/cartwright
//
// It starts a PostgreSQL of its own on a disk, durable as in production, calibrates with pgbench, fills a shop, runs the
// real binary as a process and asks it over loopback HTTP on connections that are kept. Generator, shop and database
// share the machine's cores, so the figures are ratios to what pgbench reached on the same machine in the same run.
// A rate or time that is promised in absolute terms is promised for a machine on which pgbench reaches a certain rate; on
// a slower one, what misses is held to it scaled by that, and the result says which did. Every step is bounded in time;
// whatever it started has ended when it ends. It exits with 1 when a target is missed.
//
// With -short it looks for gross faults in less than a minute: errors, units sold twice, statements that grow with a
// page, a rate below a tenth of what is promised.
//
// Words: a row is one line of the result; a target is what a row promises; a closed loop asks again when it was
// answered, an open one when it is time, so that waiting in line counts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() { os.Exit(run(os.Args[1:])) }

// limit is how long everything may take together.
const limit = 45 * time.Minute

// options are what can be asked for.
type options struct {
	products int
	short    bool
	only     []string // steps; all when empty
	binary   string
}

func (o options) wants(step string) bool { return len(o.only) == 0 || slices.Contains(o.only, step) }

func run(args []string) int {
	o, err := parse(args)
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	t, err := measure(ctx, o, os.Stderr)
	if t != nil {
		t.print(os.Stdout)
	}
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	case t.missed() > 0:
		return 1
	}
	return 0
}

func parse(args []string) (options, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	scale := flags.String("scale", "", "how many products: 100k, 1m, 25000; by default 100k, with -short 3000")
	short := flags.Bool("short", false, "look for gross faults in less than a minute")
	only := flags.String("only", "", "steps to run after seeding, as the progress names them, separated by commas")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	o := options{short: *short, binary: flags.Arg(0)}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	if o.binary == "" || flags.NArg() > 1 {
		return o, errors.New("usage: bench [-scale N] [-short] [-only steps] bin/cartwright")
	}
	text := *scale
	switch {
	case text == "" && o.short:
		text = "3000"
	case text == "":
		text = "100k"
	}
	var err error
	o.products, err = parseScale(text)
	return o, err
}

// parseScale reads 100k, 1m and plain numbers.
func parseScale(text string) (int, error) {
	factor := 1
	digits := strings.ToLower(text)
	for suffix, times := range map[string]int{"k": 1000, "m": 1_000_000} {
		if rest, found := strings.CutSuffix(digits, suffix); found {
			digits, factor = rest, times
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n*factor < 2000 || n*factor > 10_000_000 {
		return 0, fmt.Errorf("%q is not a number of products between 2000 and 10m", text)
	}
	return n * factor, nil
}
