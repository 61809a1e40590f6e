package sampling

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/big"
	"slices"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// StratifiedBy is what payouts of one stratum have in common.
type StratifiedBy string

// What strata are made by.
const (
	StrataByAmount     StratifiedBy = "amount"
	StrataByClause     StratifiedBy = "clause"
	StrataByYear       StratifiedBy = "year" // of support
	StrataByDepartment StratifiedBy = "department"
)

// Allocation is how many payouts of a sample fall to each stratum.
type Allocation string

// The allocations.
const (
	proportional Allocation = "proportional" // to how many payouts it has
	byValue      Allocation = "value"        // to what they come to
	neyman       Allocation = "neyman"       // to how many it has times the standard deviation of their amounts (J. Neyman, 1934)
)

// The bounds of a plan.
const (
	maxStrata = 50
	// MaxSample is how many monetary units or payouts are drawn at most, besides those that are certain.
	MaxSample = 10_000
)

// errPlan says that a sample cannot be drawn as it is planned; the error says what to change.
var errPlan = errors.New("the sample cannot be drawn as planned")

// Plan is how a stratified sample is drawn.
type Plan struct {
	By         StratifiedBy   `json:"by"`
	N          int            `json:"n"`                   // drawn in all, besides those that are certain
	Bounds     []domain.Money `json:"bounds,omitempty"`    // by amount: where the next stratum begins, ascending
	Strata     int            `json:"strata,omitempty"`    // by amount, without bounds: how many, of about equal sums
	Certainty  domain.Money   `json:"certainty,omitempty"` // payouts of it or more are all drawn, as a stratum of their own; none: there is no such stratum
	Allocation Allocation     `json:"allocation"`
}

// Stratum is a part of a population, and what was drawn from it.
type Stratum struct {
	Name       string         `json:"name"` // the clause, year or department, or "none"; by amount its number from 1; "certainty"
	From       domain.Ceiling `json:"from"` // by amount, and of what is certain: the least amount in it
	Below      domain.Ceiling `json:"below"`
	Population int            `json:"population"`
	Total      domain.Money   `json:"total"`
	Drawn      []Item         `json:"drawn"` // in the order of the population
}

// certainty is the name of the stratum that is drawn whole.
const certainty = "certainty"

// whole reports whether all of a stratum was drawn.
func (s Stratum) whole() bool { return len(s.Drawn) == s.Population }

// Stratified is a stratified random sample without replacement. Within a stratum the payouts are put in the order of
//
//	SHA-256("fundledger-stratum-1" ‖ seed ‖ sequence of the payout's event as 8 bytes, big-endian)
//
// and the first so many are drawn. The seed is a checkpoint's root, which nobody could choose: the same seed, plan and population
// give the same sample, for ever, to whoever has SHA-256.
type Stratified struct {
	Seed       tlog.Hash    `json:"seed"`
	Plan       Plan         `json:"plan"`
	Population int          `json:"population"`
	Total      domain.Money `json:"total"`
	Strata     []Stratum    `json:"strata"`
}

// stratum is a stratum being made.
type stratum struct {
	Stratum
	items []Item
}

// drawStratified takes a stratified sample from items in their order. Items of no amount or less are left out. An error is an
// errPlan.
func drawStratified(items []Item, p Plan, seed tlog.Hash) (Stratified, error) {
	s := Stratified{Seed: seed, Plan: p, Total: domain.NoMoney}
	if err := p.check(); err != nil {
		return s, err
	}
	items = slices.DeleteFunc(slices.Clone(items), func(i Item) bool { return !i.Amount.Positive() })
	for _, item := range items {
		s.Population, s.Total = s.Population+1, s.Total.Add(item.Amount)
	}
	strata, certain := p.cut(items)
	sizes, err := p.allocate(strata)
	if err != nil {
		return s, err
	}
	for i, part := range strata {
		part.Stratum.Drawn = firstBySeed(part.items, sizes[i], seed)
		s.Strata = append(s.Strata, part.Stratum)
	}
	if certain != nil {
		certain.Stratum.Drawn = certain.items
		s.Strata = append(s.Strata, certain.Stratum)
	}
	return s, nil
}

