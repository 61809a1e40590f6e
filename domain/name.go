package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mtibben/confusables"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// One name, one thing (R16). An identifier is kept as it is written and compared by its key.

// Key is what identifiers are compared by: Unicode's compatibility form (NFKC), case-folded, without spaces of any kind and
// without signs that show nothing. Two spellings of one key are one thing.
func Key[T ~string](id T) T {
	if key, plain := plainKey(string(id)); plain {
		return T(key)
	}
	// Folding exchanges the two cases of Cherokee; lower case is the same for both.
	text := strings.ToLower(cases.Fold().String(norm.NFKC.String(string(id))))
	return T(norm.NFKC.String(strings.Map(visible, text)))
}

// plainKey is the key of a text of ASCII, without looking into tables; false for any other.
func plainKey(id string) (string, bool) {
	change := false
	for i := range len(id) {
		c := id[i]
		if c >= utf8.RuneSelf {
			return "", false
		}
		change = change || c <= ' ' || c >= 'A' && c <= 'Z'
	}
	if !change {
		return id, true
	}
	key := make([]byte, 0, len(id))
	for i := range len(id) {
		switch c := id[i]; {
		case c == ' ' || c >= '\t' && c <= '\r':
		case c >= 'A' && c <= 'Z':
			key = append(key, c+'a'-'A')
		default:
			key = append(key, c)
		}
	}
	return string(key), true
}

// blank is the Braille pattern without dots: no space to Unicode, and one to the eye.
const blank = '\u2800'

// visible keeps what a reader sees: no spaces, no format characters, no fillers, no variation selectors.
func visible(r rune) rune {
	if unicode.IsSpace(r) || r == blank ||
		unicode.In(r, unicode.Z, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
		return -1
	}
	return r
}

// same reports whether two identifiers name one thing.
func same[T ~string](a, b T) bool { return a == b || Key(a) == Key(b) }

// Skeleton is what identifiers of projects and awards look like: the key without punctuation and symbols, letters that look
// alike made one (UTS 39), and the numerals of a phase made Arabic ones. Two names of one skeleton are easily taken for each
// other; they may be two things all the same.
func Skeleton(name string) string {
	base, phase := phased(name)
	return lookOf(base) + phaseMark + phase
}

// PhaseOf takes the phase out of a project's name: what the project looks like without it, and the phase's numeral in Arabic
// digits; empty where the name has none. 智慧工厂一期 and 智慧工厂 二期 are phases of one.
func PhaseOf(name string) (of, phase string) {
	base, phase := phased(name)
	return lookOf(base), phase
}

// phaseMark stands between a name and its phase. No name holds it.
const phaseMark = "\x00"

// lookOf is a text as the eye takes it.
func lookOf(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.P, unicode.S) {
			return -1
		}
		return r
	}, Key(text))
	text = confusables.Skeleton(arabic(text))
	// Case was folded before, so the capital I is an i here; UTS 39 makes it, and the 1, an l.
	return strings.NewReplacer("i", "l", "ı", "l").Replace(Key(text))
}

// phased splits a name into the phase that it ends with, or has before a bracket, and the rest. The numeral is Arabic.
func phased(name string) (base, phase string) {
	text := arabic(Key(romans.Replace(name)))
	for _, word := range phaseWords {
		at := strings.LastIndex(text, word)
		if at < 0 {
			continue
		}
		before, after := text[:at], text[at+len(word):]
		if latinWord(word) { // phase 2
			digits, rest := leading(strings.TrimLeft(after, "-_.:#"))
			if digits == "" {
				continue
			}
			return before + rest, digits
		}
		digits, rest := trailing(before)
		if digits == "" {
			continue
		}
		return strings.TrimSuffix(rest, "第") + after, digits
	}
	return text, ""
}

// phaseWords are what a numeral of a phase stands before, or, in Latin letters, behind.
var phaseWords = []string{"期", "阶段", "階段", "批次", "批", "phase", "stage"}

func latinWord(word string) bool { return word[0] < utf8.RuneSelf }

