package office

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/wire"
)

// A pack is a zip archive of tables for an audit office, made from the log alone:
//
//	manifest.json   fund, currency, position and moment; each file's rows, sums, size and SHA-256
//	datadef.json    what each table and column is: type, unit, meaning, in Chinese and English
//	datadef.csv     the same for a spreadsheet
//	profile.csv     where ISO 21378 and GB/T 42940-2023 have something near: a profile, not conformity
//	<table>.csv     one file a table
//
// The tables are CSV of package tabular: UTF-8 with a byte-order mark, columns headed by their names, formula cells neutralised. Everything
// can be made again from a log of the same position; manifest.json, which bears the sums of the others, comes last.

// PackSource is what a pack is made of.
type PackSource struct {
	Fund domain.FundID
	Log  proof.Log
	Now  time.Time // zero: time.Now; findings that depend on the day are of it
}

// PackFile is a file of a pack with its control totals: whoever loads it counts and adds up again.
type PackFile struct {
	archive.File
	Table string            `json:"table,omitzero"`
	Rows  int64             `json:"rows"`
	Sums  map[string]string `json:"sums,omitempty"` // by column, two decimals
}

// PackManifest is what a pack holds.
type PackManifest struct {
	Format   string        `json:"format"`
	Fund     domain.FundID `json:"fund"`
	Title    domain.Text   `json:"title"`
	Currency string        `json:"currency"`
	Position uint64        `json:"position"` // the last event that it is made of
	Root     string        `json:"root"`     // of the tree of these events, base64: hold it against a checkpoint
	Made     time.Time     `json:"made"`
	Notice   domain.Text   `json:"notice"`
	// Cut are the codes of findings of which only the first [audit.MaxFindings] are listed; "decisions" are all that judging found.
	Cut   []string   `json:"findings_cut"`
	Files []PackFile `json:"files"`
}

const packFormat = "fundledger-pack-1"

// errPack says that no pack can be made of a log: it is empty, or not what it claims to be.
var errPack = errors.New("no pack can be made of this log")

// packRun is a pack on its way.
type packRun struct {
	ctx      context.Context // of one call of WritePack: the tables read the log
	source   PackSource
	last     uint64
	day      domain.Date
	batch    *projections.Batch
	state    *domain.State
	findings []audit.Finding
	payments []PaymentLine
	zip      *zip.Writer
	manifest PackManifest
}

// WritePack writes a pack of a ledger as of its last event. The log is judged first: one that cannot be read as a ledger's is errPack; what else is
// wrong stands among the findings. The same log, day and moment give the same bytes.
func WritePack(ctx context.Context, w io.Writer, s PackSource) (PackManifest, error) {
	if s.Now.IsZero() {
		s.Now = time.Now()
	}
	p := &packRun{ctx: ctx, source: s, day: domain.DateIn(s.Now, domain.Shanghai), zip: zip.NewWriter(w)}
	for _, step := range []func() error{p.judge, p.gather, p.writeTables, p.writeDefinitions, p.writeManifest, p.zip.Close} {
		if err := step(); err != nil {
			return p.manifest, fmt.Errorf("making the pack: %w", err)
		}
	}
	return p.manifest, nil
}

// judge finds what is wrong with the log, and where it ends.
func (p *packRun) judge() error {
	report, err := audit.Verify(p.ctx, audit.Evidence{Fund: p.source.Fund, Log: p.source.Log}, audit.Options{Now: p.source.Now})
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		switch f.Code {
		case audit.CodeUnreadable, audit.CodeSequence, audit.CodeDoesNotApply, audit.CodeOtherFund:
			return fmt.Errorf("%w: %s: run verify", errPack, f.Explanation.EN)
		}
	}
	if report.Events == 0 {
		return fmt.Errorf("%w: it is empty", errPack)
	}
	p.findings, p.last = report.Findings, report.Events
	cut := cutFindings(report.Findings)
	p.manifest = PackManifest{Format: packFormat, Fund: p.source.Fund, Position: p.last, Root: report.Root.String(), Made: p.source.Now.UTC().Truncate(time.Second), Notice: profileNotice, Cut: cut}
	return nil
}

// cutFindings are the codes of which there may be more than are listed.
func cutFindings(list []audit.Finding) []string {
	judged := []string{audit.CodeRefused, audit.CodeDiffers, audit.CodeCommandHash, audit.CodeCommandTwice, audit.CodeDecidedLater, audit.CodeDecidedBefore}
	counts := map[string]int{}
	for _, f := range list {
		if slices.Contains(judged, f.Code) {
			counts["decisions"]++
			continue
		}
		counts[f.Code]++
		if f.CaseCount > max(len(f.Cases), 1) { // some of its cases are not listed
			counts[f.Code] = audit.MaxFindings
		}
	}
	cut := []string{}
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		if counts[code] >= audit.MaxFindings {
			cut = append(cut, code)
		}
	}
	return cut
}

