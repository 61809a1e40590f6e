package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/pgserver"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/wire"
)

// benchCmd measures the whole system in a folder of its own, with real syncs of the disk and a real PostgreSQL. What it
// reports are rates, and their ratios to floors that it takes in the same run: another machine, another hour give other
// rates, but much the same ratios.
type benchCmd struct {
	Events  int    `help:"Events of the bulk import. / 批量导入的事件数" default:"100000"`
	Clients int    `help:"Clients at once. / 同时提交的客户端数" default:"64"`
	Seconds int    `help:"How long clients are let loose, in seconds. / 客户端提交的时长（秒）" default:"5"`
	Dir     string `help:"Where to make the folder: the disk to measure. Left out: the system's folder for temporary files. / 在何处建立目录，即所测的磁盘；缺省为系统的临时目录" type:"existingdir"`
	Rounds  int    `help:"With --server: how often each page and question of that service is asked, after a first time. / 配合 --server：对该服务的每个页面和查询各询问多少次（首次之后）" default:"20"`
	Only    string `help:"With --server: ask only what has this in its address. / 配合 --server：只询问地址中含此文字的" placeholder:"TEXT"`
	Against string `help:"With --server: the JSON of an earlier run, to say how much longer each takes. / 配合 --server：与此前一次运行的 JSON 相比" type:"existingfile" placeholder:"FILE"`
	Format  string `help:"table or json. / table（表格）或 json" enum:"table,json" default:"table"`
}

// measure is one line of the report.
type measure struct {
	Name  string  `json:"name"`
	Rate  float64 `json:"per_second"`
	P50   float64 `json:"p50_ms,omitempty"`
	P99   float64 `json:"p99_ms,omitempty"`
	Floor string  `json:"floor,omitempty"` // the line it is compared with
	Ratio float64 `json:"ratio,omitempty"` // of the rates
	Note  string  `json:"note,omitempty"`
}

// bench is a run under way.
type bench struct {
	cmd      *benchCmd
	settings *Settings
	ctx      context.Context
	dir      string
	server   *eventstore.Server
	nc       *nats.Conn
	db       *pgserver.Server
	policy   domain.Policy
	measures []measure
}

// Run measures.
func (c *benchCmd) Run(ctx context.Context, s *Settings) (err error) {
	if s.Server != "" {
		return c.ask(ctx, s)
	}
	policy, err := policies.Named(defaultFund)
	if err != nil {
		return err
	}
	b := &bench{cmd: c, settings: s, ctx: ctx, policy: policy}
	if b.dir, err = os.MkdirTemp(c.Dir, "fundledger-bench-"); err != nil {
		return fmt.Errorf("making a folder to measure in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := b.start(); err != nil {
		return err
	}
	defer b.stop()
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"floors: the log", b.logFloors}, {"one client", b.oneClient}, {"many clients", b.manyClients}, {"bulk import", b.bulk},
		{"start-up", b.startUp}, {"reading", b.reading}, {"projecting", b.projecting}, {"in memory", b.memory},
	} {
		fmt.Fprintln(s.stderr, "…", step.name)
		if err := step.do(); err != nil {
			return fmt.Errorf("measuring %s: %w", step.name, err)
		}
	}
	return b.report()
}

func (b *bench) start() (err error) {
	if b.server, err = eventstore.StartServer(eventstore.ServerConfig{Dir: filepath.Join(b.dir, "log")}); err != nil {
		return err
	}
	if b.nc, err = b.server.Connect(); err != nil {
		b.server.Shutdown()
		return err
	}
	if b.db, err = pgserver.Start(b.ctx, pgserver.Config{Dir: filepath.Join(b.dir, "postgres")}); err != nil {
		b.nc.Close()
		b.server.Shutdown()
	}
	return err
}

func (b *bench) stop() {
	stopping, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := b.db.Stop(stopping); err != nil {
		b.settings.logger.Error("stopping PostgreSQL", "error", err)
	}
	b.nc.Close()
	b.server.Shutdown()
}

// add records a measure, with its ratio to a floor.
func (b *bench) add(m measure) {
	if i := slices.IndexFunc(b.measures, func(f measure) bool { return f.Name == m.Floor }); i >= 0 && b.measures[i].Rate > 0 {
		m.Ratio = m.Rate / b.measures[i].Rate
	}
	b.measures = append(b.measures, m)
}

