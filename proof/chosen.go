package proof

import (
	"context"
	"slices"

	"github.com/fundledger/fundledger/eventstore"
)

// Chosen is a log that leaves out what does not concern a question.
type Chosen struct {
	Log  Log
	Seqs []uint64 // ascending
}

// nearby is up to how many events that do not concern a question are read to save a request.
const nearby = 64

// Read hands over the chosen events from one position to another, as [Log] promises.
func (c Chosen) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	seqs := c.Seqs
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
		err := c.Log.Read(ctx, run[0], run[n-1], func(records []eventstore.Record) error {
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
