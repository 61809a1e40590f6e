package audit

import (
	"testing"

	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
)

func TestADrillIsCaughtEachTime(t *testing.T) {
	k := keep(t, scribe.TwoYears().Records[:2600])
	before := k.verify(t)
	drills, err := TamperDrill(t.Context(), k.evidence(t), 1700)
	if err != nil || len(drills) != len(tamperings)+1 {
		t.Fatalf("%d drills, %v", len(drills), err)
	}
	for _, d := range drills {
		if !d.Caught || len(d.By) == 0 || d.First == nil || d.Title.ZH == "" {
			t.Errorf("%s: caught %v by %v, %+v", d.Name, d.Caught, d.By, d.First)
		}
	}
	if missed := tableDrill(projections.Forgery{Table: "payouts", Tried: []string{"amount", "voucher"}, Missed: []string{"voucher"}}); missed.Caught || len(missed.Missed) != 1 {
		t.Errorf("a forgery that was missed counts as caught: %+v", missed)
	}
	if after := k.verify(t); !before.Sound || !after.Sound || after.Root != before.Root {
		t.Error("the drill changed what is kept")
	}
	if drills, err := TamperDrill(t.Context(), Evidence{Log: k.log, Fund: "changning-2024", Checkpoints: k.checkpoints, Trust: prooftest.Trust(t, k.key.Verifier)}, 1700); err != nil || len(drills) != len(tamperings)-1 {
		t.Errorf("without a tree and rows: %d drills, %v", len(drills), err)
	}
}
