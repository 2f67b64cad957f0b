package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"cartwright/internal/doctor"
)

func doctorCommand() *cobra.Command {
	var sku, variant string
	command := &cobra.Command{
		Use: "doctor", Short: "Examine the books, or explain a variant's stock with --sku or --variant", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withShop(cmd, func(ctx context.Context, s *Shop) error {
				if wanted := sku + variant; wanted != "" {
					return explained(doctor.Explain(ctx, s.db, wanted, cmd.OutOrStdout()))
				}
				broken, err := doctor.Examine(ctx, s.db, cmd.OutOrStdout())
				if err == nil && broken > 0 {
					err = fmt.Errorf("the books do not agree: checks that do not hold: %d", broken)
				}
				return err
			})
		},
	}
	command.Flags().StringVar(&sku, "sku", "", "tell where each unit of the variant with this SKU came from and went")
	command.Flags().StringVar(&variant, "variant", "", "the same for the variant with this id")
	command.MarkFlagsMutuallyExclusive("sku", "variant")
	return command
}

func explained(breaks int, err error) error {
	if err == nil && breaks > 0 {
		return errors.New("the variant's stock does not follow from what happened to it")
	}
	return err
}
