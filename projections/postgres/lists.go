package postgres

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

// sources are the statements of all lists, written out but for what an ask narrows them by. They are made when the first is asked for: most
// commands of the terminal ask for none.
var sources = sync.OnceValue(func() map[string]source {
	all := map[string]source{}
	for _, l := range projections.Lists() {
		if _, known := all[l.Source]; !known && l.Source != "" {
			all[l.Source] = source{present: written(l.Source, false), past: written(l.Source, true)}
		}
	}
	return all
})

// source is a statement that has all columns that a list and its view have.
type source struct{ present, past string }

func (s source) of(past bool) string {
	if past {
		return s.past
	}
	return s.present
}

// asked is a question about a list. What is added up in memory is among its values then.
func (q *Queries) asked(ctx context.Context, l *projections.List, ask projections.Ask, values map[string]any, answer func(pgx.Tx, moment) error) error {
	return q.read(ctx, ask.AsOf, ask.On, func(tx pgx.Tx, m moment) error {
		if l == projections.Statistics.List {
			if err := q.tallied(ctx, tx, m, ask.Where, values); err != nil {
				return err
			}
		}
		return answer(tx, m)
	})
}

// Page implements [projections.Keeper], for what is in tables.
func (q *Queries) Page(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Page[any], error) {
	var p projections.Page[any]
	values, err := l.Values(ask)
	if l.Kept != projections.InTables {
		err = errors.New("it is not answered from tables")
	}
	if err == nil {
		err = q.asked(ctx, l, ask, values, func(tx pgx.Tx, m moment) error {
			p, err = pageOf(ctx, tx, m, l, orderOf(l, ask.Sort), ask, values)
			return err
		})
	}
	if err != nil {
		return p, fmt.Errorf("asking for %s: %w", l.Name, err)
	}
	return p, nil
}

