package main

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// Moment is the flags that ask for a past moment.
type Moment struct {
	AsOf string `help:"As the ledger knew it then (the recording clock): a time, a date, or seq:N. / 台账当时所知（记录时间）：时刻、日期或 seq:N" placeholder:"TIME|seq:N"`
	On   string `help:"By the business date: what had happened up to that day. / 按业务日期：截至该日发生的" placeholder:"YYYY-MM-DD"`
}

func (m Moment) read() (projections.AsOf, domain.Date, error) {
	asOf, err := projections.ParseAsOf(m.AsOf)
	if err != nil {
		return asOf, domain.Date{}, usageError{err}
	}
	on, err := date(m.On)
	return asOf, on, err
}

// listCmd prints a list. Its flags are the filters of all lists; a list says so of one that is not its own.
type listCmd struct {
	What    string       `arg:"" enum:"${lists}" help:"One of: ${lists_en}. / 清单之一：${lists_zh}"`
	Filters kong.Plugins `embed:""` // one struct, see filterFlags
	Moment
	Shape
}

// oneListCmd prints the one list that a command is named after.
type oneListCmd struct {
	list    *projections.List
	Filters kong.Plugins `embed:""`
	Moment
	Shape
}

// listed are the lists that the command line knows: those in tables that need no id.
func listed() []*projections.List {
	return slices.DeleteFunc(projections.Lists(), func(l *projections.List) bool { return l.Kept != projections.InTables || l.Of() != nil })
}

// listNames are their names, for the command line and its help in both languages.
func listNames() kong.Vars {
	var names, zh []string
	for _, l := range listed() {
		names, zh = append(names, l.Name), append(zh, l.Name+" "+l.Title.ZH)
	}
	return kong.Vars{"lists": strings.Join(names, ","), "lists_en": strings.Join(names, ", "), "lists_zh": strings.Join(zh, "、")}
}

func newListCmd() listCmd { return listCmd{Filters: filterFlags(listed()...)} }

func newOneListCmd(l *projections.List) oneListCmd {
	return oneListCmd{list: l, Filters: filterFlags(l)}
}

// filterFlags makes a struct with a flag for each filter of the lists, and for what a command line may call it too.
func filterFlags(lists ...*projections.List) kong.Plugins {
	meanings := map[string][]domain.Text{}
	hidden, several := map[string]bool{}, map[string]bool{}
	choices := map[string][]string{}
	var names []string
	add := func(name string, f *projections.Filter, hide bool) {
		if name == "" {
			return
		}
		if meanings[name] == nil {
			names, hidden[name] = append(names, name), hide
		}
		hidden[name] = hidden[name] && hide
		several[name] = several[name] || f.Kind == projections.Several
		for _, c := range f.Choices {
			if !slices.Contains(choices[name], c) {
				choices[name] = append(choices[name], c)
			}
		}
		if !slices.Contains(meanings[name], f.Meaning) {
			meanings[name] = append(meanings[name], f.Meaning)
		}
	}
	for _, l := range lists {
		for _, f := range l.Filters {
			add(f.Short, f, false)
			add(f.Name, f, f.Short != "")
		}
	}
	var fields []reflect.StructField
	for i, name := range names {
		tag := "name:" + strconv.Quote(strings.ReplaceAll(name, "_", "-")) + " placeholder:" + strconv.Quote(strings.ToUpper(name)) +
			" help:" + strconv.Quote(only(meanings[name])) + " filter:" + strconv.Quote(name)
		if len(choices[name]) > 0 {
			tag += " choices:" + strconv.Quote(strings.Join(choices[name], ","))
		}
		if several[name] {
			tag += ` several:""`
		}
		if hidden[name] {
			tag += ` hidden:""`
		}
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("Filter%d", i), Type: reflect.TypeFor[string](), Tag: reflect.StructTag(tag)})
	}
	return kong.Plugins{reflect.New(reflect.StructOf(fields)).Interface()}
}

// only is the help of a filter, in both languages.
func only(meanings []domain.Text) string {
	var zh, en []string
	for _, m := range meanings {
		zh, en = append(zh, m.ZH), append(en, m.EN)
	}
	return bilingual(domain.Text{EN: "Only: " + strings.Join(en, "; ") + ".", ZH: "只看：" + strings.Join(zh, "；")})
}

// conditions are the flags that were given, as a list's filters.
func conditions(l *projections.List, flags kong.Plugins) []projections.Condition {
	var where []projections.Condition
	given := reflect.ValueOf(flags[0]).Elem()
	for i := range given.NumField() {
		name := given.Type().Field(i).Tag.Get("filter")
		if l.Filter(name) == nil {
			if at := slices.IndexFunc(l.Filters, func(f *projections.Filter) bool { return f.Short == name }); at >= 0 {
				name = l.Filters[at].Name
			}
		}
		if value := given.Field(i).String(); value != "" {
			where = append(where, projections.Condition{Name: name, Value: value})
		}
	}
	return where
}

