package domain

import (
	"slices"

	"github.com/shopspring/decimal"
)

// What the judge says of money that came back.

func (j *judge) newRecovery(id RecoveryID, m Money, on, today Date, no func(bool, string)) {
	no(j.got[id] != nil, CodeRecoveryExists)
	amount(m, no)
	no(on.After(today), CodeDateInFuture)
}

func (j *judge) receive(c *ReceiveRecovery, today Date, no, note func(bool, string)) {
	on := or(c.ReceivedOn, c.Date)
	j.newRecovery(c.Recovery, c.Amount, on, today, no)
	no(c.Interest.fen < 0, CodeAmountNegative)
	o := j.orders[c.Clawback]
	no(o == nil, CodeClawbackUnknown)
	if o == nil {
		return
	}
	no(on.Before(o.on), CodeDateOrder)
	no(dec(c.Amount).GreaterThan(o.left()), CodeRecoveryExceeded)
	if from := j.paid[o.payout].on; len(j.under(j.paid[o.payout].charge.Applied()).LateInterest) > 0 && !c.Interest.IsZero() {
		days := int64(DaysBetween(latest(from, day("2025-01-01")), o.on)) // 3.65 percent a year are a hundredth of a percent a day
		owed := dec(c.Amount).Mul(decimal.NewFromInt(max(0, days))).Div(decimal.NewFromInt(10_000)).Round(2)
		note(!owed.Equal(dec(c.Interest)), CodeInterestDiffers)
	}
	p := j.payouts[o.payout]
	counts, _ := j.counted(&tallyRecovery{line: p.line, enterprise: p.enterprise, payout: o.payout}, dec(c.Amount))
	note(counts.LessThan(dec(c.Amount)), CodeRecoveryExceeded)
}

func (j *judge) bookRecovery(c *BookRecovery, today Date, no, note func(bool, string)) {
	on := or(c.ReceivedOn, c.Date)
	j.newRecovery(c.Recovery, c.Amount, on, today, no)
	no(c.Cause != CauseError && c.Cause != CauseBreach, CodeFieldInvalid)
	if c.Payout != "" {
		p := j.paid[c.Payout]
		no(p == nil, CodePayoutUnknown)
		if p == nil {
			return
		}
		no(p.reversed, CodePayoutReversed)
		note(on.Before(p.on), CodeDateOrder)
		note(dec(c.Amount).GreaterThan(j.claimable(c.Payout)), CodeRecoveryExceeded)
		return
	}
	factYear(c.SupportYear, no)
	charge, ok := j.onAccount(c.Enterprise, c.Clause, c.Project, c.Award, no)
	if !ok {
		return
	}
	note(j.outsideTerm(charge.Applied(), c.SupportYear, on), CodeYearOutsideTerm)
	there := j.outsideLeft(j.line(charge.Clause, charge.Subject, c.SupportYear), charge.Enterprise)
	note(dec(c.Amount).GreaterThan(there), CodeRecoveryExceeded)
}

// bounce is R5a: a fact, with a finding where the account is then over what it must hold.
func (j *judge) bounce(c *ReverseRecovery, today Date, no, note func(bool, string)) {
	r := j.got[c.Recovery]
	no(r == nil, CodeRecoveryUnknown)
	if r == nil {
		return
	}
	no(r.reversed, CodeRecoveryReversed)
	no(c.Date.Before(r.on), CodeDateOrder)
	if r.reversed {
		return
	}
	if r.from != "" { // it never came in: the payout is taken back by it
		p := j.paid[r.from]
		no(c.Date.Before(latest(p.on, p.und)), CodeDateOrder)
		no(r.kept.GreaterThan(j.claimable(r.from)), CodeReturnExceeded)
	}
	out := decimal.Zero // what counts no more, less what takes its place
	t := j.recoveries[c.Recovery]
	if t.cause == CauseError {
		out = out.Add(t.counts)
	}
	for _, more := range j.takesItsPlace(t) {
		if more.of.cause == CauseError {
			out = out.Sub(more.counts)
		}
	}
	forever := Date{9999, 12, 31}
	for i, account := range append([]Account{r.charge.Account()}, j.carriers(r.charge.Account())...) {
		least, any := j.held(account, r.year, today)
		use, exceptions, _, _ := j.usage(account, r.year, forever)
		over := use.Add(out).GreaterThan(j.apart(account, least).Add(exceptions))
		note(any && over && (i == 0 || j.usedAlone(account, r.year, forever).IsPositive()), CodeAccountOverCap)
	}
}

