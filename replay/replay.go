package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// Refusals are what was asked and not allowed, in the order it was asked.
type Refusals interface {
	// Refusals hands over every refusal of a case, oldest first; it may hand over others too.
	Refusals(ctx context.Context, of wire.Case, fn func(wire.Refused) error) error
}

// RefusedList is refusals in memory.
type RefusedList []wire.Refused

// Refusals is as [Refusals] promises.
func (l RefusedList) Refusals(_ context.Context, _ wire.Case, fn func(wire.Refused) error) error {
	for _, r := range l {
		if err := fn(r); err != nil {
			return err
		}
	}
	return nil
}

// RefusalLog reads refusals from their stream.
type RefusalLog struct {
	Fund   domain.FundID
	Stream interface {
		// Scan hands over the records of some subjects that are there, oldest first.
		Scan(ctx context.Context, from, to uint64, subjects []string, fn func([]eventstore.Record) error) error
	}
}

// Refusals is as [Refusals] promises.
func (l RefusalLog) Refusals(ctx context.Context, of wire.Case, fn func(wire.Refused) error) error {
	return l.Stream.Scan(ctx, 1, 0, of.Subjects(l.Fund), func(records []eventstore.Record) error {
		for _, r := range records {
			refused, err := wire.DecodeRefused(r.Data)
			if err != nil {
				continue // what cannot be read, a verification says
			}
			if err := fn(refused); err != nil {
				return err
			}
		}
		return nil
	})
}

// Question names the history to replay: one application's, or an enterprise's with all its applications.
type Question struct {
	Application domain.ApplicationID
	Enterprise  domain.EnterpriseID
	Upto        uint64 // the last event to replay; 0: the log's
	// Accounts are those that the application was ever charged on (see [AccountsOf]); nil: they are not known, and more refusals are read.
	Accounts []domain.Account
}

// AccountsOf are the accounts that an application was ever charged on.
func AccountsOf(ctx context.Context, log proof.Log, id domain.ApplicationID, upto uint64) ([]domain.Account, error) {
	accounts := []domain.Account{}
	err := log.Read(ctx, 1, upto, func(records []eventstore.Record) error {
		for _, r := range records {
			e, err := wire.Decode(r)
			if err != nil {
				return err
			}
			if c := domain.Concerns(e.Event); c.Application == id && c.Charged() && !slices.Contains(accounts, c.Account) {
				accounts = append(accounts, c.Account)
			}
		}
		return nil
	})
	return accounts, err
}

// History is a decision history, step by step.
type History struct {
	Application domain.ApplicationID `json:"application,omitzero"`
	Enterprise  domain.EnterpriseID  `json:"enterprise,omitzero"`
	Seq         uint64               `json:"seq"` // the last event that was taken in
	Steps       []Step               `json:"steps"`
	Policy      *domain.Policy       `json:"-"` // that departments are called by
}

// Step is something that happened, or was asked and refused.
type Step struct {
	Seq           uint64               `json:"seq"` // of a refusal: the last event before it
	Recorded      time.Time            `json:"recorded_at"`
	Date          domain.Date          `json:"business_date"`
	Command       string               `json:"command"`
	CommandID     domain.CommandID     `json:"command_id"`
	Event         string               `json:"event,omitzero"` // its name; none: it was refused
	Actor         domain.PersonID      `json:"actor"`
	ActorFor      domain.PersonID      `json:"actor_for,omitzero"`
	Role          domain.Role          `json:"role"`
	Department    domain.DepartmentID  `json:"department,omitzero"`
	ImportedBy    domain.PersonID      `json:"imported_by,omitzero"`
	ClauseVersion int                  `json:"clause_version,omitzero"`
	Application   domain.ApplicationID `json:"application,omitzero"`
	Enterprise    domain.EnterpriseID  `json:"enterprise,omitzero"`
	Reason        string               `json:"reason,omitzero"` // as its giver said
	Rules         []string             `json:"rules"`           // that allowed it, or the one that refused it
	Why           domain.Text          `json:"why"`             // the rules with the figures of the moment
	Before        *Standing            `json:"before"`          // nil: the application was not there yet
	After         *Standing            `json:"after"`
	Changes       []Change             `json:"changes"` // between before and after
	Lines         []Meter              `json:"lines"`   // of the account, in the years that it concerns
	Refusal       *Refused             `json:"refusal,omitempty"`
	Leaf          *uint64              `json:"leaf,omitempty"` // its index in the tree

	Happened domain.Event `json:"-"` // the event itself; nil: it was refused
}

