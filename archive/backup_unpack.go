package archive

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"

	"github.com/fundledger/fundledger/domain"
)

// unpacker reads the entries of a backup, each of which must be the one that comes next.
type unpacker struct {
	ctx    context.Context
	packed *zstd.Decoder
	tar    *tar.Reader
	next   *tar.Header // read, and not taken
	limit  *limitedTo
	done   int          // how many of backupParts are behind
	again  *backupAgain // what was read is written again; nil: it is not compared
}

// encodeAgain has all that is read from here on held against the file.
func (u *unpacker) encodeAgain(file io.ReaderAt) error {
	again, err := writeAgain(io.NewSectionReader(file, 0, math.MaxInt64))
	if err != nil {
		return err
	}
	u.again = again
	return u.headerAgain()
}

func (u *unpacker) headerAgain() error {
	if u.again == nil {
		return nil
	}
	if err := u.again.header(u.next.Name, u.next.Size); err != nil {
		return fmt.Errorf("%w: %w", ErrBackup, err)
	}
	return nil
}

// Read reads an entry.
func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.tar.Read(p)
	if u.again != nil && n > 0 {
		if _, err := u.again.tar.Write(p[:n]); err != nil {
			return n, err
		}
	}
	return n, err
}

func (b *Backup) unpack(ctx context.Context) (*unpacker, error) {
	info, err := b.file.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the backup: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: it is no regular file", ErrBackup)
	}
	if _, err := b.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading the backup: %w", err)
	}
	packed, err := zstd.NewReader(bufio.NewReaderSize(b.file, 1<<20), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(backupWindow))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBackup, err)
	}
	limit := &limitedTo{from: packed, left: info.Size()*maxBackupRatio + backupGrace}
	u := &unpacker{ctx: ctx, packed: packed, tar: tar.NewReader(limit), limit: limit}
	if err := u.advance(); err != nil {
		packed.Close()
		return nil, err
	}
	return u, nil
}

// advance reads the header of the next entry.
func (u *unpacker) advance() error {
	if err := u.ctx.Err(); err != nil {
		return err
	}
	h, err := u.tar.Next()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBackup, unexpected(err))
	}
	most := int64(backupEntry)
	if h.Name == backupManifest {
		most = maxBackupSmall
	}
	if h.Typeflag != tar.TypeReg || h.Linkname != "" || len(h.PAXRecords) > 0 || h.Size < 1 || h.Size > most {
		return fmt.Errorf("%w: the entry %q of %d bytes does not belong in it", ErrBackup, domain.Clip(h.Name, 160), h.Size)
	}
	u.next = h
	return u.headerAgain()
}

// part begins the next part; nil: the manifest comes.
func (u *unpacker) part() (*packedPart, error) {
	if u.next.Name == backupManifest {
		return nil, nil
	}
	for i, name := range backupParts[u.done:] {
		if u.next.Name == entryName(name, 1) {
			u.done += i + 1
			return &packedPart{from: u, name: name, entries: 1, hash: sha256.New()}, nil
		}
	}
	return nil, fmt.Errorf("%w: the entry %q does not belong in it, or not there", ErrBackup, domain.Clip(u.next.Name, 160))
}

// manifest reads the manifest, behind which nothing may be.
func (u *unpacker) manifest() ([]byte, error) {
	text, err := readSmall(u)
	if err != nil {
		return nil, fmt.Errorf("%w: its manifest: %w", ErrBackup, unexpected(err))
	}
	if _, err := u.tar.Next(); !errors.Is(err, io.EOF) {
		return nil, errors.Join(fmt.Errorf("%w: there is something behind its manifest", ErrBackup), err)
	}
	if n, err := io.ReadFull(u.packed, make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		return nil, errors.Join(fmt.Errorf("%w: there is something behind its end", ErrBackup), err)
	}
	if err := u.again.end(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBackup, err)
	}
	return text, nil
}

// packedPart is a part that is being read, entry after entry.
type packedPart struct {
	from    *unpacker
	name    string
	entries int
	hash    hash.Hash
	bytes   int64
	ended   bool
	err     error // why it cannot be read on; the readers of archives say only that they cannot
}

// read hands the part to fn, whole, and says what it was.
func (p *packedPart) read(fn func(io.Reader) error) (BackupPart, error) {
	if err := fn(p); err != nil {
		if p.err != nil {
			err = fmt.Errorf("%w: %w", err, p.err)
		}
		return BackupPart{}, err
	}
	if _, err := io.Copy(io.Discard, p); err != nil { // what fn left, belongs to the hash
		return BackupPart{}, err
	}
	return BackupPart{p.name, p.bytes, hex.EncodeToString(p.hash.Sum(nil))}, nil
}

// Read reads on through the part's entries.
func (p *packedPart) Read(b []byte) (int, error) {
	for !p.ended {
		n, err := p.from.Read(b)
		p.hash.Write(b[:n])
		p.bytes += int64(n)
		switch {
		case n > 0 && (err == nil || errors.Is(err, io.EOF)):
			return n, nil
		case err == nil:
			continue
		case !errors.Is(err, io.EOF):
			p.err = err
			return n, err
		}
		full := p.from.next.Size == backupEntry
		if err := p.from.advance(); err != nil {
			p.err = err
			return 0, err
		}
		p.entries++
		p.ended = p.from.next.Name != entryName(p.name, p.entries)
		if !p.ended && !full {
			p.err = &NotCanonical{At: p.bytes, Part: p.name} // which would be one entry
			return 0, p.err
		}
	}
	return 0, io.EOF
}

// limitedTo refuses to unpack more than a file of its size may hold.
type limitedTo struct {
	from io.Reader
	left int64
}

func (l *limitedTo) Read(b []byte) (int, error) {
	n, err := l.from.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, errors.New("it unpacks to far more than a ledger of its size")
	}
	return n, err
}
