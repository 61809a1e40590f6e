package words

import "github.com/fundledger/fundledger/projections"

// HistoryRow is a step of a history, with a sentence that says what happened.
type HistoryRow struct {
	projections.HistoryRow
	Message string `json:"message"` // in the reader's language
}

// History is a page of a history for a reader of "zh" or "en".
func History(p projections.Page[projections.HistoryRow], lang string) projections.Page[HistoryRow] {
	told := projections.Page[HistoryRow]{Seq: p.Seq, Next: p.Next, Rows: make([]HistoryRow, len(p.Rows))}
	for i, r := range p.Rows {
		told.Rows[i] = HistoryRow{r, Describe(r.Event).In(lang)}
	}
	return told
}
