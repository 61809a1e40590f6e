package domain

import (
	"strings"
	"testing"
)

func init() {
	for _, r := range []Role{Clerk, Admin} {
		mayGive[r] = append(mayGive[r], "link_enterprises", "end_link")
	}
}

// linked are two enterprises of which one controls the other from a day on.
func linked(id LinkID, a, b EnterpriseID, kind LinkKind, share Share, from string) *LinkEnterprises {
	return &LinkEnterprises{Link: id, A: a, B: b, Kind: kind, Share: share, From: day(from), Document: "企登〔2025〕1号"}
}

func until(c *LinkEnterprises, to string) *LinkEnterprises {
	c.To = day(to)
	return c
}

func ended(id LinkID, to string) *EndLink {
	return &EndLink{Link: id, To: day(to), Document: "企登〔2025〕9号"}
}

func TestALinkIsRefusedForWhatItCannotBe(t *testing.T) {
	st := given(t, linked("L1", aiFirm, financeFirm, Controls, "60", "2025-01-01"))
	for name, c := range map[string]struct {
		c       *LinkEnterprises
		code    string
		rule    string
		figures []string
	}{
		"a link that is there":        {linked("L1", aiFirm, netFirm, Branch, "", "2025-01-01"), CodeLinkExists, "R15", nil},
		"the same in another script":  {linked("ｌ1", aiFirm, netFirm, Branch, "", "2025-01-01"), CodeLinkExists, "R15", nil},
		"without an id":               {linked("", aiFirm, netFirm, Branch, "", "2025-01-01"), CodeFieldMissing, "R11", []string{"field", "link"}},
		"to itself":                   {linked("L2", netFirm, netFirm, Branch, "", "2025-01-01"), CodeLinkToItself, "R15", nil},
		"to itself in another script": {linked("L2", netFirm, EnterpriseID(strings.ToLower(string(netFirm))), Branch, "", "2025-01-01"), CodeLinkToItself, "R15", nil},
		"an unknown one":              {linked("L2", netFirm, code(77), Branch, "", "2025-01-01"), CodeEnterpriseUnknown, "R10", nil},
		"an unknown first":            {linked("L2", code(77), netFirm, Branch, "", "2025-01-01"), CodeEnterpriseUnknown, "R10", nil},
		"of no kind":                  {linked("L2", aiFirm, netFirm, "owns", "", "2025-01-01"), CodeFieldInvalid, "R11", []string{"field", "kind", "allowed", "controls, same_controller, branch"}},
		"a share of nothing":          {linked("L2", aiFirm, netFirm, Controls, "0", "2025-01-01"), CodeFieldInvalid, "R11", []string{"field", "share"}},
		"a share beyond all":          {linked("L2", aiFirm, netFirm, Controls, "100.0001", "2025-01-01"), CodeFieldInvalid, "R11", []string{"field", "share"}},
		"a share below nothing":       {linked("L2", aiFirm, netFirm, Controls, "-3", "2025-01-01"), CodeFieldInvalid, "R11", []string{"field", "share"}},
		"a share too fine":            {linked("L2", aiFirm, netFirm, Controls, "33.33333", "2025-01-01"), CodeFieldInvalid, "R11", []string{"field", "share"}},
		"a share in another script":   {linked("L2", aiFirm, netFirm, Controls, "５１", "2025-01-01"), CodeFieldInvalid, "R11", []string{"field", "share"}},
		"a share as a float":          {linked("L2", aiFirm, netFirm, Controls, "5e1", "2025-01-01"), CodeFieldInvalid, "R11", []string{"field", "share"}},
		"a branch with a share":       {linked("L2", aiFirm, netFirm, Branch, "60", "2025-01-01"), CodeFieldInvalid, "R11", []string{"field", "share"}},
		"from a day ahead":            {linked("L2", aiFirm, netFirm, Branch, "", "2025-03-02"), CodeDateInFuture, "R14", []string{"field", "from"}},
		"to before from":              {until(linked("L2", aiFirm, netFirm, Branch, "", "2025-02-01"), "2025-01-31"), CodeLinkEndsEarlier, "R15", []string{"date", "2025-01-31", "from", "2025-02-01"}},
		"without a document":          {&LinkEnterprises{Link: "L2", A: aiFirm, B: netFirm, Kind: Branch, From: day("2025-01-01")}, CodeDocumentRequired, "R6", nil},
		"the same twice":              {linked("L2", aiFirm, financeFirm, Controls, "10", "2025-02-01"), CodeLinkOverlaps, "R15", []string{"link", "L1", "from", "2025-01-01"}},
		"control of who controls":     {linked("L2", financeFirm, aiFirm, Controls, "51", "2025-02-01"), CodeLinkCircle, "R15", []string{"date", "2025-02-01"}},
		"shares beyond the whole":     {linked("L2", netFirm, financeFirm, Controls, "40.0001", "2025-02-01"), CodeSharesExceeded, "R15", []string{"use", "60", "asked", "40.0001", "over_by", "0.0001"}},
	} {
		t.Run(name, func(t *testing.T) { st.when(c.c).refused(c.code, c.rule, c.figures...) })
	}
	st.when(linked("L3", netFirm, financeFirm, Controls, "40", "2025-02-01")).then("enterprises_linked")
	st.when(linked("L4", financeFirm, aiFirm, Controls, "10", "2025-02-01")).then("enterprises_linked") // no control: shares may be mutual
}

