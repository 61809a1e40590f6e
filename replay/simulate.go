package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// A simulation tries a whole other policy on a history: what was applied for, when and by whom, is as it was; what is granted follows from the policy.
// The domain decides it, as it decides everything: here stands only how a command of the history is asked anew under a policy of other clauses, and
// what becomes of one that is too much.

// Trial is what a simulation is asked.
type Trial struct {
	Policy domain.Policy
	// Published is a policy of the history to be tried in its place, as it was published.
	Published domain.PolicyID
	Cut       bool        // what is too much is cut to what is left; else it is refused whole
	Set       []Parameter // of the policy, otherwise than it says
	// Clauses maps clauses of the history to those of the policy, before what the policy itself says; an empty one: nothing goes on with it.
	Clauses map[domain.ClauseID]domain.ClauseID
	Budgets map[int]domain.Money // what may be granted for a support year of the policy
	Rates   []ClauseRate
	// MayRead says whether who asks may read the values of a fact; nil: of all. A condition on one that they may not read is not tried on it.
	MayRead func(domain.Fact) bool
}

// ClauseRate is the share of a fact that a clause grants at most. Period is as a condition says it, such as "year-1".
type ClauseRate struct {
	Clause domain.ClauseID `json:"clause"`
	Fact   domain.FactID   `json:"fact"`
	Period string          `json:"period"`
	Rate   domain.Rate     `json:"rate"`
}

// Simulation is what a history would have come to under another policy.
type Simulation struct {
	Policy     domain.PolicyID `json:"policy"`
	Title      domain.Text     `json:"title"`
	Decide     string          `json:"decide"` // "cut" or "refuse"
	Parameters []Parameter     `json:"parameters"`
	Rates      []ClauseRate    `json:"rates"`
	Seq        uint64          `json:"seq"` // the last event that was taken in
	// YearsLater is by how many years the policy's years are later than those of the history that stand for them.
	YearsLater   int                `json:"years_later"`
	Applications int                `json:"applications"`
	Changed      []Outcome          `json:"changed"` // at most 1,000, in order
	ChangeCount  int                `json:"change_count"`
	Winners      int                `json:"winners"` // applications that would get more
	Losers       int                `json:"losers"`
	Capped       int                `json:"capped"` // that a cap, of an account or a group, would cut or refuse
	Unmapped     int                `json:"unmapped"`
	Map          []MappedClause     `json:"clause_map"`
	Unknown      []UnknownCondition `json:"unknown"`
	Envelopes    []Envelope         `json:"envelopes"`
	Total        SimulatedSide      `json:"total"`
	Clauses      []SimulatedSide    `json:"clauses"` // of the policy, and those that nothing goes on with
	Departments  []SimulatedSide    `json:"departments"`
	Industries   []SimulatedSide    `json:"industries"`
	Sizes        []SimulatedSide    `json:"sizes"`
	Enterprises  []SimulatedSide    `json:"enterprises"`   // that would get something else
	Years        []SimulatedSide    `json:"support_years"` // of the history
	Earlier      int                `json:"earlier_edition"`
	Withheld     map[string]int     `json:"withheld,omitempty"` // how many lines are not told who asks; see [Simulation.HandOn]
	Fixed        []domain.Text      `json:"held_fixed"`

	Before *domain.Policy `json:"-"` // of the history, that the policy is compared with: the one that it succeeds, or is, else the last
	Asked  *domain.Policy `json:"-"` // as it says itself, with the parameters
	Tried  *domain.Policy `json:"-"` // as it was tried
	Made   *domain.Policy `json:"-"` // of the history, all of its policies
}

// SimulatedSide is what something came to and would have, with its applications that would get something else.
type SimulatedSide struct {
	SideBySide
	Enterprises int      `json:"enterprises"` // that have a part in it
	Winners     int      `json:"winners"`
	Losers      int      `json:"losers"`
	Capped      int      `json:"capped"`
	Events      []uint64 `json:"events"` // that decided on those, at most 100
}

// Outcome is an application that would get something else.
type Outcome struct {
	Application domain.ApplicationID `json:"application"`
	Enterprise  domain.EnterpriseID  `json:"enterprise"`
	Name        string               `json:"enterprise_name,omitzero"`
	Clause      domain.ClauseID      `json:"clause"`              // that it was applied for under
	Becomes     domain.ClauseID      `json:"becomes,omitzero"`    // of the policy; none: it is unmapped
	Department  domain.DepartmentID  `json:"department,omitzero"` // that approved
	Was         domain.Balance       `json:"was"`
	Would       domain.Balance       `json:"would"`
	CutBy       string               `json:"cut_by,omitzero"` // the code of what cut it last
	Capped      bool                 `json:"capped,omitzero"`
	Refusal     *Refused             `json:"refusal,omitempty"`
	Events      []uint64             `json:"events"` // that it was submitted and decided by
}

