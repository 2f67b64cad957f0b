package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Main runs the command line and answers the exit code. Errors are printed as plain sentences.
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
	command := &cobra.Command{
		Use:           "cartwright",
		Short:         "A headless e-commerce backend: one binary and PostgreSQL",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	command.CompletionOptions.DisableDefaultCmd = true
	command.AddCommand(devCommand(), serveCommand(), migrateCommand(), seedCommand(), adminCommand(),
		openapiCommand(), versionCommand())
	return command
}

func devCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dev",
		Short: "Run a complete shop for development: database, demo data, Stripe stand-in",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := readConfig()
			if err != nil {
				return err
			}
			return dev(cmd.Context(), config, cmd.OutOrStdout(), newLogger(config, cmd.ErrOrStderr(), slog.LevelWarn))
		},
	}
}

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the shop in production",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := readConfig()
			if err := errors.Join(err, config.production()); err != nil {
				return err
			}
			return serve(cmd.Context(), config, newLogger(config, cmd.ErrOrStderr(), config.LogLevel))
		},
	}
}

// serve runs the shop on a migrated database until ctx ends.
func serve(ctx context.Context, config Config, logger *slog.Logger) (err error) {
	pending, err := pendingMigrations(ctx, config.DatabaseURL)
	if err != nil {
		return err
	}
	if pending {
		return errPending
	}
	listener, err := listen(ctx, "", config.Port)
	if err != nil {
		return err
	}
	defer closing(&err, listener.Close)
	shop, err := Build(ctx, config, config.DatabaseURL, logger)
	if err != nil {
		return err
	}
	defer shop.Close()
	if err := shop.bootstrap(ctx, config.BootstrapAdminEmail, config.BootstrapAdminPassword); err != nil {
		return err
	}
	logger.Info("serving", "address", listener.Addr().String())
	return shop.run(ctx, listener, nil, logger)
}

// newLogger writes JSON lines in production and text for people; LOG_LEVEL wins over the default.
func newLogger(config Config, out io.Writer, level slog.Level) *slog.Logger {
	if config.LogLevel != slog.LevelInfo {
		level = config.LogLevel
	}
	options := &slog.HandlerOptions{Level: level}
	if file, ok := out.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(slog.NewTextHandler(out, options))
		}
	}
	return slog.New(slog.NewJSONHandler(out, options))
}
