package domain

import "slices"

// RecordFact keeps what a department knows of an enterprise or a project: a value of a period. Another department, where the policy asks for
// one, records the same value to confirm it.
type RecordFact struct {
	Head
	Enterprise EnterpriseID `json:"enterprise,omitzero"`
	Project    string       `json:"project,omitzero"`
	Fact       FactID       `json:"fact"`
	Period     string       `json:"period"`
	Value      string       `json:"value"`
	Document   string       `json:"document,omitzero"`
	SHA256     string       `json:"sha256,omitzero"` // of the document
}

// FactRecorded says what a department knows: the value in its one spelling, and whether it counts.
type FactRecorded struct {
	Enterprise EnterpriseID `json:"enterprise,omitzero"`
	Project    string       `json:"project,omitzero"`
	Fact       FactID       `json:"fact"`
	Period     string       `json:"period"`
	Value      string       `json:"value"`
	Written    string       `json:"written,omitzero"` // as it was given, where that is spelled otherwise
	Department DepartmentID `json:"department"`
	Confirms   DepartmentID `json:"confirms,omitzero"` // the department that recorded it first
	Pending    bool         `json:"pending,omitzero"`  // it does not count until a second department records it
	Document   string       `json:"document,omitzero"`
	SHA256     string       `json:"sha256,omitzero"`
	Unit       FactUnit     `json:"unit"`
	Sensitive  bool         `json:"sensitive,omitzero"`
	Means      FactMeaning  `json:"means,omitzero"`
	Industry   IndustryID   `json:"industry,omitzero"` // the enterprise's from now on, where it becomes another
	Findings   []Finding    `json:"findings,omitempty"`
}

// Name is "record_fact".
func (RecordFact) Name() string { return "record_fact" }

// Name is "fact_recorded".
func (FactRecorded) Name() string { return "fact_recorded" }

// Entity is the enterprise or the project.
func (e FactRecorded) Entity() (string, string) { return factEntity(e.Enterprise, e.Project) }

func factEntity(e EnterpriseID, project string) (string, string) {
	if project != "" {
		return "project", project
	}
	return "enterprise", string(e)
}

func (*RecordFact) isEarly() {}

func (c *RecordFact) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *RecordFact) decide(s *State, _ Date) ([]Event, *Refusal) {
	f, value, r := s.checkFact(c.Head, FactSubject{c.Enterprise, c.Project}, c.Fact, c.Period, c.Value, c.Document, c.SHA256)
	if r != nil {
		return nil, r
	}
	e := &FactRecorded{Enterprise: c.Enterprise, Project: c.Project, Fact: f.ID, Period: c.Period, Value: value, Written: otherwise(c.Value, value),
		Department: c.Actor.Department, Document: c.Document, SHA256: c.SHA256, Unit: f.Unit,
		Sensitive: f.Sensitive, Means: f.Means}
	before, known := valueOf(s.facts.get(factKey{FactSubject{c.Enterprise, c.Project}, f.ID}), c.Period)
	if e.Confirms, e.Pending, r = f.confirmed(c, before, known, value); r != nil {
		return nil, r
	}
	e.Industry, e.Findings = s.recognise(c.Enterprise, f, e.kept(f, before, c.Actor))
	return []Event{e}, nil
}

// confirmed judges who records a value of a period: the first to do so is a source of the fact; where it has to be confirmed, the second is of
// those that confirm it, and says the same.
func (f Fact) confirmed(c *RecordFact, before factValue, known bool, value string) (confirms DepartmentID, pending bool, _ *Refusal) {
	by := c.Actor.Department
	switch {
	case !known && !slices.Contains(f.Sources, by):
		return "", false, refuse(CodeDepartmentNotAllowed, "command", c.Name(), "department", by, "allowed", join(f.Sources))
	case !known:
		return "", len(f.ConfirmedBy) > 0, nil
	case !before.pending || before.department == by:
		return "", false, refuse(CodeFactRecorded, "fact", f.ID, "period", c.Period, "value", f.open(before.value), "department", before.department)
	case !slices.Contains(f.ConfirmedBy, by):
		return "", false, refuse(CodeDepartmentNotAllowed, "command", c.Name(), "department", by, "allowed", join(f.ConfirmedBy))
	case c.Actor.Among(before.by) != "":
		return "", false, refuse(CodeFourEyes, "person", c.Actor.Among(before.by), "did", c.Name(), "does", c.Name())
	case before.value != value:
		return "", false, refuse(CodeFactDiffers, "fact", f.ID, "period", c.Period, "value", f.open(before.value), "department", before.department, "asked", f.open(value))
	}
	return before.department, false, nil
}

// otherwise is a text as it was written, where it is understood as another.
func otherwise(written, understood string) string {
	if written == understood {
		return ""
	}
	return written
}

