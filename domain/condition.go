package domain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Conditions of a clause: what is to be known of whom it is for. They are comparisons of facts of named periods, joined by all, any and not; a clause's list
// holds as a whole. They decide nothing: a match tells who fulfils them, a department judges still.

// Condition is a comparison of a fact, or several joined: of All, Any, Not and Fact it says one.
type Condition struct {
	All []Condition `json:"all,omitzero"`
	Any []Condition `json:"any,omitzero"`
	Not *Condition  `json:"not,omitzero"`

	Fact FactID `json:"fact,omitzero"`
	// Of says whose fact it is: "project", under a clause that caps projects; left out, the enterprise's.
	Of SubjectKind `json:"of,omitzero"`
	// Period is the fact's: of a year "2024", "year" (the support year) or "year-1" (the one before); of a month "2024-12" or "year-1/12"; of a fact that
	// holds from days on "2024-12-31", "year-1/12-31" or "day" (the day on which it is asked).
	Period string     `json:"period,omitzero"`
	Is     Comparison `json:"is,omitzero"`
	Value  string     `json:"value,omitzero"`  // as the fact's values are written
	Values []string   `json:"values,omitzero"` // of "in"
}

// Comparison is how a fact is compared with a value.
type Comparison string

// The comparisons. Codes and flags are equal or among some, nothing else.
const (
	AtLeast  Comparison = ">="
	MoreThan Comparison = ">"
	AtMost   Comparison = "<="
	LessThan Comparison = "<"
	Equal    Comparison = "=="
	Unequal  Comparison = "!="
	Among    Comparison = "in"
	NotAmong Comparison = "not in" // what "in" is where it is negated; no file says it
)

// comparisons are those that a condition may say, each with its opposite and its words.
var comparisons = []struct {
	is, not Comparison
	words   Text
}{
	{AtLeast, LessThan, Text{"不低于", "at least"}},
	{MoreThan, AtMost, Text{"高于", "more than"}},
	{AtMost, MoreThan, Text{"不高于", "at most"}},
	{LessThan, AtLeast, Text{"低于", "less than"}},
	{Equal, Unequal, Text{"为", "is"}},
	{Unequal, Equal, Text{"不为", "is not"}},
	{Among, NotAmong, Text{"属于", "is one of"}},
	{NotAmong, Among, Text{"不属于", "is none of"}},
}

// Comparisons are what a condition may say that a fact is, as a policy's file has them.
func Comparisons() (list []string) {
	for _, c := range comparisons {
		if c.is != NotAmong {
			list = append(list, string(c.is))
		}
	}
	return list
}

// Opposite is the comparison that holds where this one does not.
func (c Comparison) Opposite() Comparison {
	for _, x := range comparisons {
		if x.is == c {
			return x.not
		}
	}
	return c
}

// Text is the comparison in words.
func (c Comparison) Text() Text {
	for _, x := range comparisons {
		if x.is == c {
			return x.words
		}
	}
	return Text{string(c), string(c)}
}

// The bounds of a clause's conditions: what is larger nobody reads.
const (
	maxConditionDepth = 5
	maxConditions     = 50
)

// checkConditions checks a clause's conditions against the facts of its policy.
func (p *Policy) checkConditions(path string, c Clause) error {
	left := maxConditions
	if len(c.Conditions) > 0 && c.NotAppliedFor {
		return wrong(path+".conditions", "不接受申请的条款不设条件", "a clause that nobody applies under has no conditions")
	}
	return p.checkJoined(path+".conditions", c, c.Conditions, 1, &left)
}

func (p *Policy) checkJoined(path string, c Clause, list []Condition, depth int, left *int) error {
	for i, one := range list {
		if err := p.checkCondition(fmt.Sprintf("%s[%d]", path, i), c, one, depth, left); err != nil {
			return err
		}
	}
	return nil
}