// Beside are the rows before and behind one in a list as it is narrowed and sorted; nil: there is none. The row need not be in the list any more. Each
// is found as a page of one row is.
func (q *Queries) Beside(ctx context.Context, l *projections.List, ask projections.Ask, row any) (before, behind any, err error) {
	values, err := l.Values(ask)
	if l.Kept != projections.InTables {
		err = errors.New("it is not answered from tables")
	}
	if err == nil {
		err = q.asked(ctx, l, ask, values, func(tx pgx.Tx, m moment) error {
			by := orderOf(l, ask.Sort)
			ask.Limit, ask.Cursor = 1, by.cursor(reflect.ValueOf(row))
			back := by
			back.down, back.own = !by.down, false
			for _, side := range []struct {
				by  order
				row *any
			}{{back, &before}, {by, &behind}} {
				p, err := pageOf(ctx, tx, m, l, side.by, ask, maps.Clone(values))
				if err != nil {
					return err
				}
				if len(p.Rows) > 0 {
					*side.row = p.Rows[0]
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("asking what stands beside a row of %s: %w", l.Name, err)
	}
	return before, behind, nil
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
		err = q.asked(ctx, l, ask, values, func(tx pgx.Tx, m moment) error {
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
			statement := compose("SELECT " + columns + " FROM (\n" + listed(l, m.past, orderOf(l, ""), where, "", values) + "\n) s")
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
func pageOf(ctx context.Context, tx pgx.Tx, m moment, l *projections.List, by order, ask projections.Ask, values map[string]any) (projections.Page[any], error) {
	p := projections.Page[any]{Seq: m.seq}
	where := conditions(l, values)
	search(values, values[projections.BySearch.Name])
	m.fill(values, ask.Limit)
	after, err := by.behind(ask.Cursor, values)
	if err != nil {
		return p, err
	}
	statement := compose(listed(l, m.past, by, where, after, values))
	found, err := tx.Query(ctx, statement.sql, statement.args(values)...)
	if err != nil {
		return p, err
	}
	limit := projections.Limit(ask.Limit)
	err = eachByName(found, l.Row, func(row reflect.Value) {
		if len(p.Rows) < limit {
			p.Rows = append(p.Rows, row.Interface())
		} else {
			p.Next = by.cursor(reflect.ValueOf(p.Rows[limit-1])) // it was asked for one row too many
		}
	})
	return p, err
}

// listed is the text of a page of a list. A statement with a place for them has the conditions inside, before it adds up, and so the limit, where the
// order is that of its key; any other is narrowed from outside, which is the same to the planner.
func listed(l *projections.List, past bool, by order, where, after string, values map[string]any) string {
	text, end := given(sources()[l.Source].of(past), values), " ORDER BY "+by.text()+" LIMIT {limit_rows}"
	switch inside := strings.Contains(text, "{where}"); {
	case inside && by.own:
		text, where, end = strings.NewReplacer("{where}", where+after, "{limit}", "LIMIT {limit_rows}").Replace(text), "", " ORDER BY "+by.text()
	case inside:
		text, where = strings.NewReplacer("{where}", where, "{limit}", "").Replace(text), after
	default:
		where += after
	}
	return "SELECT " + columnsOf(l) + " FROM (\n" + text + ") r WHERE true" + where + end
}

// whole is a list's text without conditions, limit and order.
func whole(l *projections.List, past bool) string {
	return strings.NewReplacer("{where}", "", "{limit}", "").Replace(given(sources()[l.Source].of(past), nil))
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
		switch _, whole := values[f.Name].(int64); {
		case whole:
			form = " AND r.%s = {%s}::bigint"
		case f.Kind == projections.Several:
			form = " AND r.%s = ANY({%s}::text[])"
		case f.Bound == projections.Least:
			form = " AND r.%s >= {%s}::text::date"
		case f.Bound == projections.Most:
			form = " AND r.%s <= {%s}::text::date"
		}
		fmt.Fprintf(&b, form, f.CheckedColumn(), f.Name)
	}
	return b.String()
}

// order is what a list is sorted by: columns that no two rows share the values of.
type order struct {
	columns []projections.Column
	down    bool // from the largest to the smallest
	own     bool // it is the list's own
	sparse  bool // the first column may be empty: those of a key and the day of a row never are, and are indexed as they are
	sort    string
}

// orderOf is a list's order as it is asked for, which has been judged: where that leaves rows beside each other, the list's own decides.
func orderOf(l *projections.List, sort string) order {
	by := order{down: l.Latest, own: true, sort: sort}
	columns := projections.Columns(l.Row)
	add := func(name string) {
		if i := slices.IndexFunc(columns, func(c projections.Column) bool { return c.Name == name }); i >= 0 {
			by.columns = append(by.columns, columns[i])
		}
	}
	name, down := strings.CutPrefix(sort, "-")
	if sort != "" {
		by.down, by.own, by.sparse = down, false, name != l.Day && !slices.Contains(l.Key, name)
		add(name)
	}
	for _, key := range l.Key {
		if key != name {
			add(key)
		}
	}
	return by
}

// nothing is what stands for no value in an order, by what a column holds, and the type that a cursor's text is read as. It is what the field of a row
// without a value says; no cap and no limit is more than any.
func nothing(c projections.Column) (text, as string) {
	if c.Type.Kind() == reflect.Pointer { // a count that may not be told
		c.Type = c.Type.Elem()
	}
	switch c.Type {
	case reflect.TypeFor[domain.Date]():
		return "-infinity", "date"
	case reflect.TypeFor[time.Time](): // a moment is kept in nanoseconds
		return "0", "bigint"
	case reflect.TypeFor[domain.Money]():
		return "0", "numeric"
	case reflect.TypeFor[domain.Ceiling]():
		return "Infinity", "numeric"
	case reflect.TypeFor[decimal.NullDecimal]():
		return "-Infinity", "numeric"
	}
	switch kind := c.Type.Kind(); {
	case kind == reflect.Bool:
		return "false", "boolean"
	case isNumber(c.Type):
		return "0", "bigint"
	case kind == reflect.String:
		return "", "text"
	}
	panic("postgres: no order is known of " + c.Type.String())
}

// terms are the order's columns in a statement. Names are sorted as people here look them up, by their pinyin.
func (o order) terms() []string {
	terms := make([]string, len(o.columns))
	for i, c := range o.columns {
		if terms[i] = "r." + c.From; i == 0 && o.sparse {
			none, as := nothing(c)
			terms[i] = "coalesce(r." + c.From + "::" + as + ", '" + none + "')"
		}
		if c.Name == "name" || c.Name == "enterprise_name" || c.Name == "title" {
			terms[i] += ` COLLATE "zh-Hans-x-icu"`
		}
	}
	return terms
}

func (o order) text() string {
	direction := ""
	if o.down {
		direction = " DESC"
	}
	return strings.Join(o.terms(), direction+", ") + direction
}

// behind is the condition of a cursor: what comes after the last row of the page before.
func (o order) behind(text string, values map[string]any) (string, error) {
	if text == "" {
		return "", nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", projections.ErrCursor
	}
	var parts []string
	if err := json.Unmarshal(plain, &parts); err != nil || len(parts) != len(o.columns)+1 || parts[0] != o.sort {
		return "", projections.ErrCursor
	}
	places := make([]string, len(o.columns))
	for i, c := range o.columns {
		name, part := "after_"+c.Name, parts[i+1]
		_, as := nothing(c)
		if places[i] = "{" + name + "}::text::" + as; as == "bigint" {
			places[i] = "{" + name + "}::bigint"
		}
		if values[name], err = readSorted(as, part); err != nil {
			return "", projections.ErrCursor
		}
	}
	direction := ">"
	if o.down {
		direction = "<"
	}
	return fmt.Sprintf(" AND (%s) %s (%s)", strings.Join(o.terms(), ", "), direction, strings.Join(places, ", ")), nil
}

// readSorted reads a part of a cursor strictly: what comes from outside must be no fault of the database.
func readSorted(as, part string) (any, error) {
	var err error
	switch as {
	case "bigint":
		return strconv.ParseInt(part, 10, 64)
	case "date":
		if part != "-infinity" {
			_, err = domain.ParseDate(part)
		}
	case "numeric":
		if strings.TrimPrefix(part, "-") != "Infinity" {
			if _, err = decimal.NewFromString(part); len(part) > 40 || strings.ContainsAny(part, "eE") {
				err = projections.ErrCursor
			}
		}
	case "boolean":
		if part != "true" && part != "false" {
			err = projections.ErrCursor
		}
	default:
		if !utf8.ValidString(part) || strings.ContainsRune(part, 0) {
			err = projections.ErrCursor
		}
	}
	return part, err
}

func isNumber(t reflect.Type) bool {
	return t.Kind() == reflect.Int || t.Kind() == reflect.Int64 || t.Kind() == reflect.Uint64 || t.Kind() == reflect.Uint16
}

// cursor is where a row stands in the order, as the next page is asked for.
func (o order) cursor(row reflect.Value) string {
	parts := []string{o.sort}
	for _, c := range o.columns {
		none, _ := nothing(c)
		part := none
		switch x := row.FieldByIndex(c.Index).Interface().(type) {
		case domain.Date:
			if !x.IsZero() {
				part = x.String()
			}
		case time.Time:
			if !x.IsZero() {
				part = strconv.FormatInt(x.UnixNano(), 10)
			}
		case domain.Ceiling:
			if x.Stated {
				part = x.Amount.String()
			}
		case decimal.NullDecimal:
			if x.Valid {
				part = x.Decimal.String()
			}
		case domain.Money:
			part = x.String()
		default:
			part = plainly(row.FieldByIndex(c.Index))
		}
		parts = append(parts, part)
	}
	text, err := json.Marshal(parts)
	if err != nil {
		panic("postgres: texts cannot be written: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// plainly is a text, a number or a truth as it is written.
func plainly(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "0"
		}
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	}
	return strconv.FormatInt(v.Int(), 10)
}

// fill adds the parameters that every question has.
func (m moment) fill(values map[string]any, limit int) {
	values["at_seq"], values["at_day"], values["limit_rows"] = int64(m.seq), m.day.String(), projections.Limit(limit)+1
	values["days_off"], values["days_worked"] = daysText(m.holidays.Off()), daysText(m.holidays.Worked())
	values["whole"] = true // what is sensitive: a view of the analysts has it not
	if !m.on.IsZero() {
		values["on_day"] = m.on.String()
	}
	if kinds, ok := values[projections.ByKind.Name].([]string); ok { // they are of a list, so none has a sign of its own
		values["posted_kinds"] = "{" + strings.Join(kinds, ",") + "}"
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

// searchedWords is how many words a text may have that titles are searched by.
const searchedWords = 10

// lettersOf are the pairs of neighbouring characters of words, as pairs_of has them (migration 00017): a title that has the words has all of these.
func lettersOf(words []string) (pairs []string) {
	for _, word := range words {
		signs := []rune(word)
		for i := range len(signs) - 1 {
			pairs = append(pairs, string(signs[i:i+2]))
		}
	}
	return pairs
}

// named adds the parameters that find what a text names: what begins with it, as it is written or in capitals, an amount and a position.
func named(values map[string]any, text string) {
	const beyond = "\U0010FFFF" // no sign is behind it
	capitals := strings.ToUpper(text)
	begins := text // as far as an index goes
	if signs := []rune(text); len(signs) > indexedSigns {
		begins = string(signs[:indexedSigns])
	}
	if words := strings.Fields(strings.ToLower(text)); len(words) <= searchedWords {
		if letters := lettersOf(words); len(letters) > 0 {
			values["words"], values["letters"] = words, letters
		}
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
