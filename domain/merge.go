package domain

import "slices"

// MergeEnterprises records on a document that one enterprise was taken over by another (R15): from the day on it is applied for, approved and paid to
// under the other's name alone. What was granted stands; what is undecided or unpaid goes on under the other; what is paid stays with whom it was paid to.
type MergeEnterprises struct {
	Head
	From     EnterpriseID `json:"from"` // it ends
	Into     EnterpriseID `json:"into"`
	On       Date         `json:"on,omitzero"` // the first day on which it is one with the other; none: the command's date
	Document string       `json:"document"`
}

// EnterprisesMerged says that one enterprise was taken over by another. What of its applications goes on under the other stands behind it in the same
// decision, each as an [ApplicationMoved].
type EnterprisesMerged struct {
	From     EnterpriseID `json:"from"`
	Into     EnterpriseID `json:"into"`
	On       Date         `json:"on"`
	Document string       `json:"document"`
}

// maxMoved bounds how many applications go on with a merger: they stand in one decision.
const maxMoved = 900

// Name is "merge_enterprises".
func (MergeEnterprises) Name() string { return "merge_enterprises" }

// Name is "enterprises_merged".
func (EnterprisesMerged) Name() string { return "enterprises_merged" }

// Entity is the enterprise that ends.
func (e EnterprisesMerged) Entity() (string, string) { return "enterprise", string(e.From) }

func (c *MergeEnterprises) about(*State) Concern { return Concern{Enterprise: c.From} }

func (c *MergeEnterprises) forms() []Command {
	return without(*c, c.On == c.Date, func(o *MergeEnterprises) { o.On = Date{} })
}

