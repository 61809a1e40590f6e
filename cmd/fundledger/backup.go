package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
)

type backupCmd struct {
	Out     string `short:"o" required:"" help:"The file to write; there must be none of its name. / 输出文件" type:"path" placeholder:"FILE"`
	WithKey bool   `help:"Put the key that signs checkpoints into the file too: whoever has it can sign. / 连同签名密钥"`
}

// The parts of a backup: a .zip file, nothing in it compressed again.
const (
	backupFormat   = "fundledger-backup-1"
	backupManifest = "manifest.json"
	backupLog      = "log.stream"
	backupRefusals = "refusals.stream"
	backupKey      = "checkpoint.key"
	backupNotes    = "checkpoints/" // and the size of each
	maxManifest    = 64 << 20
	maxBackupNote  = 64 << 10
)

// backup is what a backup's file says of itself.
type backup struct {
	Format   string                           `json:"format"`
	Fund     domain.FundID                    `json:"fund"`
	Made     time.Time                        `json:"made"`
	Position uint64                           `json:"position"` // of the last event that is in it for sure
	Root     string                           `json:"root"`     // of the tree of that many events, base64
	Verifier string                           `json:"verifier,omitempty"`
	Streams  map[string]eventstore.StreamCopy `json:"streams"` // by part
	Parts    []backupPart                     `json:"parts"`
}

type backupPart struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Run writes the log with its refusals, its checkpoints and their public key into one file, from which "restore" makes the same
// ledger: every event with its sequence and time, so that the same checkpoints hold. The projections are not in it: they are made
// again from the log; nor are users and tokens.
func (c *backupCmd) Run(ctx context.Context, s *Settings) error {
	if _, err := os.Stat(c.Out); err == nil {
		return usageError{fmt.Errorf(s.say("%s 已存在:备份不会覆盖文件", "%s is there already: a backup replaces no file"), c.Out)}
	}
	in, log, err := s.openForProof(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	b := backup{Format: backupFormat, Fund: in.fund, Made: time.Now().UTC(), Streams: map[string]eventstore.StreamCopy{}}
	if b.Position, err = log.Last(ctx); err != nil {
		return err
	}
	tree, err := audit.TreeOf(ctx, audit.Upto(log, b.Position))
	if err != nil {
		return err
	}
	b.Root = tree.Root().String()
	err = wholeFile(c.Out, func(w io.Writer) error { return c.write(ctx, s, in, &b, w) })
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, s.say("%s:%d 个事件,%d 个检查点,根 %s\n", "%s: %d events, %d checkpoints, root %s\n"), c.Out, b.Position, b.checkpoints(), b.Root)
	if c.WithKey {
		fmt.Fprintln(s.stderr, s.say("文件中有签名密钥:请像保管密钥一样保管它", "the file holds the signing key: keep it as you keep the key"))
	} else {
		fmt.Fprintln(s.stderr, s.say("文件中没有签名密钥(checkpoint.key):请另行保管,恢复后继续签发时需要它", "the signing key (checkpoint.key) is not in the file: keep it apart, a restored ledger needs it to go on signing"))
	}
	return nil
}

func (b *backup) checkpoints() (n int) {
	for _, p := range b.Parts {
		if len(p.Name) > len(backupNotes) && p.Name[:len(backupNotes)] == backupNotes {
			n++
		}
	}
	return n
}

func (c *backupCmd) write(ctx context.Context, s *Settings, in *infrastructure, b *backup, w io.Writer) error {
	z := zip.NewWriter(w)
	for _, part := range []struct {
		name, stream string
		log          func(context.Context, *nats.Conn, ledger.Config, bool) (*eventstore.Log, error)
	}{{backupLog, ledger.StreamName(in.fund), ledger.OpenLog}, {backupRefusals, ledger.RefusedStream(in.fund), ledger.OpenRefusals}} {
		_, err := part.log(ctx, in.nc, in.ledgerConfig(s), true)
		if errors.Is(err, eventstore.ErrNoStream) && part.name == backupRefusals {
			continue // nothing was ever refused
		}
		if err != nil {
			return err
		}
		err = b.add(z, part.name, func(out io.Writer) error {
			made, err := eventstore.Copy(ctx, in.nc, part.stream, out)
			b.Streams[part.name] = made
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := c.addProof(ctx, in, b, z); err != nil {
		return err
	}
	out, err := z.CreateHeader(&zip.FileHeader{Name: backupManifest, Method: zip.Store, Modified: b.Made})
	if err != nil {
		return err
	}
	text := json.NewEncoder(out)
	text.SetIndent("", "  ")
	return errors.Join(text.Encode(b), z.Close())
}

// addProof adds the checkpoints, and the key that they are verified with.
func (c *backupCmd) addProof(ctx context.Context, in *infrastructure, b *backup, z *zip.Writer) error {
	sizes, err := in.checkpoints().Sizes(ctx)
	if err != nil {
		return err
	}
	for _, size := range sizes {
		note, err := in.checkpoints().Kept(ctx, size)
		if err != nil {
			return err
		}
		if err := b.add(z, backupNotes+strconv.FormatUint(size, 10), func(out io.Writer) error { _, err := out.Write(note); return err }); err != nil {
			return err
		}
	}
	path := Proving{}.keyPath(in)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // nothing was signed yet
	}
	if err != nil {
		return fmt.Errorf("reading the signing key: %w", err)
	}
	key, _, err := audit.OpenKey(path, audit.Origin(in.fund))
	if err != nil {
		return err
	}
	if b.Verifier = key.Verifier; !c.WithKey {
		return nil
	}
	return b.add(z, backupKey, func(out io.Writer) error { _, err := out.Write(text); return err })
}

// add writes a part, and notes its hash.
func (b *backup) add(z *zip.Writer, name string, write func(io.Writer) error) error {
	out, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: b.Made})
	if err != nil {
		return err
	}
	sum := &summed{out: out, hash: sha256.New()}
	if err := write(sum); err != nil {
		return err
	}
	b.Parts = append(b.Parts, backupPart{name, sum.n, hex.EncodeToString(sum.hash.Sum(nil))})
	return nil
}

// summed hashes and counts what it writes.
type summed struct {
	out  io.Writer
	hash hash.Hash
	n    int64
}

func (s *summed) Write(p []byte) (int, error) {
	n, err := s.out.Write(p)
	s.hash.Write(p[:n])
	s.n += int64(n)
	return n, err
}
