package domain

import "testing"

func offering(id OfferID, firm EnterpriseID, clause ClauseID, project string, parts ...Instalment) *OfferSupport {
	return &OfferSupport{Offer: id, Enterprise: firm, Clause: clause, Project: project, Title: "免申即享", Instalments: parts, ExpiresOn: day("2025-03-31")}
}

func confirm(id OfferID) *ConfirmOffer { return &ConfirmOffer{Offer: id} }

// Example 33, by its figures: of 20,000,000.00 a project has 2,662,739.30 left; an offer of a fen more is refused, short by it.
func TestExample33AnOfferBeyondTheHeadroomIsShortByAFen(t *testing.T) {
	given(t).approved(submit("A", aiFirm, "4", "P", in(2025, "17337260.70"))).
		when(offering("O", aiFirm, "4", "P", in(2026, "2662739.31"))).refused(CodeCapExceeded, "R2", "headroom", "2662739.30", "asked", "2662739.31", "short_by", "0.01").
		when(offering("O", aiFirm, "4", "P", in(2026, "2662739.30"))).then("support_offered").
		line("4", "P", 2025, "use", "17337260.70", "headroom", "2662739.30") // it holds nothing
}

func TestAConfirmedOfferIsAnAcceptedApplicationThatAPersonApproves(t *testing.T) {
	offered := by(offering("O", aiFirm, "6", "P", in(2025, "10.00")), Actor{ID: "li", Role: Approver, Department: "reform"})
	st := given(t, offered).when(confirm("O")).then("offer_confirmed", "application_submitted", "application_accepted")
	if a, _ := st.state.Application("O"); a.State != Accepted || len(a.Requested) != 1 {
		t.Errorf("the application is %+v", a)
	}
	st.and(review("O")).
		when(by(approve("O", in(2025, "10.00")), Actor{ID: "li", Role: Approver, Department: "reform"})).refused(CodeFourEyes, "R9", "did", "accept", "does", "approve").
		when(by(approve("O", in(2025, "10.00")), Actor{ID: "wu", Role: Approver, Department: "reform"})).then("application_approved").
		when(confirm("O")).refused(CodeOfferAnswered, "R9", "application", "O").
		when(offering("O2", aiFirm, "6", "P", in(2025, "1.00"))).refused(CodeOfferStanding, "R2", "offer", "O", "year", "2025").
		when(offering("O2", aiFirm, "6", "P", in(2026, "1.00"))).then("support_offered")
}

func TestWhatAnOfferIsRefusedFor(t *testing.T) {
	for name, c := range map[string]struct {
		command    Command
		code, rule string
		figures    []string
	}{
		"an unknown offer":                    {confirm("Q"), CodeOfferUnknown, "R9", nil},
		"an unknown offer declined":           {&DeclineOffer{Offer: "Q"}, CodeOfferUnknown, "R9", nil},
		"the same id again":                   {offering("O", netFirm, "6", "Q", in(2025, "1.00")), CodeOfferExists, "R9", nil},
		"the same id in another spelling":     {offering("o", netFirm, "6", "Q", in(2025, "1.00")), CodeOfferExists, "R9", nil},
		"the same subject, clause and year":   {offering("O2", aiFirm, "6", "P", in(2025, "1.00")), CodeOfferStanding, "R2", []string{"offer", "O"}},
		"the subject in another spelling":     {offering("O2", aiFirm, "6", "ｐ", in(2025, "1.00")), CodeOfferStanding, "R2", nil},
		"by a department that is not charged": {by(offering("O2", aiFirm, "6", "Q", in(2025, "1.00")), person(Approver, "commerce")), CodeDepartmentNotAllowed, "R9", []string{"allowed", "reform"}},
		"by a clerk":                          {by(offering("O2", aiFirm, "6", "Q", in(2025, "1.00")), person(Clerk, "reform")), CodeRoleNotAllowed, "R9", nil},
		"an industry that is not served":      {offering("O2", netFirm, "1.1a", "", in(2025, "1.00")), CodeIndustryNotServed, "R10", nil},
		"a year outside the term":             {offering("O2", aiFirm, "6", "Q", in(2027, "1.00")), CodeYearOutsideTerm, "R8", nil},
		"nothing":                             {offering("O2", aiFirm, "6", "Q"), CodeFieldMissing, "R11", []string{"field", "instalments"}},
		"without an end":                      {&OfferSupport{Offer: "O2", Enterprise: aiFirm, Clause: "6", Project: "Q", Title: "x", Instalments: []Instalment{in(2025, "1.00")}}, CodeFieldMissing, "R11", []string{"field", "expires_on"}},
		"an end before its day":               {&OfferSupport{Offer: "O2", Enterprise: aiFirm, Clause: "6", Project: "Q", Title: "x", Instalments: []Instalment{in(2025, "1.00")}, ExpiresOn: day("2025-02-28")}, CodeDateOrder, "R14", nil},
		"an application that is there":        {&ConfirmOffer{Offer: "O", Application: "A"}, CodeApplicationExists, "R2", nil},
	} {
		t.Run(name, func(t *testing.T) {
			given(t, submit("A", aiFirm, "7", "Z", in(2025, "1.00")), offering("O", aiFirm, "6", "P", in(2025, "1.00"))).when(c.command).refused(c.code, c.rule, c.figures...)
		})
	}
	given(t, &RestrictCredit{Enterprise: aiFirm, Reason: "失信"}).when(offering("O", aiFirm, "6", "P", in(2025, "1.00"))).refused(CodeCreditRestricted, "R10")
}

