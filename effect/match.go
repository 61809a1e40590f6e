package effect

import (
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// Answer says whether an enterprise may have something under a clause.
type Answer string

// The answers.
const (
	DepartmentJudges Answer = "department_judges" // the rules leave it open, and the clause states no conditions
	Yes              Answer = "yes"               // its conditions are fulfilled; a department approves still
	No               Answer = "no"                // the rules do not, and Why says by what; or a condition is not fulfilled, and By says which
	Unknown          Answer = "unknown"           // By says which facts are not known, or not for the reader
)

// Match is what an enterprise may have under a clause in a support year on an account.
type Match struct {
	Enterprise domain.EnterpriseID
	Clause     domain.ClauseID
	Year       domain.SupportYear
	Answer     Answer
	Why        *domain.Refusal // of no by a rule
	Conditions []domain.Condition
	By         []Comparison   // the comparisons that the answer rests on, where it rests on conditions
	Subject    domain.Subject // without an id: a project or an award that it has not got yet; none: the clause has no account of its own
	Room       domain.Room    // of the subject; nothing is left where the answer is no
	Group      domain.Ceiling // what its group has left with it, where it is of one and the clause states a cap for groups
	Owes       domain.Money   // what was due before the day
	Free       domain.Ceiling // of the clause's budget of the year of the day
	DaysLeft   int            // of the clause's policy
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
	// Sees is what who asks may learn of a fact under a clause; nil: all.
	Sees func(domain.Clause, domain.Fact) Sight
}

// Of matches an enterprise with the clauses of all policies whose term holds the day, in their order: its own accounts first, then what a new one
// could have. Of other enterprises nothing is looked at, but what its group uses.
func Of(s *domain.State, e domain.EnterpriseID, asked Asked) (matches []Match) {
	if asked.Year == 0 {
		asked.Year = domain.SupportYear(asked.Day.Year())
	}
	policy := s.Policy()
	if policy == nil {
		return nil
	}
	held := s.Held(e)
	owes := s.OwesOn(e, asked.Day)
	for _, c := range policy.Clauses {
		if asked.Clause != "" && c.ID != asked.Clause || asked.Clause == "" && !c.HasAccounts() && !c.ByReference() {
			continue
		}
		c = s.ClauseOn(c.ID, asked.Day)
		m := Match{Enterprise: e, Clause: c.ID, Year: asked.Year, Answer: DepartmentJudges, Conditions: c.Conditions, Owes: owes, DaysLeft: daysTo(asked.Day, s.LastDay(c.ID, asked.Day)),
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
			if subject.Kind == domain.SubjectEnterprise {
				one.Group = s.GroupLeft(e, c.ID, asked.Year, asked.Day)
			}
			if one.Why == nil && len(c.Conditions) > 0 {
				one.judge(s, policy, c, asked)
			}
			matches = append(matches, one)
		}
	}
	return matches
}

// judge answers by the conditions of the clause.
func (m *Match) judge(s *domain.State, p *domain.Policy, c domain.Clause, asked Asked) {
	a := asks{state: s, policy: p, enterprise: m.Enterprise, year: asked.Year, day: asked.Day, sees: func(domain.Fact) Sight { return SeesValue }}
	if asked.Sees != nil {
		a.sees = func(f domain.Fact) Sight { return asked.Sees(c, f) }
	}
	if m.Subject.Kind == domain.SubjectProject {
		a.project = m.Subject.ID
	}
	var is truth
	is, m.By = a.all(c.Conditions, false)
	m.Answer = [...]Answer{no: No, unknown: Unknown, yes: Yes}[is]
}

// Judge answers by the conditions of a clause alone, for an enterprise and, where one is named, a project of its.
func Judge(s *domain.State, c domain.Clause, of domain.FactSubject, asked Asked) Match {
	m := Match{Enterprise: of.Enterprise, Clause: c.ID, Year: asked.Year, Conditions: c.Conditions}
	if of.Project != "" {
		m.Subject = domain.Subject{Kind: domain.SubjectProject, ID: of.Project}
	}
	m.judge(s, s.Policy(), c, asked)
	return m
}

// The codes of answers that conditions give.
const (
	CodeConditionFails = "condition_not_met"
	CodeFactMissing    = domain.CodeFactNotKnown
	CodeFactWithheld   = "fact_withheld"
)

// Code is for programs: of the rule that says no, or of what the conditions leave; "" where they are fulfilled or there are none.
func (m Match) Code() string {
	switch {
	case m.Why != nil:
		return m.Why.Code
	case m.Answer == No:
		return CodeConditionFails
	case m.Answer != Unknown:
		return ""
	}
	for _, c := range m.By {
		if c.Outcome != Withheld {
			return CodeFactMissing
		}
	}
	return CodeFactWithheld
}

// Message is why the answer is what it is, in sentences; none where a department judges by itself.
func (m Match) Message(p *domain.Policy) (t domain.Text) {
	if m.Why != nil {
		return m.Why.Message()
	}
	for i, c := range m.By {
		told := c.Tell(p, m.Year)
		if i > 0 {
			t = domain.Text{ZH: t.ZH + "；", EN: t.EN + "; "}
		}
		t = domain.Text{ZH: t.ZH + told.ZH, EN: t.EN + told.EN}
	}
	return t
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