type morePlace struct {
	of     *tallyRecovery
	counts decimal.Decimal
}

// takesItsPlace is what others of a line count for more once a recovery is gone, worked out on a copy of the list.
func (j *judge) takesItsPlace(gone *tallyRecovery) (list []morePlace) {
	kept := j.back
	defer func() { j.back = kept }()
	j.back = nil
	for _, r := range kept {
		if r != gone {
			other := *r
			j.back = append(j.back, &other)
		}
	}
	for _, r := range j.back {
		if r.line != gone.line || r.enterprise != gone.enterprise || !r.amount.GreaterThan(r.counts) {
			continue
		}
		more, outside := j.counted(r, r.amount.Sub(r.counts))
		r.counts, r.outside = r.counts.Add(more), r.outside.Add(outside)
		list = append(list, morePlace{r, more})
	}
	return list
}

// schedule is R4: what is outstanding to the fen, its days in order, none before the order and none twice.
func (j *judge) schedule(c *ScheduleRecovery, no func(bool, string)) {
	o := j.orders[c.Clawback]
	no(o == nil, CodeClawbackUnknown)
	if o == nil {
		return
	}
	no(c.Date.Before(o.on), CodeDateOrder)
	for _, earlier := range o.schedules {
		no(c.Date.Before(earlier.on), CodeDateOrder)
	}
	no(len(c.Instalments) == 0, CodeFieldMissing)
	sum := decimal.Zero
	for i, part := range c.Instalments {
		no(part.DueOn.IsZero(), CodeFieldMissing)
		no(part.DueOn.Before(o.on) || part.DueOn.Before(c.Date) || i > 0 && !part.DueOn.After(c.Instalments[i-1].DueOn), CodeDateOrder)
		amount(part.Amount, no)
		sum = sum.Add(dec(part.Amount))
	}
	no(!sum.Equal(o.left()), CodeScheduleDiffers)
}

// left is what is outstanding now.
func (o *judgedOrder) left() decimal.Decimal { return o.ordered.Sub(o.waived).Sub(o.in).Sub(o.off) }

func (o *judgedOrder) move(on Date, by decimal.Decimal) {
	o.moves = append(o.moves, judgedMove{on, by})
}

// late is what of an order was due before a day and is not settled on it: what is settled settles what is due first.
func (o *judgedOrder) late(day Date) decimal.Decimal {
	if o.on.After(day) {
		return decimal.Zero
	}
	left, sum := o.ordered, decimal.Zero
	for _, m := range o.moves {
		if !m.on.After(day) {
			left = left.Sub(m.by)
		}
	}
	due := []Repayment{{o.due, Fen(o.ordered.Shift(2).IntPart())}}
	for _, s := range o.schedules {
		if !s.on.After(day) {
			due = s.list
		}
	}
	if due[0].DueOn.IsZero() || !due[0].DueOn.Before(day) {
		return decimal.Zero // what is beyond the schedule, for a recovery that is gone, is due with the first part
	}
	for _, part := range due {
		if !part.DueOn.Before(day) {
			sum = sum.Add(dec(part.Amount)) // not due yet
		}
	}
	return decimal.Max(decimal.Zero, left.Sub(sum))
}

// owes is whether an enterprise owes on a day what was due before it.
func (j *judge) owes(firm EnterpriseID, days ...Date) bool {
	for _, o := range j.orders {
		for _, day := range days {
			if slices.Contains(j.firmsOf(firm), j.paid[o.payout].charge.Enterprise) && o.late(day).IsPositive() {
				return true
			}
		}
	}
	return false
}

// debtor is what the policy of a clause does of an enterprise that owes.
func (j *judge) debtor(c ClauseID, on Date, owes bool, no, note func(bool, string)) {
	refuses := j.debtorsOn(c, on) == DebtorRefuse
	no(owes && refuses, CodeOwesMoney)
	note(owes && !refuses, CodeOwesMoney)
}