// More reports whether it would get more.
func (o Outcome) More() bool { return o.Would.More(o.Was.Money) }

// MappedClause is a clause of the history, and what goes on with it.
type MappedClause struct {
	Clause       domain.ClauseID `json:"clause"`
	Becomes      domain.ClauseID `json:"becomes"`      // "": nothing
	By           string          `json:"by,omitzero"`  // "asked", "same", "continues" or "spelling"
	Applications int             `json:"applications"` // under it
	Enterprises  int             `json:"enterprises"`
	Requested    domain.Balance  `json:"requested"`
	Was          domain.Balance  `json:"was"` // approved
	Would        domain.Balance  `json:"would"`
}

// UnknownCondition is what could not be tried, for a fact is not known or not for who asks.
type UnknownCondition struct {
	Clause       domain.ClauseID `json:"clause"`
	Fact         domain.FactID   `json:"fact"`
	What         string          `json:"what"` // "condition" or "rate"
	Code         string          `json:"code"`
	Applications int             `json:"applications"`
	Enterprises  int             `json:"enterprises"`
	Events       []uint64        `json:"events"` // that decided on them, at most 100
}

// Envelope is what may be granted for a support year.
type Envelope struct {
	Year         int            `json:"year"`   // of the policy
	StandsFor    int            `json:"of"`     // the history's year
	Amount       domain.Balance `json:"amount"` // that is in it
	Granted      domain.Balance `json:"granted"`
	Left         domain.Balance `json:"left"`
	RunsOutOn    domain.Date    `json:"runs_out_on,omitzero"` // the first day of the policy on which it did not suffice; none: it does
	Seq          uint64         `json:"seq,omitzero"`         // the event of that day
	Short        domain.Balance `json:"short"`                // what it did not suffice for
	Applications int            `json:"applications"`         // that it cut or refused
}

// simulatedFixed is what a simulation does not change.
var simulatedFixed = []domain.Text{
	{ZH: "申请的企业、项目、日期、金额，以及经办、评审、批准的人员和流程，均与历史相同", EN: "Who applied for what, when and how much, and who handled, reviewed and approved it in which steps, are as they were"},
	{ZH: "部门当时的判断不变：驳回的仍驳回，批准的以当时批准的金额为准；当时因上限而少批的，按申请额重新裁决（仅“削减”方式）",
		EN: "What departments judged stands: what they rejected is rejected, what they approved is asked for; where a cap kept them below the request, the request is (when cutting)"},
	{ZH: "当时因上限被拒绝的批准，只在可用额度比当时多时才削减后批准", EN: "An approval that a cap refused is cut only where more is left than was left then"},
	{ZH: "原条款已有的条件由部门判断过，不再重试；新增的条件逐项对照事实，事实不明的按原决定计并计数", EN: "Conditions that the old clause had were judged; new ones are tried, and where a fact is not known the decision stands and is counted"},
	{ZH: "事实的定义、单位和查阅范围以台账为准", EN: "Facts are what the ledger says they are: their units, and who may read them"},
	{ZH: "政策期限以历史为准，各年对应政策的各年；同一政策的修订在政策未另行规定处照旧生效",
		EN: "The term is that of the history, whose years stand for the policy's; amendments of the same policy hold where it says nothing else"},
	{ZH: "没有人因政策改变而多申请、少申请或改期", EN: "Nobody applies for more, for less or at another time because of the policy"},
}

// maxEvents is how many events a line of a simulation names.
const maxEvents = 100

// Simulate tries a policy on the applications of a history, in memory; nothing is written. refusals may be nil.
func Simulate(ctx context.Context, log proof.Log, refusals Refusals, t Trial) (Simulation, error) {
	made, published, err := policiesOf(ctx, log)
	if err != nil {
		return Simulation{}, fmt.Errorf("simulating: %w", err)
	}
	m := &simulation{trial: t, made: made, published: published, state: domain.NewState(), before: domain.NewState(), seen: map[domain.CommandID]bool{},
		names: map[domain.EnterpriseID]string{}, applications: map[domain.ApplicationID]*tried{}, unknown: map[unknownKey]*UnknownCondition{}, unknownOf: parts{},
		was: newSums(), would: newSums()}
	if made == nil {
		return Simulation{}, words.Wrong(ErrParameter, "%s", "%s", domain.NewRefusal(domain.CodePolicyMissing).Message())
	}
	if err := m.prepare(); err != nil { // in the reader's language: nothing of ours stands before it
		return Simulation{}, err
	}
	if err := walk(ctx, log, refusals, m); err != nil {
		return Simulation{}, fmt.Errorf("simulating: %w", err)
	}
	return m.finish(), nil
}

