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
//	4.cap=15000000.00            a clause's cap, from the beginning and whatever amended it, as everything here; none: no cap is stated
//	1.2b.period=total            year or total
//	4.subject=enterprise         enterprise, project or award
//	1.1a.stronger_support=false
//	4.departments=science,data
//	2.1.1.industries=ai          none: all
//	4.amendments=none            as if the clause had never been amended
//	4.effective_on=2025-07-01    the day that all of its amendments take effect
//	4.retroactive=true           of all of its amendments
//	workflow.reviews=2, workflow.acceptance=false, term.from=…, term.to=…
//	changning-2027.workflow.reviews=2  of one policy, where there are several; without its id a workflow is that of all
type Parameter struct {
	Path  string `json:"path"`
	Value string `json:"value"`
	Was   string `json:"was"` // as published; a cap, as it is in force

	clause domain.ClauseID // "workflow" or "term": of no clause
	field  string
	policy domain.PolicyID // whose workflow or term; empty: it is not said
	met    int             // how many policies it was set in
}

// ParseParameter reads "path=value".
func ParseParameter(text string) (Parameter, error) {
	path, value, ok := strings.Cut(text, "=")
	dot := strings.LastIndexByte(path, '.')
	if !ok || dot <= 0 || dot == len(path)-1 {
		return Parameter{}, words.Wrong(ErrParameter, "“%s”应写成 4.cap=15000000.00 或 workflow.reviews=2", "%q: write it like 4.cap=15000000.00 or workflow.reviews=2",
			domain.Clip(text, 160))
	}
	p := Parameter{Path: path, Value: value, clause: domain.ClauseID(path[:dot]), field: path[dot+1:]}
	for _, head := range []domain.ClauseID{workflowHead, termHead} {
		if policy, of := strings.CutSuffix(path[:dot], "."+string(head)); of {
			p.clause, p.policy = head, domain.PolicyID(policy)
		}
	}
	return p, nil
}

// What of a policy is no clause's.
const (
	workflowHead domain.ClauseID = "workflow"
	termHead     domain.ClauseID = "term"
)

func (p Parameter) ofHead() bool { return p.clause == workflowHead || p.clause == termHead }

// inHead is its path without a policy's id.
func (p Parameter) inHead() string { return string(p.clause) + "." + p.field }

