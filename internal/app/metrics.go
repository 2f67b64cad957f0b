package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"cartwright/internal/inventory"
	"cartwright/internal/jobs"
	"cartwright/internal/metrics"
	"cartwright/internal/payments"
	"cartwright/internal/postgres"
)

// What is read when the metrics are.
var (
	connections = &metrics.Gauge{Name: "cartwright_database_connections", Label: "state", Help: "Connections to PostgreSQL: idle, in use, and the most there may be."}
	backlog     = &metrics.Gauge{Name: "cartwright_jobs", Label: "state", Help: "Jobs of all processes by state: available, running, retryable (failed, to be tried again), scheduled, discarded (given up lately)."}
	waiting     = &metrics.Gauge{Name: "cartwright_jobs_waiting_seconds", Help: "How long the job that could run has waited longest."}
	setAside    = &metrics.Gauge{Name: "cartwright_stripe_events_set_aside", Help: "Events of Stripe that contradict what is known and wait for a person."}
	disagreeing = &metrics.Gauge{Name: "cartwright_payment_findings_open", Help: "Payments that disagree with Stripe and wait for a person."}
	swept       = &metrics.Gauge{Name: "cartwright_stripe_events_swept_timestamp_seconds", Help: "Until when every event of Stripe is known to be in the inbox, however it came."}
	heldUnits   = &metrics.Gauge{Name: "cartwright_stock_held_unpaid_units", Help: "Units of stock that unpaid orders hold."}
	heldOrders  = &metrics.Gauge{Name: "cartwright_stock_held_unpaid_orders", Help: "Unpaid orders that hold stock."}
)

// watch has the metrics tell of the pool, the jobs and the inbox.
func watch(m *metrics.Metrics, db *postgres.DB, queue *jobs.Queue, inbox *payments.Service, stock *inventory.Service) {
	m.Read(func(context.Context) ([]metrics.Value, error) {
		pool := db.Pool().Stat()
		return []metrics.Value{
			{Gauge: connections, Label: "idle", Value: float64(pool.IdleConns())},
			{Gauge: connections, Label: "in_use", Value: float64(pool.AcquiredConns())},
			{Gauge: connections, Label: "most", Value: float64(pool.MaxConns())},
		}, nil
	}, connections)
	m.Read(func(ctx context.Context) ([]metrics.Value, error) {
		found, err := queue.Backlog(ctx)
		values := []metrics.Value{{Gauge: waiting, Value: found.Waiting.Seconds()}}
		for state, count := range found.ByState {
			values = append(values, metrics.Value{Gauge: backlog, Label: state, Value: float64(count)})
		}
		return values, err
	}, backlog, waiting)
	m.Read(func(ctx context.Context) ([]metrics.Value, error) {
		units, orders, err := stock.HeldUnpaid(ctx)
		return []metrics.Value{{Gauge: heldUnits, Value: float64(units)}, {Gauge: heldOrders, Value: float64(orders)}}, err
	}, heldUnits, heldOrders)
	m.Read(func(ctx context.Context) ([]metrics.Value, error) {
		count, err := inbox.CountSetAside(ctx)
		if err != nil {
			return nil, err
		}
		open, err := inbox.CountOpen(ctx)
		if err != nil {
			return nil, err
		}
		until, err := inbox.SweptUntil(ctx)
		return []metrics.Value{
			{Gauge: setAside, Value: float64(count)}, {Gauge: disagreeing, Value: float64(open)}, {Gauge: swept, Value: float64(until.Unix())},
		}, err
	}, setAside, disagreeing, swept)
}

// serveMetrics serves /metrics on an address of its own, which is nobody's who only shops, until the answer is called.
func (s *Shop) serveMetrics(ctx context.Context) (stop func(), err error) {
	if s.metricsAt == "" {
		return func() {}, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.metricsAt)
	if err != nil {
		return nil, fmt.Errorf("listen on METRICS_ADDRESS: %w", err)
	}
	pages := http.NewServeMux()
	pages.Handle("GET /metrics", s.metrics.Handler())
	server := &http.Server{Handler: pages, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: 10 * time.Second, MaxHeaderBytes: maxHeaderBytes}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}
