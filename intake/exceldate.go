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
	whole, fraction, _ := strings.Cut(serial, ".")
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
