package domain

import (
	"strings"
	"testing"
)

func init() {
	for _, r := range []Role{Clerk, Admin} {
		mayGive[r] = append(mayGive[r], "merge_enterprises")
	}
}

func merged(from, into EnterpriseID, on string) *MergeEnterprises {
	return &MergeEnterprises{From: from, Into: into, On: day(on), Document: "市监〔2025〕8号"}
}

// anotherFirm is a second enterprise that clause 1.1a serves.
var anotherFirm = code(9)

func registered(id EnterpriseID, industry IndustryID) *RegisterEnterprise {
	return &RegisterEnterprise{Enterprise: id, Title: "企业 " + string(id[13:17]), Industry: industry}
}

func TestAMergerIsRefusedForWhatItCannotBe(t *testing.T) {
	st := given(t, registered(anotherFirm, "ai")).on("2025-03-02").and(merged(netFirm, financeFirm, "2025-03-01"))
	for name, c := range map[string]struct {
		c       *MergeEnterprises
		code    string
		rule    string
		figures []string
	}{
		"into itself":                   {merged(aiFirm, aiFirm, "2025-03-01"), CodeMergeIntoItself, "R15", []string{"enterprise", string(aiFirm)}},
		"into itself in another script": {merged(aiFirm, EnterpriseID(strings.ToLower(string(aiFirm))), "2025-03-01"), CodeMergeIntoItself, "R15", nil},
		"of a merged one":               {merged(netFirm, aiFirm, "2025-03-01"), CodeEnterpriseMerged, "R15", []string{"enterprise", string(netFirm), "into", string(financeFirm), "from", "2025-03-01"}},
		"the same once more":            {merged(netFirm, financeFirm, "2025-03-01"), CodeEnterpriseMerged, "R15", nil},
		"into a merged one":             {merged(aiFirm, netFirm, "2025-03-01"), CodeEnterpriseMerged, "R15", []string{"into", string(financeFirm)}},
		"in a circle":                   {merged(financeFirm, netFirm, "2025-03-01"), CodeEnterpriseMerged, "R15", nil},
		"on a day ahead":                {merged(aiFirm, otherFirm, "2025-03-03"), CodeDateInFuture, "R14", []string{"field", "on", "date", "2025-03-03"}},
		"before it was registered":      {merged(aiFirm, otherFirm, "2025-02-28"), CodeDateOrder, "R14", []string{"field", "on", "date", "2025-02-28", "earliest", "2025-03-01"}},
		"of an unknown one":             {merged(code(77), aiFirm, "2025-03-01"), CodeEnterpriseUnknown, "R10", nil},
		"into an unknown one":           {merged(aiFirm, code(77), "2025-03-01"), CodeEnterpriseUnknown, "R10", nil},
		"of none":                       {merged("", aiFirm, "2025-03-01"), CodeFieldMissing, "R11", nil},
		"without a document":            {&MergeEnterprises{From: aiFirm, Into: otherFirm}, CodeDocumentRequired, "R6", nil},
	} {
		t.Run(name, func(t *testing.T) { st.when(c.c).refused(c.code, c.rule, c.figures...) })
	}
	st.when(merged(financeFirm, aiFirm, "2025-03-02")).then("enterprises_merged") // what took one over may be taken over
}

// What was granted stands on both, and from then on one cap is held against what both use.
func TestTheUseOfBothCountsTogetherOnceTheyAreOne(t *testing.T) {
	st := given(t, registered(anotherFirm, "ai")).and(approved("A", aiFirm, "1.1a", "", in(2025, "60000000.00"))...).
		and(approved("B", anotherFirm, "1.1a", "", in(2025, "80000000.00"))...).
		and(&MakePayout{Payout: "M1", Application: "A", SupportYear: 2025, Amount: money("10000000.00")}).
		and(submit("C", anotherFirm, "1.1a", "", in(2025, "5000000.00"), in(2026, "100000000.00"))).and(accept("C"), review("C")).
		on("2025-04-02").and(merged(aiFirm, anotherFirm, "2025-04-01"))
	line, _ := st.state.Account(Account{"1.1a", Subject{SubjectEnterprise, string(anotherFirm)}}, 2025, st.day)
	if line.Use != money("140000000.00") || line.Headroom() != Stated(NoMoney) || line.Joined != money("10000000.00") || line.OverBy() != money("40000000.00") {
		t.Errorf("the account of both: %+v, over by %s", line, line.OverBy())
	}
	st.when(approve("C", in(2025, "0.01"))).refused(CodeCapExceeded, "R2", "use", "140000000.00", "joined", "10000000.00", "headroom", "0.00", "short_by", "40000000.01")
	st.when(approve("C", in(2026, "100000000.00"))).then("application_approved")
	st.when(&MakePayout{Payout: "M2", Application: "B", SupportYear: 2025, Amount: money("80000000.00")}).then("payout_made") // what was granted stands
	st.when(&MakePayout{Payout: "M3", Application: "A", SupportYear: 2025, Amount: money("50000000.00")}).then("payout_made")
	a, _ := st.state.Application("A")
	if p, _ := st.state.Payout("M3"); a.Charge.Enterprise != anotherFirm || p.Charge.Enterprise != anotherFirm {
		t.Errorf("what is unpaid goes on under the other: %v, %v", a.Charge, p.Charge)
	}
	if p, _ := st.state.Payout("M1"); p.Charge.Enterprise != aiFirm {
		t.Errorf("what is paid stays with whom it was paid to: %v", p.Charge)
	}
}

