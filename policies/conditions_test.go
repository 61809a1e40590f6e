package policies_test

import (
	"strings"
	"testing"

	"github.com/fundledger/fundledger/policies"
)

// asking is the smallest policy with facts and a clause that has conditions.
func asking(conditions string) string {
	facts := `
facts:
  - {id: revenue, name: {zh: 营业收入, en: Revenue}, unit: cny, per: year, sources: [finance]}
  - {id: size, name: {zh: 规模, en: Size}, unit: code, per: day, sources: [finance], codes: [{id: small, name: {zh: 小型, en: small}}]}
clauses:`
	text := strings.Replace(small, "\nclauses:", facts, 1)
	return strings.Replace(text, "departments: [finance]", "departments: [finance]\n    conditions: "+conditions, 1)
}

// What is wrong in an indicator is said with its line; what is right is read, shown and compared.
func TestIndicatorsAreReadFromAFile(t *testing.T) {
	measured := func(indicators string) string { return asking("[]") + "\nindicators:\n" + indicators }
	line := "  - {id: growth, clause: \"1\", name: {zh: 增长, en: Growth}, fact: revenue, better: more, baseline: previous_year, weight: 100, group: benefit}\n"
	for wrong, c := range map[string]struct{ old, new, path, zh string }{
		"no such fact":     {"fact: revenue", "fact: profit", "indicators[0].fact", "不在"},
		"a code":           {"fact: revenue", "fact: size", "indicators[0].fact", "按年记录的数"},
		"no such clause":   {"clause: \"1\"", "clause: nine", "indicators[0].clause", "不是本政策的条款"},
		"weights not 100":  {"weight: 100", "weight: 99", "indicators[0].weight", "现为 99"},
		"another baseline": {"previous_year", "best_year", "indicators[0].baseline", "previous_year"},
		"no such key":      {"better:", "best:", "indicators[0].best", "没有这个键"},
	} {
		_, faults, err := policies.Check(strings.NewReader(measured(strings.Replace(line, c.old, c.new, 1))), "p.yaml")
		if err != nil || len(faults) != 1 {
			t.Errorf("%s: %v, %v", wrong, faults, err)
			continue
		}
		if f := faults[0]; f.Path != c.path || f.Line == 0 || !strings.Contains(f.Reason.ZH, c.zh) {
			t.Errorf("%s: %+v", wrong, f)
		}
	}
	p, err := policies.Load(strings.NewReader(measured(line)), "p.yaml")
	if err != nil {
		t.Fatal(err)
	}
	other := p
	other.Indicators = nil
	if changes := policies.Diff(other, p); len(changes) != 7 || !strings.Contains(changes[0].Text.ZH, "指标 growth") {
		t.Errorf("%+v", changes)
	}
	if view := policies.Show(p, nil, p.IssuedOn); len(view.Indicators) != 1 {
		t.Errorf("%+v", view.Indicators)
	}
}

// What is wrong in a condition is said with its line and place, in both languages; what is right is read as it stands, decimal by decimal.
func TestConditionsAreReadFromAFile(t *testing.T) {
	for wrong, c := range map[string]struct{ text, path, zh, en string }{
		"a float":        {`[{fact: revenue, period: year-1, is: ">=", value: 20000000.00}]`, "conditions[0].value", "引号", "quotation marks"},
		"a bare year":    {`[{fact: revenue, period: 2024, is: ">=", value: "1"}]`, "conditions[0].period", "引号", "quotation marks"},
		"no such key":    {`[{fact: revenue, period: year, at_least: "1"}]`, "conditions[0].at_least", "没有这个键", "no such key"},
		"no such fact":   {`[{all: [{fact: profit, period: year, is: ">=", value: "1"}]}]`, "conditions[0].all[0].fact", "不在", "not one of"},
		"three decimals": {`[{fact: revenue, period: year, is: ">=", value: "0.001"}]`, "conditions[0].value", "小数", "decimals"},
		"an empty any":   {`[{any: []}]`, "conditions[0].any", "至少", "needs"},
		"a month":        {`[{fact: revenue, period: year/12, is: ">=", value: "1"}]`, "conditions[0].period", "期间", "period"},
	} {
		_, faults, err := policies.Check(strings.NewReader(asking(c.text)), "p.yaml")
		if err != nil || len(faults) != 1 {
			t.Errorf("%s: %v, %v", wrong, faults, err)
			continue
		}
		if f := faults[0]; !strings.HasSuffix(f.Path, c.path) || f.Line == 0 || !strings.Contains(f.Reason.ZH, c.zh) || !strings.Contains(f.Reason.EN, c.en) {
			t.Errorf("%s: %+v", wrong, f)
		}
	}
	text := asking(`[{fact: revenue, period: year-1, is: ">=", value: "20000000.00"}, {not: {fact: size, period: day, is: in, values: [small]}}]`)
	p, err := policies.Load(strings.NewReader(text), "p.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Clauses[0].Formula(); got != "revenue[year-1] >= 20000000.00 and not (size[day] in [small])" {
		t.Error(got)
	}
	other, err := policies.Load(strings.NewReader(strings.Replace(text, "20000000.00", "19999999.99", 1)), "p.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if changes := policies.Diff(p, other); len(changes) != 1 || !strings.HasSuffix(changes[0].Path, ".conditions") || !strings.Contains(changes[0].Text.ZH, "19999999.99") {
		t.Errorf("%+v", changes)
	}
	if view := policies.Show(p, nil, p.IssuedOn); view.Clauses[0].Told.ZH != "支持年度上一年营业收入不低于 20,000,000.00 元，且并非（当日规模属于小型）" || len(view.Clauses[0].Conditions) != 2 {
		t.Errorf("%+v", view.Clauses[0])
	}
}
