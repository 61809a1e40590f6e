package domain

import "slices"

// RoomKind says what an amount is held against.
type RoomKind string

// The kinds of room.
const (
	RoomOfCap           RoomKind = "cap"           // what an account may still be granted
	RoomOfInstalment    RoomKind = "instalment"    // what an approval has left to pay in a year
	RoomOfAppropriation RoomKind = "appropriation" // what a budget has left
)

// Room is what an amount is held against, and how much of it there is: the figures that a refusal for too much would have. Whoever fills in a
// form sees them before they ask, and the rules judge by them.
type Room struct {
	Kind       RoomKind
	Scope      string      // the clause, of a budget the clause or department
	Subject    Subject     // of an account
	Year       SupportYear // 0: all years together
	BudgetYear int         // of an appropriation
	Cap        Ceiling     // unstated: no amount is too much
	Exceptions Money
	Use        Money
	Asked      Money
	Version    int // of the clause, that the cap is of
}

// Left is what there is before anything is asked; unstated where no amount is too much.
func (r Room) Left() Ceiling {
	if !r.Cap.Stated {
		return Unstated
	}
	return Stated(r.Cap.Amount.Add(r.Exceptions).Sub(r.Use).OrNone())
}

// ShortBy is by how much what is asked is too much; 0.00 where it is not.
func (r Room) ShortBy() Money {
	if !r.Cap.Stated {
		return NoMoney
	}
	return r.Use.Add(r.Asked).Sub(r.Cap.Amount).Sub(r.Exceptions).OrNone()
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

// askedIn are instalments to look for room for: those that are asked for, or one of nothing in each year of the policy.
func (s *State) askedIn(field string, list []Instalment) ([]Instalment, *Refusal) {
	if len(list) > 0 {
		return list, s.checkInstalments(field, list)
	}
	for y := s.policy.Term.From.Year(); y <= s.policy.Term.To.Year() && len(list) < 10; y++ {
		list = append(list, Instalment{SupportYear: SupportYear(y)})
	}
	return list, nil
}

// capRoom is what an account has for an amount more in a year, by a decision of a day. For a cap in total the year says nothing and the amount is
// that of all years together.
func (s *State) capRoom(a Account, year SupportYear, amount Money, version ClauseVersion, day Date) Room {
	u := s.seen(a, year, day)
	return Room{Kind: RoomOfCap, Scope: string(a.Clause), Subject: a.Subject, Year: s.scopeYear(a.Clause, year), Cap: version.Cap, Exceptions: u.exceptions,
		Use: u.use(), Asked: amount, Version: version.Version}
}

// capRooms are those of instalments, in their order; of a cap in total one.
func (s *State) capRooms(a Account, list []Instalment, version ClauseVersion, day Date) []Room {
	if s.clauses.get(a.Clause).clause.Cap.Period == InTotal {
		list = []Instalment{{Amount: sum(list)}}
	}
	rooms := make([]Room, len(list))
	for i, part := range list {
		rooms[i] = s.capRoom(a, part.SupportYear, part.Amount, version, day)
	}
	return rooms
}

// refusal is why what is asked of an account is too much; nil: it is not.
func (r Room) refusal() *Refusal {
	short := r.ShortBy()
	if !short.Positive() {
		return nil
	}
	return refuse(CodeCapExceeded, "clause", r.Scope, "subject_kind", r.Subject.Kind, "subject", r.Subject.ID,
		"year", r.Year, "cap", r.Cap, "exceptions", r.Exceptions, "use", r.Use,
		"headroom", r.Left().Amount, "asked", r.Asked, "short_by", short,
		"clause_version", r.Version)
}

// budgetRooms are those of the appropriations that are set for a payout of a budget year.
func (s *State) budgetRooms(year int, c Charge, amount Money, departments ...DepartmentID) (rooms []Room) {
	for _, key := range budgetKeys(year, c, departments...) {
		if limit, set := s.appropriations.find(key); set {
			rooms = append(rooms, Room{Kind: RoomOfAppropriation, Scope: key.scope(), BudgetYear: year, Cap: Stated(limit), Use: s.spent.get(key), Asked: amount})
		}
	}
	return rooms
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
	list, r := s.askedIn("requested", c.Requested)
	if r != nil {
		return nil, r
	}
	day := or(c.Date, today)
	return s.capRooms(charge.Account(), list, GoverningVersion(s.clauses.get(charge.Clause).versions, day, today), day), nil
}

func (c *ApproveApplication) rooms(s *State, today Date) ([]Room, *Refusal) {
	a, ok := s.applications.find(c.Application)
	if !ok {
		return nil, refuse(CodeApplicationUnknown, "application", c.Application)
	}
	list, r := s.askedIn("instalments", c.Instalments)
	if r != nil {
		return nil, r
	}
	rooms, _ := s.approvalRooms(a, list, or(c.Date, today), today)
	return rooms, nil
}

// approvalRooms are those of an approval's instalments, less what is booked already and fills them.
func (s *State) approvalRooms(a application, list []Instalment, day, today Date) ([]Room, []Filled) {
	filled := s.filledBy(a, list)
	version := GoverningVersion(s.clauses.get(a.charge.Clause).versions, day, today)
	return s.capRooms(a.charge.Account(), lessFilled(list, filled), version, day), filled
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
		departments = append(slices.Clone(s.clauses.get(charge.Applied()).clause.Departments), departments...)
	}
	version := GoverningVersion(s.clauses.get(charge.Clause).versions, on, today)
	rooms := []Room{s.capRoom(charge.Account(), c.SupportYear, a.beyond(c.SupportYear, c.Amount), version, on)}
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
