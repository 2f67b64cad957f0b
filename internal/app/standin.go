package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"cartwright/internal/payments/stripesim"
)

// standIn is the Stripe stand-in, or nothing when an account is configured.
type standIn struct {
	url    string
	sim    *stripesim.Server
	server *http.Server
	data   dataDir
}

// stateFile is what the stand-in remembers.
const stateFile = "stripe.json"

// startStandIn starts it on a loopback port and points the configuration at it.
func startStandIn(ctx context.Context, config *Config, data dataDir, logger *slog.Logger) (*standIn, error) {
	if config.StripeSecretKey != "" {
		return &standIn{}, nil
	}
	if len(config.StripeWebhookSecrets) == 0 {
		secret, err := data.secret("webhook.secret", "whsec_")
		if err != nil {
			return nil, err
		}
		config.StripeWebhookSecrets = []string{secret}
	}
	// The stand-in takes a file that it cannot read for a new account, and would write over it.
	if err := data.readable(stateFile); err != nil {
		return nil, err
	}
	sim, err := stripesim.New(stripesim.Config{
		StateFile:     data.file(stateFile),
		WebhookURL:    fmt.Sprintf("http://127.0.0.1:%d/api/v1/webhooks/stripe", config.Port),
		WebhookSecret: config.StripeWebhookSecrets[0],
		Logger:        logger,
	})
	if err != nil {
		return nil, fmt.Errorf("start the Stripe stand-in: %w", err)
	}
	listener, err := listen(ctx, "127.0.0.1", 0)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the Stripe stand-in: %w", err), sim.Close())
	}
	running := &standIn{
		url: "http://" + listener.Addr().String(), sim: sim, data: data,
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
	return errors.Join(s.server.Close(), s.sim.Close(), s.data.give(stateFile))
}
