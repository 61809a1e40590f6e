package domain

import (
	"errors"
	"fmt"
	"slices"
)

// Text is something people read, in Chinese and English.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In is the text in a language: English for "en", Chinese otherwise, the other one where a language is empty.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" || t.ZH == "" {
		return t.EN
	}
	return t.ZH
}

// IdentifierKind says how a policy's beneficiaries are identified.
type IdentifierKind string

// The kinds of beneficiary identifier.
const (
	CreditCode IdentifierKind = "uscc"   // unified social credit codes, check character verified
	Opaque     IdentifierKind = "opaque" // any identifier
)

// Period says over what time a cap counts.
type Period string

// The periods of a cap.
const (
	PerYear Period = "year"  // each support year by itself
	InTotal Period = "total" // all support years together
)

// Schedule says which schedules of instalments a clause allows.
type Schedule string

// OneOffOrTerm allows one instalment, or one for each year of an unbroken term; an empty Schedule allows any years.
const OneOffOrTerm Schedule = "one-off-or-term"

// Policy is a fund's law: its term, its departments and its clauses. It enters the ledger in one event, with the hash
// of the file it came from, and changes only by amendments. Another one may follow it in the same fund.
type Policy struct {
	Fund     FundID   `json:"fund"`
	ID       PolicyID `json:"id,omitzero"`       // its own, in the fund; left out: the fund's
	Succeeds string   `json:"succeeds,omitzero"` // the policy that it follows, by its id or its title
	// ClausePrefix stands before the ids of its clauses, which are unique in a fund. Whoever reads a policy puts it there ([Policy.Prefixed]).
	ClausePrefix ClausePrefix `json:"clause_prefix,omitzero"`

	Title       Text           `json:"title"`
	IssuedOn    Date           `json:"issued_on,omitzero"`
	Term        Term           `json:"term"`
	Currency    string         `json:"currency"`       // ISO 4217
	Beneficiary IdentifierKind `json:"beneficiary_id"` // how enterprises are identified
	Workflow    Workflow       `json:"workflow"`
	Treasury    DepartmentID   `json:"treasury"`  // the department that pays: the finance bureau
	Authority   DepartmentID   `json:"authority"` // the body that grants exceptions: the district government
	Departments []Department   `json:"departments"`
	Industries  []Industry     `json:"industries"`
	Clauses     []Clause       `json:"clauses"`
	// Facts are what may be known of enterprises and projects, and by whom.
	Facts []Fact `json:"facts,omitempty"`
	// Indicators are what the effect of each clause's money is measured by.
	Indicators []Indicator `json:"indicators,omitempty"`
	// District is the division code (GB/T 2260) of the district whose fund it is; none: it is of no one district.
	District string `json:"district,omitzero"`
	// BudgetControl says what an approval gets that is beyond what a budget has free.
	BudgetControl BudgetControl `json:"budget_control,omitzero"`
	// ClawbackDueDays is after how many days a clawback is due whose order names no day; 0: it is never overdue.
	ClawbackDueDays int `json:"clawback_due_days,omitzero"`
	// Debtors says what an enterprise gets that has not paid back in time.
	Debtors DebtorControl `json:"debtors,omitzero"`
	// Promised are the working days that each stage is promised to take; a clause may promise others.
	Promised Promised `json:"promised,omitzero"`
	// LateInterest is what is owed besides on what is ordered back, from one day to the next.
	LateInterest []InterestRate `json:"late_interest,omitempty"`
}

// Term is the time a policy is in force, both days included.
type Term struct {
	From Date `json:"from,omitzero"`
	To   Date `json:"to,omitzero"`
}

// Holds reports whether a support year lies within the term.
func (t Term) Holds(y SupportYear) bool { return int(y) >= t.From.Year() && int(y) <= t.To.Year() }

// Workflow says how strict the way to an approval is.
type Workflow struct {
	Acceptance bool `json:"acceptance"` // an application is accepted before it is reviewed and approved
	Reviews    int  `json:"reviews"`    // how many persons must have reviewed it before it is approved
	// ReviewsSupport says that only reviews that support count; else one that opposes counts too.
	ReviewsSupport bool `json:"reviews_support,omitzero"`
	// RecordedLateDays is after how many days a decision is recorded late (R14); 0: thirty.
	RecordedLateDays int `json:"recorded_late_days,omitzero"`
}

