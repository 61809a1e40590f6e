package replay

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

// Tables are the decisions that would change, and the sums side by side.
func (w WhatIf) Tables() []words.Sheet {
	changed := words.Sheet{Name: "changed", Title: domain.Text{ZH: "会改变的决定", EN: "Decisions that would change"}, Columns: []words.Heading{words.Head("seq", "integer", "事件", "event"),
		words.Head("business_date", "date", "业务日期", "business date"), words.Head("command", "text", "指令", "command"), words.Head("application", "text", "申请编号", "application"),
		words.Head("enterprise", "text", "企业", "enterprise"), words.Head("was", "text", "实际", "was"), words.Head("would", "text", "假设", "would be"),
		words.Head("follows", "text", "系连带结果", "follows from an earlier one")}}
	for _, d := range w.Changed {
		changed.Rows = append(changed.Rows, words.Row(d.Seq, d.Date, d.Command, d.Application, d.Enterprise, d.Was.text(), d.Would.text(), yes(d.Follows)))
	}
	tables := []words.Sheet{changed}
	for _, part := range []struct {
		name   string
		zh, en string
		rows   []SideBySide
	}{{"enterprises", "企业", "enterprise", w.Enterprises}, {"clauses", "条款", "clause", w.Clauses}, {"departments", "批准部门", "approving department", w.Departments},
		{"budget_years", "预算年度", "budget year", w.Years}} {
		t := words.Sheet{Name: part.name, Title: domain.Text{ZH: "按" + part.zh + "对照", EN: "By " + part.en}, Columns: []words.Heading{words.Head("id", "text", part.zh, part.en),
			words.Head("name", "text", "名称", "name"), words.Head("approved_was", "money", "批准(实际)", "approved (was)"), words.Head("approved_would", "money", "批准(假设)", "approved (would be)"),
			words.Head("paid_was", "money", "支付(实际)", "paid (was)"), words.Head("paid_would", "money", "支付(假设)", "paid (would be)"),
			words.Head("net_was", "money", "净支付(实际)", "net paid (was)"), words.Head("net_would", "money", "净支付(假设)", "net paid (would be)")}}
		for _, s := range part.rows {
			t.Rows = append(t.Rows, words.Row(s.ID, s.Name, s.Was.Approved, s.Would.Approved, s.Was.Paid, s.Would.Paid, s.Was.NetPaid, s.Would.NetPaid))
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
func (h History) Table() words.Sheet {
	t := words.Sheet{Name: "history", Title: domain.Text{ZH: "决定历程", EN: "Decision history"}, Columns: []words.Heading{words.Head("seq", "integer", "事件", "event"),
		words.Head("recorded_at", "text", "入账时间", "recorded at"), words.Head("business_date", "date", "业务日期", "business date"), words.Head("command", "text", "指令", "command"),
		words.Head("actor", "text", "经办人", "actor"), words.Head("department", "text", "部门", "department"), words.Head("clause_version", "integer", "条款版本", "clause version"),
		words.Head("changes", "text", "变化", "changes"), words.Head("headroom_before", "text", "此前余额", "headroom before"), words.Head("headroom_after", "text", "此后余额", "headroom after"),
		words.Head("why", "text", "依据", "why")}}
	for _, s := range h.Steps {
		var changed, before, after []string
		for _, c := range s.Changes {
			changed = append(changed, fmt.Sprintf("%s: %s → %s", c.Field, c.Before, c.After))
		}
		for _, m := range s.Lines {
			before, after = append(before, m.SupportYear.String()+" "+m.Before.Headroom.String()), append(after, m.SupportYear.String()+" "+m.After.Headroom.String())
		}
		t.Rows = append(t.Rows, words.Row(s.Seq, s.Recorded.In(projections.Shanghai).Format("2006-01-02 15:04:05"), s.Date, s.Command, s.Actor, s.Department, s.ClauseVersion,
			strings.Join(changed, "; "), strings.Join(before, "; "), strings.Join(after, "; "), s.Why))
	}
	return t
}

// Table is the explanation as rows: each part below what it is a part of.
func (e Explanation) Table() words.Sheet {
	t := words.Sheet{Name: "explanation", Title: domain.Text{ZH: "数字的由来", EN: "What the number is made of"}, Columns: []words.Heading{
		words.Head("path", "text", "层级", "path"), words.Head("level", "text", "类别", "level"), words.Head("title", "text", "说明", "title"), words.Head("amount", "money", "金额", "amount"),
		words.Head("holds", "text", "各项之和相符", "its parts sum to it"), words.Head("seq", "integer", "事件", "event"), words.Head("business_date", "date", "业务日期", "business date"),
		words.Head("clause_version", "integer", "条款版本", "clause version"), words.Head("ref", "text", "凭据", "reference"), words.Head("people", "text", "经办人", "people")}}
	same := func(s string) domain.Text { return domain.Text{ZH: s, EN: s} }
	var add func(e Explanation, path string)
	add = func(e Explanation, path string) {
		row := []domain.Text{same(path), same(e.Level), e.Title, same(e.Amount.String()), {ZH: "否", EN: "no"}, {}, {}, {}, same(e.Ref), {}}
		if e.Holds {
			row[4] = domain.Text{ZH: "是", EN: "yes"}
		}
		if e.Seq > 0 {
			row[5], row[6], row[7] = same(strconv.FormatUint(e.Seq, 10)), same(e.Date.String()), same(strconv.Itoa(e.ClauseVersion))
		}
		people := make([]string, len(e.People))
		for i, p := range e.People {
			people[i] = string(p.Person) + " " + p.Did
		}
		row[9] = same(strings.Join(people, "; "))
		t.Rows = append(t.Rows, row)
		for _, part := range e.Parts {
			add(part, path+"/"+part.ID)
		}
	}
	add(e, e.ID)
	return t
}