// Standing is where an application and its enterprise stand.
type Standing struct {
	State       domain.ApplicationState           `json:"state,omitzero"`
	Suspended   bool                              `json:"suspended"`
	Requested   []domain.Instalment               `json:"requested,omitempty"`
	Instalments []Instalment                      `json:"instalments,omitempty"`
	Reviews     int                               `json:"reviews"`
	SubmittedOn domain.Date                       `json:"submitted_on,omitzero"`
	ApprovedOn  domain.Date                       `json:"approved_on,omitzero"`
	Department  domain.DepartmentID               `json:"department,omitzero"`
	Duties      map[domain.Duty][]domain.PersonID `json:"duties,omitempty"`
	Name        string                            `json:"enterprise_name,omitzero"`
	Restricted  bool                              `json:"credit_restricted"`
	Admitted    bool                              `json:"admitted"`
}

// Instalment is an instalment of an approval, and what is paid of it.
type Instalment struct {
	SupportYear domain.SupportYear `json:"support_year"`
	Amount      domain.Balance     `json:"amount"`
	Paid        domain.Balance     `json:"paid"`
}

// Change is a field that a step changed. "" is nothing.
type Change struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Line is how an account line stands.
type Line struct {
	Cap           domain.Ceiling `json:"cap"`
	Standing      domain.Ceiling `json:"standing_cap"` // what earlier approvals stand under
	ClauseVersion int            `json:"clause_version"`
	Exceptions    domain.Balance `json:"exceptions"`
	Committed     domain.Balance `json:"committed"`
	Outside       domain.Balance `json:"outside"`
	Recovered     domain.Balance `json:"recovered"`
	Use           domain.Balance `json:"use"`
	Headroom      domain.Ceiling `json:"headroom"`
	OverBy        domain.Balance `json:"over_by"`
}

// Meter is an account line before and after a step.
type Meter struct {
	Clause      domain.ClauseID    `json:"clause"`
	SubjectKind domain.SubjectKind `json:"subject_kind"`
	Subject     string             `json:"subject"`
	SupportYear domain.SupportYear `json:"support_year"` // 0: all years together
	Before      Line               `json:"before"`
	After       Line               `json:"after"`
}

// Refused is why something was not allowed.
type Refused struct {
	Code    string         `json:"code"`
	Rule    string         `json:"rule"`
	Figures domain.Figures `json:"figures,omitempty"`
	Message domain.Text    `json:"message"`
}

// Replay replays a history. refusals may be nil. The log may leave out what does not concern it: needed are the policy and
// its amendments, the events of the enterprise, and all events on the accounts that it is charged on.
func Replay(ctx context.Context, log proof.Log, refusals Refusals, q Question) (History, error) {
	if (q.Application == "") == (q.Enterprise == "") {
		return History{}, errors.New("replaying: name an application or an enterprise, not both")
	}
	r := &replayer{question: q, state: domain.NewState(), history: History{Application: q.Application, Enterprise: q.Enterprise}}
	if refusals != nil {
		of := wire.Case{Application: q.Application, Accounts: q.Accounts, Enterprise: q.Enterprise}
		if err := refusals.Refusals(ctx, of, r.keepRefusal); err != nil {
			return History{}, fmt.Errorf("replaying: reading the refusals: %w", err)
		}
		slices.SortStableFunc(r.refused, func(a, b wire.Refused) int { return cmp.Compare(a.Position, b.Position) })
	}
	err := log.Read(ctx, 1, q.Upto, func(records []eventstore.Record) error {
		for _, record := range records {
			entry, err := wire.Decode(record)
			if err != nil {
				return err
			}
			r.refuseBefore(entry.Seq)
			r.take(entry)
		}
		return nil
	})
	if err != nil {
		return History{}, fmt.Errorf("replaying: %w", err)
	}
	if q.Upto == 0 {
		r.refuseBefore(^uint64(0))
	} else {
		r.refuseBefore(q.Upto + 1)
	}
	r.history.Policy = r.state.Policy()
	return r.history, nil
}

