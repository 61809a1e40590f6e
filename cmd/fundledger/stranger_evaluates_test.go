package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
)

// looked is an enterprise as an indicator looks at it; a level that is nil is not known.
type looked struct {
	enterprise, industry, role, why, away string
	net, earlier, before, after           *big.Rat
}

func (l looked) change() *big.Rat { return minus(l.after, l.before) }

func (s *stranger) look(clause, year, fact string) (list []looked) {
	y := int(number(year).Num().Int64())
	level := func(enterprise string, of int) *big.Rat {
		if is := s.values[factAt{enterprise, fact, fmt.Sprint(of)}]; is != "" {
			return number(is)
		}
		return nil
	}
	for _, id := range s.enterprises {
		l := looked{enterprise: id, industry: s.industryOn(id, fmt.Sprintf("%d-12-31", y-1)), role: "control", net: orNought(s.net[paidFor{id, clause, year}]), earlier: level(id, y-2),
			before: level(id, y-1), after: level(id, y)}
		if l.away, l.why = s.barred(id, clause, year); l.net.Sign() > 0 {
			l.role, l.why = "supported", ""
		}
		if l.why == "" && l.before == nil {
			l.why = "no_baseline"
		}
		if l.why == "" && l.after == nil {
			l.why = "no_value"
		}
		list = append(list, l)
	}
	for i, l := range list {
		if l.why == "" && l.role == "control" && !slices.ContainsFunc(list, func(t looked) bool {
			if t.why != "" || t.role != "supported" || t.industry != l.industry {
				return false
			}
			apart := minus(l.before, t.before)
			return times(apart.Abs(apart), 4).Cmp(new(big.Rat).Abs(t.before)) <= 0
		}) {
			list[i].why = "no_supported_like_it"
		}
		if list[i].why != "" {
			list[i].role = "left_out"
		}
	}
	return list
}

// barred is how an enterprise was turned away, and why it is no control.
func (s *stranger) barred(id, clause, year string) (away, why string) {
	is := s.outcomes[paidFor{id, clause, year}]
	elsewhere := slices.ContainsFunc(s.supported[id], func(of paidFor) bool { return of.year == year })
	earlier := slices.ContainsFunc(s.supported[id], func(of paidFor) bool { return of.clause == clause && of.year < year })
	on, merged := s.merged[id]
	for _, one := range []struct {
		is  bool
		why string
	}{{is["approved"] || is["paid"], "approved_unpaid"}, {elsewhere, "supported_elsewhere"}, {earlier, "supported_earlier"}, {merged && on <= year+"-12-31", "merged"},
		{is["waiting"], "not_decided"}} {
		if one.is {
			why = cmp.Or(why, one.why)
		}
	}
	for _, one := range []string{"rejected", "withdrawn"} {
		if is[one] {
			away = cmp.Or(away, one)
		}
	}
	return away, why
}

// side are the enterprises of one side of a comparison.
type side []looked

func (s side) of(figure func(looked) *big.Rat) (list []*big.Rat) {
	for _, l := range s {
		if is := figure(l); is != nil {
			list = append(list, is)
		}
	}
	return list
}

func growthOf(l looked) *big.Rat {
	if l.before.Sign() <= 0 {
		return nil
	}
	return rounded(new(big.Rat).Quo(l.change(), l.before), 12)
}

func earlierChange(l looked) *big.Rat {
	if l.earlier == nil {
		return nil
	}
	return minus(l.before, l.earlier)
}

func beforeOf(l looked) *big.Rat { return l.before }
func afterOf(l looked) *big.Rat  { return l.after }
func netOf(l looked) *big.Rat    { return l.net }

