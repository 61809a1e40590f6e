package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/tabular"
)

type drillCmd struct {
	Seq    uint64 `help:"The event to tamper with; left out: one in the middle. / 被改动的事件" placeholder:"SEQ"`
	Format string `help:"table or json." enum:"table,json" default:"table"`
}

// Run changes a copy of the ledger in memory in every way there is, and shows what caught each change. The exit status is 1 where
// one was not caught.
func (c *drillCmd) Run(ctx context.Context, s *Settings) error {
	p, err := s.openProven(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	latest, err := p.latest()
	if err != nil {
		return err
	}
	seq := c.Seq
	if seq == 0 {
		seq = (latest.Size + 1) / 2
	}
	if seq == 0 || seq > latest.Size {
		return usageError{fmt.Errorf(s.say("演练须针对检查点之内的事件:1 至 %d", "the drill is on an event under the latest checkpoint: 1 to %d"), latest.Size)}
	}
	done, err := s.withRows(ctx, p)
	if err != nil {
		return err
	}
	defer done()
	drills, err := audit.TamperDrill(ctx, p.Evidence, seq)
	if err != nil {
		return err
	}
	missed := 0
	for _, d := range drills {
		if !d.Caught {
			missed++
		}
	}
	if c.Format == "json" {
		err = s.printJSON(drills)
	} else {
		for _, d := range drills {
			result := s.say("已发现", "caught")
			if !d.Caught {
				result = s.say("未发现", "MISSED")
			}
			fmt.Fprintf(s.stdout, "%-8s %s: %s\n", result, d.Title.In(s.lang()), strings.Join(d.By, ", "))
		}
	}
	if err == nil && missed > 0 {
		return errRefused
	}
	return err
}

// maxSample bounds how many monetary units are drawn.
const maxSample = 10_000

type sampleCmd struct {
	N    int    `help:"How many monetary units to draw. / 抽取的货币单位数" default:"60"`
	Size uint64 `help:"The checkpoint to draw under; left out: the latest. / 所据检查点" placeholder:"EVENTS"`
	Shape
}

// Run draws a monetary-unit sample of the payouts under the latest checkpoint, whose root is the seed: the same for ever.
func (c *sampleCmd) Run(ctx context.Context, s *Settings) error {
	if c.N < 1 || c.N > maxSample {
		return usageError{fmt.Errorf(s.say("抽样数须为 1 至 %d", "the sample is of 1 to %d"), maxSample)}
	}
	p, err := s.openProven(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	latest, err := p.checkpoint(c.Size)
	if err != nil {
		return err
	}
	items, err := audit.Population(ctx, p.log, latest.Size)
	if err != nil {
		return err
	}
	sample := audit.Draw(items, c.N, latest.Root)
	if c.Format == "json" {
		return s.printJSON(sample)
	}
	return s.write(sample.Table().As(s.lang(), tabular.Meta{Name: "position", Value: fmt.Sprint(latest.Size)}, tabular.Meta{Name: "seed", Value: latest.Root.String()}), c.Format, c.Out)
}
