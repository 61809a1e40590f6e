package words

import "github.com/fundledger/fundledger/domain"

// ClosingSheet is how a budget year stands before its closing, as a table.
func ClosingSheet(checks []domain.ClosingCheck) Sheet {
	t := Sheet{Name: "closing_checks", Title: domain.Text{ZH: "封账前核对", EN: "What a closing waits for"},
		Columns: Named("check", "settled", "open_items", "amount", "day", "detail")}
	for _, c := range checks {
		day := ""
		if !c.Day.IsZero() {
			day = c.Day.String()
		}
		t.Rows = append(t.Rows, Row(c.Step.Text(), c.Done, c.Open, c.Amount, day, c.Note()))
	}
	return t
}
