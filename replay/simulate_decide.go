package replay

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/effect"
	"github.com/fundledger/fundledger/words"
)

// How a decision of the history comes out under the policy: the domain decides, and what is too much is asked again for less, by the figures of its
// refusals.

// capCodes are the refusals for a cap.
var capCodes = map[string]bool{domain.CodeCapExceeded: true, domain.CodeGroupCapExceeded: true}

// cutCodes are the refusals of what may be cut.
var cutCodes = map[string]bool{domain.CodeCapExceeded: true, domain.CodeGroupCapExceeded: true, domain.CodeBudgetExceeded: true, domain.CodeRequestedExceeded: true,
	domain.CodeRateExceeded: true}

// maxCuts bounds how often one decision is asked again.
const maxCuts = 50

// granting are the instalments that a command grants; false: it grants none.
func granting(c domain.Command) (*[]domain.Instalment, bool) {
	switch c := c.(type) {
	case *domain.ApproveApplication:
		return &c.Instalments, true
	case *domain.SupplementApproval:
		return &c.Instalments, true
	}
	return nil, false
}

// decide decides a command, and asks again for less what is too much.
func (m *simulation) decide(c domain.Command, a asked) (domain.Decision, *Refused) {
	list, grants := granting(c)
	if !grants {
		return m.decidePlain(c, a)
	}
	of := m.applications[applicationOf(c, m.state)]
	base := slices.Clone(*list)
	*list = m.wished(base, of, a)
	fact, rated := m.rated(c)
	var decision domain.Decision
	var refusal *domain.Refusal
	cutBy, missing := "", false
	if of != nil {
		of.short = nil
	}
	for range maxCuts {
		decision, refusal = m.once(c, a)
		if refusal != nil && refusal.Code == domain.CodeFactNotKnown && rated {
			rated, missing = false, true
			unrate(c)
			continue
		}
		if refusal == nil {
			refusal = m.beyondRate(decision, rated)
		}
		if refusal == nil {
			refusal = m.beyondBudget(decision, of, a.seq)
		}
		if refusal == nil || !m.mayCut(refusal, a) || !reduce(list, base, refusal.Figures) {
			break
		}
		cutBy = refusal.Code
	}
	if refusal != nil {
		return decision, refusedBy(refusal)
	}
	if r := m.conditions(c, a); r != nil {
		return domain.Decision{}, r
	}
	if of != nil && less(*list, base) {
		of.cutBy, of.capped = cutBy, of.capped || capCodes[cutBy]
	}
	if missing {
		m.notKnown(m.applied(c), fact, "rate", domain.CodeFactNotKnown, of, a.seq)
	}
	return decision, nil
}

func refusedBy(r *domain.Refusal) *Refused {
	return &Refused{r.Code, r.Rule, r.Figures, r.Message()}
}

// once decides a command; one of a department that is not responsible under the policy's clause is given by one that is.
func (m *simulation) once(c domain.Command, a asked) (domain.Decision, *domain.Refusal) {
	decision, r := domain.Decide(m.state, c, a.today)
	if r == nil || r.Code != domain.CodeDepartmentNotAllowed || a.refused != nil && a.refused.Code == r.Code {
		return decision, r
	}
	clause := domain.About(c, m.state).Applied()
	if named, is := c.(*domain.SubmitApplication); is {
		clause = named.Clause
	}
	departments := m.state.ClauseOn(clause, c.Given().Date).Departments
	if len(departments) == 0 || slices.Contains(departments, c.Given().Actor.Department) {
		return decision, r
	}
	domain.HeadOf(c).Actor.Department = departments[0]
	return domain.Decide(m.state, c, a.today)
}

// decidePlain decides what grants nothing. What is paid, ordered back or reduced of an approval that is less now is less too.
func (m *simulation) decidePlain(c domain.Command, a asked) (domain.Decision, *Refused) {
	for range maxCuts {
		decision, r := m.once(c, a)
		if r == nil {
			return decision, nil
		}
		amount := follows(c)
		short, err := domain.ParseMoney(r.Figures["short_by"])
		if a.entry == nil || amount == nil || err != nil || !short.Positive() || !amount.More(short) {
			return decision, refusedBy(r)
		}
		*amount = amount.Sub(short)
	}
	return domain.Decision{}, nil
}

