package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

// Drawing is the flags that say how a sample is drawn. The same ones draw the same sample.
type Drawing struct {
	N          int      `help:"How many monetary units, or payouts of strata, to draw. / 抽取的货币单位数或笔数" default:"60"`
	Size       uint64   `help:"The checkpoint to draw under; left out: the latest. / 所据检查点" placeholder:"EVENTS"`
	By         string   `help:"Draw payouts from strata by amount, clause, year or department, instead of monetary units. / 分层抽样" enum:",amount,clause,year,department" default:"" placeholder:"amount|clause|year|department"`
	Strata     int      `help:"By amount: how many strata, of about equal sums. / 按金额分几层" default:"4"`
	Bounds     []string `help:"By amount: where the next stratum begins, instead of --strata. / 各层下限" placeholder:"AMOUNT"`
	Certainty  string   `help:"Payouts of this amount or more are all drawn. / 达到此金额的全部抽取" placeholder:"AMOUNT"`
	Allocation string   `help:"How many fall to each stratum: proportional, value or neyman. / 各层样本量" enum:"proportional,value,neyman" default:"value"`
}

// drawn is a sample of either kind, and the checkpoint that it was drawn under.
type drawn struct {
	checkpoint audit.Signed
	units      *audit.Sample
	stratified *audit.Stratified
}

// draw draws a sample of the payouts under a checkpoint, whose root is the seed.
func (d Drawing) draw(ctx context.Context, s *Settings) (drawn, error) {
	var got drawn
	plan, err := d.plan()
	if err != nil {
		return got, usageError{err}
	}
	if d.N < 1 || d.N > audit.MaxSample {
		return got, usageError{fmt.Errorf(s.say("抽样数须为 1 至 %d", "the sample is of 1 to %d"), audit.MaxSample)}
	}
	p, err := s.openProven(ctx)
	if err != nil {
		return got, err
	}
	defer p.close()
	if got.checkpoint, err = p.checkpoint(d.Size); err != nil {
		return got, err
	}
	items, err := audit.Population(ctx, p.log, got.checkpoint.Size)
	if err != nil {
		return got, err
	}
	if d.By == "" {
		units := audit.Draw(items, d.N, got.checkpoint.Root)
		got.units = &units
		return got, nil
	}
	stratified, err := audit.DrawStratified(items, plan, got.checkpoint.Root)
	if err != nil {
		return got, usageError{err}
	}
	got.stratified = &stratified
	return got, nil
}

func (d Drawing) plan() (audit.Plan, error) {
	p := audit.Plan{By: audit.StratifiedBy(d.By), N: d.N, Strata: d.Strata, Allocation: audit.Allocation(d.Allocation)}
	for _, text := range d.Bounds {
		bound, err := domain.ParseMoney(strings.TrimSpace(text))
		if err != nil {
			return p, fmt.Errorf("--bounds: %w", err)
		}
		p.Bounds = append(p.Bounds, bound)
	}
	if d.Certainty != "" {
		var err error
		if p.Certainty, err = domain.ParseMoney(d.Certainty); err != nil {
			return p, fmt.Errorf("--certainty: %w", err)
		}
	}
	return p, nil
}

type sampleCmd struct {
	Drawing
	Shape
}

// Run draws a sample of the payouts under the latest checkpoint, whose root is the seed: the same for ever. As a table it is the
// worksheet that evaluate-sample reads again.
func (c *sampleCmd) Run(ctx context.Context, s *Settings) error {
	d, err := c.draw(ctx, s)
	if err != nil {
		return err
	}
	whole, table := any(d.units), audit.Table{}
	if d.stratified != nil {
		whole, table = d.stratified, d.stratified.Table()
	} else {
		table = d.units.Table()
	}
	if c.Format == "json" {
		return s.printJSON(whole)
	}
	return s.write(table.As(s.lang(), tabular.Meta{Name: "position", Value: fmt.Sprint(d.checkpoint.Size)}, tabular.Meta{Name: "seed", Value: d.checkpoint.Root.String()}), c.Format, c.Out)
}
