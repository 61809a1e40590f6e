package projections

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// Measure is something that statistics tell of each group: an amount that is a sum of postings, or how many there are.
type Measure struct {
	Name   string
	Counts string // the column of the row that counts it; "": it is an amount
	of     func(*Figures) domain.Money
}

// The measures that are counted: applications are counted on what is requested; enterprises by any posting of theirs, so that they do not add up.
const (
	MeasureApplications = "applications"
	MeasureEnterprises  = "enterprises"
)

// DefaultMeasure is what statistics are of, unless they are asked for another.
const DefaultMeasure = "net_paid"

// Measures are all of them: every kind of posting, what is reckoned from several, and what is counted.
var Measures = func() (list []Measure) {
	for _, k := range Kinds() {
		list = append(list, Measure{Name: k.String(), of: func(f *Figures) domain.Money { return f.Of(k) }})
	}
	return append(list,
		Measure{Name: "recovered", of: func(f *Figures) domain.Money { return f.Of(RecoveredError).Add(f.Of(RecoveredBreach)) }},
		Measure{Name: "net_paid", of: (*Figures).NetPaid},
		Measure{Name: "use", of: (*Figures).Use},
		Measure{Name: MeasureApplications, Counts: "applications", of: func(f *Figures) domain.Money { return f.Of(Requested) }},
		Measure{Name: MeasureEnterprises, Counts: "enterprises", of: func(f *Figures) (all domain.Money) {
			for _, amount := range f.Amounts {
				all = all.Add(amount)
			}
			return all
		}})
}()

// MeasureOf is the measure of a name; false where there is none.
func MeasureOf(name string) (Measure, bool) {
	i := slices.IndexFunc(Measures, func(m Measure) bool { return m.Name == name })
	if i < 0 {
		return Measure{}, false
	}
	return Measures[i], true
}

// Weight is what a posting of a kind adds to the measure: 1, −1 or nothing.
func (m Measure) Weight(k Kind) int64 {
	var f Figures
	f.Amounts[k] = domain.Fen(1)
	return m.of(&f).Fen()
}

// Kinds are the kinds of posting that the measure is made of, by their names.
func (m Measure) Kinds() (names []string) {
	for _, k := range Kinds() {
		if m.Weight(k) != 0 {
			names = append(names, k.String())
		}
	}
	return names
}

// MostGroupings is how many columns statistics are grouped by at most.
const MostGroupings = 3

// Unknown is the group of what is not known: an enterprise whose industry nobody has recorded, what no department has approved. No posting is left out.
const Unknown = "unknown"

// Groupings are the columns that statistics may be grouped by.
//
// The policy is the one that brought the clause that is charged. The department is the one that approved the application; what is not approved, and what
// was booked outside applications, is of none that is known. The industry, the size and the sub-district are the
// enterprise's on the business date. Month and quarter are those of the
// business date; the budget year is the posting's, and, of what neither left nor re-entered the treasury, the year of its business date.
var Groupings = []string{"policy", "clause", "department", "industry", "enterprise_size", "street", "subject_kind", "support_year", "budget_year", "quarter", "month"}

// The filters of statistics, which the journal has too: a group opens its postings.
var (
	ByMeasure    = by[string]("measure", Word, "统计什么；不写为净支付", "what is told of each group; net_paid without it").of(measureNames()...).asked()
	ByGroups     = by[[]string]("by", Several, "按哪些列分组，至多三列（接口中用逗号并列）", "the columns to group by, at most three (in the API with commas between)").of(Groupings...).asked().most(MostGroupings)
	ByDepartment = by[domain.DepartmentID]("department", Identifier, "批准申请的部门", "the department that approved the application").asked().named(orUnknown(departments))
	ByIndustry   = by[domain.IndustryID]("industry", Identifier, "企业在业务日期的产业", "the enterprise's industry on the business date").asked().named(orUnknown(industries))
	BySize       = by[string]("enterprise_size", Identifier, "企业在业务日期的规模", "the enterprise's size on the business date").asked().named(orUnknown(codesOf(domain.MeansSize)))
	ByStreet     = by[string]("street", Identifier, "企业在业务日期所在的街镇", "the sub-district in which the enterprise is on the business date").asked().named(orUnknown(codesOf(domain.MeansStreet)))
	InMonth      = by[string]("in_month", Word, "业务日期所在月份，如 2026-03", "the month of the business date, such as 2026-03").asked()
	InQuarter    = by[string]("quarter", Word, "业务日期所在季度，如 2026-Q1", "the quarter of the business date, such as 2026-Q1").asked()
	InBudgetYear = by[domain.SupportYear]("in_budget_year", Year, "预算年度；未经国库的，为业务日期的年份", "the budget year; of what did not pass the treasury, the year of its business date").asked().named(years).kept("appropriations", "budget_year")
)

