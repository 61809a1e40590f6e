package words

import (
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
)

// Columns are the columns of a row type, in the order of its fields, by their json names. A name that the dictionary does
// not know panics: it is found by the first test that asks.
func Columns[T any]() []tabular.Column { return ColumnsOf(reflect.TypeFor[T]()) }

// ColumnsOf are the columns of a row type.
func ColumnsOf(row reflect.Type) []tabular.Column {
	var columns []tabular.Column
	for _, field := range shown(row) {
		column := Column(jsonName(field))
		if field.Type == reflect.TypeFor[domain.Ceiling]() {
			column.Nil = NoneStated
		}
		columns = append(columns, column)
	}
	return columns
}

// NoneStated is shown where a ceiling is not stated, never zero.
var NoneStated = domain.Text{ZH: "未规定", EN: "none stated"}

// ListTable makes a table of a list's rows.
func ListTable(l *projections.List, rows iter.Seq2[any, error], meta ...tabular.Meta) tabular.Table {
	return tabular.Table{Name: l.Name, Title: l.Title, Columns: ColumnsOf(l.Row), Rows: cells(l.Row, rows), Meta: meta}
}

// Written writes a table. In a format that people read, a terminal's, a workbook, a csv with headings for people, its codes are words, and departments
// and industries what the policy calls them, where there is one; what programs read keeps its codes.
func Written(w io.Writer, as tabular.Format, t tabular.Table, o tabular.Options, policy *domain.Policy) (tabular.Summary, error) {
	if as == tabular.Terminal || as == tabular.XLSX || as == tabular.CSV && o.HumanHeadings {
		t = spoken(t, o.Lang, policy)
	}
	return tabular.Write(w, as, t, o)
}

// spoken is a table for people, in a language.
func spoken(t tabular.Table, lang string, policy *domain.Policy) tabular.Table {
	rows, columns := t.Rows, slices.Clone(t.Columns)
	for i, c := range columns {
		if c.Kind == tabular.Bool {
			columns[i].Kind = tabular.Text
		}
	}
	meta := make([]tabular.Meta, len(t.Meta))
	for i, m := range t.Meta {
		meta[i] = tabular.Meta{Name: Figure(m.Name, lang), Value: Said(m.Name, m.Value, lang, policy)}
	}
	t.Columns, t.Meta = columns, meta
	t.Rows = func(yield func(tabular.Row, error) bool) {
		said := make(tabular.Row, len(columns))
		for row, err := range rows {
			if err == nil {
				copy(said, row)
				for i, c := range columns {
					switch value := row[i].(type) {
					case string:
						said[i] = Said(c.Name, value, lang, policy)
					case bool:
						said[i] = Word(strconv.FormatBool(value), lang)
					}
				}
			}
			if !yield(said, err) {
				return
			}
		}
	}
	return t
}

// Said is what a value of a column is called in a language: codes are words, departments and industries have the names that the policy gives them, and
// figures are told by what they are called. Other values are as they are.
func Said(column, value, lang string, policy *domain.Policy) string {
	switch column {
	case "department", "industry", "enterprise_size", "street":
		if value == projections.Unknown {
			return Word(value, lang)
		}
		return named(policy, column, value, lang)
	case "scope":
		return named(policy, "department", value, lang)
	case "departments", "industries":
		parts := strings.Split(value, ListSign)
		for i, part := range parts {
			parts[i] = named(policy, map[string]string{"departments": "department", "industries": "industry"}[column], part, lang)
		}
		return strings.Join(parts, domain.Text{ZH: "、", EN: ListSign}.In(lang))
	case "figures":
		var figures domain.Figures
		if json.Unmarshal([]byte(value), &figures) != nil {
			return value
		}
		var told []string
		for _, name := range append(Reckoned(figures), Besides(figures)...) {
			parts := strings.Split(figures[name], figureSign)
			for i, part := range parts {
				if parts[i] = Said(name, part, lang, policy); parts[i] == part {
					parts[i] = named(policy, "department", named(policy, "industry", Word(part, lang), lang), lang)
				}
			}
			told = append(told, Figure(name, lang)+" "+strings.Join(parts, domain.Text{ZH: "、", EN: figureSign}.In(lang)))
		}
		return strings.Join(told, domain.Text{ZH: "；", EN: ListSign}.In(lang))
	case "year":
		if value == "total" {
			return Cell("period", value).In(lang)
		}
	}
	if said := Cell(column, value).In(lang); said != value || vocabularies[column] == nil {
		return said
	}
	return Word(value, lang)
}

func named(policy *domain.Policy, kind, id, lang string) string {
	if name, known := policy.Called(kind, id); known {
		return name.In(lang)
	}
	return id
}

// ListSign stands between the parts of a list in one cell, figureSign between those of one figure.
const ListSign, figureSign = projections.ListSign, ", "

func cells[T any](of reflect.Type, rows iter.Seq2[T, error]) iter.Seq2[tabular.Row, error] {
	fields := shown(of)
	return func(yield func(tabular.Row, error) bool) {
		row := make(tabular.Row, len(fields))
		for r, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			value := reflect.ValueOf(r)
			for i, field := range fields {
				row[i] = cell(value.FieldByIndex(field.Index))
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// shown are the fields of a row that are its columns, those of an embedded row in its place.
func shown(row reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(row), func(f reflect.StructField) bool { return f.Anonymous || jsonName(f) == "" })
}

// jsonName is the name of a field, or nothing where it is not shown.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// cell is a field as tabular takes it.
func cell(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case domain.Money:
		return x.Decimal()
	case domain.Ceiling:
		if !x.Stated {
			return nil
		}
		return x.Amount.Decimal()
	case decimal.NullDecimal:
		if !x.Valid {
			return nil
		}
		return x.Decimal
	case domain.Date:
		if x.IsZero() {
			return nil
		}
		return x.String()
	case domain.SupportYear:
		return int64(x)
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Slice:
		return listed(v)
	}
	return v.Interface()
}

// listed is a list in one cell.
func listed(v reflect.Value) string {
	parts := make([]string, v.Len())
	for i := range parts {
		parts[i] = fmt.Sprint(v.Index(i).Interface())
	}
	return strings.Join(parts, ListSign)
}
