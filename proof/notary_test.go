package proof_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/proof"
)

// office is what a notary works with.
type office struct {
	t      testing.TB
	key    proof.Key
	log    *scribe.Stream
	folder proof.Folder
}

func newOffice(t testing.TB, events int) *office {
	t.Helper()
	o := &office{t: t, log: scribe.StreamOf(slices.Clone(scribe.TwoYears().Records[:events])), folder: proof.Folder(filepath.Join(t.TempDir(), "checkpoints"))}
	var err error
	if o.key, _, err = proof.OpenKey(filepath.Join(t.TempDir(), "key"), proof.Origin("changning-2024")); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) config() proof.NotaryConfig {
	return proof.NotaryConfig{Fund: "changning-2024", Key: o.key, Log: o.log, Store: o.folder, Every: 100, Period: time.Hour}
}

func (o *office) open(change ...func(*proof.NotaryConfig)) (*proof.Notary, error) {
	cfg := o.config()
	for _, c := range change {
		c(&cfg)
	}
	n, err := proof.OpenNotary(o.t.Context(), cfg)
	if err == nil {
		o.t.Cleanup(n.Close)
	}
	return n, err
}

func (o *office) mustOpen(change ...func(*proof.NotaryConfig)) *proof.Notary {
	o.t.Helper()
	n, err := o.open(change...)
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

// signedBy is how many events a notary has signed for.
func signedBy(n *proof.Notary) uint64 {
	s, _ := n.Latest()
	return s.Size
}

func TestANotarySignsAsTheLogGrowsAndAtItsEnd(t *testing.T) {
	o := newOffice(t, 150)
	n := o.mustOpen()
	scribe.Until(t, "what was there is signed", func() bool { return signedBy(n) == 150 })
	o.log.Add(scribe.TwoYears().Records[150:200]...)
	scribe.Until(t, "it is read", func() bool { return n.Read() == 200 })
	if signedBy(n) != 150 {
		t.Errorf("50 events more were signed, and 100 make a checkpoint")
	}
	o.log.Add(scribe.TwoYears().Records[200:270]...)
	scribe.Until(t, "120 more are signed", func() bool { return signedBy(n) == 270 })
	o.log.Add(scribe.TwoYears().Records[270:300]...)
	scribe.Until(t, "the last are read", func() bool { return n.Read() == 300 }) // who closes does not wait for long
	n.Close()
	sizes, err := o.folder.Sizes(t.Context())
	if err != nil || !slices.Equal(sizes, []uint64{150, 270, 300}) {
		t.Fatalf("kept are %v, %v", sizes, err)
	}
	tree, err := proof.TreeOf(t.Context(), o.log)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range sizes {
		s, err := proof.OpenKept(t.Context(), o.folder, n.Trust(), proof.Origin("changning-2024"), size)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Continues(t.Context(), tree, 300); err != nil {
			t.Error(err)
		}
	}
}

func TestANotarySignsAfterAPeriodWhenAnythingCame(t *testing.T) {
	o := newOffice(t, 150)
	n := o.mustOpen(func(c *proof.NotaryConfig) { c.Period = 5 * time.Millisecond })
	scribe.Until(t, "what was there is signed", func() bool { return signedBy(n) == 150 })
	o.log.Add(scribe.TwoYears().Records[150])
	scribe.Until(t, "one more is signed", func() bool { return signedBy(n) == 151 })
	if sizes, _ := o.folder.Sizes(t.Context()); len(sizes) != 2 {
		t.Errorf("kept are %v: nothing came, and it was signed again", sizes)
	}
}

func TestAnEmptyLogIsNotSigned(t *testing.T) {
	o := newOffice(t, 0)
	n := o.mustOpen()
	n.Close()
	if sizes, err := o.folder.Sizes(t.Context()); err != nil || len(sizes) > 0 {
		t.Errorf("kept are %v, %v", sizes, err)
	}
	if _, ok := n.Latest(); ok {
		t.Error("it has a checkpoint")
	}
}

// signed makes an office whose log of 1,000 events has been signed, and nobody signs any more.
func signedOffice(t testing.TB) *office {
	o := newOffice(t, 1000)
	n := o.mustOpen()
	scribe.Until(t, "it is signed", func() bool { return signedBy(n) == 1000 })
	n.Close()
	return o
}

// keptTree is a tree as the projections keep it.
func keptTree(t testing.TB, records eventstore.Records) proof.Kept {
	t.Helper()
	return proof.KeptTree(records)
}

func TestALogThatIsNotWhatWasSignedIsRefused(t *testing.T) {
	forged := func(at int) func(eventstore.Records) eventstore.Records {
		return func(l eventstore.Records) eventstore.Records {
			l = scribe.Copied(l)
			data := l[at].Data
			place := len(data) / 2
			if i := slices.IndexFunc(data[place:], func(b byte) bool { return b >= 0xE0 }); i >= 0 {
				place += i + 2 // a Chinese character becomes its neighbour: the event can be read as before
			}
			data[place] ^= 1
			return l
		}
	}
	cases := []struct {
		name   string
		change func(eventstore.Records) eventstore.Records
		want   error
	}{
		{"as it was", func(l eventstore.Records) eventstore.Records { return l }, nil},
		{"longer", func(l eventstore.Records) eventstore.Records {
			return append(slices.Clip(l), scribe.TwoYears().Records[1000:1200]...)
		}, nil},
		{"without its last event", func(l eventstore.Records) eventstore.Records { return l[:999] }, proof.ErrRolledBack},
		{"empty", func(l eventstore.Records) eventstore.Records { return nil }, proof.ErrRolledBack},
		{"cut and written on", func(l eventstore.Records) eventstore.Records {
			l = append(slices.Clip(l[:900]), scribe.Copied(scribe.TwoYears().Records[900:1100])...)
			for i := 900; i < len(l); i++ {
				l[i].Time = l[i].Time.Add(time.Second)
			}
			return l
		}, proof.ErrForked},
		{"another last event", forged(999), proof.ErrForked},
		{"another first event", forged(0), proof.ErrForked},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := signedOffice(t)
			before := o.log.Records
			o.log = scribe.StreamOf(c.change(slices.Clone(before)))
			for name, tree := range map[string]proof.Kept{"no kept tree": {}, "a tree of the log as it is": keptTree(t, o.log.Records), "a tree of the log as it was": keptTree(t, before)} {
				n, err := o.open(func(cfg *proof.NotaryConfig) { cfg.Tree = tree })
				hidden := c.name == "another first event" && name == "a tree of the log as it was" // a verification finds it: it reads all
				if !errors.Is(err, c.want) && !hidden {
					t.Errorf("%s: %v, want %v", name, err, c.want)
				}
				if err == nil && signedBy(n) != 1000 && c.want == nil {
					scribe.Until(t, "the rest is signed", func() bool { return signedBy(n) == uint64(len(o.log.Records)) })
				}
				if c.want != nil && !hidden {
					if sizes, _ := o.folder.Sizes(t.Context()); !slices.Equal(sizes, []uint64{1000}) {
						t.Errorf("%s: something was signed: %v", name, sizes)
					}
				}
			}
		})
	}
}

