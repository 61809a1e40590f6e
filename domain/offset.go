package domain

import "slices"

// OffsetRecovery settles what is outstanding of a clawback out of an unpaid instalment of the same enterprise: a payout that is all kept back, and a
// recovery, in one decision. It is a payout, and refused as one is. It needs no day on which the clawback is due, and no policy that offsets: a person
// decides. Where the policy refuses debtors it is refused while something is overdue, as a payout is: there support waits until the money is back.
type OffsetRecovery struct {
	Head
	Recovery    RecoveryID    `json:"recovery"`
	Clawback    ClawbackID    `json:"clawback"`
	Application ApplicationID `json:"application"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Interest    Money         `json:"interest,omitzero"` // kept back besides
	Payout      PayoutID      `json:"payout,omitzero"`   // that settles the instalment; left out: called what the recovery is
	Reason      string        `json:"reason,omitzero"`
}

// RecoveryOffset says that a person offset a clawback. The payout that settles the instalment, and the recovery, stand behind it in the same decision.
type RecoveryOffset struct {
	Recovery    RecoveryID    `json:"recovery"`
	Clawback    ClawbackID    `json:"clawback"`
	Payout      PayoutID      `json:"payout"` // that is kept back
	Application ApplicationID `json:"application"`
	Charge      Charge        `json:"charge"`
	SupportYear SupportYear   `json:"support_year"`
	Amount      Money         `json:"amount"`
	Interest    Money         `json:"interest,omitzero"`
	Reason      string        `json:"reason,omitzero"`
}

// Name is "offset_recovery".
func (OffsetRecovery) Name() string { return "offset_recovery" }

// Name is "recovery_offset".
func (RecoveryOffset) Name() string { return "recovery_offset" }

// Entity is the application.
func (e RecoveryOffset) Entity() (string, string) { return "application", string(e.Application) }

func (c *OffsetRecovery) about(s *State) Concern {
	return s.onApplication(c.Application, c.SupportYear)
}

func (c *OffsetRecovery) forms() []Command {
	return without(*c, c.Payout == PayoutID(c.Recovery), func(o *OffsetRecovery) { o.Payout = "" })
}

// payment is the payout that settles the instalment.
func (c *OffsetRecovery) payment() *MakePayout {
	p := &MakePayout{Head: c.Head, Payout: c.Payout, Application: c.Application, SupportYear: c.SupportYear, Amount: c.Amount.Add(c.Interest)}
	if p.Payout == "" {
		p.Payout = PayoutID(c.Recovery)
	}
	return p
}

func (c *OffsetRecovery) decide(s *State, today Date) ([]Event, *Refusal) {
	order, r := s.checkRecovering(c.Recovery, c.Clawback, c.Amount, c.Interest)
	if r != nil {
		return nil, r
	}
	if r := checkTexts("reason", c.Reason); r != nil {
		return nil, r
	}
	if r := checkOrder("date", c.Date, order.orderedOn); r != nil {
		return nil, r
	}
	if r := order.checkLeft(c.Clawback, c.Amount); r != nil {
		return nil, r
	}
	made, r := c.payment().payable(s, today)
	if r != nil {
		return nil, r
	}
	if owing := s.payouts.get(order.payout).charge.Enterprise; !slices.Contains(s.clawbacksOf(made.Charge.Enterprise), c.Clawback) {
		return nil, refuse(CodeOffsetElsewhere, "clawback", c.Clawback, "enterprise", owing, "application", c.Application, "payee", made.Charge.Enterprise)
	}
	if s.debtorsOn(made.Charge.Applied(), c.Date) == DebtorRefuse {
		if r := s.checkDebts(made.Charge.Enterprise, c.Date); r != nil {
			return nil, r
		}
	}
	events := s.split(made, Deed{Actor: c.Actor, Date: c.Date}, []keeping{{c.Clawback, c.Amount, c.Interest, c.Recovery}})
	if r := s.checkInterest(c.Clawback, order, c.Amount, c.Interest); r != nil {
		got := events[1].(*RecoveryReceived)
		got.Findings = append(got.Findings, r.finding())
	}
	return append([]Event{&RecoveryOffset{Recovery: c.Recovery, Clawback: c.Clawback, Payout: made.Payout, Application: c.Application, Charge: made.Charge,
		SupportYear: c.SupportYear, Amount: c.Amount, Interest: c.Interest, Reason: c.Reason}}, events...), nil
}

// rooms are those of the payout, where what it is about is known.
func (c *OffsetRecovery) rooms(s *State, today Date) ([]Room, *Refusal) {
	return c.payment().rooms(s, today)
}

func (e *RecoveryOffset) concerns() Concern { return onCharge(e.Application, e.Charge, e.SupportYear) }

// counts nothing: the payout and the recovery behind it do.
func (e *RecoveryOffset) counts(*moved) {}

func (e *RecoveryOffset) command(h Head) Command {
	return &OffsetRecovery{Head: h, Recovery: e.Recovery, Clawback: e.Clawback, Application: e.Application, SupportYear: e.SupportYear, Amount: e.Amount,
		Interest: e.Interest, Payout: e.Payout, Reason: e.Reason}
}

func (e *RecoveryOffset) describe() Text {
	return both("以 %s 年度未付款抵扣追回 %s，利息 %s：%s", "%[2]s of a clawback offset by what is unpaid for %[1]s, interest %[3]s: %[4]s", e.SupportYear, e.Amount, e.Interest, e.Reason)
}

func (e *RecoveryOffset) apply(*State, Deed) {}
