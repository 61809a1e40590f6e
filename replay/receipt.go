package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// ErrNoReceipt says that an event is no approval and no payout.
var ErrNoReceipt = errors.New("only approvals and payouts have decision receipts")

// Receipt says all that a decision on money rested on.
type Receipt struct {
	Seq            uint64               `json:"seq"`
	Recorded       time.Time            `json:"recorded_at"`
	Date           domain.Date          `json:"business_date"`
	Event          string               `json:"event"`
	Fund           domain.FundID        `json:"fund"`
	Policy         domain.Text          `json:"policy"`
	Application    domain.ApplicationID `json:"application,omitzero"`
	Enterprise     domain.EnterpriseID  `json:"enterprise"`
	EnterpriseName string               `json:"enterprise_name"`
	Clause         domain.ClauseID      `json:"clause"`       // whose account is charged
	Via            domain.ClauseID      `json:"via,omitzero"` // the by-reference clause that was applied for
	ClauseName     domain.Text          `json:"clause_name"`
	Source         string               `json:"source"` // where in the policy's text the clause stands
	Version        domain.ClauseVersion `json:"clause_version"`
	Subject        domain.Subject       `json:"subject"`
	Amount         domain.Money         `json:"amount"`
	Limits         []Limit              `json:"limits"`
	Bound          string               `json:"bound"`              // the limit with the least left; none: no limit is stated
	Lines          []Meter              `json:"lines"`              // of the account
	People         []Person             `json:"people"`             // who did what on the application, this decision included
	Findings       []domain.Finding     `json:"findings,omitempty"` // of a booked payout
	Inputs         jsontext.Value       `json:"inputs"`             // the command, made again
	Proof          *proof.Inclusion     `json:"proof,omitempty"`
	Checkpoint     *proof.Signed        `json:"checkpoint,omitempty"`
}

// Limit is a limit that a decision had to stay within. Left below zero is possible for booked facts only.
type Limit struct {
	Name        string             `json:"name"` // "cap", "requested", "instalment", "appropriation"
	Title       domain.Text        `json:"title"`
	SupportYear domain.SupportYear `json:"support_year,omitzero"`
	Scope       string             `json:"scope,omitzero"` // of an appropriation: clause or department
	Limit       domain.Balance     `json:"limit"`          // exceptions included
	Before      domain.Balance     `json:"before"`         // used before the decision
	Asked       domain.Balance     `json:"asked"`
	Left        domain.Balance     `json:"left"`
}

// Receipted is what a decision that has a receipt rests on.
type Receipted struct {
	Application domain.ApplicationID // none: the money was booked outside any
	Charge      domain.Charge
	BudgetYear  int // 0: no money went out by it
}

// ReceiptOf tells whether the decision in an event has a receipt, and what that rests on.
func ReceiptOf(e domain.Event) (Receipted, bool) {
	if g, grants := domain.GrantedBy(e); grants {
		return Receipted{Application: g.Application, Charge: g.Charge}, true
	}
	switch e := e.(type) {
	case *domain.PayoutMade:
		return Receipted{e.Application, e.Charge, e.PaidOn.Year()}, true
	case *domain.PayoutBooked:
		return Receipted{e.Application, e.Charge, e.PaidOn.Year()}, true
	}
	return Receipted{}, false
}

// Person is who did what, in which event.
type Person struct {
	Person     domain.PersonID     `json:"person"`
	For        domain.PersonID     `json:"for,omitzero"` // in whose place, as their deputy
	Role       domain.Role         `json:"role"`
	Department domain.DepartmentID `json:"department,omitzero"`
	Did        string              `json:"did"` // the command
	Seq        uint64              `json:"seq"`
	Date       domain.Date         `json:"date"`
}

