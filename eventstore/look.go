package eventstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/highwayhash"
)

// Damaged says that the files of a stream are not what the server wrote. It is found before a server opens them, because a server
// that does cuts away everything behind the first record that it cannot read.
type Damaged struct {
	Stream string
	File   string   // of the folder; empty: none that is there
	Later  []string // files of blocks behind it that hold a record that cannot be read, too
	Offset int64    // in the file, where what is damaged begins
	Kind   Damage
	After  uint64 // the last event before the damage
	Behind int    // whole records behind it, which a server would cut away
	Known  uint64 // how far the log is known to have gone; 0: unknown
}

// Damage is what is wrong.
type Damage string

// What may be wrong with a stream's files.
const (
	DamageRecord  Damage = "record"  // a record's checksum does not hold, or its length: something was written over it
	DamageMissing Damage = "missing" // events are gone between two that are there
	DamageCut     Damage = "cut"     // the end is gone: the server knew of more events
)

// Error says what is damaged and from where.
func (d *Damaged) Error() string {
	switch where := fmt.Sprintf("byte %d of %s", d.Offset, d.File); d.Kind {
	case DamageRecord:
		return fmt.Sprintf("the stream %s is damaged at %s: it is whole up to sequence %d, the record behind that is not, and %d whole records follow",
			d.Stream, where, d.After, d.Behind)
	case DamageMissing:
		return fmt.Sprintf("the stream %s is damaged: sequence %d, which belongs at %s, is gone", d.Stream, d.After+1, where)
	default:
		return fmt.Sprintf("the stream %s is damaged: it ends at sequence %d, and was known to go to %d", d.Stream, d.After, d.Known)
	}
}

// A record, as the server's file store writes it: length (4 bytes, the highest bit: it has headers), sequence (8, the two highest bits:
// what takes a message away), time (8), length of the subject (2), subject, headers with their length (4) before them, data, and the
// checksum (8) of all but the lengths.
const (
	recordHead  = 22
	recordSum   = 8
	recordMost  = 32 << 20
	headersBit  = 1 << 31
	eraseBits   = 3 << 62
	farAway     = 1 << 20 // sequences between two records that follow each other are fewer
	blockSuffix = ".blk"

	settingsFile = "meta.inf"
	settingsSum  = "meta.sum"
)

// record is one record of a block.
type record struct {
	length int
	seq    uint64
	takes  bool // it takes a message away
}

// Look reads the files of every stream in a server's folder and lists what is damaged, the first damage of each stream. It changes nothing;
// no server may run on the folder. An end that was being written when the power failed is no damage: nothing that is incomplete there was
// ever acknowledged. Neither are index and state files, which a server makes again of the blocks. acted is how far each stream is known to
// have gone by others than its own files: what has been signed, for one.
func Look(dir string, acted map[string]uint64) ([]*Damaged, error) {
	streams, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*"))
	if err != nil {
		return nil, err
	}
	var found []*Damaged
	for _, stream := range streams {
		d, err := lookAt(stream, acted[filepath.Base(stream)])
		if err != nil {
			return nil, fmt.Errorf("looking at the files of stream %s: %w", filepath.Base(stream), err)
		}
		if d != nil {
			found = append(found, d)
		}
	}
	return found, nil
}

// Unsettled are the folders of streams whose files of settings are not whole: a server passes such a stream over, as if there were none.
// Where these files are taken away and the stream is created again, the server takes in the messages that lie there.
func Unsettled(dir string) ([]string, error) {
	streams, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*"))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(streams, func(stream string) bool {
		settings, err := os.ReadFile(filepath.Join(stream, settingsFile))
		if err != nil {
			return false
		}
		kept, err := os.ReadFile(filepath.Join(stream, settingsSum))
		sum := checksum(filepath.Base(stream))
		sum.Write(settings)
		return err == nil && hex.EncodeToString(sum.Sum(nil)) == string(kept)
	}), nil
}

// TakeSettings takes the files of settings of a stream's folder away, under other names.
func TakeSettings(stream string) error {
	for _, name := range []string{settingsFile, settingsSum} {
		path := filepath.Join(stream, name)
		if err := os.Rename(path, path+".damaged"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("taking damaged settings away: %w", err)
		}
	}
	return nil
}

func lookAt(stream string, acted uint64) (*Damaged, error) {
	name := filepath.Base(stream)
	blocks, err := blocksOf(filepath.Join(stream, "msgs"))
	if err != nil {
		return nil, err
	}
	known, taken := stateOf(stream)
	known = max(known, acted)
	d := &Damaged{Stream: name, Known: known}
	for i, index := range blocks {
		file := filepath.Join(stream, "msgs", strconv.Itoa(index)+blockSuffix)
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		d.File = file
		sum := checksum(fmt.Sprintf("%s-%d", name, index))
		for at := 0; at < len(text); {
			d.Offset = int64(at)
			r, ok := recordAt(text[at:], sum)
			if !ok {
				d.Kind, d.Behind = DamageRecord, wholeRecords(text[at+1:], sum, d.After)
				if i == len(blocks)-1 && d.Behind == 0 && d.After >= known && torn(text[at:], sum) {
					return nil, nil
				}
				for _, later := range blocks[i+1:] {
					file := filepath.Join(stream, "msgs", strconv.Itoa(later)+blockSuffix)
					text, err := os.ReadFile(file)
					if err != nil {
						return nil, err
					}
					sum := checksum(fmt.Sprintf("%s-%d", name, later))
					d.Behind += wholeRecords(text, sum, d.After)
					if !readable(text, sum) {
						d.Later = append(d.Later, file)
					}
				}
				return d, nil
			}
			at += r.length
			switch {
			case r.takes:
				taken = true // from then on a gap may be meant
			case r.seq > d.After+1 && !taken:
				d.Kind = DamageMissing
				return d, nil
			}
			if !r.takes {
				d.After = max(d.After, r.seq)
			}
		}
	}
	if d.After < known && !taken {
		d.Kind, d.Offset = DamageCut, 0
		return d, nil
	}
	return nil, nil
}

