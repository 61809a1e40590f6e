package domain

import "slices"

// Repayment is a part of what is to be paid back, and the day by which.
type Repayment struct {
	DueOn  Date  `json:"due_on"`
	Amount Money `json:"amount"`
}

// maxRepayments bounds how many parts a schedule has: ten years by month.
const maxRepayments = 120

// ScheduleRecovery says by which days what is outstanding of a clawback is to be paid back. A later schedule replaces the earlier one, for what is
// outstanding then.
type ScheduleRecovery struct {
	Head
	Clawback    ClawbackID  `json:"clawback"`
	Instalments []Repayment `json:"instalments"`
	Reason      string      `json:"reason,omitzero"`
}

// RecoveryScheduled says when what is outstanding of a clawback is due.
type RecoveryScheduled struct {
	Clawback    ClawbackID    `json:"clawback"`
	Payout      PayoutID      `json:"payout"`
	Application ApplicationID `json:"application,omitzero"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Instalments []Repayment   `json:"instalments"`
	Reason      string        `json:"reason,omitzero"`
}

// Name is "schedule_recovery".
func (ScheduleRecovery) Name() string { return "schedule_recovery" }

// Name is "recovery_scheduled".
func (RecoveryScheduled) Name() string { return "recovery_scheduled" }

// Entity is the application, or the enterprise of a payout outside any application.
func (e RecoveryScheduled) Entity() (string, string) { return chargedEntity(e.Application, e.Charge) }

func (c *ScheduleRecovery) about(s *State) Concern {
	return s.onPayout(s.clawbacks.get(c.Clawback).payout)
}

func (c *ScheduleRecovery) decide(s *State, _ Date) ([]Event, *Refusal) {
	order, r := s.checkClawback(c.Clawback)
	if r != nil {
		return nil, r
	}
	if r := checkTexts("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, latest(order.orderedOn, order.scheduledOn())); r != nil {
		return nil, r
	}
	asked, r := checkRepayments(c.Instalments, latest(order.orderedOn, c.Date))
	if r != nil {
		return nil, r
	}
	if left := order.outstanding(); asked != left {
		return nil, refuse(CodeScheduleDiffers, "clawback", c.Clawback, "limit", left, "asked", asked, "short_by", someOf(left.Sub(asked).OrNone()),
			"over_by", someOf(asked.Sub(left).OrNone()))
	}
	p := s.payouts.get(order.payout)
	return []Event{&RecoveryScheduled{Clawback: c.Clawback, Payout: order.payout, Application: p.application, Charge: p.charge, SupportYear: p.year,
		Instalments: c.Instalments, Reason: c.Reason}}, nil
}

// checkRepayments checks what a schedule says, and adds it up: at least one part, amounts above zero, days in order, none before the first that may be
// and none twice. The first that may be is the day of the schedule: it counts from then on, and who agrees to it owes nothing before. What was agreed
// on an earlier day is dated so.
func checkRepayments(list []Repayment, earliest Date) (sum Money, _ *Refusal) {
	switch {
	case len(list) == 0:
		return sum, refuse(CodeFieldMissing, "field", "instalments")
	case len(list) > maxRepayments:
		return sum, refuse(CodeFieldInvalid, "field", "instalments", "value", len(list), "reason", ReasonTooMany, "limit", maxRepayments)
	}
	for _, part := range list {
		if part.DueOn.IsZero() {
			return sum, refuse(CodeFieldMissing, "field", "due_on")
		}
		if r := checkAmount("amount", part.Amount); r != nil {
			return sum, r
		}
		if r := checkOrder("due_on", part.DueOn, earliest); r != nil {
			return sum, r
		}
		sum, earliest = sum.Add(part.Amount), part.DueOn.Next()
	}
	return sum, nil
}

func (e *RecoveryScheduled) concerns() Concern {
	return onCharge(e.Application, e.Charge, e.SupportYear)
}

// counts nothing: a schedule says when, not how much.
func (e *RecoveryScheduled) counts(*moved) {}

func (e *RecoveryScheduled) command(h Head) Command {
	return &ScheduleRecovery{Head: h, Clawback: e.Clawback, Instalments: e.Instalments, Reason: e.Reason}
}

func (e *RecoveryScheduled) describe() Text {
	var sum Money
	var first, last Date
	for i, part := range e.Instalments {
		if sum, last = sum.Add(part.Amount), part.DueOn; i == 0 {
			first = part.DueOn
		}
	}
	return both("安排分 %d 期退还 %s，首期于 %s、末期于 %s 到期", "to be paid back in parts: %d, together %s, the first by %s, the last by %s",
		len(e.Instalments), sum, first, last)
}

func (e *RecoveryScheduled) apply(s *State, by Deed) {
	s.clawbacks.update(e.Clawback, func(c *clawback) {
		c.schedules = append(slices.Clip(c.schedules), repaymentPlan{by.Date, e.Instalments})
	})
}

// repaymentPlan is when a clawback is to be paid back, from a day on.
type repaymentPlan struct {
	on   Date
	list []Repayment
}

// scheduledOn is the day of the last schedule; none: there is none.
func (c clawback) scheduledOn() Date {
	if len(c.schedules) == 0 {
		return Date{}
	}
	return c.schedules[len(c.schedules)-1].on
}

// Unpaid is what is left to pay of each part of a schedule, in its order, when so much is outstanding: what is settled settles what is due
// first. What is outstanding beyond the schedule, for a recovery that came in before it was reversed, is due with the first part.
func Unpaid(list []Repayment, outstanding Money) []Repayment {
	left := slices.Clone(list)
	for i := len(left) - 1; i >= 0; i-- {
		if i > 0 {
			left[i].Amount = Lesser(left[i].Amount, outstanding)
		} else {
			left[i].Amount = outstanding
		}
		outstanding = outstanding.Sub(left[i].Amount)
	}
	return left
}

// parts are those of the schedule that stands now.
func (c clawback) parts() []Repayment {
	if len(c.schedules) == 0 {
		return []Repayment{{c.dueOn, c.ordered}}
	}
	return c.schedules[len(c.schedules)-1].list
}

// outstandingOn is what is outstanding on a day, as far as is known now.
func (c clawback) outstandingOn(day Date) Money {
	if c.orderedOn.After(day) {
		return NoMoney
	}
	left := c.ordered
	for _, m := range c.settled {
		if !m.on.After(day) {
			left = left.Sub(m.by)
		}
	}
	return left.OrNone()
}

// unpaidOn is what is left to pay on a day, by the days it is due: by the schedule that stood then. What is due on no day says none.
func (c clawback) unpaidOn(day Date) []Repayment {
	list := []Repayment{{c.dueOn, c.ordered}}
	for _, one := range c.schedules {
		if !one.on.After(day) {
			list = one.list
		}
	}
	return Unpaid(list, c.outstandingOn(day))
}

// settle notes what settles a clawback, or below zero what does no more, on a day.
func (c *clawback) settle(on Date, amount Money) { c.settled = move(c.settled, on, 0, amount) }

// clawbackDays is after how many days a clawback under a clause is due where nothing else is said; 0: on no day.
func (s *State) clawbackDays(c ClauseID) int {
	of, _ := s.policyOf(c)
	if of.policy == nil {
		return 0
	}
	return of.policy.ClawbackDueDays
}
