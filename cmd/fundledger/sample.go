package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/fundledger/fundledger/audit/sampling"
	"github.com/fundledger/fundledger/tabular"
)

// Drawing is the flags that say how a sample is drawn. The same ones draw the same sample.
type Drawing struct {
	N          int      `help:"How many monetary units, or payouts of strata, to draw. / 抽取的货币单位数或笔数" default:"60"`
	Size       uint64   `help:"The checkpoint to draw under; left out: the latest. / 所据检查点（事件数）；缺省为最近的" placeholder:"EVENTS"`
	By         string   `help:"Draw payouts from strata by amount, clause, year or department, instead of monetary units. / 改为分层抽取支付：amount 按金额，clause 按条款，year 按年度，department 按部门" enum:",amount,clause,year,department" default:"" placeholder:"amount|clause|year|department"`
	Strata     int      `help:"By amount: how many strata, of about equal sums. / 按金额分层时的层数，各层金额大致相等" default:"4"`
	Bounds     []string `help:"By amount: where the next stratum begins, instead of --strata. / 按金额分层时各层的下限，代替 --strata" placeholder:"AMOUNT"`
	Certainty  string   `help:"Payouts of this amount or more are all drawn. / 达到此金额的全部抽取" placeholder:"AMOUNT"`
	Allocation string   `help:"How many fall to each stratum: proportional, value or neyman. / 各层样本量的分法：proportional 按笔数，value 按金额，neyman 按离散程度" enum:"proportional,value,neyman" default:"value"`
}

// draw draws a sample of the payouts under a checkpoint, whose root is the seed.
func (d Drawing) draw(ctx context.Context, s *Settings) (sampling.DrawnSample, error) {
	drawing := sampling.Drawing{N: d.N, Size: d.Size, By: d.By, Strata: d.Strata, Bounds: d.Bounds, Certainty: d.Certainty, Allocation: d.Allocation}
	if err := drawing.Check(); err != nil || d.N == 0 {
		return sampling.DrawnSample{}, usageError{cmp.Or(err, fmt.Errorf(s.say("抽样数须为 1 至 %d", "the sample is of 1 to %d"), sampling.MaxSample))}
	}
	p, err := s.openProven(ctx)
	if err != nil {
		return sampling.DrawnSample{}, err
	}
	defer p.close()
	checkpoint, err := p.checkpoint(d.Size)
	if err != nil {
		return sampling.DrawnSample{}, err
	}
	items, err := sampling.Population(ctx, p.log, checkpoint.Size)
	if err != nil {
		return sampling.DrawnSample{}, err
	}
	drawn, err := drawing.Draw(items, checkpoint)
	if err != nil {
		err = usageError{err}
	}
	return drawn, err
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
	if c.Format == "json" {
		return s.printJSON(d.Whole())
	}
	return s.write(d.Table().As(s.lang(), tabular.Meta{Name: "position", Value: fmt.Sprint(d.Checkpoint.Size)}, tabular.Meta{Name: "seed", Value: d.Checkpoint.Root.String()}), c.Shape)
}
