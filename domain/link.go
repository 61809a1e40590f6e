package domain

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Enterprises are linked from a day on, up to a day or until further notice, both days included. A group is what control connects on a day:
// shares of more than one half, control whose share nobody knows, one controller of both, a branch and its head. Shares up to one half are
// recorded, and connect nothing.

// LinkKind says how two enterprises are linked.
type LinkKind string

// The kinds of link.
const (
	Controls       LinkKind = "controls"        // a holds shares of b, or controls it in another way
	SameController LinkKind = "same_controller" // somebody outside the ledger controls both
	Branch         LinkKind = "branch"          // b is a branch of a
)

// Share is a part of an enterprise in per cent, as it is written: above 0, at most 100, with at most four decimals.
type Share string

// wholeShare is all of an enterprise, in the unit of [Share.units].
const wholeShare = 100_0000

// units is the share in ten-thousandths of a per cent; false where it is none.
func (s Share) units() (int64, bool) {
	whole, fraction, point := strings.Cut(string(s), ".")
	if !digits(whole) || len(whole) > 1 && whole[0] == '0' || len(whole) < 1 || len(whole) > 3 || point && (!digits(fraction) || len(fraction) < 1 || len(fraction) > 4) {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(fraction + "0000")[:4], 10, 64)
	return n, err == nil && n > 0 && n <= wholeShare
}

// shareOf writes units as a share.
func shareOf(units int64) Share {
	text := strconv.FormatInt(units/10_000, 10)
	if rest := units % 10_000; rest > 0 {
		text += "." + strings.TrimRight(strconv.FormatInt(10_000+rest, 10)[1:], "0")
	}
	return Share(text)
}

// Connects reports whether a link of a kind and share makes two enterprises of one group.
func Connects(k LinkKind, share Share) bool {
	units, stated := share.units()
	return k != Controls || !stated || units > wholeShare/2
}

// LinkEnterprises says how two enterprises are linked, on a document (R15).
type LinkEnterprises struct {
	Head
	Link     LinkID       `json:"link"`
	A        EnterpriseID `json:"a"`
	B        EnterpriseID `json:"b"`
	Kind     LinkKind     `json:"kind"`
	Share    Share        `json:"share,omitzero"` // of b that a holds
	From     Date         `json:"from,omitzero"`  // the first day; none: the command's date
	To       Date         `json:"to,omitzero"`    // the last day; none: until it is ended
	Document string       `json:"document"`
}

// EnterprisesLinked says how two enterprises are linked.
type EnterprisesLinked struct {
	Link     LinkID       `json:"link"`
	A        EnterpriseID `json:"a"`
	B        EnterpriseID `json:"b"`
	Kind     LinkKind     `json:"kind"`
	Share    Share        `json:"share,omitzero"`
	From     Date         `json:"from"`
	To       Date         `json:"to,omitzero"`
	Document string       `json:"document"`
}

// link is what is known of one.
type link struct {
	a, b     EnterpriseID
	kind     LinkKind
	share    Share
	from, to Date // to: the last day, none: it has none yet
	ended    bool
	mistaken bool // it was recorded by mistake: it never was
}

// holds reports whether the link is there on a day.
func (l link) holds(day Date) bool {
	return !l.mistaken && !day.Before(l.from) && (l.to.IsZero() || !day.After(l.to))
}

// overlaps reports whether two links share a day.
func (l link) overlaps(other link) bool {
	return !l.mistaken && !other.mistaken && (l.to.IsZero() || !other.from.After(l.to)) && (other.to.IsZero() || !l.from.After(other.to))
}

// downwards reports whether a controls b by the link: one that goes round in a circle cannot be.
func (l link) downwards() bool { return l.kind != SameController && Connects(l.kind, l.share) }

// Name is "link_enterprises".
func (LinkEnterprises) Name() string { return "link_enterprises" }

// Name is "enterprises_linked".
func (EnterprisesLinked) Name() string { return "enterprises_linked" }

