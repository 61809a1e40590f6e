package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/wire"
)

type policyCmd struct {
	Publish policyPublishCmd `cmd:"" help:"Publish a policy, the first or one that succeeds another. / 发布政策：首份政策，或接续政策的后续政策"`
	Show    policyShowCmd    `cmd:"" help:"Show a policy file, or what the ledger has in force. / 查看政策文件，或台账现行的政策"`
	Diff    policyDiffCmd    `cmd:"" help:"Compare two policies. / 比较两份政策"`
	Check   policyCheckCmd   `cmd:"" help:"Say what is wrong in a policy file before it is published. / 发布之前检查政策文件，指出错误"`
	Schema  policySchemaCmd  `cmd:"" help:"Print the JSON schema of policy files, which editors understand. / 打印政策文件的 JSON 模式，供编辑器使用"`
	Draft   policyDraftCmd   `cmd:"" help:"Draft a policy for a taken-over history: one clause for each value of a column. / 为接收的历史数据起草政策：一列的每个取值为一个条款"`
}

// loadPolicy reads a policy from a file, or a shipped one by its name.
func loadPolicy(name string) (domain.Policy, error) {
	var p domain.Policy
	var err error
	if slices.Contains(policies.Names(), name) {
		p, err = policies.Named(name)
	} else {
		p, err = policies.File(name)
	}
	if err != nil {
		return p, usageError{err}
	}
	return p, nil
}

// publication is the command that publishes a policy, the same for the same policy and publisher.
func publication(p domain.Policy, by, date string) (*domain.PublishPolicy, error) {
	hash, err := wire.PolicyHash(&p)
	if err != nil {
		return nil, err
	}
	on := p.IssuedOn
	if date != "" {
		if on, err = domain.ParseDate(date); err != nil {
			return nil, usageError{err}
		}
	}
	if by == "" {
		by = machineUser()
	}
	id := "publish-" + string(p.Fund) + "-" + strings.TrimPrefix(hash, "sha256:")[:12]
	return &domain.PublishPolicy{Head: domain.Head{ID: domain.CommandID(id), Date: on, Actor: domain.Actor{ID: domain.PersonID(by), Role: domain.Admin}},
		Policy: p, Hash: hash}, nil
}

// machineUser is who runs this program.
func machineUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "admin"
}

type policyPublishCmd struct {
	File  string `arg:"" help:"A policy file, or the name of a shipped policy. / 政策文件，或随附政策的名称"`
	Actor string `help:"Who publishes. Left out: the user of this machine. / 发布人；缺省为本机用户" env:"FUNDLEDGER_ACTOR"`
	Date  string `help:"The business date. Left out: the day of issue. / 业务日期；缺省为政策的发文日期" placeholder:"YYYY-MM-DD"`
}

// Run publishes a policy.
func (c *policyPublishCmd) Run(ctx context.Context, s *Settings) error {
	p, err := loadPolicy(c.File)
	if err != nil {
		return err
	}
	command, err := publication(p, c.Actor, c.Date)
	if err != nil {
		return err
	}
	return s.give(ctx, command, purpose{fund: p.Fund, create: true})
}

type policyShowCmd struct {
	File string `arg:"" optional:"" help:"A policy file, or the name of a shipped policy. Left out: what the ledger has in force. / 政策文件，或随附政策的名称；缺省为台账现行的政策"`
	On   string `help:"In force on this date. Left out: today. / 该日有效的；缺省为今日" placeholder:"YYYY-MM-DD"`
	Shape
}

