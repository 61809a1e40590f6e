package intake

import (
	"strconv"
	"strings"
	"time"
)

// epoch is how a workbook counts days.
type epoch uint8

const (
	since1900 epoch = iota // 1 is 1900-01-01, and 60 a day that never was
	since1904              // 0 is 1904-01-01
)

// date is the date of a day's number, or the number itself where it is none: it has a time of day, or no such day was.
func (e epoch) date(serial string) string {
	whole, fraction, _ := strings.Cut(shortest(serial), ".")
	n, err := strconv.Atoi(whole)
	if err != nil || strings.Trim(fraction, "0") != "" || n < 0 || n > 2_958_465 {
		return serial
	}
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case e == since1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case n == 60 || n == 0:
		return serial
	case n < 60:
		first = first.AddDate(0, 0, 1)
	}
	return first.AddDate(0, 0, n).Format(time.DateOnly)
}

// The days that a number without a date's format may be: from 1980 to 2100. A smaller one is more likely a count, a larger one an amount.
const firstPlain, lastPlain = 29_221, 73_415

// dayOf is the day that a plain number stands for in a column of days: 45717, or 20250301; empty where it stands for none.
func (e epoch) dayOf(number string) string {
	if len(number) == 8 {
		day, _ := dayText(number)
		return day
	}
	if n, err := strconv.Atoi(number); err != nil || n < firstPlain || n > lastPlain {
		return ""
	}
	return e.date(number)
}

// builtInDates are the number formats that a workbook need not spell out and that show dates.
var builtInDates = func() map[string]bool {
	ids := map[string]bool{}
	for _, span := range [][2]int{{14, 22}, {27, 36}, {45, 47}, {50, 58}} {
		for id := span[0]; id <= span[1]; id++ {
			ids[strconv.Itoa(id)] = true
		}
	}
	return ids
}()

// showsDate reports whether a number format shows a date or a time: a letter of y, m, d, h or s that is no literal.
func showsDate(code string) bool {
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			i = closing(code, i, '"')
		case '[':
			end := closing(code, i, ']')
			if inner := strings.ToLower(code[i+1 : max(end, i+1)]); inner != "" && strings.Trim(inner, "hms") == "" {
				return true
			}
			i = end
		case '\\', '_', '*':
			i++
		case 'y', 'm', 'd', 'h', 's', 'Y', 'M', 'D', 'H', 'S':
			return true
		}
	}
	return false
}

// closing is where a literal ends, or the text's last place where it does not.
func closing(code string, from int, sign byte) int {
	end := strings.IndexByte(code[from+1:], sign)
	if end < 0 {
		return len(code) - 1
	}
	return from + 1 + end
}

// shownBy is what a number format, by its number in the workbook and its code, shows a number as.
func shownBy(id, code string) cellKind {
	switch {
	case builtInDates[id] || showsDate(code):
		return cellDate
	case id == "9" || id == "10":
		return cellPercent
	}
	return shownAs(code)
}

// shownAs is what a number format makes of a number, besides a date: a percentage, a number of ten thousands (0.00"万元"), or another number (a comma
// behind the last digit divides by a thousand, as does a point that is no decimal point; 千, 亿 and 百万 are not read); a plain number where none.
// Every section counts, for those of negative numbers or of conditions may show what the first does not.
func shownAs(code string) cellKind {
	shown, numbers, wan := cellNumber, 0, 0
	for _, section := range sections(code) {
		plain, last := section.plain, strings.LastIndexAny(section.plain, "0#?")
		general := strings.Contains(strings.ToLower(plain), "general")
		switch {
		case strings.Contains(plain, "%"):
			return cellPercent
		case last >= 0 && strings.HasPrefix(plain[last+1:], ",") || strings.Contains(plain, ",."), strings.ContainsAny(section.code, "亿億千仟"),
			strings.Contains(section.code, "百万"), strings.Contains(section.code, "十万"):
			shown = cellScaled
		}
		if strings.ContainsAny(plain, "0#") || general {
			numbers++
		}
		if strings.ContainsAny(section.code, "万萬") {
			wan++
		}
	}
	switch {
	case shown == cellScaled || hidesPoint(code) || wan > 0 && wan != numbers:
		return cellScaled
	case wan > 0:
		return cellWan
	}
	return cellNumber
}

// formatSection is a part of a number format: as it is written, and without its literals.
type formatSection struct{ code, plain string }

// sections are the parts of a number format between its semicolons.
func sections(code string) (list []formatSection) {
	var plain strings.Builder
	from := 0
	end := func(at int) {
		list = append(list, formatSection{code[from:at], plain.String()})
		plain.Reset()
		from = at + 1
	}
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			i = closing(code, i, '"')
		case '[':
			i = closing(code, i, ']')
		case '\\', '_', '*', '!':
			i++
		case ';':
			end(i)
		default:
			plain.WriteByte(code[i])
		}
	}
	end(len(code))
	return list
}

// hidesPoint says whether a format draws a point or comma between digits that are none of the number's: 0!.0, and 0\.0, show 18 as 1.8.
func hidesPoint(code string) bool {
	for _, sign := range []string{`!.`, `\.`, `"."`} {
		if _, behind, drawn := strings.Cut(code, sign); drawn && strings.ContainsAny(behind[:min(1, len(behind))], "0#?") {
			return true
		}
	}
	return false
}
