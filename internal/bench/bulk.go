package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

func (b *bench) importRows(ctx context.Context) error {
	if !b.shop.has(ctx, "import") {
		b.report("import", "not there yet")
		return nil
	}
	return nil
}

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
	b.add(row{
		what: "doctor checks every unit", measured: fmt.Sprintf("%.1f s", took.Seconds()), target: fmt.Sprintf("%d s", want),
		ratio: fmt.Sprintf("%.2f", took.Seconds()/want), verdict: b.atMost(took.Seconds(), want),
	})
	return nil
}
