package proof

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/eventstore"
)

// LeafHasher takes the leaf hashes of records. It writes the leaf as [eventstore.Leaf] describes it, in code of its own: who
// checks shares no code with who builds. It keeps its buffers, for a verification takes a million of them.
type LeafHasher struct {
	text  []byte
	known [64]headerNames // by the number of headers: most records of a log have one of two sets of them
}

// headerNames are the names of a record's headers.
type headerNames struct {
	ours   []string // beginning with ce-, sorted
	others []string
}

// of reports whether a record's headers, as many as there are names, are of just these names.
func (n *headerNames) of(r eventstore.Record) bool {
	if len(n.ours)+len(n.others) != len(r.Header) {
		return false
	}
	for _, list := range [][]string{n.ours, n.others} {
		for _, name := range list {
			if _, ok := r.Header[name]; !ok {
				return false
			}
		}
	}
	return true
}

func (n *headerNames) learn(r eventstore.Record) {
	n.ours, n.others = n.ours[:0], n.others[:0]
	for name := range r.Header {
		if strings.HasPrefix(name, "ce-") {
			n.ours = append(n.ours, name)
		} else {
			n.others = append(n.others, name)
		}
	}
	slices.Sort(n.ours)
}

// Hash is the hash of the leaf that a record is.
func (l *LeafHasher) Hash(r eventstore.Record) tlog.Hash {
	names := &l.known[len(r.Header)%len(l.known)]
	if !names.of(r) {
		names.learn(r)
	}
	values := 0
	for _, name := range names.ours {
		values += len(r.Header[name])
	}
	l.text = append(l.text[:0], 0) // a leaf, as RFC 6962 tells it from a node
	l.part("fundledger-leaf-1")
	l.number(8, r.Seq)
	l.part(r.Subject)
	l.number(8, uint64(r.Time.UnixNano()))
	l.length(4)
	l.length(values)
	for _, name := range names.ours {
		for _, value := range r.Header[name] {
			l.part(name)
			l.part(value)
		}
	}
	l.length(len(r.Data))
	l.text = append(l.text, r.Data...)
	return sha256.Sum256(l.text)
}

func (l *LeafHasher) length(n int) { l.text = binary.BigEndian.AppendUint32(l.text, uint32(n)) }

func (l *LeafHasher) number(bytes int, n uint64) {
	l.length(bytes)
	l.text = binary.BigEndian.AppendUint64(l.text, n)
}

func (l *LeafHasher) part(s string) {
	l.length(len(s))
	l.text = append(l.text, s...)
}