// checkFact judges what is the same for recording and correcting: whom it is of, which fact, which period, which value.
func (s *State) checkFact(h Head, of FactSubject, id FactID, period, value, document, digest string) (Fact, string, *Refusal) {
	if r := s.checkFactSubject(of); r != nil {
		return Fact{}, "", r
	}
	if r := checkIDs("fact", id); r != nil {
		return Fact{}, "", r
	}
	f, listed := s.policy.Fact(id)
	if !listed {
		return f, "", refuse(CodeFactUnknown, "fact", id)
	}
	if f.Means != "" && of.Project != "" && f.Means != MeansPlace {
		return f, "", refuse(CodeFieldInvalid, "field", "project", "value", of.Project, "reason", ReasonOfEnterprise, "fact", id)
	}
	first, r := f.readPeriod(period)
	if r != nil {
		return f, "", r
	}
	if r := checkNotFuture("period", first, h.Date); r != nil {
		return f, "", r
	}
	is, r := s.policy.readValue(f, value)
	if r != nil {
		return f, "", r
	}
	if r := checkTexts("document", document); r != nil {
		return f, "", r
	}
	if digest != "" && !hexDigest(digest) {
		return f, "", refuse(CodeFieldInvalid, "field", "sha256", "value", Clip(digest, 70), "reason", ReasonDigest)
	}
	return f, is, nil
}

// checkFactSubject finds whom a fact is of: a registered enterprise, or a project that something was applied for, granted or booked for.
func (s *State) checkFactSubject(of FactSubject) *Refusal {
	switch {
	case of.Enterprise != "" && of.Project != "":
		return refuse(CodeFieldInvalid, "field", "project", "value", of.Project, "reason", ReasonEitherSubject)
	case of.Project == "":
		_, r := s.checkEnterprise(of.Enterprise)
		return r
	}
	return s.checkProject("project", of.Project)
}

// kept is the value as it is known from now on.
func (e *FactRecorded) kept(f Fact, before factValue, by Actor) factValue {
	v := factValue{period: e.Period, value: e.Value, pending: e.Pending, department: e.Department, by: by.Persons()}
	if e.Confirms != "" {
		v.department, v.confirmed, v.by = before.department, e.Department, append(slices.Clip(before.by), v.by...)
	}
	return v
}

// recognise is what a value changes of the industry that an enterprise is known to have, where the fact decides that, and what was approved that
// the clause would not serve any more (R10).
func (s *State) recognise(id EnterpriseID, f Fact, v factValue) (IndustryID, []Finding) {
	if f.Means != MeansIndustry {
		return "", nil
	}
	was := s.enterprises.get(id)
	is := was
	is.recognised = recognised(keepValue(s.facts.get(factKey{FactSubject{Enterprise: id}, f.ID}), v))
	from, err := ParseDate(v.period)
	if err != nil || was.industry() == is.industry() && slices.Equal(was.recognised, is.recognised) {
		return "", nil
	}
	industry := IndustryID("")
	if is.industry() != was.industry() {
		industry = is.industry()
	}
	return industry, s.servedNoMore(id, was, is, from)
}

func (e *FactRecorded) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *FactRecorded) command(h Head) Command {
	return &RecordFact{Head: h, Enterprise: e.Enterprise, Project: e.Project, Fact: e.Fact, Period: e.Period, Value: written(e.Written, e.Value),
		Document: e.Document, SHA256: e.SHA256}
}

// written is a text as it was given.
func written(other, text string) string {
	if other != "" {
		return other
	}
	return text
}

func (e *FactRecorded) describe() Text {
	if e.Sensitive { // whoever reads a history reads this
		return both("记录 %s（%s），值限定查阅", "%s of %s recorded; its value is for those who need it", e.Fact, e.Period)
	}
	if e.Confirms != "" {
		return both("确认 %s（%s）：%s", "%s of %s confirmed: %s", e.Fact, e.Period, e.Value)
	}
	if e.Pending {
		return both("记录 %s（%s）：%s，待确认", "%s of %s recorded: %s, to be confirmed", e.Fact, e.Period, e.Value)
	}
	return both("记录 %s（%s）：%s", "%s of %s recorded: %s", e.Fact, e.Period, e.Value)
}

func (e *FactRecorded) apply(s *State, by Deed) {
	of := FactSubject{e.Enterprise, e.Project}
	before, _ := valueOf(s.facts.get(factKey{of, e.Fact}), e.Period)
	s.know(of, e.Fact, e.Means, e.kept(Fact{}, before, by.Actor))
}

