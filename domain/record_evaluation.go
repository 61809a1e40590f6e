package domain

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// RecordEvaluation keeps what somebody makes of what a clause's money did in a year: a score for each indicator, and a conclusion. What the ledger itself
// reckons is not typed: it is made of the log as it was at a position, so that it can be made again.
type RecordEvaluation struct {
	Head
	Evaluation EvaluationID   `json:"evaluation"`
	Clause     ClauseID       `json:"clause"`
	Year       SupportYear    `json:"year"`
	Kind       EvaluationKind `json:"kind"`
	At         uint64         `json:"at,omitzero"` // the position of the log that it rests on; left out: where it stands now
	Conclusion string         `json:"conclusion"`
	Scores     []Score        `json:"scores"`
	Document   string         `json:"document,omitzero"`
}

// EvaluationKind says who evaluates.
type EvaluationKind string

// The kinds of evaluations.
const (
	SelfEvaluation       EvaluationKind = "self"       // a department that is responsible for the clause, of its own work
	DepartmentEvaluation EvaluationKind = "department" // an approver of such a department
	FinanceEvaluation    EvaluationKind = "finance"    // the treasury
)

// EvaluationRecorded says what was made of a clause's money, on what position of the log, and what its scores come to.
type EvaluationRecorded struct {
	Evaluation EvaluationID   `json:"evaluation"`
	Clause     ClauseID       `json:"clause"`
	Year       SupportYear    `json:"year"`
	Kind       EvaluationKind `json:"kind"`
	At         uint64         `json:"at"`
	Conclusion string         `json:"conclusion"`
	Scores     []Score        `json:"scores"`
	Weights    []int          `json:"weights"` // of the scores, as the indicators had them
	Total      string         `json:"total"`
	Grade      Grade          `json:"grade"`
	Document   string         `json:"document,omitzero"`
	Department DepartmentID   `json:"department"`
	Now        bool           `json:"now,omitzero"` // the position was left out
}

// evaluation is what is kept of one.
type evaluation struct {
	EvaluationRecorded
	by []PersonID
}

// Name is "record_evaluation".
func (RecordEvaluation) Name() string { return "record_evaluation" }

// Name is "evaluation_recorded".
func (EvaluationRecorded) Name() string { return "evaluation_recorded" }

// Entity is the clause.
func (e EvaluationRecorded) Entity() (string, string) { return "clause", string(e.Clause) }

func (*RecordEvaluation) isEarly() {}

func (c *RecordEvaluation) about(*State) Concern { return Concern{Account: Account{Clause: c.Clause}} }

func (c *RecordEvaluation) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := checkIDs("evaluation", c.Evaluation); r != nil {
		return nil, r
	}
	if s.evaluations.has(c.Evaluation) {
		return nil, refuse(CodeEvaluationExists, "evaluation", c.Evaluation)
	}
	at := c.At
	if at == 0 {
		at = s.happened
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return c.checkOffice(s) },
		func() *Refusal { return s.checkEvaluatedYear(c.Clause, c.Year, c.Date.Year()) },
		func() *Refusal { return c.checkPosition(s) },
		func() *Refusal { return s.checkEvaluator(c) },
		func() *Refusal { return checkNeeded("conclusion", c.Conclusion) },
		func() *Refusal { return checkTexts("document", c.Document) },
	} {
		if r := check(); r != nil {
			return nil, r
		}
	}
	indicators := s.policy.IndicatorsOf(c.Clause)
	scores, weights, r := checkScores(c.Clause, indicators, c.Scores)
	if r != nil {
		return nil, r
	}
	total, _ := TotalOf(indicators, scores)
	return []Event{&EvaluationRecorded{Evaluation: c.Evaluation, Clause: c.Clause, Year: c.Year, Kind: c.Kind, At: at, Now: c.At == 0, Conclusion: c.Conclusion,
		Scores: scores, Weights: weights, Total: total.StringFixed(2), Grade: GradeOf(total), Document: c.Document, Department: c.Actor.Department}}, nil
}

// checkPosition refuses a position that the log has not reached.
func (c *RecordEvaluation) checkPosition(s *State) *Refusal {
	if c.At > s.happened {
		return refuse(CodeFieldInvalid, "field", "at", "value", fmt.Sprint(c.At), "reason", ReasonPosition, "limit", fmt.Sprint(s.happened))
	}
	return nil
}

