package projections

import (
	"slices"

	"github.com/fundledger/fundledger/domain"
)

func (b *Batch) moneyDetail(row *EventRow) {
	switch e := row.Event.(type) {
	case *domain.PayoutMade:
		b.paid(row, PayoutChange{ID: e.Payout, Application: e.Application, Charge: e.Charge, Year: e.SupportYear, Amount: e.Amount,
			KeptBack: e.KeptBack, PaidOn: e.PaidOn, Voucher: e.Voucher, Department: e.Department, ClauseVersion: e.ClauseVersion, Findings: e.Findings})
		b.plan(row, e.Application, e.Charge, e.SupportYear, e.PaidOn, used(e.Planned)...)
	case *domain.PayoutBooked:
		b.paid(row, PayoutChange{ID: e.Payout, Application: e.Application, Charge: e.Charge, Year: e.SupportYear, Amount: e.Amount,
			PaidOn: e.PaidOn, Voucher: e.Voucher, Department: e.Department, Departments: e.Departments, ClauseVersion: e.ClauseVersion, Booked: true,
			Findings: e.Findings, Outside: e.Outside})
		b.plan(row, e.Application, e.Charge, e.SupportYear, e.PaidOn, used(e.Planned)...)
	case *domain.PayoutReturned:
		b.returned(row, e)
	case *domain.ReturnReversed:
		b.giveBackReturn(row, e)
		b.plan(row, e.Application, e.Charge, e.SupportYear, row.Date, used(e.Planned)...)
	case *domain.BookingReversed:
		b.unbook(row, e)
	case *domain.ClawbackOrdered:
		b.charged(row, e.Application, e.Charge)
		c, _ := b.Clawbacks.of(e.Clawback)
		*c = ClawbackChange{ID: e.Clawback, Fresh: true, Payout: e.Payout, Application: e.Application, Charge: e.Charge, Year: e.SupportYear,
			Cause: e.Cause, Ordered: e.Amount, OrderedOn: row.Date, OrderedBy: row.Deed().Actor.ID, Reason: e.Reason, Seq: row.Seq, LastSeq: row.Seq}
		p := b.payout(row, e.Payout)
		p.Ordered = p.Ordered.Add(e.Amount)
		b.repay(row, e.Clawback, domain.Repayment{DueOn: e.DueOn, Amount: e.Amount})
	case *domain.RecoveryScheduled:
		b.charged(row, e.Application, e.Charge)
		b.repay(row, e.Clawback, e.Instalments...)
	case *domain.ClawbackWaived:
		b.charged(row, e.Application, e.Charge)
		c := b.clawback(row, e.Clawback)
		c.Waived = c.Waived.Add(e.Amount)
		p := b.payout(row, e.Payout)
		p.Waived = p.Waived.Add(e.Amount)
	case *domain.ClawbackWrittenOff:
		b.charged(row, e.Application, e.Charge)
		c := b.clawback(row, e.Clawback)
		c.WrittenOff = c.WrittenOff.Add(e.Amount)
	case *domain.RecoveryOffset:
		b.charged(row, e.Application, e.Charge)
	case *domain.RecoveryReceived:
		b.charged(row, e.Application, e.Charge)
		b.recovered(row, RecoveryChange{ID: e.Recovery, Clawback: e.Clawback, Payout: e.Payout, Application: e.Application, Charge: e.Charge,
			Year: e.SupportYear, Amount: e.Amount, Beyond: e.Beyond, Interest: e.Interest, Cause: e.Cause, ReceivedOn: e.ReceivedOn, KeptFrom: e.KeptFrom, Findings: e.Findings})
		b.cameBack(row, e.Clawback, e.Payout, e.Amount, e.Interest)
	case *domain.RecoveryBooked:
		b.charged(row, e.Application, e.Charge)
		b.recovered(row, RecoveryChange{ID: e.Recovery, Payout: e.Payout, Application: e.Application, Charge: e.Charge,
			Year: e.SupportYear, Amount: e.Amount, Beyond: e.Beyond, Cause: e.Cause, ReceivedOn: e.ReceivedOn, Booked: true, Findings: e.Findings})
		b.cameBack(row, "", e.Payout, e.Amount, domain.NoMoney)
	case *domain.RecoveryReversed:
		b.charged(row, e.Application, e.Charge)
		r, _ := b.Recoveries.of(e.Recovery)
		r.ID, r.Reversed, r.ReversedOn, r.ReversedReason, r.LastSeq = e.Recovery, true, row.Date, e.Reason, row.Seq
		b.cameBack(row, e.Clawback, e.Payout, e.Amount.Neg(), e.Interest.Neg())
		b.shifted(row, e.Shifted)
	}
}