// rate is how many a second, with the quantiles of single latencies where there are any.
func rate(name string, n int, took time.Duration, latencies []time.Duration) measure {
	m := measure{Name: name, Rate: float64(n) / took.Seconds()}
	if len(latencies) > 0 {
		slices.Sort(latencies)
		m.P50 = milliseconds(latencies[len(latencies)/2])
		m.P99 = milliseconds(latencies[len(latencies)*99/100])
	}
	return m
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

const (
	floorPublish = "floor: plain publish, one client, synced"
	floorMany    = "floor: atomic batches of 34"
	floorBatch   = "floor: atomic batches of 1,000"
	floorRead    = "floor: an ordered consumer's read"
	floorCopy    = "floor: PostgreSQL COPY of the same bytes"
)

// logFloors measures what the log itself can do: what the ledger adds is seen against it.
func (b *bench) logFloors() error {
	log, err := eventstore.Open(b.ctx, b.nc, eventstore.Config{Stream: "FLOOR", Subjects: []string{"fund.floor.>"}, MaxBatch: 1000, BatchFrom: 2})
	if err != nil {
		return err
	}
	last := uint64(0)
	for _, floor := range []struct {
		name          string
		batch, rounds int
	}{{floorPublish, 1, 1000}, {floorMany, 34, 60}, {floorBatch, 1000, 20}} {
		latencies := make([]time.Duration, floor.rounds)
		began := time.Now()
		for i := range floor.rounds {
			at := time.Now()
			if last, err = log.Append(b.ctx, last, floorDrafts(last, floor.batch)); err != nil {
				return err
			}
			latencies[i] = time.Since(at)
		}
		b.add(rate(floor.name, floor.batch*floor.rounds, time.Since(began), latencies))
	}
	return nil
}

// floorDrafts are events of the size that the ledger's have.
func floorDrafts(last uint64, n int) []eventstore.Draft {
	drafts := make([]eventstore.Draft, n)
	data := []byte(`{"application":"A-0000001","charge":{"enterprise":"91310105MA1FW0000X","clause":"2.1.1","subject":{"kind":"project","id":"P-000001"}},"requested":[{"support_year":2025,"amount":"1000000.00"}],"title":"x","clause_version":1}`)
	for i := range drafts {
		id := fmt.Sprintf("floor-%d", last+uint64(i))
		drafts[i] = eventstore.Draft{Subject: eventstore.Subject("floor", "application", id, "application_submitted"), Data: data,
			Envelope: eventstore.Envelope{ID: eventstore.EventID(id, 0), Source: "/funds/floor", Type: "fundledger.application_submitted", Version: 1,
				Time: time.Now(), Subject: "application/" + id, CommandID: id, Command: "submit_application", Count: 1, CorrelationID: id,
				CommandHash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", Actor: "bench", Role: "clerk",
				Department: "investment", BusinessDate: "2025-03-01", ClauseVersion: 1}}
	}
	return drafts
}

// fresh opens a ledger of a new fund with the policy published.
func (b *bench) fresh(fund domain.FundID) (*ledger.Ledger, func() (domain.Command, bool), func(), error) {
	policy := b.policy
	policy.Fund = fund
	l, err := ledger.Open(b.ctx, b.nc, ledger.Config{Fund: fund})
	if err != nil {
		return nil, nil, nil, err
	}
	publish, err := publication(policy, "bench", "")
	if err != nil {
		return nil, nil, nil, err
	}
	if result := l.Do(b.ctx, ledger.Order{Command: publish}); result.Err != nil || result.Refusal != nil {
		return nil, nil, nil, fmt.Errorf("publishing the policy: %v %v", result.Refusal, result.Err)
	}
	next, stop := iter.Pull(demo.Load(policy, 1<<30, 1))
	return l, next, func() { stop(); l.Close() }, nil
}

// failure is what must not happen in a measurement: a refusal, or an error.
func failure(r ledger.Result) error {
	if r.Refusal != nil {
		return r.Refusal
	}
	return r.Err
}

func (b *bench) oneClient() error {
	l, next, done, err := b.fresh("bench-one")
	if err != nil {
		return err
	}
	defer done()
	const n = 1000
	latencies := make([]time.Duration, n)
	began := time.Now()
	for i := range n {
		command, _ := next()
		at := time.Now()
		if err := failure(l.Do(b.ctx, ledger.Order{Command: command})); err != nil {
			return err
		}
		latencies[i] = time.Since(at)
	}
	m := rate("ledger: one client, one command at a time", n, time.Since(began), latencies)
	m.Floor = floorPublish
	b.add(m)
	return nil
}

// manyClients lets clients loose, each of which waits for its answer before it asks again. Their commands are of many
// enterprises, so each takes the next of one common list only when the one before it is decided.
func (b *bench) manyClients() error {
	l, next, done, err := b.fresh("bench-many")
	if err != nil {
		return err
	}
	defer done()
	var mu sync.Mutex
	var latencies []time.Duration
	var failed error
	limit := time.Now().Add(time.Duration(b.cmd.Seconds) * time.Second)
	began := time.Now()
	var clients sync.WaitGroup
	for range b.cmd.Clients {
		clients.Go(func() {
			var own []time.Duration
			for time.Now().Before(limit) {
				mu.Lock()
				command, _ := next()
				batch := l.Start(b.ctx, []ledger.Order{{Command: command}}) // in the list's order, for a command may build on one before it
				mu.Unlock()
				at := time.Now()
				if err := failure(batch.Wait(b.ctx)[0]); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
					return
				}
				own = append(own, time.Since(at))
			}
			mu.Lock()
			latencies = append(latencies, own...)
			mu.Unlock()
		})
	}
	clients.Wait()
	if failed != nil {
		return failed
	}
	m := rate(fmt.Sprintf("ledger: %d clients in process", b.cmd.Clients), len(latencies), time.Since(began), latencies)
	m.Floor = floorMany
	b.add(m)
	return nil
}