// follows is the amount of a command that is of an approval or of a payment, and no more than that.
func follows(c domain.Command) *domain.Money {
	switch c := c.(type) {
	case *domain.MakePayout:
		return &c.Amount
	case *domain.ReturnPayout:
		return &c.Amount
	case *domain.ReduceApproval:
		return &c.Amount
	case *domain.OrderClawback:
		return &c.Amount
	case *domain.ReceiveRecovery:
		return &c.Amount
	}
	return nil
}

// wished are the instalments that are asked for: those of the decision; where a cap kept it below the request, the request, when what is too much is cut.
func (m *simulation) wished(base []domain.Instalment, of *tried, a asked) []domain.Instalment {
	list := slices.Clone(base)
	if !m.trial.Cut || a.entry == nil || of == nil {
		return list
	}
	granted, is := domain.GrantedBy(a.entry.Event)
	if !is || granted.ByRate != nil || !bound(granted.Basis) {
		return list
	}
	for i := range list {
		for _, filed := range of.filed {
			if filed.SupportYear == list[i].SupportYear && filed.Amount.More(list[i].Amount) && boundIn(granted.Basis, filed.SupportYear) {
				list[i].Amount = filed.Amount
			}
		}
	}
	return list
}

func bound(basis []domain.Basis) bool {
	return slices.ContainsFunc(basis, func(b domain.Basis) bool { return b.HeadroomAfter != nil && b.HeadroomAfter.IsZero() })
}

// boundIn reports whether a decision took all that a cap left in a year.
func boundIn(basis []domain.Basis, year domain.SupportYear) bool {
	return slices.ContainsFunc(basis, func(b domain.Basis) bool {
		return (b.SupportYear == year || b.SupportYear == 0) && b.HeadroomAfter != nil && b.HeadroomAfter.IsZero()
	})
}

// mayCut reports whether what was refused is asked again for less. An approval that was refused then for the same is cut only where there is more left
// than there was.
func (m *simulation) mayCut(r *domain.Refusal, a asked) bool {
	switch {
	case !m.trial.Cut || !cutCodes[r.Code]:
		return false
	case a.refused == nil || a.refused.Code != r.Code:
		return true
	}
	was, err := domain.ParseMoney(a.refused.Figures["headroom"])
	now, err2 := domain.ParseMoney(r.Figures["headroom"])
	return err == nil && err2 == nil && now.More(was)
}

// reduce takes what a refusal is short by from instalments, in its year where it names one: first what is asked beyond the decision, then of that,
// from the last year on. False: nothing would be left, or the refusal does not say.
func reduce(list *[]domain.Instalment, base []domain.Instalment, figures domain.Figures) bool {
	short, err := domain.ParseMoney(figures["short_by"])
	if err != nil || !short.Positive() {
		return false
	}
	in := func(i domain.Instalment) bool {
		return figures["year"] == "" || figures["year"] == i.SupportYear.String() || !isYear(figures["year"])
	}
	kept := slices.Clone(*list)
	floor := func(y domain.SupportYear) domain.Money {
		for _, b := range base {
			if b.SupportYear == y {
				return b.Amount
			}
		}
		return domain.NoMoney
	}
	for _, beyond := range []bool{true, false} {
		for i := len(kept) - 1; i >= 0; i-- {
			if !in(kept[i]) {
				continue
			}
			there := kept[i].Amount
			if beyond {
				there = there.Sub(floor(kept[i].SupportYear)).OrNone()
			}
			by := domain.Lesser(there, short)
			kept[i].Amount, short = kept[i].Amount.Sub(by), short.Sub(by)
		}
	}
	kept = slices.DeleteFunc(kept, func(i domain.Instalment) bool { return i.Amount.IsZero() })
	if short.Positive() || len(kept) == 0 {
		return false
	}
	*list = kept
	return true
}

// isYear reports whether a figure names a year: "total" names none.
func isYear(text string) bool { return len(text) == 4 && text >= "1000" && text <= "9999" }