func (p Plan) check() error {
	switch {
	case !slices.Contains([]StratifiedBy{StrataByAmount, StrataByClause, StrataByYear, StrataByDepartment}, p.By):
		return words.Wrong(errPlan, "分层依据为 amount（金额）、clause（条款）、year（年度）或 department（部门），没有“%s”", "strata are made by amount, clause, year or department, not by %q", p.By)
	case !slices.Contains([]Allocation{proportional, byValue, neyman}, p.Allocation):
		return words.Wrong(errPlan, "样本分配为 proportional（按笔数）、value（按金额）或 neyman（奈曼），没有“%s”", "an allocation is proportional, value or neyman, not %q", p.Allocation)
	case p.N < 1 || p.N > MaxSample:
		return words.Wrong(errPlan, "样本为 1 至 %d 笔，不能是 %d 笔", "a sample is of 1 to %d payouts, not of %d", MaxSample, p.N)
	case len(p.Bounds) > 0 && p.By != StrataByAmount:
		return words.Wrong(errPlan, "只有按金额分层才有界限", "bounds are for strata by amount")
	case len(p.Bounds) >= maxStrata:
		return words.Wrong(errPlan, "%d 个界限超过 %d 层", "%d bounds make more than %d strata", len(p.Bounds), maxStrata)
	case p.By == StrataByAmount && len(p.Bounds) == 0 && (p.Strata < 1 || p.Strata > maxStrata):
		return words.Wrong(errPlan, "按金额可分 1 至 %d 层，不能是 %d 层", "there can be 1 to %d strata by amount, not %d", maxStrata, p.Strata)
	}
	for i, b := range p.Bounds {
		if !b.Positive() || i > 0 && !p.Bounds[i-1].Less(b) {
			return words.Wrong(errPlan, "界限须大于零且依次增大；%s 不是", "bounds are amounts above nought, each greater than the one before; %s is not", b)
		}
	}
	return nil
}

// cut makes the strata, in order; those without a payout are left out.
func (p Plan) cut(items []Item) (strata []*stratum, certain *stratum) {
	if p.Certainty.Positive() {
		large := func(i Item) bool { return !i.Amount.Less(p.Certainty) }
		certain = &stratum{Stratum: Stratum{Name: certainty, From: domain.Stated(p.Certainty)}}
		for _, item := range items {
			if large(item) {
				certain.take(item)
			}
		}
		items = slices.DeleteFunc(items, large)
		if certain.Population == 0 {
			certain = nil
		}
	}
	if p.By == StrataByAmount {
		return p.byAmount(items), certain
	}
	place := map[string]*stratum{}
	for _, item := range items {
		name := item.stratum(p.By)
		if place[name] == nil {
			place[name] = &stratum{Stratum: Stratum{Name: name}}
			strata = append(strata, place[name])
		}
		place[name].take(item)
	}
	slices.SortFunc(strata, func(a, b *stratum) int { return cmp.Compare(a.Name, b.Name) })
	return strata, certain
}

// stratum is the name of an item's stratum.
func (i Item) stratum(by StratifiedBy) string {
	switch by {
	case StrataByClause:
		return string(i.Clause)
	case StrataByYear:
		return strconv.Itoa(int(i.SupportYear))
	}
	return cmp.Or(string(i.Department), "none")
}

func (s *stratum) take(item Item) {
	s.items = append(s.items, item)
	s.Population, s.Total = s.Population+1, s.Total.Add(item.Amount)
}

// byAmount cuts at the bounds, or before the amounts with which the sum, from the smallest on, passes equal parts of the total.
func (p Plan) byAmount(items []Item) (strata []*stratum) {
	bounds := p.Bounds
	if len(bounds) == 0 {
		bounds = equalParts(items, p.Strata)
	}
	all := make([]*stratum, len(bounds)+1)
	for i := range all {
		all[i] = &stratum{}
		if i > 0 {
			all[i].From = domain.Stated(bounds[i-1])
		}
		if i < len(bounds) {
			all[i].Below = domain.Stated(bounds[i])
		} else if p.Certainty.Positive() {
			all[i].Below = domain.Stated(p.Certainty)
		}
	}
	for _, item := range items {
		i, at := slices.BinarySearchFunc(bounds, item.Amount, func(b, amount domain.Money) int { return b.Decimal().Cmp(amount.Decimal()) })
		if at { // a stratum begins with its bound
			i++
		}
		all[i].take(item)
	}
	for _, s := range all {
		if s.Population > 0 {
			s.Name = strconv.Itoa(len(strata) + 1)
			strata = append(strata, s)
		}
	}
	return strata
}

