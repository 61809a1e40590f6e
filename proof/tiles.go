package proof

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/eventstore"
)

// ErrTile says that a path names no tile that there is.
var ErrTile = errors.New("there is no such tile")

// Tile renders the tile of a path for a tree of a size, as C2SP tlog-tiles describes: "tile/0/000", "tile/1/000.p/3",
// "tile/entries/000.p/7". The same paths with the height said, as the checksum database has them ("tile/8/0/000"), are taken too.
// A whole tile never changes; immutable says so. Entry bundles are read from the log; a leaf over 65,535 bytes fits into
// none.
func Tile(ctx context.Context, h Hashes, log Log, size uint64, path string) (data []byte, immutable bool, err error) {
	path = strings.TrimPrefix(path, "/")
	t, entries, err := parseTile(path)
	if err != nil {
		return nil, false, err
	}
	level := max(t.L, 0)
	start, end := t.N<<8, t.N<<8+int64(t.W)
	if have := int64(size >> (8 * level)); level > 7 || start < 0 || end > have {
		return nil, false, fmt.Errorf("%s of a log of %d events: %w", path, size, ErrTile)
	}
	immutable = t.W == 1<<8
	if entries {
		data, err = bundleOf(ctx, log, uint64(start)+1, uint64(end))
	} else {
		data, err = tlog.ReadTileData(t, stored{ctx, h})
	}
	if err != nil {
		return nil, false, fmt.Errorf("making %s: %w", path, err)
	}
	return data, immutable, nil
}

func parseTile(path string) (t tlog.Tile, entries bool, err error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok {
		return t, false, fmt.Errorf("%q: %w", path, ErrTile)
	}
	if list, ok := strings.CutPrefix(rest, "entries/"); ok {
		rest, entries = "data/"+list, true
	}
	t, err = tlog.ParseTilePath("tile/8/" + rest)
	if err != nil {
		t, err = tlog.ParseTilePath(path)
	}
	if err != nil || t.H != 8 || !entries && t.L < 0 {
		return t, false, fmt.Errorf("%q: %w", path, ErrTile)
	}
	return t, entries, nil
}

// bundleOf is an entry bundle: each leaf behind its length, 16 bits big-endian.
func bundleOf(ctx context.Context, log Log, from, to uint64) ([]byte, error) {
	var data []byte
	err := log.Read(ctx, from, to, func(records []eventstore.Record) error {
		for _, r := range records {
			leaf := eventstore.Leaf(r)
			if len(leaf) > math.MaxUint16 {
				return fmt.Errorf("event %d is too large for an entry bundle: %w", r.Seq, ErrTile)
			}
			data = append(binary.BigEndian.AppendUint16(data, uint16(len(leaf))), leaf...)
		}
		return nil
	})
	return data, err
}
