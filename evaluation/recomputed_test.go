package evaluation_test

import (
	"fmt"
	"math/big"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/evaluation"
)

// The test is made again in another way: every subset of those compared as a bit mask, and the difference itself, as a fraction, in each. The formula is the
// textbook's: p = #{assignments with T ≥ T observed} / #{assignments}, T = ȳ(treated) − ȳ(control) (Ernst, Permutation Methods, Statistical Science 19, 2004, (2)).
func TestThePermutationTestIsMadeAgainByMasks(t *testing.T) {
	for name, better := range map[string]domain.Direction{"more": domain.BetterMore, "less": domain.BetterLess} {
		m := example49(t, better).measured(2025)
		var changes []*big.Rat
		observed := uint(0)
		for _, c := range m.Cases {
			if c.Role == evaluation.LeftOut {
				continue
			}
			change := new(big.Rat).Sub(rat(c.After.Value), rat(c.Before.Value))
			if better == domain.BetterLess {
				change.Neg(change)
			}
			if c.Role == evaluation.Supported {
				observed |= 1 << len(changes)
			}
			changes = append(changes, change)
		}
		hits, all := int64(0), int64(0)
		for mask := range uint(1) << len(changes) {
			if bits.OnesCount(mask) == bits.OnesCount(observed) {
				if all++; apart(changes, mask).Cmp(apart(changes, observed)) >= 0 {
					hits++
				}
			}
		}
		if got := m.Compare([32]byte{}).Test.P(); got.Cmp(big.NewRat(hits, all)) != 0 {
			t.Errorf("%s: p is %s, by masks %d/%d", name, got, hits, all)
		}
	}
}

func rat(d decimal.Decimal) *big.Rat { return d.Rat() }

// apart is the difference of the means of those in a mask and of the others.
func apart(changes []*big.Rat, mask uint) *big.Rat {
	var sums [2]big.Rat
	var n [2]int64
	for i, c := range changes {
		in := mask >> i & 1
		sums[in].Add(&sums[in], c)
		n[in]++
	}
	for i := range sums {
		sums[i].Quo(&sums[i], big.NewRat(n[i], 1))
	}
	return sums[1].Sub(&sums[1], &sums[0])
}

// many is a fund of so many enterprises, of which some are supported.
func many(t testing.TB, n, supported int) *evaluation.Measured {
	f := newFund(t, indicator(domain.BetterMore))
	for i := range n {
		id := f.enterprise(i+1, "ai", map[string]string{"2024": "1000", "2025": fmt.Sprint(1000 + (i*37)%101)})
		if i < supported {
			f.paid(id, "1.1a", 2025, "1.00")
		}
	}
	return f.measured(2025)
}

// Beyond 100,000 assignments they are drawn: the same by the same seed, others by another, near what is exact, and the smaller side is as good as the larger one.
func TestDrawsAreTheSeeds(t *testing.T) {
	for _, c := range []struct{ n, k int }{{20, 10}, {24, 19}, {24, 5}} {
		m := many(t, c.n, c.k)
		one, again, other := m.Compare([32]byte{1}).Test, m.Compare([32]byte{1}).Test, m.Compare([32]byte{2}).Test
		exact := big.NewInt(0).Binomial(int64(c.n), int64(c.k)).Int64() <= evaluation.MostExact
		if one.Drawn == exact || *one != *again || !exact && *one == *other {
			t.Errorf("%d of %d: %+v, %+v, %+v", c.k, c.n, one, again, other)
		}
		p, _ := one.P().Float64()
		q, _ := other.P().Float64()
		if p-q > 0.03 || q-p > 0.03 || p <= 0 || p > 1 {
			t.Errorf("%d of %d: p is %v and %v", c.k, c.n, p, q)
		}
	}
}