// An offer lapses by itself: the day of its end is the last on which it is answered, and then it stands in nobody's way.
func TestAnOfferLapsesByItself(t *testing.T) {
	made := func() *story { return given(t, offering("O", aiFirm, "6", "P", in(2025, "1.00"))) }
	made().on("2025-03-31").when(confirm("O")).then("offer_confirmed", "application_submitted", "application_accepted")
	made().on("2025-04-01").when(confirm("O")).refused(CodeOfferLapsed, "R9", "until", "2025-03-31", "date", "2025-04-01").
		when(&DeclineOffer{Offer: "O"}).refused(CodeOfferLapsed, "R9").
		when(&OfferSupport{Offer: "O2", Enterprise: aiFirm, Clause: "6", Project: "P", Title: "x", Instalments: []Instalment{in(2025, "1.00")}, ExpiresOn: day("2025-04-30")}).then("support_offered")
	made().when(&DeclineOffer{Offer: "O", Reason: "不需要"}).then("offer_declined").
		when(confirm("O")).refused(CodeOfferAnswered, "R9", "date", "2025-03-01").
		when(offering("O2", aiFirm, "6", "P", in(2025, "1.00"))).then("support_offered")
	withdrawn := made().and(confirm("O"), &WithdrawApplication{Application: "O"})
	withdrawn.when(offering("O2", aiFirm, "6", "P", in(2025, "1.00"))).then("support_offered")
}

// What lapsed and was offered anew is not confirmed behind it by an earlier date: two would stand for one subject and year.
func TestALapsedOfferIsNotConfirmedBesideItsSuccessor(t *testing.T) {
	again := &OfferSupport{Offer: "O2", Enterprise: aiFirm, Clause: "6", Project: "P", Title: "x", Instalments: []Instalment{in(2025, "1.00")}, ExpiresOn: day("2025-04-30")}
	late := confirm("O")
	late.Date = day("2025-03-31")
	given(t, offering("O", aiFirm, "6", "P", in(2025, "1.00"))).on("2025-04-01").when(again).then("support_offered").
		when(late).refused(CodeOfferStanding, "R2", "offer", "O2").
		when(confirm("O2")).then("offer_confirmed", "application_submitted", "application_accepted").
		when(late).refused(CodeOfferLapsed, "R9", "date", "2025-04-01") // the ledger is in use now
}

// An answer that is dated within an offer's time and recorded behind it would take up what has lapsed: it is refused on a ledger in use, and taken on one
// that is being taken over, whose answers are of days gone by.
func TestAnOfferIsNotAnsweredByAnEarlierDateOnceItHasLapsed(t *testing.T) {
	for name, answer := range map[string]Command{"confirmed": confirm("O"), "declined": &DeclineOffer{Offer: "O"}} {
		t.Run(name, func(t *testing.T) {
			HeadOf(answer).Date = day("2025-03-31")
			st := given(t, submit("A", aiFirm, "7", "Z", in(2025, "1.00")), offering("O", aiFirm, "6", "P", in(2025, "1.00"))).and(&AcceptApplication{Application: "A"})
			st.on("2025-04-01").when(answer).refused(CodeOfferLapsed, "R9", "until", "2025-03-31", "date", "2025-04-01")
			if _, r := Decide(st.state, st.head(answer), day("2025-03-31")); r != nil {
				t.Errorf("on its last day: %v", r)
			}
		})
	}
	takenOver := given(t, offering("O", aiFirm, "6", "P", in(2025, "1.00")))
	late := confirm("O")
	late.Date = day("2025-03-31")
	takenOver.on("2025-09-01").when(late).then("offer_confirmed", "application_submitted", "application_accepted")
}

// An offer brings a name in as a submission does: one that looks like another is refused once, naming it.
func TestAnOfferThatLooksLikeAnotherProjectIsRefusedOnce(t *testing.T) {
	st := given(t, submit("A", aiFirm, "6", "智慧工厂一期", in(2025, "1.00")))
	o := offering("O", aiFirm, "6", "智慧工厂1期", in(2025, "1.00"))
	st.when(o).refused(CodeLooksLike, "R16", "name", "智慧工厂1期", "like", "智慧工厂一期")
	again := *o
	again.DistinctFrom = []string{"智慧工厂一期"}
	st.when(&again).refused(CodeFieldMissing, "R11", "field", "reason")
	other := again
	other.DistinctFrom, other.Reason = []string{"别的项目"}, "两处厂房"
	st.when(&other).refused(CodeLooksLike, "R16")
	again.Reason = "两处厂房"
	st.when(&again).then("support_offered").
		when(confirm("O")).then("offer_confirmed", "application_submitted", "application_accepted")
}
