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
	checks := words.Sheet{Name: "checks", Title: domain.Text{ZH: "核查结果", EN: "Checks"}, Columns: []words.Heading{words.Head("check", "text", "核查", "check"),
		words.Head("result", "text", "结果", "result"), words.Head("detail", "text", "说明", "detail")}}
	for _, c := range r.Checks {
		checks.Rows = append(checks.Rows, words.Row(c.Title, resultText[c.Result], c.Detail))
	}
	findings := words.Sheet{Name: "findings", Title: domain.Text{ZH: "审计发现", EN: "Findings"}, Columns: []words.Heading{words.Head("id", "text", "编号", "id"),
		words.Head("severity", "text", "程度", "severity"), words.Head("title", "text", "发现", "finding"), words.Head("explanation", "text", "说明", "explanation"),
		words.Head("figures", "text", "数据", "figures"), words.Head("events", "text", "事件", "events"), words.Head("disposition", "text", "处置", "disposition"),
		words.Head("comment", "text", "处置说明", "comment"), words.Head("by", "text", "处置人", "by")}}
	for _, f := range r.Findings {
		d := Disposed{}
		if f.Disposition != nil {
			d = *f.Disposition
		}
		findings.Rows = append(findings.Rows, words.Row(f.ID, severityText[f.Severity], f.Title, f.Explanation, figuresList(f.Figures), eventList(f), dispositionText[d.Disposition],
			d.Comment, d.By))
	}
	return []words.Sheet{checks, findings, r.Sample.Table(), r.Benford.Table()}
}

var resultText = map[Result]domain.Text{Passed: {ZH: "通过", EN: "passed"}, Failed: {ZH: "不符", EN: "failed"}, Skipped: {ZH: "未核查", EN: "not checked"}}

var severityText = map[Severity]domain.Text{Error: {ZH: "错误", EN: "error"}, Warning: {ZH: "警示", EN: "warning"}, Notice: {ZH: "提示", EN: "notice"}}

var dispositionText = map[domain.Disposition]domain.Text{domain.FindingAccepted: {ZH: "属实", EN: "accepted"}, domain.FindingExplained: {ZH: "已说明", EN: "explained"},
	domain.FindingFalse: {ZH: "误报", EN: "false alarm"}}

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
	t := words.Sheet{Name: "benford", Title: domain.Text{ZH: "首位数字分布", EN: "First digits"}, Columns: []words.Heading{words.Head("digit", "integer", "首位数字", "first digit"),
		words.Head("count", "integer", "笔数", "payouts"), words.Head("expected", "integer", "预期", "expected")}}
	for d := range 9 {
		t.Rows = append(t.Rows, words.Row(d+1, b.Digits[d], b.Expected[d]))
	}
	return t
}
