package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

type whatIfCmd struct {
	Set    []string `required:"" sep:"none" help:"A parameter to set otherwise: 4.cap=15000000.00, 1.2b.period=total, workflow.reviews=2. May be repeated. / 另行设定的参数，如 4.cap=15000000.00、1.2b.period=total、workflow.reviews=2；可重复" placeholder:"PATH=VALUE"`
	Format string   `help:"table or json. / table（表格）或 json" enum:"table,json" default:"table"`
}

// maxShownChanges is how many changed decisions and enterprises people are shown; a program gets all that are kept.
const maxShownChanges = 30

// Run decides the history again under other parameters, in memory, and shows both side by side. Nothing is written.
func (c *whatIfCmd) Run(ctx context.Context, s *Settings) error {
	parameters := make([]replay.Parameter, len(c.Set))
	for i, text := range c.Set {
		var err error
		if parameters[i], err = replay.ParseParameter(text); err != nil {
			return usageError{err}
		}
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
	w, err := replay.DecideAgain(ctx, log, refused, parameters, s.clock.today())
	if errors.Is(err, replay.ErrParameter) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if c.Format == "json" {
		out := json.NewEncoder(s.stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(w)
	}
	c.print(s, w)
	return nil
}

// refusals reads the stream of refusals; a fund that has none yet has no stream.
func (s *Settings) refusals(ctx context.Context, in *infrastructure) (replay.Refusals, error) {
	log, err := ledger.OpenRefusals(ctx, in.nc, in.ledgerConfig(s), true)
	if errors.Is(err, eventstore.ErrNoStream) {
		return replay.RefusedList(nil), nil
	}
	return replay.RefusalLog{Fund: in.fund, Stream: log}, err
}

func (c *whatIfCmd) print(s *Settings, w replay.WhatIf) {
	for _, p := range w.Parameters {
		what, value, was := p.Said(w.Policy)
		fmt.Fprintf(s.stdout, s.say("若%s为 %s（现为 %s）\n", "if %s were %s (it is %s)\n"), what.In(s.lang()), value.In(s.lang()), was.In(s.lang()))
	}
	fmt.Fprintf(s.stdout, s.say("重新裁决 %d 项，结果不同 %d 项，其中 %d 项并非由前面的变化引起\n", "%d decisions made again: %d differ, %d of them not because of an earlier one\n"),
		w.Decisions, w.ChangeCount, w.Causes)
	for i, d := range w.Changed {
		if i == maxShownChanges {
			fmt.Fprintln(s.stdout, "…")
			break
		}
		fmt.Fprintf(s.stdout, "%8d %s %-20s %-28s %s → %s\n", d.Seq, d.Date, d.Command, d.CommandID, verdict(s, d.Was), verdict(s, d.Would))
	}
	sides(s, s.say("合计", "total"), []replay.SideBySide{w.Total})
	sides(s, s.say("条款", "clauses"), w.Clauses)
	sides(s, s.say("企业", "enterprises"), w.Enterprises)
	fmt.Fprintln(s.stdout, s.say("保持不变：", "held fixed:"))
	for _, fixed := range w.Fixed {
		fmt.Fprintln(s.stdout, " ", fixed.In(s.lang()))
	}
}

func verdict(s *Settings, v replay.Verdict) string {
	if v.Refusal != nil {
		return s.say("被拒", "refused") + " (" + v.Refusal.Code + ")"
	}
	if !v.Accepted {
		return s.say("未发生", "did not happen")
	}
	text := s.say("接受 ", "accepted ") + tabular.Grouped(v.Amount.String())
	for _, one := range v.Behind {
		if !one.Amount.IsZero() {
			event := words.Cell("event_type", one.Event)
			text += s.say("，", ", ") + s.say(event.ZH, event.EN) + " " + tabular.Grouped(one.Amount.String())
		}
	}
	return text
}

// sides prints what would have come out otherwise, approved and net paid.
func sides(s *Settings, title string, list []replay.SideBySide) {
	shown := 0
	for _, side := range list {
		if side.Same() {
			continue
		}
		if shown == 0 {
			fmt.Fprintln(s.stdout, title+":")
		}
		if shown++; shown > maxShownChanges {
			fmt.Fprintln(s.stdout, "  …")
			return
		}
		fmt.Fprintf(s.stdout, s.say("  %-20s %s 批准 %s → %s，净支付 %s → %s\n", "  %-20s %s approved %s → %s, net paid %s → %s\n"), side.ID, side.Name,
			tabular.Grouped(side.Was.Approved.String()), tabular.Grouped(side.Would.Approved.String()),
			tabular.Grouped(side.Was.NetPaid.String()), tabular.Grouped(side.Would.NetPaid.String()))
	}
}
