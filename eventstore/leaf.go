package eventstore

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// leafFormat names the leaf's encoding, inside the leaf: another encoding can never yield the same bytes.
const leafFormat = "fundledger-leaf-1"

// Leaf is what the Merkle tree holds of a record: everything that says what happened, in one unambiguous form. Every part
// stands behind its length in bytes as a 32-bit big-endian number, so that no two records have one leaf:
//
//	"fundledger-leaf-1"
//	the sequence, 8 bytes big-endian
//	the subject
//	the time of recording, 8 bytes big-endian: nanoseconds since 1970 UTC
//	the number of ce- header values, 4 bytes big-endian; then each header's name and value, sorted by name,
//	    several values of one name in their order
//	the data
//
// Headers of other names (JetStream's own, such as the expected position) say how the record was written, not what
// happened, and stay outside.
func Leaf(r Record) []byte {
	var l LeafHasher
	return l.leaf(nil, r)
}

// LeafHash is the RFC 6962 hash of a record's leaf.
func LeafHash(r Record) tlog.Hash {
	var l LeafHasher
	return l.Hash(r)
}

// LeafHasher takes the leaf hashes of many records without making anything anew for each. It is one goroutine's at a time.
type LeafHasher struct {
	text  []byte
	names []string
}

// Hash is [LeafHash].
func (l *LeafHasher) Hash(r Record) tlog.Hash {
	l.text = l.leaf(append(l.text[:0], 0), r) // RFC 6962 tells a leaf from a node by the byte before it
	return sha256.Sum256(l.text)
}

// leaf appends the leaf of a record.
func (l *LeafHasher) leaf(b []byte, r Record) []byte {
	l.names = l.names[:0]
	values := 0
	for name := range r.Header {
		if strings.HasPrefix(name, "ce-") {
			l.names = append(l.names, name)
			values += len(r.Header[name])
		}
	}
	slices.Sort(l.names)
	b = prefixed(b, leafFormat)
	b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(b, 8), r.Seq)
	b = prefixed(b, r.Subject)
	b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(b, 8), uint64(r.Time.UnixNano()))
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, 4), uint32(values))
	for _, name := range l.names {
		for _, value := range r.Header[name] {
			b = prefixed(prefixed(b, name), value)
		}
	}
	return append(binary.BigEndian.AppendUint32(b, uint32(len(r.Data))), r.Data...)
}

func prefixed(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// NodeLevel is the lowest level whose nodes are kept beside the leaves: a node below it is made of at most 128 leaf hashes
// when it is asked for, and one in 128 nodes is all that there is to keep. It is the height of a tlog tile.
const NodeLevel = 8

// Node is the hash of a whole subtree: of 2^Level leaves, the Index-th of its kind from 0.
type Node struct {
	Level int
	Index int64
	Hash  tlog.Hash
}

// Frontier is the right edge of a growing RFC 6962 tree: all that is needed to append to it and to know its root.
// The zero Frontier is the empty tree.
type Frontier struct {
	size  int64
	edges []tlog.Hash // of the whole subtrees, largest first: one for each 1 bit of size
}

// FrontierOf takes up a tree of a size: node gives the hash of a whole subtree.
func FrontierOf(size int64, node func(level int, index int64) (tlog.Hash, error)) (Frontier, error) {
	f := Frontier{size: size}
	for level := bits.Len64(uint64(size)) - 1; level >= 0; level-- {
		if size>>level&1 == 0 {
			continue
		}
		h, err := node(level, size>>level-1)
		if err != nil {
			return Frontier{}, err
		}
		f.edges = append(f.edges, h)
	}
	return f, nil
}

// Size is the number of leaves.
func (f *Frontier) Size() int64 { return f.size }

// Append adds a leaf, and returns the nodes from NodeLevel up that it completes, lowest first.
func (f *Frontier) Append(leaf tlog.Hash) []Node {
	var completed []Node
	hash := leaf
	for level := 0; f.size>>level&1 == 1; level++ {
		hash = tlog.NodeHash(f.edges[len(f.edges)-1], hash)
		f.edges = f.edges[:len(f.edges)-1]
		if level+1 >= NodeLevel {
			completed = append(completed, Node{Level: level + 1, Index: f.size >> (level + 1), Hash: hash})
		}
	}
	f.edges = append(f.edges, hash)
	f.size++
	return completed
}

// Edges are the hashes of the whole subtrees that the tree consists of, largest first: one for each 1 bit of its size.
func (f *Frontier) Edges() []tlog.Hash { return slices.Clone(f.edges) }

// Root is the tree's root; of the empty tree, the hash of nothing.
func (f *Frontier) Root() tlog.Hash {
	if f.size == 0 {
		root, _ := tlog.TreeHash(0, nil) // of an empty tree nothing is read, so nothing can fail
		return root
	}
	root := f.edges[len(f.edges)-1]
	for i := len(f.edges) - 2; i >= 0; i-- {
		root = tlog.NodeHash(f.edges[i], root)
	}
	return root
}

// Clone is a copy that grows by itself.
func (f *Frontier) Clone() Frontier { return Frontier{size: f.size, edges: slices.Clone(f.edges)} }
