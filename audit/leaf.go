package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/eventstore"
)

// leafHasher takes the leaf hashes of records. It writes the leaf as [eventstore.Leaf] describes it, in code of its own: who
// checks shares no code with who builds. It keeps its buffers, for a verification takes a million of them.
type leafHasher struct {
	text  []byte
	names []string
}

func (l *leafHasher) hash(r eventstore.Record) tlog.Hash {
	l.names = l.names[:0]
	values := 0
	for name, list := range r.Header {
		if strings.HasPrefix(name, "ce-") {
			l.names = append(l.names, name)
			values += len(list)
		}
	}
	slices.Sort(l.names)
	l.text = append(l.text[:0], 0) // a leaf, as RFC 6962 tells it from a node
	l.part("fundledger-leaf-1")
	l.number(8, r.Seq)
	l.part(r.Subject)
	l.number(8, uint64(r.Time.UnixNano()))
	l.length(4)
	l.length(values)
	for _, name := range l.names {
		for _, value := range r.Header[name] {
			l.part(name)
			l.part(value)
		}
	}
	l.length(len(r.Data))
	l.text = append(l.text, r.Data...)
	return sha256.Sum256(l.text)
}

func (l *leafHasher) length(n int) { l.text = binary.BigEndian.AppendUint32(l.text, uint32(n)) }

func (l *leafHasher) number(bytes int, n uint64) {
	l.length(bytes)
	l.text = binary.BigEndian.AppendUint64(l.text, n)
}

func (l *leafHasher) part(s string) {
	l.length(len(s))
	l.text = append(l.text, s...)
}