// A circle through others is found on the one day on which all of it holds, however late that begins.
func TestControlInACircleIsFoundOnItsDay(t *testing.T) {
	st := given(t,
		until(linked("AB", aiFirm, financeFirm, Controls, "60", "2024-12-01"), "2025-02-10"),
		linked("BC", financeFirm, netFirm, Branch, "", "2025-02-01"))
	st.when(linked("CA", netFirm, aiFirm, Controls, "", "2025-01-01")).refused(CodeLinkCircle, "R15", "date", "2025-02-01")
	st.when(linked("CA", netFirm, aiFirm, Controls, "", "2025-02-11")).then("enterprises_linked")
	given(t, until(linked("AB", aiFirm, financeFirm, Controls, "60", "2025-01-01"), "2025-01-31")).
		when(linked("BA", financeFirm, aiFirm, Controls, "60", "2025-02-01")).then("enterprises_linked")
}

// Shares are held together day by day: one that ends before the other begins takes nothing from it.
func TestSharesAreCountedDayByDay(t *testing.T) {
	st := given(t,
		until(linked("1", aiFirm, otherFirm, Controls, "70", "2024-12-01"), "2025-01-31"),
		linked("2", netFirm, otherFirm, Controls, "80", "2025-02-01"))
	st.when(until(linked("3", financeFirm, otherFirm, Controls, "30", "2024-12-01"), "2025-01-31")).then("enterprises_linked")
	st.when(until(linked("4", financeFirm, otherFirm, Controls, "20.5", "2025-02-01"), "2025-02-20")).refused(CodeSharesExceeded, "R15", "date", "2025-02-01", "over_by", "0.5")
	st.and(ended("2", "2025-02-10"))
	st.when(linked("4", financeFirm, otherFirm, Controls, "20.5", "2025-02-11")).then("enterprises_linked")
}

