package projections

import (
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// OverviewQuery asks how the whole fund stands.
type OverviewQuery struct {
	BudgetYear  int                // the calendar year of what is paid; 0: that of the day asked about
	SupportYear domain.SupportYear // of what is used; 0: all
	OverdueDays int                // after which a clawback is overdue; 0: [OverdueDays]
	AsOf        AsOf
	On          domain.Date
}

// OverdueDays is after how many days an outstanding clawback is overdue, where nothing else is asked for: as the audit counts.
const OverdueDays = 90

// AttentionRows is how many of each thing that needs attention an overview names. It counts all.
const AttentionRows = 20

// Overview is how the whole fund stands at a position, on a day.
type Overview struct {
	Seq         uint64
	Day         domain.Date // whose caps and ages these are
	BudgetYear  int
	SupportYear domain.SupportYear // 0: all

	Paid, Returned  domain.Money            // in the budget year; what was paid of it is the difference
	ByClause        domain.Ceiling          // all appropriations of clauses together; unstated where none is set
	ByDepartment    domain.Ceiling          // all appropriations of departments together: the same money, seen otherwise
	Budgets         []AppropriationRow      // of the budget year, clauses before departments
	Months          [12]MonthRow            // of the budget year, January first
	MonthsBefore    [12]MonthRow            // of the budget year before
	Sum             OverviewSum             // of the support year
	Before          OverviewSum             // of the support year before; of all years there is none
	Clauses         []ClauseUse             // every clause that has accounts, in the policy's order
	Near            Attention[AccountUse]   // near or full: from 90 % of cap and exceptions
	Over            Attention[AccountUse]   // beyond what stands, exceptions included
	OverByException Attention[AccountUse]   // beyond the cap, within its exceptions
	OverByAmendment Attention[AccountUse]   // those over that would not be under an earlier version of the clause
	Overdue         Attention[ClawbackRow]  // the oldest first; Sum is outstanding
	Exceptions      Attention[ExceptionRow] // in force, the largest first; Sum is in force
}

// Attention is how many there are, and the first of them: at most [AttentionRows].
type Attention[T any] struct {
	Count int64
	Sum   domain.Money // over all of them: over_by of accounts; see [Overview] for the others
	Rows  []T
}

// MonthRow is what was paid in a month, and how much of that the bank returned, then or later.
type MonthRow struct {
	Month    int // 1 is January
	Payouts  int64
	Paid     domain.Money
	Returned domain.Money
}

// OverviewSum is what all lines add up to.
type OverviewSum struct {
	Applications    int64
	Requested       domain.Money
	Approved        domain.Money
	Outside         domain.Money
	Paid            domain.Money
	Returned        domain.Money
	ClawbackOrdered domain.Money
	ClawbackWaived  domain.Money
	RecoveredError  domain.Money
	RecoveredBreach domain.Money
	Interest        domain.Money
}

// NetPaid is paid − returned − recovered, both causes.
func (s OverviewSum) NetPaid() domain.Money {
	return s.Paid.Sub(s.Returned).Sub(s.RecoveredError).Sub(s.RecoveredBreach)
}

// Use is approved + outside − recovered (error).
func (s OverviewSum) Use() domain.Money { return s.Approved.Add(s.Outside).Sub(s.RecoveredError) }

// ClauseUse is how much of the caps of a clause's accounts is used. Of a cap in total, cap, exceptions and use are those of all years of each account
// that the support year touches; year use, paid and net paid are the support year's.
type ClauseUse struct {
	Clause     domain.ClauseID
	Name       domain.Text
	Period     domain.Period
	Accounts   int64
	Cap        domain.Ceiling // of all these accounts together; unstated where the clause states none
	Exceptions domain.Money
	Use        domain.Money
	YearUse    domain.Money
	Paid       domain.Money
	NetPaid    domain.Money

	Near, Full, OverByException, Over int64 // accounts; each is in one of them at most
}

// AccountUse is how an account stands against its cap.
type AccountUse struct {
	Clause      domain.ClauseID
	SubjectKind domain.SubjectKind
	Subject     string
	SubjectName string             // of an enterprise
	SupportYear domain.SupportYear // 0: all years together
	Cap         domain.Ceiling
	Standing    domain.Ceiling // the cap that earlier approvals stand under
	Exceptions  domain.Money
	Use         domain.Money
	Headroom    domain.Ceiling
	OverBy      domain.Money
	Utilisation decimal.NullDecimal
	Status      Status
}