func TestWithAKeptTreeOnlyTheEventsBeforeTheCheckpointAreRead(t *testing.T) {
	o := signedOffice(t)
	o.log.Handed.Store(0)
	o.mustOpen(func(c *proof.NotaryConfig) { c.Tree = keptTree(t, o.log.Records) })
	if read := o.log.Handed.Load(); read != proof.LeavesHeld {
		t.Errorf("%d events were read", read)
	}
}

func TestAKeptTreeThatIsWrongIsToldAndNotSigned(t *testing.T) {
	o := signedOffice(t)
	more := append(slices.Clip(o.log.Records), scribe.TwoYears().Records[1000:1100]...)
	wrong := scribe.Copied(more)
	wrong[1050].Data[3] ^= 1
	var told atomic.Bool
	n := o.mustOpen(func(c *proof.NotaryConfig) {
		c.Tree = keptTree(t, wrong)
		c.Failed = func(error) { told.Store(true) }
	})
	o.log.Add(more[1000:]...)
	scribe.Until(t, "it is signed", func() bool { return signedBy(n) == 1100 })
	scribe.Until(t, "it is told", told.Load)
	tree, err := proof.TreeOf(t.Context(), more)
	if s, _ := n.Latest(); err != nil || s.Root != tree.Root() || n.Err() != nil {
		t.Errorf("signed is %v, the log has %v: %v, %v", s.Root, tree.Root(), err, n.Err())
	}
}