// policiesOf are the policy of a log, that of all its policies together, and those that were published, in order.
func policiesOf(ctx context.Context, log proof.Log) (made *domain.Policy, published []domain.Policy, err error) {
	events, err := policyEvents(ctx, log)
	for _, e := range events {
		if p, is := e.(*domain.PolicyPublished); is {
			published = append(published, p.Policy)
		}
	}
	return domain.PolicyMade(events), published, err
}

// simulation is a history as it is told again under another policy.
type simulation struct {
	trial     Trial
	made      *domain.Policy
	published []domain.Policy
	policy    domain.Policy // as it is tried
	asked     domain.Policy // as it says itself, with the parameters
	becomes   map[domain.ClauseID]MappedClause
	later     int // years
	state     *domain.State
	// before is the history as it was, while its events are of an earlier edition of the rules; then nil.
	before       *domain.State
	seen         map[domain.CommandID]bool
	names        map[domain.EnterpriseID]string
	applications map[domain.ApplicationID]*tried
	order        []domain.ApplicationID
	unknown      map[unknownKey]*UnknownCondition
	unknownOf    parts
	envelopes    []Envelope
	was, would   *summing
	result       Simulation
}

// tried is an application.
type tried struct {
	enterprise domain.EnterpriseID
	clause     domain.ClauseID // that it was applied for under
	charged    domain.ClauseID
	filed      []domain.Instalment
	submitted  uint64
	decided    uint64
	project    string
	cutBy      string
	capped     bool
	refusal    *Refused
	unknown    []unknownKey
	short      map[domain.SupportYear]domain.Money // that an envelope did not suffice for
}

type unknownKey struct {
	clause     domain.ClauseID
	fact       domain.FactID
	what, code string
}

// asked is a command of the history as it is asked again.
type asked struct {
	seq     uint64
	today   domain.Date
	entry   *wire.Entry     // of one that was accepted
	refused *domain.Refusal // of one that was not
}

// accepted asks again what was accepted.
func (m *simulation) accepted(e wire.Entry) error {
	m.result.Seq = e.Seq
	if e.Edition() >= domain.Edition {
		m.before = nil
	}
	if _, err := m.was.add(e, e.Deed().Actor); err != nil {
		return err
	}
	m.note(e)
	if e.Envelope.Index == 0 { // a later event of a command was decided with its first
		if err := m.again(e.Command(), asked{seq: e.Seq, today: domain.DateIn(e.Envelope.Time, domain.Shanghai), entry: &e}); err != nil {
			return err
		}
	}
	if m.before != nil {
		domain.Apply(m.before, e.Event, e.Deed())
	}
	return nil
}

// note keeps what is told of an application beside its sums.
func (m *simulation) note(e wire.Entry) {
	if id, name, named := domain.Named(e.Event); named {
		m.names[id] = name
	}
	c := domain.Concerns(e.Event)
	if c.Application == "" {
		return
	}
	a := m.applications[c.Application]
	if a == nil {
		a = &tried{submitted: e.Seq}
		m.applications[c.Application] = a
		m.order = append(m.order, c.Application)
	}
	a.enterprise, a.clause, a.charged = c.Enterprise, c.Applied(), c.Account.Clause
	if c.Account.Subject.Kind == domain.SubjectProject {
		a.project = c.Account.Subject.ID
	}
	switch event := e.Event.(type) {
	case *domain.ApplicationSubmitted:
		a.filed = event.Requested
	case *domain.ApplicationRejected:
		a.decided = e.Seq
	}
	if _, granted := domain.GrantedBy(e.Event); granted {
		a.decided = e.Seq
	}
}

// refused asks again what was refused.
func (m *simulation) refused(r wire.Refused, c domain.Command) error {
	return m.again(c, asked{seq: r.Position, today: domain.DateIn(r.At, domain.Shanghai), refused: &r.Refusal})
}

