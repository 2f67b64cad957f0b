// Package shoptest runs the whole shop for a test: the real handler on a real database, with the
// Stripe stand-in on the other side and webhooks travelling between them.
//
// Every exchange of its clients is held to the published spec, more strictly than the spec itself
// asks: an undocumented status or an undocumented field of an answer fails the test.
package shoptest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app"
	"cartwright/internal/auth"
	"cartwright/internal/payments"
	"cartwright/internal/payments/stripesim"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// WebhookSecret signs the stand-in's events.
const WebhookSecret = "whsec_test_0123456789abcdefghijklmnopqrstuvwxyz"

// Shop is a running shop.
type Shop struct {
	URL    string // without the base path
	DB     *postgres.DB
	Stripe *stripesim.Server
	Guest  *client.ClientWithResponses // keeps the tokens of its orders, as a storefront does
	Staff  *client.ClientWithResponses
	Admin  *client.ClientWithResponses
	built  *app.Shop
	tokens *sync.Map // of guests' orders, by their ids
	t      testing.TB
}

// Option changes how a shop runs.
type Option func(*options)

type options struct {
	config   app.Config
	logger   *slog.Logger
	front    func(http.Handler) http.Handler
	stripe   stripesim.Config
	jobs     bool
	webhooks bool
}

// WithCurrency sells in another currency.
func WithCurrency(code string) Option { return func(o *options) { o.config.Currency = code } }

// WithPublicURL runs at another address than http://localhost:3000.
func WithPublicURL(address string) Option { return func(o *options) { o.config.PublicURL = address } }

// WithReservationTTL lets unpaid orders go after another time.
func WithReservationTTL(ttl time.Duration) Option {
	return func(o *options) { o.config.ReservationTTL = ttl }
}

// WithHoldTTL lets orders go whose payment has not begun after another time.
func WithHoldTTL(ttl time.Duration) Option { return func(o *options) { o.config.HoldTTL = ttl } }

// WithRetention forgets carts and unpaid orders after this time; without it none are.
func WithRetention(after time.Duration) Option {
	return func(o *options) { o.config.CartRetention, o.config.UnpaidRetention = after, after }
}

// WithManualCapture authorizes money when something is bought, and takes it when that is sent.
func WithManualCapture() Option {
	return func(o *options) { o.config.PaymentCapture = string(payments.CaptureManual) }
}

// WithIntercept sees every request before the stand-in answers it.
func WithIntercept(intercept func(stripesim.Call) stripesim.Fault) Option {
	return func(o *options) { o.stripe.Intercept = intercept }
}

// WithStripeRate limits what is sent to the stand-in, as what is sent to Stripe is limited.
func WithStripeRate(perSecond int) Option {
	return func(o *options) { o.config.StripeMostPerSecond = &perSecond }
}

// WithStripeFront puts a handler before the stand-in: it can lose what was answered.
func WithStripeFront(front func(http.Handler) http.Handler) Option {
	return func(o *options) { o.front = front }
}

// WithWebhookSecrets accepts the signatures of these secrets instead of WebhookSecret's.
func WithWebhookSecrets(secrets ...string) Option {
	return func(o *options) { o.config.StripeWebhookSecrets = secrets }
}

// WithStripeAPI talks to another Stripe than the stand-in.
func WithStripeAPI(base string) Option { return func(o *options) { o.config.StripeAPIBase = base } }

// WithSendGrid sends mails through something that speaks SendGrid's API.
func WithSendGrid(base string) Option {
	return func(o *options) {
		o.config.EmailProvider, o.config.EmailFrom = "sendgrid", "shop@example.com"
		o.config.SendGridAPIKey, o.config.SendGridAPIBase = "SG.shoptest", base
	}
}

// WithLimits turns the rate limits on, of which the general one allows max requests in its window; 0 leaves that one out.
func WithLimits(max int) Option {
	return func(o *options) { o.config.Unlimited, o.config.RateLimitMax = false, &max }
}

// WithFraud refuses and holds payments by these rules; without it none are.
func WithFraud(config app.FraudConfig) Option { return func(o *options) { o.config.Fraud = config } }

// WithLetting lets payments through that Stripe blocks unless its account says otherwise.
func WithLetting() Option { return func(o *options) { o.stripe.LetHighestRisk = true } }

// WithRedis shares what can be shared through this Redis.
func WithRedis(url string) Option { return func(o *options) { o.config.RedisURL = url } }

// WithEdge lets the shop trust these proxies and share its answers with scripts of these origins.
func WithEdge(publicURL string, proxies, origins []string) Option {
	return func(o *options) {
		o.config.PublicURL, o.config.TrustedProxies, o.config.CORSOrigins = publicURL, proxies, origins
	}
}

// WithSecondFactorOf requires a second factor of these: "admins" or "staff".
func WithSecondFactorOf(whom string) Option {
	return func(o *options) { o.config.RequireSecondFactor = whom }
}

// WithHashing hashes passwords at this cost instead of CheapHash.
func WithHashing(cost auth.HashCost) Option { return func(o *options) { o.config.HashCost = cost } }

