package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/wire"
)

func digits(n uint64) string { return strconv.FormatUint(n, 10) }

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
	return proof.Chosen{Log: p.Log, Seqs: seqs}, nil
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
