package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"cartwright/internal/audit"
	"cartwright/internal/demo"
	"cartwright/internal/scale"
)

func seedCommand() *cobra.Command {
	var products int
	command := &cobra.Command{
		Use: "seed", Short: "Add the demo shop, or --products many made-up ones; what is there already stays", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withShop(cmd, func(ctx context.Context, s *Shop) error {
				ctx = audit.RecordWhole(ctx, byHand(cmd, "seedShop"))
				if cmd.Flags().Changed("products") {
					return s.seedProducts(ctx, products, cmd.OutOrStdout(), cmd.ErrOrStderr())
				}
				return s.seed(ctx, cmd.OutOrStdout())
			})
		},
	}
	command.Flags().IntVar(&products, "products", 0, "add so many varied products instead, the same ones every time")
	return command
}

// seed adds the demo shop and reports what is new.
func (s *Shop) seed(ctx context.Context, out io.Writer) error {
	report, err := demo.Seed(ctx, demo.Shop{
		Catalog: s.catalog, Assortment: s.assortment, Currency: s.currency, BaseURL: s.publicURL,
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Demo shop: %d categories and %d products added, %d there before.\n",
		report.CategoriesAdded, report.ProductsAdded, report.CategoriesSkipped+report.ProductsSkipped)
	return err
}

// seedProducts adds made-up products and reports what is new, and how quickly.
func (s *Shop) seedProducts(ctx context.Context, products int, out, screen io.Writer) error {
	began := time.Now()
	watched := &steps{out: screen}
	defer watched.end()
	report, err := scale.Seed(ctx, scale.Shop{
		DB: s.db, Catalog: s.catalog, Currency: s.currency, BaseURL: s.publicURL, Pictures: demo.Pictures(),
		Now: clock, Progress: watched.show,
	}, products)
	if err != nil {
		return err
	}
	watched.end()
	took := time.Since(began)
	_, err = fmt.Fprintf(out, "Products: %d added in %.1f s (%.0f a second), %d there before. Categories: %d added, %d there before.\n",
		report.ProductsAdded, took.Seconds(), float64(report.ProductsAdded)/took.Seconds(), report.ProductsSkipped,
		report.CategoriesAdded, report.CategoriesSkipped)
	return err
}

// steps draws a bar for each step of a seeding, one after the other.
type steps struct {
	out  io.Writer
	step string
	done int
	bar  *progress
}

func (s *steps) show(p scale.Progress) {
	if p.Step != s.step {
		s.end()
		s.step, s.done, s.bar = p.Step, 0, newProgress(s.out, p.Step, int64(p.Total))
	}
	s.bar.add(int64(p.Done - s.done))
	s.done = p.Done
}

func (s *steps) end() {
	if s.bar != nil {
		s.bar.end()
		s.bar = nil
	}
}
