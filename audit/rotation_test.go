package audit

import (
	"bytes"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/fundledger/fundledger/domain"
)

// rotated is a ledger whose key was changed twice: each key signed before its change, and at it beside the next one.
type rotated struct {
	log   Records
	keys  []Key
	notes [][]byte
	tree  *Tree
}

func rotate(t *testing.T) rotated {
	t.Helper()
	s := newScribe(t)
	policy := changning(t)
	s.give(publish(policy))
	origin := Origin(policy.Fund)
	r := rotated{keys: []Key{key(t, origin), key(t, origin), key(t, origin)}}
	sign := func(keys ...Key) {
		tree := treeOf(t, s.records)
		var signers []note.Signer
		for _, k := range keys {
			signers = append(signers, signerOf(t, k))
		}
		text, err := Checkpoint{Origin: origin, Size: uint64(tree.Size()), Root: tree.Root()}.Sign(signers[0], signers[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		r.notes = append(r.notes, text)
	}
	sign(r.keys[0])
	for i := range 2 {
		c := &domain.RotateCheckpointKey{Head: domain.Head{ID: domain.CommandID(fmt.Sprintf("rotate-%d", i)), Date: day("2025-03-01"),
			Actor: domain.Actor{ID: "root", Role: domain.Admin}}, Old: r.keys[i].Verifier, New: r.keys[i+1].Verifier, Reason: "每年更换"}
		if refusal := s.give(c); refusal != nil {
			t.Fatal(refusal)
		}
		sign(r.keys[i], r.keys[i+1])
		register := &domain.RegisterEnterprise{Head: domain.Head{ID: domain.CommandID(fmt.Sprintf("register-%d", i)), Date: day("2025-03-02"), Actor: domain.Actor{ID: "k", Role: domain.Clerk, Department: "commerce"}},
			Enterprise: []domain.EnterpriseID{"914403001922038216", "91330100799655058B"}[i], Title: "甲", Industry: "ai"}
		if refusal := s.give(register); refusal != nil {
			t.Fatal(refusal)
		}
		sign(r.keys[i+1])
	}
	r.log, r.tree = s.records, treeOf(t, s.records)
	return r
}

func TestWhoTrustsOneKeyFollowsItsRotations(t *testing.T) {
	r := rotate(t)
	for i, k := range r.keys {
		e := Evidence{Fund: "changning-2024", Log: r.log, Checkpoints: r.notes, Trust: trust(t, k.Verifier), Hashes: r.tree}
		report, err := Verify(t.Context(), e, Options{})
		if err != nil || !report.Sound || report.Checkpoint == nil || report.Checkpoint.Size != uint64(len(r.log)) {
			t.Errorf("key %d: %v, sound %v, %+v", i, err, report.Sound, report.Findings)
		}
		var b bytes.Buffer
		if _, err := WriteBundle(t.Context(), &b, Packing{Evidence: e, Scope: Scope{Enterprise: "914403001922038216"}}); err != nil {
			t.Fatal(err)
		}
		if packed, err := checked(t, b.Bytes(), trust(t, k.Verifier)); err != nil || !packed.Sound {
			t.Errorf("key %d: an extract: %v %+v", i, err, packed.Checks)
		}
	}
}

func TestAKeyThatNothingLeadsToIsNotBelieved(t *testing.T) {
	r := rotate(t)
	stranger := key(t, Origin("changning-2024"))
	forged, err := Checkpoint{Origin: Origin("changning-2024"), Size: uint64(r.tree.Size()), Root: r.tree.Root()}.Sign(signerOf(t, stranger))
	if err != nil {
		t.Fatal(err)
	}
	report, err := Verify(t.Context(), Evidence{Fund: "changning-2024", Log: r.log, Checkpoints: append(r.notes, forged), Trust: trust(t, r.keys[0].Verifier)}, Options{})
	if err != nil || report.Sound {
		t.Errorf("a stranger's checkpoint was believed: %v", err)
	}
	// Without the checkpoint at the change, nobody who is trusted has said that the key was changed.
	alone := [][]byte{r.notes[0], r.notes[2]}
	report, err = Verify(t.Context(), Evidence{Fund: "changning-2024", Log: r.log, Checkpoints: alone, Trust: trust(t, r.keys[0].Verifier)}, Options{})
	if err != nil || report.Sound {
		t.Errorf("a key was believed that only its own signature speaks for: %v", err)
	}
	if report, err = Verify(t.Context(), Evidence{Fund: "changning-2024", Log: r.log, Checkpoints: r.notes, Trust: trust(t, stranger.Verifier)}, Options{}); err != nil || report.Sound {
		t.Errorf("who trusts another key believed the ledger: %v", err)
	}
}