// Said is a parameter in words: what is set otherwise, to what, and what it is.
func (p Parameter) Said(policy *domain.Policy) (what, value, was domain.Text) {
	say := func(text string) domain.Text {
		return domain.Text{ZH: p.value(text, "zh", policy), EN: p.value(text, "en", policy)}
	}
	what, known := parameterTitles[p.inHead()]
	if p.policy != "" {
		what = domain.Text{ZH: string(p.policy) + "：" + what.ZH, EN: string(p.policy) + ": " + what.EN}
	}
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

func (p Parameter) wrong(want domain.Text) error {
	given := p.Path + "=" + domain.Clip(p.Value, 160)
	return words.Wrong(ErrParameter, "%s：%s", "%s: %s", domain.Text{ZH: given, EN: given}, want)
}

// set puts the parameter into a policy that has what it sets, and notes what stood there.
func (p *Parameter) set(policy *domain.Policy) error {
	if p.ofHead() {
		if p.policy != "" && p.policy != policy.PolicyID() {
			return nil
		}
		if p.met++; p.met > 1 && p.clause == termHead {
			return p.wrong(words.Say("政策不止一份，应写明是哪一份，如 %s.%s", "there are several policies: say whose it is, as in %s.%s", policy.PolicyID(), p.inHead()))
		}
		return p.setHead(policy)
	}
	i := slices.IndexFunc(policy.Clauses, func(c domain.Clause) bool { return c.ID == p.clause })
	if i < 0 {
		return nil
	}
	policy.Clauses = slices.Clone(policy.Clauses)
	return p.setClause(&policy.Clauses[i])
}

// checkMet says that no policy has what the parameter sets.
func (p Parameter) checkMet() error {
	switch {
	case p.met > 0:
		return nil
	case p.ofHead():
		return p.wrong(domain.Text{ZH: "没有这一政策", EN: "there is no such policy"})
	}
	return p.wrong(domain.Text{ZH: "政策中没有这一条款", EN: "the policy has no such clause"})
}

// note keeps what stood where the parameter is set, of each policy once.
func (p *Parameter) note(was string) {
	switch {
	case p.met <= 1:
		p.Was = was
	case !slices.Contains(strings.Split(p.Was, ", "), was):
		p.Was += ", " + was
	}
}

func (p *Parameter) setHead(policy *domain.Policy) error {
	if p.clause == workflowHead {
		p.note(p.inWorkflow(policy.Workflow))
		return p.setWorkflow(&policy.Workflow)
	}
	switch p.field {
	case "from", "to":
		day, err := domain.ParseDate(p.Value)
		if err != nil {
			return p.wrong(words.Say("%s", "%s", err))
		}
		field := &policy.Term.To
		if p.field == "from" {
			field = &policy.Term.From
		}
		p.note(field.String())
		*field = day
	default:
		return p.unknownInHead()
	}
	return nil
}

// inWorkflow is what a workflow says of what the parameter sets.
func (p Parameter) inWorkflow(w domain.Workflow) string {
	if p.field == "reviews" {
		return strconv.Itoa(w.Reviews)
	}
	return strconv.FormatBool(w.Acceptance)
}

func (p Parameter) unknownInHead() error {
	return p.wrong(domain.Text{ZH: "只有 workflow.reviews、workflow.acceptance、term.from 和 term.to", EN: "known are workflow.reviews, workflow.acceptance, term.from and term.to"})
}

func (p Parameter) setWorkflow(w *domain.Workflow) error {
	switch p.field {
	case "reviews":
		n, err := strconv.Atoi(p.Value)
		if err != nil {
			return p.wrong(domain.Text{ZH: "须为 0 至 9 的数字", EN: "a number from 0 to 9 is needed"})
		}
		w.Reviews = n
	case "acceptance":
		on, err := strconv.ParseBool(p.Value)
		if err != nil {
			return p.wrong(domain.Text{ZH: "须为 true 或 false", EN: "true or false is needed"})
		}
		w.Acceptance = on
	default:
		return p.unknownInHead()
	}
	return nil
}

func (p *Parameter) setClause(c *domain.Clause) error {
	p.met++
	switch p.field {
	case "cap":
		p.Was = orNone(c.Cap.Amount.String())
		amount, err := domain.ParseMoney(p.Value)
		switch {
		case wire.Uncapped(p.Value):
			c.Cap.Amount = domain.Unstated
		case err != nil:
			return p.wrong(words.Say("%s", "%s", err))
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
			return p.wrong(domain.Text{ZH: "须为 true 或 false", EN: "true or false is needed"})
		}
		p.Was, c.StrongerSupport = strconv.FormatBool(c.StrongerSupport), on
	case "departments":
		p.Was, c.Departments = listed(c.Departments), list[domain.DepartmentID](p.Value)
	case "industries":
		p.Was, c.Industries = listed(c.Industries), list[domain.IndustryID](p.Value)
	case "amendments", "effective_on", "retroactive":
		return p.checkAmendment()
	default:
		return p.wrong(domain.Text{ZH: "条款只有 cap、period、subject、stronger_support、departments、industries、amendments、effective_on 和 retroactive", EN: "known of a clause are cap, period, subject, stronger_support, departments, industries, amendments, effective_on and retroactive"})
	}
	return nil
}

func (p *Parameter) checkAmendment() error {
	switch p.field {
	case "effective_on":
		if _, err := domain.ParseDate(p.Value); err != nil {
			return p.wrong(words.Say("%s", "%s", err))
		}
	case "retroactive":
		if _, err := strconv.ParseBool(p.Value); err != nil {
			return p.wrong(domain.Text{ZH: "须为 true 或 false", EN: "true or false is needed"})
		}
	case "amendments":
		if p.Value != "none" {
			return p.wrong(domain.Text{ZH: "只能为 none", EN: "none is all that it can be"})
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

// setAdded puts the parameter into a clause that is added to a policy, where it is that clause's.
func (p *Parameter) setAdded(c *domain.Clause) (*domain.Clause, error) {
	if c == nil || c.ID != p.clause {
		return c, nil
	}
	changed := *c
	err := p.setClause(&changed)
	return &changed, err
}

// amendPolicy changes an amendment of a policy: what it says of what the parameter sets is what the parameter says.
func (p *Parameter) amendPolicy(c *domain.AmendPolicy) (err error) {
	if c.AddClause, err = p.setAdded(c.AddClause); err != nil {
		return err
	}
	switch {
	case p.ofHead() && p.policy != "" && c.Policy != "" && p.policy != c.Policy:
	case p.clause == workflowHead && c.Workflow != nil:
		changed := *c.Workflow
		if err := p.setWorkflow(&changed); err != nil {
			return err
		}
		c.Workflow = &changed
	case p.clause == termHead && p.field == "to" && !c.TermTo.IsZero():
		c.TermTo = domain.Date{}
	case c.Clause == p.clause && p.field == "departments":
		c.Departments = nil
	case c.Clause == p.clause && p.field == "industries":
		c.Industries = nil
	case c.Clause == p.clause && p.field == "amendments":
		c.Departments, c.Industries, c.GroupCap, c.Close = nil, nil, nil, false
	case c.Clause == p.clause && p.field == "effective_on":
		c.EffectiveOn, _ = domain.ParseDate(p.Value) // it was checked when it was set
	}
	return nil
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
