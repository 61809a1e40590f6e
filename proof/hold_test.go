package proof_test

import (
	"errors"
	"os"
	"testing"

	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/proof"
)

func TestALogIsHeldAgainstTheLatestCheckpoint(t *testing.T) {
	o := newOffice(t, 150)
	origin := proof.Origin("changning-2024")
	held := func(events int) error {
		tree := proof.KeptTree(scribe.TwoYears().Records[:events])
		return proof.HoldLatest(t.Context(), o.folder, origin, tree.Hashes, uint64(events))
	}
	if err := held(10); err != nil {
		t.Errorf("before anything is signed: %v", err)
	}
	n := o.mustOpen()
	scribe.Until(t, "what is there is signed", func() bool { return signedBy(n) == 150 })
	for events, want := range map[int]error{149: proof.ErrRolledBack, 150: nil, 200: nil} {
		if err := held(events); !errors.Is(err, want) {
			t.Errorf("%d events: %v, not %v", events, err, want)
		}
	}
	other := proof.KeptTree(scribe.TwoYears().Records[1:201])
	if err := proof.HoldLatest(t.Context(), o.folder, origin, other.Hashes, 200); !errors.Is(err, proof.ErrForked) {
		t.Errorf("another history: %v", err)
	}
	if err := proof.HoldLatest(t.Context(), o.folder, "fundledger/another", proof.KeptTree(scribe.TwoYears().Records[:200]).Hashes, 200); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("another fund's checkpoint: %v", err)
	}
	if err := os.WriteFile(o.folder.Path(150), []byte("no note"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := held(200); !errors.Is(err, proof.ErrCheckpoint) {
		t.Errorf("a checkpoint that is none: %v", err)
	}
}