func (p *Policy) checkCondition(path string, c Clause, x Condition, depth int, left *int) error {
	kinds := 0
	for _, says := range []bool{x.All != nil, x.Any != nil, x.Not != nil, x.Fact != ""} {
		if says {
			kinds++
		}
	}
	*left--
	switch {
	case kinds != 1:
		return wrong(path, "须且只须写明 all（全部）、any（任一）、not（非）、fact（事实）之一", "says one of all, any, not and fact, and no two of them")
	case x.Fact == "" && (x.Of != "" || x.Period != "" || x.Is != "" || x.Value != "" || x.Values != nil):
		return wrong(path, "%s 须与 %s 写在一起", "%s stand beside a %s", "of, period, is, value", "fact")
	case depth > maxConditionDepth:
		return wrong(path, "条件嵌套超过 %d 层", "conditions are nested deeper than %d levels", maxConditionDepth)
	case *left < 0:
		return wrong(path, "一个条款的条件超过 %d 项", "a clause has more than %d conditions", maxConditions)
	case x.All != nil && len(x.All) == 0:
		return wrong(path+".all", "至少须有一项条件", "needs a condition")
	case x.Any != nil && len(x.Any) == 0:
		return wrong(path+".any", "至少须有一项条件", "needs a condition")
	case x.All != nil:
		return p.checkJoined(path+".all", c, x.All, depth+1, left)
	case x.Any != nil:
		return p.checkJoined(path+".any", c, x.Any, depth+1, left)
	case x.Not != nil:
		return p.checkCondition(path+".not", c, *x.Not, depth+1, left)
	}
	return p.checkComparison(path, c, x)
}

func (p *Policy) checkComparison(path string, c Clause, x Condition) error {
	f, listed := p.Fact(x.Fact)
	switch {
	case !listed:
		return wrong(path+".fact", "%q 不在本政策的事实之列", "%q is not one of the policy's facts", Clip(string(x.Fact), 40))
	case x.Of != "" && x.Of != SubjectProject:
		return wrong(path+".of", "须为 project（项目）或不写，不能是 %q", "is project or left out, not %q", Clip(string(x.Of), 20))
	case x.Of == SubjectProject && c.Cap.Subject != SubjectProject:
		return wrong(path+".of", "只有按项目设上限的条款可问项目的事实", "only a clause that caps projects asks facts of one")
	case x.Of == SubjectProject && f.Means != "" && f.Means != MeansPlace:
		return wrong(path+".of", "%q 是企业的事实", "%q is a fact of enterprises", f.ID)
	case !slices.Contains(Comparisons(), string(x.Is)):
		return wrong(path+".is", "须为 %s，不能是 %q", "is one of %s, not %q", strings.Join(Comparisons(), "  "), Clip(string(x.Is), 20))
	case !f.numeric() && x.Is != Equal && x.Is != Unequal && x.Is != Among:
		return wrong(path+".is", "%[1]q 的值是%[2]s，只能用 ==、!= 或 in 比较", "the values of %[1]q are of unit %[3]q: they are compared by ==, != or in", f.ID, f.Unit.Text().ZH, f.Unit)
	case f.numeric() && x.Is == Among:
		return wrong(path+".is", "in 用于代码与是否；%q 的值是数", "in is for codes and flags; the values of %q are numbers", f.ID)
	case x.Is == Among && (x.Value != "" || len(x.Values) == 0):
		return wrong(path+".values", "in 须以 %s 列出取值", "in lists what it compares with in %s", "values")
	case x.Is != Among && x.Values != nil:
		return wrong(path+".values", "%[1]s 只用于 in；%[2]s 须写 %[3]s", "%[1]s are for in; %[2]s compares with %[3]s", "values", x.Is, "value")
	case len(x.Values) > maxConditions:
		return wrong(path+".values", "共 %d 项，至多 %d 项", "there are %d, at most %d are taken", len(x.Values), maxConditions)
	}
	if reason := f.periodAsked(x.Period); reason != (Text{}) {
		return &PolicyError{Path: path + ".period", Reason: reason}
	}
	if x.Is != Among {
		return p.checkCompared(path+".value", f, x.Value)
	}
	for i, v := range x.Values {
		at := fmt.Sprintf("%s.values[%d]", path, i)
		if slices.Contains(x.Values[:i], v) {
			return wrong(at, "%q 重复", "%q stands twice", Clip(v, 40))
		}
		if err := p.checkCompared(at, f, v); err != nil {
			return err
		}
	}
	return nil
}

// checkCompared checks a value as one of the fact's is checked.
func (p *Policy) checkCompared(path string, f Fact, value string) error {
	if value == "" {
		return wrong(path, "须写明与之比较的值", "a value to compare with is needed")
	}
	f.Sensitive = false // what a policy compares with everybody reads
	if _, r := p.readValue(f, value); r != nil {
		return &PolicyError{Path: path, Reason: r.Message()}
	}
	return nil
}

func (f Fact) numeric() bool {
	return f.Unit == UnitMoney || f.Unit == UnitCount || f.Unit == UnitPercent
}

// maxYearsBack bounds how far before the support year a period lies.
const maxYearsBack = 20

