package postgres

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

// sources are the statements of all lists, written out but for what an ask narrows them by.
var sources = func() map[string]source {
	all := map[string]source{}
	for _, l := range projections.Lists() {
		if _, known := all[l.Source]; !known && l.Source != "" {
			all[l.Source] = source{present: written(l.Source, false), past: written(l.Source, true)}
		}
	}
	return all
}()

// source is a statement that has all columns that a list and its view have.
type source struct{ present, past string }

func (s source) of(past bool) string {
	if past {
		return s.past
	}
	return s.present
}

// Page implements [projections.Keeper], for what is in tables.
func (q *Queries) Page(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Page[any], error) {
	var p projections.Page[any]
	values, err := l.Values(ask)
	if l.Kept != projections.InTables {
		err = errors.New("it is not answered from tables")
	}
	if err == nil {
		err = q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
			p, err = pageOf(ctx, tx, m, l, ask, values)
			return err
		})
	}
	if err != nil {
		return p, fmt.Errorf("asking for %s: %w", l.Name, err)
	}
	return p, nil
}

// Sum adds up a list as it is narrowed, whatever page of it is asked for.
func (q *Queries) Sum(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Sum, error) {
	var sum projections.Sum
	if l.AddsUp(ask.Where) {
		sum.Columns = addable(l)
	}
	values, err := l.Values(ask)
	if l.Kept != projections.InTables {
		err = errors.New("it is not answered from tables")
	}
	if err == nil {
		err = q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
			where := conditions(l, values)
			search(values, values[projections.BySearch.Name])
			m.fill(values, 0)
			values["limit_rows"] = int64(projections.SummedRows + 1)
			sum.Seq = m.seq
			amounts, into := make([]share, len(sum.Columns)), []any{&sum.Rows}
			columns := "count(*)"
			for i, name := range sum.Columns {
				columns += ", coalesce(sum(s." + name + "), 0.00)"
				into = append(into, &amounts[i])
			}
			statement := compose("SELECT " + columns + " FROM (\n" + listed(l, m.past, where) + "\n) s")
			err := tx.QueryRow(ctx, statement.sql, statement.args(values)...).Scan(into...)
			for _, a := range amounts {
				sum.Amounts = append(sum.Amounts, a.Decimal)
			}
			return err
		})
	}
	if err != nil {
		return sum, fmt.Errorf("adding up %s: %w", l.Name, err)
	}
	if sum.More = sum.Rows > projections.SummedRows; sum.More {
		sum.Rows, sum.Columns, sum.Amounts = projections.SummedRows, nil, nil
	}
	return sum, nil
}

