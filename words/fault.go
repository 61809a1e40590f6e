package words

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
)

// fault is an error that a person made, in both languages. It is the error that callers branch on.
type fault struct {
	kind   error
	reason domain.Text
}

// Wrong is an error of a kind, which [errors.Is] finds, with what a person did wrong in both languages.
func Wrong(kind error, zh, en string, args ...any) error {
	return &fault{kind, domain.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}}
}

// Error is the reason in English.
func (f *fault) Error() string { return f.reason.EN }

// Message is the reason in both languages.
func (f *fault) Message() domain.Text { return f.reason }

// Unwrap is the kind.
func (f *fault) Unwrap() error { return f.kind }
