package domain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Dated facts: what departments know of an enterprise or a project, of a year, of a month or from a day on. The policy lists which there may be
// and who supplies each ([Fact]); [RecordFact] and [CorrectFact] keep their values. A decision asks the facts of its business date, as they are
// known when it is made, and keeps the ones that it rested on: a fact that is corrected later changes nothing that was decided (R10, R14).

// Fact is something that may be known of an enterprise or a project, and who supplies it.
type Fact struct {
	ID      FactID         `json:"id"`
	Name    Text           `json:"name"`
	Unit    FactUnit       `json:"unit"`
	Per     FactPer        `json:"per"`
	Sources []DepartmentID `json:"sources"` // the departments that record it
	// ConfirmedBy are departments one of which has to record the same value before it counts; none: it counts at once.
	ConfirmedBy []DepartmentID `json:"confirmed_by,omitempty"`
	// Means says which matter that the rules ask the fact decides.
	Means FactMeaning `json:"means,omitzero"`
	// Codes are the values of a fact in codes. One that means the industry has the policy's industries, one that means the place divisions.
	Codes []FactCode `json:"codes,omitempty"`
	// Sensitive keeps its values from those who need not know them: see [MayReadFact].
	Sensitive bool `json:"sensitive,omitzero"`
}

// FactCode is a value of a fact in codes.
type FactCode struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
}

// FactUnit is what the values of a fact are.
type FactUnit string

// The units of facts.
const (
	UnitMoney   FactUnit = "cny"     // an amount of at most two decimals, which may be below nought
	UnitCount   FactUnit = "count"   // a whole number from 0 on
	UnitPercent FactUnit = "percent" // a percentage of at most four decimals, which may be below nought
	UnitFlag    FactUnit = "flag"    // yes or no
	UnitCode    FactUnit = "code"    // one of a list
)

// FactPer says what a value of a fact is of.
type FactPer string

// What values are of.
const (
	OfYear  FactPer = "year"  // a year, such as 2025
	OfMonth FactPer = "month" // a month, such as 2025-03
	FromDay FactPer = "day"   // all days from one on, such as 2025-03-01, until the next
)

// FactMeaning is a matter that the rules ask.
type FactMeaning string

// The matters that facts may decide.
const (
	MeansIndustry FactMeaning = "industry" // the industry that an enterprise is recognised in
	MeansPlace    FactMeaning = "place"    // where it is, as a division code of GB/T 2260
	MeansKind     FactMeaning = "kind"     // what kind of subject it is
	MeansSize     FactMeaning = "size"     // how large it is
	MeansStreet   FactMeaning = "street"   // which part of the district it is in
	MeansScale    FactMeaning = "scale"    // whether it has reached the scale of the statistics
)

// The values of a flag.
const (
	FlagYes = "yes"
	FlagNo  = "no"
)

// maxPercentDecimals bounds how exact a percentage is.
const maxPercentDecimals = 4

// Fact finds a fact by its id.
func (p *Policy) Fact(id FactID) (Fact, bool) {
	i := slices.IndexFunc(p.Facts, func(f Fact) bool { return f.ID == id })
	if i < 0 {
		return Fact{}, false
	}
	return p.Facts[i], true
}

// FactMeaning finds the fact that decides a matter.
func (p *Policy) FactMeaning(m FactMeaning) (Fact, bool) {
	i := slices.IndexFunc(p.Facts, func(f Fact) bool { return f.Means == m })
	if i < 0 {
		return Fact{}, false
	}
	return p.Facts[i], true
}

// checkFacts checks what the policy says may be known.
func (p *Policy) checkFacts() error {
	seen, meant := map[FactID]bool{}, map[FactMeaning]bool{}
	for i, f := range p.Facts {
		path := fmt.Sprintf("facts[%d]", i)
		if err := checkNamed(path, string(f.ID), f.Name, seen[f.ID]); err != nil {
			return err
		}
		if err := p.checkFact(path, f); err != nil {
			return err
		}
		if f.Means != "" && meant[f.Means] {
			return wrong(path+".means", "%q 已由另一项事实确定", "another fact decides %q already", f.Means)
		}
		seen[f.ID], meant[f.Means] = true, true
	}
	if p.District != "" && !division(p.District) {
		return wrong("district", "须为六位行政区划代码，不能是 %q", "is a division code of six digits, not %q", Clip(p.District, 20))
	}
	return nil
}

