package domain

import (
	"cmp"
	"maps"
	"slices"
)

// GroupControl says what an approval gets that would put a group over what it may use of a clause in a year.
type GroupControl string

// The controls.
const (
	GroupFinding GroupControl = "finding" // or left out: it is found
	GroupRefuse  GroupControl = "refuse"
)

// GroupCap is what the members of a group may use together of a clause that caps enterprises: the clause's own cap where no amount is stated.
// The exceptions of all members are added to it.
type GroupCap struct {
	Amount  Ceiling      `json:"amount,omitzero"`
	Control GroupControl `json:"control,omitzero"`
}

func (c Clause) checkGroupCap(path string) error {
	g := c.GroupCap
	if g == (GroupCap{}) {
		return nil
	}
	switch {
	case c.Cap.Subject != SubjectEnterprise:
		return wrong(path+".group_cap", "只有按企业设上限的条款可设集团上限", "only a clause that caps enterprises has a cap of groups")
	case g.Control != "" && g.Control != GroupFinding && g.Control != GroupRefuse:
		return wrong(path+".group_cap.control", "须为 finding（提示）或 refuse（拒绝），不能是 %q", "is finding or refuse, not %q", Clip(string(g.Control), 20))
	case g.Amount.Stated && checkCeiling("group_cap", g.Amount.Amount) != nil:
		return wrong(path+".group_cap.amount", "须在 0.00 至 %s 之间；按条款上限的不写", "is from 0.00 to %s, or left out for the clause's own cap", Fen(maxFen))
	}
	return nil
}

// Text says what groups may use, and what becomes of more.
func (g GroupCap) Text() Text {
	amount := Text{ZH: "条款上限", EN: "that of the clause"}
	if g.Amount.Stated {
		amount = both("%s", "%s", g.Amount)
	}
	return both("%s（超出%s）", "%s (beyond it: %s)", amount, Coded(GroupControlCodes, cmp.Or(g.Control, GroupFinding)))
}

// grouped judges another cap of groups of a clause. Nothing of it is retroactive: what groups use by then stands, and where it is beyond, that is found.
func (c *AmendPolicy) grouped(s *State, _ int, e *PolicyAmended) (bool, *Refusal) {
	if c.GroupCap == nil {
		return false, nil
	}
	is := s.clauses.get(c.Clause)
	was := inForce(is.groupCaps, c.EffectiveOn)
	e.GroupCap, e.PreviousGroupCap = c.GroupCap, &was
	is.clause.GroupCap = *c.GroupCap
	return *c.GroupCap != was, invalidPolicy(is.clause.checkGroupCap("clauses." + string(c.Clause)))
}

// controlled is what becomes of what would put a group over: it is refused or found.
func (g GroupCap) controlled(r *Refusal) ([]Finding, *Refusal) {
	if g.Control == GroupRefuse {
		return nil, r
	}
	return []Finding{r.finding()}, nil
}