// romans are the numerals that have characters of their own; NFKC would make them letters.
var romans = strings.NewReplacer("Ⅰ", "1", "Ⅱ", "2", "Ⅲ", "3", "Ⅳ", "4", "Ⅴ", "5", "Ⅵ", "6", "Ⅶ", "7", "Ⅷ", "8", "Ⅸ", "9", "Ⅹ", "10", "Ⅺ", "11", "Ⅻ", "12",
	"ⅰ", "1", "ⅱ", "2", "ⅲ", "3", "ⅳ", "4", "ⅴ", "5", "ⅵ", "6", "ⅶ", "7", "ⅷ", "8", "ⅸ", "9", "ⅹ", "10", "ⅺ", "11", "ⅻ", "12")

// letters are the same numerals written with letters, the longest first.
var letters = []struct{ roman, digits string }{{"viii", "8"}, {"xii", "12"}, {"vii", "7"}, {"iii", "3"}, {"xi", "11"}, {"ix", "9"}, {"iv", "4"}, {"vi", "6"},
	{"ii", "2"}, {"x", "10"}, {"v", "5"}, {"i", "1"}}

// trailing takes the numeral off a text's end.
func trailing(text string) (digits, rest string) {
	trimmed := strings.TrimRight(text, "-_.·第")
	n := len(trimmed)
	for n > 0 && trimmed[n-1] >= '0' && trimmed[n-1] <= '9' {
		n--
	}
	if n < len(trimmed) {
		return number(trimmed[n:]), trimmed[:n]
	}
	for _, l := range letters {
		before, found := strings.CutSuffix(trimmed, l.roman)
		if last, _ := utf8.DecodeLastRuneInString(before); found && (last < 'a' || last > 'z') {
			return l.digits, before
		}
	}
	return "", text
}

// leading takes the numeral off a text's begin.
func leading(text string) (digits, rest string) {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	if n > 0 {
		return number(text[:n]), text[n:]
	}
	for _, l := range letters {
		after, found := strings.CutPrefix(text, l.roman)
		if first, _ := utf8.DecodeRuneInString(after); found && (first < 'a' || first > 'z') {
			return l.digits, after
		}
	}
	return "", text
}

func number(digits string) string {
	if n := strings.TrimLeft(digits, "0"); n != "" {
		return n
	}
	return "0"
}

// chinese are the numerals from 0 to 10, in their plain and their financial forms.
var chinese = map[rune]int{'〇': 0, '零': 0, '一': 1, '壹': 1, '弌': 1, '幺': 1, '二': 2, '贰': 2, '貳': 2, '弍': 2, '三': 3, '叁': 3, '參': 3, '叄': 3, '弎': 3,
	'四': 4, '肆': 4, '五': 5, '伍': 5, '六': 6, '陆': 6, '陸': 6, '七': 7, '柒': 7, '八': 8, '捌': 8, '九': 9, '玖': 9, '十': 10, '拾': 10}

// arabic writes the Chinese numerals of a text in Arabic digits: 二十一 as 21, 二〇二五 as 2025.
func arabic(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { _, is := chinese[r]; return is }) {
		return text
	}
	var b strings.Builder
	var run []int
	for _, r := range text {
		if n, is := chinese[r]; is {
			run = append(run, n)
			continue
		}
		writeNumeral(&b, run)
		run = run[:0]
		b.WriteRune(r)
	}
	writeNumeral(&b, run)
	return b.String()
}

// writeNumeral writes a run of numerals: digit by digit, and tens as they are read.
func writeNumeral(b *strings.Builder, run []int) {
	for i, n := range run {
		before, after := i > 0 && run[i-1] < 10, i+1 < len(run) && run[i+1] < 10
		switch {
		case n < 10:
			b.WriteByte(byte('0' + n))
		case before && after: // 二十一: the two and the one say it
		case before:
			b.WriteByte('0')
		case after:
			b.WriteByte('1')
		default:
			b.WriteString("10")
		}
	}
}
