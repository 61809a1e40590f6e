package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// A backup is one file: a tar archive in one zstd frame. Its parts stand in this order, each cut into entries NAME/00000001,
// NAME/00000002, … of at most 4 MiB, which put together are the part:
//
//	clock        of a sample whose clock is ahead: by how long
//	checkpoints  JSON lines of the checkpoints kept, ascending: {"size": 501, "note": "…"}
//	refusals     the archive of the stream of refusals; left out where nothing was refused
//	events       the archive of the fund's stream, up to the last whole command; see eventstore/archive.go
//	attachments  the contents that the events name, by their hash: {"sha256": "…", "bytes": 7}, a line feed, and the content; left out where none is kept
//	private      {"checkpoint.key": "…"}: the keys that sign; only where they were asked for
//
// and behind them manifest.json ([BackupManifest]) says what there is, with the root of the events and the hash of each part, and
// holds the checkpoint of just these events. Refusals are taken before the events: none rests on an event that is not there. The
// projections are not in it, for the log says what they hold; nor is who may use the service.

// ErrBackup says that a file is not a backup, or not as it was written: it was cut, changed or made up.
var ErrBackup = errors.New("not a whole backup")

// keyFile is the file of the key that signs a ledger's checkpoints; those that did before have its name and more behind a dot.
const keyFile = "checkpoint.key"

// backupFormat names the format of a backup, inside it.
const backupFormat = "fundledger-backup-1"

// The parts of a backup, in their order.
const (
	partClock       = "clock" // of a sample whose clock is ahead: it comes before what it tells the moments of
	partCheckpoints = "checkpoints"
	partRefusals    = "refusals"
	partEvents      = "events"
	partFiles       = "attachments"
	partPrivate     = "private"
	backupManifest  = "manifest.json"
)

var backupParts = []string{partClock, partCheckpoints, partRefusals, partEvents, partFiles, partPrivate}

const (
	backupEntry    = 4 << 20   // bytes of an entry, at most
	maxBackupNotes = 256 << 20 // the checkpoints, which are held in memory
	maxBackupSmall = 16 << 20  // the manifest, the private keys
)

// BackupManifest says what a backup holds.
type BackupManifest struct {
	Format      string        `json:"format"`
	Fund        domain.FundID `json:"fund"`
	Made        time.Time     `json:"made"`
	Program     string        `json:"program"` // that made it, for people
	Events      BackupStream  `json:"events"`
	Refusals    BackupStream  `json:"refusals"`
	Checkpoints int           `json:"checkpoints"`          // how many, with that of just these events
	Checkpoint  string        `json:"checkpoint,omitempty"` // the note of just these events; empty: nobody signed it
	Keys        []string      `json:"keys"`                 // verifier keys, that the checkpoints are believed by
	PrivateKeys bool          `json:"private_keys"`         // the keys that sign are in the file too
	Ahead       string        `json:"clock_ahead,omitzero"` // of a sample: by how long its clock is ahead of the moments that the server stored, such as 48h0m0s
	Attachments int           `json:"attachments,omitzero"` // contents that are in the file
	Parts       []BackupPart  `json:"parts"`

	Missing int `json:"-"` // contents that events name and that are not in it
}

// text is how a manifest is written.
func (m BackupManifest) text() ([]byte, error) {
	text, err := json.Marshal(m, jsontext.WithIndent("  "))
	return append(text, '\n'), err
}

// BackupStream says what a backup holds of a stream: its messages First to Last. Only refusals begin behind 1, where earlier ones were retired.
type BackupStream struct {
	First uint64    `json:"first,omitzero"` // where it is not 1
	Last  uint64    `json:"last"`           // 0: it was empty, or not there
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"` // recorded at
	Root  tlog.Hash `json:"root"`           // of the tree of the messages' leaves
}

// BackupPart is a part and its hash.
type BackupPart struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// keptNote is a line of the checkpoints.
type keptNote struct {
	Size uint64 `json:"size"`
	Note string `json:"note"`
}

// BackupSource is what a backup is made of.
type BackupSource struct {
	Fund     domain.FundID
	Log      *eventstore.Log
	UpTo     uint64            // the last event that goes into it; 0: all there are
	Refusals *eventstore.Log   // nil: nothing was ever refused
	Files    audit.Files       // contents of attachments; nil: none are kept
	Store    proof.Store       // keeps the checkpoints
	Keys     []string          // verifier keys, that the checkpoints are believed by
	Sign     *proof.Key        // signs the checkpoint of what is in the file, which is kept; nil: nobody does
	Private  map[string]string // by file name; goes into the file as it is
	Ahead    time.Duration     // see [BackupManifest]
	Program  string
	Now      time.Time
	Progress func(done, total uint64) // may be nil
}

