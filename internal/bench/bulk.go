package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"cartwright/internal/scale"
)

// importRows adds new products from a file.
func (b *bench) importRows(ctx context.Context) error {
	if !b.shop.has(ctx, "import") {
		b.report("import", "not there yet")
		return nil
	}
	n := 100_000
	if b.options.short {
		n = 2000
	}
	file, err := b.importFile(n)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file) }()
	_, took, err := b.shop.command(ctx, 10*time.Minute, "import", file)
	if err != nil {
		return err
	}
	const want = 100_000 / 60.0
	rate := float64(n) / took.Seconds()
	b.later(func(c calibration) row {
		return row{
			what:     fmt.Sprintf("import %d new products from CSV", n),
			measured: fmt.Sprintf("%.1f s, %.0f/s", took.Seconds(), rate), target: "100,000 in 60 s",
			ratio: fmt.Sprintf("%.2f", rate/want), verdict: b.fast(c, rate, want),
		}
	})
	return nil
}

// importFile writes a file of so many rows.
func (b *bench) importFile(n int) (name string, err error) {
	file, err := os.CreateTemp("", "cartwright-bench-*.csv")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriter(file)
	words := scale.Words()
	_, _ = fmt.Fprintln(out, "sku,name,description,category,status,price,inventoryQuantity")
	for i := range n {
		_, _ = fmt.Fprintf(out, "NEW-%06d,New %s %s %d,Only the %s of the %s.,%s,ACTIVE,%d.99,%d\n", i, words[i%500], words[i%3001], i,
			words[i%701], words[i%211], b.goods.categories[i%len(b.goods.categories)], 5+i%200, i%60)
	}
	return file.Name(), out.Flush()
}

// doctor is asked last: after all that was bought and imported, too, every unit must have its cause.
func (b *bench) doctor(ctx context.Context) error {
	const want = 30
	if !b.shop.has(ctx, "doctor") {
		b.report("doctor", "not there yet")
		return nil
	}
	output, took, err := b.shop.command(ctx, 2*time.Minute, "doctor")
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(output))
	}
	b.later(func(c calibration) row {
		return row{
			what: "doctor checks every unit", measured: fmt.Sprintf("%.1f s", took.Seconds()), target: fmt.Sprintf("%d s", want),
			ratio: fmt.Sprintf("%.2f", took.Seconds()/want), verdict: b.quick(c, took.Seconds(), want),
		}
	})
	return nil
}
