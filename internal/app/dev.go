package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"cartwright/internal/postgres"
)

// The admin that dev mode alone knows.
const (
	devAdminEmail    = "admin@example.com"
	devAdminPassword = "cartwright-dev" // published on purpose; serve refuses it
)

// devTaxRate is what the demo shop charges.
const devTaxRate = "0.08"

func devCommand() *cobra.Command {
	return &cobra.Command{
		Use: "dev", Short: "Run a complete shop for development: database, demo data, Stripe stand-in", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := readConfig()
			if err := errors.Join(err, config.development()); err != nil {
				return err
			}
			return dev(cmd.Context(), config, cmd.OutOrStdout(), newLogger(config, cmd.ErrOrStderr(), slog.LevelWarn))
		},
	}
}

// development is what dev runs.
type development struct {
	started
	config   Config
	out      io.Writer
	logger   *slog.Logger
	listener net.Listener
	database *database
	standIn  *standIn
	shop     *Shop
}

// dev runs a complete shop for a developer until ctx ends.
func dev(ctx context.Context, config Config, out io.Writer, logger *slog.Logger) (err error) {
	d := &development{config: config, out: out, logger: logger}
	defer closing(&err, d.stop)
	if err := d.start(ctx); err != nil {
		return unlessAsked(ctx, err, nil)
	}
	printBanner(out, d)
	return d.shop.run(ctx, d.listener, d.database, logger)
}

func (d *development) start(ctx context.Context) (err error) {
	// The port first: the most likely obstacle should not cost a database start. Loopback only: the
	// admin is known to everybody.
	if d.listener, err = listen(ctx, "localhost", d.config.Port); err != nil {
		return err
	}
	d.onStop(closeListener(d.listener))
	data, err := openDataDir(d.config.DataDir)
	if err != nil {
		return err
	}
	if d.database, err = openDatabase(ctx, d.config, d.out, d.logger); err != nil {
		return err
	}
	d.onStop(d.database.close)
	if err := postgres.Migrate(ctx, d.database.url); err != nil {
		return err
	}
	if err := devDefaults(&d.config, data); err != nil {
		return err
	}
	if d.standIn, err = startStandIn(ctx, &d.config, data, d.logger); err != nil {
		return err
	}
	d.onStop(d.standIn.close)
	if d.shop, err = Build(ctx, d.config, d.database.url, d.logger); err != nil {
		return err
	}
	d.onStop(func() error { d.shop.Close(); return nil })
	d.shop.handler = ownHosts(d.shop.handler, d.config.PublicURL, d.config.StorefrontURL)
	return d.fill(ctx)
}

// fill makes the admin, and the demo shop in an empty catalogue. That takes a moment and is not
// interrupted, because the next start would take half a demo shop for the developer's own.
func (d *development) fill(ctx context.Context) error {
	if err := d.shop.bootstrap(ctx, d.config.BootstrapAdminEmail, d.config.BootstrapAdminPassword); err != nil {
		return err
	}
	if empty, err := d.shop.catalog.IsEmpty(ctx); err != nil || !empty {
		return err
	}
	return d.shop.seed(context.WithoutCancel(ctx), d.out)
}

// devDefaults fills in what production must be given.
func devDefaults(config *Config, data dataDir) (err error) {
	if config.TaxRate == "" {
		config.TaxRate = devTaxRate
	}
	if config.EmailProvider == "" {
		config.EmailProvider = mailByDev
	}
	if config.BootstrapAdminEmail == "" {
		config.BootstrapAdminEmail, config.BootstrapAdminPassword = devAdminEmail, devAdminPassword
	}
	if config.RateLimitMax == nil {
		config.RateLimitMax = new(int) // a developer's scripts all come from one address
	}
	if config.JWTSecret == "" {
		config.JWTSecret, err = data.secret("jwt.secret", "")
	}
	return err
}