// repay notes by which days a clawback is to be paid back from now on.
func (b *Batch) repay(row *EventRow, id domain.ClawbackID, parts ...domain.Repayment) {
	for n, part := range parts {
		b.Repayments = append(b.Repayments, RepaymentRow{Seq: row.Seq, N: n, Clawback: id, Date: row.Date, Repayment: part})
	}
}

// charged says what a money event concerns, and that its application was touched.
func (b *Batch) charged(row *EventRow, id domain.ApplicationID, c domain.Charge) {
	row.Enterprise, row.Clause = c.Enterprise, c.Clause
	if id != "" {
		b.application(row, id, c)
	}
}

func (b *Batch) payout(row *EventRow, id domain.PayoutID) *PayoutChange {
	p, _ := b.Payouts.of(id)
	p.ID, p.LastSeq = id, row.Seq
	return p
}

func (b *Batch) clawback(row *EventRow, id domain.ClawbackID) *ClawbackChange {
	c, _ := b.Clawbacks.of(id)
	c.ID, c.LastSeq = id, row.Seq
	return c
}

// paid begins a payout.
func (b *Batch) paid(row *EventRow, p PayoutChange) {
	by := row.Deed().Actor
	p.Fresh, p.Actor, p.ActorFor, p.Seq, p.LastSeq = true, by.ID, by.For, row.Seq, row.Seq
	change, _ := b.Payouts.of(p.ID)
	*change = p
	b.charged(row, p.Application, p.Charge)
	b.spend(row, p.PaidOn.Year(), p.Charge, p.Amount, domain.NoMoney, append(slices.Clip(p.Departments), p.Department)...)
	if p.Application == "" {
		return
	}
	a := b.application(row, p.Application, p.Charge)
	a.Paid = a.Paid.Add(p.Amount)
	b.fill(p.Application, p.Charge, p.Year, p.Amount.Sub(p.Outside))
}

// fill changes what is paid of an instalment. What is outside any approval may have no instalment.
func (b *Batch) fill(id domain.ApplicationID, c domain.Charge, y domain.SupportYear, within domain.Money) {
	if within.IsZero() {
		return
	}
	part := b.instalment(id, y)
	part.Paid = part.Paid.Add(within)
	b.due(id, c, int(y), within.Neg())
}

func (b *Batch) returned(row *EventRow, e *domain.PayoutReturned) {
	b.charged(row, e.Application, e.Charge)
	p := b.payout(row, e.Payout)
	p.Returned, p.Outside = p.Returned.Add(e.Amount), p.Outside.Sub(e.Outside)
	b.shifted(row, e.Shifted)
	b.spend(row, e.PaidOn.Year(), e.Charge, domain.NoMoney, e.Amount, append(slices.Clip(e.Departments), e.Department)...)
	if e.Application == "" {
		return
	}
	a := b.application(row, e.Application, e.Charge)
	a.Returned = a.Returned.Add(e.Amount)
	b.hold(a, e.Application, e.Charge, e.SupportYear, e.Released.Neg())
	b.fill(e.Application, e.Charge, e.SupportYear, e.Outside.Sub(e.Amount))
}