// know keeps a value.
func (s *State) know(of FactSubject, id FactID, means FactMeaning, v factValue) {
	key := factKey{of, id}
	s.facts.update(key, func(values *[]factValue) { *values = keepValue(*values, v) })
	if means == MeansIndustry && of.Enterprise != "" {
		s.enterprises.update(of.Enterprise, func(row *enterprise) { row.recognised = recognised(s.facts.get(key)) })
	}
}

// CorrectFact puts another value in the place of one that was recorded. What was decided on the old one stands.
type CorrectFact struct {
	Head
	Enterprise EnterpriseID `json:"enterprise,omitzero"`
	Project    string       `json:"project,omitzero"`
	Fact       FactID       `json:"fact"`
	Period     string       `json:"period"`
	Value      string       `json:"value"`
	Reason     string       `json:"reason"`
	Document   string       `json:"document,omitzero"`
	SHA256     string       `json:"sha256,omitzero"`
}

// FactCorrected says what is known from now on, and was before.
type FactCorrected struct {
	Enterprise EnterpriseID `json:"enterprise,omitzero"`
	Project    string       `json:"project,omitzero"`
	Fact       FactID       `json:"fact"`
	Period     string       `json:"period"`
	Value      string       `json:"value"`
	Written    string       `json:"written,omitzero"`
	Previous   string       `json:"previous"`
	Reason     string       `json:"reason"`
	Department DepartmentID `json:"department"`
	Pending    bool         `json:"pending,omitzero"`
	Document   string       `json:"document,omitzero"`
	SHA256     string       `json:"sha256,omitzero"`
	Unit       FactUnit     `json:"unit"`
	Sensitive  bool         `json:"sensitive,omitzero"`
	Means      FactMeaning  `json:"means,omitzero"`
	Industry   IndustryID   `json:"industry,omitzero"`
	Findings   []Finding    `json:"findings,omitempty"`
}

// Name is "correct_fact".
func (CorrectFact) Name() string { return "correct_fact" }

// Name is "fact_corrected".
func (FactCorrected) Name() string { return "fact_corrected" }

// Entity is the enterprise or the project.
func (e FactCorrected) Entity() (string, string) { return factEntity(e.Enterprise, e.Project) }

func (*CorrectFact) isEarly() {}

func (c *CorrectFact) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *CorrectFact) decide(s *State, _ Date) ([]Event, *Refusal) {
	of := FactSubject{c.Enterprise, c.Project}
	f, value, r := s.checkFact(c.Head, of, c.Fact, c.Period, c.Value, c.Document, c.SHA256)
	if r != nil {
		return nil, r
	}
	before, known := valueOf(s.facts.get(factKey{of, f.ID}), c.Period)
	switch {
	case !slices.Contains(f.Sources, c.Actor.Department):
		return nil, refuse(CodeDepartmentNotAllowed, "command", c.Name(), "department", c.Actor.Department, "allowed", join(f.Sources))
	case !known:
		return nil, refuse(CodeFactNotRecorded, "fact", f.ID, "period", c.Period)
	case before.value == value:
		return nil, refuse(CodeFactUnchanged, "fact", f.ID, "period", c.Period, "value", f.open(value))
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	e := &FactCorrected{Enterprise: c.Enterprise, Project: c.Project, Fact: f.ID, Period: c.Period, Value: value, Written: otherwise(c.Value, value),
		Previous: before.value, Reason: c.Reason, Department: c.Actor.Department, Pending: len(f.ConfirmedBy) > 0, Document: c.Document, SHA256: c.SHA256,
		Unit: f.Unit, Sensitive: f.Sensitive, Means: f.Means}
	e.Industry, e.Findings = s.recognise(c.Enterprise, f, e.kept(c.Actor))
	return []Event{e}, nil
}

func (e *FactCorrected) kept(by Actor) factValue {
	return factValue{period: e.Period, value: e.Value, pending: e.Pending, department: e.Department, by: by.Persons()}
}

func (e *FactCorrected) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *FactCorrected) command(h Head) Command {
	return &CorrectFact{Head: h, Enterprise: e.Enterprise, Project: e.Project, Fact: e.Fact, Period: e.Period, Value: written(e.Written, e.Value),
		Reason: e.Reason, Document: e.Document, SHA256: e.SHA256}
}

func (e *FactCorrected) describe() Text {
	if e.Sensitive {
		return both("更正 %s（%s），值限定查阅：%s", "%s of %s corrected; its value is for those who need it: %s", e.Fact, e.Period, e.Reason)
	}
	return both("%s（%s）由 %s 更正为 %s：%s", "%s of %s corrected from %s to %s: %s", e.Fact, e.Period, e.Previous, e.Value, e.Reason)
}

func (e *FactCorrected) apply(s *State, by Deed) {
	s.know(FactSubject{e.Enterprise, e.Project}, e.Fact, e.Means, e.kept(by.Actor))
}
