package archive

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/eventstore"
)

// contentLine stands before each content of a backup's attachments, which are in the order of their hashes.
type contentLine struct {
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

const maxContentLine = 200 // bytes of such a line

// writeFiles writes the contents that the events name. One that is not kept, or is not what it was, is left out and counted: the ledger is restored without it.
func (w *backupWriter) writeFiles() error {
	if w.Files == nil {
		w.manifest.Missing = len(w.named)
		return nil
	}
	return w.part(partFiles, func(out io.Writer) error {
		for _, hash := range w.named.Sorted() {
			content, err := w.Files.Get(w.ctx, hash)
			if errors.Is(err, eventstore.ErrNotFound) || errors.Is(err, eventstore.ErrDamaged) {
				w.manifest.Missing++
				continue
			}
			if err == nil {
				err = line(out, contentLine{hash, int64(len(content))})
			}
			if err == nil {
				_, err = out.Write(content)
			}
			if err != nil {
				return err
			}
			w.manifest.Attachments++
		}
		return nil
	})
}

// readFiles reads the contents, each of which an event names.
func (c *backupCheck) readFiles(in io.Reader) error {
	return eachContent(in, func(hash string, _ []byte) error {
		if _, named := c.named[hash]; !named {
			return fmt.Errorf("no event names the content %s", hash)
		}
		c.found.Attachments++
		return nil
	})
}

// Files hands over the contents in the file, in the order of their hashes.
func (b *Backup) Files(ctx context.Context, each func(hash string, content []byte) error) error {
	return b.hand(ctx, partFiles, func(in io.Reader) error { return eachContent(in, each) })
}

// eachContent reads contents one by one, and holds each against its hash. What they may unpack to is bounded one by one: a scan of an empty page packs to nothing.
func eachContent(in io.Reader, each func(hash string, content []byte) error) error {
	from := bufio.NewReaderSize(in, 4<<10)
	for last := ""; ; {
		text, err := from.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(text) == 0 {
			return nil
		}
		if err != nil {
			return unexpected(err)
		}
		var l contentLine
		if err := json.Unmarshal(text, &l, json.RejectUnknownMembers(true)); err != nil {
			return err
		}
		again, err := json.Marshal(l, json.Deterministic(true))
		if err != nil {
			return err
		}
		if string(text) != string(again)+"\n" || len(text) > maxContentLine || l.SHA256 <= last || l.Bytes < 1 || l.Bytes > eventstore.MaxFileBytes {
			return fmt.Errorf("a content of %d bytes does not belong there", l.Bytes)
		}
		last = l.SHA256
		if p, ok := in.(*packedPart); ok {
			p.from.limit.left += l.Bytes
		}
		content := make([]byte, l.Bytes)
		if _, err := io.ReadFull(from, content); err != nil {
			return unexpected(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != l.SHA256 {
			return fmt.Errorf("the content %s is another", l.SHA256)
		}
		if err := each(l.SHA256, content); err != nil {
			return err
		}
	}
}
