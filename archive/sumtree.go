package archive

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// A sum tree is a Merkle tree over the lines of a ledger (enterprise × clause × year × cap subject) whose every node also holds
// the sums of what lies under it. Its root therefore states the totals of the ledger, and a proof from a range of lines up to the
// root shows that these are all lines of the range and how much the others come to.
//
// Columns. A leaf holds, in this order: the number of lines (1), the number of applications, and the sum in fen of each kind of posting of
// package projections (requested, approved, outside, paid, returned, clawback_ordered, clawback_waived, recovered_error, recovered_breach,
// interest, exception). What was received beyond what went out is no column: it counts into neither use nor net paid, and the statements
// of ledgers that know no such amount read on; nor is what was written off, for the same reason. None of them is ever below nought in a ledger that follows its rules: what lowers one (a reduction, a return, a
// revocation, a reversal) is at most what raised it. Net paid and use, which may be negative, are no columns; they follow from the columns.
// A builder refuses a negative column and a checker reads none, so that no hidden line can make up for another.
//
// Hashes. SHA-256 throughout; a number is 8 bytes, big-endian; a text is its length as a number, then its bytes.
//
//	leaf  00, order, enterprise, clause, year (a number), subject kind, subject, columns
//	node  01, length of the left hash and the left hash, left columns, the same of the right
//	empty the hash of nothing
//
// Shape. As RFC 6962 has it: of n leaves, the left part has the largest power of two below n. The number of lines is a column, so
// that the root fixes the shape. Leaves are sorted by the key of their order, and no key occurs twice.
//
// Orders. The same lines stand in three trees, so that the lines of an enterprise, of a clause or of a year, alone or together,
// stand side by side in one of them.

// SumOrder is how the leaves of a sum tree are sorted.
type SumOrder string

// The orders of sum trees.
const (
	byEnterprise SumOrder = "enterprise" // enterprise, clause, year, subject
	byClause     SumOrder = "clause"     // clause, year, enterprise, subject
	byYear       SumOrder = "year"       // year, enterprise, clause, subject
)

// sumOrders are the orders in which a ledger's lines are published.
var sumOrders = []SumOrder{byEnterprise, byClause, byYear}

const sumKinds = 11 // of postings, the first ones; another number is another format

// kindsSummed are the kinds of postings that are columns.
var kindsSummed = projections.Kinds()[:sumKinds]

// SumColumns are what a leaf or a node of a sum tree adds up. They are never negative, and at most 2^63−1.
type SumColumns struct {
	Lines        uint64           `json:"lines"`
	Applications uint64           `json:"applications"`
	Fen          [sumKinds]uint64 `json:"fen"` // by kind of posting, in hundredths
}

// ErrSums says that lines cannot be summed: one is negative or stands twice, or a sum is beyond what can be held.
var ErrSums = errors.New("the lines do not make a sum tree")

// of is the sum of a kind of posting.
func (c SumColumns) of(k projections.Kind) domain.Money { return domain.Fen(int64(c.Fen[k])) }

// plus adds up, and reports whether every sum can be held.
func (c SumColumns) plus(d SumColumns) (sum SumColumns, ok bool) {
	ok = true
	add := func(a, b uint64) uint64 {
		ok = ok && a <= math.MaxInt64 && b <= math.MaxInt64-a
		return a + b
	}
	sum.Lines, sum.Applications = add(c.Lines, d.Lines), add(c.Applications, d.Applications)
	for i := range sum.Fen {
		sum.Fen[i] = add(c.Fen[i], d.Fen[i])
	}
	return sum, ok
}

func (c SumColumns) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, c.Lines)
	b = binary.BigEndian.AppendUint64(b, c.Applications)
	for _, n := range c.Fen {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

// sumLine is a line of a ledger with its figures.
type sumLine struct {
	Line    projections.Line
	Figures projections.Figures
}

// SumLeaf is a leaf of a sum tree.
type SumLeaf struct {
	Enterprise   domain.EnterpriseID `json:"enterprise"` // none: an exception for a project or an award
	Clause       domain.ClauseID     `json:"clause"`
	Year         domain.SupportYear  `json:"support_year"` // 0: of the total
	SubjectKind  domain.SubjectKind  `json:"subject_kind"`
	Subject      string              `json:"subject"`
	Applications uint64              `json:"applications"`
	Fen          [sumKinds]uint64    `json:"fen"`
}

func leafOf(l sumLine) (SumLeaf, error) {
	leaf := SumLeaf{Enterprise: l.Line.Enterprise, Clause: l.Line.Clause, Year: l.Line.Year, SubjectKind: l.Line.Subject.Kind, Subject: l.Line.Subject.ID}
	if l.Figures.Applications < 0 {
		return leaf, fmt.Errorf("%w: %s has %d applications", ErrSums, l.Line.String(), l.Figures.Applications)
	}
	leaf.Applications = uint64(l.Figures.Applications)
	for _, k := range kindsSummed {
		amount := l.Figures.Of(k)
		if amount.Less(domain.NoMoney) {
			return leaf, fmt.Errorf("%w: %s has %s %s", ErrSums, l.Line.String(), k, amount)
		}
		leaf.Fen[k] = uint64(amount.Fen())
	}
	return leaf, nil
}

// line is the line that the leaf is of.
func (l SumLeaf) line() projections.Line {
	return projections.Line{Enterprise: l.Enterprise, Clause: l.Clause, Subject: domain.Subject{Kind: l.SubjectKind, ID: l.Subject}, Year: l.Year}
}

func (l SumLeaf) columns() SumColumns {
	return SumColumns{Lines: 1, Applications: l.Applications, Fen: l.Fen}
}

func (l SumLeaf) node(o SumOrder) sumNode {
	b := []byte{0}
	text := func(s string) { b = append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...) }
	text(string(o))
	text(string(l.Enterprise))
	text(string(l.Clause))
	b = binary.BigEndian.AppendUint64(b, uint64(l.Year))
	text(string(l.SubjectKind))
	text(l.Subject)
	columns := l.columns()
	return sumNode{Hash: sha256.Sum256(columns.append(b)), Columns: columns}
}

