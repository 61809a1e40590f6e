package archive

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/proof"
)

// maxSumLeaves bounds the lines that one sum proof shows.
const maxSumLeaves = 500_000

// sumProof proves which lines of a sum tree are those of a scope: all of them, in order, with the line before them and the line behind
// (which show that none is left out at either end, and which a reader therefore gets to see), and the nodes over all other lines.
type sumProof struct {
	Order  SumOrder  `json:"order"`
	Scope  Scope     `json:"scope"`
	First  uint64    `json:"first"`  // the place of the first line shown, from 0
	Leaves []SumLeaf `json:"leaves"` // shown
	Nodes  []sumNode `json:"nodes"`  // over the lines that are not shown, from left to right
}

// Prove proves which lines are those of a scope; that there are none is proved as well. The scope must be one whose lines stand side by
// side in this tree (sumOrderOf).
func (t *sumTree) Prove(s Scope) (sumProof, error) {
	if !t.order.leads(s) {
		return sumProof{}, fmt.Errorf("the lines of %+v do not stand side by side by %s: %w", s, t.order, ErrSums)
	}
	from := sort.Search(len(t.leaves), func(i int) bool { return t.order.within(t.leaves[i], s) >= 0 })
	to := sort.Search(len(t.leaves), func(i int) bool { return t.order.within(t.leaves[i], s) > 0 })
	if to-from > maxSumLeaves {
		return sumProof{}, fmt.Errorf("%d lines are more than one proof shows (%d): ask for a narrower scope: %w", to-from, maxSumLeaves, ErrSums)
	}
	from, to = max(from-1, 0), min(to+1, len(t.leaves))
	p := sumProof{Order: t.order, Scope: s, First: uint64(from), Leaves: slices.Clone(t.leaves[from:to])}
	return p, t.besides(&p, 0, len(t.leaves), from, to)
}

// leads reports whether the fields that a scope names are the first of the order's key.
func (o SumOrder) leads(s Scope) bool {
	named := []bool{s.Enterprise != "", s.Clause != "", s.Year != 0}
	switch o {
	case byClause:
		named = []bool{named[1], named[2], named[0]}
	case byYear:
		named = []bool{named[2], named[0], named[1]}
	case byEnterprise:
	default:
		return false
	}
	return (named[0] || !named[1]) && (named[1] || !named[2])
}

// besides adds the nodes over what is not shown of a part of the tree.
func (t *sumTree) besides(p *sumProof, lo, hi, from, to int) error {
	if lo >= from && hi <= to {
		return nil
	}
	if hi <= from || lo >= to {
		n, err := t.node(lo, hi)
		p.Nodes = append(p.Nodes, n)
		return err
	}
	mid := lo + leftPart(hi-lo)
	if err := t.besides(p, lo, mid, from, to); err != nil {
		return err
	}
	return t.besides(p, mid, hi, from, to)
}

// SumsProved is what a sum proof proves.
type SumsProved struct {
	Leaves []SumLeaf  `json:"leaves"` // every line of the scope
	Sums   SumColumns `json:"sums"`   // of them
	Others SumColumns `json:"others"` // of all other lines: together they are the root's
}

