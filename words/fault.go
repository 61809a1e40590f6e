package words

import (
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// fault is an error that a person made, in both languages. It is the error that callers branch on.
type fault struct {
	kind   error
	reason domain.Text
}

// Wrong is an error of a kind, which [errors.Is] finds, with what a person did wrong in both languages; see [Say].
func Wrong(kind error, zh, en string, args ...any) error { return &fault{kind, Say(zh, en, args...)} }

// Say is a sentence in both languages. What it is filled with is told in each: a [domain.Text], a code that has words, an error
// that a person is told.
func Say(zh, en string, args ...any) domain.Text {
	inChinese, inEnglish := slices.Clone(args), slices.Clone(args)
	for i, arg := range args {
		if text, told := toldInBoth(arg); told {
			inChinese[i], inEnglish[i] = text.ZH, text.EN
		}
	}
	return domain.Text{ZH: fmt.Sprintf(zh, inChinese...), EN: fmt.Sprintf(en, inEnglish...)}
}

func toldInBoth(arg any) (domain.Text, bool) {
	switch arg := arg.(type) {
	case domain.Text:
		return arg, true
	case interface{ Text() domain.Text }:
		return arg.Text(), true
	case interface{ Message() domain.Text }:
		return arg.Message(), true
	}
	return domain.Text{}, false
}

// Error is the reason in English.
func (f *fault) Error() string { return f.reason.EN }

// Message is the reason in both languages.
func (f *fault) Message() domain.Text { return f.reason }

// Unwrap is the kind.
func (f *fault) Unwrap() error { return f.kind }
