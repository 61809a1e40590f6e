package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/outward"
	"github.com/fundledger/fundledger/projections"
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
	heavy     *postgres.Queries // for what reads much: it never holds the connections of what is asked besides
	registry  *prometheus.Registry
	proof     *web.Proof
	analysts  func() // ends the watch over analysts' sessions
}

// startService opens the ledger and keeps its projections up to date.
func (s *Settings) startService(ctx context.Context, in *infrastructure, outside Outside, tracer trace.TracerProvider, far func(position, end uint64)) (*service, error) {
	v := &service{registry: newRegistry()}
	metrics, err := postgres.NewMetrics(v.registry)
	if err != nil {
		return nil, err
	}
	holidays, err := s.holidays()
	if err != nil {
		return nil, err
	}
	if err := in.migrate(ctx, s); err != nil {
		return nil, err
	}
	cfg := in.ledgerConfig(s)
	replay := s.progress(s.say("重放日志", "replaying the log"))
	cfg.Progress = func(position, end uint64) {
		replay.at(int64(position), int64(end))
		far(position, end)
	}
	cfg.Refusals = outside.refused()
	meterLedger(&cfg, v.registry)
	v.ledger, err = ledger.Open(ctx, in.nc, cfg)
	replay.done()
	if err != nil {
		return nil, err
	}
	v.projector, err = postgres.Start(ctx, postgres.Config{URL: in.databaseURL, Source: v.ledger.Log(), Log: in.logName(), Logger: s.logger, Metrics: metrics, Tracer: tracer})
	if err != nil {
		v.stop()
		return nil, err
	}
	if v.queries, err = postgres.OpenPool(ctx, in.databaseURL, s.clock.now, postgres.Pool{Connections: web.SmallQuestions + 4, Holidays: holidays}); err != nil {
		v.stop()
		return nil, err
	}
	bounds := outside.config().WithDefaults() // one connection more is for verifications, which hold a snapshot
	if v.heavy, err = postgres.OpenPool(ctx, in.databaseURL, s.clock.now, postgres.Pool{Connections: bounds.HeavyReads + 2, Statement: bounds.HeavyFor, Holidays: holidays, Beside: v.queries}); err != nil {
		v.stop()
		return nil, err
	}
	v.registry.MustRegister(v.queries.Collector(), logMeter{v.ledger}, policyMeter{v.ledger, s.clock}, &folderMeter{dir: in.dir}, fullMeter(in, s))
	if err := s.watchAnalysts(ctx, in, v, outside.AnalystFor); err != nil {
		v.stop()
		return nil, err
	}
	return v, nil
}

// notices are those that an event caused, in their order, once the event is in the tables. An instance whose tables do not come leaves the telling to
// another one.
func (v *service) notices(ctx context.Context, seq uint64) (rows []projections.NoticeRow, err error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := v.projector.WaitFor(ctx, seq); err != nil {
		return nil, fmt.Errorf("waiting for event %d in the tables: %w", seq, err)
	}
	ctx = projections.AtLeast(ctx, seq) // of tables that have just fallen back the event would have caused none
	for row, err := range projections.Notices.Every(ctx, v.queries, projections.Where(projections.BySeq.Is(seq), projections.ByNotice.Is(projections.Caused))) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	slices.Reverse(rows) // the list has the latest first
	return rows, nil
}

// expiring are the notices of policies' ends that there are to tell today.
func (s *Settings) expiring(v *service) func(context.Context) ([]projections.ExpiryNotice, error) {
	return func(ctx context.Context) (list []projections.ExpiryNotice, err error) {
		err = v.ledger.View(ctx, func(state *domain.State, _ uint64) { list = projections.ExpiryNotices(state, s.clock.today()) })
		return list, err
	}
}