// giveBackReturn undoes a return by the bank, or a part of it.
func (b *Batch) giveBackReturn(row *EventRow, e *domain.ReturnReversed) {
	b.charged(row, e.Application, e.Charge)
	p := b.payout(row, e.Payout)
	p.Returned, p.Outside = p.Returned.Sub(e.Amount), p.Outside.Add(e.Outside)
	b.shifted(row, e.Shifted)
	b.spend(row, e.PaidOn.Year(), e.Charge, domain.NoMoney, e.Amount.Neg(), append(slices.Clip(e.Departments), e.Department)...)
	if e.Application == "" {
		return
	}
	a := b.application(row, e.Application, e.Charge)
	a.Returned = a.Returned.Sub(e.Amount)
	b.hold(a, e.Application, e.Charge, e.SupportYear, e.Restored)
	b.fill(e.Application, e.Charge, e.SupportYear, e.Amount.Sub(e.Outside))
}

// unbook undoes a booked payout. Its row stays, and says so.
func (b *Batch) unbook(row *EventRow, e *domain.BookingReversed) {
	b.charged(row, e.Application, e.Charge)
	left := e.Amount.Sub(e.Returned)
	p := b.payout(row, e.Payout)
	p.Returned, p.Outside, p.ReversedOn, p.ReversedReason = p.Returned.Sub(e.Returned), p.Outside.Sub(e.Outside), row.Date, e.Reason
	p.ReversedSeq = row.Seq
	b.spend(row, e.PaidOn.Year(), e.Charge, e.Amount.Neg(), e.Returned.Neg(), append(slices.Clip(e.Departments), e.Department)...)
	b.shifted(row, e.Shifted)
	if e.Application == "" {
		return
	}
	a := b.application(row, e.Application, e.Charge)
	a.Paid, a.Returned = a.Paid.Sub(e.Amount), a.Returned.Sub(e.Returned)
	b.hold(a, e.Application, e.Charge, e.SupportYear, e.Released.Neg())
	b.fill(e.Application, e.Charge, e.SupportYear, e.Outside.Sub(left))
}

// shifted changes what of other recoveries is beyond what went out.
func (b *Batch) shifted(row *EventRow, list []domain.Shift) {
	for _, one := range list {
		r, _ := b.Recoveries.of(one.Recovery)
		r.ID, r.Beyond, r.LastSeq = one.Recovery, r.Beyond.Add(one.Beyond.Money), row.Seq
	}
}

// spend books what was paid, and what was returned, on every budget that it counts against.
func (b *Batch) spend(row *EventRow, year int, c domain.Charge, paid, returned domain.Money, departments ...domain.DepartmentID) {
	for _, key := range domain.BudgetsOf(year, c, departments...) {
		budget := b.budget(key)
		budget.Paid, budget.Returned = budget.Paid.Add(paid.Sub(returned)), budget.Returned.Add(returned)
		b.BudgetMoves = append(b.BudgetMoves, BudgetMove{BudgetKey: key, Seq: row.Seq, Paid: paid.Sub(returned)})
	}
}

func (b *Batch) recovered(row *EventRow, r RecoveryChange) {
	r.Fresh, r.Seq, r.LastSeq = true, row.Seq, row.Seq
	change, _ := b.Recoveries.of(r.ID)
	*change = r
}

// cameBack adds a recovery to the clawback and the payout that it belongs to, where there are such.
func (b *Batch) cameBack(row *EventRow, c domain.ClawbackID, p domain.PayoutID, amount, interest domain.Money) {
	if c != "" {
		claw := b.clawback(row, c)
		claw.Recovered, claw.Interest = claw.Recovered.Add(amount), claw.Interest.Add(interest)
	}
	if p != "" {
		pay := b.payout(row, p)
		pay.Recovered = pay.Recovered.Add(amount)
	}
}