// What is lacking is said, and who lacks it is left out with the reason; nothing is made up.
func TestWhatIsLackingIsSaid(t *testing.T) {
	f := newFund(t, indicator(domain.BetterMore))
	level := func(before, after string) map[string]string {
		m := map[string]string{}
		if before != "" {
			m["2024"] = before
		}
		if after != "" {
			m["2025"] = after
		}
		return m
	}
	for i, c := range []struct {
		industry domain.IndustryID
		levels   map[string]string
		clause   domain.ClauseID // it is paid under; "": nothing
		year     domain.SupportYear
		role     evaluation.Role
		why      evaluation.Why
	}{
		{"ai", level("1000", "1100"), "1.1a", 2025, evaluation.Supported, ""},
		{"ai", level("0", "50"), "1.1a", 2025, evaluation.Supported, ""}, // growth is undefined
		{"ai", level("", "50"), "1.1a", 2025, evaluation.LeftOut, evaluation.NoBaseline},
		{"ai", level("50", ""), "1.1a", 2025, evaluation.LeftOut, evaluation.NoValue},
		{"ai", level("1250", "1"), "", 0, evaluation.Control, ""}, // on the edge
		{"ai", level("750", "1"), "", 0, evaluation.Control, ""},
		{"ai", level("1250.0001", "1"), "", 0, evaluation.LeftOut, evaluation.Alone},
		{"ai", level("749.9999", "1"), "", 0, evaluation.LeftOut, evaluation.Alone},
		{"ai", level("0", "1"), "", 0, evaluation.Control, ""},
		{"ai", level("-1000", "1"), "", 0, evaluation.LeftOut, evaluation.Alone},
		{"smart-internet", level("1000", "1"), "", 0, evaluation.LeftOut, evaluation.Alone},
		{"ai", level("1000", "1"), "1.2c", 2025, evaluation.LeftOut, evaluation.Elsewhere},
		{"ai", level("1000", "1"), "1.1a", 2024, evaluation.LeftOut, evaluation.Earlier},
		{"ai", level("1000", "1"), "1.1a", 2026, evaluation.Control, ""}, // later is not yet
	} {
		id := f.enterprise(i+1, c.industry, c.levels)
		if c.clause != "" {
			f.paid(id, c.clause, c.year, "2.00")
		}
		m := f.measured(2025)
		at := slices.IndexFunc(m.Cases, func(one evaluation.Case) bool { return one.Enterprise == id })
		if got := m.Cases[at]; got.Role != c.role || got.Why != c.why {
			t.Errorf("%d: %s, %q", i, got.Role, got.Why)
		}
	}
	m := f.measured(2025)
	c := m.Compare([32]byte{})
	if c.Test != nil || c.Supported.N != 2 || c.Control.N != 4 || c.Undefined != 2 || m.Recipients != 4 || m.NetPaid.String() != "8.00" {
		t.Errorf("%+v", c)
	}
	told := m.Tell(c)
	for _, part := range []string{"不作检验", "增长率无定义", "不能证明因果", "无基期值", "无更早年度的趋势"} {
		if !strings.Contains(told.ZH, part) {
			t.Errorf("%q does not say %q", told.ZH, part)
		}
	}
	// Money that came back is no support.
	g := example49(t, domain.BetterMore)
	g.give(&domain.ReturnPayout{Head: by(domain.Treasurer, "finance"), Payout: "P-4", Amount: domain.Yuan(1_000_000)})
	if c := g.measured(2025).Compare([32]byte{}); c.Supported.N != 2 || c.Test != nil {
		t.Errorf("with a payout returned: %+v", c.Supported)
	}
	// A fact that is corrected changes the next result; the state that was shown before is another.
	before := example49(t, domain.BetterMore)
	was := before.measured(2025)
	before.give(&domain.CorrectFact{Head: by(domain.Clerk, "finance"), Enterprise: code(1), Fact: "turnover", Period: "2025", Value: "10000000.00", Reason: "误报"})
	if a, b := said(was.Compare([32]byte{}).Difference()), said(before.measured(2025).Compare([32]byte{}).Difference()); a != "2683333.3333" || b == a {
		t.Errorf("%s, corrected %s", a, b)
	}
}