// A date before the merger gets round no cap.
func TestADateBeforeTheMergerGetsRoundNoCap(t *testing.T) {
	st := given(t, registered(anotherFirm, "ai")).and(approved("A", aiFirm, "1.1a", "", in(2025, "100000000.00"))...).
		and(submit("B", anotherFirm, "1.1a", "", in(2025, "100000000.00"))).and(accept("B"), review("B")).
		on("2025-04-02").and(merged(aiFirm, anotherFirm, "2025-04-02"))
	before := approve("B", in(2025, "0.01"))
	before.Date = day("2025-03-02")
	st.when(before).refused(CodeCapExceeded, "R2", "short_by", "0.01")
}

func TestAMergedEnterpriseDoesNothingUnderItsOwnName(t *testing.T) {
	st := given(t, registered(anotherFirm, "ai")).and(approved("A", aiFirm, "1.1a", "", in(2025, "1000000.00"))...).
		and(&MakePayout{Payout: "M1", Application: "A", SupportYear: 2025, Amount: money("1000000.00")}).
		on("2025-04-02").and(merged(aiFirm, anotherFirm, "2025-04-01"), &ReturnPayout{Payout: "M1", Amount: money("400000.00"), Reason: "r"})
	names := []string{"enterprise", string(aiFirm), "into", string(anotherFirm), "from", "2025-04-01"}
	st.when(submit("B", aiFirm, "1.1a", "", in(2025, "1.00"))).refused(CodeEnterpriseMerged, "R15", names...)
	st.when(&MakePayout{Payout: "M2", Application: "A", SupportYear: 2025, Amount: money("400000.00")}).refused(CodeEnterpriseMerged, "R15", names...)
	st.when(&GrantException{Exception: "X", Clause: "1.1a", Subject: string(aiFirm), SupportYear: 2025, Amount: money("1.00"), Document: "d"}).refused(CodeEnterpriseMerged, "R15", names...)
	st.when(linked("L", aiFirm, netFirm, Controls, "", "2025-04-01")).refused(CodeEnterpriseMerged, "R15", names...)
	st.when(&BookPayout{Payout: "M3", Enterprise: aiFirm, Clause: "1.1a", SupportYear: 2025, Amount: money("1.00")}).then("payout_booked")
	if e := st.history[len(st.history)-1].event; !Found(e, CodeEnterpriseMerged) {
		t.Errorf("a payout that was made is a fact, with a finding: %+v", e)
	}
	late := submit("C", aiFirm, "1.1a", "", in(2025, "1.00"))
	late.Date = day("2025-03-31")
	st.when(late).then("application_submitted") // of a day before
	st.and(&MoveApplication{Application: "C", Enterprise: anotherFirm, Document: "d"})
	st.when(&MoveApplication{Application: "C", Enterprise: aiFirm, Document: "d"}).refused(CodeEnterpriseMerged, "R15", names...)
	st.and(&MoveApplication{Application: "A", Enterprise: anotherFirm, Document: "d"})
	st.when(&MakePayout{Payout: "M4", Application: "A", SupportYear: 2025, Amount: money("400000.00")}).then("payout_made") // the way on
}

// Who may not approve, and what was reviewed, is as it was: nobody decided anything.
func TestAMergerDecidesNothing(t *testing.T) {
	st := given(t, registered(anotherFirm, "ai"), submit("A", aiFirm, "1.1a", "", in(2025, "1000000.00")), accept("A"), review("A")).on("2025-04-02").
		and(merged(aiFirm, anotherFirm, "2025-04-01"))
	st.when(approve("A", in(2025, "1000000.00"))).then("application_approved")
	if e, ok := st.history[len(st.history)-1].event.(*ApplicationApproved); !ok || e.Charge.Enterprise != anotherFirm {
		t.Errorf("approved for %+v", e)
	}
	taken := given(t, registered(anotherFirm, "ai"), submit("A", aiFirm, "1.1a", "", in(2025, "1000000.00"))).and(merged(aiFirm, anotherFirm, "2025-03-01"))
	if taken.state.inUse {
		t.Error("a ledger that is being taken over is not in use for a merger")
	}
}

