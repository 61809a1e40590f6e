package audit

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/proof"
)

// signedLog is a log of 1,000 events, signed with a key, that may grow.
type signedLog struct {
	key    proof.Key
	log    *scribe.Stream
	folder proof.Folder
}

func signedStream(t testing.TB) *signedLog {
	t.Helper()
	l := slices.Clone(scribe.TwoYears().Records[:1000])
	s := &signedLog{key: prooftest.Key(t, proof.Origin("changning-2024")), log: scribe.StreamOf(l), folder: proof.Folder(t.TempDir())}
	if err := s.folder.Keep(t.Context(), 1000, prooftest.Issue(t, s.key, prooftest.TreeOf(t, l), 1000)); err != nil {
		t.Fatal(err)
	}
	return s
}

// treeKept is a tree of records as the projections keep it.
func treeKept(t testing.TB, l eventstore.Records) proof.Kept {
	tree := prooftest.TreeOf(t, l)
	return proof.Kept{Hashes: tree, Size: func() uint64 { return uint64(tree.Size()) }}
}

func watched(t testing.TB, o *signedLog, change ...func(*WatchConfig)) *Watch {
	t.Helper()
	trust, err := proof.ParseTrust(o.key.Verifier)
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
	o := signedStream(t)
	var ended atomic.Int64
	w := watched(t, o, func(c *WatchConfig) {
		c.Pause, c.Share = 5*time.Millisecond, 2
		c.Ended = func(Report, error) { ended.Add(1) }
	})
	scribe.Until(t, "it is verified", func() bool { return w.Badge().Upto == 1000 })
	if b := w.Badge(); !b.Known || !b.Sound || b.At.IsZero() || b.Counts[Error] != 0 {
		t.Errorf("%+v", b)
	}
	o.log.Add(scribe.TwoYears().Records[1000:1200]...)
	scribe.Until(t, "what came is verified", func() bool { return w.Badge().Upto == 1200 })
	w.Close() // the badge is set before the end is told
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
	o := signedStream(t)
	w := watched(t, o)
	first, err := w.Verify(t.Context())
	if err != nil || !first.Sound || first.Events != 1000 {
		t.Fatalf("%v %+v", err, first.Checks)
	}
	scribe.Until(t, "none is on its way", func() bool { return !w.Badge().Running })
	o.log.Add(scribe.TwoYears().Records[1000:1100]...)
	again, err := w.Verify(t.Context())
	if err != nil || again.Events != 1100 {
		t.Errorf("%v: up to %d", err, again.Events)
	}
	if kept, ok := w.Report(); !ok || kept.Events != 1100 {
		t.Errorf("the last report is of %d events", kept.Events)
	}
}

func TestAWatchTellsThatALedgerIsNotSound(t *testing.T) {
	o := signedStream(t)
	o.log.Records = scribe.Copied(o.log.Records)
	o.log.Records[500].Data[10] ^= 1
	w := watched(t, o)
	scribe.Until(t, "it is verified", func() bool { return w.Badge().Known })
	b := w.Badge()
	report, _ := w.Report()
	if b.Sound || b.Counts[Error] == 0 || !slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.Code == codeForked }) {
		t.Errorf("%+v, %+v", b, report.Checks)
	}
}

func TestAWatchFindsTheKeptTreeAndTheProjectionsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		tree, rows func(eventstore.Records) eventstore.Records
		check      string
	}{
		"all as it is":    {tree: same, rows: same},
		"another tree":    {tree: other, rows: same, check: "tree"},
		"other rows":      {tree: same, rows: other, check: "projections"},
		"rows behind":     {tree: same, rows: func(l eventstore.Records) eventstore.Records { return l[:900] }},
		"rows too many":   {tree: same, rows: func(l eventstore.Records) eventstore.Records { return scribe.TwoYears().Records[:1100] }, check: "projections"},
		"both are behind": {tree: func(l eventstore.Records) eventstore.Records { return l[:950] }, rows: func(l eventstore.Records) eventstore.Records { return l[:900] }, check: "checkpoints"},
	} {
		t.Run(name, func(t *testing.T) {
			o := signedStream(t)
			w := watched(t, o, func(cfg *WatchConfig) {
				cfg.Tree = treeKept(t, c.tree(o.log.Records))
				cfg.Tree.WaitFor = func(context.Context, uint64) error { return errors.New("the projection has halted") }
				cfg.Rows = func(context.Context) (Rows, func(), error) { return shelve(t, c.rows(o.log.Records)), func() {}, nil }
			})
			scribe.Until(t, "it is verified", func() bool { return w.Badge().Known })
			report, _ := w.Report()
			for _, check := range report.Checks {
				if (check.Result == Failed) != (check.Name == c.check) && name != "rows behind" {
					t.Errorf("%s: %s %s", check.Name, check.Result, check.Detail.EN)
				}
			}
		})
	}
}

func same(l eventstore.Records) eventstore.Records { return l }

func other(l eventstore.Records) eventstore.Records {
	l = scribe.Copied(l)
	l[500].Time = l[500].Time.Add(time.Microsecond)
	return l
}

// stuck is a log that does not answer.
type stuck struct{ *scribe.Stream }

func (s stuck) Read(ctx context.Context, _, _ uint64, _ func([]eventstore.Record) error) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestAWatchThatIsClosedGivesUpAndTellsWhoWaits(t *testing.T) {
	o := signedStream(t)
	w := watched(t, o, func(c *WatchConfig) { c.Log = stuck{o.log} })
	scribe.Until(t, "it runs", func() bool { return w.Badge().Running })
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
	o := signedStream(t)
	var fails atomic.Bool
	fails.Store(true)
	w := watched(t, o, func(c *WatchConfig) {
		c.Pause, c.Share = 2*time.Millisecond, 2
		c.Rows = func(context.Context) (Rows, func(), error) {
			if fails.Load() {
				return nil, nil, errors.New("the database is away")
			}
			return shelve(t, o.log.Records), func() {}, nil
		}
	})
	scribe.Until(t, "it is told", func() bool { return w.Badge().Fault != "" })
	if w.Badge().Known {
		t.Error("it knows what it could not read")
	}
	fails.Store(false)
	scribe.Until(t, "it is verified", func() bool { b := w.Badge(); return b.Sound && b.Fault == "" })
}

// What is changed while nothing is booked is found too.
func TestAWatchVerifiesNowAndThenWhereNothingComes(t *testing.T) {
	var ended atomic.Int64
	watched(t, signedStream(t), func(c *WatchConfig) {
		c.Pause, c.Idle, c.Share = 5*time.Millisecond, 10*time.Millisecond, 2
		c.Ended = func(Report, error) { ended.Add(1) }
	})
	scribe.Until(t, "it is verified again", func() bool { return ended.Load() > 2 })
}
