package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
)

type explainCmd struct {
	Figure     string `arg:"" help:"use, net_paid, or a kind of posting: approved, paid, returned, … / 要拆解的数字：use（已用额度）、net_paid（净支付），或分录类别，如 approved、paid、returned"`
	Enterprise string `help:"Only of this enterprise. / 只看该企业" placeholder:"ID"`
	Clause     string `help:"Only of this clause. / 只看该条款" placeholder:"ID"`
	Subject    string `help:"Only of this cap subject. / 只看该计额对象" placeholder:"ID"`
	Year       int    `help:"Only of this support year. / 只看该支持年度" placeholder:"YEAR"`
	At         uint64 `help:"As of this event. / 截至该事件" placeholder:"SEQ"`
	Cursor     string `help:"Of a figure of very many events, in json: next of the page before. / 数字由极多事件组成而用 json 时：上一页的 next" placeholder:"TEXT"`
	AsOf       string `help:"As the ledger knew it then: a time, a date, or seq:N. / 台账当时所知：时刻、日期或 seq:N" placeholder:"TIME|seq:N"`
	Shape
}

// Run takes a number apart, down to the events and the people who decided. The exit status is 1 where its parts do not sum to it.
func (c *explainCmd) Run(ctx context.Context, s *Settings) error {
	if c.Year < 0 || c.Year > 9999 {
		return usageError{fmt.Errorf(s.say("%d 不是年度", "%d is no year"), c.Year)}
	}
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	if c.AsOf != "" {
		if c.At, err = positionOf(ctx, log, c.AsOf); err != nil {
			return err
		}
	}
	total := replay.Total{Figure: c.Figure, Enterprise: domain.EnterpriseID(c.Enterprise), Clause: domain.ClauseID(c.Clause), Subject: c.Subject,
		Year: domain.SupportYear(c.Year), Upto: c.At, Cursor: c.Cursor}
	last, err := log.Last(ctx)
	if err != nil {
		return err
	}
	if c.Cursor != "" || last > wholeExplanation && (c.At == 0 || c.At > wholeExplanation) {
		return c.paged(ctx, s, in, total)
	}
	e, err := replay.Explain(ctx, log, total)
	if errors.Is(err, replay.ErrFigure) {
		return usageError{err}
	}
	if err == nil && len(e.Parts) == 0 {
		err = c.unknown(ctx, s, in)
	}
	if err != nil {
		return err
	}
	switch {
	case len(c.Columns) > 0:
		err = s.write(e.Table().As(s.lang()), c.Shape)
	case c.Format == "table":
		err = s.paging(c.Shape, func(s *Settings) error { s.printExplanation(e, 0); return nil })
	case c.Format == "json":
		err = s.printJSON(e)
	default:
		err = s.write(e.Table().As(s.lang()), c.Shape)
	}
	if err == nil && !e.Holds {
		return errRefused
	}
	return err
}

// unknown says what the command names and the ledger does not have: a number of nothing is no answer then.
func (c *explainCmd) unknown(ctx context.Context, s *Settings, in *infrastructure) error {
	return s.unknown(ctx, in, projections.Journal.List, projections.ByEnterprise.Is(domain.EnterpriseID(c.Enterprise)), projections.ByClause.Is(domain.ClauseID(c.Clause)),
		projections.BySubject.Is(c.Subject), projections.ByYear.Is(domain.SupportYear(c.Year)))
}

// wholeExplanation is up to how many events a number is taken apart in memory, from the log itself; beyond, it is from the tables, in pages.
const wholeExplanation = 20_000

// paged takes a number apart from the tables, page after page; as JSON one page, with the cursor of the next.
func (c *explainCmd) paged(ctx context.Context, s *Settings, in *infrastructure, total replay.Total) error {
	if err := in.projectAll(ctx, s); err != nil {
		return err
	}
	return s.askOn(ctx, in, func(q *postgres.Queries) error {
		page := func() (replay.Explanation, error) {
			ask, err := total.Made()
			if err != nil {
				return replay.Explanation{}, usageError{err}
			}
			p, err := q.Made(ctx, ask)
			if err != nil {
				return replay.Explanation{}, err
			}
			total.Upto = p.Seq // all pages are of one position
			return replay.ExplainPage(total, p)
		}
		first, err := page()
		if err != nil {
			return err
		}
		if len(first.Parts) == 0 {
			if err := c.unknown(ctx, s, in); err != nil {
				return err
			}
		}
		switch {
		case len(c.Columns) > 0:
			err = s.write(c.table(s, first, &total, page), c.Shape)
		case c.Format == "json":
			err = s.printJSON(first)
		case c.Format == "table":
			err = s.paging(c.Shape, func(s *Settings) error {
				s.printExplanation(first, 0)
				for e := first; e.Next != ""; {
					total.Cursor, total.NoSums = e.Next, true
					if e, err = page(); err != nil {
						return err
					}
					s.printBehind(e)
				}
				return nil
			})
		default:
			err = s.write(c.table(s, first, &total, page), c.Shape)
		}
		if err == nil && !first.Holds {
			return errRefused
		}
		return err
	})
}