// LateDays is after how many days a decision is recorded late.
func (w Workflow) LateDays() int {
	if w.RecordedLateDays == 0 {
		return 30
	}
	return w.RecordedLateDays
}

// Department is a department of the policy.
type Department struct {
	ID   DepartmentID `json:"id"`
	Name Text         `json:"name"`
}

// Industry is an industry that the policy tells apart.
type Industry struct {
	ID   IndustryID `json:"id"`
	Name Text       `json:"name"`
}

// Clause is a row of the policy.
type Clause struct {
	ID          ClauseID       `json:"id"`
	Name        Text           `json:"name"`
	Source      string         `json:"source"`      // where in the policy's text it stands
	Departments []DepartmentID `json:"departments"` // the responsible departments: they review and approve
	// AnyReviews lets every department of the policy review under the clause; approving stays with Departments.
	AnyReviews bool         `json:"any_department_reviews,omitzero"`
	Industries []IndustryID `json:"industries,omitempty"` // served; none listed: all
	Cap        Cap          `json:"cap"`
	// StrongerSupport says that the authority may raise an account's cap by an exception (R6).
	StrongerSupport bool `json:"stronger_support,omitzero"`
	// RefersTo lists the clauses a by-reference clause may refer to; an application under it names one of them and
	// shares that clause's account and cap.
	RefersTo []ClauseID `json:"refers_to,omitempty"`
	// NotAppliedFor marks a clause under which nobody applies: it is granted in another way.
	NotAppliedFor bool     `json:"not_applied_for,omitzero"`
	Schedule      Schedule `json:"schedule,omitzero"`
	// Requires are what the policy asks of who applies under the clause, each a short fact. No rule judges them: people look at them.
	Requires []Text `json:"requires,omitempty"`
	// Conditions are what is to be known of whom the clause is for, all of them; none: the department judges by itself.
	Conditions []Condition `json:"conditions,omitempty"`
	// Promised are the working days of stages, where the clause promises others than its policy.
	Promised Promised `json:"promised,omitzero"`
	// GroupCap is what the members of a group may use together, where the clause caps enterprises.
	GroupCap GroupCap `json:"group_cap,omitzero"`
	// Continues names the clause of an earlier policy that this one goes on with.
	Continues Continuation `json:"continues,omitzero"`
}

// Continuation is the clause of an earlier policy that a clause goes on with, and whether what was used under it counts.
type Continuation struct {
	Clause ClauseID     `json:"clause"`
	Use    ContinuedUse `json:"use"`
}

// ContinuedUse says whether the use of the continued clause counts against the cap.
type ContinuedUse string

// How a clause goes on with an earlier one.
const (
	Fresh   ContinuedUse = "fresh"   // it begins at nothing
	Carried ContinuedUse = "carried" // what a subject used under the earlier clause counts against the cap, as it stands at any time
)

// Cap is what a clause limits: how much, for whom, over what time.
type Cap struct {
	Amount  Ceiling     `json:"amount"` // null where none is stated
	Subject SubjectKind `json:"subject,omitzero"`
	Period  Period      `json:"period,omitzero"`
}

// ByReference reports whether the clause applies by reference to other clauses' caps.
func (c Clause) ByReference() bool { return len(c.RefersTo) > 0 }

// HasAccounts reports whether amounts can be charged to the clause itself.
func (c Clause) HasAccounts() bool { return !c.ByReference() && !c.NotAppliedFor }

// Clause finds a clause by its id.
func (p *Policy) Clause(id ClauseID) (Clause, bool) {
	i := slices.IndexFunc(p.Clauses, func(c Clause) bool { return c.ID == id })
	if i < 0 {
		return Clause{}, false
	}
	return p.Clauses[i], true
}

