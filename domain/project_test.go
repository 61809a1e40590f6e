package domain

import "testing"

func init() {
	for _, r := range []Role{Clerk, Admin} {
		mayGive[r] = append(mayGive[r], "register_project", "same_project")
	}
}

func joining(a, b string) *SameProject {
	return &SameProject{A: a, B: b, Document: "长科〔2025〕6号"}
}

func TestAProjectIsRegisteredOnce(t *testing.T) {
	c := &RegisterProject{Project: "P1", Title: "智能制造一期", Enterprise: aiFirm, Place: "虹桥街道"}
	st := given(t, c)
	again, unknown, nameless := *c, *c, *c
	again.Head, again.Project = Head{}, "ｐ 1"
	st.when(&again).refused(CodeProjectExists, "R16", "project", "P1")
	unknown.Head, unknown.Project, unknown.Enterprise = Head{}, "X9", code(77)
	st.when(&unknown).refused(CodeEnterpriseUnknown, "R10")
	nameless.Head, nameless.Project, nameless.Title = Head{}, "X9", ""
	st.when(&nameless).refused(CodeFieldMissing, "R11", "field", "name")
	alike := &RegisterProject{Project: "P-1", Title: "智能制造一期", Enterprise: aiFirm}
	st.when(alike).refused(CodeLooksLike, "R16", "like", "P1")
	st.and(submit("A", aiFirm, "4", "Q", in(2025, "1.00"))) // not registered, and taken all the same
	st.when(&RegisterProject{Project: "Q", Title: "项目", Enterprise: aiFirm}).then("project_registered")
}

func TestAProjectIsNotJoinedWithWhatItCannotBe(t *testing.T) {
	st := given(t)
	for _, p := range []string{"P", "Q", "R"} {
		st.and(submit(ApplicationID("A"+p), aiFirm, "4", p, in(2025, "1.00")))
	}
	st.and(joining("P", "Q"), joining("Q", "R"))
	st.when(joining("P", "P")).refused(CodeProjectIsItself, "R16", "project", "P")
	st.when(joining("P", "ｐ")).refused(CodeProjectIsItself, "R16", "project", "P")
	st.when(joining("P", "Q")).refused(CodeProjectsJoined, "R16", "project", "P", "subject", "Q")
	st.when(joining("Q", "P")).refused(CodeProjectsJoined, "R16")
	st.when(joining("R", "P")).refused(CodeProjectsJoined, "R16") // in a circle, through the other
	st.when(joining("P", "Z")).refused(CodeProjectUnknown, "R2", "project", "Z")
	st.when(joining("", "P")).refused(CodeFieldMissing, "R11", "field", "a")
	st.when(&SameProject{A: "P", B: "Q"}).refused(CodeProjectsJoined, "R16")
}

// One project of two names has one cap once it is known: what was granted stands, and nothing more is.
func TestTheUseOfOneProjectCountsTogether(t *testing.T) {
	st := given(t).and(approved("A", aiFirm, "4", "P", in(2025, "12000000.00"))...).and(approved("B", aiFirm, "4", "Q", in(2026, "12000000.00"))...).
		and(submit("C", aiFirm, "4", "Q", in(2026, "1000000.00")), accept("C"), review("C")).
		and(submit("D", aiFirm, "7", "P", in(2025, "1000000.00")), accept("D"), review("D")).and(joining("P", "Q"))
	for _, id := range []string{"P", "Q"} {
		line, _ := st.state.Account(Account{"4", Subject{SubjectProject, id}}, 2026, st.day)
		if line.Use != money("24000000.00") || line.Headroom() != Stated(NoMoney) || line.Joined != money("12000000.00") || line.OverBy() != money("4000000.00") {
			t.Errorf("the account of %s: %+v", id, line)
		}
	}
	st.when(approve("C", in(2026, "0.01"))).refused(CodeCapExceeded, "R2", "use", "24000000.00", "joined", "12000000.00", "short_by", "4000000.01")
	st.when(approve("D", in(2025, "1000000.00"))).then("application_approved") // under a clause where the other has nothing
	st.when(pay("M1", "A", 2025, "12000000.00")).then("payout_made")
	st.when(pay("M2", "B", 2026, "12000000.00")).then("payout_made")
	st.and(&OrderClawback{Clawback: "K", Payout: "M1", Amount: money("12000000.00"), Cause: CauseError, Reason: "r"}, receive("R", "K", "12000000.00"))
	st.when(approve("C", in(2026, "1000000.00"))).then("application_approved") // what came back of the one is free for the other
}