// compare sorts leaves as an order has them.
func (o SumOrder) compare(a, b SumLeaf) int {
	enterprise, clause, year := cmp.Compare(a.Enterprise, b.Enterprise), cmp.Compare(a.Clause, b.Clause), cmp.Compare(a.Year, b.Year)
	subject := cmp.Or(cmp.Compare(a.SubjectKind, b.SubjectKind), cmp.Compare(a.Subject, b.Subject))
	switch o {
	case byClause:
		return cmp.Or(clause, year, enterprise, subject)
	case byYear:
		return cmp.Or(year, enterprise, clause, subject)
	}
	return cmp.Or(enterprise, clause, year, subject)
}

// within says where a leaf stands to a scope: before it, in it or behind it. The scope's fields lead the order's key.
func (o SumOrder) within(l SumLeaf, s Scope) int {
	of := func(named bool, c int) int {
		if !named {
			return 0
		}
		return c
	}
	enterprise := of(s.Enterprise != "", cmp.Compare(l.Enterprise, s.Enterprise))
	clause := of(s.Clause != "", cmp.Compare(l.Clause, s.Clause))
	year := of(s.Year != 0, cmp.Compare(l.Year, s.Year))
	switch o {
	case byClause:
		return cmp.Or(clause, year, enterprise)
	case byYear:
		return cmp.Or(year, enterprise, clause)
	}
	return cmp.Or(enterprise, clause, year)
}

// sumOrderOf is the order in which the lines of a scope stand side by side.
func sumOrderOf(s Scope) SumOrder {
	switch {
	case s.Clause != "" && s.Enterprise == "":
		return byClause
	case s.Year != 0 && s.Clause == "":
		return byYear
	}
	return byEnterprise
}

// sumNode is a node of a sum tree, or its root: the hash of what lies under it, and its sums.
type sumNode struct {
	Hash    tlog.Hash  `json:"hash"`
	Columns SumColumns `json:"columns"`
}

// over is the node over two.
func over(left, right sumNode) (sumNode, error) {
	sum, ok := left.Columns.plus(right.Columns)
	if !ok {
		return sumNode{}, fmt.Errorf("%w: a sum is beyond what can be held exactly", ErrSums)
	}
	b := make([]byte, 1, 1+2*(8+tlog.HashSize+8*(2+sumKinds)))
	b[0] = 1
	for _, n := range []sumNode{left, right} {
		b = append(binary.BigEndian.AppendUint64(b, tlog.HashSize), n.Hash[:]...)
		b = n.Columns.append(b)
	}
	return sumNode{Hash: sha256.Sum256(b), Columns: sum}, nil
}

// sumTree is a sum tree in memory.
type sumTree struct {
	order  SumOrder
	leaves []SumLeaf
	root   sumNode
}

// buildSums makes the sum tree of lines, given in any order. A negative figure, a line that stands twice and a sum that
// cannot be held are [ErrSums].
func buildSums(o SumOrder, lines []sumLine) (*sumTree, error) {
	if !slices.Contains(sumOrders, o) {
		return nil, fmt.Errorf("%w: %q is no order of lines", ErrSums, domain.Clip(string(o), 160))
	}
	t := &sumTree{order: o, leaves: make([]SumLeaf, len(lines))}
	for i, l := range lines {
		var err error
		if t.leaves[i], err = leafOf(l); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(t.leaves, o.compare)
	for i := range t.leaves[min(1, len(t.leaves)):] {
		if o.compare(t.leaves[i], t.leaves[i+1]) == 0 {
			return nil, fmt.Errorf("%w: %s stands twice", ErrSums, t.leaves[i].line().String())
		}
	}
	var err error
	t.root, err = t.node(0, len(t.leaves))
	return t, err
}

// Root is the tree's root: the totals of all lines, and the hash that they are proved by.
func (t *sumTree) Root() sumNode { return t.root }

// node is the node over the leaves from one to before another.
func (t *sumTree) node(from, to int) (sumNode, error) {
	switch to - from {
	case 0:
		return sumNode{Hash: sha256.Sum256(nil)}, nil
	case 1:
		return t.leaves[from].node(t.order), nil
	}
	mid := from + leftPart(to-from)
	left, err := t.node(from, mid)
	if err != nil {
		return left, err
	}
	right, err := t.node(mid, to)
	if err != nil {
		return right, err
	}
	return over(left, right)
}

// leftPart is the largest power of two below n, which is at least 2.
func leftPart(n int) int { return 1 << (bits.Len(uint(n-1)) - 1) }
