package pages

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/office"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// functions are what templates can say, in a language and a unit, with the names of the policy in force.
func functions(lang, unitName string, policy func() *domain.Policy, personal func(string) string) template.FuncMap {
	unit := tabular.Unit(unitName)
	return template.FuncMap{
		"t":        func(zh, en string) string { return domain.Text{ZH: zh, EN: en}.In(lang) },
		"brackets": func(parts ...any) string { return brackets(lang, parts...) },
		"colon":    func() string { return domain.Text{ZH: "：", EN: ": "}.In(lang) },
		"names": func(list string) string {
			return strings.ReplaceAll(list, projections.Between, domain.Text{ZH: "、", EN: "; "}.In(lang))
		},
		"comma":     func() string { return domain.Text{ZH: "、", EN: ", "}.In(lang) },
		"continued": func(id domain.ClauseID) domain.Clause { return continued(policy(), id) },
		"called":    func(kind string, id any) string { return called(policy(), kind, show(id), lang) },
		"acting":    func(role domain.Role, department any) string { return acting(policy(), role, show(department), lang) },
		"month":     func(n int) string { return month(n, lang) },
		"ofMonth":   func(m string) string { return monthTitle(m, lang) },
		"in":        func(text domain.Text) string { return text.In(lang) },
		"meaning":   func(column string) string { return words.Meaning(column).In(lang) },
		"codes":     words.Codes,
		"word":      func(value any) string { return word(value, lang) },
		"describe":  func(e domain.Event) string { return domain.DescribeUnder(policy(), e).In(lang) },
		"useKinds":  useKinds,
		"heading":   func(column string) string { return words.Heading(column, lang) },
		"term":      func(column string) string { return words.Column(column).Title.In(lang) },
		"columns":   func(names ...string) []head { return heads(lang, sorting{}, names) },
		"sortable":  func(s sorting, names ...string) []head { return heads(lang, s, names) },
		"personal":  func(id any) string { return personal(show(id)) },
		"sides":     sidesOf,
		"parameter": func(p replay.Parameter) parameterSaid { return sayParameter(p, policy(), lang) },
		"refused":   func(code string) string { return refused(code, lang) },
		"figure":    func(name string) string { return words.Figure(name, lang) },
		"reckoned":  words.Reckoned,
		"besides":   words.Besides,
		"figured":   func(r *domain.Refusal, name string) string { return r.Figure(name, lang) },
		"field":     func(verb, name string) string { return labelOf(verb, name, lang) },
		"changing":  func(name string) string { return words.CaseField(name, lang) },
		"outcome":   func(o office.Outcome) string { return o.Title().In(lang) },
		"differs":   func(what string) string { return office.Differing(what).In(lang) },
		"money":     func(value any) string { return money(value, unit, lang) },
		"exact":     func(value any) string { return money(value, tabular.Yuan, lang) },
		"negative":  func(m domain.Money) bool { return m.Less(domain.NoMoney) },
		"unit":      func() string { return unit.Label(lang) },
		"capital":   func(m domain.Money) (string, error) { return tabular.Capital(m.Decimal()) },
		"moment":    func(at time.Time) string { return at.In(domain.Shanghai).Format("2006-01-02 15:04:05") },
		"written":   func(d domain.Date) string { return written(d, lang) },
		"clock":     func(at time.Time) string { return at.In(domain.Shanghai).Format("01-02 15:04") },
		"stamp":     func(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) },
		"link":      link,
		"path":      func(base string, id any) string { return base + url.PathEscape(show(id)) },
		"list":      func(items ...string) []string { return items },
		"meter":     meter,
		"gauge":     gauge,
		"receipted": receipted,
		"duties":    duties,
		"add":       func(a, b int) int { return a + b },
		"result":    func(r audit.Result) string { return resultClass[r] },
		"severity":  func(s audit.Severity) string { return severityClass[s] },
		"basis":     basis,
		"sized":     sized,
		"percent":   percent,
		"plus":      plus,
		"last":      func(n int) int { return max(n-1, 0) },
	}
}

func plus(amounts ...domain.Money) (sum domain.Money) {
	for _, amount := range amounts {
		sum = sum.Add(amount)
	}
	return sum
}

