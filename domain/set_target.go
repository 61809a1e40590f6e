package domain

import "slices"

// SetTarget says what an indicator of a clause is to come to in a year. A later one takes the place of the earlier.
type SetTarget struct {
	Head
	Clause    ClauseID    `json:"clause"`
	Indicator IndicatorID `json:"indicator"`
	Year      SupportYear `json:"year"`
	Value     string      `json:"value"` // as the fact's values are written, of all who are supported together; of a percentage, on average
	Document  string      `json:"document,omitzero"`
}

// TargetSet says what an indicator is to come to, and was to come to before.
type TargetSet struct {
	Clause     ClauseID     `json:"clause"`
	Indicator  IndicatorID  `json:"indicator"`
	Year       SupportYear  `json:"year"`
	Value      string       `json:"value"`
	Written    string       `json:"written,omitzero"`
	Previous   string       `json:"previous,omitzero"`
	Document   string       `json:"document,omitzero"`
	Department DepartmentID `json:"department"`
	Unit       FactUnit     `json:"unit"`
}

type targetKey struct {
	clause    ClauseID
	indicator IndicatorID
	year      SupportYear
}

// Name is "set_target".
func (SetTarget) Name() string { return "set_target" }

// Name is "target_set".
func (TargetSet) Name() string { return "target_set" }

// Entity is the clause.
func (e TargetSet) Entity() (string, string) { return "clause", string(e.Clause) }

func (*SetTarget) isEarly() {}

func (c *SetTarget) about(*State) Concern { return Concern{Account: Account{Clause: c.Clause}} }

func (c *SetTarget) decide(s *State, _ Date) ([]Event, *Refusal) {
	one, r := s.checkIndicator(c.Head, c.Name(), c.Clause, c.Indicator)
	if r != nil {
		return nil, r
	}
	f, measured := s.policy.Fact(one.Fact)
	if !measured {
		return nil, refuse(CodeIndicatorUnmeasured, "clause", c.Clause, "indicator", c.Indicator)
	}
	if r := s.checkEvaluatedYear(c.Clause, c.Year, s.termOn(c.Clause, c.Date).To.Year()); r != nil {
		return nil, r
	}
	f.Sensitive = false // a target is no value of anybody's
	value, r := s.policy.readValue(f, c.Value)
	if r != nil {
		return nil, r
	}
	if r := checkTexts("document", c.Document); r != nil {
		return nil, r
	}
	return []Event{&TargetSet{Clause: c.Clause, Indicator: c.Indicator, Year: c.Year, Value: value, Written: otherwise(c.Value, value),
		Previous: s.targets.get(targetKey{c.Clause, c.Indicator, c.Year}), Document: c.Document, Department: c.Actor.Department, Unit: f.Unit}}, nil
}

// checkIndicator finds an indicator of a clause, for a department that is responsible for the clause, or the treasury.
func (s *State) checkIndicator(h Head, command string, c ClauseID, id IndicatorID) (Indicator, *Refusal) {
	if r := s.checkEvaluates(h, command, c); r != nil {
		return Indicator{}, r
	}
	if r := checkIDs("indicator", id); r != nil {
		return Indicator{}, r
	}
	one, known := s.policy.Indicator(c, id)
	if !known {
		return one, refuse(CodeIndicatorUnknown, "clause", c, "indicator", id)
	}
	return one, nil
}

// checkEvaluates judges who speaks of what a clause's money did: a department that is responsible for it, or the treasury.
func (s *State) checkEvaluates(h Head, command string, c ClauseID) *Refusal {
	if _, r := s.checkClause(c); r != nil {
		return r
	}
	if h.Actor.Department == s.policy.Treasury && h.Actor.Department != "" {
		return nil
	}
	return s.checkResponsible(command, application{charge: Charge{Clause: c}}, h, false)
}

// checkEvaluatedYear refuses a year that the clause's policy has not got, or that lies behind the latest.
func (s *State) checkEvaluatedYear(c ClauseID, year SupportYear, latest int) *Refusal {
	from := s.policies.get(s.clauses.get(c).policy).policy.Term.From.Year()
	switch {
	case year == 0:
		return refuse(CodeFieldMissing, "field", "year")
	case int(year) < from || int(year) > max(from, latest):
		return refuse(CodeYearOutsideTerm, "clause", c, "year", year, "from", DateOf(from, 1, 1), "until", DateOf(max(from, latest), 12, 31))
	}
	return nil
}

func (e *TargetSet) concerns() Concern { return Concern{Account: Account{Clause: e.Clause}} }

func (e *TargetSet) command(h Head) Command {
	return &SetTarget{Head: h, Clause: e.Clause, Indicator: e.Indicator, Year: e.Year, Value: written(e.Written, e.Value), Document: e.Document}
}

func (e *TargetSet) describe() Text {
	if e.Previous != "" {
		return both("条款 %s 指标 %s 的 %s 年目标由 %s 改为 %s", "target of clause %s, %s, of %s: %[5]s, not %[4]s", e.Clause, e.Indicator, e.Year, e.Previous, e.Value)
	}
	return both("条款 %s 指标 %s 的 %s 年目标：%s", "target of clause %s, %s, of %s: %s", e.Clause, e.Indicator, e.Year, e.Value)
}

func (e *TargetSet) apply(s *State, _ Deed) {
	s.targets.put(targetKey{e.Clause, e.Indicator, e.Year}, e.Value)
}

// Target is what an indicator is to come to in a year; "": none is set.
func (s *State) Target(c ClauseID, id IndicatorID, year SupportYear) string {
	return s.targets.get(targetKey{c, id, year})
}

// otherThan lists the texts that are not among others.
func otherThan[T comparable](list, others []T) (left []T) {
	for _, one := range list {
		if !slices.Contains(others, one) {
			left = append(left, one)
		}
	}
	return left
}
