package eventstore

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
)

func leafSample() Record {
	return Record{Seq: 7, Time: time.Date(2025, 3, 1, 2, 3, 4, 5, time.UTC), Subject: "fund.f.application.A-1.payout_made",
		Header: nats.Header{"ce-id": {"c#0"}, "ce-type": {"fundledger.payout_made"}, "Nats-Expected-Last-Sequence": {"6"}},
		Data:   []byte(`{"payout":"支付"}`)}
}

// The leaf's bytes are a format that others implement: this vector was written out by hand from Leaf's comment.
func TestLeafGoldenVector(t *testing.T) {
	want := strings.Join([]string{
		"00000011", hex.EncodeToString([]byte("fundledger-leaf-1")),
		"00000008", "0000000000000007",
		"00000022", hex.EncodeToString([]byte("fund.f.application.A-1.payout_made")),
		"00000008", "18288b73763e7005",
		"00000004", "00000002",
		"00000005", hex.EncodeToString([]byte("ce-id")), "00000003", hex.EncodeToString([]byte("c#0")),
		"00000007", hex.EncodeToString([]byte("ce-type")), "00000016", hex.EncodeToString([]byte("fundledger.payout_made")),
		"00000013", hex.EncodeToString([]byte(`{"payout":"支付"}`)),
	}, "")
	if got := hex.EncodeToString(Leaf(leafSample())); got != want {
		t.Errorf("leaf\n got %s\nwant %s", got, want)
	}
}

func TestLeafChangesWithEveryPart(t *testing.T) {
	changes := map[string]func(*Record){
		"sequence":          func(r *Record) { r.Seq++ },
		"time":              func(r *Record) { r.Time = r.Time.Add(1) },
		"subject":           func(r *Record) { r.Subject += "x" },
		"data":              func(r *Record) { r.Data = append(r.Data, ' ') },
		"header value":      func(r *Record) { r.Header["ce-id"] = []string{"c#1"} },
		"header name":       func(r *Record) { r.Header["ce-ie"] = r.Header["ce-id"]; delete(r.Header, "ce-id") },
		"header added":      func(r *Record) { r.Header["ce-actor"] = []string{"a"} },
		"header split":      func(r *Record) { r.Header["ce-id"] = []string{"c", "#0"} },
		"subject into data": func(r *Record) { r.Subject, r.Data = r.Subject[:9], append([]byte(r.Subject[9:]), r.Data...) },
		"value into another": func(r *Record) {
			r.Header["ce-id"], r.Header["ce-type"] = []string{"c#0fund"}, []string{"ledger.payout_made"}
		},
	}
	base := LeafHash(leafSample())
	for name, change := range changes {
		r := leafSample()
		change(&r)
		if LeafHash(r) == base {
			t.Errorf("another %s gives the same leaf", name)
		}
	}
	r := leafSample()
	r.Header["Nats-Expected-Last-Sequence"] = []string{"99"}
	if LeafHash(r) != base {
		t.Error("a header of JetStream's own changes the leaf")
	}
}

// Three ways to one root: the frontier, tlog's stored hashes, and the other library's compact range.
func TestFrontierAgreesWithTwoLibraries(t *testing.T) {
	var f Frontier
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = stored[x]
		}
		return out, nil
	})
	other := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	nodes := map[[2]int64]tlog.Hash{}
	for n := range int64(1500) {
		leaf := tlog.RecordHash([]byte{byte(n), byte(n >> 8)})
		hashes, err := tlog.StoredHashesForRecordHash(n, leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
		if err := other.Append(leaf[:], nil); err != nil {
			t.Fatal(err)
		}
		for _, node := range f.Append(leaf) {
			nodes[[2]int64{int64(node.Level), node.Index}] = node.Hash
		}
		want, err := tlog.TreeHash(n+1, reader)
		if err != nil {
			t.Fatal(err)
		}
		root, err := other.GetRootHash(nil)
		if err != nil {
			t.Fatal(err)
		}
		if f.Root() != want || tlog.Hash(root) != want {
			t.Fatalf("at %d leaves the roots differ: frontier %v, tlog %v, compact %x", n+1, f.Root(), want, root)
		}
		again, err := FrontierOf(n+1, func(level int, index int64) (tlog.Hash, error) {
			return stored[tlog.StoredHashIndex(level, index)], nil
		})
		if err != nil || again.Root() != want {
			t.Fatalf("at %d leaves a frontier taken up anew has another root (%v)", n+1, err)
		}
	}
	for key, hash := range nodes {
		if stored[tlog.StoredHashIndex(int(key[0]), key[1])] != hash {
			t.Errorf("node %v differs", key)
		}
	}
	if len(nodes) != 5+2+1 {
		t.Errorf("%d nodes were completed from level %d up, want 8 of 1,500 leaves", len(nodes), NodeLevel)
	}
	var empty Frontier
	if want, _ := tlog.TreeHash(0, nil); empty.Root() != want {
		t.Error("the empty tree's root is not the hash of nothing")
	}
}
