package domain

import (
	"slices"
	"strings"
)

// checkIDs checks identifiers given as pairs of a field's name and its value: well formed, and no personal identity
// number (R15). A credit code may look like one, and stays a credit code.
func checkIDs[T ~string](pairs ...T) *Refusal {
	for i := 0; i+1 < len(pairs); i += 2 {
		field, value := string(pairs[i]), string(pairs[i+1])
		if value == "" {
			return refuse(CodeFieldMissing, "field", field)
		}
		if _, code := any(pairs[i+1]).(EnterpriseID); personalID(value) && !(code && ValidCreditCode(EnterpriseID(value))) {
			return refuse(CodePersonalID, "field", field)
		}
		if !validID(value) {
			return invisible(field, value, false, ReasonPrintable)
		}
	}
	return nil
}

// checkTexts checks free texts given as pairs of a field's name and its value: printable, bounded, and without a
// personal identity number (R15).
func checkTexts(pairs ...string) *Refusal {
	for i := 0; i+1 < len(pairs); i += 2 {
		field, value := pairs[i], pairs[i+1]
		if personalID(value) {
			return refuse(CodePersonalID, "field", field)
		}
		if len(value) > maxText || !printable(value, true) {
			return invisible(field, value, true, ReasonText)
		}
	}
	return nil
}

// checkNeeded refuses a text that says nothing: spaces are none.
func checkNeeded(field, value string) *Refusal {
	if strings.TrimSpace(value) == "" {
		return refuse(CodeFieldMissing, "field", field)
	}
	return checkTexts(field, value)
}

// checkDocument refuses what is decided on no document; one of spaces is none.
func checkDocument(document string) *Refusal {
	if strings.TrimSpace(document) == "" {
		return refuse(CodeDocumentRequired, "field", "document")
	}
	return checkTexts("document", document)
}

func checkAmount(field string, m Money) *Refusal {
	switch {
	case m.fen < 0:
		return refuse(CodeAmountNegative, "field", field, "value", m)
	case m.fen == 0:
		return refuse(CodeAmountZero, "field", field)
	case m.fen > maxFen:
		return refuse(CodeAmountTooLarge, "field", field, "value", m, "limit", Fen(maxFen))
	}
	return nil
}

func checkNotFuture(field string, d, today Date) *Refusal {
	if d.After(today) {
		return refuse(CodeDateInFuture, "field", field, "date", d, "today", today)
	}
	return nil
}

func checkOrder(field string, d, earliest Date) *Refusal {
	if d.Before(earliest) {
		return refuse(CodeDateOrder, "field", field, "date", d, "earliest", earliest)
	}
	return nil
}

// checkInstalments checks a schedule under a clause, as of a day: at least one line, one a year, every year within the term of the clause's
// policy, amounts above zero.
func (s *State) checkInstalments(field string, list []Instalment, c ClauseID, day Date) *Refusal {
	if len(list) == 0 {
		return refuse(CodeFieldMissing, "field", field)
	}
	seen := map[SupportYear]bool{}
	for _, i := range list {
		if seen[i.SupportYear] {
			return refuse(CodeDuplicateYear, "field", field, "year", int(i.SupportYear))
		}
		seen[i.SupportYear] = true
		if r := s.checkYear(i.SupportYear, c, day); r != nil {
			return r
		}
		if r := checkAmount(field, i.Amount); r != nil {
			return r
		}
	}
	return nil
}

func sum(list []Instalment) Money {
	var total Money
	for _, i := range list {
		total = total.Add(i.Amount)
	}
	return total
}

// checkYear checks that a support year lies within the term of a clause's policy, as of a day (R8).
func (s *State) checkYear(y SupportYear, c ClauseID, day Date) *Refusal {
	term := s.termOn(c, day)
	if term.Holds(y) {
		return nil
	}
	return refuse(CodeYearOutsideTerm, "year", int(y), "earliest", term.From.Year(), "latest", term.To.Year())
}

// checkTerm checks that an application or approval under a clause is dated within the term of its policy (R8). Where that has ended the refusal
// names the clauses that go on with it.
func (s *State) checkTerm(c ClauseID, d Date) *Refusal {
	switch term := s.termOn(c, d); {
	case d.Before(term.From):
		return refuse(CodePolicyNotInForce, "date", d, "earliest", term.From)
	case d.After(term.To):
		return refuse(CodePolicyExpired, "date", d, "latest", term.To, "continued_by", join(s.continuedBy(c, d)))
	}
	return nil
}

// checkCap judges amounts more on an account in a year, by a decision of a day: nil when use stays within cap and exceptions (R2, R5,
// R6). For a cap in total the year says nothing and amount is that of all years together.
func (s *State) checkCap(a Account, year SupportYear, amount Money, version ClauseVersion, day Date) *Refusal {
	return s.capRoom(a, year, amount, version, day).refusal()
}

