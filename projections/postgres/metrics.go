package postgres

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fundledger/fundledger/projections"
)

// Metrics are what a projector counts. A nil *Metrics counts nothing.
type Metrics struct {
	position  prometheus.Gauge
	events    prometheus.Counter
	batches   prometheus.Histogram
	seconds   prometheus.Histogram
	lag       prometheus.Gauge
	retries   prometheus.Counter
	haltState prometheus.Gauge
}

// NewMetrics registers a projector's metrics.
func NewMetrics(with prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		position: prometheus.NewGauge(prometheus.GaugeOpts{Name: "fundledger_projection_position", Help: "Position of the last event in the tables."}),
		events:   prometheus.NewCounter(prometheus.CounterOpts{Name: "fundledger_projection_events_total", Help: "Events projected by this process."}),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "fundledger_projection_batch_events", Help: "Events in a transaction.",
			Buckets: prometheus.ExponentialBuckets(1, 4, 8)}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "fundledger_projection_batch_seconds", Help: "Duration of a transaction.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 12)}),
		lag: prometheus.NewGauge(prometheus.GaugeOpts{Name: "fundledger_projection_lag_seconds",
			Help: "From the recording of the last projected event to its being in the tables."}),
		retries:   prometheus.NewCounter(prometheus.CounterOpts{Name: "fundledger_projection_retries_total", Help: "Attempts that waited for the database."}),
		haltState: prometheus.NewGauge(prometheus.GaugeOpts{Name: "fundledger_projection_halted", Help: "1 when the projection has halted on an error."}),
	}
	for _, c := range []prometheus.Collector{m.position, m.events, m.batches, m.seconds, m.lag, m.retries, m.haltState} {
		if err := with.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Metrics) projected(b *projections.Batch, took time.Duration) {
	if m == nil {
		return
	}
	m.position.Set(float64(b.Last))
	m.events.Add(float64(b.Len()))
	m.batches.Observe(float64(b.Len()))
	m.seconds.Observe(took.Seconds())
	m.lag.Set(time.Since(b.Recorded()).Seconds())
}

func (m *Metrics) retried() {
	if m != nil {
		m.retries.Inc()
	}
}

func (m *Metrics) halted() {
	if m != nil {
		m.haltState.Set(1)
	}
}
