package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/audit/office"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
)

type reconcileCmd struct {
	File      string `arg:"" optional:"" type:"existingfile" help:"A .csv or .xlsx file of the treasury, one payment a row: voucher, paid_on, amount, payee. Left out: what was recorded before. / 国库的 .csv 或 .xlsx 文件，一行一笔：凭证号、付款日期、金额、收款人；缺省为先前已录入的"`
	Map       string `help:"How the file's columns are read (YAML): its columns are called voucher, paid_on, amount and payee. / 列映射（YAML）：列的代号为 voucher、paid_on、amount、payee" type:"existingfile" placeholder:"FILE"`
	Statement string `help:"What the file is called in the ledger. Left out: its name. / 文件在台账中的编号；缺省为文件名" placeholder:"ID"`
	From      string `help:"The period's first day. Left out: the first payment's. / 期间的首日；缺省为第一笔付款之日" placeholder:"YYYY-MM-DD"`
	To        string `help:"The period's last day. Left out: the last payment's. / 期间的末日；缺省为最后一笔付款之日" placeholder:"YYYY-MM-DD"`
	Actor     string `help:"Who records the file, as treasurer. Left out: the user of this machine. / 录入文件的支付岗人员；缺省为本机用户" env:"FUNDLEDGER_ACTOR" placeholder:"NAME"`
	All       bool   `help:"Show what matches too. / 一致的也列出"`
	Shape
}

// Run records the lines of a payment file as events, and holds everything recorded of the period against the ledger's payouts. The exit status is 0
// only if all of it matches.
func (c *reconcileCmd) Run(ctx context.Context, s *Settings) error {
	from, err := date(c.From)
	if err != nil {
		return err
	}
	to, err := date(c.To)
	if err != nil {
		return err
	}
	var lines []office.PaymentLine
	if c.File != "" {
		if lines, err = c.read(s); err != nil {
			return usageError{err}
		}
	}
	in, l, err := s.openLedger(ctx, purpose{})
	if err != nil {
		return err
	}
	defer in.close()
	defer l.Close()
	log, err := ledger.OpenLog(ctx, in.nc, in.ledgerConfig(s), true)
	if err != nil {
		return err
	}
	if err := c.record(ctx, s, in, l, log, lines); err != nil {
		return err
	}
	return c.show(ctx, s, readLog{log, s}, lines, from, to)
}

// show reconciles the period: that of the file, where none was asked for.
func (c *reconcileCmd) show(ctx context.Context, s *Settings, log proof.Log, lines []office.PaymentLine, from, to domain.Date) error {
	for _, l := range lines {
		if c.From == "" && (from.IsZero() || l.PaidOn.Before(from)) {
			from = l.PaidOn
		}
		if c.To == "" && l.PaidOn.After(to) {
			to = l.PaidOn
		}
	}
	payouts, recorded, err := office.PaymentsOn(ctx, log)
	if err != nil {
		return err
	}
	r, err := office.Reconcile(payouts, office.Within(recorded, from, to), from, to)
	if err != nil {
		return err
	}
	agrees := r.Agrees()
	if !c.All {
		r.Items = r.Open()
	}
	fmt.Fprintf(s.stderr, s.say("%s 至 %s：账上支付 %d 笔 %s，国库付款 %d 行 %s，差额 %s\n", "%s to %s: %d payouts of %s in the ledger, %d payments of %s in the treasury's files, difference %s\n"),
		r.From, r.To, r.Payouts, r.Paid, r.Lines, r.Stated, r.Difference)
	if err := s.write(r.Table().As(s.lang()), c.Shape); err != nil {
		return err
	}
	if !agrees {
		return errRefused
	}
	return nil
}

// record gives the lines to the ledger, each under an id made of what it says: the same file again records nothing.
func (c *reconcileCmd) record(ctx context.Context, s *Settings, in *infrastructure, l *ledger.Ledger, log proof.Log, lines []office.PaymentLine) error {
	if len(lines) == 0 {
		return nil
	}
	policy, err := replay.Policy(ctx, log)
	if err != nil {
		return err
	}
	actor := domain.Actor{ID: domain.PersonID(c.Actor), Role: domain.Treasurer}
	if policy != nil {
		actor.Department = policy.Treasury
	}
	if actor.ID == "" {
		actor.ID = domain.PersonID(machineUser())
	}
	last, refused := uint64(0), 0
	for part := range slices.Chunk(lines, importBatch) {
		orders := make([]ledger.Order, len(part))
		for i, line := range part {
			command := line.Command(s.clock.today())
			command.Actor = actor
			orders[i] = ledger.Order{Command: command}
		}
		for i, result := range l.Start(ctx, orders).Wait(ctx) {
			switch {
			case result.Err != nil:
				return fmt.Errorf("%s:%d: %w", c.File, part[i].Line, result.Err)
			case result.Refusal != nil && result.Refusal.Code == domain.CodeCommandConflict:
				// The same line on another day: the id says that it is the same.
			case result.Refusal != nil:
				if refused++; refused <= maxShown {
					fmt.Fprintf(s.stderr, "%s:%d: [%s, %s] %s\n", c.File, part[i].Line, result.Refusal.Code, result.Refusal.Rule, result.Refusal.Message().In(s.lang()))
				}
			default:
				last = max(last, result.Outcome.LastSeq)
			}
		}
	}
	if err := in.project(ctx, s, last); err != nil {
		return err
	}
	if refused > 0 {
		return fmt.Errorf(s.say("%d 行未被记录；请更正文件，或先作废已录的行（void-treasury-payment）", "%d lines were not recorded: correct the file, or void the lines recorded before (void-treasury-payment)"), refused)
	}
	return nil
}

// read reads a payment file: a heading, one payment a row. Columns with other headings are passed over.
func (c *reconcileCmd) read(s *Settings) (lines []office.PaymentLine, err error) {
	statement := domain.StatementID(c.Statement)
	if statement == "" {
		statement = domain.StatementID(strings.TrimSuffix(filepath.Base(c.File), filepath.Ext(c.File)))
	}
	wanted := intake.PaymentColumns(office.PaymentHeadings)
	columns, err := c.columns(wanted)
	if err != nil {
		return nil, err
	}
	report, err := intake.ReadTable(c.File, wanted, columns, func(_ int, cells []string) error {
		cells[3] = strings.TrimSpace(cells[3])
		line, err := office.ParsePayment(statement, len(lines)+1, cells)
		lines = append(lines, line)
		return err
	})
	if err == nil {
		s.tellNotes(c.File, report)
	}
	return lines, err
}

// columns are how the file's columns are read; nil where they are headed as a payment file's are.
func (c *reconcileCmd) columns(wanted []intake.Wanted) (*intake.Columns, error) {
	if c.Map == "" {
		return nil, nil
	}
	f, err := os.Open(c.Map)
	if err != nil {
		return nil, fmt.Errorf("opening the mapping: %w", err)
	}
	defer f.Close()
	return intake.LoadColumns(f, c.Map, wanted)
}
