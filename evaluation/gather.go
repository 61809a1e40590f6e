package evaluation

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// Role says on which side of a comparison an enterprise stands.
type Role string

// The roles.
const (
	Supported Role = "supported"
	Control   Role = "control"
	LeftOut   Role = "left_out"
)

// Why says why an enterprise is left out, or what of it is not told.
type Why string

// The reasons, in the order in which they are told. Of several the first holds of: nothing paid net, elsewhere, earlier, merged, waiting, no baseline, no value, alone.
const (
	NoBaseline Why = "no_baseline"          // no value of the year before: growth is undefined, the level after is kept
	NoValue    Why = "no_value"             // none of the year
	Unpaid     Why = "approved_unpaid"      // approved, or paid, and nothing of it is left net
	Elsewhere  Why = "supported_elsewhere"  // under another clause in the year
	Earlier    Why = "supported_earlier"    // under the clause for a year before
	Merged     Why = "merged"               // it is one with another since
	Alone      Why = "no_supported_like_it" // no supported one is of its industry, within the caliper
	Waiting    Why = "not_decided"          // an application of its under the clause waits
)

// Reasons lists every reason for which an enterprise is left out, in their order.
var Reasons = []Why{NoBaseline, NoValue, Unpaid, Elsewhere, Earlier, Merged, Alone, Waiting}

// Of is a clause and a year that are evaluated.
type Of struct {
	Clause domain.ClauseID
	Year   domain.SupportYear
}

// Level is a value of a fact; Known says whether there is one.
type Level struct {
	Value decimal.Decimal
	Known bool
}

// Case is an enterprise as it is compared by an indicator.
type Case struct {
	Enterprise domain.EnterpriseID
	Industry   domain.IndustryID
	Role       Role
	Why        Why          // it is left out; "": it is not
	Net        domain.Money // paid under the clause for the year, net
	TurnedAway string       // "rejected", "withdrawn" or ""
	Both       bool         // it was supported and turned away
	Earlier    Level        // of Y−2
	Before     Level
	After      Level
}

// Change is what the level moved by.
func (c Case) Change() (decimal.Decimal, bool) {
	return c.After.Value.Sub(c.Before.Value), c.After.Known && c.Before.Known
}

// growthPlaces is to how many decimals the growth of one enterprise is rounded.
const growthPlaces = 12

// Growth is the change by the level before; false where that is not above nought.
func (c Case) Growth() (decimal.Decimal, bool) {
	change, both := c.Change()
	if !both || !c.Before.Value.IsPositive() {
		return decimal.Zero, false
	}
	return change.DivRound(c.Before.Value, growthPlaces), true
}

// Measured is an indicator of a clause and a year with all who are looked at, in the order of their codes.
type Measured struct {
	Of
	Indicator  domain.Indicator
	Fact       domain.Fact // none: nothing measures it
	Target     string      // "": none is set
	Cases      []Case
	NetPaid    domain.Money // to all who are supported, whatever is known of them
	Recipients int
}

// Measured reports whether a fact measures the indicator.
func (m *Measured) Measurable() bool { return m.Fact.ID != "" }

// gathering is what is the same for every clause and year.
type gathering struct {
	state    *domain.State
	net      map[domain.SupportKey]domain.Money
	outcomes map[domain.SupportKey]domain.AskedFor
	paid     map[domain.EnterpriseID][]domain.SupportKey
	all      []domain.EnterpriseID
}

// Gather takes out of a state what evaluations are reckoned from: of some clauses and years or, of none, of all that anything was paid under and that have
// indicators. only narrows it to one indicator; "": all. Nothing of what it gives is the state's.
func Gather(s *domain.State, only domain.IndicatorID, of ...Of) []*Measured {
	g := &gathering{state: s, net: s.NetPaid(), outcomes: s.Outcomes(), paid: map[domain.EnterpriseID][]domain.SupportKey{}, all: s.EnterprisesBehind("")}
	for key, sum := range g.net {
		if sum.Positive() {
			g.paid[key.Enterprise] = append(g.paid[key.Enterprise], key)
		}
	}
	p := s.Policy()
	if p == nil {
		return nil
	}
	if len(of) == 0 {
		of = g.evaluated(p)
	}
	var list []*Measured
	for _, one := range of {
		list = append(list, g.measure(p, one, only)...)
	}
	return list
}

// evaluated are the clauses with indicators and the years that anything was paid under them for, in the policy's order.
func (g *gathering) evaluated(p *domain.Policy) (list []Of) {
	years := map[domain.ClauseID][]domain.SupportYear{}
	for key, sum := range g.net {
		if sum.Positive() && key.Year != 0 && !slices.Contains(years[key.Clause], key.Year) {
			years[key.Clause] = append(years[key.Clause], key.Year)
		}
	}
	for _, c := range p.Clauses {
		if len(p.IndicatorsOf(c.ID)) == 0 {
			continue
		}
		for _, year := range slices.Sorted(slices.Values(years[c.ID])) {
			list = append(list, Of{c.ID, year})
		}
	}
	return list
}

