package proof_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/proof"
)

// The text of a checkpoint is a format that others read: key, root and signature are fixed here.
func TestCheckpointGoldenVector(t *testing.T) {
	signer, verifier, err := note.GenerateKey(bytes.NewReader(make([]byte, 64)), "fundledger/test")
	if err != nil {
		t.Fatal(err)
	}
	k := proof.KeyOf("fundledger/test", verifier, signer)
	s, err := k.Signer()
	if err != nil {
		t.Fatal(err)
	}
	text, err := proof.Checkpoint{Origin: k.Name, Size: 7, Root: tlog.RecordHash([]byte("root"))}.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile("testdata/checkpoint.golden")
	if err != nil || !bytes.Equal(golden, text) {
		t.Errorf("the checkpoint is\n%s\nwant (%v)\n%s", text, err, golden)
	}
	golden, err = os.ReadFile("testdata/cosigned.golden")
	cosigner, _ := proof.NewCosigner(strings.Replace(signer, "fundledger/test", "audit-office", 1), func() time.Time { return time.Unix(1_750_000_000, 0) })
	signed, _ := note.Sign(&note.Note{Text: strings.SplitAfter(string(text), "\n\n")[0][:len(strings.SplitAfter(string(text), "\n\n")[0])-1]}, cosigner)
	all := proof.WithLines(text, signed[bytes.Index(signed, []byte("\n\n"))+2:])
	if err != nil || !bytes.Equal(golden, all) {
		t.Errorf("the cosigned checkpoint is\n%s\nwant (%v)\n%s", all, err, golden)
	}
	opened, err := prooftest.Trust(t, verifier, proof.CosignerKey(cosigner)).Open(k.Name, all)
	if err != nil || opened.Size != 7 || len(opened.Cosignatures) != 1 || opened.Cosignatures[0].At.Unix() != 1_750_000_000 || opened.Unknown != 0 {
		t.Errorf("opened as %+v, %v", opened, err)
	}
}

func TestAKeyIsMadeOnceAndKeptSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "log.key")
	k, made, err := proof.OpenKey(path, proof.Origin("长宁 +1"))
	if err != nil || !made || strings.ContainsAny(k.Name, " ") {
		t.Fatal(k.Name, made, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v, %v", info.Mode(), err)
	}
	again, made, err := proof.OpenKey(path, k.Name)
	if err != nil || made || again != k {
		t.Errorf("read again it is %v (made %v), %v", again, made, err)
	}
	if _, _, err := proof.OpenKey(path, "fundledger/other"); err == nil {
		t.Error("a key of another name was taken")
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := proof.OpenKey(path, k.Name); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others may read: %v", err)
	}
}

func TestACheckpointIsBelievedOnlyWhole(t *testing.T) {
	k := prooftest.Key(t, "fundledger/test")
	tree := prooftest.TreeOf(t, scribe.TwoYears().Records)
	text := prooftest.Issue(t, k, tree, 1000)
	tr := prooftest.Trust(t, k.Verifier)
	if s, err := tr.Open(k.Name, text); err != nil || s.Size != 1000 {
		t.Fatal(s, err)
	}
	for i := range text {
		flipped := bytes.Clone(text)
		flipped[i] ^= 1
		if _, err := tr.Open(k.Name, flipped); !errors.Is(err, proof.ErrCheckpoint) {
			t.Errorf("byte %d of the checkpoint flipped: %v", i, err)
		}
	}
	if _, err := tr.Open("fundledger/other", text); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("taken for another log: %v", err)
	}
	if _, err := prooftest.Trust(t, prooftest.Key(t, "fundledger/test").Verifier).Open(k.Name, text); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("believed with another key: %v", err)
	}
}