// The credit of either counts, what either owes is owed, and links of the one are the other's.
func TestCreditDebtsAndLinksOfBothCount(t *testing.T) {
	p := changning()
	p.Debtors, p.Clauses[0].GroupCap = DebtorRefuse, GroupCap{Control: GroupRefuse}
	st := governed(t, p, registered(anotherFirm, "ai"), linked("L", aiFirm, financeFirm, Controls, "", "2025-01-01")).
		and(approved("A", aiFirm, "1.1a", "", in(2025, "1000000.00"))...).
		and(&MakePayout{Payout: "M1", Application: "A", SupportYear: 2025, Amount: money("1000000.00")},
			&OrderClawback{Clawback: "C", Payout: "M1", Amount: money("300000.00"), Cause: CauseError, Reason: "r", DueOn: day("2025-03-10")}).
		and(submit("B", anotherFirm, "1.1a", "", in(2025, "100000000.00"))).and(accept("B"), review("B")).
		on("2025-04-02").and(merged(aiFirm, anotherFirm, "2025-04-01"))
	st.when(approve("B", in(2025, "1.00"))).refused(CodeOwesMoney, "R4", "enterprise", string(anotherFirm), "outstanding", "300000.00", "clawbacks", "C")
	st.and(&ReceiveRecovery{Recovery: "R", Clawback: "C", Amount: money("300000.00")}, &RestrictCredit{Enterprise: aiFirm, Reason: "r"})
	st.when(approve("B", in(2025, "1.00"))).refused(CodeCreditRestricted, "R10", "enterprise", string(aiFirm))
	st.on("2025-04-03").and(&RestoreCredit{Enterprise: aiFirm, Reason: "r"})
	if got := st.state.Group(anotherFirm, st.day); len(got) != 2 || got[0] != min(anotherFirm, financeFirm) {
		t.Errorf("the group of both: %v", got)
	}
	st.and(approved("F", financeFirm, "1.1a", "", in(2025, "99000000.00"))...)
	st.when(approve("B", in(2025, "300000.01"))).refused(CodeGroupCapExceeded, "R15", "members", "2", "short_by", "0.01")
	st.when(approve("B", in(2025, "300000.00"))).then("application_approved")
	st.when(linked("L2", financeFirm, anotherFirm, Controls, "", "2025-04-02")).refused(CodeLinkCircle, "R15")
}

// An exception of either raises the cap of both, and is not revoked while both rely on it; who granted it approves on neither.
func TestExceptionsOfBothCount(t *testing.T) {
	x := &GrantException{Exception: "X", Clause: "1.1a", Subject: string(aiFirm), SupportYear: 2025, Amount: money("20000000.00"), Document: "d"}
	st := given(t, registered(anotherFirm, "ai"), x).and(submit("B", anotherFirm, "1.1a", "", in(2025, "120000000.00"))).and(accept("B"), review("B")).
		on("2025-04-02").and(merged(aiFirm, anotherFirm, "2025-04-01"))
	st.and(approve("B", in(2025, "120000000.00")))
	st.when(&RevokeException{Exception: "X", Amount: money("0.01"), Document: "d"}).refused(CodeExceptionInUse, "R6", "limit", "0.00")
}

// A day's applications that were decided after the day of the command stand in the way: what moves would move before it was decided.
func TestAMergerIsNotDatedBeforeWhatMovesWithIt(t *testing.T) {
	st := given(t, registered(anotherFirm, "ai")).on("2025-04-02").and(approved("A", aiFirm, "1.1a", "", in(2025, "1000000.00"))...)
	c := merged(aiFirm, anotherFirm, "2025-04-01")
	c.Date = day("2025-04-01")
	st.when(c).refused(CodeDateOrder, "R14", "field", "date", "earliest", "2025-04-02")
	st.when(merged(aiFirm, anotherFirm, "2025-04-01")).then("enterprises_merged", "application_moved")
}

// approved is an application from its submission to its approval.
func approved(id ApplicationID, firm EnterpriseID, clause ClauseID, of string, parts ...Instalment) []Command {
	return []Command{submit(id, firm, clause, of, parts...), accept(id), review(id), approve(id, parts...)}
}

func init() {
	for _, r := range []Role{Clerk, Admin} {
		mayGive[r] = append(mayGive[r], "void_merger")
	}
}

func unmerged(from EnterpriseID) *VoidMerger {
	return &VoidMerger{From: from, Document: "市监〔2025〕9号", Reason: "误登"}
}

