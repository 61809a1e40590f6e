package archive

import (
	"bytes"
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
		c := &domain.RotateCheckpointKey{Head: domain.Head{ID: domain.CommandID(fmt.Sprintf("rotate-%d", i)), Date: scribe.Day("2025-03-01"),
			Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Old: r.keys[i].Verifier, New: r.keys[i+1].Verifier, Reason: "每年更换"}
		if refusal := s.Give(c); refusal != nil {
			t.Fatal(refusal)
		}
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

func TestWhoTrustsOneKeyFollowsItsRotations(t *testing.T) {
	r := rotate(t)
	for i, k := range r.keys {
		e := audit.Evidence{Fund: "changning-2024", Log: r.log, Checkpoints: r.notes, Trust: prooftest.Trust(t, k.Verifier), Hashes: r.tree}
		report, err := audit.Verify(t.Context(), e, audit.Options{})
		if err != nil || !report.Sound || report.Checkpoint == nil || report.Checkpoint.Size != uint64(len(r.log)) {
			t.Errorf("key %d: %v, sound %v, %+v", i, err, report.Sound, report.Findings)
		}
		var b bytes.Buffer
		if _, err := WriteBundle(t.Context(), &b, Packing{Evidence: e, Scope: Scope{Enterprise: "914403001922038216"}}); err != nil {
			t.Fatal(err)
		}
		if packed, err := checked(t, b.Bytes(), prooftest.Trust(t, k.Verifier)); err != nil || !packed.Sound {
			t.Errorf("key %d: an extract: %v %+v", i, err, packed.Checks)
		}
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
	// Without the checkpoint at the change, nobody who is trusted has said that the key was changed.
	alone := [][]byte{r.notes[0], r.notes[2]}
	report, err = audit.Verify(t.Context(), audit.Evidence{Fund: "changning-2024", Log: r.log, Checkpoints: alone, Trust: prooftest.Trust(t, r.keys[0].Verifier)}, audit.Options{})
	if err != nil || report.Sound {
		t.Errorf("a key was believed that only its own signature speaks for: %v", err)
	}
	if report, err = audit.Verify(t.Context(), audit.Evidence{Fund: "changning-2024", Log: r.log, Checkpoints: r.notes, Trust: prooftest.Trust(t, stranger.Verifier)}, audit.Options{}); err != nil || report.Sound {
		t.Errorf("who trusts another key believed the ledger: %v", err)
	}
}
