package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/proof"
)

var packedAt = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// shown is a log with what a bundle shows of it.
type shown struct {
	log         eventstore.Records
	key         proof.Key
	tree        *proof.Tree
	checkpoints [][]byte
}

// small is the first events of the sample with all that is kept about them.
func small(t testing.TB, n int) *shown {
	return showing(t, "changning-2024", scribe.Copied(scribe.TwoYears().Records[:n]), 0, 1, uint64(n/2), uint64(n))
}

// showing has a log with checkpoints of some sizes of it.
func showing(t testing.TB, fund domain.FundID, log eventstore.Records, sizes ...uint64) *shown {
	t.Helper()
	k := &shown{log: log, key: prooftest.Key(t, proof.Origin(fund)), tree: prooftest.TreeOf(t, log)}
	for _, size := range sizes {
		k.checkpoints = append(k.checkpoints, prooftest.Issue(t, k.key, k.tree, size))
	}
	return k
}

func (k *shown) pack(t testing.TB, s Scope) []byte {
	t.Helper()
	var b bytes.Buffer
	report := audit.Report{Fund: "changning-2024"}
	p := Packing{Evidence: audit.Evidence{Fund: "changning-2024", Log: k.log, Checkpoints: k.checkpoints, Trust: prooftest.Trust(t, k.key.Verifier), Hashes: k.tree}, Scope: s, Report: &report, Now: packedAt}
	if _, err := WriteBundle(t.Context(), &b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func checked(t testing.TB, text []byte, tr proof.Trust) (BundleReport, error) {
	t.Helper()
	b, err := ReadBundle(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return BundleReport{}, err
	}
	return VerifyBundle(t.Context(), b, tr)
}

func TestABundleIsVerifiedWithNothingElse(t *testing.T) {
	k := small(t, 1500)
	firm := domain.EnterpriseID("")
	for _, f := range scribe.TwoYears().State.Accounts() {
		if f.Subject.Kind == domain.SubjectEnterprise && firm == "" {
			firm = domain.EnterpriseID(f.Subject.ID)
		}
	}
	for name, s := range map[string]Scope{"whole": {}, "enterprise": {Enterprise: firm}, "clause": {Clause: "1.2a"}, "year": {Year: 2025}, "clause and year": {Clause: "1.2a", Year: 2025}} {
		t.Run(name, func(t *testing.T) {
			text := k.pack(t, s)
			if !bytes.Equal(text, k.pack(t, s)) {
				t.Error("the same ledger gives two bundles")
			}
			path := filepath.Join(t.TempDir(), "ledger.bundle")
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			b, err := OpenBundle(path)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			r, err := VerifyBundle(t.Context(), b, prooftest.Trust(t, k.key.Verifier))
			if err != nil || !r.Sound || r.Checkpoint.Size != 1500 || len(r.Earlier) != 2 || r.Totals.JournalRows == 0 || len(b.Report) == 0 {
				t.Errorf("%v %+v", err, r.Checks)
			}
			if s.whole() == (r.Manifest.Events < 1500) || r.Manifest.Events < 3 {
				t.Errorf("it holds %d events", r.Manifest.Events)
			}
		})
	}
	r, err := checked(t, k.pack(t, Scope{}), prooftest.Trust(t, prooftest.Key(t, proof.Origin("changning-2024")).Verifier))
	if err != nil || r.Sound {
		t.Error("a bundle signed by another key was believed")
	}
}

// A flipped byte is found, or lies where the archive says nothing (a time of an entry, a spare flag): then nothing that
// the bundle says has changed.
func TestAFlippedBitOfALargerBundleIsFound(t *testing.T) {
	k := small(t, 120)
	tr := prooftest.Trust(t, k.key.Verifier)
	for name, s := range map[string]Scope{"whole": {}, "extract": {Clause: "1.2a"}} {
		text := k.pack(t, s)
		good, err := checked(t, text, tr)
		if err != nil || !good.Sound {
			t.Fatal(good.Checks, err)
		}
		rng := rand.New(rand.NewPCG(7, 7))
		for range 100 {
			flipped := bytes.Clone(text)
			at := rng.IntN(len(flipped))
			flipped[at] ^= byte(1 << rng.IntN(8))
			if r, err := checked(t, flipped, tr); err == nil && r.Sound {
				t.Errorf("%s: a flipped bit of byte %d is not noticed", name, at)
			}
		}
	}
}

func contents(t *testing.T, text []byte) (all []string) {
	r, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		o, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(o)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f.Name, string(b))
	}
	return all
}

