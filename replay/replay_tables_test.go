package replay

import (
	"testing"

	"github.com/fundledger/fundledger/internal/scribe"
)

func TestHistoriesHaveACellForEachColumnAndBothLanguages(t *testing.T) {
	s := tell(t, firm()).and(caseOf("A-1", "P", 12_000_000)...).and(pay("1", "2025-03-02", "A-1", 5_000_000))
	h, err := Replay(t.Context(), s.Records, RefusedList(s.Refused), Question{Enterprise: firmA})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range append(again(t, scribe.TwoYears(), "1.2a.cap=3000000.00").Tables(), h.Table()) {
		scribe.CheckSheet(t, table)
	}
}
