package proof

import (
	"context"

	"github.com/fundledger/fundledger/eventstore"
)

// Log is where the records of a fund lie, in their order: the live log, a bundle, or a list in memory.
type Log interface {
	// Read hands over the events from one position to another, both included, in order and in batches; a to of 0 means up
	// to the end. What fn gets stays as it is.
	Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error
}
