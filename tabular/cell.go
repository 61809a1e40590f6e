package tabular

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// cell is a cell as its column's kind has it; one of the fields is meant.
type cell struct {
	set     bool // false: nil
	text    string
	dec     decimal.Decimal // Money, Ratio
	integer int64
	time    time.Time // Date: midnight UTC of the day
	truth   bool
	kind    Kind
}

// number is what a total adds up.
func (c cell) number() decimal.Decimal {
	if c.kind == Integer {
		return decimal.NewFromInt(c.integer)
	}
	return c.dec
}

func (c cell) percent() string { return c.dec.Shift(2).StringFixed(2) + "%" }

// plain is the cell as machines read it, and empty for nil.
func (c cell) plain() string {
	if c.kind == Text {
		return c.text
	}
	return string(c.appendPlain(nil))
}

// appendPlain appends what plain is.
func (c cell) appendPlain(buf []byte) []byte {
	if !c.set {
		return buf
	}
	switch c.kind {
	case Money:
		return appendFixed(buf, c.dec, 2)
	case Ratio:
		return appendFixed(buf, c.dec, 4)
	case Integer:
		return strconv.AppendInt(buf, c.integer, 10)
	case Date:
		return c.time.AppendFormat(buf, time.DateOnly)
	case Time:
		return c.time.UTC().AppendFormat(buf, time.RFC3339Nano)
	case Bool:
		return strconv.AppendBool(buf, c.truth)
	}
	return append(buf, c.text...)
}

// appendFixed appends what d.StringFixed(places) is, without its allocations for the usual amounts.
func appendFixed(buf []byte, d decimal.Decimal, places int32) []byte {
	n, ok := scaled(d, places)
	if !ok {
		return append(buf, d.StringFixed(places)...)
	}
	if n < 0 {
		buf, n = append(buf, '-'), -n
	}
	var digits [20]byte
	i := len(digits)
	for ; n > 0 || int32(len(digits)-i) <= places; n /= 10 {
		if i--; int32(len(digits)-i) == places+1 && places > 0 {
			digits[i] = '.'
			i--
		}
		digits[i] = byte('0' + n%10)
	}
	return append(buf, digits[i:]...)
}

// scaled is d as a whole number of its place behind the point; false where it is none, or one of more than 18 digits.
func scaled(d decimal.Decimal, places int32) (int64, bool) {
	up := d.Exponent() + places
	if up < 0 || up > 18 || d.NumDigits()+int(up) > 18 {
		return 0, false
	}
	n := d.CoefficientInt64()
	for range up {
		n *= 10
	}
	return n, true
}

// total adds up. It counts hundredths as long as they fit, for a decimal's addition takes a hundred times as long.
type total struct {
	hundredths int64
	rest       decimal.Decimal
}

func (t *total) add(c cell) {
	n, ok := scaled(c.number(), 2)
	if !ok {
		t.rest = t.rest.Add(c.number())
		return
	}
	if t.hundredths += n; t.hundredths > math.MaxInt64/2 || t.hundredths < math.MinInt64/2 {
		t.rest, t.hundredths = t.rest.Add(decimal.New(t.hundredths, -2)), 0
	}
}

func (t *total) sum() decimal.Decimal { return t.rest.Add(decimal.New(t.hundredths, -2)) }

func readRow(cells []cell, columns []Column, row Row) error {
	if len(row) != len(columns) {
		return fmt.Errorf("it has %d cells, the table has %d columns", len(row), len(columns))
	}
	for i, value := range row {
		c, err := readCell(columns[i].Kind, value)
		if err != nil {
			return fmt.Errorf("column %s: %w", columns[i].Name, err)
		}
		cells[i] = c
	}
	return nil
}

func readCell(kind Kind, value any) (cell, error) {
	c := cell{kind: kind}
	if absent(value) {
		return c, nil
	}
	var err error
	switch kind {
	case Text:
		c.text, err = textOf(value)
	case Money, Ratio:
		c.dec, err = decimalOf(kind, value)
	case Integer:
		c.integer, err = integerOf(value)
	case Date:
		c.time, err = dayOf(value)
	case Time:
		c.time, err = typed[time.Time](value)
	case Bool:
		c.truth, err = typed[bool](value)
	}
	c.set = err == nil
	if errors.Is(err, errEmpty) {
		err = nil
	}
	return c, err
}

// errEmpty says that there is a value, and that it is no value.
var errEmpty = errors.New("empty")

func absent(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string, decimal.Decimal, int64, int, uint64, bool, time.Time:
		return false
	case decimal.NullDecimal:
		return !v.Valid
	}
	r := reflect.ValueOf(value)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

func textOf(value any) (string, error) {
	text, ok := value.(string)
	if !ok {
		s, ok := value.(fmt.Stringer)
		switch r := reflect.ValueOf(value); {
		case ok:
			text = s.String()
		case r.Kind() == reflect.String:
			text = r.String()
		default:
			return "", wrongType(value)
		}
	}
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("%.60q is not UTF-8", text)
	}
	return text, nil
}

func decimalOf(kind Kind, value any) (decimal.Decimal, error) {
	var d decimal.Decimal
	switch v := value.(type) {
	case decimal.Decimal:
		d = v
	case *decimal.Decimal:
		d = *v
	case decimal.NullDecimal:
		d = v.Decimal
	case interface{ Decimal() decimal.Decimal }:
		d = v.Decimal()
	default:
		return d, wrongType(value)
	}
	if outlandish(d) {
		return d, fmt.Errorf("a number with exponent %d does not belong here", d.Exponent())
	}
	if kind == Money && d.Exponent() < -2 && !d.Equal(d.Truncate(2)) {
		return d, fmt.Errorf("%s has more than two decimals: an amount is never rounded", d)
	}
	return d, nil
}

// outlandish numbers are a few bytes that would be written as megabytes.
func outlandish(d decimal.Decimal) bool { return d.Exponent() > 100 || d.Exponent() < -100 }

func integerOf(value any) (int64, error) {
	switch v := value.(type) {
	case int64:
		return v, nil
	case int:
		return int64(v), nil
	case uint64:
		if v > math.MaxInt64 {
			return 0, fmt.Errorf("%d is too large", v)
		}
		return int64(v), nil
	}
	return 0, wrongType(value)
}

func dayOf(value any) (time.Time, error) {
	if t, ok := value.(time.Time); ok {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), nil
	}
	text, err := textOf(value)
	if err != nil {
		return time.Time{}, err
	}
	if text == "" {
		return time.Time{}, errEmpty
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return t, fmt.Errorf("%.60q is not a date such as 2025-03-01", text)
	}
	return t, nil
}

func typed[T any](value any) (T, error) {
	switch v := value.(type) {
	case T:
		return v, nil
	case *T:
		return *v, nil
	case string:
		if v == "" {
			return *new(T), errEmpty
		}
	}
	return *new(T), wrongType(value)
}

func wrongType(value any) error {
	if value == "" {
		return errEmpty
	}
	return fmt.Errorf("a %T does not belong here", value)
}
