package domain

import "slices"

// Granted is what a decision grants on an application: its approval, or what adds to it (R2). It says under which version of the
// clause, and how the cap stood.
type Granted struct {
	Application   ApplicationID `json:"application"`
	Charge        Charge        `json:"charge"`
	Instalments   []Instalment  `json:"instalments"`
	Reason        string        `json:"reason,omitzero"`
	ClauseVersion int           `json:"clause_version"`
	Basis         []Basis       `json:"basis"`            // one for each year, or one where the cap counts in total
	Filled        []Filled      `json:"filled,omitempty"` // booked before on the application: it is not committed or paid a second time
	Findings      []Finding     `json:"findings,omitempty"`
	Facts         []FactUsed    `json:"facts,omitempty"` // that it rests on, as they were known
	ByRate        *ByRate       `json:"by_rate,omitempty"`
}

// Entity is the application.
func (g Granted) Entity() (string, string) { return "application", string(g.Application) }

func (g Granted) governedBy() int { return g.ClauseVersion }

func (g Granted) concerns() Concern {
	return onCharge(g.Application, g.Charge, yearsOf(g.Instalments)...)
}

func (g Granted) broken() []Finding { return g.Findings }

func (g Granted) counts(m *moved) {
	for _, i := range g.Instalments {
		m.charge(sumApproved, g.Charge.Clause, i.Amount)
	}
	for _, f := range g.Filled {
		m.add(sumOutside, -f.Amount.fen)
	}
}

func (g *Granted) granted() *Granted { return g }

// GrantedBy is what an event grants on an application: an approval, or what adds to one; false: it grants nothing.
func GrantedBy(e Event) (*Granted, bool) {
	g, does := e.(interface{ granted() *Granted })
	if !does {
		return nil, false
	}
	return g.granted(), true
}

// grant judges an approval, or what is to add to one, and completes what its event says. The opinions are those that were given of it.
func (s *State) grant(c Command, g Granted, a application, opinions []opinion, rate rateAsked, today Date) (Granted, *Refusal) {
	if r := s.mayApprove(c, a, g.Application, opinions); r != nil {
		return g, r
	}
	if r := s.checkInstalments("instalments", g.Instalments, a.charge.Applied(), c.Given().Date); r != nil {
		return g, r
	}
	by, used, r := s.byRate(rate, a.charge)
	if r != nil {
		return g, r
	}
	g.ByRate = by
	asked, standing, use := sum(g.Instalments), a.standing(), ""
	if standing.Positive() {
		use = standing.String()
	}
	if over := standing.Add(asked).Sub(a.requested); over.Positive() {
		return g, refuse(CodeRequestedExceeded, "application", g.Application, "clause", a.charge.Applied(),
			"limit", a.requested, "use", use, "asked", asked, "short_by", over)
	}
	all := a.with(g.Instalments)
	if s.clauses.get(a.charge.Clause).clause.Schedule == OneOffOrTerm && !unbroken(all) {
		return g, refuse(CodeScheduleNotAllowed, "clause", a.charge.Clause)
	}
	day := c.Given().Date
	g.ClauseVersion = GoverningVersion(s.clauses.get(a.charge.Clause).versions, day, today).Version
	rooms, filled := s.approvalRooms(a, g.Instalments, day, today)
	basis, r := weigh(rooms)
	if r != nil {
		return g, r
	}
	free, r := checkFree(s.freeRooms(a.charge, a.approvedBy(c.Given().Actor), duesOf(lessFilled(g.Instalments, filled)), today))
	if r != nil {
		return g, r
	}
	group, r := checkGroup(s.groupRooms(a.charge.Account(), lessFilled(g.Instalments, filled), day, today))
	if r != nil {
		return g, r
	}
	g.Basis, g.Filled = basis, filled
	g.Findings = a.unasked(g.Application, slices.DeleteFunc(all, func(i Instalment) bool { return !slices.Contains(yearsOf(g.Instalments), i.SupportYear) }))
	owes, r := s.debtors(a.charge.Applied(), a.charge.Enterprise, day)
	if r != nil {
		return g, r
	}
	g.Findings = append(append(append(g.Findings, free...), owes...), group...)
	g.Findings = append(g.Findings, s.outsideDistrict(a.charge, day)...)
	g.Findings = append(g.Findings, s.overRate(g.Application, a.charge, by, asked)...)
	g.Facts = s.restedOn(a.charge.Enterprise, a.charge.Applied(), day)
	if used != nil {
		g.Facts = append(g.Facts, *used)
	}
	return g, nil
}