func TestAnyEventCanBeProvedAtAnySize(t *testing.T) {
	l := scribe.TwoYears().Records
	tree := prooftest.TreeOf(t, l)
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.Uint64Range(1, uint64(len(l))).Draw(rt, "size")
		seq := rapid.Uint64Range(1, size).Draw(rt, "seq")
		root, err := proof.RootAt(t.Context(), tree, size)
		if err != nil {
			rt.Fatal(err)
		}
		p, err := proof.ProveInclusion(t.Context(), tree, seq, size)
		if err != nil || p.Leaf != eventstore.LeafHash(l[seq-1]) {
			rt.Fatal(err)
		}
		if err := p.Check(root); err != nil {
			rt.Fatal(err)
		}
		from := rapid.Uint64Range(1, size).Draw(rt, "from")
		c, err := proof.ProveConsistency(t.Context(), tree, from, size)
		if err != nil {
			rt.Fatal(err)
		}
		older, err := proof.RootAt(t.Context(), tree, from)
		if err != nil {
			rt.Fatal(err)
		}
		if err := c.Check(older, root); err != nil {
			rt.Fatal(err)
		}
		if len(p.Hashes) > 0 {
			p.Hashes[rapid.IntRange(0, len(p.Hashes)-1).Draw(rt, "hash")][rapid.IntRange(0, 31).Draw(rt, "byte")] ^= 1
			if err := p.Check(root); !errors.Is(err, proof.ErrProof) {
				rt.Fatalf("a changed proof holds: %v", err)
			}
		}
		if len(c.Hashes) > 0 {
			c.Hashes[rapid.IntRange(0, len(c.Hashes)-1).Draw(rt, "hash")][rapid.IntRange(0, 31).Draw(rt, "byte")] ^= 1
			if err := c.Check(older, root); !errors.Is(err, proof.ErrProof) {
				rt.Fatalf("a changed proof holds: %v", err)
			}
		}
	})
	if _, err := proof.ProveInclusion(t.Context(), tree, 11, 10); err == nil {
		t.Error("an event beyond the tree was proved")
	}
}

func TestARolledBackOrRewrittenLogIsFound(t *testing.T) {
	k := prooftest.Key(t, "fundledger/test")
	l := scribe.TwoYears().Records
	s, err := prooftest.Trust(t, k.Verifier).Open(k.Name, prooftest.Issue(t, k, prooftest.TreeOf(t, l), 3000))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		log  eventstore.Records
		want error
	}{
		"as it was":   {l, nil},
		"rolled back": {l[:2999], proof.ErrRolledBack},
		"rewritten":   {func() eventstore.Records { o := scribe.Copied(l); o[5].Data = append(o[5].Data, ' '); return o }(), proof.ErrForked},
		"one dropped and the rest renumbered": {func() eventstore.Records {
			o := append(scribe.Copied(l[:700]), scribe.Copied(l[701:])...)
			for i := range o {
				o[i].Seq = uint64(i + 1)
			}
			return o
		}(), proof.ErrForked},
	} {
		tree := prooftest.TreeOf(t, c.log)
		if err := s.Continues(t.Context(), tree, uint64(tree.Size())); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTilesHoldTheTree(t *testing.T) {
	l := scribe.TwoYears().Records
	tree := prooftest.TreeOf(t, l)
	size := uint64(tree.Size())
	reader := tlog.TileHashReader(tlog.Tree{N: int64(size), Hash: tree.Root()}, tileClient{t, tree, l, size})
	hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, 0), tlog.StoredHashIndex(3, 200), tlog.StoredHashIndex(0, int64(size)-1)})
	if err != nil || hashes[0] != eventstore.LeafHash(l[0]) || hashes[2] != eventstore.LeafHash(l[size-1]) {
		t.Errorf("read by tiles: %v", err)
	}
	data, immutable, err := proof.Tile(t.Context(), tree, l, size, "/tile/entries/001")
	if err != nil || !immutable || !bytes.Equal(data[2:], func() (b []byte) {
		for i, r := range l[256:512] {
			leaf := eventstore.Leaf(r)
			if i > 0 {
				b = append(b, byte(len(leaf)>>8), byte(len(leaf)))
			}
			b = append(b, leaf...)
		}
		return b
	}()) {
		t.Errorf("an entry bundle: %v %v", immutable, err)
	}
	for _, path := range []string{"tile/0/999", "tile/0/0", "tile/9/000", "tile/data/000", "x", "tile/0/000.p/0", "tile/7/0/000", "tile/0/-01", "/../tile/0/000"} {
		if _, _, err := proof.Tile(t.Context(), tree, l, size, path); !errors.Is(err, proof.ErrTile) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

type tileClient struct {
	t    *testing.T
	tree *proof.Tree
	log  proof.Log
	size uint64
}

func (c tileClient) Height() int { return 8 }
func (c tileClient) ReadTiles(tiles []tlog.Tile) (out [][]byte, err error) {
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, _, err := proof.Tile(c.t.Context(), c.tree, c.log, c.size, path)
		if err != nil {
			return nil, err
		}
		same, _, err := proof.Tile(c.t.Context(), c.tree, c.log, c.size, tile.Path())
		if err != nil || !bytes.Equal(data, same) {
			c.t.Errorf("%s differs by its spelling: %v", tile.Path(), err)
		}
		out = append(out, data)
	}
	return out, nil
}
func (c tileClient) SaveTiles([]tlog.Tile, [][]byte) {}

