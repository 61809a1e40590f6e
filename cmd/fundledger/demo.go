package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
)

type demoCmd struct {
	NoServe bool   `help:"End after the totals. / 打印汇总后结束，不启动服务"`
	Until   string `help:"Play the sample up to this day, at most 2027-03-31, by a clock that shows it: from 2027 on under the policy that follows. Left out: today. / 样例演到该日（最晚 2027-03-31），时钟即拨至该日：2027 年起适用后续政策；缺省为今日" placeholder:"YYYY-MM-DD"`
	Outside
	Proving
	Shape
}

// Run fills a new ledger with the sample years, prints their totals, and serves them. Run again, it books nothing anew.
func (c *demoCmd) Run(ctx context.Context, s *Settings) error {
	if err := c.check(s); err != nil {
		return err
	}
	until, err := c.until(s)
	if err != nil {
		return err
	}
	if err := s.reach(until); err != nil {
		return err
	}
	s.InstallPostgres = true // it is tried on machines that have nothing
	in, err := s.open(ctx, purpose{fund: defaultFund, create: true})
	if err != nil {
		return err
	}
	defer in.close()
	if in.attached && !c.NoServe {
		return fmt.Errorf(s.say("进程 %d 已在使用 %s", "process %d already runs on %s"), in.owner.PID, in.dir)
	}
	if err := s.fill(ctx, in, until); err != nil {
		return err
	}
	if err := c.totals(ctx, s, in); err != nil {
		return err
	}
	s.nextSteps(in)
	if c.NoServe {
		return nil
	}
	return s.serve(ctx, in, c.Outside, c.Proving, true)
}

// until is the day that the sample is played up to.
func (c *demoCmd) until(s *Settings) (domain.Date, error) {
	if c.Until == "" {
		return s.clock.today(), nil
	}
	day, err := date(c.Until)
	if err != nil {
		return day, err
	}
	policy, err := policies.Named(defaultFund)
	switch {
	case err != nil:
		return day, err
	case day.Before(policy.Term.From):
		return day, usageError{fmt.Errorf(s.say("--until %s 早于样例的首日 %s", "--until %s lies before the sample's first day, %s"), day, policy.Term.From)}
	case day.After(demo.Ends):
		return day, usageError{fmt.Errorf(s.say("--until %s 晚于样例的末日 %s", "--until %s lies behind the sample's last day, %s"), day, demo.Ends)}
	}
	return day, nil
}

// reach sets the clock to the day that the sample is played up to, where that lies ahead. The data folder keeps it, so it must be a new one of its
// own: what is recorded already was recorded by the clock that it has.
func (s *Settings) reach(until domain.Date) error {
	if !until.After(s.clock.today()) {
		return nil
	}
	if s.NATS != "" || s.DatabaseURL != "" {
		return usageError{errors.New(s.say("--until 晚于今日时，样例须用自带的 NATS 与 PostgreSQL，不能另指", "a sample that goes beyond today has a NATS and a PostgreSQL of its own: leave out --nats and --database-url"))}
	}
	if present(filepath.Join(s.Data, fundFile)) {
		return usageError{fmt.Errorf(s.say("%[2]s 中的台账时钟为 %[3]s，不能再拨到 %[1]s；请用 --data 另选新目录", "the ledger in %[2]s goes by a clock that shows %[3]s, and cannot be set to %[1]s; choose a new folder with --data"),
			until, s.Data, s.clock.today())}
	}
	s.clock = reaching(until)
	return s.clock.keep(s.Data)
}

// sample is the publication of the first policy, and what comes behind it.
func sample(until domain.Date) (*domain.PublishPolicy, iter.Seq[demo.Step], error) {
	published := make([]*domain.PublishPolicy, 2)
	for i, name := range []string{defaultFund, defaultFollows} {
		policy, err := policies.Named(name)
		if err != nil {
			return nil, nil, err
		}
		if published[i], err = publication(policy, "demo", ""); err != nil {
			return nil, nil, err
		}
	}
	return published[0], demo.Succession(published[0].Policy, *published[1], until), nil
}

// fill gives the sample's commands to the ledger, one after another in their order.
func (s *Settings) fill(ctx context.Context, in *infrastructure, until domain.Date) error {
	publish, steps, err := sample(until)
	if err != nil {
		return err
	}
	l, err := ledger.Open(ctx, in.nc, in.ledgerConfig(s))
	if err != nil {
		return err
	}
	defer l.Close()
	orders, expected := []ledger.Order{{Command: publish}}, []string{""}
	for step := range steps {
		orders, expected = append(orders, ledger.Order{Command: step.Command}), append(expected, step.Expect)
	}
	bar := s.progress(s.say("演示数据", "sample years"))
	defer bar.done()
	var booked, refused, repeated int
	for at := 0; at < len(orders); at += importBatch {
		end := min(at+importBatch, len(orders))
		for i, result := range l.DoAll(ctx, orders[at:end]) {
			if result.Err != nil {
				return result.Err
			}
			switch {
			case result.Refusal == nil && expected[at+i] != "" && !result.Outcome.Repeated:
				return fmt.Errorf("the sample's command %s was accepted, and should be refused as %s", orders[at+i].Command.Given().ID, expected[at+i])
			case result.Refusal != nil && expected[at+i] == "" && result.Refusal.Code != domain.CodePolicyPublished:
				return fmt.Errorf("the sample's command %s was refused: %w", orders[at+i].Command.Given().ID, result.Refusal)
			case result.Refusal != nil:
				refused++
			case result.Outcome.Repeated:
				repeated++
			default:
				booked++
			}
		}
		bar.at(int64(end), int64(len(orders)))
	}
	fmt.Fprintf(s.stderr, s.say("长宁区 2024 年产业扶持政策，两年样例：指令 %d 条，记账 %d，被拒 %d（样例有意为之），重复 %d\n",
		"Two sample years of Changning's 2024 policy: %d commands, %d booked, %d refused (on purpose), %d repeated\n"), len(orders), booked, refused, repeated)
	s.sayClock()
	return in.projectAll(ctx, s)
}

// totals prints what the sample years came to.
func (c *demoCmd) totals(ctx context.Context, s *Settings, in *infrastructure) error {
	return s.askOn(ctx, in, func(q *postgres.Queries) error {
		shape := c.Shape
		shape.Pager = false // what comes after it is waited for
		return s.write(listTable(projections.Totals.List, projections.Totals.List.Every(ctx, q, projections.Ask{Limit: projections.MaxLimit}), nil), shape)
	})
}

// nextSteps says where to look next.
func (s *Settings) nextSteps(in *infrastructure) {
	fmt.Fprintf(s.stderr, s.say(`
接下来可以（数据目录 %[1]s）：
  fundledger totals --year 2025 --clause 4          某一条款的年度汇总
  fundledger accounts --clause 6 --as-of 2025-06-30 过去某时的账户明细
  fundledger refused                                被拒的指令及理由
  fundledger policy show                            现行政策
`, `
Where to look next (the data are in %[1]s):
  fundledger totals --year 2025 --clause 4          one clause's totals of a year
  fundledger accounts --clause 6 --on 2025-06-30    account lines by a past business date
  fundledger refused                                what was refused, and why
  fundledger policy show                            the policy in force
`), in.dir)
}
