package domain

import (
	"fmt"
	"strings"
)

// Figures are a refusal's facts by name, written as people and programs both read them: amounts with two decimals,
// dates and years plainly. Names are stable: clause, subject, year, cap, exceptions, use, asked, short_by and others.
type Figures map[string]string

// Refusal says that a command may not be carried out, by which rule, with which figures. It is data: its code is for
// programs and stays the same; [Refusal.Message] is for people. A refusal is not a failure of the ledger.
type Refusal struct {
	Code    string  `json:"code"`
	Rule    string  `json:"rule"`
	Figures Figures `json:"figures,omitempty"`

	policy *Policy // whose departments, industries and clauses the figures name; nil: they are told by their ids
	told   Text    // its sentence, where it came with one
}

// Error is the refusal in English, with its code.
func (r *Refusal) Error() string { return r.Message().EN + " (" + r.Code + ", " + r.Rule + ")" }

// refuse makes a refusal of a code from pairs of a figure's name and value; empty values are left out.
func refuse(code string, figures ...any) *Refusal {
	r := &Refusal{Code: code, Rule: refusalTexts[code].rule, Figures: Figures{}}
	for i := 0; i+1 < len(figures); i += 2 {
		value := fmt.Sprint(figures[i+1])
		if personalID(value) && !ValidCreditCode(EnterpriseID(value)) {
			value = "…" // refusals are kept too (R15)
		}
		if value = Clip(value, maxID); value != "" {
			r.Figures[figures[i].(string)] = value
		}
	}
	return r
}

// finding is the refusal as a booked fact records it.
func (r *Refusal) finding() Finding { return Finding{Code: r.Code, Rule: r.Rule, Figures: r.Figures} }

// NewRefusal makes a refusal of a code that is judged outside the state machine (a conflict of command ids, a command
// that cannot be read). Unknown codes panic: every code has its rule and its texts here.
func NewRefusal(code string, figures ...any) *Refusal {
	if _, known := refusalTexts[code]; !known {
		panic("domain: no such refusal code: " + code)
	}
	return refuse(code, figures...)
}

// fill puts figures into a sentence: {cap} is the figure of that name; a part in square brackets is left out where one of
// its figures is missing.
func fill(sentence string, figure func(name string) (string, bool)) string {
	var b strings.Builder
	for sentence != "" {
		open := strings.IndexByte(sentence, '[')
		if open < 0 {
			open = len(sentence)
		}
		text, _ := fillPlain(sentence[:open], figure)
		b.WriteString(text)
		if open == len(sentence) {
			break
		}
		part, rest, _ := strings.Cut(sentence[open+1:], "]")
		if text, whole := fillPlain(part, figure); whole {
			b.WriteString(text)
		}
		sentence = rest
	}
	return b.String()
}

func fillPlain(sentence string, figure func(name string) (string, bool)) (string, bool) {
	var b strings.Builder
	whole := true
	for {
		before, after, found := strings.Cut(sentence, "{")
		b.WriteString(before)
		if !found {
			return b.String(), whole
		}
		name, rest, _ := strings.Cut(after, "}")
		value, ok := figure(name)
		whole = whole && ok
		b.WriteString(value)
		sentence = rest
	}
}

// grouped separates the thousands of an amount; other values stay as they are.
func grouped(value string) string {
	whole, fraction, point := strings.Cut(value, ".")
	if !point || len(fraction) != 2 || whole == "" || !digits(whole) || !digits(fraction) {
		return value
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + "." + fraction
}

func join[T ~string](list []T) string {
	parts := make([]string, len(list))
	for i, item := range list {
		parts[i] = string(item)
	}
	return strings.Join(parts, ", ")
}
