package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/wire"
)

func digits(n uint64) string { return strconv.FormatUint(n, 10) }

// chosen is a log that leaves out what does not concern a question.
type chosen struct {
	log  proof.Log
	seqs []uint64 // ascending
}

// nearby is up to how many events that do not concern a question are read to save a request.
const nearby = 64

// Read hands over the chosen events from one position to another, as [audit.Log] promises.
func (c chosen) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	seqs := c.seqs
	at, _ := slices.BinarySearch(seqs, from)
	seqs = seqs[at:]
	if to != 0 {
		end, found := slices.BinarySearch(seqs, to)
		if found {
			end++
		}
		seqs = seqs[:end]
	}
	for len(seqs) > 0 {
		n := 1
		for n < len(seqs) && n < 1000 && seqs[n]-seqs[n-1] <= nearby {
			n++
		}
		run := seqs[:n]
		seqs = seqs[n:]
		err := c.log.Read(ctx, run[0], run[n-1], func(records []eventstore.Record) error {
			kept := make([]eventstore.Record, 0, len(records))
			for _, r := range records {
				if _, wanted := slices.BinarySearch(run, r.Seq); wanted {
					kept = append(kept, r)
				}
			}
			return fn(kept)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// concernedFor is the longest that may be looked for what bears on a question.
const concernedFor = 15 * time.Second

// concerned is the log without what does not concern a question; the whole log where too much does, or nobody knows.
func (p *Proof) concerned(ctx context.Context, ask projections.Concern) (proof.Log, error) {
	if p.Concerned == nil {
		return p.Log, nil
	}
	ask.Limit, ask.MostLines = maxConcerned, maxLines
	asking, cancel := context.WithTimeout(ctx, concernedFor)
	defer cancel()
	seqs, err := p.Concerned(asking, ask)
	if errors.Is(err, projections.ErrTooMany) {
		return p.Log, nil
	}
	if err != nil {
		return nil, err
	}
	return chosen{p.Log, seqs}, nil
}

// concernedBy is the log without what does not concern the decision in an event.
func (p *Proof) concernedBy(ctx context.Context, seq uint64) (proof.Log, error) {
	var entry wire.Entry
	err := p.Log.Read(ctx, seq, seq, func(records []eventstore.Record) (err error) {
		entry, err = wire.Decode(records[0])
		return err
	})
	if errors.Is(err, eventstore.ErrNotFound) {
		return nil, projections.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	of, has := replay.ReceiptOf(entry.Event)
	if !has {
		return nil, problem(http.StatusNotFound, "no_receipt", "seq", seq)
	}
	ask := projections.Concern{Upto: seq, Application: of.Application, Budget: of.BudgetYear}
	account := of.Charge.Account()
	ask.Lines = &projections.Lines{Clause: account.Clause, SubjectKind: account.Subject.Kind, Subject: account.Subject.ID}
	return p.concerned(ctx, ask)
}
