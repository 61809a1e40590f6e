package archive

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

const (
	backupWindow   = 4 << 20
	maxBackupRatio = 500      // of what a file unpacks to, to its size; JSON of one long run packs better, a ledger's does not
	backupGrace    = 64 << 20 // which a small file may unpack to whatever its size
	progressStep   = 1 << 12
)

// Backup is a backup's file that was checked whole: its parts are as its manifest says, its events follow each other without a gap
// under their root, and every checkpoint is signed by a key that is believed and holds.
type Backup struct {
	Manifest BackupManifest
	Private  map[string]string // the keys that sign, by file name; nil: they are not in the file
	Trust    proof.Trust       // by whom the checkpoints are believed

	file   *os.File
	notes  []keptNote
	keys   []string
	events *backupTree
	named  audit.Named // contents that the events name
}

// OpenBackup opens a backup and checks it whole, holding a message at a time. Where keys are given, verifier keys, its checkpoints must be
// believed by them; else they are by the keys that the file names, and who made up the file may have made up these too.
// [ErrBackup]: the file is not whole; [proof.ErrForked], [proof.ErrRolledBack], [proof.ErrCheckpoint]: it is, and its checkpoints do not hold.
func OpenBackup(ctx context.Context, path string, keys []string, progress func(done, total uint64)) (*Backup, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the backup: %w", err)
	}
	b := &Backup{file: file, keys: keys, named: audit.Named{}}
	if err := b.check(ctx, progress); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err() // of which readers in between made something else
		}
		return nil, errors.Join(fmt.Errorf("reading the backup %s: %w", path, err), file.Close())
	}
	return b, nil
}

// Close closes the file.
func (b *Backup) Close() error { return b.file.Close() }

// Notes are the checkpoints in the file, with the one of just its events, ascending.
func (b *Backup) Notes() (list []proof.Signed) {
	for _, n := range b.notes {
		// Each was opened when the file was checked.
		if s, err := b.Trust.Open(proof.Origin(b.Manifest.Fund), []byte(n.Note)); err == nil {
			list = append(list, s)
		}
	}
	return list
}

// Events hands the archive of the events to fn, and Refusals that of the refusals, if there are any. The file must be as it was
// when it was checked.
func (b *Backup) Events(ctx context.Context, fn func(io.Reader) error) error {
	return b.hand(ctx, partEvents, fn)
}

// Refusals hands the archive of the refusals to fn, if there is one.
func (b *Backup) Refusals(ctx context.Context, fn func(io.Reader) error) error {
	return b.hand(ctx, partRefusals, fn)
}

func (b *Backup) hand(ctx context.Context, part string, fn func(io.Reader) error) error {
	i := slices.IndexFunc(b.Manifest.Parts, func(p BackupPart) bool { return p.Name == part })
	if i < 0 {
		return nil
	}
	u, err := b.unpack(ctx)
	if err != nil {
		return err
	}
	defer u.packed.Close()
	for {
		p, err := u.part()
		if err != nil || p == nil {
			return errors.Join(err, fmt.Errorf("%w: it has no %s any more", ErrBackup, part))
		}
		into := func(io.Reader) error { return nil }
		if p.name == part {
			into = fn
		}
		found, err := p.read(into)
		if err != nil || p.name != part {
			if err != nil {
				return err
			}
			continue
		}
		if found != b.Manifest.Parts[i] {
			return fmt.Errorf("%w: its %s changed while it was read", ErrBackup, part)
		}
		return nil
	}
}

// Hold holds a log that was restored against the backup: the root of its events and every checkpoint.
func (b *Backup) Hold(ctx context.Context, log proof.Log, progress func(done, total uint64)) error {
	tree := newBackupTree(eventPrefix(b.Manifest.Fund), b.notes)
	if err := treeOfRestored(ctx, log, tree, b.Manifest.Events, progress); err != nil {
		return err
	}
	_, err := tree.hold(proof.Origin(b.Manifest.Fund), b.believed(), b.notes)
	return err
}

// HoldRefusals holds a stream of refusals that was restored against the backup.
func (b *Backup) HoldRefusals(ctx context.Context, log proof.Log) error {
	if b.Manifest.Refusals.Last == 0 {
		return nil
	}
	return treeOfRestored(ctx, log, newBackupTree(refusedPrefix(b.Manifest.Fund), nil), b.Manifest.Refusals, nil)
}

