package policies

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// Change is one fact in which two policies differ.
type Change struct {
	Path   string          `json:"path"`             // such as "clauses.1.2a.cap.amount"
	Clause domain.ClauseID `json:"clause,omitempty"` // whose fact it is, if a clause's
	Before *string         `json:"before"`           // null: it was not there
	After  *string         `json:"after"`            // null: it is not there any more
	Text   domain.Text     `json:"text"`             // the change as people read it
}

// fact is one thing that a policy says.
type fact struct {
	path   string
	clause domain.ClauseID
	label  domain.Text
	value  string
}

// Diff lists in which facts b differs from a: the head, the departments and industries, then clause by clause, in the
// order of a with what only b has behind. The order of clauses and of departments within a clause is no fact.
func Diff(a, b domain.Policy) []Change {
	before, after := facts(a), facts(b)
	find := func(list map[string]fact, path string) *string {
		f, ok := list[path]
		if !ok {
			return nil
		}
		return &f.value
	}
	was, is := byPath(before), byPath(after)
	var changes []Change
	listed := map[string]bool{}
	for _, f := range append(before, after...) {
		c := Change{Path: f.path, Clause: f.clause, Before: find(was, f.path), After: find(is, f.path)}
		same := c.Before != nil && c.After != nil && *c.Before == *c.After
		if same || listed[f.path] {
			continue
		}
		listed[f.path] = true
		c.Text = c.words(f.label)
		changes = append(changes, c)
	}
	return changes
}

// DiffSuccessor lists in which facts a policy differs from the one that it succeeds: a clause that continues one is held against that one, under
// its id.
func DiffSuccessor(before, after domain.Policy) []Change {
	after.Clauses = slices.Clone(after.Clauses)
	continued := map[domain.ClauseID]domain.ClauseID{}
	for _, c := range after.Clauses {
		if c.Continues.Use != "" {
			continued[c.ID] = c.Continues.Clause
		}
	}
	old := func(id domain.ClauseID) domain.ClauseID { return cmp.Or(continued[id], id) }
	for i := range after.Clauses {
		c := &after.Clauses[i]
		c.ID, c.RefersTo = old(c.ID), slices.Clone(c.RefersTo)
		for j := range c.RefersTo {
			c.RefersTo[j] = old(c.RefersTo[j])
		}
	}
	return Diff(before, after)
}

func byPath(list []fact) map[string]fact {
	all := make(map[string]fact, len(list))
	for _, f := range list {
		all[f.path] = f
	}
	return all
}

func (c Change) words(label domain.Text) domain.Text {
	switch {
	case c.Before == nil:
		is := *c.After
		return domain.Text{ZH: "新增" + label.ZH + "：" + is, EN: "added: " + label.EN + ": " + is}
	case c.After == nil:
		was := *c.Before
		return domain.Text{ZH: "删去" + label.ZH + "（原为 " + was + "）", EN: "removed: " + label.EN + " (was " + was + ")"}
	}
	was, is := *c.Before, *c.After
	return domain.Text{ZH: fmt.Sprintf("%s由 %s 改为 %s", label.ZH, was, is), EN: fmt.Sprintf("%s: %s becomes %s", label.EN, was, is)}
}

// Part is one thing that a part of a policy says.
type Part struct {
	Path  string // such as "workflow.reviews"
	Label domain.Text
	Value string // "": nothing
}

// WorkflowParts are what a workflow says.
func WorkflowParts(w domain.Workflow) (list []Part) {
	for _, f := range headFacts(domain.Policy{Workflow: w}) {
		if strings.HasPrefix(f.path, "workflow.") {
			list = append(list, Part{f.path, f.label, f.value})
		}
	}
	return list
}

// PromisedParts are the working days that are promised, by stage.
func PromisedParts(p domain.Promised) (list []Part) {
	for _, f := range headFacts(domain.Policy{Promised: p}) {
		if strings.HasPrefix(f.path, "promised.") {
			list = append(list, Part{f.path, f.label, f.value})
		}
	}
	return list
}

