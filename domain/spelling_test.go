package domain

import (
	"fmt"
	"reflect"
	"testing"
)

// A new id whose key exists is one that exists, whatever is new in it.
func TestANewIdWithAKnownKeyExists(t *testing.T) {
	st := given(t).approved(submit("A1", aiFirm, "1.2a", "P1", in(2025, "9.00"))).
		and(pay("M1", "A1", 2025, "5.00"), order("C1", "M1", "1.00", CauseError), receive("R1", "C1", "1.00"), except("X1", "1.2a", "P1", 2025, "1.00"))
	for _, c := range []struct {
		command Command
		code    string
	}{
		{submit("a 1", aiFirm, "1.2a", "P1", in(2025, "1.00")), CodeApplicationExists},
		{pay("ｍ1", "A1", 2025, "1.00"), CodePayoutExists},
		{bookOn("m1", "A1", 2025, "1.00"), CodePayoutExists},
		{order("ｃ１", "M1", "1.00", CauseError), CodeClawbackExists},
		{receive("r1", "C1", "1.00"), CodeRecoveryExists},
		{except("Ｘ1", "1.2a", "P1", 2025, "1.00"), CodeExceptionExists},
		{&RegisterEnterprise{Enterprise: EnterpriseID(lower(string(aiFirm))), Title: "n"}, CodeEnterpriseExists},
	} {
		if o := st.when(c.command); o.refusal == nil || o.refusal.Code != c.code {
			t.Errorf("%s: %v, not %s", c.command.Name(), o.refusal, c.code)
		}
	}
}

func lower(s string) string { return Key(s) }

// What is named otherwise is the thing that is known, and what was written can be put back.
func TestACommandIsUnderstoodAndCanBeWrittenAgain(t *testing.T) {
	st := given(t).approved(submit("A1", aiFirm, "1.2a", "P1", in(2025, "9.00"))).
		and(pay("M1", "A1", 2025, "5.00"), order("C1", "M1", "2.00", CauseError), receive("R1", "C1", "1.00"), except("X1", "1.2a", "P1", 2025, "1.00"))
	for _, c := range []Command{
		accept("a1"), pay("M2", "ａ1", 2025, "1.00"), sendBack("m 1", "1.00"), waive("c1", "1.00"), reverse("r1"), revoke("x1", "1.00"),
		except("X2", "1.2a", "ｐ1", 2025, "1.00"), book("B", EnterpriseID(lower(string(aiFirm))), "1.2a", "p 1", 2025, "1.00"),
		&RevokeException{Exception: "x1", Subject: "p1", Amount: money("1.00"), Document: "d"},
		by(reduce("a1", 2025, "1.00"), Actor{ID: "z", Role: Approver, Department: "ＣOMMERCE"}), appropriate(2025, "", "Finance", "9.00"),
	} {
		given := st.head(c)
		as, written := st.state.Understand(given)
		if len(written) == 0 || reflect.DeepEqual(as, given) {
			t.Errorf("%s is taken as it is written", c.Name())
		}
		if again := AsWritten(as, written); !reflect.DeepEqual(again, given) {
			t.Errorf("%s: %+v was written, %+v is put back", c.Name(), given, again)
		}
		if twice, more := st.state.Understand(as); twice != as || more != nil {
			t.Errorf("%s is understood in two ways", c.Name())
		}
	}
	st.when(by(reduce("a1", 2025, "1.00"), Actor{ID: "z", Role: Approver, Department: "ＣOMMERCE"})).then("approval_reduced").
		line("1.2a", "P1", 2025, "committed", "8.00").
		when(sendBack("m 1", "1.00")).then("payout_returned").
		when(except("X2", "1.2a", "ｐ1", 2025, "1.00")).then("exception_granted").line("1.2a", "P1", 2025, "exceptions", "2.00")
}

