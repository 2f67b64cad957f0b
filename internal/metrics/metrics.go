package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are those of one process.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	events   *prometheus.CounterVec
	calls    *prometheus.HistogramVec
	heldBack prometheus.Gauge

	security  *prometheus.CounterVec
	untrusted prometheus.Counter
}

// New makes them, with those of the Go runtime and the process.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cartwright_http_request_duration_seconds",
			Help: "Requests by operation of the spec, which is empty for pages and unknown addresses, and by status.",
			// The targets of the design are among them.
			Buckets: []float64{.001, .0025, .005, .01, .025, .04, .1, .2, .5, 1, 2.5, 10, 30},
		}, []string{"operation", "status"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cartwright_stripe_events_total",
			Help: "Events of Stripe by type, \"other\" for those of no interest, and by what became of them: applied, ignored, set_aside, repeated, failed.",
		}, []string{"type", "outcome"}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "cartwright_stripe_request_duration_seconds",
			Help:    "Requests sent to Stripe by kind of object and by status, which is \"none\" where no answer came and \"held_back\" where none was sent.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"object", "status"}),
		heldBack: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "cartwright_stripe_held_back", Help: "1 while nothing is sent to Stripe because it keeps failing, else 0.",
		}),
		security: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cartwright_security_events_total",
			Help: "What attacks look like, by event: sign_in_failed, sign_in_locked_out, refresh_token_reused, forbidden, payment_refused.",
		}, []string{"event"}),
		untrusted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "cartwright_untrusted_forwarded_total",
			Help: "Requests with X-Forwarded-For or Forwarded from a peer that TRUSTED_PROXIES does not name.",
		}),
	}
	m.registry.MustRegister(m.requests, m.events, m.calls, m.heldBack, m.security, m.untrusted, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewBuildInfoCollector())
	return m
}

// Handler is the page.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4})
}

// Request counts a request that was answered.
func (m *Metrics) Request(operation string, status int, took time.Duration) {
	if m != nil {
		m.requests.WithLabelValues(operation, strconv.Itoa(status)).Observe(took.Seconds())
	}
}

// Event counts an event of the payment provider.
func (m *Metrics) Event(kind, outcome string) {
	if m != nil {
		m.events.WithLabelValues(kind, outcome).Inc()
	}
}

// Call counts a request to the payment provider.
func (m *Metrics) Call(object, status string, took time.Duration) {
	if m != nil {
		m.calls.WithLabelValues(object, status).Observe(took.Seconds())
	}
}

// Security counts an event of the security log.
func (m *Metrics) Security(event string) {
	if m != nil {
		m.security.WithLabelValues(event).Inc()
	}
}

// Untrusted counts a request whose word on where it comes from does not count.
func (m *Metrics) Untrusted() {
	if m != nil {
		m.untrusted.Inc()
	}
}

// HeldBack tells whether requests to the payment provider are held back.
func (m *Metrics) HeldBack(held bool) {
	if m == nil {
		return
	}
	m.heldBack.Set(0)
	if held {
		m.heldBack.Set(1)
	}
}