func less(list, base []domain.Instalment) bool { return total(base).More(total(list)) }

func total(list []domain.Instalment) (sum domain.Money) {
	for _, i := range list {
		sum = sum.Add(i.Amount)
	}
	return sum
}

// applied is the clause of the policy that a command's application is under.
func (m *simulation) applied(c domain.Command) domain.ClauseID {
	return domain.About(c, m.state).Applied()
}

// rateOf is the rate of a clause, where one is asked for.
func (m *simulation) rateOf(c domain.ClauseID) (ClauseRate, bool) {
	i := slices.IndexFunc(m.trial.Rates, func(r ClauseRate) bool { return r.Clause == c })
	if i < 0 {
		return ClauseRate{}, false
	}
	return m.trial.Rates[i], true
}

// checkRates refuses rates that no approval could name.
func (m *simulation) checkRates() error {
	for i, r := range m.trial.Rates {
		of := domain.Text{ZH: string(r.Clause), EN: string(r.Clause)}
		if _, known := m.policy.Clause(r.Clause); !known {
			return words.Wrong(ErrParameter, "比例：政策没有条款 %s", "rate: the policy has no clause %s", of)
		}
		if slices.ContainsFunc(m.trial.Rates[:i], func(other ClauseRate) bool { return other.Clause == r.Clause }) {
			return words.Wrong(ErrParameter, "比例：条款 %s 重复", "rate: clause %s stands twice", of)
		}
		f, listed := m.policy.Fact(r.Fact)
		if !listed || f.Unit != domain.UnitMoney || f.Sensitive {
			return words.Wrong(ErrParameter, "比例：条款 %s 的事实须为不限定查阅的金额，“%s”不是", "rate: the fact of clause %s has to be an amount that everybody may read, and %s is none", of, domain.Clip(string(r.Fact), 40))
		}
		if r.Period == "" || r.Rate == "" {
			return words.Wrong(ErrParameter, "比例：条款 %s 须写明期间和比例", "rate: clause %s needs a period and a rate", of)
		}
	}
	return nil
}

// rated has an approval reckoned by the rate of its clause, where there is one.
func (m *simulation) rated(c domain.Command) (domain.FactID, bool) {
	r, has := m.rateOf(m.applied(c))
	if !has {
		return "", false
	}
	period := domain.Condition{Period: r.Period}.PeriodIn(domain.SupportYear(c.Given().Date.Year()), c.Given().Date)
	if list, _ := granting(c); len(*list) > 0 {
		period = domain.Condition{Period: r.Period}.PeriodIn((*list)[0].SupportYear, c.Given().Date)
	}
	switch c := c.(type) {
	case *domain.ApproveApplication:
		c.Fact, c.Period, c.Rate, c.Computed = r.Fact, period, r.Rate, domain.NoMoney
	case *domain.SupplementApproval:
		c.Fact, c.Period, c.Rate, c.Computed = r.Fact, period, r.Rate, domain.NoMoney
	}
	return r.Fact, true
}

func unrate(c domain.Command) {
	switch c := c.(type) {
	case *domain.ApproveApplication:
		c.Fact, c.Period, c.Rate, c.Computed = "", "", "", domain.NoMoney
	case *domain.SupplementApproval:
		c.Fact, c.Period, c.Rate, c.Computed = "", "", "", domain.NoMoney
	}
}

// beyondRate is why a decision is more than its rate comes to; the ledger only finds it.
func (m *simulation) beyondRate(d domain.Decision, rated bool) *domain.Refusal {
	if !rated {
		return nil
	}
	for _, e := range d.Events {
		if g, is := domain.GrantedBy(e); is {
			for _, f := range g.Findings {
				if f.Code == domain.CodeRateExceeded {
					return &domain.Refusal{Code: f.Code, Rule: f.Rule, Figures: f.Figures}
				}
			}
		}
	}
	return nil
}

