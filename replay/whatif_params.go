package replay

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// ErrParameter says that a what-if parameter cannot be set.
var ErrParameter = errors.New("no such what-if parameter")

// Parameter is something of the policy that a what-if sets otherwise:
//
//	4.cap=15000000.00            a clause's cap, from the beginning and whatever amended it; none: no cap is stated
//	1.2b.period=total            year or total
//	4.subject=enterprise         enterprise, project or award
//	1.1a.stronger_support=false
//	4.departments=science,data
//	2.1.1.industries=ai          none: all
//	4.amendments=none            as if the clause had never been amended
//	4.effective_on=2025-07-01    the day that all of its amendments take effect
//	4.retroactive=true           of all of its amendments
//	workflow.reviews=2, workflow.acceptance=false, term.from=…, term.to=…
type Parameter struct {
	Path  string `json:"path"`
	Value string `json:"value"`
	Was   string `json:"was"` // as published; a cap, as it is in force

	clause domain.ClauseID
	field  string
}

// ParseParameter reads "path=value".
func ParseParameter(text string) (Parameter, error) {
	path, value, ok := strings.Cut(text, "=")
	dot := strings.LastIndexByte(path, '.')
	if !ok || dot <= 0 || dot == len(path)-1 {
		return Parameter{}, words.Wrong(ErrParameter, "“%s”应写成 4.cap=15000000.00 或 workflow.reviews=2", "%q: write it like 4.cap=15000000.00 or workflow.reviews=2",
			domain.Clip(text, 160))
	}
	return Parameter{Path: path, Value: value, clause: domain.ClauseID(path[:dot]), field: path[dot+1:]}, nil
}

// Said is a parameter in words: what is set otherwise, to what, and what it is.
func (p Parameter) Said(policy *domain.Policy) (what, value, was domain.Text) {
	say := func(text string) domain.Text {
		return domain.Text{ZH: p.value(text, "zh", policy), EN: p.value(text, "en", policy)}
	}
	what, known := parameterTitles[p.Path]
	if !known {
		what = parameterTitles[p.field]
		if what == (domain.Text{}) {
			what = domain.Text{ZH: p.field, EN: p.field}
		}
		clause, named := policy.Called("clause", string(p.clause))
		if !named {
			clause = domain.Text{ZH: string(p.clause), EN: string(p.clause)}
		}
		what = domain.Text{ZH: "条款 " + clause.ZH + what.ZH, EN: "clause " + clause.EN + ": " + what.EN}
	}
	return what, say(p.Value), say(p.Was)
}

// parameterTitles are what is set otherwise, by its path or its field.
var parameterTitles = map[string]domain.Text{
	"workflow.reviews": {ZH: "评审次数", EN: "reviews needed"}, "workflow.acceptance": {ZH: "须受理", EN: "acceptance needed"},
	"term.from": {ZH: "政策自", EN: "policy in force from"}, "term.to": {ZH: "政策至", EN: "policy in force until"},
	"cap": {ZH: "的上限", EN: "cap"}, "period": {ZH: "的上限期间", EN: "period of the cap"}, "subject": {ZH: "的计额对象", EN: "cap subject"},
	"stronger_support": {ZH: "可更大力度支持", EN: "stronger support allowed"}, "departments": {ZH: "的责任部门", EN: "responsible departments"},
	"industries": {ZH: "的适用产业", EN: "industries served"}, "amendments": {ZH: "的修订", EN: "amendments"},
	"effective_on": {ZH: "修订的生效日期", EN: "day that amendments take effect"}, "retroactive": {ZH: "修订是否追溯", EN: "amendments are retroactive"},
}

// value is what a parameter is set to, or was, in words.
func (p Parameter) value(text, lang string, policy *domain.Policy) string {
	switch {
	case p.field == "cap" && wire.Uncapped(text):
		return words.NoneStated.In(lang)
	case p.field == "cap":
		return tabular.Grouped(domain.PlainAmount(text))
	case p.field == "period":
		return words.Said("period", text, lang, policy)
	case p.field == "subject":
		return words.Said("subject_kind", text, lang, policy)
	case p.field == "industries" && text == "none":
		return domain.Text{ZH: "不限", EN: "all"}.In(lang)
	case text == "none":
		return domain.Text{ZH: "无", EN: "none"}.In(lang)
	case p.field == "departments" || p.field == "industries":
		return words.Said(p.field, strings.ReplaceAll(text, ",", words.ListSign), lang, policy)
	case text == "":
		return domain.Text{ZH: "各按其原样", EN: "each as it is"}.In(lang)
	}
	return words.Word(text, lang)
}