func TestALinkEndsOnce(t *testing.T) {
	st := given(t, linked("L", aiFirm, financeFirm, Controls, "60", "2025-01-10"), until(linked("M", aiFirm, netFirm, Branch, "", "2025-01-10"), "2025-02-10"),
		linked("N", aiFirm, otherFirm, Branch, "", "2025-01-10"))
	st.when(ended("X", "2025-02-01")).refused(CodeLinkUnknown, "R15", "link", "X")
	st.when(ended("L", "2025-01-09")).refused(CodeLinkEndsEarlier, "R15", "date", "2025-01-09", "from", "2025-01-10")
	st.when(&EndLink{Link: "L", Document: "d"}).refused(CodeFieldMissing, "R11", "field", "to")
	st.when(&EndLink{Link: "L", To: day("2025-02-01")}).refused(CodeDocumentRequired, "R6")
	st.when(&EndLink{Link: "L", Mistaken: true, To: day("2025-02-01"), Document: "d", Reason: "r"}).refused(CodeFieldInvalid, "R11", "field", "to")
	st.when(&EndLink{Link: "L", Mistaken: true, Document: "d"}).refused(CodeFieldMissing, "R11", "field", "reason")
	st.when(ended("ｌ", "2025-01-10")).then("link_ended") // it is the link L, and ends on the day that it began on
	st.when(ended("L", "2025-02-02")).refused(CodeLinkEnded, "R15", "until", "2025-01-10")
	st.when(ended("M", "2025-02-10")).refused(CodeLinkEnded, "R15", "until", "2025-02-10")
	st.when(ended("M", "2025-02-11")).refused(CodeLinkEnded, "R15")
	st.when(ended("M", "2025-02-09")).then("link_ended")
	st.when(&EndLink{Link: "N", Mistaken: true, Document: "d", Reason: "并非分支机构"}).then("link_ended")
	st.when(ended("N", "2025-02-02")).refused(CodeLinkEnded, "R15")
	if g := st.state.Group(aiFirm, day("2025-01-10")); len(g) != 3 {
		t.Errorf("on the day: %v", g)
	}
	if g := st.state.Group(aiFirm, day("2025-01-11")); len(g) != 2 {
		t.Errorf("on the day after: %v", g)
	}
	st.when(linked("N2", aiFirm, otherFirm, Branch, "", "2025-01-10")).then("enterprises_linked") // what never was stands in nobody's way
}

func TestAGroupIsWhatControlConnectsOnADay(t *testing.T) {
	for name, c := range map[string]struct {
		kind  LinkKind
		share Share
		is    bool
	}{
		"more than one half":     {Controls, "50.0001", true},
		"one half":               {Controls, "50", false},
		"less":                   {Controls, "49.9999", false},
		"a share nobody knows":   {Controls, "", true},
		"all":                    {Controls, "100.0000", true},
		"one controller of both": {SameController, "", true},
		"a branch":               {Branch, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			st := given(t, until(linked("L", financeFirm, aiFirm, c.kind, c.share, "2025-01-10"), "2025-01-20"))
			for of, is := range map[string]bool{"2025-01-09": false, "2025-01-10": c.is, "2025-01-20": c.is, "2025-01-21": false} {
				if got := st.state.Group(aiFirm, day(of)); (len(got) == 2) != is {
					t.Errorf("on %s: %v", of, got)
				}
			}
		})
	}
}

// three are three enterprises of one group, each with 100,000,000 of 1.1a in 2025 asked for and reviewed; by a link the third belongs to it from a day on.
func three(t *testing.T, p Policy, from string) *story {
	t.Helper()
	c := code(5)
	st := governed(t, p, &RegisterEnterprise{Enterprise: c, Title: "丙", Industry: "ai"}).on("2025-07-01").and(
		linked("1", aiFirm, financeFirm, Controls, "51", from), linked("2", financeFirm, c, SameController, "", from))
	for i, firm := range []EnterpriseID{aiFirm, financeFirm, c} {
		st.ready(submit(ApplicationID([]string{"A", "B", "C"}[i]), firm, "1.1a", "", in(2025, "100000000.00")))
	}
	return st
}

func refusing(p Policy, amount Ceiling) Policy {
	for i := range p.Clauses {
		if p.Clauses[i].ID == "1.1a" {
			p.Clauses[i].GroupCap = GroupCap{Amount: amount, Control: GroupRefuse}
		}
	}
	return p
}

// Example 45.
func TestExample45AGroupUsesMoreThanTheCap(t *testing.T) {
	whole := in(2025, "100000000.00")
	st := three(t, changning(), "2025-06-01")
	st.when(approve("A", whole)).found()
	o := st.when(approve("B", whole))
	o.found(CodeGroupCapExceeded)
	wantFigures(t, FindingsOf(o.decision.Events[0])[0].Figures, "use", "100000000.00", "asked", "100000000.00", "short_by", "100000000.00", "members", "3")
	st.when(approve("C", whole)).found(CodeGroupCapExceeded)
	v, grouped := st.state.GroupUse(aiFirm, "1.1a", 2025, st.day)
	if !grouped || v.Use != Yuan(300_000_000) || v.OverBy() != Yuan(200_000_000) || len(v.Members) != 3 {
		t.Errorf("the group: %+v, over by %s", v, v.OverBy())
	}

	st = three(t, refusing(changning(), Unstated), "2025-06-01")
	st.when(approve("A", whole)).found()
	st.when(approve("B", whole)).refused(CodeGroupCapExceeded, "R15", "clause", "1.1a", "year", "2025", "cap", "100000000.00", "use", "100000000.00",
		"headroom", "0.00", "short_by", "100000000.00", "members", "3")

	// a link from 2025-06-01 refuses nothing before: the decisions are of May
	st = governed(t, refusing(changning(), Unstated)).on("2025-05-30").
		ready(submit("A", aiFirm, "1.1a", "", whole)).ready(submit("B", financeFirm, "1.1a", "", whole)).and(approve("A", whole))
	st.on("2025-07-01").and(linked("1", aiFirm, financeFirm, Controls, "51", "2025-06-01"))
	early := approve("B", whole)
	early.Date = day("2025-05-31")
	st.when(early).found()
}

