package domain

import "slices"

// RegisterEnterprise makes an enterprise known, under its credit code where the policy asks for one (R10).
type RegisterEnterprise struct {
	Head
	Enterprise EnterpriseID `json:"enterprise"`
	Title      string       `json:"name"`
	Industry   IndustryID   `json:"industry,omitzero"`
}

// EnterpriseRegistered says that an enterprise is known.
type EnterpriseRegistered struct {
	Enterprise EnterpriseID `json:"enterprise"`
	Title      string       `json:"name"`
	Industry   IndustryID   `json:"industry,omitzero"`
}

// Name is "register_enterprise".
func (RegisterEnterprise) Name() string { return "register_enterprise" }

// Name is "enterprise_registered".
func (EnterpriseRegistered) Name() string { return "enterprise_registered" }

// Entity is the enterprise.
func (e EnterpriseRegistered) Entity() (string, string) { return "enterprise", string(e.Enterprise) }

func (c *RegisterEnterprise) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *RegisterEnterprise) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := checkIDs("enterprise", c.Enterprise); r != nil {
		return nil, r
	}
	if s.policy.Beneficiary == CreditCode && !ValidCreditCode(c.Enterprise) {
		return nil, refuse(CodeCreditCodeInvalid, "enterprise", c.Enterprise)
	}
	if s.enterprises.has(c.Enterprise) {
		return nil, refuse(CodeEnterpriseExists, "enterprise", c.Enterprise)
	}
	if r := checkName(c.Title); r != nil {
		return nil, r
	}
	if c.Industry != "" && !s.policy.HasIndustry(c.Industry) {
		return nil, refuse(CodeIndustryUnknown, "industry", c.Industry)
	}
	return []Event{&EnterpriseRegistered{Enterprise: c.Enterprise, Title: c.Title, Industry: c.Industry}}, nil
}

func (e *EnterpriseRegistered) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *EnterpriseRegistered) command(h Head) Command {
	return &RegisterEnterprise{Head: h, Enterprise: e.Enterprise, Title: e.Title, Industry: e.Industry}
}

func (e *EnterpriseRegistered) describe() Text {
	return both("登记企业 %s", "enterprise %s registered", e.Title)
}

func (e *EnterpriseRegistered) apply(s *State, by Deed) {
	s.roster = nil
	s.enterprises.put(e.Enterprise, enterprise{name: e.Title, industries: []industryFrom{{by.Date, e.Industry}}})
	s.learn(nameEnterprise, string(e.Enterprise))
}

// RenameEnterprise gives a registered enterprise another name.
type RenameEnterprise struct {
	Head
	Enterprise EnterpriseID `json:"enterprise"`
	Title      string       `json:"name"`
}

// EnterpriseRenamed says what an enterprise is called now, and was before.
type EnterpriseRenamed struct {
	Enterprise EnterpriseID `json:"enterprise"`
	Title      string       `json:"name"`
	Previous   string       `json:"previous"`
}

// Name is "rename_enterprise".
func (RenameEnterprise) Name() string { return "rename_enterprise" }

// Name is "enterprise_renamed".
func (EnterpriseRenamed) Name() string { return "enterprise_renamed" }

// Entity is the enterprise.
func (e EnterpriseRenamed) Entity() (string, string) { return "enterprise", string(e.Enterprise) }

func (c *RenameEnterprise) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *RenameEnterprise) decide(s *State, _ Date) ([]Event, *Refusal) {
	e, r := s.checkEnterprise(c.Enterprise)
	if r != nil {
		return nil, r
	}
	if r := checkName(c.Title); r != nil {
		return nil, r
	}
	return []Event{&EnterpriseRenamed{Enterprise: c.Enterprise, Title: c.Title, Previous: e.name}}, nil
}

func (e *EnterpriseRenamed) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *EnterpriseRenamed) command(h Head) Command {
	return &RenameEnterprise{Head: h, Enterprise: e.Enterprise, Title: e.Title}
}