// Whoever is no control is left out by name, with one reason, the same each time: those with nothing left net, merged, waiting or supported otherwise. Who was turned away and
// paid is supported.
func TestWhoIsLeftOutIsNamed(t *testing.T) {
	f := newFund(t, indicator(domain.BetterMore))
	applied := func(id domain.EnterpriseID, more ...domain.Command) {
		a := domain.ApplicationID("A-" + string(id))
		parts := []domain.Instalment{{SupportYear: 2026, Amount: domain.Yuan(100)}}
		f.give(&domain.SubmitApplication{Head: by(domain.Clerk, "commerce"), Application: a, Enterprise: id, Clause: "1.1a", Title: "规模支持", Requested: parts})
		for _, c := range more {
			switch c := c.(type) {
			case *domain.AcceptApplication:
				c.Head, c.Application = by(domain.Clerk, "commerce"), a
			case *domain.RecordReview:
				c.Head, c.Application, c.Opinion, c.Comment = by(domain.Reviewer, "commerce"), a, domain.Support, "同意"
			case *domain.ApproveApplication:
				c.Head, c.Application, c.Instalments, c.Reason = by(domain.Approver, "commerce"), a, parts, "专题会"
			case *domain.RejectApplication:
				c.Head, c.Application, c.Reason = by(domain.Approver, "commerce"), a, "不符"
			case *domain.WithdrawApplication:
				c.Head, c.Application, c.Reason = by(domain.Clerk, "commerce"), a, "企业撤回"
			}
			f.give(c)
		}
	}
	booked := func(id domain.EnterpriseID) domain.PayoutID {
		p := domain.PayoutID(fmt.Sprint("P-", f.given))
		f.paid(id, "1.1a", 2026, "5.00")
		return p
	}
	cases := []struct {
		name string
		role evaluation.Role
		why  evaluation.Why
		away string
		done func(domain.EnterpriseID)
	}{
		{"paid", evaluation.Supported, "", "", func(id domain.EnterpriseID) { booked(id) }},
		{"never supported", evaluation.Control, "", "", func(domain.EnterpriseID) {}},
		{"rejected", evaluation.Control, "", "rejected", func(id domain.EnterpriseID) {
			applied(id, &domain.AcceptApplication{}, &domain.RecordReview{}, &domain.RejectApplication{})
		}},
		{"withdrawn", evaluation.Control, "", "withdrawn", func(id domain.EnterpriseID) { applied(id, &domain.WithdrawApplication{}) }},
		{"turned away and paid", evaluation.Supported, "", "withdrawn", func(id domain.EnterpriseID) {
			applied(id, &domain.WithdrawApplication{})
			booked(id)
		}},
		{"approved and not paid", evaluation.LeftOut, evaluation.Unpaid, "", func(id domain.EnterpriseID) {
			applied(id, &domain.AcceptApplication{}, &domain.RecordReview{}, &domain.ApproveApplication{})
		}},
		{"paid, and all of it came back", evaluation.LeftOut, evaluation.Unpaid, "", func(id domain.EnterpriseID) {
			f.give(&domain.ReturnPayout{Head: by(domain.Treasurer, "finance"), Payout: booked(id), Amount: domain.Yuan(5)})
		}},
		{"paid, and a part of it came back", evaluation.Supported, "", "", func(id domain.EnterpriseID) {
			f.give(&domain.ReturnPayout{Head: by(domain.Treasurer, "finance"), Payout: booked(id), Amount: domain.Yuan(4)})
		}},
		{"booked by mistake", evaluation.Control, "", "", func(id domain.EnterpriseID) {
			f.give(&domain.ReverseBooking{Head: by(domain.Treasurer, "finance"), Payout: booked(id), Reason: "误记", Document: "长财〔2026〕1号"})
		}},
		{"waiting", evaluation.LeftOut, evaluation.Waiting, "", func(id domain.EnterpriseID) { applied(id) }},
		{"merged", evaluation.LeftOut, evaluation.Merged, "", func(id domain.EnterpriseID) {
			f.give(&domain.MergeEnterprises{Head: by(domain.Clerk, "market"), From: id, Into: code(1), Document: "工商登记"})
		}},
		{"supported elsewhere and earlier", evaluation.LeftOut, evaluation.Elsewhere, "", func(id domain.EnterpriseID) {
			f.paid(id, "1.1a", 2025, "1.00")
			f.paid(id, "1.2c", 2026, "1.00")
			f.paid(id, "1.1a", 2024, "1.00")
		}},
	}
	for i, c := range cases {
		c.done(f.enterprise(i+1, "ai", map[string]string{"2025": "1000", "2026": "1100"}))
	}
	for range 5 { // what maps hold comes in another order each time
		m := f.measured(2026)
		for i, c := range cases {
			if got := m.Cases[i]; got.Enterprise != code(i+1) || got.Role != c.role || got.Why != c.why || got.TurnedAway != c.away {
				t.Errorf("%s: %s, %q, turned away %q", c.name, got.Role, got.Why, got.TurnedAway)
			}
		}
		c := m.Compare([32]byte{})
		if told := m.Tell(c).EN; c.Both != 1 || c.LeftOut[evaluation.Unpaid] != 2 || !strings.Contains(told, "2 left out (approved or paid, nothing left net)") {
			t.Errorf("%+v: %s", c, told)
		}
	}
}