// GroupCapParts are what groups may use of a clause, and what becomes of more.
func GroupCapParts(g domain.GroupCap) (list []Part) {
	for _, f := range clauseParts(domain.Clause{GroupCap: g}) {
		if strings.HasPrefix(f.key, "group_cap.") {
			list = append(list, Part{f.key, domain.Text{ZH: f.zh, EN: f.en}, f.value})
		}
	}
	return list
}

func promisedLabel(s domain.Stage) domain.Text {
	return domain.Text{ZH: s.Text().ZH + "承诺（工作日）", EN: "working days promised for the " + s.Text().EN}
}

func promisedPart(c domain.Clause, s domain.Stage) clausePart {
	label := promisedLabel(s)
	return clausePart{"promised." + string(s), label.ZH, label.EN, days(c.Promised.Of(s))}
}

// ClauseParts are what a clause says besides its id.
func ClauseParts(c domain.Clause) (list []Part) {
	for _, f := range clauseParts(c) {
		if f.value != "" {
			list = append(list, Part{f.key, domain.Text{ZH: f.zh, EN: f.en}, f.value})
		}
	}
	return list
}

// headFacts are what a policy says of itself.
func headFacts(p domain.Policy) []fact {
	return []fact{
		{"fund", "", domain.Text{ZH: "资金编号", EN: "fund"}, string(p.Fund)},
		{"id", "", domain.Text{ZH: "政策编号", EN: "id of the policy"}, string(p.ID)},
		{"succeeds", "", domain.Text{ZH: "接续的政策", EN: "policy that it succeeds"}, p.Succeeds},
		{"clause_prefix", "", domain.Text{ZH: "条款编号的前缀", EN: "what stands before the ids of its clauses"}, string(p.ClausePrefix)},
		{"title.zh", "", domain.Text{ZH: "中文标题", EN: "Chinese title"}, p.Title.ZH},
		{"title.en", "", domain.Text{ZH: "英文标题", EN: "English title"}, p.Title.EN},
		{"issued_on", "", domain.Text{ZH: "发布日期", EN: "day of issue"}, p.IssuedOn.String()},
		{"term.from", "", domain.Text{ZH: "施行日期", EN: "first day of the term"}, p.Term.From.String()},
		{"term.to", "", domain.Text{ZH: "有效期至", EN: "last day of the term"}, p.Term.To.String()},
		{"currency", "", domain.Text{ZH: "币种", EN: "currency"}, p.Currency},
		{"beneficiary_id", "", domain.Text{ZH: "对象标识", EN: "kind of beneficiary identifier"}, string(p.Beneficiary)},
		{"workflow.acceptance", "", domain.Text{ZH: "须受理", EN: "acceptance needed"}, strconv.FormatBool(p.Workflow.Acceptance)},
		{"workflow.reviews", "", domain.Text{ZH: "审核人数", EN: "reviews needed"}, strconv.Itoa(p.Workflow.Reviews)},
		{"workflow.reviews_support", "", domain.Text{ZH: "只计支持的审核", EN: "only reviews that support count"},
			strconv.FormatBool(p.Workflow.ReviewsSupport)},
		{"workflow.recorded_late_days", "", domain.Text{ZH: "补录期限（天）", EN: "recorded late after days"},
			strconv.Itoa(p.Workflow.LateDays())},
		{"clawback_due_days", "", domain.Text{ZH: "追回到期天数", EN: "clawbacks are due after days"}, days(p.ClawbackDueDays)},
		{"promised.acceptance", "", promisedLabel(domain.StageAcceptance), days(p.Promised.Acceptance)},
		{"promised.review", "", promisedLabel(domain.StageReview), days(p.Promised.Review)},
		{"promised.approval", "", promisedLabel(domain.StageApproval), days(p.Promised.Approval)},
		{"promised.payment", "", promisedLabel(domain.StagePayment), days(p.Promised.Payment)},
		{"late_interest", "", domain.Text{ZH: "滞纳利率（%/年）", EN: "late interest, percent a year"}, ratesOf(p.LateInterest)},
		{"debtors", "", domain.Text{ZH: "对逾期未退追回款的企业", EN: "what enterprises that owe money back get"}, string(p.Debtors)},
		{"treasury", "", domain.Text{ZH: "支付部门", EN: "treasury"}, string(p.Treasury)},
		{"authority", "", domain.Text{ZH: "授权机关", EN: "authority"}, string(p.Authority)},
		{"district", "", domain.Text{ZH: "所属区划", EN: "district"}, p.District},
	}
}