// watchAnalysts keeps analysts' sessions in the database to their limit, and says where the database lets anybody do more than it should.
func (s *Settings) watchAnalysts(ctx context.Context, in *infrastructure, v *service, longest time.Duration) error {
	standing, err := postgres.StandingOf(ctx, in.databaseURL)
	if err != nil {
		return err
	}
	if standing.Deletes {
		s.logger.Warn("the service's role in the database may delete events and journal: let it be a member of fundledger_writers only (pgserver/roles.sql), and give the owner's address by --database-owner-url")
	}
	if !standing.Ends {
		s.logger.Warn("analysts' sessions in the database are not limited: run pgserver/roles.sql there as a superuser")
		return nil
	}
	ended := prometheus.NewCounter(prometheus.CounterOpts{Name: "fundledger_analyst_sessions_ended_total", Help: "Sessions of analysts in the database that lasted too long and were ended."})
	v.registry.MustRegister(ended)
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	var watch sync.WaitGroup
	watch.Go(func() {
		postgres.ReaderLimit{URL: in.databaseURL, Longest: longest, Logger: s.logger, Ended: ended}.Keep(watching)
	})
	v.analysts = func() { stop(); watch.Wait() }
	return nil
}

// stop ends the service, what stands on other parts first.
func (v *service) stop() {
	if v.analysts != nil {
		v.analysts()
	}
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
	for _, q := range []*postgres.Queries{v.queries, v.heavy} {
		if q != nil {
			q.Close()
		}
	}
}

// serve answers until ctx ends, or the projection halts.
func (s *Settings) serve(ctx context.Context, in *infrastructure, outside Outside, proving Proving, demo bool) error {
	tracer, untraced := outside.Traces.start(in.fund, s)
	defer untraced()
	listener, err := net.Listen("tcp", outside.Listen)
	if err != nil {
		return fmt.Errorf(s.say("无法监听 %s：%w（请用 --listen 另选地址）", "listening on %s: %w (choose another address with --listen)"), outside.Listen, err)
	}
	door := web.NewDoorway(outside.config())
	server := door.HTTP(s.logger)
	failed := make(chan error, 1)
	go func() {
		if server.TLSConfig = outside.tls; outside.tls != nil {
			failed <- server.ServeTLS(listener, "", "")
			return
		}
		failed <- server.Serve(listener)
	}()
	defer func() { _ = server.Close() }() // where it came to nothing; else it is shut down by then
	v, err := s.startService(ctx, in, outside, tracer, door.Progress)
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
	users, err := in.accounts(ctx, s, commandLine()) // their shelf keeps the checkpoints too
	if err != nil {
		return err
	}
	users.BoundTokens(outside.Tokens.TokenFor)
	if err := s.prove(ctx, in, v, proving); err != nil {
		return err
	}
	if demo {
		if err := s.demoUsers(ctx, v, users); err != nil {
			return err
		}
	}
	config := outside.config()
	config.Fund, config.Ledger, config.Queries, config.Projector, config.Users = in.fund, v.ledger, v.queries, v.projector, users.Users
	config.Heavy = v.heavy
	config.Now, config.SampleClock = s.clock.now, s.clock.ahead()
	config.NATS, config.Registry, config.Logger, config.Pages, config.Proof = in.nc, v.registry, s.logger, pages.New(), v.proof
	config.Tracer = tracer
	if config.Files, err = in.files(ctx, s, false); err != nil {
		return err
	}
	v.proof.Files = config.Files
	told, err := outward.NewMetrics(v.registry)
	if err != nil {
		return err
	}
	config.Webhooks = outward.New(outward.Config{Fund: in.fund, Log: v.ledger.Log(), Users: users.Users, Metrics: told, Logger: s.logger, Notices: v.notices, Expiring: s.expiring(v), Sound: v.ledger.Doubt,
		Timeout: outside.Webhook.Timeout, Pause: outside.Webhook.Pause})
	v.registry.MustRegister(config.Webhooks)
	site, err := web.New(config)
	if err != nil {
		return err
	}
	defer site.Close()
	in.owner.Witnesses = proving.Witness
	if in.owner.Trust, err = verifierKeys(proving.Trust...); err != nil {
		return err
	}
	door.Open(site)
	if err := in.announce(listener.Addr().String()); err != nil {
		return err
	}
	scheme := "http"
	if outside.tls != nil {
		scheme = "https"
	}
	fmt.Fprintf(s.stderr, s.say("服务地址 %s://%s（按 Ctrl+C 停止）\n", "serving on %s://%s (Ctrl+C stops)\n"), scheme, listener.Addr())
	s.sayClock()
	if address, ok := listener.Addr().(*net.TCPAddr); ok && !config.Secure && !address.IP.IsLoopback() {
		s.logger.Warn("passwords and tokens go unencrypted to whoever asks from elsewhere: give --tls-cert, or set a proxy before it and say --behind-proxy", "address", address)
	}
	if len(users.List()) == 0 {
		fmt.Fprintln(s.stderr, s.say("尚无用户；请另开终端运行 fundledger user add", "there are no users yet; add one with \"fundledger user add\" in another terminal"))
	}
	telling := config.Webhooks.Start(ctx, v.ledger.Halted())
	defer telling.Stop()
	tending, leave := context.WithCancel(ctx)
	defer leave()
	tended := make(chan error, 1)
	go func() { tended <- s.tend(tending, in) }()
	go v.warm(tending)
	err = s.untilEnd(ctx, v, users.Users, failed, tended)
	leave()
	site.Close() // live connections would be waited for
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(draining))
}

