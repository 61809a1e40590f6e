package intake

import (
	"regexp"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// cellKind is what a cell is in the file; a CSV file has texts only.
type cellKind uint8

const (
	cellText    cellKind = iota
	cellNumber           // a spreadsheet's number, as the exact text in the file
	cellDate             // a spreadsheet's date: the text is 2025-03-01, or a serial that is none
	cellBool             // "true" or "false"
	cellError            // such as #REF!
	cellFormula          // computed: not a fact of the file
)

// cell is one value of a row.
type cell struct {
	text string
	kind cellKind
}

// row is a line of a table.
type row struct {
	number int
	cells  []cell // trailing empty ones may be missing
	fault  *domain.Refusal
}

func (r row) empty() bool {
	for _, c := range r.cells {
		if c.kind == cellFormula || strings.TrimSpace(c.text) != "" {
			return false
		}
	}
	return r.fault == nil
}

func (r row) at(column int) cell {
	if column < 0 || column >= len(r.cells) {
		return cell{}
	}
	return r.cells[column]
}

// cellName is a cell's name in a spreadsheet, such as "C5".
func cellName(column, row int) string { return columnName(column) + itoa(row) }

func columnName(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// exact is a number as a spreadsheet shows it fully: no exponent, and at most the 15 digits that a spreadsheet keeps.
var exact = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]+)?$`)

// value is what a cell says for a field, as a command writes it. An empty cell says nothing.
func (c cell) value(f string, k kind) (string, *domain.Refusal) {
	invalid := func(reason domain.Reason) (string, *domain.Refusal) {
		return "", domain.NewRefusal(domain.CodeFieldInvalid, "field", f, "value", c.text, "reason", reason)
	}
	switch c.kind {
	case cellFormula:
		return invalid(domain.ReasonFormula)
	case cellError:
		return invalid(domain.ReasonErrorCell)
	case cellDate:
		if _, err := domain.ParseDate(c.text); err != nil {
			return invalid(domain.ReasonTimeOfDay)
		}
		if k != day && k != prose {
			return invalid(domain.ReasonDateCell)
		}
	case cellBool:
		if k != flag {
			return invalid(domain.ReasonTruthCell)
		}
	case cellNumber:
		switch {
		case k == day:
			return invalid(domain.ReasonNumberForDate)
		case k != money && k != ceiling && (!exact.MatchString(c.text) || significant(c.text) > 15):
			return invalid(domain.ReasonNumberForText)
		}
	}
	text := c.text
	if k != prose {
		text = strings.Trim(text, " \t\r\n")
	}
	return text, nil
}

func significant(number string) int {
	digits := strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(number), "0")
	return len(digits)
}
