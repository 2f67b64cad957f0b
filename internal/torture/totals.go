package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// totals are what was done and seen; they are safe for concurrent use.
type totals struct {
	mu     sync.Mutex
	began  time.Time
	out    io.Writer
	counts map[string]int
	order  []string // of the counts, as they are told
	faults []string // what was broken
}

func newTotals(out io.Writer) *totals {
	return &totals{began: time.Now(), out: out, counts: map[string]int{}, order: []string{
		"cases", "orders", "paid", "declined", "cancelled", "sold out", "asked again", "lost answers", "503", "500", "deadlocks",
		"points", "crashes", "kills", "stops", "postgres restarts", "cuts", "stripe calls", "stripe faults",
		"fault sequences", "catalogue p99 %", "double charges",
	}}
}

func (t *totals) say(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = fmt.Fprintf(t.out, "%5.0f s  %s\n", time.Since(t.began).Seconds(), fmt.Sprintf(format, args...))
}

func (t *totals) add(what string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[what] += n
}

func (t *totals) of(what string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts[what]
}

// fail notes that something is broken. The first are told at once, so that a run which breaks everything stays readable.
func (t *totals) fail(format string, args ...any) {
	t.mu.Lock()
	fault := fmt.Sprintf(format, args...)
	t.faults = append(t.faults, fault)
	n := len(t.faults)
	t.mu.Unlock()
	if n <= 100 {
		t.say("BROKEN  %s", fault)
	}
}

func (t *totals) broken() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.faults)
}

// line is all of it in one.
func (t *totals) line(seed uint64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	verdict := "torture: ok"
	if len(t.faults) > 0 {
		verdict = "torture: BROKEN"
	}
	parts := []string{fmt.Sprintf("%s, seed %d, %.0f s: broken %d", verdict, seed, time.Since(t.began).Seconds(), len(t.faults))}
	rest := slices.Sorted(maps.Keys(t.counts))
	for _, what := range append(slices.Clone(t.order), rest...) {
		if n, counted := t.counts[what]; counted {
			parts = append(parts, fmt.Sprintf("%s %d", what, n))
			delete(t.counts, what)
		}
	}
	return strings.Join(parts, ", ")
}
