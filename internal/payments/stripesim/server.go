package stripesim

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// APIVersion is the only Stripe API version spoken; another Stripe-Version is refused.
const APIVersion = "2023-10-16"

// Config configures a [Server]. The zero value works: in memory, no webhooks.
type Config struct {
	// StateFile keeps the state over restarts. Empty means memory only.
	StateFile string
	// WebhookURL receives signed events; empty means events are only recorded.
	WebhookURL string
	// WebhookSecret signs them ("whsec_…").
	WebhookSecret string
	// PublicURL is where a browser reaches the stand-in, for next_action links.
	// Empty means the host of the request that asked.
	PublicURL string
	// Delivery says how webhooks travel.
	Delivery Delivery
	// Intercept, when set, sees every validated POST and DELETE before it takes effect. It may
	// block, and its answer may replace or lose the result.
	Intercept func(Call) Fault
	// InterceptReads shows Intercept every GET as well.
	InterceptReads bool
	// EventVersion is the API version that events are written for, as an account's default or its
	// endpoint may name another one than requests do; empty means APIVersion.
	EventVersion string
	// LetHighestRisk says the account does not block the payments of pm_card_riskLevelHighest, which
	// the dashboard may allow.
	LetHighestRisk bool
	// Now is the clock of every timestamp, webhook signatures included.
	Now func() time.Time
	// Logger gets warnings about the snapshot file and undeliverable events.
	Logger *slog.Logger
	// HTTPClient delivers webhooks.
	HTTPClient *http.Client
}

// Server is one Stripe account in test mode. It is an [http.Handler] and safe for
// concurrent use; Close it to stop its goroutines.
type Server struct {
	now       func() time.Time
	log       *slog.Logger
	intercept func(Call) Fault
	// interceptReads is Config's.
	interceptReads bool
	publicURL      string
	// letHighestRisk is Config's.
	letHighestRisk bool
	mux            *http.ServeMux
	outbox         *outbox
	snapshots      *snapshotter

	mu sync.Mutex
	// eventVersion is what SetEventVersion says.
	eventVersion string
	state        state
	inFlight     map[string]bool // idempotency keys of requests still running
}

// New starts a stand-in. A missing or unreadable StateFile starts an empty account;
// the latter is logged. Events not yet delivered when it last stopped are sent now.
func New(cfg Config) (*Server, error) {
	s := &Server{
		now: cfg.Now, log: cfg.Logger, intercept: cfg.Intercept, publicURL: cfg.PublicURL,
		interceptReads: cfg.InterceptReads, eventVersion: cfg.EventVersion,
		letHighestRisk: cfg.LetHighestRisk, inFlight: map[string]bool{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.state = newState()
	if cfg.StateFile != "" {
		if err := prepareStateFile(cfg.StateFile); err != nil {
			return nil, err
		}
		s.state = loadState(cfg.StateFile, s.log)
	}
	s.mux = s.routes()
	s.outbox = newOutbox(cfg, s.now, s.log, s.delivered)
	if cfg.StateFile != "" {
		s.snapshots = startSnapshots(cfg.StateFile, s.encodeState, s.log)
	}
	s.resume()
	return s, nil
}

// Close stops webhook delivery, writes the last snapshot and waits for both.
// Requests served afterwards still work but are neither delivered nor saved.
func (s *Server) Close() error {
	s.outbox.close()
	return s.snapshots.close()
}

// SetWebhook points later deliveries at url, signed with secret. Events still queued
// follow. An empty url only records events from now on.
func (s *Server) SetWebhook(url, secret string) { s.outbox.setTarget(url, secret) }

// SetEventVersion has later events written for another API version, as when an account is upgraded.
func (s *Server) SetEventVersion(version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.eventVersion = version
}

// Drain waits until every queued event has been delivered or given up.
func (s *Server) Drain(ctx context.Context) error { return s.outbox.drain(ctx) }

// ServeHTTP answers Stripe's API under /v1/ and the stand-in's own pages elsewhere.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// resume queues the events a previous run did not deliver.
func (s *Server) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ev := range s.state.Events.items {
		if ev.PendingWebhooks > 0 {
			s.outbox.add(*ev)
		}
	}
}

// delivered notes that an event no longer waits for the receiver.
func (s *Server) delivered(eventID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ev := s.state.Events.get(eventID); ev != nil {
		ev.PendingWebhooks = 0
		s.snapshots.changed()
	}
}
