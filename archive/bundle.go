package archive

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// A bundle is a zip archive of these files, in this order:
//
//	bundle.json        what it holds: fund, scope, size and root of the checkpoint's tree
//	checkpoint.txt     the note that everything is proved against
//	checkpoints.jsonl  {"size", "note", "proof"}: earlier notes, and that the log only grew from each
//	events.jsonl       {"seq", "time_ns", "subject", "header", "data"}: the records, exactly
//	proofs.jsonl       {"seq", "proof"}: of an extract, that each event lies on the log
//	policy.json        the policy that the fund began with, as it was published
//	successors.jsonl   the policies that follow it, one a line; where there are any
//	journal.csv        every posting of the events
//	totals.csv         the sums of the postings by line and kind
//	sums.txt           the totals of the whole ledger at the checkpoint, and the roots of their sum trees; a signed note where it could be
//	sumproof.json      of an extract, that the lines of its scope are all there
//	report.json        what the maker's verification found: stated, not proved
//	attachments/       the contents that its events name, each as a file of the name of its SHA-256, as far as they are kept
//	files.json         {"name", "bytes", "sha256"} of each file before it, and the control totals of both tables
//
// Policies and tables are made of the events again by who checks a bundle, so that nothing in them is believed.
const (
	fileManifest    = "bundle.json"
	fileCheckpoint  = "checkpoint.txt"
	fileCheckpoints = "checkpoints.jsonl"
	fileEvents      = "events.jsonl"
	fileProofs      = "proofs.jsonl"
	filePolicy      = "policy.json"
	fileSuccessors  = "successors.jsonl"
	fileJournal     = "journal.csv"
	fileTotals      = "totals.csv"
	fileSums        = "sums.txt"
	fileSumProof    = "sumproof.json"
	fileReport      = "report.json"
	fileFiles       = "files.json"

	folderAttachments = "attachments/"
)

var bundleFiles = []string{fileManifest, fileCheckpoint, fileCheckpoints, fileEvents, fileProofs, filePolicy, fileSuccessors, fileJournal, fileTotals, fileSums,
	fileSumProof, fileReport, folderAttachments, fileFiles}

// bundleFormat is the format's name; another layout or another way to pack gets another. Bundles of the format before are read.
const (
	bundleFormat   = "fundledger-bundle-3"
	bundleFormerly = "fundledger-bundle-2"
)

// Scope is what of a ledger a bundle holds: everything, or what concerns an enterprise, a clause or a support year, with the
// whole history of each application that does. The policies and their amendments are in every bundle, and which keys
// signed the log.
type Scope struct {
	Enterprise domain.EnterpriseID `json:"enterprise,omitzero"`
	Clause     domain.ClauseID     `json:"clause,omitzero"`
	Year       domain.SupportYear  `json:"support_year,omitzero"`
}

// whole reports whether it is the whole ledger.
func (s Scope) whole() bool { return s == Scope{} }

func (s Scope) matches(c domain.Concern) bool {
	return (s.Enterprise == "" || c.Enterprise == s.Enterprise) && (s.Clause == "" || c.Under(s.Clause)) && (s.Year == 0 || slices.Contains(c.Years, s.Year)) &&
		(c.Enterprise != "" || c.Charged())
}

// Manifest says what a bundle holds.
type Manifest struct {
	Format string        `json:"format"`
	Fund   domain.FundID `json:"fund"`
	Scope  Scope         `json:"scope"`
	Made   time.Time     `json:"made"`
	Size   uint64        `json:"tree_size"`
	Root   tlog.Hash     `json:"root"`
	Events uint64        `json:"events"`
}

// File is a file of a bundle.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Contents are the files of a bundle, with the control totals of its tables.
type Contents struct {
	Files  []File        `json:"files"`
	Totals ControlTotals `json:"control_totals"`
}

// MaxExtract is how many events a bundle that is not of the whole ledger may hold: they are gathered in memory.
const MaxExtract = 200_000

