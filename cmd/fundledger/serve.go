package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/web/pages"
	"github.com/fundledger/fundledger/wire"
)

type serveCmd struct {
	Outside
	Proving
}

// Run runs the service until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, s *Settings) error {
	if err := c.check(s); err != nil {
		return err
	}
	in, err := s.open(ctx, purpose{create: true})
	if err != nil {
		return err
	}
	defer in.close()
	if in.attached {
		return fmt.Errorf(s.say("进程 %d 已在使用 %s", "process %d already runs on %s"), in.owner.PID, in.dir)
	}
	return s.serve(ctx, in, c.Outside, c.Proving, false)
}

// service is everything that runs while the ledger is served.
type service struct {
	ledger    *ledger.Ledger
	projector *postgres.Projector
	queries   *postgres.Queries
	registry  *prometheus.Registry
	proof     *web.Proof
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
	if v.proof != nil {
		v.proof.Watch.Close()
		v.proof.Notary.Close() // signs what came last
	}
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
func (s *Settings) serve(ctx context.Context, in *infrastructure, outside Outside, proving Proving, demo bool) error {
	v, err := s.startService(ctx, in)
	if errors.Is(err, postgres.ErrRewritten) {
		err = s.alarm(err)
	}
	if errors.Is(err, eventstore.ErrShort) { // it ends before what is projected already
		err = s.alarm(fmt.Errorf("%w: %w", proof.ErrRolledBack, err))
	}
	if err != nil {
		return err
	}
	defer v.stop()
	if err := s.prove(ctx, in, v, proving); err != nil {
		return err
	}
	users, err := web.OpenUsers(in.usersFile(), nil, s.logger)
	if err != nil {
		return err
	}
	if demo {
		if err := s.demoUsers(ctx, v, users); err != nil {
			return err
		}
	}
	config := web.Config{Fund: in.fund, Ledger: v.ledger, Queries: v.queries, Projector: v.projector, Users: users, NATS: in.nc,
		Registry: v.registry, Logger: s.logger, Pages: pages.New(), Proof: v.proof, OpenTiles: proving.OpenTiles}
	outside.fill(&config)
	secured, err := outside.secured(s.logger)
	if err != nil {
		return usageError{err}
	}
	site, err := web.New(config)
	if err != nil {
		return err
	}
	defer site.Close()
	listener, err := net.Listen("tcp", outside.Listen)
	if err != nil {
		return fmt.Errorf(s.say("无法监听 %s：%w（请用 --listen 另选地址）", "listening on %s: %w (choose another address with --listen)"), outside.Listen, err)
	}
	if err := in.announce(listener.Addr().String()); err != nil {
		return errors.Join(err, listener.Close())
	}
	scheme := "http"
	if secured != nil {
		scheme = "https"
	}
	fmt.Fprintf(s.stderr, s.say("服务地址 %s://%s（按 Ctrl+C 停止）\n", "serving on %s://%s (Ctrl+C stops)\n"), scheme, listener.Addr())
	if address, ok := listener.Addr().(*net.TCPAddr); ok && !config.Secure && !address.IP.IsLoopback() {
		s.logger.Warn("passwords and tokens go unencrypted to whoever asks from elsewhere: give --tls-cert, or set a proxy before it and say --behind-proxy", "address", address)
	}
	if len(users.List()) == 0 {
		fmt.Fprintln(s.stderr, s.say("尚无用户；请另开终端运行 fundledger user add", "there are no users yet; add one with \"fundledger user add\" in another terminal"))
	}
	server := site.HTTP()
	failed := make(chan error, 1)
	go func() {
		if server.TLSConfig = secured; secured != nil {
			failed <- server.ServeTLS(listener, "", "")
			return
		}
		failed <- server.Serve(listener)
	}()
	err = s.untilEnd(ctx, v, failed)
	site.Close() // live connections would be waited for
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(draining))
}

// untilEnd waits until the service ends, and says why. Where the log is not the one that was taken in or signed, nothing more is decided,
// signed or projected; the service goes on answering that, so that whoever asks, and whoever watches, learns why.
func (s *Settings) untilEnd(ctx context.Context, v *service, failed <-chan error) (err error) {
	notary, halted, projected := v.proof.Notary.Done(), v.ledger.Halted(), v.projector.Done()
	for {
		select {
		case <-ctx.Done():
			return err
		case failure := <-failed:
			return errors.Join(err, failure)
		case <-projected:
			if why := v.projector.Err(); errors.Is(why, eventstore.ErrGap) || errors.Is(why, eventstore.ErrShort) {
				v.ledger.Halt(why)
				projected = nil
				continue
			}
			var broken *wire.Unreadable
			if errors.As(v.projector.Err(), &broken) { // what lies before it is shown on, and /readyz says so
				s.logger.Error("ALARM", "what", broken.Message().In(s.lang()))
				projected = nil
				continue
			}
			return fmt.Errorf(s.say("投影已停止：%w", "the projection has halted: %w"), v.projector.Err())
		case <-notary:
			if errors.Is(v.proof.Notary.Err(), proof.ErrReplaced) {
				return s.alarm(v.proof.Notary.Err())
			}
			v.ledger.Halt(v.proof.Notary.Err())
			notary = nil
		case <-halted:
			err = s.alarm(v.ledger.Err())
			v.proof.Notary.Halt(v.ledger.Err())
			v.projector.Stop()
			notary, halted, projected = nil, nil, nil
		}
	}
}

// demoUsers makes one user a role, once, and prints their passwords: they are in no file.
func (s *Settings) demoUsers(ctx context.Context, v *service, users *web.Users) error {
	var policy *domain.Policy
	if err := v.ledger.View(ctx, func(state *domain.State, _ uint64) { policy = state.Policy() }); err != nil {
		return err
	}
	made, err := users.AddDemoUsers(web.DemoUsers(*policy))
	if err != nil || len(made) == 0 {
		return err
	}
	fmt.Fprintln(s.stderr, s.say("\n演示用户（密码仅显示这一次；遗忘时用 fundledger user passwd 重设）：", "\nDemo users (their passwords are shown this once; \"fundledger user passwd\" sets new ones):"))
	for _, u := range made {
		fmt.Fprintf(s.stderr, "  %-24s %s\n", u.User.ID, u.Password)
	}
	return nil
}

type healthCmd struct {
	URL      string `arg:"" optional:"" help:"The service." default:"http://127.0.0.1:8080" env:"FUNDLEDGER_HEALTH_URL"`
	Insecure bool   `help:"Do not ask whose certificate it is: for a service that is asked on its own machine, under another name than its certificate's. / 不校验证书" env:"FUNDLEDGER_HEALTH_INSECURE"`
}

// Run asks a service whether it is ready: for containers, whose images have no other program to ask with.
func (c *healthCmd) Run(ctx context.Context, _ *Settings) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"/readyz", nil)
	if err != nil {
		return usageError{err}
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: c.Insecure}}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", c.URL, response.Status)
	}
	return nil
}