func measureNames() (names []string) {
	for _, m := range Measures {
		names = append(names, m.Name)
	}
	return names
}

// most is a filter of several values that takes at most so many.
func (b By[V]) most(n int) By[V] {
	f := *b.Filter
	f.Most = n
	return By[V]{&f}
}

// orUnknown is what a policy has, and the group of what is not known.
func orUnknown(of func(*domain.Policy) []string) func(*domain.Policy) []string {
	return func(p *domain.Policy) []string { return append(of(p), Unknown) }
}

func industries(p *domain.Policy) (ids []string) {
	for _, n := range p.Industries {
		ids = append(ids, string(n.ID))
	}
	return ids
}

// codesOf are the codes of the fact that decides a matter.
func codesOf(m domain.FactMeaning) func(*domain.Policy) []string {
	return func(p *domain.Policy) (ids []string) {
		f, _ := p.FactMeaning(m)
		for _, c := range f.Codes {
			ids = append(ids, c.ID)
		}
		return ids
	}
}

// StatisticsRow is a group: the columns that it is grouped by, and what its postings come to. Columns that nothing is grouped by are empty.
type StatisticsRow struct {
	Measure      string              `json:"measure"`
	Policy       domain.PolicyID     `json:"policy"`
	Clause       domain.ClauseID     `json:"clause"`
	Department   domain.DepartmentID `json:"department"`
	Industry     domain.IndustryID   `json:"industry"`
	Size         string              `json:"enterprise_size"`
	Street       string              `json:"street"`
	SubjectKind  domain.SubjectKind  `json:"subject_kind"`
	SupportYear  domain.SupportYear  `json:"support_year"` // 0: for the total, or not grouped by
	BudgetYear   domain.SupportYear  `json:"budget_year"`
	Quarter      string              `json:"quarter"`
	Month        string              `json:"month"`
	Amount       decimal.NullDecimal `json:"amount"` // null: it is counted, or withheld
	Applications *int64              `json:"applications"`
	Enterprises  *int64              `json:"enterprises"` // that have a part in it
	Withheld     string              `json:"withheld"`    // why its figures are not told: [TooFew], [ForAnother]; "": they are
}

// Statistics are the journal's postings, added up by groups.
var Statistics = list[StatisticsRow](List{Name: "statistics", Source: "statistics", Shown: "statistics_shown", Past: true, Key: Groupings, Says: StatisticsColumns,
	Title: domain.Text{ZH: "统计", EN: "Statistics"}, Meaning: domain.Text{ZH: "各指标按每一列分组的统计；少于五家企业的不示", EN: "Each measure by each column; what fewer than five enterprises have a part in is withheld"},
}, ByMeasure, ByGroups, ByPolicy.asked(), ByClause.asked(), ByDepartment, ByIndustry, BySize, ByStreet, ByEnterprise.asked(), BySubjectKind.asked(), ByYear.asked(), InBudgetYear, InQuarter, InMonth)

// GroupedBy are the columns that statistics are asked to be grouped by, in the order of [Groupings].
func GroupedBy(where []Condition) (names []string) {
	i := slices.IndexFunc(where, func(c Condition) bool { return c.Name == ByGroups.Name })
	if i < 0 {
		return nil
	}
	asked := strings.Split(where[i].Value, ",")
	for _, name := range Groupings {
		if slices.Contains(asked, name) {
			names = append(names, name)
		}
	}
	return names
}

// Narrowed are the columns that statistics could be grouped by and are narrowed in, each to the group that is left; and the other conditions.
func Narrowed(where []Condition) (groups map[string]string, rest []Condition) {
	groups = map[string]string{}
	for _, c := range where {
		i := slices.IndexFunc(Groupings, func(column string) bool { return NarrowedBy(column) == c.Name })
		switch {
		case i < 0:
			rest = append(rest, c)
		case c.Value != "":
			groups[Groupings[i]] = c.Value
			if n, err := strconv.ParseUint(c.Value, 10, 16); err == nil { // a year, however its noughts are written
				groups[Groupings[i]] = strconv.FormatUint(n, 10)
			}
		}
	}
	return groups, rest
}

// NarrowedBy is the filter of statistics that leaves one group of a column.
func NarrowedBy(column string) string {
	if column == "support_year" {
		return ByYear.Name
	}
	return cmp.Or(narrowsTo[column], column)
}

// MeasureAsked is what statistics are asked to tell.
func MeasureAsked(where []Condition) Measure {
	name := DefaultMeasure
	if i := slices.IndexFunc(where, func(c Condition) bool { return c.Name == ByMeasure.Name && c.Value != "" }); i >= 0 {
		name = where[i].Value
	}
	m, _ := MeasureOf(name)
	return m
}

