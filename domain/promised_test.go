package domain

import (
	"strings"
	"testing"
)

func promise(clause ClauseID, p Promised, from string) *AmendPolicy {
	return &AmendPolicy{Clause: clause, Promised: &p, EffectiveOn: day(from), Document: "长府办 1 号"}
}

// What is promised holds from a day on: for the policy, or for a clause, which leaves to the policy what it does not say. It is not made longer for what
// lies behind, by which what is late would look in time.
func TestPromisedTimesHoldFromADayOn(t *testing.T) {
	st := given(t).when(promise("", Promised{Acceptance: 5, Payment: 20}, "2025-04-01")).then("policy_amended").
		when(promise("6", Promised{Acceptance: 2, Review: 10}, "2025-05-01")).then("policy_amended")
	for _, c := range []struct {
		clause ClauseID
		day    string
		is     Promised
	}{
		{"6", "2025-03-31", Promised{}}, {"6", "2025-04-01", Promised{Acceptance: 5, Payment: 20}},
		{"6", "2025-05-01", Promised{Acceptance: 2, Review: 10, Payment: 20}}, {"7", "2026-01-01", Promised{Acceptance: 5, Payment: 20}}, {"none", "2026-01-01", Promised{}},
	} {
		if is := st.state.PromisedOn(c.clause, day(c.day)); is != c.is {
			t.Errorf("%s on %s: %+v, not %+v", c.clause, c.day, is, c.is)
		}
	}
	if text := Describe(&PolicyAmended{Policy: "p", EffectiveOn: day("2025-04-01"), Document: "d", Promised: &Promised{Acceptance: 5}}); text.ZH != "修订政策 p，自 2025-04-01 起，文号 d；承诺时限改为：受理 5 个工作日" ||
		!strings.HasSuffix(text.EN, "promised times: acceptance 5 working days") {
		t.Errorf("it is told as %+v", text)
	}
	st.when(promise("", Promised{Acceptance: 5, Payment: 20}, "2025-06-01")).refused(CodePolicyAmendmentEmpty, "R7").
		when(promise("6", Promised{}, "2025-06-01")).then("policy_amended").
		when(promise("", Promised{Review: -1}, "2025-06-01")).refused(CodePolicyInvalid, "R7", "path", "promised.review").
		when(promise("6", Promised{Payment: 1001}, "2025-06-01")).refused(CodePolicyInvalid, "R7", "path", "promised.payment").
		when(promise("none", Promised{Payment: 1}, "2025-06-01")).refused(CodeClauseUnknown, "R7").
		when(promise("", Promised{Acceptance: 500}, "2025-02-28")).refused(CodeAmendmentRetroactive, "R7")
	if is := st.state.PromisedOn("6", day("2025-06-01")); is != (Promised{Acceptance: 5, Payment: 20}) {
		t.Errorf("taken back, it is the policy's: %+v", is)
	}
}
