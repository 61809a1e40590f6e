package domain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Money is an amount of the policy's currency with exactly two decimals (R1).
//
// It is held as a whole number of hundredths (分, fen), so that sums are exact and cheap, and shows itself as a
// [decimal.Decimal] wherever it meets the outside. There is no way from a float to Money.
type Money struct{ fen int64 }

// maxFen bounds one amount: 999,999,999,999.99. Some 92,000 of them can be added before an int64 of fen is full.
const maxFen = 99_999_999_999_999

// NoMoney is 0.00.
var NoMoney Money

// Fen is an amount of n hundredths.
func Fen(n int64) Money { return Money{n} }

// Yuan is an amount of n whole units.
func Yuan(n int64) Money { return Money{n * 100} }

// ParseMoney reads a plain decimal such as "1800000" or "1800000.00": digits, and at most two behind a point.
// Signs, exponents, separators, leading zeros, more than two decimals and amounts above 999,999,999,999.99 are
// errors, of type [*AmountError]; nothing is ever rounded.
func ParseMoney(text string) (Money, error) {
	whole, fraction, point := strings.Cut(text, ".")
	if reason := malformed(whole, fraction, point); reason != "" {
		return NoMoney, &AmountError{Text: text, Reason: reason}
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return NoMoney, &AmountError{Text: text, Reason: AmountMalformed}
	}
	return moneyOf(d.Shift(2), text)
}

// MoneyOf takes over a decimal that has at most two decimals, and may be negative.
func MoneyOf(d decimal.Decimal) (Money, error) {
	cents := d.Shift(2)
	if !cents.IsInteger() {
		return NoMoney, &AmountError{Text: d.String(), Reason: AmountTooPrecise}
	}
	return moneyOf(cents, d.String())
}

func moneyOf(cents decimal.Decimal, text string) (Money, error) {
	if cents.Abs().GreaterThan(decimal.NewFromInt(maxFen)) {
		return NoMoney, &AmountError{Text: text, Reason: AmountTooLarge}
	}
	return Money{cents.IntPart()}, nil
}

// The reasons of an [AmountError]; each is the code of a refusal too.
const (
	AmountMalformed  = "amount_malformed"
	AmountTooPrecise = "amount_too_precise"
	AmountNegative   = "amount_negative"
	AmountTooLarge   = "amount_too_large"
	AmountZero       = "amount_zero"
)

// AmountError says why a text is not an amount of money.
type AmountError struct{ Text, Reason string }

func (e *AmountError) Error() string {
	return fmt.Sprintf("%q is not an amount (%s): write it like \"1800000.00\", at most two decimals", Clip(e.Text, 40), e.Reason)
}

// Refusal is the error as a refusal of the field that the text was given in.
func (e *AmountError) Refusal(field string) *Refusal {
	if e.Reason == AmountTooLarge {
		return refuse(CodeAmountTooLarge, "field", field, "value", e.Text, "limit", Fen(maxFen))
	}
	if e.Reason == AmountMalformed && strings.ContainsAny(e.Text, ",，'") {
		return NewRefusal(e.Reason, "field", field, "value", e.Text, "reason", ReasonGroups)
	}
	return NewRefusal(e.Reason, "field", field, "value", e.Text)
}

func malformed(whole, fraction string, point bool) string {
	switch {
	case strings.HasPrefix(whole, "-") && digits(whole[1:]) && len(whole) > 1:
		return AmountNegative
	case whole == "" || !digits(whole) || !digits(fraction) || point && fraction == "":
		return AmountMalformed
	case len(whole) > 1 && whole[0] == '0':
		return AmountMalformed
	case len(fraction) > 2:
		return AmountTooPrecise
	case len(whole) > 12:
		return AmountTooLarge
	}
	return ""
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Decimal is the amount as a decimal with two places.
func (m Money) Decimal() decimal.Decimal { return decimal.New(m.fen, -2) }

// Fen is the amount in hundredths.
func (m Money) Fen() int64 { return m.fen }

// String writes the amount plainly with two decimals: "1800000.00", "-0.01".
func (m Money) String() string { return string(m.append(nil)) }

func (m Money) append(b []byte) []byte {
	n := m.fen
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/100, 10)
	return append(b, '.', byte('0'+n%100/10), byte('0'+n%10))
}

// AppendText writes the amount as [Money.String] does.
func (m Money) AppendText(b []byte) ([]byte, error) { return m.append(b), nil }

