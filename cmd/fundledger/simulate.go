package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

type simulateCmd struct {
	Policy string   `required:"" help:"The policy to try: a file, or the name of a shipped policy. / 要试行的政策：文件，或随附政策的名称" placeholder:"FILE"`
	Decide string   `help:"What becomes of what is too much: refuse, or cut to what is left. / 超出部分：refuse（拒绝）或 cut（削减）" enum:"refuse,cut" default:"refuse"`
	Budget []string `sep:"none" help:"What may be granted for a support year: 2027=300000000.00. May be repeated. / 某支持年度的总额，如 2027=300000000.00；可重复" placeholder:"YEAR=AMOUNT"`
	Set    []string `sep:"none" help:"Something of the policy otherwise: 4.cap=15000000.00. May be repeated. / 另行设定，如 4.cap=15000000.00；可重复" placeholder:"PATH=VALUE"`
	Map    []string `sep:"none" help:"Which clause goes on with one of the ledger's: 2.3.2=27-2.5, or nothing: 2.3.2=. May be repeated. / 条款对应，如 2.3.2=27-2.5；可重复" placeholder:"OLD=NEW"`
	Rate   []string `sep:"none" help:"A clause grants at most a share of a fact: 27-1.1a=revenue:year-1:1.5 (percent). May be repeated. / 按事实的比例封顶，可重复" placeholder:"CLAUSE=FACT:PERIOD:RATE"`
	Table  string   `help:"One table of it, to be written as --format says: changed, clauses, departments, industries, sizes, enterprises, support_years, clause_map, unknown, envelopes. / 只输出其中一张表" placeholder:"TABLE"`
	Shape
}

// Run tries another policy on the history's applications, in memory, and shows what would have come of it. Nothing is written.
func (c *simulateCmd) Run(ctx context.Context, s *Settings) error {
	trial, err := c.trial()
	if err != nil {
		return err
	}
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	refused, err := s.refusals(ctx, in)
	if err != nil {
		return err
	}
	result, err := replay.Simulate(ctx, log, refused, trial)
	if errors.Is(err, replay.ErrParameter) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if c.Table == "" && len(c.Columns) == 0 {
		switch c.Format {
		case "json":
			return s.printJSON(result)
		case "table":
			return s.paging(c.Shape, func(s *Settings) error { c.print(s, result); return nil })
		}
	}
	tables := result.Tables()
	name := cmp.Or(c.Table, tables[0].Name)
	i := slices.IndexFunc(tables, func(t words.Sheet) bool { return t.Name == name })
	if i < 0 {
		names := make([]string, len(tables))
		for i, t := range tables {
			names[i] = t.Name
		}
		return usageError{fmt.Errorf(s.say("没有表 %s；有：%s", "there is no table %s; there are: %s"), name, strings.Join(names, s.say("、", ", ")))}
	}
	return s.write(tables[i].As(s.lang(), result.Meta(s.lang())...), c.Shape)
}

// trial is what is asked.
func (c *simulateCmd) trial() (replay.Trial, error) {
	t, err := replay.ReadTrial(c.Set, c.Budget, c.Map, c.Rate)
	if err != nil {
		return t, usageError{err}
	}
	t.Cut = c.Decide == "cut"
	t.Policy, err = loadPolicy(c.Policy)
	return t, err
}

// print shows what would have come of it: who gets what else, and the sums side by side.
func (c *simulateCmd) print(s *Settings, r replay.Simulation) {
	fmt.Fprintln(s.stdout, r.Headline().In(s.lang()))
	if m := r.Moved().In(s.lang()); m != "" {
		fmt.Fprintln(s.stdout, m)
	}
	for _, clause := range r.Map {
		if clause.Becomes == "" && clause.Applications > 0 {
			fmt.Fprintf(s.stdout, s.say("条款 %s 无对应条款：%d 件，批准 %s\n", "no clause goes on with clause %s: %d applications, approved %s\n"), clause.Clause, clause.Applications,
				tabular.Grouped(clause.Was.String()))
		}
	}
	for _, u := range r.Unknown {
		fmt.Fprintf(s.stdout, s.say("条款 %s：事实 %s 不明，%d 件（%s）\n", "clause %s: the fact %s is not known for %d applications (%s)\n"), u.Clause, u.Fact, u.Applications, u.Code)
	}
	for _, e := range r.Envelopes {
		fmt.Fprintln(s.stdout, e.Said().In(s.lang()))
	}
	for i, o := range r.Changed {
		if i == maxShownChanges {
			fmt.Fprintln(s.stdout, "…")
			break
		}
		fmt.Fprintf(s.stdout, "%8d %-14s %-20s %8s  %s → %s  %s\n", o.Events[len(o.Events)-1], o.Application, o.Enterprise, o.Clause, tabular.Grouped(o.Was.String()),
			tabular.Grouped(o.Would.String()), o.Why().In(s.lang()))
	}
	sides(s, s.say("合计", "total"), []replay.SideBySide{r.Total.SideBySide})
	for _, part := range r.Parts() {
		list := make([]replay.SideBySide, len(part.Rows))
		for i, line := range part.Rows {
			list[i] = line.SideBySide
			list[i].Name = r.Called(part.Column, line).In(s.lang())
		}
		sides(s, part.Of.In(s.lang()), list)
	}
	fmt.Fprintln(s.stdout, s.say("保持不变：", "held fixed:"))
	for _, fixed := range r.Fixed {
		fmt.Fprintln(s.stdout, " ", fixed.In(s.lang()))
	}
}
