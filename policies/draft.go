package policies

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxIDBytes is what the ledger takes for an identifier.
const maxIDBytes = 200

// OpaqueID makes an identifier of a text: the text itself, spelled as it is, where it can be one. Where it cannot (it
// is too long, or has line breaks or invisible characters in it) it is the text as far as it can be shown, with the
// beginning of the SHA-256 of the exact text behind it, so that different texts never become one identifier.
func OpaqueID(text string) string {
	if text == "" || plainID(text) {
		return text
	}
	shown := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	shown = strings.Join(strings.Fields(shown), " ")
	digest := sha256.Sum256([]byte(text))
	tail := "~" + hex.EncodeToString(digest[:6])
	if room := maxIDBytes - len(tail); len(shown) > room {
		shown = strings.TrimSpace(strings.ToValidUTF8(shown[:room], ""))
	}
	return shown + tail
}

// plainID reports whether a text can be an identifier as it is.
func plainID(s string) bool {
	if len(s) > maxIDBytes || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}