// MarshalText writes the amount as [Money.String] does; in JSON an amount is a string.
func (m Money) MarshalText() ([]byte, error) { return m.append(nil), nil }

// UnmarshalText reads what [ParseMoney] reads.
func (m *Money) UnmarshalText(text []byte) error {
	parsed, err := ParseMoney(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

// Add is m + n. It panics on overflow: a sum that cannot be held exactly must stop the program, never wrap.
func (m Money) Add(n Money) Money {
	sum := m.fen + n.fen
	if (sum > m.fen) != (n.fen > 0) && n.fen != 0 {
		panic("domain: a sum of money is beyond what can be held exactly")
	}
	return Money{sum}
}

// Sub is m − n, with the promise of [Money.Add].
func (m Money) Sub(n Money) Money { return m.Add(Money{-n.fen}) }

// Neg is −m.
func (m Money) Neg() Money { return Money{-m.fen} }

// Cmp is −1, 0 or 1 as m is below, equal to or above n.
func (m Money) Cmp(n Money) int {
	switch {
	case m.fen < n.fen:
		return -1
	case m.fen > n.fen:
		return 1
	}
	return 0
}

// More reports whether m is above n.
func (m Money) More(n Money) bool { return m.fen > n.fen }

// Less reports whether m is below n.
func (m Money) Less(n Money) bool { return m.fen < n.fen }

// IsZero reports whether m is 0.00.
func (m Money) IsZero() bool { return m.fen == 0 }

// Positive reports whether m is above 0.00.
func (m Money) Positive() bool { return m.fen > 0 }

// OrNone is m, or 0.00 where m is negative: what is "never shown below zero".
func (m Money) OrNone() Money { return Money{max(m.fen, 0)} }

// Lesser is the smaller of two amounts.
func Lesser(a, b Money) Money { return Money{min(a.fen, b.fen)} }

// Greater is the larger of two amounts.
func Greater(a, b Money) Money { return Money{max(a.fen, b.fen)} }

// Balance is a sum of amounts as an event records it. Unlike an amount that is given it may be negative (more came back
// than was charged) or above what one amount may be, and it is read back as it was written.
type Balance struct{ Money }

// UnmarshalText reads what [Money.String] writes of any sum.
func (b *Balance) UnmarshalText(text []byte) error {
	whole, negative := strings.CutPrefix(string(text), "-")
	yuan, fen, _ := strings.Cut(whole, ".")
	n, err := strconv.ParseInt(yuan+fen, 10, 64)
	if err != nil || len(fen) != 2 || yuan == "" || !digits(yuan) || !digits(fen) {
		return &AmountError{Text: string(text), Reason: AmountMalformed}
	}
	if negative {
		n = -n
	}
	b.Money = Fen(n)
	return nil
}

// Ceiling is an amount that may be unstated: a cap, or a headroom under no cap. Unstated is not zero.
type Ceiling struct {
	Amount Money
	Stated bool
}

// Stated is a ceiling of m.
func Stated(m Money) Ceiling { return Ceiling{Amount: m, Stated: true} }

// Unstated is a ceiling that the policy does not state.
var Unstated Ceiling

// String is the amount, or "" where none is stated.
func (c Ceiling) String() string {
	if !c.Stated {
		return ""
	}
	return c.Amount.String()
}

// MarshalJSON writes the amount as a string, or null where none is stated.
func (c Ceiling) MarshalJSON() ([]byte, error) {
	if !c.Stated {
		return []byte("null"), nil
	}
	return append(c.Amount.append([]byte{'"'}), '"'), nil
}

// UnmarshalJSON reads what MarshalJSON writes. An amount that is not a string is an error.
func (c *Ceiling) UnmarshalJSON(b []byte) error {
	text := string(b)
	if text == "null" {
		*c = Unstated
		return nil
	}
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return &AmountError{Text: text, Reason: AmountMalformed}
	}
	amount, err := ParseMoney(text[1 : len(text)-1])
	if err != nil {
		return err
	}
	*c = Stated(amount)
	return nil
}

// IsZero reports whether nothing is stated; it lets an empty ceiling be left out of JSON.
func (c Ceiling) IsZero() bool { return !c.Stated }

// Clip is a text as a message may repeat it: valid UTF-8, and of one longer than n bytes the beginning, with a mark of what is left out.
func Clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