// mayApprove judges everything about an approval but its amounts.
func (s *State) mayApprove(c Command, a application, id ApplicationID, opinions []opinion) *Refusal {
	h := c.Given()
	if r := s.checkTerm(a.charge.Applied(), h.Date); r != nil {
		return r
	}
	if r := s.checkNotMerged(a.charge.Enterprise, h.Date); r != nil {
		return r
	}
	if r := s.checkResponsible(c.Name(), a, h, false); r != nil {
		return r
	}
	if r := s.mayGrantOn(a, a.charge.Account(), h.Actor); r != nil {
		return r
	}
	if a.suspended {
		return refuse(CodeApplicationSuspended, "application", id)
	}
	workflow := s.workflowOn(a.charge.Applied(), h.Date)
	if need, have := workflow.Reviews, counted(opinions, workflow); have < need {
		return refuse(CodeReviewsRequired, "application", id, "limit", need, "use", have)
	}
	e := s.enterprises.get(a.charge.Enterprise)
	if r := s.checkIndustry(a.charge.Applied(), e, h.Date); r != nil {
		return r
	}
	return s.checkCreditOf(a.charge.Enterprise, h.Date)
}

// mayGrantOn keeps apart who decides on an application, who did something else on it, and who granted an exception on the account, or on one that carries it and that it is held against (R9).
func (s *State) mayGrantOn(a application, account Account, by Actor) *Refusal {
	if r := a.fourEyes(DutyApprove, by); r != nil {
		return r
	}
	for _, on := range s.heldAgainst(account) {
		for _, id := range s.accounts.get(on).exceptions {
			if x := s.exceptions.get(id); x.left.Positive() && by.Among(x.grantors) != "" {
				return refuse(CodeFourEyes, "person", by.Among(x.grantors), "did", "grant_exception", "does", DutyApprove, "exception", id)
			}
		}
	}
	return nil
}

// approvedBy is the department whose budgets an approval counts against: the one that approved first.
func (a application) approvedBy(by Actor) DepartmentID {
	if a.state == Approved {
		return a.department
	}
	return by.Department
}

// standing is what is approved of an application in all years: approved − reduced − released.
func (a application) standing() (total Money) {
	for _, i := range a.schedule {
		total = total.Add(i.amount)
	}
	return total
}

// with is the schedule with some instalments more, in the order of its years.
func (a application) with(more []Instalment) []Instalment {
	list := make([]Instalment, 0, len(a.schedule)+len(more))
	for _, i := range a.schedule {
		list = append(list, Instalment{i.year, i.amount})
	}
	for _, m := range more {
		if i := slices.IndexFunc(list, func(x Instalment) bool { return x.SupportYear == m.SupportYear }); i >= 0 {
			list[i].Amount = list[i].Amount.Add(m.Amount)
		} else {
			list = append(list, m)
		}
	}
	return list
}

// unasked finds the years of an approval that were not applied for, or get more than was applied for in them.
func (a application) unasked(id ApplicationID, list []Instalment) []Finding {
	var findings []Finding
	for _, part := range list {
		i := slices.IndexFunc(a.filed, func(f Instalment) bool { return f.SupportYear == part.SupportYear })
		switch {
		case i < 0:
			findings = append(findings, refuse(CodeYearNotAppliedFor, "application", id, "year", part.SupportYear, "asked", part.Amount).finding())
		case part.Amount.More(a.filed[i].Amount):
			findings = append(findings, refuse(CodeYearRequestExceeded, "application", id, "year", part.SupportYear, "limit", a.filed[i].Amount,
				"asked", part.Amount, "short_by", part.Amount.Sub(a.filed[i].Amount)).finding())
		}
	}
	return findings
}

// weigh judges what instalments ask of an account, and says how it stood on the day. The rooms behind its own, of accounts that carry it, are judged
// too.
func weigh(rooms []Room) ([]Basis, *Refusal) {
	own := slices.IndexFunc(rooms, func(r Room) bool { return r.Scope != rooms[0].Scope })
	if own < 0 {
		own = len(rooms)
	}
	basis := make([]Basis, 0, own)
	for i, room := range rooms {
		if room.Kind != RoomOfCap {
			continue
		}
		if r := room.refusal(); r != nil {
			return nil, r
		}
		if i >= own {
			continue
		}
		b := Basis{SupportYear: room.Year, Cap: room.Cap, Exceptions: Balance{room.Exceptions}, Use: Balance{room.Use}, Asked: Balance{room.Asked},
			Carried: Balance{room.Carried}, Joined: Balance{room.Joined}}
		if room.Cap.Stated {
			b.HeadroomAfter = &Balance{room.Cap.Amount.Add(room.Exceptions).Sub(room.Use).Sub(room.Asked)}
		}
		basis = append(basis, b)
	}
	return basis, nil
}

