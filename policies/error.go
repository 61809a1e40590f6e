package policies

import (
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// Error says what is wrong in a YAML file, and where.
type Error struct {
	File         string
	Line, Column int    // both count from 1; 0 where the fault has no place
	Path         string // such as "clauses[3].cap.amount"; empty where the text is not YAML at all
	Reason       domain.Text
}

// Error is the English message.
func (e *Error) Error() string { return e.Message().EN }

// Message is the fault with its place, in both languages.
func (e *Error) Message() domain.Text {
	return domain.Text{ZH: e.place() + e.Reason.ZH, EN: e.place() + e.Reason.EN}
}

func (e *Error) place() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	if e.Path != "" {
		return place + ": " + e.Path + ": "
	}
	return place + ": "
}

func say(zh, en string, args ...any) domain.Text {
	return domain.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// pathOf writes a JSON pointer as people read a path: "/clauses/3/cap" is "clauses[3].cap".
func pathOf(pointer string) string {
	var b strings.Builder
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch {
		case token != "" && strings.Trim(token, "0123456789") == "":
			b.WriteString("[" + token + "]")
			continue
		case b.Len() > 0:
			b.WriteByte('.')
		}
		b.WriteString(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	return b.String()
}

// pointerOf is the other way round, for the paths of [domain.PolicyError].
func pointerOf(path string) string {
	return "/" + strings.NewReplacer("[", "/", "]", "", ".", "/").Replace(path)
}
