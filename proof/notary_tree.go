package proof

import (
	"context"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/eventstore"
)

// Kept is a tree that is kept somewhere, and grows.
type Kept struct {
	Hashes  Hashes
	Size    func() uint64                                // how many leaves there are
	WaitFor func(ctx context.Context, size uint64) error // until there are so many
}

// growing is a tree in memory that is read while it grows.
type growing struct {
	mu   sync.RWMutex
	tree Tree
	grew chan struct{} // closed when it grows
}

func newGrowing() *growing { return &growing{grew: make(chan struct{})} }

func (g *growing) append(records []eventstore.Record) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range records {
		g.tree.Append(eventstore.LeafHash(r))
	}
	close(g.grew)
	g.grew = make(chan struct{})
}

func (g *growing) size() uint64 {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return uint64(g.tree.Size())
}

func (g *growing) waitFor(ctx context.Context, size uint64) error {
	for {
		g.mu.RLock()
		grew, have := g.grew, uint64(g.tree.Size())
		g.mu.RUnlock()
		if have >= size {
			return nil
		}
		select {
		case <-grew:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Leaves is as [Hashes] promises.
func (g *growing) Leaves(ctx context.Context, from, to int64) ([]tlog.Hash, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.tree.Leaves(ctx, from, to)
}

// Node is as [Hashes] promises.
func (g *growing) Node(ctx context.Context, level int, index int64) (tlog.Hash, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.tree.Node(ctx, level, index)
}

func (g *growing) kept() Kept { return Kept{Hashes: g, Size: g.size, WaitFor: g.waitFor} }
