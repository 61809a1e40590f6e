package domain

import (
	"slices"

	"github.com/shopspring/decimal"
)

// Support that is reckoned as a share of a fact (业务规模的一定比例): the decision keeps which fact of which period it took, the rate, and what that came to, as
// it was known then. What is granted beyond that is found, not refused: a department may have a reason.

// Rate is a percentage above nought of at most four decimals, such as "1.5".
type Rate string

// ByRate is by what an amount was reckoned.
type ByRate struct {
	Fact     FactID      `json:"fact"`
	Of       SubjectKind `json:"of,omitzero"` // "project": the fact is the project's; left out: the enterprise's
	Period   string      `json:"period"`
	Rate     Rate        `json:"rate"`
	Computed Money       `json:"computed"` // the value by the rate, to the fen, half a fen and more up
}

// rateAsked is what a decision says of how its amount was reckoned.
type rateAsked struct {
	fact     FactID
	period   string
	rate     Rate
	computed Money // by who gives it; nought: not said
}

// said reports whether anything is said.
func (r rateAsked) said() bool { return r != rateAsked{} }

// decimal is the rate as a number; false where it is none.
func (r Rate) decimal() (decimal.Decimal, bool) {
	d, fine := plainNumber(string(r), maxPercentDecimals, false)
	return d, fine && d.IsPositive() && d.LessThanOrEqual(decimal.New(1000, 0))
}

// byRate judges how an amount was reckoned: the fact is known, open to those who read the decision, and comes to what is said. Nil: nothing is said.
func (s *State) byRate(asked rateAsked, charge Charge) (*ByRate, *FactUsed, *Refusal) {
	if !asked.said() {
		return nil, nil, nil
	}
	for _, field := range []struct{ name, value string }{{"fact", string(asked.fact)}, {"period", asked.period}, {"rate", string(asked.rate)}} {
		if field.value == "" {
			return nil, nil, refuse(CodeFieldMissing, "field", field.name)
		}
	}
	if r := checkIDs("fact", asked.fact); r != nil {
		return nil, nil, r
	}
	f, listed := s.policy.Fact(asked.fact)
	rate, fine := asked.rate.decimal()
	switch {
	case !listed:
		return nil, nil, refuse(CodeFactUnknown, "fact", asked.fact)
	case f.Unit != UnitMoney || f.Sensitive: // of a sensitive one the sum would tell the value
		return nil, nil, refuse(CodeFieldInvalid, "field", "fact", "value", f.ID, "reason", ReasonRateFact)
	case !fine:
		return nil, nil, refuse(CodeFieldInvalid, "field", "rate", "value", Clip(string(asked.rate), 20), "reason", ReasonRate)
	}
	if _, r := f.readPeriod(asked.period); r != nil {
		return nil, nil, r
	}
	is := &ByRate{Fact: f.ID, Rate: asked.rate}
	known, found := s.FactOf(FactSubject{Enterprise: charge.Enterprise}, f.ID, asked.period)
	if !found && charge.Subject.Kind == SubjectProject {
		is.Of = SubjectProject
		known, found = s.FactOf(FactSubject{Project: charge.Subject.ID}, f.ID, asked.period)
	}
	if !found || known.Period != asked.period {
		return nil, nil, refuse(CodeFactNotKnown, "fact", f.ID, "period", asked.period)
	}
	is.Period = asked.period
	value, _ := known.Decimal()
	computed := decimal.Max(decimal.Zero, value.Mul(rate).Shift(-2)).Round(2)
	var err error
	if is.Computed, err = MoneyOf(computed); err != nil {
		return nil, nil, refuse(CodeAmountTooLarge, "field", "computed", "value", computed.StringFixed(2))
	}
	if !asked.computed.IsZero() && asked.computed != is.Computed {
		return nil, nil, refuse(CodeRateDiffers, "fact", f.ID, "period", is.Period, "value", known.Value, "rate", asked.rate, "limit", is.Computed, "asked", asked.computed)
	}
	used := known.used()
	return is, &used, nil
}

// grantedByRate is what an application was granted by a fact of a period.
type grantedByRate struct {
	fact   FactID
	of     SubjectKind
	whose  EnterpriseID // that was charged then: an application may have moved since
	period string
	amount Money
}

// overRate finds that what an enterprise is granted under a clause by a fact of a period, with what it was before, is beyond what that comes to: neither a
// supplement nor another application takes the same fact twice. Of what was reduced or released since nothing counts.
func (s *State) overRate(id ApplicationID, charge Charge, by *ByRate, asked Money) []Finding {
	if by == nil {
		return nil
	}
	before := NoMoney
	for _, other := range slices.Compact(slices.Sorted(slices.Values(s.charged.get(charge.Enterprise).applications))) {
		a := s.applications.get(other)
		if a.charge.Enterprise != charge.Enterprise || a.charge.Clause != charge.Clause || by.Of == SubjectProject && a.charge.Subject != charge.Subject {
			continue
		}
		before = before.Add(Lesser(a.grantedBy(by, charge.Enterprise), a.standing()))
	}
	over := before.Add(asked).Sub(by.Computed)
	if !over.Positive() {
		return nil
	}
	use := ""
	if before.Positive() {
		use = before.String()
	}
	return []Finding{refuse(CodeRateExceeded, "application", id, "fact", by.Fact, "period", by.Period, "rate", by.Rate, "limit", by.Computed, "use", use, "asked", asked,
		"short_by", over).finding()}
}

// grantedBy is what an application was granted by a fact of a period.
func (a application) grantedBy(by *ByRate, whose EnterpriseID) (sum Money) {
	for _, one := range a.rated {
		if one.fact == by.Fact && one.of == by.Of && one.whose == whose && one.period == by.Period {
			sum = sum.Add(one.amount)
		}
	}
	return sum
}

// rate notes what a decision grants by a fact.
func (a *application) rate(g Granted) {
	if by := g.ByRate; by != nil {
		a.rated = append(a.rated[:len(a.rated):len(a.rated)], grantedByRate{by.Fact, by.Of, g.Charge.Enterprise, by.Period, sum(g.Instalments)})
	}
}

// asked is what a command says that made the event: what it computed is found anew.
func (b *ByRate) asked() (fact FactID, period string, rate Rate, computed Money) {
	if b == nil {
		return "", "", "", NoMoney
	}
	return b.Fact, b.Period, b.Rate, b.Computed
}

// describe is by what an amount was reckoned, behind what is granted.
func (b *ByRate) describe(t Text) Text {
	if b == nil {
		return t
	}
	more := both("；按 %s（%s）的 %s%% 核定，计 %s", "; reckoned by %s of %s at %s%%: %s", b.Fact, b.Period, b.Rate, b.Computed)
	return Text{t.ZH + more.ZH, t.EN + more.EN}
}
