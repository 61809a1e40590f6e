package audit

import (
	"testing"
	"time"

	"github.com/fundledger/fundledger/internal/scribe"
)

func TestReportsHaveACellForEachColumnAndBothLanguages(t *testing.T) {
	r, err := Verify(t.Context(), Evidence{Log: scribe.TwoYears().Records}, Options{Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range r.Tables() {
		scribe.CheckSheet(t, table)
	}
}
