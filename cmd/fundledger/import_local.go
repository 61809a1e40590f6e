package main

import (
	"context"
	"errors"
	"io"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/wire"
)

const (
	importBatch  = 1000 // commands handed to the ledger at once: an append's worth
	importFlight = 4    // batches on their way: the next ones are read and decided while one is being written
)

// localImport decides an import's lines on the ledger of this process.
type localImport struct {
	run    *importRun
	ledger *ledger.Ledger
	in     *infrastructure
	users  *accounts.Users
	by     domain.PersonID

	refused uint64 // refusals that were kept when the import began
	flight  []flight
}

// flight is a batch on its way, with the lines that its commands stand in.
type flight struct {
	batch *ledger.Batch // of those lines that could be read
	lines []intake.Line
	file  string
}

func (i *localImport) publish(ctx context.Context, policy *domain.PublishPolicy) (ledger.Result, error) {
	result := i.ledger.Start(ctx, []ledger.Order{{Command: policy}}).Wait(ctx)[0]
	return result, result.Err
}

func (i *localImport) begin(ctx context.Context) (err error) {
	i.refused, err = i.ledger.RefusedSoFar(ctx)
	return err
}

// order is the order for a line's command: what an import was refused before is asked again where that is wanted only.
func (i *localImport) order(line intake.Line) ledger.Order {
	o := ledger.Order{Command: line.Command, Formerly: line.Formerly, Origin: wire.Origin{ImportedBy: i.by}}
	if len(i.users.List()) > 0 { // else the ledger is kept on the command line alone, and nobody is known
		o.If = i.users.KnownActor(line.Command)
	}
	if !line.Again && !i.run.cmd.Retry {
		o.RefusedUpTo = i.refused
	}
	return o
}

func (i *localImport) end(ctx context.Context) error {
	return i.in.project(ctx, i.run.settings, i.run.sum.LastSeq)
}

func (i *localImport) file(ctx context.Context, path string, source *intake.Source, bar *progress) error {
	return errors.Join(i.give(ctx, path, source, bar), i.land(ctx, 0))
}

func (i *localImport) give(ctx context.Context, path string, source *intake.Source, bar *progress) error {
	var orders []ledger.Order
	var lines []intake.Line
	send := func() error {
		if len(lines) == 0 {
			return nil
		}
		i.flight = append(i.flight, flight{batch: i.ledger.Start(ctx, orders), lines: lines, file: path})
		orders, lines = make([]ledger.Order, 0, importBatch), make([]intake.Line, 0, importBatch)
		bar.at(source.Progress())
		return i.land(ctx, importFlight)
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
			orders = append(orders, i.order(line))
		}
		if len(lines) >= importBatch {
			if err := send(); err != nil {
				return err
			}
		}
	}
}

// land waits until no more than some batches are on their way, and counts what became of the rest.
func (i *localImport) land(ctx context.Context, most int) error {
	for len(i.flight) > most {
		f := i.flight[0]
		i.flight = i.flight[1:]
		results := f.batch.Wait(ctx)
		for _, line := range f.lines {
			if line.Command == nil {
				if err := i.run.unread(f.file, line); err != nil {
					return err
				}
				continue
			}
			result := results[0]
			results = results[1:]
			if err := i.run.decided(f.file, line, result); err != nil {
				return err
			}
		}
	}
	return nil
}