// row is what an indicator comes to; score is nil where it has none.
func (s *stranger) row(clause, year string, indicator object) (row map[string]string, score *big.Rat) {
	fact := indicator.at("fact")
	list := s.look(clause, year, fact)
	all := slices.DeleteFunc(slices.Clone(list), func(l looked) bool { return l.net.Sign() <= 0 })
	row = map[string]string{"clause": clause, "support_year": year, "indicator": indicator.at("id"), "indicator_group": indicator.at("group"), "weight": indicator.at("weight"),
		"better": indicator.at("better"), "fact": fact, "unit": s.units[fact], "recipients": fmt.Sprint(len(all)), "net_paid": total(side(all).of(netOf)).FloatString(2),
		"target": s.targets[[3]string{clause, indicator.at("id"), year}]}
	if fact == "" {
		row["code"] = "indicator_without_fact"
		return row, nil
	}
	treated := slices.DeleteFunc(slices.Clone(list), func(l looked) bool { return l.role != "supported" })
	controls := slices.DeleteFunc(slices.Clone(list), func(l looked) bool { return l.role != "control" })
	row["supported"], row["controls"], row["left_out"] = fmt.Sprint(len(treated)), fmt.Sprint(len(controls)), fmt.Sprint(len(list)-len(treated)-len(controls))
	s.compare(row, treated, controls)
	s.test(row, list)
	score = s.score(row, all)
	switch {
	case len(treated) == 0:
		row["code"] = "nothing_to_compare"
	case row["p_value"] == "":
		row["code"] = "too_few_to_test"
	}
	return row, score
}

// compare is the difference in differences (Angrist and Pischke, Mostly Harmless Econometrics, 2009, 5.2): (ȳ₁ after − ȳ₁ before) − (ȳ₀ after − ȳ₀ before).
func (s *stranger) compare(row map[string]string, treated, controls side) {
	tell := func(name string, is *big.Rat) {
		if is != nil {
			row[name] = trimmed(is, 4)
		}
	}
	if len(treated) > 0 {
		tell("level_before", total(treated.of(beforeOf)))
		tell("level_after", total(treated.of(afterOf)))
	}
	if len(controls) > 0 {
		tell("control_before", total(controls.of(beforeOf)))
		tell("control_after", total(controls.of(afterOf)))
	}
	first, second := minus(mean(treated.of(afterOf)), mean(treated.of(beforeOf))), minus(mean(controls.of(afterOf)), mean(controls.of(beforeOf)))
	tell("mean_change", first)
	tell("control_change", second)
	tell("effect_difference", minus(first, second))
	first, second = mean(treated.of(growthOf)), mean(controls.of(growthOf))
	tell("growth", first)
	tell("control_growth", second)
	tell("growth_difference", minus(first, second))
	tell("earlier_difference", minus(mean(treated.of(earlierChange)), mean(controls.of(earlierChange))))
	usual := mean(controls.of(looked.change))
	if row["unit"] == "percent" || len(treated) == 0 || usual == nil {
		return
	}
	beyond, net := minus(total(treated.of(looked.change)), times(usual, int64(len(treated)))), total(treated.of(netOf))
	tell("beyond_control", beyond)
	tell("effect_per_yuan", new(big.Rat).Quo(beyond, net))
	if beyond.Sign() > 0 {
		tell("unit_cost", new(big.Rat).Quo(net, beyond))
	}
}

// test is the permutation test (Fisher, The Design of Experiments, 1935; Ernst, Statistical Science 19, 2004): p = #{assignments: T ≥ T observed} / #{assignments},
// T = ȳ₁ − ȳ₀. Of each sum that k values may have it is counted how many choices of k have it: the coefficients of ∏(1 + z·x^value).
func (s *stranger) test(row map[string]string, list []looked) {
	list = slices.DeleteFunc(slices.Clone(list), func(l looked) bool { return l.role == "left_out" })
	var values []int64
	var k, observed, all int64
	for _, l := range list {
		change := times(l.change(), 10_000)
		if row["better"] == "less" {
			change.Neg(change)
		}
		value := change.Num().Int64()
		values, all = append(values, value), all+value
		if l.role == "supported" {
			k, observed = k+1, observed+value
		}
	}
	n := int64(len(values))
	row["assignments"], row["drawn"] = "0", "false"
	if k < 3 || n-k < 5 {
		return
	}
	statistic := func(sum int64) *big.Rat {
		return minus(big.NewRat(sum, k), new(big.Rat).Quo(minus(big.NewRat(all, 1), big.NewRat(sum, 1)), big.NewRat(n-k, 1)))
	}
	ways := new(big.Int).Binomial(n, k)
	if ways.Cmp(big.NewInt(100_000)) > 0 {
		hits, draws := int64(0), int64(9_999)
		if n > 10_000 {
			draws = 999
		}
		label := fmt.Sprintf("fundledger evaluation\n%s\n%s\n%s\n", row["clause"], row["support_year"], row["indicator"])
		for sum := range drawnSums(s.root, label, values, int(k), all, draws) {
			if sum >= observed { // T grows with the sum of so many
				hits++
			}
		}
		row["assignments"], row["drawn"], row["seed"], row["p_value"] = fmt.Sprint(draws), "true", s.root, big.NewRat(1+hits, 1+draws).String()
		return
	}
	counts := make([]map[int64]int64, k+1)
	for i := range counts {
		counts[i] = map[int64]int64{}
	}
	counts[0][0] = 1
	for _, value := range values {
		for j := k; j > 0; j-- {
			for sum, n := range counts[j-1] {
				counts[j][sum+value] += n
			}
		}
	}
	hits, least := int64(0), statistic(observed)
	for sum, n := range counts[k] {
		if statistic(sum).Cmp(least) >= 0 {
			hits += n
		}
	}
	row["assignments"], row["p_value"] = ways.String(), big.NewRat(hits, ways.Int64()).String()
}

