package words

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"

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

// Spoken is a table whose codes are words, for people, in a language: what programs read keeps its codes.
func Spoken(t tabular.Table, lang string) tabular.Table {
	rows := t.Rows
	t.Rows = func(yield func(tabular.Row, error) bool) {
		said := make(tabular.Row, len(t.Columns))
		for row, err := range rows {
			if err == nil {
				copy(said, row)
				for i, c := range t.Columns {
					if code, ok := row[i].(string); ok && vocabularies[c.Name] != nil {
						said[i] = Cell(c.Name, code).In(lang)
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
	return strings.Join(parts, "; ")
}
