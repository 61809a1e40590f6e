package domain

import (
	"cmp"
	"maps"
	"slices"
)

// What undoes a wrong entry of an enterprise (R12): its industry is corrected, its admission revoked. Both hold from the
// command's date on; what was decided for earlier days stands. What was decided or booked for that day or a later one stands too, for
// nothing is rewritten; where the clause would not serve the enterprise now, the event says so (R10).

// CorrectEnterprise says of which industry an enterprise is, from the command's date on.
type CorrectEnterprise struct {
	Head
	Enterprise EnterpriseID `json:"enterprise"`
	Industry   IndustryID   `json:"industry"`
	Reason     string       `json:"reason"`
	Document   string       `json:"document,omitzero"`
}

// EnterpriseCorrected says of which industry an enterprise is, and was taken to be.
type EnterpriseCorrected struct {
	Enterprise EnterpriseID `json:"enterprise"`
	Industry   IndustryID   `json:"industry"`
	Previous   IndustryID   `json:"previous,omitzero"`
	Reason     string       `json:"reason"`
	Document   string       `json:"document,omitzero"`
	Findings   []Finding    `json:"findings,omitempty"`
}

// Name is "correct_enterprise".
func (CorrectEnterprise) Name() string { return "correct_enterprise" }

// Name is "enterprise_corrected".
func (EnterpriseCorrected) Name() string { return "enterprise_corrected" }

// Entity is the enterprise.
func (e EnterpriseCorrected) Entity() (string, string) { return "enterprise", string(e.Enterprise) }

func (c *CorrectEnterprise) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *CorrectEnterprise) decide(s *State, _ Date) ([]Event, *Refusal) {
	e, r := s.checkEnterprise(c.Enterprise)
	if r != nil {
		return nil, r
	}
	if c.Industry == "" {
		return nil, refuse(CodeFieldMissing, "field", "industry")
	}
	if !s.policy.HasIndustry(c.Industry) {
		return nil, refuse(CodeIndustryUnknown, "industry", c.Industry)
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkTexts("document", c.Document); r != nil {
		return nil, r
	}
	if n := len(e.recognised); n > 0 {
		f, _ := s.policy.FactMeaning(MeansIndustry)
		return nil, refuse(CodeFactDecides, "enterprise", c.Enterprise, "fact", f.ID, "from", e.recognised[0].from)
	}
	if c.Industry == e.industry() {
		return nil, refuse(CodeCorrectionEmpty, "enterprise", c.Enterprise, "industry", c.Industry)
	}
	if n := len(e.industries); n > 0 {
		if r := checkOrder("date", c.Date, e.industries[n-1].from); r != nil {
			return nil, r
		}
	}
	return []Event{&EnterpriseCorrected{Enterprise: c.Enterprise, Industry: c.Industry, Previous: e.industry(), Reason: c.Reason, Document: c.Document,
		Findings: s.servedNoMore(c.Enterprise, e, e.corrected(c.Date, c.Industry), c.Date)}}, nil
}

func (e *EnterpriseCorrected) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *EnterpriseCorrected) command(h Head) Command {
	return &CorrectEnterprise{Head: h, Enterprise: e.Enterprise, Industry: e.Industry, Reason: e.Reason, Document: e.Document}
}

func (e *EnterpriseCorrected) describe() Text {
	return both("产业由“%s”更正为“%s”：%s", "industry corrected from %s to %s: %s", e.Previous, e.Industry, e.Reason)
}

func (e *EnterpriseCorrected) apply(s *State, by Deed) {
	s.enterprises.update(e.Enterprise, func(row *enterprise) { *row = row.corrected(by.Date, e.Industry) })
}

// RevokeAdmission ends an enterprise's admissions, from the command's date on.
type RevokeAdmission struct {
	Head
	Enterprise EnterpriseID `json:"enterprise"`
	Document   string       `json:"document"`
}

// AdmissionRevoked says that an enterprise is admitted no more.
type AdmissionRevoked struct {
	Enterprise EnterpriseID `json:"enterprise"`
	Document   string       `json:"document"`
	Findings   []Finding    `json:"findings,omitempty"`
}