// Check holds a proof against a root: [proof.ErrProof] where it does not show that its lines are all lines of its scope and add up, with the
// others, to the root's totals.
//
// It rests on the root being that of a tree whose leaves are sorted and true. Whoever has the whole ledger makes the root again from the
// events and so checks that ([VerifyBundle]); whoever has an extract only, believes the signature on the root.
func (p sumProof) Check(root sumNode) (SumsProved, error) {
	var proved SumsProved
	if !p.Order.leads(p.Scope) || len(p.Leaves) > maxSumLeaves+2 {
		return proved, fmt.Errorf("%w: it shows %d lines by %q", proof.ErrProof, len(p.Leaves), domain.Clip(string(p.Order), 160))
	}
	n, shown := root.Columns.Lines, uint64(len(p.Leaves))
	if n > 1<<40 || p.First > n || shown > n-p.First || n > 0 && shown == 0 {
		return proved, fmt.Errorf("%w: it shows lines %d to %d of %d", proof.ErrProof, p.First, p.First+shown, n)
	}
	if _, held := root.Columns.plus(SumColumns{}); !held {
		return proved, fmt.Errorf("%w: the root's sums are beyond what can be held exactly", proof.ErrProof)
	}
	if err := p.checkOrder(n); err != nil {
		return proved, err
	}
	c := sumChecker{proof: p, nodes: p.Nodes}
	got, err := c.node(0, n)
	switch {
	case err != nil:
		return proved, err
	case len(c.nodes) > 0:
		return proved, fmt.Errorf("%w: it has %d nodes too many", proof.ErrProof, len(c.nodes))
	case got != root:
		return proved, fmt.Errorf("%w: its lines and nodes do not add up to the root", proof.ErrProof)
	}
	for _, l := range p.Leaves {
		if p.Order.within(l, p.Scope) == 0 {
			proved.Leaves = append(proved.Leaves, l)
			proved.Sums, _ = proved.Sums.plus(l.columns())
		}
	}
	proved.Others = root.Columns.less(proved.Sums)
	return proved, nil
}

// less is what is left of columns without a part of them.
func (c SumColumns) less(part SumColumns) SumColumns {
	c.Lines -= part.Lines
	c.Applications -= part.Applications
	for i := range c.Fen {
		c.Fen[i] -= part.Fen[i]
	}
	return c
}

// checkOrder checks that the lines shown are sorted, and that they begin before the scope and end behind it, or where the tree does.
func (p sumProof) checkOrder(n uint64) error {
	for i := 1; i < len(p.Leaves); i++ {
		if p.Order.compare(p.Leaves[i-1], p.Leaves[i]) >= 0 {
			return fmt.Errorf("%w: line %d is not behind the one before it", proof.ErrProof, p.First+uint64(i))
		}
	}
	if len(p.Leaves) == 0 {
		return nil
	}
	last := len(p.Leaves) - 1
	if p.First > 0 && p.Order.within(p.Leaves[0], p.Scope) >= 0 {
		return fmt.Errorf("%w: it does not show the line before the first", proof.ErrProof)
	}
	if p.First+uint64(last)+1 < n && p.Order.within(p.Leaves[last], p.Scope) <= 0 {
		return fmt.Errorf("%w: it does not show the line behind the last", proof.ErrProof)
	}
	return nil
}

// sumChecker makes the root again from a proof.
type sumChecker struct {
	proof sumProof
	nodes []sumNode // not used yet
}

var errShort = errors.New("a node is missing, or is over another number of lines")

func (c *sumChecker) node(lo, hi uint64) (sumNode, error) {
	from, to := c.proof.First, c.proof.First+uint64(len(c.proof.Leaves))
	if hi <= from || lo >= to {
		return c.next(hi - lo)
	}
	if hi-lo == 1 {
		return c.proof.Leaves[lo-from].node(c.proof.Order), nil
	}
	mid := lo + uint64(leftPart(int(hi-lo)))
	left, err := c.node(lo, mid)
	if err != nil {
		return left, err
	}
	right, err := c.node(mid, hi)
	if err != nil {
		return right, err
	}
	n, err := over(left, right)
	if err != nil {
		return n, fmt.Errorf("%w: %w", proof.ErrProof, err)
	}
	return n, nil
}

// next takes the next node, which must be over so many lines.
func (c *sumChecker) next(lines uint64) (sumNode, error) {
	if lines == 0 {
		return (&sumTree{}).node(0, 0)
	}
	if len(c.nodes) == 0 || c.nodes[0].Columns.Lines != lines {
		return sumNode{}, fmt.Errorf("%w: %w", proof.ErrProof, errShort)
	}
	n := c.nodes[0]
	c.nodes = c.nodes[1:]
	return n, nil
}
