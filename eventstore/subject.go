package eventstore

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// subjectRoot is the first token of every event's subject.
const subjectRoot = "fund"

// maxSubjectBytes bounds an encoded subject. The server takes longer ones; no honest identifier needs them.
const maxSubjectBytes = 1024

// ErrSubject says that a subject is not one Subject could have made.
var ErrSubject = errors.New("not an event's subject")

// Subject names what happened to one entity: fund.<fund>.<entity>.<id>.<what>.
//
// NATS splits subjects at '.', gives '*' and '>' a meaning and allows neither white space nor control characters,
// so those, and '%' itself, are written %XX inside a token, byte by byte. Letters of any script stay as they are:
// a Chinese project name can be subscribed to as it is read. An empty token is written as a lone "%", which no
// encoding yields. Bytes that are not UTF-8 are written %XX as well.
func Subject(fund, entity, id, what string) string {
	var b strings.Builder
	b.Grow(len(subjectRoot) + 4 + len(fund) + len(entity) + len(id) + len(what))
	b.WriteString(subjectRoot)
	for _, token := range [...]string{fund, entity, id, what} {
		b.WriteByte('.')
		escapeToken(&b, token)
	}
	return b.String()
}

func escapeToken(b *strings.Builder, token string) {
	if token == "" {
		b.WriteByte('%')
		return
	}
	for i := 0; i < len(token); {
		r, size := utf8.DecodeRuneInString(token[i:])
		if mustEscape(r, size) {
			for _, c := range []byte(token[i : i+size]) {
				writePercent(b, c)
			}
		} else {
			b.WriteString(token[i : i+size])
		}
		i += size
	}
}

func mustEscape(r rune, size int) bool {
	switch r {
	case '.', '*', '>', '%':
		return true
	case utf8.RuneError:
		return size == 1
	}
	return unicode.IsSpace(r) || unicode.IsControl(r)
}

func writePercent(b *strings.Builder, c byte) {
	const digits = "0123456789ABCDEF"
	b.WriteByte('%')
	b.WriteByte(digits[c>>4])
	b.WriteByte(digits[c&15])
}

// ParseSubject is the inverse of Subject. It accepts only what Subject makes: any other spelling is ErrSubject,
// so that one entity has one subject.
func ParseSubject(subject string) (fund, entity, id, what string, err error) {
	tokens := strings.Split(subject, ".")
	if len(tokens) != 5 || tokens[0] != subjectRoot {
		return "", "", "", "", fmt.Errorf("%w: %q has not the form fund.<fund>.<entity>.<id>.<what>", ErrSubject, subject)
	}
	var parts [4]string
	for i, token := range tokens[1:] {
		if parts[i], err = unescapeToken(token); err != nil {
			return "", "", "", "", fmt.Errorf("%w: %q: %w", ErrSubject, subject, err)
		}
	}
	if Subject(parts[0], parts[1], parts[2], parts[3]) != subject {
		return "", "", "", "", fmt.Errorf("%w: %q is not spelled as Subject spells it", ErrSubject, subject)
	}
	return parts[0], parts[1], parts[2], parts[3], nil
}

func unescapeToken(token string) (string, error) {
	if token == "%" {
		return "", nil
	}
	if token == "" {
		return "", errors.New("a token is empty")
	}
	if !strings.Contains(token, "%") {
		return token, nil
	}
	return unescapePercent(token)
}

// unescapePercent undoes %XX and refuses a '%' that two hexadecimal digits do not follow.
func unescapePercent(s string) (string, error) {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", errors.New("a percent sign without two hexadecimal digits")
		}
		hi, lo := unhex(s[i+1]), unhex(s[i+2])
		if hi < 0 || lo < 0 {
			return "", errors.New("a percent sign without two hexadecimal digits")
		}
		b.WriteByte(byte(hi<<4 | lo))
		i += 2
	}
	return b.String(), nil
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
