package ledger

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/eventstore"
)

// journal is what the decider asks of the log.
type journal interface {
	// Append writes whole commands behind a position, as [eventstore.Log.Append] does.
	Append(ctx context.Context, expectedLast uint64, drafts []eventstore.Draft) (last uint64, err error)
	// Last is the position of the last event.
	Last(ctx context.Context) (uint64, error)
	// Read hands over the events from one position to another, in order.
	Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error
}

// Rehearse opens a ledger that decides as the fund's would and writes nothing, neither events nor refusals: what a
// rehearsal accepts stands in its memory only. It starts from the log's end of this moment. A fund without a stream is
// rehearsed as a new one.
func Rehearse(ctx context.Context, nc *nats.Conn, cfg Config) (*Ledger, error) {
	cfg = cfg.withDefaults()
	cfg.maxMessage = int(nc.MaxPayload())
	on := &rehearsal{}
	log, err := OpenLog(ctx, nc, cfg, true)
	switch {
	case errors.Is(err, eventstore.ErrNoStream):
		log = nil
	case err != nil:
		return nil, err
	default:
		if on.end, err = log.Last(ctx); err != nil {
			return nil, err
		}
		on.log = log
	}
	refused, err := OpenRefusals(ctx, nc, cfg, true)
	if errors.Is(err, eventstore.ErrNoStream) {
		refused, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	return start(ctx, cfg, log, on, &refusals{}, refused)
}

// rehearsal is a log that grows in thought.
type rehearsal struct {
	log *eventstore.Log // nil: there is none yet
	end uint64
}

func (r *rehearsal) Append(_ context.Context, expectedLast uint64, drafts []eventstore.Draft) (uint64, error) {
	r.end = expectedLast + uint64(len(drafts))
	return r.end, nil
}

func (r *rehearsal) Last(context.Context) (uint64, error) { return r.end, nil }

func (r *rehearsal) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	return r.log.Read(ctx, from, to, fn)
}
