package demo

import (
	"github.com/fundledger/fundledger/domain"
)

// payQuarterly pays in the first batch that is not before a day.
func (w *world) payQuarterly(a *file, notBefore domain.Date, year domain.SupportYear, amount domain.Money) {
	w.on(plus(quarterly(notBefore), w.rng.IntN(9)), func() { w.pay(a, year, amount) })
}

// patience is how often a payout that must wait is tried.
const patience = 12

// pay pays a part of an instalment, at most what is left of it. Where the ledger refuses it for now, it is tried again later.
func (w *world) pay(a *file, year domain.SupportYear, amount domain.Money) {
	w.tryPay(a, year, amount, patience)
}

func (w *world) tryPay(a *file, year domain.SupportYear, amount domain.Money, tries int) {
	left := w.unpaid(a, year)
	if amount = domain.Lesser(amount, left); !amount.Positive() || tries == 0 {
		return
	}
	id, voucher := w.id("PO"), w.voucher()
	if w.chance(1) {
		w.give(&domain.MakePayout{Head: w.treasurer(id + "-slip"), Payout: domain.PayoutID(id + "-slip"), Application: a.id, SupportYear: year,
			Amount: left.Add(amount), PaidOn: w.day, Voucher: voucher}, // refused, whichever rule comes first
			domain.CodeInstalmentExceeded, domain.CodeCreditRestricted, domain.CodeApplicationSuspended)
	}
	prepared := []string{domain.CodeCreditRestricted, domain.CodeApplicationSuspended}
	if a.charged.ID == "2.4.3" {
		prepared = append(prepared, domain.CodeAppropriationExceed)
	}
	switch w.give(&domain.MakePayout{Head: w.treasurer(id + "-pay"), Payout: domain.PayoutID(id), Application: a.id, SupportYear: year,
		Amount: amount, PaidOn: w.day, Voucher: voucher}, prepared...) {
	case "":
		w.paid(a, domain.PayoutID(id), year, amount)
		return
	case domain.CodeAppropriationExceed:
		budget := w.day.Year()
		w.on(plus(w.day, 10), func() {
			if !w.raised(budget) {
				w.appropriate(budget, a.charged.ID, "", 40_000_000)
			}
		})
	}
	w.in(25, 45, func() { w.tryPay(a, year, amount, tries-1) })
}

// raised reports whether a year's scarce appropriation has been raised already, and from now on it has.
func (w *world) raised(budget int) bool {
	key := "raised " + date(budget, 1, 1).String()
	w.serial[key]++
	return w.serial[key] > 1
}

// paid lets a few payouts come back: from the bank, or by a clawback.
func (w *world) paid(a *file, id domain.PayoutID, year domain.SupportYear, amount domain.Money) {
	switch n := w.rng.IntN(100); {
	case n < 3:
		w.in(2, 6, func() {
			w.give(&domain.ReturnPayout{Head: w.treasurer(string(id) + "-returned"), Payout: id, Amount: amount, Reason: "收款账号有误，银行退回"})
			w.in(5, 12, func() { w.pay(a, year, amount) })
		})
	case n < 8:
		w.in(60, 200, func() { w.clawBack(id, domain.CauseError, amount, 20, "重复计算，多付") })
	case n < 10:
		w.in(90, 260, func() { w.clawBack(id, domain.CauseBreach, amount, 100, "未履行承诺，迁出本区") })
	}
}

func (w *world) clawBack(payout domain.PayoutID, cause domain.Cause, paid domain.Money, percent int64, reason string) {
	id := domain.ClawbackID(w.id("C"))
	amount := domain.Fen(max(paid.Fen()/100*percent, 100))
	w.give(&domain.OrderClawback{Head: w.treasurer(string(id) + "-order"), Clawback: id, Payout: payout, Amount: amount, Cause: cause, Reason: reason})
	if w.chance(20) {
		w.repaidInParts(id, amount)
		return // still open: it ages
	}
	w.in(20, 80, func() { w.recover(id, amount) })
}

// recover receives what was ordered back, or the half of it with interest for being late, of which the rest may be waived.
func (w *world) recover(id domain.ClawbackID, amount domain.Money) {
	got, interest := amount, domain.NoMoney
	if w.chance(40) {
		got = domain.Fen(amount.Fen() / 2)
		interest = domain.Fen(max(got.Fen()*3/1000, 1))
	}
	recovery := domain.RecoveryID(w.id("R"))
	w.give(&domain.ReceiveRecovery{Head: w.treasurer(string(recovery) + "-received"), Recovery: recovery, Clawback: id, Amount: got,
		Interest: interest, ReceivedOn: w.day})
	if rest := amount.Sub(got); rest.Positive() && w.chance(50) {
		w.in(30, 60, func() {
			w.give(&domain.WaiveClawback{Head: w.government(string(id) + "-waive"), Clawback: id, Amount: rest, Document: w.document("长府办")})
		})
	}
	if w.chance(5) {
		w.in(3, 9, func() {
			w.give(&domain.ReverseRecovery{Head: w.treasurer(string(recovery) + "-reversed"), Recovery: recovery, Reason: "入账有误，冲销"})
		})
	}
}
