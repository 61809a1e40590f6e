package projections

import (
	"context"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// List is a question whose answer is a table. It is declared once, as a value: the API's route and its description, the command line,
// the pages' filters, the exports and the analysts' view all read it. The columns are the fields of its rows, by their json names.
type List struct {
	Name    string
	Title   domain.Text
	Meaning domain.Text // what it holds, for analysts; none: they have no view of it
	Address string      // in the API; {id} in it is the value of the first filter
	Filters []*Filter
	Past    bool     // it can be asked for as of a moment, and by a business date
	Key     []string // the columns that it is sorted by; no two rows share them
	Latest  bool     // it is sorted the other way round: what came last is first
	Day     string   // the column of the day that a row is of, which is never empty: a range of days narrows the list. "": there is none
	Ahead   bool     // that day lies ahead: on a page, too, what comes first stands first
	Source  string   // the statement that it is answered by, or that its view is made of
	Shown   string   // the statement that its view is made of, where that is another
	Kept    Kept
	Row     reflect.Type
	Unlike  bool     // amounts of unlike things stand in its columns: they do not add up
	Alike   []string // but narrowed by one value of one of these filters they do
	// Says are the columns that say something of what is asked for; nil: all do.
	Says func(where []Condition) []string
}

// AddsUp reports whether the amounts of a list that is narrowed so are of like things. A clause's appropriation and its department's are the
// same money, and so is what is approved and then paid.
func (l *List) AddsUp(where []Condition) bool {
	return !l.Unlike || slices.ContainsFunc(where, func(c Condition) bool {
		return c.Value != "" && !strings.Contains(c.Value, ",") && slices.Contains(l.Alike, c.Name)
	})
}

// Kept says where a list's rows come from.
type Kept uint8

// Where rows come from.
const (
	InTables Kept = iota
	OnLog         // read from a log itself, of events or refusals
	InPolicy      // of the policy that is in force
)

// Question is a list whose rows are T.
type Question[T any] struct{ *List }

// lists are all lists, in the order of their declaration.
var lists []*List

// Lists are all lists that there are.
func Lists() []*List { return slices.Clone(lists) }

// ListOf is the list of a name; nil where there is none.
func ListOf(name string) *List {
	if i := slices.IndexFunc(lists, func(l *List) bool { return l.Name == name }); i >= 0 {
		return lists[i]
	}
	return nil
}

// narrowed is a filter as it stands in a list's declaration.
type narrowed interface{ filter() *Filter }

// list declares a list.
func list[T any](l List, filters ...narrowed) Question[T] {
	l.Row = reflect.TypeFor[T]()
	if l.Address == "" {
		l.Address = "/v1/" + l.Name
	}
	for _, f := range filters {
		l.Filters = append(l.Filters, f.filter())
	}
	if l.Day != "" {
		l.Filters = append(l.Filters,
			&Filter{Name: "since", Kind: Day, Column: l.Day, Bound: Least, Meaning: domain.Text{ZH: "业务日期不早于", EN: "dated that day or later"}},
			&Filter{Name: "until", Kind: Day, Column: l.Day, Bound: Most, Meaning: domain.Text{ZH: "业务日期不晚于", EN: "dated that day or before"}})
	}
	lists = append(lists, &l)
	return Question[T]{&l}
}

// Ask is what a list is asked for. Without conditions it is the whole list.
type Ask struct {
	Where  []Condition
	AsOf   AsOf        // recording clock
	On     domain.Date // business date: what was dated up to that day, caps in force on it; none: today, or the day of AsOf
	Sort   string      // the column to sort by, with a minus before it from the largest down; "": the list's own order
	Limit  int
	Cursor string
}

// Where asks for what fits all of the conditions.
func Where(conditions ...Condition) Ask { return Ask{Where: conditions} }

// IsPast reports whether figures of a past moment or business date are asked for.
func (a Ask) IsPast() bool { return !a.AsOf.IsZero() || !a.On.IsZero() }

// Condition is a filter's value as it is written; "" narrows nothing.
type Condition struct{ Name, Value string }

// Filter is the list's filter of a name; nil where it has none.
func (l *List) Filter(name string) *Filter {
	if i := slices.IndexFunc(l.Filters, func(f *Filter) bool { return f.Name == name }); i >= 0 {
		return l.Filters[i]
	}
	return nil
}

// Of is the filter whose value is the id in the list's address; nil where there is none.
func (l *List) Of() *Filter {
	if !strings.Contains(l.Address, "{id}") {
		return nil
	}
	return l.Filters[0]
}

// FilterNames are the names of the list's filters.
func (l *List) FilterNames() []string {
	names := make([]string, len(l.Filters))
	for i, f := range l.Filters {
		names[i] = f.Name
	}
	return names
}

// Values judges an ask, and reads its conditions: a string, an int64 or a []string by a filter's name. A filter that the list does not
// have, and a value that a filter cannot have, are a [FilterError]; a past that it does not have is [ErrPresentOnly].
func (l *List) Values(ask Ask) (map[string]any, error) {
	if ask.IsPast() && !l.Past {
		return nil, ErrPresentOnly
	}
	if names := l.Sorts(); ask.Sort != "" && !slices.Contains(names, strings.TrimPrefix(ask.Sort, "-")) {
		return nil, &FilterError{Name: "sort", Value: ask.Sort, Reason: oneOf(names)}
	}
	values := map[string]any{}
	for _, c := range ask.Where {
		f := l.Filter(c.Name)
		if f == nil {
			return nil, &FilterError{List: l.Name, Name: c.Name, Value: c.Value, Allowed: l.FilterNames()}
		}
		if c.Value == "" {
			continue
		}
		if _, twice := values[c.Name]; twice {
			return nil, &FilterError{Name: c.Name, Value: c.Value, Reason: onlyValue}
		}
		value, why := f.read(c.Value)
		if why != fine {
			return nil, &FilterError{Name: c.Name, Value: c.Value, Reason: why}
		}
		values[c.Name] = value
	}
	return values, nil
}

// ListSign stands between the parts of a list in one cell, wherever a list's rows are written.
const ListSign = "; "

// Column is a column of a list's rows.
type Column struct {
	Name  string // of the table, "": it is not shown
	From  string // of the statement, "": it is made of the others
	Index []int  // of the field
	Type  reflect.Type
}

// Columns are the fields of a type of rows, those of an embedded one in its place. A field's json name is the column's; a tag
// sql:"name" says that the statement calls it otherwise, and sql:"-" that no statement has it.
func Columns(row reflect.Type) []Column {
	var columns []Column
	for _, f := range reflect.VisibleFields(row) {
		if f.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		from, tagged := f.Tag.Lookup("sql")
		if !tagged {
			from = name
		}
		columns = append(columns, Column{Name: without(name), From: without(from), Index: f.Index, Type: f.Type})
	}
	return columns
}

func without(name string) string {
	if name == "-" {
		return ""
	}
	return name
}

// Sorts are the columns that a list can be sorted by: all that are in its statement and have an order. A list that is read from a log or a policy has
// the order that things have there.
func (l *List) Sorts() (names []string) {
	if l.Kept != InTables {
		return nil
	}
	for _, c := range Columns(l.Row) {
		if c.Name != "" && c.From != "" && c.Type.Kind() != reflect.Slice && c.Type != reflect.TypeFor[domain.Text]() && c.Type != reflect.TypeFor[FactValue]() {
			names = append(names, c.Name)
		}
	}
	return names
}

// SummedRows bounds what a [Sum] adds up: a page has it beside its rows, and must not cost more for a longer list.
const SummedRows = 20_000

// Sum is how long a list is, narrowed as it was asked for, and what its columns of amounts add up to.
type Sum struct {
	Rows    int64
	More    bool     // there are more than [SummedRows]: nothing is added up
	Columns []string // those that may be added up, in the list's order
	Amounts []decimal.Decimal
	Seq     uint64 // the position that it answers for
}

// Keeper answers lists.
type Keeper interface {
	// Page answers a part of a list. Its rows are of the list's type of rows.
	Page(ctx context.Context, l *List, ask Ask) (Page[any], error)
}

// Page asks for a part of the list.
func (q Question[T]) Page(ctx context.Context, k Keeper, ask Ask) (Page[T], error) {
	found, err := k.Page(ctx, q.List, ask)
	if err != nil {
		return Page[T]{}, err
	}
	p := Page[T]{Next: found.Next, Seq: found.Seq, Rows: make([]T, len(found.Rows))}
	for i, row := range found.Rows {
		p.Rows[i] = row.(T)
	}
	return p, nil
}

// Every runs through all rows of the list, page by page.
func (q Question[T]) Every(ctx context.Context, k Keeper, ask Ask) iter.Seq2[T, error] {
	return Pages(func(cursor string) (Page[T], error) {
		ask.Cursor = cursor
		return q.Page(ctx, k, ask)
	})
}

// Every runs through all rows of the list, page by page.
func (l *List) Every(ctx context.Context, k Keeper, ask Ask) iter.Seq2[any, error] {
	return Pages(func(cursor string) (Page[any], error) {
		ask.Cursor = cursor
		return k.Page(ctx, l, ask)
	})
}

// Pages runs through all pages of a list. ask gives the page behind a cursor.
func Pages[T any](ask func(cursor string) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for cursor := ""; ; {
			page, err := ask(cursor)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range page.Rows {
				if !yield(row, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			cursor = page.Next
		}
	}
}
