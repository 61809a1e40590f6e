package domain

import "pgregory.net/rapid"

// What is drawn of policies and budgets.

// amendment is of a policy: mostly of one thing, from today or a day to come.
func (w *world) amendment() Command {
	c := &AmendPolicy{Policy: pick(w, PolicyID("changning-2024"), "changning-2024", "next", "next", "beside", "", "CHANGNING-2024", "x"),
		EffectiveOn: pick(w, w.day, w.day, latest(w.day, w.date()), latest(w.day, w.date()), w.date(), Date{}), Document: pick(w, "d", "d", "d", "d", "d", "")}
	for w.change(c); w.oneIn(5); w.change(c) {
	}
	if c.Clause != "" && w.oneIn(2) {
		c.Policy = ""
	}
	return c
}

func (w *world) change(c *AmendPolicy) {
	switch rapid.IntRange(0, 10).Draw(w.rt, "change") {
	case 0, 1:
		c.TermTo = pick(w, day("2026-12-31"), day("2027-06-30"), day("2027-08-01"), day("2029-12-31"), day("2026-06-30"), day("2025-12-31"), day("2025-06-30"), w.day, day("2024-01-01"))
	case 2:
		c.Clause, c.Departments = w.clause(), pick(w, []DepartmentID{"commerce"}, []DepartmentID{"reform", "commerce"}, []DepartmentID{"commerce", "reform"}, []DepartmentID{"data", "reform", "talent"},
			[]DepartmentID{"x"}, []DepartmentID{"data", "data"}, []DepartmentID{})
	case 3:
		c.Clause, c.Industries = w.clause(), pick(w, []IndustryID{"ai"}, []IndustryID{"ai", "commerce-finance", "smart-internet"}, []IndustryID{"smart-internet", "other-services"},
			[]IndustryID{"x"}, []IndustryID{"ai", "ai"}, []IndustryID{})
	case 4:
		c.Clause, c.Close = pick(w, "6", w.clause()), true
	case 5:
		c.Workflow = &Workflow{Acceptance: w.oneIn(2), Reviews: pick(w, 0, 1, 1, 2, -1, 10), ReviewsSupport: w.oneIn(2)}
	case 6:
		c.AddClause = &Clause{ID: pick(w, ClauseID("8"), "n8", "n8", "6", w.clause()), Name: Text{pick(w, "条款", "条款", "条款", ""), "Clause"}, Departments: pick(w, []DepartmentID{"commerce", "reform"}, []DepartmentID{"commerce"}, nil),
			Cap: Cap{Amount: Stated(Yuan(4_000_000)), Subject: pick(w, SubjectProject, SubjectProject, SubjectEnterprise), Period: pick(w, InTotal, InTotal, PerYear)}}
		if w.oneIn(2) {
			c.AddClause.Continues = Continuation{pick(w, ClauseID("6"), "6", "1.1a", "n6", "9"), pick(w, Carried, Carried, Fresh)}
		}
	case 8:
		c.Clause, c.Promised = pick(w, "", w.clause()), &Promised{Acceptance: pick(w, 0, 5, 5, -1, 1001), Payment: pick(w, 0, 20)}
	case 9:
		c.Clause = pick(w, "1.1a", "1.1a", "6", w.clause(), "")
		c.GroupCap = &GroupCap{Control: pick(w, GroupRefuse, GroupRefuse, GroupFinding, "", "whim")}
		if w.oneIn(2) {
			c.GroupCap.Amount = Stated(pick(w, Yuan(60_000_000), Yuan(150_000_000), NoMoney))
		}
	case 10:
		c.Debtors = pick(w, DebtorRefuse, DebtorOffset, DebtorOffset, DebtorFinding, "whim")
	case 7: // departments or more of no clause
		c.Clause, c.Close = "", w.oneIn(2)
	}
}

func (w *world) appropriation() Command {
	return &SetAppropriation{BudgetYear: pick(w, 2025, 2025, 2025, 2026, 2026, 2024, -1, 70000), Clause: pick(w, ClauseID(""), "6", "1.1a", "1.1a", "n6", "1.3a", "9"),
		Department: pick(w, DepartmentID(""), "", "commerce", "reform", "x"), Kind: pick(w, "", "", "", InitialBudget, AdjustedBudget, CarriedBudget, "whim"),
		Amount: pick(w, w.amount(), w.amount(), NoMoney, Yuan(200_000_000)), Document: pick(w, "d", "d", "d", "d", "d", "")}
}

// plan is of a payment of an instalment.
func (w *world) plan(id ApplicationID, part instalment) Command {
	month := pick(w, Month("2025-01"), "2025-03", "2025-08", "2026-02", "2027-01", "2024-01")
	if w.oneIn(15) {
		month = pick(w, Month(""), "2026-13", "2026-3", "3000-01", "1899-12", "二〇二六年三月", "2026-03-01")
	}
	return &PlanPayment{Application: id, SupportYear: pick(w, part.year, part.year, part.year, part.year, part.year, w.year()), Month: month,
		Amount: pick(w, NoMoney, w.amount(), part.unplanned(), part.unplanned().Add(Fen(1)), Fen(part.unpaid().fen/2), Fen(part.unpaid().fen/3))}
}

// closing is of a budget year: it is closed, reopened, or what is left of it carried over.
func (w *world) closing() Command {
	year := pick(w, 2025, 2025, 2025, 2026, 2024)
	switch rapid.IntRange(0, 5).Draw(w.rt, "closing") {
	case 0, 1:
		if w.day.Before(day("2025-12-31")) {
			w.day = pick(w, w.day, day("2025-12-31"), day("2026-02-01"))
		}
		return &CloseBudgetYear{Year: year, Document: pick(w, "d", "d", "d", ""), Differences: pick(w, 0, 0, 0, 0, 0, 0, 0, 1)}
	case 2:
		return &ReopenBudgetYear{Year: year, Document: "d", Reason: "r"}
	}
	c := &CarryOver{From: year, To: pick(w, year+1, year+1, year+2, year), Clause: pick(w, ClauseID("6"), "6", "1.1a", ""), Document: "d"}
	if w.oneIn(3) {
		c.Department = "commerce"
	}
	left := w.state.leftOf(c)
	c.Amount = pick(w, w.amount(), left, left.Add(Fen(1)), Fen((left.fen+1)/2), Fen((left.fen+1)/2))
	return c
}

func (s *State) leftOf(c *CarryOver) Money {
	key := BudgetKey{c.From, c.Clause, c.Department}
	return s.appropriations.get(key).total().Sub(s.spent.get(key)).OrNone()
}
