package audit

import (
	"testing"
	"time"
)

func TestTablesHaveACellForEachColumnAndBothLanguages(t *testing.T) {
	r, err := Verify(t.Context(), Evidence{Log: sampled().records}, Options{Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	h, err := Replay(t.Context(), sampled().records, RefusedList(sampled().refused), Question{Enterprise: r.Sample.Items[0].Enterprise})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range append(append(r.Tables(), again(t, sampled(), "1.2a.cap=3000000.00").Tables()...), h.Table()) {
		if len(table.Rows) == 0 || table.Title.ZH == "" || table.Title.EN == "" {
			t.Errorf("%s has %d rows", table.Name, len(table.Rows))
		}
		for _, c := range table.Columns {
			if c.Title.ZH == "" || c.Title.EN == "" || c.Kind == "" {
				t.Errorf("%s: column %+v", table.Name, c)
			}
		}
		for _, cells := range table.Rows {
			if len(cells) != len(table.Columns) {
				t.Fatalf("%s: %d cells in %d columns", table.Name, len(cells), len(table.Columns))
			}
		}
	}
}
