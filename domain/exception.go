package domain

import "slices"

// GrantException raises one account's cap for one support year, or for the total where the cap counts in total (R6).
type GrantException struct {
	Head
	Exception   ExceptionID `json:"exception"`
	Clause      ClauseID    `json:"clause"`
	Subject     string      `json:"subject"` // of the kind that the clause limits
	SupportYear SupportYear `json:"support_year,omitzero"`
	Amount      Money       `json:"amount"`
	Document    string      `json:"document"`
	// DistinctFrom names the projects or awards that this one looks like and is not, for the reason given (R16).
	DistinctFrom []string `json:"distinct_from,omitempty"`
	Reason       string   `json:"reason,omitzero"`
}

// ExceptionGranted says by how much an account's cap is raised, for what, and on whose authority.
type ExceptionGranted struct {
	Exception     ExceptionID `json:"exception"`
	Clause        ClauseID    `json:"clause"`
	Subject       Subject     `json:"subject"`
	SupportYear   SupportYear `json:"support_year,omitzero"` // none: the total
	Amount        Money       `json:"amount"`
	Document      string      `json:"document"`
	ClauseVersion int         `json:"clause_version"`
	DistinctFrom  []string    `json:"distinct_from,omitempty"`
	Reason        string      `json:"reason,omitzero"`
}

// Name is "grant_exception".
func (GrantException) Name() string { return "grant_exception" }

// Name is "exception_granted".
func (ExceptionGranted) Name() string { return "exception_granted" }

// Entity is the exception.
func (e ExceptionGranted) Entity() (string, string) { return "exception", string(e.Exception) }

func (e ExceptionGranted) governedBy() int { return e.ClauseVersion }

func (c *GrantException) about(s *State) Concern {
	return onException(c.Clause, Subject{Kind: s.clauses.get(c.Clause).clause.Cap.Subject, ID: c.Subject}, c.SupportYear)
}