func TestAWitnessRefusesForksAndRemembers(t *testing.T) {
	k, w := prooftest.Key(t, "fundledger/test"), prooftest.Key(t, "audit-office")
	l := scribe.TwoYears().Records
	tree := prooftest.TreeOf(t, l)
	other := prooftest.TreeOf(t, func() eventstore.Records { o := scribe.Copied(l); o[5].Data = append(o[5].Data, ' '); return o }())
	path := filepath.Join(t.TempDir(), "state", "last")
	open := func() *proof.Witness {
		x, err := proof.OpenWitness(w, path, k.Verifier)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	witness := open()
	submitted := func(tr *proof.Tree, from, size uint64) proof.Submission {
		c, err := proof.ProveConsistency(t.Context(), tr, from, size)
		if err != nil {
			t.Fatal(err)
		}
		return proof.Submission{Old: from, Proof: c.Hashes, Checkpoint: prooftest.Issue(t, k, tr, size)}
	}
	line, err := witness.Add(submitted(tree, 0, 1000))
	if err != nil {
		t.Fatal(err)
	}
	both, err := prooftest.Trust(t, k.Verifier, witness.Verifier()).Open(k.Name, proof.WithLines(prooftest.Issue(t, k, tree, 1000), line))
	if err != nil || len(both.Cosignatures) != 1 || both.Cosignatures[0].Witness != "audit-office" {
		t.Fatal(both, err)
	}
	witness = open() // it remembers across restarts
	var stale *proof.StaleError
	for name, c := range map[string]struct {
		s    proof.Submission
		want func(error) bool
	}{
		"from nothing again":   {submitted(tree, 0, 1200), func(err error) bool { return errors.As(err, &stale) && stale.Size == 1000 }},
		"smaller":              {submitted(tree, 0, 900), func(err error) bool { return errors.As(err, &stale) }},
		"another of that size": {proof.Submission{Old: 1000, Checkpoint: prooftest.Issue(t, k, other, 1000)}, func(err error) bool { return errors.Is(err, proof.ErrForked) }},
		"a fork that grew":     {submitted(other, 1000, 1500), func(err error) bool { return errors.Is(err, proof.ErrProof) }},
		"old beyond new":       {proof.Submission{Old: 2000, Checkpoint: prooftest.Issue(t, k, tree, 1500)}, func(err error) bool { return errors.Is(err, proof.ErrSubmission) }},
		"signed by another":    {proof.Submission{Old: 1000, Checkpoint: prooftest.Issue(t, prooftest.Key(t, "fundledger/test"), tree, 1500)}, func(err error) bool { return errors.Is(err, proof.ErrCheckpoint) }},
		"another log":          {proof.Submission{Old: 1000, Checkpoint: prooftest.Issue(t, prooftest.Key(t, "fundledger/else"), tree, 1500)}, func(err error) bool { return errors.Is(err, proof.ErrUnknownLog) }},
	} {
		if _, err := witness.Add(c.s); !c.want(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := witness.Add(submitted(tree, 1000, 4000)); err != nil {
		t.Error(err)
	}
	if open().Last().Size != 4000 {
		t.Error("it forgot")
	}
}

// A log whose key was changed is watched with both: what the older key signed is remembered, and what the newer one signs goes on from it.
func TestAWitnessOfALogWhoseKeyChangedKnowsBoth(t *testing.T) {
	old, now, w := prooftest.Key(t, "fundledger/test"), prooftest.Key(t, "fundledger/test"), prooftest.Key(t, "audit-office")
	tree := prooftest.TreeOf(t, scribe.TwoYears().Records)
	path := filepath.Join(t.TempDir(), "last")
	witness, err := proof.OpenWitness(w, path, old.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := witness.Add(proof.Submission{Checkpoint: prooftest.Issue(t, old, tree, 1000)}); err != nil {
		t.Fatal(err)
	}
	growth, err := proof.ProveConsistency(t.Context(), tree, 1000, 1500)
	if err != nil {
		t.Fatal(err)
	}
	next := proof.Submission{Old: 1000, Proof: growth.Hashes, Checkpoint: prooftest.Issue(t, now, tree, 1500)}
	if _, err := witness.Add(next); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("it cosigned what a key signed that it was not given: %v", err)
	}
	if _, err := proof.OpenWitness(w, path, now.Verifier); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("it took up what a key signed that it was not given: %v", err)
	}
	if witness, err = proof.OpenWitness(w, path, old.Verifier, now.Verifier); err != nil {
		t.Fatal(err)
	}
	if _, err := witness.Add(next); err != nil {
		t.Errorf("it does not go on with the new key: %v", err)
	}
	for name, keys := range map[string][]string{"of two logs": {old.Verifier, prooftest.Key(t, "fundledger/else").Verifier}, "none": {}} {
		if _, err := proof.OpenWitness(w, filepath.Join(t.TempDir(), "other"), keys...); err == nil {
			t.Errorf("keys %s: it watches", name)
		}
	}
}

func TestALogAsksItsWitness(t *testing.T) {
	k, w := prooftest.Key(t, "fundledger/test"), prooftest.Key(t, "audit-office")
	l := scribe.TwoYears().Records
	tree := prooftest.TreeOf(t, l)
	witness, err := proof.OpenWitness(w, filepath.Join(t.TempDir(), "last"), k.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(witness)
	defer server.Close()
	client := server.Client()
	tr := prooftest.Trust(t, k.Verifier, witness.Verifier())
	for _, size := range []uint64{10, 1000, 1001, uint64(tree.Size())} {
		s, err := tr.Open(k.Name, prooftest.Issue(t, k, tree, size))
		if err != nil {
			t.Fatal(err)
		}
		if s, err = proof.Cosign(t.Context(), client, server.URL, tree, tr, s); err != nil || len(s.Cosignatures) != 1 {
			t.Fatalf("at %d: %+v, %v", size, s, err)
		}
		if again, err := proof.Cosign(t.Context(), client, server.URL, tree, tr, s); err != nil || len(again.Cosignatures) != 1 {
			t.Fatalf("asked again at %d: %v", size, err)
		}
	}
	forged := prooftest.TreeOf(t, func() eventstore.Records { o := scribe.Copied(l); o[5].Data = append(o[5].Data, ' '); return o }())
	s, err := tr.Open(k.Name, prooftest.Issue(t, k, forged, uint64(forged.Size())))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proof.Cosign(t.Context(), client, server.URL, forged, tr, s); !errors.Is(err, proof.ErrWitness) {
		t.Errorf("a fork was cosigned: %v", err)
	}
	s, _ = tr.Open(k.Name, prooftest.Issue(t, k, tree, 20))
	if _, err := proof.Cosign(t.Context(), client, server.URL, tree, tr, s); !errors.Is(err, proof.ErrRolledBack) {
		t.Errorf("a log that shrank was cosigned: %v", err)
	}
	answer, err := client.Post(server.URL+"/add-checkpoint", "text/plain", strings.NewReader(strings.Repeat("x", 1<<20)))
	if err != nil || answer.StatusCode != http.StatusBadRequest {
		t.Error(answer, err)
	}
	answer.Body.Close()
	client.CloseIdleConnections()
}

func FuzzParseSubmission(f *testing.F) {
	f.Add([]byte("old 0\n\nfundledger/test\n1\n" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n\n— x AAAA\n"))
	f.Add(proof.Submission{Old: 3, Proof: []tlog.Hash{{1}, {2}}, Checkpoint: []byte("a\n1\nb\n")}.Encode())
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := proof.ParseSubmission(text)
		if err == nil && !bytes.Equal(s.Encode(), text) {
			t.Errorf("%q is read, and written as %q", text, s.Encode())
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	secret, verifier, _ := note.GenerateKey(bytes.NewReader(make([]byte, 64)), "fundledger/test")
	k := proof.KeyOf("fundledger/test", verifier, secret)
	tr, err := proof.ParseTrust(k.Verifier)
	if err != nil {
		f.Fatal(err)
	}
	signer, _ := k.Signer()
	text, _ := proof.Checkpoint{Origin: "fundledger/test", Size: 7}.Sign(signer)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := tr.Open("fundledger/test", text); err == nil && s.Size != 7 {
			t.Errorf("believed without a signature: %q", text)
		}
		proof.ParseTrust(string(text))
	})
}
