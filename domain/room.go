package domain

import "slices"

// RoomKind says what an amount is held against.
type RoomKind string

// The kinds of room.
const (
	RoomOfCap           RoomKind = "cap"           // what an account may still be granted
	RoomOfInstalment    RoomKind = "instalment"    // what an approval has left to pay in a year
	RoomOfAppropriation RoomKind = "appropriation" // what a budget has left to pay
	RoomOfBudget        RoomKind = "budget"        // what a budget has free to approve
	RoomOfGroup         RoomKind = "group"         // what the members of a group may still be granted together
)

// Room is what an amount is held against, and how much of it there is: the figures that a refusal for too much would have. Whoever fills in a
// form sees them before they ask, and the rules judge by them.
type Room struct {
	Kind       RoomKind
	Scope      string      // the clause, of a budget what [BudgetKey.String] tells
	Subject    Subject     // of an account
	Year       SupportYear // 0: all years together
	BudgetYear int         // of an appropriation
	Cap        Ceiling     // unstated: no amount is too much
	Exceptions Money
	Use        Money
	Carried    Money         // of the use, what the subject used under the clause that this one continues
	Joined     Money         // of the use, what those use that the subject counts as one with
	Committed  Money         // of a budget: not paid, and planned for the year
	Held       BudgetControl // of a budget: what becomes of more than is free
	Asked      Money
	Version    int            // of the clause, that the cap is of
	Members    []EnterpriseID // of a group
	Group      GroupCap       // of a group: what becomes of more than it may have
}

// Left is what there is before anything is asked; unstated where no amount is too much.
func (r Room) Left() Ceiling {
	if !r.Cap.Stated {
		return Unstated
	}
	return Stated(r.Cap.Amount.Add(r.Exceptions).Sub(r.Use).Sub(r.Committed).OrNone())
}

// ShortBy is by how much what is asked is too much; 0.00 where it is not.
func (r Room) ShortBy() Money {
	if !r.Cap.Stated || (r.Kind == RoomOfBudget || r.Kind == RoomOfGroup) && r.Asked.IsZero() { // others may have committed too much of it
		return NoMoney
	}
	return r.Use.Add(r.Committed).Add(r.Asked).Sub(r.Cap.Amount).Sub(r.Exceptions).OrNone()
}

// roomy is a command whose amounts are held against something.
type roomy interface {
	// rooms are what they are held against, on a state that knows what the command is about.
	rooms(s *State, today Date) ([]Room, *Refusal)
}

// HasRooms reports whether the amounts of a verb's commands are held against a cap, an instalment or a budget.
func (v Verb) HasRooms() bool {
	_, is := v.New().(roomy)
	return is
}

// Rooms are what a command's amounts are held against where it is decided now, though not all of its fields be filled in: by the rules that
// decide it. A command that names no account yet has the refusal that says what lacks. Without amounts the years of the policy are shown.
func (s *State) Rooms(c Command, today Date) ([]Room, *Refusal) {
	if s.policy == nil {
		return nil, refuse(CodePolicyMissing)
	}
	as, _ := s.Understand(c)
	of, is := as.(roomy)
	if !is {
		return nil, nil
	}
	rooms, r := of.rooms(s, today)
	return rooms, r.Under(s.policy)
}

// askedIn are instalments to look for room for: those that are asked for, or one of nothing in each year of the clause's policy.
func (s *State) askedIn(field string, list []Instalment, c ClauseID, day Date) ([]Instalment, *Refusal) {
	if len(list) > 0 {
		return list, s.checkInstalments(field, list, c, day)
	}
	term := s.termOn(c, day)
	for y := term.From.Year(); y <= term.To.Year() && len(list) < 10; y++ {
		list = append(list, Instalment{SupportYear: SupportYear(y)})
	}
	return list, nil
}

// capRoom is what an account has for an amount more in a year, by a decision of a day. For a cap in total the year says nothing and the amount is
// that of all years together.
func (s *State) capRoom(a Account, year SupportYear, amount Money, version ClauseVersion, day Date) Room {
	u := s.seen(a, year, day)
	return Room{Kind: RoomOfCap, Scope: string(a.Clause), Subject: a.Subject, Year: s.scopeYear(a.Clause, year), Cap: version.Cap, Exceptions: u.exceptions,
		Use: u.use(), Carried: s.carriedOn(a, year, day), Joined: s.joinedOn(a, year, day), Asked: amount, Version: version.Version}
}

// capRooms are those of instalments, in their order; of a cap in total one. Behind them are those of the accounts that carry the account.
func (s *State) capRooms(a Account, list []Instalment, day, today Date) []Room {
	version := GoverningVersion(s.clauses.get(a.Clause).versions, day, today)
	if s.clauses.get(a.Clause).clause.Cap.Period == InTotal {
		list = []Instalment{{Amount: sum(list)}}
	}
	rooms := make([]Room, len(list))
	for i, part := range list {
		rooms[i] = s.capRoom(a, part.SupportYear, part.Amount, version, day)
	}
	return append(rooms, s.carriedRooms(a, list, day, today)...)
}

// someOf is an amount as a figure that is left out where it is nothing.
func someOf(m Money) any {
	if m.IsZero() {
		return ""
	}
	return m
}

// refusal is why what is asked of an account is too much; nil: it is not.
func (r Room) refusal() *Refusal {
	short := r.ShortBy()
	if !short.Positive() {
		return nil
	}
	return refuse(CodeCapExceeded, "clause", r.Scope, "subject_kind", r.Subject.Kind, "subject", r.Subject.ID,
		"year", r.Year, "cap", r.Cap, "exceptions", r.Exceptions, "use", r.Use,
		"carried", someOf(r.Carried), "joined", someOf(r.Joined), "headroom", r.Left().Amount, "asked", r.Asked, "short_by", short,
		"clause_version", r.Version)
}