// WriteBackup writes a backup of a ledger, while others go on writing. It holds the log against every checkpoint kept first:
// [proof.ErrRolledBack], [proof.ErrForked] or [proof.ErrCheckpoint] where the log is not the one that was signed, for such a file would take the place
// of a good one.
func WriteBackup(ctx context.Context, to io.Writer, from BackupSource) (BackupManifest, error) {
	packed, err := backupZstd(to)
	if err != nil {
		return BackupManifest{}, err
	}
	w := &backupWriter{ctx: ctx, BackupSource: from, tar: tar.NewWriter(packed)}
	if err := w.write(); err != nil {
		return BackupManifest{}, errors.Join(err, packed.Close())
	}
	if err := errors.Join(w.tar.Close(), packed.Close()); err != nil {
		return BackupManifest{}, fmt.Errorf("writing the backup: %w", err)
	}
	return w.manifest, nil
}

type backupWriter struct {
	BackupSource
	ctx      context.Context
	tar      *tar.Writer
	manifest BackupManifest
	notes    []keptNote
	events   *backupTree
	named    audit.Named // contents that the events name
}

func (w *backupWriter) write() error {
	w.named = audit.Named{}
	w.manifest = BackupManifest{Format: backupFormat, Fund: w.Fund, Made: w.Now.UTC(), Program: w.Program, Keys: w.Keys, PrivateKeys: len(w.Private) > 0}
	if w.Ahead > 0 {
		w.manifest.Ahead = w.Ahead.String()
		if err := w.part(partClock, func(out io.Writer) error { _, err := io.WriteString(out, w.manifest.Ahead); return err }); err != nil {
			return err
		}
	}
	if err := w.writeNotes(); err != nil {
		return err
	}
	if err := w.writeRefusals(); err != nil {
		return err
	}
	if err := w.writeEvents(); err != nil {
		return err
	}
	if err := w.writeFiles(); err != nil {
		return err
	}
	if len(w.Private) > 0 {
		text, err := privateText(w.Private)
		if err != nil {
			return err
		}
		if err := w.part(partPrivate, func(out io.Writer) error { _, err := out.Write(text); return err }); err != nil {
			return err
		}
	}
	if err := w.sign(); err != nil {
		return err
	}
	text, err := w.manifest.text()
	if err != nil {
		return err
	}
	return w.entry(backupManifest, text)
}

// MaxAhead is how long a sample's clock may be ahead.
const MaxAhead = 3660 * 24 * time.Hour

// Lead is by how long the clock is ahead of what was backed up; nought but of a sample.
func (m BackupManifest) Lead() time.Duration {
	lead, err := time.ParseDuration(m.Ahead)
	if err != nil { // it was read once, or is empty
		return 0
	}
	return lead
}

// privateText is how the keys that sign are written.
func privateText(keys map[string]string) ([]byte, error) {
	return json.Marshal(keys, json.Deterministic(true))
}