// Entity is the link.
func (e EnterprisesLinked) Entity() (string, string) { return "link", string(e.Link) }

func (c *LinkEnterprises) about(*State) Concern { return Concern{Enterprise: c.A} }

func (c *LinkEnterprises) forms() []Command {
	return without(*c, c.From == c.Date, func(o *LinkEnterprises) { o.From = Date{} })
}

func (c *LinkEnterprises) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := checkIDs("link", c.Link); r != nil {
		return nil, r
	}
	if s.links.has(c.Link) {
		return nil, refuse(CodeLinkExists, "link", c.Link)
	}
	for _, of := range []EnterpriseID{c.A, c.B} {
		if _, r := s.checkEnterprise(of); r != nil {
			return nil, r
		}
		if r := s.checkNotMerged(of, or(c.From, c.Date)); r != nil {
			return nil, r
		}
	}
	if c.A == c.B {
		return nil, refuse(CodeLinkToItself, "enterprise", c.A)
	}
	if r := c.checkKind(); r != nil {
		return nil, r
	}
	from := or(c.From, c.Date)
	if r := c.checkDays(from); r != nil {
		return nil, r
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	asked := link{a: c.A, b: c.B, kind: c.Kind, share: c.Share, from: from, to: c.To}
	if r := s.checkLink(asked); r != nil {
		return nil, r
	}
	return []Event{&EnterprisesLinked{Link: c.Link, A: c.A, B: c.B, Kind: c.Kind, Share: c.Share, From: from, To: c.To, Document: c.Document}}, nil
}

// checkKind checks the kind, and the share, which only control has.
func (c *LinkEnterprises) checkKind() *Refusal {
	if c.Kind != Controls && c.Kind != SameController && c.Kind != Branch {
		return refuse(CodeFieldInvalid, "field", "kind", "value", Clip(string(c.Kind), 40), "reason", ReasonOneOf, "allowed", codeList(LinkCodes))
	}
	if c.Share == "" {
		return nil
	}
	if _, is := c.Share.units(); !is {
		return refuse(CodeFieldInvalid, "field", "share", "value", Clip(string(c.Share), 40), "reason", ReasonShare)
	}
	if c.Kind != Controls {
		return refuse(CodeFieldInvalid, "field", "share", "value", c.Share, "reason", ReasonShareOfControl)
	}
	return nil
}

// checkDays checks that a link has begun by the day on which it is recorded, and does not end before.
func (c *LinkEnterprises) checkDays(from Date) *Refusal {
	switch {
	case from.After(c.Date):
		return refuse(CodeDateInFuture, "field", "from", "date", from, "today", c.Date)
	case !c.To.IsZero() && c.To.Before(from):
		return refuse(CodeLinkEndsEarlier, "date", c.To, "from", from)
	}
	return nil
}

// checkLink judges a new link beside those that are known: no two of one kind between the same on one day, no control in a circle, no more than the
// whole of an enterprise in hands.
func (s *State) checkLink(asked link) *Refusal {
	for _, id := range s.linked.get(asked.b) {
		other := s.links.get(id)
		pair := other.a == asked.a && other.b == asked.b || asked.kind == SameController && other.a == asked.b && other.b == asked.a
		if pair && other.kind == asked.kind && other.overlaps(asked) {
			return refuse(CodeLinkOverlaps, "link", id, "from", other.from, "until", other.to)
		}
	}
	if r := s.checkCircle(asked); r != nil {
		return r
	}
	return s.checkShares(asked)
}

// checkCircle refuses control that comes back to where it began on one day. Only the days on which a link begins need be looked at.
func (s *State) checkCircle(asked link) *Refusal {
	asked.a, asked.b = s.now(asked.a), s.now(asked.b)
	if !asked.downwards() || asked.a == asked.b { // a link within what is one is none
		return nil
	}
	below := s.below(asked.b, asked.overlaps)
	if _, comesBack := below[asked.a]; !comesBack {
		return nil
	}
	for _, day := range s.beginnings(asked, below) {
		if way := s.wayDown(asked.b, asked.a, day); way != nil {
			return refuse(CodeLinkCircle, "enterprise", asked.a, "subject", asked.b, "date", day, "value", join(append([]EnterpriseID{asked.a}, way...)))
		}
	}
	return nil
}

