package replay

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// WhatIf is what a history would have come to under other parameters.
type WhatIf struct {
	Parameters  []Parameter   `json:"parameters"`
	Seq         uint64        `json:"seq"`       // the last event that was decided again
	Decisions   int           `json:"decisions"` // refused ones too
	Changed     []Different   `json:"changed"`   // at most MaxFindings, in order
	ChangeCount int           `json:"change_count"`
	Causes      int           `json:"causes"` // of them, those that do not merely follow from an earlier one
	Total       SideBySide    `json:"total"`
	Enterprises []SideBySide  `json:"enterprises"`
	Clauses     []SideBySide  `json:"clauses"`
	Departments []SideBySide  `json:"departments"` // that approved
	Years       []SideBySide  `json:"budget_years"`
	Fixed       []domain.Text `json:"held_fixed"`

	Policy *domain.Policy `json:"-"` // as it was tried: that departments and clauses are called by
}

// Different is a decision that would have been another.
type Different struct {
	Seq         uint64               `json:"seq"` // of a refusal: the last event before it
	Recorded    time.Time            `json:"recorded_at"`
	Date        domain.Date          `json:"business_date"`
	Command     string               `json:"command"`
	CommandID   domain.CommandID     `json:"command_id"`
	Application domain.ApplicationID `json:"application,omitzero"`
	Enterprise  domain.EnterpriseID  `json:"enterprise,omitzero"`
	Was         Verdict              `json:"was"`
	Would       Verdict              `json:"would"`
	Follows     bool                 `json:"follows"` // from an earlier one: what it builds on would not be there
}

// Verdict is what became of a command, or would have.
type Verdict struct {
	Accepted bool         `json:"accepted"`
	Amount   domain.Money `json:"amount"`           // granted, paid, ordered or brought back by it; see moved
	Behind   []Behind     `json:"behind,omitempty"` // what else the same decision moved, such as what a payout keeps back
	Refusal  *Refused     `json:"refusal,omitempty"`
}

// Behind is an event behind the first one of a decision, and what it moved.
type Behind struct {
	Event  string       `json:"event"`
	Amount domain.Money `json:"amount"`
}

// SideBySide is what something came to, and what it would have.
type SideBySide struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitzero"`
	Was   Sums   `json:"was"`
	Would Sums   `json:"would"`
}

// Same reports whether nothing would have changed.
func (s SideBySide) Same() bool { return s.Was == s.Would }

// Sums are what is added up of an enterprise, a clause, a department or a year.
type Sums struct {
	Approved domain.Balance `json:"approved"`
	Paid     domain.Balance `json:"paid"`
	NetPaid  domain.Balance `json:"net_paid"`
}

// heldFixed is what a what-if does not change.
var heldFixed = []domain.Text{
	{ZH: "申请、评审、支付等全部指令，以及当时被拒绝的指令，按原内容、原日期、原顺序重新裁决", EN: "Every command, and every one that was refused, is decided again with its content, date and order"},
	{ZH: "没有人因条件改变而多申请、少申请或改期", EN: "Nobody applies for more, for less or at another time because of the change"},
	{ZH: "未列出的条款、修订、例外、预算与人员均不变", EN: "Clauses, amendments, exceptions, appropriations and persons that are not named stay as they are"},
	{ZH: "补记的事实总被入账", EN: "What was booked as a fact is booked"},
}

// DecideAgain decides a history under other parameters, in memory; nothing is written. refusals may be nil. A cap is told beside the one in force on a day.
func DecideAgain(ctx context.Context, log proof.Log, refusals Refusals, parameters []Parameter, day domain.Date) (WhatIf, error) {
	w := &whatIf{parameters: slices.Clone(parameters), day: day, versions: map[domain.ClauseID][]domain.ClauseVersion{}, state: domain.NewState(), seen: map[domain.CommandID]bool{}, names: map[domain.EnterpriseID]string{},
		was: newSums(), would: newSums()}
	err := walk(ctx, log, refusals, w)
	if err == nil {
		err = w.decideWaiting()
	}
	if err != nil {
		return WhatIf{}, fmt.Errorf("deciding again: %w", err)
	}
	for _, p := range w.parameters {
		if err := p.checkMet(); err != nil { // in the reader's language: nothing of ours stands before it
			return WhatIf{}, err
		}
	}
	return w.finish(), nil
}