// What is made of a fraction is rounded once: a third beyond the controls for a million is three millions for one.
func TestCostIsOfTheFraction(t *testing.T) {
	c := evaluation.Comparison{Supported: evaluation.Side{N: 1, After: decimal.NewFromInt(1)}, Control: evaluation.Side{N: 3, After: decimal.NewFromInt(2)}, Net: domain.Yuan(1_000_000)}
	if cost := said(c.UnitCost()); cost != "3000000.0000" || said(c.Beyond()) != "0.3333" || said(c.PerYuan()) != "0.0000" {
		t.Errorf("a unit costs %s", cost)
	}
}

// An indicator without a fact is told so, and a target is what is attained by.
func TestScores(t *testing.T) {
	f := example49(t, domain.BetterMore)
	f.give(&domain.SetTarget{Head: by(domain.Clerk, "commerce"), Clause: "1.1a", Indicator: "growth", Year: 2025, Value: "50000000.00"})
	if a, is := f.measured(2025).Attained(); !is || !a.Set || a.Score.String() != "90" {
		t.Errorf("45 of 50 million: %+v", a)
	}
	people := indicator(domain.BetterMore)
	people.Fact = ""
	m := newFund(t, people).measured(2025)
	if _, is := m.Attained(); is || !strings.Contains(m.Tell(m.Compare([32]byte{})).EN, "no fact measures it") {
		t.Error("an indicator without a fact has a score")
	}
	if c := evaluation.Concentrated([]domain.Money{domain.Yuan(60), domain.Yuan(40), domain.NoMoney}); c.Enterprises != 2 || c.HHI.String() != "5200" || c.Share.String() != "1" {
		t.Errorf("%+v", c)
	}
	if c := evaluation.Concentrated(nil); c.Enterprises != 0 || !c.HHI.IsZero() {
		t.Errorf("of nobody: %+v", c)
	}
}

// All that a fund of 10⁵ enterprises has is gathered and compared.
func BenchmarkEvaluation(b *testing.B) {
	f := newFund(b, indicator(domain.BetterMore))
	for i := range 100_000 {
		id := f.enterprise(i+1, "ai", map[string]string{"2024": "1000", "2025": fmt.Sprint(1000 + i%101)})
		if i%10 == 0 {
			f.paid(id, "1.1a", 2025, "1.00")
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		f.measured(2025).Compare([32]byte{})
	}
}
