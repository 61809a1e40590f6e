package domain

import "testing"

func rated(rates ...InterestRate) *Policy {
	p := changning()
	p.LateInterest = rates
	return &p
}

func rate(from, percent string) InterestRate {
	return InterestRate{From: day(from), Rate: money(percent), Method: SimpleInterest, Basis: Actual365}
}

// Example 47: 300,000 paid 2025-04-03, ordered back 2025-06-01, 3.00 % simple, actual/365: 59 days, 1,454.79. A typed amount that differs is found.
func TestExample47LateInterestIsReckonedFromPaymentToOrder(t *testing.T) {
	i, _ := rated(rate("2024-01-01", "3.00")).InterestOn(money("300000.00"), day("2025-04-03"), day("2025-06-01"))
	if i.Days != 59 || i.Amount != money("1454.79") || i.Formula() != "300,000.00 × 3.00% × 59 ÷ 365 = 1,454.79" {
		t.Errorf("%d days, %s, %s", i.Days, i.Amount, i.Formula())
	}
	st := governed(t, *rated(rate("2024-01-01", "3.00"))).approved(submit("A", aiFirm, "4", "P", in(2025, "300000.00"))).on("2025-04-03").
		and(pay("M", "A", 2025, "300000.00")).on("2025-06-01").and(order("C", "M", "300000.00", CauseBreach)).on("2025-06-10")
	with := func(id RecoveryID, amount, interest string) *ReceiveRecovery {
		c := receive(id, "C", amount)
		c.Interest = money(interest)
		return c
	}
	st.when(with("R1", "100000.00", "484.93")).found().
		when(with("R2", "100000.00", "484.94")).found(CodeInterestDiffers).
		when(receive("R3", "C", "50000.00")).found() // none is said
	v, _ := st.state.Clawback("C")
	if v.Interest == nil || v.Interest.On != money("50000.00") || v.Interest.Amount != money("242.47") {
		t.Errorf("on what is outstanding: %+v", v.Interest)
	}
}

func TestLateInterestOfRatesThatChange(t *testing.T) {
	p := rated(rate("2025-01-01", "3.65"), rate("2025-01-11", "7.30"))
	for name, c := range map[string]struct {
		amount, paid, ordered, interest string
		days                            int
	}{
		"under the first":             {"1000.00", "2025-01-01", "2025-01-11", "1.00", 10},
		"over the change":             {"1000.00", "2025-01-06", "2025-01-16", "1.50", 10},
		"before the first is none":    {"1000.00", "2024-12-01", "2025-01-11", "1.00", 10},
		"on one day":                  {"1000.00", "2025-02-01", "2025-02-01", "0.00", 0},
		"half a fen is rounded up":    {"0.50", "2025-01-01", "2025-01-11", "0.00", 10},
		"five fen make half a fen":    {"5.00", "2025-01-01", "2025-01-11", "0.01", 10},
		"the largest amount is exact": {"999999999999.99", "2025-01-01", "2025-01-11", "1000000000.00", 10},
	} {
		i, has := p.InterestOn(money(c.amount), day(c.paid), day(c.ordered))
		if !has || i.Amount != money(c.interest) || i.Days != c.days {
			t.Errorf("%s: %s for %d days, not %s for %d", name, i.Amount, i.Days, c.interest, c.days)
		}
	}
	if _, has := rated().InterestOn(money("1.00"), day("2025-01-01"), day("2025-02-01")); has {
		t.Error("without rates there is interest")
	}
}

func TestAPolicysRatesAreInOrderAndKnown(t *testing.T) {
	other := func(change func(*InterestRate)) *Policy {
		r := rate("2025-01-01", "3.00")
		change(&r)
		return rated(r)
	}
	for name, p := range map[string]*Policy{
		"twice a day":      rated(rate("2025-01-01", "3.00"), rate("2025-01-01", "4.00")),
		"out of order":     rated(rate("2025-02-01", "3.00"), rate("2025-01-01", "4.00")),
		"no day":           other(func(r *InterestRate) { r.From = Date{} }),
		"below nought":     other(func(r *InterestRate) { r.Rate = Fen(-1) }),
		"beyond a hundred": other(func(r *InterestRate) { r.Rate = money("100.01") }),
		"compound":         other(func(r *InterestRate) { r.Method = "compound" }),
		"of 360 days":      other(func(r *InterestRate) { r.Basis = "actual/360" }),
	} {
		if p.Validate() == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := rated(rate("2025-01-01", "0.00"), rate("2025-02-01", "100.00")).Validate(); err != nil {
		t.Error(err)
	}
}
