package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Signs are how somebody writes numbers. The zero value takes a point before the decimals, and commas or spaces between groups of three.
type Signs struct{ Group, Decimal string }

// PlainAmount is an amount as a person types it, for [ParseMoney]; see [PlainNumber]. What is no number stays, and is refused.
func PlainAmount(text string) string {
	plain, _ := PlainNumber(text, Signs{})
	return plain
}

// PlainNumber is a number as people and their spreadsheets write it, without the sign of yuan, without its group signs, digits and signs of a full width
// brought to the usual one, and with a point before its decimals. Groups that are not of three digits, or parted by several signs, stay as they are, and are
// no number. It is false where a point stands in a table that writes its decimals otherwise: it could be either sign.
func PlainNumber(text string, s Signs) (string, bool) {
	text = strings.TrimSpace(strings.Map(usual, narrow(text)))
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "¥"), "元"))
	point := s.Decimal
	if point == "" {
		point = "."
	}
	groups := []string{",", " "}
	switch {
	case s.Group != "":
		groups = []string{s.Group}
	case point == ",":
		groups = []string{" "}
	}
	for _, group := range groups {
		if inThrees(text, group, point) {
			text = strings.ReplaceAll(text, group, "")
		}
	}
	if point == "." {
		return text, true
	}
	return strings.Replace(text, point, ".", 1), !strings.Contains(text, ".")
}

// narrow is a text with the digits, letters and signs that have a full width brought to the usual one.
func narrow(text string) string {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return width.Fold.String(text)
		}
	}
	return text
}

// usual is a character of a number as a keyboard has it: any space is one space, what shows nothing is nothing.
func usual(r rune) rune {
	switch {
	case r == '\u2212': // the minus sign of typesetters
		return '-'
	case unicode.IsSpace(r):
		return ' '
	}
	return visible(r)
}

// inThrees says whether a number is written in groups of three, with these signs: its first group has one to three digits, and there is a second.
func inThrees(text, group, point string) bool {
	whole, fraction, pointed := strings.Cut(strings.TrimPrefix(text, "-"), point)
	parts := strings.Split(whole, group)
	for i, part := range parts {
		if !digits(part) || part == "" || len(part) > 3 || i > 0 && len(part) < 3 {
			return false
		}
	}
	return len(parts) > 1 && digits(fraction) && (fraction != "" || !pointed)
}
