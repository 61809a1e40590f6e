package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/mod/sumdb/note"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/whole"
)

// ErrNoCheckpoint says that no checkpoint is kept, or none of the size asked for.
var ErrNoCheckpoint = errors.New("there is no such checkpoint")

// Store keeps checkpoints. It is safe for concurrent use, by several processes.
type Store interface {
	// Keep keeps the note of a tree's size. Of two notes of one size the first stays: one with the same body only adds its
	// signature lines to it; one with another body is [ErrForked].
	Keep(ctx context.Context, size uint64, note []byte) error
	// Kept gives the note of a size, or [ErrNoCheckpoint].
	Kept(ctx context.Context, size uint64) ([]byte, error)
	// Sizes lists the sizes that there are notes of, ascending.
	Sizes(ctx context.Context) ([]uint64, error)
}

// Folder keeps checkpoints as files of a folder, each named by its size in twenty digits. Other files in it are none of its.
type Folder string

var _ Store = Folder("")

func (f Folder) path(size uint64) string { return filepath.Join(string(f), fmt.Sprintf("%020d", size)) }

// Keep is as [Store] promises.
func (f Folder) Keep(ctx context.Context, size uint64, note []byte) error {
	if err := os.MkdirAll(string(f), 0o755); err != nil {
		return fmt.Errorf("keeping the checkpoint of %d events: %w", size, err)
	}
	err := whole.Create(f.path(size), 0o644, whole.Text(note))
	if !errors.Is(err, fs.ErrExist) {
		return wrapKeeping(size, err)
	}
	first, err := f.Kept(ctx, size)
	if err != nil {
		return err
	}
	merged, err := mergeNotes(first, note)
	if err != nil || bytes.Equal(merged, first) {
		return wrapKeeping(size, err)
	}
	return wrapKeeping(size, whole.Replace(f.path(size), 0o644, whole.Text(merged)))
}

func wrapKeeping(size uint64, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("keeping the checkpoint of %d events: %w", size, err)
}

// Kept is as [Store] promises.
func (f Folder) Kept(_ context.Context, size uint64) ([]byte, error) {
	file, err := os.Open(f.path(size))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("a checkpoint of %d events: %w", size, ErrNoCheckpoint)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoint of %d events: %w", size, err)
	}
	defer file.Close()
	text := make([]byte, MaxNoteBytes+1)
	n := 0
	for n < len(text) {
		m, err := file.Read(text[n:])
		if n += m; err != nil || m == 0 {
			break
		}
	}
	return text[:n], nil
}

// Sizes is as [Store] promises.
func (f Folder) Sizes(context.Context) ([]uint64, error) {
	files, err := os.ReadDir(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the checkpoints: %w", err)
	}
	var sizes []uint64
	for _, file := range files {
		size, err := strconv.ParseUint(file.Name(), 10, 64)
		if err == nil && len(file.Name()) == 20 {
			sizes = append(sizes, size)
		}
	}
	slices.Sort(sizes)
	return sizes, nil
}

// mergeNotes is the first of two notes of one body, with the signature lines that only the second has: [ErrForked] where
// their bodies differ.
func mergeNotes(first, second []byte) ([]byte, error) {
	body, _, ok := bytes.Cut(first, []byte("\n\n"))
	other, lines, fine := bytes.Cut(second, []byte("\n\n"))
	if !ok || !fine || !bytes.Equal(body, other) {
		return nil, fmt.Errorf("%w: another checkpoint of this size is kept already:\n%s\nand now:\n%s", ErrForked, domain.Clip(string(body), 160), domain.Clip(string(other), 160))
	}
	return withLines(first, lines), nil
}

// OpenKept reads the checkpoint of a size of an origin's log and verifies its signatures: [ErrNoCheckpoint], or
// [ErrCheckpoint] where what is kept is not that.
func OpenKept(ctx context.Context, s Store, t Trust, origin string, size uint64) (Signed, error) {
	text, err := s.Kept(ctx, size)
	if err != nil {
		return Signed{}, err
	}
	signed, err := t.Open(origin, text)
	if err != nil {
		return Signed{}, fmt.Errorf("the checkpoint kept of %d events: %w", size, err)
	}
	if signed.Size != size {
		return Signed{}, fmt.Errorf("the checkpoint kept of %d events: %w: it is of %d events", size, ErrCheckpoint, signed.Size)
	}
	return signed, nil
}

// HoldLatest holds a log of a size, whose hashes are given, against the latest checkpoint kept of it: [ErrRolledBack] where it ends before
// that one, [ErrForked] where its beginning is another. Whose signatures stand under the checkpoint is not asked: that is for whoever
// verifies, while a log that contradicts a note of its own is not to be written to, whoever signed.
func HoldLatest(ctx context.Context, s Store, origin string, h Hashes, size uint64) error {
	sizes, err := s.Sizes(ctx)
	if err != nil || len(sizes) == 0 {
		return err
	}
	latest := sizes[len(sizes)-1]
	text, err := s.Kept(ctx, latest)
	if err != nil {
		return err
	}
	_, err = note.Open(text, note.VerifierList())
	unverified := (*note.UnverifiedNoteError)(nil)
	if !errors.As(err, &unverified) {
		return fmt.Errorf("the checkpoint kept of %d events: %w: %w", latest, ErrCheckpoint, err)
	}
	c, err := parseCheckpoint(unverified.Note.Text)
	if err != nil {
		return fmt.Errorf("the checkpoint kept of %d events: %w: %w", latest, ErrCheckpoint, err)
	}
	if c.Origin != origin || c.Size != latest {
		return fmt.Errorf("the checkpoint kept of %d events: %w: it is of %d events of %q", latest, ErrCheckpoint, c.Size, c.Origin)
	}
	return c.continues(ctx, h, size)
}

// NotesOf reads every note of a store, from the smallest size on.
func NotesOf(ctx context.Context, s Store) (notes [][]byte, err error) {
	sizes, err := s.Sizes(ctx)
	if err != nil {
		return nil, err
	}
	for _, size := range sizes {
		text, err := s.Kept(ctx, size)
		if err != nil {
			return nil, err
		}
		notes = append(notes, text)
	}
	return notes, nil
}