// HasDepartment reports whether the policy names a department.
func (p *Policy) HasDepartment(id DepartmentID) bool {
	return slices.ContainsFunc(p.Departments, func(d Department) bool { return d.ID == id })
}

// HasIndustry reports whether the policy names an industry.
func (p *Policy) HasIndustry(id IndustryID) bool {
	return slices.ContainsFunc(p.Industries, func(i Industry) bool { return i.ID == id })
}

// PolicyError says what is wrong in a policy, and where: a path such as "clauses[3].cap.amount".
type PolicyError struct {
	Path   string
	Reason Text
}

func (e *PolicyError) Error() string { return e.Path + ": " + e.Reason.EN }

// Validate checks that a policy can be a ledger's law. The first fault found is returned as a [*PolicyError].
func (p *Policy) Validate() error {
	if faults := p.Faults(); len(faults) > 0 {
		return faults[0]
	}
	return nil
}

// Faults are what keeps a policy from being a ledger's law: the first of its head, of its departments, of its industries, of its facts, of its indicators, and of each clause.
func (p *Policy) Faults() (list []*PolicyError) {
	note := func(err error) {
		if fault := (*PolicyError)(nil); errors.As(err, &fault) {
			list = append(list, fault)
		}
	}
	for _, check := range []func() error{p.checkHead, p.checkCounts, p.checkDepartments, p.checkIndustries, p.checkFacts, p.checkIndicators} {
		note(check())
	}
	if len(p.Clauses) == 0 {
		note(wrong("clauses", "政策至少要有一条条款", "a policy needs at least one clause"))
	}
	seen := map[ClauseID]bool{}
	for i, c := range p.Clauses[:min(len(p.Clauses), maxListed)] {
		note(p.checkClauseAt(fmt.Sprintf("clauses[%d]", i), c, seen[c.ID]))
		seen[c.ID] = true
	}
	return list
}

func wrong(path, zh, en string, args ...any) error {
	return &PolicyError{Path: path, Reason: both(zh, en, args...)}
}

func (p *Policy) checkHead() error {
	switch {
	case !validID(string(p.Fund)):
		return wrong("fund", "资金编号须为 1 至 200 个可见字符，不能是 %q", "a fund needs an id of 1 to 200 printable characters, not %q", Clip(string(p.Fund), 40))
	case p.ID != "" && (!validID(string(p.ID)) || personalID(string(p.ID))):
		return wrong("id", "政策编号须为 1 至 200 个可见字符，不能是 %q", "a policy's id has 1 to 200 printable characters, unlike %q", Clip(string(p.ID), 40))
	case p.Succeeds != "" && checkTexts("succeeds", p.Succeeds) != nil:
		return wrong("succeeds", "须为前一期政策的编号或名称，不能是 %q", "is the id or the title of the policy before, not %q", Clip(p.Succeeds, 40))
	case p.succeedsItself():
		return wrong("succeeds", "须为前一期政策，不能是本政策自身", "is the policy before, not the policy itself")
	case p.ClausePrefix != "":
		return wrong("clause_prefix", "%q 须先加到各条款编号之前", "%q is to be put before the ids of the clauses first", Clip(string(p.ClausePrefix), 40))
	case p.Title.ZH == "" || p.Title.EN == "":
		return wrong("title", "名称须有中英文（zh、en）", "a title is needed in both languages (zh, en)")
	case p.IssuedOn.IsZero():
		return wrong("issued_on", "须写明印发日期", "the day of issue is needed")
	case p.Term.From.IsZero() || p.Term.To.IsZero():
		return wrong("term", "须写明起止日期 from、to", "both from and to are needed")
	case p.Term.To.Before(p.Term.From):
		return wrong("term", "止期 to（%s）早于起期 from（%s）", "to (%s) lies before from (%s)", p.Term.To, p.Term.From)
	case !currencyCode(p.Currency):
		return wrong("currency", "须为 ISO 4217 币种代码，例如 CNY，不能是 %q", "an ISO 4217 code such as CNY is needed, not %q", Clip(p.Currency, 10))
	case p.Beneficiary != CreditCode && p.Beneficiary != Opaque:
		return wrong("beneficiary_id", "须为 uscc 或 opaque，不能是 %q", "is uscc or opaque, not %q", Clip(string(p.Beneficiary), 20))
	case p.Workflow.Reviews < 0 || p.Workflow.Reviews > 9:
		return wrong("workflow.reviews", "须为 0 至 9 的整数，不能是 %d", "is a number from 0 to 9, not %d", p.Workflow.Reviews)
	case p.Workflow.RecordedLateDays < 0 || p.Workflow.RecordedLateDays > 3660:
		return wrong("workflow.recorded_late_days", "须为 1 至 3660 的天数，不能是 %d", "is a number of days from 1 to 3660, not %d", p.Workflow.RecordedLateDays)
	}
	if p.ClawbackDueDays < 0 || p.ClawbackDueDays > 3660 {
		return wrong("clawback_due_days", "须为 1 至 3660 的天数，不能是 %d", "is a number of days from 1 to 3660, not %d", p.ClawbackDueDays)
	}
	if err := p.BudgetControl.check(); err != nil {
		return err
	}
	if err := p.Promised.check("promised"); err != nil {
		return err
	}
	if err := p.checkRates(); err != nil {
		return err
	}
	if err := p.Debtors.check(); err != nil {
		return err
	}
	return checkReadable("title", p.Title.ZH, p.Title.EN)
}