// below are the enterprises that one controls, through any number of others, by links that are worth looking at.
func (s *State) below(of EnterpriseID, worth func(link) bool) map[EnterpriseID]EnterpriseID {
	from, next := map[EnterpriseID]EnterpriseID{of: ""}, []EnterpriseID{of}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		for _, l := range s.linksOf(at) {
			if _, seen := from[l.b]; l.a == at && !seen && l.downwards() && worth(l.link) {
				from[l.b], next = at, append(next, l.b)
			}
		}
	}
	return from
}

// wayDown is how control leads from one enterprise to another on a day; nil: it does not.
func (s *State) wayDown(from, to EnterpriseID, day Date) (way []EnterpriseID) {
	back := s.below(from, func(l link) bool { return l.holds(day) })
	if _, there := back[to]; !there {
		return nil
	}
	for at := to; at != ""; at = back[at] {
		way = append(way, at)
	}
	slices.Reverse(way)
	return way
}

// beginnings are the days within a link on which it, or a link of some enterprises, begins, in order.
func (s *State) beginnings(asked link, of map[EnterpriseID]EnterpriseID) []Date {
	days := []Date{asked.from}
	for e := range of {
		for _, l := range s.linksOf(e) {
			if l.overlaps(asked) && l.from.After(asked.from) {
				days = append(days, l.from)
			}
		}
	}
	slices.SortFunc(days, func(a, b Date) int { return cmp.Compare(a.order(), b.order()) })
	return slices.Compact(days)
}

// checkShares refuses shares that come to more than the whole of an enterprise on a day.
func (s *State) checkShares(asked link) *Refusal {
	units, stated := asked.share.units()
	if !stated {
		return nil
	}
	for _, day := range s.beginnings(asked, map[EnterpriseID]EnterpriseID{asked.b: ""}) {
		var held int64
		for _, id := range s.linked.get(asked.b) {
			if l := s.links.get(id); l.b == asked.b && l.holds(day) {
				more, _ := l.share.units()
				held += more
			}
		}
		if over := held + units - wholeShare; over > 0 {
			return refuse(CodeSharesExceeded, "enterprise", asked.b, "date", day, "use", shareOf(held), "asked", shareOf(units), "over_by", shareOf(over))
		}
	}
	return nil
}

func (e *EnterprisesLinked) concerns() Concern { return Concern{Enterprise: e.A} }

func (e *EnterprisesLinked) command(h Head) Command {
	return &LinkEnterprises{Head: h, Link: e.Link, A: e.A, B: e.B, Kind: e.Kind, Share: e.Share, From: e.From, To: e.To, Document: e.Document}
}

func (e *EnterprisesLinked) describe() Text {
	kind := Coded(LinkCodes, e.Kind)
	t := both("%s 与 %s 的关联：%s", "%s and %s are linked: %s", e.A, e.B, kind.ZH)
	t.EN = both("", "%s and %s are linked: %s", e.A, e.B, kind.EN).EN
	add := func(more Text) { t.ZH, t.EN = t.ZH+more.ZH, t.EN+more.EN }
	if e.Share != "" {
		add(both("，持股 %s%%", ", %s %% of the shares", e.Share))
	}
	add(both("，自 %s 起", ", from %s on", e.From))
	if !e.To.IsZero() {
		add(both("至 %s", " to %s", e.To))
	}
	add(both("，文号 %s", ", document %s", e.Document))
	return t
}

func (e *EnterprisesLinked) apply(s *State, _ Deed) {
	s.links.put(e.Link, link{a: e.A, b: e.B, kind: e.Kind, share: e.Share, from: e.From, to: e.To})
	for _, of := range []EnterpriseID{e.A, e.B} {
		s.linked.update(of, func(list *[]LinkID) { *list = append(slices.Clip(*list), e.Link) })
	}
	s.learn(nameLink, string(e.Link))
}

