package archive

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"

	"github.com/fundledger/fundledger/domain"
)

// A bundle and a backup have one encoding: whoever reads one writes the same contents again and compares, byte for byte and without holding
// the file. So no byte of it says anything that is not checked, the archive's own headers (dates, versions, names, sizes, comments) and
// what the compressor chose included, and a copy that lost a bit is not taken for the file that was written.
//
// What packs the contents is part of the format therefore. It is a library of a version that go.mod pins: where a later version packs
// otherwise, the files in the tests tell, and the format gets a new name beside the old compressor. Backups have been packed alike since
// the first release. Bundles of format 2 are packed by the toolchain's own compressor, and are written no more.

// CodeNotCanonical is the code of a file that is not the one encoding of what it holds.
const CodeNotCanonical = "not_canonical"

// NotCanonical says that a file is not what its contents are written as, from a byte on.
type NotCanonical struct {
	At   int64  // the first byte that differs, counted from 0
	Part string // what is written there
}

func (e *NotCanonical) Error() string { return e.Text().EN }

// Text says it to people.
func (e *NotCanonical) Text() domain.Text {
	return domain.Text{
		ZH: fmt.Sprintf("%s：第 %d 字节（%s）不是其内容应有的写法，文件在写出后被改动；请向出具者重新索取", CodeNotCanonical, e.At, e.Part),
		EN: fmt.Sprintf("%s: byte %d (%s) is not how its contents are written: the file was changed since; ask whoever made it for it again",
			CodeNotCanonical, e.At, e.Part),
	}
}

// comparer is a writer that fails at the first byte that is not the one it reads.
type comparer struct {
	with *bufio.Reader
	at   int64
	part func(at int64) string
	have []byte
}

func compareWith(with io.Reader, part func(at int64) string) *comparer {
	return &comparer{with: bufio.NewReaderSize(with, 1<<16), part: part}
}

func (c *comparer) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		if c.have == nil {
			c.have = make([]byte, 1<<12)
		}
		n := min(len(rest), len(c.have))
		read, err := io.ReadFull(c.with, c.have[:n])
		if read < n && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err
		}
		if !bytes.Equal(rest[:n], c.have[:read]) {
			same := 0
			for same < read && rest[same] == c.have[same] {
				same++
			}
			return 0, c.differs(c.at + int64(same))
		}
		c.at += int64(n)
		rest = rest[n:]
	}
	return len(p), nil
}

// end says that nothing more is to come.
func (c *comparer) end() error {
	if _, err := c.with.ReadByte(); !errors.Is(err, io.EOF) {
		if err != nil {
			return err
		}
		return c.differs(c.at)
	}
	return nil
}

func (c *comparer) differs(at int64) error { return &NotCanonical{At: at, Part: c.part(at)} }

// bundleZip writes a bundle's archive as its format has it.
func bundleZip(to io.Writer, format string) *zip.Writer {
	z := zip.NewWriter(to)
	if format != bundleFormerly {
		z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, bundleLevel) })
	}
	return z
}

// bundleLevel is how much work packing a bundle is worth.
const bundleLevel = 5

// checkEncoding holds a bundle against what is written of its contents: the archive, then each file of JSON in it.
func (b *Bundle) checkEncoding() error {
	if err := b.checkArchive(); err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{fileManifest, func(w io.Writer) error { return json.MarshalWrite(w, b.Manifest) }},
		{fileCheckpoints, func(w io.Writer) error {
			return eachLine(b, fileCheckpoints, func(l checkpointLine) error { return line(w, l) })
		}},
		{fileEvents, func(w io.Writer) error {
			return eachLine(b, fileEvents, func(l eventLine) error { return line(w, lineOf(l.record())) })
		}},
		{fileProofs, func(w io.Writer) error { return eachLine(b, fileProofs, func(l proofLine) error { return line(w, l) }) }},
		{fileSumProof, func(w io.Writer) error {
			proof, err := b.sumProof()
			if err != nil {
				return err
			}
			return json.MarshalWrite(w, proof, json.Deterministic(true))
		}},
		{fileFiles, func(w io.Writer) error { return json.MarshalWrite(w, b.Contents, json.Deterministic(true)) }},
	} {
		if b.files[f.name] == nil {
			continue
		}
		if err := b.same(f.name, f.write); err != nil {
			return err
		}
	}
	return nil
}

// checkArchive writes the archive again around what its files hold.
func (b *Bundle) checkArchive() error {
	same := compareWith(io.NewSectionReader(b.from, 0, b.size), b.placeOf)
	z := bundleZip(same, b.Manifest.Format)
	for _, name := range b.names() {
		f := b.files[name]
		if f == nil {
			continue
		}
		_, err := AddFile(z, name, b.Manifest.Made, func(w io.Writer) error {
			r, err := f.Open()
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(w, io.LimitReader(r, maxLargeFile))
			return err
		})
		if err != nil {
			return fmt.Errorf("%w: %w", errBundle, err)
		}
	}
	if err := errors.Join(z.Close(), same.end()); err != nil {
		return fmt.Errorf("%w: %w", errBundle, err)
	}
	return nil
}

// placeOf names what of a bundle a byte belongs to, or stands right before.
func (b *Bundle) placeOf(at int64) string {
	for _, name := range b.names() {
		if f := b.files[name]; f != nil {
			if begin, err := f.DataOffset(); err == nil && at < begin+int64(f.CompressedSize64) {
				return name
			}
		}
	}
	return "the archive's directory"
}

// backupZstd packs a backup.
func backupZstd(to io.Writer) (*zstd.Encoder, error) {
	return zstd.NewWriter(to, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(backupWindow))
}

// backupHeader is the header of an entry of a backup.
func backupHeader(name string, size int64) *tar.Header {
	return &tar.Header{Name: name, Mode: 0o600, Size: size, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
}

// backupAgain writes a backup's archive again, entry by entry as it is read, and compares.
type backupAgain struct {
	same   *comparer
	packed *zstd.Encoder
	tar    *tar.Writer
	entry  string
}

func writeAgain(file io.Reader) (*backupAgain, error) {
	a := &backupAgain{}
	a.same = compareWith(file, func(int64) string { return a.entry })
	var err error
	if a.packed, err = backupZstd(a.same); err != nil {
		return nil, err
	}
	a.tar = tar.NewWriter(a.packed)
	return a, nil
}

func (a *backupAgain) header(name string, size int64) error {
	a.entry = name
	return a.tar.WriteHeader(backupHeader(name, size))
}

func (a *backupAgain) end() error { return errors.Join(a.tar.Close(), a.packed.Close(), a.same.end()) }

// sameText checks that a text is how what it says is written.
func sameText(name string, text, again []byte) error {
	c := compareWith(bytes.NewReader(text), func(int64) string { return name })
	_, err := c.Write(again)
	return errors.Join(err, c.end())
}
