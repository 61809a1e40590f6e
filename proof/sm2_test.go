package proof_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/proof"
)

func sm2Key(t testing.TB, name string) proof.Key {
	t.Helper()
	k, made, err := proof.OpenSM2Key(filepath.Join(t.TempDir(), "sm2.key"), name)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	return k
}

// doublySigned is a checkpoint with both signatures.
func doublySigned(t testing.TB, ed, sm proof.Key) []byte {
	t.Helper()
	text, err := proof.Checkpoint{Origin: ed.Name, Size: 9, Root: tlog.Hash{1}}.Sign(prooftest.SignerOf(t, ed), prooftest.SignerOf(t, sm))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestACheckpointBearsBothSignaturesAndEitherIsEnough(t *testing.T) {
	const name = "fundledger/changning-2024"
	ed, sm := prooftest.Key(t, name), sm2Key(t, name)
	text := doublySigned(t, ed, sm)
	if bytes.Count(text, []byte("\n— ")) != 2 {
		t.Fatalf("%s", text)
	}
	for who, c := range map[string]struct {
		keys    []string
		unknown int
	}{"both": {[]string{ed.Verifier, sm.Verifier}, 0}, "Ed25519 only": {[]string{ed.Verifier}, 1}, "SM2 only": {[]string{sm.Verifier}, 1}} {
		s, err := prooftest.Trust(t, c.keys...).Open(name, text)
		if err != nil || s.Size != 9 || s.Unknown != c.unknown || len(s.Cosignatures) != 0 {
			t.Errorf("%s: %+v %v", who, s, err)
		}
	}
	// A program that was written before there was SM2 here: the note package alone.
	v, err := note.NewVerifier(ed.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open(text, note.VerifierList(v)); err != nil || len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 1 {
		t.Errorf("%v", err)
	}
	other := sm2Key(t, name)
	if _, err := prooftest.Trust(t, other.Verifier).Open(name, text); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("another's SM2 key: %v", err)
	}
}

func TestATamperedDoubleSignatureIsFound(t *testing.T) {
	const name = "fundledger/f"
	ed, sm := prooftest.Key(t, name), sm2Key(t, name)
	text := doublySigned(t, ed, sm)
	both, only := prooftest.Trust(t, ed.Verifier, sm.Verifier), prooftest.Trust(t, sm.Verifier)
	for i := range text {
		for _, bit := range []byte{1, 0x20} {
			flipped := bytes.Clone(text)
			flipped[i] ^= bit
			if s, err := both.Open(name, flipped); err == nil && s.Unknown == 0 {
				t.Fatalf("byte %d: a changed note passes as signed by both: %q", i, flipped)
			}
			s, err := only.Open(name, flipped)
			if err == nil && (s.Size != 9 || s.Root != (tlog.Hash{1})) {
				t.Fatalf("byte %d: another checkpoint is believed", i)
			}
		}
	}
	// An SM2 signature of another text, moved here.
	elsewhere, err := proof.Checkpoint{Origin: name, Size: 8, Root: tlog.Hash{2}}.Sign(prooftest.SignerOf(t, sm))
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := bytes.Cut(text, []byte("\n\n"))
	_, signature, _ := bytes.Cut(elsewhere, []byte("\n\n"))
	moved := append(append(bytes.Clone(body), '\n', '\n'), signature...)
	if _, err := only.Open(name, moved); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("a moved signature: %v", err)
	}
}

