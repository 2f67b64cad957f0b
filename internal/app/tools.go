package app

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"
)

// withDatabase runs a command that needs the database: the one of DATABASE_URL, else the data
// folder's, started for as long as the command runs.
func withDatabase(cmd *cobra.Command, work func(ctx context.Context, config Config, url string) error) (err error) {
	config, err := readConfig()
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	database, err := openDatabase(ctx, config, cmd.ErrOrStderr(), newLogger(config, cmd.ErrOrStderr(), slog.LevelWarn))
	if err != nil {
		return unlessAsked(ctx, err, errInterrupted)
	}
	defer closing(&err, database.close)
	return unlessAsked(ctx, work(ctx, config, database.url), errInterrupted)
}

// withShop is withDatabase for commands that need the shop on a migrated database.
func withShop(cmd *cobra.Command, work func(context.Context, *Shop) error) error {
	return withDatabase(cmd, func(ctx context.Context, config Config, url string) error {
		if err := migrated(ctx, url); err != nil {
			return err
		}
		shop, err := Build(ctx, config, url, newLogger(config, cmd.ErrOrStderr(), slog.LevelWarn))
		if err != nil {
			return err
		}
		defer shop.Close()
		return work(ctx, shop)
	})
}
