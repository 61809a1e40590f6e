package intake

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// cellKind is what a cell is in the file; a CSV file has texts only.
type cellKind uint8

const (
	cellText    cellKind = iota
	cellNumber           // a spreadsheet's number: the shortest decimal of the double that it is
	cellPercent          // a number that is shown as a percentage
	cellWan              // a number that is shown as one of ten thousands: 180 as 180.00万元
	cellScaled           // a number that is shown as another one, in thousands for instance
	cellDate             // a spreadsheet's date: the text is 2025-03-01, or a serial that is none
	cellBool             // "true" or "false"
	cellError            // such as #REF!
	cellFormula          // a formula whose result is not in the file
)

// cell is one value of a row.
type cell struct {
	text     string
	kind     cellKind
	from     epoch // by which a number is a day
	computed bool  // the text is a formula's result, as the file has it
}

// row is a line of a table.
type row struct {
	number int
	cells  []cell // trailing empty ones may be missing
	fault  *domain.Refusal
}

func (r row) empty() bool {
	for _, c := range r.cells {
		if !c.empty() {
			return false
		}
	}
	return r.fault == nil
}

// empty says whether the cell holds nothing that a reader sees.
func (c cell) empty() bool { return c.kind != cellFormula && blank(c.text) }

// figure says whether the cell holds a number, or a text that is written as one.
func (c cell) figure() bool {
	if c.kind != cellText {
		return c.kind == cellNumber || c.kind == cellPercent || c.kind == cellScaled || c.kind == cellWan
	}
	text, plain := domain.PlainNumber(c.text, domain.Signs{})
	text, _ = withoutSign(text)
	return plain && number.MatchString(text)
}

func (r row) at(column int) cell {
	if column < 0 || column >= len(r.cells) {
		return cell{}
	}
	return r.cells[column]
}

// says reports whether a cell says anything: one that is struck out, by a dash or a slash, says no more than an empty one.
func (c cell) says() bool {
	return !c.empty() && (c.kind != cellText || strings.Trim(squeezed(c.text), "-−–—―─/\\*") != "")
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

// exact is a number of at most the 15 digits that a spreadsheet keeps.
var exact = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]+)?$`)

// shortest is a spreadsheet's number as the shortest decimal that reads back as the same double: the file's own digits may be those of
// the double's binary fraction (79932.46000000001 is 79932.46). What is no number stays as it is.
func shortest(text string) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// value is what a cell says for a field, as a command writes it. An empty cell says nothing.
func (c cell) value(f string, k kind) (string, *domain.Refusal) {
	if reason := c.unfit(k); reason != "" {
		return "", domain.NewRefusal(domain.CodeFieldInvalid, "field", f, "value", c.text, "reason", reason)
	}
	switch {
	case k == prose:
		return c.text, nil
	case k == day && c.kind == cellNumber:
		return c.from.dayOf(c.text), nil
	case k == day:
		text := trim(c.text)
		if date, ok := dayText(text); ok {
			return date, nil
		}
		return text, nil
	case k == month && c.kind == cellDate:
		return strings.TrimSuffix(c.text, "-01"), nil // of another day it stays whole, and is no month
	case k == end && c.kind == cellNumber && len(c.text) > len("2025"):
		return c.from.dayOf(c.text), nil
	case k == end:
		if date, ok := dayText(trim(c.text)); ok {
			return date, nil
		}
		return yearText(c.text), nil
	case k == year:
		return yearText(c.text), nil
	case k == period && c.kind == cellNumber && len(c.text) > len("2025"):
		return c.from.dayOf(c.text), nil
	case k == period:
		return periodText(c.text), nil
	case k == known:
		return knownText(c.text), nil
	case k == money || k == ceiling:
		text, _ := domain.PlainNumber(c.text, domain.Signs{})
		return text, nil
	}
	return trim(c.text), nil
}

// wholeDay is a day without its time of day, for what a bank tells with hours and a ledger with days.
func (c cell) wholeDay() cell {
	switch c.kind {
	case cellText:
		c.text = withoutTime(c.text)
	case cellDate:
		if whole, fraction, timed := strings.Cut(c.text, "."); timed && exact.MatchString(whole+"."+fraction) {
			c.text = c.from.date(whole)
		} else {
			c.text = withoutTime(c.text)
		}
	}
	return c
}

// unfit is why a cell cannot say anything for a kind of field; empty where it can.
func (c cell) unfit(k kind) domain.Reason {
	switch c.kind {
	case cellFormula:
		return domain.ReasonFormula
	case cellError:
		return domain.ReasonErrorCell
	case cellPercent:
		return domain.ReasonPercentCell
	case cellScaled, cellWan:
		return domain.ReasonScaledCell
	case cellDate:
		if _, err := domain.ParseDate(c.text); err != nil {
			return domain.ReasonTimeOfDay
		}
		if k != day && k != month && k != prose && k != end && k != period {
			return domain.ReasonDateCell
		}
	case cellBool:
		if k != flag && k != known {
			return domain.ReasonTruthCell
		}
	case cellNumber:
		switch {
		case (k == day || k == period && len(c.text) > len("2025")) && c.from.dayOf(c.text) == "":
			return domain.ReasonNumberForDate
		case k != money && k != ceiling && k != known && (!exact.MatchString(c.text) || significant(c.text) > 15):
			return domain.ReasonNumberForText
		}
	}
	return ""
}

func significant(number string) int {
	digits := strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(number), "0")
	return len(digits)
}
