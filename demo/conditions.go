package demo

import "github.com/fundledger/fundledger/domain"

// is compares a fact of the year before with a number.
func is(fact domain.FactID, how domain.Comparison, value string) domain.Condition {
	return domain.Condition{Fact: fact, Period: "year-1", Is: how, Value: value}
}

// today compares a fact that holds from days on with one of its codes.
func today(fact domain.FactID, codes ...string) domain.Condition {
	if len(codes) == 1 {
		return domain.Condition{Fact: fact, Period: "day", Is: domain.Equal, Value: codes[0]}
	}
	return domain.Condition{Fact: fact, Period: "day", Is: domain.Among, Values: codes}
}

// conditions are what the made-up rules on the policy's first day ask under its clauses, so that matches answer more than that the department judges. The
// policy itself states none.
var conditions = []struct {
	clause domain.ClauseID
	all    []domain.Condition
}{
	{"1.1a", []domain.Condition{today("scale", domain.FlagYes), is("revenue", domain.AtLeast, "20000000.00")}},
	{"1.1b", []domain.Condition{is("revenue", domain.AtLeast, "20000000.00")}},
	{"1.2a", []domain.Condition{{Any: []domain.Condition{is("revenue", domain.AtLeast, "500000000.00"), is("rd-spending", domain.AtLeast, "5000000.00")}}}},
	{"1.2b", []domain.Condition{today("place", "310105")}},
	{"2.1.1", []domain.Condition{is("rd-spending", domain.MoreThan, "0.00"), is("employees", domain.AtLeast, "10")}},
	{"2.3.1", []domain.Condition{{Any: []domain.Condition{today("scale", domain.FlagYes), is("tax-paid", domain.AtLeast, "1000000.00")}}}},
	{"4", []domain.Condition{is("rd-spending", domain.AtLeast, "1000000.00")}},
	{"5", []domain.Condition{today("size", "micro", "small", "medium"), is("revenue", domain.LessThan, "400000000.00")}},
	{"6", []domain.Condition{is("revenue", domain.AtLeast, "5000000.00"), {Not: &domain.Condition{Fact: "size", Period: "day", Is: domain.Equal, Value: "micro"}}}},
	{"7", []domain.Condition{is("employees", domain.AtLeast, "20")}},
}

// conditioned gives clauses their conditions, before anybody has decided: from then on an amendment takes effect no earlier than it is recorded.
func (w *world) conditioned() {
	w.on(w.policy.Term.From, func() {
		for _, c := range conditions {
			w.give(&domain.AmendPolicy{Head: w.headOf("C-"+string(c.clause), domain.Admin, "reform", "admin"), Clause: c.clause, EffectiveOn: w.day, Conditions: c.all,
				Document: "长府办〔2024〕31号"})
		}
	})
}