// instalmentRoom is what is left to pay of an instalment. More may have been paid of it on the day of a decision than now: what came back on a
// later day is not there yet.
func instalmentRoom(a application, part instalment, amount, more Money) Room {
	return Room{Kind: RoomOfInstalment, Scope: string(a.charge.Applied()), Subject: a.charge.Subject, Year: part.year, Cap: Stated(part.amount), Use: part.paid.Add(more),
		Asked: amount}
}

// rooms of an application are those that its approval would have on its day, were all of it granted.
func (c *SubmitApplication) rooms(s *State, today Date) ([]Room, *Refusal) {
	charge, r := s.chargeOf(c)
	if r != nil {
		return nil, r
	}
	day := or(c.Date, today)
	list, r := s.askedIn("requested", c.Requested, charge.Applied(), day)
	if r != nil {
		return nil, r
	}
	rooms := append(s.capRooms(charge.Account(), list, day, today), s.groupRooms(charge.Account(), list, day, today)...)
	return append(rooms, s.freeRooms(charge, "", duesOf(list), today)...), nil // which department is to approve is not known yet
}

func (c *ApproveApplication) rooms(s *State, today Date) ([]Room, *Refusal) {
	return s.roomsToGrant(c.Application, c.Instalments, c.Actor, or(c.Date, today), today)
}

// roomsToGrant are those of instalments that are granted on an application on a day.
func (s *State) roomsToGrant(id ApplicationID, instalments []Instalment, by Actor, day, today Date) ([]Room, *Refusal) {
	a, ok := s.applications.find(id)
	if !ok {
		return nil, refuse(CodeApplicationUnknown, "application", id)
	}
	list, r := s.askedIn("instalments", instalments, a.charge.Applied(), day)
	if r != nil {
		return nil, r
	}
	rooms, filled := s.approvalRooms(a, list, day, today)
	rooms = append(rooms, s.groupRooms(a.charge.Account(), lessFilled(list, filled), day, today)...)
	return append(rooms, s.freeRooms(a.charge, a.approvedBy(by), duesOf(lessFilled(list, filled)), today)...), nil
}

// approvalRooms are those of an approval's instalments, less what is booked already and fills them.
func (s *State) approvalRooms(a application, list []Instalment, day, today Date) ([]Room, []Filled) {
	filled := s.filledBy(a, list)
	return s.capRooms(a.charge.Account(), lessFilled(list, filled), day, today), filled
}

func (c *MakePayout) rooms(s *State, today Date) ([]Room, *Refusal) {
	a, ok := s.applications.find(c.Application)
	if !ok {
		return nil, refuse(CodeApplicationUnknown, "application", c.Application)
	}
	var rooms []Room
	day := or(c.Date, today)
	for _, part := range a.schedule {
		if c.SupportYear == 0 || part.year == c.SupportYear {
			rooms = append(rooms, instalmentRoom(a, part, c.Amount, s.paidLater(c.Application, part.year, day)))
		}
	}
	if len(rooms) == 0 {
		return nil, refuse(CodeInstalmentUnknown, "application", c.Application, "year", int(c.SupportYear))
	}
	return append(rooms, s.budgetRooms(or(c.PaidOn, day).Year(), a.charge, c.Amount, a.department)...), nil
}

// rooms of a booked payout are of what it uses of the cap beside any approval; a fact is not refused for them, they make its findings.
func (c *BookPayout) rooms(s *State, today Date) ([]Room, *Refusal) {
	a, charge, r := s.booked(bookedOn{c.Application, c.Enterprise, c.Clause, c.Project, c.Award})
	if r != nil {
		return nil, r
	}
	if r := checkBookedYear(c.SupportYear); r != nil {
		return nil, r
	}
	on := or(c.PaidOn, or(c.Date, today))
	departments := []DepartmentID{a.department}
	if a.department == "" {
		departments = append(slices.Clone(s.clauseOn(charge.Applied(), on).Departments), departments...)
	}
	version := GoverningVersion(s.clauses.get(charge.Clause).versions, on, today)
	uses := a.beyond(c.SupportYear, c.Amount)
	rooms := []Room{s.capRoom(charge.Account(), c.SupportYear, uses, version, on)}
	rooms = append(rooms, s.carriedRooms(charge.Account(), []Instalment{{c.SupportYear, uses}}, on, today)...)
	rooms = append(rooms, s.groupRooms(charge.Account(), []Instalment{{c.SupportYear, uses}}, on, today)...)
	return append(rooms, s.budgetRooms(on.Year(), charge, c.Amount, departments...)...), nil
}

// beyond is what of an amount paid in a year no approval covers.
func (a application) beyond(year SupportYear, amount Money) Money {
	part, _ := a.instalment(year)
	return amount.Sub(Lesser(amount, part.amount.Sub(part.paid).OrNone()))
}

// rooms of an exception are those of the account that it raises, as it stands before.
func (c *GrantException) rooms(s *State, today Date) ([]Room, *Refusal) {
	clause, r := s.checkAccountClause(c.Clause)
	if r != nil {
		return nil, r
	}
	subject, r := s.exceptionScope(c, clause.clause)
	if r != nil {
		return nil, r
	}
	day := or(c.Date, today)
	return []Room{s.capRoom(Account{c.Clause, subject}, c.SupportYear, NoMoney, GoverningVersion(clause.versions, day, today), day)}, nil
}