func (p *Policy) checkFact(path string, f Fact) error {
	switch {
	case !slices.ContainsFunc(UnitCodes, func(c Code) bool { return c.Name == string(f.Unit) }):
		return wrong(path+".unit", "须为 %s，不能是 %q", "is one of %s, not %q", codeList(UnitCodes), Clip(string(f.Unit), 20))
	case !slices.ContainsFunc(PerCodes, func(c Code) bool { return c.Name == string(f.Per) }):
		return wrong(path+".per", "须为 %s，不能是 %q", "is one of %s, not %q", codeList(PerCodes), Clip(string(f.Per), 20))
	case f.Means != "" && !slices.ContainsFunc(MeaningCodes, func(c Code) bool { return c.Name == string(f.Means) }):
		return wrong(path+".means", "须为 %s，不能是 %q", "is one of %s, not %q", codeList(MeaningCodes), Clip(string(f.Means), 20))
	case f.Means == MeansScale && f.Unit != UnitFlag:
		return wrong(path+".unit", "达规纳统的事实须以是否（flag）记录", "a fact that means the scale is a flag")
	case f.Means != "" && f.Means != MeansScale && f.Unit != UnitCode:
		return wrong(path+".unit", "确定 %s 的事实须以代码（code）记录", "a fact that means the %s is in codes", f.Means)
	case f.Means != "" && f.Per != FromDay:
		return wrong(path+".per", "确定 %s 的事实须按日（day）记录", "a fact that means the %s holds from days on", f.Means)
	case f.Means != "" && f.Sensitive:
		return wrong(path+".sensitive", "规则据以作出决定的事实不能限定查阅", "a fact that the rules decide by is open to those who read the decisions")
	case len(f.Sources) == 0:
		return wrong(path+".sources", "须写明提供部门", "a department that records it is needed")
	}
	if err := p.checkFactCodes(path, f); err != nil {
		return err
	}
	for name, list := range map[string][]DepartmentID{"sources": f.Sources, "confirmed_by": f.ConfirmedBy} {
		for j, d := range list {
			if !p.HasDepartment(d) {
				return wrong(fmt.Sprintf("%s.%s[%d]", path, name, j), "%q 不在本政策的部门之列", "%q is not one of the policy's departments", d)
			}
			if slices.Contains(list[:j], d) {
				return wrong(fmt.Sprintf("%s.%s[%d]", path, name, j), "%q 重复", "%q stands twice", d)
			}
		}
	}
	if len(f.ConfirmedBy) > 0 && len(f.Sources) == 1 && sameSet(f.Sources, f.ConfirmedBy) {
		return wrong(path+".confirmed_by", "须由提供部门以外的部门确认", "another department than the one that records it has to confirm it")
	}
	return nil
}

// checkFactCodes checks the list of a fact in codes. Whose codes come from elsewhere lists none.
func (p *Policy) checkFactCodes(path string, f Fact) error {
	listed := f.Unit == UnitCode && f.Means != MeansIndustry && f.Means != MeansPlace
	switch {
	case !listed && len(f.Codes) > 0:
		return wrong(path+".codes", "此项事实不列代码", "this fact lists no codes")
	case listed && len(f.Codes) == 0:
		return wrong(path+".codes", "须列出代码", "the codes have to be listed")
	case f.Means == MeansIndustry && len(p.Industries) == 0:
		return wrong("industries", "有确定产业的事实，须列出产业", "a fact means the industry, and no industries are listed")
	case len(f.Codes) > maxListed:
		return wrong(path+".codes", "共 %d 项，至多 %d 项", "there are %d, at most %d are taken", len(f.Codes), maxListed)
	}
	seen := map[string]bool{}
	for j, c := range f.Codes {
		if err := checkNamed(fmt.Sprintf("%s.codes[%d]", path, j), c.ID, c.Name, seen[c.ID]); err != nil {
			return err
		}
		seen[c.ID] = true
	}
	return nil
}

// division reports whether a text is a division code of GB/T 2260.
func division(text string) bool { return len(text) == 6 && digits(text) && text[0] != '0' }

// Values are the values that a fact in codes may have; nil where it is none, or any division.
func (p *Policy) Values(f Fact) (codes []FactCode) {
	switch {
	case f.Unit == UnitFlag:
		return []FactCode{{FlagYes, Text{"是", "yes"}}, {FlagNo, Text{"否", "no"}}}
	case f.Means == MeansIndustry:
		for _, n := range p.Industries {
			codes = append(codes, FactCode{string(n.ID), n.Name})
		}
		return codes
	}
	return f.Codes
}

// Shown is a value of a fact as people read it.
func (p *Policy) Shown(f Fact, value string) Text {
	if i := slices.IndexFunc(p.Values(f), func(c FactCode) bool { return c.ID == value }); i >= 0 {
		return p.Values(f)[i].Name
	}
	switch f.Unit {
	case UnitMoney:
		sign, plain := "", value
		if strings.HasPrefix(value, "-") {
			sign, plain = "-", value[1:]
		}
		value = sign + grouped(plain)
	case UnitPercent:
		value += "%"
	}
	return Text{value, value}
}

