package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/web/client"
)

// remoteImport has an import's lines decided by the service that --server names; its token is an admin's.
type remoteImport struct {
	run     *importRun
	service *client.Client
}

func (i *remoteImport) publish(ctx context.Context, policy *domain.PublishPolicy) (ledger.Result, error) {
	if i.run.cmd.DryRun {
		return ledger.Result{}, usageError{errors.New(i.run.settings.say("--server 的演练不能先发布政策：请先去掉 --policy", "a dry run on a server cannot publish a policy first: leave out --policy"))}
	}
	outcome, err := i.service.Do(ctx, policy)
	var refusal *domain.Refusal
	if errors.As(err, &refusal) {
		return ledger.Result{Refusal: refusal}, nil
	}
	return ledger.Result{Outcome: outcome}, err
}

// begin has nothing to do: the service looks up what was refused before.
func (i *remoteImport) begin(context.Context) error { return nil }

// end has nothing to do: the service projects for itself.
func (i *remoteImport) end(context.Context) error { return nil }

// file streams a file's commands. What is cut off on the way has no answer: the same file given again books nothing twice.
func (i *remoteImport) file(ctx context.Context, path string, source *intake.Source, bar *progress) error {
	f := &remoteFile{run: i.run, path: path}
	first, end := source.Next()
	var former domain.CommandID // of the line that goes
	commands := func(yield func(domain.Command) bool) {
		for line, err := first, end; ; line, err = source.Next() {
			if err != nil {
				f.broken = err
				return
			}
			bar.at(source.Progress())
			former = line.Formerly
			if goes, err := f.read(line); err != nil || goes && !yield(line.Command) {
				f.broken = err
				return
			}
		}
	}
	how := client.Batched{Actors: client.Lines, DryRun: i.run.cmd.DryRun, RetryRefused: i.run.cmd.Retry || first.Again,
		Formerly: func(domain.Command) domain.CommandID { return former }}
	var failed error
	for answer, err := range i.service.Batch(ctx, commands, how) {
		if err == nil {
			err = f.answered(answer.Result(i.run.settings.lang()))
		} else {
			err = i.broken(path, err)
		}
		if err != nil {
			failed = err
			break
		}
	}
	if failed != nil {
		i.run.sum.Lines += source.Report().Lines // read so far; nobody reads on
		return failed
	}
	return f.end()
}

// broken is why a file's answers end before their time. What the service said no to is as it says; of anything else it is not
// known what was booked.
func (i *remoteImport) broken(path string, err error) error {
	var no *client.Problem
	if errors.As(err, &no) {
		return fmt.Errorf("%s: %w", path, err)
	}
	return fmt.Errorf(i.run.settings.say("%s：与服务的连接中断；请再导入一次，不会重复记账：%w", "%s: the connection to the service broke off; import again, nothing is booked twice: %w"), path, err)
}

// remoteFile is a file under way: the lines that were read and of which nothing is told yet. How many these are is bounded by
// what the service and the connection take in ahead of an answer.
type remoteFile struct {
	run    *importRun
	path   string
	broken error // why there were no more lines: io.EOF is the file's end

	mu      sync.Mutex
	waiting []intake.Line
}

// read notes a line, and says whether its command goes to the service. One that cannot be read is rejected in its place.
func (f *remoteFile) read(line intake.Line) (goes bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if line.Command == nil && len(f.waiting) == 0 {
		return false, f.run.unread(f.path, line)
	}
	f.waiting = append(f.waiting, line)
	return line.Command != nil, nil
}

// answered counts the oldest line that waits, and rejects those behind it that could not be read.
func (f *remoteFile) answered(result ledger.Result) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.waiting) == 0 {
		return fmt.Errorf("%s: the service answered more commands than it was given: ask it for its version", f.path)
	}
	err := f.run.decided(f.path, f.waiting[0], result)
	for f.waiting = f.waiting[1:]; err == nil && len(f.waiting) > 0 && f.waiting[0].Command == nil; f.waiting = f.waiting[1:] {
		err = f.run.unread(f.path, f.waiting[0])
	}
	return err
}

// end says whether all lines were read and answered. The reader has ended.
func (f *remoteFile) end() error {
	switch {
	case len(f.waiting) > 0:
		return fmt.Errorf(f.run.settings.say("%s:%d：服务没有回答这一行及其后的行；请再导入一次，不会重复记账",
			"%s:%d: the service answered neither this line nor those after it: import again, nothing is booked twice"), f.path, f.waiting[0].Number)
	case f.broken != nil && !errors.Is(f.broken, io.EOF):
		return usageError{f.broken}
	}
	return nil
}
