package outward

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are what the telling counts.
type Metrics struct {
	deliveries *prometheus.CounterVec
	seconds    prometheus.Histogram
	queued     *prometheus.CounterVec
}

// What became of a delivery.
const (
	outcomeDelivered   = "delivered"
	outcomeRefused     = "refused"     // by the receiver
	outcomeUnreachable = "unreachable" // it was away
)

// NewMetrics registers them.
func NewMetrics(with prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fundledger_webhook_deliveries_total",
			Help: "Tries to tell a webhook, by what became of them: delivered, refused (by the receiver), unreachable."}, []string{"webhook", "outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "fundledger_webhook_delivery_seconds", Help: "Duration of one try.",
			Buckets: prometheus.ExponentialBuckets(0.002, 4, 7)}),
		queued: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fundledger_webhook_poisoned_total",
			Help: "What a webhook's receiver refused until it was laid into the poison queue."}, []string{"webhook"}),
	}
	for _, c := range []prometheus.Collector{m.deliveries, m.seconds, m.queued} {
		if err := with.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Metrics) delivered(webhook string, err error, took time.Duration) {
	if m == nil || errors.Is(err, context.Canceled) {
		return
	}
	outcome := outcomeDelivered
	switch {
	case isRefused(err):
		outcome = outcomeRefused
	case err != nil:
		outcome = outcomeUnreachable
	}
	m.deliveries.WithLabelValues(webhook, outcome).Inc()
	m.seconds.Observe(took.Seconds())
}

func (m *Metrics) poisoned(webhook string) {
	if m != nil {
		m.queued.WithLabelValues(webhook).Inc()
	}
}

var (
	behind      = prometheus.NewDesc("fundledger_webhook_behind_events", "Events that a webhook was not told of yet.", []string{"webhook"}, nil)
	undelivered = prometheus.NewDesc("fundledger_webhook_undelivered", "What lies in a webhook's poison queue.", []string{"webhook"}, nil)
)

// Describe is as [prometheus.Collector] says.
func (w *Webhooks) Describe(to chan<- *prometheus.Desc) { to <- behind; to <- undelivered }

// Collect says where the webhooks stand; nothing where nobody answers for the log.
func (w *Webhooks) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, hook := range w.all() {
		standing, err := w.standing(ctx, hook)
		if err == nil {
			to <- prometheus.MustNewConstMetric(behind, prometheus.GaugeValue, float64(standing.Behind), hook.String())
		}
		waiting, counting := w.waiting(ctx, hook)
		if counting == nil {
			to <- prometheus.MustNewConstMetric(undelivered, prometheus.GaugeValue, float64(waiting), hook.String())
		}
		if err = errors.Join(err, counting); err != nil {
			w.cfg.Logger.Debug("where a webhook stands cannot be said", "webhook", hook.String(), "error", err)
		}
	}
}
