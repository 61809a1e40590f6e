package intake

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"

	"github.com/fundledger/fundledger/domain"
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

// monthFirst are the ways of writing a month behind its year.
var monthFirst = []string{"2006-1", "2006/1", "2006.1", "2006年1月", "2006年1月份"}

// periodText is a year, a month or a day as people write it: 2025年度, 2025年3月, 2025/3/1. Any other text stays as it is.
func periodText(text string) string {
	if day, ok := dayText(text); ok {
		return day
	}
	plain := narrow(trim(text))
	for _, layout := range monthFirst {
		if t, err := time.Parse(layout, plain); err == nil {
			return t.Format("2006-01")
		}
	}
	if year := yearText(text); len(year) == len("2025") {
		return year
	}
	return trim(text)
}

// flags are how a table says yes and no.
var flags = map[string]string{"是": domain.FlagYes, "yes": domain.FlagYes, "true": domain.FlagYes, "否": domain.FlagNo, "no": domain.FlagNo, "false": domain.FlagNo}

// knownText is the value of a fact: a number without its groups and its sign of yuan, yes or no, or a word as it stands.
func knownText(text string) string {
	if flag, ok := flags[squeezed(text)]; ok {
		return flag
	}
	if plain, ok := domain.PlainNumber(text, domain.Signs{}); ok && number.MatchString(strings.TrimPrefix(plain, "-")) {
		return plain
	}
	return trim(text)
}

// timeText is a time of day behind a day.
var timeText = regexp.MustCompile(`[ T]+[0-9]{1,2}(:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?|时[0-9分秒]*)$`)

// withoutTime is a day without the time behind it; a moment of another zone is of the day that it is in Shanghai.
func withoutTime(text string) string {
	text = narrow(trim(text))
	if moment, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return moment.In(domain.Shanghai).Format(time.DateOnly)
	}
	return trim(timeText.ReplaceAllString(text, ""))
}

var midnightText = regexp.MustCompile(`^0?0:00(:00(\.0+)?)?$`)
