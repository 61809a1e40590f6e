package domain

import "slices"

// Role is what a person may do in the ledger (R9).
type Role string

// The roles.
const (
	Clerk     Role = "clerk"     // submits, accepts, returns, withdraws; registers and renames enterprises
	Reviewer  Role = "reviewer"  // reviews for a responsible department
	Approver  Role = "approver"  // decides for a responsible department
	Treasurer Role = "treasurer" // pays, books, claws back for the finance bureau
	Authority Role = "authority" // grants exceptions, admits, waives for the district government
	Auditor   Role = "auditor"   // reads; records dispositions of findings
	Analyst   Role = "analyst"   // reads
	Admin     Role = "admin"     // publishes and amends the policy, imports, keeps users
)

// Roles lists every role.
var Roles = []Role{Clerk, Reviewer, Approver, Treasurer, Authority, Auditor, Analyst, Admin}

// Actor is the person who gives a command, in which role and for which department.
type Actor struct {
	ID         PersonID     `json:"id"`
	Role       Role         `json:"role"`
	Department DepartmentID `json:"department,omitzero"`
	// For is in whose place the person acts, as their deputy (R9): within that one's role and department. Both answer for what is done.
	For PersonID `json:"for,omitzero"`
}

// Persons are who answers for what the actor does: the person, and whom they stand in for.
func (a Actor) Persons() []PersonID {
	if a.For == "" {
		return []PersonID{a.ID}
	}
	return []PersonID{a.ID, a.For}
}

// Among reports which of a deputy and whom they stand in for is one of some persons; empty: neither.
func (a Actor) Among(others []PersonID) PersonID {
	for _, p := range a.Persons() {
		if slices.ContainsFunc(others, func(other PersonID) bool { return same(p, other) }) {
			return p
		}
	}
	return ""
}

// Head is what every command carries.
type Head struct {
	ID    CommandID `json:"id"`            // the same id with the same content is the same command (R11)
	Date  Date      `json:"date,omitzero"` // the business date of the decision (R14)
	Actor Actor     `json:"actor"`
}

// Given is the head itself, promoted to every command.
func (h Head) Given() Head { return h }

func (h *Head) head() *Head { return h }

func (h *Head) forms() []Command { return nil }

// HeadOf is the command's own head: whoever takes a command in fills in its id, its date and who gives it.
func HeadOf(c Command) *Head { return c.head() }

// Command is something a person asks of the ledger. The set is closed: a command that has no rule, or does not
// say what it is about, does not compile. [Verbs] has the rest that is known of it.
type Command interface {
	// Name is the command's name on the wire, such as "make_payout".
	Name() string
	// Given is the command's head.
	Given() Head

	// decide judges the command against the state: what happens, or why nothing may.
	decide(s *State, today Date) ([]Event, *Refusal)
	// about says what the command is about, as far as the state knows.
	about(s *State) Concern
	// forms are the other commands that say the same; [Head] has none.
	forms() []Command
	// dated says in which budget year the command's effect lies, if in any; dated.go has it of every command.
	dated() dating
	// head is the command's own head, to be changed.
	head() *Head
}

// Decision is what a command led to.
type Decision struct {
	Events []Event
	// ClauseVersion is the version of the clause that governed the decision; 0 where no clause did.
	ClauseVersion int
	// As is the command as it was understood, its identifiers spelled as the fund knows them; Written is what it had in
	// their place, by field, where that differs (R16).
	As      Command
	Written map[string]string
}

// Take applies what was decided to the state that it was decided on; importedBy is who brought the command in a file, if anybody did.
func (d Decision) Take(s *State, importedBy PersonID) {
	h := d.As.Given()
	for _, e := range d.Events {
		Apply(s, e, Deed{Actor: h.Actor, Date: h.Date, ImportedBy: importedBy})
	}
}

