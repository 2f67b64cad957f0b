package app

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"cartwright/internal/demo"
)

func seedCommand() *cobra.Command {
	return &cobra.Command{
		Use: "seed", Short: "Add the demo shop; what is there already stays", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withShop(cmd, func(ctx context.Context, s *Shop) error { return s.seed(ctx, cmd.OutOrStdout()) })
		},
	}
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
