package app

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"github.com/spf13/cobra"
)

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Run the shop in production", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := readConfig()
			if err := errors.Join(err, config.production()); err != nil {
				return err
			}
			config.Fraud.limitHolds()
			return serve(cmd.Context(), config, newLogger(config, cmd.ErrOrStderr(), slog.LevelInfo))
		},
	}
}

// production is what serve runs.
type production struct {
	started
	listener net.Listener
	shop     *Shop
}

// serve runs the shop on a migrated database until ctx ends.
func serve(ctx context.Context, config Config, logger *slog.Logger) (err error) {
	p := &production{}
	defer closing(&err, p.stop)
	if err := p.start(ctx, config, logger); err != nil {
		return unlessAsked(ctx, err, nil)
	}
	if config.EmailProvider == "" {
		logger.Warn("no mail is sent, because EMAIL_PROVIDER is not set: nobody gets a confirmation or a link for a new password")
	}
	logger.Info("serving", "address", p.listener.Addr().String())
	return p.shop.run(ctx, p.listener, &database{url: config.DatabaseURL}, logger)
}

func (p *production) start(ctx context.Context, config Config, logger *slog.Logger) (err error) {
	if err := reach(ctx, config.DatabaseURL); err != nil {
		return err
	}
	if err := migrated(ctx, config.DatabaseURL); err != nil {
		return err
	}
	if p.listener, err = listen(ctx, config.ListenAddress, config.Port); err != nil {
		return err
	}
	p.onStop(closeListener(p.listener))
	if p.shop, err = Build(ctx, config, config.DatabaseURL, logger); err != nil {
		return err
	}
	p.onStop(func() error { p.shop.Close(); return nil })
	if err := p.shop.refuseDevAdmin(ctx); err != nil {
		return err
	}
	return p.shop.bootstrap(ctx, config.BootstrapAdminEmail, config.BootstrapAdminPassword)
}