// Name is "revoke_admission".
func (RevokeAdmission) Name() string { return "revoke_admission" }

// Name is "admission_revoked".
func (AdmissionRevoked) Name() string { return "admission_revoked" }

// Entity is the enterprise.
func (e AdmissionRevoked) Entity() (string, string) { return "enterprise", string(e.Enterprise) }

func (c *RevokeAdmission) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *RevokeAdmission) decide(s *State, _ Date) ([]Event, *Refusal) {
	e, r := s.checkEnterprise(c.Enterprise)
	if r != nil {
		return nil, r
	}
	if !slices.ContainsFunc(e.admissions, admission.stands) {
		return nil, refuse(CodeNotAdmitted, "enterprise", c.Enterprise)
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	for _, a := range e.admissions {
		if !a.stands() {
			continue
		}
		if r := checkOrder("date", c.Date, a.from); r != nil {
			return nil, r
		}
	}
	return []Event{&AdmissionRevoked{Enterprise: c.Enterprise, Document: c.Document,
		Findings: s.servedNoMore(c.Enterprise, e, e.notAdmitted(c.Date), c.Date)}}, nil
}

func (e *AdmissionRevoked) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *AdmissionRevoked) command(h Head) Command {
	return &RevokeAdmission{Head: h, Enterprise: e.Enterprise, Document: e.Document}
}

func (e *AdmissionRevoked) describe() Text {
	return both("撤销支持对象资格，文号 %s", "admission revoked, document %s", e.Document)
}

func (e *AdmissionRevoked) apply(s *State, by Deed) {
	s.enterprises.update(e.Enterprise, func(row *enterprise) { *row = row.notAdmitted(by.Date) })
}

// corrected is the enterprise with another industry from a day on.
func (e enterprise) corrected(from Date, industry IndustryID) enterprise {
	e.industries = append(slices.Clip(e.industries), industryFrom{from, industry})
	return e
}

// notAdmitted is the enterprise with no admission from a day on.
func (e enterprise) notAdmitted(from Date) enterprise {
	e.admissions = slices.Clone(e.admissions)
	for i := range e.admissions {
		if e.admissions[i].stands() {
			e.admissions[i].revoked = from
		}
	}
	return e
}

// clauseYear is a clause that was applied for and a support year.
type clauseYear struct {
	clause ClauseID
	year   SupportYear
}

// maxServedNoMore bounds how many findings a correction carries: an event has to fit on the log.
const maxServedNoMore = 100

// servedNoMore finds what was approved, or booked without an approval, for a day from which on the clause does not serve the enterprise
// any more: one finding for each clause and support year, in order.
func (s *State) servedNoMore(id EnterpriseID, was, is enterprise, from Date) (findings []Finding) {
	sums := map[clauseYear]Money{}
	refusals := map[ClauseID]*Refusal{}
	note := func(c Charge, year SupportYear, day Date, amount Money) {
		if c.Enterprise != id || day.Before(from) || !amount.Positive() || s.checkIndustry(c.Applied(), was, day) != nil {
			return
		}
		if r := s.checkIndustry(c.Applied(), is, day); r != nil {
			key := clauseYear{c.Applied(), year}
			sums[key], refusals[key.clause] = sums[key].Add(amount), r
		}
	}
	for _, a := range s.applications.rows {
		if a.state == Approved {
			for _, part := range a.made() {
				note(part.charge, part.year, part.on, part.amount)
			}
		}
	}
	for _, p := range s.payouts.rows {
		if p.booked && !p.reversed && s.applications.get(p.application).state != Approved {
			note(p.charge, p.year, p.paidOn, p.amount.Sub(p.returned))
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(sums), func(a, b clauseYear) int {
		return cmp.Or(cmp.Compare(a.clause, b.clause), cmp.Compare(a.year, b.year))
	}) {
		if len(findings) == maxServedNoMore {
			break
		}
		f := refusals[key.clause].finding()
		f.Figures = maps.Clone(f.Figures)
		f.Figures["year"], f.Figures["use"] = key.year.String(), sums[key].String()
		findings = append(findings, f)
	}
	return findings
}