func currencyCode(s string) bool {
	return len(s) == 3 && !slices.ContainsFunc([]byte(s), func(b byte) bool { return b < 'A' || b > 'Z' })
}

func (p *Policy) checkDepartments() error {
	seen := map[DepartmentID]bool{}
	for i, d := range p.Departments {
		if err := checkNamed(fmt.Sprintf("departments[%d]", i), string(d.ID), d.Name, seen[d.ID]); err != nil {
			return err
		}
		seen[d.ID] = true
	}
	switch {
	case !seen[p.Treasury]:
		return wrong("treasury", "%q 不在本政策的部门之列", "%q is not one of the policy's departments", p.Treasury)
	case !seen[p.Authority]:
		return wrong("authority", "%q 不在本政策的部门之列", "%q is not one of the policy's departments", p.Authority)
	}
	return nil
}

func checkNamed(path, id string, name Text, again bool) error {
	switch {
	case !validID(id) || personalID(id):
		return wrong(path+".id", "编号须为 1 至 200 个可见字符，不能是 %q", "an id of 1 to 200 printable characters is needed, not %q", Clip(id, 40))
	case again:
		return wrong(path+".id", "%q 重复", "%q stands twice", id)
	case name.ZH == "" || name.EN == "":
		return wrong(path+".name", "名称须有中英文（zh、en）", "a name is needed in both languages (zh, en)")
	}
	return checkReadable(path+".name", name.ZH, name.EN)
}

// checkReadable checks what people read in a policy as every other text is checked, for it enters an event too.
func checkReadable(path string, texts ...string) error {
	for _, text := range texts {
		if r := checkTexts(path, text); r != nil {
			return &PolicyError{Path: path, Reason: r.Message()}
		}
	}
	return nil
}

func (p *Policy) checkIndustries() error {
	seen := map[IndustryID]bool{}
	for i, n := range p.Industries {
		if err := checkNamed(fmt.Sprintf("industries[%d]", i), string(n.ID), n.Name, seen[n.ID]); err != nil {
			return err
		}
		seen[n.ID] = true
	}
	return nil
}

func (p *Policy) checkClauseAt(path string, c Clause, again bool) error {
	if err := checkNamed(path, string(c.ID), c.Name, again); err != nil {
		return err
	}
	if err := checkReadable(path+".source", c.Source); err != nil {
		return err
	}
	return p.checkClause(path, c)
}

