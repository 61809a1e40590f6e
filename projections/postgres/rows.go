package postgres

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// Rows are read by the names of their columns, never by their places: an amount comes into the field that is called as it is. A column
// without a field, and a field without a column, are errors.

// byName collects rows.
func byName[T any](found pgx.Rows) ([]T, error) {
	rows := []T{}
	err := eachByName(found, reflect.TypeFor[T](), func(row reflect.Value) { rows = append(rows, row.Interface().(T)) })
	return rows, err
}

// completed is a row that is made whole after it was read.
type completed interface{ Complete() error }

// eachByName reads rows of a type, and hands each over until the next.
func eachByName(found pgx.Rows, of reflect.Type, take func(reflect.Value)) error {
	defer found.Close()
	row := reflect.New(of).Elem()
	targets, err := targetsOf(found, row)
	if err != nil {
		return err
	}
	whole, _ := row.Addr().Interface().(completed)
	for found.Next() {
		row.SetZero()
		if err := found.Scan(targets...); err != nil {
			return err
		}
		if whole != nil {
			if err := whole.Complete(); err != nil {
				return err
			}
		}
		take(row)
	}
	return found.Err()
}

// targetsOf are the fields of a row that a result's columns are read into, in the columns' order.
func targetsOf(found pgx.Rows, row reflect.Value) ([]any, error) {
	fields := fieldsOf(row, "")
	var targets []any
	for _, column := range found.FieldDescriptions() {
		field, ok := fields[column.Name]
		if !ok {
			return nil, fmt.Errorf("a %s has no field for the column %s, or two columns are called so", row.Type(), column.Name)
		}
		targets = append(targets, targetOf(field))
		delete(fields, column.Name)
	}
	for name := range fields {
		found.Close()
		if err := found.Err(); err != nil { // nobody has answered with which columns
			return nil, err
		}
		return nil, fmt.Errorf("the statement has no column %s for a %s", name, row.Type())
	}
	return targets, nil
}

// fieldsOf are the fields of a row by the names of their columns. A text in two languages has two: name_zh and name_en.
func fieldsOf(row reflect.Value, prefix string) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for _, c := range projections.Columns(row.Type()) {
		field := row.FieldByIndex(c.Index)
		name := prefix + c.From
		switch {
		case c.From == "":
			if _, out := row.Type().FieldByIndex(c.Index).Tag.Lookup("sql"); out {
				continue
			}
			name = prefix + snake(row.Type().FieldByIndex(c.Index).Name)
		}
		if field.Type() == reflect.TypeFor[domain.Text]() {
			fields[name+"_zh"], fields[name+"_en"] = field.Field(0), field.Field(1)
			continue
		}
		fields[name] = field
	}
	return fields
}

// snake is a field's name as a column's: SupportYear is support_year.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// targetOf is what a column is read into to fill a field. NULL is what the field's type has for nothing.
func targetOf(field reflect.Value) any {
	switch to := field.Addr().Interface().(type) {
	case *domain.Money:
		return (*money)(to)
	case *domain.Ceiling:
		return (*ceiling)(to)
	case *domain.Date:
		return (*date)(to)
	case *decimal.NullDecimal:
		return (*share)(to)
	case *time.Time:
		return (*nanoseconds)(to)
	}
	switch field.Kind() {
	case reflect.String:
		return field.Addr().Convert(reflect.TypeFor[*text]()).Interface()
	case reflect.Int, reflect.Int64, reflect.Uint16, reflect.Uint64:
		return integer{field}
	}
	return field.Addr().Interface()
}

// text reads a text, NULL as an empty one.
type text string

// ScanText implements [pgtype.TextScanner].
func (t *text) ScanText(v pgtype.Text) error {
	*t = text(v.String)
	return nil
}

// nanoseconds reads a time of the log, to the nanosecond.
type nanoseconds time.Time

// ScanInt64 implements [pgtype.Int64Scanner].
func (t *nanoseconds) ScanInt64(v pgtype.Int8) error {
	if !v.Valid {
		return errors.New("a time that is NULL")
	}
	*t = nanoseconds(time.Unix(0, v.Int64).UTC())
	return nil
}

// integer reads a whole number into a field of any size, NULL as nought.
type integer struct{ field reflect.Value }

// ScanInt64 implements [pgtype.Int64Scanner].
func (i integer) ScanInt64(v pgtype.Int8) error {
	if !i.field.CanUint() {
		i.field.SetInt(v.Int64)
		return nil
	}
	if v.Int64 < 0 || i.field.OverflowUint(uint64(v.Int64)) {
		return fmt.Errorf("%d does not fit a %s", v.Int64, i.field.Type())
	}
	i.field.SetUint(uint64(v.Int64))
	return nil
}
