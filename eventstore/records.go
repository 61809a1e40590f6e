package eventstore

import (
	"context"
	"fmt"
)

// Records is a log in memory: the record of sequence n is the n-1st.
type Records []Record

// Read hands over records in batches, as [Log.Read] promises.
func (l Records) Read(ctx context.Context, from, to uint64, fn func([]Record) error) error {
	if to == 0 {
		to = uint64(len(l))
	}
	if from < 1 || to > uint64(len(l)) {
		return fmt.Errorf("reading events %d to %d of %d: %w", from, to, len(l), ErrNotFound)
	}
	const batch = 2000
	for from <= to {
		if err := ctx.Err(); err != nil {
			return err
		}
		end := min(to, from+batch-1)
		if err := fn(l[from-1 : end : end]); err != nil {
			return err
		}
		from = end + 1
	}
	return nil
}