// Run prints a list.
func (c *listCmd) Run(ctx context.Context, s *Settings) error {
	l := projections.ListOf(c.What)
	return s.printList(ctx, l, conditions(l, c.Filters), c.Moment, c.Shape)
}

// Run prints the list.
func (c *oneListCmd) Run(ctx context.Context, s *Settings) error {
	return s.printList(ctx, c.list, conditions(c.list, c.Filters), c.Moment, c.Shape)
}

// printList prints everything of a list that fits, from the database beside the ledger or from the service that --server names.
func (s *Settings) printList(ctx context.Context, l *projections.List, where []projections.Condition, m Moment, shape Shape) error {
	asOf, on, err := m.read()
	if err != nil {
		return err
	}
	ask := projections.Ask{Where: where, AsOf: asOf, On: on, Limit: projections.MaxLimit}
	if _, err := l.Values(ask); err != nil {
		return usageError{err}
	}
	meta := slices.Clone(where)
	meta = append(meta, projections.Condition{Name: "as_of", Value: m.AsOf}, projections.Condition{Name: "on", Value: m.On})
	return s.keep(ctx, func(k projections.Keeper, policy policyOf) error {
		if as, err := tabular.ParseFormat(shape.Format); err == nil && as != tabular.JSON && as != tabular.NDJSON && as != tabular.Parquet {
			if shape.policy, err = policy(ctx); err != nil {
				return err
			}
		}
		rows := orElse(l.Every(ctx, k, ask), func() error { return l.Unknown(ctx, k, policy, where) })
		table := listTable(l, rows, meta)
		if shape.Format == string(tabular.Terminal) && !l.AddsUp(where) { // a person reads it as what the list comes to; in a file it is a control total
			for i, c := range table.Columns {
				table.Columns[i].Total = c.Total && c.Kind != tabular.Money
			}
		}
		return s.write(table, shape)
	})
}

// listTable is a list's table, with what was asked for.
func listTable(l *projections.List, rows iter.Seq2[any, error], asked []projections.Condition) tabular.Table {
	var meta []tabular.Meta
	for _, c := range asked {
		if c.Value != "" {
			meta = append(meta, tabular.Meta{Name: c.Name, Value: c.Value})
		}
	}
	return words.ListTable(l, rows, meta...)
}

// orElse are rows; where there are none, otherwise says whether that is an answer.
func orElse(rows iter.Seq2[any, error], otherwise func() error) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		found := false
		for row, err := range rows {
			found = true
			if !yield(row, err) {
				return
			}
		}
		if found {
			return
		}
		if err := otherwise(); err != nil {
			yield(nil, err)
		}
	}
}

// policyOf is the policy in force; nil where there is none.
type policyOf func(context.Context) (*domain.Policy, error)

// keep answers lists with their words: beside the ledger, or by the service that --server names.
func (s *Settings) keep(ctx context.Context, question func(projections.Keeper, policyOf) error) error {
	if s.Server != "" {
		c, err := s.remote()
		if err != nil {
			return err
		}
		return question(c, c.Policy)
	}
	in, err := s.open(ctx, purpose{})
	if err != nil {
		return err
	}
	defer in.close()
	return s.keepOn(ctx, in, question)
}

// keepOn answers lists from the projections of an infrastructure, brought up to the log's end.
func (s *Settings) keepOn(ctx context.Context, in *infrastructure, question func(projections.Keeper, policyOf) error) error {
	if err := in.projectAll(ctx, s); err != nil {
		return err
	}
	return s.askOn(ctx, in, func(q *postgres.Queries) error {
		return question(words.Told(q, s.lang()), func(ctx context.Context) (*domain.Policy, error) {
			log, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true)
			if err != nil {
				return nil, err
			}
			return replay.Policy(ctx, log)
		})
	})
}

// unknown says which of the conditions names what the ledger does not have; nil where all of them name something.
func (s *Settings) unknown(ctx context.Context, in *infrastructure, l *projections.List, where ...projections.Condition) error {
	if !slices.ContainsFunc(where, func(c projections.Condition) bool { return c.Value != "" }) {
		return nil
	}
	return s.keepOn(ctx, in, func(k projections.Keeper, policy policyOf) error { return l.Unknown(ctx, k, policy, where) })
}

// askOn asks the projections of an infrastructure.
func (s *Settings) askOn(ctx context.Context, in *infrastructure, question func(*postgres.Queries) error) error {
	queries, err := postgres.OpenQueries(ctx, in.databaseURL, nil)
	if err != nil {
		return fmt.Errorf("opening the projections: %w", err)
	}
	defer queries.Close()
	return question(queries)
}
