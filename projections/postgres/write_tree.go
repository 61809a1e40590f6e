package postgres

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/eventstore"
)

var copyTreeNodesSQL = statement("copy_tree_nodes")

// hashed are records with the hashes of their leaves. They are taken as the records arrive, while those before are folded.
type hashed struct {
	records []eventstore.Record
	leaves  []tlog.Hash
}

func hash(records []eventstore.Record) hashed {
	h := hashed{records: records, leaves: make([]tlog.Hash, len(records))}
	var hasher eventstore.LeafHasher
	for i, r := range records {
		h.leaves[i] = hasher.Hash(r)
	}
	return h
}

// growth is what a batch adds to the tree: its leaves, the whole subtrees that they complete, and the frontier after it.
type growth struct {
	leaves   []tlog.Hash
	nodes    []eventstore.Node
	frontier string
}

// grower grows the tree by one batch after the other, ahead of what is written.
type grower struct {
	frontier eventstore.Frontier
	next     growth
}

// tree takes up the tree where the tables end.
func (c Checkpoint) tree() (grower, error) {
	rest := c.frontier
	frontier, err := eventstore.FrontierOf(int64(c.Seq), func(int, int64) (tlog.Hash, error) {
		if len(rest) < tlog.HashSize {
			return tlog.Hash{}, fmt.Errorf("taking up the tree at position %d: its frontier is too short: %w", c.Seq, ErrInconsistent)
		}
		edge := tlog.Hash([]byte(rest[:tlog.HashSize]))
		rest = rest[tlog.HashSize:]
		return edge, nil
	})
	if err == nil && rest != "" {
		err = fmt.Errorf("taking up the tree at position %d: its frontier is too long: %w", c.Seq, ErrInconsistent)
	}
	return grower{frontier: frontier}, err
}

func (g *grower) append(leaf tlog.Hash) {
	g.next.leaves = append(g.next.leaves, leaf)
	g.next.nodes = append(g.next.nodes, g.frontier.Append(leaf)...)
}

// grown is what was appended since it was last asked.
func (g *grower) grown() growth {
	done := g.next
	var edges strings.Builder
	for _, edge := range g.frontier.Edges() {
		edges.Write(edge[:])
	}
	done.frontier = edges.String()
	g.next = growth{}
	return done
}

func (g *growth) effects() []effect {
	out := newRows(copyTreeNodesSQL)
	for _, n := range g.nodes {
		out.next()
		out.int16(n.Level)
		out.int64(n.Index)
		out.bytes(n.Hash[:])
	}
	return []effect{out}
}