// Decide judges a command against a state, on a day: the events that follow, or the refusal. It changes nothing.
// Who calls it passes in the day of the decision (Asia/Shanghai), for the rules know no clock.
func Decide(s *State, c Command, today Date) (Decision, *Refusal) {
	as, written := s.Understand(c)
	if r := s.admissible(as, today); r != nil {
		return Decision{}, r.Under(s.policy)
	}
	for field, text := range written {
		if r := checkIDs(field, text); r != nil {
			return Decision{}, r.Under(s.policy)
		}
	}
	if r := s.checkDated(as); r != nil {
		return Decision{}, r.Under(s.policy)
	}
	events, r := as.decide(s, today)
	if r != nil {
		return Decision{}, r.Under(s.policy)
	}
	s.findClosed(events, as.Given().Date)
	if r := s.checkSums(events); r != nil {
		return Decision{}, r
	}
	d := Decision{Events: events, As: as, Written: written}
	for _, e := range events {
		if g, ok := e.(interface{ governedBy() int }); ok {
			d.ClauseVersion = g.governedBy()
		}
	}
	return d, nil
}

// admissible judges what is the same for every command: identifiers, the date, and who may.
func (s *State) admissible(c Command, today Date) *Refusal {
	h := c.Given()
	if r := checkIDs("id", h.ID, "actor", CommandID(h.Actor.ID)); r != nil {
		return r
	}
	if r := checkOptionalID("department", string(h.Actor.Department)); r != nil {
		return r
	}
	if r := checkOptionalID("for", string(h.Actor.For)); r != nil {
		return r
	}
	if h.Actor.For != "" && same(h.Actor.For, h.Actor.ID) {
		return refuse(CodeFieldInvalid, "field", "for", "value", h.Actor.For, "reason", ReasonOwnDeputy)
	}
	if h.Date.IsZero() {
		return refuse(CodeFieldMissing, "field", "date")
	}
	if r := checkNotFuture("date", h.Date, today); r != nil {
		return r
	}
	if c.Name() != "publish_policy" {
		if s.policy == nil {
			return refuse(CodePolicyMissing)
		}
		_, fact := c.(fact)
		if _, early := c.(early); !fact && !early && h.Date.Before(s.begins()) {
			return refuse(CodeDateBeforePolicy, "field", "date", "date", h.Date, "earliest", s.begins())
		}
	}
	return s.mayGive(c.Name(), h.Actor)
}

// early marks the commands that prepare a policy's term, and may be dated before it begins.
type early interface{ isEarly() }

func (*AmendClause) isEarly()        {}
func (*RegisterEnterprise) isEarly() {}
func (*RenameEnterprise) isEarly()   {}
func (*CorrectEnterprise) isEarly()  {}
func (*RestrictCredit) isEarly()     {}
func (*RestoreCredit) isEarly()      {}
func (*AdmitBeneficiary) isEarly()   {}
func (*RevokeAdmission) isEarly()    {}
func (*RecordPayeeAccount) isEarly() {}
func (*SetAppropriation) isEarly()   {}
func (*LinkEnterprises) isEarly()    {}
func (*EndLink) isEarly()            {}
func (*MergeEnterprises) isEarly()   {}
func (*VoidMerger) isEarly()         {}
func (*RegisterProject) isEarly()    {}
func (*SameProject) isEarly()        {}

// fact marks the commands that record what has happened already, and are not refused by a rule.
type fact interface{ isFact() }

func (s *State) mayGive(command string, a Actor) *Refusal {
	v := verbsByName[command]
	if !slices.Contains(v.Roles, a.Role) {
		return refuse(CodeRoleNotAllowed, "command", command, "role", a.Role, "allowed", join(v.Roles))
	}
	if s.policy == nil {
		return nil
	}
	var want DepartmentID
	switch v.Office {
	case TreasuryOffice:
		want = s.policy.Treasury
	case AuthorityOffice:
		want = s.policy.Authority
	default:
		if a.Department != "" && !s.policy.HasDepartment(a.Department) {
			return refuse(CodeDepartmentNotAllowed, "command", command, "department", a.Department, "allowed", s.departmentList())
		}
		if a.Role != Treasurer {
			return nil
		}
		want = s.policy.Treasury // whose a treasurer is
	}
	if a.Department != want {
		return refuse(CodeDepartmentNotAllowed, "command", command, "department", a.Department, "allowed", want)
	}
	return nil
}
