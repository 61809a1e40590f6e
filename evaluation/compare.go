package evaluation

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// The bounds of the test.
const (
	FewestSupported = 3
	FewestControls  = 5
	MostExact       = 100_000 // assignments that are all looked at
)

// places is to how many decimals means and shares are rounded.
const places = 4

// Side is what the enterprises of one side of a comparison come to.
type Side struct {
	N      int             // with both levels
	Before decimal.Decimal // sums
	After  decimal.Decimal
	Grown  int // how many of them have a growth
	growth decimal.Decimal
}

// Change is what the side moved by, in all.
func (s Side) Change() decimal.Decimal { return s.After.Sub(s.Before) }

// Mean is the mean change; false where nobody is on the side.
func (s Side) Mean() (decimal.Decimal, bool) { return mean(s.Change(), s.N) }

// Growth is the mean growth of those who have one.
func (s Side) Growth() (decimal.Decimal, bool) { return mean(s.growth, s.Grown) }

func (s *Side) add(before, after decimal.Decimal) {
	s.N++
	s.Before, s.After = s.Before.Add(before), s.After.Add(after)
	if before.IsPositive() {
		s.Grown++
		s.growth = s.growth.Add(after.Sub(before).DivRound(before, growthPlaces))
	}
}

func mean(sum decimal.Decimal, n int) (decimal.Decimal, bool) {
	if n == 0 {
		return decimal.Zero, false
	}
	return sum.DivRound(decimal.NewFromInt(int64(n)), places), true
}

// apart is the difference of two means, from the exact fraction.
func apart(a decimal.Decimal, n int, b decimal.Decimal, m int) (decimal.Decimal, bool) {
	if n == 0 || m == 0 {
		return decimal.Zero, false
	}
	x, y := decimal.NewFromInt(int64(n)), decimal.NewFromInt(int64(m))
	return a.Mul(y).Sub(b.Mul(x)).DivRound(x.Mul(y), places), true
}

// Comparison is what an indicator comes to: the supported held against the controls.
type Comparison struct {
	Supported, Control Side
	EarlierSupported   Side // from Y−2 to Y−1
	EarlierControl     Side
	Net                domain.Money // paid to the supported who are compared
	LeftOut            map[Why]int
	Both               int // supported and turned away
	Undefined          int // of those compared, without a growth
	Test               *Test
}

// Difference is the difference in differences.
func (c *Comparison) Difference() (decimal.Decimal, bool) {
	return apart(c.Supported.Change(), c.Supported.N, c.Control.Change(), c.Control.N)
}

// GrowthDifference is that of growth.
func (c *Comparison) GrowthDifference() (decimal.Decimal, bool) {
	return apart(c.Supported.growth, c.Supported.Grown, c.Control.growth, c.Control.Grown)
}

// Earlier is the difference of the year before: the earlier trend. False: it is not there.
func (c *Comparison) Earlier() (decimal.Decimal, bool) {
	return apart(c.EarlierSupported.Change(), c.EarlierSupported.N, c.EarlierControl.Change(), c.EarlierControl.N)
}

// Beyond is what the supported changed by beyond the controls, in all.
func (c *Comparison) Beyond() (decimal.Decimal, bool) {
	beyond, n, is := c.beyond()
	if !is {
		return decimal.Zero, false
	}
	return beyond.DivRound(n, places), true
}

// beyond is it as a fraction: it is rounded once, whatever is made of it.
func (c *Comparison) beyond() (sum, by decimal.Decimal, is bool) {
	n, m := decimal.NewFromInt(int64(c.Supported.N)), decimal.NewFromInt(int64(c.Control.N))
	return c.Supported.Change().Mul(m).Sub(c.Control.Change().Mul(n)), m, c.Supported.N > 0 && c.Control.N > 0
}

// PerYuan is the effect of one unit of money.
func (c *Comparison) PerYuan() (decimal.Decimal, bool) {
	beyond, n, is := c.beyond()
	if !is || !c.Net.Positive() {
		return decimal.Zero, false
	}
	return beyond.DivRound(c.Net.Decimal().Mul(n), places), true
}

// UnitCost is the money for one unit of effect; false where there is no effect.
func (c *Comparison) UnitCost() (decimal.Decimal, bool) {
	beyond, n, is := c.beyond()
	if !is || !beyond.IsPositive() {
		return decimal.Zero, false
	}
	return c.Net.Decimal().Mul(n).DivRound(beyond, places), true
}

// Compare holds the supported against the controls. seed is the root of the log, by which assignments are drawn where there are too many; drawing says whether
// a test that has to be drawn is.
func (m *Measured) Compare(seed [32]byte) *Comparison {
	c := &Comparison{LeftOut: map[Why]int{}}
	var changes []decimal.Decimal
	var supported []bool
	for _, one := range m.Cases {
		if one.Both {
			c.Both++
		}
		if one.Role == LeftOut {
			c.LeftOut[one.Why]++
			continue
		}
		side, earlier := &c.Control, &c.EarlierControl
		if one.Role == Supported {
			side, earlier = &c.Supported, &c.EarlierSupported
			c.Net = c.Net.Add(one.Net)
		}
		if !m.Measurable() {
			side.N++
			continue
		}
		side.add(one.Before.Value, one.After.Value)
		if one.Earlier.Known {
			earlier.add(one.Earlier.Value, one.Before.Value)
		}
		change, _ := one.Change()
		if m.Indicator.Better == domain.BetterLess {
			change = change.Neg()
		}
		changes, supported = append(changes, change), append(supported, one.Role == Supported)
	}
	c.Undefined = c.Supported.N - c.Supported.Grown + c.Control.N - c.Control.Grown
	if m.Measurable() && c.Supported.N >= FewestSupported && c.Control.N >= FewestControls {
		c.Test = permuted(changes, supported, m.label(), seed)
	}
	return c
}

