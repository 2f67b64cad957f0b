package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// world is everything that runs.
type world struct {
	*totals
	plan    plan
	options options
	dir     string
	shop    string // the server's binary
	db      *database
	stripe  *proxy // between the servers and Stripe
	front   *proxy // between Stripe's events and the servers
	sim     *standin
	servers []*server
	client  *client
	goods   []product // that never sell out

	mu      sync.Mutex
	calm    bool // nothing is harmed, so nothing may fail
	deals   []*deal
	settled int // how many of the deals are done with
}

// admin is who sets the shop up.
const (
	adminEmail    = "admin@example.com"
	adminPassword = "a password of the torture"
)

func newWorld(ctx context.Context, o options, t *totals) (w *world, err error) {
	w = &world{totals: t, options: o, plan: plan{o.seed, o.short}, calm: true}
	if w.dir, err = os.MkdirTemp("", "cartwright-torture-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if err := w.build(ctx); err != nil {
		return nil, err
	}
	t.say("start")
	if w.db, err = openDatabase(ctx, w.dir); err != nil {
		return nil, err
	}
	if w.stripe, err = newProxy(); err != nil {
		return nil, err
	}
	if w.front, err = newProxy(); err != nil {
		return nil, err
	}
	w.sim, err = startStandin(ctx, filepath.Join(w.dir, "standin"), w.dir,
		"http://"+w.front.address()+"/api/v1/webhooks/stripe", o.seed)
	if err != nil {
		return nil, err
	}
	w.stripe.to(w.sim.api)
	if err := w.serve(ctx); err != nil {
		return nil, err
	}
	return w, w.stock(ctx)
}

// build makes the binary with crash points, and the stand-in.
func (w *world) build(ctx context.Context) error {
	w.say("build")
	w.shop = filepath.Join(w.dir, "cartwright")
	for _, args := range [][]string{
		{"-tags", "crashpoints", "-o", w.shop, "./cmd/cartwright"},
		{"-o", filepath.Join(w.dir, "standin"), "./internal/torture/standin"},
	} {
		cmd := exec.CommandContext(ctx, "go", append([]string{"build"}, args...)...)
		cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
		if output, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w: %s", err, output)
		}
	}
	return nil
}

// environment is all that a server is told. What would refuse many buyers behind one address is left out.
func (w *world) environment() []string {
	return []string{
		"DATABASE_URL=" + w.db.url(), "PUBLIC_URL=http://shop.example.com", "LOG_LEVEL=WARN", "REDIS_URL=",
		"STRIPE_SECRET_KEY=sk_test_torture", "STRIPE_PUBLISHABLE_KEY=pk_test_torture", "STRIPE_WEBHOOK_SECRET=" + webhookSecret,
		"STRIPE_API_BASE=http://" + w.stripe.address(), "JWT_SECRET=q7Zr2mX9vT4kW8bN3cL6yH1sD5fG0jPu5aE",
		"BOOTSTRAP_ADMIN_EMAIL=" + adminEmail, "BOOTSTRAP_ADMIN_PASSWORD=" + adminPassword, "TAX_RATE=0.08", "SHOP_CURRENCY=USD",
		"RATE_LIMIT_MAX=0", "RATE_LIMIT_WINDOW=", "TRUSTED_PROXIES=127.0.0.0/8", "CORS_ORIGINS=", "MAX_CONNECTIONS_PER_ADDRESS=0",
		"EMAIL_PROVIDER=", "DATA_DIR=" + w.dir, "RESERVATION_TTL=30m",
		"FRAUD_DECLINES_PER_IP=0", "FRAUD_DECLINES_PER_EMAIL=0", "FRAUD_DECLINES_PER_SESSION=0", "FRAUD_DECLINES_PER_CARD=0",
		"FRAUD_CARDS_PER_IP=0", "FRAUD_CARDS_PER_EMAIL=0", "FRAUD_CARDS_PER_SESSION=0", "FRAUD_EMAILS_PER_CARD=0",
		"FRAUD_INTENTS_PER_IP=0", "FRAUD_ORDER_SHARE=0", "FRAUD_HELD_SHARE=0", "FRAUD_UNITS_PER_LINE=0", "FRAUD_UNITS_PER_ORDER=0",
	}
}

// serve migrates and starts two servers.
func (w *world) serve(ctx context.Context) error {
	if output, err := w.command(ctx, "migrate", "up"); err != nil {
		return fmt.Errorf("migrate: %w: %s", err, output)
	}
	var addresses []string
	for _, name := range []string{"server-a", "server-b"} {
		s, err := newServer(name, w.shop, w.dir, w.environment())
		if err != nil {
			return err
		}
		s.fail, s.excused = w.fail, w.excused
		w.servers, addresses = append(w.servers, s), append(addresses, s.address)
		go s.keep()
		if err := s.awaitReady(ctx, time.Minute); err != nil {
			return err
		}
	}
	w.front.to(addresses...)
	w.client = newClient(addresses)
	return nil
}

// command runs the binary to its end.
func (w *world) command(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.shop, args...)
	cmd.Env = append(cmd.Environ(), w.environment()...)
	output, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(output)), err
}

// excused tells whether a server may end by itself: what it needs to start is away.
func (w *world) excused() bool { return !w.isCalm() }

func (w *world) isCalm() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calm
}

// harm begins a time in which answers may be lost; heal ends it.
func (w *world) harm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calm = false
}

// heal lets everything run again as it should.
func (w *world) heal(ctx context.Context) error {
	w.db.proxy.slow(0)
	w.stripe.slow(0)
	w.db.proxy.refuse(false)
	w.stripe.refuse(false)
	if err := errors.Join(w.sim.chaos(ctx, 0, 0), w.sim.version(ctx, "")); err != nil {
		return err
	}
	for _, s := range w.servers {
		s.signal(syscall.SIGCONT, false)
		if s.isArmed() {
			s.rearm("")
		}
	}
	for _, s := range w.servers {
		if err := s.awaitReady(ctx, time.Minute); err != nil {
			return err
		}
	}
	w.client.forget()
	if err := w.awaitStripe(ctx); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calm = true
	return nil
}

// stripePatience is how long a server may hold back what it would send to Stripe, once Stripe is well again.
const stripePatience = 20 * time.Second

// awaitStripe buys at each server until one purchase is paid there: a server sends nothing for a while where Stripe kept
// failing.
func (w *world) awaitStripe(ctx context.Context) error {
	for _, s := range w.servers {
		for try, until := 0, time.Now().Add(stripePatience); ; try++ {
			chance := w.plan.chance("heal", s.name, fmt.Sprint(len(w.deals)), fmt.Sprint(try))
			d := w.newDeal(chance, w.choose(chance))
			d.client = newClient([]string{s.address})
			if err := d.fill(ctx); err != nil {
				return err
			}
			if d.place(ctx, 8); d.order != "" && d.pay(ctx, visa, 1).Success {
				break
			}
			if time.Now().After(until) {
				w.fail("%s sells nothing %s after everything was well again", s.name, stripePatience)
				break
			}
			pause(ctx, 500*time.Millisecond)
		}
	}
	return nil
}

// close ends all of it.
func (w *world) close() (err error) {
	for _, s := range w.servers {
		s.close()
	}
	if w.sim != nil {
		w.sim.close()
	}
	for _, p := range []*proxy{w.stripe, w.front} {
		if p != nil {
			p.close()
		}
	}
	if w.db != nil {
		err = w.db.close()
	}
	if w.options.keep || w.broken() > 0 && w.options.verbose {
		w.say("logs are in %s", w.dir)
		return err
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}