// checkOffice judges which kind of evaluation is whose: the treasury's is given by a treasurer, a department's by its approver.
func (c *RecordEvaluation) checkOffice(s *State) *Refusal {
	if _, r := s.checkClause(c.Clause); r != nil {
		return r
	}
	var role Role
	switch c.Kind {
	case "":
		return refuse(CodeFieldMissing, "field", "kind")
	case SelfEvaluation:
		role = Clerk
	case DepartmentEvaluation:
		role = Approver
	case FinanceEvaluation:
		role = Treasurer
	default:
		return refuse(CodeFieldInvalid, "field", "kind", "value", Clip(string(c.Kind), 40), "reason", ReasonOneOf, "allowed", codeList(EvaluationCodes))
	}
	switch {
	case c.Actor.Role != role:
		return refuse(CodeRoleNotAllowed, "command", c.Name(), "role", c.Actor.Role, "allowed", role)
	case c.Kind != FinanceEvaluation:
		return s.checkResponsible(c.Name(), application{charge: Charge{Clause: c.Clause}}, c.Head, false)
	}
	return nil
}

// checkEvaluator keeps apart who evaluates their own work and who does so for the treasury.
func (s *State) checkEvaluator(c *RecordEvaluation) *Refusal {
	other := map[EvaluationKind]EvaluationKind{SelfEvaluation: FinanceEvaluation, FinanceEvaluation: SelfEvaluation}[c.Kind]
	for _, id := range s.evaluated.get(evaluatedYear{c.Clause, c.Year}) {
		of := s.evaluations.get(id)
		if of.Kind != other {
			continue
		}
		if p := c.Actor.Among(of.by); p != "" {
			return refuse(CodeFourEyes, "person", p, "did", c.Name(), "does", c.Name())
		}
	}
	return nil
}

// checkScores judges scores: each indicator of the clause has one.
func checkScores(c ClauseID, indicators []Indicator, given []Score) (scores []Score, weights []int, _ *Refusal) {
	if len(indicators) == 0 {
		return nil, nil, refuse(CodeIndicatorsMissing, "clause", c)
	}
	var known, scored []IndicatorID
	for _, one := range indicators {
		known = append(known, one.ID)
	}
	for _, one := range given {
		i := slices.Index(known, one.Indicator)
		switch {
		case i < 0:
			return nil, nil, refuse(CodeIndicatorUnknown, "clause", c, "indicator", Clip(string(one.Indicator), 40))
		case slices.Contains(scored, one.Indicator):
			return nil, nil, refuse(CodeFieldInvalid, "field", "scores", "value", one.Indicator, "reason", ReasonTwice)
		}
		value, fine := plainNumber(one.Score, 2, false)
		if !fine || value.Cmp(decimal.NewFromInt(100)) > 0 {
			return nil, nil, refuse(CodeFieldInvalid, "field", "scores", "value", Clip(one.Score, 40), "reason", ReasonScore)
		}
		scored = append(scored, one.Indicator)
		scores, weights = append(scores, one), append(weights, indicators[i].Weight)
	}
	if left := otherThan(known, scored); len(left) > 0 {
		return nil, nil, refuse(CodeScoresIncomplete, "clause", c, "value", join(left))
	}
	return scores, weights, nil
}

func (e *EvaluationRecorded) concerns() Concern { return Concern{Account: Account{Clause: e.Clause}} }

func (e *EvaluationRecorded) command(h Head) Command {
	c := &RecordEvaluation{Head: h, Evaluation: e.Evaluation, Clause: e.Clause, Year: e.Year, Kind: e.Kind, At: e.At, Conclusion: e.Conclusion, Scores: e.Scores, Document: e.Document}
	if e.Now {
		c.At = 0
	}
	return c
}

func (e *EvaluationRecorded) describe() Text {
	return both("条款 %s 的 %s 年度%s：%s 分，%s；%s", "clause %s, %s, %s: %s, %s; %s", e.Clause, e.Year, e.Kind, e.Total, e.Grade, e.Conclusion)
}

func (e *EvaluationRecorded) apply(s *State, by Deed) {
	s.evaluations.put(e.Evaluation, evaluation{*e, by.Actor.Persons()})
	s.evaluated.update(evaluatedYear{e.Clause, e.Year}, func(list *[]EvaluationID) { *list = append(slices.Clip(*list), e.Evaluation) })
	s.learn(nameEvaluation, string(e.Evaluation))
}

type evaluatedYear struct {
	clause ClauseID
	year   SupportYear
}
