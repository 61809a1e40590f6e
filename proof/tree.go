package proof

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/eventstore"
)

// Hashes is where a tree's hashes are kept: its leaves, and its whole nodes from [eventstore.NodeLevel] up.
type Hashes interface {
	// Leaves gives the hashes of the leaves from one index on up to another, that one excluded; the first leaf has index 0
	// and is the event of sequence 1. It never asks for more than 256 at once.
	Leaves(ctx context.Context, from, to int64) ([]tlog.Hash, error)
	// Node gives the hash of a whole subtree of 2^level leaves, the index-th of its kind from 0. It asks for no level
	// below [eventstore.NodeLevel].
	Node(ctx context.Context, level int, index int64) (tlog.Hash, error)
}

// Tree is a tree in memory: 32 bytes an event.
type Tree struct {
	frontier eventstore.Frontier
	leaves   []tlog.Hash
	nodes    [][]tlog.Hash // from NodeLevel up
}

// Append adds the leaf of the next event.
func (t *Tree) Append(leaf tlog.Hash) {
	t.leaves = append(t.leaves, leaf)
	for _, n := range t.frontier.Append(leaf) {
		row := n.Level - eventstore.NodeLevel
		if row == len(t.nodes) {
			t.nodes = append(t.nodes, nil)
		}
		t.nodes[row] = append(t.nodes[row], n.Hash)
	}
}

// Size is the number of leaves.
func (t *Tree) Size() int64 { return t.frontier.Size() }

// Root is the tree's root.
func (t *Tree) Root() tlog.Hash { return t.frontier.Root() }

// Leaves is as [Hashes] promises.
func (t *Tree) Leaves(_ context.Context, from, to int64) ([]tlog.Hash, error) {
	if from < 0 || to < from || to > int64(len(t.leaves)) {
		return nil, fmt.Errorf("reading leaves %d to %d of %d: %w", from, to, len(t.leaves), eventstore.ErrNotFound)
	}
	return slices.Clone(t.leaves[from:to]), nil
}

// Node is as [Hashes] promises.
func (t *Tree) Node(_ context.Context, level int, index int64) (tlog.Hash, error) {
	row := level - eventstore.NodeLevel
	if row < 0 || row >= len(t.nodes) || index < 0 || index >= int64(len(t.nodes[row])) {
		return tlog.Hash{}, fmt.Errorf("reading node %d of level %d: %w", index, level, eventstore.ErrNotFound)
	}
	return t.nodes[row][index], nil
}

// TreeOf makes the tree of a log, by reading all of it.
func TreeOf(ctx context.Context, log Log) (*Tree, error) {
	t := &Tree{}
	err := log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			t.Append(eventstore.LeafHash(r))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("making the tree of the log: %w", err)
	}
	return t, nil
}

// TreeToSign is the tree of a log of which each message is an event. Else it is a [wire.Unreadable]: what lies behind that is not signed.
func TreeToSign(ctx context.Context, log Log) (*Tree, error) {
	err := log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		_, err := readable(records)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading what is to be signed: %w", err)
	}
	return TreeOf(ctx, log)
}

// stored reads any node of a tree; what lies below NodeLevel is made of the leaves.
type stored struct {
	ctx    context.Context
	hashes Hashes
}

// ReadHashes is as tlog.HashReader promises.
func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		var err error
		if out[i], err = s.node(level, n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s stored) node(level int, n int64) (tlog.Hash, error) {
	if level >= eventstore.NodeLevel {
		return s.hashes.Node(s.ctx, level, n)
	}
	row, err := s.hashes.Leaves(s.ctx, n<<level, (n+1)<<level)
	if err != nil {
		return tlog.Hash{}, err
	}
	if len(row) != 1<<level {
		return tlog.Hash{}, fmt.Errorf("%d leaves where %d were asked for: %w", len(row), 1<<level, eventstore.ErrNotFound)
	}
	for ; len(row) > 1; row = row[:len(row)/2] {
		for i := range len(row) / 2 {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
	}
	return row[0], nil
}

// RootAt is the root of the tree's first size leaves.
func RootAt(ctx context.Context, h Hashes, size uint64) (tlog.Hash, error) {
	root, err := tlog.TreeHash(int64(size), stored{ctx, h})
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("taking the root of %d events: %w", size, err)
	}
	return root, nil
}
