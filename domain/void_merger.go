package domain

import "slices"

// VoidMerger records on a document that a merger was recorded by mistake, and never was (R15): the two are two again on every day. What was decided and paid
// meanwhile stands with whom it was decided for; what the merger took along and is undecided or unpaid still goes back.
type VoidMerger struct {
	Head
	From     EnterpriseID `json:"from"` // that was taken over
	Document string       `json:"document"`
	Reason   string       `json:"reason"`
}

// MergerVoided says that a merger never was. What of its applications goes back stands behind it in the same decision, each as an [ApplicationMoved].
type MergerVoided struct {
	From     EnterpriseID   `json:"from"`
	Into     EnterpriseID   `json:"into"`
	With     []EnterpriseID `json:"with,omitempty"` // that were taken over by the one that is back, and stay with it
	On       Date           `json:"on"`             // the day from which the two were one
	Document string         `json:"document"`
	Reason   string         `json:"reason"`
}

// Name is "void_merger".
func (VoidMerger) Name() string { return "void_merger" }

// Name is "merger_voided".
func (MergerVoided) Name() string { return "merger_voided" }

// Entity is the enterprise that is back.
func (e MergerVoided) Entity() (string, string) { return "enterprise", string(e.From) }

func (c *VoidMerger) about(*State) Concern { return Concern{Enterprise: c.From} }

func (c *VoidMerger) decide(s *State, today Date) ([]Event, *Refusal) {
	from, r := s.checkEnterprise(c.From)
	if r != nil {
		return nil, r
	}
	if from.mergedInto == "" {
		return nil, refuse(CodeMergerUnknown, "enterprise", c.From)
	}
	if into := s.enterprises.get(from.mergedInto); into.mergedInto != "" { // a later merger builds on it: that one is voided first
		return nil, mergedInto(from.mergedInto, into)
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return checkOrder("date", c.Date, from.mergedBy) },
		func() *Refusal { return checkDocument(c.Document) },
		func() *Refusal { return checkNeeded("reason", c.Reason) },
	} {
		if r := check(); r != nil {
			return nil, r
		}
	}
	events := []Event{&MergerVoided{From: c.From, Into: from.mergedInto, With: s.tookOver(c.From), On: from.mergedOn, Document: c.Document, Reason: c.Reason}}
	for _, id := range s.goesOn(from.mergedInto) {
		if !slices.Contains(from.took, id) {
			continue
		}
		moved, r := s.goOn(id, c.From, c.Document, c.Date, today)
		if r != nil {
			return nil, r
		}
		moved.Parted = true
		events = append(events, moved)
	}
	return events, nil
}

// tookOver are the enterprises that one took over, through any number of others, in order.
func (s *State) tookOver(id EnterpriseID) (list []EnterpriseID) {
	for _, one := range s.oneWith(id) {
		for at := one; at != id; at = s.enterprises.get(at).mergedInto {
			if at == "" {
				break
			}
			if s.enterprises.get(at).mergedInto == id {
				list = append(list, one)
			}
		}
	}
	slices.Sort(list)
	return list
}

func (e *MergerVoided) concerns() Concern { return Concern{Enterprise: e.From} }

func (e *MergerVoided) command(h Head) Command {
	return &VoidMerger{Head: h, From: e.From, Document: e.Document, Reason: e.Reason}
}

func (e *MergerVoided) describe() Text {
	return both("企业 %s 并入 %s 系误登，予以作废，文号 %s：%s", "the merger of %s into %s was recorded by mistake and never was, document %s: %s", e.From, e.Into, e.Document, e.Reason)
}

func (e *MergerVoided) apply(s *State, _ Deed) {
	s.enterprises.update(e.From, func(row *enterprise) { row.mergedInto, row.mergedOn, row.mergedBy, row.took = "", Date{}, Date{}, nil })
	back := []Subject{{SubjectEnterprise, string(e.From)}}
	for _, one := range e.With {
		back = append(back, Subject{SubjectEnterprise, string(one)})
	}
	s.part(back)
}
