package domain

// SetAppropriation sets what may be paid in a budget year under a clause, or by a department's approvals. Setting it
// again replaces it; it is never below what is paid already.
type SetAppropriation struct {
	Head
	BudgetYear int          `json:"budget_year"`
	Clause     ClauseID     `json:"clause,omitzero"`
	Department DepartmentID `json:"department,omitzero"`
	Amount     Money        `json:"amount"`
	Document   string       `json:"document"`
}

// AppropriationSet says what may be paid in a budget year.
type AppropriationSet struct {
	BudgetYear int          `json:"budget_year"`
	Clause     ClauseID     `json:"clause,omitzero"`
	Department DepartmentID `json:"department,omitzero"`
	Amount     Money        `json:"amount"`
	Previous   Ceiling      `json:"previous"` // null: none was set
	Document   string       `json:"document"`
}

// Name is "set_appropriation".
func (SetAppropriation) Name() string { return "set_appropriation" }

// Name is "appropriation_set".
func (AppropriationSet) Name() string { return "appropriation_set" }

// Entity is the appropriation: its year, and its clause or department.
func (e AppropriationSet) Entity() (string, string) {
	return "appropriation", SupportYear(e.BudgetYear).String() + "-" + e.key().scope()
}

func (e AppropriationSet) key() budgetKey {
	return budgetKey{year: e.BudgetYear, clause: e.Clause, department: e.Department}
}

func (c *SetAppropriation) about(*State) Concern { return Concern{Account: Account{Clause: c.Clause}} }

func (c *SetAppropriation) decide(s *State, _ Date) ([]Event, *Refusal) {
	if (c.Clause == "") == (c.Department == "") {
		return nil, refuse(CodeAppropriationScope)
	}
	if c.Clause != "" {
		if _, r := s.checkClause(c.Clause); r != nil {
			return nil, r
		}
	} else if !s.policy.HasDepartment(c.Department) {
		return nil, refuse(CodeFieldInvalid, "field", "department", "value", c.Department, "reason", ReasonOneOf, "allowed", s.departmentList())
	}
	if r := checkBookedYear(SupportYear(min(max(c.BudgetYear, 0), 9999))); r != nil {
		return nil, refuse(CodeFieldInvalid, "field", "budget_year", "value", c.BudgetYear, "reason", ReasonYear)
	}
	if r := checkCeiling("amount", c.Amount); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	e := &AppropriationSet{BudgetYear: c.BudgetYear, Clause: c.Clause, Department: c.Department, Amount: c.Amount, Document: c.Document}
	if paid := s.spent.get(e.key()); paid.More(c.Amount) {
		return nil, refuse(CodeAppropriationBelow, "scope", e.key().scope(), "budget_year", c.BudgetYear, "use", paid, "asked", c.Amount,
			"short_by", paid.Sub(c.Amount))
	}
	if before, set := s.appropriations.find(e.key()); set {
		e.Previous = Stated(before)
	}
	return []Event{e}, nil
}

func (*AppropriationSet) concerns() Concern { return Concern{} }

func (e *AppropriationSet) command(h Head) Command {
	return &SetAppropriation{Head: h, BudgetYear: e.BudgetYear, Clause: e.Clause, Department: e.Department, Amount: e.Amount,
		Document: e.Document}
}

func (e *AppropriationSet) describe() Text {
	return both("%d 年度预算定为 %s，文号 %s", "appropriation for %d set at %s, document %s", e.BudgetYear, e.Amount, e.Document)
}

func (e *AppropriationSet) apply(s *State, _ Deed) { s.appropriations.put(e.key(), e.Amount) }
