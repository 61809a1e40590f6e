package audit

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

var tableKinds = map[string]tabular.Kind{"money": tabular.Money, "integer": tabular.Integer, "date": tabular.Date}

// As is the table as it is written to a file or a terminal, in a language.
func (t Table) As(lang string, meta ...tabular.Meta) tabular.Table {
	out := tabular.Table{Name: t.Name, TitleZH: t.Title.ZH, TitleEN: t.Title.EN, Meta: meta}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, tabular.Column{Name: c.Name, ZH: c.Title.ZH, EN: c.Title.EN, Kind: tableKinds[c.Kind]})
	}
	out.Rows = func(yield func(tabular.Row, error) bool) {
		for _, cells := range t.Rows {
			row := make(tabular.Row, len(cells))
			for i, cell := range cells {
				var err error
				if row[i], err = cellOf(cell.In(lang), out.Columns[i].Kind); err != nil {
					yield(nil, err)
					return
				}
			}
			if !yield(row, nil) {
				return
			}
		}
	}
	return out
}

func cellOf(text string, kind tabular.Kind) (any, error) {
	if text == "" && kind != tabular.Text {
		return nil, nil
	}
	switch kind {
	case tabular.Money:
		return decimal.NewFromString(text)
	case tabular.Integer:
		return strconv.ParseInt(text, 10, 64)
	}
	return text, nil
}

// Table is the explanation as rows: each part below what it is a part of.
func (e Explanation) Table() Table {
	t := Table{Name: "explanation", Title: domain.Text{ZH: "数字的由来", EN: "What the number is made of"}, Columns: []Column{
		column("path", "text", "层级", "path"), column("level", "text", "类别", "level"), column("title", "text", "说明", "title"), column("amount", "money", "金额", "amount"),
		column("holds", "text", "各项之和相符", "its parts sum to it"), column("seq", "integer", "事件", "event"), column("business_date", "date", "业务日期", "business date"),
		column("clause_version", "integer", "条款版本", "clause version"), column("ref", "text", "凭据", "reference"), column("people", "text", "经办人", "people")}}
	same := func(s string) domain.Text { return domain.Text{ZH: s, EN: s} }
	var add func(e Explanation, path string)
	add = func(e Explanation, path string) {
		row := []domain.Text{same(path), same(e.Level), e.Title, same(e.Amount.String()), {ZH: "否", EN: "no"}, {}, {}, {}, same(e.Ref), {}}
		if e.Holds {
			row[4] = domain.Text{ZH: "是", EN: "yes"}
		}
		if e.Seq > 0 {
			row[5], row[6], row[7] = same(number(e.Seq)), same(e.Date.String()), same(strconv.Itoa(e.ClauseVersion))
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