// checkNotOver refuses payouts on an account that is over what it must hold while approvals stand on it, because a retroactive
// amendment lowered its cap or a recovery was reversed (R3, R5a, R7); what is carried puts it over by no more than its own use. An account that booked facts alone have put over its cap goes on
// paying what was approved.
func (s *State) checkNotOver(a Account, year SupportYear, on, today Date) *Refusal {
	held := s.paysUnder(a, year, today)
	if !held.Stated {
		return nil
	}
	u := s.seen(a, year, on)
	over := Lesser(u.use().Sub(u.booked()).Sub(s.grantedApart(a, held)).Sub(u.exceptions), s.seenAlone(a, year, on).use())
	if !over.Positive() {
		return nil
	}
	return refuse(CodeAccountOverCap, "clause", a.Clause, "subject_kind", a.Subject.Kind, "subject", a.Subject.ID,
		"year", s.scopeYear(a.Clause, year), "cap", held, "exceptions", u.exceptions, "use", u.use(), "over_by", over)
}

// checkEnterprise finds a registered enterprise.
func (s *State) checkEnterprise(id EnterpriseID) (enterprise, *Refusal) {
	if r := checkIDs("enterprise", id); r != nil {
		return enterprise{}, r
	}
	e, ok := s.enterprises.find(id)
	if !ok {
		return enterprise{}, refuse(CodeEnterpriseUnknown, "enterprise", id)
	}
	return e, nil
}

// checkClause finds a clause of the policy.
func (s *State) checkClause(id ClauseID) (clauseState, *Refusal) {
	if r := checkIDs("clause", id); r != nil {
		return clauseState{}, r
	}
	c, ok := s.clauses.find(id)
	if !ok {
		return clauseState{}, refuse(CodeClauseUnknown, "clause", id)
	}
	return c, nil
}

// checkAccountClause finds a clause that has accounts of its own.
func (s *State) checkAccountClause(id ClauseID) (clauseState, *Refusal) {
	c, r := s.checkClause(id)
	switch {
	case r != nil:
		return c, r
	case c.clause.ByReference():
		return c, refuse(CodeClauseByReference, "clause", id, "allowed", join(c.clause.RefersTo))
	case c.clause.NotAppliedFor:
		return c, refuse(CodeClauseNotAppliedFor, "clause", id)
	}
	return c, nil
}

// subject is the cap subject of a clause for an enterprise and its project or award.
func (c Clause) subject(e EnterpriseID, project, award string) (Subject, *Refusal) {
	kind := c.Cap.Subject
	needed, id, other, unwanted := "project", project, "award", award
	switch kind {
	case SubjectEnterprise:
		if award != "" {
			return Subject{}, refuse(CodeSubjectNotAllowed, "clause", c.ID, "subject_kind", kind, "field", "award")
		}
		return Subject{kind, string(e)}, checkOptionalID("project", project)
	case SubjectAward:
		needed, id, other, unwanted = "award", award, "project", project
	}
	switch {
	case id == "":
		return Subject{}, refuse(CodeSubjectRequired, "clause", c.ID, "subject_kind", kind, "field", needed)
	case unwanted != "":
		return Subject{}, refuse(CodeSubjectNotAllowed, "clause", c.ID, "subject_kind", kind, "field", other)
	}
	return Subject{kind, id}, checkIDs(needed, id)
}

func checkOptionalID(field, id string) *Refusal {
	if id == "" {
		return nil
	}
	return checkIDs(field, id)
}

// checkApplication finds an application in one of the states that a command needs.
func (s *State) checkApplication(command string, id ApplicationID, states ...ApplicationState) (application, *Refusal) {
	if r := checkIDs("application", id); r != nil {
		return application{}, r
	}
	a, ok := s.applications.find(id)
	if !ok {
		return a, refuse(CodeApplicationUnknown, "application", id)
	}
	if !slices.Contains(states, a.state) {
		return a, refuse(CodeApplicationState, "application", id, "state", a.state, "command", command, "allowed", join(states))
	}
	return a, nil
}

// undecided are the states from which an application can be decided on a day.
func (s *State) undecided(id ApplicationID, day Date) []ApplicationState {
	if s.workflowOn(s.applications.get(id).charge.Applied(), day).Acceptance {
		return []ApplicationState{Accepted}
	}
	return []ApplicationState{Submitted, Accepted}
}

// checkResponsible refuses who gives a command and whose department is not responsible, on the command's date, for an application's clause (R9).
// reviewing widens the circle where any department may review.
func (s *State) checkResponsible(command string, a application, h Head, reviewing bool) *Refusal {
	clause, by := s.clauseOn(a.charge.Applied(), h.Date), h.Actor
	if reviewing && clause.AnyReviews && s.policy.HasDepartment(by.Department) || slices.Contains(clause.Departments, by.Department) {
		return nil
	}
	allowed := join(clause.Departments)
	if reviewing && clause.AnyReviews {
		allowed = s.departmentList()
	}
	return refuse(CodeDepartmentNotAllowed, "command", command, "clause", clause.ID, "department", by.Department, "allowed", allowed)
}

func (s *State) departmentList() string {
	ids := make([]DepartmentID, len(s.policy.Departments))
	for i, d := range s.policy.Departments {
		ids[i] = d.ID
	}
	return join(ids)
}