type replayer struct {
	question Question
	state    *domain.State
	refused  []wire.Refused
	history  History
}

func (r *replayer) asked(c domain.Concern) bool {
	if r.question.Application != "" {
		return c.Application == r.question.Application
	}
	return c.Enterprise == r.question.Enterprise
}

// onAccount reports whether a refused command was about the account that the application is charged on, and no application:
// an exception that was refused bears on every application that would have used it.
func (r *replayer) onAccount(c domain.Concern) bool {
	a, known := r.state.Application(r.question.Application)
	return known && c.Application == "" && c.Account == a.Charge.Account()
}

// take lets an event happen, and keeps it as a step where it was asked for.
func (r *replayer) take(e wire.Entry) {
	r.history.Seq = e.Seq
	c := domain.Concerns(e.Event)
	if !r.asked(c) && !r.credit(c) {
		domain.Apply(r.state, e.Event, e.Deed())
		return
	}
	leaf := e.Seq - 1
	v := &e.Envelope
	step := Step{Seq: e.Seq, Recorded: e.Recorded, Date: e.Date, Command: v.Command, CommandID: domain.CommandID(v.CommandID), Event: e.Event.Name(),
		Actor: domain.PersonID(v.Actor), ActorFor: domain.PersonID(v.ActorFor), Role: domain.Role(v.Role),
		Department: domain.DepartmentID(v.Department), ImportedBy: domain.PersonID(v.ImportedBy),
		ClauseVersion: v.ClauseVersion, Application: c.Application, Enterprise: c.Enterprise, Leaf: &leaf, Happened: e.Event}
	step.Reason = domain.SaidWith(e.Command())
	verb, _ := domain.VerbNamed(v.Command)
	step.Rules = verb.Rules
	step.Before = r.standing(c.Application, c.Enterprise)
	meters := r.meters(c, e.Date)
	domain.Apply(r.state, e.Event, e.Deed())
	step.After = r.standing(c.Application, c.Enterprise)
	for i := range meters {
		meters[i].After = r.line(c.Account, meters[i].SupportYear, e.Date)
	}
	step.Lines = meters
	step.Changes = changes(step.Before, step.After)
	step.Why = why(step)
	r.history.Steps = append(r.history.Steps, step)
}

// credit reports whether an event is about the enterprise of the application that is replayed, for what happens to it (a
// restriction, another name) bears on the application.
func (r *replayer) credit(c domain.Concern) bool {
	if r.question.Application == "" || c.Application != "" || c.Charged() || c.Enterprise == "" {
		return false
	}
	a, ok := r.state.Application(r.question.Application)
	return ok && a.Charge.Enterprise == c.Enterprise
}

func (r *replayer) standing(application domain.ApplicationID, enterprise domain.EnterpriseID) *Standing {
	if application == "" && r.question.Application != "" {
		application = r.question.Application
	}
	return StandingOf(r.state, application, enterprise)
}

// StandingOf is where an application and its enterprise stand in a state; nil where it knows neither.
func StandingOf(state *domain.State, application domain.ApplicationID, enterprise domain.EnterpriseID) *Standing {
	a, known := state.Application(application)
	e, registered := state.Enterprise(enterprise)
	if !known && (application != "" || !registered) {
		return nil
	}
	s := &Standing{State: a.State, Suspended: a.Suspended, Requested: a.Requested, Reviews: a.Reviews, SubmittedOn: a.SubmittedOn, ApprovedOn: a.ApprovedOn,
		Department: a.Department, Duties: a.Duties, Name: e.Name, Restricted: e.Restricted, Admitted: e.Admitted}
	for _, i := range a.Instalments {
		s.Instalments = append(s.Instalments, Instalment{i.SupportYear, domain.Balance{Money: i.Amount}, domain.Balance{Money: i.Paid}})
	}
	return s
}

