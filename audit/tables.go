package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// Table is a part of a report as rows, for a spreadsheet or a terminal; whoever shows it renders it.
type Table struct {
	Name    string // for a sheet or a file
	Title   domain.Text
	Columns []Column
	Rows    [][]domain.Text // what is the same in both languages stands in both
}

// Column is what a table's column is called and what its cells hold, as text.
type Column struct {
	Name  string
	Title domain.Text
	Kind  string // "text", "money" (plain, two decimals), "integer", "date"
}

func column(name, kind, zh, en string) Column {
	return Column{Name: name, Kind: kind, Title: domain.Text{ZH: zh, EN: en}}
}

// both is a text that is the same in both languages.
func both(v any) domain.Text {
	s := fmt.Sprint(v)
	return domain.Text{ZH: s, EN: s}
}

func row(cells ...any) []domain.Text {
	out := make([]domain.Text, len(cells))
	for i, c := range cells {
		if t, ok := c.(domain.Text); ok {
			out[i] = t
			continue
		}
		out[i] = both(c)
	}
	return out
}

// Tables are a report's checks, findings and sample.
func (r Report) Tables() []Table {
	checks := Table{Name: "checks", Title: domain.Text{ZH: "核查结果", EN: "Checks"}, Columns: []Column{column("check", "text", "核查", "check"),
		column("result", "text", "结果", "result"), column("detail", "text", "说明", "detail")}}
	for _, c := range r.Checks {
		checks.Rows = append(checks.Rows, row(c.Title, resultText[c.Result], c.Detail))
	}
	findings := Table{Name: "findings", Title: domain.Text{ZH: "审计发现", EN: "Findings"}, Columns: []Column{column("id", "text", "编号", "id"),
		column("severity", "text", "程度", "severity"), column("title", "text", "发现", "finding"), column("explanation", "text", "说明", "explanation"),
		column("figures", "text", "数据", "figures"), column("events", "text", "事件", "events"), column("disposition", "text", "处置", "disposition"),
		column("comment", "text", "处置说明", "comment"), column("by", "text", "处置人", "by")}}
	for _, f := range r.Findings {
		d := Disposed{}
		if f.Disposition != nil {
			d = *f.Disposition
		}
		findings.Rows = append(findings.Rows, row(f.ID, severityText[f.Severity], f.Title, f.Explanation, figuresList(f.Figures), eventList(f), dispositionText[d.Disposition],
			d.Comment, d.By))
	}
	return []Table{checks, findings, r.Sample.Table(), r.Benford.Table()}
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

// Table is the sample as a worksheet: what was found of each payout is to be filled in.
func (s Sample) Table() Table {
	t := Table{Name: "sample", Title: domain.Text{ZH: "货币单位抽样", EN: "Monetary-unit sample"}, Columns: []Column{column("payout", "text", "支付编号", "payout"),
		column("seq", "integer", "事件", "event"), column("enterprise", "text", "企业", "enterprise"), column("clause", "text", "条款", "clause"),
		column("amount", "money", "账面金额", "amount"), column("hits", "integer", "命中次数", "hits"), column("cumulative", "money", "累计金额", "cumulative"),
		column("audited_amount", "money", "审定金额", "audited amount"), column("remark", "text", "备注", "remark")}}
	for _, d := range s.Items {
		t.Rows = append(t.Rows, row(d.ID, d.Seq, d.Enterprise, d.Clause, d.Amount, d.Hits, d.Upto, "", ""))
	}
	return t
}

// Table is the worksheet of a stratified sample: the payouts drawn, with their strata, and a column for what each should have been.
func (s Stratified) Table() Table {
	t := Table{Name: "sample", Title: domain.Text{ZH: "分层抽样", EN: "Stratified sample"}, Columns: []Column{column("stratum", "text", "层", "stratum"),
		column("payout", "text", "支付编号", "payout"), column("seq", "integer", "事件", "event"), column("enterprise", "text", "企业", "enterprise"), column("clause", "text", "条款", "clause"),
		column("support_year", "text", "支持年度", "support year"), column("department", "text", "部门", "department"), column("amount", "money", "账面金额", "amount"),
		column("audited_amount", "money", "审定金额", "audited amount"), column("remark", "text", "备注", "remark")}}
	for _, stratum := range s.Strata {
		for _, i := range stratum.Drawn {
			t.Rows = append(t.Rows, row(stratum.Name, i.ID, i.Seq, i.Enterprise, i.Clause, i.SupportYear, i.Department, i.Amount, "", ""))
		}
	}
	return t
}

// Table is the digits beside what Benford's law expects.
func (b Benford) Table() Table {
	t := Table{Name: "benford", Title: domain.Text{ZH: "首位数字分布", EN: "First digits"}, Columns: []Column{column("digit", "integer", "首位数字", "first digit"),
		column("count", "integer", "笔数", "payouts"), column("expected", "integer", "预期", "expected")}}
	for d := range 9 {
		t.Rows = append(t.Rows, row(d+1, b.Digits[d], b.Expected[d]))
	}
	return t
}

// Tables are the decisions that would change, and the sums side by side.
func (w WhatIf) Tables() []Table {
	changed := Table{Name: "changed", Title: domain.Text{ZH: "会改变的决定", EN: "Decisions that would change"}, Columns: []Column{column("seq", "integer", "事件", "event"),
		column("business_date", "date", "业务日期", "business date"), column("command", "text", "指令", "command"), column("application", "text", "申请编号", "application"),
		column("enterprise", "text", "企业", "enterprise"), column("was", "text", "实际", "was"), column("would", "text", "假设", "would be"),
		column("follows", "text", "系连带结果", "follows from an earlier one")}}
	for _, d := range w.Changed {
		changed.Rows = append(changed.Rows, row(d.Seq, d.Date, d.Command, d.Application, d.Enterprise, d.Was.text(), d.Would.text(), yes(d.Follows)))
	}
	tables := []Table{changed}
	for _, part := range []struct {
		name   string
		zh, en string
		rows   []SideBySide
	}{{"enterprises", "企业", "enterprise", w.Enterprises}, {"clauses", "条款", "clause", w.Clauses}, {"departments", "批准部门", "approving department", w.Departments},
		{"budget_years", "预算年度", "budget year", w.Years}} {
		t := Table{Name: part.name, Title: domain.Text{ZH: "按" + part.zh + "对照", EN: "By " + part.en}, Columns: []Column{column("id", "text", part.zh, part.en),
			column("name", "text", "名称", "name"), column("approved_was", "money", "批准(实际)", "approved (was)"), column("approved_would", "money", "批准(假设)", "approved (would be)"),
			column("paid_was", "money", "支付(实际)", "paid (was)"), column("paid_would", "money", "支付(假设)", "paid (would be)"),
			column("net_was", "money", "净支付(实际)", "net paid (was)"), column("net_would", "money", "净支付(假设)", "net paid (would be)")}}
		for _, s := range part.rows {
			t.Rows = append(t.Rows, row(s.ID, s.Name, s.Was.Approved, s.Would.Approved, s.Was.Paid, s.Would.Paid, s.Was.NetPaid, s.Would.NetPaid))
		}
		tables = append(tables, t)
	}
	return tables
}

func (v Verdict) text() domain.Text {
	if v.Accepted {
		return domain.Text{ZH: "通过 " + v.Amount.String(), EN: "accepted " + v.Amount.String()}
	}
	return v.Refusal.Message
}

// Table is the history as rows: one a step.
func (h History) Table() Table {
	t := Table{Name: "history", Title: domain.Text{ZH: "决定历程", EN: "Decision history"}, Columns: []Column{column("seq", "integer", "事件", "event"),
		column("recorded_at", "text", "入账时间", "recorded at"), column("business_date", "date", "业务日期", "business date"), column("command", "text", "指令", "command"),
		column("actor", "text", "经办人", "actor"), column("department", "text", "部门", "department"), column("clause_version", "integer", "条款版本", "clause version"),
		column("changes", "text", "变化", "changes"), column("headroom_before", "text", "此前余额", "headroom before"), column("headroom_after", "text", "此后余额", "headroom after"),
		column("why", "text", "依据", "why")}}
	for _, s := range h.Steps {
		var changed, before, after []string
		for _, c := range s.Changes {
			changed = append(changed, fmt.Sprintf("%s: %s → %s", c.Field, c.Before, c.After))
		}
		for _, m := range s.Lines {
			before, after = append(before, m.SupportYear.String()+" "+m.Before.Headroom.String()), append(after, m.SupportYear.String()+" "+m.After.Headroom.String())
		}
		t.Rows = append(t.Rows, row(s.Seq, s.Recorded.In(shanghai).Format("2006-01-02 15:04:05"), s.Date, s.Command, s.Actor, s.Department, s.ClauseVersion,
			strings.Join(changed, "; "), strings.Join(before, "; "), strings.Join(after, "; "), s.Why))
	}
	return t
}
