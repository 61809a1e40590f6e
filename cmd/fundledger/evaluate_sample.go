package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/fundledger/fundledger/audit/sampling"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/tabular"
)

type evaluateSampleCmd struct {
	File string `arg:"" help:"The worksheet of a sample (.csv or .xlsx), with the column audited_amount filled in. / 抽样底稿（.csv 或 .xlsx），审定金额一列已填写" type:"existingfile"`
	Drawing
	Tolerable string `help:"The misstatement that can be tolerated. / 可容忍错报" placeholder:"AMOUNT"`
	Format    string `help:"table or json. / table（表格）或 json" enum:"table,json" default:"table"`
}

// Run draws the same sample again and says what the audited amounts project to, and what the misstatement of all payouts does not
// exceed at a confidence of 95 %. The exit status is 1 where more than the tolerable misstatement is possible.
func (c *evaluateSampleCmd) Run(ctx context.Context, s *Settings) error {
	tolerable := domain.NoMoney
	if c.Tolerable != "" {
		var err error
		if tolerable, err = domain.ParseMoney(domain.PlainAmount(c.Tolerable)); err != nil {
			return usageError{err}
		}
	}
	audited, err := readWorksheet(c.File)
	if err != nil {
		return usageError{err}
	}
	drawn, err := c.draw(ctx, s)
	if err != nil {
		return err
	}
	said, err := drawn.Evaluate(audited, tolerable)
	if errors.Is(err, sampling.ErrWorksheet) {
		return usageError{fmt.Errorf(s.say("%w；底稿若以其他方式或在更早的检查点（其 position）上抽取，请写明抽样时的参数", "%w; name the checkpoint (--size) and the other parameters that the sample was drawn with"), err)}
	}
	if err != nil {
		return err
	}
	e := evaluatedOf(said)
	if c.Format == "json" {
		err = s.printJSON(e.whole)
	} else {
		s.printEvaluation(e)
	}
	if err == nil && c.Tolerable != "" && !e.acceptable {
		return errRefused
	}
	return err
}

// evaluated is what either kind of sample projects to.
type evaluated struct {
	whole            any // as JSON
	strata           []sampling.StratumEvaluation
	items, misstated int
	figures          []evaluatedFigure
	acceptable       bool
	doubtful         bool
}

type evaluatedFigure struct {
	name   domain.Text
	amount domain.Balance
}

func evaluatedOf(said sampling.Evaluated) evaluated {
	known, projected, upper := domain.Text{ZH: "已发现错报", EN: "misstatement found"}, domain.Text{ZH: "推断错报", EN: "projected misstatement"}, domain.Text{ZH: "错报上限（95%）", EN: "upper limit (95 %)"}
	if e := said.Stratified; e != nil {
		return evaluated{e, e.Strata, e.Items, e.Misstated, []evaluatedFigure{{known, e.Known}, {projected, e.Projected}, {domain.Text{ZH: "精确度", EN: "precision"}, e.Precision},
			{upper, e.UpperLimit}}, e.Acceptable, !e.Enough}
	}
	e := said.Units
	return evaluated{e, nil, e.Items, e.Misstated, []evaluatedFigure{{known, e.Known}, {projected, e.Projected}, {domain.Text{ZH: "基本精确度", EN: "basic precision"}, e.Precision},
		{upper, e.UpperLimit}}, e.Acceptable, false}
}

func (s *Settings) printEvaluation(e evaluated) {
	for _, stratum := range e.strata {
		fmt.Fprintf(s.stdout, s.say("层 %s：%d 笔中抽 %d 笔，错报 %d 笔，推断 %s\n", "stratum %[1]s: %[3]d of %[2]d drawn, %[4]d misstated, projected %[5]s\n"), stratum.Name,
			stratum.Population, stratum.Items, stratum.Misstated, tabular.Grouped(stratum.Projected.String()))
	}
	for _, f := range e.figures {
		fmt.Fprintf(s.stdout, "%-24s %20s\n", f.name.In(s.lang()), tabular.Grouped(f.amount.String()))
	}
	fmt.Fprintf(s.stdout, s.say("抽取 %d 笔，错报 %d 笔\n", "%d payouts drawn, %d misstated\n"), e.items, e.misstated)
	if e.doubtful {
		fmt.Fprintf(s.stdout, s.say("发现的差异少于 %d 笔：上限不可靠；请用货币单位抽样判断\n", "fewer than %d differences were found: the limit is not to be relied on; judge by a monetary-unit sample\n"), sampling.EnoughDifferences)
	}
}

// checkpoint is the kept checkpoint of a size; of size 0 the latest.
func (p *proven) checkpoint(size uint64) (proof.Signed, error) {
	if size == 0 {
		return p.latest()
	}
	for _, text := range p.Checkpoints {
		if signed, err := p.Trust.Open(proof.Origin(p.Fund), text); err == nil && signed.Size == size {
			return signed, nil
		}
	}
	return proof.Signed{}, fmt.Errorf("%d: %w", size, proof.ErrNoCheckpoint)
}

// readWorksheet reads the audited amounts of a worksheet, by payout.
func readWorksheet(path string) (sampling.Audited, error) {
	audited, h := sampling.Audited{}, sampling.WorksheetHeadings
	_, err := intake.ReadTable(path, []intake.Wanted{{Headings: h[0], Kind: intake.Identifier}, {Headings: h[1], Kind: intake.Amount}}, nil,
		func(_ int, cells []string) error { return audited.Take(cells[0], cells[1]) })
	return audited, err
}
