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

// value is what a cell says under a column's rules: as a command writes it, or a refusal that names the column.
func (c Column) value(from cell, rounded *Rounding) (string, *domain.Refusal) {
	if strings.TrimSpace(from.text) == "" && from.kind == cellText {
		return c.Default, nil
	}
	k := map[string]kind{"text": prose, "amount": money, "date": day, "year": ident}[c.Read]
	text, r := from.value(c.Heading, k)
	if r != nil {
		return "", r
	}
	if c.Trim {
		text = strings.TrimSpace(text)
	}
	if c.Values != nil {
		word, known := c.Values[text]
		if !known {
			return "", c.invalid(text, domain.ReasonMappedValue)
		}
		text = word
	}
	switch c.Read {
	case "amount":
		return c.amount(text, rounded)
	case "date":
		return c.date(text, from.kind)
	}
	return text, nil
}

func (c Column) invalid(text string, reason domain.Reason) *domain.Refusal {
	return domain.NewRefusal(domain.CodeFieldInvalid, "field", c.Heading, "value", text, "reason", reason)
}

// number is what an amount may look like before a declared rounding or unit makes it one.
var number = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?$`)

var grouped = regexp.MustCompile(`^[0-9]{1,3}([,，][0-9]{3})+(\.[0-9]+)?$`)

func (c Column) amount(text string, rounded *Rounding) (string, *domain.Refusal) {
	if c.Thousands && grouped.MatchString(text) {
		text = strings.NewReplacer(",", "", "，", "").Replace(text)
	}
	if c.Round == "" && c.Unit == "" || !number.MatchString(text) {
		return c.plainAmount(text)
	}
	if c.Round == "" && strings.ContainsAny(text, "eE") {
		return "", domain.NewRefusal(domain.CodeAmountMalformed, "field", c.Heading, "value", text)
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return "", domain.NewRefusal(domain.CodeAmountMalformed, "field", c.Heading, "value", text)
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
		return c.refused(err, text)
	}
	return m.String(), nil
}

func (c Column) plainAmount(text string) (string, *domain.Refusal) {
	m, err := domain.ParseMoney(text)
	if err != nil {
		return c.refused(err, text)
	}
	return m.String(), nil
}

func (c Column) refused(err error, text string) (string, *domain.Refusal) {
	if amount, ok := err.(*domain.AmountError); ok {
		return "", (&domain.AmountError{Text: text, Reason: amount.Reason}).Refusal(c.Heading)
	}
	return "", domain.NewRefusal(domain.CodeAmountMalformed, "field", c.Heading, "value", text)
}

func (c Column) date(text string, from cellKind) (string, *domain.Refusal) {
	layout := layouts[c.Layout]
	if layout == "" || from == cellDate {
		layout = time.DateOnly
	}
	t, err := time.Parse(layout, text)
	if err != nil {
		return "", c.invalid(text, domain.ReasonMappedDate)
	}
	return t.Format(time.DateOnly), nil
}