// Run shows a policy.
func (c *policyShowCmd) Run(ctx context.Context, s *Settings) error {
	on := s.clock.today()
	if c.On != "" {
		var err error
		if on, err = domain.ParseDate(c.On); err != nil {
			return usageError{err}
		}
	}
	var view policies.View
	if c.File != "" {
		p, err := loadPolicy(c.File)
		if err != nil {
			return err
		}
		view = policies.Show(p, nil, on)
	} else {
		p, versions, err := s.policyInForce(ctx)
		if err != nil {
			return err
		}
		view = policies.Show(*p, versions, on)
	}
	if c.Format == "json" && len(c.Columns) == 0 && c.Out == "" {
		out := json.NewEncoder(s.stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(view)
	}
	return s.write(policyTable(view, s.lang()), c.Shape)
}

// policyInForce reads the policy of the ledger, with its clauses' versions, from the log itself.
func (s *Settings) policyInForce(ctx context.Context) (*domain.Policy, map[domain.ClauseID][]domain.ClauseVersion, error) {
	in, l, err := s.openLedger(ctx, purpose{})
	if err != nil {
		return nil, nil, err
	}
	defer in.close()
	defer l.Close()
	var p *domain.Policy
	versions := map[domain.ClauseID][]domain.ClauseVersion{}
	err = l.View(ctx, func(state *domain.State, _ uint64) {
		if p = state.Policy(); p == nil {
			return
		}
		for _, clause := range p.Clauses {
			versions[clause.ID] = state.Versions(clause.ID)
		}
	})
	if err == nil && p == nil {
		err = errors.New(domain.NewRefusal(domain.CodePolicyMissing).Message().In(s.lang()))
	}
	return p, versions, err
}

type policyDiffCmd struct {
	From string `arg:"" help:"A policy file, or the name of a shipped policy. / 政策文件，或随附政策的名称"`
	To   string `arg:"" optional:"" help:"Another one. Left out: what the ledger has in force. / 另一份；缺省为台账现行的政策"`
}

// Run compares two policies; the exit status is 1 where they differ.
func (c *policyDiffCmd) Run(ctx context.Context, s *Settings) error {
	from, err := loadPolicy(c.From)
	if err != nil {
		return err
	}
	var to domain.Policy
	if c.To != "" {
		if to, err = loadPolicy(c.To); err != nil {
			return err
		}
	} else {
		inForce, versions, err := s.policyInForce(ctx)
		if err != nil {
			return err
		}
		to = amended(*inForce, versions, s.clock.today())
	}
	changes := policies.Diff(from, to)
	for _, change := range changes {
		fmt.Fprintln(s.stdout, change.Text.In(s.lang()))
	}
	if len(changes) > 0 {
		return errRefused
	}
	fmt.Fprintln(s.stderr, s.say("两份政策相同", "the policies are the same"))
	return nil
}

// amended is a policy with the caps of its amendments in force on a day.
func amended(p domain.Policy, versions map[domain.ClauseID][]domain.ClauseVersion, on domain.Date) domain.Policy {
	p.Clauses = slices.Clone(p.Clauses)
	for i, clause := range p.Clauses {
		if known := versions[clause.ID]; len(known) > 0 {
			p.Clauses[i].Cap.Amount = domain.VersionOn(known, on).Cap
		}
	}
	return p
}

// output is a file to write to, or standard output for none.
func (s *Settings) output(path string) (io.Writer, func() error, error) {
	if path == "" || path == "-" {
		return s.stdout, func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, nil, fmt.Errorf("making the output file: %w", err)
	}
	return f, f.Close, nil
}

type policyCheckCmd struct {
	Files []string `arg:"" name:"file" type:"existingfile" help:"Policy files. / 政策文件"`
	After string   `help:"The policy that it follows in the fund, a file or the name of a shipped one. / 它在资金中接续的政策：文件，或随附政策的名称" placeholder:"FILE"`
}

// Run says what is wrong in policy files, with line and reason; the exit status is 1 where anything is.
func (c *policyCheckCmd) Run(s *Settings) error {
	found := 0
	for _, path := range c.Files {
		faults, err := c.check(path)
		if err != nil {
			return err
		}
		for _, fault := range faults {
			fmt.Fprintln(s.stdout, fault.In(s.lang()))
		}
		if found += len(faults); len(faults) == 0 {
			fmt.Fprintf(s.stderr, s.say("%s：没有发现错误\n", "%s: nothing is wrong\n"), path)
		}
	}
	if found > 0 {
		return errRefused
	}
	return nil
}

// check is what is wrong in a file; where nothing is, why it cannot follow the policy before it.
func (c *policyCheckCmd) check(path string) (list []domain.Text, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the policy: %w", err)
	}
	defer f.Close()
	p, faults, err := policies.Check(f, path)
	if err != nil {
		return nil, usageError{err}
	}
	for _, fault := range faults {
		list = append(list, fault.Message())
	}
	if len(list) > 0 || c.After == "" {
		return list, nil
	}
	before, err := loadPolicy(c.After)
	if err != nil {
		return nil, err
	}
	state := domain.NewState()
	for _, one := range []domain.Policy{before, p} {
		command, err := publication(one, "check", "")
		if err != nil {
			return nil, err
		}
		decision, refusal := domain.Decide(state, command, one.IssuedOn)
		if refusal != nil {
			m := refusal.Message()
			return []domain.Text{{ZH: path + ": " + m.ZH, EN: path + ": " + m.EN}}, nil
		}
		decision.Take(state, "")
	}
	return nil, nil
}

