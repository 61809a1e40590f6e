package archive

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
)

// The bounds of reading a bundle. A file that says it is larger, or turns out to be, is refused before it is held in
// memory; events and tables are never held whole.
const (
	maxSmallFile = 64 << 20 // every file that is read whole, but one
	maxSumProof  = 1 << 30  // the proof of an extract's sums
	maxLargeFile = 64 << 30 // events, proofs and tables
	maxEventLine = 32 << 20 // a line of events
	maxRatio     = 1200     // of a file's size to its compressed size; JSON of one long run reaches 1,030
)

// Bundle is a bundle that was opened. It is a [Log] of the events that it holds.
type Bundle struct {
	Manifest   Manifest
	Contents   Contents
	Checkpoint []byte // the note
	Earlier    []EarlierCheckpoint
	Report     jsontext.Value // as its maker stated it; nil: none

	files    map[string]*zip.File
	attached []string // names of the contents of attachments
	from     io.ReaderAt
	size     int64
	closer   io.Closer
}

// EarlierCheckpoint is a note of an earlier size, and the proof that the log grew from it to the bundle's.
type EarlierCheckpoint struct {
	Note   []byte
	Growth proof.Consistency
}

// OpenBundle opens a bundle's file. Nothing in it is believed yet: [VerifyBundle] does that.
func OpenBundle(path string) (*Bundle, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the bundle: %w: %w", errBundle, err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the bundle %s: %w", path, err), file.Close())
	}
	b, err := ReadBundle(file, info.Size())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	b.closer = file
	return b, nil
}

// ReadBundle opens a bundle of a size from anything that can be read at a place.
func ReadBundle(from io.ReaderAt, size int64) (*Bundle, error) {
	r, err := zip.NewReader(from, size)
	if err != nil {
		return nil, fmt.Errorf("opening the bundle: %w: %w", errBundle, err)
	}
	b, err := openBundle(r)
	if err != nil {
		return nil, fmt.Errorf("opening the bundle: %w", err)
	}
	b.from, b.size = from, size
	return b, nil
}

// Close closes the bundle's file, where there is one.
func (b *Bundle) Close() error {
	if b.closer == nil {
		return nil
	}
	return b.closer.Close()
}

func openBundle(r *zip.Reader) (*Bundle, error) {
	b := &Bundle{files: map[string]*zip.File{}}
	last := -1
	for _, f := range r.File {
		place := slices.Index(bundleFiles, f.Name)
		if hash, ok := strings.CutPrefix(f.Name, folderAttachments); ok {
			place = slices.Index(bundleFiles, folderAttachments)
			if n := len(b.attached); len(hash) != 64 || n > 0 && f.Name <= b.attached[n-1] {
				place = -1
			} else if b.attached = append(b.attached, f.Name); n > 0 {
				last = place - 1
			}
		}
		if place <= last {
			return nil, fmt.Errorf("%w: the file %q does not belong in it, or not there", errBundle, domain.Clip(f.Name, 160))
		}
		last = place
		limit := uint64(maxSmallFile)
		if slices.Contains([]string{fileEvents, fileProofs, fileJournal, fileTotals}, f.Name) {
			limit = maxLargeFile
		}
		if f.Name == fileSumProof {
			limit = maxSumProof
		}
		if f.UncompressedSize64 > limit || f.UncompressedSize64/maxRatio > f.CompressedSize64 {
			return nil, fmt.Errorf("%w: %s would unpack to %d bytes", errBundle, f.Name, f.UncompressedSize64)
		}
		b.files[f.Name] = f
	}
	for _, name := range bundleFiles {
		if b.files[name] == nil && !slices.Contains([]string{fileProofs, fileSuccessors, fileSumProof, fileReport, folderAttachments}, name) {
			return nil, fmt.Errorf("%w: it has no %s", errBundle, name)
		}
	}
	return b, b.readHead()
}

