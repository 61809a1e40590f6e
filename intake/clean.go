package intake

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/encoding/charmap"
)

// cleaned is a free text as a reader sees it: without signs that show nothing, such as soft hyphens and marks without width, with one kind of line
// break, and with the dashes and quotation marks of Windows-1252 where it was taken for Latin-1, which has control characters in their place.
func cleaned(text string) string {
	if !unclean(text) {
		return text
	}
	var b strings.Builder
	last := rune(0)
	for _, r := range text {
		switch {
		case r == '\n' && last == '\r':
		case r == '\r', unicode.In(r, unicode.Zl, unicode.Zp):
			b.WriteByte('\n')
		case r >= 0x80 && r <= 0x9f:
			if meant := charmap.Windows1252.DecodeByte(byte(r)); meant != unicode.ReplacementChar && !unicode.IsControl(meant) {
				b.WriteRune(meant)
			}
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r) && r != '\n' && r != '\t':
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

func unclean(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		switch {
		case r >= ' ' && r < 0x7f, r == '\n', r == '\t', r >= '\u2e80' && r <= '\ufdff': // most text, Chinese too: without a look into the tables
			return false
		}
		return r <= ' ' || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
	})
}

// cleanLine is a command with its free texts cleaned, and how many were. What is no JSON object stays as it is.
func cleanLine(text []byte) ([]byte, int) {
	if !bytes.Contains(text, []byte(`\u`)) && (ascii(text) || !unclean(string(text))) {
		return text, 0
	}
	d := jsontext.NewDecoder(bytes.NewReader(text))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return text, 0
	}
	var made []byte
	count := 0
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return text, 0
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return text, 0
		}
		if value.Kind() == '"' && slices.ContainsFunc(fields, func(f field) bool { return f.kind == prose && f.name == key }) {
			said, err := jsontext.AppendUnquote(nil, value)
			if clean := cleaned(string(said)); err == nil && clean != string(said) {
				value = appendText(nil, clean)
				count++
			}
		}
		made = appendMember(made, key, value)
	}
	if count == 0 {
		return text, 0
	}
	if _, err := d.ReadToken(); err != nil || len(bytes.TrimSpace(d.UnreadBuffer())) > 0 {
		return text, 0
	}
	return append(made, '}'), count
}