// meters are the account's lines before an event, in the years that it moves something in, or else in those applied for.
func (r *replayer) meters(c domain.Concern, day domain.Date) (list []Meter) {
	account, years := c.Account, c.Years
	if !c.Charged() {
		return nil
	}
	if len(years) == 0 {
		a, _ := r.state.Application(c.Application)
		for _, i := range a.Requested {
			years = append(years, i.SupportYear)
		}
	}
	for _, year := range years {
		view, ok := r.state.Account(account, year, day)
		if !ok || slices.ContainsFunc(list, func(m Meter) bool { return m.SupportYear == view.SupportYear }) {
			continue
		}
		list = append(list, Meter{Clause: account.Clause, SubjectKind: account.Subject.Kind, Subject: account.Subject.ID, SupportYear: view.SupportYear, Before: lineView(view)})
	}
	return list
}

func (r *replayer) line(a domain.Account, year domain.SupportYear, day domain.Date) Line {
	view, _ := r.state.Account(a, year, day)
	return lineView(view)
}

func lineView(v domain.LineView) Line {
	b := func(m domain.Money) domain.Balance { return domain.Balance{Money: m} }
	return Line{Cap: v.Cap, Standing: v.Standing, ClauseVersion: v.ClauseVersion, Exceptions: b(v.Exceptions), Committed: b(v.Committed), Outside: b(v.Outside),
		Recovered: b(v.Freed), Use: b(v.Use), Headroom: v.Headroom(), OverBy: b(v.OverBy())}
}

func (r *replayer) keepRefusal(refused wire.Refused) error {
	r.refused = append(r.refused, refused)
	return nil
}

// refuseBefore keeps the refusals that were decided before an event lay on the log.
func (r *replayer) refuseBefore(seq uint64) {
	for len(r.refused) > 0 && r.refused[0].Position < seq {
		next := r.refused[0]
		r.refused = r.refused[1:]
		if next.Digest != nil {
			r.refuseShort(next)
			continue
		}
		command, unreadable := wire.DecodeCommand(next.Command)
		if unreadable != nil {
			continue // it was no command of this ledger, and concerns no application
		}
		r.refuse(next, command.Name(), command.Given(), domain.SaidWith(command), domain.About(command, r.state))
	}
}

// refuseShort tells a refusal of which only the command's digest is kept, by what was kept beside it.
func (r *replayer) refuseShort(next wire.Refused) {
	var said struct {
		Name  string           `json:"command"`
		ID    domain.CommandID `json:"id"`
		Date  domain.Date      `json:"date"`
		Actor domain.Actor     `json:"actor"`
	}
	if json.Unmarshal(next.Command, &said) != nil {
		return
	}
	r.refuse(next, said.Name, domain.Head{ID: said.ID, Date: said.Date, Actor: said.Actor}, "",
		domain.Concern{Application: next.Application, Enterprise: next.Enterprise, Account: next.Account})
}

func (r *replayer) refuse(next wire.Refused, command string, h domain.Head, reason string, c domain.Concern) {
	if !r.asked(c) && !r.onAccount(c) {
		return
	}
	told := next.Refusal.Retold(next.Message, r.state.Policy())
	step := Step{Seq: next.Position, Recorded: next.At, Date: h.Date, Command: command, CommandID: h.ID, Actor: h.Actor.ID, ActorFor: h.Actor.For, Role: h.Actor.Role,
		Department: h.Actor.Department, ImportedBy: next.ImportedBy, Application: c.Application, Enterprise: c.Enterprise, Reason: reason,
		Rules: []string{next.Refusal.Rule}, Why: told, Refusal: &Refused{next.Refusal.Code, next.Refusal.Rule, next.Refusal.Figures, told}}
	step.Before = r.standing(c.Application, c.Enterprise)
	step.After = step.Before
	step.Lines = r.meters(c, h.Date)
	for i := range step.Lines {
		step.Lines[i].After = step.Lines[i].Before
	}
	r.history.Steps = append(r.history.Steps, step)
}