// repack changes the files of a bundle and makes its list of files true again: what a forger would do.
func repack(t *testing.T, text []byte, change func(name, content string) string) []byte {
	t.Helper()
	var out bytes.Buffer
	b := &packer{zip: bundleZip(&out, bundleFormat), manifest: Manifest{Made: packedAt}}
	list := contents(t, text)
	for i := 0; i < len(list); i += 2 {
		content := change(list[i], list[i+1])
		if list[i] == fileFiles {
			old, err := ReadBundle(bytes.NewReader(text), int64(len(text)))
			if err != nil {
				t.Fatal(err)
			}
			b.tables = &tables{control: old.Contents.Totals}
			b.packing.Report = nil
			if err := b.writeEnd(t.Context()); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := b.file(list[i], func(w io.Writer) error { _, err := io.WriteString(w, content); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAForgedBundleIsFoundAndThePartNamed(t *testing.T) {
	k := small(t, 300)
	tr := prooftest.Trust(t, k.key.Verifier)
	replaceIn := func(file, old, with string) func(string, string) string {
		return func(name, content string) string {
			if name != file {
				return content
			}
			if !strings.Contains(content, old) {
				t.Fatalf("%s has no %q", name, old)
			}
			return strings.Replace(content, old, with, 1)
		}
	}
	cut := func(file string, lines int) func(string, string) string {
		return func(name, content string) string {
			if name != file {
				return content
			}
			all := strings.SplitAfter(content, "\n")
			return strings.Join(slices.Delete(all, lines, lines+1), "")
		}
	}
	whole, extract := Scope{}, Scope{Clause: "1.2a"}
	for name, c := range map[string]struct {
		scope  Scope
		change func(string, string) string
		part   string
	}{
		"unchanged":             {whole, func(_, content string) string { return content }, ""},
		"an amount":             {whole, replaceIn(fileEvents, `\"amount\":\"`, `\"amount\":\"9`), "events"},
		"an amount in extract":  {extract, replaceIn(fileEvents, `\"requested\":`, `\"requestee\":`), "events"},
		"an actor":              {whole, replaceIn(fileEvents, `"ce-actor":["`, `"ce-actor":["x`), "events"},
		"a time":                {whole, replaceIn(fileEvents, `"time_ns":1`, `"time_ns":2`), "events"},
		"an event dropped":      {whole, cut(fileEvents, 40), "events"},
		"one dropped, extract":  {extract, cut(fileEvents, 4), "events"},
		"a proof dropped":       {extract, cut(fileProofs, 4), "events"},
		"a proof changed":       {extract, replaceIn(fileProofs, `"proof":["`, `"proof":["AAAA`), "events"},
		"a line of the journal": {whole, cut(fileJournal, 9), "tables"},
		"a total":               {whole, replaceIn(fileTotals, ".00,", ".01,"), "tables"},
		"the policy":            {whole, replaceIn(filePolicy, "100000000.00", "900000000.00"), "tables"},
		"a growth proof":        {whole, replaceIn(fileCheckpoints, `"proof":["`, `"proof":["AAAA`), "growth"},
		"the checkpoint":        {whole, replaceIn(fileCheckpoint, "\n300\n", "\n299\n"), "checkpoint"},
		"the manifest's size":   {whole, replaceIn(fileManifest, `"tree_size":300`, `"tree_size":299`), "checkpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := checked(t, repack(t, k.pack(t, c.scope), c.change), tr)
			if c.part == "" {
				if err != nil || !r.Sound {
					t.Errorf("%v %+v", err, r.Checks)
				}
				return
			}
			if err != nil {
				if !errors.Is(err, errBundle) {
					t.Error(err)
				}
				return
			}
			if i := slices.IndexFunc(r.Checks, func(x audit.Check) bool { return x.Result == audit.Failed }); r.Sound || i < 0 || r.Checks[i].Name != c.part {
				t.Errorf("want %s to fail, got %+v", c.part, r.Checks)
			}
		})
	}
}

func TestALaterBundleProvesThatHistoryOnlyGrew(t *testing.T) {
	k := small(t, 400)
	tr := prooftest.Trust(t, k.key.Verifier)
	earlier, err := checked(t, k.pack(t, Scope{}), tr)
	if err != nil {
		t.Fatal(err)
	}
	grown := func(l eventstore.Records) BundleReport {
		later := &shown{log: l, key: k.key, tree: prooftest.TreeOf(t, l)}
		later.checkpoints = [][]byte{prooftest.Issue(t, k.key, later.tree, 400), prooftest.Issue(t, k.key, later.tree, uint64(len(l)))}
		r, err := checked(t, later.pack(t, Scope{Year: 2025}), tr)
		if err != nil || !r.Sound {
			t.Fatal(r.Checks, err)
		}
		return r
	}
	if err := Grew(earlier, grown(scribe.TwoYears().Records[:900])); err != nil {
		t.Error(err)
	}
	other := scribe.Copied(scribe.TwoYears().Records[:900])
	other[7].Header["ce-causationid"] = []string{"x"}
	if err := Grew(earlier, grown(other)); !errors.Is(err, proof.ErrForked) {
		t.Errorf("a fork: %v", err)
	}
	if err := Grew(grown(scribe.TwoYears().Records[:900]), earlier); !errors.Is(err, proof.ErrRolledBack) {
		t.Errorf("an earlier one as the later: %v", err)
	}
}

func TestABundleThatWouldUnpackToTooMuchIsRefused(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create(fileManifest)
	w.Write(make([]byte, maxSmallFile+1))
	z.Close()
	if _, err := ReadBundle(bytes.NewReader(b.Bytes()), int64(b.Len())); !errors.Is(err, errBundle) {
		t.Errorf("a zip bomb: %v", err)
	}
	for _, names := range [][]string{{"../../etc/passwd"}, {fileManifest, fileManifest}, {fileEvents, fileManifest}, {}} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range names {
			z.Create(name)
		}
		z.Close()
		if _, err := ReadBundle(bytes.NewReader(b.Bytes()), int64(b.Len())); !errors.Is(err, errBundle) {
			t.Errorf("%v: %v", names, err)
		}
	}
}

func FuzzReadBundle(f *testing.F) {
	k := small(f, 40)
	f.Add(k.pack(f, Scope{}))
	f.Add(k.pack(f, Scope{Clause: "1.2a"}))
	f.Add([]byte("PK\x05\x06"))
	tr := prooftest.Trust(f, k.key.Verifier)
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := checked(t, text, tr); err != nil && !errors.Is(err, errBundle) {
			t.Error(err)
		}
	})
}