func (c *GrantException) decide(s *State, today Date) ([]Event, *Refusal) {
	if r := checkIDs("exception", c.Exception); r != nil {
		return nil, r
	}
	if s.exceptions.has(c.Exception) {
		return nil, refuse(CodeExceptionExists, "exception", c.Exception)
	}
	clause, r := s.checkAccountClause(c.Clause)
	if r != nil {
		return nil, r
	}
	if r := checkAmount("amount", c.Amount); r != nil {
		return nil, r
	}
	if from := s.termOn(c.Clause, c.Date).From; c.Date.Before(from) {
		return nil, refuse(CodePolicyNotInForce, "date", c.Date, "earliest", from)
	}
	version := GoverningVersion(clause.versions, c.Date, today)
	if !clause.clause.StrongerSupport {
		return nil, refuse(CodeExceptionNotAllowed, "clause", c.Clause, "subject", c.Subject, "cap", version.Cap, "asked", c.Amount)
	}
	if !version.Cap.Stated {
		return nil, refuse(CodeNoCapStated, "clause", c.Clause)
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	subject, r := s.exceptionScope(c, clause.clause)
	if r != nil {
		return nil, r
	}
	if r := s.checkNewName(subject, "", c.DistinctFrom, c.Reason); r != nil {
		return nil, r
	}
	return []Event{&ExceptionGranted{Exception: c.Exception, Clause: c.Clause, Subject: subject, SupportYear: c.SupportYear, Amount: c.Amount,
		Document: c.Document, ClauseVersion: version.Version, DistinctFrom: c.DistinctFrom, Reason: c.Reason}}, nil
}

// exceptionScope checks whom and which year an exception is for.
func (s *State) exceptionScope(c *GrantException, clause Clause) (Subject, *Refusal) {
	subject := Subject{Kind: clause.Cap.Subject, ID: c.Subject}
	if subject.Kind == SubjectEnterprise {
		if _, r := s.checkEnterprise(EnterpriseID(c.Subject)); r != nil {
			return subject, r
		}
		if r := s.checkNotMerged(EnterpriseID(c.Subject), c.Date); r != nil {
			return subject, r
		}
	} else if r := checkIDs("subject", c.Subject); r != nil {
		return subject, r
	}
	if (clause.Cap.Period == PerYear) != (c.SupportYear != 0) {
		return subject, refuse(CodeExceptionScope, "clause", c.Clause, "period", clause.Cap.Period)
	}
	if c.SupportYear != 0 {
		return subject, s.checkYear(c.SupportYear, c.Clause, c.Date)
	}
	return subject, nil
}

// raise changes the exceptions of an account, for a support year or for the total.
func (s *State) raise(a Account, year SupportYear, by Money) {
	if year == 0 {
		s.accounts.update(a, func(t *account) { t.usage.exceptions = t.usage.exceptions.Add(by) })
		return
	}
	s.lines.update(lineKey{a, year}, func(u *usage) { u.exceptions = u.exceptions.Add(by) })
}

func (e *ExceptionGranted) concerns() Concern { return onException(e.Clause, e.Subject, e.SupportYear) }

func (e *ExceptionGranted) command(h Head) Command {
	return &GrantException{Head: h, Exception: e.Exception, Clause: e.Clause, Subject: e.Subject.ID, SupportYear: e.SupportYear,
		Amount: e.Amount, Document: e.Document, DistinctFrom: e.DistinctFrom, Reason: e.Reason}
}

func (e *ExceptionGranted) describe() Text {
	return both("授予例外 %s（%s），文号 %s", "exception of %s granted (%s), document %s", e.Amount, e.SupportYear, e.Document)
}

func (e *ExceptionGranted) apply(s *State, by Deed) {
	a := Account{e.Clause, e.Subject}
	s.exceptions.put(e.Exception, exception{account: a, year: e.SupportYear, left: e.Amount, grantors: by.Actor.Persons(), grantedOn: by.Date})
	s.accounts.update(a, func(t *account) { t.exceptions = append(slices.Clip(t.exceptions), e.Exception) })
	s.raise(a, e.SupportYear, e.Amount)
	s.learn(nameException, string(e.Exception))
	s.learnSubject(e.Subject, "")
}

// RevokeException takes back the unused part of an exception, or less: never what approvals that stand rely on (R5a). Clause, subject and year may be left out; given,
// they must be the exception's.
type RevokeException struct {
	Head
	Exception   ExceptionID `json:"exception"`
	Clause      ClauseID    `json:"clause,omitzero"`
	Subject     string      `json:"subject,omitzero"`
	SupportYear SupportYear `json:"support_year,omitzero"`
	Amount      Money       `json:"amount"`
	Document    string      `json:"document"`
}

// ExceptionRevoked says what of an exception is taken back.
type ExceptionRevoked struct {
	Exception   ExceptionID `json:"exception"`
	Clause      ClauseID    `json:"clause"`
	Subject     Subject     `json:"subject"`
	SupportYear SupportYear `json:"support_year,omitzero"`
	Amount      Money       `json:"amount"`
	Document    string      `json:"document"`
}

// Name is "revoke_exception".
func (RevokeException) Name() string { return "revoke_exception" }

// Name is "exception_revoked".
func (ExceptionRevoked) Name() string { return "exception_revoked" }

// Entity is the exception.
func (e ExceptionRevoked) Entity() (string, string) { return "exception", string(e.Exception) }

func (c *RevokeException) about(s *State) Concern {
	x, known := s.exceptions.find(c.Exception)
	if !known {
		return onException(c.Clause, Subject{Kind: s.clauses.get(c.Clause).clause.Cap.Subject, ID: c.Subject}, c.SupportYear)
	}
	return onException(x.account.Clause, x.account.Subject, x.year)
}

func (c *RevokeException) forms() []Command {
	var all []Command
	for mask := 1; mask < 8; mask++ {
		o := *c
		if mask&1 != 0 {
			o.Clause = ""
		}
		if mask&2 != 0 {
			o.Subject = ""
		}
		if mask&4 != 0 {
			o.SupportYear = 0
		}
		all = append(all, &o)
	}
	return all
}

func (c *RevokeException) decide(s *State, today Date) ([]Event, *Refusal) {
	if r := checkIDs("exception", c.Exception); r != nil {
		return nil, r
	}
	x, ok := s.exceptions.find(c.Exception)
	if !ok || c.Clause != "" && c.Clause != x.account.Clause || c.Subject != "" && c.Subject != x.account.Subject.ID ||
		c.SupportYear != 0 && c.SupportYear != x.year {
		return nil, refuse(CodeExceptionUnknown, "exception", c.Exception)
	}
	if r := checkAmount("amount", c.Amount); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, x.grantedOn); r != nil {
		return nil, r
	}
	unused := x.left
	if held := s.heldTogether(x.account, x.year, today); held.Stated {
		u := s.seen(x.account, x.year, c.Date)
		unused = Lesser(unused, held.Amount.Add(u.exceptions).Sub(u.use()).OrNone())
	}
	if c.Amount.More(unused) {
		return nil, refuse(CodeExceptionInUse, "exception", c.Exception, "clause", x.account.Clause, "subject", x.account.Subject.ID,
			"year", x.year, "limit", unused, "asked", c.Amount, "short_by", c.Amount.Sub(unused))
	}
	return []Event{&ExceptionRevoked{Exception: c.Exception, Clause: x.account.Clause, Subject: x.account.Subject, SupportYear: x.year,
		Amount: c.Amount, Document: c.Document}}, nil
}

func (e *ExceptionRevoked) concerns() Concern { return onException(e.Clause, e.Subject, e.SupportYear) }

func (e *ExceptionRevoked) command(h Head) Command {
	return &RevokeException{Head: h, Exception: e.Exception, Clause: e.Clause, Subject: e.Subject.ID, SupportYear: e.SupportYear,
		Amount: e.Amount, Document: e.Document}
}

func (e *ExceptionRevoked) describe() Text {
	return both("撤销例外 %s（%s），文号 %s", "exception of %s revoked (%s), document %s", e.Amount, e.SupportYear, e.Document)
}

func (e *ExceptionRevoked) apply(s *State, _ Deed) {
	s.exceptions.update(e.Exception, func(x *exception) { x.left = x.left.Sub(e.Amount) })
	s.raise(Account{e.Clause, e.Subject}, e.SupportYear, e.Amount.Neg())
}