func (e *EnterpriseRenamed) describe() Text {
	return both("企业由 %s 更名为 %s", "enterprise renamed from %s to %s", e.Previous, e.Title)
}

func (e *EnterpriseRenamed) apply(s *State, _ Deed) {
	s.enterprises.update(e.Enterprise, func(row *enterprise) { row.name = e.Title })
}

// RestrictCredit stops approvals and payouts to an enterprise until its credit is restored (R3, R10).
type RestrictCredit struct {
	Head
	Enterprise EnterpriseID `json:"enterprise"`
	Reason     string       `json:"reason"`
}

// CreditRestricted says that an enterprise's credit is restricted.
type CreditRestricted struct {
	Enterprise EnterpriseID `json:"enterprise"`
	Reason     string       `json:"reason"`
}

// Name is "restrict_credit".
func (RestrictCredit) Name() string { return "restrict_credit" }

// Name is "credit_restricted".
func (CreditRestricted) Name() string { return "credit_restricted" }

// Entity is the enterprise.
func (e CreditRestricted) Entity() (string, string) { return "enterprise", string(e.Enterprise) }

func (c *RestrictCredit) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *RestrictCredit) decide(s *State, _ Date) ([]Event, *Refusal) {
	e, r := s.checkEnterprise(c.Enterprise)
	if r != nil {
		return nil, r
	}
	if e.restricted() {
		return nil, refuse(CodeCreditRestricted, "enterprise", c.Enterprise)
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	if n := len(e.restrictions); n > 0 {
		if r := checkOrder("date", c.Date, e.restrictions[n-1].until); r != nil {
			return nil, r
		}
	}
	return []Event{&CreditRestricted{Enterprise: c.Enterprise, Reason: c.Reason}}, nil
}

func (e *CreditRestricted) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *CreditRestricted) command(h Head) Command {
	return &RestrictCredit{Head: h, Enterprise: e.Enterprise, Reason: e.Reason}
}

func (e *CreditRestricted) describe() Text {
	return both("信用受限：%s", "credit restricted: %s", e.Reason)
}

func (e *CreditRestricted) apply(s *State, by Deed) {
	s.enterprises.update(e.Enterprise, func(row *enterprise) {
		row.restrictions = append(slices.Clip(row.restrictions), restriction{from: by.Date})
	})
}

// RestoreCredit lets approvals and payouts to an enterprise go on.
type RestoreCredit struct {
	Head
	Enterprise EnterpriseID `json:"enterprise"`
	Reason     string       `json:"reason"`
}

// CreditRestored says that an enterprise's credit is in good standing again.
type CreditRestored struct {
	Enterprise EnterpriseID `json:"enterprise"`
	Reason     string       `json:"reason"`
}

// Name is "restore_credit".
func (RestoreCredit) Name() string { return "restore_credit" }

// Name is "credit_restored".
func (CreditRestored) Name() string { return "credit_restored" }

// Entity is the enterprise.
func (e CreditRestored) Entity() (string, string) { return "enterprise", string(e.Enterprise) }

func (c *RestoreCredit) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *RestoreCredit) decide(s *State, _ Date) ([]Event, *Refusal) {
	e, r := s.checkEnterprise(c.Enterprise)
	if r != nil {
		return nil, r
	}
	if !e.restricted() {
		return nil, refuse(CodeCreditNotRestricted, "enterprise", c.Enterprise)
	}
	if r := checkNeeded("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, e.restrictions[len(e.restrictions)-1].from); r != nil {
		return nil, r
	}
	return []Event{&CreditRestored{Enterprise: c.Enterprise, Reason: c.Reason}}, nil
}

func (e *CreditRestored) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *CreditRestored) command(h Head) Command {
	return &RestoreCredit{Head: h, Enterprise: e.Enterprise, Reason: e.Reason}
}

