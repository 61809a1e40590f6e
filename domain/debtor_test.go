package domain

import "testing"

// owingBy is a fund under a policy for debtors in which 10.00 of 50.00 were ordered back on 2025-04-01, due on 2025-05-01; 50.00 are left to pay
// to the same enterprise, and B waits for its approval.
func owingBy(t testing.TB, control DebtorControl) *story {
	return owing(t, func(p *Policy) { p.ClawbackDueDays, p.Debtors = 30, control }).
		ready(submit("B", aiFirm, "4", "智慧物流", in(2025, "100.00"))).ready(submit("D", financeFirm, "4", "绿色工厂", in(2025, "100.00")))
}

func TestR4WhoOwesMoneyIsFoundOrRefusedAsThePolicySays(t *testing.T) {
	figures := []string{"enterprise", string(aiFirm), "outstanding", "10.00", "since", "2025-05-01", "clawbacks", "C"}
	for _, control := range []DebtorControl{"", DebtorFinding} {
		st := owingBy(t, control).on("2025-05-01")
		st.when(pay("M2", "A", 2025, "1.00")).found() // on the day itself it is not overdue
		st.on("2025-05-02").when(pay("M3", "A", 2025, "1.00")).found(CodeOwesMoney)
		st.when(approve("B", in(2025, "100.00"))).found(CodeOwesMoney)
		st.when(approve("D", in(2025, "100.00"))).found() // another enterprise
		st.when(bookOn("M4", "A", 2025, "1.00")).found(CodeOwesMoney)
	}
	st := owingBy(t, DebtorRefuse).on("2025-05-01")
	st.when(pay("M2", "A", 2025, "1.00")).found()
	st.on("2025-05-02").when(pay("M3", "A", 2025, "1.00")).refused(CodeOwesMoney, "R4", figures...).
		when(approve("B", in(2025, "100.00"))).refused(CodeOwesMoney, "R4", figures...)
	st.when(bookOn("M4", "A", 2025, "1.00")).found(CodeOwesMoney) // a fact is not refused
	st.and(receive("R", "C", "9.99")).when(pay("M3", "A", 2025, "1.00")).refused(CodeOwesMoney, "R4", "outstanding", "0.01").
		and(waive("C", "0.01")).when(pay("M3", "A", 2025, "1.00")).found()
	for control, faulty := range map[DebtorControl]bool{"": false, "finding": false, "refuse": false, "none": true, "Refuse": true} {
		p := changning()
		p.Debtors = control
		if got := p.Validate() != nil; got != faulty {
			t.Errorf("debtors: %q is faulty: %v", control, got)
		}
	}
}

// What counts is what was due and outstanding on the day of the decision, whenever it is recorded.
func TestR4ADecisionIsJudgedByWhatWasOwedOnItsDay(t *testing.T) {
	st := owingBy(t, DebtorRefuse).on("2025-05-10").and(receive("R", "C", "10.00"))
	dated := func(c Command, on string) Command { HeadOf(c).Date = day(on); return c }
	st.when(dated(pay("M2", "A", 2025, "1.00"), "2025-05-02")).refused(CodeOwesMoney, "R4", "outstanding", "10.00")
}

// The day of payment counts too; what is paid on the day of a decision before the debt fell due is not held up.
func TestR4TheDayOfPaymentCountsToo(t *testing.T) {
	st := owingBy(t, DebtorRefuse).on("2025-05-10")
	early := pay("M2", "A", 2025, "1.00")
	early.Date, early.PaidOn = day("2025-04-20"), day("2025-04-25")
	late := pay("M3", "A", 2025, "1.00")
	late.Date, late.PaidOn = day("2025-04-20"), day("2025-05-02")
	st.when(late).refused(CodeOwesMoney, "R4", "since", "2025-05-01").when(early).found()
	// A schedule that replaces what was due puts it off from its day on, and not before.
	st.and(scheduled("C", dueBy("2025-06-01", "4.00"), dueBy("2025-07-01", "6.00"))).when(pay("M4", "A", 2025, "1.00")).found()
	again := pay("M5", "A", 2025, "1.00")
	again.Date, again.PaidOn = day("2025-05-09"), day("2025-05-09")
	st.when(again).refused(CodeOwesMoney, "R4", "outstanding", "10.00")
	st.on("2025-06-02").when(pay("M6", "A", 2025, "1.00")).refused(CodeOwesMoney, "R4", "outstanding", "4.00", "since", "2025-06-01")
}

// Several debts are one refusal, since the first of them fell due.
func TestR4SeveralDebtsAddUp(t *testing.T) {
	late := order("E", "M", "3.00", CauseBreach)
	late.DueOn = day("2025-04-02")
	owingBy(t, DebtorRefuse).and(late).on("2025-05-02").when(pay("M2", "A", 2025, "1.00")).
		refused(CodeOwesMoney, "R4", "outstanding", "13.00", "since", "2025-04-02", "clawbacks", "C, E")
}

// What could be granted is asked of debts too, where debtors are refused.
func TestAProspectAsksWhatIsOwed(t *testing.T) {
	for control, refuses := range map[DebtorControl]bool{DebtorRefuse: true, DebtorFinding: false} {
		s := owingBy(t, control).state
		if r := s.WouldBe(aiFirm, "4", 2025, day("2025-05-01")); r != nil {
			t.Errorf("%s: on the day that it falls due: %v", control, r)
		}
		if r := s.WouldBe(aiFirm, "4", 2025, day("2025-05-02")); (r != nil && r.Code == CodeOwesMoney) != refuses {
			t.Errorf("%s: the day after: %v", control, r)
		}
	}
}

// What debtors get is amended from a day on, and a decision is judged by what held on its own day.
func TestWhatDebtorsGetIsAmendedFromADayOn(t *testing.T) {
	control := func(d DebtorControl, from string) *AmendPolicy {
		return &AmendPolicy{Debtors: d, EffectiveOn: day(from), Document: "长府办 3 号"}
	}
	st := owingBy(t, "").on("2025-05-02").when(control(DebtorFinding, "2025-05-10")).refused(CodePolicyAmendmentEmpty, "R7").
		when(control("whim", "2025-05-10")).refused(CodePolicyInvalid, "R7", "path", "debtors").
		when(control(DebtorRefuse, "2025-05-10")).then("policy_amended").
		when(control(DebtorOffset, "2025-05-20")).then("policy_amended")
	st.on("2025-05-09").when(pay("M2", "A", 2025, "1.00")).found(CodeOwesMoney)
	st.on("2025-05-12").when(pay("M3", "A", 2025, "1.00")).refused(CodeOwesMoney, "R4").
		when(approve("B", in(2025, "100.00"))).refused(CodeOwesMoney, "R4")
	early := pay("M3", "A", 2025, "1.00")
	early.Date = day("2025-05-09")
	st.when(early).found(CodeOwesMoney)
	st.on("2025-05-20").when(pay("M4", "A", 2025, "1.00")).then("payout_made", "recovery_received")
	if kept := st.state.Kept("A", money("1.00"), day("2025-05-19"), day("2025-05-20")); kept != nil {
		t.Errorf("of a payout of the day before are kept %+v", kept)
	}
	early.Payout, early.PaidOn = "M5", day("2025-05-20")
	early.Date = day("2025-05-19")
	st.when(early).refused(CodeOwesMoney, "R4")
}
