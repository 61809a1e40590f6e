package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/whole"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/words"
)

type statementCmd struct {
	Check  statementCheckCmd  `cmd:"" help:"Show what a budget year's closing waits for, as it stands now. / 列出一个预算年度封账前逐项核对的现状"`
	Write  statementWriteCmd  `cmd:"" help:"Write the closing statement of a budget year, signed with the log's key. / 写出一个预算年度的封账表，以日志密钥签名"`
	Verify statementVerifyCmd `cmd:"" help:"Verify a closing statement offline: by itself, and in a later bundle, with what moved since. / 离线核验封账表：就其本身，或对照其后的证明包，并列出封账后的变动"`
}

type statementCheckCmd struct {
	Year int `arg:"" help:"The budget year. / 预算年度"`
	Shape
}

// Run shows how a budget year stands before its closing.
func (c *statementCheckCmd) Run(ctx context.Context, s *Settings) error {
	if projections.ByBudgetYear.Check(strconv.Itoa(c.Year)) != nil {
		return usageError{errors.New(s.say("预算年度须为四位年份", "the budget year is a year in four digits"))}
	}
	in, l, err := s.openLedger(ctx, purpose{rehearse: true, logOnly: true})
	if err != nil {
		return err
	}
	defer in.close()
	defer l.Close()
	var checks []domain.ClosingCheck
	today := s.clock.today()
	if err := l.View(ctx, func(state *domain.State, _ uint64) { checks = state.ClosingChecks(c.Year, today) }); err != nil {
		return err
	}
	return s.write(words.ClosingSheet(checks).As(s.lang()), c.Shape)
}

type statementWriteCmd struct {
	Year int    `arg:"" help:"The budget year. / 预算年度"`
	Out  string `short:"o" help:"The file to write; left out: standard output. / 要写出的文件；不填为标准输出" type:"path" placeholder:"FILE"`
}

// Run writes what a budget year came to when it was closed.
func (c *statementWriteCmd) Run(ctx context.Context, s *Settings) error {
	p, err := s.openProvenAfter(ctx, func(in *infrastructure, log readLog) error { return s.firstCheckpoint(ctx, in, log) })
	if err != nil {
		return err
	}
	defer p.close()
	stated, err := archive.CloseStatement(ctx, p.log, p.Fund, c.Year)
	if err != nil {
		return err
	}
	signer, err := p.key.Signer()
	if err != nil {
		return err
	}
	text, err := stated.Sign(signer)
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err = s.stdout.Write(text)
		return err
	}
	if err := whole.Replace(c.Out, 0o644, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, s.say("%s：%d 预算年度，封账于事件 %d\n离线核验：fundledger statement verify %[1]s --key '%[4]s'\n",
		"%s: budget year %d, closed at event %d\nverify it offline: fundledger statement verify %[1]s --key '%[4]s'\n"), c.Out, stated.Year, stated.Position, p.key.Verifier)
	return nil
}

type statementVerifyCmd struct {
	File     string   `arg:"" help:"The closing statement. / 封账表文件" type:"existingfile"`
	Key      []string `required:"" help:"A verifier key that you trust; may be repeated. / 您信任的验证公钥，可重复" sep:"none" placeholder:"KEY"`
	NoFollow bool     `help:"Believe the named keys only: do not follow changes of key. / 只认所写的公钥，不跟随密钥更换"`
	Bundle   string   `help:"A bundle of the whole ledger from then or later: what the statement says is made again of its events, and what moved since is listed. / 其时或其后的全账证明包：由其事件重新算得所列数字，并列出封账后的变动" type:"existingfile" placeholder:"FILE"`
	Format   string   `enum:"table,json" default:"table" help:"table or json. / table 或 json"`
}

// Run verifies a closing statement with nothing but itself, the keys that are trusted and, where one is given, a bundle.
func (c *statementVerifyCmd) Run(ctx context.Context, s *Settings) error {
	keys, err := verifierKeys(c.Key...)
	if err != nil {
		return err
	}
	trust, err := proof.ParseTrust(keys...)
	if err != nil {
		return usageError{err}
	}
	trust.NoFollow = c.NoFollow
	text, err := readAtMost(c.File, archive.MaxClosing)
	if err != nil {
		return usageError{err}
	}
	stated, err := archive.OpenClosing(trust, text)
	if err != nil {
		fmt.Fprintln(s.stderr, s.say("封账表不成立：", "the statement does not hold: ")+err.Error())
		return errRefused
	}
	if c.Bundle == "" {
		return c.print(s, archive.Moved{Statement: stated}, false)
	}
	report, err := s.checkBundle(ctx, c.Bundle, trust)
	if err != nil {
		return err
	}
	if !report.Sound || report.Manifest.Scope != (archive.Scope{}) {
		return fmt.Errorf("%s", s.say("证明包不成立，或不是全账：请先用 verify --bundle 核验", "the bundle does not hold, or is not of the whole ledger: see verify --bundle"))
	}
	b, err := archive.OpenBundle(c.Bundle)
	if err != nil {
		return usageError{err}
	}
	defer b.Close()
	moved, err := archive.MovedSinceClose(ctx, b, report.Manifest.Fund, stated)
	if err != nil {
		fmt.Fprintln(s.stderr, s.say("封账表与台账不符：", "the statement is not what the ledger comes to: ")+err.Error())
		return errRefused
	}
	return c.print(s, moved, true)
}

// readAtMost reads a file of at most so many bytes.
func readAtMost(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = errors.New(path + ": too long for a closing statement")
	}
	return text, err
}

func (c *statementVerifyCmd) print(s *Settings, m archive.Moved, held bool) error {
	if c.Format == "json" {
		return s.printJSON(m)
	}
	st := m.Statement
	fmt.Fprintf(s.stdout, s.say("签名成立：%s，%d 预算年度，%s 封账，文号 %s，事件 %d\n", "signed: %s, budget year %d, closed on %s, document %s, event %d\n"),
		st.Origin, st.Year, st.ClosedOn, st.Document, st.Position)
	fmt.Fprintf(s.stdout, s.say("支付 %s，退回 %s，收回 %s；与国库文件差异 %d 项 %s（文件 %d 行）\n", "paid %s, returned %s, recovered %s; differences from the treasury's files: %d, of %s (%d lines)\n"),
		st.Total.Paid.Money, st.Total.Returned.Money, st.Total.Recovered.Money, st.Differences, st.DifferenceAmount, st.Lines)
	for _, b := range st.Budgets {
		fmt.Fprintf(s.stdout, s.say("预算 %s：%s，已支付 %s，结余 %s\n", "budget of %s: %s, paid %s, left %s\n"), b.Scope, b.Appropriation.Money, b.Paid.Money, b.Left.Money)
	}
	if !held {
		return nil
	}
	fmt.Fprintf(s.stdout, s.say("由台账重新算得相同数字；封账后截至事件 %d 的变动 %d 项：\n", "the ledger comes to the same figures; moved since, up to event %d: %d\n"), m.Position, len(m.Events))
	for _, e := range m.Events {
		amount := e.Paid.Sub(e.Returned.Money).Sub(e.Recovered.Money)
		if e.Scope != "" {
			amount = e.Budget.Money
		}
		fmt.Fprintf(s.stdout, "%d  %s  %s  %s  %s\n", e.Seq, e.Date, orText(e.Scope, string(e.Clause)), amount, e.Describe.In(s.lang()))
	}
	return nil
}