// addable are the columns of a list's statement that hold amounts which may be added up, as the dictionary says.
func addable(l *projections.List) (names []string) {
	for _, c := range projections.Columns(l.Row) {
		if c.From != "" && c.From == c.Name && words.AddsUp(c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// pageOf asks for a page of a list in a snapshot. values are what it is narrowed by.
func pageOf(ctx context.Context, tx pgx.Tx, m moment, l *projections.List, ask projections.Ask, values map[string]any) (projections.Page[any], error) {
	p := projections.Page[any]{Seq: m.seq}
	where := conditions(l, values)
	search(values, values[projections.BySearch.Name])
	m.fill(values, ask.Limit)
	after, err := behind(l, ask.Cursor, values)
	if err != nil {
		return p, err
	}
	statement := compose(listed(l, m.past, where+after))
	found, err := tx.Query(ctx, statement.sql, statement.args(values)...)
	if err != nil {
		return p, err
	}
	limit := projections.Limit(ask.Limit)
	err = eachByName(found, l.Row, func(row reflect.Value) {
		if len(p.Rows) < limit {
			p.Rows = append(p.Rows, row.Interface())
		} else {
			p.Next = cursor(l, reflect.ValueOf(p.Rows[limit-1])) // it was asked for one row too many
		}
	})
	return p, err
}

// listed is the text of a page of a list. A statement with a place for them has the conditions and the limit inside, before it adds up; any
// other is narrowed from outside, which is the same to the planner.
func listed(l *projections.List, past bool, where string) string {
	text, order := sources[l.Source].of(past), " ORDER BY "+sorted(l)
	if strings.Contains(text, "{where}") {
		text = strings.NewReplacer("{where}", where, "{limit}", "LIMIT {limit_rows}").Replace(text)
		return "SELECT " + columnsOf(l) + " FROM (\n" + text + ") r" + order
	}
	return "SELECT " + columnsOf(l) + " FROM (\n" + text + ") r WHERE true" + where + order + " LIMIT {limit_rows}"
}

// whole is a list's text without conditions, limit and order.
func whole(l *projections.List, past bool) string {
	return strings.NewReplacer("{where}", "", "{limit}", "").Replace(sources[l.Source].of(past))
}

// columnsOf are the columns of a list's rows, of its statement called r.
func columnsOf(l *projections.List) string {
	var columns []string
	for _, c := range projections.Columns(l.Row) {
		switch {
		case c.From == "":
		case c.Type.Kind() == reflect.String:
			columns = append(columns, "r."+c.From+"::text") // of an enum, and of JSON
		default:
			columns = append(columns, "r."+c.From)
		}
	}
	return strings.Join(columns, ", ")
}

// conditions narrow a list to the values, where its statement does not ask by them itself.
func conditions(l *projections.List, values map[string]any) string {
	var b strings.Builder
	for _, f := range l.Filters {
		if values[f.Name] == nil || f.Asked {
			continue
		}
		form := " AND r.%s = {%s}::text"
		switch values[f.Name].(type) {
		case int64:
			form = " AND r.%s = {%s}::bigint"
		case []string:
			form = " AND r.%s = ANY({%s}::text[])"
		}
		fmt.Fprintf(&b, form, f.CheckedColumn(), f.Name)
	}
	return b.String()
}

// sorted are the key's columns as a list is sorted by them. Names are sorted as people here look them up, by their pinyin.
func sorted(l *projections.List) string {
	direction := ""
	if l.Latest {
		direction = " DESC"
	}
	return strings.Join(sortKeys(l), direction+", ") + direction
}

func sortKeys(l *projections.List) []string {
	keys := make([]string, len(l.Key))
	for i, name := range l.Key {
		if keys[i] = "r." + name; name == "name" {
			keys[i] += ` COLLATE "zh-Hans-x-icu"`
		}
	}
	return keys
}

// keyOf are the columns of a list's key, by their fields.
func keyOf(l *projections.List) []projections.Column {
	var key []projections.Column
	columns := projections.Columns(l.Row)
	for _, name := range l.Key {
		for _, c := range columns {
			if c.Name == name {
				key = append(key, c)
			}
		}
	}
	return key
}

// behind is the condition of a cursor: what comes after the last row of the page before.
func behind(l *projections.List, text string, values map[string]any) (string, error) {
	if text == "" {
		return "", nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", projections.ErrCursor
	}
	var parts []jsontext.Value
	key := keyOf(l)
	if err := json.Unmarshal(plain, &parts); err != nil || len(parts) != len(key) {
		return "", projections.ErrCursor
	}
	places := make([]string, len(key))
	for i, c := range key {
		name := "after_" + c.Name
		places[i] = "{" + name + "}::text"
		if isNumber(c.Type) {
			var number int64
			places[i] = "{" + name + "}::bigint"
			err, values[name] = json.Unmarshal(parts[i], &number), number
		} else {
			var word string
			err, values[name] = json.Unmarshal(parts[i], &word), word
		}
		if c.Type == reflect.TypeFor[domain.Date]() {
			places[i] = "{" + name + "}::text::date"
			_, bad := domain.ParseDate(values[name].(string))
			err = orElse(err, bad)
		}
		if err != nil {
			return "", projections.ErrCursor
		}
	}
	direction := ">"
	if l.Latest {
		direction = "<"
	}
	return fmt.Sprintf(" AND (%s) %s (%s)", strings.Join(sortKeys(l), ", "), direction, strings.Join(places, ", ")), nil
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func isNumber(t reflect.Type) bool {
	return t.Kind() == reflect.Int || t.Kind() == reflect.Int64 || t.Kind() == reflect.Uint64 || t.Kind() == reflect.Uint16
}

// cursor is a row's key, as the next page is asked for.
func cursor(l *projections.List, row reflect.Value) string {
	var key []any
	for _, c := range keyOf(l) {
		key = append(key, row.FieldByIndex(c.Index).Interface())
	}
	text, err := json.Marshal(key)
	if err != nil {
		panic("postgres: a key of texts and numbers cannot be written: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// fill adds the parameters that every question has.
func (m moment) fill(values map[string]any, limit int) {
	values["at_seq"], values["at_day"], values["limit_rows"] = int64(m.seq), m.day.String(), projections.Limit(limit)+1
	if !m.on.IsZero() {
		values["on_day"] = m.on.String()
	}
}

// filter adds a parameter that filters, unless it is empty.
func filter[T comparable](values map[string]any, name string, value T) {
	var none T
	if value != none {
		values[name] = value
	}
}

// search adds the parameters that find an enterprise: pairs of characters, one character, or initials and the code's beginning.
func search(values map[string]any, asked any) {
	text, _ := asked.(string)
	text = strings.TrimSpace(text)
	if text != "" {
		named(values, text)
	}
	plain := strings.IndexFunc(text, func(r rune) bool { return r > 0x7f }) < 0
	switch pairs := pairsOf(text); {
	case text == "":
	case plain:
		values["initials"] = "%" + likeEscaper.Replace(strings.ToLower(text)) + "%"
		values["code"] = likeEscaper.Replace(strings.ToUpper(text)) + "%"
	case utf8.RuneCountInString(text) < 2 || len(pairs) == 0:
		values["part"] = "%" + likeEscaper.Replace(text) + "%"
	default:
		for i, pair := range pairs {
			pairs[i] = "'" + strings.ReplaceAll(pair, "'", "''") + "'"
		}
		values["pairs"] = strings.Join(pairs, " & ")
	}
}

// indexedSigns is how many signs of a voucher and a project an index holds (migration 00013).
const indexedSigns = 100

// named adds the parameters that find what a text names: what begins with it, as it is written or in capitals, an amount and a position.
func named(values map[string]any, text string) {
	const beyond = "\U0010FFFF" // no sign is behind it
	capitals := strings.ToUpper(text)
	begins := text // as far as an index goes
	if signs := []rune(text); len(signs) > indexedSigns {
		begins = string(signs[:indexedSigns])
	}
	values["begins"], values["begins_end"] = begins, begins+beyond
	values["text"], values["text_end"], values["capitals"], values["capitals_end"] = text, text+beyond, capitals, capitals+beyond
	if sum, err := domain.ParseMoney(domain.PlainAmount(text)); err == nil && sum.Positive() {
		values["sum"] = sum.String()
	}
	if n, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 10, 63); err == nil {
		values["number"] = int64(n)
	}
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)
