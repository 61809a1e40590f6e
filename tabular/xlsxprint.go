package tabular

import (
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// headUnits is how much of a title stands above each page: with what is beside it, Excel takes 255 characters.
const headUnits = 120

// printed ends a sheet with how it is printed: on A4, lying, as wide as the page, with its title and the unit of its amounts above, and the number
// of the page below. Its first row stands on every page by the name that [workbook.titles] gives it.
func (w *workbook) printed(title string) {
	above := "&L" + coded(fitted(title, headUnits))
	for _, c := range w.table.Columns {
		if c.Kind == Money {
			above += "&R" + domain.Text{ZH: "单位：", EN: "Unit: "}.In(w.opts.Lang) + Yuan.Label(w.opts.Lang)
			break
		}
	}
	below := "&C" + domain.Text{ZH: "第 &P 页，共 &N 页", EN: "page &P of &N"}.In(w.opts.Lang)
	fmt.Fprintf(w.sheet, `<pageMargins left="0.4" right="0.4" top="0.75" bottom="0.6" header="0.3" footer="0.3"/>`+
		`<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>`+
		`<headerFooter><oddHeader>%s</oddHeader><oddFooter>%s</oddFooter></headerFooter></worksheet>`, appendEscaped(nil, above), appendEscaped(nil, below))
}

// coded is a text for the head of a page, in which an & begins a code. Digits at its beginning would be the size of its letters.
func coded(text string) string {
	text = strings.ReplaceAll(text, "&", "&&")
	if text != "" && text[0] >= '0' && text[0] <= '9' {
		return " " + text
	}
	return text
}

// titles names the first row of every sheet as what stands on each page.
func (w *workbook) titles() string {
	var names strings.Builder
	for i, name := range w.sheets {
		quoted := "'" + strings.ReplaceAll(name, "'", "''") + "'"
		fmt.Fprintf(&names, `<definedName name="_xlnm.Print_Titles" localSheetId="%d">%s!$1:$1</definedName>`, i, appendEscaped(nil, quoted))
	}
	return "<definedNames>" + names.String() + "</definedNames>"
}
