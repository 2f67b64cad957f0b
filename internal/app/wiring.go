package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"cartwright/internal/accounts"
	"cartwright/internal/api"
	"cartwright/internal/assortment"
	"cartwright/internal/attention"
	"cartwright/internal/audit"
	"cartwright/internal/auth"
	"cartwright/internal/bulk"
	"cartwright/internal/cache"
	"cartwright/internal/carts"
	"cartwright/internal/catalog"
	"cartwright/internal/checkout"
	"cartwright/internal/customers"
	"cartwright/internal/demo"
	"cartwright/internal/fraud"
	"cartwright/internal/idempotency"
	"cartwright/internal/inventory"
	"cartwright/internal/jobs"
	"cartwright/internal/media"
	"cartwright/internal/metrics"
	"cartwright/internal/money"
	"cartwright/internal/notify"
	"cartwright/internal/orders"
	"cartwright/internal/page"
	"cartwright/internal/payments"
	"cartwright/internal/payments/stripe"
	"cartwright/internal/postgres"
	"cartwright/internal/pricing"
	"cartwright/internal/search"
	"cartwright/internal/search/pgsearch"
)

// Shop is everything that runs, put together.
type Shop struct {
	db         *postgres.DB
	url        string
	queue      *jobs.Queue
	auth       *auth.Service
	catalog    *catalog.Service
	assortment *assortment.Service
	bulk       *bulk.Service
	checkout   *checkout.Service
	engine     *pgsearch.Engine
	changes    *cache.Feed
	redis      *cache.Redis // nil without REDIS_URL
	handler    http.Handler
	currency   money.Currency
	publicURL  string
	bounds     bounds
	metrics    *metrics.Metrics
	metricsAt  string // "" is nowhere
	logger     *slog.Logger
	unfollow   func()
	unkeep     func()
	draining   atomic.Bool
	migrated   atomic.Bool
}

// Build puts the shop together on a migrated database. It starts nothing.
func Build(ctx context.Context, config Config, url string, logger *slog.Logger) (*Shop, error) {
	db, err := postgres.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	s := &Shop{db: db, url: url, currency: money.Currency(config.Currency), publicURL: config.PublicURL, metrics: metrics.New(), metricsAt: config.MetricsAddress, logger: logger, unfollow: func() {}, unkeep: func() {}}
	if err := s.wire(config, logger); err != nil {
		s.Close()
		return nil, err
	}
	if err := errors.Join(s.checkCurrency(ctx), s.useLanguage(ctx, config.Language)); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// checkCurrency refuses to price a shop in another currency than its products have.
func (s *Shop) checkCurrency(ctx context.Context) error {
	priced, err := s.catalog.Currency(ctx)
	if err != nil {
		return fmt.Errorf("read the currency of the prices: %w", err)
	}
	if priced != "" && priced != s.currency {
		return fmt.Errorf("SHOP_CURRENCY is %s, but the products of this database are priced in %s", s.currency, priced)
	}
	return nil
}

// useLanguage has search read texts in the shop's language.
func (s *Shop) useLanguage(ctx context.Context, language string) error {
	if language == "" {
		language = defaultLanguage
	}
	err := s.engine.UseLanguage(ctx, language)
	if errors.Is(err, pgsearch.ErrLanguage) {
		return fmt.Errorf("SHOP_LANGUAGE: %w", err)
	}
	return err
}

const defaultLanguage = "english"

// Handler is the shop as HTTP.
func (s *Shop) Handler() http.Handler { return s.handler }

// Start works jobs, keeps search up to date and follows changes until Stop; whoever does not call run calls both.
func (s *Shop) Start(ctx context.Context) error {
	if err := s.queue.Start(ctx); err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	s.Follow(ctx)
	s.unkeep = background(ctx, func(ctx context.Context) { s.engine.Keep(ctx, s.logger) })
	return nil
}

// Follow lets reads be answered from the cache, until ctx ends or Close.
func (s *Shop) Follow(ctx context.Context) {
	s.unfollow = background(ctx, s.changes.Follow)
}

// background runs fn until ctx ends or the answer is called, which waits for it.
func background(ctx context.Context, fn func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn(ctx)
	}()
	return func() { cancel(); <-done }
}

// Stop lets running jobs end, until ctx does.
func (s *Shop) Stop(ctx context.Context) error { return s.queue.Stop(ctx) }

// Close gives the connections back.
func (s *Shop) Close() {
	s.unkeep()
	s.unfollow()
	if s.redis != nil {
		_ = s.redis.Close() // nothing is lost with it
	}
	s.db.Close()
}

// CreateUser adds a user with a role.
func (s *Shop) CreateUser(ctx context.Context, email, password string, role auth.Role) error {
	return s.auth.CreateUser(ctx, email, password, role)
}

// CatchUp finds out what Stripe has told nobody here.
func (s *Shop) CatchUp(ctx context.Context) error { return s.checkout.CatchUp(ctx) }

// Reconcile compares payments with Stripe's.
func (s *Shop) Reconcile(ctx context.Context) error { return s.checkout.Reconcile(ctx) }

// PasswordHashes is how many passwords were hashed or compared since the start.
func (s *Shop) PasswordHashes() int64 { return s.auth.PasswordHashes() }

