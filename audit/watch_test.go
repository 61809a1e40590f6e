package audit

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/eventstore"
)

func watched(t testing.TB, o *office, change ...func(*WatchConfig)) *Watch {
	t.Helper()
	trust, err := ParseTrust(o.key.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	cfg := WatchConfig{Fund: "changning-2024", Log: o.log, Last: o.log.Last, Store: o.folder, Trust: trust, Pause: time.Hour}
	for _, c := range change {
		c(&cfg)
	}
	w := StartWatch(cfg)
	t.Cleanup(w.Close)
	return w
}

func TestAWatchVerifiesAtStartAndAgainWhenTheLogHasGrown(t *testing.T) {
	o := signedOffice(t)
	var ended atomic.Int64
	w := watched(t, o, func(c *WatchConfig) {
		c.Pause, c.Share = 5*time.Millisecond, 2
		c.Ended = func(Report, error) { ended.Add(1) }
	})
	until(t, "it is verified", func() bool { return w.Badge().Upto == 1000 })
	if b := w.Badge(); !b.Known || !b.Sound || b.At.IsZero() || b.Counts[Error] != 0 {
		t.Errorf("%+v", b)
	}
	o.log.add(sampled().records[1000:1200]...)
	until(t, "what came is verified", func() bool { return w.Badge().Upto == 1200 })
	if n := ended.Load(); n != 2 {
		t.Errorf("%d verifications, and the log grew once", n)
	}
}

func TestAWatchRestsNineteenTimesAsLongAsItWorks(t *testing.T) {
	c := WatchConfig{}.withDefaults()
	for took, want := range map[time.Duration]time.Duration{time.Second: time.Minute, 10 * time.Second: 190 * time.Second} {
		if got := c.rest(took); got != want {
			t.Errorf("after %s it rests %s", took, got)
		}
	}
}

func TestWhoeverAsksGetsAVerificationOfNow(t *testing.T) {
	o := signedOffice(t)
	w := watched(t, o)
	first, err := w.Verify(t.Context())
	if err != nil || !first.Sound || first.Events != 1000 {
		t.Fatalf("%v %+v", err, first.Checks)
	}
	until(t, "none is on its way", func() bool { return !w.Badge().Running })
	o.log.add(sampled().records[1000:1100]...)
	again, err := w.Verify(t.Context())
	if err != nil || again.Events != 1100 {
		t.Errorf("%v: up to %d", err, again.Events)
	}
	if kept, ok := w.Report(); !ok || kept.Events != 1100 {
		t.Errorf("the last report is of %d events", kept.Events)
	}
}

func TestAWatchTellsThatALedgerIsNotSound(t *testing.T) {
	o := signedOffice(t)
	o.log.records = copied(o.log.records)
	o.log.records[500].Data[10] ^= 1
	w := watched(t, o)
	until(t, "it is verified", func() bool { return w.Badge().Known })
	b := w.Badge()
	report, _ := w.Report()
	if b.Sound || b.Counts[Error] == 0 || !slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.Code == CodeForked }) {
		t.Errorf("%+v, %+v", b, report.Checks)
	}
}

func TestAWatchFindsTheKeptTreeAndTheProjectionsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		tree, rows func(Records) Records
		check      string
	}{
		"all as it is":    {tree: same, rows: same},
		"another tree":    {tree: other, rows: same, check: "tree"},
		"other rows":      {tree: same, rows: other, check: "projections"},
		"rows behind":     {tree: same, rows: func(l Records) Records { return l[:900] }},
		"rows too many":   {tree: same, rows: func(l Records) Records { return sampled().records[:1100] }, check: "projections"},
		"both are behind": {tree: func(l Records) Records { return l[:950] }, rows: func(l Records) Records { return l[:900] }, check: "checkpoints"},
	} {
		t.Run(name, func(t *testing.T) {
			o := signedOffice(t)
			w := watched(t, o, func(cfg *WatchConfig) {
				cfg.Tree = keptTree(t, c.tree(o.log.records))
				cfg.Tree.WaitFor = func(context.Context, uint64) error { return errors.New("the projection has halted") }
				cfg.Rows = func(context.Context) (Rows, func(), error) { return shelve(t, c.rows(o.log.records)), func() {}, nil }
			})
			until(t, "it is verified", func() bool { return w.Badge().Known })
			report, _ := w.Report()
			for _, check := range report.Checks {
				if (check.Result == Failed) != (check.Name == c.check) && name != "rows behind" {
					t.Errorf("%s: %s %s", check.Name, check.Result, check.Detail.EN)
				}
			}
		})
	}
}

func same(l Records) Records { return l }

func other(l Records) Records {
	l = copied(l)
	l[500].Time = l[500].Time.Add(time.Microsecond)
	return l
}

// stuck is a log that does not answer.
type stuck struct{ *stream }

func (s stuck) Read(ctx context.Context, _, _ uint64, _ func([]eventstore.Record) error) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestAWatchThatIsClosedGivesUpAndTellsWhoWaits(t *testing.T) {
	o := signedOffice(t)
	w := watched(t, o, func(c *WatchConfig) { c.Log = stuck{o.log} })
	until(t, "it runs", func() bool { return w.Badge().Running })
	told := make(chan error)
	go func() {
		_, err := w.Verify(t.Context())
		told <- err
	}()
	w.Close()
	if err := <-told; !errors.Is(err, ErrWatchEnded) {
		t.Errorf("%v", err)
	}
	if _, err := w.Verify(t.Context()); !errors.Is(err, ErrWatchEnded) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestAVerificationThatFailsIsToldAndTriedAgain(t *testing.T) {
	o := signedOffice(t)
	var fails atomic.Bool
	fails.Store(true)
	w := watched(t, o, func(c *WatchConfig) {
		c.Pause, c.Share = 2*time.Millisecond, 2
		c.Rows = func(context.Context) (Rows, func(), error) {
			if fails.Load() {
				return nil, nil, errors.New("the database is away")
			}
			return shelve(t, o.log.records), func() {}, nil
		}
	})
	until(t, "it is told", func() bool { return w.Badge().Fault != "" })
	if w.Badge().Known {
		t.Error("it knows what it could not read")
	}
	fails.Store(false)
	until(t, "it is verified", func() bool { b := w.Badge(); return b.Sound && b.Fault == "" })
}
