package web_test

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"

	formats "github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/web"
)

// tileClient reads tiles over HTTP for a public library, which checks what it gets against a root.
type tileClient struct {
	h     *house
	token string
	asked int
}

func (c *tileClient) Height() int { return 8 }

func (c *tileClient) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, tile := range tiles {
		c.asked++
		path := "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1) // as C2SP spells it
		a := c.h.ask("GET", path, c.token, "")
		if a.status != http.StatusOK {
			return nil, fmt.Errorf("%s: %d", path, a.status)
		}
		out[i] = a.body
	}
	return out, nil
}

func (c *tileClient) SaveTiles([]tlog.Tile, [][]byte) {}

func TestAPublicLibraryReadsTheLogByItsTiles(t *testing.T) {
	h := open(t, proving(t), func(c *web.Config) { c.OpenTiles = true })
	h.play()
	h.prove()
	// What a stranger sees: the checkpoint, verified with the key they were given, and the tree of hashes.
	verifier := must(note.NewVerifier(h.web.Proof().Verifiers[0]))(t)
	text := h.ask("GET", "/checkpoint", "", "").want(t, http.StatusOK).body
	checkpoint, _, _, err := formats.ParseCheckpoint(text, proof.Origin(fund), verifier)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(checkpoint.Size)
	client := &tileClient{h: h}
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: tlog.Hash(checkpoint.Hash)}, client)
	proof := must(tlog.ProveRecord(size, size/3, reader))(t)
	if len(proof) == 0 || client.asked == 0 {
		t.Error("nothing was proved")
	}
	h.ask("GET", "/tile/entries/000", "", "").want(t, http.StatusUnauthorized)
	// Who is signed in reads the events too: each is the leaf that the tree holds.
	token := h.token("au", "auditor")
	records := int64(0)
	for n := int64(0); n*256 < size; n++ {
		path := fmt.Sprintf("/tile/entries/%03d", n)
		if width := size - n*256; width < 256 {
			path += fmt.Sprintf(".p/%d", width)
		}
		for data := h.ask("GET", path, token, "").want(t, http.StatusOK).body; len(data) > 0; records++ {
			length := int(binary.BigEndian.Uint16(data))
			leaf := tlog.RecordHash(data[2 : 2+length])
			data = data[2+length:]
			if kept := must(reader.ReadHashes([]int64{tlog.StoredHashIndex(0, records)}))(t); kept[0] != leaf {
				t.Fatalf("event %d is not the leaf of the tree", records+1)
			}
		}
	}
	if records != size {
		t.Errorf("%d events of %d", records, size)
	}
	last := must(h.ledger.Log().Get(t.Context(), uint64(size)))(t)
	if kept := must(reader.ReadHashes([]int64{tlog.StoredHashIndex(0, size-1)}))(t); kept[0] != eventstore.LeafHash(last) {
		t.Error("the last event is not the last leaf")
	}
}

func TestTilesAndCheckpointNeedASignInUnlessTheyAreOpen(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	token := h.token("au", "auditor")
	for _, path := range []string{"/checkpoint", "/tile/0/000", "/tile/entries/000", "/v1/checkpoint", "/v1/verification"} {
		h.ask("GET", path, "", "").want(t, http.StatusUnauthorized)
		h.ask("GET", path, token, "").want(t, http.StatusOK)
	}
	if kept := h.ask("GET", "/tile/0/000", token, "").header.Get("Cache-Control"); !strings.Contains(kept, "immutable") {
		t.Errorf("a whole tile never changes, and its Cache-Control is %q", kept)
	}
	for _, path := range []string{"/tile/", "/tile/0", "/tile/0/0", "/tile/0/999", "/tile/0/000.p/0", "/tile/0/000.p/257", "/tile/9/000", "/tile/-1/000", "/tile/8/data/000",
		"/tile/data/000", "/tile/entries/x999/999", "/tile/entries/999", "/tile/0/000?x=1", "/tile/0/%2e%2e/000", "/tile/entries", "/tile/0/x" + strings.Repeat("9", 150), "/tile/64/000", "/tile/7/000"} {
		if a := h.ask("GET", path, token, ""); a.status != http.StatusNotFound && a.status != http.StatusMovedPermanently && a.status != http.StatusTemporaryRedirect {
			t.Errorf("%s: status %d: %.100s", path, a.status, a.body)
		}
	}
}