func (e *CreditRestored) describe() Text {
	return both("信用恢复：%s", "credit restored: %s", e.Reason)
}

func (e *CreditRestored) apply(s *State, by Deed) {
	s.enterprises.update(e.Enterprise, func(row *enterprise) {
		row.restrictions = slices.Clone(row.restrictions)
		row.restrictions[len(row.restrictions)-1].until = by.Date
	})
}

// AdmitBeneficiary makes an enterprise from outside the policy's scope one that may be supported, from the command's date
// on, under the clauses named or all, until a day or the term's end (R9, R10).
type AdmitBeneficiary struct {
	Head
	Enterprise EnterpriseID `json:"enterprise"`
	Document   string       `json:"document"`
	Clauses    []ClauseID   `json:"clauses,omitempty"`
	Until      Date         `json:"until,omitzero"`
}

// BeneficiaryAdmitted says that an enterprise is admitted by the authority.
type BeneficiaryAdmitted struct {
	Enterprise EnterpriseID `json:"enterprise"`
	Document   string       `json:"document"`
	Clauses    []ClauseID   `json:"clauses,omitempty"`
	Until      Date         `json:"until,omitzero"`
}

// Name is "admit_beneficiary".
func (AdmitBeneficiary) Name() string { return "admit_beneficiary" }

// Name is "beneficiary_admitted".
func (BeneficiaryAdmitted) Name() string { return "beneficiary_admitted" }

// Entity is the enterprise.
func (e BeneficiaryAdmitted) Entity() (string, string) { return "enterprise", string(e.Enterprise) }

func (c *AdmitBeneficiary) about(*State) Concern { return Concern{Enterprise: c.Enterprise} }

func (c *AdmitBeneficiary) decide(s *State, _ Date) ([]Event, *Refusal) {
	e, r := s.checkEnterprise(c.Enterprise)
	if r != nil {
		return nil, r
	}
	asked := admission{from: c.Date, until: c.Until, clauses: c.Clauses, policies: len(s.policies.rows)}
	if slices.ContainsFunc(e.admissions, func(other admission) bool { return s.within(asked, other) }) {
		return nil, refuse(CodeAlreadyAdmitted, "enterprise", c.Enterprise)
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	if !c.Until.IsZero() {
		if r := checkOrder("until", c.Until, c.Date); r != nil {
			return nil, r
		}
	}
	for i, id := range c.Clauses {
		if _, r := s.checkClause(id); r != nil {
			return nil, r
		}
		if slices.Contains(c.Clauses[:i], id) {
			return nil, refuse(CodeFieldInvalid, "field", "clauses", "value", id, "reason", ReasonTwice)
		}
	}
	return []Event{&BeneficiaryAdmitted{Enterprise: c.Enterprise, Document: c.Document, Clauses: c.Clauses, Until: c.Until}}, nil
}

func (e *BeneficiaryAdmitted) concerns() Concern { return Concern{Enterprise: e.Enterprise} }

func (e *BeneficiaryAdmitted) command(h Head) Command {
	return &AdmitBeneficiary{Head: h, Enterprise: e.Enterprise, Document: e.Document, Clauses: e.Clauses, Until: e.Until}
}

func (e *BeneficiaryAdmitted) describe() Text {
	if e.Until.IsZero() {
		return both("批准为支持对象，文号 %s", "admitted as a beneficiary, document %s", e.Document)
	}
	return both("批准为支持对象，至 %[2]s，文号 %[1]s", "admitted as a beneficiary until %[2]s, document %[1]s", e.Document, e.Until)
}

func (e *BeneficiaryAdmitted) apply(s *State, by Deed) {
	s.enterprises.update(e.Enterprise, func(row *enterprise) {
		row.admissions = append(slices.Clip(row.admissions), admission{from: by.Date, until: e.Until, clauses: e.Clauses, policies: len(s.policies.rows)})
	})
}
