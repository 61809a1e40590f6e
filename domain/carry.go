package domain

// CarryOver carries what a closed budget year has left of an appropriation over into a later year (结转), where it adds to what is set.
type CarryOver struct {
	Head
	From       int          `json:"from"`
	To         int          `json:"to"`
	Clause     ClauseID     `json:"clause,omitzero"`
	Department DepartmentID `json:"department,omitzero"`
	Amount     Money        `json:"amount"`
	Document   string       `json:"document"`
}

// AppropriationCarried says what of an appropriation is carried over into which year, and what was left of it then.
type AppropriationCarried struct {
	From       int          `json:"from"`
	To         int          `json:"to"`
	Clause     ClauseID     `json:"clause,omitzero"`
	Department DepartmentID `json:"department,omitzero"`
	Amount     Money        `json:"amount"`
	Left       Money        `json:"left"` // before: appropriated, with what was carried in and less what was carried out, less what is paid and not returned
	Document   string       `json:"document"`
}

// Name is "carry_over".
func (CarryOver) Name() string { return "carry_over" }

// Name is "appropriation_carried".
func (AppropriationCarried) Name() string { return "appropriation_carried" }

// Entity is the appropriation that it is carried into.
func (e AppropriationCarried) Entity() (string, string) {
	return AppropriationSet{BudgetYear: e.To, Clause: e.Clause, Department: e.Department}.Entity()
}

func (e *AppropriationCarried) key(year int) BudgetKey {
	return BudgetKey{Year: year, Clause: e.Clause, Department: e.Department}
}

func (c *CarryOver) about(*State) Concern { return Concern{Account: Account{Clause: c.Clause}} }

func (c *CarryOver) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := s.checkBudgetKey(BudgetKey{c.From, c.Clause, c.Department}, "from"); r != nil {
		return nil, r
	}
	if r := checkBudgetYear("to", c.To); r != nil {
		return nil, r
	}
	if c.To <= c.From {
		return nil, refuse(CodeFieldInvalid, "field", "to", "value", c.To, "reason", ReasonYearBehind, "limit", SupportYear(c.From))
	}
	if r := checkAmount("amount", c.Amount); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	from, closed := s.closing(c.From)
	if !closed {
		return nil, refuse(CodeBudgetYearOpen, "budget_year", c.From)
	}
	if r := checkOrder("date", c.Date, from.On); r != nil {
		return nil, r
	}
	e := &AppropriationCarried{From: c.From, To: c.To, Clause: c.Clause, Department: c.Department, Amount: c.Amount, Document: c.Document}
	key := e.key(c.From)
	total := s.appropriations.get(key).total()
	e.Left = total.Sub(s.spent.get(key)).OrNone()
	if c.Amount.More(e.Left) {
		return nil, refuse(CodeCarryExceeded, "scope", key, "budget_year", c.From, "cap", total, "use", s.spent.get(key), "limit", e.Left, "asked", c.Amount,
			"short_by", c.Amount.Sub(e.Left))
	}
	return []Event{e}, nil
}

func (*AppropriationCarried) concerns() Concern { return Concern{} }

func (e *AppropriationCarried) command(h Head) Command {
	return &CarryOver{Head: h, From: e.From, To: e.To, Clause: e.Clause, Department: e.Department, Amount: e.Amount, Document: e.Document}
}

func (e *AppropriationCarried) describe() Text {
	return both("%[1]d 预算年度结转 %[3]s 至 %[2]d 年度，文号 %[4]s", "%[3]s carried over from budget year %[1]d into %[2]d, document %[4]s", e.From, e.To, e.Amount, e.Document)
}

// apply lowers what may be paid in the year that it leaves: what was carried over is not there any more, should that year be opened again.
func (e *AppropriationCarried) apply(s *State, _ Deed) {
	s.appropriations.update(e.key(e.From), func(a *appropriation) { a.carried = a.carried.Sub(e.Amount) })
	s.appropriations.update(e.key(e.To), func(a *appropriation) { a.carried = a.carried.Add(e.Amount) })
}