// set puts the parameter into a policy, and notes what stood there.
func (p *Parameter) set(policy *domain.Policy) error {
	wrong := func(want domain.Text) error {
		given := p.Path + "=" + domain.Clip(p.Value, 160)
		return words.Wrong(ErrParameter, "%s：%s", "%s: %s", domain.Text{ZH: given, EN: given}, want)
	}
	switch string(p.clause) {
	case "workflow", "term":
		return p.setHead(policy, wrong)
	}
	i := slices.IndexFunc(policy.Clauses, func(c domain.Clause) bool { return c.ID == p.clause })
	if i < 0 {
		return wrong(domain.Text{ZH: "政策中没有这一条款", EN: "the policy has no such clause"})
	}
	policy.Clauses = slices.Clone(policy.Clauses)
	return p.setClause(&policy.Clauses[i], wrong)
}

func (p *Parameter) setHead(policy *domain.Policy, wrong func(domain.Text) error) error {
	switch p.Path {
	case "workflow.reviews":
		n, err := strconv.Atoi(p.Value)
		if err != nil {
			return wrong(domain.Text{ZH: "须为 0 至 9 的数字", EN: "a number from 0 to 9 is needed"})
		}
		p.Was, policy.Workflow.Reviews = strconv.Itoa(policy.Workflow.Reviews), n
	case "workflow.acceptance":
		on, err := strconv.ParseBool(p.Value)
		if err != nil {
			return wrong(domain.Text{ZH: "须为 true 或 false", EN: "true or false is needed"})
		}
		p.Was, policy.Workflow.Acceptance = strconv.FormatBool(policy.Workflow.Acceptance), on
	case "term.from", "term.to":
		day, err := domain.ParseDate(p.Value)
		if err != nil {
			return wrong(words.Say("%s", "%s", err))
		}
		field := &policy.Term.To
		if p.field == "from" {
			field = &policy.Term.From
		}
		p.Was, *field = field.String(), day
	default:
		return wrong(domain.Text{ZH: "只有 workflow.reviews、workflow.acceptance、term.from 和 term.to", EN: "known are workflow.reviews, workflow.acceptance, term.from and term.to"})
	}
	return nil
}

func (p *Parameter) setClause(c *domain.Clause, wrong func(domain.Text) error) error {
	switch p.field {
	case "cap":
		p.Was = orNone(c.Cap.Amount.String())
		amount, err := domain.ParseMoney(p.Value)
		switch {
		case wire.Uncapped(p.Value):
			c.Cap.Amount = domain.Unstated
		case err != nil:
			return wrong(words.Say("%s", "%s", err))
		default:
			c.Cap.Amount = domain.Stated(amount)
		}
	case "period":
		p.Was, c.Cap.Period = string(c.Cap.Period), domain.Period(p.Value)
	case "subject":
		p.Was, c.Cap.Subject = string(c.Cap.Subject), domain.SubjectKind(p.Value)
	case "stronger_support":
		on, err := strconv.ParseBool(p.Value)
		if err != nil {
			return wrong(domain.Text{ZH: "须为 true 或 false", EN: "true or false is needed"})
		}
		p.Was, c.StrongerSupport = strconv.FormatBool(c.StrongerSupport), on
	case "departments":
		p.Was, c.Departments = listed(c.Departments), list[domain.DepartmentID](p.Value)
	case "industries":
		p.Was, c.Industries = listed(c.Industries), list[domain.IndustryID](p.Value)
	case "amendments", "effective_on", "retroactive":
		return p.checkAmendment(wrong)
	default:
		return wrong(domain.Text{ZH: "条款只有 cap、period、subject、stronger_support、departments、industries、amendments、effective_on 和 retroactive", EN: "known of a clause are cap, period, subject, stronger_support, departments, industries, amendments, effective_on and retroactive"})
	}
	return nil
}

func (p *Parameter) checkAmendment(wrong func(domain.Text) error) error {
	switch p.field {
	case "effective_on":
		if _, err := domain.ParseDate(p.Value); err != nil {
			return wrong(words.Say("%s", "%s", err))
		}
	case "retroactive":
		if _, err := strconv.ParseBool(p.Value); err != nil {
			return wrong(domain.Text{ZH: "须为 true 或 false", EN: "true or false is needed"})
		}
	case "amendments":
		if p.Value != "none" {
			return wrong(domain.Text{ZH: "只能为 none", EN: "none is all that it can be"})
		}
	}
	return nil
}

// amend changes an amendment; nil where there is none any more.
func (p Parameter) amend(c *domain.AmendClause) *domain.AmendClause {
	if c.Clause != p.clause {
		return c
	}
	changed := *c
	switch p.field {
	case "cap":
		if amount, err := domain.ParseMoney(p.Value); err == nil { // it was checked when it was set
			changed.Cap.Ceiling = domain.Stated(amount)
		} else {
			changed.Cap.Ceiling = domain.Unstated
		}
	case "amendments":
		return nil
	case "effective_on":
		changed.EffectiveOn, _ = domain.ParseDate(p.Value) // it was checked when it was set
	case "retroactive":
		changed.Retroactive = p.Value == "true"
	}
	return &changed
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func listed[T ~string](ids []T) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = string(id)
	}
	return orNone(strings.Join(parts, ","))
}

func list[T ~string](text string) (ids []T) {
	if text == "none" {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		ids = append(ids, T(part))
	}
	return ids
}
