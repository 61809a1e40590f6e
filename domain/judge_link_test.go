package domain

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// What the judge says of links and groups.

type judgedLink struct {
	EnterprisesLinked
	end      Date // the last day; none: it goes on
	over     bool
	mistaken bool
}

func (l *judgedLink) on(day Date) bool {
	return !l.mistaken && l.From.String() <= day.String() && (l.end.IsZero() || day.String() <= l.end.String())
}

// held is the share that is held by the link; control whose share is not known counts as all of it in a group, and as none among shares.
func (l *judgedLink) held() decimal.Decimal {
	if l.Share == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(string(l.Share))
}

func (l *judgedLink) binds() bool {
	return l.Kind != Controls || l.Share == "" || l.held().GreaterThan(decimal.NewFromInt(50))
}

func (j *judge) takeLink(e Event) {
	switch e := e.(type) {
	case *EnterprisesLinked:
		j.links = append(j.links, &judgedLink{EnterprisesLinked: *e, end: e.To})
	case *LinkEnded:
		l := j.link(e.Link)
		l.over, l.mistaken = true, e.Mistaken
		if !e.Mistaken {
			l.end = e.To
		}
	}
}

func (j *judge) link(id LinkID) *judgedLink {
	for _, l := range j.links {
		if Key(string(l.Link)) == Key(string(id)) {
			return l
		}
	}
	return nil
}

// linking judges a new link day by day: the days of the drawn histories are few.
func (j *judge) linking(c *LinkEnterprises, no func(bool, string)) {
	no(j.link(c.Link) != nil, CodeLinkExists)
	no(j.firms[c.A] == nil || j.firms[c.B] == nil, CodeEnterpriseUnknown)
	no(c.A == c.B, CodeLinkToItself)
	no(!slices.Contains([]LinkKind{Controls, SameController, Branch}, c.Kind), CodeFieldInvalid)
	if c.From.IsZero() {
		from := *c
		from.From, c = c.Date, &from
	}
	asked := &judgedLink{EnterprisesLinked: EnterprisesLinked{A: c.A, B: c.B, Kind: c.Kind, Share: c.Share, From: c.From}, end: c.To}
	if c.Share != "" {
		share, err := decimal.NewFromString(string(c.Share))
		no(err != nil || !share.IsPositive() || share.GreaterThan(decimal.NewFromInt(100)) || c.Kind != Controls, CodeFieldInvalid)
		if err != nil {
			return
		}
	}
	no(c.Document == "", CodeDocumentRequired)
	no(j.gone(c.A, c.From) || j.gone(c.B, c.From), CodeEnterpriseMerged)
	no(c.From.After(c.Date), CodeDateInFuture)
	no(!c.To.IsZero() && c.To.Before(c.From), CodeLinkEndsEarlier)
	for day := day("2025-01-01"); day.String() < "2027-04-01"; day = dayAfter(day) {
		if !asked.on(day) {
			continue
		}
		total := asked.held()
		for _, l := range j.links {
			if !l.on(day) {
				continue
			}
			pair := l.A == c.A && l.B == c.B || c.Kind == SameController && l.A == c.B && l.B == c.A
			no(pair && l.Kind == c.Kind, CodeLinkOverlaps)
			if l.B == c.B {
				total = total.Add(l.held())
			}
		}
		no(c.Share != "" && total.GreaterThan(decimal.NewFromInt(100)), CodeSharesExceeded)
		no(asked.binds() && c.Kind != SameController && j.head(c.A) != j.head(c.B) && j.rules(c.B, c.A, day, 0), CodeLinkCircle)
	}
}

// rules reports whether one enterprise controls another on a day, through others too.
func (j *judge) rules(a, b EnterpriseID, day Date, deep int) bool {
	return j.head(a) == j.head(b) || deep < 10 && slices.ContainsFunc(j.links, func(l *judgedLink) bool {
		return j.head(l.A) == j.head(a) && j.head(l.A) != j.head(l.B) && l.Kind != SameController && l.binds() && l.on(day) && j.rules(l.B, b, day, deep+1)
	})
}