type whatIf struct {
	parameters []Parameter
	day        domain.Date
	versions   map[domain.ClauseID][]domain.ClauseVersion // as they are
	state      *domain.State
	seen       map[domain.CommandID]bool // accepted in the other history
	names      map[domain.EnterpriseID]string
	was, would *summing
	result     WhatIf
	waiting    *waiting // nil: none
}

// waiting is a decision whose later events are still to come.
type waiting struct {
	command domain.Command
	seq     uint64
	today   domain.Date
	was     Different
}

// accepted decides again what was accepted, once all that it led to is known.
func (w *whatIf) accepted(e wire.Entry) error {
	if e.Envelope.Index == 0 {
		if err := w.decideWaiting(); err != nil {
			return err
		}
	}
	w.result.Seq = e.Seq
	amount, err := w.was.add(e, e.Deed().Actor)
	if err != nil {
		return err
	}
	if e.Envelope.Index > 0 { // it was decided with the first
		if w.waiting != nil {
			w.waiting.was.Was.Behind = append(w.waiting.was.Was.Behind, Behind{e.Event.Name(), amount})
		}
		return nil
	}
	if id, name, named := domain.Named(e.Event); named {
		w.names[id] = name
	}
	if err := w.version(e.Event); err != nil {
		return err
	}
	c := domain.Concerns(e.Event)
	d := Different{Seq: e.Seq, Recorded: e.Recorded, Date: e.Date, Application: c.Application, Enterprise: c.Enterprise, Was: Verdict{Accepted: true, Amount: amount}}
	w.waiting = &waiting{e.Command(), e.Seq, domain.DateIn(e.Envelope.Time, domain.Shanghai), d}
	return nil
}

// decideWaiting decides again what was accepted last.
func (w *whatIf) decideWaiting() error {
	one := w.waiting
	if w.waiting = nil; one == nil {
		return nil
	}
	return w.again(one.command, one.seq, one.today, one.was)
}

// version notes the caps that were published and amended, and what stands where the parameters are set.
func (w *whatIf) version(event domain.Event) error {
	switch e := event.(type) {
	case *domain.PolicyPublished:
		for _, c := range e.Policy.Clauses {
			w.versions[c.ID] = []domain.ClauseVersion{{Cap: c.Cap.Amount}}
		}
		policy := e.Policy
		for i := range w.parameters {
			if err := w.parameters[i].set(&policy); err != nil {
				return err
			}
		}
	case *domain.PolicyAmended:
		if c := e.AddClause; c != nil {
			w.versions[c.ID] = []domain.ClauseVersion{{Cap: c.Cap.Amount}}
		}
		for i := range w.parameters {
			if _, err := w.parameters[i].setAdded(e.AddClause); err != nil {
				return err
			}
		}
	case *domain.ClauseAmended:
		w.versions[e.Clause] = append(w.versions[e.Clause], domain.ClauseVersion{Cap: e.Cap, EffectiveOn: e.EffectiveOn})
	}
	return nil
}

// refused decides again what was refused.
func (w *whatIf) refused(r wire.Refused, command domain.Command) error {
	if err := w.decideWaiting(); err != nil {
		return err
	}
	d := Different{Seq: r.Position, Recorded: r.At, Date: command.Given().Date, Was: Verdict{Refusal: &Refused{r.Refusal.Code, r.Refusal.Rule, r.Refusal.Figures, r.Refusal.Retold(r.Message, w.state.Policy())}}}
	return w.again(command, r.Position, domain.DateIn(r.At, domain.Shanghai), d)
}