// gather folds the log into what the tables of present states say. Events and postings are not held: their tables read the log again.
func (p *packRun) gather() error {
	p.batch, p.state = projections.NewBatch(), domain.NewState()
	payments := newPayments()
	var failed error
	err := p.each(func(e wire.Entry, r eventstore.Record) bool {
		if failed = p.batch.Add(e, r.Data); failed != nil {
			return false
		}
		p.batch.Events, p.batch.Postings = p.batch.Events[:0], p.batch.Postings[:0]
		domain.Apply(p.state, e.Event, e.Deed())
		payments.take(e.Seq, e.Event)
		return true
	})
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	_, p.payments = payments.all()
	if policy := p.state.Policy(); policy != nil {
		p.manifest.Title, p.manifest.Currency = policy.Title, policy.Currency
	}
	return nil
}

func (p *packRun) currency() string { return p.manifest.Currency }

// errStop ends a reading of the log that nobody wants more of.
var errStop = errors.New("stop")

// each hands over every event up to the pack's position, until it is told to stop.
func (p *packRun) each(take func(wire.Entry, eventstore.Record) bool) error {
	err := p.source.Log.Read(p.ctx, 1, p.last, func(records []eventstore.Record) error {
		for _, r := range records {
			e, err := wire.Decode(r)
			if err != nil {
				return err
			}
			if !take(e, r) {
				return errStop
			}
		}
		return p.ctx.Err()
	})
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

func (p *packRun) writeTables() error {
	for _, t := range packTables {
		if err := p.writeTable(t.name, t.name, t.sheet(p)); err != nil {
			return err
		}
	}
	return nil
}

// writeTable writes a table and notes its control totals.
func (p *packRun) writeTable(file, table string, sheet tabular.Table) error {
	return p.file(file+".csv", func(w io.Writer, f *PackFile) error {
		summary, err := tabular.Write(w, tabular.CSV, sheet, tabular.Options{Lang: "en"})
		if err != nil {
			return err
		}
		f.Table, f.Rows = table, summary.Rows
		for name, sum := range summary.Totals {
			if f.Sums == nil {
				f.Sums = map[string]string{}
			}
			f.Sums[name] = sum.StringFixed(2)
		}
		return nil
	})
}

func (p *packRun) file(name string, write func(io.Writer, *PackFile) error) error {
	var f PackFile
	var err error
	if f.File, err = archive.AddFile(p.zip, name, p.manifest.Made, func(w io.Writer) error { return write(w, &f) }); err != nil {
		return err
	}
	p.manifest.Files = append(p.manifest.Files, f)
	return nil
}

// PackDefinition is what a table of a pack is.
type PackDefinition struct {
	Table   string       `json:"table"`
	File    string       `json:"file"`
	Title   domain.Text  `json:"title"`
	Key     []string     `json:"key"` // no two rows share it
	Columns []PackColumn `json:"columns"`
}

// packDefinitions are the tables of a pack whose amounts are in a currency.
func packDefinitions(currency string) []PackDefinition {
	out := make([]PackDefinition, len(packTables))
	for i, t := range packTables {
		out[i] = PackDefinition{Table: t.name, File: t.name + ".csv", Title: t.title, Key: strings.Fields(t.key), Columns: t.list(currency)}
	}
	return out
}

func (p *packRun) writeDefinitions() error {
	definitions := packDefinitions(p.currency())
	err := p.file("datadef.json", func(w io.Writer, _ *PackFile) error {
		return json.MarshalWrite(w, definitions, json.Deterministic(true), jsontext.WithIndent("  "))
	})
	if err != nil {
		return err
	}
	if err := p.writeTable("datadef", "", definitionSheet(definitions)); err != nil {
		return err
	}
	return p.writeTable("profile", "", profileSheet())
}

func textColumns(names ...string) []tabular.Column {
	out := make([]tabular.Column, len(names))
	for i, name := range names {
		out[i] = tabular.Column{Name: name}
	}
	return out
}

func definitionSheet(definitions []PackDefinition) tabular.Table {
	t := tabular.Table{Name: "datadef", Columns: textColumns("table", "table_zh", "table_en", "column", "column_zh", "column_en", "type", "unit", "key", "summed", "meaning_zh", "meaning_en")}
	t.Rows = func(yield func(tabular.Row, error) bool) {
		for _, d := range definitions {
			for _, c := range d.Columns {
				row := tabular.Row{d.Table, d.Title.ZH, d.Title.EN, c.Name, c.Heading.ZH, c.Heading.EN, c.Type, c.Unit, whether(slices.Contains(d.Key, c.Name)), whether(c.Summed), c.Meaning.ZH, c.Meaning.EN}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
	return t
}

func profileSheet() tabular.Table {
	t := tabular.Table{Name: "profile", Columns: textColumns("table", "column", "iso_21378_table", "gbt_42940_class", "relation", "note_zh", "note_en")}
	t.Rows = func(yield func(tabular.Row, error) bool) {
		if !yield(tabular.Row{nil, nil, nil, nil, "notice", profileNotice.ZH, profileNotice.EN}, nil) {
			return
		}
		for _, l := range packProfile {
			if !yield(tabular.Row{l.Table, l.Column, l.ISO, l.GB, l.Relation, l.Note.ZH, l.Note.EN}, nil) {
				return
			}
		}
	}
	return t
}

// writeManifest writes what the other files are; it is the one file that it does not list.
func (p *packRun) writeManifest() error {
	listed := p.manifest
	err := p.file("manifest.json", func(w io.Writer, _ *PackFile) error {
		return json.MarshalWrite(w, listed, json.Deterministic(true), jsontext.WithIndent("  "))
	})
	p.manifest = listed
	return err
}