// EndLink says which day of a link was its last one, or that it was recorded by mistake and never was (R15).
type EndLink struct {
	Head
	Link     LinkID `json:"link"`
	To       Date   `json:"to,omitzero"`       // the last day
	Mistaken bool   `json:"mistaken,omitzero"` // instead of it: the link never was
	Document string `json:"document"`
	Reason   string `json:"reason,omitzero"`
}

// LinkEnded says until when two enterprises were linked.
type LinkEnded struct {
	Link     LinkID       `json:"link"`
	A        EnterpriseID `json:"a"`
	B        EnterpriseID `json:"b"`
	To       Date         `json:"to,omitzero"`
	Mistaken bool         `json:"mistaken,omitzero"`
	Document string       `json:"document"`
	Reason   string       `json:"reason,omitzero"`
}

// Name is "end_link".
func (EndLink) Name() string { return "end_link" }

// Name is "link_ended".
func (LinkEnded) Name() string { return "link_ended" }

// Entity is the link.
func (e LinkEnded) Entity() (string, string) { return "link", string(e.Link) }

func (c *EndLink) about(s *State) Concern { return Concern{Enterprise: s.links.get(c.Link).a} }

func (c *EndLink) decide(s *State, _ Date) ([]Event, *Refusal) {
	if r := checkIDs("link", c.Link); r != nil {
		return nil, r
	}
	l, known := s.links.find(c.Link)
	switch {
	case !known:
		return nil, refuse(CodeLinkUnknown, "link", c.Link)
	case l.ended:
		return nil, refuse(CodeLinkEnded, "link", c.Link, "until", l.to)
	case c.Mistaken && !c.To.IsZero():
		return nil, refuse(CodeFieldInvalid, "field", "to", "value", c.To, "reason", ReasonMistakenOrEnded)
	case !c.Mistaken && c.To.IsZero():
		return nil, refuse(CodeFieldMissing, "field", "to")
	case !c.Mistaken && c.To.Before(l.from):
		return nil, refuse(CodeLinkEndsEarlier, "date", c.To, "from", l.from)
	case !c.Mistaken && !l.to.IsZero() && !c.To.Before(l.to):
		return nil, refuse(CodeLinkEnded, "link", c.Link, "until", l.to)
	}
	if r := checkDocument(c.Document); r != nil {
		return nil, r
	}
	check := checkTexts
	if c.Mistaken {
		check = func(pairs ...string) *Refusal { return checkNeeded(pairs[0], pairs[1]) }
	}
	if r := check("reason", c.Reason); r != nil {
		return nil, r
	}
	return []Event{&LinkEnded{Link: c.Link, A: l.a, B: l.b, To: c.To, Mistaken: c.Mistaken, Document: c.Document, Reason: c.Reason}}, nil
}

func (e *LinkEnded) concerns() Concern { return Concern{Enterprise: e.A} }

func (e *LinkEnded) command(h Head) Command {
	return &EndLink{Head: h, Link: e.Link, To: e.To, Mistaken: e.Mistaken, Document: e.Document, Reason: e.Reason}
}

func (e *LinkEnded) describe() Text {
	if e.Mistaken {
		return reasoned(both("%s 与 %s 的关联系误录，文号 %s", "", e.A, e.B, e.Document).ZH,
			both("", "the link of %s and %s was recorded by mistake, document %s", e.A, e.B, e.Document).EN, e.Reason)
	}
	return reasoned(both("%s 与 %s 的关联至 %s 止，文号 %s", "", e.A, e.B, e.To, e.Document).ZH,
		both("", "%s and %s were linked until %s, document %s", e.A, e.B, e.To, e.Document).EN, e.Reason)
}

func (e *LinkEnded) apply(s *State, _ Deed) {
	s.links.update(e.Link, func(l *link) {
		l.ended, l.mistaken = true, e.Mistaken
		if !e.Mistaken {
			l.to = e.To
		}
	})
}
