package intake

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// Why a row is left out.
const (
	LeftTotal     = "total"      // it says what the rows above come to
	LeftHeading   = "heading"    // it is the heading once more
	LeftFootnote  = "footnote"   // it says who made the table, or what its rows mean
	LeftTitle     = "title"      // it stands above the heading
	LeftNoCommand = "no_command" // the mapping has no command for amounts of its sign
)

// LeftOut is a row of a table of which no command is made.
type LeftOut struct {
	Row    int    `json:"row"`
	Text   string `json:"text"`   // its first cell that says something
	Why    string `json:"why"`    // LeftTotal, …
	Totals []Sum  `json:"totals"` // what a row of totals says
}

// Sum is what a row of totals says of a column, which is what the rows come to; else the file is not read.
type Sum struct {
	Column  string          `json:"column"`  // its letters
	Amount  decimal.Decimal `json:"amount"`  // in yuan
	Checked bool            `json:"checked"` // false where rows could not be read
}

const shownNotes = 20

func (r *Report) leave(l LeftOut) {
	if r.Left++; len(r.LeftOut) < shownNotes {
		r.LeftOut = append(r.LeftOut, l)
	}
}

func (r *Report) computed(cell string) {
	if r.Results++; len(r.Computed) < shownNotes {
		r.Computed = append(r.Computed, cell)
	}
}

// Notes are what a person should know of how the file was read, each a sentence.
func (r Report) Notes() []domain.Text {
	var notes []domain.Text
	note := func(zh, en string, args ...any) { notes = append(notes, say(zh, en, args...)) }
	if r.Encoding != "" {
		note("文件编码为 %s，已按此读取。", "The file is written in %s, and was read so.", r.Encoding)
	}
	if len(r.Unread) > 0 {
		note("只读了工作表“%s”；未读：%s。", "Only the sheet %q was read; left out: %s.", r.Sheet, strings.Join(r.Unread, ", "))
	}
	if len(r.Hidden) > 0 {
		note("其中隐藏的工作表：%s。", "Of these, hidden: %s.", strings.Join(r.Hidden, ", "))
	}
	if len(r.Concealed) > 0 {
		note("隐藏且未用到的列：%s。", "Hidden columns that are not used: %s.", strings.Join(r.Concealed, ", "))
	}
	for _, l := range r.LeftOut {
		notes = append(notes, l.note())
	}
	if more := r.Left - len(r.LeftOut); more > 0 {
		note("另有 %d 行未导入。", "%d more rows are left out.", more)
	}
	if r.Skipped > 0 {
		note("按映射略过 %d 行。", "Rows left out as the mapping says: %d.", r.Skipped)
	}
	if r.Results > 0 {
		more := ""
		if r.Results > len(r.Computed) {
			more = ", …"
		}
		note("%d 个单元格是公式，按文件中存下的计算结果读取：%s。", "%d cells are formulas, and were read as the results that the file holds: %s.", r.Results, strings.Join(r.Computed, ", ")+more)
	}
	if r.Cleaned > 0 {
		note("清除了不可见字符的文字：%d 处。", "Texts from which invisible characters were taken: %d.", r.Cleaned)
	}
	return notes
}

func (l LeftOut) note() domain.Text {
	switch l.Why {
	case LeftFootnote:
		return say("第 %d 行是表注，未导入：%s。", "Row %d is a note, left out: %s.", l.Row, domain.Clip(l.Text, 60))
	case LeftHeading:
		return say("第 %d 行是重复的表头，未导入。", "Row %d is the heading once more, left out.", l.Row)
	case LeftTitle:
		return say("第 %d 行在表头上方，未导入：%s。", "Row %d stands above the heading, left out: %s.", l.Row, domain.Clip(l.Text, 60))
	case LeftNoCommand:
		return say("第 %d 行未导入：映射对这样的金额没有指令。", "Row %d is left out: the mapping has no command for such an amount.", l.Row)
	}
	t := say("第 %d 行是“%s”，未导入", "Row %d is %q, left out", l.Row, domain.Clip(l.Text, 60))
	for _, s := range l.Totals {
		zh, en := "，与各行之和一致", ", which is what the rows come to"
		if !s.Checked {
			zh, en = "，有的行无法读懂，未能核对", ", not checked, for there are rows that cannot be read"
		}
		more := say("；%s 列 %s", "; column %s has %s", s.Column, s.Amount.StringFixed(2))
		t.ZH, t.EN = t.ZH+more.ZH+zh, t.EN+more.EN+en
	}
	return domain.Text{ZH: t.ZH + "。", EN: t.EN + "."}
}
