package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
)

type rebuildCmd struct {
	DryRun bool   `help:"Compare only; leave the live tables as they are. / 只比较，不替换现用的表"`
	Format string `help:"table or json. / table（表格）或 json" enum:"table,json" default:"table"`
}

// Run rebuilds the projections from the log beside the live ones, shows every cell that differs, and swaps them. The exit status is
// 1 where something differed.
func (c *rebuildCmd) Run(ctx context.Context, s *Settings) error {
	in, err := s.open(ctx, purpose{})
	if err != nil {
		return err
	}
	defer in.close()
	if err := in.projectAll(ctx, s); err != nil {
		return err
	}
	log, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true)
	if err != nil {
		return err
	}
	cfg := postgres.Config{URL: in.databaseURL, Source: readLog{log, s}, Log: in.logName(), Logger: s.logger}
	compare := postgres.Compare
	if !c.DryRun {
		compare, cfg.URL = postgres.Rebuild, in.asOwner()
	}
	differences, err := compare(ctx, cfg)
	if err != nil {
		return err
	}
	return c.report(s, differences)
}

func (c *rebuildCmd) report(s *Settings, differences []projections.Difference) error {
	if c.Format == "json" {
		out := json.NewEncoder(s.stdout)
		out.SetIndent("", "  ")
		if err := out.Encode(differences); err != nil {
			return err
		}
	}
	differs := 0
	for _, d := range differences {
		if d.Differs() {
			differs++
		}
		if c.Format == "json" {
			continue
		}
		fmt.Fprintf(s.stdout, s.say("%-24s %10d 行，改动 %d，多余 %d，缺失 %d，结构 %d\n", "%-24s %10d rows, %d changed, %d added, %d missing, shape %d\n"),
			d.Table, d.Rows, d.Changed, d.Added, d.Missing, d.Shape)
		for _, cell := range d.Cells {
			fmt.Fprintln(s.stdout, "   ", cell)
		}
	}
	switch {
	case differs > 0 && c.DryRun:
		fmt.Fprintf(s.stderr, s.say("%d 张表与日志不符；去掉 --dry-run 即可替换\n", "%d tables differ from the log; without --dry-run they are replaced\n"), differs)
		return errRefused
	case differs > 0:
		fmt.Fprintf(s.stderr, s.say("%d 张表与日志不符，已替换\n", "%d tables differed from the log and are replaced\n"), differs)
		return errRefused
	}
	fmt.Fprintln(s.stderr, s.say("投影与日志一致", "the projections agree with the log"))
	return nil
}
