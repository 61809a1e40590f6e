package domain

// AppropriationKind says what an appropriation is: as set at the beginning, as adjusted since, or carried over from the year before.
type AppropriationKind string

// The kinds of appropriation.
const (
	InitialBudget  AppropriationKind = "initial"
	AdjustedBudget AppropriationKind = "adjusted" // stands in the place of the initial one
	CarriedBudget  AppropriationKind = "carried"  // on top of either; closing a year carries it, nobody sets it
)

// SetAppropriation sets what may be paid in a budget year: in the whole fund, under a clause, by a department's approvals, or by a department's
// under a clause. Setting it again adjusts it: the new amount stands in the old one's place; it is never below what is paid already.
type SetAppropriation struct {
	Head
	BudgetYear int               `json:"budget_year"`
	Clause     ClauseID          `json:"clause,omitzero"`
	Department DepartmentID      `json:"department,omitzero"`
	Kind       AppropriationKind `json:"kind,omitzero"` // left out: initial the first time, adjusted afterwards
	Amount     Money             `json:"amount"`
	Document   string            `json:"document"`
}

// AppropriationSet says what may be paid in a budget year.
type AppropriationSet struct {
	BudgetYear int               `json:"budget_year"`
	Clause     ClauseID          `json:"clause,omitzero"`
	Department DepartmentID      `json:"department,omitzero"`
	Kind       AppropriationKind `json:"kind,omitzero"` // as the command said; see [AppropriationSet.Sets]
	Amount     Money             `json:"amount"`
	Previous   Ceiling           `json:"previous"` // that it replaces, without what is carried; null: none was set
	Document   string            `json:"document"`
	Findings   []Finding         `json:"findings,omitempty"`
}

// Name is "set_appropriation".
func (SetAppropriation) Name() string { return "set_appropriation" }

// Name is "appropriation_set".
func (AppropriationSet) Name() string { return "appropriation_set" }

// Entity is the appropriation: its year, and what it is for.
func (e AppropriationSet) Entity() (string, string) {
	return "appropriation", SupportYear(e.BudgetYear).String() + "-" + e.Key().String()
}

// Key is the budget that is set.
func (e AppropriationSet) Key() BudgetKey { return BudgetKey{e.BudgetYear, e.Clause, e.Department} }

// Sets is the kind that is set: a command that says none sets the initial budget the first time, and adjusts it afterwards.
func (e AppropriationSet) Sets() AppropriationKind {
	switch {
	case e.Kind != "":
		return e.Kind
	case e.Previous.Stated:
		return AdjustedBudget
	}
	return InitialBudget
}

func (c *SetAppropriation) about(*State) Concern { return Concern{Account: Account{Clause: c.Clause}} }

func (c *SetAppropriation) decide(s *State, today Date) ([]Event, *Refusal) {
	if r := s.checkBudgetKey(BudgetKey{c.BudgetYear, c.Clause, c.Department}, "budget_year"); r != nil {
		return nil, r
	}
	if c.Kind != "" && c.Kind != InitialBudget && c.Kind != AdjustedBudget {
		return nil, refuse(CodeFieldInvalid, "field", "kind", "value", c.Kind, "reason", ReasonOneOf, "allowed", join([]AppropriationKind{InitialBudget, AdjustedBudget}))
	}
	if r := checkCeiling("amount", c.Amount); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	e := &AppropriationSet{BudgetYear: c.BudgetYear, Clause: c.Clause, Department: c.Department, Kind: c.Kind, Amount: c.Amount, Document: c.Document}
	now := s.appropriations.get(e.Key())
	e.Previous = now.set()
	if e.Sets() == InitialBudget && now.adjusted.Stated {
		return nil, refuse(CodeAppropriationAdjusted, "scope", e.Key(), "budget_year", c.BudgetYear, "cap", now.adjusted)
	}
	if paid, then := s.spent.get(e.Key()), c.Amount.Add(now.carried); paid.More(then) {
		return nil, refuse(CodeAppropriationBelow, "scope", e.Key(), "budget_year", c.BudgetYear, "use", paid, "asked", then,
			"short_by", paid.Sub(then))
	}
	var r *Refusal
	e.Findings, r = s.checkLowered(e.Key(), now, c.Amount.Add(now.carried), today)
	if r != nil {
		return nil, r
	}
	return []Event{e}, nil
}

// checkLowered judges a budget that is made smaller than what is paid and committed, as the policy controls budgets.
func (s *State) checkLowered(key BudgetKey, now appropriation, then Money, today Date) ([]Finding, *Refusal) {
	paid, committed := s.spent.get(key), s.planned.get(key).Add(s.lateIn(key, today))
	short := paid.Add(committed).Sub(then)
	if !short.Positive() || now.set().Stated && !then.Less(now.total()) {
		return nil, nil
	}
	return s.budgetControl(key.Clause).controlled(refuse(CodeAppropriationCommitted, "scope", key, "budget_year", key.Year, "use", paid, "committed", committed, "asked", then, "short_by", short))
}

// checkBudgetKey checks that a budget is one that the fund may have; field is what the year is called.
func (s *State) checkBudgetKey(k BudgetKey, field string) *Refusal {
	if k.Clause != "" {
		if _, r := s.checkClause(k.Clause); r != nil {
			return r
		}
	}
	if k.Department != "" && !s.policy.HasDepartment(k.Department) {
		return refuse(CodeFieldInvalid, "field", "department", "value", k.Department, "reason", ReasonOneOf, "allowed", s.departmentList())
	}
	return checkBudgetYear(field, k.Year)
}

func (*AppropriationSet) concerns() Concern { return Concern{} }

func (e *AppropriationSet) command(h Head) Command {
	return &SetAppropriation{Head: h, BudgetYear: e.BudgetYear, Clause: e.Clause, Department: e.Department, Kind: e.Kind, Amount: e.Amount,
		Document: e.Document}
}

func (e *AppropriationSet) describe() Text {
	return both("%d 年度预算定为 %s，文号 %s", "appropriation for %d set at %s, document %s", e.BudgetYear, e.Amount, e.Document)
}

func (e *AppropriationSet) apply(s *State, _ Deed) {
	s.appropriations.update(e.Key(), func(a *appropriation) {
		if e.Sets() == InitialBudget {
			a.initial = Stated(e.Amount)
		} else {
			a.adjusted = Stated(e.Amount)
		}
	})
}

func (e *AppropriationSet) counts(m *moved) {
	m.add(sumAppropriated, e.Amount.fen)
	m.add(sumAppropriated, -e.Previous.Amount.fen)
	if e.Sets() == InitialBudget { // what was set first is kept beside what was adjusted: a sum of its own
		m.add(sumInitial, e.Amount.fen)
		m.add(sumInitial, -e.Previous.Amount.fen)
	}
}