// again decides a command in the other history, and notes where it differs.
func (w *whatIf) again(c domain.Command, seq uint64, today domain.Date, d Different) error {
	w.result.Decisions++
	h := c.Given()
	d.Command, d.CommandID = c.Name(), h.ID
	c, err := w.otherwise(c)
	if err != nil {
		return err
	}
	if c == nil || w.seen[h.ID] {
		return nil // there is no such amendment any more, or the other history took the command before
	}
	decision, refusal := domain.Decide(w.state, c, today)
	if refusal != nil && refusal.Code == domain.CodePolicyAmendmentEmpty && d.Was.Accepted {
		return nil // the other history has from the beginning what it amended
	}
	if refusal != nil {
		d.Would.Refusal = &Refused{refusal.Code, refusal.Rule, refusal.Figures, refusal.Message()}
		d.Follows = slices.Contains(consequences, refusal.Code)
	} else {
		d.Would.Accepted = true
		h = decision.As.Given()
		w.seen[domain.CommandID(strings.Clone(string(h.ID)))] = true
	}
	for i, e := range decision.Events {
		amount, err := w.would.add(wire.Entry{Seq: seq, Date: h.Date, Event: e}, h.Actor)
		if err != nil {
			return err
		}
		if i == 0 { // as of the other history: what stands behind follows from it
			d.Would.Amount = amount
		} else {
			d.Would.Behind = append(d.Would.Behind, Behind{e.Name(), amount})
		}
		if concerned := domain.Concerns(e); d.Application == "" {
			d.Application, d.Enterprise = concerned.Application, concerned.Enterprise
		}
		domain.Apply(w.state, e, domain.Deed{Actor: h.Actor, Date: h.Date})
	}
	w.note(d)
	return nil
}

// consequences are the refusals of what builds on something that the other history has not.
var consequences = []string{domain.CodeApplicationState, domain.CodeApplicationUnknown, domain.CodeInstalmentUnknown, domain.CodePayoutUnknown,
	domain.CodeClawbackUnknown, domain.CodeRecoveryUnknown, domain.CodeExceptionUnknown}

// maxChanged is how many changed commands a what-if lists; all of them are counted.
const maxChanged = 1000

func (w *whatIf) note(d Different) {
	if d.Was.Accepted == d.Would.Accepted && (!d.Was.Accepted || d.Was.Amount == d.Would.Amount && slices.Equal(d.Was.Behind, d.Would.Behind)) {
		return
	}
	w.result.ChangeCount++
	if !d.Follows {
		w.result.Causes++
	}
	if len(w.result.Changed) < maxChanged {
		w.result.Changed = append(w.result.Changed, d)
	}
}

// otherwise is a command as it would be under the parameters; only what makes the policy changes.
func (w *whatIf) otherwise(command domain.Command) (domain.Command, error) {
	switch c := command.(type) {
	case *domain.PublishPolicy:
		changed := *c
		for _, p := range w.parameters {
			p.met = 0
			if err := p.set(&changed.Policy); err != nil {
				return nil, err
			}
		}
		if err := changed.Policy.Validate(); err != nil {
			return nil, fmt.Errorf("the policy would not be one: %w: %w", ErrParameter, err)
		}
		return &changed, nil
	case *domain.AmendClause:
		for _, p := range w.parameters {
			if c = p.amend(c); c == nil {
				return nil, nil
			}
		}
		return c, nil
	case *domain.AmendPolicy:
		changed := *c
		for _, p := range w.parameters {
			if err := p.amendPolicy(&changed); err != nil {
				return nil, err
			}
		}
		return &changed, nil
	}
	return command, nil
}

func (w *whatIf) finish() WhatIf {
	r := w.result
	for i, p := range w.parameters {
		if versions := w.versions[p.clause]; p.field == "cap" && len(versions) > 0 {
			w.parameters[i].Was = orNone(domain.VersionOn(versions, w.day).Cap.Amount.String())
			if !domain.VersionOn(versions, w.day).Cap.Stated {
				w.parameters[i].Was = "none"
			}
		}
	}
	r.Parameters, r.Fixed = w.parameters, heldFixed
	r.Policy = w.state.Policy()
	r.Total = SideBySide{ID: "total", Was: w.was.total, Would: w.would.total}
	r.Enterprises = sideBySide(w.was.enterprises, w.would.enterprises)
	for i := range r.Enterprises {
		r.Enterprises[i].Name = w.names[domain.EnterpriseID(r.Enterprises[i].ID)]
	}
	r.Clauses = sideBySide(w.was.clauses, w.would.clauses)
	r.Departments = sideBySide(w.was.departments, w.would.departments)
	r.Years = sideBySide(w.was.years, w.would.years)
	return r
}