// Packing is what a bundle is made of.
type Packing struct {
	audit.Evidence // Fund, Log and Hashes are needed, and at least one checkpoint; without Files the contents of attachments are left out
	Scope          Scope
	Report         *audit.Report // may be nil
	Signer         note.Signer   // the log's key, to sign the totals; nil: they are stated only
	Now            time.Time     // zero: time.Now
}

// ErrExtract says that a bundle's scope holds more than [MaxExtract] events.
var ErrExtract = fmt.Errorf("an extract holds at most %d events: narrow its scope, or make a bundle of the whole ledger", MaxExtract)

// errBundle says that a file is not a bundle, or not a sound one.
var errBundle = errors.New("not a sound bundle")

type eventLine struct {
	Seq     uint64              `json:"seq"`
	Time    int64               `json:"time_ns"`
	Subject string              `json:"subject"`
	Header  map[string][]string `json:"header"`
	Data    string              `json:"data,omitzero"`
	Data64  []byte              `json:"data_base64,omitempty"` // where it is not UTF-8
}

type proofLine struct {
	Seq   uint64      `json:"seq"`
	Proof []tlog.Hash `json:"proof"`
}

type checkpointLine struct {
	Size  uint64      `json:"size"`
	Note  string      `json:"note"`
	Proof []tlog.Hash `json:"proof"`
}

// WriteBundle writes a bundle of a ledger as of its latest checkpoint. The same ledger, scope and moment give the same
// bytes.
func WriteBundle(ctx context.Context, w io.Writer, p Packing) (Manifest, error) {
	if p.Now.IsZero() {
		p.Now = time.Now()
	}
	b := newPacker(w, p)
	if err := b.write(ctx); err != nil {
		return b.manifest, fmt.Errorf("making the bundle: %w", err)
	}
	return b.manifest, nil
}

type packer struct {
	packing  Packing
	zip      *zip.Writer
	notes    []proof.Signed // by size, the latest last
	source   eachRecord
	manifest Manifest
	policies *published
	tables   *tables
	all      *tables // of the whole ledger; nil: tables are
	files    []File
	named    audit.Named // contents that the events name
}

func newPacker(w io.Writer, p Packing) *packer {
	return &packer{packing: p, zip: bundleZip(w, bundleFormat)}
}

// eachRecord hands over records in order, in batches.
type eachRecord func(ctx context.Context, fn func([]eventstore.Record) error) error

func (b *packer) write(ctx context.Context) error {
	for _, step := range []func(context.Context) error{b.openNotes, b.gather, b.writeFiles} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *packer) writeFiles(ctx context.Context) error {
	for _, step := range []func(context.Context) error{b.writeHead, b.writeEvents, b.writeProofs, b.writeTables, b.writeSums, b.writeAttachments, b.writeEnd} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return b.zip.Close()
}

func (b *packer) openNotes(ctx context.Context) error {
	origin := proof.Origin(b.packing.Fund)
	trust, err := b.packing.Trust.Following(ctx, origin, b.packing.Log, b.packing.Checkpoints)
	if err != nil {
		return err
	}
	believed, _, err := trust.Believe(origin, b.packing.Checkpoints)
	if err != nil {
		return err
	}
	for _, s := range believed {
		if s.Size > 0 {
			b.notes = append(b.notes, s)
		}
	}
	if len(b.notes) == 0 {
		return errors.New("there is no checkpoint yet to prove anything against: issue one")
	}
	return nil
}

func (b *packer) latest() proof.Signed { return b.notes[len(b.notes)-1] }

