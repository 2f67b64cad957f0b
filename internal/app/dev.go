package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"

	"cartwright/internal/demo"
	"cartwright/internal/payments/stripesim"
	"cartwright/internal/postgres"
)

// The admin that dev mode alone knows.
const (
	devAdminEmail    = "admin@example.com"
	devAdminPassword = "cartwright-dev" //nolint:gosec // published on purpose; serve never uses it
)

// devTaxRate is what the demo shop charges.
const devTaxRate = "0.08"

// dev runs a complete shop for a developer until ctx ends: database, demo data, Stripe stand-in.
func dev(ctx context.Context, config Config, out io.Writer, logger *slog.Logger) (err error) {
	// The port first: the most likely obstacle should not cost a database start.
	listener, err := listen(ctx, "", config.Port)
	if err != nil {
		return err
	}
	defer closing(&err, listener.Close)
	database, err := openDatabase(ctx, config, out, logger)
	if err != nil {
		return err
	}
	defer closing(&err, database.close)
	if err := postgres.Migrate(ctx, database.url); err != nil {
		return err
	}
	if err := devDefaults(&config); err != nil {
		return err
	}
	standIn, err := startStandIn(ctx, &config, logger)
	if err != nil {
		return err
	}
	defer closing(&err, standIn.close)
	shop, err := Build(ctx, config, database.url, logger)
	if err != nil {
		return err
	}
	defer shop.Close()
	if err := shop.bootstrap(ctx, config.BootstrapAdminEmail, config.BootstrapAdminPassword); err != nil {
		return err
	}
	if err := shop.stock(ctx, out); err != nil {
		return err
	}
	printBanner(out, config, database, standIn)
	return shop.run(ctx, listener, database.gone(), logger)
}

// devDefaults fills in what production must be given.
func devDefaults(config *Config) (err error) {
	if config.TaxRate == "" {
		config.TaxRate = devTaxRate
	}
	if config.BootstrapAdminEmail == "" {
		config.BootstrapAdminEmail, config.BootstrapAdminPassword = devAdminEmail, devAdminPassword
	}
	if config.JWTSecret == "" {
		config.JWTSecret, err = keptSecret(filepath.Join(config.DataDir, "jwt.secret"), "")
	}
	return err
}

// stock puts the demo shop into an empty database.
func (s *Shop) stock(ctx context.Context, out io.Writer) error {
	if empty, err := s.catalog.IsEmpty(ctx); err != nil || !empty {
		return err
	}
	report, err := demo.Seed(ctx, demo.Shop{Catalog: s.catalog, Assortment: s.assortment, Currency: s.currency})
	if err != nil {
		return fmt.Errorf("fill the demo shop: %w", err)
	}
	_, err = fmt.Fprintln(out, report)
	return err
}

// standIn is the Stripe stand-in, or nothing when a real account is configured.
type standIn struct {
	url    string
	sim    *stripesim.Server
	server *http.Server
}

// startStandIn starts it on a loopback port and points the configuration at it.
func startStandIn(ctx context.Context, config *Config, logger *slog.Logger) (*standIn, error) {
	if config.StripeSecretKey != "" {
		return &standIn{}, nil
	}
	if len(config.StripeWebhookSecrets) == 0 {
		secret, err := keptSecret(filepath.Join(config.DataDir, "webhook.secret"), "whsec_")
		if err != nil {
			return nil, err
		}
		config.StripeWebhookSecrets = []string{secret}
	}
	sim, err := stripesim.New(stripesim.Config{
		StateFile:     filepath.Join(config.DataDir, "stripe.json"),
		WebhookURL:    fmt.Sprintf("http://127.0.0.1:%d/api/v1/webhooks/stripe", config.Port),
		WebhookSecret: config.StripeWebhookSecrets[0],
		Logger:        logger,
	})
	if err != nil {
		return nil, fmt.Errorf("start the Stripe stand-in: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the Stripe stand-in: %w", err), sim.Close())
	}
	running := &standIn{
		url: "http://" + listener.Addr().String(), sim: sim,
		server: &http.Server{Handler: sim, ReadHeaderTimeout: readHeaderTimeout},
	}
	config.StripeSecretKey, config.StripeAPIBase = "sk_test_standin", running.url
	go func() { _ = running.server.Serve(listener) }()
	return running, nil
}

func (s *standIn) close() error {
	if s.sim == nil {
		return nil
	}
	return errors.Join(s.server.Close(), s.sim.Close())
}

// closing runs a deferred close and keeps its error when there is no other.
func closing(err *error, close func() error) {
	if closeErr := close(); *err == nil && closeErr != nil && !errors.Is(closeErr, net.ErrClosed) {
		*err = closeErr
	}
}
