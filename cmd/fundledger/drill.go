package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/audit"
)

type drillCmd struct {
	Seq    uint64 `help:"The event to tamper with; left out: one in the middle. / 被改动的事件；缺省为中间的一个" placeholder:"SEQ"`
	Format string `help:"table or json. / table（表格）或 json" enum:"table,json" default:"table"`
}

// Run changes a copy of the log in memory and a copy of every table in every way there is, and shows what caught each change. The exit status is 1 where
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
		return usageError{fmt.Errorf(s.say("演练须针对检查点之内的事件：1 至 %d", "the drill is on an event under the latest checkpoint: 1 to %d"), latest.Size)}
	}
	_, done, err := s.hold(ctx, p.in, p.log, &p.Evidence)
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
			for _, missed := range d.Missed {
				fmt.Fprintln(s.stdout, "        ", missed)
			}
		}
	}
	if err == nil && missed > 0 {
		return errRefused
	}
	return err
}
