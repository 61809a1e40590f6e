package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
)

// hashCheck holds the kept tree against the log's leaves: every leaf, every whole node.
type hashCheck struct {
	hashes   proof.Hashes
	frontier eventstore.Frontier
	nodes    []eventstore.Node // completed by the row
	next     int64
	row      []tlog.Hash
	ended    bool // the kept tree is shorter
	findings []Finding
}

func (c *hashCheck) take(ctx context.Context, leaf tlog.Hash) error {
	c.row = append(c.row, leaf)
	c.nodes = append(c.nodes, c.frontier.Append(leaf)...)
	if len(c.row) < 256 {
		return nil
	}
	return c.compare(ctx)
}

func (c *hashCheck) compare(ctx context.Context) error {
	if c.ended || len(c.row) == 0 {
		return nil
	}
	kept, err := c.hashes.Leaves(ctx, c.next, c.next+int64(len(c.row)))
	if errors.Is(err, eventstore.ErrNotFound) {
		if err := c.compareSingly(ctx); err != nil || c.ended {
			return err
		}
		c.next += int64(len(c.row))
		c.row = c.row[:0]
		return c.compareNodes(ctx)
	}
	if err != nil {
		return fmt.Errorf("reading the kept tree from leaf %d: %w", c.next, err)
	}
	for i, leaf := range c.row {
		seq := uint64(c.next) + uint64(i) + 1
		if i >= len(kept) || kept[i] != leaf {
			c.differs(seq)
		}
	}
	c.next += int64(len(c.row))
	c.row = c.row[:0]
	return c.compareNodes(ctx)
}

// compareSingly compares a row of which some leaf is missing, leaf by leaf: one that was taken out hides nothing behind it. Where
// none follows, the kept tree ends.
func (c *hashCheck) compareSingly(ctx context.Context) error {
	var missing []uint64
	for i, leaf := range c.row {
		seq := uint64(c.next) + uint64(i) + 1
		kept, err := c.hashes.Leaves(ctx, int64(seq)-1, int64(seq))
		switch {
		case errors.Is(err, eventstore.ErrNotFound):
			missing = append(missing, seq)
		case err != nil:
			return fmt.Errorf("reading the kept leaf of event %d: %w", seq, err)
		case len(kept) != 1 || kept[0] != leaf:
			c.differs(seq)
		}
	}
	whole := uint64(c.next) + uint64(len(c.row))
	_, err := c.hashes.Leaves(ctx, int64(whole), int64(whole)+1)
	if err != nil && !errors.Is(err, eventstore.ErrNotFound) {
		return fmt.Errorf("reading the kept leaf of event %d: %w", whole+1, err)
	}
	end, goesOn := whole, err == nil
	for !goesOn && len(missing) > 0 && missing[len(missing)-1] == end {
		missing, end = missing[:len(missing)-1], end-1
	}
	for _, seq := range missing {
		c.differs(seq)
	}
	if end < whole {
		c.ended = true
		c.findings = append(c.findings, found(codeTreeShort, "kept tree", nil, "size", number(end)))
	}
	return nil
}

func (c *hashCheck) differs(seq uint64) {
	if len(c.findings) < MaxFindings {
		c.findings = append(c.findings, found(codeTreeLeaf, event(seq)+" leaf", []uint64{seq}, "seq", number(seq)))
	}
}

func (c *hashCheck) compareNodes(ctx context.Context) error {
	for _, n := range c.nodes {
		kept, err := c.hashes.Node(ctx, n.Level, n.Index)
		if err != nil && !errors.Is(err, eventstore.ErrNotFound) {
			return fmt.Errorf("reading node %d of level %d: %w", n.Index, n.Level, err)
		}
		if (err != nil || kept != n.Hash) && len(c.findings) < MaxFindings {
			size := uint64(n.Index+1) << n.Level
			c.findings = append(c.findings, found(codeTreeNode, fmt.Sprintf("node %d of level %d", n.Index, n.Level), nil, "size", number(size)))
		}
	}
	c.nodes = c.nodes[:0]
	return nil
}

func (c *hashCheck) finish(ctx context.Context, root tlog.Hash) ([]Finding, error) {
	if err := c.compare(ctx); err != nil {
		return nil, err
	}
	if c.ended {
		return c.findings, nil
	}
	kept, err := proof.RootAt(ctx, c.hashes, uint64(c.next))
	if err != nil && !errors.Is(err, eventstore.ErrNotFound) {
		return nil, err
	}
	if err != nil || kept != root {
		c.findings = append(c.findings, found(codeTreeNode, "kept tree", nil, "size", number(uint64(c.next))))
	}
	return c.findings, nil
}