func (s *Shop) wire(config Config, logger *slog.Logger) (err error) {
	now := clock
	secrets := config.secrets()
	pages := page.NewCodec(secrets...)
	if s.queue, err = jobs.New(s.db, logger); err != nil {
		return err
	}
	orderService := orders.New(s.db, pages, now)
	s.auth, err = auth.New(auth.Config{
		DB: s.db, Secrets: secrets, Jobs: s.queue, LiveKeys: isLive(config.StripeSecretKey), OnVerified: orderService.JoinCustomerTx, Now: now,
		Logger: logger, HashCost: config.HashCost,
		Issuer: shopName(config), Require: auth.Requirement(config.RequireSecondFactor),
	})
	if err != nil {
		return err
	}
	prices, err := pricing.New(s.currency, taxRate(config))
	if err != nil {
		return err
	}
	provider := stripe.New(stripe.Config{
		SecretKey: config.StripeSecretKey, WebhookSecrets: config.StripeWebhookSecrets,
		APIBase: config.StripeAPIBase, MostPerSecond: config.StripeMostPerSecond, Now: now, Logger: logger, Metrics: s.metrics,
	})
	stock := inventory.New(s.db, pages, now)
	if config.RedisURL != "" {
		if s.redis, err = cache.NewRedis(config.RedisURL, logger); err != nil {
			return err
		}
	}
	s.changes = cache.NewFeed(s.db, logger, time.Now)
	s.catalog = catalog.New(s.db, pages, pictures(config), cache.New(s.changes, s.redis, catalog.Weight), now)
	s.assortment = assortment.New(s.db, s.catalog, stock)
	s.engine = pgsearch.New(pgsearch.Config{DB: s.db, Now: now})
	s.bulk = bulk.New(s.db, s.currency, pictures(config), now)
	cartService := carts.New(s.db, prices, pictures(config), now)
	paymentService := payments.New(s.db, pages, now)
	guard := fraud.New(fraud.Config{DB: s.db, Rules: config.Fraud.rules(), Secret: secrets[0], Now: now})
	replies, err := idempotency.New(s.db, secrets, now)
	if err != nil {
		return err
	}
	customerService := customers.New(s.db, now)
	accountService := accounts.New(accounts.Config{
		DB: s.db, Auth: s.auth, Carts: cartService, Customers: customerService, Orders: orderService,
		Payments: paymentService, Jobs: s.queue, Replies: replies, Now: now,
	})
	uploads, err := library(config, s.db, logger)
	if err != nil {
		return err
	}

	// What jobs do, on one page: checkout registers the expiry of orders and refunds by itself, notify the mails.
	s.checkout = checkout.New(checkout.Config{
		DB: s.db, Carts: cartService, Orders: orderService, Inventory: stock, Payments: paymentService,
		Customers: customerService, Provider: provider, Fraud: guard, Jobs: s.queue, HoldTTL: config.HoldTTL, ReservationTTL: config.ReservationTTL, SweepEvery: config.StripeSweepInterval,
		CompareEvery: config.StripeReconcileInterval, ReturnURL: config.PublicURL,
		CaptureMethod: cmp.Or(payments.CaptureMethod(config.PaymentCapture), payments.CaptureAutomatic), Now: now, Logger: logger, Metrics: s.metrics,
	})
	mailbox, err := s.wireMail(config, orderService, logger)
	if err != nil {
		return err
	}
	s.queue.Every(time.Hour, notify.Prune{})
	jobs.Handle(s.queue, replies.Prune)
	s.queue.Every(time.Hour, idempotency.Prune{})
	jobs.Handle(s.queue, guard.Prune)
	s.queue.Every(time.Hour, fraud.Prune{})
	jobs.Handle(s.queue, s.auth.Prune)
	s.queue.Every(time.Hour, auth.Prune{})
	jobs.Handle(s.queue, s.auth.Reseal)
	s.queue.Every(time.Hour, auth.Reseal{})
	jobs.Handle(s.queue, paymentService.Forget)
	s.queue.Every(time.Hour, payments.Forget{})
	if config.CartRetention > 0 {
		jobs.Handle(s.queue, func(ctx context.Context, _ carts.Forget) error {
			return cartService.ForgetOld(ctx, config.CartRetention)
		})
		s.queue.Every(time.Hour, carts.Forget{})
	}
	if config.UnpaidRetention > 0 {
		jobs.Handle(s.queue, func(ctx context.Context, _ orders.Forget) error {
			return orderService.ForgetUnpaid(ctx, config.UnpaidRetention)
		})
		s.queue.Every(time.Hour, orders.Forget{})
	}
	jobs.Handle(s.queue, uploads.Sweep)
	s.queue.Every(time.Hour, media.Sweep{})
	jobs.Handle(s.queue, s.changes.Prune)
	s.queue.EveryWhen(time.Minute, cache.Prunable, cache.Prune{})

	watch(s.metrics, s.db, s.queue, paymentService, stock)
	faced := edge(config, s.redis, logger)
	s.bounds = bounds{all: maxConnections, perAddress: config.connectionsPerAddress(), exempt: faced.TrustedProxies}
	s.handler, err = api.New(api.Services{
		Accounts: accountService, Customers: customerService, Browsers: config.browsers(),
		Assortment: s.assortment, Attention: attention.New(s.db, pages), Audit: audit.New(s.db, pages), Auth: s.auth, Bulk: s.bulk, Carts: cartService, Catalog: s.catalog, Checkout: s.checkout,
		Idempotency: replies, Inventory: stock, Media: uploads, Orders: orderService, Payments: paymentService, Provider: provider,
		Search: search.New(s.engine, s.catalog, pages), Currency: s.currency, Ready: s.ready, Demo: demo.Handler(), Mailbox: mailbox, Logger: logger,
		Metrics: s.metrics,
		Edge:    faced,
	})
	if err != nil {
		return fmt.Errorf("build the API: %w", err)
	}
	return nil
}

// clock counts as PostgreSQL does, so that a time answered now equals the same time read later.
func clock() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// taxRate is the configured one; none means no tax.
func taxRate(config Config) string {
	if config.TaxRate == "" {
		return "0"
	}
	return config.TaxRate
}
