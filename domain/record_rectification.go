package domain

// RecordRectification keeps what is to be put right after an evaluation, by when, and later that it is done.
type RecordRectification struct {
	Head
	Rectification RectificationID    `json:"rectification"`
	Evaluation    EvaluationID       `json:"evaluation,omitzero"` // that asks for it; needed the first time
	State         RectificationState `json:"state"`
	Matter        string             `json:"matter"` // what is to be put right, or what was done
	DueOn         Date               `json:"due_on,omitzero"`
	Document      string             `json:"document,omitzero"`
}

// RectificationState says how far a rectification is.
type RectificationState string

// The states of a rectification.
const (
	RectificationOpen RectificationState = "open"
	RectificationDone RectificationState = "done"
)

// RectificationRecorded says how far a rectification is.
type RectificationRecorded struct {
	Rectification RectificationID    `json:"rectification"`
	Evaluation    EvaluationID       `json:"evaluation"`
	Named         bool               `json:"named,omitzero"` // the evaluation was
	Clause        ClauseID           `json:"clause"`
	Year          SupportYear        `json:"year"`
	State         RectificationState `json:"state"`
	Matter        string             `json:"matter"`
	DueOn         Date               `json:"due_on,omitzero"`
	Document      string             `json:"document,omitzero"`
	Department    DepartmentID       `json:"department"`
}

type rectification struct {
	evaluation EvaluationID
	state      RectificationState
	on         Date
}

// Name is "record_rectification".
func (RecordRectification) Name() string { return "record_rectification" }

// Name is "rectification_recorded".
func (RectificationRecorded) Name() string { return "rectification_recorded" }

// Entity is the clause.
func (e RectificationRecorded) Entity() (string, string) { return "clause", string(e.Clause) }

func (*RecordRectification) isEarly() {}

func (c *RecordRectification) about(s *State) Concern {
	id := c.Evaluation
	if id == "" {
		id = s.rectifications.get(c.Rectification).evaluation
	}
	return Concern{Account: Account{Clause: s.evaluations.get(id).Clause}}
}

func (c *RecordRectification) decide(s *State, _ Date) ([]Event, *Refusal) {
	of, r := c.evaluation(s)
	if r != nil {
		return nil, r
	}
	if r := s.checkEvaluates(c.Head, c.Name(), of.Clause); r != nil {
		return nil, r
	}
	if r := c.checkState(s); r != nil {
		return nil, r
	}
	if r := checkNeeded("matter", c.Matter); r != nil {
		return nil, r
	}
	if r := checkTexts("document", c.Document); r != nil {
		return nil, r
	}
	return []Event{&RectificationRecorded{Rectification: c.Rectification, Evaluation: of.Evaluation, Named: c.Evaluation != "", Clause: of.Clause, Year: of.Year, State: c.State,
		Matter: c.Matter, DueOn: c.DueOn, Document: c.Document, Department: c.Actor.Department}}, nil
}

// evaluation is the one that a rectification answers.
func (c *RecordRectification) evaluation(s *State) (evaluation, *Refusal) {
	if r := checkIDs("rectification", c.Rectification); r != nil {
		return evaluation{}, r
	}
	known, there := s.rectifications.find(c.Rectification)
	id := c.Evaluation
	switch {
	case id == "" && !there:
		return evaluation{}, refuse(CodeFieldMissing, "field", "evaluation")
	case id == "":
		id = known.evaluation
	}
	if r := checkIDs("evaluation", id); r != nil {
		return evaluation{}, r
	}
	of, is := s.evaluations.find(id)
	switch {
	case !is:
		return of, refuse(CodeEvaluationUnknown, "evaluation", id)
	case there && known.evaluation != id:
		return of, refuse(CodeRectificationExists, "rectification", c.Rectification, "evaluation", known.evaluation)
	}
	return of, nil
}

// checkState judges the steps of a rectification: it is opened first, and once it is done it is over.
func (c *RecordRectification) checkState(s *State) *Refusal {
	known, there := s.rectifications.find(c.Rectification)
	switch {
	case c.State == "":
		return refuse(CodeFieldMissing, "field", "state")
	case !hasCode(RectificationCodes, c.State):
		return refuse(CodeFieldInvalid, "field", "state", "value", Clip(string(c.State), 40), "reason", ReasonOneOf, "allowed", codeList(RectificationCodes))
	case !there && c.State == RectificationDone:
		return refuse(CodeRectificationUnknown, "rectification", c.Rectification)
	case there && known.state == RectificationDone:
		return refuse(CodeRectificationDone, "rectification", c.Rectification, "date", known.on)
	case there:
		return checkOrder("date", c.Date, known.on)
	}
	return nil
}

func (e *RectificationRecorded) concerns() Concern {
	return Concern{Account: Account{Clause: e.Clause}}
}

func (e *RectificationRecorded) command(h Head) Command {
	c := &RecordRectification{Head: h, Rectification: e.Rectification, State: e.State, Matter: e.Matter, DueOn: e.DueOn, Document: e.Document}
	if e.Named {
		c.Evaluation = e.Evaluation
	}
	return c
}

func (e *RectificationRecorded) describe() Text {
	return both("整改 %s（%s）：%s", "rectification %s, %s: %s", e.Rectification, e.State, e.Matter)
}

func (e *RectificationRecorded) apply(s *State, by Deed) {
	s.rectifications.put(e.Rectification, rectification{e.Evaluation, e.State, by.Date})
	s.learn(nameRectification, string(e.Rectification))
}
