package replay

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// Tables are the decisions that would change, and the sums side by side.
func (w WhatIf) Tables() []words.Sheet {
	changed := words.Sheet{Name: "changed", Title: domain.Text{ZH: "会改变的决定", EN: "Decisions that would change"},
		Columns: words.Named("seq", "business_date", "command", "application", "enterprise", "was", "would", "follows")}
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
		t := words.Sheet{Name: part.name, Title: domain.Text{ZH: "按" + part.zh + "对照", EN: "By " + part.en},
			Columns: words.Named("id", "name", "approved_was", "approved_would", "paid_was", "paid_would", "net_was", "net_would")}
		t.Columns[0].Title = domain.Text{ZH: part.zh, EN: part.en}
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
	t := words.Sheet{Name: "history", Title: domain.Text{ZH: "决定历程", EN: "Decision history"},
		Columns: words.Named("seq", "recorded_at", "business_date", "command", "actor", "department", "clause_version", "changes", "headroom_before", "headroom_after", "why", "actor_for")}
	t.Columns[1].Kind = tabular.Text // Shanghai's clock, to the second
	for _, s := range h.Steps {
		var before, after []string
		for _, m := range s.Lines {
			before, after = append(before, m.SupportYear.String()+" "+m.Before.Headroom.String()), append(after, m.SupportYear.String()+" "+m.After.Headroom.String())
		}
		t.Rows = append(t.Rows, words.Row(s.Seq, s.Recorded.In(domain.Shanghai).Format("2006-01-02 15:04:05"), s.Date, s.Command, s.Actor, s.Department, s.ClauseVersion,
			changesText(s.Changes, h.Policy), strings.Join(before, "; "), strings.Join(after, "; "), s.Why, s.ActorFor))
	}
	return t
}

// Table is the explanation as rows: each part below what it is a part of.
func (e Explanation) Table() words.Sheet {
	t := words.Sheet{Name: "explanation", Title: domain.Text{ZH: "数字的由来", EN: "What the number is made of"},
		Columns: words.Named("path", "level", "title", "amount", "holds", "seq", "business_date", "clause_version", "ref", "people")}
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
		var zh, en []string
		for _, p := range e.People {
			did := words.Cell("command", p.Did)
			zh, en = append(zh, p.Named().ZH+" "+did.ZH), append(en, p.Named().EN+" "+did.EN)
		}
		row[9] = domain.Text{ZH: strings.Join(zh, "；"), EN: strings.Join(en, "; ")}
		t.Rows = append(t.Rows, row)
		for _, part := range e.Parts {
			add(part, path+"/"+part.ID)
		}
	}
	add(e, e.ID)
	return t
}

// Behind is the table of a later page: of what is on it, without the figure and its terms, which the first has.
func (e Explanation) Behind() words.Sheet {
	t := e.Table()
	t.Rows = slices.DeleteFunc(t.Rows, func(row []domain.Text) bool { return row[1].EN == "total" || row[1].EN == "term" })
	return t
}

// changesText says what a step changed, in the reader's words.
func changesText(changes []Change, p *domain.Policy) domain.Text {
	told := func(lang string) string {
		parts := make([]string, len(changes))
		for i, c := range changes {
			parts[i] = fmt.Sprintf(domain.Text{ZH: "%s：%s → %s", EN: "%s: %s → %s"}.In(lang), words.CaseField(c.Field, lang),
				words.CaseValue(c.Field, c.Before, lang, p), words.CaseValue(c.Field, c.After, lang, p))
		}
		return strings.Join(parts, domain.Text{ZH: "；", EN: "; "}.In(lang))
	}
	return domain.Text{ZH: told("zh"), EN: told("en")}
}
