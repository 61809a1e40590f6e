package domain

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// What the judge says of payouts to who owes, where that is offset: what is kept back on which order, with which interest, is worked out from the
// list of orders and of what settled them.

type judgedKeep struct {
	order        ClawbackID
	due          Date
	nth          int
	sum, besides decimal.Decimal
}

// dueParts are what of an order is not paid on a day, by the days it was due: what is settled settles the first, and what is beyond the schedule is due
// with the first.
func (o *judgedOrder) dueParts(id ClawbackID, on Date) (list []judgedKeep) {
	if o.on.After(on) {
		return nil
	}
	parts, left := []Repayment{{o.due, Fen(o.ordered.Shift(2).IntPart())}}, o.ordered
	for _, s := range o.schedules {
		if !s.on.After(on) {
			parts = s.list
		}
	}
	for _, m := range o.moves {
		if !m.on.After(on) {
			left = left.Sub(m.by)
		}
	}
	for i, part := range parts {
		later := decimal.Zero
		for _, behind := range parts[i+1:] {
			later = later.Add(dec(behind.Amount))
		}
		open := decimal.Max(decimal.Zero, left.Sub(later))
		if i > 0 {
			open = decimal.Min(open, dec(part.Amount))
		}
		left = left.Sub(open)
		if open.IsPositive() && !part.DueOn.IsZero() && part.DueOn.Before(on) {
			list = append(list, judgedKeep{order: id, due: part.DueOn, nth: o.nth, sum: open})
		}
	}
	return list
}

// owed is all that an enterprise owes on a day.
func (j *judge) owed(firm EnterpriseID, on Date) (sum decimal.Decimal) {
	for _, o := range j.orders {
		if slices.Contains(j.firmsOf(firm), j.paid[o.payout].charge.Enterprise) {
			sum = sum.Add(o.late(on))
		}
	}
	return sum
}

// keeps is what a payout of a day keeps back, by order, without and with interest, and what is left of it to be paid.
func (j *judge) keeps(firm EnterpriseID, amount decimal.Decimal, on Date) (list []judgedKeep, principal, rest decimal.Decimal) {
	var due []judgedKeep
	for id, o := range j.orders {
		if slices.Contains(j.firmsOf(firm), j.paid[o.payout].charge.Enterprise) {
			due = append(due, o.dueParts(id, on)...)
		}
	}
	slices.SortFunc(due, func(a, b judgedKeep) int { return (a.due.order()-b.due.order())*1000 + a.nth - b.nth })
	rest = amount
	for _, part := range due {
		i := slices.IndexFunc(list, func(k judgedKeep) bool { return k.order == part.order })
		o, had := j.orders[part.order], decimal.Zero
		if i >= 0 {
			had = list[i].sum
		}
		by := decimal.Min(part.sum, rest, o.left().Sub(had))
		if !by.IsPositive() {
			continue
		}
		if i < 0 {
			i, list = len(list), append(list, judgedKeep{order: part.order})
		}
		list[i].sum, rest, principal = list[i].sum.Add(by), rest.Sub(by), principal.Add(by)
	}
	for i := range list {
		o := j.orders[list[i].order]
		list[i].besides = decimal.Min(rest, j.reckoned(o, list[i].sum))
		rest = rest.Sub(list[i].besides)
	}
	return list, principal, rest
}

// reckoned is the late interest on an amount of an order: 3.65 percent a year are a hundredth of a percent a day.
func (j *judge) reckoned(o *judgedOrder, amount decimal.Decimal) decimal.Decimal {
	if len(j.under(j.paid[o.payout].charge.Applied()).LateInterest) == 0 {
		return decimal.Zero
	}
	days := int64(DaysBetween(latest(j.paid[o.payout].on, day("2025-01-01")), o.on))
	return amount.Mul(decimal.NewFromInt(max(0, days))).Div(decimal.NewFromInt(10_000)).Round(2)
}

// split is what a command leads to beside its first event.
func (j *judge) split(c Command) (list []string) {
	switch c := c.(type) {
	case *MakePayout:
		a := j.apps[c.Application]
		if j.debtorsOn(a.charge.Applied(), c.Date) != DebtorOffset {
			return nil
		}
		keeps, _, _ := j.keeps(a.charge.Enterprise, dec(c.Amount), or(c.PaidOn, c.Date))
		all := decimal.Zero
		for _, k := range keeps {
			list, all = append(list, fmt.Sprintf("%s: %s and %s, of %s", k.order, k.sum.StringFixed(2), k.besides.StringFixed(2), c.Payout)), all.Add(k.sum).Add(k.besides)
		}
		if len(list) > 0 {
			list = append(list, "kept back "+all.StringFixed(2))
		}
	case *OffsetRecovery:
		made := or0(c.Payout, PayoutID(c.Recovery))
		if o := j.orders[c.Clawback]; !c.Interest.IsZero() && len(j.under(j.paid[o.payout].charge.Applied()).LateInterest) > 0 && !j.reckoned(o, dec(c.Amount)).Equal(dec(c.Interest)) {
			list = append(list, "interest differs")
		}
		list = append(list, fmt.Sprintf("%s: %s and %s, of %s", c.Clawback, c.Amount, c.Interest, made), "kept back "+c.Amount.Add(c.Interest).String())
	case *ReverseRecovery:
		if r := j.got[c.Recovery]; r.from != "" {
			list = append(list, fmt.Sprintf("%s takes back %s", r.from, r.kept.StringFixed(2)))
		}
	}
	return list
}

// splitTold is what the events of a decision say of the same.
func splitTold(events []Event) (list []string) {
	for _, e := range events {
		switch e := e.(type) {
		case *RecoveryReceived:
			if e.KeptFrom != "" {
				if Found(e, CodeInterestDiffers) {
					list = append(list, "interest differs")
				}
				list = append(list, fmt.Sprintf("%s: %s and %s, of %s", e.Clawback, e.Amount, e.Interest, e.KeptFrom))
			}
		case *PayoutReturned:
			if e.KeptBack.Positive() && e.KeptBack == e.Amount {
				list = append(list, fmt.Sprintf("%s takes back %s", e.Payout, e.KeptBack))
			}
		}
	}
	for _, e := range events[:min(2, len(events))] {
		if made, is := e.(*PayoutMade); is && made.KeptBack.Positive() {
			list = append(list, "kept back "+made.KeptBack.String())
		}
	}
	return list
}

func or0(id, otherwise PayoutID) PayoutID {
	if id == "" {
		return otherwise
	}
	return id
}

// offset is a payout that is all kept back, by hand.
func (j *judge) offset(c *OffsetRecovery, today Date, no func(bool, string)) {
	j.newRecovery(c.Recovery, c.Amount, c.Date, today, no)
	no(c.Interest.fen < 0, CodeAmountNegative)
	o := j.orders[c.Clawback]
	no(o == nil, CodeClawbackUnknown)
	if o != nil {
		no(c.Date.Before(o.on), CodeDateOrder)
		no(dec(c.Amount).GreaterThan(o.left()), CodeRecoveryExceeded)
		a := j.apps[c.Application]
		no(a != nil && !slices.Contains(j.firmsOf(a.charge.Enterprise), j.paid[o.payout].charge.Enterprise), CodeOffsetElsewhere)
	}
	j.payment(&MakePayout{Head: c.Head, Payout: or0(c.Payout, PayoutID(c.Recovery)), Application: c.Application, SupportYear: c.SupportYear, Amount: c.Amount.Add(c.Interest)}, today, true,
		no, func(bool, string) {})
}