// asked is a period as a condition says it.
type asked struct {
	day  bool   // the day on which it is asked
	back int    // of the support year; -1: it is fixed
	rest string // behind the year: "", "12" or "12-31"
}

// readAsked reads a period that is not fixed; false: it is none.
func readAsked(period string) (asked, bool) {
	if period == "day" {
		return asked{day: true}, true
	}
	head, rest, parted := strings.Cut(period, "/")
	if parted && rest == "" {
		return asked{}, false
	}
	number, is := strings.CutPrefix(head, "year")
	switch {
	case !is:
		return asked{}, false
	case number == "":
		return asked{rest: rest}, true
	}
	n, err := strconv.Atoi(strings.TrimPrefix(number, "-"))
	if err != nil || number != "-"+strconv.Itoa(n) || n < 1 || n > maxYearsBack {
		return asked{}, false
	}
	return asked{back: n, rest: rest}, true
}

// periodAsked is why a condition cannot ask a fact of a period; none: it can.
func (f Fact) periodAsked(period string) Text {
	forms := map[FactPer]string{OfYear: "2024, year, year-1", OfMonth: "2024-12, year/12, year-1/12", FromDay: "2024-12-31, year-1/12-31, day"}[f.Per]
	reason := both("%[1]q %[2]s记录，期间须如 %[3]s，不能是 %[4]q", "%[1]q is recorded per %[5]s: its period is like %[3]s, not %[4]q", f.ID, Coded(PerCodes, f.Per).ZH, forms, Clip(period, 20), f.Per)
	relative, is := readAsked(period)
	switch {
	case !is:
		if _, r := f.readPeriod(period); r != nil {
			return reason
		}
		return Text{}
	case relative.day && f.Per == FromDay:
		return Text{}
	case relative.day:
		return reason
	}
	// Not of a leap year: a day that each year has.
	if _, r := f.readPeriod(Condition{Period: period}.PeriodIn(SupportYear(2025+relative.back), Date{})); r != nil {
		return reason
	}
	return Text{}
}

// PeriodIn is the fact's period that a condition means, in a support year and asked on a day.
func (c Condition) PeriodIn(year SupportYear, day Date) string {
	relative, is := readAsked(c.Period)
	switch {
	case !is:
		return c.Period
	case relative.day:
		return day.String()
	}
	text := fmt.Sprintf("%04d", int(year)-relative.back)
	if relative.rest != "" {
		text += "-" + relative.rest
	}
	return text
}

// Compare holds a value of a fact against a comparison: whether it holds, and, of numbers, by how much it misses at least; "": not told by how much.
func (f Fact) Compare(value string, is Comparison, with []string) (holds bool, shortBy string) {
	if !f.numeric() {
		in := slices.Contains(with, value)
		return in == (is == Equal || is == Among), ""
	}
	v, err := decimal.NewFromString(value)
	limit, bad := decimal.NewFromString(with[0])
	if err != nil || bad != nil {
		return false, ""
	}
	places := map[FactUnit]int32{UnitMoney: 2, UnitPercent: maxPercentDecimals}[f.Unit]
	step, short := decimal.New(1, -places), decimal.Zero
	switch is {
	case AtLeast:
		short = limit.Sub(v)
	case MoreThan:
		short = limit.Add(step).Sub(v)
	case AtMost:
		short = v.Sub(limit)
	case LessThan:
		short = v.Sub(limit).Add(step)
	case Equal:
		short = v.Sub(limit).Abs()
	case Unequal:
		return !v.Equal(limit), ""
	}
	if !short.IsPositive() {
		return true, ""
	}
	if f.Unit == UnitMoney {
		return false, short.StringFixed(2)
	}
	return false, short.String()
}

// With are the values that a condition compares with.
func (c Condition) With() []string {
	if c.Values != nil {
		return c.Values
	}
	return []string{c.Value}
}

// Opposite is a comparison that holds where this one does not, told as one.
func (c Condition) Opposite() Condition {
	c.Is = c.Is.Opposite()
	return c
}

// String is the condition in the ids of its facts.
func (c Condition) String() string {
	switch {
	case c.All != nil:
		return "(" + joinConditions(c.All, " and ") + ")"
	case c.Any != nil:
		return "(" + joinConditions(c.Any, " or ") + ")"
	case c.Not != nil:
		return "not (" + c.Not.String() + ")"
	}
	with := c.Value
	if c.Values != nil {
		with = "[" + strings.Join(c.Values, ", ") + "]"
	}
	of := ""
	if c.Of != "" {
		of = string(c.Of) + "."
	}
	return of + string(c.Fact) + "[" + c.Period + "] " + string(c.Is) + " " + with
}

