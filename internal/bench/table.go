package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// row is one line of the result.
type row struct {
	what, measured, target, ratio string
	verdict                       verdict
}

type verdict string

const (
	ok       verdict = "ok"
	scaled   verdict = "ok, scaled" // for a machine as slow as this one; see pace
	miss     verdict = "MISS"
	reported verdict = "" // nothing is promised
)

// table is the result.
type table struct {
	lenient bool
	began   time.Time
	head    []string
	rows    []func(calibration) row
	yard    calibration
}

func (t *table) note(format string, values ...any) {
	t.head = append(t.head, fmt.Sprintf(format, values...))
}

func (t *table) add(r row) { t.later(func(calibration) row { return r }) }

// later adds a line that needs the calibration, which is known when everything was measured.
func (t *table) later(r func(calibration) row) { t.rows = append(t.rows, r) }

// report adds a line that promises nothing.
func (t *table) report(what, measured string) {
	t.add(row{what: what, measured: measured})
}

// atLeast promises a share or another figure that no machine's speed changes: all of it, or a tenth where the machine
// may be busy with other things.
func (t *table) atLeast(got, want float64) verdict {
	if t.lenient {
		want /= 10
	}
	return verdictOf(got >= want)
}

// atMost promises a size or a share. On a busy machine such figures say little: there only the absurd is refused.
func (t *table) atMost(got, want float64) verdict {
	if t.lenient {
		want *= 50
	}
	return verdictOf(got <= want)
}

// fast promises a rate: here, or scaled to a slower machine.
func (t *table) fast(c calibration, got, want float64) verdict {
	return better(t.atLeast(got, want), t.atLeast(got, want*c.pace()))
}

// quick promises a time: here, or scaled to a slower machine.
func (t *table) quick(c calibration, got, want float64) verdict {
	return better(t.atMost(got, want), t.atMost(got, want/c.pace()))
}

func verdictOf(holds bool) verdict {
	if holds {
		return ok
	}
	return miss
}

func better(here, elsewhere verdict) verdict {
	if here == miss && elsewhere == ok {
		return scaled
	}
	return here
}

func both(a, b verdict) verdict {
	for _, worst := range []verdict{miss, scaled} {
		if a == worst || b == worst {
			return worst
		}
	}
	return ok
}

func (t *table) missed() (n int) {
	for _, r := range t.rows {
		if r(t.yard).verdict == miss {
			n++
		}
	}
	return n
}

func (t *table) print(out io.Writer) {
	_, _ = fmt.Fprintln(out, strings.Join(t.head, "\n"))
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(columns, "\nwhat\tmeasured\ttarget\tratio\t")
	counts := map[verdict]int{}
	for _, later := range t.rows {
		r := later(t.yard)
		_, _ = fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t%s\n", r.what, r.measured, r.target, r.ratio, r.verdict)
		counts[r.verdict]++
	}
	_ = columns.Flush()
	_, _ = fmt.Fprintf(out, "\n%d measured in %.0f s: %d targets held, %d more scaled to this machine's pace of %.2f, %d missed, %d only reported%s\n",
		len(t.rows), time.Since(t.began).Seconds(), counts[ok], counts[scaled], t.yard.pace(), counts[miss], counts[reported], t.strictness())
}

func (t *table) strictness() string {
	if t.lenient {
		return "; short: only a tenth of each rate, and fifty times each time or size, is held to"
	}
	return ""
}

// ofSelect promises a rate as a share of what pgbench selects, and a time for 99 of 100.
func (t *table) ofSelect(what string, s sample, share float64, p99 time.Duration) {
	t.later(func(c calibration) row { return t.share(what, s, c, c.selectOnly, "select", share, p99) })
}

// ofUpdate is ofSelect for what pgbench updates.
func (t *table) ofUpdate(what string, s sample, share float64, p99 time.Duration) {
	t.later(func(c calibration) row { return t.share(what, s, c, c.simpleUpdate, "update", share, p99) })
}

func (t *table) share(what string, s sample, c calibration, yard float64, name string, share float64, p99 time.Duration) row {
	r := row{
		what: what, measured: fmt.Sprintf("%.0f/s, p99 %s", s.rate(), millis(s.at(0.99))),
		target: fmt.Sprintf("%.2f × %s", share, name), ratio: fmt.Sprintf("%.3f", s.rate()/yard),
		verdict: t.atLeast(s.rate()/yard, share),
	}
	if p99 > 0 {
		r.target += ", p99 " + millis(p99)
		r.verdict = both(r.verdict, t.quick(c, inMillis(s.at(0.99)), inMillis(p99)))
	}
	return r
}

// within promises a time for 95 of 100.
func (t *table) within(what string, s sample, p95 time.Duration) {
	t.later(func(c calibration) row {
		return row{
			what:     what,
			measured: fmt.Sprintf("p50 %s, p95 %s, p99 %s", millis(s.at(0.5)), millis(s.at(0.95)), millis(s.at(0.99))),
			target:   "p95 " + millis(p95), ratio: fmt.Sprintf("%.2f", inMillis(s.at(0.95))/inMillis(p95)),
			verdict: t.quick(c, inMillis(s.at(0.95)), inMillis(p95)),
		}
	})
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

func inMillis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