func treeOfRestored(ctx context.Context, log proof.Log, tree *backupTree, said BackupStream, progress func(done, total uint64)) error {
	var hasher proof.LeafHasher
	err := log.Read(ctx, said.Begin(), said.Last, func(records []eventstore.Record) error {
		for _, r := range records {
			if err := tree.add(r, hasher.Hash(r)); err != nil {
				return err
			}
		}
		if progress != nil {
			progress(tree.stream().Last, said.Last)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading what was restored: %w", err)
	}
	if found := tree.stream(); found != said {
		return fmt.Errorf("%w: what was restored has the root %s at %d, the backup %s at %d", proof.ErrForked, found.Root, found.Last, said.Root, said.Last)
	}
	return nil
}

// Signs reports whether a verifier key is the one that signs the ledger's checkpoints now, by all that the backup says.
func (b *Backup) Signs(verifier string) bool {
	v, err := proof.NewVerifier(verifier)
	return err == nil && b.Trust.Knows(v) && b.events.signedBy(verifier)
}

// Keys are the verifier keys by which the checkpoints were believed: those that were given, or else those that the file names.
func (b *Backup) Keys() []string { return slices.Clone(b.believed()) }

func (b *Backup) believed() []string {
	if len(b.keys) > 0 {
		return b.keys
	}
	return b.Manifest.Keys
}

// check reads the file once, part by part, and compares all that it says with what is found.
func (b *Backup) check(ctx context.Context, progress func(done, total uint64)) error {
	u, err := b.unpack(ctx)
	if err != nil {
		return err
	}
	defer u.packed.Close()
	if err := u.encodeAgain(b.file); err != nil {
		return err
	}
	found := BackupManifest{Format: backupFormat, Refusals: BackupStream{Root: rootOfNothing()}}
	c := &backupCheck{Backup: b, found: &found, progress: progress}
	for {
		p, err := u.part()
		if err != nil {
			return err
		}
		if p == nil {
			break
		}
		part, err := p.read(c.visit(p.name))
		if err != nil {
			return fmt.Errorf("%w: in its %s: %w", ErrBackup, p.name, err)
		}
		found.Parts = append(found.Parts, part)
	}
	text, err := u.manifest()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &b.Manifest, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("%w: its manifest: %w", ErrBackup, err)
	}
	again, err := b.Manifest.text()
	if err == nil {
		err = sameText(backupManifest, text, again)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBackup, err)
	}
	return c.compare()
}

// backupCheck is what is found in a backup while it is checked.
type backupCheck struct {
	*Backup
	found    *BackupManifest
	refusals *backupTree
	progress func(done, total uint64)
}

func (c *backupCheck) visit(part string) func(io.Reader) error {
	switch part {
	case partClock:
		return c.readClock
	case partCheckpoints:
		return c.readNotes
	case partRefusals:
		c.refusals = newBackupTree("", nil)
		return func(in io.Reader) error { return c.readStream(in, c.refusals, &c.found.Refusals) }
	case partEvents:
		c.events = newBackupTree("", c.notes)
		return func(in io.Reader) error { return c.readStream(in, c.events, &c.found.Events) }
	case partFiles:
		return c.readFiles
	default:
		return c.readPrivate
	}
}

func (c *backupCheck) readClock(in io.Reader) error {
	text, err := readSmall(in)
	if err != nil {
		return err
	}
	lead, err := time.ParseDuration(string(text))
	if err != nil || lead <= 0 || lead > MaxAhead {
		return fmt.Errorf("%q is not how long a clock is ahead", domain.Clip(string(text), 20))
	}
	c.found.Ahead = lead.String()
	return sameText(partClock, text, []byte(c.found.Ahead))
}

func (c *backupCheck) readNotes(in io.Reader) error {
	read, again := sha256.New(), sha256.New()
	lines := bufio.NewScanner(io.TeeReader(io.LimitReader(in, maxBackupNotes), read))
	lines.Buffer(nil, 8*proof.MaxNoteBytes)
	for lines.Scan() {
		var n keptNote
		if err := json.Unmarshal(lines.Bytes(), &n, json.RejectUnknownMembers(true)); err != nil {
			return err
		}
		if len(n.Note) > proof.MaxNoteBytes || n.Size == 0 || len(c.notes) > 0 && n.Size <= c.notes[len(c.notes)-1].Size {
			return fmt.Errorf("the checkpoint of %d events does not belong there", n.Size)
		}
		c.notes = append(c.notes, n)
		if err := line(again, n); err != nil {
			return err
		}
	}
	c.found.Checkpoints = len(c.notes)
	if err := lines.Err(); err != nil {
		return err
	}
	if !bytes.Equal(read.Sum(nil), again.Sum(nil)) {
		return &NotCanonical{Part: partCheckpoints}
	}
	return nil
}