// measure are the indicators of a clause in a year.
func (g *gathering) measure(p *domain.Policy, of Of, only domain.IndicatorID) (list []*Measured) {
	var cases []Case
	for _, one := range p.IndicatorsOf(of.Clause) {
		if only != "" && one.ID != only {
			continue
		}
		if cases == nil {
			cases = g.cases(of)
		}
		m := &Measured{Of: of, Indicator: one, Target: g.state.Target(of.Clause, one.ID, of.Year)}
		m.Fact, _ = p.Fact(one.Fact)
		m.Cases = slices.Clone(cases)
		for i := range m.Cases {
			c := &m.Cases[i]
			if c.Role == Supported {
				m.NetPaid = m.NetPaid.Add(c.Net)
				m.Recipients++
			}
			if m.Measurable() {
				c.Earlier, c.Before, c.After = g.level(c.Enterprise, m.Fact, of.Year-2), g.level(c.Enterprise, m.Fact, of.Year-1), g.level(c.Enterprise, m.Fact, of.Year)
			}
		}
		m.side()
		list = append(list, m)
	}
	return list
}

func (g *gathering) level(e domain.EnterpriseID, f domain.Fact, year domain.SupportYear) Level {
	known, is := g.state.FactOf(domain.FactSubject{Enterprise: e}, f.ID, year.String())
	if !is {
		return Level{}
	}
	value, is := known.Decimal()
	return Level{value, is}
}

// cases are all enterprises with what is known of them whatever the indicator: who was supported, who may be a control, and why others may not.
func (g *gathering) cases(of Of) []Case {
	eve, end := domain.DateOf(int(of.Year)-1, 12, 31), domain.DateOf(int(of.Year), 12, 31)
	list := make([]Case, len(g.all))
	for i, id := range g.all {
		key := domain.SupportKey{Enterprise: id, Clause: of.Clause, Year: of.Year}
		asked := g.outcomes[key]
		c := Case{Enterprise: id, Industry: g.state.IndustryOn(id, eve), Role: Control, Net: g.net[key]}
		switch {
		case asked.Rejected:
			c.TurnedAway = string(domain.Rejected)
		case asked.Withdrawn:
			c.TurnedAway = string(domain.Withdrawn)
		}
		if c.Net.Positive() {
			c.Role, c.Both = Supported, c.TurnedAway != ""
		} else if c.Why = g.barred(of, id, asked, end); c.Why != "" {
			c.Role = LeftOut
		}
		list[i] = c
	}
	return list
}

// barred is why an enterprise is no control, whatever its levels; "": it may be one.
func (g *gathering) barred(of Of, id domain.EnterpriseID, asked domain.AskedFor, end domain.Date) Why {
	if _, paid := g.net[domain.SupportKey{Enterprise: id, Clause: of.Clause, Year: of.Year}]; paid || asked.Approved {
		return Unpaid
	}
	for _, one := range []struct {
		why Why
		is  func(domain.SupportKey) bool
	}{
		{Elsewhere, func(other domain.SupportKey) bool { return other.Year == of.Year }},
		{Earlier, func(other domain.SupportKey) bool { return other.Clause == of.Clause && other.Year < of.Year }},
	} {
		if slices.ContainsFunc(g.paid[id], one.is) {
			return one.why
		}
	}
	switch {
	case g.state.MergedBy(id, end) != "":
		return Merged
	case asked.Waiting:
		return Waiting
	}
	return ""
}

// caliper is how far from a supported one's level before a control's may lie: a quarter of it.
var caliper = struct{ low, high decimal.Decimal }{decimal.RequireFromString("0.75"), decimal.RequireFromString("1.25")}

// side leaves out whoever lacks a level, and whoever may be a control and is like no supported one.
func (m *Measured) side() {
	if !m.Measurable() {
		return
	}
	likes := map[domain.IndustryID][]decimal.Decimal{}
	for i := range m.Cases {
		c := &m.Cases[i]
		if c.Role == LeftOut {
			continue
		}
		switch {
		case !c.Before.Known:
			c.Why = NoBaseline
		case !c.After.Known:
			c.Why = NoValue
		case c.Role == Supported:
			likes[c.Industry] = append(likes[c.Industry], c.Before.Value)
		}
		if c.Why != "" {
			c.Role = LeftOut
		}
	}
	for _, list := range likes {
		slices.SortFunc(list, decimal.Decimal.Cmp)
	}
	for i := range m.Cases {
		c := &m.Cases[i]
		if c.Role == Control && !near(likes[c.Industry], c.Before.Value) {
			c.Role, c.Why = LeftOut, Alone
		}
	}
}

// near reports whether one of sorted levels has another within its caliper. Of levels of one sign those are neighbours: the nearest at or above
// the least that could have it.
func near(sorted []decimal.Decimal, level decimal.Decimal) bool {
	within := func(of decimal.Decimal) bool {
		a, b := of.Mul(caliper.low), of.Mul(caliper.high)
		if of.IsNegative() {
			a, b = b, a
		}
		return level.Cmp(a) >= 0 && level.Cmp(b) <= 0
	}
	// From here on the far end of an interval is not below the level.
	i, _ := slices.BinarySearchFunc(sorted, level, func(of, level decimal.Decimal) int {
		far := of.Mul(caliper.high)
		if of.IsNegative() {
			far = of.Mul(caliper.low)
		}
		if far.Cmp(level) < 0 {
			return -1
		}
		return 1
	})
	return i < len(sorted) && within(sorted[i])
}