// printBehind prints what is on a later page, below the terms that the first has.
func (s *Settings) printBehind(page replay.Explanation) {
	for _, term := range page.Parts {
		if len(term.Parts) > 0 {
			fmt.Fprintf(s.stdout, "  %20s  %s\n", "…", term.Title.In(s.lang()))
		}
		for _, part := range term.Parts {
			s.printExplanation(part, 2)
		}
	}
}

// table is every page's rows.
func (c *explainCmd) table(s *Settings, first replay.Explanation, total *replay.Total, page func() (replay.Explanation, error)) tabular.Table {
	table := first.Table().As(s.lang())
	table.Rows = func(yield func(tabular.Row, error) bool) {
		for e, sheet := first, first.Table(); ; sheet = e.Behind() {
			for row, err := range sheet.As(s.lang()).Rows {
				if !yield(row, err) {
					return
				}
			}
			if total.Cursor, total.NoSums = e.Next, true; total.Cursor == "" {
				return
			}
			var err error
			if e, err = page(); err != nil {
				yield(nil, err)
				return
			}
		}
	}
	return table
}

// positionOf is the last event of a moment of the recording clock.
func positionOf(ctx context.Context, log proof.Log, asOf string) (uint64, error) {
	moment, err := projections.ParseAsOf(asOf)
	if err != nil {
		return 0, usageError{err}
	}
	if moment.Seq != 0 {
		return moment.Seq, nil
	}
	last, err := replay.LastAt(ctx, log, moment.Time)
	if err == nil && last == 0 {
		err = usageError{fmt.Errorf("%s: nothing was recorded yet", asOf)}
	}
	return last, err
}

func (s *Settings) printExplanation(e replay.Explanation, depth int) {
	mark := ""
	if !e.Holds {
		mark = s.say("  ✗ 各部分之和不符", "  ✗ its parts do not sum to it")
	}
	from := ""
	if e.Seq > 0 {
		from = fmt.Sprintf("  #%d %s", e.Seq, e.Date)
		for _, p := range e.People {
			from += fmt.Sprintf(" · %s %s", p.Did, p.Named().In(s.lang()))
		}
	}
	fmt.Fprintf(s.stdout, "%s%20s  %s%s%s\n", strings.Repeat("  ", depth), tabular.Grouped(e.Amount.String()), e.Title.In(s.lang()), from, mark)
	for _, part := range e.Parts {
		s.printExplanation(part, depth+1)
	}
}

type receiptCmd struct {
	Seq    uint64 `arg:"" help:"The event of an approval or a payout. / 批准或支付的事件序号"`
	Format string `help:"table or json. / table（表格）或 json" enum:"table,json" default:"table"`
}

// Run prints the receipt of a decision: what it rested on, the limits and the one that bound, who did what, and the proof that it lies on the log.
func (c *receiptCmd) Run(ctx context.Context, s *Settings) error {
	p, err := s.openProven(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	latest, err := p.latest()
	if err != nil {
		return err
	}
	r, err := replay.MakeReceipt(ctx, p.log, c.Seq, p.tree, &latest)
	if errors.Is(err, replay.ErrNoReceipt) {
		return usageError{err}
	}
	if err != nil || c.Format == "json" {
		return errors.Join(err, s.printWhen(err == nil, r))
	}
	fmt.Fprintf(s.stdout, "#%d  %s  %s  %s %s\n", r.Seq, r.Date, r.Event, r.Enterprise, r.EnterpriseName)
	fmt.Fprintf(s.stdout, "%s %s %s, %s %d; %s %s\n", s.say("条款", "clause"), r.Clause, r.ClauseName.In(s.lang()), s.say("版本", "version"), r.Version.Version, r.Subject.Kind, r.Subject.ID)
	fmt.Fprintf(s.stdout, "%s %s\n", s.say("金额", "amount"), tabular.Grouped(r.Amount.String()))
	for _, l := range r.Limits {
		bound := ""
		if l.Name == r.Bound {
			bound = s.say("  ← 最紧", "  ← bound")
		}
		fmt.Fprintf(s.stdout, "  %s %s: %s %s, %s %s, %s %s%s\n", l.Title.In(s.lang()), tabular.Grouped(l.Limit.String()), s.say("此前", "before"), tabular.Grouped(l.Before.String()),
			s.say("本次", "asked"), tabular.Grouped(l.Asked.String()), s.say("余", "left"), tabular.Grouped(l.Left.String()), bound)
	}
	for _, person := range r.People {
		fmt.Fprintf(s.stdout, "  %s: %s (%s) %s #%d\n", person.Did, person.Named().In(s.lang()), person.Role, person.Date, person.Seq)
	}
	if r.Proof != nil {
		fmt.Fprintf(s.stdout, s.say("在 %d 个事件的检查点之下，叶 %s\n", "lies under the checkpoint of %d events, leaf %s\n"), r.Proof.Size, r.Proof.Leaf)
	}
	return nil
}

func (s *Settings) printWhen(ok bool, v any) error {
	if !ok {
		return nil
	}
	return s.printJSON(v)
}
