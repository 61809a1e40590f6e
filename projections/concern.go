package projections

import (
	"errors"

	"github.com/fundledger/fundledger/domain"
)

// ErrTooMany says that more events bear on something than were to be listed.
var ErrTooMany = errors.New("more events bear on it than are to be listed")

// Concern asks which events bear on something: an application, an enterprise, the lines that a figure is summed from, or a
// decision with its appropriations. What is asked for together is added together.
type Concern struct {
	Application domain.ApplicationID // with its enterprise, and everything on the account it is charged on
	Enterprise  domain.EnterpriseID  // the same of all its applications
	Lines       *Lines               // the postings of these lines, and the events of their applications
	Budget      int                  // what was appropriated, and paid, in this budget year; 0: nothing
	Upto        uint64               // events up to here; 0: all
	Limit       int                  // more than so many are [ErrTooMany]
	MostLines   int                  // what happened on more lines of a clause or a year is [ErrTooMany], without being counted; 0: any number
}

// Lines are those that a figure is summed from. Empty fields do not narrow them.
type Lines struct {
	Enterprise  domain.EnterpriseID
	Clause      domain.ClauseID // whose account is charged
	SubjectKind domain.SubjectKind
	Subject     string
	Year        domain.SupportYear
}
