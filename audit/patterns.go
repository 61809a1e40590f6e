package audit

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/fundledger/fundledger/domain"
)

// What only shows in many payments together.

// splits are runs of payouts to one enterprise under one clause, each below the threshold, together at or above it, within
// some days.
func (a *analysis) splits() (list []Finding) {
	type key struct {
		enterprise domain.EnterpriseID
		clause     domain.ClauseID
	}
	groups := map[key][]payment{}
	for _, p := range a.payouts {
		if p.amount.Less(a.limits.SplitThreshold) {
			k := key{p.enterprise, p.clause}
			groups[k] = append(groups[k], p)
		}
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(x, y key) int {
		return cmp.Or(cmp.Compare(x.enterprise, y.enterprise), cmp.Compare(x.clause, y.clause))
	})
	for _, k := range keys {
		group := groups[k]
		slices.SortStableFunc(group, func(x, y payment) int {
			return x.paidOn.Time(domain.Shanghai).Compare(y.paidOn.Time(domain.Shanghai))
		})
		for len(group) > 1 {
			n := 1
			total := group[0].amount
			for n < len(group) && daysBetween(group[0].paidOn, group[n].paidOn) <= a.limits.SplitDays {
				total = total.Add(group[n].amount)
				n++
			}
			if n < 2 || total.Less(a.limits.SplitThreshold) {
				group = group[1:]
				continue
			}
			list = append(list, a.split(group[:n], total))
			group = group[n:]
		}
	}
	return list
}

func (a *analysis) split(run []payment, total domain.Money) Finding {
	var events []uint64
	for _, p := range run {
		events = append(events, p.seq)
	}
	first, last := run[0], run[len(run)-1]
	return found(CodeSplit, fmt.Sprintf("payouts to %s under %s from %s", first.enterprise, first.clause, first.paidOn), events, "enterprise", string(first.enterprise),
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
	if b.Conforms || b.Count == 0 {
		return nil
	}
	return []Finding{found(CodeBenford, "payouts", nil, "count", fmt.Sprint(b.Count), "mad", b.MAD, "meaningful", fmt.Sprint(b.Meaningful),
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
		list = append(list, found(CodeRound, "department "+string(d), t.events, "department", string(d), "count", fmt.Sprint(t.all), "round", fmt.Sprint(t.round),
			"unit", a.limits.RoundUnit.String(), "share", fmt.Sprintf("%.1f", 100*share), "all", fmt.Sprintf("%.1f", 100*all)))
	}
	return list
}

func (a *analysis) sharedProjects() (list []Finding) {
	for _, name := range slices.Sorted(maps.Keys(a.projects)) {
		p := a.projects[name]
		if len(p.enterprises) < 2 {
			continue
		}
		var ids []string
		for _, id := range slices.Sorted(maps.Keys(p.enterprises)) {
			ids = append(ids, string(id))
		}
		list = append(list, found(CodeSharedProject, "project "+name, slices.Collect(maps.Values(p.enterprises)), "project", name, "count", fmt.Sprint(len(ids)),
			"enterprises", few(ids)))
	}
	return list
}

// similarNames are enterprises whose names, without what most names have, are equal or differ by one character that is no digit.
func (a *analysis) similarNames() (list []Finding) {
	buckets := map[string][]domain.EnterpriseID{}
	told := map[[2]domain.EnterpriseID]bool{}
	for _, id := range slices.Sorted(maps.Keys(a.names)) {
		for _, variant := range variants(core(a.names[id].name)) {
			for _, other := range buckets[variant] {
				pair := [2]domain.EnterpriseID{other, id}
				if told[pair] || other == id || !oneApart(core(a.names[other].name), core(a.names[id].name)) {
					continue
				}
				told[pair] = true
				x, y := a.names[other], a.names[id]
				list = append(list, found(CodeSimilarNames, "enterprises "+string(other)+" "+string(id), []uint64{x.seq, y.seq}, "a", string(other), "name_a", x.name,
					"b", string(id), "name_b", y.name))
			}
			if len(buckets[variant]) < 50 {
				buckets[variant] = append(buckets[variant], id)
			}
		}
		if len(list) >= MaxFindings {
			break
		}
	}
	return list
}

// common is what names share without saying who it is.
var common = strings.NewReplacer("(", "", ")", "", "(", "", ")", "", " ", "", "·", "", "上海市", "", "上海", "", "长宁区", "", "长宁", "", "股份有限公司", "",
	"有限责任公司", "", "有限公司", "", "集团", "", "co.,ltd.", "", "co., ltd.", "", "company", "", "limited", "", "inc.", "", "llc", "")

func core(name string) string { return common.Replace(strings.ToLower(name)) }

// variants are a name and what it is without one of its characters; digits stay, for series are numbered.
func variants(name string) []string {
	runes := []rune(name)
	if len(runes) < 4 {
		return []string{name}
	}
	all := []string{name}
	for i, r := range runes {
		if !unicode.IsDigit(r) {
			all = append(all, string(runes[:i])+string(runes[i+1:]))
		}
	}
	return all
}

// oneApart reports whether two names are equal, or one character of them is exchanged, added or left out.
func oneApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if i == len(x) && len(x) == len(y) {
		return true
	}
	if len(y) < 5 { // of short names many are one character apart
		return false
	}
	if i == len(x) {
		return true
	}
	if len(x) == len(y) {
		return slices.Equal(x[i+1:], y[i+1:])
	}
	return slices.Equal(x[i:], y[i+1:])
}