// warm takes in what statistics keep in memory, before the first who asks for them waits for it. Where that fails, it is taken in when it is asked for.
func (v *service) warm(ctx context.Context) {
	for by := range slices.Chunk(projections.Groupings, projections.MostGroupings) {
		if _, err := projections.Statistics.Page(ctx, v.heavy, projections.Where(projections.ByGroups.Is(by))); err != nil {
			return
		}
	}
}

// untilEnd waits until the service ends, and says why. Where the log is not the one that was taken in or signed, nothing more is decided,
// signed or projected; the service goes on answering that, so that whoever asks, and whoever watches, learns why.
func (s *Settings) untilEnd(ctx context.Context, v *service, users *accounts.Users, failed, tended <-chan error) (err error) {
	notary, halted, projected, contrary := v.proof.Notary.Done(), v.ledger.Halted(), v.projector.Done(), users.Halted()
	for {
		select {
		case <-ctx.Done():
			return err
		case failure := <-failed:
			return errors.Join(err, failure)
		case failure := <-tended:
			if ctx.Err() == nil || failure != nil {
				return errors.Join(err, failure)
			}
			tended = nil
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
		case <-contrary: // whoever may do what is known no more
			v.ledger.Halt(users.Err())
			contrary = nil
		case <-halted:
			err = s.alarm(v.ledger.Err())
			v.proof.Notary.Halt(v.ledger.Err())
			v.projector.Stop()
			notary, halted, projected = nil, nil, nil
		}
	}
}

// demoUsers makes one user a role, once, and prints their passwords: they are in no file.
func (s *Settings) demoUsers(ctx context.Context, v *service, users accounts.Hand) error {
	var policy *domain.Policy
	if err := v.ledger.View(ctx, func(state *domain.State, _ uint64) { policy = state.Policy() }); err != nil {
		return err
	}
	made, err := web.AddDemoUsers(users, web.DemoUsers(*policy))
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
	URL      string `arg:"" optional:"" help:"The service. / 服务的地址" default:"http://127.0.0.1:8080" env:"FUNDLEDGER_HEALTH_URL"`
	Insecure bool   `help:"Do not ask whose certificate it is: for a service that is asked on its own machine, under another name than its certificate's. / 不校验证书：用于在服务所在的机器上以另一名称访问" env:"FUNDLEDGER_HEALTH_INSECURE"`
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