func joinConditions(list []Condition, by string) string {
	parts := make([]string, len(list))
	for i, one := range list {
		parts[i] = one.String()
	}
	return strings.Join(parts, by)
}

// Formula is a clause's conditions in the ids of their facts; "": it has none.
func (c Clause) Formula() string { return joinConditions(c.Conditions, " and ") }

// TellConditions are a clause's conditions in words: of a support year, or, of none, of whichever.
func (p *Policy) TellConditions(list []Condition, year SupportYear) Text {
	return p.tellJoined(list, Text{"，且", " and "}, year)
}

func (p *Policy) tellJoined(list []Condition, by Text, year SupportYear) (t Text) {
	for i, one := range list {
		told := p.TellCondition(one, year)
		if len(list) > 1 && (one.All != nil || one.Any != nil) {
			told = Text{"（" + told.ZH + "）", "(" + told.EN + ")"}
		}
		if i > 0 {
			t = Text{t.ZH + by.ZH, t.EN + by.EN}
		}
		t = Text{t.ZH + told.ZH, t.EN + told.EN}
	}
	return t
}

// TellCondition is a condition in words, as of [Policy.TellConditions].
func (p *Policy) TellCondition(c Condition, year SupportYear) Text {
	switch {
	case c.All != nil:
		return p.tellJoined(c.All, Text{"，且", " and "}, year)
	case c.Any != nil:
		return p.tellJoined(c.Any, Text{"，或", " or "}, year)
	case c.Not != nil:
		told := p.TellCondition(*c.Not, year)
		return Text{"并非（" + told.ZH + "）", "not (" + told.EN + ")"}
	}
	f, listed := p.Fact(c.Fact)
	if !listed {
		return Text{c.String(), c.String()}
	}
	name, is, with := p.TellAsked(f, c, year), c.Is.Text(), p.ShownWith(f, c)
	return Text{name.ZH + is.ZH + SpacedZH(with.ZH), name.EN + " " + is.EN + " " + with.EN}
}

// SpacedZH is a value behind a Chinese word: a number has a space before it.
func SpacedZH(value string) string {
	if value != "" && (value[0] == '-' || value[0] >= '0' && value[0] <= '9') {
		return " " + value
	}
	return value
}

// TellAsked is which fact of which period a condition asks, in words.
func (p *Policy) TellAsked(f Fact, c Condition, year SupportYear) Text {
	t := Text{f.Name.ZH, f.Name.EN}
	if c.Of == SubjectProject {
		t = Text{"项目" + t.ZH, t.EN + " of the project"}
	}
	period := tellPeriod(c.Period, year)
	return Text{period.ZH + t.ZH, t.EN + " " + period.EN}
}

// tellPeriod is a period in words.
func tellPeriod(period string, year SupportYear) Text {
	relative, is := readAsked(period)
	if is && !relative.day && year != 0 {
		period, is = Condition{Period: period}.PeriodIn(year, Date{}), false
	}
	switch {
	case relative.day:
		return Text{"当日", "on the day"}
	case !is && len(period) == len("2006"):
		return Text{period + " 年", "of " + period}
	case !is:
		return Text{period + " ", "of " + period}
	}
	t := both("支持年度前 %d 年", "of %d years before the support year", relative.back)
	switch relative.back {
	case 0:
		t = Text{"支持年度", "of the support year"}
	case 1:
		t = Text{"支持年度上一年", "of the year before the support year"}
	}
	if relative.rest != "" {
		t = Text{t.ZH + "（" + relative.rest + "）", t.EN + " (" + relative.rest + ")"}
	}
	return t
}

// ShownWith is what a condition compares with, as people read it.
func (p *Policy) ShownWith(f Fact, c Condition) Text {
	var zh, en []string
	for _, v := range c.With() {
		if normal, r := p.readValue(f, v); r == nil {
			v = normal
		}
		shown := p.ShownIn(f, v)
		zh, en = append(zh, shown.ZH), append(en, shown.EN)
	}
	return Text{strings.Join(zh, "、"), strings.Join(en, ", ")}
}

// ShownIn is a value with its unit, as people read it in a sentence.
func (p *Policy) ShownIn(f Fact, value string) Text {
	t := p.Shown(f, value)
	if f.Unit == UnitMoney {
		return Text{t.ZH + " 元", "CNY " + t.EN}
	}
	return t
}
