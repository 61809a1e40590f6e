package replay

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// ReadTrial reads what a trial is asked beside its policy, each as people write it: "4.cap=15000000.00", "2027=300000000.00", "2.3.2=27-2.5" and
// "27-1.1a=revenue:year-1:1.5".
func ReadTrial(set, budgets, clauses, rates []string) (t Trial, err error) {
	for _, text := range set {
		p, err := ParseParameter(text)
		if err != nil {
			return t, err
		}
		t.Set = append(t.Set, p)
	}
	t.Budgets, t.Clauses = map[int]domain.Money{}, map[domain.ClauseID]domain.ClauseID{}
	for _, text := range budgets {
		year, amount, _ := strings.Cut(text, "=")
		y, fault := strconv.Atoi(year)
		sum, wrong := domain.ParseMoney(domain.PlainAmount(amount))
		if _, twice := t.Budgets[y]; fault != nil || wrong != nil || twice || y < 1 || y > 9999 {
			return t, words.Wrong(ErrParameter, "“%s”应写成 2027=300000000.00，每年一项", "%q: write it like 2027=300000000.00, once a year", domain.Clip(text, 160))
		}
		t.Budgets[y] = sum
	}
	for _, text := range clauses {
		from, to, parted := strings.Cut(text, "=")
		if _, twice := t.Clauses[domain.ClauseID(from)]; !parted || from == "" || twice {
			return t, words.Wrong(ErrParameter, "“%s”应写成 2.3.2=27-2.5，每条款一项", "%q: write it like 2.3.2=27-2.5, once a clause", domain.Clip(text, 160))
		}
		t.Clauses[domain.ClauseID(from)] = domain.ClauseID(to)
	}
	for _, text := range rates {
		clause, rest, _ := strings.Cut(text, "=")
		parts := strings.Split(rest, ":")
		if clause == "" || len(parts) != 3 {
			return t, words.Wrong(ErrParameter, "“%s”应写成 27-1.1a=revenue:year-1:1.5", "%q: write it like 27-1.1a=revenue:year-1:1.5", domain.Clip(text, 160))
		}
		t.Rates = append(t.Rates, ClauseRate{domain.ClauseID(clause), domain.FactID(parts[0]), parts[1], domain.Rate(parts[2])})
	}
	return t, nil
}

// Tables are what would have come of it, side by side.
func (s Simulation) Tables() []words.Sheet {
	changed := words.Sheet{Name: "changed", Title: domain.Text{ZH: "结果不同的申请", EN: "Applications that would get something else"},
		Columns: words.Named("application", "enterprise", "enterprise_name", "clause", "becomes", "department", "approved_was", "approved_would", "cut_by", "code", "message", "events")}
	for _, o := range s.Changed {
		var code, message any = "", ""
		if o.Refusal != nil {
			code, message = o.Refusal.Code, o.Refusal.Message
		}
		changed.Rows = append(changed.Rows, words.Row(o.Application, o.Enterprise, o.Name, o.Clause, o.Becomes, o.Department, o.Was, o.Would, o.CutBy, code, message, events(o.Events)))
	}
	tables := []words.Sheet{changed}
	for _, part := range s.Parts() {
		t := words.Sheet{Name: part.Name, Title: part.Title,
			Columns: words.Named("id", "name", "approved_was", "approved_would", "paid_was", "paid_would", "net_was", "net_would", "winners", "losers", "capped", "events")}
		t.Columns[0].Title = part.Of
		for _, line := range part.Rows {
			t.Rows = append(t.Rows, words.Row(line.ID, s.Called(part.Column, line), line.Was.Approved, line.Would.Approved, line.Was.Paid, line.Would.Paid, line.Was.NetPaid,
				line.Would.NetPaid, line.Winners, line.Losers, line.Capped, events(line.Events)))
		}
		tables = append(tables, t)
	}
	return append(tables, s.mapTable(), s.unknownTable(), s.envelopeTable())
}

// Part is the result by one thing.
type Part struct {
	Name   string
	Column string // whose values its lines are
	Title  domain.Text
	Of     domain.Text
	Rows   []SimulatedSide
}

// Parts are the result by clause, department and so on.
func (s Simulation) Parts() []Part {
	list := []Part{
		{Name: "clauses", Column: "clause", Of: domain.Text{ZH: "条款", EN: "clause"}, Rows: s.Clauses},
		{Name: "departments", Column: "department", Of: domain.Text{ZH: "批准部门", EN: "approving department"}, Rows: s.Departments},
		{Name: "industries", Column: "industry", Of: domain.Text{ZH: "产业", EN: "industry"}, Rows: s.Industries},
		{Name: "sizes", Column: "enterprise_size", Of: domain.Text{ZH: "企业规模", EN: "size"}, Rows: s.Sizes},
		{Name: "support_years", Column: "support_year", Of: domain.Text{ZH: "支持年度", EN: "support year"}, Rows: s.Years},
		{Name: "enterprises", Column: "enterprise", Of: domain.Text{ZH: "企业", EN: "enterprise"}, Rows: s.Enterprises},
	}
	for i := range list {
		list[i].Title = domain.Text{ZH: "按" + list[i].Of.ZH + "对照", EN: "By " + list[i].Of.EN}
	}
	return list
}

