package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

func (s *Server) getAlive(w http.ResponseWriter, _ *http.Request) error {
	return writePlain(w, http.StatusOK, "ok\n")
}

// getReady reports whether commands can be decided and questions answered; why not, the log tells.
func (s *Server) getReady(w http.ResponseWriter, r *http.Request) error {
	if err := s.ready(r.Context()); err != nil {
		s.cfg.Logger.Warn("not ready", "error", err)
		if unreadable := new(wire.Unreadable); errors.As(err, &unreadable) {
			return writePlain(w, http.StatusServiceUnavailable, "not ready: "+unreadable.Message().In(langOf(r))+"\n")
		}
		return writePlain(w, http.StatusServiceUnavailable, "not ready: the service's log says why\n")
	}
	return writePlain(w, http.StatusOK, "ok\n")
}

func writePlain(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a client that is gone needs no answer
	return nil
}

func (s *Server) ready(ctx context.Context) error {
	if broken := s.cfg.Ledger.Broken(); broken != nil {
		return broken
	}
	if err := s.cfg.Projector.Err(); err != nil {
		return fmt.Errorf("the projection has halted: %w", err)
	}
	if err := s.cfg.Ledger.Err(); err != nil {
		return fmt.Errorf("nothing is decided: %w", err)
	}
	if p := s.cfg.Proof; p != nil && p.Notary != nil && p.Notary.Err() != nil {
		return fmt.Errorf("the log is not the one that was signed: %w", p.Notary.Err())
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := s.cfg.Ledger.Log().Last(ctx); err != nil {
		return fmt.Errorf("the log does not answer: %w", err)
	}
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
	for _, c := range []prometheus.Collector{m.requests, m.streams} {
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
	shown := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	if s.cfg.OpenMetrics {
		return shown
	}
	return Only(shown, domain.Admin, domain.Auditor, domain.Analyst)
}
