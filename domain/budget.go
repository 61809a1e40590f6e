package domain

// BudgetScope says what a budget is for.
type BudgetScope string

// What a budget may be for.
const (
	ScopeFund             BudgetScope = "fund"              // the whole fund
	ScopeClause           BudgetScope = "clause"            // a clause
	ScopeDepartment       BudgetScope = "department"        // what a department approves
	ScopeClauseDepartment BudgetScope = "clause_department" // what a department approves under a clause
)

// BudgetKey is a budget year and what the budget is for: a clause, a department, the two together, or, with neither, the fund itself.
type BudgetKey struct {
	Year       int
	Clause     ClauseID
	Department DepartmentID
}

// Kind is what the budget is for.
func (k BudgetKey) Kind() BudgetScope {
	switch {
	case k.Clause != "" && k.Department != "":
		return ScopeClauseDepartment
	case k.Clause != "":
		return ScopeClause
	case k.Department != "":
		return ScopeDepartment
	}
	return ScopeFund
}

// String is how the budget's scope is told: the clause, the department, both with a stroke between, or "fund".
func (k BudgetKey) String() string {
	switch k.Kind() {
	case ScopeClauseDepartment:
		return string(k.Clause) + "/" + string(k.Department)
	case ScopeClause:
		return string(k.Clause)
	case ScopeDepartment:
		return string(k.Department)
	}
	return string(ScopeFund)
}

// Scope is the budget's scope as tables have it beside its kind: the department, or the clause; "" the fund.
func (k BudgetKey) Scope() string {
	if k.Department != "" {
		return string(k.Department)
	}
	return string(k.Clause)
}

// calledScope is what a policy calls a scope as [BudgetKey.String] tells it.
func (p *Policy) calledScope(told string) (Text, bool) {
	for _, kind := range []string{"department", "clause"} {
		if name, known := p.Called(kind, told); known {
			return name, true
		}
	}
	for at := range len(told) {
		if told[at] != '/' {
			continue
		}
		clause, known := p.Called("clause", told[:at])
		if department, too := p.Called("department", told[at+1:]); known && too {
			return Text{ZH: clause.ZH + "·" + department.ZH, EN: clause.EN + ", " + department.EN}, true
		}
	}
	return ScopeFund.Text(), told == string(ScopeFund)
}

// BudgetsOf are the budgets that money of a budget year counts against: those of the clause charged and of the clause it was applied for
// under, those of the approving department, or, where none has approved, of the clause's departments, of each under each, and the fund's.
func BudgetsOf(year int, c Charge, departments ...DepartmentID) []BudgetKey {
	clauses := []ClauseID{c.Clause}
	if c.Via != "" {
		clauses = append(clauses, c.Via)
	}
	var keys []BudgetKey
	for _, clause := range clauses {
		keys = append(keys, BudgetKey{Year: year, Clause: clause})
	}
	for _, d := range departments {
		if d != "" {
			keys = append(keys, BudgetKey{Year: year, Department: d})
		}
	}
	for _, d := range keys[len(clauses):] {
		for _, clause := range clauses {
			keys = append(keys, BudgetKey{Year: year, Clause: clause, Department: d.Department})
		}
	}
	return append(keys, BudgetKey{Year: year})
}

// appropriation is what may be paid of a budget. What was adjusted stands in the place of what was set first; what is carried comes on top.
type appropriation struct {
	initial, adjusted Ceiling
	carried           Money // into the year, less what was carried out of it
}

// set is what was set last, without what is carried; unstated: nothing was.
func (a appropriation) set() Ceiling {
	if a.adjusted.Stated {
		return a.adjusted
	}
	return a.initial
}

// total is what may be paid.
func (a appropriation) total() Money { return a.set().Amount.Add(a.carried) }

// spend books an amount on every budget of a payout.
func (s *State) spend(year int, c Charge, amount Money, departments ...DepartmentID) {
	for _, key := range BudgetsOf(year, c, departments...) {
		s.spent.put(key, s.spent.get(key).Add(amount))
	}
}

// budgetRooms are those of the appropriations that are set for a payout of a budget year.
func (s *State) budgetRooms(year int, c Charge, amount Money, departments ...DepartmentID) (rooms []Room) {
	for _, key := range BudgetsOf(year, c, departments...) {
		if a, set := s.appropriations.find(key); set {
			rooms = append(rooms, Room{Kind: RoomOfAppropriation, Scope: key.String(), BudgetYear: year, Cap: Stated(a.total()), Use: s.spent.get(key), Asked: amount})
		}
	}
	return rooms
}

// checkAppropriation judges a payout against the appropriations set for its budget year (R3).
func (s *State) checkAppropriation(year int, c Charge, amount Money, d ...DepartmentID) *Refusal {
	for _, room := range s.budgetRooms(year, c, amount, d...) {
		if over := room.ShortBy(); over.Positive() {
			return refuse(CodeAppropriationExceed, "scope", room.Scope, "budget_year", year, "cap", room.Cap,
				"use", room.Use, "asked", amount, "short_by", over)
		}
	}
	return nil
}
