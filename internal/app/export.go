package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"cartwright/internal/bulk"
)

func exportCommand() *cobra.Command {
	var format, output string
	command := &cobra.Command{
		Use: "export", Short: "Export products, variants, stock and prices", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			chosen, err := formatOf(format, output)
			if err != nil {
				return err
			}
			return withShop(cmd, func(ctx context.Context, s *Shop) error {
				if output == "" {
					return s.export(ctx, cmd.OutOrStdout(), chosen, cmd.ErrOrStderr())
				}
				return inPlace(output, func(out io.Writer) error { return s.export(ctx, out, chosen, cmd.ErrOrStderr()) })
			})
		},
	}
	command.Flags().StringVar(&format, "format", "", "csv or ndjson; without it the output's name decides, and csv is assumed")
	command.Flags().StringVar(&output, "output", "", "the file to write; standard output without it")
	return command
}

func (s *Shop) export(ctx context.Context, out io.Writer, format bulk.Format, screen io.Writer) error {
	total, err := s.bulk.Count(ctx)
	if err != nil {
		return fmt.Errorf("count what is to be exported: %w", err)
	}
	bar := newProgress(screen, "Exporting", total)
	defer bar.end()
	shown := 0
	return s.bulk.Export(ctx, out, format, func(rows int) {
		bar.add(int64(rows - shown))
		shown = rows
	})
}

// inPlace writes a file that takes its name when it is complete: one that broke off is never taken
// for a whole one.
func inPlace(name string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.part")
	if err != nil {
		return fmt.Errorf("the file cannot be written: %w", err)
	}
	err = write(file)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
