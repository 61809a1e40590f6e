package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Retirement is the beginning of a stream of refusals that is to be taken away: what was recorded before a moment.
type Retirement struct {
	Log    *eventstore.Log
	First  uint64
	Last   uint64         // 0: there is nothing
	Begin  wire.Link      // of all before the first
	Before []wire.Retired // what was retired earlier
}

// RetireBefore finds what a retirement takes. One that was recorded and not finished is finished first. It writes nothing else.
// It needs a server's user that may update streams.
func RetireBefore(ctx context.Context, nc *nats.Conn, cfg Config, moment time.Time) (*Retirement, error) {
	log, err := OpenRefusals(ctx, nc, cfg.withDefaults(), false)
	if err != nil {
		return nil, err
	}
	if err := log.MayCut(ctx); err != nil { // who may not is told so before anything is written
		return nil, err
	}
	r := &Retirement{Log: log}
	if r.Before, err = Retired(ctx, log, cfg.Fund); err != nil {
		return nil, err
	}
	var last uint64
	if r.First, last, err = log.Ends(ctx); err != nil {
		return nil, err
	}
	if n := len(r.Before); n > 0 {
		done := r.Before[n-1]
		if done.Last >= r.First {
			if err := log.CutBefore(ctx, done.Last+1); err != nil {
				return nil, err
			}
			r.First = done.Last + 1
		}
		r.Begin = done.End
	}
	if last < r.First {
		return r, nil
	}
	return r, log.Scan(ctx, r.First, last, nil, func(records []eventstore.Record) error {
		for _, record := range records {
			if !record.Time.Before(moment) {
				return nil
			}
			r.Last = record.Seq
		}
		return nil
	})
}

// Retired are the beginnings of a stream of refusals that were taken away so far.
func Retired(ctx context.Context, log *eventstore.Log, fund domain.FundID) (all []wire.Retired, err error) {
	notes := []string{wire.RefusedPrefix(fund) + domain.CodeRefusalsRetired + ".>"}
	err = log.Scan(ctx, 1, 0, notes, func(records []eventstore.Record) error {
		for _, record := range records {
			if k, err := readRefusal(record); err == nil && len(k.Retired) > 0 {
				all = k.Retired
			}
		}
		return nil
	})
	return all, err
}

// Retire notes on the stream what a file holds, under the chain of all refusals, and takes the refusals away.
func (r *Retirement) Retire(ctx context.Context, nc *nats.Conn, cfg Config, done wire.Retired) error {
	cfg = cfg.withDefaults()
	cfg.maxMessage = int(nc.MaxPayload())
	writer, _, err := openRefusals(ctx, nc, cfg)
	if err != nil {
		return err
	}
	before, err := Retired(ctx, writer.log, cfg.Fund)
	if err != nil {
		return err
	}
	same := func(a, b wire.Retired) bool { return a.Last == b.Last && a.SHA256 == b.SHA256 } // a moment read twice may be of two zones
	if !slices.EqualFunc(before, r.Before, same) {
		return errors.New("noting what is retired: another retirement was recorded meanwhile, and nothing was taken away: remove the file, and retire again")
	}
	refusal := *domain.NewRefusal(domain.CodeRefusalsRetired, "from", done.First, "until", done.Last, "name", done.File, "hash", done.SHA256)
	now := cfg.Now()
	told := fmt.Errorf("it was not written")
	note := toKeep{told: func(err error) { told = err }, note: &wire.Refused{At: now.UTC(), Refusal: refusal, Message: refusal.Message(),
		Command: fmt.Appendf(nil, `{"date":%q}`, domain.DateIn(now, cfg.Place)), Retired: append(r.Before[:len(r.Before):len(r.Before)], done)}}
	if writer.keep([]toKeep{note}); told != nil {
		return fmt.Errorf("noting what is retired: %w", told)
	}
	return writer.log.CutBefore(ctx, done.Last+1)
}