// WithLogger has the shop, and the server it runs in, say there what they log; without it nobody hears of it.
func WithLogger(logger *slog.Logger) Option { return func(o *options) { o.logger = logger } }

// WithoutWebhooks loses every event.
func WithoutWebhooks() Option { return func(o *options) { o.webhooks = false } }

// WithoutJobs leaves jobs in the queue.
func WithoutJobs() Option { return func(o *options) { o.jobs = false } }

// New runs an empty shop until the test ends: USD, 8 % tax, webhooks and jobs on.
func New(t testing.TB, opts ...Option) *Shop {
	t.Helper()
	o := options{
		jobs: true, webhooks: true, logger: slog.New(slog.DiscardHandler),
		config: app.Config{
			StripeSecretKey:      "sk_test_shoptest",
			StripeWebhookSecrets: []string{WebhookSecret},
			JWTSecret:            "a secret that only tests know, 0123456789",
			Currency:             "USD", TaxRate: "0.08", ReservationTTL: 30 * time.Minute,
			PublicURL: "http://localhost:3000", StorefrontURL: "http://localhost:4000", EmailProvider: "dev", DataDir: t.TempDir(), MediaMaxBytes: 1 << 20, MediaMaxPixels: 1 << 20,
			Unlimited: true, HashCost: CheapHash,
		},
	}
	for _, opt := range opts {
		opt(&o)
	}
	o.stripe.WebhookSecret = WebhookSecret
	sim, err := stripesim.New(o.stripe)
	require.NoError(t, err)
	var stripe http.Handler = sim
	if o.front != nil {
		stripe = o.front(sim)
	}
	stripeServer := httptest.NewServer(stripe)
	if o.config.StripeAPIBase == "" {
		o.config.StripeAPIBase = stripeServer.URL
	}
	db := pgtest.New(t)
	built, err := app.Build(t.Context(), o.config, db.Pool().Config().ConnString(), o.logger)
	require.NoError(t, err)
	if o.jobs {
		require.NoError(t, built.Start(context.WithoutCancel(t.Context())))
	} else {
		built.Follow(context.WithoutCancel(t.Context()))
	}
	server := httptest.NewUnstartedServer(built.Handler())
	server.Config.ErrorLog = slog.NewLogLogger(o.logger.Handler(), slog.LevelDebug)
	server.Start()
	if o.webhooks {
		sim.SetWebhook(server.URL+"/api/v1/webhooks/stripe", WebhookSecret)
	}
	t.Cleanup(func() {
		require.NoError(t, sim.Close())
		server.Close()
		stripeServer.Close()
		if o.jobs {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			require.NoError(t, built.Stop(ctx))
		}
		built.Close()
	})
	shops.Add(1)
	t.Cleanup(func() {
		if o.config.HashCost == CheapHash {
			hashes.Add(built.PasswordHashes())
		} else {
			costlyHashes.Add(built.PasswordHashes())
		}
	})
	shop := &Shop{URL: server.URL, DB: db, Stripe: sim, built: built, tokens: &sync.Map{}, t: t}
	shop.Guest = shop.As("")
	shop.Admin = shop.User("admin@example.com", auth.Admin)
	shop.Staff = shop.User("staff@example.com", auth.Staff)
	return shop
}

// CheapHash is what hashing takes here; what protects passwords is tested in auth, and with a process of its own in app.
var CheapHash = auth.HashCost{Memory: 64, Iterations: 1}

// Password is that of every user.
const Password = "a password of tests"

// User adds a user with a role and signs in.
func (s *Shop) User(email string, role auth.Role) *client.ClientWithResponses {
	s.t.Helper()
	require.NoError(s.t, s.built.CreateUser(s.t.Context(), email, Password, role))
	return s.As(s.Login(email).AccessToken)
}

// Login signs a user in.
func (s *Shop) Login(email string) client.TokenPair {
	s.t.Helper()
	login, err := s.Guest.LoginUserWithResponse(s.t.Context(), client.UserLogin{Email: email, Password: Password})
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, login.StatusCode(), string(login.Body))
	return *login.JSON200
}

// CatchUp finds out what Stripe has told nobody, which no job does here.
func (s *Shop) CatchUp(ctx context.Context) error { return s.built.CatchUp(ctx) }

// Reconcile compares payments with Stripe's, which no job does here.
func (s *Shop) Reconcile(ctx context.Context) error { return s.built.Reconcile(ctx) }

// PasswordHashes is how many passwords the shop has hashed or compared.
func (s *Shop) PasswordHashes() int64 { return s.built.PasswordHashes() }

// As is a typed client that sends the token. For "" it sends none, but the order tokens that the shop's
// clients were handed.
func (s *Shop) As(token string) *client.ClientWithResponses {
	s.t.Helper()
	sign := func(_ context.Context, request *http.Request) error {
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
			return nil
		}
		s.sendOrderToken(request)
		return nil
	}
	made, err := client.NewClientWithResponses(s.URL+"/api/v1",
		client.WithHTTPClient(s.HTTP()), client.WithRequestEditorFn(sign))
	require.NoError(s.t, err)
	return made
}
