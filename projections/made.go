package projections

import (
	"github.com/fundledger/fundledger/domain"
)

// Made asks what a figure is made of, a page at a time: the postings of some kinds on some lines, of one application after the other, and then
// those that belong to no application.
type Made struct {
	Lines  Lines
	Kinds  []Kind
	Upto   uint64 // events up to here; 0: all
	Cursor string // Next of the page before
	NoSums bool   // a later page of somebody who has them from the first
	Limit  int    // postings of a page; the last application is whole beyond, unless it alone is more
}

// MadePage is a page of what a figure is made of.
type MadePage struct {
	Seq    uint64 // the events that it is of
	Sums   []MadeSum
	Rows   []MadeRow
	People map[domain.ApplicationID][]MadeBy // who decided what on the applications of the page, in order
	Next   string                            // ""; it is the last
}

// MadeSum is a kind's postings on all pages together.
type MadeSum struct {
	Kind     Kind
	Amount   domain.Balance
	Kept     domain.Balance // as the totals say, where the page is of the present; else Amount
	Postings int64
}

// MadeRow is a posting and the event that it is of.
type MadeRow struct {
	Kind          Kind
	Seq           uint64
	N             int
	Amount        domain.Balance
	Date          domain.Date
	Application   domain.ApplicationID
	Ref           string
	Event         string
	ClauseVersion int
	By            MadeBy // of the event
}

// MadeBy is who decided what.
type MadeBy struct {
	Person     domain.PersonID
	For        domain.PersonID // in whose place, as their deputy
	Role       domain.Role
	Department domain.DepartmentID
	Command    string
	Seq        uint64
	Date       domain.Date
}
