package proof

import (
	"context"
	"errors"
	"fmt"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof says that a proof does not prove what it claims to.
var ErrProof = errors.New("the proof does not hold")

// Inclusion proves that an event lies on the log that a checkpoint is of.
type Inclusion struct {
	Seq    uint64      `json:"seq"`
	Size   uint64      `json:"tree_size"`
	Leaf   tlog.Hash   `json:"leaf_hash"`
	Hashes []tlog.Hash `json:"proof"`
}

// Consistency proves that one checkpoint's log is the beginning of another's.
type Consistency struct {
	From   uint64      `json:"from_size"`
	To     uint64      `json:"to_size"`
	Hashes []tlog.Hash `json:"proof"`
}

// ProveInclusion proves the event of a sequence in the tree of the first size events.
func ProveInclusion(ctx context.Context, h Hashes, seq, size uint64) (Inclusion, error) {
	if seq < 1 || seq > size {
		return Inclusion{}, fmt.Errorf("proving event %d in a tree of %d: there is no such event in it", seq, size)
	}
	list, err := tlog.ProveRecord(int64(size), int64(seq-1), stored{ctx, h})
	if err != nil {
		return Inclusion{}, fmt.Errorf("proving event %d in a tree of %d: %w", seq, size, err)
	}
	leaf, err := h.Leaves(ctx, int64(seq-1), int64(seq))
	if err != nil || len(leaf) != 1 {
		return Inclusion{}, fmt.Errorf("proving event %d: its leaf: %w", seq, err)
	}
	return Inclusion{Seq: seq, Size: size, Leaf: leaf[0], Hashes: list}, nil
}

// Check holds a proof against a checkpoint's root: [ErrProof] where it does not hold. Whoever has the event takes its leaf anew
// first ([eventstore.LeafHash]) and compares.
func (p Inclusion) Check(root tlog.Hash) error {
	if p.Seq < 1 {
		return fmt.Errorf("event 0: %w: positions count from 1", ErrProof)
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, p.Seq-1, p.Size, p.Leaf[:], plain(p.Hashes), root[:]); err != nil {
		return fmt.Errorf("event %d in the tree of %d: %w: %w", p.Seq, p.Size, ErrProof, err)
	}
	return nil
}

// ProveConsistency proves that the first from events are the beginning of the first to events.
func ProveConsistency(ctx context.Context, h Hashes, from, to uint64) (Consistency, error) {
	c := Consistency{From: from, To: to}
	if from > to {
		return c, fmt.Errorf("proving that a tree of %d grew to %d: it would have shrunk", from, to)
	}
	if from == 0 || from == to {
		return c, nil
	}
	list, err := tlog.ProveTree(int64(to), int64(from), stored{ctx, h})
	if err != nil {
		return c, fmt.Errorf("proving that a tree of %d grew to %d: %w", from, to, err)
	}
	c.Hashes = list
	return c, nil
}

// Check holds a proof against the roots of both trees: [ErrProof] where it does not hold.
func (c Consistency) Check(from, to tlog.Hash) error {
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, c.From, c.To, plain(c.Hashes), from[:], to[:]); err != nil {
		return fmt.Errorf("from %d events to %d: %w: %w", c.From, c.To, ErrProof, err)
	}
	return nil
}

func plain(hashes []tlog.Hash) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}
