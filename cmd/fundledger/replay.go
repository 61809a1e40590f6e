package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

type replayCmd struct {
	ID         string `arg:"" optional:"" help:"An application. / 申请编号"`
	Enterprise string `help:"An enterprise instead, with all its applications. / 改看一个企业及其全部申请" placeholder:"ID"`
	At         uint64 `help:"Up to this event. / 截至该事件" placeholder:"SEQ"`
	Step       int    `help:"Only this step, from 1. / 只看第几步，从 1 起" placeholder:"N"`
	Play       bool   `help:"Step through it with the keys of the terminal. / 在终端中逐步播放"`
	Against    int    `help:"Hold the step (--step; the last without it) against this one. / 把该步（--step，缺省为最后一步）与此步比较" placeholder:"N"`
	Other      string `help:"Hold it against the last step, or --against, of another application. / 与另一申请的最后一步或 --against 所指的一步比较" placeholder:"ID"`
	Shape
}

// Run replays the decision history of a case, step by step: who, why, by which rules, what changed, how the account stood; refusals in
// their place.
func (c *replayCmd) Run(ctx context.Context, s *Settings) error {
	if (c.ID == "") == (c.Enterprise == "") {
		return usageError{errors.New(s.say("请写明一个申请编号，或用 --enterprise 写明企业", "name an application, or an enterprise with --enterprise"))}
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
	h, err := replay.Replay(ctx, log, refused, replay.Question{Application: domain.ApplicationID(c.ID), Enterprise: domain.EnterpriseID(c.Enterprise), Upto: c.At})
	if err != nil {
		return err
	}
	if len(h.Steps) == 0 {
		return errors.New(s.say("没有这个申请或企业的历程", "nothing ever happened to that application or enterprise"))
	}
	if c.Step < 0 || c.Step > len(h.Steps) {
		return usageError{fmt.Errorf(s.say("共 %d 步", "there are %d steps"), len(h.Steps))}
	}
	if c.Against != 0 || c.Other != "" {
		return c.compare(ctx, s, log, refused, h)
	}
	if c.Play {
		return s.play(ctx, c.ID+c.Enterprise, h)
	}
	switch {
	case len(c.Columns) > 0:
	case c.Format == "table":
		return s.paging(c.Shape, func(s *Settings) error {
			for i, step := range h.Steps {
				if c.Step == 0 || c.Step == i+1 {
					s.printStep(i+1, len(h.Steps), step, h.Policy)
				}
			}
			return nil
		})
	case c.Format == "json":
		return s.printJSON(h)
	}
	return s.write(h.Table().As(s.lang(), tabular.Meta{Name: "position", Value: fmt.Sprint(h.Seq)}), c.Shape)
}

// compare prints two moments beside each other: of the same case, or of two.
func (c *replayCmd) compare(ctx context.Context, s *Settings, log proof.Log, refused replay.Refusals, own replay.History) error {
	other, name := own, c.ID+c.Enterprise
	if c.Other != "" {
		var err error
		if other, err = replay.Replay(ctx, log, refused, replay.Question{Application: domain.ApplicationID(c.Other), Upto: c.At}); err != nil {
			return err
		}
		if name = c.Other; len(other.Steps) == 0 {
			return errors.New(s.say("没有 "+c.Other+" 的历程", "nothing ever happened to "+c.Other))
		}
	}
	if c.Against < 0 || c.Against > len(other.Steps) {
		return usageError{fmt.Errorf(s.say("%s 共 %d 步", "%s has %d steps"), name, len(other.Steps))}
	}
	at := func(h replay.History, n int) (int, *replay.Standing) {
		if n == 0 {
			n = len(h.Steps)
		}
		return n, h.Steps[n-1].After
	}
	left, was := at(other, c.Against)
	right, is := at(own, c.Step)
	table := tabular.Table{Name: "beside", Title: domain.Text{ZH: "并排比较", EN: "Side by side"}, Columns: []tabular.Column{words.Column("field"),
		{Name: "one", Title: stepTitle(name, left)}, {Name: "other", Title: stepTitle(c.ID+c.Enterprise, right)}, words.Column("differs")}}
	fields := replay.Beside(was, is)
	slices.SortFunc(fields, func(a, b replay.Change) int { return words.CompareCaseFields(a.Field, b.Field) })
	var rows []tabular.Row
	for _, f := range fields {
		sign := ""
		if f.Before != f.After {
			sign = "≠"
		}
		rows = append(rows, tabular.Row{words.CaseField(f.Field, s.lang()), words.CaseValue(f.Field, f.Before, s.lang(), own.Policy), words.CaseValue(f.Field, f.After, s.lang(), own.Policy), sign})
	}
	table.Rows = tabular.Rows(rows...)
	return s.write(table, c.Shape)
}

func (s *Settings) printStep(n, of int, step replay.Step, policy *domain.Policy) {
	what := words.Word(step.Command, s.lang())
	if step.Happened != nil {
		what = domain.Describe(step.Happened).In(s.lang())
	}
	if step.Refusal != nil {
		what = s.say("被拒 ", "refused ") + what
	}
	who := replay.Named(step.Actor, step.ActorFor).In(s.lang()) + " (" + words.Word(string(step.Role), s.lang())
	if step.Department != "" {
		who += "@" + words.Said("department", string(step.Department), s.lang(), policy)
	}
	fmt.Fprintf(s.stdout, "%d/%d  %s  #%d  %s\n", n, of, step.Date, step.Seq, what)
	fmt.Fprintf(s.stdout, "      %s)  %s\n", who, step.Why.In(s.lang()))
	if step.Reason != "" {
		fmt.Fprintf(s.stdout, "      %s %s\n", s.say("理由：", "reason:"), strings.ReplaceAll(step.Reason, "\n", " "))
	}
	if step.Refusal != nil {
		fmt.Fprintf(s.stdout, "      %s [%s, %s]\n", step.Refusal.Message.In(s.lang()), step.Refusal.Code, step.Refusal.Rule)
	}
	for i, change := range step.Changes {
		fmt.Fprintf(s.stdout, "  %3d %s: %s → %s\n", i+1, words.CaseField(change.Field, s.lang()), orDash(words.CaseValue(change.Field, change.Before, s.lang(), policy)),
			orDash(words.CaseValue(change.Field, change.After, s.lang(), policy)))
	}
	for _, l := range step.Lines {
		cap := s.say("未规定", "none stated")
		if l.After.Cap.Stated {
			cap = tabular.Grouped(l.After.Cap.Amount.String())
		}
		fmt.Fprintf(s.stdout, "      %s %s %s: %s %s → %s / %s\n", l.Clause, l.Subject, l.SupportYear, s.say("已用", "used"),
			tabular.Grouped(l.Before.Use.String()), tabular.Grouped(l.After.Use.String()), cap)
	}
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func (s *Settings) printJSON(v any) error {
	out := json.NewEncoder(s.stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

// stepTitle names a step of a case.
func stepTitle(name string, step int) domain.Text {
	return domain.Text{ZH: fmt.Sprintf("%s 第 %d 步", name, step), EN: fmt.Sprintf("%s at step %d", name, step)}
}
