package audit

import (
	"testing"

	"github.com/fundledger/fundledger/projections/projtest"
)

// A history of facts and offers, some confirmed, is judged again as it was decided: decisions of several events among them.
func TestFactsAndOffersAreJudgedAgain(t *testing.T) {
	j, err := Judge(t.Context(), projtest.NewLog(projtest.YearsHistory(31, 900)), nil)
	if err != nil || j.Commands >= j.Events {
		t.Fatalf("%d commands, %d events: %v", j.Commands, j.Events, err)
	}
	for _, f := range j.Findings {
		if f.Code == CodeDiffers {
			t.Errorf("judged otherwise: %v", f.Explanation.EN)
		}
	}
}