// beyondBudget is why a decision is more than an envelope has left, in the words of a budget.
func (m *simulation) beyondBudget(d domain.Decision, of *tried, seq uint64) *domain.Refusal {
	for _, e := range d.Events {
		g, is := domain.GrantedBy(e)
		if !is {
			continue
		}
		for _, i := range g.Instalments {
			budget := m.envelope(i.SupportYear)
			if budget == nil {
				continue
			}
			room := domain.Room{Kind: domain.RoomOfBudget, Year: i.SupportYear, BudgetYear: budget.Year, Cap: domain.Stated(budget.Amount.Money),
				Use: m.would.support[i.SupportYear].Approved.Money, Asked: i.Amount}
			if short := room.ShortBy(); short.Positive() {
				m.runsOut(budget, of, i, short, d.As.Given().Date, seq)
				return domain.NewRefusal(domain.CodeBudgetExceeded, "scope", string(m.made.Fund), "budget_year", budget.Year, "year", i.SupportYear, "cap", room.Cap, "use", room.Use,
					"headroom", room.Left().Amount, "asked", i.Amount, "short_by", short)
			}
		}
	}
	return nil
}

func (m *simulation) envelope(year domain.SupportYear) *Envelope {
	for i := range m.envelopes {
		if m.envelopes[i].StandsFor == int(year) {
			return &m.envelopes[i]
		}
	}
	return nil
}

// runsOut notes on which day an envelope did not suffice, and for what of an application: of what is refused whole, all of it.
func (m *simulation) runsOut(budget *Envelope, of *tried, asked domain.Instalment, short domain.Money, day domain.Date, seq uint64) {
	if budget.RunsOutOn.IsZero() {
		budget.RunsOutOn, budget.Seq = later(day, m.later), seq
	}
	if !m.trial.Cut {
		short = asked.Amount
	}
	if of == nil {
		return
	}
	if _, noted := of.short[asked.SupportYear]; noted {
		return
	}
	if of.short == nil {
		of.short = map[domain.SupportYear]domain.Money{}
	}
	of.short[asked.SupportYear] = short
}

// later is the day some years later; the last of February where that year has no 29th.
func later(day domain.Date, years int) domain.Date {
	rest := day.String()[len("2006"):]
	d, err := domain.ParseDate(fmt.Sprintf("%04d%s", day.Year()+years, rest))
	if err != nil {
		return domain.DateOf(day.Year()+years, 2, 28)
	}
	return d
}

// conditions tries those conditions of the policy's clause that the history's did not have.
func (m *simulation) conditions(c domain.Command, a asked) *Refused {
	of := m.applications[applicationOf(c, m.state)]
	clause, known := m.policy.Clause(m.applied(c))
	if of == nil || !known || len(clause.Conditions) == 0 {
		return nil
	}
	clause.Conditions = m.added(of.clause, clause)
	if len(clause.Conditions) == 0 {
		return nil
	}
	list, _ := granting(c)
	match := effect.Judge(m.state, clause, domain.FactSubject{Enterprise: of.enterprise, Project: of.project}, effect.Asked{
		Year: (*list)[0].SupportYear, Day: c.Given().Date, Sees: func(_ domain.Clause, f domain.Fact) effect.Sight {
			if m.mayRead(f) {
				return effect.SeesValue
			}
			return effect.SeesNothing
		}})
	switch match.Answer {
	case effect.No:
		return &Refused{Code: match.Code(), Message: match.Message(m.state.Policy())}
	case effect.Unknown:
		for _, by := range match.By {
			m.notKnown(clause.ID, by.Fact.ID, "condition", unknownCode(by), of, a.seq)
		}
	}
	return nil
}

func unknownCode(c effect.Comparison) string {
	if c.Outcome == effect.Withheld {
		return effect.CodeFactWithheld
	}
	return effect.CodeFactMissing
}

// added are the conditions of a clause of the policy that the history's clause, which it goes on with, did not have.
func (m *simulation) added(was domain.ClauseID, c domain.Clause) (list []domain.Condition) {
	before, _ := m.made.Clause(was)
	for _, x := range c.Conditions {
		if !slices.ContainsFunc(before.Conditions, func(y domain.Condition) bool { return reflect.DeepEqual(x, y) }) {
			list = append(list, x)
		}
	}
	return list
}
