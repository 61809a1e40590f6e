package postgres

import (
	"context"
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
		retries:   prometheus.NewCounter(prometheus.CounterOpts{Name: "fundledger_projection_retries_total", Help: "Attempts that waited for the database."}),
		haltState: prometheus.NewGauge(prometheus.GaugeOpts{Name: "fundledger_projection_halted", Help: "1 when the projection has halted on an error."}),
	}
	for _, c := range []prometheus.Collector{m.position, m.events, m.batches, m.seconds, m.retries, m.haltState} {
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

// poolMetrics say how the database answers questions. One that does not answer is waited for a moment, and said to be down.
type poolMetrics struct {
	of                                              *Queries
	up, size, most, open, busy, idle, waits, waited *prometheus.Desc
}

// Collector measures the database and the connections to it, each time that it is asked.
func (q *Queries) Collector() prometheus.Collector {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("fundledger_database_"+name, help, nil, nil)
	}
	return &poolMetrics{of: q,
		up:     desc("up", "1: PostgreSQL answers questions; 0: it does not."),
		size:   desc("bytes", "Size of the database."),
		most:   desc("connections_max", "Connections for questions that there may be at once."),
		open:   desc("connections", "Connections for questions that are open."),
		busy:   desc("connections_busy", "Connections for questions that are in use."),
		idle:   desc("connections_idle", "Connections for questions that wait for one."),
		waits:  desc("connection_waits_total", "Questions that waited for a connection, because all were in use."),
		waited: desc("connection_wait_seconds_total", "How long questions have waited for a connection."),
	}
}

// Describe is as [prometheus.Collector] says.
func (m *poolMetrics) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, to) }

// Collect is as [prometheus.Collector] says.
func (m *poolMetrics) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var bytes int64
	if err := m.of.pool.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&bytes); err != nil {
		gauge(m.up, 0)
	} else {
		gauge(m.up, 1)
		gauge(m.size, float64(bytes))
	}
	s := m.of.pool.Stat()
	gauge(m.most, float64(s.MaxConns()))
	gauge(m.open, float64(s.TotalConns()))
	gauge(m.busy, float64(s.AcquiredConns()))
	gauge(m.idle, float64(s.IdleConns()))
	to <- prometheus.MustNewConstMetric(m.waits, prometheus.CounterValue, float64(s.EmptyAcquireCount()))
	to <- prometheus.MustNewConstMetric(m.waited, prometheus.CounterValue, s.EmptyAcquireWaitTime().Seconds())
}
