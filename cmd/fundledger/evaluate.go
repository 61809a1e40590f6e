package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

type evaluateCmd struct {
	File      string `arg:"" help:"The worksheet of a sample (CSV), with the column audited_amount filled in. / 填好审定金额的抽样底稿" type:"existingfile"`
	N         int    `help:"How many monetary units the sample was asked for. / 抽样时的单位数" default:"60"`
	Size      uint64 `help:"The checkpoint that the sample was drawn under; left out: the latest. / 抽样所据检查点" placeholder:"EVENTS"`
	Tolerable string `help:"The misstatement that can be tolerated. / 可容忍错报" placeholder:"AMOUNT"`
	Format    string `help:"table or json." enum:"table,json" default:"table"`
}

// maxWorksheet bounds a worksheet's file.
const maxWorksheet = 16 << 20

// Run draws the same sample again and says what the audited amounts project to, and what the misstatement of all payouts does not
// exceed at a confidence of 95 %. The exit status is 1 where more than the tolerable misstatement is possible.
func (c *evaluateCmd) Run(ctx context.Context, s *Settings) error {
	tolerable := domain.NoMoney
	if c.Tolerable != "" {
		var err error
		if tolerable, err = domain.ParseMoney(c.Tolerable); err != nil {
			return usageError{err}
		}
	}
	if c.N < 1 || c.N > maxSample {
		return usageError{fmt.Errorf(s.say("抽样数须为 1 至 %d", "the sample is of 1 to %d"), maxSample)}
	}
	audited, err := readWorksheet(s, c.File)
	if err != nil {
		return usageError{err}
	}
	p, err := s.openProven(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	checkpoint, err := p.checkpoint(c.Size)
	if err != nil {
		return err
	}
	items, err := audit.Population(ctx, p.log, checkpoint.Size)
	if err != nil {
		return err
	}
	e, err := audit.Evaluate(audit.Draw(items, c.N, checkpoint.Root), audited, tolerable)
	if errors.Is(err, audit.ErrWorksheet) {
		return usageError{fmt.Errorf(s.say("%w;底稿若在更早的检查点(其 seed 或 position)上抽取,请用 --size 与 --n 说明", "%w; name the checkpoint that the sample was drawn under with --size, and its --n"), err)}
	}
	if err != nil {
		return err
	}
	if c.Format == "json" {
		err = s.printJSON(e)
	} else {
		for _, line := range []struct {
			zh, en string
			amount domain.Balance
		}{{"已发现错报", "misstatement found", e.Known}, {"推断错报", "projected misstatement", e.Projected}, {"基本精确度", "basic precision", e.Precision}, {"错报上限(95%)", "upper limit (95 %)", e.UpperLimit}} {
			fmt.Fprintf(s.stdout, "%-24s %20s\n", s.say(line.zh, line.en), tabular.Grouped(line.amount.String()))
		}
		fmt.Fprintf(s.stdout, s.say("抽取 %d 笔,错报 %d 笔\n", "%d payouts drawn, %d misstated\n"), e.Items, e.Misstated)
	}
	if err == nil && c.Tolerable != "" && !e.Acceptable {
		return errRefused
	}
	return err
}

// checkpoint is the kept checkpoint of a size; of size 0 the latest.
func (p *proven) checkpoint(size uint64) (audit.Signed, error) {
	if size == 0 {
		return p.latest()
	}
	for _, text := range p.Checkpoints {
		if signed, err := p.Trust.Open(audit.Origin(p.Fund), text); err == nil && signed.Size == size {
			return signed, nil
		}
	}
	return audit.Signed{}, fmt.Errorf("%d: %w", size, audit.ErrNoCheckpoint)
}

// readWorksheet reads the audited amounts of a worksheet, by payout.
func readWorksheet(s *Settings, path string) (map[string]domain.Money, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the worksheet: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxWorksheet+1))
	if err != nil {
		return nil, fmt.Errorf("reading the worksheet: %w", err)
	}
	if len(text) > maxWorksheet {
		return nil, fmt.Errorf(s.say("底稿过大:最多 %d 字节", "the worksheet is too large: %d bytes are the most"), maxWorksheet)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	if err != nil {
		return nil, fmt.Errorf(s.say("底稿不是 CSV:%w", "the worksheet is no CSV: %w"), err)
	}
	if len(rows) == 0 {
		return nil, errors.New(s.say("底稿是空的", "the worksheet is empty"))
	}
	payout, amount := slices.Index(rows[0], "payout"), slices.Index(rows[0], "audited_amount")
	if payout < 0 || amount < 0 {
		return nil, errors.New(s.say("底稿须有 payout 与 audited_amount 两列(fundledger sample --format csv)", "the worksheet needs the columns payout and audited_amount (fundledger sample --format csv)"))
	}
	audited := map[string]domain.Money{}
	for i, row := range rows[1:] {
		value, err := domain.ParseMoney(strings.TrimSpace(row[amount]))
		if err != nil {
			return nil, fmt.Errorf(s.say("第 %d 行的审定金额:%w", "the audited amount in line %d: %w"), i+2, err)
		}
		if _, twice := audited[row[payout]]; twice {
			return nil, fmt.Errorf(s.say("第 %d 行的支付 %s 重复", "the payout in line %d, %s, stands there twice"), i+2, row[payout])
		}
		audited[row[payout]] = value
	}
	return audited, nil
}