// MakeReceipt makes the receipt of the decision in an event. The log is as for [Replay], with the appropriations. With hashes and a
// checkpoint the receipt carries its proof; both may be nil.
func MakeReceipt(ctx context.Context, log proof.Log, seq uint64, h proof.Hashes, checkpoint *proof.Signed) (Receipt, error) {
	m := &receipts{seq: seq, state: domain.NewState(), people: map[domain.ApplicationID][]Person{}}
	err := log.Read(ctx, 1, seq, func(records []eventstore.Record) error {
		for _, r := range records {
			entry, err := wire.Decode(r)
			if err != nil {
				return err
			}
			if err := m.take(entry); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && m.made == nil {
		err = ErrNoReceipt
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("making the receipt of event %d: %w", seq, err)
	}
	r := *m.made
	if h != nil && checkpoint != nil && seq <= checkpoint.Size {
		proof, err := proof.ProveInclusion(ctx, h, seq, checkpoint.Size)
		if err != nil {
			return Receipt{}, err
		}
		r.Proof, r.Checkpoint = &proof, checkpoint
	}
	return r, nil
}

type receipts struct {
	seq    uint64
	state  *domain.State
	people map[domain.ApplicationID][]Person
	made   *Receipt
}

func (m *receipts) take(e wire.Entry) error {
	c := domain.Concerns(e.Event)
	if c.Application != "" {
		m.people[c.Application] = append(m.people[c.Application], whoDid(e))
	}
	var receipt *Receipt
	if e.Seq == m.seq {
		var err error
		if receipt, err = m.receipt(e, c); err != nil {
			return err
		}
	}
	domain.Apply(m.state, e.Event, e.Deed())
	if receipt == nil {
		return nil
	}
	r := replayer{state: m.state}
	for i := range receipt.Lines {
		receipt.Lines[i].After = r.line(c.Account, receipt.Lines[i].SupportYear, e.Date)
	}
	m.made = receipt
	return nil
}

// receipt draws up the receipt on the state before the event.
func (m *receipts) receipt(e wire.Entry, c domain.Concern) (*Receipt, error) {
	of, has := ReceiptOf(e.Event)
	if !has {
		return nil, ErrNoReceipt
	}
	inputs, err := wire.EncodeCommand(e.Command())
	if err != nil {
		return nil, err
	}
	r := &Receipt{Seq: e.Seq, Recorded: e.Recorded, Date: e.Date, Event: e.Event.Name(), Application: c.Application, Enterprise: c.Enterprise,
		Clause: c.Account.Clause, Via: c.Via, Subject: c.Account.Subject, People: m.people[c.Application], Inputs: inputs}
	switch v := e.Event.(type) {
	case *domain.ApplicationApproved:
		m.approval(r, &v.Granted)
	case *domain.ApprovalSupplemented:
		m.approval(r, &v.Granted)
	case *domain.PayoutMade:
		r.Amount = v.Amount
		r.Limits = append(m.instalment(v.Application, v.SupportYear, v.Amount), m.appropriations(of.BudgetYear, of.Charge, v.Amount, v.Department)...)
	case *domain.PayoutBooked:
		r.Amount, r.Findings = v.Amount, v.Findings
		r.Limits = append(m.instalment(v.Application, v.SupportYear, v.Amount), m.appropriations(of.BudgetYear, of.Charge, v.Amount, append(slices.Clone(v.Departments), v.Department)...)...)
		r.People = append(slices.Clone(r.People), m.only(e, c)...)
	}
	m.law(r, e)
	replay := replayer{state: m.state}
	r.Lines = replay.meters(c, e.Date)
	for i, l := range r.Limits {
		if i == 0 || l.Left.Less(least(r.Limits[:i])) {
			r.Bound = l.Name
		}
	}
	return r, nil
}

// Named is who acted, and in whose place.
func Named(person, in domain.PersonID) domain.Text {
	if in == "" {
		return domain.Text{ZH: string(person), EN: string(person)}
	}
	return domain.Text{ZH: string(person) + " 代 " + string(in), EN: string(person) + " for " + string(in)}
}

// Named is the person, and in whose place they acted.
func (p Person) Named() domain.Text { return Named(p.Person, p.For) }

func whoDid(e wire.Entry) Person {
	by := e.Deed().Actor
	return Person{by.ID, by.For, by.Role, by.Department, e.Envelope.Command, e.Seq, e.Date}
}

// only is who booked a payout outside any application.
func (m *receipts) only(e wire.Entry, c domain.Concern) []Person {
	if c.Application != "" {
		return nil
	}
	return []Person{whoDid(e)}
}

func least(limits []Limit) domain.Money {
	low := limits[0].Left.Money
	for _, l := range limits[1:] {
		low = domain.Lesser(low, l.Left.Money)
	}
	return low
}

// law fills in what the policy says.
func (m *receipts) law(r *Receipt, e wire.Entry) {
	policy := m.state.Policy()
	enterprise, _ := m.state.Enterprise(r.Enterprise)
	r.EnterpriseName, r.Fund, r.Policy = enterprise.Name, policy.Fund, policy.Title
	applied := r.Clause
	if r.Via != "" {
		applied = r.Via
	}
	if clause, ok := policy.Clause(applied); ok {
		r.ClauseName, r.Source = clause.Name, clause.Source
	}
	for _, v := range m.state.Versions(r.Clause) {
		if v.Version == e.Envelope.ClauseVersion {
			r.Version = v
		}
	}
}

func (m *receipts) approval(r *Receipt, v *domain.Granted) {
	for _, i := range v.Instalments {
		r.Amount = r.Amount.Add(i.Amount)
	}
	for _, b := range v.Basis {
		if !b.Cap.Stated {
			continue
		}
		r.Limits = append(r.Limits, limit("cap", domain.Text{ZH: "条款上限（含例外）", EN: "the clause's cap and exceptions"}, b.SupportYear, "",
			b.Cap.Amount.Add(b.Exceptions.Money), b.Use.Money, b.Asked.Money))
	}
	a, _ := m.state.Application(v.Application)
	var requested domain.Money
	for _, i := range a.Requested {
		requested = requested.Add(i.Amount)
	}
	r.Limits = append(r.Limits, limit("requested", domain.Text{ZH: "申请金额", EN: "what was applied for"}, 0, "", requested, domain.NoMoney, r.Amount))
}

func (m *receipts) instalment(id domain.ApplicationID, y domain.SupportYear, amount domain.Money) []Limit {
	a, _ := m.state.Application(id)
	for _, i := range a.Instalments {
		if i.SupportYear == y {
			return []Limit{limit("instalment", domain.Text{ZH: "核定的年度金额", EN: "the instalment that was approved"}, y, "", i.Amount, i.Paid, amount)}
		}
	}
	return nil
}

func (m *receipts) appropriations(year int, c domain.Charge, amount domain.Money, departments ...domain.DepartmentID) (list []Limit) {
	for _, b := range m.state.Appropriations(year, c, departments...) {
		list = append(list, limit("appropriation", domain.Text{ZH: fmt.Sprintf("%d 年度预算", year), EN: fmt.Sprintf("the appropriation of %d", year)}, 0, b.Scope,
			b.Set, b.Paid, amount))
	}
	return list
}

func limit(name string, title domain.Text, y domain.SupportYear, scope string, most, before, asked domain.Money) Limit {
	b := func(m domain.Money) domain.Balance { return domain.Balance{Money: m} }
	return Limit{Name: name, Title: title, SupportYear: y, Scope: scope, Limit: b(most), Before: b(before), Asked: b(asked), Left: b(most.Sub(before).Sub(asked))}
}
