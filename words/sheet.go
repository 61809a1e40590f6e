package words

import (
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

// Sheet is a part of a report as rows, for a spreadsheet or a terminal; whoever shows it renders it.
type Sheet struct {
	Name    string // for a sheet or a file
	Title   domain.Text
	Columns []tabular.Column
	Rows    [][]domain.Text // what is the same in both languages stands in both
}

// same is a text that is the same in both languages.
func same(v any) domain.Text {
	s := fmt.Sprint(v)
	return domain.Text{ZH: s, EN: s}
}

// Row is a row of a sheet: a [domain.Text] as it is, anything else as a text that is the same in both languages.
func Row(cells ...any) []domain.Text {
	out := make([]domain.Text, len(cells))
	for i, c := range cells {
		if t, ok := c.(domain.Text); ok {
			out[i] = t
			continue
		}
		out[i] = same(c)
	}
	return out
}

// As is the sheet as it is written to a file or a terminal, in a language.
func (t Sheet) As(lang string, meta ...tabular.Meta) tabular.Table {
	out := tabular.Table{Name: t.Name, Title: t.Title, Columns: t.Columns, Meta: meta}
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
	if text == "" {
		return nil, nil
	}
	switch kind {
	case tabular.Money:
		return decimal.NewFromString(text)
	case tabular.Integer:
		return strconv.ParseInt(text, 10, 64)
	case tabular.Bool:
		return strconv.ParseBool(text)
	}
	return text, nil
}
