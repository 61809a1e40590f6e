package eventstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/nats-io/nats-server/v2/server/archive"
)

// Whatever an archive's bytes are, it is read whole, with no gap, or refused as no archive.
func FuzzReadArchive(f *testing.F) {
	for n := range 3 {
		var text bytes.Buffer
		out := archive.NewWriter(&text)
		state, err := json.Marshal(archivedState{Messages: uint64(n), First: 1, Last: uint64(n)})
		check(f, err)
		check(f, writeEntry(out, &archive.Header{Name: archiveState, PayloadSize: int64(len(state))}, state))
		header := []byte("NATS/1.0\r\nce-id: a\r\n\r\n")
		for i := range n {
			check(f, writeEntry(out, &archive.Header{Name: "fund.test.a.b.c", Sequence: uint64(i + 1), Timestamp: 1, HeaderSize: int64(len(header)), PayloadSize: 2}, append(bytes.Clone(header), "{}"...)))
		}
		check(f, writeEntry(out, &archive.Header{}, nil))
		f.Add(text.Bytes())
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var seen uint64
		last, err := ReadArchive(bytes.NewReader(text), func(r Record) error {
			if seen++; r.Seq != seen {
				t.Errorf("message %d came at place %d", r.Seq, seen)
			}
			return nil
		})
		if err != nil && !errors.Is(err, ErrArchive) || err == nil && last != seen {
			t.Errorf("%d messages of %d: %v", seen, last, err)
		}
	})
}
