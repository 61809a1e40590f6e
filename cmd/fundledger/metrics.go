package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/web"
)

// What a metric's label says comes from a list of ours (commands, codes, folders, streams), never from who asks: so a scraper keeps a
// bounded number of series, whatever is asked. docs/alarms.md says what alarms on them mean.

// newRegistry has what is known of the program itself.
func newRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "fundledger_build_info", Help: "1, of the program that runs: its version, Go's, and the edition of the rules."},
		[]string{"version", "go_version", "edition"})
	build.WithLabelValues(built().Version, runtime.Version(), strconv.Itoa(domain.Edition)).Set(1)
	registry.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// What became of a command.
const (
	outcomeAccepted = "accepted"
	outcomeRepeated = "repeated" // it had been accepted before
	outcomeRefused  = "refused"  // by a rule
	outcomeChanged  = "changed"  // what it was given on had changed meanwhile
	outcomeFailed   = "failed"   // the fault is ours
)

func outcomeOf(r ledger.Result) string {
	switch _, condition := errors.AsType[*web.Problem](r.Err); {
	case r.Refusal != nil:
		return outcomeRefused
	case condition:
		return outcomeChanged
	case r.Err != nil:
		return outcomeFailed
	case r.Outcome.Repeated:
		return outcomeRepeated
	}
	return outcomeAccepted
}

// meterLedger counts what a ledger decides and appends.
func meterLedger(cfg *ledger.Config, with prometheus.Registerer) {
	commands := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fundledger_commands_total", Help: "Commands by what became of them: accepted, repeated, refused, changed (what they were given on; the first step of a form that has two is one of these), failed."}, []string{"command", "outcome"})
	refusals := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fundledger_refusals_total", Help: "Commands that the rules refused, by the refusal's code."}, []string{"code", "rule"})
	events := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "fundledger_append_events", Help: "Events of one append.", Buckets: prometheus.ExponentialBuckets(1, 4, 6)})
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "fundledger_append_seconds", Help: "Duration of one append, with the sync of the disk.", Buckets: prometheus.ExponentialBuckets(0.0002, 2, 14)})
	failures := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fundledger_append_failures_total",
		Help: "Appends that did not land: out_of_turn (another instance was first; it is decided again), unknown (nobody answered in time), refused (by the store)."}, []string{"reason"})
	notKept := prometheus.NewCounter(prometheus.CounterOpts{Name: "fundledger_refusals_not_kept_total",
		Help: "Refusals that were told and counted and not kept, for their person had more in an hour than are kept."})
	with.MustRegister(commands, refusals, events, seconds, failures, notKept)
	cfg.NotKept = notKept.Inc
	for _, reason := range []string{"out_of_turn", "unknown", "refused"} {
		failures.WithLabelValues(reason) // from the start on: a rate needs a first value
	}
	for _, verb := range domain.Verbs {
		for _, outcome := range []string{outcomeAccepted, outcomeFailed} {
			commands.WithLabelValues(verb.Name, outcome)
		}
	}
	cfg.Grouped = func(n int, took time.Duration) {
		events.Observe(float64(n))
		seconds.Observe(took.Seconds())
	}
	cfg.Failed = func(err error) {
		reason := "refused"
		switch {
		case errors.Is(err, eventstore.ErrOutOfTurn):
			reason = "out_of_turn"
		case errors.Is(err, eventstore.ErrUnknown), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
			reason = "unknown"
		}
		failures.WithLabelValues(reason).Inc()
	}
	cfg.Settled = func(command string, r ledger.Result) {
		commands.WithLabelValues(command, outcomeOf(r)).Inc()
		if r.Refusal != nil {
			refusals.WithLabelValues(r.Refusal.Code, r.Refusal.Rule).Inc()
		}
	}
}

func described(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("fundledger_"+name, help, labels, nil)
}

var (
	streamUp       = described("stream_up", "1: NATS answers for the stream; 0: it does not.", "stream")
	streamBytes    = described("stream_bytes", "Size of the stream.", "stream")
	streamMessages = described("stream_messages", "Messages on the stream.", "stream")
	streamReplicas = described("stream_replicas", "Copies of the stream that there are to be.", "stream")
	streamCurrent  = described("stream_replicas_current", "Copies of the stream that are up to date, its leader's among them.", "stream")
	streamLed      = described("stream_leader", "1: one of the copies leads; 0: none does, and nothing is written.", "stream")
	logPosition    = described("log_position", "Position of the last event on the log.")

	diskFree   = described("disk_free_bytes", "What is free on the disk under a folder, for this user.", "folder")
	diskSize   = described("disk_size_bytes", "Size of the disk under a folder.", "folder")
	folderSize = described("folder_bytes", "What the files in a folder of the ledger come to; measured once a minute at most.", "folder")
)

var (
	governedLeft    = described("governed_seconds_left", "Time until the end of the last day on which the fund has a policy in force, without a gap; below zero: since then.")
	policyLeft      = described("policy_seconds_left", "Time until the end of the last day of a policy's term; below zero: since then.", "policy")
	policyUndecided = described("policy_undecided_applications", "Applications under a policy that are not decided: behind its last day they wait for another one.", "policy")
)

// policyMeter measures how policies stand, each time that it is asked. A fund has few of them.
type policyMeter struct {
	ledger *ledger.Ledger
	clock  clock
}

