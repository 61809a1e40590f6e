package archive

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/proof"
)

// rotated is a ledger whose key was changed twice: each key signed before its change, and at it beside the next one.
type rotated struct {
	log   eventstore.Records
	keys  []proof.Key
	notes [][]byte
	tree  *proof.Tree
}

func rotate(t *testing.T) rotated {
	t.Helper()
	s := scribe.New(t)
	policy := scribe.Changning(t)
	s.Give(scribe.Publish(policy))
	origin := proof.Origin(policy.Fund)
	r := rotated{keys: []proof.Key{prooftest.Key(t, origin), prooftest.Key(t, origin), prooftest.Key(t, origin)}}
	sign := func(keys ...proof.Key) {
		tree := prooftest.TreeOf(t, s.Records)
		var signers []note.Signer
		for _, k := range keys {
			signers = append(signers, prooftest.SignerOf(t, k))
		}
		text, err := proof.Checkpoint{Origin: origin, Size: uint64(tree.Size()), Root: tree.Root()}.Sign(signers[0], signers[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		r.notes = append(r.notes, text)
	}
	sign(r.keys[0])
	for i := range 2 {
		change, err := proof.SignRotation(uint64(len(s.Records)), r.keys[i], r.keys[i+1])
		if err != nil {
			t.Fatal(err)
		}
		s.Give(rotation(i, change))
		sign(r.keys[i], r.keys[i+1])
		register := &domain.RegisterEnterprise{Head: domain.Head{ID: domain.CommandID(fmt.Sprintf("register-%d", i)), Date: scribe.Day("2025-03-02"), Actor: domain.Actor{ID: "k", Role: domain.Clerk, Department: "commerce"}},
			Enterprise: []domain.EnterpriseID{"914403001922038216", "91330100799655058B"}[i], Title: "甲", Industry: "ai"}
		if refusal := s.Give(register); refusal != nil {
			t.Fatal(refusal)
		}
		sign(r.keys[i+1])
	}
	r.log, r.tree = s.Records, prooftest.TreeOf(t, s.Records)
	return r
}

func rotation(i int, r proof.Rotation) *domain.RotateCheckpointKey {
	return &domain.RotateCheckpointKey{Head: domain.Head{ID: domain.CommandID(fmt.Sprintf("rotate-%d", i)), Date: scribe.Day("2025-03-01"),
		Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Old: r.Old, New: r.New, Position: r.Position, OldSignature: r.OldSignature,
		NewSignature: r.NewSignature, Reason: "每年更换"}
}

// Trust goes forward: whoever trusts a key follows to those that came after, is told so, and judges no checkpoint that only older keys
// signed; whoever asks not to follow believes the named key alone.
func TestTrustGoesForwardAndNeverBack(t *testing.T) {
	r := rotate(t)
	for i, k := range r.keys {
		trust := prooftest.Trust(t, k.Verifier)
		e := audit.Evidence{Fund: "changning-2024", Log: r.log, Checkpoints: r.notes, Trust: trust, Hashes: r.tree}
		report, err := audit.Verify(t.Context(), e, audit.Options{})
		if err != nil || !report.Sound || report.Checkpoint == nil || report.Checkpoint.Size != uint64(len(r.log)) {
			t.Errorf("key %d: %v, sound %v, %+v", i, err, report.Sound, report.Findings)
		}
		if len(report.Followed) != len(r.keys)-1-i || report.Unknown != []int{0, 2, 4}[i] && report.Unknown != []int{0, 1, 3}[i] {
			t.Errorf("key %d: %d changes were followed, %d checkpoints are of unknown keys", i, len(report.Followed), report.Unknown)
		}
		var b bytes.Buffer
		if _, err := WriteBundle(t.Context(), &b, Packing{Evidence: e, Scope: Scope{Enterprise: "914403001922038216"}}); err != nil {
			t.Fatal(err)
		}
		if packed, err := checked(t, b.Bytes(), trust); err != nil || !packed.Sound {
			t.Errorf("key %d: an extract: %v %+v", i, err, packed.Checks)
		}
		trust.NoFollow = true
		e.Trust = trust
		if report, err := audit.Verify(t.Context(), e, audit.Options{}); err != nil || report.Sound != (i == 2) || len(report.Followed) != 0 {
			t.Errorf("key %d, not followed: %v, sound %v, followed %v", i, err, report.Sound, report.Followed)
		}
	}
}

// An admin who can write to the log, but holds neither key, leads nobody anywhere: neither from the official key to a key of their own, nor
// from a forged log's key back to the official one.
func TestAChangeThatBothKeysDidNotSignLeadsNobodyAnywhere(t *testing.T) {
	r := rotate(t)
	origin := proof.Origin("changning-2024")
	official, rogue := r.keys[2], prooftest.Key(t, origin)
	honest, err := proof.SignRotation(1, rogue, prooftest.Key(t, origin))
	if err != nil {
		t.Fatal(err)
	}
	for name, forge := range map[string]func() proof.Rotation{
		"the rogue signs for both": func() proof.Rotation {
			f := honest
			f.Old, f.New, f.NewSignature = official.Verifier, rogue.Verifier, f.OldSignature
			return f
		},
		"a signature of another position": func() proof.Rotation {
			f, _ := proof.SignRotation(1, official, rogue)
			f.Position = 2
			return f
		},
		"a signature for another key": func() proof.Rotation {
			f, _ := proof.SignRotation(1, official, r.keys[0])
			f.New = rogue.Verifier
			return f
		},
		"no signature, as the first edition wrote it": func() proof.Rotation {
			return proof.Rotation{Old: official.Verifier, New: rogue.Verifier}
		},
		"backwards, from the rogue to the official key": func() proof.Rotation {
			f := honest
			f.New = official.Verifier
			return f
		},
	} {
		f := forge()
		f.Seq = 9
		if f.Check(origin) == nil {
			t.Errorf("%s: it passes", name)
		}
		for _, from := range []proof.Key{official, rogue} {
			if trust := prooftest.Trust(t, from.Verifier).Follow(origin, []proof.Rotation{f}, r.notes); len(trust.Log) != 1 {
				t.Errorf("%s: it is followed from %s", name, from.Verifier)
			}
		}
	}
	// A key that came later is not believed on a checkpoint of before.
	early, err := proof.Checkpoint{Origin: origin, Size: 1, Root: prooftest.TreeOf(t, r.log[:1]).Root()}.Sign(prooftest.SignerOf(t, r.keys[1]))
	if err != nil {
		t.Fatal(err)
	}
	rotations, err := proof.Rotations(t.Context(), r.log)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := prooftest.Trust(t, r.keys[0].Verifier).Follow(origin, rotations, r.notes).Open(origin, early); !errors.Is(err, proof.ErrUnknownKey) {
		t.Errorf("a checkpoint from before the key came: %v", err)
	}
}

func TestAKeyThatNothingLeadsToIsNotBelieved(t *testing.T) {
	r := rotate(t)
	stranger := prooftest.Key(t, proof.Origin("changning-2024"))
	forged, err := proof.Checkpoint{Origin: proof.Origin("changning-2024"), Size: uint64(r.tree.Size()), Root: r.tree.Root()}.Sign(prooftest.SignerOf(t, stranger))
	if err != nil {
		t.Fatal(err)
	}
	report, err := audit.Verify(t.Context(), audit.Evidence{Fund: "changning-2024", Log: r.log, Checkpoints: append(r.notes, forged), Trust: prooftest.Trust(t, r.keys[0].Verifier)}, audit.Options{})
	if err != nil || report.Sound {
		t.Errorf("a stranger's checkpoint was believed: %v", err)
	}
	if report, err = audit.Verify(t.Context(), audit.Evidence{Fund: "changning-2024", Log: r.log, Checkpoints: r.notes, Trust: prooftest.Trust(t, stranger.Verifier)}, audit.Options{}); err != nil || report.Sound {
		t.Errorf("who trusts another key believed the ledger: %v", err)
	}
}

// Whoever stole the new key has the change of key that both signed, for it is on the log. Put behind other events, it leads nobody: the old
// key's checkpoint at the change is asked for, and holds the events before it.
func TestAStolenNewKeyRewritesNothingThatTheOldKeySigned(t *testing.T) {
	policy := scribe.Changning(t)
	origin := proof.Origin(policy.Fund)
	old, stolen := prooftest.Key(t, origin), prooftest.Key(t, origin)
	register := func(title string) *domain.RegisterEnterprise {
		return &domain.RegisterEnterprise{Head: domain.Head{ID: "register", Date: scribe.Day("2025-03-02"),
			Actor: domain.Actor{ID: "k", Role: domain.Clerk, Department: "commerce"}},
			Enterprise: "914403001922038216", Title: title, Industry: "ai"}
	}
	change, err := proof.SignRotation(2, old, stolen)
	if err != nil {
		t.Fatal(err)
	}
	ledger := func(title string) (log eventstore.Records, tree *proof.Tree) {
		s := scribe.New(t)
		s.Give(scribe.Publish(policy))
		if refusal := s.Give(register(title)); refusal != nil {
			t.Fatal(refusal)
		}
		s.Give(rotation(0, change))
		return s.Records, prooftest.TreeOf(t, s.Records)
	}
	honest, honestTree := ledger("甲")
	forged, forgedTree := ledger("乙")
	before := prooftest.Issue(t, old, honestTree, 2)
	for name, c := range map[string]struct {
		log   eventstore.Records
		tree  *proof.Tree
		notes [][]byte
		sound bool
	}{
		"the honest ledger":                               {honest, honestTree, [][]byte{before, prooftest.Issue(t, stolen, honestTree, 3)}, true},
		"rewritten, without the old key's checkpoint":     {forged, forgedTree, [][]byte{prooftest.Issue(t, stolen, forgedTree, 3)}, false},
		"rewritten, beside the old key's checkpoint":      {forged, forgedTree, [][]byte{before, prooftest.Issue(t, stolen, forgedTree, 3)}, false},
		"rewritten, with one of the new key in its place": {forged, forgedTree, [][]byte{prooftest.Issue(t, stolen, forgedTree, 2), prooftest.Issue(t, stolen, forgedTree, 3)}, false},
	} {
		auditor := prooftest.Trust(t, old.Verifier)
		e := audit.Evidence{Fund: policy.Fund, Log: c.log, Checkpoints: c.notes, Trust: auditor, Hashes: c.tree}
		report, err := audit.Verify(t.Context(), e, audit.Options{})
		if err != nil || report.Sound != c.sound {
			t.Errorf("%s: %v, sound %v", name, err, report.Sound)
		}
		for _, scope := range []Scope{{}, {Enterprise: "914403001922038216"}} {
			e.Trust = prooftest.Trust(t, old.Verifier, stolen.Verifier) // of who makes the bundle
			var b bytes.Buffer
			if _, err := WriteBundle(t.Context(), &b, Packing{Evidence: e, Scope: scope}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if packed, err := checked(t, b.Bytes(), auditor); err != nil || packed.Sound != c.sound {
				t.Errorf("%s, a bundle of %+v: %v, sound %v", name, scope, err, packed.Sound)
			}
		}
	}
}
