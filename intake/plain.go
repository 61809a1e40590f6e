package intake

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

// What people and their spreadsheets write, brought to one form: spaces of any kind, signs and digits of a full width, groups of thousands,
// the ways of writing a day.

// unseen says whether a character shows nothing: a space of any kind, or a sign without width such as a byte-order mark in the middle.
func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Zs) || r == '\u3164' || r == '\uffa0'
}

// trim is a text without what shows nothing at its ends.
func trim(text string) string { return strings.TrimFunc(text, unseen) }

func blank(text string) bool { return trim(text) == "" }

// narrow is a text with the digits, letters and signs that have a full width brought to the usual one.
func narrow(text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return width.Fold.String(text)
		}
	}
	return text
}

// squeezed is a text without anything that shows nothing, wherever it stands, of the usual width and in small letters: how headings and
// the words of totals are compared.
func squeezed(text string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, narrow(text)))
}

// signs are how a table writes numbers. The zero value takes a point before the decimals, and commas or spaces between groups of three.
type signs struct{ group, decimal string }

// plainDigits is a number without the sign of yuan, which a spreadsheet shows and copies, without its group signs, and with a point before its
// decimals. Groups that are not of three digits, or parted by several signs, stay as they are, and are no number. It is false where a point stands in
// a table that writes its decimals otherwise: it could be either sign.
func plainDigits(text string, s signs) (string, bool) {
	text = strings.TrimSpace(strings.Map(usual, narrow(text)))
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "¥"), "元"))
	point := s.decimal
	if point == "" {
		point = "."
	}
	groups := []string{",", " "}
	switch {
	case s.group != "":
		groups = []string{s.group}
	case point == ",":
		groups = []string{" "}
	}
	for _, group := range groups {
		if grouped(text, group, point) {
			text = strings.ReplaceAll(text, group, "")
		}
	}
	if point == "." {
		return text, true
	}
	return strings.Replace(text, point, ".", 1), !strings.Contains(text, ".")
}

// usual is a character of a number as a keyboard has it: any space is one space, what shows nothing is nothing.
func usual(r rune) rune {
	switch {
	case r == '\u2212': // the minus sign of typesetters
		return '-'
	case unicode.IsSpace(r):
		return ' '
	case unseen(r):
		return -1
	}
	return r
}

var threes = regexp.MustCompile(`^-?[0-9]{1,3}(?:g[0-9]{3})+(?:p[0-9]+)?$`)

// grouped says whether a number is written in groups of three, with these signs.
func grouped(text, group, point string) bool {
	if !strings.Contains(text, group) || strings.ContainsAny(text, "gp") {
		return false
	}
	return threes.MatchString(strings.NewReplacer(group, "g", point, "p").Replace(text))
}

// yearText is a year as people write it: 2025, ２０２５, 2025年, 2025年度.
func yearText(text string) string {
	text = narrow(trim(text))
	return trim(strings.TrimSuffix(strings.TrimSuffix(text, "度"), "年"))
}

// yearFirst are the ways of writing a day that leave no doubt which number is the month.
var yearFirst = []string{time.DateOnly, "2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102"}

// dayText is a day that begins with its year, as 2025-03-01; false for any other text. Midnight is no time of day.
func dayText(text string) (string, bool) {
	text = narrow(trim(text))
	if day, midnight, two := strings.Cut(strings.Replace(text, "T", " ", 1), " "); two {
		if !midnightText.MatchString(trim(midnight)) {
			return "", false
		}
		text = day
	}
	for _, layout := range yearFirst {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

var midnightText = regexp.MustCompile(`^0?0:00(:00(\.0+)?)?$`)
