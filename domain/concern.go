package domain

import (
	"slices"
	"strings"
)

// Concern is what a command or an event is about: whose application, enterprise and account, in which support years.
type Concern struct {
	Application ApplicationID
	Enterprise  EnterpriseID
	Account     Account       // that is charged; of what concerns a whole clause there is only the clause
	Via         ClauseID      // the by-reference clause it was applied for under, if any
	Years       []SupportYear // in which an amount moves; year 0 is the total
}

// Charged reports whether there is an account, not only a clause.
func (c Concern) Charged() bool { return c.Account.Subject.ID != "" }

// Applied is the clause that was applied for: the by-reference clause where there is one.
func (c Concern) Applied() ClauseID {
	if c.Via != "" {
		return c.Via
	}
	return c.Account.Clause
}

// Under reports whether it is about a clause: the one that is charged, or the one that was applied for.
func (c Concern) Under(id ClauseID) bool { return c.Account.Clause == id || c.Via != "" && c.Via == id }

// About is what a command is about, as far as a state knows it: of a payout its application, of an exception its account.
func About(c Command, s *State) Concern { return c.about(s) }

// Concerns is what an event is about.
func Concerns(e Event) Concern { return e.concerns() }

// CommandOf makes the command again that an event answers: it says what the event says, with every field that may be left
// out filled in, but for the project that a booked fact may name where it counts for nothing (see [Untold]).
func CommandOf(e Event, h Head) Command { return e.command(h) }

// Forms are the other commands that say the same as one: each has some of the fields left out that may be.
func Forms(c Command) []Command { return c.forms() }

// Untold reports whether the command that led to an event may have named a project that the event does not hold.
func Untold(e Event) bool {
	booked, ok := e.(interface{ untold() bool })
	return ok && booked.untold()
}

func onCharge(a ApplicationID, c Charge, years ...SupportYear) Concern {
	return Concern{Application: a, Enterprise: c.Enterprise, Account: c.Account(), Via: c.Via, Years: years}
}

func onException(clause ClauseID, s Subject, y SupportYear) Concern {
	c := Concern{Account: Account{Clause: clause, Subject: s}, Years: []SupportYear{y}}
	if s.Kind == SubjectEnterprise {
		c.Enterprise = EnterpriseID(s.ID)
	}
	return c
}

func (s *State) onApplication(id ApplicationID, years ...SupportYear) Concern {
	if a, known := s.applications.find(id); known {
		return onCharge(id, a.charge, years...)
	}
	return Concern{Application: id}
}

func (s *State) onPayout(id PayoutID) Concern {
	if p, known := s.payouts.find(id); known {
		return onCharge(p.application, p.charge, p.year)
	}
	return Concern{}
}

// onBooked is what a booked fact is about: the application that it names, or the account.
func (s *State) onBooked(on bookedOn, y SupportYear) Concern {
	if on.application != "" {
		return s.onApplication(on.application, y)
	}
	c := Concern{Enterprise: on.enterprise, Account: Account{Clause: on.clause}}
	if clause, known := s.clauses.find(on.clause); known {
		if subject, r := clause.clause.subject(on.enterprise, on.project, on.award); r == nil {
			c.Account.Subject, c.Years = subject, []SupportYear{y}
		}
	}
	return c
}

// onVoucher is what a line of a payment file is about: the payout of its voucher; of several, the first by its identifier.
// It looks at every payout, for only refusals ask, and an index would be paid for by every payout.
func (s *State) onVoucher(voucher string) Concern {
	if voucher = strings.TrimSpace(voucher); voucher == "" {
		return Concern{}
	}
	first := PayoutID("")
	for id, p := range s.payouts.rows {
		if p.voucher == voucher && (first == "" || id < first) {
			first = id
		}
	}
	return s.onPayout(first)
}

func yearsOf(list []Instalment) []SupportYear {
	years := make([]SupportYear, 0, len(list))
	for _, part := range list {
		if !slices.Contains(years, part.SupportYear) {
			years = append(years, part.SupportYear)
		}
	}
	return years
}

// named is the subject as a command names it; an enterprise is named elsewhere.
func (s Subject) named() (project, award string) {
	switch s.Kind {
	case SubjectProject:
		return s.ID, ""
	case SubjectAward:
		return "", s.ID
	}
	return "", ""
}

// without is a copy of a command with a field left out, where that says the same. P is a pointer to the command.
func without[C any, P interface {
	*C
	Command
}](c C, same bool, leaveOut func(*C)) []Command {
	if !same {
		return nil
	}
	leaveOut(&c)
	return []Command{P(&c)}
}