// head is the head of a column.
type head struct {
	Title   string
	Meaning string // what it holds, with its codes, for who reads the table as such
	Number  bool
	Link    string // to the list sorted by it; "": it is not
	Sorted  string // how it is sorted by it now
}

// heads are the heads of columns. One that stands under another's title is written title=column.
func heads(lang string, s sorting, columns []string) []head {
	titles, names := make([]string, len(columns)), make([]string, len(columns))
	for i, column := range columns {
		var other bool
		if titles[i], names[i], other = strings.Cut(column, "="); !other {
			names[i] = titles[i]
		}
	}
	list := make([]head, len(columns))
	for i, c := range words.Named(titles...) {
		list[i] = headOf(c, lang, s, names[i])
	}
	return list
}

func headOf(c tabular.Column, lang string, s sorting, name string) head {
	h := head{Title: c.Title.In(lang), Number: numeric(c)}
	s.lead(&h, c, name)
	return h
}

// numeric reports whether a column holds numbers, which stand on the right. Years are names.
func numeric(c tabular.Column) bool {
	return c.Kind == tabular.Money || c.Kind == tabular.Ratio || c.Kind == tabular.Integer && !strings.HasSuffix(c.Name, "_year")
}

// brackets are parts in brackets behind what stands before them: of full width in Chinese, with a blank before them in English.
func brackets(lang string, parts ...any) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(show(part))
	}
	if lang == "en" {
		return " (" + b.String() + ")"
	}
	return "（" + b.String() + "）"
}

// called is what the policy calls a department, an industry, a clause or a scope; what it has no name for keeps its id.
func called(p *domain.Policy, kind, id, lang string) string {
	if name, known := p.Called(kind, id); known {
		return name.In(lang)
	}
	return id
}

// continued is the clause whose use another one carries.
func continued(p *domain.Policy, id domain.ClauseID) (from domain.Clause) {
	if p == nil {
		return from
	}
	if c, known := p.Clause(id); known {
		from, _ = p.Clause(c.Continues.Clause)
	}
	return from
}

// refused is what the code of a refusal is called; another code, of a problem of the service, is told by its sentence only.
func refused(code, lang string) string {
	title, _ := domain.RefusalTitle(code)
	return title.In(lang)
}

// acting is a role, and the department that it is held in.
func acting(p *domain.Policy, role domain.Role, department, lang string) string {
	if department == "" {
		return word(role, lang)
	}
	return word(role, lang) + " · " + called(p, "department", department, lang)
}

// parameterSaid is what a what-if sets otherwise, in words.
type parameterSaid struct{ What, Value, Was string }

func sayParameter(p replay.Parameter, policy *domain.Policy, lang string) parameterSaid {
	what, value, was := p.Said(policy)
	return parameterSaid{what.In(lang), value.In(lang), was.In(lang)}
}

// month is what a month of the year is called under a bar of a chart.
func month(n int, lang string) string {
	if lang == "en" {
		return time.Month(n).String()[:3]
	}
	return strconv.Itoa(n) + "月"
}

// labelOf is what a verb calls one of its fields.
func labelOf(verb, name, lang string) string {
	v, _ := domain.VerbNamed(verb)
	f, _ := v.Field(name)
	return f.Label.In(lang)
}

// written is a day as letters have it.
func written(d domain.Date, lang string) string {
	if lang == "en" {
		return d.Time(domain.Shanghai).Format("2 January 2006")
	}
	return d.Time(domain.Shanghai).Format("2006 年 1 月 2 日")
}

// word is what a code is called: a typed one says it itself, for kinds of field have codes in common.
func word(value any, lang string) string {
	if code, typed := value.(interface{ Text() domain.Text }); typed && show(value) != "" {
		return code.Text().In(lang)
	}
	return words.Word(show(value), lang)
}

// show is a value as text; nought and nothing are "".
func show(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case domain.SupportYear:
		return yearText(v)
	case domain.Date:
		if v.IsZero() {
			return ""
		}
		return v.String()
	}
	return fmt.Sprint(value)
}

// escape is an id as a part of a path.
func escape(id string) string { return url.PathEscape(id) }