// again asks a command of the history under the policy.
func (m *simulation) again(c domain.Command, a asked) error {
	id := c.Given().ID
	c, err := m.otherwise(c)
	if err != nil {
		return err
	}
	if c == nil || m.seen[id] {
		return nil // nothing goes on with its clause, or it was taken before
	}
	decision, refusal := m.decide(c, a)
	if refusal != nil && m.earlier(c, a, refusal) {
		m.result.Earlier++
		decision, refusal = domain.Decision{As: c, Events: []domain.Event{a.entry.Event}}, nil
	}
	of := m.applications[applicationOf(c, m.state)]
	if refusal != nil {
		if _, grants := granting(c); of != nil && (grants || c.Name() == "submit_application") && of.refusal == nil && m.would.applications[applicationOf(c, m.state)].IsZero() {
			of.refusal = refusal
			of.capped = of.capped || capCodes[refusal.Code]
		}
		return nil
	}
	m.seen[domain.CommandID(strings.Clone(string(id)))] = true
	h := decision.As.Given()
	for _, e := range decision.Events {
		if _, err := m.would.add(wire.Entry{Seq: a.seq, Date: h.Date, Event: e}, h.Actor); err != nil {
			return err
		}
		domain.Apply(m.state, e, domain.Deed{Actor: h.Actor, Date: h.Date})
		if _, granted := domain.GrantedBy(e); granted && of != nil {
			of.refusal = nil
		}
	}
	return nil
}

// applicationOf is the application that a command is about.
func applicationOf(c domain.Command, s *domain.State) domain.ApplicationID {
	if c, is := c.(*domain.SubmitApplication); is {
		return c.Application
	}
	return domain.About(c, s).Application
}

// earlier reports whether a command was accepted by an earlier edition of the rules and would be refused by the present one whatever the policy
// is: it stands, as it does for whoever verifies the log.
func (m *simulation) earlier(c domain.Command, a asked, r *Refused) bool {
	if a.entry == nil || m.before == nil {
		return false
	}
	of := domain.Concerns(a.entry.Event)
	for _, id := range []domain.ClauseID{of.Account.Clause, of.Via} {
		if id != "" && m.becomes[id].Becomes != id {
			return false
		}
	}
	_, was := domain.Decide(m.before, a.entry.Command(), a.today)
	return was != nil && was.Code == r.Code
}

// finish adds up what came of it.
func (m *simulation) finish() Simulation {
	r := m.result
	r.Policy, r.Title, r.Decide = m.policy.PolicyID(), m.trial.Policy.Title, "refuse"
	if m.trial.Cut {
		r.Decide = "cut"
	}
	r.Parameters, r.Rates, r.YearsLater, r.Fixed = m.trial.Set, m.trial.Rates, m.later, simulatedFixed
	r.Before, r.Asked = m.comparedWith(), &m.asked
	r.Tried, r.Made, r.Applications = m.state.Policy(), m.made, len(m.order)
	r.Unknown = m.unknowns()
	r.Envelopes = m.envelopes
	for i := range r.Envelopes {
		e := &r.Envelopes[i]
		e.Granted = m.would.support[domain.SupportYear(e.StandsFor)].Approved
		e.Left.Money = e.Amount.Sub(e.Granted.Money)
		for _, id := range m.order {
			if short, is := m.applications[id].short[domain.SupportYear(e.StandsFor)]; is {
				e.Applications++
				e.Short.Money = e.Short.Add(short)
			}
		}
	}
	lines := m.lines()
	for _, id := range m.order {
		m.outcome(&r, lines, id)
	}
	r.Map = m.mapped()
	r.Total = lines.total
	r.Clauses, r.Departments, r.Industries = lines.clauses.list(), lines.departments.list(), lines.industries.list()
	r.Sizes, r.Years = lines.sizes.list(), lines.years.list()
	r.Enterprises = slices.DeleteFunc(lines.enterprises.list(), func(s SimulatedSide) bool { return s.Same() })
	return r
}

// outcome adds an application to those that would get something else, where it does.
func (m *simulation) outcome(r *Simulation, lines *simulatedLines, id domain.ApplicationID) {
	a := m.applications[id]
	o := Outcome{Application: id, Enterprise: a.enterprise, Name: m.names[a.enterprise], Clause: a.clause, Becomes: m.becomes[a.clause].Becomes,
		Department: cmp.Or(m.would.approvedBy[id], m.was.approvedBy[id]), CutBy: a.cutBy, Capped: a.capped, Refusal: a.refusal, Events: []uint64{a.submitted}}
	o.Was.Money, o.Would.Money = m.was.applications[id], m.would.applications[id]
	if a.decided != 0 {
		o.Events = append(o.Events, a.decided)
	}
	if o.Becomes == "" {
		r.Unmapped++
	}
	if o.Was == o.Would {
		return
	}
	r.ChangeCount++
	lines.count(m, &o)
	if len(r.Changed) < maxChanged {
		r.Changed = append(r.Changed, o)
	}
	if o.More() {
		r.Winners++
	} else {
		r.Losers++
	}
	if o.Capped {
		r.Capped++
	}
}
