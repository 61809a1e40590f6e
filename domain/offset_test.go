package domain

import (
	"strings"
	"testing"
)

// debtorOf is a fund that offsets debtors in which M, of 5,000,000 for P, was ordered back by the first of May 2025, and B is to be paid.
func debtorOf(t testing.TB, owed string, cause Cause, change ...func(*Policy)) *story {
	p := changning()
	p.ClawbackDueDays, p.Debtors = 30, DebtorOffset
	for _, c := range change {
		c(&p)
	}
	return governed(t, p).approved(submit("A", aiFirm, "6", "P", in(2025, "5000000.00"))).and(pay("M", "A", 2025, "5000000.00")).
		approved(submit("B", aiFirm, "4", "Q", in(2025, "2000000.00"))).on("2025-04-01").and(order("C", "M", owed, cause)).on("2025-05-02")
}

// keeps asserts what a payout was split into.
func (o outcome) keeps(paid string, recovered ...string) *story {
	o.t.Helper()
	if o.refusal != nil {
		o.t.Fatalf("%s was refused: %v %v", o.command.Name(), o.refusal, o.refusal.Figures)
	}
	made := o.decision.Events[0].(*PayoutMade)
	if cash := made.Amount.Sub(made.KeptBack); cash != money(paid) {
		o.t.Fatalf("%s is paid, not %s", cash, paid)
	}
	var got []string
	for _, e := range o.decision.Events[1:] {
		r := e.(*RecoveryReceived)
		got = append(got, string(r.Recovery)+" "+string(r.Clawback)+" "+r.Amount.String()+" "+r.Interest.String())
		if r.KeptFrom != made.Payout || r.ReceivedOn != made.PaidOn {
			o.t.Fatalf("%s is kept from %s on %s", r.Recovery, r.KeptFrom, r.ReceivedOn)
		}
	}
	if strings.Join(got, "; ") != strings.Join(recovered, "; ") {
		o.t.Fatalf("kept back %q, not %q", got, recovered)
	}
	return o.story
}

// owes asserts what is outstanding of a clawback.
func (st *story) owes(id ClawbackID, amount string) *story {
	st.t.Helper()
	if v, _ := st.state.Clawback(id); v.Outstanding != money(amount) {
		st.t.Fatalf("%s is outstanding of %s, not %s", v.Outstanding, id, amount)
	}
	return st
}

