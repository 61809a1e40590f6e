package tabular

import (
	"github.com/fundledger/fundledger/domain"

	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// Grouped writes the whole part of a plain decimal in groups of three: "1234567.00" is "1,234,567.00". What is not a plain decimal
// comes back as it is.
func Grouped(amount string) string {
	sign, digits := "", amount
	if strings.HasPrefix(amount, "-") {
		sign, digits = "-", amount[1:]
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if !allDigits(whole) || point && !allDigits(fraction) {
		return amount
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if point {
		b.WriteString("." + fraction)
	}
	return b.String()
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Unit is what amounts are shown in.
type Unit string

// The units: 元, 万元 (10,000), 亿元 (100,000,000).
const (
	Yuan    Unit = "yuan"
	WanYuan Unit = "wan"
	YiYuan  Unit = "yi"
)

// ParseUnit reads "yuan", "wan" or "yi"; an empty text is Yuan.
func ParseUnit(name string) (Unit, error) {
	switch u := Unit(name); u {
	case "":
		return Yuan, nil
	case Yuan, WanYuan, YiYuan:
		return u, nil
	}
	return Yuan, fmt.Errorf("unit %q is not known: use yuan, wan or yi", name)
}

// Label names the unit for the head of a column.
func (u Unit) Label(lang string) string {
	switch u {
	case WanYuan:
		return domain.Text{ZH: "万元", EN: "CNY 10,000"}.In(lang)
	case YiYuan:
		return domain.Text{ZH: "亿元", EN: "CNY 100 million"}.In(lang)
	}
	return domain.Text{ZH: "元", EN: "CNY"}.In(lang)
}

// Show writes an amount in the unit with the usual places: two of 元 and 万元, four of 亿元. See ShowPlaces.
func (u Unit) Show(amount decimal.Decimal) string {
	if u == YiYuan {
		return u.ShowPlaces(amount, 4)
	}
	return u.ShowPlaces(amount, 2)
}

// ShowPlaces writes an amount in the unit, grouped, with so many places: at least 2, at most what shows every 分 (2 of 元, 6 of 万元,
// 10 of 亿元). What does not fit is rounded half up (away from zero), and then the text opens with ≈. It is for the eye: nothing
// computes with it.
func (u Unit) ShowPlaces(amount decimal.Decimal, places int32) string {
	shift := u.shift()
	places = min(max(places, 2), 2+shift)
	exact := amount.Shift(-shift)
	rounded := exact.Round(places)
	text := Grouped(rounded.StringFixed(places))
	if !rounded.Equal(exact) {
		return "≈" + text
	}
	return text
}

// shift is how many places the point moves.
func (u Unit) shift() int32 {
	switch u {
	case WanYuan:
		return 4
	case YiYuan:
		return 8
	}
	return 0
}