type policySchemaCmd struct {
	Out string `short:"o" help:"Write here instead of to standard output. / 写入此文件，而不是标准输出" placeholder:"FILE"`
}

// Run prints the schema of policy files.
func (c *policySchemaCmd) Run(s *Settings) error {
	out, done, err := s.output(c.Out)
	if err != nil {
		return err
	}
	if _, err := out.Write(policies.Schema()); err != nil {
		return err
	}
	return done()
}

type policyDraftCmd struct {
	File     string `arg:"" type:"existingfile" help:"A .csv file with a heading in each column. / 各列都有表头的 .csv 文件"`
	Column   string `required:"" help:"The heading of the column whose values become clauses. / 其各个取值成为条款的列的表头" placeholder:"HEADING"`
	From     string `required:"" help:"The first day of the term. / 政策期间的首日" placeholder:"YYYY-MM-DD"`
	To       string `required:"" help:"The last day of the term. / 政策期间的末日" placeholder:"YYYY-MM-DD"`
	Currency string `help:"ISO 4217. / 币种（ISO 4217）" default:"CNY" placeholder:"CODE"`
	TitleZH  string `name:"title-zh" help:"Its title in Chinese. / 中文标题" default:"接收的历史数据" placeholder:"TEXT"`
	TitleEN  string `name:"title-en" help:"Its title in English. / 英文标题" default:"A history taken over" placeholder:"TEXT"`
	Out      string `short:"o" help:"Write here instead of to standard output. / 写入此文件，而不是标准输出" placeholder:"FILE"`
}

// Run drafts a policy.
func (c *policyDraftCmd) Run(s *Settings) error {
	if s.Fund == "" {
		return usageError{errors.New(s.say("请用 --fund 为新资金编号", "name the new fund with --fund"))}
	}
	from, err := date(c.From)
	if err != nil {
		return err
	}
	to, err := date(c.To)
	if err != nil {
		return err
	}
	table, err := os.Open(c.File)
	if err != nil {
		return usageError{err}
	}
	defer table.Close()
	out, closeOut, err := s.output(c.Out)
	if err != nil {
		return err
	}
	n, err := policies.Draft(out, table, policies.DraftOptions{Fund: domain.FundID(s.Fund), Title: domain.Text{ZH: c.TitleZH, EN: c.TitleEN},
		Term: domain.Term{From: from, To: to}, Currency: c.Currency, Column: c.Column})
	if err := errors.Join(err, closeOut()); err != nil {
		return usageError{err}
	}
	fmt.Fprintf(s.stderr, s.say("共 %d 个条款，均未规定上限；部门、名称与上限请补充\n", "%d clauses, no caps stated; departments, names and caps are yours to complete\n"), n)
	return nil
}
