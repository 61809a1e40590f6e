package audit

import (
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/words"
)

// Tables are a report's checks, findings and sample.
func (r Report) Tables() []words.Sheet {
	checks := words.Sheet{Name: "checks", Title: domain.Text{ZH: "核查结果", EN: "Checks"},
		Columns: words.Named("check", "result", "detail")}
	for _, c := range r.Checks {
		checks.Rows = append(checks.Rows, words.Row(c.Title, c.Result.Text(), c.Detail))
	}
	findings := words.Sheet{Name: "findings", Title: domain.Text{ZH: "审计发现", EN: "Findings"},
		Columns: words.Named("id", "severity", "title", "explanation", "figures", "events", "disposition", "comment", "by")}
	for _, f := range r.Findings {
		d := Disposed{}
		if f.Disposition != nil {
			d = *f.Disposition
		}
		findings.Rows = append(findings.Rows, words.Row(f.ID, f.Severity.Text(), f.Title, f.Explanation, figuresList(f.Figures), eventList(f), d.Disposition.Text(),
			d.Comment, d.By))
	}
	return []words.Sheet{checks, findings, r.Sample.Table(), r.Benford.Table()}
}

// Text is what the result is called.
func (r Result) Text() domain.Text { return words.Cell("result", string(r)) }

// Text is what the severity is called.
func (s Severity) Text() domain.Text { return words.Cell("severity", string(s)) }

func figuresList(f domain.Figures) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		parts = append(parts, name+"="+f[name])
	}
	return strings.Join(parts, "; ")
}

func eventList(f Finding) string {
	var parts []string
	for _, seq := range f.Events {
		parts = append(parts, number(seq))
	}
	if f.EventCount > len(f.Events) {
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