func TestACheckpointThatCannotBeBelievedIsRefused(t *testing.T) {
	cases := map[string]func(t *testing.T, o *office, path string, note []byte) []byte{
		"another root": func(t *testing.T, o *office, _ string, note []byte) []byte {
			lines := bytes.SplitN(note, []byte("\n"), 4)
			lines[2][5] ^= 1
			return bytes.Join(lines, []byte("\n"))
		},
		"signed by another": func(t *testing.T, o *office, _ string, _ []byte) []byte {
			key, _, err := proof.OpenKey(filepath.Join(t.TempDir(), "other"), proof.Origin("changning-2024"))
			if err != nil {
				t.Fatal(err)
			}
			signer, err := key.Signer()
			if err != nil {
				t.Fatal(err)
			}
			text, err := proof.Checkpoint{Origin: proof.Origin("changning-2024"), Size: 1000}.Sign(signer)
			if err != nil {
				t.Fatal(err)
			}
			return text
		},
		"of another size": func(t *testing.T, o *office, path string, note []byte) []byte {
			if err := os.WriteFile(filepath.Join(string(o.folder), fmt.Sprintf("%020d", 2000)), note, 0o600); err != nil {
				t.Fatal(err)
			}
			return note
		},
		"empty": func(*testing.T, *office, string, []byte) []byte { return nil },
		"too long": func(*testing.T, *office, string, []byte) []byte {
			return bytes.Repeat([]byte("x"), 10*proof.MaxNoteBytes)
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			o := signedOffice(t)
			path := o.folder.Path(1000)
			note, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, change(t, o, path, note), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := o.open(); !errors.Is(err, proof.ErrCheckpoint) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAnOlderKeyIsBelievedWhenItIsNamed(t *testing.T) {
	o := signedOffice(t)
	old := o.key
	var err error
	if o.key, _, err = proof.OpenKey(filepath.Join(t.TempDir(), "new"), proof.Origin("changning-2024")); err != nil {
		t.Fatal(err)
	}
	if _, err := o.open(); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("the old key is believed without a word: %v", err)
	}
	trust, err := proof.ParseTrust(old.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	o.log.Add(scribe.TwoYears().Records[1000:1300]...)
	n := o.mustOpen(func(c *proof.NotaryConfig) { c.Trust = trust })
	scribe.Until(t, "the new key signs", func() bool { return signedBy(n) == 1300 })
}

func TestSeveralNotariesSignOneLog(t *testing.T) {
	o := newOffice(t, 100)
	notaries := []*proof.Notary{o.mustOpen(), o.mustOpen(), o.mustOpen()}
	for at := 100; at < 2000; at += 95 {
		o.log.Add(scribe.TwoYears().Records[at : at+95]...)
	}
	for _, n := range notaries {
		scribe.Until(t, "it has read the log", func() bool { return n.Read() == 2000 || n.Err() != nil })
		n.Close()
		if n.Err() != nil {
			t.Error(n.Err())
		}
		if s, _ := n.Latest(); s.Size != 2000 {
			t.Errorf("one ended at %d", s.Size)
		}
	}
	notes, err := proof.NotesOf(t.Context(), o.folder)
	if err != nil {
		t.Fatal(err)
	}
	tree, last := prooftest.TreeOf(t, o.log), uint64(0)
	for _, text := range notes {
		s, err := notaries[0].Trust().Open(proof.Origin("changning-2024"), text)
		if err != nil {
			t.Fatal(err)
		}
		if root, err := proof.RootAt(t.Context(), tree, s.Size); err != nil || root != s.Root {
			t.Errorf("at %d the root %s is signed, %v", s.Size, s.Root, err)
		}
		last = s.Size
	}
	if last != 2000 {
		t.Errorf("the last checkpoint is of %d events", last)
	}
}

func TestANotaryOfAnotherLogWithTheSameKeyIsAnAlarm(t *testing.T) {
	for name, other := range map[string]struct {
		events int
		want   error
	}{"of the same size": {400, proof.ErrForked}, "shorter": {350, proof.ErrForked}, "longer": {500, proof.ErrRolledBack}} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, 300)
			n := o.mustOpen()
			scribe.Until(t, "it is signed", func() bool { return signedBy(n) == 300 })
			forged := scribe.Copied(scribe.TwoYears().Records[:other.events])
			forged[7].Data[9] ^= 1
			tree, err := proof.TreeOf(t.Context(), forged)
			if err != nil {
				t.Fatal(err)
			}
			signer, err := o.key.Signer()
			if err != nil {
				t.Fatal(err)
			}
			note, err := proof.Checkpoint{Origin: proof.Origin("changning-2024"), Size: uint64(other.events), Root: tree.Root()}.Sign(signer)
			if err != nil {
				t.Fatal(err)
			}
			if err := o.folder.Keep(t.Context(), uint64(other.events), note); err != nil {
				t.Fatal(err)
			}
			o.log.Add(scribe.TwoYears().Records[300:400]...)
			select {
			case <-n.Done():
			case <-time.After(scribe.Patience):
				t.Fatal("no alarm")
			}
			if !errors.Is(n.Err(), other.want) {
				t.Errorf("%v, want %v", n.Err(), other.want)
			}
			if _, err := n.Issue(t.Context()); !errors.Is(err, other.want) {
				t.Errorf("it signs on: %v", err)
			}
		})
	}
}

