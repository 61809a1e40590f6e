package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/web"
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

// First is the flag that asks for the first rows of a list only.
type First struct {
	Limit *uint32 `help:"At most so many rows, the first ones; left out: all. / 最多列出多少行，取最前的；不写则全部" placeholder:"N"`
}

func (f First) span(s *Settings) (span, error) {
	switch {
	case f.Limit == nil:
		return span{}, nil
	case *f.Limit == 0:
		return span{}, usageError{errors.New(s.say("--limit 是至少 1 的行数；不写则全部列出", "--limit is a number of rows from 1 on; left out, all are printed"))}
	}
	return span{first: int(*f.Limit)}, nil
}

// listCmd prints a list. Its flags are the filters of all lists; a list says so of one that is not its own.
type listCmd struct {
	What    string       `arg:"" enum:"${lists}" help:"One of: ${lists_en}. / 清单之一：${lists_zh}"`
	Filters kong.Plugins `embed:""` // one struct, see filterFlags
	First
	Moment
	Shape
}

// oneListCmd prints the one list that a command is named after.
type oneListCmd struct {
	list    *projections.List
	Filters kong.Plugins `embed:""`
	First
	Moment
	Shape
}

// listNames are the names of all lists, for the command line and its help in both languages.
func listNames() kong.Vars {
	var names, zh []string
	for _, l := range projections.Lists() {
		names, zh = append(names, l.Name), append(zh, l.Name+" "+l.Title.ZH)
	}
	return kong.Vars{"lists": strings.Join(names, ","), "lists_en": strings.Join(names, ", "), "lists_zh": strings.Join(zh, "、")}
}

func newListCmd() listCmd { return listCmd{Filters: filterFlags(projections.Lists()...)} }

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
		tag := "name:" + strconv.Quote(flagOf(name)) + " placeholder:" + strconv.Quote(strings.ToUpper(name)) +
			" help:" + strconv.Quote(only(meanings[name])) + " filter:" + strconv.Quote(name)
		if len(choices[name]) > 0 {
			tag += " choices:" + strconv.Quote(strings.Join(choices[name], ","))
		}
		kind := reflect.TypeFor[string]()
		if several[name] { // with commas between, or the flag once for each
			kind = reflect.TypeFor[[]string]()
			tag += ` several:""`
		}
		if hidden[name] {
			tag += ` hidden:""`
		}
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("Filter%d", i), Type: kind, Tag: reflect.StructTag(tag)})
	}
	return kong.Plugins{reflect.New(reflect.StructOf(fields)).Interface()}
}

// flagOf is what a filter is called as a flag.
func flagOf(name string) string { return strings.ReplaceAll(name, "_", "-") }

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
		value := given.Field(i).String()
		if list, several := given.Field(i).Interface().([]string); several {
			value = strings.Join(list, ",")
		}
		if value != "" {
			where = append(where, projections.Condition{Name: name, Value: value})
		}
	}
	return where
}

// Run prints a list.
func (c *listCmd) Run(ctx context.Context, s *Settings) error {
	l := projections.ListOf(c.What)
	part, err := c.span(s)
	if err != nil {
		return err
	}
	return s.printList(ctx, l, conditions(l, c.Filters), c.Moment, c.Shape, part)
}

// Run prints the list.
func (c *oneListCmd) Run(ctx context.Context, s *Settings) error {
	part, err := c.span(s)
	if err != nil {
		return err
	}
	return s.printList(ctx, c.list, conditions(c.list, c.Filters), c.Moment, c.Shape, part)
}

// span is how many rows of a list are asked for: so many of the first, or so many of the last; all of them where neither is said.
type span struct{ first, last int }

