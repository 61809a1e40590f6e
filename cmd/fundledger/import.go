package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/wire"
)

type importCmd struct {
	Files   []string `arg:"" name:"file" help:"Files of commands: .jsonl, .csv, .xlsx."`
	Policy  string   `help:"Publish this policy first when the ledger is new: a file, or a shipped policy's name." placeholder:"FILE"`
	Map     string   `help:"How the columns of a .csv or .xlsx are commands (YAML)." type:"existingfile" placeholder:"FILE"`
	Rejects string   `help:"Write each refused line here, as JSON lines." placeholder:"FILE"`
	DryRun  bool     `help:"Decide everything, book nothing."`
	Actor   string   `help:"Who imports. Left out: the user of this machine." env:"FUNDLEDGER_ACTOR" placeholder:"NAME"`
	Format  string   `help:"table or json." enum:"table,json" default:"table"`
}

// imported is what an import came to.
type imported struct {
	Lines    int    `json:"lines"`
	Accepted int    `json:"accepted"`
	Refused  int    `json:"refused"`
	Repeated int    `json:"repeated"`
	Events   int    `json:"events"`
	LastSeq  uint64 `json:"last_seq"`
	Rounded  int    `json:"rounded,omitempty"` // amounts that the mapping rounds
	DryRun   bool   `json:"dry_run,omitempty"`

	unreadable int // lines that are not what the file should hold
}

const (
	importBatch  = 1000 // commands handed to the ledger at once: an append's worth
	importFlight = 4    // batches on their way: the next ones are read and decided while one is being written
)

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
	want.rehearse = c.DryRun
	in, l, err := s.openLedger(ctx, want)
	if err != nil {
		return err
	}
	defer in.close()
	defer l.Close()
	run := importRun{cmd: c, settings: s, ledger: l}
	if err := run.prepare(ctx, publish); err != nil {
		return err
	}
	err = run.files(ctx, sources)
	if closing := run.closeRejects(); err == nil {
		err = closing
	}
	if err == nil && !c.DryRun {
		err = in.project(ctx, s, run.sum.LastSeq)
	}
	return errors.Join(err, run.report())
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

// importRun is an import under way.
type importRun struct {
	cmd      *importCmd
	settings *Settings
	ledger   *ledger.Ledger
	rejects  *bufio.Writer
	closing  io.Closer
	sum      imported
	by       domain.PersonID

	flight []flight
}

// flight is a batch on its way, with the lines that its commands stand in.
type flight struct {
	batch *ledger.Batch
	lines []intake.Line
	file  string
}

// prepare publishes the policy when the ledger is new, and opens the file of rejects.
func (r *importRun) prepare(ctx context.Context, publish *domain.PublishPolicy) error {
	r.by = domain.PersonID(r.cmd.Actor)
	if r.by == "" {
		r.by = domain.PersonID(machineUser())
	}
	r.sum.DryRun = r.cmd.DryRun
	if publish != nil {
		if err := r.publish(ctx, publish); err != nil {
			return err
		}
	}
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
func (r *importRun) publish(ctx context.Context, publish *domain.PublishPolicy) error {
	result := r.ledger.Start(ctx, []ledger.Order{{Command: publish}}).Wait(ctx)[0]
	switch {
	case result.Err != nil:
		return result.Err
	case result.Refusal != nil && result.Refusal.Code == domain.CodePolicyPublished:
		return nil
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
func (r *importRun) files(ctx context.Context, sources []*intake.Source) error {
	bar := r.settings.progress(r.settings.say("导入", "importing"))
	defer bar.done()
	for i, source := range sources {
		if err := r.file(ctx, r.cmd.Files[i], source, bar); err != nil {
			return errors.Join(err, r.land(ctx, 0))
		}
		report := source.Report()
		r.sum.Lines += report.Lines
		r.sum.Rounded += report.Rounded.Count
	}
	return r.land(ctx, 0)
}

func (r *importRun) file(ctx context.Context, path string, source *intake.Source, bar *progress) error {
	var orders []ledger.Order
	var lines []intake.Line
	send := func() error {
		if len(lines) == 0 {
			return nil
		}
		r.flight = append(r.flight, flight{batch: r.ledger.Start(ctx, orders), lines: lines, file: path})
		orders, lines = make([]ledger.Order, 0, importBatch), make([]intake.Line, 0, importBatch)
		bar.at(source.Progress())
		return r.land(ctx, importFlight)
	}
	for {
		line, err := source.Next()
		if errors.Is(err, io.EOF) {
			return send()
		}
		if err != nil {
			return errors.Join(usageError{err}, send())
		}
		lines = append(lines, line)
		if line.Command != nil {
			orders = append(orders, ledger.Order{Command: line.Command, Origin: wire.Origin{ImportedBy: r.by}})
		}
		if len(lines) >= importBatch {
			if err := send(); err != nil {
				return err
			}
		}
	}
}

// land waits until no more than some batches are on their way, and counts what became of the rest.
func (r *importRun) land(ctx context.Context, most int) error {
	for len(r.flight) > most {
		f := r.flight[0]
		r.flight = r.flight[1:]
		results := f.batch.Wait(ctx)
		for _, line := range f.lines {
			if line.Command == nil {
				if err := r.reject(f.file, line, line.Refusal); err != nil {
					return err
				}
				continue
			}
			result := results[0]
			results = results[1:]
			if err := r.count(f.file, line, result); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *importRun) count(file string, line intake.Line, result ledger.Result) error {
	switch {
	case result.Err != nil:
		return fmt.Errorf("%s:%d: %w", file, line.Number, result.Err)
	case result.Refusal != nil:
		return r.reject(file, line, result.Refusal)
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

func (r *importRun) reject(file string, line intake.Line, refusal *domain.Refusal) error {
	r.sum.Refused++
	if refusal.Code == domain.CodeCommandMalformed {
		r.sum.unreadable++
	}
	message := refusal.Message()
	switch {
	case r.sum.Refused <= maxShown:
		fmt.Fprintf(r.settings.stderr, "%s:%d: %s [%s, %s] %s\n", file, line.Number, line.ID, refusal.Code, refusal.Rule, message.In(r.settings.lang()))
	case r.sum.Refused == maxShown+1:
		fmt.Fprintln(r.settings.stderr, r.settings.say("……其余被拒的行见 --rejects 文件", "… the other refused lines are in the --rejects file"))
	}
	if r.rejects == nil {
		return nil
	}
	return intake.WriteReject(r.rejects, intake.Rejected(line, refusal))
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
		fmt.Fprintf(s.stdout, s.say("共 %d 行:记账 %d,被拒 %d,重复 %d;事件 %d,末尾序号 %d\n",
			"%d lines: %d accepted, %d refused, %d repeated; %d events, last sequence %d\n"),
			r.sum.Lines, r.sum.Accepted, r.sum.Refused, r.sum.Repeated, r.sum.Events, r.sum.LastSeq)
		if r.sum.Rounded > 0 {
			fmt.Fprintf(s.stdout, s.say("按映射舍入的金额:%d 笔\n", "amounts rounded as the mapping says: %d\n"), r.sum.Rounded)
		}
		if r.sum.DryRun {
			fmt.Fprintln(s.stdout, s.say("演练:没有记账", "dry run: nothing was booked"))
		}
	}
	switch {
	case r.sum.unreadable > 0:
		return usageError{fmt.Errorf(r.settings.say("%d 行无法读懂,未据以记账", "%d lines cannot be read; nothing was booked from them"), r.sum.unreadable)}
	case r.sum.Refused > 0:
		return errRefused
	}
	return nil
}