// blocksOf are the numbers of the blocks in a folder, in their order.
func blocksOf(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []int
	for _, e := range entries {
		number, isBlock := strings.CutSuffix(e.Name(), blockSuffix)
		if index, err := strconv.Atoi(number); isBlock && err == nil {
			list = append(list, index)
		}
	}
	slices.Sort(list)
	return list, nil
}

// checksum is how the records of a block are summed: the server keys it with the block's name.
func checksum(name string) hash.Hash64 {
	key := sha256.Sum256([]byte(name))
	sum, err := highwayhash.New64(key[:])
	if err != nil { // of a key that has not 32 bytes
		panic(err)
	}
	return sum
}

// recordAt reads the record that text begins with; ok is false where there is no whole one whose checksum holds.
func recordAt(text []byte, sum hash.Hash64) (r record, ok bool) {
	if len(text) < recordHead+recordSum {
		return r, false
	}
	length := binary.LittleEndian.Uint32(text)
	r.length = int(length &^ headersBit)
	if r.length < recordHead+recordSum || r.length > recordMost || r.length > len(text) {
		return r, false
	}
	seq := binary.LittleEndian.Uint64(text[4:])
	r.seq, r.takes = seq&^eraseBits, seq&eraseBits != 0
	return r, sums(text[:r.length], length&headersBit != 0, sum)
}

// sums tells whether a record's checksum holds.
func sums(text []byte, headers bool, sum hash.Hash64) bool {
	subject := int(binary.LittleEndian.Uint16(text[20:]))
	body, end := recordHead+subject, len(text)-recordSum
	if headers {
		body += 4
	}
	if body > end {
		return false
	}
	sum.Reset()
	sum.Write(text[4:20])
	sum.Write(text[recordHead : recordHead+subject])
	sum.Write(text[body:end])
	return bytes.Equal(sum.Sum(nil), text[end:])
}

// readable tells whether a block is nothing but records that can be read.
func readable(text []byte, sum hash.Hash64) bool {
	for len(text) > 0 {
		r, ok := recordAt(text, sum)
		if !ok {
			return false
		}
		text = text[r.length:]
	}
	return true
}

// wholeRecords counts the whole records in a text that need not begin with one, behind a sequence.
func wholeRecords(text []byte, sum hash.Hash64, behind uint64) (n int) {
	for at := 0; at+recordHead+recordSum <= len(text); {
		seq := binary.LittleEndian.Uint64(text[at+4:]) &^ eraseBits
		if seq > behind && seq-behind < farAway {
			if r, ok := recordAt(text[at:], sum); ok {
				n++
				behind = r.seq
				at += r.length
				continue
			}
		}
		at++
	}
	return n
}

// torn tells whether a block's end was being written when its writer ended: a record that is not all there, or for which the file
// system had made room only. One whose length alone was changed is none of these: it is all there.
func torn(text []byte, sum hash.Hash64) bool {
	if len(bytes.Trim(text, "\x00")) == 0 || len(text) < recordHead {
		return true
	}
	length := int(binary.LittleEndian.Uint32(text) &^ headersBit)
	switch {
	case length < recordHead+recordSum || length > recordMost:
		return false
	case length <= len(text):
		return len(bytes.Trim(text[length-recordSum:], "\x00")) == 0
	}
	return len(text) < recordHead+recordSum || !sums(text, true, sum) && !sums(text, false, sum)
}

// stateOf is how far a stream had gone when the server last wrote down its state, and whether messages had been taken out of it; 0,
// false where that file is not there or is not whole: it is made anew then.
func stateOf(stream string) (last uint64, taken bool) {
	text, err := os.ReadFile(filepath.Join(stream, "msgs", "index.db"))
	const magic, least = 11, 32
	if err != nil || len(text) < least {
		return 0, false
	}
	body := text[:len(text)-recordSum]
	sum := checksum(filepath.Base(stream))
	sum.Write(body)
	if !bytes.Equal(sum.Sum(nil), text[len(body):]) || body[0] != magic {
		return 0, false
	}
	body = body[2:]
	unsigned := func() uint64 {
		v, n := binary.Uvarint(body)
		if n <= 0 {
			body = nil
			return 0
		}
		body = body[n:]
		return v
	}
	messages, _, first := unsigned(), unsigned(), unsigned()
	if _, n := binary.Varint(body); n > 0 {
		body = body[n:]
	}
	last = unsigned()
	return last, first > 1 || last > 0 && messages != last
}
