package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections/postgres"
)

type serveCmd struct {
	Listen string `help:"Where the service answers; port 0 takes a free one. / 监听地址" default:"127.0.0.1:8080" env:"FUNDLEDGER_LISTEN" placeholder:"ADDR"`
}

// Run runs the service until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, s *Settings) error {
	in, err := s.open(ctx, purpose{create: true})
	if err != nil {
		return err
	}
	defer in.close()
	if in.attached {
		return fmt.Errorf(s.say("进程 %d 已在使用 %s", "process %d already runs on %s"), in.owner.PID, in.dir)
	}
	return s.serve(ctx, in, c.Listen)
}

// service is everything that runs while the ledger is served.
type service struct {
	ledger    *ledger.Ledger
	projector *postgres.Projector
	queries   *postgres.Queries
	registry  *prometheus.Registry
}

// startService opens the ledger and keeps its projections up to date.
func (s *Settings) startService(ctx context.Context, in *infrastructure) (*service, error) {
	v := &service{registry: prometheus.NewRegistry()}
	v.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics, err := postgres.NewMetrics(v.registry)
	if err != nil {
		return nil, err
	}
	if err := postgres.Migrate(ctx, in.databaseURL); err != nil {
		return nil, err
	}
	cfg := in.ledgerConfig(s)
	replay := s.progress(s.say("重放日志", "replaying the log"))
	cfg.Progress = func(position, end uint64) { replay.at(int64(position), int64(end)) }
	cfg.Grouped = groupMetrics(v.registry)
	v.ledger, err = ledger.Open(ctx, in.nc, cfg)
	replay.done()
	if err != nil {
		return nil, err
	}
	v.projector, err = postgres.Start(ctx, postgres.Config{URL: in.databaseURL, Source: v.ledger.Log(), Log: in.logName(), Logger: s.logger, Metrics: metrics})
	if err != nil {
		v.stop()
		return nil, err
	}
	if v.queries, err = postgres.OpenQueries(ctx, in.databaseURL, nil); err != nil {
		v.stop()
		return nil, err
	}
	return v, nil
}

// groupMetrics counts appends.
func groupMetrics(with prometheus.Registerer) func(events int, took time.Duration) {
	events := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "fundledger_append_events", Help: "Events of one append.", Buckets: prometheus.ExponentialBuckets(1, 4, 6)})
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "fundledger_append_seconds", Help: "Duration of one append, with the sync of the disk.", Buckets: prometheus.ExponentialBuckets(0.0002, 2, 14)})
	with.MustRegister(events, seconds)
	return func(n int, took time.Duration) {
		events.Observe(float64(n))
		seconds.Observe(took.Seconds())
	}
}

// stop ends the service, what stands on other parts first.
func (v *service) stop() {
	if v.ledger != nil {
		v.ledger.Close()
	}
	if v.projector != nil {
		v.projector.Stop()
	}
	if v.queries != nil {
		v.queries.Close()
	}
}

// serve answers until ctx ends, or the projection halts.
func (s *Settings) serve(ctx context.Context, in *infrastructure, listen string) error {
	v, err := s.startService(ctx, in)
	if err != nil {
		return err
	}
	defer v.stop()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf(s.say("无法监听 %s:%w(请用 --listen 另选地址)", "listening on %s: %w (choose another address with --listen)"), listen, err)
	}
	if err := in.announce(listener.Addr().String()); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: v.handler(), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(s.stderr, s.say("服务地址 http://%s (按 Ctrl+C 停止)\n", "serving on http://%s (Ctrl+C stops)\n"), listener.Addr())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case <-ctx.Done():
	case err := <-failed:
		return err
	case <-v.projector.Done():
		err = fmt.Errorf(s.say("投影已停止:%w", "the projection has halted: %w"), v.projector.Err())
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(draining))
}

// handler answers health, readiness and metrics.
func (v *service) handler() http.Handler {
	mux := http.NewServeMux()
	alive := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) }
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /livez", alive)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := v.ready(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(v.registry, promhttp.HandlerOpts{}))
	return mux
}

// ready reports whether commands can be decided and questions answered.
func (v *service) ready(ctx context.Context) error {
	if err := v.projector.Err(); err != nil {
		return fmt.Errorf("the projection has halted: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := v.ledger.Log().Last(ctx); err != nil {
		return fmt.Errorf("the log does not answer: %w", err)
	}
	return nil
}

type healthCmd struct {
	URL string `arg:"" optional:"" help:"The service." default:"http://127.0.0.1:8080"`
}

// Run asks a service whether it is ready: for containers, whose images have no other program to ask with.
func (c *healthCmd) Run(ctx context.Context, _ *Settings) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"/readyz", nil)
	if err != nil {
		return usageError{err}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", c.URL, response.Status)
	}
	return nil
}