func TestAGroupMayHaveACapOfItsOwn(t *testing.T) {
	whole := in(2025, "100000000.00")
	st := three(t, refusing(changning(), Stated(Yuan(150_000_000))), "2025-06-01").and(approve("A", whole))
	st.when(approve("B", whole)).refused(CodeGroupCapExceeded, "R15", "cap", "150000000.00", "headroom", "50000000.00", "short_by", "50000000.00")
	st.when(approve("B", in(2025, "50000000.00"))).found()
	st.when(approve("C", in(2025, "0.01"))).refused(CodeGroupCapExceeded, "R15", "short_by", "0.01")
	// what the authority adds for a member the group may have
	st.and(&GrantException{Exception: "X", Clause: "1.1a", Subject: string(code(5)), SupportYear: 2025, Amount: money("0.01"), Document: "d", Reason: "r"})
	st.when(approve("C", in(2025, "0.02"))).refused(CodeGroupCapExceeded, "R15", "exceptions", "0.01", "short_by", "0.01")
	st.when(approve("C", in(2025, "0.01"))).found()
	// what is given up is free for another member
	st.and(reduce("B", 2025, "1.00")).when(by(more("C", in(2025, "1.01")), person(Approver, "commerce"))).refused(CodeReviewsRequired, "R9")
	st.and(by(review("C"), Actor{ID: "again", Role: Reviewer, Department: "commerce"}))
	st.when(more("C", in(2025, "1.01"))).refused(CodeGroupCapExceeded, "R15", "short_by", "0.01")
	st.when(more("C", in(2025, "1.00"))).found()
	// a fact is never refused
	st.when(&BookPayout{Payout: "P", Enterprise: aiFirm, Clause: "1.1a", SupportYear: 2025, Amount: money("1.00"), PaidOn: day("2025-07-01"), Voucher: "v"}).
		found(CodeCapExceeded, CodeGroupCapExceeded)
}

// What moves within the group uses no more of it; what moves into it does.
func TestAMoveIntoAGroupIsHeldAgainstItsCap(t *testing.T) {
	whole := in(2025, "100000000.00")
	outsider := code(6)
	st := three(t, refusing(changning(), Unstated), "2025-06-01").and(&RegisterEnterprise{Enterprise: outsider, Title: "丁", Industry: "ai"}).and(approve("A", whole))
	st.ready(submit("D", outsider, "1.1a", "", in(2025, "1.00"))).and(approve("D", in(2025, "1.00")))
	moved := func(id ApplicationID, to EnterpriseID) Command {
		return by(&MoveApplication{Application: id, Enterprise: to, Document: "d"}, Actor{ID: "other", Role: Approver, Department: "commerce"})
	}
	st.when(moved("D", financeFirm)).refused(CodeGroupCapExceeded, "R15", "short_by", "1.00")
	st.when(moved("A", financeFirm)).then("application_moved")
}