// readValue is a value of a fact in its one spelling, or why it is none.
func (p *Policy) readValue(f Fact, text string) (string, *Refusal) {
	bad := func(reason Reason, more ...any) *Refusal {
		return refuse(CodeFieldInvalid, append([]any{"field", "value", "value", f.open(Clip(text, 40)), "reason", reason, "fact", f.ID, "unit", f.Unit}, more...)...)
	}
	if text == "" {
		return "", refuse(CodeFieldMissing, "field", "value")
	}
	switch f.Unit {
	case UnitMoney, UnitPercent, UnitCount:
		decimals, reason := map[FactUnit]int{UnitMoney: 2, UnitPercent: maxPercentDecimals}[f.Unit], numberReasons[f.Unit]
		plain, fine := plainNumber(text, decimals, f.Unit != UnitCount)
		if !fine {
			return "", bad(reason, "limit", decimals)
		}
		if f.Unit == UnitMoney {
			return plain.StringFixed(2), nil
		}
		return plain.String(), nil
	}
	if f.Means == MeansPlace {
		if !division(text) {
			return "", bad(ReasonDivision)
		}
		return text, nil
	}
	values := p.Values(f)
	if !slices.ContainsFunc(values, func(c FactCode) bool { return c.ID == text }) {
		ids := make([]string, len(values))
		for i, c := range values {
			ids[i] = c.ID
		}
		return "", bad(ReasonOneOf, "allowed", join(ids))
	}
	return text, nil
}

var numberReasons = map[FactUnit]Reason{UnitMoney: ReasonFactMoney, UnitPercent: ReasonFactPercent, UnitCount: ReasonFactCount}

// maxWhole bounds how many digits a value has before its point: 999,999,999,999.99, as an amount has at most.
const maxWhole = 12

// plainNumber reads a plain decimal: digits, no more than so many behind a point, and a sign where it may be below nought. Exponents, separators
// and leading noughts are none.
func plainNumber(text string, decimals int, signed bool) (decimal.Decimal, bool) {
	plain, below := strings.CutPrefix(text, "-")
	whole, fraction, point := strings.Cut(plain, ".")
	switch {
	case below && !signed, whole == "" || !digits(whole) || len(whole) > maxWhole, len(whole) > 1 && whole[0] == '0',
		point && (fraction == "" || !digits(fraction)), len(fraction) > decimals:
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Zero, false
	}
	return d, true
}

// readPeriod is the first day of a period of a fact, or why it is none.
func (f Fact) readPeriod(period string) (Date, *Refusal) {
	if period == "" {
		return Date{}, refuse(CodeFieldMissing, "field", "period")
	}
	first, reason := period, ReasonDate
	switch f.Per {
	case OfYear:
		first, reason = period+"-01-01", ReasonYear
	case OfMonth:
		first, reason = period+"-01", ReasonMonth
	}
	day, err := ParseDate(first)
	if err != nil {
		return Date{}, refuse(CodeFieldInvalid, "field", "period", "value", Clip(period, 20), "reason", reason, "fact", f.ID)
	}
	return day, nil
}

// PeriodOn is the period of a fact that a day lies in; of one that holds from days on, the day itself.
func (f Fact) PeriodOn(d Date) string {
	switch f.Per {
	case OfYear:
		return d.String()[:len("2006")]
	case OfMonth:
		return string(MonthOf(d))
	}
	return d.String()
}

// open is a value where anybody may read it: refusals are kept for everybody to read.
func (f Fact) open(value string) string {
	if f.Sensitive {
		return ""
	}
	return value
}

// MayReadFact reports whether somebody in a role, of a department, may read the values of a fact: anybody, of one that is not sensitive. A sensitive one is
// for those who record and confirm it, finance, the authority, auditors and admins; analysts read no one's value.
func (p *Policy) MayReadFact(f Fact, role Role, d DepartmentID) bool {
	switch {
	case !f.Sensitive, role == Auditor, role == Admin:
		return true
	case role == Analyst || d == "":
		return false
	}
	return d == p.Treasury || d == p.Authority || slices.Contains(f.Sources, d) || slices.Contains(f.ConfirmedBy, d)
}

// FactOf is which fact a command or an event records, and whether its values are sensitive by a policy or by what the event says; false: it records none.
func (p *Policy) FactOf(of any) (f Fact, records bool) {
	var id FactID
	sensitive := false
	switch e := of.(type) {
	case *RecordFact:
		id = e.Fact
	case *CorrectFact:
		id = e.Fact
	case *FactRecorded:
		id, sensitive = e.Fact, e.Sensitive
	case *FactCorrected:
		id, sensitive = e.Fact, e.Sensitive
	default:
		return Fact{}, false
	}
	f, known := Fact{}, false
	if p != nil {
		f, known = p.Fact(id)
	}
	if !known {
		f = Fact{ID: id, Sensitive: true} // nobody says that it is not
	}
	f.Sensitive = f.Sensitive || sensitive
	return f, true
}

// Sensitive reports whether an event says a value that was sensitive when it was recorded.
func Sensitive(e Event) bool {
	switch e := e.(type) {
	case *FactRecorded:
		return e.Sensitive
	case *FactCorrected:
		return e.Sensitive
	}
	return false
}
