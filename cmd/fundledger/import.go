package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/ledger"
)

type importCmd struct {
	Files   []string `arg:"" name:"file" help:"Files of commands: .jsonl, .csv, .xlsx. / 指令文件：.jsonl、.csv、.xlsx"`
	Policy  string   `help:"Publish this policy first when the ledger is new: a file, or a shipped policy's name. / 新台账先发布此政策：文件，或随附政策的名称" placeholder:"FILE"`
	Map     string   `help:"How the columns of a .csv or .xlsx are commands (YAML). / 映射文件（YAML）：.csv 或 .xlsx 的各列如何成为指令" type:"existingfile" placeholder:"FILE"`
	Rejects string   `help:"Write each refused line here, as JSON lines. / 被拒的行逐行写入此文件（JSON）" placeholder:"FILE"`
	DryRun  bool     `help:"Decide everything, book nothing. / 全部裁决一遍，但不入账"`
	Retry   bool     `help:"Ask again what an import was refused before. / 先前导入被拒的也再次提交" name:"retry-refused"`
	Actor   string   `help:"Who imports. Left out: the user of this machine. / 导入人；缺省为本机用户" env:"FUNDLEDGER_ACTOR" placeholder:"NAME"`
	Format  string   `help:"table or json. / table（表格）或 json" enum:"table,json" default:"table"`
}

// imported is what an import came to.
type imported struct {
	Lines    int    `json:"lines"`
	Accepted int    `json:"accepted"`
	Refused  int    `json:"refused"`
	Repeated int    `json:"repeated"`
	Before   int    `json:"refused_before,omitempty"` // by an earlier import, and not asked again
	Events   int    `json:"events"`
	LastSeq  uint64 `json:"last_seq"`
	Rounded  int    `json:"rounded,omitempty"`  // amounts that the mapping rounds
	LeftOut  int    `json:"left_out,omitempty"` // rows of totals, notes and repeated headings, and those without a command
	Skipped  int    `json:"skipped,omitempty"`  // rows that the mapping leaves out
	Computed int    `json:"computed,omitempty"` // cells that were read as the results of formulas
	Cleaned  int    `json:"cleaned,omitempty"`  // texts from which invisible characters were taken
	DryRun   bool   `json:"dry_run,omitempty"`

	unreadable int // lines that are not what the file should hold
}

// Run imports files.
func (c *importCmd) Run(ctx context.Context, s *Settings) error {
	var mapping *intake.Mapping
	if c.Map != "" {
		var err error
		if mapping, err = intake.MappingFile(c.Map); err != nil {
			return usageError{err}
		}
	}
	want := purpose{create: true}
	var publish *domain.PublishPolicy
	if c.Policy != "" {
		p, err := loadPolicy(c.Policy)
		if err != nil {
			return err
		}
		want.fund = p.Fund
		if publish, err = publication(p, c.Actor, ""); err != nil {
			return err
		}
	}
	sources, err := c.openFiles(mapping)
	if err != nil {
		return err
	}
	defer closeAll(sources)
	run := importRun{cmd: c, settings: s, sum: imported{DryRun: c.DryRun}}
	if s.Server != "" {
		remote, err := s.remote()
		if err != nil {
			return err
		}
		return run.all(ctx, &remoteImport{run: &run, service: remote}, publish, sources)
	}
	want.rehearse = c.DryRun
	in, l, err := s.openLedger(ctx, want)
	if err != nil {
		return err
	}
	defer in.close()
	defer l.Close()
	by := c.Actor
	if by == "" {
		by = machineUser()
	}
	users, err := in.accounts(ctx, s, commandLine())
	if err != nil {
		return err
	}
	return run.all(ctx, &localImport{run: &run, ledger: l, in: in, users: users.Users, by: domain.PersonID(by)}, publish, sources)
}

