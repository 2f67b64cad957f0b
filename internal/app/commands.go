package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"cartwright/internal/audit"
)

// Main runs the command line and answers the exit code: 0, or 1 after an error, which is printed as
// plain sentences.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal asks to stop; a second one then kills, as everywhere.
	context.AfterFunc(ctx, stop)
	if err := root().ExecuteContext(ctx); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintln(os.Stderr, "cartwright: "+line)
		}
		return 1
	}
	return 0
}

func root() *cobra.Command {
	command := group("cartwright", "A headless e-commerce backend: one binary and PostgreSQL",
		devCommand(), serveCommand(), migrateCommand(), seedCommand(), importCommand(), exportCommand(), doctorCommand(), adminCommand(), openapiCommand(), versionCommand())
	command.SilenceUsage, command.SilenceErrors = true, true
	command.CompletionOptions.DisableDefaultCmd = true
	return command
}

// group is a command that only holds others. It is made runnable, because cobra takes an unknown
// word after one that is not for a wish for help, and answers 0.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	command := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	command.AddCommand(commands...)
	return command
}

// byHand is what a command does, for the audit log: without its flags, which may name somebody.
func byHand(cmd *cobra.Command, operation string) audit.Action {
	return audit.Action{Operation: operation, Target: cmd.CommandPath(), Actor: audit.ByCLI, At: clock()}
}

var errInterrupted = errors.New("interrupted before it was done")

// unlessAsked keeps an error, unless it is what came of being asked to stop: then it is instead.
func unlessAsked(ctx context.Context, err, instead error) error {
	if err != nil && ctx.Err() != nil {
		return instead
	}
	return err
}
