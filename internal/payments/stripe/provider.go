package stripe

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"cartwright/internal/budget"
	"cartwright/internal/crash"
	"cartwright/internal/metrics"
	"cartwright/internal/payments"
	"cartwright/internal/postgres"
)

const (
	callTimeout = 10 * time.Second // one HTTP exchange
	deadline    = 20 * time.Second // a call with its retries
	retries     = 2
)

// Config says which Stripe account, and where.
type Config struct {
	SecretKey      string
	WebhookSecrets []string // several while one is rotated out
	APIBase        string   // "" means Stripe itself
	// MostPerSecond is how many requests are sent at most; nil is somewhat below what Stripe takes of such a key,
	// 0 no limit.
	MostPerSecond *int
	Now           func() time.Time
	Logger        *slog.Logger
	Metrics       *metrics.Metrics
}

// Provider implements payments.Provider.
type Provider struct {
	api     *client.API
	secrets []string
	live    bool
	now     func() time.Time
}

var _ payments.Provider = (*Provider)(nil)

// New makes a provider; nothing is sent yet.
func New(config Config) *Provider {
	backend := &stripego.BackendConfig{
		EnableTelemetry:   stripego.Bool(false),
		HTTPClient:        &http.Client{Timeout: callTimeout, Transport: crash.Calls(newGate(config))},
		LeveledLogger:     quietLogger{config.Logger},
		MaxNetworkRetries: stripego.Int64(retries),
	}
	if config.APIBase != "" {
		backend.URL = stripego.String(strings.TrimSuffix(config.APIBase, "/"))
	}
	backends := &stripego.Backends{API: stripego.GetBackendWithConfig(stripego.APIBackend, backend)}
	return &Provider{
		api:     client.New(config.SecretKey, backends),
		secrets: config.WebhookSecrets,
		live:    config.live(),
		now:     config.Now,
	}
}

func (c Config) live() bool {
	return strings.HasPrefix(c.SecretKey, "sk_live_") || strings.HasPrefix(c.SecretKey, "rk_live_")
}

func (c Config) mostPerSecond() int {
	switch {
	case c.MostPerSecond != nil:
		return *c.MostPerSecond
	case c.APIBase != "":
		return 0 // another server than Stripe's
	case c.live():
		return mostLive
	}
	return mostTest
}

// Live tells whether the key moves real money.
func (p *Provider) Live() bool { return p.live }

var errInsideTx = errors.New("stripe was called inside a database transaction")

// params prepares a call: its context with a deadline and its idempotency key, if it has one.
func params(ctx context.Context, key string) (stripego.Params, context.CancelFunc, error) {
	if postgres.InsideTx(ctx) {
		return stripego.Params{}, nil, errInsideTx
	}
	if err := budget.Check(ctx, budget.Stripe); err != nil {
		return stripego.Params{}, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	prepared := stripego.Params{Context: ctx}
	if key != "" {
		prepared.SetIdempotencyKey("cartwright:" + key)
	}
	return prepared, cancel, nil
}

// quietLogger passes on what stripe-go warns of; requests and answers hold personal data and are
// not logged.
type quietLogger struct{ logger *slog.Logger }

// Debugf drops it.
func (quietLogger) Debugf(string, ...any) {}

// Infof drops it.
func (quietLogger) Infof(string, ...any) {}

// Warnf says that there was something, not what.
func (l quietLogger) Warnf(string, ...any) { l.logger.Warn("stripe call met an obstacle") }

// Errorf drops it: a failed call is an error of its caller, who logs or answers it.
func (quietLogger) Errorf(string, ...any) {}