// Called is what a line of a part is called.
func (s Simulation) Called(column string, line SimulatedSide) domain.Text {
	switch {
	case line.Name != "":
		return domain.Text{ZH: line.Name, EN: line.Name}
	case line.ID == "":
		return domain.Text{ZH: "不详", EN: "not known"}
	}
	for _, p := range []*domain.Policy{s.Tried, s.Made} {
		if name, known := p.Called(column, line.ID); known {
			return name
		}
	}
	return domain.Text{ZH: line.ID, EN: line.ID}
}

func events(list []uint64) string {
	parts := make([]string, len(list))
	for i, seq := range list {
		parts[i] = strconv.FormatUint(seq, 10)
	}
	return strings.Join(parts, " ")
}

func (s Simulation) mapTable() words.Sheet {
	t := words.Sheet{Name: "clause_map", Title: domain.Text{ZH: "条款对应", EN: "Which clause goes on with which"},
		Columns: words.Named("clause", "becomes", "applications", "requested", "approved_was", "approved_would")}
	for _, c := range s.Map {
		t.Rows = append(t.Rows, words.Row(c.Clause, c.Becomes, c.Applications, c.Requested, c.Was, c.Would))
	}
	return t
}

func (s Simulation) unknownTable() words.Sheet {
	t := words.Sheet{Name: "unknown", Title: domain.Text{ZH: "未能试行的条件与比例", EN: "Conditions and rates that could not be tried"},
		Columns: words.Named("clause", "fact", "code", "applications", "events")}
	for _, u := range s.Unknown {
		t.Rows = append(t.Rows, words.Row(u.Clause, u.Fact, u.Code, u.Applications, events(u.Events)))
	}
	return t
}

func (s Simulation) envelopeTable() words.Sheet {
	t := words.Sheet{Name: "envelopes", Title: domain.Text{ZH: "各年总额", EN: "What each year has"},
		Columns: words.Named("budget_year", "amount", "approved", "left", "runs_out_on", "short_of", "applications")}
	for _, e := range s.Envelopes {
		day := ""
		if !e.RunsOutOn.IsZero() {
			day = e.RunsOutOn.String()
		}
		t.Rows = append(t.Rows, words.Row(fmt.Sprint(e.Year), e.Amount, e.Granted, e.Left, day, e.Short, e.Applications))
	}
	return t
}

// Headline is what would have come of it, in a sentence.
func (s Simulation) Headline() domain.Text {
	how := domain.Text{ZH: "超出即拒绝", EN: "what is too much is refused"}
	if s.Decide == "cut" {
		how = domain.Text{ZH: "超出即削减", EN: "what is too much is cut"}
	}
	return words.Say("%s：%s，申请 %d 件，结果不同 %d 件（增加 %d、减少 %d），遇上限 %d 件，无对应条款 %d 件",
		"%s: %s; of %d applications %d differ (%d get more, %d less), %d of these meet a cap, %d are under no clause of it",
		s.Title, how, s.Applications, s.ChangeCount, s.Winners, s.Losers, s.Capped, s.Unmapped)
}

// Moved is which year stands for which; empty where each stands for itself.
func (s Simulation) Moved() domain.Text {
	if s.YearsLater == 0 {
		return domain.Text{}
	}
	return words.Say("历史的年度加 %d 年即为政策的年度", "a year of the history and %d is the policy's", s.YearsLater)
}

// Said is an envelope in a sentence.
func (e Envelope) Said() domain.Text {
	amount, granted := tabular.Grouped(e.Amount.String()), tabular.Grouped(e.Granted.String())
	if e.RunsOutOn.IsZero() {
		return words.Say("%d 年总额 %s，批准 %s，足够", "%d: of %s, %s would be approved: it suffices", e.Year, amount, granted)
	}
	return words.Say("%d 年总额 %s，批准 %s，%s 用尽，另缺 %s，涉及 %d 件", "%d: of %s, %s would be approved; it runs out on %s, short of %s for %d applications", e.Year, amount, granted,
		e.RunsOutOn, tabular.Grouped(e.Short.String()), e.Applications)
}

// Why is why an application would get something else.
func (o Outcome) Why() domain.Text {
	switch {
	case o.Becomes == "":
		return domain.Text{ZH: "无对应条款", EN: "no clause goes on with it"}
	case o.Refusal != nil:
		return o.Refusal.Message
	case o.CutBy != "":
		title, _ := domain.RefusalTitle(o.CutBy)
		return domain.Text{ZH: "削减：" + title.ZH, EN: "cut: " + title.EN}
	}
	return domain.Text{}
}

// Meta is what a table of it says of itself.
func (s Simulation) Meta(lang string) []tabular.Meta {
	meta := []tabular.Meta{{Name: "position", Value: strconv.FormatUint(s.Seq, 10)}, {Name: domain.Text{ZH: "政策试行", EN: "policy tried"}.In(lang), Value: s.Headline().In(lang)}}
	for _, p := range s.Parameters {
		what, value, _ := p.Said(s.Tried)
		meta = append(meta, tabular.Meta{Name: what.In(lang), Value: value.In(lang)})
	}
	for _, e := range s.Envelopes {
		meta = append(meta, tabular.Meta{Name: strconv.Itoa(e.Year), Value: e.Said().In(lang)})
	}
	return meta
}
