package main

import (
	"context"
	"fmt"
	"io"

	"github.com/fundledger/fundledger/audit/office"
	"github.com/fundledger/fundledger/internal/whole"
)

type packCmd struct {
	Out string `short:"o" required:"" help:"The file to write: a .zip of one CSV a table. / 要写出的 .zip 文件，每张表一个 CSV" type:"path" placeholder:"FILE"`
}

// Run writes the tables that an audit office loads, with their definition and control totals.
func (c *packCmd) Run(ctx context.Context, s *Settings) error {
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	var m office.PackManifest
	err = whole.Replace(c.Out, 0o644, func(w io.Writer) error {
		m, err = office.WritePack(ctx, w, office.PackSource{Fund: in.fund, Log: log, Now: s.clock.now()})
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range m.Files {
		if f.Table != "" {
			fmt.Fprintf(s.stdout, "%-22s %8d  %s\n", f.Name, f.Rows, f.SHA256)
		}
	}
	fmt.Fprintf(s.stderr, s.say("%s：截至事件 %d，根 %s\n", "%s: as of event %d, root %s\n"), c.Out, m.Position, m.Root)
	fmt.Fprintln(s.stderr, m.Notice.In(s.lang()))
	return nil
}