func TestAPolicySaysWhatGroupsMayHave(t *testing.T) {
	for name, c := range map[string]struct {
		clause ClauseID
		cap    GroupCap
		path   string
	}{
		"of projects":      {"4", GroupCap{Control: GroupRefuse}, "clauses[9].group_cap"},
		"another control":  {"1.1a", GroupCap{Control: "warn"}, "clauses[0].group_cap.control"},
		"an amount beyond": {"1.1a", GroupCap{Amount: Stated(Fen(maxFen + 1))}, "clauses[0].group_cap.amount"},
	} {
		t.Run(name, func(t *testing.T) {
			p := changning()
			for i := range p.Clauses {
				if p.Clauses[i].ID == c.clause {
					p.Clauses[i].GroupCap = c.cap
				}
			}
			if faults := p.Faults(); len(faults) != 1 || faults[0].Path != c.path {
				t.Errorf("%v", faults)
			}
		})
	}
	if p := refusing(changning(), Stated(Yuan(150_000_000))); p.Validate() != nil {
		t.Error(p.Validate())
	}
}

// The rooms that a form shows are those that the rules judge by.
func TestTheRoomOfAGroupIsShown(t *testing.T) {
	st := three(t, refusing(changning(), Unstated), "2025-06-01").and(approve("A", in(2025, "99999999.99")))
	rooms, r := st.state.Rooms(&ApproveApplication{Application: "B", Instalments: []Instalment{in(2025, "0.02")}, Head: Head{Date: st.day}}, st.day)
	if r != nil || len(rooms) != 2 || rooms[1].Kind != RoomOfGroup || rooms[1].Left().Amount != money("0.01") || rooms[1].ShortBy() != money("0.01") {
		t.Errorf("%+v, %v", rooms, r)
	}
}

// What groups may use is amended from a day on: nothing that was decided changes, a decision dated before is held against what held then, and an empty
// cap of groups is the clause's own again.
func TestTheCapOfGroupsIsAmendedFromADayOn(t *testing.T) {
	whole := in(2025, "100000000.00")
	groupCap := func(clause ClauseID, g GroupCap, from string) *AmendPolicy {
		return &AmendPolicy{Clause: clause, GroupCap: &g, EffectiveOn: day(from), Document: "长府办 2 号"}
	}
	limit := GroupCap{Amount: Stated(Yuan(150_000_000)), Control: GroupRefuse}
	st := three(t, changning(), "2025-06-01").and(approve("A", whole))
	o := st.when(groupCap("1.1a", limit, "2025-07-10"))
	o.then("policy_amended")
	if e := o.decision.Events[0].(*PolicyAmended); *e.PreviousGroupCap != (GroupCap{}) || *e.GroupCap != limit {
		t.Errorf("it was %+v and is %+v", e.PreviousGroupCap, e.GroupCap)
	}
	if v, _ := st.state.GroupUse(aiFirm, "1.1a", 2025, day("2025-07-09")); v.Cap != Stated(Yuan(100_000_000)) {
		t.Errorf("the day before it is %s", v.Cap)
	}
	if v, _ := st.state.GroupUse(aiFirm, "1.1a", 2025, day("2025-07-10")); v.Cap != limit.Amount {
		t.Errorf("from the day on it is %s", v.Cap)
	}
	st.on("2025-07-09").when(approve("B", whole)).found(CodeGroupCapExceeded)
	st.on("2025-07-12").when(approve("C", whole)).refused(CodeGroupCapExceeded, "R15", "cap", "150000000.00", "short_by", "150000000.00")
	early := approve("C", whole)
	early.Date = day("2025-07-09")
	st.when(early).found(CodeGroupCapExceeded)
	st.when(groupCap("1.1a", limit, "2025-08-01")).refused(CodePolicyAmendmentEmpty, "R7")
	st.when(groupCap("1.1a", GroupCap{}, "2025-07-11")).refused(CodeAmendmentRetroactive, "R7")
	st.when(groupCap("1.1a", GroupCap{}, "2025-08-01")).then("policy_amended")
	if v, _ := st.state.GroupUse(aiFirm, "1.1a", 2025, day("2025-08-01")); v.Cap != Stated(Yuan(100_000_000)) {
		t.Errorf("taken back, it is %s", v.Cap)
	}
	st.when(groupCap("", limit, "2025-08-02")).refused(CodeFieldMissing, "R11", "field", "clause").
		when(groupCap("4", limit, "2025-08-02")).refused(CodePolicyInvalid, "R7", "path", "clauses.4.group_cap").
		when(groupCap("1.1a", GroupCap{Control: "whim"}, "2025-08-02")).refused(CodePolicyInvalid, "R7", "path", "clauses.1.1a.group_cap.control")
}