// bulk imports many commands, a thousand at a time, with the next ones on their way.
func (b *bench) bulk() error {
	l, next, done, err := b.fresh("bench-bulk")
	if err != nil {
		return err
	}
	defer done()
	var flight []*ledger.Batch
	land := func(most int) error {
		for len(flight) > most {
			for _, result := range flight[0].Wait(b.ctx) {
				if err := failure(result); err != nil {
					return err
				}
			}
			flight = flight[1:]
		}
		return nil
	}
	began := time.Now()
	for sent := 0; sent < b.cmd.Events; sent += importBatch {
		orders := make([]ledger.Order, min(importBatch, b.cmd.Events-sent))
		for i := range orders {
			orders[i].Command, _ = next()
		}
		flight = append(flight, l.Start(b.ctx, orders))
		if err := land(importFlight); err != nil {
			return err
		}
	}
	if err := land(0); err != nil {
		return err
	}
	m := rate("ledger: bulk import", b.cmd.Events, time.Since(began), nil)
	m.Floor = floorBatch
	b.add(m)
	return nil
}

// startUp measures a replay of the bulk import's log, and what its state takes in memory.
func (b *bench) startUp() error {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	l, err := ledger.Open(b.ctx, b.nc, ledger.Config{Fund: "bench-bulk"})
	if err != nil {
		return err
	}
	defer l.Close()
	took := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	m := rate("start-up: events replayed", b.cmd.Events, took, nil)
	lines := 0
	if err := l.View(b.ctx, func(s *domain.State, _ uint64) { lines = len(s.Lines()) }); err != nil {
		return err
	}
	m.Note = fmt.Sprintf("%d account lines; %.0f bytes of state and command ids an event", lines, float64(after.HeapAlloc-min(before.HeapAlloc, after.HeapAlloc))/float64(b.cmd.Events))
	b.add(m)
	return nil
}

// reading measures reading and decoding the log against an ordered consumer that only counts.
func (b *bench) reading() error {
	js, err := jetstream.New(b.nc)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := countOrdered(b.ctx, js, ledger.StreamName("bench-bulk"), b.cmd.Events); err != nil {
		return err
	}
	b.add(rate(floorRead, b.cmd.Events, time.Since(began), nil))
	log, err := ledger.OpenLog(b.ctx, b.nc, ledger.Config{Fund: "bench-bulk"}, true)
	if err != nil {
		return err
	}
	began = time.Now()
	err = log.Read(b.ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			if _, err := wire.Decode(r); err != nil {
				return err
			}
		}
		return nil
	})
	m := rate("log: read and decoded", b.cmd.Events, time.Since(began), nil)
	m.Floor = floorRead
	b.add(m)
	return err
}

