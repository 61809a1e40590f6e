package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// proven is what proves the ledger of a data folder: its log, its tree, and the checkpoints that are kept.
type proven struct {
	audit.Evidence
	log   *eventstore.Log
	tree  *audit.Tree
	key   audit.Key
	close func()
}

// openProven opens what proves the ledger. Without a key nothing was signed yet.
func (s *Settings) openProven(ctx context.Context) (*proven, error) {
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return nil, err
	}
	p := &proven{log: log, close: in.close}
	if err := s.gatherProof(ctx, in, p); err != nil {
		in.close()
		return nil, err
	}
	return p, nil
}

func (s *Settings) gatherProof(ctx context.Context, in *infrastructure, p *proven) error {
	path := Proving{}.keyPath(in)
	if _, err := os.Stat(path); err != nil {
		return errors.New(s.say("尚未签发检查点:请先运行 fundledger checkpoint", "no checkpoint was issued yet: run fundledger checkpoint first"))
	}
	key, _, err := audit.OpenKey(path, audit.Origin(in.fund))
	if err != nil {
		return err
	}
	notes, err := audit.NotesOf(ctx, in.checkpoints())
	if err != nil {
		return err
	}
	own, err := audit.ParseTrust(key.Verifier)
	if err != nil {
		return err
	}
	trust, err := own.Following(ctx, audit.Origin(in.fund), p.log, notes)
	if err != nil {
		return err
	}
	if p.tree, err = audit.TreeOf(ctx, p.log); err != nil {
		return err
	}
	p.key, p.Evidence = key, audit.Evidence{Fund: in.fund, Log: p.log, Checkpoints: notes, Trust: trust, Hashes: p.tree}
	return nil
}

// latest is the latest checkpoint.
func (p *proven) latest() (audit.Signed, error) {
	var last audit.Signed
	for _, text := range p.Checkpoints {
		signed, err := p.Trust.Open(audit.Origin(p.Fund), text)
		if err != nil {
			return last, err
		}
		if signed.Size >= last.Size {
			last = signed
		}
	}
	return last, nil
}

type bundleCmd struct {
	Enterprise string `help:"Only what concerns this enterprise. / 企业" placeholder:"ID"`
	Clause     string `help:"Only what concerns this clause. / 条款" placeholder:"ID"`
	Year       int    `help:"Only what concerns this support year. / 支持年度" placeholder:"YEAR"`
	Out        string `short:"o" required:"" help:"The file to write. / 输出文件" type:"path" placeholder:"FILE"`
}

// Run writes a bundle as of the latest checkpoint: one file that anyone can verify offline.
func (c *bundleCmd) Run(ctx context.Context, s *Settings) error {
	if c.Year < 0 || c.Year > 9999 {
		return usageError{fmt.Errorf(s.say("%d 不是年度", "%d is no year"), c.Year)}
	}
	p, err := s.openProven(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	signer, err := p.key.Signer()
	if err != nil {
		return err
	}
	scope := audit.Scope{Enterprise: domain.EnterpriseID(c.Enterprise), Clause: domain.ClauseID(c.Clause), Year: domain.SupportYear(c.Year)}
	var m audit.Manifest
	err = wholeFile(c.Out, func(w io.Writer) error {
		m, err = audit.WriteBundle(ctx, w, audit.Packing{Evidence: p.Evidence, Scope: scope, Signer: signer})
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, s.say("%s:事件 %d 个,截至检查点 %d,根 %s\n离线核验:fundledger verify --bundle %[1]s --key '%[5]s'\n",
		"%s: %d events, as of the checkpoint of %d, root %s\nverify it offline: fundledger verify --bundle %[1]s --key '%[5]s'\n"), c.Out, m.Events, m.Size, m.Root, p.key.Verifier)
	return nil
}

// verifyBundle verifies a bundle with nothing but itself and the keys that are trusted.
func (c *verifyCmd) verifyBundle(ctx context.Context, s *Settings) error {
	if len(c.Key) == 0 {
		return usageError{errors.New(s.say("请用 --key 给出您信任的验证公钥", "name the verifier key that you trust, with --key"))}
	}
	trust, err := audit.ParseTrust(c.Key...)
	if err != nil {
		return usageError{err}
	}
	report, err := s.checkBundle(ctx, c.Bundle, trust, c.Format)
	if err != nil || c.Earlier == "" {
		return err
	}
	earlier, err := s.checkBundle(ctx, c.Earlier, trust, c.Format)
	if err != nil {
		return err
	}
	if err := audit.Grew(*earlier, *report); err != nil {
		fmt.Fprintln(s.stdout, s.say("历史被改写:", "the history was rewritten: ")+err.Error())
		return errRefused
	}
	fmt.Fprintf(s.stdout, s.say("历史只有增加:%d → %d\n", "the history only grew: %d → %d\n"), earlier.Manifest.Size, report.Manifest.Size)
	return nil
}

func (s *Settings) checkBundle(ctx context.Context, path string, trust audit.Trust, format string) (*audit.BundleReport, error) {
	b, err := audit.OpenBundle(path)
	if err != nil {
		return nil, usageError{err}
	}
	defer b.Close()
	report, err := audit.VerifyBundle(ctx, b, trust)
	if err != nil {
		return nil, err
	}
	if format == "json" {
		if err := s.printJSON(report); err != nil {
			return nil, err
		}
	} else {
		fmt.Fprintf(s.stdout, s.say("%s:事件 %d 个,截至 %d,根 %s\n", "%s: %d events, as of %d, root %s\n"), path, report.Manifest.Events, report.Manifest.Size, report.Manifest.Root)
		for _, check := range report.Checks {
			fmt.Fprintf(s.stdout, "%-8s %s: %s\n", check.Result, check.Title.In(s.lang()), check.Detail.In(s.lang()))
		}
	}
	if !report.Sound {
		return nil, errRefused
	}
	return &report, nil
}