// drawnSums are the sums of the supported, of each draw: as the comment of evaluation.Draws has it.
func drawnSums(root, label string, values []int64, k int, all, draws int64) func(func(int64) bool) {
	seed, _ := base64.StdEncoding.DecodeString(root)
	key := sha256.Sum256(slices.Concat(seed, []byte(label)))
	var words []uint64
	counter := uint64(0)
	below := func(n uint64) uint64 {
		for {
			if len(words) == 0 {
				block := sha256.Sum256(binary.BigEndian.AppendUint64(key[:], counter))
				for i := range 4 {
					words = append(words, binary.BigEndian.Uint64(block[8*i:]))
				}
				counter++
			}
			word := words[0]
			if words = words[1:]; word < math.MaxUint64/n*n {
				return word % n
			}
		}
	}
	return func(yield func(int64) bool) {
		order, few := slices.Clone(values), min(k, len(values)-k)
		for range draws {
			sum := int64(0)
			for i := range few {
				j := i + int(below(uint64(len(order)-i)))
				order[i], order[j] = order[j], order[i]
				sum += order[i]
			}
			if few < k {
				sum = all - sum
			}
			if !yield(sum) {
				return
			}
		}
	}
}

func (s *stranger) score(row map[string]string, all []looked) *big.Rat {
	var after, before []*big.Rat
	for _, l := range all {
		if l.after != nil && (row["target"] != "" || l.before != nil) {
			after, before = append(after, l.after), append(before, orNought(l.before))
		}
	}
	if len(after) == 0 {
		return nil
	}
	is, target := total(after), total(before)
	if row["unit"] == "percent" {
		is, target = rounded(mean(after), 4), rounded(mean(before), 4)
	}
	if row["target"] != "" {
		target = number(row["target"])
	}
	row["attained"], row["target"] = trimmed(is, 4), trimmed(target, 4)
	part, whole := is, target
	if row["better"] == "less" {
		part, whole = target, is
	}
	score := new(big.Rat)
	switch {
	case row["better"] == "less" && is.Cmp(target) <= 0, row["better"] == "more" && is.Cmp(target) >= 0:
		score = big.NewRat(100, 1)
	case part.Sign() > 0 && whole.Sign() > 0:
		score = rounded(times(new(big.Rat).Quo(part, whole), 100), 2)
	}
	row["score"] = score.FloatString(2)
	return score
}

// rows are what all clauses with indicators came to in a year that anything was paid for.
func (s *stranger) rows(year string) (list []map[string]string) {
	for _, clause := range s.clauses {
		paid := false
		for key, net := range s.net {
			paid = paid || key.clause == clause && key.year == year && net.Sign() > 0
		}
		if !paid {
			continue
		}
		card, weighed, covered := []map[string]string{}, new(big.Rat), int64(0)
		for _, indicator := range s.indicators[clause] {
			row, score := s.row(clause, year, indicator)
			if score != nil {
				weight := number(row["weight"]).Num().Int64()
				weighed, covered = plus(weighed, times(score, weight)), covered+weight
			}
			card = append(card, row)
		}
		if covered > 0 {
			score := rounded(new(big.Rat).Quo(weighed, big.NewRat(covered, 1)), 2)
			grade := "poor"
			for _, from := range []struct {
				least int64
				grade string
			}{{60, "fair"}, {80, "good"}, {90, "excellent"}} {
				if score.Cmp(big.NewRat(from.least, 1)) >= 0 {
					grade = from.grade
				}
			}
			for _, row := range card {
				row["clause_score"], row["covered_weight"], row["grade"] = score.FloatString(2), fmt.Sprint(covered), grade
			}
		}
		list = append(list, card...)
	}
	return list
}

