package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// readTimeout is what reading gauges may take of a scrape.
const readTimeout = 3 * time.Second

// Gauge names one thing that is read when the page is.
type Gauge struct {
	Name, Help string
	Label      string // "" when there is one value alone
}

// Value is what was read of a gauge.
type Value struct {
	Gauge *Gauge
	Label string
	Value float64
}

// Read adds gauges that read answers together, each time the page is read. While it fails they are left out.
func (m *Metrics) Read(read func(context.Context) ([]Value, error), gauges ...*Gauge) {
	r := &reader{read: read, known: map[*Gauge]*prometheus.Desc{}}
	for _, gauge := range gauges {
		var labels []string
		if gauge.Label != "" {
			labels = []string{gauge.Label}
		}
		r.known[gauge] = prometheus.NewDesc(gauge.Name, gauge.Help, labels, nil)
	}
	m.registry.MustRegister(r)
}

type reader struct {
	read  func(context.Context) ([]Value, error)
	known map[*Gauge]*prometheus.Desc
}

// Describe names the gauges.
func (r *reader) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range r.known {
		descs <- desc
	}
}

// Collect reads them.
func (r *reader) Collect(found chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	values, err := r.read(ctx)
	if err != nil {
		for _, desc := range r.known {
			found <- prometheus.NewInvalidMetric(desc, err)
		}
		return
	}
	for _, value := range values {
		var labels []string
		if value.Gauge.Label != "" {
			labels = []string{value.Label}
		}
		found <- prometheus.MustNewConstMetric(r.known[value.Gauge], prometheus.GaugeValue, value.Value, labels...)
	}
}
