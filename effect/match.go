package effect

import (
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// Answer says whether an enterprise may have something under a clause.
type Answer string

// The answers.
const (
	DepartmentJudges Answer = "department_judges" // the rules leave it open
	No               Answer = "no"                // they do not, and Why says by what
)

// Match is what an enterprise may have under a clause in a support year on an account.
type Match struct {
	Enterprise domain.EnterpriseID
	Clause     domain.ClauseID
	Year       domain.SupportYear
	Answer     Answer
	Why        *domain.Refusal // of no
	Subject    domain.Subject  // without an id: a project or an award that it has not got yet; none: the clause has no account of its own
	Room       domain.Room     // of the subject; nothing is left where the answer is no
	Free       domain.Ceiling  // of the clause's budget of the year of the day
	DaysLeft   int             // of the clause's policy
}

// Left is what the enterprise may still have on the account: unstated where no cap is.
func (m Match) Left() domain.Ceiling {
	if m.Answer == No {
		return domain.Stated(domain.NoMoney)
	}
	return m.Room.Left()
}

// Asked is what is to be matched.
type Asked struct {
	Clause domain.ClauseID    // only this one; none: all
	Year   domain.SupportYear // none: that of the day
	Day    domain.Date
}

// Of matches an enterprise with the clauses of all policies whose term holds the day, in their order: its own accounts first, then what a new one
// could have. held are the accounts that it is charged on.
func Of(s *domain.State, e domain.EnterpriseID, held []domain.Account, asked Asked) (matches []Match) {
	if asked.Year == 0 {
		asked.Year = domain.SupportYear(asked.Day.Year())
	}
	policy := s.Policy()
	if policy == nil {
		return nil
	}
	for _, c := range policy.Clauses {
		if asked.Clause != "" && c.ID != asked.Clause || asked.Clause == "" && !c.HasAccounts() && !c.ByReference() {
			continue
		}
		m := Match{Enterprise: e, Clause: c.ID, Year: asked.Year, Answer: DepartmentJudges, DaysLeft: daysTo(asked.Day, s.LastDay(c.ID, asked.Day)),
			Free: s.Budget(domain.BudgetKey{Year: asked.Day.Year(), Clause: c.ID}, asked.Day).Free()}
		if m.Why = s.WouldBe(e, c.ID, asked.Year, asked.Day); m.Why != nil {
			m.Answer = No
		}
		if asked.Clause == "" && m.over() {
			continue
		}
		for _, subject := range subjects(c, e, held, s.Carried(c.ID)) {
			one := m
			if one.Subject = subject; subject.Kind != "" {
				one.Room = s.RoomOf(domain.Account{Clause: c.ID, Subject: subject}, asked.Year, asked.Day)
			}
			matches = append(matches, one)
		}
	}
	return matches
}

// over reports whether the clause's policy is over, or has not begun: of its clauses nothing is told, unless one is asked for.
func (m Match) over() bool {
	return m.Why != nil && (m.Why.Code == domain.CodePolicyExpired || m.Why.Code == domain.CodePolicyNotInForce)
}

// subjects are those that an enterprise is charged on under a clause or one that it carries, and the one that it has not got yet.
func subjects(c domain.Clause, e domain.EnterpriseID, held []domain.Account, carried []domain.ClauseID) (list []domain.Subject) {
	if !c.HasAccounts() {
		return []domain.Subject{{}}
	}
	if c.Cap.Subject == domain.SubjectEnterprise {
		return []domain.Subject{{Kind: domain.SubjectEnterprise, ID: string(e)}}
	}
	for _, a := range held {
		if (a.Clause == c.ID || slices.Contains(carried, a.Clause)) && !slices.Contains(list, a.Subject) {
			list = append(list, a.Subject)
		}
	}
	return append(slices.Clip(list), domain.Subject{Kind: c.Cap.Subject})
}

func daysTo(from, to domain.Date) int {
	return int(to.Time(domain.Shanghai).Sub(from.Time(domain.Shanghai)).Hours() / 24)
}