// Example 46: payout of 1,000,000 with 5,000,000 owed, offset: paid 0.00, recovered 1,000,000.00, outstanding 4,000,000.00.
func TestExample46APayoutToADebtorIsOffset(t *testing.T) {
	st := debtorOf(t, "5000000.00", CauseError)
	st.line("6", "P", 2025, "use", "5000000.00", "headroom", "0.00")
	o := st.when(pay("M2", "B", 2025, "1000000.00"))
	o.found()
	o.keeps("0.00", "M2 C 1000000.00 0.00").owes("C", "4000000.00").
		line("6", "P", 2025, "use", "4000000.00", "headroom", "1000000.00", "recovered", "1000000.00"). // of cause error: it frees, as any recovery does
		line("4", "Q", 2025, "use", "2000000.00")                                                       // and is not counted a second time
	if p, _ := st.state.Payout("M2"); p.Amount != money("1000000.00") || p.KeptBack != money("1000000.00") || p.Returnable != NoMoney {
		t.Errorf("%+v", p)
	}
	// The instalment is settled by it: there is 1,000,000 left of it, and no more.
	st.when(pay("M3", "B", 2025, "1000000.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01")
	// The bank has nothing to send back, for nothing was paid.
	st.when(sendBack("M2", "0.01")).refused(CodeReturnExceeded, "R3", "limit", "0.00", "short_by", "0.01")
	// Given again it is the payout that is there.
	st.when(pay("M2", "B", 2025, "1000000.00")).refused(CodePayoutExists, "R3")
	// Of a breach nothing is freed.
	debtorOf(t, "5000000.00", CauseBreach).and(pay("M2", "B", 2025, "1000000.00")).owes("C", "4000000.00").line("6", "P", 2025, "use", "5000000.00", "headroom", "0.00")
}

func TestR4WhatIsOwedLessThanThePayoutIsKeptBackAndTheRestPaid(t *testing.T) {
	st := debtorOf(t, "300000.00", CauseError)
	st.when(pay("M2", "B", 2025, "1000000.00")).keeps("700000.00", "M2 C 300000.00 0.00").owes("C", "0.00").
		when(sendBack("M2", "700000.01")).refused(CodeReturnExceeded, "R3", "limit", "700000.00", "short_by", "0.01").
		and(sendBack("M2", "700000.00")).owes("C", "0.00"). // what the bank sends back is what was paid: the debt stays settled
		when(pay("M3", "B", 2025, "1700000.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01").
		when(pay("M4", "B", 2025, "1700000.00")).keeps("1700000.00")
	// The bank's return undone is what the bank had sent, and no more.
	st.on("2025-05-03").when(undoReturn("M2", "700000.01")).refused(CodeReturnExceeded, "R3", "limit", "700000.00")
}

// On the day itself it is not overdue: nothing is kept back. Another enterprise is paid, and what is not due is left.
func TestR4OnlyWhatIsOverdueIsKeptBack(t *testing.T) {
	st := debtorOf(t, "300000.00", CauseError).on("2025-05-01")
	st.when(pay("M2", "B", 2025, "1.00")).keeps("1.00")
	st.approved(submit("D", financeFirm, "4", "R", in(2025, "100.00"))).on("2025-05-02").when(pay("M3", "D", 2025, "100.00")).keeps("100.00")
	st.and(scheduled("C", dueBy("2025-05-02", "100000.00"), dueBy("2025-06-01", "200000.00"))).on("2025-05-03").
		when(pay("M4", "B", 2025, "500000.00")).keeps("400000.00", "M4 C 100000.00 0.00").owes("C", "200000.00").
		when(pay("M5", "B", 2025, "1.00")).keeps("1.00")
	// The day of payment counts: what falls due before it is kept back of it.
	ahead := pay("M6", "B", 2025, "300000.00")
	ahead.Date, ahead.PaidOn = day("2025-05-03"), day("2025-06-02")
	st.on("2025-06-02").when(ahead).keeps("100000.00", "M6 C 200000.00 0.00").owes("C", "0.00")
}

// The oldest due goes first, part by part, of whichever clawback it is.
func TestR4TheOldestDueIsKeptBackFirst(t *testing.T) {
	st := debtorOf(t, "300000.00", CauseError).on("2025-04-10").
		and(order("D", "M", "50000.00", CauseBreach), scheduled("C", dueBy("2025-04-20", "100000.00"), dueBy("2025-05-15", "200000.00")),
			scheduled("D", dueBy("2025-04-15", "20000.00"), dueBy("2025-05-10", "30000.00"))).on("2025-06-01")
	st.when(pay("M2", "B", 2025, "140000.00")).keeps("0.00", "M2 D 40000.00 0.00", "M2-2 C 100000.00 0.00").owes("D", "10000.00").owes("C", "200000.00").
		when(pay("M3", "B", 2025, "10000.01")).keeps("0.00", "M3 D 10000.00 0.00", "M3-2 C 0.01 0.00").owes("C", "199999.99")
}

// Late interest is kept back once all that is overdue is; what is paid is what is left.
func TestR4InterestIsKeptBackBehindWhatIsOwed(t *testing.T) {
	rates := func(p *Policy) { p.LateInterest = []InterestRate{rate("2025-01-01", "3.65")} } // 31 days from payment to order
	debtorOf(t, "300000.00", CauseError, rates).when(pay("M2", "B", 2025, "1000000.00")).keeps("699070.00", "M2 C 300000.00 930.00").owes("C", "0.00")
	debtorOf(t, "300000.00", CauseError, rates).when(pay("M2", "B", 2025, "300500.00")).keeps("0.00", "M2 C 300000.00 500.00").owes("C", "0.00")
	debtorOf(t, "5000000.00", CauseError, rates).when(pay("M2", "B", 2025, "1000000.00")).keeps("0.00", "M2 C 1000000.00 0.00").owes("C", "4000000.00")
}

// An approval is found, as before; a payout that pays nothing to who owes has nothing to be found.
func TestR4AnApprovalOfADebtorIsFoundAndNotRefused(t *testing.T) {
	st := debtorOf(t, "300000.00", CauseError).ready(submit("E", aiFirm, "4", "S", in(2025, "100.00")))
	st.when(approve("E", in(2025, "100.00"))).found(CodeOwesMoney)
	st.when(bookOn("M9", "B", 2025, "1.00")).found(CodeOwesMoney) // the treasury has paid: nothing was kept back
}

// For a day on which it was owed, and is not any more, nothing is left to be kept back: that it was paid then is found.
func TestR4WhatWasOwedOnTheDayAndIsSettledSinceIsFound(t *testing.T) {
	st := debtorOf(t, "300000.00", CauseError).on("2025-05-10").and(receive("R", "C", "100000.00"))
	early := pay("M2", "B", 2025, "1000000.00")
	early.Date = day("2025-05-02")
	o := st.when(early)
	o.found(CodeOwesMoney)
	o.keeps("800000.00", "M2 C 200000.00 0.00").owes("C", "0.00")
}

// What was kept back is no money that bounces: undone, the payout is taken back by it, and both are as before.
func TestR12WhatWasKeptBackIsUndoneOnBothSides(t *testing.T) {
	st := debtorOf(t, "300000.00", CauseError)
	st.and(pay("M2", "B", 2025, "1000000.00")).line("6", "P", 2025, "use", "4700000.00")
	st.when(reverse("M2")).then("recovery_reversed", "payout_returned").owes("C", "300000.00").line("6", "P", 2025, "use", "5000000.00").
		line("4", "Q", 2025, "use", "2000000.00").
		when(reverse("M2")).refused(CodeRecoveryReversed, "R12").
		when(sendBack("M2", "700000.01")).refused(CodeReturnExceeded, "R3", "limit", "700000.00"). // what was paid can still be sent back
		when(undoReturn("M2", "0.01")).refused(CodeReturnExceeded, "R3", "limit", "0.00").         // and the bank has sent nothing
		when(pay("M3", "B", 2025, "1300000.01")).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01").
		when(pay("M3", "B", 2025, "1300000.00")).keeps("1000000.00", "M3 C 300000.00 0.00")
	// While something is ordered back of what was settled, it is not undone.
	st.and(order("E", "M3", "1300000.00", CauseBreach)).when(reverse("M3")).refused(CodeReturnExceeded, "R3", "limit", "0.00", "short_by", "300000.00")
	// It is not undone before it was.
	again := debtorOf(t, "300000.00", CauseError).and(pay("M2", "B", 2025, "1000000.00")).on("2025-05-03")
	again.when(onDay(reverse("M2"), "2025-05-01")).refused(CodeDateOrder, "R14", "earliest", "2025-05-02")
}

// What is settled counts against the budget, as what is paid does: what is kept back is support that was given. It is free again once undone.
func TestR9WhatIsKeptBackCountsAgainstTheBudget(t *testing.T) {
	st := debtorOf(t, "300000.00", CauseError).and(appropriate(2025, "4", "", "1000000.00"), pay("M2", "B", 2025, "1000000.00"))
	st.when(pay("M3", "B", 2025, "0.01")).refused(CodeAppropriationExceed, "R3", "use", "1000000.00", "short_by", "0.01").
		and(reverse("M2")).when(pay("M3", "B", 2025, "300000.01")).refused(CodeAppropriationExceed, "R3", "use", "700000.00", "short_by", "0.01")
}

// The recovery is called what the payout is; where there is one of that name, in any spelling, a number stands behind it.
func TestR16ARecoveryOutOfAPayoutHasANameOfItsOwn(t *testing.T) {
	debtorOf(t, "300000.00", CauseError).and(receive("m2", "C", "1.00")).when(pay("Ｍ2", "B", 2025, "10.00")).keeps("0.00", "Ｍ2-2 C 10.00 0.00")
	long := PayoutID(strings.Repeat("支", 66))
	debtorOf(t, "300000.00", CauseError).and(receive(RecoveryID(long), "C", "1.00")).when(pay(long, "B", 2025, "10.00")).
		keeps("0.00", strings.Repeat("支", 66)+"-2 C 10.00 0.00")
	longest := PayoutID(strings.Repeat("支", 66) + "ab")
	debtorOf(t, "300000.00", CauseError).and(receive(RecoveryID(longest), "C", "1.00")).when(pay(longest, "B", 2025, "10.00")).
		keeps("0.00", strings.Repeat("支", 66)+"-2 C 10.00 0.00")
}

// A closed year refuses the payout with all that it keeps back; undone behind its close, both sides are found.
func TestR14WhatIsKeptBackInAClosedYear(t *testing.T) {
	st := debtorOf(t, "300000.00", CauseError).and(pay("M2", "B", 2025, "1000000.00")).on("2026-01-10").
		and(&CloseBudgetYear{Year: 2025, Document: "d"})
	late := pay("M3", "B", 2025, "1.00")
	late.PaidOn, late.Date = day("2025-12-01"), day("2025-12-01")
	st.when(late).refused(CodeBudgetYearClosed, "R14")
	o := st.when(reverse("M2"))
	o.found()
	if !Found(o.decision.Events[1], CodeBudgetYearClosed) {
		t.Error("the payout's year is moved behind its close, and that is not found")
	}
}

// What would be kept back is told before it is.
func TestWhatWouldBeKeptBackIsTold(t *testing.T) {
	st := debtorOf(t, "300000.00", CauseError)
	if list := st.state.Kept("B", money("1000000.00"), day("2025-05-02"), day("2025-05-02")); len(list) != 1 || list[0] != (KeptView{"C", money("300000.00"), NoMoney}) {
		t.Error(list)
	}
	if list := st.state.Kept("B", money("1000000.00"), day("2025-05-01"), day("2025-05-01")); list != nil {
		t.Error(list)
	}
	if list := owingBy(t, DebtorFinding).state.Kept("A", money("1.00"), day("2025-06-01"), day("2025-06-01")); list != nil {
		t.Error(list)
	}
}

// The treasury's files are held against what was paid, not against what was kept back.
func TestR14AYearIsClosedAgainstWhatWasReallyPaid(t *testing.T) {
	line := func(n int, voucher, amount string) Command {
		return &RecordTreasuryPayment{Statement: "S", Line: n, Voucher: voucher, PaidOn: day("2025-05-02"), Amount: money(amount), Payee: "企业"}
	}
	st := debtorOf(t, "300000.00", CauseError).and(pay("M2", "B", 2025, "200000.00"), pay("M3", "B", 2025, "1000000.00")).
		and(line(1, "凭证-M", "5000000.00"), line(2, "凭证-M3", "900000.00"))
	if lines, differ, by := st.state.Differences(2025); lines != 2 || differ != 0 || !by.IsZero() {
		t.Errorf("%d lines, %d differences of %s", lines, differ, by)
	}
	st.and(reverse("M3")) // nothing of it moved at the bank
	if _, differ, by := st.state.Differences(2025); differ != 0 || !by.IsZero() {
		t.Errorf("undone: %d differences of %s", differ, by)
	}
}

func offset(id RecoveryID, c ClawbackID, a ApplicationID, amount, interest string) *OffsetRecovery {
	o := &OffsetRecovery{Recovery: id, Clawback: c, Application: a, SupportYear: 2025, Amount: money(amount)}
	if interest != "" {
		o.Interest = money(interest)
	}
	return o
}

// A person offsets what is outstanding, whether it is due or not, and whatever the policy says of debtors but refuse.
func TestR4APersonOffsetsAClawbackAgainstAnUnpaidInstalment(t *testing.T) {
	for _, control := range []DebtorControl{"", DebtorFinding, DebtorOffset, DebtorRefuse} {
		st := debtorOf(t, "300000.00", CauseError, func(p *Policy) { p.Debtors = control }).on("2025-05-01") // nothing is overdue yet
		st.when(offset("R", "C", "B", "100000.00", "")).then("recovery_offset", "payout_made", "recovery_received").owes("C", "200000.00").
			line("6", "P", 2025, "use", "4900000.00").line("4", "Q", 2025, "use", "2000000.00")
		if p, _ := st.state.Payout("R"); p.Amount != money("100000.00") || p.KeptBack != p.Amount || p.Application != "B" {
			t.Errorf("%s: %+v", control, p)
		}
		st.on("2025-05-02")
		o := st.when(offset("R2", "C", "B", "100000.00", ""))
		if control == DebtorRefuse {
			o.refused(CodeOwesMoney, "R4", "outstanding", "200000.00")
			continue
		}
		o.then("recovery_offset", "payout_made", "recovery_received").owes("C", "100000.00")
		st.when(reverse("R2")).then("recovery_reversed", "payout_returned").owes("C", "200000.00").
			when(reverse("R")).then("recovery_reversed", "payout_returned").owes("C", "300000.00").line("6", "P", 2025, "use", "5000000.00")
	}
}

func TestR4WhatIsOffsetByHandIsHeldAgainstBothSides(t *testing.T) {
	st := debtorOf(t, "300000.00", CauseBreach).approved(submit("D", financeFirm, "4", "R", in(2025, "100.00")))
	payee := string(financeFirm)
	st.when(offset("R", "C", "B", "300000.01", "")).refused(CodeRecoveryExceeded, "R4", "limit", "300000.00", "short_by", "0.01").
		when(offset("R", "X", "B", "1.00", "")).refused(CodeClawbackUnknown, "R4").
		when(offset("R", "C", "D", "1.00", "")).refused(CodeOffsetElsewhere, "R4", "enterprise", string(aiFirm), "payee", payee).
		when(offset("R", "C", "Z", "1.00", "")).refused(CodeApplicationUnknown, "R2").
		when(offset("M", "C", "B", "1.00", "")).refused(CodePayoutExists, "R3"). // its payout is called so
		when(by(offset("R", "C", "B", "1.00", ""), Actor{ID: "approver-science", Role: Treasurer, Department: "finance"})).refused(CodeFourEyes, "R9").
		when(onDay(offset("R", "C", "B", "1.00", ""), "2025-03-31")).refused(CodeDateOrder, "R14").
		and(&RestrictCredit{Enterprise: aiFirm, Reason: "r"}).when(offset("R", "C", "B", "1.00", "")).refused(CodeCreditRestricted, "R10").
		and(&RestoreCredit{Enterprise: aiFirm, Reason: "r"})
	named := offset("R", "C", "B", "1.00", "")
	named.Payout = "M7"
	st.and(named).when(pay("M7", "B", 2025, "1.00")).refused(CodePayoutExists, "R3")
	st.and(appropriate(2025, "4", "", "1.00")).when(offset("R3", "C", "B", "0.01", "")).refused(CodeAppropriationExceed, "R3", "short_by", "0.01")
}

// The interest on what is offset is kept back besides; one that is not what is reckoned is found, as with any recovery.
func TestR4InterestIsOffsetBesides(t *testing.T) {
	rates := func(p *Policy) { p.LateInterest = []InterestRate{rate("2025-01-01", "3.65")} }
	for interest, differs := range map[string]bool{"": false, "310.00": false, "310.01": true} { // 31 days
		st := debtorOf(t, "300000.00", CauseError, rates)
		o := st.when(offset("R", "C", "B", "100000.00", interest))
		if o.refusal != nil || Found(o.decision.Events[2], CodeInterestDiffers) != differs {
			t.Errorf("%q: %v, %v", interest, o.refusal, o.decision.Events)
		}
		rest := money("1900000.00")
		if interest != "" {
			rest = rest.Sub(money(interest))
		}
		st.when(pay("M9", "B", 2025, rest.Add(Fen(1)).String())).refused(CodeInstalmentExceeded, "R3", "short_by", "0.01")
	}
}

func writeOff(id ClawbackID, amount string) *WriteOff {
	return &WriteOff{Clawback: id, Amount: money(amount), Reason: "企业已注销", Document: "长府〔2026〕5 号"}
}

// What is written off is owed no more, did not come back, frees nothing, and is not ordered again.
func TestR4WhatIsWrittenOffIsGone(t *testing.T) {
	for _, cause := range []Cause{CauseError, CauseBreach} {
		st := debtorOf(t, "5000000.00", cause)
		st.when(writeOff("C", "5000000.01")).refused(CodeWriteOffExceeded, "R4", "limit", "5000000.00", "short_by", "0.01").
			when(writeOff("C", "4000000.00")).then("clawback_written_off").owes("C", "1000000.00").
			line("6", "P", 2025, "use", "5000000.00", "headroom", "0.00", "recovered", "0.00").
			when(order("C2", "M", "0.01", cause)).refused(CodeClawbackExceeded, "R4", "limit", "0.00").
			when(receive("R", "C", "1000000.01")).refused(CodeRecoveryExceeded, "R4", "limit", "1000000.00").
			when(waive("C", "1000000.01")).refused(CodeWaiverExceeded, "R4", "limit", "1000000.00").
			when(scheduled("C", dueBy("2025-06-01", "1000000.01"))).refused(CodeScheduleDiffers, "R4", "limit", "1000000.00").
			when(pay("M2", "B", 2025, "1500000.00")).keeps("500000.00", "M2 C 1000000.00 0.00").owes("C", "0.00").
			when(writeOff("C", "0.01")).refused(CodeWriteOffExceeded, "R4", "limit", "0.00").
			and(reverse("M2")).owes("C", "1000000.00") // what did not come back is owed; what was written off is not
	}
	st := debtorOf(t, "300000.00", CauseError)
	nobody := writeOff("C", "1.00")
	nobody.Document = ""
	unreasoned := writeOff("C", "1.00")
	unreasoned.Reason = ""
	st.when(nobody).refused(CodeDocumentRequired, refusalTexts[CodeDocumentRequired].rule).
		when(unreasoned).refused(CodeFieldMissing, refusalTexts[CodeFieldMissing].rule, "field", "reason").
		when(writeOff("X", "1.00")).refused(CodeClawbackUnknown, "R4").
		when(onDay(writeOff("C", "1.00"), "2025-03-31")).refused(CodeDateOrder, "R14", "earliest", "2025-04-01").
		when(by(writeOff("C", "1.00"), Actor{ID: "treasurer-finance", Role: Authority, Department: "government"})).refused(CodeFourEyes, "R9", "did", "order_clawback", "does", "write_off")
	// Money that comes in all the same is a fact.
	st.and(writeOff("C", "300000.00"))
	st.when(&BookRecovery{Recovery: "R", Payout: "M", Amount: money("5000000.00"), Cause: CauseError}).found(CodeRecoveryExceeded)
}
