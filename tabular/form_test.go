package tabular

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestWhatIsTypedIntoAFormStaysText(t *testing.T) {
	var b bytes.Buffer
	if err := WriteForm(&b, "make_payout", []string{"指令 command", "金额 <amount>"}, []string{"make_payout", ""}); err != nil {
		t.Fatal(err)
	}
	f := opened(t, b.Bytes())
	if sheets := f.GetSheetList(); len(sheets) != 1 || sheets[0] != "make_payout" {
		t.Fatalf("sheets %q", sheets)
	}
	rows, err := f.GetRows("make_payout")
	if err != nil || fmt.Sprint(rows) != "[[指令 command 金额 <amount>] [make_payout]]" {
		t.Errorf("%q, %v", rows, err)
	}
	for _, column := range []string{"A", "B"} { // also where nobody has typed yet
		index, err := f.GetColStyle("make_payout", column)
		if err != nil {
			t.Fatal(err)
		}
		if style, err := f.GetStyle(index); err != nil || style.NumFmt != 49 {
			t.Errorf("column %s is %+v, not text: %v", column, style, err)
		}
	}
	if panes, err := f.GetPanes("make_payout"); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the heading is not frozen: %+v, %v", panes, err)
	}
	if err := WriteForm(&b, "long", []string{"h"}, []string{strings.Repeat("x", cellUnits+1)}); err == nil {
		t.Error("a text that no cell holds was taken")
	}
}
