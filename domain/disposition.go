package domain

// Disposition is what an auditor makes of a finding.
type Disposition string

// The dispositions of a finding.
const (
	FindingAccepted  Disposition = "accepted"
	FindingExplained Disposition = "explained"
	FindingFalse     Disposition = "false_alarm"
)

// DisposeFinding records what an auditor makes of an audit finding.
type DisposeFinding struct {
	Head
	Finding     FindingID   `json:"finding"`
	Disposition Disposition `json:"disposition"`
	Comment     string      `json:"comment"`
}

// FindingDisposed says what was made of a finding; the latest word counts.
type FindingDisposed struct {
	Finding     FindingID   `json:"finding"`
	Disposition Disposition `json:"disposition"`
	Comment     string      `json:"comment"`
}

// Name is "dispose_finding".
func (DisposeFinding) Name() string { return "dispose_finding" }

// Name is "finding_disposed".
func (FindingDisposed) Name() string { return "finding_disposed" }

// Entity is the finding.
func (e FindingDisposed) Entity() (string, string) { return "finding", string(e.Finding) }

func (*DisposeFinding) about(*State) Concern { return Concern{} }

func (c *DisposeFinding) decide(_ *State, _ Date) ([]Event, *Refusal) {
	if r := checkIDs("finding", c.Finding); r != nil {
		return nil, r
	}
	switch c.Disposition {
	case FindingAccepted, FindingExplained, FindingFalse:
	default:
		return nil, refuse(CodeFieldInvalid, "field", "disposition", "value", c.Disposition,
			"reason", ReasonOneOf, "allowed", codeList(DispositionCodes))
	}
	if r := checkNeeded("comment", c.Comment); r != nil {
		return nil, r
	}
	return []Event{&FindingDisposed{Finding: c.Finding, Disposition: c.Disposition, Comment: c.Comment}}, nil
}

func (*FindingDisposed) concerns() Concern { return Concern{} }

func (e *FindingDisposed) command(h Head) Command {
	return &DisposeFinding{Head: h, Finding: e.Finding, Disposition: e.Disposition, Comment: e.Comment}
}

func (e *FindingDisposed) describe() Text {
	return both("审计发现 %s 处置为 %s：%s", "finding %s disposed of as %s: %s", e.Finding, e.Disposition, e.Comment)
}

// apply changes nothing that decisions look at: the finding is the auditor's, and no rule depends on it.
func (e *FindingDisposed) apply(_ *State, _ Deed) {}