func TestCheckpointsAreCosignedAndAWitnessThatIsAwayIsNoObstacle(t *testing.T) {
	o := newOffice(t, 300)
	key, _, err := proof.OpenKey(filepath.Join(t.TempDir(), "witness"), "audit-office")
	if err != nil {
		t.Fatal(err)
	}
	witness, err := proof.OpenWitness(key, filepath.Join(t.TempDir(), "state"), o.key.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	var away atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			http.Error(w, "lunch", http.StatusBadGateway)
			return
		}
		witness.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	trust, err := proof.ParseTrust(witness.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	var failed atomic.Int64
	n := o.mustOpen(func(c *proof.NotaryConfig) {
		c.Trust, c.Witnesses, c.Client = trust, []string{server.URL}, server.Client()
		c.Failed = func(error) { failed.Add(1) }
	})
	scribe.Until(t, "it is cosigned", func() bool { s, _ := n.Latest(); return s.Size == 300 && len(s.Cosignatures) == 1 })
	away.Store(true)
	o.log.Add(scribe.TwoYears().Records[300:400]...)
	scribe.Until(t, "it is signed", func() bool { s, _ := n.Latest(); return s.Size == 400 && len(s.Cosignatures) == 0 })
	if failed.Load() == 0 {
		t.Error("nobody was told that the witness is away")
	}
	away.Store(false)
	o.log.Add(scribe.TwoYears().Records[400:500]...)
	scribe.Until(t, "it is cosigned again", func() bool { s, _ := n.Latest(); return s.Size == 500 && len(s.Cosignatures) == 1 })
	kept, err := proof.OpenKept(t.Context(), o.folder, n.Trust(), proof.Origin("changning-2024"), 500)
	if err != nil || len(kept.Cosignatures) != 1 {
		t.Errorf("%+v, %v", kept, err)
	}
}

// broken is a store that does not keep.
type broken struct {
	proof.Store
	whole atomic.Bool
}

func (b *broken) Keep(ctx context.Context, size uint64, note []byte) error {
	if !b.whole.Load() {
		return errors.New("no space left on device")
	}
	return b.Store.Keep(ctx, size, note)
}

func TestACheckpointThatCannotBeKeptIsTriedAgain(t *testing.T) {
	o := newOffice(t, 300)
	store := &broken{Store: o.folder}
	var failed atomic.Int64
	n := o.mustOpen(func(c *proof.NotaryConfig) {
		c.Store, c.Period = store, 10*time.Millisecond
		c.Failed = func(error) { failed.Add(1) }
	})
	scribe.Until(t, "it is told", func() bool { return failed.Load() > 0 })
	if signedBy(n) != 0 {
		t.Error("it says that it has signed what is kept nowhere")
	}
	store.whole.Store(true)
	scribe.Until(t, "it is kept", func() bool { return signedBy(n) == 300 })
}

func TestAFolderKeepsTheFirstNoteOfASizeWithEverySignature(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "kept")
		if err != nil {
			r.Fatal(err)
		}
		folder := proof.Folder(filepath.Join(dir, "new"))
		want := map[uint64]string{}
		for range rapid.IntRange(1, 30).Draw(r, "notes") {
			size := rapid.Uint64Range(0, 4).Draw(r, "size")
			body := rapid.SampledFrom([]string{"a\n1\nroot\n", "a\n1\nother\n"}).Draw(r, "body")
			line := rapid.SampledFrom([]string{"— x AAAA\n", "— y BBBB\n", "— z CCCC\n"}).Draw(r, "line")
			err := folder.Keep(t.Context(), size, []byte(body+"\n"+line))
			first, known := want[size]
			switch {
			case !known:
				want[size] = body + "\n" + line
			case first[:len(body)] != body && first[:len("a\n1\nroot\n")] != body:
				if !errors.Is(err, proof.ErrForked) {
					r.Fatalf("another body was kept: %v", err)
				}
				continue
			case !bytes.Contains([]byte(first), []byte(line)):
				want[size] = first + line
			}
			if err != nil {
				r.Fatal(err)
			}
		}
		for size, text := range want {
			if kept, err := folder.Kept(t.Context(), size); err != nil || string(kept) != text {
				r.Fatalf("kept is %q, %v; want %q", kept, err, text)
			}
		}
		if _, err := folder.Kept(t.Context(), 99); !errors.Is(err, proof.ErrNoCheckpoint) {
			r.Fatal(err)
		}
	})
}