// ratesOf are rates of interest, each with its first day.
func ratesOf(list []domain.InterestRate) string {
	parts := make([]string, len(list))
	for i, one := range list {
		parts[i] = one.From.String() + ": " + one.Rate.String() + " " + string(one.Method) + " " + string(one.Basis)
	}
	return strings.Join(parts, "; ")
}

// days is a number of days; none: "".
func days(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func facts(p domain.Policy) []fact {
	all := slices.DeleteFunc(headFacts(p), func(f fact) bool { return f.value == "" })
	for _, d := range p.Departments {
		all = append(all, fact{"departments." + string(d.ID), "", say("部门 %s", "department %s", d.ID), d.Name.ZH + " / " + d.Name.EN})
	}
	for _, n := range p.Industries {
		all = append(all, fact{"industries." + string(n.ID), "", say("产业 %s", "industry %s", n.ID), n.Name.ZH + " / " + n.Name.EN})
	}
	for _, f := range p.Facts {
		for _, part := range FactParts(f) {
			if part.Value != "" {
				all = append(all, fact{"facts." + string(f.ID) + "." + part.Path, "", domain.Text{ZH: fmt.Sprintf("事实 %s 的%s", f.ID, part.Label.ZH),
					EN: fmt.Sprintf("fact %s, %s", f.ID, part.Label.EN)}, part.Value})
			}
		}
	}
	for _, i := range p.Indicators {
		for _, part := range IndicatorParts(i) {
			if part.Value != "" {
				all = append(all, fact{"indicators." + string(i.Clause) + "." + string(i.ID) + "." + part.Path, i.Clause, domain.Text{ZH: fmt.Sprintf("条款 %s 指标 %s 的%s", i.Clause, i.ID, part.Label.ZH),
					EN: fmt.Sprintf("clause %s, indicator %s, %s", i.Clause, i.ID, part.Label.EN)}, part.Value})
			}
		}
	}
	for _, c := range p.Clauses {
		all = append(all, clauseFacts(c)...)
	}
	return all
}

// FactParts are what is said of a fact besides its id.
func FactParts(f domain.Fact) (list []Part) {
	codes := func(lang string) string {
		var words []string
		for _, c := range f.Codes {
			words = append(words, c.ID+" "+c.Name.In(lang))
		}
		return strings.Join(words, "; ")
	}
	for _, part := range []struct{ key, zh, en, value string }{
		{"name.zh", "中文名称", "Chinese name", f.Name.ZH},
		{"name.en", "英文名称", "English name", f.Name.EN},
		{"unit", "值的单位", "unit of its values", string(f.Unit)},
		{"per", "期间", "what a value is of", string(f.Per)},
		{"sources", "提供部门", "departments that record it", sorted(f.Sources)},
		{"confirmed_by", "确认部门", "departments that confirm it", sorted(f.ConfirmedBy)},
		{"means", "确定的事项", "matter that it decides", string(f.Means)},
		{"codes.zh", "中文代码表", "codes in Chinese", codes("zh")},
		{"codes.en", "英文代码表", "codes in English", codes("en")},
		{"sensitive", "限定查阅", "read only by who needs it", yes(f.Sensitive)},
	} {
		list = append(list, Part{part.key, domain.Text{ZH: part.zh, EN: part.en}, part.value})
	}
	return list
}

// IndicatorParts are what is said of an indicator besides its id and its clause.
func IndicatorParts(i domain.Indicator) (list []Part) {
	for _, part := range []struct{ key, zh, en, value string }{
		{"name.zh", "中文名称", "Chinese name", i.Name.ZH},
		{"name.en", "英文名称", "English name", i.Name.EN},
		{"fact", "所据事实", "fact that measures it", string(i.Fact)},
		{"better", "方向", "whether more or less is better", string(i.Better)},
		{"baseline", "比较基期", "what a year is compared with", string(i.Baseline)},
		{"weight", "权重（合计 100）", "weight, of 100 under the clause", days(i.Weight)},
		{"group", "指标类别", "what it measures", string(i.Group)},
	} {
		list = append(list, Part{part.key, domain.Text{ZH: part.zh, EN: part.en}, part.value})
	}
	return list
}

// clausePart is one thing that a clause says.
type clausePart struct{ key, zh, en, value string }

func clauseParts(c domain.Clause) []clausePart {
	return []clausePart{
		{"name.zh", "中文名称", "Chinese name", c.Name.ZH},
		{"name.en", "英文名称", "English name", c.Name.EN},
		{"source", "出处", "source", c.Source},
		{"departments", "责任部门", "responsible departments", sorted(c.Departments)},
		{"any_department_reviews", "各部门均可审核", "any department reviews", yes(c.AnyReviews)},
		{"industries", "适用产业", "industries served", sorted(c.Industries)},
		{"cap.amount", "额度", "cap", c.Cap.Amount.String()},
		{"cap.subject", "额度对象", "cap subject", string(c.Cap.Subject)},
		{"cap.period", "额度期间", "cap period", string(c.Cap.Period)},
		{"stronger_support", "可加大支持", "stronger support", yes(c.StrongerSupport)},
		{"refers_to", "参照条款", "clauses referred to", sorted(c.RefersTo)},
		{"not_applied_for", "不接受申请", "not applied for", yes(c.NotAppliedFor)},
		{"schedule", "分期方式", "schedule", string(c.Schedule)},
		{"requires.zh", "中文申请要求", "requirements in Chinese", required(c, "zh")},
		{"requires.en", "英文申请要求", "requirements in English", required(c, "en")},
		{"conditions", "条件", "conditions", c.Formula()},
		promisedPart(c, domain.StageAcceptance), promisedPart(c, domain.StageReview), promisedPart(c, domain.StageApproval), promisedPart(c, domain.StagePayment),
		{"group_cap.amount", "集团额度", "cap of groups", groupCap(c)},
		{"group_cap.control", "超过集团额度时", "beyond the cap of groups", string(c.GroupCap.Control)},
		{"continues.clause", "接续的条款", "clause that it continues", string(c.Continues.Clause)},
		{"continues.use", "原条款已用额度", "use of the continued clause", string(c.Continues.Use)},
	}
}

func clauseFacts(c domain.Clause) []fact {
	var facts []fact
	for _, f := range clauseParts(c) {
		if f.value != "" {
			facts = append(facts, fact{"clauses." + string(c.ID) + "." + f.key, c.ID, domain.Text{ZH: fmt.Sprintf("条款 %s 的%s", c.ID, f.zh), EN: fmt.Sprintf("clause %s, %s", c.ID, f.en)}, f.value})
		}
	}
	return facts
}

// groupCap is the amount that a clause states for groups; empty: its own cap is theirs.
func groupCap(c domain.Clause) string {
	if !c.GroupCap.Amount.Stated {
		return ""
	}
	return c.GroupCap.Amount.String()
}

// required are a clause's requirements in a language.
func required(c domain.Clause, lang string) string {
	var list []string
	for _, one := range c.Requires {
		list = append(list, one.In(lang))
	}
	return strings.Join(list, "; ")
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func sorted[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, item := range list {
		words[i] = string(item)
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
