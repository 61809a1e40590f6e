package audit

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/fundledger/fundledger/domain"
)

// What only shows in many payments together.

// splits are runs of payouts on one account and support year, each below the threshold, together at or above it, within some days.
func (a *analysis) splits() (list []Finding) {
	type key struct {
		domain.AccountLine
		application domain.ApplicationID
	}
	groups := map[key][]payment{}
	for _, p := range a.payouts {
		if p.amount.Less(a.limits.SplitThreshold) && !a.undone[p.id] {
			k := key{domain.AccountLine{Account: p.account, SupportYear: p.year}, p.application}
			groups[k] = append(groups[k], p)
		}
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(x, y key) int { return cmp.Compare(groups[x][0].seq, groups[y][0].seq) })
	for _, k := range keys {
		group := groups[k]
		slices.SortStableFunc(group, func(x, y payment) int {
			return x.paidOn.Time(domain.Shanghai).Compare(y.paidOn.Time(domain.Shanghai))
		})
		list = a.splitsOf(list, group)
	}
	return list
}

// splitsOf finds the runs of one group, which is in the order of its days. The window moves on, and its sum with it.
func (a *analysis) splitsOf(list []Finding, group []payment) []Finding {
	total, first, next := domain.NoMoney, 0, 0
	for first < len(group) {
		for next < len(group) && daysBetween(group[first].paidOn, group[next].paidOn) <= a.limits.SplitDays {
			total = total.Add(group[next].amount)
			next++
		}
		if next-first > 1 && !total.Less(a.limits.SplitThreshold) {
			list = append(list, a.split(group[first:next], total))
			total, first = domain.NoMoney, next
			continue
		}
		total = total.Sub(group[first].amount)
		first++
	}
	return list
}

func (a *analysis) split(run []payment, total domain.Money) Finding {
	var events []uint64
	for _, p := range run {
		events = append(events, p.seq)
	}
	first, last := run[0], run[len(run)-1]
	account := accountName(first.account.Clause, first.account.Subject) + " " + first.year.String()
	return found(codeSplit, fmt.Sprintf("payouts from %s (%s)", first.paidOn, first.id), events, "account", account, "enterprise", string(first.enterprise),
		"clause", string(first.clause), "from", first.paidOn.String(), "to", last.paidOn.String(), "count", fmt.Sprint(len(run)), "amount", total.String(),
		"threshold", a.limits.SplitThreshold.String())
}

// Benford compares the first digits of payouts with Benford's law.
type Benford struct {
	Count    int    `json:"count"`
	Digits   [9]int `json:"digits"` // how many begin with 1 to 9
	Expected [9]int `json:"expected"`
	MAD      string `json:"mean_absolute_deviation"` // four places
	Conforms bool   `json:"conforms"`                // deviation at most 0.015
	// Meaningful says that the law may be expected to hold: enough amounts, over three powers of ten, and few of them equal.
	Meaningful bool        `json:"meaningful"`
	Caveat     domain.Text `json:"caveat"`
}

func (a *analysis) benford() Benford {
	b := Benford{Count: len(a.payouts)}
	low, high := int64(math.MaxInt64), int64(0)
	same := map[int64]int{}
	commonest := 0
	for _, p := range a.payouts {
		fen := p.amount.Fen()
		low, high = min(low, fen), max(high, fen)
		same[fen]++
		commonest = max(commonest, same[fen])
		b.Digits[firstDigit(fen)-1]++
	}
	deviation := 0.0
	for d := range 9 {
		share := math.Log10(1 + 1/float64(d+1))
		b.Expected[d] = int(math.Round(share * float64(b.Count)))
		if b.Count > 0 {
			deviation += math.Abs(float64(b.Digits[d])/float64(b.Count)-share) / 9
		}
	}
	b.MAD = fmt.Sprintf("%.4f", deviation)
	b.Conforms = deviation <= 0.015
	switch {
	case b.Count < a.limits.FewAmounts:
		b.Caveat = domain.Text{ZH: fmt.Sprintf("仅 %d 笔支付，不足 %d 笔，结果没有意义。", b.Count, a.limits.FewAmounts),
			EN: fmt.Sprintf("There are only %d payouts; below %d the result means nothing.", b.Count, a.limits.FewAmounts)}
	case high/max(low, 1) < 1000:
		b.Caveat = domain.Text{ZH: "金额受上限约束，跨度不足三个数量级，本福特定律不适用，结果没有意义。",
			EN: "Amounts bounded by caps span less than three powers of ten: the law does not apply, and the result means nothing."}
	case commonest*20 > b.Count:
		b.Caveat = domain.Text{ZH: "同一金额占 5% 以上（定额或上限支持），本福特定律不适用，结果没有意义。",
			EN: "More than 5 % of the amounts are one and the same (fixed or capped support): the law does not apply, and the result means nothing."}
	default:
		b.Meaningful = true
		b.Caveat = domain.Text{ZH: "请结合上限和定额支持判断。", EN: "Judge it together with caps and fixed amounts."}
	}
	return b
}

func firstDigit(n int64) int64 {
	for n > 9 {
		n /= 10
	}
	return max(n, 1)
}

func (a *analysis) unusualDigits() []Finding {
	b := a.benford()
	if b.Conforms || !b.Meaningful { // what means nothing is told with the digits, and found nowhere
		return nil
	}
	return []Finding{found(codeBenford, "payouts", nil, "count", fmt.Sprint(b.Count), "mad", b.MAD,
		"caveat_zh", b.Caveat.ZH, "caveat_en", b.Caveat.EN)}
}

// roundAmounts are departments that approved far more round amounts than all together: three standard deviations of a share.
func (a *analysis) roundAmounts() (list []Finding) {
	type tally struct {
		all, round int
		events     []uint64
	}
	of := map[domain.DepartmentID]*tally{}
	var total tally
	for _, p := range a.payouts {
		t := of[p.department]
		if t == nil {
			t = &tally{}
			of[p.department] = t
		}
		t.all++
		total.all++
		if p.amount.Fen()%a.limits.RoundUnit.Fen() == 0 {
			t.round++
			total.round++
			t.events = append(t.events, p.seq)
		}
	}
	for _, d := range slices.Sorted(maps.Keys(of)) {
		t := of[d]
		if d == "" || t.all < 30 {
			continue
		}
		share, all := float64(t.round)/float64(t.all), float64(total.round)/float64(total.all)
		if share-all <= 3*math.Sqrt(all*(1-all)/float64(t.all)) {
			continue
		}
		list = append(list, found(codeRound, "department "+string(d), t.events, "department", string(d), "count", fmt.Sprint(t.all), "round", fmt.Sprint(t.round),
			"unit", a.limits.RoundUnit.String(), "share", fmt.Sprintf("%.1f", 100*share), "all", fmt.Sprintf("%.1f", 100*all)))
	}
	return list
}