// unbroken reports whether instalments are one, or one for each year of an unbroken term.
func unbroken(list []Instalment) bool {
	low, high := list[0].SupportYear, list[0].SupportYear
	for _, i := range list {
		low, high = min(low, i.SupportYear), max(high, i.SupportYear)
	}
	return int(high-low)+1 == len(list)
}

// takeGranted commits what is granted, and fills it with what was booked before.
func (s *State) takeGranted(g *Granted) {
	for _, i := range g.Instalments {
		s.commit(g.Charge.Account(), i.SupportYear, g.ClauseVersion, i.Amount)
	}
	for _, f := range g.Filled {
		s.payouts.update(f.Payout, func(p *payout) { p.outside = p.outside.Sub(f.Amount) })
		s.outside(g.Charge, f.SupportYear, f.Amount.Neg())
		s.payAgain(g.Application, f.SupportYear, f.Amount, nil)
	}
}

// part is what of a schedule one decision granted, and on which account it stands. An application whose approval nothing was added to, and
// which did not move, has none: its schedule says it all.
type part struct {
	charge   Charge
	year     SupportYear
	version  int  // of the clause, that governed the decision
	on       Date // of the decision
	amount   Money
	released Money // of what stayed where it was paid, what was returned: no approval holds it any more
}

// made is what the schedule is made of.
func (a application) made() []part {
	if a.parts != nil {
		return slices.Clone(a.parts)
	}
	list := make([]part, len(a.schedule))
	for i, x := range a.schedule {
		list[i] = part{charge: a.charge, year: x.year, version: a.version, on: a.approvedOn, amount: x.amount}
	}
	return list
}

// takeFrom takes an amount from the parts of a year on an account, the latest decision's first, and says from which.
func takeFrom(parts []part, c Charge, y SupportYear, amount Money, take func(*part, Money)) {
	for i := len(parts) - 1; i >= 0 && amount.Positive(); i-- {
		if p := &parts[i]; p.charge == c && p.year == y {
			by := Lesser(p.amount, amount)
			p.amount, amount = p.amount.Sub(by), amount.Sub(by)
			take(p, by)
		}
	}
}

// cutParts takes an amount from what an application's decisions hold on an account, the latest first, on a day. What it takes it takes from the
// instalment too; where something stayed with whom it was paid to and came back, from what is paid of it.
func (s *State) cutParts(id ApplicationID, c Charge, y SupportYear, amount Money, on Date, stayed bool, planned []Planned) {
	if !amount.Positive() {
		return
	}
	s.reschedule(id, func(a *application) {
		parts := a.made()
		takeFrom(parts, c, y, amount, func(p *part, by Money) {
			s.commit(c.Account(), y, p.version, by.Neg())
			if stayed {
				p.released = p.released.Add(by)
			}
		})
		if a.parts != nil {
			a.parts = parts
		}
		a.changeInstalment(y, func(i *instalment) {
			i.amount, i.plans = i.amount.Sub(amount), replan(i.plans, less(planned)...)
			if stayed {
				i.paid = i.paid.Sub(amount)
			}
		})
		a.cutOn = latest(a.cutOn, on)
	})
	s.loosened.update(c.Account(), func(l *loosened) { l.cuts = move(l.cuts, on, y, amount.Neg()) })
}

// releasedBy is what of an amount that comes back no approval holds any more: its application has moved to another enterprise since, and what
// was paid stayed with the one it was paid to.
func (s *State) releasedBy(p payout, within Money) Money {
	if a := s.applications.get(p.application); p.application == "" || a.charge == p.charge || !within.Positive() {
		return NoMoney
	}
	return within
}

// restorable is what of an amount that did go out is held again where it stayed.
func (s *State) restorable(p payout, amount Money) Money {
	var there Money
	for _, x := range s.applications.get(p.application).parts {
		if x.charge == p.charge && x.year == p.year {
			there = there.Add(x.released)
		}
	}
	return Lesser(Lesser(amount, p.released), there)
}

// restore puts back what was released where it stayed, in the order opposite to that in which it was taken.
func (s *State) restore(id ApplicationID, c Charge, y SupportYear, amount Money, on Date) {
	if !amount.Positive() {
		return
	}
	s.reschedule(id, func(a *application) {
		parts, left := a.made(), amount
		for i := range parts {
			if p := &parts[i]; p.charge == c && p.year == y {
				by := Lesser(p.released, left)
				p.released, p.amount, left = p.released.Sub(by), p.amount.Add(by), left.Sub(by)
				if by.Positive() {
					s.commit(c.Account(), y, p.version, by)
				}
			}
		}
		a.parts = parts
		a.changeInstalment(y, func(i *instalment) { i.amount, i.paid = i.amount.Add(amount), i.paid.Add(amount) })
	})
	s.loosened.update(c.Account(), func(l *loosened) { l.cuts = move(l.cuts, on, y, amount) })
}