// A merger that was recorded by mistake never was: both are as they were, with what was decided and paid meanwhile where it was decided and paid.
func TestAVoidedMergerNeverWas(t *testing.T) {
	st := given(t, registered(anotherFirm, "ai")).and(approved("A", aiFirm, "1.1a", "", in(2025, "60000000.00"))...).
		and(approved("B", anotherFirm, "1.1a", "", in(2025, "30000000.00"))...).
		and(&MakePayout{Payout: "M1", Application: "A", SupportYear: 2025, Amount: money("10000000.00")}).
		and(submit("C", aiFirm, "1.1a", "", in(2026, "100000000.00"))).
		on("2025-04-02").and(merged(aiFirm, anotherFirm, "2025-04-01")).
		on("2025-04-10").and(&MakePayout{Payout: "M2", Application: "A", SupportYear: 2025, Amount: money("20000000.00")}).
		and(submit("D", anotherFirm, "1.1a", "", in(2026, "5000000.00")))
	early := unmerged(aiFirm)
	early.Date = day("2025-04-01")
	st.when(early).refused(CodeDateOrder, "R14", "field", "date", "earliest", "2025-04-02")
	early = unmerged(aiFirm)
	early.Date = day("2025-04-09")
	st.when(early).refused(CodeDateOrder, "R14", "earliest", "2025-04-10") // it was paid on, later
	st.when(&VoidMerger{From: aiFirm, Reason: "误登"}).refused(CodeDocumentRequired, "R6").
		when(&VoidMerger{From: aiFirm, Document: "d"}).refused(CodeFieldMissing, "R11", "field", "reason").
		when(unmerged(anotherFirm)).refused(CodeMergerUnknown, "R15", "enterprise", string(anotherFirm)).
		when(unmerged(code(77))).refused(CodeEnterpriseUnknown, "R10")
	st.when(unmerged(aiFirm)).then("merger_voided", "application_moved", "application_moved")
	account := func(firm EnterpriseID) LineView {
		v, _ := st.state.Account(Account{"1.1a", Subject{SubjectEnterprise, string(firm)}}, 2025, st.day)
		return v
	}
	// 10,000,000.00 were paid to the one, 20,000,000.00 meanwhile to the other; the 30,000,000.00 that are unpaid are the first one's again.
	if back, other := account(aiFirm), account(anotherFirm); back.Use != money("40000000.00") || other.Use != money("50000000.00") || back.Joined.Positive() || other.Joined.Positive() {
		t.Errorf("they use %+v and %+v", back, other)
	}
	for id, want := range map[ApplicationID]EnterpriseID{"A": aiFirm, "C": aiFirm, "B": anotherFirm, "D": anotherFirm} {
		if a, _ := st.state.Application(id); a.Charge.Enterprise != want {
			t.Errorf("%s is of %s", id, a.Charge.Enterprise)
		}
	}
	st.when(unmerged(aiFirm)).refused(CodeMergerUnknown, "R15")
	// It is applied for on every day again, also on one on which the merger was thought to hold.
	late := submit("E", aiFirm, "1.1a", "", in(2026, "1.00"))
	late.Date = day("2025-04-05")
	st.when(late).then("application_submitted")
	st.when(&MakePayout{Payout: "M3", Application: "A", SupportYear: 2025, Amount: money("30000000.00")}).then("payout_made")
	// The right one may be recorded now, and it takes along what there is then.
	st.when(merged(anotherFirm, aiFirm, "2025-04-01")).then("enterprises_merged", "application_moved", "application_moved")
}

// What a later merger builds on is not voided before that one; and what one took over before stays with it.
func TestALaterMergerIsVoidedFirst(t *testing.T) {
	third := code(11)
	st := given(t, registered(anotherFirm, "ai"), registered(third, "ai")).on("2025-04-02").
		and(merged(netFirm, aiFirm, "2025-04-01"), merged(aiFirm, anotherFirm, "2025-04-01"), merged(anotherFirm, third, "2025-04-02"))
	st.when(unmerged(aiFirm)).refused(CodeEnterpriseMerged, "R15", "enterprise", string(anotherFirm), "into", string(third))
	st.when(unmerged(anotherFirm)).then("merger_voided")
	o := st.when(unmerged(aiFirm))
	o.then("merger_voided")
	if e := o.decision.Events[0].(*MergerVoided); len(e.With) != 1 || e.With[0] != netFirm || e.Into != anotherFirm {
		t.Errorf("%+v", e)
	}
	if one := st.state.OneWith(aiFirm); len(one) != 2 || one[1] != netFirm {
		t.Errorf("it is one with %v", one)
	}
	if one := st.state.OneWith(anotherFirm); len(one) != 1 {
		t.Errorf("the other is one with %v", one)
	}
}
