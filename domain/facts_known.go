package domain

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// FactSubject is whom a fact is known of: an enterprise or a project.
type FactSubject struct {
	Enterprise EnterpriseID
	Project    string
}

type factKey struct {
	of   FactSubject
	fact FactID
}

// factValue is a value of a fact, of a period.
type factValue struct {
	period     string
	value      string
	pending    bool   // it waits for a second department
	standing   string // what counts while a correction waits: the value before it; "": nothing
	department DepartmentID
	confirmed  DepartmentID // that recorded the same value
	by         []PersonID
}

// FactUsed is a fact that a decision rested on, as it was known then.
type FactUsed struct {
	Fact   FactID `json:"fact"`
	Period string `json:"period"`
	Value  string `json:"value"`
}

// KnownFact is a value of a fact as it is known now.
type KnownFact struct {
	Fact       FactID
	Period     string
	Value      string
	Pending    bool // it waits for a second department, and does not count
	Department DepartmentID
	Confirmed  DepartmentID
}

// Decimal is the value as a number; false where it is none.
func (k KnownFact) Decimal() (decimal.Decimal, bool) {
	d, err := decimal.NewFromString(k.Value)
	return d, err == nil
}

func (v factValue) known(id FactID) KnownFact {
	return KnownFact{Fact: id, Period: v.period, Value: v.value, Pending: v.pending, Department: v.department, Confirmed: v.confirmed}
}

// FactsOf are the values of a fact of somebody, by period; what does not count yet among them.
func (s *State) FactsOf(of FactSubject, id FactID) []KnownFact {
	values := s.facts.get(factKey{of, id})
	list := make([]KnownFact, len(values))
	for i, v := range values {
		list[i] = v.known(id)
	}
	return list
}

// FactOf is the value of a fact for a period, such as "2025": that of the period itself, or, of a fact that holds from days on, the latest that began
// by that day. Only one that counts is found.
func (s *State) FactOf(of FactSubject, id FactID, period string) (KnownFact, bool) {
	f, listed := s.factListed(id)
	if !listed {
		return KnownFact{}, false
	}
	values := s.facts.get(factKey{of, id})
	for i := len(values) - 1; i >= 0; i-- {
		v := values[i]
		counts := v.counting()
		if counts == "" || v.period > period {
			continue
		}
		if v.period == period || f.Per == FromDay {
			v.value, v.pending = counts, false
			return v.known(id), true
		}
		break
	}
	return KnownFact{}, false
}

// Meant is the value of the fact that decides a matter, of somebody on a day; false where the policy has no such fact, or nothing is known.
func (s *State) Meant(m FactMeaning, of FactSubject, on Date) (KnownFact, bool) {
	f, is := s.policy.FactMeaning(m)
	if !is {
		return KnownFact{}, false
	}
	return s.FactOf(of, f.ID, f.PeriodOn(on))
}

func (s *State) factListed(id FactID) (Fact, bool) {
	if s.policy == nil {
		return Fact{}, false
	}
	return s.policy.Fact(id)
}

func (k KnownFact) used() FactUsed { return FactUsed{k.Fact, k.Period, k.Value} }

// restedOn are the facts that a decision on an enterprise under a clause asks on a day.
func (s *State) restedOn(e EnterpriseID, c ClauseID, on Date) (used []FactUsed) {
	if len(s.clauseOn(c, on).Industries) > 0 {
		if k, is := s.Meant(MeansIndustry, FactSubject{Enterprise: e}, on); is {
			used = append(used, k.used())
		}
	}
	if s.policy.District != "" {
		if k, is := s.Meant(MeansPlace, FactSubject{Enterprise: e}, on); is {
			used = append(used, k.used())
		}
	}
	return used
}

// keepValue puts a value in the place of the one of its period, or among the others; the list is never changed in place.
func keepValue(values []factValue, v factValue) []factValue {
	i, there := slices.BinarySearchFunc(values, v.period, func(x factValue, period string) int { return strings.Compare(x.period, period) })
	values = slices.Clone(values)
	if there {
		if v.pending {
			v.standing = values[i].counting()
		}
		values[i] = v
		return values
	}
	return slices.Insert(values, i, v)
}

// counting is the value that counts: of a correction that a second department has not confirmed, the one before it, for one department alone does
// not take away what two have recognised. "": none does.
func (v factValue) counting() string {
	if v.pending {
		return v.standing
	}
	return v.value
}

// valueOf is the value of a period.
func valueOf(values []factValue, period string) (factValue, bool) {
	i, there := slices.BinarySearchFunc(values, period, func(x factValue, period string) int { return strings.Compare(x.period, period) })
	if !there {
		return factValue{}, false
	}
	return values[i], true
}

// recognised is an enterprise's industries as facts have them: those that count.
func recognised(values []factValue) (list []industryFrom) {
	for _, v := range values {
		if day, err := ParseDate(v.period); err == nil && v.counting() != "" {
			list = append(list, industryFrom{day, IndustryID(v.counting())})
		}
	}
	return list
}

// placeOn is the division that an enterprise is in on a day: where the fact has it, else that of its credit code; "" where neither says.
func (s *State) placeOn(id EnterpriseID, on Date) string {
	if k, is := s.Meant(MeansPlace, FactSubject{Enterprise: id}, on); is {
		return k.Value
	}
	if s.policy.Beneficiary != CreditCode || len(id) < 8 || !division(string(id[2:8])) {
		return ""
	}
	return string(id[2:8])
}

// outsideDistrict finds that a decision of a day is for an enterprise outside the fund's district, which is not admitted.
func (s *State) outsideDistrict(c Charge, on Date) []Finding {
	place := s.placeOn(c.Enterprise, on)
	clause := c.Applied()
	if s.policy.District == "" || place == "" || place == s.policy.District || s.enterprises.get(c.Enterprise).admitted(clause, s.clauses.get(clause).policy, on) {
		return nil
	}
	return []Finding{refuse(CodeOutsideDistrict, "enterprise", c.Enterprise, "value", place, "limit", s.policy.District).finding()}
}