func (c *MergeEnterprises) decide(s *State, today Date) ([]Event, *Refusal) {
	on := or(c.On, c.Date)
	for _, id := range []EnterpriseID{c.From, c.Into} {
		e, r := s.checkEnterprise(id)
		if r != nil {
			return nil, r
		}
		if !e.mergedOn.IsZero() {
			return nil, mergedInto(id, e)
		}
		if r := checkOrder("on", on, e.industries[0].from); r != nil {
			return nil, r
		}
	}
	if c.From == c.Into {
		return nil, refuse(CodeMergeIntoItself, "enterprise", c.From)
	}
	if on.After(c.Date) {
		return nil, refuse(CodeDateInFuture, "field", "on", "date", on, "today", c.Date)
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	ids := s.goesOn(c.From)
	if len(ids) > maxMoved {
		return nil, refuse(CodeFieldInvalid, "field", "from", "value", c.From, "reason", ReasonTooMany, "limit", maxMoved)
	}
	events := []Event{&EnterprisesMerged{From: c.From, Into: c.Into, On: on, Document: c.Document}}
	for _, id := range ids {
		moved, r := s.goOn(id, c.Into, c.Document, c.Date, today)
		if r != nil {
			return nil, r
		}
		events = append(events, moved)
	}
	return events, nil
}

// goesOn are an enterprise's applications that are undecided, or of which something is approved and unpaid, in order.
func (s *State) goesOn(of EnterpriseID) (list []ApplicationID) {
	for _, id := range s.charged.get(of).applications {
		a := s.applications.get(id)
		open := a.state == Submitted || a.state == Accepted || a.state == Returned || a.state == Approved && len(a.unpaid()) > 0
		if a.charge.Enterprise == of && open {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return slices.Compact(list) // one that came back is named twice
}

// goOn is how an application goes on with the enterprise that takes the applicant over, or with the applicant again.
func (s *State) goOn(id ApplicationID, with EnterpriseID, document string, day, today Date) (*ApplicationMoved, *Refusal) {
	a := s.applications.get(id)
	if r := checkOrder("date", day, latest(a.lastStep, s.settledOn(a))); r != nil {
		return nil, r
	}
	to := a.charge
	if to.Enterprise = with; to.Subject.Kind == SubjectEnterprise {
		to.Subject.ID = string(with)
	}
	version := GoverningVersion(s.clauses.get(to.Clause).versions, day, today)
	e := &ApplicationMoved{Application: id, Charge: to, PreviousCharge: a.charge, Requested: a.filed, Document: document, ClauseVersion: version.Version, Merged: true}
	if a.state == Approved {
		e.Unpaid = a.unpaid()
	}
	return e, nil
}

// checkNotMerged refuses what is dated on a day on which an enterprise is one with another already, and names that.
func (s *State) checkNotMerged(id EnterpriseID, days ...Date) *Refusal {
	e := s.enterprises.get(id)
	if e.mergedOn.IsZero() {
		return nil
	}
	for _, day := range days {
		if !day.Before(e.mergedOn) {
			return mergedInto(id, e)
		}
	}
	return nil
}

func mergedInto(id EnterpriseID, e enterprise) *Refusal {
	return refuse(CodeEnterpriseMerged, "enterprise", id, "into", e.mergedInto, "from", e.mergedOn)
}

// now is the enterprise that one is today: itself, or that which took it over, through any number of others.
func (s *State) now(id EnterpriseID) EnterpriseID {
	for {
		e := s.enterprises.get(id)
		if e.mergedInto == "" {
			return id
		}
		id = e.mergedInto
	}
}

// oneWith are an enterprise and all that are one with it.
func (s *State) oneWith(id EnterpriseID) []EnterpriseID {
	list := []EnterpriseID{id}
	for _, other := range s.joined(Subject{SubjectEnterprise, string(id)}) {
		list = append(list, EnterpriseID(other.ID))
	}
	return list
}

// checkCreditOf refuses a decision while the credit of an enterprise is restricted, or of one that is one with it.
func (s *State) checkCreditOf(id EnterpriseID, days ...Date) *Refusal {
	for _, one := range s.oneWith(id) {
		if r := checkCredit(one, s.enterprises.get(one), days...); r != nil {
			return r
		}
	}
	return nil
}

// checkCreditThen refuses what is dated inside a restriction of an enterprise, or of one that is one with it.
func (s *State) checkCreditThen(id EnterpriseID, day Date) *Refusal {
	for _, one := range s.oneWith(id) {
		if r := checkCreditOn(one, s.enterprises.get(one), day); r != nil {
			return r
		}
	}
	return nil
}

// clawbacksOf are the clawbacks of an enterprise and of those that are one with it, in the order in which they were ordered.
func (s *State) clawbacksOf(id EnterpriseID) []ClawbackID {
	firms := s.oneWith(id)
	if len(firms) == 1 {
		return s.enterprises.get(id).clawbacks
	}
	var list []ClawbackID
	for _, one := range firms {
		list = append(list, s.enterprises.get(one).clawbacks...)
	}
	slices.SortFunc(list, func(a, b ClawbackID) int { return s.clawbacks.get(a).nth - s.clawbacks.get(b).nth })
	return list
}

// linksOf are the links of an enterprise and of those that are one with it. What they link is what it is now; a link within it is none.
func (s *State) linksOf(id EnterpriseID) []linkNow {
	var list []linkNow
	for _, one := range s.oneWith(id) {
		for _, of := range s.linked.get(one) {
			l := s.links.get(of)
			if l.a, l.b = s.now(l.a), s.now(l.b); l.a != l.b {
				list = append(list, linkNow{of, l})
			}
		}
	}
	return list
}

// linkNow is a link, with what it links as it is now.
type linkNow struct {
	id LinkID
	link
}

// OneWith are an enterprise and all that count as one with it, itself first.
func (s *State) OneWith(id EnterpriseID) []EnterpriseID { return s.oneWith(id) }

// Now is the enterprise that one is today: itself, or that which took it over.
func (s *State) Now(id EnterpriseID) EnterpriseID { return s.now(id) }

func (e *EnterprisesMerged) concerns() Concern { return Concern{Enterprise: e.From} }

func (e *EnterprisesMerged) command(h Head) Command {
	return &MergeEnterprises{Head: h, From: e.From, Into: e.Into, On: e.On, Document: e.Document}
}

func (e *EnterprisesMerged) describe() Text {
	return both("企业 %s 自 %s 起并入 %s，文号 %s", "%[1]s is one with %[3]s from %[2]s on, document %[4]s", e.From, e.On, e.Into, e.Document)
}

func (e *EnterprisesMerged) apply(s *State, by Deed) {
	s.enterprises.update(e.From, func(row *enterprise) {
		row.mergedInto, row.mergedOn, row.mergedBy, row.took = e.Into, e.On, by.Date, nil
	})
	s.join(Subject{SubjectEnterprise, string(e.From)}, Subject{SubjectEnterprise, string(e.Into)})
}