// link is an address with parameters, given as name and value; empty ones are left out.
func link(path string, pairs ...any) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if text := show(pairs[i+1]); text != "" {
			q.Set(show(pairs[i]), text)
		}
	}
	return address(path, q)
}

func money(value any, unit tabular.Unit, lang string) string {
	switch v := value.(type) {
	case domain.Money:
		return unit.Show(v.Decimal())
	case domain.Balance:
		return unit.Show(v.Decimal())
	case *domain.Balance:
		if v != nil {
			return unit.Show(v.Decimal())
		}
	case decimal.Decimal:
		return unit.Show(v)
	case domain.Ceiling:
		if v.Stated {
			return unit.Show(v.Amount.Decimal())
		}
	}
	return domain.Text{ZH: "未规定", EN: "none stated"}.In(lang)
}

// filled is a duty, and who filled it.
type filled struct {
	Duty domain.Duty
	Who  []domain.PersonID
}

// duties are those that are filled, in the order in which they are.
func duties(done map[domain.Duty][]domain.PersonID) (list []filled) {
	for _, code := range domain.DutyCodes {
		if who := done[domain.Duty(code.Name)]; len(who) > 0 {
			list = append(list, filled{domain.Duty(code.Name), who})
		}
	}
	return list
}

// receipted reports whether an event has a decision receipt.
func receipted(e domain.Event) bool {
	_, has := replay.ReceiptOf(e)
	return has
}

// gauge is the meter of an account line in a replay.
func gauge(use domain.Balance, cap domain.Ceiling) *bar {
	if use.Fen() < 0 {
		use = domain.Balance{}
	}
	return meter(domain.Fen(use.Fen()), domain.NoMoney, cap)
}

// resultClass and severityClass are how checks and findings look.
var (
	resultClass   = map[audit.Result]string{audit.Passed: "ok", audit.Failed: "over", audit.Skipped: "near"}
	severityClass = map[audit.Severity]string{audit.Error: "over", audit.Warning: "near", audit.Notice: "ok"}
)

func percent(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.Shift(2).StringFixed(1) + " %"
}

// bar is a meter in thousandths of its width.
type bar struct {
	Use, Paid, Cap int64
	Over           bool
}

// meter measures use and what is paid of it against a cap; nil where there is none. What is over makes the cap a mark inside the bar.
func meter(use, paid domain.Money, cap domain.Ceiling) *bar {
	if !cap.Stated || !cap.Amount.Positive() {
		return nil
	}
	whole := domain.Greater(cap.Amount, use).Fen()
	share := func(m domain.Money) int64 {
		return decimal.NewFromInt(m.OrNone().Fen()).Mul(decimal.NewFromInt(1000)).Div(decimal.NewFromInt(whole)).IntPart()
	}
	return &bar{Use: share(use), Paid: min(share(paid), 1000), Cap: share(cap.Amount), Over: use.More(cap.Amount)}
}

// years lists the policy's support years.
func years(p *domain.Policy) []domain.SupportYear {
	var list []domain.SupportYear
	if p == nil {
		return nil
	}
	for y := p.Term.From.Year(); y <= p.Term.To.Year(); y++ {
		list = append(list, domain.SupportYear(y))
	}
	return list
}

func clauseName(p *domain.Policy, id domain.ClauseID) domain.Text {
	if p == nil {
		return domain.Text{}
	}
	if i := slices.IndexFunc(p.Clauses, func(c domain.Clause) bool { return c.ID == id }); i >= 0 {
		return p.Clauses[i].Name
	}
	return domain.Text{}
}

// basis is how the account stood when an event was decided; nil for events that say nothing of it.
func basis(e domain.Event) []domain.Basis {
	if granted, ok := domain.GrantedBy(e); ok {
		return granted.Basis
	}
	if moved, ok := e.(*domain.ApplicationMoved); ok {
		return moved.Basis
	}
	return nil
}

// useKinds is the filter of the journal by what the use of a cap is made of.
func useKinds() string {
	var names []string
	for _, k := range projections.UseKinds() {
		names = append(names, k.String())
	}
	return strings.Join(names, ",")
}