// readStream reads a stream's archive. Which fund's it is, is known at the end only.
func (c *backupCheck) readStream(in io.Reader, tree *backupTree, into *BackupStream) error {
	var hasher proof.LeafHasher
	var ends bool
	subjects := map[string]bool{}
	lead := c.found.Lead()
	_, err := eventstore.ReadArchive(in, func(r eventstore.Record) error {
		r.Time = r.Time.Add(lead)
		if tree == c.events {
			e, err := eventstore.ParseEnvelope(r)
			if err != nil {
				return err
			}
			ends = e.Index == e.Count-1
			if e.Type == wire.EventType(domain.ApplicationSubmitted{}.Name()) {
				entry, err := wire.Decode(r)
				if err != nil {
					return err
				}
				c.named.Take(r.Seq, entry.Event)
			}
			if c.progress != nil && r.Seq%progressStep == 0 {
				c.progress(r.Seq, 0)
			}
		}
		if prefix := subjectPrefix(r.Subject); !subjects[prefix] {
			if subjects[prefix] = true; len(subjects) > 1 {
				return fmt.Errorf("message %d has the subject %q, and others have another fund's", r.Seq, domain.Clip(r.Subject, 160))
			}
			tree.prefix = prefix
		}
		return tree.add(r, hasher.Hash(r))
	})
	if err == nil && tree == c.events && !ends {
		err = errors.New("it ends inside a command")
	}
	*into = tree.stream()
	return err
}

// subjectPrefix is what the subjects of one fund's messages have in common: the first two tokens.
func subjectPrefix(subject string) string {
	dots := 0
	for i := range len(subject) {
		if subject[i] == '.' {
			if dots++; dots == 2 {
				return subject[:i+1]
			}
		}
	}
	return subject
}

func (c *backupCheck) readPrivate(in io.Reader) error {
	text, err := readSmall(in)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &c.Private); err != nil {
		return err
	}
	for name := range c.Private {
		if !IsKeyFile(name) {
			return fmt.Errorf("%q is not the name of a key's file", domain.Clip(name, 160))
		}
	}
	c.found.PrivateKeys = len(c.Private) > 0
	again, err := privateText(c.Private)
	if err != nil {
		return err
	}
	return sameText(partPrivate, text, again)
}

// compare holds what was found against the manifest, and the checkpoints against the events.
func (c *backupCheck) compare() error {
	m := c.Manifest
	switch c.found.Fund = m.Fund; {
	case m.Format != backupFormat:
		return fmt.Errorf("%w: its format is %q, this program reads %q", ErrBackup, domain.Clip(m.Format, 160), backupFormat)
	case c.events == nil || c.events.frontier.Size() == 0 || c.events.first != 1:
		return fmt.Errorf("%w: it has no events", ErrBackup)
	case c.events.prefix != eventPrefix(m.Fund) || c.refusals != nil && c.refusals.frontier.Size() > 0 && c.refusals.prefix != refusedPrefix(m.Fund):
		return fmt.Errorf("%w: its events are not of the fund %q", ErrBackup, domain.Clip(string(m.Fund), 160))
	case !c.takeEnd(keptNote{m.Events.Last, m.Checkpoint}) || !sameBackup(m, *c.found):
		return fmt.Errorf("%w: its parts are not what its manifest says", ErrBackup)
	}
	c.Manifest.Missing = len(c.named) - m.Attachments
	var err error
	c.Trust, err = c.events.hold(proof.Origin(m.Fund), c.believed(), c.notes)
	return err
}

// takeEnd takes the manifest's own checkpoint, of just the events that there are, to the others, unless it is one of them.
func (c *backupCheck) takeEnd(end keptNote) bool {
	switch n := len(c.notes); {
	case end.Note == "":
		return true
	case n > 0 && c.notes[n-1].Size >= end.Size:
		return c.notes[n-1] == end
	}
	c.notes = append(c.notes, end)
	c.events.roots[end.Size] = c.events.frontier.Root()
	c.found.Checkpoints++
	return true
}

func readSmall(in io.Reader) ([]byte, error) {
	var text bytes.Buffer
	n, err := io.Copy(&text, io.LimitReader(in, maxBackupSmall+1))
	if err == nil && n > maxBackupSmall {
		err = fmt.Errorf("it is larger than %d bytes", maxBackupSmall)
	}
	return text.Bytes(), err
}

// unexpected is an error of reading what should go on: an end is one too early.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
