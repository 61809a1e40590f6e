package tabular

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/fundledger/fundledger/domain"
)

// Every sheet that somebody prints is on A4, lying and fitted to its width, has its heading and unit on each page, and its pages are numbered.
func TestEverySheetIsReadyToPrint(t *testing.T) {
	table := sample()
	table.Title = domain.Text{ZH: "2025 & '支付'", EN: "2025 & 'payouts'"}
	var form bytes.Buffer
	if err := WriteForm(&form, "make_payout", []string{"指令"}, []string{"make_payout"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		f    *excelize.File
		head []string
		foot string
	}{
		"in Chinese": {opened(t, written(t, XLSX, table, Options{})), []string{"&L 2025 && '支付'", "&R单位：元"}, "&C第 &P 页，共 &N 页"},
		"in English": {opened(t, written(t, XLSX, table, Options{Lang: "en"})), []string{"&L 2025 && 'payouts'", "&RUnit: CNY"}, "&Cpage &P of &N"},
		"a form":     {opened(t, form.Bytes()), []string{"&Lmake_payout"}, "&C第 &P 页，共 &N 页"},
	} {
		titles := map[string]string{}
		for _, n := range c.f.GetDefinedName() {
			titles[n.Scope] = n.RefersTo
		}
		for _, sheet := range c.f.GetSheetList() {
			layout, err := c.f.GetPageLayout(sheet)
			if err != nil || *layout.Size != 9 || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 || *layout.FitToHeight != 0 {
				t.Errorf("%s, %s: layout %+v, %v", name, sheet, layout, err)
			}
			props, err := c.f.GetSheetProps(sheet)
			if err != nil || !*props.FitToPage {
				t.Errorf("%s, %s: not fitted: %v", name, sheet, err)
			}
			marks, err := c.f.GetHeaderFooter(sheet)
			if err != nil || marks == nil || marks.OddFooter != c.foot {
				t.Fatalf("%s, %s: foot %+v, %v", name, sheet, marks, err)
			}
			for _, want := range c.head {
				if !strings.Contains(marks.OddHeader, want) {
					t.Errorf("%s, %s: the head %q lacks %q", name, sheet, marks.OddHeader, want)
				}
			}
			if want := "'" + strings.ReplaceAll(sheet, "'", "''") + "'!$1:$1"; titles[sheet] != want {
				t.Errorf("%s, %s: repeats %q, want %q", name, sheet, titles[sheet], want)
			}
		}
	}
}