func TestAnSM2KeyIsKeptAsAnEd25519KeyIs(t *testing.T) {
	const name = "fundledger/f"
	path := filepath.Join(t.TempDir(), "keys", "sm2.key")
	k, made, err := proof.OpenSM2Key(path, name)
	if err != nil || !made || !k.IsSM2() {
		t.Fatal(made, err)
	}
	again, made, err := proof.OpenSM2Key(path, name)
	if err != nil || made || again != k {
		t.Errorf("%v %v", made, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if _, _, err := proof.OpenKey(path, name); err == nil || !strings.Contains(err.Error(), "SM2") {
		t.Errorf("as the first key: %v", err)
	}
	if _, _, err := proof.OpenSM2Key(path, "fundledger/g"); err == nil {
		t.Error("another's name")
	}
	ed := filepath.Join(t.TempDir(), "ed.key")
	if e, _, err := proof.OpenKey(ed, name); err != nil || e.IsSM2() {
		t.Error(err)
	}
	if _, _, err := proof.OpenSM2Key(ed, name); err == nil || !strings.Contains(err.Error(), "Ed25519") {
		t.Errorf("an Ed25519 key as SM2: %v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := proof.OpenSM2Key(path, name); err == nil {
		t.Error("a key that others may read")
	}
}

func TestSM2VerifierKeysAreReadStrictly(t *testing.T) {
	const name = "fundledger/f"
	k := sm2Key(t, name)
	parts := strings.SplitN(k.Verifier, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(b []byte) []byte) string {
		b := change(bytes.Clone(raw))
		hash := proof.SM2Hash(name, b[min(len(proof.SM2Type), len(b)):])
		return name + "+" + hex.EncodeToString([]byte{byte(hash >> 24), byte(hash >> 16), byte(hash >> 8), byte(hash)}) + "+" + base64.StdEncoding.EncodeToString(b)
	}
	for what, text := range map[string]string{
		"another name":      strings.Replace(k.Verifier, name, "fundledger/g", 1),
		"another hash":      name + "+00000000+" + parts[2],
		"off the curve":     with(func(b []byte) []byte { b[len(b)-1] ^= 1; return b }),
		"cut":               with(func(b []byte) []byte { return b[:len(b)-1] }),
		"longer":            with(func(b []byte) []byte { return append(b, 0) }),
		"nothing":           with(func(b []byte) []byte { return b[:len(proof.SM2Type)] }),
		"another type text": with(func(b []byte) []byte { b[5] ^= 1; return b }),
		"no name":           "+" + parts[1] + "+" + parts[2],
	} {
		if _, err := proof.NewVerifier(text); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if _, err := proof.NewVerifier(with(func(b []byte) []byte { return b })); err != nil {
		t.Errorf("the key itself: %v", err)
	}
}

// The example of GB/T 32918.5-2017, A.2: a key, a message and its signature by others.
func TestSM2VerifiesTheStandardsExample(t *testing.T) {
	number := func(text string) *big.Int {
		n, ok := new(big.Int).SetString(text, 16)
		if !ok {
			t.Fatal(text)
		}
		return n
	}
	x, y := number("09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"), number("CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13")
	point := append([]byte{4}, append(x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32))...)...)
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(number("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"))
		b.AddASN1BigInt(number("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"))
	})
	// SubjectPublicKeyInfo of a key on the SM2 curve: id-ecPublicKey, 1.2.156.10197.1.301.
	head, err := hex.DecodeString("3059301306072a8648ce3d020106082a811ccf5501822d034200")
	if err != nil {
		t.Fatal(err)
	}
	public, err := proof.ParseSM2Public(append(head, point...))
	if err != nil {
		t.Fatal(err)
	}
	v := proof.SM2VerifierOf(public)
	if !v.Verify([]byte("message digest"), b.BytesOrPanic()) || v.Verify([]byte("message digesT"), b.BytesOrPanic()) {
		t.Error("the standard's example does not verify")
	}
	if !sm2.IsSM2PublicKey(public) {
		t.Error("it is on another curve")
	}
}

func TestAWitnessMayWatchALogByItsSM2Key(t *testing.T) {
	const name = "fundledger/f"
	ed, sm := prooftest.Key(t, name), sm2Key(t, name)
	w, err := proof.OpenWitness(prooftest.Key(t, "audit-office"), filepath.Join(t.TempDir(), "state"), sm.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add(proof.Submission{Checkpoint: doublySigned(t, ed, sm)}); err != nil {
		t.Error(err)
	}
}

func TestANotarySignsWithBothKeysAndTakesUpWhatOneSigned(t *testing.T) {
	o := newOffice(t, 300)
	first, err := o.mustOpen().Issue(t.Context())
	if err != nil || bytes.Count(first.Note, []byte("\n— ")) != 1 {
		t.Fatalf("%s %v", first.Note, err)
	}
	sm := sm2Key(t, proof.Origin("changning-2024"))
	o.log.Add(scribe.TwoYears().Records[300:320]...)
	// The SM2 key is named twice: as one that signs, and as one that is trusted.
	n := o.mustOpen(func(c *proof.NotaryConfig) { c.Beside, c.Trust = []proof.Key{sm}, prooftest.Trust(t, sm.Verifier) })
	scribe.Until(t, "20 more events are signed for", func() bool {
		s, err := n.Issue(t.Context())
		return err == nil && s.Size == 320
	})
	s, err := n.Issue(t.Context())
	if err != nil || bytes.Count(s.Note, []byte("\n— ")) != 2 || s.Unknown != 0 {
		t.Fatalf("%s %v", s.Note, err)
	}
	for _, k := range []proof.Key{o.key, sm} {
		if _, err := prooftest.Trust(t, k.Verifier).Open(s.Origin, s.Note); err != nil {
			t.Error(err)
		}
	}
	if again, err := o.mustOpen().Issue(t.Context()); err != nil || again.Unknown != 1 {
		t.Errorf("without the SM2 key: %+v %v", again, err)
	}
}