func (c *importCmd) openFiles(mapping *intake.Mapping) ([]*intake.Source, error) {
	sources := make([]*intake.Source, 0, len(c.Files))
	for _, path := range c.Files {
		source, err := intake.Open(path, intake.Options{Map: mapping})
		if err != nil {
			closeAll(sources)
			return nil, usageError{err}
		}
		sources = append(sources, source)
	}
	return sources, nil
}

func closeAll(sources []*intake.Source) {
	for _, source := range sources {
		_ = source.Close() // opened for reading only
	}
}

// importRun is an import under way: what became of its lines is counted and told here, wherever they are decided.
type importRun struct {
	cmd      *importCmd
	settings *Settings
	rejects  *bufio.Writer
	closing  io.Closer
	sum      imported
}

// decider is who decides the lines of an import.
type decider interface {
	// publish puts a policy in force.
	publish(ctx context.Context, policy *domain.PublishPolicy) (ledger.Result, error)
	// begin is called before the first file.
	begin(ctx context.Context) error
	// file gives a file's commands in their order, and tells the run what became of each line.
	file(ctx context.Context, path string, source *intake.Source, bar *progress) error
	// end is called when all are decided: it brings what people ask up to there.
	end(ctx context.Context) error
}

// all imports the files, closes the rejects and prints the sums.
func (r *importRun) all(ctx context.Context, d decider, publish *domain.PublishPolicy, sources []*intake.Source) error {
	if publish != nil {
		if err := r.publish(ctx, d, publish); err != nil {
			return err
		}
	}
	if err := r.openRejects(); err != nil {
		return err
	}
	err := r.files(ctx, d, sources)
	if closing := r.closeRejects(); err == nil {
		err = closing
	}
	if err == nil && !r.cmd.DryRun {
		err = d.end(ctx)
	}
	if told := r.report(); err == nil {
		err = told // what broke the import off is not hushed by the lines that were refused before
	}
	return err
}

func (r *importRun) openRejects() error {
	if r.cmd.Rejects == "" {
		return nil
	}
	out, closing, err := r.settings.output(r.cmd.Rejects)
	if err != nil {
		return err
	}
	r.rejects, r.closing = bufio.NewWriter(out), closerFunc(closing)
	return nil
}

type closerFunc func() error

func (f closerFunc) Close() error { return f() }

// publish puts the policy in force in a new ledger; in one that has a policy, nothing is published.
func (r *importRun) publish(ctx context.Context, d decider, publish *domain.PublishPolicy) error {
	result, err := d.publish(ctx, publish)
	switch {
	case err != nil:
		return err
	case result.Refusal != nil && slices.Contains([]string{domain.CodePolicyPublished, domain.CodeCommandConflict}, result.Refusal.Code):
		return nil // in conflict it is with the same policy, whose hash is in the id, given by somebody else or on another day
	case result.Refusal != nil:
		return r.settings.printRefusal(publish, result.Refusal)
	}
	if !result.Outcome.Repeated {
		r.sum.Events++
		r.sum.LastSeq = result.Outcome.LastSeq
	}
	return nil
}

// files imports one file after another.
func (r *importRun) files(ctx context.Context, d decider, sources []*intake.Source) error {
	bar := r.settings.progress(r.settings.say("导入", "importing"))
	defer bar.done()
	if err := d.begin(ctx); err != nil {
		return err
	}
	for i, source := range sources {
		if err := d.file(ctx, r.cmd.Files[i], source, bar); err != nil {
			return err
		}
		report := source.Report()
		r.sum.Lines += report.Lines
		r.sum.Rounded += report.Rounded.Count
		r.sum.LeftOut += report.Left
		r.sum.Skipped += report.Skipped
		r.sum.Computed += report.Results
		r.sum.Cleaned += report.Cleaned
		r.settings.tellNotes(r.cmd.Files[i], report)
	}
	return nil
}

// tellNotes tells how a file was read, where there is something to know.
func (s *Settings) tellNotes(file string, report intake.Report) {
	for _, note := range report.Notes() {
		fmt.Fprintf(s.stderr, "%s: %s\n", file, note.In(s.lang()))
	}
}