func (b *Bundle) readHead() error {
	for name, into := range map[string]any{fileManifest: &b.Manifest, fileFiles: &b.Contents} {
		text, err := b.whole(name)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, into, json.RejectUnknownMembers(true)); err != nil {
			return fmt.Errorf("%w: reading %s: %w", errBundle, name, err)
		}
	}
	if !slices.Contains([]string{bundleFormat, bundleFormerly, bundleWithFiles}, b.Manifest.Format) || len(b.attached) > 0 && b.Manifest.Format != bundleWithFiles {
		return fmt.Errorf("%w: its format is %q, known is %q: use a newer fundledger", errBundle, domain.Clip(b.Manifest.Format, 160), bundleFormat)
	}
	if whole := b.Manifest.Scope.whole(); (b.files[fileProofs] == nil) != whole || (b.files[fileSumProof] == nil) != whole {
		return fmt.Errorf("%w: an extract has proofs, the whole has none", errBundle)
	}
	var err error
	if b.Checkpoint, err = b.whole(fileCheckpoint); err != nil {
		return err
	}
	if b.files[fileReport] != nil {
		if b.Report, err = b.whole(fileReport); err != nil {
			return err
		}
	}
	return eachLine(b, fileCheckpoints, func(l checkpointLine) error {
		b.Earlier = append(b.Earlier, EarlierCheckpoint{Note: []byte(l.Note), Growth: proof.Consistency{From: l.Size, To: b.Manifest.Size, Hashes: l.Proof}})
		return nil
	})
}

// whole reads a small file.
func (b *Bundle) whole(name string) ([]byte, error) {
	f, err := b.files[name].Open()
	if err != nil {
		return nil, fmt.Errorf("%w: reading %s: %w", errBundle, name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSmallFile+1))
	if err != nil || len(text) > maxSmallFile {
		return nil, fmt.Errorf("%w: reading %s (%d bytes): %w", errBundle, name, len(text), err)
	}
	return text, nil
}

// eachLine reads a file of JSON lines.
func eachLine[T any](b *Bundle, name string, fn func(T) error) error {
	f, err := b.files[name].Open()
	if err != nil {
		return fmt.Errorf("%w: reading %s: %w", errBundle, name, err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 0, 1<<16), maxEventLine)
	for n := 1; lines.Scan(); n++ {
		var l T
		if err := json.Unmarshal(lines.Bytes(), &l, json.RejectUnknownMembers(true)); err != nil {
			return fmt.Errorf("%w: line %d of %s: %w", errBundle, n, name, err)
		}
		if err := fn(l); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: reading %s: %w", errBundle, name, err)
	}
	return nil
}

// errEnough ends a reading that has what it wanted.
var errEnough = errors.New("enough")

// Read hands over the bundle's events from one sequence to another, as [Log] promises of the whole ledger's; an extract has
// only some of them.
func (b *Bundle) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	var batch []eventstore.Record
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		list := batch
		batch = nil
		return fn(list)
	}
	err := eachLine(b, fileEvents, func(l eventLine) error {
		if to != 0 && l.Seq > to {
			return errEnough
		}
		if l.Seq < from {
			return nil
		}
		batch = append(batch, l.record())
		if len(batch) < 1000 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return flush()
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return flush()
}

// checkFiles holds every file against the list of files.
func (b *Bundle) checkFiles() error {
	listed := b.Contents.Files
	for _, name := range b.names()[:len(b.names())-1] {
		f := b.files[name]
		if f == nil {
			continue
		}
		if len(listed) == 0 || listed[0].Name != name {
			return fmt.Errorf("%w: %s is not in its list of files", errBundle, name)
		}
		r, err := f.Open()
		if err != nil {
			return fmt.Errorf("%w: reading %s: %w", errBundle, name, err)
		}
		d := &digester{hash: sha256.New()}
		_, err = io.Copy(d, io.LimitReader(r, maxLargeFile))
		r.Close()
		if err != nil {
			return fmt.Errorf("%w: reading %s: %w", errBundle, name, err)
		}
		if d.n != listed[0].Bytes || hex.EncodeToString(d.hash.Sum(nil)) != listed[0].SHA256 {
			return fmt.Errorf("%w: %s is not the file that was packed", errBundle, name)
		}
		listed = listed[1:]
	}
	if len(listed) > 0 {
		return fmt.Errorf("%w: %s is missing", errBundle, domain.Clip(listed[0].Name, 160))
	}
	return nil
}

// same checks that a file is what write writes, without holding it.
func (b *Bundle) same(name string, write func(io.Writer) error) error {
	f, err := b.files[name].Open()
	if err != nil {
		return fmt.Errorf("%w: reading %s: %w", errBundle, name, err)
	}
	defer f.Close()
	c := compareWith(f, func(int64) string { return name })
	if err := errors.Join(write(c), c.end()); err != nil {
		return fmt.Errorf("%w: %s: %w", errBundle, name, err)
	}
	return nil
}