func sideBySide(was, would map[string]Sums) []SideBySide {
	ids := slices.AppendSeq(slices.Collect(maps.Keys(was)), maps.Keys(would))
	slices.Sort(ids)
	list := make([]SideBySide, 0, len(ids))
	for _, id := range slices.Compact(ids) {
		list = append(list, SideBySide{ID: id, Was: was[id], Would: would[id]})
	}
	return list
}

// summing adds up one of two histories.
type summing struct {
	total                                    Sums
	enterprises, clauses, departments, years map[string]Sums
	approvedBy                               map[domain.ApplicationID]domain.DepartmentID
	applications, requested                  map[domain.ApplicationID]domain.Money // approved and applied for, of each
	support                                  map[domain.SupportYear]Sums
}

func newSums() *summing {
	return &summing{enterprises: map[string]Sums{}, clauses: map[string]Sums{}, departments: map[string]Sums{}, years: map[string]Sums{},
		approvedBy: map[domain.ApplicationID]domain.DepartmentID{}, applications: map[domain.ApplicationID]domain.Money{},
		requested: map[domain.ApplicationID]domain.Money{}, support: map[domain.SupportYear]Sums{}}
}

// add adds an event's postings up, and returns what they move.
func (s *summing) add(e wire.Entry, by domain.Actor) (domain.Money, error) {
	if a, ok := e.Event.(*domain.ApplicationApproved); ok {
		s.approvedBy[a.Application] = by.Department
	}
	postings, err := projections.Fold(e)
	if err != nil {
		return domain.NoMoney, err
	}
	for _, p := range postings {
		s.post(p)
	}
	return moved(postings), nil
}

// moved is the amount that an event is about. A request moves nothing, and what of a payment is outside any approval is a part of it,
// counted with it already. A booking that is undone takes back what went out less what the bank had returned.
func moved(postings []projections.Posting) domain.Money {
	var figures projections.Figures
	for _, p := range postings {
		figures.Add(p)
	}
	returned := figures.Of(projections.Returned)
	if !figures.Of(projections.Paid).IsZero() {
		returned = returned.Neg()
	}
	sum := returned
	for _, kind := range []projections.Kind{projections.Approved, projections.Paid, projections.ClawbackOrdered, projections.ClawbackWaived,
		projections.RecoveredError, projections.RecoveredBreach, projections.ReceivedBeyond, projections.WrittenOff, projections.Interest, projections.Exception} {
		sum = sum.Add(figures.Of(kind))
	}
	return sum
}

func (s *summing) post(p projections.Posting) {
	var d Sums
	switch p.Kind {
	case projections.Requested:
		s.requested[p.Application] = s.requested[p.Application].Add(p.Amount)
		return
	case projections.Approved:
		d.Approved.Money = p.Amount
		s.applications[p.Application] = s.applications[p.Application].Add(p.Amount)
	case projections.Paid:
		d.Paid.Money, d.NetPaid.Money = p.Amount, p.Amount
	case projections.Returned, projections.RecoveredError, projections.RecoveredBreach:
		d.NetPaid.Money = p.Amount.Neg()
	default:
		return
	}
	put := func(m map[string]Sums, key string) {
		if key != "" {
			m[key] = m[key].plus(d)
		}
	}
	s.total = s.total.plus(d)
	s.support[p.Line.Year] = s.support[p.Line.Year].plus(d)
	put(s.enterprises, string(p.Line.Enterprise))
	put(s.clauses, string(p.Line.Clause))
	put(s.departments, string(s.approvedBy[p.Application]))
	if p.BudgetYear != 0 {
		put(s.years, fmt.Sprint(p.BudgetYear))
	}
}

func (s Sums) plus(d Sums) Sums {
	return Sums{Approved: domain.Balance{Money: s.Approved.Add(d.Approved.Money)}, Paid: domain.Balance{Money: s.Paid.Add(d.Paid.Money)},
		NetPaid: domain.Balance{Money: s.NetPaid.Add(d.NetPaid.Money)}}
}
