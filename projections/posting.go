package projections

import (
	"cmp"
	"fmt"

	"github.com/fundledger/fundledger/domain"
)

// Kind says what a posting counts.
type Kind uint8

// The kinds of postings, in the order of the figures they add up to.
const (
	Requested Kind = iota
	Approved
	Outside
	Paid
	Returned
	ClawbackOrdered
	ClawbackWaived
	RecoveredError
	RecoveredBreach
	Interest
	Exception
	ReceivedBeyond     // what came in beyond what went out: it frees nothing
	WrittenOff         // of clawbacks: it did not come back, and frees nothing
	kinds          int = iota
)

var kindNames = [kinds]string{"requested", "approved", "outside", "paid", "returned", "clawback_ordered", "clawback_waived",
	"recovered_error", "recovered_breach", "interest", "exception", "received_beyond", "written_off"}

// Kinds lists every kind.
func Kinds() []Kind {
	all := make([]Kind, kinds)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

// String is the kind's name, such as "clawback_ordered".
func (k Kind) String() string { return kindNames[k] }

// Line is one enterprise's part of an account in a support year. An exception for a project or an award belongs to no
// enterprise; one for the total belongs to year 0.
type Line struct {
	Enterprise domain.EnterpriseID
	Clause     domain.ClauseID // the clause whose account is charged
	Subject    domain.Subject
	Year       domain.SupportYear
}

// Account is the account that the line is a part of.
func (l Line) Account() domain.Account { return domain.Account{Clause: l.Clause, Subject: l.Subject} }

// String names the line in a message.
func (l Line) String() string {
	return fmt.Sprintf("line %s/%s/%s:%s/%s", l.Enterprise, l.Clause, l.Subject.Kind, l.Subject.ID, l.Year)
}

// Compare sorts lines by enterprise, clause, subject and year.
func (l Line) Compare(m Line) int {
	return cmp.Or(cmp.Compare(l.Enterprise, m.Enterprise), cmp.Compare(l.Clause, m.Clause), cmp.Compare(l.Subject.Kind, m.Subject.Kind),
		cmp.Compare(l.Subject.ID, m.Subject.ID), cmp.Compare(l.Year, m.Year))
}

// Posting is a signed amount on a line.
type Posting struct {
	Seq         uint64 // of the event
	N           int    // its place among the event's postings, from 0
	Line        Line
	Via         domain.ClauseID // the by-reference clause it was applied for under, if any
	Kind        Kind
	Count       int // applications: 1, −1 or 0; only with Requested
	Amount      domain.Money
	Application domain.ApplicationID // if any
	Ref         string               // the payout, clawback, recovery or exception, if any
	Date        domain.Date          // the business date
	BudgetYear  int                  // of what left or re-entered the treasury; else 0
}

// Figures are sums of postings.
type Figures struct {
	Applications int64
	Amounts      [kinds]domain.Money
}

// Add takes a posting in.
func (f *Figures) Add(p Posting) {
	f.Applications += int64(p.Count)
	f.Amounts[p.Kind] = f.Amounts[p.Kind].Add(p.Amount)
}

// Of is the sum of one kind.
func (f *Figures) Of(k Kind) domain.Money { return f.Amounts[k] }

// UseKinds are the kinds of posting that [Figures.Use] is made of.
func UseKinds() []Kind { return []Kind{Approved, Outside, RecoveredError} }

// Use is R5's cap use: approved + outside − recovered (error).
func (f *Figures) Use() domain.Money {
	return f.Of(Approved).Add(f.Of(Outside)).Sub(f.Of(RecoveredError))
}

// Moves is what a posting does to the use of an account, and to its room: cap and exceptions.
func (p Posting) Moves() (use, room domain.Money) {
	var f Figures
	f.Add(p)
	return f.Use(), f.Of(Exception)
}

// NetPaid is paid − returned − recovered, both causes.
func (f *Figures) NetPaid() domain.Money {
	return f.Of(Paid).Sub(f.Of(Returned)).Sub(f.Of(RecoveredError)).Sub(f.Of(RecoveredBreach))
}