// printList prints what a list has that fits, or a span of it, from what lies beside the ledger or from the service that --server names.
func (s *Settings) printList(ctx context.Context, l *projections.List, where []projections.Condition, m Moment, shape Shape, part span) error {
	asOf, on, err := m.read()
	if err != nil {
		return err
	}
	ask := projections.Ask{Where: where, AsOf: asOf, On: on, Limit: projections.MaxLimit}
	if part.first > 0 {
		ask.Limit = min(part.first, projections.MaxLimit)
	}
	if _, err := l.Values(ask); err != nil {
		return usageError{err}
	}
	if of := l.Of(); of != nil && !slices.ContainsFunc(where, func(c projections.Condition) bool { return c.Name == of.Name && c.Value != "" }) {
		return usageError{fmt.Errorf(s.say("清单 %s 每次只列一个的：请用 --%s 写明%s", "the list %s is of one at a time: with --%s say which (%s)"), l.Name, flagOf(of.Name), of.Meaning.In(s.lang()))}
	}
	meta := slices.Clone(where)
	meta = append(meta, projections.Condition{Name: "as_of", Value: m.AsOf}, projections.Condition{Name: "on", Value: m.On})
	if part.first > 0 {
		meta = append(meta, projections.Condition{Name: "first", Value: strconv.Itoa(part.first)})
	}
	return s.keep(ctx, func(k projections.Keeper, policy policyOf) error {
		if as, err := tabular.ParseFormat(shape.Format); err == nil && as != tabular.JSON && as != tabular.NDJSON && as != tabular.Parquet {
			if shape.policy, err = policy(ctx); err != nil {
				return err
			}
		}
		if l.Says != nil && len(shape.Columns) == 0 {
			shape.Columns = l.Says(where)
		}
		rows := l.Every(ctx, k, ask)
		switch {
		case part.first > 0:
			rows = first(rows, part.first)
		case part.last > 0:
			rows = latest(rows, part.last)
		}
		rows = orElse(rows, func() error { return l.Unknown(ctx, k, policy, where) })
		table := listTable(l, rows, meta)
		if shape.Format == string(tabular.Terminal) { // a person reads it as what the list comes to; in a file it is a control total
			for i, c := range table.Columns {
				table.Columns[i].Total = c.Total && part == (span{}) && (c.Kind != tabular.Money || l.AddsUp(where))
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

// first are the first of the rows, as many as there may be.
func first(rows iter.Seq2[any, error], most int) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		left := most
		for row, err := range rows {
			if left--; !yield(row, err) || err != nil || left == 0 {
				return
			}
		}
	}
}

// latest are the last of the rows, as many as there may be.
func latest(rows iter.Seq2[any, error], most int) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		var kept []any
		for row, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			if kept = append(kept, row); len(kept)-most >= most {
				kept = append(kept[:0], kept[len(kept)-most:]...)
			}
		}
		for _, row := range kept[max(0, len(kept)-most):] {
			if !yield(row, nil) {
				return
			}
		}
	}
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

// keepOn answers lists from what lies beside an infrastructure, as a service on it would.
func (s *Settings) keepOn(ctx context.Context, in *infrastructure, question func(projections.Keeper, policyOf) error) error {
	log, err := in.openLog(ctx, s)
	if err != nil {
		return err
	}
	refused, err := ledger.OpenRefusals(ctx, in.nc, in.ledgerConfig(s), true)
	if errors.Is(err, eventstore.ErrNoStream) {
		refused, err = nil, nil
	}
	if err != nil {
		return err
	}
	here := &beside{s: s, in: in}
	defer here.close()
	policy := func(ctx context.Context) (*domain.Policy, error) { return replay.Policy(ctx, log) }
	return question(web.Lists{Lang: s.lang(), Fund: in.fund, Tables: here, Log: log, Refused: refused, View: here.view, Pasts: web.NewPasts(), Policy: policy, Users: here.users, Signed: in.checkpoints(),
		Now: s.clock.now}, policy)
}

// beside is what a list may be made of, opened when it is asked for: the tables, brought up to the log's end, and the state that the log led to.
type beside struct {
	s       *Settings
	in      *infrastructure
	queries *postgres.Queries
	ledger  *ledger.Ledger
}

func (b *beside) close() {
	if b.queries != nil {
		b.queries.Close()
	}
	if b.ledger != nil {
		b.ledger.Close()
	}
}

// Page implements [projections.Keeper], for what lies in tables.
func (b *beside) Page(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Page[any], error) {
	if b.queries == nil {
		err := b.in.projectAll(ctx, b.s)
		if err == nil {
			b.queries, err = b.s.openQueries(ctx, b.in)
		}
		if err != nil {
			return projections.Page[any]{}, err
		}
	}
	return b.queries.Page(ctx, l, ask)
}

func (b *beside) view(ctx context.Context, see func(*domain.State, uint64)) (err error) {
	if b.ledger == nil {
		if b.ledger, err = b.s.replayed(ctx, b.in, ledger.Rehearse); err != nil {
			return err
		}
	}
	return b.ledger.View(ctx, see)
}

func (b *beside) users(ctx context.Context) ([]accounts.User, error) {
	users, err := b.in.accounts(ctx, b.s, commandLine())
	if err != nil {
		return nil, err
	}
	return users.List(), nil
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
	queries, err := s.openQueries(ctx, in)
	if err != nil {
		return err
	}
	defer queries.Close()
	return question(queries)
}

// holidays are those by which working days are counted.
func (s *Settings) holidays() (policies.Holidays, error) {
	h, err := policies.HolidaysIn(s.Holidays)
	if fault := (*policies.Error)(nil); errors.As(err, &fault) {
		err = errors.New(fault.Message().In(s.lang()))
	}
	return h, err
}

func (s *Settings) openQueries(ctx context.Context, in *infrastructure) (*postgres.Queries, error) {
	holidays, err := s.holidays()
	if err != nil {
		return nil, err
	}
	queries, err := postgres.OpenPool(ctx, in.databaseURL, s.clock.now, postgres.Pool{Holidays: holidays})
	if err != nil {
		return nil, fmt.Errorf("opening the projections: %w", err)
	}
	return queries, nil
}
