package intake

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// units are what an amount may be counted in, by the power of ten to yuan.
var units = map[string]*int32{"yuan": ptr(0), "wan": ptr(4), "fen": ptr(-2)}

func ptr(n int32) *int32 { return &n }

// layouts are the ways of writing a date that a mapping may name.
var layouts = map[string]string{
	"YYYY-MM-DD": time.DateOnly, "YYYY/MM/DD": "2006/01/02", "YYYY/M/D": "2006/1/2", "YYYY.M.D": "2006.1.2", "YYYYMMDD": "20060102",
	"YYYY年M月D日": "2006年1月2日", "DD/MM/YYYY": "02/01/2006", "MM/DD/YYYY": "01/02/2006", "D.M.YYYY": "2.1.2006",
}

func layoutNames() string { return strings.Join(slices.Sorted(maps.Keys(layouts)), ", ") }

// kinds are the kinds of cells that a column may be read as.
var kinds = map[string]kind{"text": prose, "amount": money, "date": day, "year": year}

// value is what a cell says under a column's rules: as a command writes it, or a refusal that names the column.
func (c Column) value(from cell) (string, *domain.Refusal) {
	if from.empty() {
		return c.Default, nil
	}
	text, r := from.value(c.Heading, kinds[c.Read])
	if r != nil {
		return "", r
	}
	text = trim(text) // blanks around a text are no part of it: a spreadsheet drops and adds them
	if c.Values != nil {
		word, known := c.Values[text]
		if !known {
			return "", c.invalid(text, domain.ReasonMappedValue)
		}
		text = word
	}
	if c.Read == "date" {
		return c.date(text)
	}
	return text, nil
}

func (c Column) invalid(text string, reason domain.Reason) *domain.Refusal {
	return domain.NewRefusal(domain.CodeFieldInvalid, "field", c.Heading, "value", text, "reason", reason)
}

// number is what an amount may look like before a declared rounding or unit makes it one.
var number = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?$`)

// signed is a cell's amount in yuan, with two decimals and without its sign, and whether it is negative.
func (c Column) signed(from cell, rounded *Rounding) (string, bool, *domain.Refusal) {
	if from.empty() {
		return c.Default, false, nil
	}
	from = c.counted(from)
	if reason := from.unfit(money); reason != "" {
		return "", false, c.invalid(from.text, reason)
	}
	text, plain := domain.PlainNumber(from.text, c.signs(from))
	if c.Values != nil {
		word, known := c.Values[trim(from.text)]
		if !known {
			return "", false, c.invalid(from.text, domain.ReasonMappedValue)
		}
		text, plain = word, true
	}
	text, negative := withoutSign(text)
	if !plain {
		return "", false, domain.NewRefusal(domain.CodeAmountMalformed, "field", c.Heading, "value", from.text)
	}
	amount, refusal := c.amount(text, from.text, rounded)
	return amount, negative, refusal
}

// exact is a cell's amount in yuan with all its decimals, for sums; false where it cannot be read.
func (c Column) exact(from cell) (decimal.Decimal, bool) {
	from = c.counted(from)
	text, plain := domain.PlainNumber(from.text, c.signs(from))
	if c.Values != nil {
		text = c.Values[trim(from.text)]
	}
	text, negative := withoutSign(text)
	d, err := decimal.NewFromString(text)
	if err != nil || !plain || !number.MatchString(text) || from.unfit(money) != "" {
		return d, false
	}
	if c.Unit != "" {
		d = d.Shift(*units[c.Unit])
	}
	if negative {
		d = d.Neg()
	}
	return d, true
}

// counted is a cell as it counts in the column's unit: a number that is shown in ten thousands is one where the column is said to be in them.
func (c Column) counted(from cell) cell {
	if from.kind == cellWan && c.Unit == "wan" {
		from.kind = cellNumber
	}
	return from
}

// withoutSign is a number without its minus, or without the brackets that bookkeepers write for one.
func withoutSign(text string) (string, bool) {
	if inner, ok := strings.CutPrefix(text, "("); ok && strings.HasSuffix(inner, ")") && len(inner) > 1 {
		return inner[:len(inner)-1], true
	}
	rest, negative := strings.CutPrefix(text, "-")
	return rest, negative
}

// amount is a number in the column's unit, rounded where the mapping says so. given is how the file has it.
func (c Column) amount(text, given string, rounded *Rounding) (string, *domain.Refusal) {
	malformed := domain.NewRefusal(domain.CodeAmountMalformed, "field", c.Heading, "value", given)
	if c.Round == "" && c.Unit == "" || !number.MatchString(text) {
		return c.plainAmount(text, given)
	}
	if c.Round == "" && strings.ContainsAny(text, "eE") {
		return "", malformed
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return "", malformed
	}
	if c.Unit != "" {
		d = d.Shift(*units[c.Unit])
	}
	if c.Round != "" {
		exact := d
		if d = d.Round(2); !d.Equal(exact) {
			rounded.add(d.Sub(exact))
		}
	}
	m, err := domain.MoneyOf(d)
	if err != nil {
		return c.refused(err, given)
	}
	return m.String(), nil
}

// signs are how the column's texts write numbers; a spreadsheet's number has a point, whatever its texts have.
func (c Column) signs(from cell) domain.Signs {
	if from.kind == cellNumber {
		return domain.Signs{}
	}
	return domain.Signs{Group: c.Group, Decimal: c.Decimal}
}

func (c Column) plainAmount(text, given string) (string, *domain.Refusal) {
	m, err := domain.ParseMoney(text)
	if err != nil {
		return c.refused(err, given)
	}
	return m.String(), nil
}

func (c Column) refused(err error, text string) (string, *domain.Refusal) {
	if amount, ok := err.(*domain.AmountError); ok {
		return "", (&domain.AmountError{Text: text, Reason: amount.Reason}).Refusal(c.Heading)
	}
	return "", domain.NewRefusal(domain.CodeAmountMalformed, "field", c.Heading, "value", text)
}

// date is a day written as the mapping says, or with its year first.
func (c Column) date(text string) (string, *domain.Refusal) {
	if layout := layouts[c.Layout]; layout != "" {
		if t, err := time.Parse(layout, narrow(trim(text))); err == nil {
			return t.Format(time.DateOnly), nil
		}
	}
	if date, ok := dayText(text); ok {
		return date, nil
	}
	return "", c.invalid(text, domain.ReasonMappedDate)
}