// decided counts a line of which the ledger has decided.
func (r *importRun) decided(file string, line intake.Line, result ledger.Result) error {
	switch {
	case result.Err != nil:
		return fmt.Errorf("%s:%d: %w", file, line.Number, result.Err)
	case result.Refusal != nil:
		return r.reject(file, line, result)
	case result.Outcome.Repeated:
		r.sum.Repeated++
	default:
		r.sum.Accepted++
		r.sum.Events += int(result.Outcome.LastSeq-result.Outcome.FirstSeq) + 1
	}
	r.sum.LastSeq = max(r.sum.LastSeq, result.Outcome.LastSeq)
	return nil
}

// maxShown is how many refused lines are shown; all of them are in the rejects file.
const maxShown = 20

// unread rejects a line that holds no command.
func (r *importRun) unread(file string, line intake.Line) error {
	return r.reject(file, line, ledger.Result{Refusal: line.Refusal})
}

func (r *importRun) reject(file string, line intake.Line, result ledger.Result) error {
	refusal, before := result.Refusal, ""
	if result.Before {
		r.sum.Before++
		before = r.settings.say("此前已被拒：", "refused before: ")
	} else {
		r.sum.Refused++
	}
	if refusal.Code == domain.CodeCommandMalformed {
		r.sum.unreadable++
	}
	reject := intake.Rejected(line, refusal)
	message := reject.Message
	switch told := r.sum.Refused + r.sum.Before; {
	case told <= maxShown:
		fmt.Fprintf(r.settings.stderr, "%s:%d: %s [%s, %s] %s%s\n", file, line.Number, line.ID, refusal.Code, refusal.Rule, before, message.In(r.settings.lang()))
	case told == maxShown+1:
		fmt.Fprintln(r.settings.stderr, r.settings.say("……其余被拒的行见 --rejects 文件", "… the other refused lines are in the --rejects file"))
	}
	if r.rejects == nil {
		return nil
	}
	return intake.WriteReject(r.rejects, reject)
}

func (r *importRun) closeRejects() error {
	if r.rejects == nil {
		return nil
	}
	if err := errors.Join(r.rejects.Flush(), r.closing.Close()); err != nil {
		return fmt.Errorf("writing the rejects: %w", err)
	}
	return nil
}

// report prints the sums, and is the error that gives the exit status.
func (r *importRun) report() error {
	if r.cmd.Format == "json" {
		if err := json.NewEncoder(r.settings.stdout).Encode(r.sum); err != nil {
			return err
		}
	} else {
		s := r.settings
		fmt.Fprintf(s.stdout, s.say("共 %d 行：记账 %d，被拒 %d，重复 %d；事件 %d，末尾序号 %d\n",
			"%d lines: %d accepted, %d refused, %d repeated; %d events, last sequence %d\n"),
			r.sum.Lines, r.sum.Accepted, r.sum.Refused, r.sum.Repeated, r.sum.Events, r.sum.LastSeq)
		if r.sum.Before > 0 {
			fmt.Fprintf(s.stdout, s.say("此前导入时已被拒、未再提交：%d 行（--retry-refused 可再次提交）\n",
				"refused by an earlier import and not asked again: %d lines (--retry-refused asks them again)\n"), r.sum.Before)
		}
		if r.sum.Rounded > 0 {
			fmt.Fprintf(s.stdout, s.say("按映射舍入的金额：%d 笔\n", "amounts rounded as the mapping says: %d\n"), r.sum.Rounded)
		}
		if r.sum.DryRun {
			fmt.Fprintln(s.stdout, s.say("演练：没有记账", "dry run: nothing was booked"))
		}
	}
	switch {
	case r.sum.unreadable > 0:
		return usageError{fmt.Errorf(r.settings.say("%d 行无法读懂，未据以记账", "%d lines cannot be read; nothing was booked from them"), r.sum.unreadable)}
	case r.sum.Refused+r.sum.Before > 0:
		return errRefused
	}
	return nil
}
