package domain

import (
	"fmt"
	"math/big"
	"strings"
)

// InterestRate is what is owed, in percent a year, on money that is ordered back, from a day on.
type InterestRate struct {
	From   Date           `json:"from"`
	Rate   Money          `json:"rate"`   // percent, with two decimals: "3.00"
	Method InterestMethod `json:"method"` // how it is reckoned
	Basis  DayCount       `json:"basis"`  // how days are counted
}

// InterestMethod says how interest is reckoned.
type InterestMethod string

// SimpleInterest bears no interest itself.
const SimpleInterest InterestMethod = "simple"

// DayCount says how the days of interest are counted.
type DayCount string

// Actual365 counts every day, and a year as 365.
const Actual365 DayCount = "actual/365"

// maxRates bounds how many rates a policy has.
const maxRates = 100

func (p *Policy) checkRates() error {
	if len(p.LateInterest) > maxRates {
		return wrong("late_interest", "共 %d 项，至多 %d 项", "there are %d, at most %d are taken", len(p.LateInterest), maxRates)
	}
	for i, one := range p.LateInterest {
		path := fmt.Sprintf("late_interest[%d]", i)
		switch {
		case one.From.IsZero():
			return wrong(path+".from", "须写明起算日期", "the day from which it counts is needed")
		case i > 0 && !one.From.After(p.LateInterest[i-1].From):
			return wrong(path+".from", "%s 不晚于前一项的 %s", "%s is not after %s, of the one before", one.From, p.LateInterest[i-1].From)
		case one.Rate.Less(NoMoney) || one.Rate.More(Yuan(100)):
			return wrong(path+".rate", "须在 0.00 至 100.00（%%）之间", "is from 0.00 to 100.00 percent")
		case one.Method != SimpleInterest:
			return wrong(path+".method", "须为 simple（单利），不能是 %q", "is simple, not %q", Clip(string(one.Method), 20))
		case one.Basis != Actual365:
			return wrong(path+".basis", "须为 actual/365（按实际天数，一年 365 天），不能是 %q", "is actual/365, not %q", Clip(string(one.Basis), 20))
		}
	}
	return nil
}

// Interest is what is owed on an amount besides, and what it is reckoned from.
type Interest struct {
	On     Money // the amount
	Amount Money
	Days   int
	Pieces []InterestPiece // of different rates, in their order
}

// InterestPiece is a time under one rate: its days are those after From, up to To.
type InterestPiece struct {
	From, To Date
	Days     int
	Rate     Money
}

// InterestOn is the late interest on an amount that was paid on a day and ordered back on another: simple, of the actual days between the two, a year
// of 365, piece by piece under the rate in force, rounded once, half up to the fen. Before the first rate there is none. False: the policy has no rates.
func (p *Policy) InterestOn(amount Money, paid, ordered Date) (Interest, bool) {
	if len(p.LateInterest) == 0 {
		return Interest{}, false
	}
	of := Interest{On: amount}
	weight := int64(0) // days by hundredths of a percent
	for i, one := range p.LateInterest {
		from, to := latest(paid, one.From), ordered
		if i+1 < len(p.LateInterest) && p.LateInterest[i+1].From.Before(to) {
			to = p.LateInterest[i+1].From
		}
		if days := DaysBetween(from, to); days > 0 {
			of.Pieces = append(of.Pieces, InterestPiece{from, to, days, one.Rate})
			of.Days += days
			weight += int64(days) * one.Rate.fen
		}
	}
	const whole = 100 * 100 * 365
	sum := new(big.Int).Mul(big.NewInt(amount.fen), big.NewInt(2*weight))
	sum.Div(sum.Add(sum, big.NewInt(whole)), big.NewInt(2*whole))
	if !sum.IsInt64() || sum.Int64() > maxFen {
		sum.SetInt64(maxFen)
	}
	of.Amount = Fen(sum.Int64())
	return of, true
}

// Formula is how the interest is reckoned, with its figures: 300000.00 × 3.00% × 59 ÷ 365 = 1454.79.
func (i Interest) Formula() string {
	parts := make([]string, len(i.Pieces))
	for k, one := range i.Pieces {
		parts[k] = fmt.Sprintf("%s%% × %d", one.Rate, one.Days)
	}
	switch len(parts) {
	case 0:
		return i.On.String() + " × 0 = " + i.Amount.String()
	case 1:
		return fmt.Sprintf("%s × %s ÷ 365 = %s", grouped(i.On.String()), parts[0], grouped(i.Amount.String()))
	}
	return fmt.Sprintf("%s × (%s) ÷ 365 = %s", grouped(i.On.String()), strings.Join(parts, " + "), grouped(i.Amount.String()))
}

// lateInterest is that on an amount of a clawback; false: its policy has no rates.
func (s *State) lateInterest(c clawback, amount Money) (Interest, bool) {
	p := s.payouts.get(c.payout)
	of, _ := s.policyOf(p.charge.Applied())
	if of.policy == nil {
		return Interest{}, false
	}
	return of.policy.InterestOn(amount, p.paidOn, c.orderedOn)
}

// checkInterest is the finding on interest that is not what is reckoned; nil where it is, where none is said, or where the policy has no rates.
func (s *State) checkInterest(id ClawbackID, c clawback, amount, said Money) *Refusal {
	due, has := s.lateInterest(c, amount)
	if !has || said.IsZero() || said == due.Amount {
		return nil
	}
	return refuse(CodeInterestDiffers, "clawback", id, "asked", said, "limit", due.Amount, "days", due.Days, "amount", amount)
}