func (p *Policy) checkClause(path string, c Clause) error {
	if len(c.Departments) == 0 {
		return wrong(path+".departments", "条款须有责任部门", "a clause needs a responsible department")
	}
	for j, one := range c.Requires {
		at := fmt.Sprintf("%s.requires[%d]", path, j)
		if one.ZH == "" || one.EN == "" {
			return wrong(at, "条件须有中英文（zh、en）", "what is required is needed in both languages (zh, en)")
		}
		if err := checkReadable(at, one.ZH, one.EN); err != nil {
			return err
		}
	}
	for j, d := range c.Departments {
		if !p.HasDepartment(d) {
			return wrong(fmt.Sprintf("%s.departments[%d]", path, j), "%q 不在本政策的部门之列", "%q is not one of the policy's departments", d)
		}
		if slices.Contains(c.Departments[:j], d) { // its budget would bear a booking twice
			return wrong(fmt.Sprintf("%s.departments[%d]", path, j), "%q 重复", "%q stands twice", d)
		}
	}
	for j, n := range c.Industries {
		if !p.HasIndustry(n) {
			return wrong(fmt.Sprintf("%s.industries[%d]", path, j), "%q 不在本政策的产业之列", "%q is not one of the policy's industries", n)
		}
	}
	switch c.Continues.Use {
	case Fresh, Carried:
	default:
		if c.Continues != (Continuation{}) {
			return wrong(path+".continues.use", "须为 fresh（重新起算）或 carried（接续使用额），不能是 %q", "is fresh or carried, not %q", Clip(string(c.Continues.Use), 20))
		}
	}
	if c.Continues.Use != "" && p.Succeeds == "" {
		return wrong(path+".continues", "%q 是前一期政策的条款：须以 succeeds 写明本政策接续哪一期政策", "%q is a clause of an earlier policy: succeeds has to name the policy that this one follows", Clip(string(c.Continues.Clause), 40))
	}
	if c.Continues.Use == Carried && !c.HasAccounts() {
		return wrong(path+".continues.use", "没有自身账户的条款不能接续使用额", "a clause without accounts of its own carries no use")
	}
	if c.Continues.Use != "" && !validID(string(c.Continues.Clause)) {
		return wrong(path+".continues.clause", "须写明前一期政策的条款，不能是 %q", "the clause of the policy before is needed, not %q", Clip(string(c.Continues.Clause), 40))
	}
	for j, r := range c.RefersTo {
		if to, ok := p.Clause(r); !ok || !to.HasAccounts() {
			return wrong(fmt.Sprintf("%s.refers_to[%d]", path, j), "%q 不是有自身账户的条款", "%q is not a clause with accounts of its own", r)
		}
	}
	if err := p.checkConditions(path, c); err != nil {
		return err
	}
	if err := c.Promised.check(path + ".promised"); err != nil {
		return err
	}
	return checkCap(path, c)
}

func checkCap(path string, c Clause) error {
	if err := c.checkGroupCap(path); err != nil {
		return err
	}
	if c.Schedule != "" && c.Schedule != OneOffOrTerm {
		return wrong(path+".schedule", "须为 %s 或不写，不能是 %q", "is %s or left out, not %q", OneOffOrTerm, Clip(string(c.Schedule), 20))
	}
	if !c.HasAccounts() {
		if c.Cap != (Cap{}) || c.StrongerSupport {
			return wrong(path+".cap", "没有自身账户的条款不设额度，也没有特别支持", "a clause without accounts of its own has no cap and no exceptions")
		}
		return nil
	}
	switch c.Cap.Subject {
	case SubjectEnterprise, SubjectProject, SubjectAward:
	default:
		return wrong(path+".cap.subject", "须为 enterprise（企业）、project（项目）或 award（奖项），不能是 %q", "is enterprise, project or award, not %q", Clip(string(c.Cap.Subject), 20))
	}
	if c.Cap.Period != PerYear && c.Cap.Period != InTotal {
		return wrong(path+".cap.period", "须为 year（年度）或 total（累计），不能是 %q", "is year or total, not %q", Clip(string(c.Cap.Period), 20))
	}
	if c.Cap.Amount.Stated && checkCeiling("cap", c.Cap.Amount.Amount) != nil {
		return wrong(path+".cap.amount", "须在 0.00 至 %s 之间；未列明金额的写 null", "is from 0.00 to %s, or null where none is stated", Fen(maxFen))
	}
	return nil
}