// cases are the enterprises of the rows of a year.
func (s *stranger) cases(rows []map[string]string, year string) (list []map[string]string) {
	for _, row := range rows {
		for _, l := range s.look(row["clause"], year, row["fact"]) {
			one := map[string]string{"clause": row["clause"], "support_year": year, "indicator": row["indicator"], "enterprise": l.enterprise, "industry": l.industry, "net_paid": l.net.FloatString(2),
				"fact": row["fact"]}
			if row["fact"] == "" {
				if l.net.Sign() > 0 {
					one["evaluated_as"], one["code"] = "supported", "indicator_without_fact"
					list = append(list, one)
				}
				continue
			}
			one["evaluated_as"], one["left_out_for"], one["turned_away"] = l.role, l.why, l.away
			for name, is := range map[string]*big.Rat{"level_earlier": l.earlier, "level_before": l.before, "level_after": l.after, "level_change": l.change()} {
				if is != nil {
					one[name] = trimmed(is, 4)
				}
			}
			if l.change() != nil && growthOf(l) != nil {
				one["growth"] = trimmed(growthOf(l), 4)
			}
			list = append(list, one)
		}
	}
	return list
}

// concentration is how support is spread, of the fund, each year and each clause: the share of the ten with most, and the index of Herfindahl and Hirschman
// (Hirschman, American Economic Review 54, 1964, 761), ∑ (100·share)².
func (s *stranger) concentration() (list []map[string]string) {
	sums := map[[2]string]map[string]*big.Rat{}
	for key, net := range s.net {
		if net.Sign() == 0 {
			continue
		}
		for _, of := range [][2]string{{"", "0"}, {"", key.year}, {key.clause, "0"}, {key.clause, key.year}} {
			if sums[of] == nil {
				sums[of] = map[string]*big.Rat{}
			}
			sums[of][key.enterprise] = plus(orNought(sums[of][key.enterprise]), net)
		}
	}
	for of, each := range sums {
		shares := slices.DeleteFunc(slices.SortedFunc(maps.Values(each), func(a, b *big.Rat) int { return b.Cmp(a) }), func(r *big.Rat) bool { return r.Sign() <= 0 })
		all, top, hhi := total(shares), total(shares[:min(10, len(shares))]), new(big.Rat)
		for _, one := range shares {
			percent := times(new(big.Rat).Quo(one, all), 100)
			hhi = plus(hhi, percent.Mul(percent, percent))
		}
		row := map[string]string{"clause": of[0], "support_year": of[1], "recipients": fmt.Sprint(len(shares)), "net_paid": all.FloatString(2), "top_ten": top.FloatString(2), "top_ten_share": "0.0000",
			"hhi": hhi.FloatString(2)}
		if len(shares) > 0 {
			row["top_ten_share"] = new(big.Rat).Quo(top, all).FloatString(4)
		}
		list = append(list, row)
	}
	return list
}

func number(text string) *big.Rat {
	is, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("no number: " + text)
	}
	return is
}

func plus(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }

// minus is nil where one of them is.
func minus(a, b *big.Rat) *big.Rat {
	if a == nil || b == nil {
		return nil
	}
	return new(big.Rat).Sub(a, b)
}

func times(a *big.Rat, n int64) *big.Rat { return new(big.Rat).Mul(a, big.NewRat(n, 1)) }

func orNought(a *big.Rat) *big.Rat {
	if a == nil {
		return new(big.Rat)
	}
	return a
}

func total(list []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, one := range list {
		sum.Add(sum, one)
	}
	return sum
}

func mean(list []*big.Rat) *big.Rat {
	if len(list) == 0 {
		return nil
	}
	return new(big.Rat).Quo(total(list), big.NewRat(int64(len(list)), 1))
}

// rounded is to so many decimals, half away from nought.
func rounded(a *big.Rat, decimals int) *big.Rat { return number(a.FloatString(decimals)) }

// trimmed is a number as it is printed: to so many decimals, without noughts at the end.
func trimmed(a *big.Rat, decimals int) string {
	return strings.TrimRight(strings.TrimRight(rounded(a, decimals).FloatString(decimals), "0"), ".")
}