// equalParts are the amounts with which the next of n parts begins. Equal amounts are never parted, so there may be fewer parts.
func equalParts(items []Item, n int) (bounds []domain.Money) {
	amounts := make([]int64, len(items))
	total := new(big.Int)
	for i, item := range items {
		amounts[i] = item.Amount.Fen()
		total.Add(total, big.NewInt(amounts[i]))
	}
	slices.Sort(amounts)
	sum, part := new(big.Int), int64(1)
	for _, amount := range amounts {
		sum.Add(sum, big.NewInt(amount))
		for part < int64(n) && new(big.Int).Mul(sum, big.NewInt(int64(n))).Cmp(new(big.Int).Mul(total, big.NewInt(part))) > 0 {
			if part++; amount > amounts[0] {
				bounds = append(bounds, domain.Fen(amount))
			}
		}
	}
	return slices.Compact(bounds)
}

// atLeast is how many of a stratum are drawn whatever the allocation: a variance needs two.
const atLeast = 2

// allocate is how many are drawn from each stratum: two, or all where there are fewer, and the rest by the plan's weights, the
// largest remainders first, and the earlier stratum where they are equal. What a stratum cannot give falls to the others.
func (p Plan) allocate(strata []*stratum) ([]int, error) {
	sizes, rest := make([]int, len(strata)), p.N
	for i, s := range strata {
		sizes[i] = min(atLeast, s.Population)
		rest -= sizes[i]
	}
	if rest < 0 {
		return nil, words.Wrong(errPlan, "%d 层至少要抽 %d 笔，不能只抽 %d 笔", "%d strata need a sample of %d payouts at the least, not of %d", len(strata), p.N-rest, p.N)
	}
	weights := make([]*big.Int, len(strata))
	for i, s := range strata {
		weights[i] = p.weight(s)
	}
	for rest > 0 {
		given := share(rest, weights, func(i int) bool { return sizes[i] < strata[i].Population })
		if given == nil {
			break // all are drawn
		}
		for i, n := range given {
			n = min(n, strata[i].Population-sizes[i])
			sizes[i] += n
			rest -= n
		}
	}
	return sizes, nil
}

// weight is what a stratum weighs in the allocation; one that the measure says nothing of weighs one, so that it is not left out.
func (p Plan) weight(s *stratum) *big.Int {
	sum, squares := new(big.Int), new(big.Int)
	for _, item := range s.items {
		x := big.NewInt(item.Amount.Fen())
		sum.Add(sum, x)
		squares.Add(squares, x.Mul(x, x))
	}
	n := big.NewInt(int64(s.Population))
	w := new(big.Int).Set(n)
	switch p.Allocation {
	case byValue:
		w = sum
	case neyman: // N × the standard deviation = √(N Σx² − (Σx)²)
		w = new(big.Int).Sub(new(big.Int).Mul(n, squares), new(big.Int).Mul(sum, sum))
		w.Sqrt(w)
	}
	if w.Sign() == 0 {
		w.SetInt64(1)
	}
	return w
}

// share parts a number by weights among those that may have more; nil where none may.
func share(number int, weights []*big.Int, may func(i int) bool) []int {
	total := new(big.Int)
	var open []int
	for i, w := range weights {
		if may(i) {
			open = append(open, i)
			total.Add(total, w)
		}
	}
	if len(open) == 0 {
		return nil
	}
	given, left := make([]int, len(weights)), number
	remainders := make([]*big.Int, len(weights))
	for _, i := range open {
		q, r := new(big.Int).DivMod(new(big.Int).Mul(weights[i], big.NewInt(int64(number))), total, new(big.Int))
		given[i], remainders[i] = int(q.Int64()), r
		left -= given[i]
	}
	slices.SortStableFunc(open, func(a, b int) int { return remainders[b].Cmp(remainders[a]) })
	for _, i := range open[:left] {
		given[i]++
	}
	return given
}

// firstBySeed are the n items that the seed puts first, in the order they have.
func firstBySeed(items []Item, n int, seed tlog.Hash) []Item {
	type ranked struct {
		place int
		key   [sha256.Size]byte
	}
	order := make([]ranked, len(items))
	for i, item := range items {
		text := append([]byte("fundledger-stratum-1"), seed[:]...)
		order[i] = ranked{i, sha256.Sum256(binary.BigEndian.AppendUint64(text, item.Seq))}
	}
	slices.SortFunc(order, func(a, b ranked) int { return bytes.Compare(a.key[:], b.key[:]) })
	order = order[:n]
	slices.SortFunc(order, func(a, b ranked) int { return cmp.Compare(a.place, b.place) })
	drawn := make([]Item, n)
	for i, r := range order {
		drawn[i] = items[r.place]
	}
	return drawn
}