// writeNotes writes the checkpoints that are kept. They come before the events, so that none is of more.
func (w *backupWriter) writeNotes() error {
	sizes, err := w.Store.Sizes(w.ctx)
	if err != nil {
		return err
	}
	for _, size := range sizes {
		text, err := w.Store.Kept(w.ctx, size)
		if err != nil {
			return err
		}
		w.notes = append(w.notes, keptNote{size, string(text)})
	}
	w.manifest.Checkpoints = len(w.notes)
	return w.part(partCheckpoints, func(out io.Writer) error {
		for _, n := range w.notes {
			if err := line(out, n); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *backupWriter) writeRefusals() error {
	w.manifest.Refusals.Root = rootOfNothing()
	if w.Refusals == nil {
		return nil
	}
	tree := newBackupTree(refusedPrefix(w.Fund), nil)
	var last uint64
	err := w.part(partRefusals, func(out io.Writer) (err error) {
		last, err = w.Refusals.WriteArchive(w.ctx, out, 0, false, nil, func(r eventstore.Record) error { return tree.add(r, eventstore.LeafHash(r)) })
		return err
	})
	if err != nil {
		return err
	}
	w.manifest.Refusals = tree.stream()
	if last != w.manifest.Refusals.Last {
		return fmt.Errorf("backing up the refusals: %d came of %d", w.manifest.Refusals.Last, last)
	}
	return nil
}

func (w *backupWriter) writeEvents() error {
	var total uint64
	w.events = newBackupTree(eventPrefix(w.Fund), w.notes)
	var hasher eventstore.LeafHasher
	begun := func(last uint64) { total = last }
	err := w.part(partEvents, func(out io.Writer) error {
		_, err := w.Log.WriteArchive(w.ctx, out, w.UpTo, true, begun, func(r eventstore.Record) error {
			e, err := wire.Decode(r)
			if err != nil {
				return err // whoever restored it could read no further
			}
			w.named.Take(r.Seq, e.Event)
			if w.Progress != nil && r.Seq%progressStep == 0 {
				w.Progress(r.Seq, total)
			}
			return w.events.add(r, hasher.Hash(r))
		})
		return err
	})
	if err != nil {
		return err
	}
	w.manifest.Events = w.events.stream()
	if total == 0 || total != w.manifest.Events.Last {
		return fmt.Errorf("backing up the log: %d events came of %d; an empty ledger needs no backup", w.manifest.Events.Last, total)
	}
	return nil
}

// sign holds the events against the checkpoints, and has a checkpoint of just these events.
func (w *backupWriter) sign() error {
	t, err := w.events.hold(proof.Origin(w.Fund), w.Keys, w.notes)
	if err != nil {
		return err
	}
	last := w.manifest.Events.Last
	if n := len(w.notes); n > 0 && w.notes[n-1].Size == last {
		w.manifest.Checkpoint = w.notes[n-1].Note
		return nil
	}
	if w.Sign == nil || !w.events.signedBy(w.Sign.Verifier) {
		return nil
	}
	signer, err := w.Sign.Signer()
	if err != nil {
		return err
	}
	note, err := proof.Checkpoint{Origin: proof.Origin(w.Fund), Size: last, Root: w.manifest.Events.Root}.Sign(signer)
	if err != nil {
		return err
	}
	if _, err := t.Open(proof.Origin(w.Fund), note); err != nil {
		return err
	}
	w.manifest.Checkpoint = string(note)
	w.manifest.Checkpoints++
	return w.Store.Keep(w.ctx, last, note)
}

// part writes a part, cut into entries, and notes its hash. Of one into which nothing is written there is nothing.
func (w *backupWriter) part(name string, write func(io.Writer) error) error {
	out := &partWriter{to: w, name: name, hash: sha256.New(), buf: make([]byte, 0, backupEntry)}
	if err := write(out); err != nil {
		return fmt.Errorf("backing up the %s: %w", name, err)
	}
	if err := out.flush(); err != nil {
		return fmt.Errorf("backing up the %s: %w", name, err)
	}
	if out.bytes > 0 {
		w.manifest.Parts = append(w.manifest.Parts, BackupPart{name, out.bytes, hex.EncodeToString(out.hash.Sum(nil))})
	}
	return nil
}

func (w *backupWriter) entry(name string, text []byte) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if err := w.tar.WriteHeader(backupHeader(name, int64(len(text)))); err != nil {
		return err
	}
	_, err := w.tar.Write(text)
	return err
}

// partWriter cuts a part into entries.
type partWriter struct {
	to      *backupWriter
	name    string
	hash    hash.Hash
	buf     []byte
	bytes   int64
	entries int
}

func (p *partWriter) Write(text []byte) (int, error) {
	n := len(text)
	for len(text) > 0 {
		some := min(len(text), backupEntry-len(p.buf))
		p.buf = append(p.buf, text[:some]...)
		if text = text[some:]; len(p.buf) == backupEntry {
			if err := p.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

func (p *partWriter) flush() error {
	if len(p.buf) == 0 {
		return nil
	}
	p.entries++
	p.hash.Write(p.buf)
	p.bytes += int64(len(p.buf))
	err := p.to.entry(entryName(p.name, p.entries), p.buf)
	p.buf = p.buf[:0]
	return err
}

func entryName(part string, n int) string { return fmt.Sprintf("%s/%08d", part, n) }

// eventPrefix is what the subjects of a fund's events begin with, and refusedPrefix those of its refusals.
func eventPrefix(fund domain.FundID) string {
	return strings.TrimSuffix(eventstore.Subject(string(fund), "x", "x", "x"), "x.x.x")
}

// refusedPrefix is what the subjects of a fund's refusals begin with.
func refusedPrefix(fund domain.FundID) string {
	return "refused." + strings.TrimPrefix(eventPrefix(fund), "fund.")
}

// backupTree is the tree of a stream's messages as they pass, and what the checkpoints are held against: 32 bytes a
// checkpoint, and not a message.
type backupTree struct {
	prefix      string
	first       uint64 // message
	frontier    eventstore.Frontier
	from, until time.Time
	roots       map[uint64]tlog.Hash // at the sizes of the checkpoints
	rotations   []proof.Rotation
}

func newBackupTree(prefix string, notes []keptNote) *backupTree {
	t := &backupTree{prefix: prefix, roots: map[uint64]tlog.Hash{}}
	for _, n := range notes {
		t.roots[n.Size] = tlog.Hash{}
	}
	return t
}

// add takes the next message and its leaf.
func (t *backupTree) add(r eventstore.Record, leaf tlog.Hash) error {
	if !strings.HasPrefix(r.Subject, t.prefix) {
		return fmt.Errorf("message %d has the subject %q, which is not this fund's", r.Seq, domain.Clip(r.Subject, 160))
	}
	if t.frontier.Size() == 0 {
		t.first, t.from = r.Seq, r.Time
	}
	t.until = r.Time
	t.frontier.Append(leaf)
	if rotation, ok := proof.RotationOf(r); ok {
		t.rotations = append(t.rotations, rotation)
	}
	if _, ok := t.roots[uint64(t.frontier.Size())]; ok {
		t.roots[uint64(t.frontier.Size())] = t.frontier.Root()
	}
	return nil
}

func (t *backupTree) stream() BackupStream {
	s := BackupStream{Last: uint64(t.frontier.Size()), From: t.from, Until: t.until, Root: t.frontier.Root()}
	if t.first > 1 {
		s.First, s.Last = t.first, s.Last+t.first-1
	}
	return s
}

// Begin is the position of the first message.
func (s BackupStream) Begin() uint64 { return max(s.First, 1) }

// signedBy reports whether a key is the one that signs the log now, as far as the log says.
func (t *backupTree) signedBy(verifier string) bool {
	origin, _, _ := strings.Cut(verifier, "+")
	return proof.Replaced(origin, verifier, t.rotations) == ""
}

// hold holds the tree against checkpoints, each of which must be signed by one of the keys, or one that the log leads to from
// them. It returns who is believed.
func (t *backupTree) hold(origin string, keys []string, notes []keptNote) (proof.Trust, error) {
	trust, err := proof.ParseTrust(keys...)
	if err != nil {
		return trust, err
	}
	texts := make([][]byte, len(notes))
	for i, n := range notes {
		texts[i] = []byte(n.Note)
	}
	trust = trust.Follow(origin, t.rotations, texts)
	if _, _, err := trust.Believe(origin, texts); err != nil {
		return trust, err
	}
	for i, n := range notes {
		signed, err := trust.Open(origin, texts[i])
		if errors.Is(err, proof.ErrUnknownKey) {
			continue // an older key signed it: trust does not flow back
		}
		switch {
		case err != nil:
			return trust, fmt.Errorf("the checkpoint kept of %d events: %w", n.Size, err)
		case signed.Size != n.Size:
			return trust, fmt.Errorf("the checkpoint kept of %d events is of %d: %w", n.Size, signed.Size, proof.ErrCheckpoint)
		case signed.Size > uint64(t.frontier.Size()):
			return trust, fmt.Errorf("%w: it ends at event %d, and %d events were signed for", proof.ErrRolledBack, t.frontier.Size(), signed.Size)
		case signed.Root != t.roots[n.Size]:
			return trust, fmt.Errorf("%w: the checkpoint of %d events", proof.ErrForked, n.Size)
		}
	}
	return trust, nil
}

func rootOfNothing() tlog.Hash {
	var f eventstore.Frontier
	return f.Root()
}

// sameBackup compares what a manifest says with what was found, but for words.
func sameBackup(said, found BackupManifest) bool {
	found.Made, found.Program, found.Keys, found.Checkpoint = said.Made, said.Program, said.Keys, said.Checkpoint
	a, errA := json.Marshal(said, json.Deterministic(true))
	b, errB := json.Marshal(found, json.Deterministic(true))
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// IsKeyFile reports whether a name is that of a file of a key that signs, beside the ledger: no folder, and no other file.
func IsKeyFile(name string) bool {
	rest, ok := strings.CutPrefix(name, keyFile)
	return ok && !strings.ContainsAny(rest, "/\\") && len(rest) <= 64 && (rest == "" || rest[0] == '.')
}