// groupOn are the enterprises of one group on a day, in order: the one by itself where control connects it with none. Those that were taken over
// stand as what they are now.
func (s *State) groupOn(of EnterpriseID, day Date) []EnterpriseID {
	if of = s.now(of); !slices.ContainsFunc(s.oneWith(of), s.linked.has) {
		return []EnterpriseID{of}
	}
	seen, next := map[EnterpriseID]bool{of: true}, []EnterpriseID{of}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		for _, l := range s.linksOf(at) {
			if !l.holds(day) || !Connects(l.kind, l.share) {
				continue
			}
			for _, other := range []EnterpriseID{l.a, l.b} {
				if !seen[other] {
					seen[other], next = true, append(next, other)
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// groupRooms are what the groups of an enterprise have for instalments more, by a decision of a day; none where it is of no group, or the clause
// states no cap for one. Those of the accounts that carry the account come behind.
func (s *State) groupRooms(a Account, list []Instalment, day, today Date) (rooms []Room) {
	if a.Subject.Kind != SubjectEnterprise {
		return nil
	}
	members := s.groupOn(EnterpriseID(a.Subject.ID), day)
	if len(members) < 2 {
		return nil
	}
	if s.clauses.get(a.Clause).clause.Cap.Period == InTotal {
		list = []Instalment{{Amount: sum(list)}}
	}
	for i, on := range append([]Account{a}, s.carriers(a)...) {
		version := GoverningVersion(s.clauses.get(on.Clause).versions, day, today)
		for _, part := range list {
			room, stated := s.groupRoom(on, members, part, version, day)
			if stated && (i == 0 || room.Use.Sub(room.Carried).Positive()) {
				rooms = append(rooms, room)
			}
		}
	}
	return rooms
}

// groupRoom is what enterprises together have under a clause in a year; false where it states no cap for them.
func (s *State) groupRoom(on Account, members []EnterpriseID, part Instalment, version ClauseVersion, day Date) (Room, bool) {
	group := inForce(s.clauses.get(on.Clause).groupCaps, day)
	room := Room{Kind: RoomOfGroup, Scope: string(on.Clause), Subject: on.Subject, Members: members, Year: s.scopeYear(on.Clause, part.SupportYear),
		Cap: version.Cap, Asked: part.Amount, Version: version.Version, Group: group}
	if group.Amount.Stated {
		room.Cap = group.Amount
	}
	for _, m := range members {
		of := Account{on.Clause, Subject{SubjectEnterprise, string(m)}}
		u := s.seen(of, part.SupportYear, day)
		room.Use, room.Exceptions = room.Use.Add(u.use()), room.Exceptions.Add(u.exceptions)
		room.Carried = room.Carried.Add(s.carriedOn(of, part.SupportYear, day))
	}
	return room, room.Cap.Stated
}

// checkGroup judges what is asked of groups, as the clause controls them: it is refused or found.
func checkGroup(rooms []Room) (findings []Finding, _ *Refusal) {
	for _, room := range rooms {
		if !room.ShortBy().Positive() {
			continue
		}
		found, r := room.Group.controlled(room.groupRefusal())
		if r != nil {
			return nil, r
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

func (r Room) groupRefusal() *Refusal {
	return refuse(CodeGroupCapExceeded, "clause", r.Scope, "enterprise", r.Subject.ID, "group", r.Members[0], "members", len(r.Members), "year", r.Year, "cap", r.Cap,
		"exceptions", r.Exceptions, "use", r.Use, "headroom", r.Left().Amount, "asked", r.Asked, "short_by", r.ShortBy(), "clause_version", r.Version)
}

// GroupView is a group, and what it uses of a clause in a support year.
type GroupView struct {
	Members     []EnterpriseID // in order
	Clause      ClauseID
	SupportYear SupportYear // 0: all years together
	Cap         Ceiling     // of the group
	Exceptions  Money       // of its members
	Use         Money
}

// OverBy is by how much the group's use is beyond its cap and its members' exceptions.
func (g GroupView) OverBy() Money {
	if !g.Cap.Stated {
		return NoMoney
	}
	return g.Use.Sub(g.Cap.Amount).Sub(g.Exceptions).OrNone()
}

// Group are the enterprises that control connects with one on a day, itself among them, in order.
func (s *State) Group(of EnterpriseID, day Date) []EnterpriseID { return s.groupOn(of, day) }

// GroupUse is how the group of an enterprise on a day stands now under a clause that caps enterprises; false where it is of no group, or
// the clause caps something else.
func (s *State) GroupUse(of EnterpriseID, c ClauseID, year SupportYear, day Date) (GroupView, bool) {
	clause, known := s.clauses.find(c)
	members := s.groupOn(of, day)
	if !known || clause.clause.Cap.Subject != SubjectEnterprise || len(members) < 2 {
		return GroupView{}, false
	}
	v := GroupView{Members: members, Clause: c, SupportYear: s.scopeYear(c, year), Cap: VersionOn(clause.versions, day).Cap}
	if own := inForce(clause.groupCaps, day).Amount; own.Stated {
		v.Cap = own
	}
	for _, m := range members {
		u := s.stands(Account{c, Subject{SubjectEnterprise, string(m)}}, year)
		v.Use, v.Exceptions = v.Use.Add(u.use()), v.Exceptions.Add(u.exceptions)
	}
	return v, true
}

// LinkView is what is known of a link.
type LinkView struct {
	A, B     EnterpriseID
	Kind     LinkKind
	Share    Share
	From, To Date
	Ended    bool
	Mistaken bool
}

// Link finds a link.
func (s *State) Link(id LinkID) (LinkView, bool) {
	l, ok := s.links.find(id)
	return LinkView{A: l.a, B: l.b, Kind: l.kind, Share: l.share, From: l.from, To: l.to, Ended: l.ended, Mistaken: l.mistaken}, ok
}

// LinkedEnterprises are those that are, or ever were, linked with another, in order.
func (s *State) LinkedEnterprises() []EnterpriseID { return slices.Sorted(maps.Keys(s.linked.rows)) }