func countOrdered(ctx context.Context, js jetstream.JetStream, stream string, n int) error {
	consumer, err := js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(5000))
	if err != nil {
		return err
	}
	defer messages.Stop()
	for range n {
		if _, err := messages.Next(); err != nil {
			return err
		}
	}
	return nil
}

// projecting measures the catch-up of the bulk import's log, all tables, exactly once, against a COPY of the events'
// bytes alone.
func (b *bench) projecting() error {
	log, err := ledger.OpenLog(b.ctx, b.nc, ledger.Config{Fund: "bench-bulk"}, true)
	if err != nil {
		return err
	}
	if err := b.copyFloor(log); err != nil {
		return err
	}
	last, err := log.Last(b.ctx)
	if err != nil {
		return err
	}
	if err := postgres.Migrate(b.ctx, b.db.OwnerURL(), nil); err != nil {
		return err
	}
	began := time.Now()
	cfg := postgres.Config{URL: b.db.ServiceURL(), Source: log, Log: postgres.Log{Stream: ledger.StreamName("bench-bulk"), Fund: "bench-bulk"}}
	if err := b.settings.catchUp(b.ctx, cfg, last); err != nil {
		return err
	}
	m := rate("projections: catch-up, all tables", int(last), time.Since(began), nil)
	m.Floor = floorCopy
	b.add(m)
	return nil
}

func (b *bench) copyFloor(log *eventstore.Log) error {
	conn, err := pgx.Connect(b.ctx, b.db.URL())
	if err != nil {
		return err
	}
	defer conn.Close(b.ctx)
	if _, err := conn.Exec(b.ctx, "CREATE TABLE copy_floor (seq bigint PRIMARY KEY, subject text NOT NULL, data json NOT NULL)"); err != nil {
		return err
	}
	took, n := time.Duration(0), 0
	err = log.Read(b.ctx, 1, 0, func(records []eventstore.Record) error {
		began := time.Now()
		_, err := conn.CopyFrom(b.ctx, pgx.Identifier{"copy_floor"}, []string{"seq", "subject", "data"}, pgx.CopyFromSlice(len(records), func(i int) ([]any, error) {
			return []any{int64(records[i].Seq), records[i].Subject, records[i].Data}, nil
		}))
		took, n = took+time.Since(began), n+len(records)
		return err
	})
	b.add(rate(floorCopy, n, took, nil))
	return err
}

// memory measures the rules alone.
func (b *bench) memory() error {
	state := domain.NewState()
	publish, err := publication(b.policy, "bench", "")
	if err != nil {
		return err
	}
	commands := []domain.Command{publish}
	for command := range demo.Load(b.policy, b.cmd.Events, 1) {
		commands = append(commands, command)
	}
	began, day := time.Now(), clock{}.today()
	for _, command := range commands {
		decision, refusal := domain.Decide(state, command, day)
		if refusal != nil {
			return refusal
		}
		for _, e := range decision.Events {
			domain.Apply(state, e, domain.Deed{Actor: command.Given().Actor, Date: command.Given().Date})
		}
	}
	b.add(rate("rules: decide and apply, in memory", len(commands), time.Since(began), nil))
	return nil
}

func (b *bench) report() error {
	s := b.settings
	if b.cmd.Format == "json" {
		out := json.NewEncoder(s.stdout)
		out.SetIndent("", "  ")
		return out.Encode(struct {
			Version  string    `json:"version"`
			Go       string    `json:"go"`
			Cores    int       `json:"cores"`
			Measures []measure `json:"measures"`
		}{built().Version, runtime.Version(), runtime.NumCPU(), b.measures})
	}
	fmt.Fprintf(s.stdout, "fundledger %s, %s, %d cores\n\n%-46s %12s %9s %9s %7s\n", built().Version, runtime.Version(), runtime.NumCPU(), "", "per second", "p50 ms", "p99 ms", "ratio")
	for _, m := range b.measures {
		fmt.Fprintf(s.stdout, "%-46s %12.0f %9s %9s %7s\n", m.Name, m.Rate, figure(m.P50), figure(m.P99), figure(m.Ratio))
		if m.Note != "" {
			fmt.Fprintf(s.stdout, "  %s\n", m.Note)
		}
	}
	return nil
}

func figure(f float64) string {
	if f == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", f)
}
