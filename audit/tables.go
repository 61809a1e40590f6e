package audit

import (
	"maps"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// Tables are a report's checks, its findings by kind and one by one with their cases, and its sample.
func (r Report) Tables() []words.Sheet {
	checks := words.Sheet{Name: "checks", Title: domain.Text{ZH: "核查结果", EN: "Checks"},
		Columns: words.Named("check", "result", "detail")}
	for _, c := range r.Checks {
		checks.Rows = append(checks.Rows, words.Row(c.Title, c.Result.Text(), c.Detail))
	}
	byKind := words.Sheet{Name: "kinds", Title: domain.Text{ZH: "审计发现（按种类）", EN: "Findings by kind"},
		Columns: words.Named("severity", "title", "finding_count", "case_count", "open_count", "action", "code")}
	for _, k := range r.Kinds {
		byKind.Rows = append(byKind.Rows, words.Row(k.Severity.Text(), k.Title, k.Findings, k.Cases, k.Open, k.Action, k.Code))
	}
	findings := words.Sheet{Name: "findings", Title: domain.Text{ZH: "审计发现", EN: "Findings"},
		Columns: words.Named("id", "severity", "title", "explanation", "action", "case_count", "figures", "events", "disposition", "comment", "by")}
	cases := words.Sheet{Name: "cases", Title: domain.Text{ZH: "审计发现的各例", EN: "Cases of the findings"},
		Columns: words.Named("finding", "title", "case", "about", "detail", "figures", "events", "disposition", "comment", "by")}
	for _, f := range r.Findings {
		d := orNone(f.Disposition)
		findings.Rows = append(findings.Rows, words.Row(f.ID, f.Severity.Text(), f.Title, f.Explanation, f.Action, f.CaseCount, figuresList(f.Figures),
			eventList(f.Events, f.EventCount), d.Disposition.Text(), d.Comment, d.By))
		for _, c := range f.Cases {
			d := orNone(c.Disposition)
			cases.Rows = append(cases.Rows, words.Row(f.ID, f.Title, c.ID, c.About, c.Detail, figuresList(c.Figures),
				eventList(c.Events, len(c.Events)), d.Disposition.Text(), d.Comment, d.By))
		}
	}
	return []words.Sheet{checks, byKind, findings, cases, r.Sample.Table(), r.Benford.Table()}
}

// Text is what the result is called.
func (r Result) Text() domain.Text { return words.Cell("result", string(r)) }

// Text is what the severity is called.
func (s Severity) Text() domain.Text { return words.Cell("severity", string(s)) }

// figuresList is figures as a list of findings has them: whoever writes the table for people says them in words.
func figuresList(f domain.Figures) domain.Text {
	if len(f) == 0 {
		return domain.Text{}
	}
	written := func(f domain.Figures) string {
		text, err := json.Marshal(f, json.Deterministic(true))
		if err != nil {
			panic(err) // texts by their names
		}
		return string(text)
	}
	zh := maps.Clone(f)
	for _, name := range []string{"on", "account", "kind"} { // what they name begins with its kind
		if value, has := f[name]; has {
			zh[name] = about(value, nil).ZH
		}
	}
	return domain.Text{ZH: written(zh), EN: written(f)}
}

func orNone(d *Disposed) Disposed {
	if d == nil {
		return Disposed{}
	}
	return *d
}

func eventList(events []uint64, all int) string {
	var parts []string
	for _, seq := range events {
		parts = append(parts, number(seq))
	}
	if all > len(events) {
		parts = append(parts, "…")
	}
	return strings.Join(parts, " ")
}

// Table is the digits beside what Benford's law expects.
func (b Benford) Table() words.Sheet {
	t := words.Sheet{Name: "benford", Title: domain.Text{ZH: "首位数字分布", EN: "First digits"},
		Columns: words.Named("digit", "count", "expected")}
	for d := range 9 {
		t.Rows = append(t.Rows, words.Row(d+1, b.Digits[d], b.Expected[d]))
	}
	return t
}