func (j *judge) ending(c *EndLink, no func(bool, string)) {
	l := j.link(c.Link)
	no(l == nil, CodeLinkUnknown)
	no(c.Document == "", CodeDocumentRequired)
	no(c.Mistaken && !c.To.IsZero(), CodeFieldInvalid)
	no(!c.Mistaken && c.To.IsZero() || c.Mistaken && c.Reason == "", CodeFieldMissing)
	if l == nil {
		return
	}
	no(l.over || !c.Mistaken && !c.To.IsZero() && !l.end.IsZero() && !c.To.Before(l.end), CodeLinkEnded)
	no(!c.Mistaken && !c.To.IsZero() && c.To.Before(l.From), CodeLinkEndsEarlier)
}

func dayAfter(d Date) Date { return DateIn(d.Time(Shanghai).AddDate(0, 0, 1), Shanghai) }

// group are the enterprises that control connects on a day: it grows until nothing is added.
func (j *judge) group(of EnterpriseID, day Date) []EnterpriseID {
	members := []EnterpriseID{j.head(of)}
	for grown := true; grown; {
		grown = false
		for _, l := range j.links {
			a, b := j.head(l.A), j.head(l.B)
			if !l.binds() || !l.on(day) || slices.Contains(members, a) == slices.Contains(members, b) {
				continue
			}
			members, grown = append(members, a, b), true
		}
	}
	slices.SortFunc(members, func(a, b EnterpriseID) int { return strings.Compare(string(a), string(b)) })
	return slices.Compact(members)
}

// asksOfGroup holds more on an account against what the group of its enterprise may use together.
func (j *judge) asksOfGroup(a Account, y SupportYear, more decimal.Decimal, on, today Date, no, note func(bool, string)) {
	members := j.group(EnterpriseID(a.Subject.ID), on)
	if a.Subject.Kind != SubjectEnterprise || len(members) < 2 || !more.IsPositive() {
		return
	}
	for i, at := range append([]Account{a}, j.carriers(a)...) {
		clause := j.groupCapOn(at.Clause, on)
		limit, own := j.governs(at.Clause, on, today).Cap, decimal.Zero
		if clause.Amount.Stated {
			limit = clause.Amount
		}
		room := dec(limit.Amount)
		for _, m := range members {
			of := Account{at.Clause, Subject{SubjectEnterprise, string(m)}}
			use, exceptions, _, _ := j.usage(of, y, on)
			room, own = room.Add(exceptions).Sub(use), own.Add(j.usedTogether(of, y, on))
		}
		if !limit.Stated || i > 0 && !own.IsPositive() {
			continue
		}
		if clause.Control == GroupRefuse {
			no(more.GreaterThan(room), CodeGroupCapExceeded)
		} else {
			note(more.GreaterThan(room), CodeGroupCapExceeded)
		}
	}
}

// linkage draws a link, or the end of one.
func (w *world) linkage() Command {
	firm := func() EnterpriseID { return code(pick(w, 1, 1, 2, 2, 3, 4)) }
	if w.oneIn(5) {
		project := func() string { return pick(w, "P1", "P1", "P2", "P2", "", "none") }
		if w.oneIn(3) {
			return &RegisterProject{Project: project(), Title: pick(w, "项目", "项目", ""), Enterprise: firm(), Place: "虹桥"}
		}
		return &SameProject{A: project(), B: project(), Document: pick(w, "d", "d", "d", "")}
	}
	if w.oneIn(5) {
		if w.oneIn(3) {
			return &VoidMerger{From: firm(), Document: pick(w, "d", "d", "d", ""), Reason: pick(w, "r", "r", "r", "")}
		}
		return &MergeEnterprises{From: firm(), Into: firm(), On: pick(w, Date{}, w.date(), day("2025-01-05")), Document: pick(w, "d", "d", "d", "d", "")}
	}
	if ids := sorted(w.state.links.rows); len(ids) > 0 && w.oneIn(4) {
		return &EndLink{Link: pick(w, append(ids, "none")...), To: pick(w, Date{}, w.date(), w.date(), w.date()), Mistaken: w.oneIn(4), Document: pick(w, "d", "d", "d", ""), Reason: pick(w, "r", "r", "")}
	}
	return &LinkEnterprises{Link: LinkID(w.id("L", 9)), A: firm(), B: firm(), Kind: pick(w, Controls, Controls, Controls, SameController, Branch, "owns"),
		Share: pick(w, Share(""), "", "51", "50", "33.3334", "100", "0"), From: pick(w, day("2025-01-05"), w.date(), w.date(), Date{}), To: pick(w, Date{}, Date{}, w.date()), Document: pick(w, "d", "d", "d", "")}
}
