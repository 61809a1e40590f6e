package effect

import (
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// Sight is what a reader may learn of a fact by a match. Who decides on a clause learns whether its conditions are fulfilled, for that is what they decide by:
// of a sensitive fact one answer to a threshold that the policy states, which nobody who may not read the fact can set, and never a figure. Anybody else who
// may not read it learns nothing: the answer is then the same whatever the value is, and whether there is one.
type Sight int

// What may be learnt.
const (
	SeesValue   Sight = iota // the value
	SeesAnswer               // whether a comparison of it holds
	SeesNothing              // neither
)

// Outcome is what came of one comparison of a clause's conditions.
type Outcome string

// The outcomes.
const (
	Holds    Outcome = "holds"
	Fails    Outcome = "fails"
	Missing  Outcome = "missing"  // nobody recorded the fact of the period, or it waits to be confirmed
	Waits    Outcome = "project"  // it is of a project that there is none of yet
	Withheld Outcome = "withheld" // the reader may learn nothing of it
)

// Comparison is a comparison that a clause's conditions ask, as it has to hold: where a condition is negated, the opposite of what the policy writes.
type Comparison struct {
	Asked    domain.Condition
	Fact     domain.Fact
	Period   string // that is asked
	Outcome  Outcome
	Value    string              // "": there is none, or it is withheld
	ShortBy  string              // by how much it misses at least; "": not told
	Recorded domain.DepartmentID // by whom; "": by nobody
}

// truth is an answer of three (Kleene): what is not known may be either.
type truth int

const (
	no truth = iota
	unknown
	yes
)

// asks evaluates conditions for one enterprise, or a project of its, in a year and on a day.
type asks struct {
	state      *domain.State
	policy     *domain.Policy
	enterprise domain.EnterpriseID
	project    string
	year       domain.SupportYear
	day        domain.Date
	sees       func(domain.Fact) Sight
}

// all is whether conditions hold together, and the comparisons by which they do, do not, or it is not known.
func (a asks) all(list []domain.Condition, negated bool) (truth, []Comparison) {
	is := yes
	var by [yes + 1][]Comparison
	for _, c := range list {
		one, comparisons := a.one(c, negated)
		is = min(is, one)
		by[one] = append(by[one], comparisons...)
	}
	return is, by[is]
}

// any is whether one of conditions holds.
func (a asks) any(list []domain.Condition, negated bool) (truth, []Comparison) {
	is := no
	var by [yes + 1][]Comparison
	for _, c := range list {
		one, comparisons := a.one(c, negated)
		is = max(is, one)
		by[one] = append(by[one], comparisons...)
	}
	return is, by[is]
}

// one is whether a condition holds; a negated one where it does not. Not of all is any of not, and the other way round.
func (a asks) one(c domain.Condition, negated bool) (truth, []Comparison) {
	switch {
	case c.All != nil && negated:
		return a.any(c.All, negated)
	case c.All != nil:
		return a.all(c.All, negated)
	case c.Any != nil && negated:
		return a.all(c.Any, negated)
	case c.Any != nil:
		return a.any(c.Any, negated)
	case c.Not != nil:
		return a.one(*c.Not, !negated)
	}
	if negated {
		c = c.Opposite()
	}
	return a.compare(c)
}

func (a asks) compare(c domain.Condition) (truth, []Comparison) {
	f, listed := a.policy.Fact(c.Fact)
	if !listed {
		f = domain.Fact{ID: c.Fact, Name: domain.Text{ZH: string(c.Fact), EN: string(c.Fact)}} // the policy's file has it: only a forged log leads here
	}
	one := Comparison{Asked: c, Fact: f, Period: c.PeriodIn(a.year, a.day), Outcome: Missing}
	told := func(t truth) (truth, []Comparison) { return t, []Comparison{one} }
	of := domain.FactSubject{Enterprise: a.enterprise}
	if c.Of == domain.SubjectProject {
		of = domain.FactSubject{Project: a.project}
	}
	sight := a.sees(f)
	switch {
	case of == (domain.FactSubject{}):
		one.Outcome = Waits
		return told(unknown)
	case sight == SeesNothing:
		one.Outcome = Withheld
		return told(unknown)
	}
	known, is := a.state.FactOf(of, f.ID, one.Period)
	if !is {
		return told(unknown)
	}
	one.Outcome, one.Recorded = Holds, known.Department
	holds, short := f.Compare(known.Value, c.Is, c.With())
	if !holds {
		one.Outcome = Fails
	}
	if sight == SeesValue {
		one.Value, one.ShortBy = known.Value, short
	}
	if holds {
		return told(yes)
	}
	return told(no)
}

// Sources are the departments that the fact is had from: who recorded it, or who may.
func (c Comparison) Sources() []domain.DepartmentID {
	if c.Recorded != "" {
		return []domain.DepartmentID{c.Recorded}
	}
	return c.Fact.Sources
}

// SuppliedBy is who the fact is had from, in words.
func (c Comparison) SuppliedBy(p *domain.Policy) domain.Text {
	var zh, en []string
	for _, d := range c.Sources() {
		name, known := p.Called("department", string(d))
		if !known {
			name = domain.Text{ZH: string(d), EN: string(d)}
		}
		zh, en = append(zh, name.ZH), append(en, name.EN)
	}
	return domain.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}

// Tell is the comparison in a sentence: what is asked, what is known, by how much it misses, and from whom.
func (c Comparison) Tell(p *domain.Policy, year domain.SupportYear) domain.Text {
	t := p.TellCondition(c.Asked, year)
	add := func(zh, en string) { t = domain.Text{ZH: t.ZH + zh, EN: t.EN + en} }
	from := c.SuppliedBy(p)
	switch c.Outcome {
	case Missing:
		add("，尚无记录，由"+from.ZH+"提供", "; it is not recorded: "+from.EN+" supplies it")
		return t
	case Waits:
		add("，项目尚未登记", "; there is no project yet")
		return t
	case Withheld:
		add("，值限定查阅，由"+from.ZH+"提供", "; its value is for those who need it, from "+from.EN)
		return t
	}
	if c.Value == "" {
		add("，值限定查阅", "; its value is for those who need it")
	} else {
		is := p.ShownIn(c.Fact, c.Value)
		add("，记录为"+domain.SpacedZH(is.ZH), "; recorded is "+is.EN)
	}
	if c.ShortBy != "" {
		short := p.ShownIn(c.Fact, c.ShortBy)
		add("，相差"+domain.SpacedZH(short.ZH), ", short by "+short.EN)
	}
	add("（"+from.ZH+"）", " ("+from.EN+")")
	return t
}