// label is what tells the draws of one comparison from those of another.
func (m *Measured) label() string {
	return fmt.Sprintf("fundledger evaluation\n%s\n%s\n%s\n", m.Clause, m.Year, m.Indicator.ID)
}

// Test is a permutation test.
type Test struct {
	Hits        int64 // assignments with at least the difference observed
	Assignments int64 // that were looked at
	Drawn       bool  // they were drawn; else they are all there are
}

// P is the probability: an exact one is a fraction of all assignments.
func (t Test) P() *big.Rat {
	if t.Drawn {
		return big.NewRat(t.Hits+1, t.Assignments+1)
	}
	return big.NewRat(t.Hits, t.Assignments)
}

// Draws is how many assignments of n enterprises are drawn where all are too many: 9,999, and of more than 10,000 enterprises 999. A draw is of as many places as
// the smaller side has, of the enterprises compared in the order of their codes: for i from 0 on, place i changes places with one of those from i to n−1, by the next
// number r below n−i. Numbers are the four big-endian 64-bit words of SHA-256(SHA-256(root ‖ label) ‖ counter), the counter being eight bytes from 0 on; a word at or above the
// largest multiple of n−i that it can hold is passed over, else r is its rest. The order goes on from one draw to the next. The label is "fundledger evaluation",
// clause, year and indicator, each with a line feed.
func Draws(n int) int {
	if n > 10_000 {
		return 999
	}
	return 9_999
}

// permuted is the test of changes, of which some are of the supported: since their sum is always the same, a difference is at least the observed one
// where the sum of the supported is.
func permuted(changes []decimal.Decimal, supported []bool, label string, seed [32]byte) *Test {
	values := scaled(changes)
	n, k := len(values), 0
	var observed sum
	for i, is := range supported {
		if is {
			observed = observed.plus(values[i])
			k++
		}
	}
	if all := binomial(n, k); all <= MostExact {
		return &Test{Hits: enumerated(values, k, observed), Assignments: all}
	}
	return drawn(values, k, observed, label, seed)
}

// sum is a whole number that does not overflow: high · 2³² + low, low below 2³².
type sum struct{ high, low int64 }

func (s sum) plus(o sum) sum {
	low := s.low + o.low
	return sum{s.high + o.high + low>>32, low & math.MaxUint32}
}

func (s sum) minus(o sum) sum {
	low := s.low - o.low
	return sum{s.high - o.high + low>>32, low & math.MaxUint32}
}

func (s sum) least(o sum) bool { return s.high > o.high || s.high == o.high && s.low >= o.low }

// scaled are decimals as whole numbers of one unit. Facts have at most twelve digits before the point and four behind it.
func scaled(list []decimal.Decimal) []sum {
	values := make([]sum, len(list))
	for i, d := range list {
		whole := d.Shift(places).IntPart()
		values[i] = sum{whole >> 32, whole & math.MaxUint32}
	}
	return values
}

// binomial is how many ways there are to choose k of n; beyond [MostExact] it is only told that it is.
func binomial(n, k int) int64 {
	k = min(k, n-k)
	ways := int64(1)
	for i := 1; i <= k; i++ {
		ways = ways * int64(n-k+i) / int64(i)
		if ways > MostExact {
			return MostExact + 1
		}
	}
	return ways
}

// enumerated counts the choices of k values, in the order of their places, whose sum is at least a sum.
func enumerated(values []sum, k int, least sum) (hits int64) {
	var choose func(from, left int, so sum)
	choose = func(from, left int, so sum) {
		if left == 0 {
			if so.least(least) {
				hits++
			}
			return
		}
		for i := from; i+left <= len(values); i++ {
			choose(i+1, left-1, so.plus(values[i]))
		}
	}
	choose(0, k, sum{})
	return hits
}

// drawn counts the draws whose sum is at least a sum.
func drawn(values []sum, k int, least sum, label string, seed [32]byte) *Test {
	n := len(values)
	var total sum
	order := make([]int32, n)
	for i, v := range values {
		total, order[i] = total.plus(v), int32(i)
	}
	t := &Test{Assignments: int64(Draws(n)), Drawn: true}
	few := min(k, n-k)
	numbers := newStream(seed, label)
	for range t.Assignments {
		var so sum
		for i := range few {
			j := i + int(numbers.below(uint64(n-i)))
			order[i], order[j] = order[j], order[i]
			so = so.plus(values[order[i]])
		}
		if few != k { // those drawn are the controls
			so = total.minus(so)
		}
		if so.least(least) {
			t.Hits++
		}
	}
	return t
}

// stream is the numbers that a seed gives.
type stream struct {
	key     [40]byte // and the counter
	counter uint64
	block   [32]byte
	used    int // words of the block; 0: none is there yet
}

func newStream(seed [32]byte, label string) *stream {
	s, key := &stream{}, sha256.Sum256(append(seed[:], label...))
	copy(s.key[:], key[:])
	return s
}

func (s *stream) word() uint64 {
	if s.used == 0 {
		binary.BigEndian.PutUint64(s.key[32:], s.counter)
		s.block = sha256.Sum256(s.key[:])
		s.counter++
	}
	word := binary.BigEndian.Uint64(s.block[8*s.used:])
	s.used = (s.used + 1) % 4
	return word
}

// below is the next number below n.
func (s *stream) below(n uint64) uint64 {
	for {
		word := s.word()
		if word < math.MaxUint64-math.MaxUint64%n {
			return word % n
		}
	}
}