// Describe is as [prometheus.Collector] says.
func (m policyMeter) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{governedLeft, policyLeft, policyUndecided} {
		to <- d
	}
}

// Collect is as [prometheus.Collector] says.
func (m policyMeter) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	left := func(last domain.Date) float64 { return last.Next().Time(domain.Shanghai).Sub(m.clock.now()).Seconds() }
	var last domain.Date
	var list []domain.Expiry
	if m.ledger.View(ctx, func(s *domain.State, _ uint64) {
		last, list = s.GovernedUntil(m.clock.today()), s.Expiries(m.clock.today())
	}) != nil {
		return // it is not ready, which other metrics say
	}
	if !last.IsZero() {
		gauge(governedLeft, left(last))
	}
	for _, e := range list {
		gauge(policyLeft, left(e.Lasts), string(e.Policy.PolicyID()))
		gauge(policyUndecided, float64(e.Undecided), string(e.Policy.PolicyID()))
	}
}

// logMeter measures the log, each time that it is asked. What nobody answers for is left out, and
// said to be down.
type logMeter struct {
	ledger *ledger.Ledger
}

// Describe is as [prometheus.Collector] says.
func (m logMeter) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{streamUp, streamBytes, streamMessages, streamReplicas, streamCurrent, streamLed, logPosition} {
		to <- d
	}
}

// Collect is as [prometheus.Collector] says.
func (m logMeter) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for name, stream := range map[string]*eventstore.Log{"events": m.ledger.Log(), "refusals": m.ledger.Refused()} {
		size, err := stream.Size(ctx)
		gauge(streamUp, oneIf(err == nil), name)
		if err != nil {
			continue
		}
		gauge(streamBytes, float64(size.Bytes), name)
		gauge(streamMessages, float64(size.Messages), name)
		gauge(streamReplicas, float64(size.Replicas), name)
		gauge(streamCurrent, float64(size.Current), name)
		gauge(streamLed, oneIf(size.Led), name)
		if name == "events" {
			gauge(logPosition, float64(size.Last))
		}
	}
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// fullMeter is whether commands are refused for want of room, or because the log's store has failed.
func fullMeter(in *infrastructure, s *Settings) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "fundledger_disk_full",
		Help: "1: less is free than --min-free, or the log's store could not write; no commands are taken."}, func() float64 {
		return oneIf(in.room(s).Err() != nil || in.server != nil && in.server.Failed() != nil)
	})
}

// folderMeter measures the ledger's folders and the disks under them.
type folderMeter struct {
	dir string

	mu       sync.Mutex
	measured time.Time
	sizes    map[string]int64
}

// Describe is as [prometheus.Collector] says.
func (m *folderMeter) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{diskFree, diskSize, folderSize} {
		to <- d
	}
}

// Collect is as [prometheus.Collector] says.
func (m *folderMeter) Collect(to chan<- prometheus.Metric) {
	sizes := m.measure()
	for _, name := range []string{"data", "log", "postgres", checkpointDir} {
		path := filepath.Join(m.dir, name)
		if name == "data" {
			path = m.dir
		}
		var disk syscall.Statfs_t
		if syscall.Statfs(path, &disk) != nil {
			continue // the ledger has no such folder: its log or its tables are elsewhere
		}
		block := float64(disk.Bsize)
		to <- prometheus.MustNewConstMetric(diskFree, prometheus.GaugeValue, float64(disk.Bavail)*block, name)
		to <- prometheus.MustNewConstMetric(diskSize, prometheus.GaugeValue, float64(disk.Blocks)*block, name)
		to <- prometheus.MustNewConstMetric(folderSize, prometheus.GaugeValue, float64(sizes[name]), name)
	}
}

// measure adds the files up, by the folder right below the ledger's; "data" is all of them. A database has thousands of files: what was
// measured a moment ago will do.
func (m *folderMeter) measure() map[string]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sizes != nil && time.Since(m.measured) < time.Minute {
		return m.sizes
	}
	sizes := map[string]int64{}
	_ = fs.WalkDir(os.DirFS(m.dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil // what is gone meanwhile, or closed to this user, counts as nothing
		}
		info, err := entry.Info()
		if err != nil {
			return nil
		}
		sizes["data"] += info.Size()
		if top, _, below := strings.Cut(path, "/"); below {
			sizes[top] += info.Size()
		}
		return nil
	})
	m.sizes, m.measured = sizes, time.Now()
	return sizes
}

// proofMetrics are what a scraper alarms on.
func proofMetrics(with prometheus.Registerer) (alarm prometheus.Gauge, failed prometheus.Counter, size prometheus.Gauge) {
	alarm = prometheus.NewGauge(prometheus.GaugeOpts{Name: "fundledger_unsound", Help: "1: the last verification found that the ledger is not what it claims to be; 2: it could not be verified."})
	failed = prometheus.NewCounter(prometheus.CounterOpts{Name: "fundledger_checkpoint_failures_total", Help: "Checkpoints that could not be signed, kept or cosigned."})
	size = prometheus.NewGauge(prometheus.GaugeOpts{Name: "fundledger_checkpoint_size", Help: "Events under the latest checkpoint."})
	with.MustRegister(alarm, failed, size)
	return alarm, failed, size
}
