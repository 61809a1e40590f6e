package tabular

import (
	"strings"
	"unicode"
)

// Width is how many display cells a text takes: a Chinese character takes two.
func Width(text string) int { return displayWidth(text) }

// Signs that no line begins with, and signs that none ends with.
const (
	closing = "，。；：、！？）”’》】…,.;:!?)"
	opening = "（“‘《【("
)

// Wrap breaks a text into lines of at most so many display cells: at spaces, and beside Chinese characters where their signs allow it. A word that
// is longer has a line of its own.
func Wrap(text string, width int) []string {
	var lines []string
	var line strings.Builder
	used := 0
	for _, part := range unbroken(text) {
		word := strings.TrimRight(part, " ")
		if used > 0 && used+displayWidth(word) > width {
			lines = append(lines, strings.TrimRight(line.String(), " "))
			line.Reset()
			used = 0
		}
		line.WriteString(part)
		used += displayWidth(part)
	}
	return append(lines, strings.TrimRight(line.String(), " "))
}

// unbroken are the parts of a text between which a line may end, each with the spaces behind it.
func unbroken(text string) []string {
	var parts []string
	var part []rune
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if len(part) > 0 && mayBreak(part[len(part)-1], r) {
			parts, part = append(parts, string(part)), nil
		}
		part = append(part, r)
	}
	return append(parts, string(part))
}

func mayBreak(before, after rune) bool {
	switch {
	case after == ' ' || strings.ContainsRune(closing, after) || strings.ContainsRune(opening, before):
		return false
	case before == ' ':
		return true
	}
	wide := func(r rune) bool {
		return unicode.Is(unicode.Han, r) || strings.ContainsRune(closing+opening, r) && r >= 0x80
	}
	return wide(before) || wide(after)
}