// A service that runs while its key is changed elsewhere signs nothing behind the change with the old key.
func TestANotaryWhoseKeyWasReplacedSignsNothingMore(t *testing.T) {
	o := newOffice(t, 150)
	n := o.mustOpen(func(c *proof.NotaryConfig) { c.Every = 1 })
	scribe.Until(t, "what was there is signed", func() bool { return signedBy(n) == 150 })
	other, _, err := proof.OpenKey(filepath.Join(t.TempDir(), "other"), o.key.Name)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := proof.SignRotation(150, other, o.key)
	if err != nil {
		t.Fatal(err)
	}
	forged.Old, forged.New = o.key.Verifier, other.Verifier // a change that the old key did not sign stops nobody
	o.log.Add(rotationRecord(t, 151, forged))
	scribe.Until(t, "a forged change is signed like any event", func() bool { return signedBy(n) == 151 })
	change, err := proof.SignRotation(151, o.key, other)
	if err != nil {
		t.Fatal(err)
	}
	o.log.Add(rotationRecord(t, 152, change))
	<-n.Done()
	if !errors.Is(n.Err(), proof.ErrReplaced) {
		t.Errorf("it ended with %v", n.Err())
	}
	n.Close()
	if sizes, err := o.folder.Sizes(t.Context()); err != nil || !slices.Equal(sizes, []uint64{150, 151}) {
		t.Errorf("signed are %v, %v", sizes, err)
	}
}

// rotationRecord is the event of a change of key, as it lies on the log.
func rotationRecord(t testing.TB, seq uint64, r proof.Rotation) eventstore.Record {
	t.Helper()
	s := scribe.New(t)
	policy := scribe.Changning(t)
	s.Give(scribe.Publish(policy))
	refusal := s.Give(&domain.RotateCheckpointKey{Head: domain.Head{ID: domain.CommandID(fmt.Sprintf("rotate-%d", seq)), Date: scribe.Day("2025-03-01"),
		Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Old: r.Old, New: r.New, Position: r.Position, OldSignature: r.OldSignature,
		NewSignature: r.NewSignature, Reason: "每年更换"})
	if refusal != nil {
		t.Fatal(refusal)
	}
	record := s.Records[len(s.Records)-1]
	record.Seq = seq
	return record
}