// A log of the first edition may hold two spellings of one key. They stay two things, and a third one is the first of them.
func TestTwoSpellingsOnAnOldLogStayTwoThings(t *testing.T) {
	st := given(t).approved(submit("A1", aiFirm, "4", "P1", in(2025, "5.00")))
	old := &ApplicationSubmitted{Application: "A2", Charge: Charge{Enterprise: aiFirm, Clause: "4", Subject: Subject{SubjectProject, "p1"}}, Project: "p1",
		Title: "t", Requested: []Instalment{in(2025, "3.00")}, ClauseVersion: 1}
	Apply(st.state, old, Deed{Actor: person(Clerk, "science"), Date: st.day})
	st.and(accept("A2")).and(review("A2")).and(approve("A2", in(2025, "3.00"))).
		line("4", "P1", 2025, "use", "5.00").line("4", "p1", 2025, "use", "3.00").
		approved(submit("A3", aiFirm, "4", "p1", in(2025, "1.00"))).
		approved(submit("A4", aiFirm, "4", "Ｐ 1", in(2025, "1.00"))).
		line("4", "P1", 2025, "use", "6.00").line("4", "p1", 2025, "use", "4.00")
}

func TestWhatIsNewlyNamedInEveryWayIsRefusedWhereItLooksLikeAnother(t *testing.T) {
	st := given(t).approved(submit("A1", aiFirm, "1.2a", "P-1", in(2025, "5.00"))).and(submit("W", aiFirm, "3", "W1", in(2025, "1.00")))
	st.when(submit("A2", aiFirm, "1.2a", "Р1" /* Cyrillic */, in(2025, "5.00"))).refused(CodeLooksLike, "R16", "like", "P-1").
		when(submit("A2", aiFirm, "3", "W-1", in(2025, "5.00"))).refused(CodeLooksLike, "R16", "like", "W1", "subject_kind", "award").
		when(submit("A2", aiFirm, "1.1a", "P.1", in(2025, "5.00"))).refused(CodeLooksLike, "R16", "like", "P-1").
		when(except("X", "1.2a", "P1", 2025, "1.00")).refused(CodeLooksLike, "R16", "like", "P-1").
		when(book("B", aiFirm, "1.2a", "P_1", 2025, "1.00")).found(CodeLooksLike).
		when(&BookRecovery{Recovery: "R", Enterprise: aiFirm, Clause: "1.2a", Project: "(P1)", SupportYear: 2025, Amount: money("1.00"), Cause: CauseBreach}).
		found(CodeLooksLike, CodeRecoveryExceeded)
	st.when(submit("A2", aiFirm, "1.2a", "W1", in(2025, "5.00"))).then("application_submitted") // an award is no project
	x := except("X", "1.2a", "P1", 2025, "1.00")
	x.DistinctFrom, x.Reason = []string{"p-1"}, "r"
	st.when(x).refused(CodeLooksLike, "R16", "like", "P_1")
	x.DistinctFrom = []string{"p-1", "P_1", "(p1)"}
	st.when(x).then("exception_granted")
}

func TestTheReasonForADistinctNameIsHeldToWhatTextsAre(t *testing.T) {
	c := submit("A", aiFirm, "4", "P", in(2025, "1.00"))
	c.DistinctFrom, c.Reason = []string{"Q"}, "110105 19491231 002X"
	given(t).when(c).refused(CodePersonalID, "R15", "field", "reason")
	c.Reason, c.DistinctFrom = "r", []string{"110105-19491231-002X"}
	given(t).when(c).refused(CodePersonalID, "R15", "field", "distinct_from")
	c.DistinctFrom = make([]string, 101)
	given(t).when(c).refused(CodeFieldInvalid, "R11", "field", "distinct_from")
}

// The spellings are rolled back with all else.
func TestASpellingIsForgottenWithWhatBroughtIt(t *testing.T) {
	st := given(t)
	st.state.Mark()
	st.and(submit("A1", aiFirm, "4", "P1", in(2025, "1.00")))
	st.state.Rollback()
	st.and(submit("a1", aiFirm, "4", "p1", in(2025, "1.00")))
	if v, ok := st.state.Application("a1"); !ok || v.Charge.Subject.ID != "p1" {
		t.Errorf("after the rollback the application is %+v", v)
	}
}

// BenchmarkSubmitAmongManyProjects submits with a new project each time, among 100,000 that are known.
func BenchmarkSubmitAmongManyProjects(b *testing.B) {
	st := given(b)
	for i := range 100_000 {
		st.and(submit(ApplicationID(fmt.Sprintf("A%d", i)), aiFirm, "6", fmt.Sprintf("长宁项目 %d 号", i), in(2025, "1.00")))
	}
	c := submit("N", aiFirm, "6", "长宁项目甲号", in(2025, "1.00"))
	st.head(c)
	for b.Loop() {
		if _, r := Decide(st.state, c, st.day); r != nil {
			b.Fatal(r)
		}
	}
}
