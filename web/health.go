package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/fundledger/fundledger/domain"
)

func (s *Server) getAlive(w http.ResponseWriter, _ *http.Request) error {
	return writePlain(w, http.StatusOK, "ok\n")
}

// getReady reports whether commands can be decided and questions answered; if not, what is missing; and how far the tables are.
func (s *Server) getReady(w http.ResponseWriter, r *http.Request) error {
	err := s.ready(r.Context())
	c, looked := s.watch.condition(r.Context())
	lag := fmt.Sprintf("lag: %d events, %d seconds\n", c.behind, int(c.late.Seconds()))
	if err == nil && looked && len(c.faults()) == 0 {
		return writePlain(w, http.StatusOK, "ok\n"+lag)
	}
	s.cfg.Logger.Warn("not ready", "error", err)
	text := ""
	for _, p := range c.faults() {
		text += "not ready: " + p.Code + ": " + p.In(langOf(r)).Detail + "\n"
	}
	if p := ErrorProblem(err); p.Code != "fault" {
		text += "not ready: " + p.Code + ": " + p.In(langOf(r)).Detail + "\n"
	} else if err != nil || !looked {
		text += "not ready: the service's log says why\n"
	}
	return writePlain(w, http.StatusServiceUnavailable, text+lag)
}

func writePlain(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a client that is gone needs no answer
	return nil
}

// ready is why nothing is decided or projected any more.
func (s *Server) ready(ctx context.Context) error {
	if broken := s.cfg.Ledger.Broken(); broken != nil {
		return broken
	}
	if err := s.cfg.Ledger.Err(); err != nil {
		return fmt.Errorf("nothing is decided: %w", err)
	}
	if err := s.cfg.Projector.Err(); err != nil {
		return fmt.Errorf("the projection has halted: %w", err)
	}
	if p := s.cfg.Proof; p != nil && p.Notary != nil && p.Notary.Err() != nil {
		return fmt.Errorf("the log is not the one that was signed: %w", p.Notary.Err())
	}
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	if err := s.cfg.Ledger.View(ctx, func(*domain.State, uint64) {}); err != nil {
		return fmt.Errorf("the ledger does not answer: %w", err)
	}
	return nil
}

// metrics count what is asked and how long it takes.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	streams  prometheus.GaugeFunc
}

func newMetrics(registry *prometheus.Registry, s *Server) (*metrics, error) {
	m := &metrics{registry: registry}
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "fundledger_http_seconds", Help: "Duration of requests by route and status.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 2.5, 12)}, []string{"method", "route", "status"})
	m.streams = prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "fundledger_http_streams", Help: "Live connections."}, func() float64 { return float64(s.streams.open()) })
	ready := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "fundledger_ready", Help: "1: commands are decided and questions answered, as /readyz says; 0: they are not."}, func() float64 {
		c, looked := s.watch.condition(s.ctx)
		if !looked || len(c.faults()) > 0 || s.ready(s.ctx) != nil {
			return 0
		}
		return 1
	})
	for _, c := range append(s.watch.metrics(), m.requests, m.streams, ready) {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("registering the metrics of the web server: %w", err)
		}
	}
	return m, nil
}

// answered counts a request under its route: never under its path, which may be anything.
func (m *metrics) answered(method, pattern string, status int, took time.Duration) {
	_, path := splitPattern(pattern)
	if path == "" {
		path = "none"
	}
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodHead:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(method, path, fmt.Sprint(status)).Observe(took.Seconds())
}

// handler shows the metrics, to anybody where they are open, else to those who keep or audit the ledger.
func (m *metrics) handler(s *Server) http.Handler {
	shown := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
	if s.cfg.OpenMetrics {
		return shown
	}
	return Only(shown, domain.Admin, domain.Auditor, domain.Analyst)
}