// StatisticsColumns are the columns of statistics that say something of what was asked.
func StatisticsColumns(where []Condition) []string {
	columns, m := GroupedBy(where), MeasureAsked(where)
	switch {
	case m.Counts == "applications":
		columns = append(columns, "applications", "enterprises")
	case m.Counts == "enterprises":
		columns = append(columns, "enterprises")
	case m.Weight(Requested) != 0:
		columns = append(columns, "amount", "applications", "enterprises")
	default:
		columns = append(columns, "amount", "enterprises")
	}
	return append(columns, "withheld")
}

// Group is what the row has of a column that it is grouped by; of a year, its number.
func (r StatisticsRow) Group(column string) string {
	switch column {
	case "policy":
		return string(r.Policy)
	case "clause":
		return string(r.Clause)
	case "department":
		return string(r.Department)
	case "industry":
		return string(r.Industry)
	case "enterprise_size":
		return r.Size
	case "street":
		return r.Street
	case "subject_kind":
		return string(r.SubjectKind)
	case "support_year":
		return fmt.Sprint(uint16(r.SupportYear))
	case "budget_year":
		return fmt.Sprint(uint16(r.BudgetYear))
	case "quarter":
		return r.Quarter
	case "month":
		return r.Month
	}
	panic("projections: statistics are not grouped by " + column)
}

// narrowsTo are the journal's filters by the column of a group that they narrow to, where they are called otherwise.
var narrowsTo = map[string]string{"month": InMonth.Name, "budget_year": InBudgetYear.Name}

// Postings are the journal's conditions that narrow it to the postings of a group, as statistics were narrowed themselves.
func (r StatisticsRow) Postings(where []Condition) (list []Condition) {
	for _, c := range where {
		if c.Name != ByGroups.Name && c.Name != ByMeasure.Name && c.Value != "" {
			list = append(list, c)
		}
	}
	for _, column := range GroupedBy(where) {
		name := cmp.Or(narrowsTo[column], column)
		list = slices.DeleteFunc(list, func(c Condition) bool { return c.Name == name })
		list = append(list, Condition{Name: name, Value: r.Group(column)})
	}
	return append(list, ByKind.Is(MeasureAsked(where).Kinds()))
}

// Why figures of a group are withheld.
const (
	TooFew     = "fewer_than_five" // enterprises have a part in it
	ForAnother = "for_another"     // from the others and their total, one that is withheld could be reckoned
)

// FewestEnterprises is how many enterprises have a part in a group that is told to everybody.
const FewestEnterprises = 5

// Withhold keeps back what says too much of single enterprises: the figures of groups that fewer than five have a part in, and of as many others that
// what a total leaves over is of two groups and five enterprises at least. Totals are what is left out of the columns grouped by, one at a time: whoever
// asks for statistics by clause and month may ask for them by clause too. It needs all rows, and leaves their order.
func Withhold(rows []StatisticsRow, by []string) {
	kept := make([]string, len(rows))
	for i, r := range rows {
		if r.few() < FewestEnterprises {
			kept[i] = TooFew
		}
	}
	for again := true; again; {
		again = false
		for _, left := range by {
			for _, line := range linesOf(rows, by, left) {
				again = complete(rows, kept, line) || again
			}
		}
	}
	for i := range rows {
		if kept[i] != "" {
			rows[i].Hide(kept[i])
		}
	}
}

// Hide takes a group's figures away, and says why.
func (r *StatisticsRow) Hide(why string) {
	r.Amount, r.Applications, r.Enterprises, r.Withheld = decimal.NullDecimal{}, nil, nil, why
}

func (r StatisticsRow) few() int64 {
	if r.Enterprises == nil {
		return 0
	}
	return *r.Enterprises
}

// linesOf are the rows that differ in one column alone: those that a total of the others is made of.
func linesOf(rows []StatisticsRow, by []string, left string) map[string][]int {
	lines := map[string][]int{}
	for i, r := range rows {
		var key []string
		for _, column := range by {
			if column != left {
				key = append(key, r.Group(column))
			}
		}
		at := strings.Join(key, "\x00")
		lines[at] = append(lines[at], i)
	}
	return lines
}

// complete withholds the smallest of a line until what is withheld there is of two groups and five enterprises, and reports whether it did.
func complete(rows []StatisticsRow, kept []string, line []int) (did bool) {
	groups, enterprises := 0, int64(0)
	var told []int
	for _, i := range line {
		if kept[i] == "" {
			told = append(told, i)
			continue
		}
		groups, enterprises = groups+1, enterprises+rows[i].few()
	}
	if groups == 0 {
		return false
	}
	slices.SortStableFunc(told, func(a, b int) int { return cmp.Compare(rows[a].few(), rows[b].few()) })
	for _, i := range told {
		if groups >= 2 && enterprises >= FewestEnterprises {
			return did
		}
		kept[i], did = ForAnother, true
		groups, enterprises = groups+1, enterprises+rows[i].few()
	}
	return did
}