// gather finds the events of the scope: the log itself, or the records picked from it.
func (b *packer) gather(ctx context.Context) error {
	size := b.latest().Size
	all := func(ctx context.Context, fn func([]eventstore.Record) error) error {
		return b.packing.Log.Read(ctx, 1, size, fn)
	}
	b.manifest = Manifest{Format: bundleFormat, Fund: b.packing.Fund, Scope: b.packing.Scope, Made: b.packing.Now.UTC().Truncate(time.Second), Size: size,
		Root: b.latest().Root, Events: size}
	if b.packing.Files != nil {
		b.manifest.Format = bundleWithFiles
	}
	if b.packing.Scope.whole() {
		b.source = all
		return nil
	}
	b.all = newTables()
	chosen, err := pick(ctx, b.packing.Log, size, b.packing.Scope, b.all.addSums)
	if err != nil {
		return err
	}
	b.manifest.Events = uint64(len(chosen))
	b.source = func(_ context.Context, fn func([]eventstore.Record) error) error { return fn(chosen) }
	return nil
}

// pick gathers the events of a scope: those that concern it, and all of the applications that do. every sees each event of the log, which is decoded
// once: of each it is remembered what it concerns, in a few bytes, and those that are chosen are read again.
func pick(ctx context.Context, log proof.Log, size uint64, s Scope, every func(wire.Entry) error) (eventstore.Records, error) {
	const always, never = -1, -2 // of an event that is in the scope whatever becomes of its application, and of one without
	type seen struct {
		seq         uint64
		application int32
	}
	var events []seen
	var concerned []bool // of each application
	numbers := map[domain.ApplicationID]int32{}
	err := log.Read(ctx, 1, size, func(records []eventstore.Record) error {
		for _, r := range records {
			e, err := wire.Decode(r)
			if err != nil {
				return err
			}
			c, of := domain.Concerns(e.Event), int32(never)
			if c.Application != "" {
				n, known := numbers[c.Application]
				if !known {
					n = int32(len(concerned))
					numbers[c.Application], concerned = n, append(concerned, false)
				}
				of = n
			}
			switch e.Event.(type) {
			case *domain.PolicyPublished, *domain.PolicyAmended, *domain.ClauseAmended, *domain.CheckpointKeyRotated:
				of = always
			default:
				if s.matches(c) {
					if of >= 0 {
						concerned[of] = true
					}
					of = always
				}
			}
			if of != never {
				events = append(events, seen{r.Seq, of})
			}
			if err := every(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var seqs []uint64
	for _, e := range events {
		if e.application == always || concerned[e.application] {
			seqs = append(seqs, e.seq)
		}
	}
	if len(seqs) > MaxExtract {
		return nil, ErrExtract
	}
	var chosen eventstore.Records
	err = proof.Chosen{Log: log, Seqs: seqs}.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		chosen = append(chosen, records...)
		return nil
	})
	return chosen, err
}

func (b *packer) writeHead(ctx context.Context) error {
	if err := b.file(fileManifest, func(w io.Writer) error { return json.MarshalWrite(w, b.manifest) }); err != nil {
		return err
	}
	if err := b.file(fileCheckpoint, func(w io.Writer) error { _, err := w.Write(b.latest().Note); return err }); err != nil {
		return err
	}
	return b.file(fileCheckpoints, func(w io.Writer) error {
		for _, s := range b.notes[:len(b.notes)-1] {
			proof, err := proof.ProveConsistency(ctx, b.packing.Hashes, s.Size, b.latest().Size)
			if err != nil {
				return err
			}
			if err := line(w, checkpointLine{Size: s.Size, Note: string(s.Note), Proof: proof.Hashes}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *packer) writeEvents(ctx context.Context) error {
	b.tables, b.policies, b.named = newTables(), newPublished(), audit.Named{}
	return b.file(fileEvents, func(w io.Writer) error {
		return b.source(ctx, func(records []eventstore.Record) error {
			for _, r := range records {
				if err := line(w, lineOf(r)); err != nil {
					return err
				}
				if !publishes(r) && !submits(r) {
					continue
				}
				entry, err := wire.Decode(r)
				if err != nil {
					return err
				}
				b.named.Take(r.Seq, entry.Event)
				if !publishes(r) {
					continue
				}
				if err := b.policies.take(entry); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func lineOf(r eventstore.Record) eventLine {
	l := eventLine{Seq: r.Seq, Time: r.Time.UnixNano(), Subject: r.Subject, Header: r.Header}
	if utf8.Valid(r.Data) {
		l.Data = string(r.Data)
	} else {
		l.Data64 = r.Data
	}
	return l
}

func (l eventLine) record() eventstore.Record {
	r := eventstore.Record{Seq: l.Seq, Time: time.Unix(0, l.Time).UTC(), Subject: l.Subject, Header: l.Header, Data: []byte(l.Data)}
	if l.Data64 != nil {
		r.Data = l.Data64
	}
	return r
}

func (b *packer) writeProofs(ctx context.Context) error {
	if b.packing.Scope.whole() {
		return nil
	}
	return b.file(fileProofs, func(w io.Writer) error {
		return b.source(ctx, func(records []eventstore.Record) error {
			for _, r := range records {
				proof, err := proof.ProveInclusion(ctx, b.packing.Hashes, r.Seq, b.manifest.Size)
				if err != nil {
					return err
				}
				if err := line(w, proofLine{Seq: r.Seq, Proof: proof.Hashes}); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func (b *packer) writeTables(ctx context.Context) error {
	if err := b.file(filePolicy, b.policies.first); err != nil {
		return err
	}
	if b.policies.succeeded() {
		if err := b.file(fileSuccessors, b.policies.successors); err != nil {
			return err
		}
	}
	err := b.file(fileJournal, func(w io.Writer) error {
		return b.tables.journal(w, func(take func(eventstore.Record) error) error {
			return b.source(ctx, func(records []eventstore.Record) error {
				for _, r := range records {
					if err := take(r); err != nil {
						return err
					}
				}
				return nil
			})
		})
	})
	if err != nil {
		return err
	}
	return b.file(fileTotals, b.tables.totals)
}

func (b *packer) writeEnd(context.Context) error {
	if b.packing.Report != nil {
		if err := b.file(fileReport, func(w io.Writer) error { return json.MarshalWrite(w, b.packing.Report, reportJSON) }); err != nil {
			return err
		}
	}
	contents := Contents{Files: b.files, Totals: b.tables.control}
	return b.file(fileFiles, func(w io.Writer) error { return json.MarshalWrite(w, contents, json.Deterministic(true)) })
}

// reportJSON is how reports are written.
var reportJSON = json.JoinOptions(json.Deterministic(true), json.FormatNilSliceAsNull(false))

// line writes a line of JSON.
func line(w io.Writer, v any) error {
	if err := json.MarshalWrite(w, v, json.Deterministic(true)); err != nil {
		return err
	}
	_, err := w.Write([]byte{'\n'})
	return err
}

// file writes a file and notes its size and digest.
func (b *packer) file(name string, write func(io.Writer) error) error {
	f, err := AddFile(b.zip, name, b.manifest.Made, write)
	if err != nil {
		return err
	}
	b.files = append(b.files, f)
	return nil
}

// AddFile writes a file into an archive, and says how large it is and what its digest is.
func AddFile(into *zip.Writer, name string, made time.Time, write func(io.Writer) error) (File, error) {
	out, err := into.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: made})
	if err != nil {
		return File{}, fmt.Errorf("writing %s: %w", name, err)
	}
	d := &digester{hash: sha256.New()}
	buffered := bufio.NewWriterSize(io.MultiWriter(out, d), 1<<16)
	if err := write(buffered); err != nil {
		return File{}, fmt.Errorf("writing %s: %w", name, err)
	}
	if err := buffered.Flush(); err != nil {
		return File{}, fmt.Errorf("writing %s: %w", name, err)
	}
	return File{Name: name, Bytes: d.n, SHA256: hex.EncodeToString(d.hash.Sum(nil))}, nil
}

// digester counts and hashes what passes.
type digester struct {
	hash hash.Hash
	n    int64
}

func (d *digester) Write(p []byte) (int, error) {
	d.n += int64(len(p))
	return d.hash.Write(p)
}
