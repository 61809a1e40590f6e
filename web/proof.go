package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/sampling"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
)

// Proof is what proves the ledger: its log, its tree and checkpoints, and what looks at them. Fund, Log, Tree, Store and Trust
// are needed. Its methods are what pages and routes ask; those that read much take turns. Errors that a person is to blame
// for are a [Problem].
type Proof struct {
	Fund      domain.FundID
	Log       proof.Log
	Files     audit.Files                                                                     // contents of attachments; nil: bundles have none
	Refusals  replay.Refusals                                                                 // nil: none are kept
	Tree      proof.Kept                                                                      // as it is kept
	Rows      func(ctx context.Context) (rows audit.Rows, done func(), err error)             // one snapshot of the projections; nil: they are not compared
	Concerned func(ctx context.Context, ask projections.Concern) ([]uint64, error)            // the events that bear on something; nil: the whole log is read
	Made      func(ctx context.Context, ask projections.Made) (projections.MadePage, error)   // a page of what a figure is made of; nil: what is too much is refused
	Paid      func(ctx context.Context, upto uint64, most int) ([]projections.PaidRow, error) // the payouts up to an event; nil: the whole log is read
	Payments  func(ctx context.Context, most int) (projections.Payments, error)               // what was paid, up to the log's present end; nil: the whole log is read
	Store     proof.Store
	Trust     proof.Trust
	Verifiers []string      // verifier keys to give to those who check, the present one first
	Watch     *audit.Watch  // nil: nothing is verified
	Notary    *proof.Notary // nil: no checkpoint is issued here

	once    sync.Once
	reading *shares // of what reads much
	most    time.Duration
	whatIf  *shares
	bundles *shares
	items   population
}

const (
	maxWhatIf    = 2
	maxBundles   = 2
	maxConcerned = 20_000 // more events than that are read as the whole log is
	maxLines     = 500    // what happened on more lines is not even counted
)

// Proof is what proves the ledger; nil where there is nothing that does.
func (s *Server) Proof() *Proof { return s.cfg.Proof }

func (p *Proof) begin() {
	p.once.Do(func() {
		if p.reading == nil { // no server has shared its turns out
			c := Config{}.WithDefaults()
			p.share(newShares(c.HeavyReads, c.HeavyReadsEach, c.HeavyReadsOpen, heavyWait, "heavy_busy"), c.HeavyFor)
		}
	})
}

// share has what reads much take its turns among a server's.
func (p *Proof) share(reading *shares, most time.Duration) {
	p.reading, p.most = reading, most
	p.whatIf = newShares(maxWhatIf, 1, 1, heavyWait, "what_if_busy")
	p.bundles = newShares(maxBundles, 1, 2, heavyWait, "bundle_busy")
}

// turnFor is the longest that a question that reads the log may take, waiting for its turn included.
const turnFor = 90 * time.Second

// turn waits for a turn among those that read the log; the context it gives ends when the question has taken too long.
func (p *Proof) turn(ctx context.Context) (within context.Context, done func(), err error) {
	p.begin()
	return p.reading.heavy(ctx, min(turnFor, p.most))
}

func noCheckpoint(size uint64) *Problem {
	if size == 0 {
		return problem(http.StatusNotFound, "checkpoint_none")
	}
	return problem(http.StatusNotFound, "checkpoint_unknown", "size", size)
}

// Latest is the latest checkpoint.
func (p *Proof) Latest(ctx context.Context) (proof.Signed, error) { return p.Checkpoint(ctx, 0) }

// Checkpoint is the checkpoint of a size, its signatures verified; of size 0 the latest.
func (p *Proof) Checkpoint(ctx context.Context, size uint64) (proof.Signed, error) {
	asked := size
	if size == 0 {
		if p.Notary != nil {
			if latest, ok := p.Notary.Latest(); ok {
				return latest, nil
			}
		}
		sizes, err := p.Store.Sizes(ctx)
		if err != nil {
			return proof.Signed{}, err
		}
		if len(sizes) == 0 {
			return proof.Signed{}, noCheckpoint(0)
		}
		size = sizes[len(sizes)-1]
	}
	signed, err := proof.OpenKept(ctx, p.Store, p.Trust, proof.Origin(p.Fund), size)
	if errors.Is(err, proof.ErrNoCheckpoint) {
		return signed, noCheckpoint(asked)
	}
	return signed, err
}

// Checkpoints lists checkpoints of sizes below one, newest first; before 0 is from the latest on.
func (p *Proof) Checkpoints(ctx context.Context, before uint64, limit int) ([]proof.Signed, error) {
	sizes, err := p.Store.Sizes(ctx)
	if err != nil {
		return nil, err
	}
	var list []proof.Signed
	for _, size := range slices.Backward(sizes) {
		if before != 0 && size >= before {
			continue
		}
		if len(list) == limit {
			break
		}
		signed, err := proof.OpenKept(ctx, p.Store, p.Trust, proof.Origin(p.Fund), size)
		if err != nil {
			return nil, err
		}
		list = append(list, signed)
	}
	return list, nil
}

// SignedBy are the keys that signed a checkpoint.
func (p *Proof) SignedBy(s proof.Signed) ([]string, error) { return p.Trust.SignedBy(s) }

// Beside are the sizes of the checkpoints before and behind one; 0: there is none.
func (p *Proof) Beside(ctx context.Context, size uint64) (before, behind uint64, err error) {
	sizes, err := p.Store.Sizes(ctx)
	if err != nil {
		return 0, 0, err
	}
	i, known := slices.BinarySearch(sizes, size)
	if i > 0 {
		before = sizes[i-1]
	}
	if known {
		i++
	}
	if i < len(sizes) {
		behind = sizes[i]
	}
	return before, behind, nil
}

// reached says no where the tree has not come to a size.
func (p *Proof) reached(ctx context.Context, size uint64) error {
	if have := p.Tree.Size(); size <= have {
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if p.Tree.WaitFor(waiting, size) != nil {
		return problem(http.StatusUnprocessableEntity, "position_unknown", "reason", domain.Text{ZH: "树止于 " + digits(p.Tree.Size()), EN: "the tree ends at " + digits(p.Tree.Size())})
	}
	return nil
}

// Inclusion proves that an event lies under the tree of a size; of size 0, of the latest checkpoint, which it returns too. Of
// another size it returns the checkpoint of that size where there is one.
func (p *Proof) Inclusion(ctx context.Context, seq, size uint64) (proof.Inclusion, *proof.Signed, error) {
	var signed *proof.Signed
	switch one, err := p.Checkpoint(ctx, size); {
	case err == nil:
		signed, size = &one, one.Size
	case size == 0 || ErrorProblem(err).Status >= 500:
		return proof.Inclusion{}, nil, err
	}
	if seq == 0 || seq > size {
		return proof.Inclusion{}, nil, problem(http.StatusUnprocessableEntity, "not_in_tree", "seq", seq, "size", size)
	}
	if err := p.reached(ctx, size); err != nil {
		return proof.Inclusion{}, nil, err
	}
	proof, err := proof.ProveInclusion(ctx, p.Tree.Hashes, seq, size)
	return proof, signed, err
}

// Consistency proves that the first from events are the beginning of the first to; a to of 0 is the latest checkpoint's
// size.
func (p *Proof) Consistency(ctx context.Context, from, to uint64) (proof.Consistency, error) {
	if to == 0 {
		latest, err := p.Latest(ctx)
		if err != nil {
			return proof.Consistency{}, err
		}
		to = latest.Size
	}
	if from == 0 || from > to {
		return proof.Consistency{}, problem(http.StatusBadRequest, "parameter_invalid", "parameter", "from", "value", from, "reason", "1–"+digits(to))
	}
	if err := p.reached(ctx, to); err != nil {
		return proof.Consistency{}, err
	}
	return proof.ProveConsistency(ctx, p.Tree.Hashes, from, to)
}

// Replay replays the history of an application or an enterprise. One that nothing ever happened to is not found.
func (p *Proof) Replay(ctx context.Context, q replay.Question) (replay.History, error) {
	ctx, done, err := p.turn(ctx)
	if err != nil {
		return replay.History{}, err
	}
	defer done()
	log, err := p.concerned(ctx, projections.Concern{Application: q.Application, Enterprise: q.Enterprise, Upto: q.Upto})
	if err != nil {
		return replay.History{}, err
	}
	if _, part := log.(proof.Chosen); part && q.Application != "" {
		if q.Accounts, err = replay.AccountsOf(ctx, log, q.Application, q.Upto); err != nil {
			return replay.History{}, err
		}
	}
	h, err := replay.Replay(ctx, log, p.Refusals, q)
	if err == nil && len(h.Steps) == 0 {
		err = projections.ErrNotFound
	}
	return h, err
}

// Explain takes a figure apart.
func (p *Proof) Explain(ctx context.Context, t replay.Total) (replay.Explanation, error) {
	ctx, done, err := p.turn(ctx)
	if err != nil {
		return replay.Explanation{}, err
	}
	defer done()
	whole := t.Enterprise == "" && t.Clause == "" && t.Subject == "" && t.Upto > maxConcerned
	if p.Made != nil && (t.Cursor != "" || whole) { // it need not be counted how much is in it
		return p.explainPage(ctx, t)
	}
	log, err := p.concerned(ctx, projections.Concern{Upto: t.Upto, Lines: &projections.Lines{Enterprise: t.Enterprise, Clause: t.Clause,
		SubjectKind: t.SubjectKind, Subject: t.Subject, Year: t.Year}})
	if p.Made != nil && errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil { // it is too much to be counted
		return p.explainPage(ctx, t)
	}
	if _, part := log.(proof.Chosen); err == nil && p.Concerned != nil && !part { // its tree would be held whole
		if p.Made != nil {
			return p.explainPage(ctx, t)
		}
		err = problem(http.StatusUnprocessableEntity, "too_much", "most", maxConcerned)
	}
	if err != nil {
		return replay.Explanation{}, err
	}
	e, err := replay.Explain(ctx, log, t)
	if errors.Is(err, replay.ErrFigure) {
		err = invalid("figure", t.Figure, err)
	}
	return e, err
}

// explainPage takes a figure apart from the tables, a page at a time.
func (p *Proof) explainPage(ctx context.Context, t replay.Total) (replay.Explanation, error) {
	ask, err := t.Made()
	if errors.Is(err, replay.ErrFigure) {
		return replay.Explanation{}, invalid("figure", t.Figure, err)
	}
	if err != nil {
		return replay.Explanation{}, err
	}
	page, err := p.Made(ctx, ask)
	if err != nil {
		return replay.Explanation{}, err
	}
	return replay.ExplainPage(t, page)
}

// Receipt is the receipt of the decision in an event, with its proof where a checkpoint covers it.
func (p *Proof) Receipt(ctx context.Context, seq uint64) (replay.Receipt, error) {
	ctx, done, err := p.turn(ctx)
	if err != nil {
		return replay.Receipt{}, err
	}
	defer done()
	log, err := p.concernedBy(ctx, seq)
	if err != nil {
		return replay.Receipt{}, err
	}
	var checkpoint *proof.Signed
	if latest, err := p.Latest(ctx); err == nil && p.reached(ctx, latest.Size) == nil {
		checkpoint = &latest
	}
	r, err := replay.MakeReceipt(ctx, log, seq, p.Tree.Hashes, checkpoint)
	switch {
	case errors.Is(err, replay.ErrNoReceipt):
		err = problem(http.StatusNotFound, "no_receipt", "seq", seq)
	case errors.Is(err, eventstore.ErrNotFound):
		err = projections.ErrNotFound
	}
	return r, err
}

// maxParameters is how many parameters a what-if sets at most.
const maxParameters = 50

// DecideAgain decides the history under other parameters, beside what is in force on a day; few do so at once.
func (p *Proof) DecideAgain(ctx context.Context, set []string, day domain.Date) (replay.WhatIf, error) {
	if len(set) == 0 || len(set) > maxParameters {
		return replay.WhatIf{}, invalid("set", digits(uint64(len(set))), "1–"+digits(maxParameters))
	}
	parameters := make([]replay.Parameter, len(set))
	for i, text := range set {
		var err error
		if parameters[i], err = replay.ParseParameter(text); err != nil {
			return replay.WhatIf{}, invalid("set", text, err)
		}
	}
	p.begin()
	ctx, done, err := p.whatIf.heavy(ctx, whatIfPatience)
	if err != nil {
		return replay.WhatIf{}, err
	}
	defer done()
	w, err := replay.DecideAgain(ctx, p.Log, p.Refusals, parameters, day)
	if errors.Is(err, replay.ErrParameter) {
		err = invalid("set", strings.Join(set, "; "), err) // the reason names the one
	}
	return w, err
}

// population remembers the payouts of one size: a sample is often drawn again.
type population struct {
	mu    sync.Mutex
	size  uint64
	items []sampling.Item
}

// latestOrFirst is the latest checkpoint; where there is none, the first is issued now.
func (p *Proof) latestOrFirst(ctx context.Context) (proof.Signed, error) {
	latest, err := p.Latest(ctx)
	if err == nil && latest.Size == 0 {
		err = noCheckpoint(0)
	}
	var none *Problem
	if p.Notary == nil || !errors.As(err, &none) {
		return latest, err
	}
	if latest, err = p.Notary.Issue(ctx); err == nil && latest.Size == 0 {
		err = noCheckpoint(0) // of an empty log
	}
	return latest, err
}

// Bundle writes a bundle of a scope as of the latest checkpoint, or of the first, which is issued where there is none.
func (p *Proof) Bundle(ctx context.Context, w io.Writer, scope archive.Scope) (archive.Manifest, error) {
	p.begin()
	ctx, done, err := p.bundles.heavy(ctx, p.most)
	if err != nil {
		return archive.Manifest{}, err
	}
	defer done()
	latest, err := p.latestOrFirst(ctx)
	if err != nil {
		return archive.Manifest{}, err
	}
	if err := p.reached(ctx, latest.Size); err != nil {
		return archive.Manifest{}, err
	}
	notes, err := proof.NotesOf(ctx, p.Store)
	if err != nil {
		return archive.Manifest{}, err
	}
	packing := archive.Packing{Evidence: audit.Evidence{Fund: p.Fund, Log: p.Log, Checkpoints: notes, Trust: p.Trust, Hashes: p.Tree.Hashes, Files: p.Files}, Scope: scope}
	if p.Watch != nil {
		if report, ok := p.Watch.Report(); ok {
			packing.Report = &report
		}
	}
	if p.Notary != nil {
		packing.Signer = p.Notary.Signer()
	}
	m, err := archive.WriteBundle(ctx, w, packing)
	if errors.Is(err, archive.ErrExtract) {
		err = problem(http.StatusUnprocessableEntity, "too_much", "most", archive.MaxExtract)
	}
	return m, err
}

// Badge is how the last verification ended, and who outside vouches for what was signed last.
func (p *Proof) Badge() audit.Badge {
	if p.Watch == nil {
		return audit.Badge{}
	}
	b := p.Watch.Badge()
	if p.Notary != nil {
		latest, _ := p.Notary.Latest()
		b.Witnesses = len(latest.Cosignatures)
	}
	return b
}

// Report is the last verification's report.
func (p *Proof) Report() (audit.Report, error) {
	if p.Watch == nil {
		return audit.Report{}, problem(http.StatusServiceUnavailable, "proof_unavailable")
	}
	report, ok := p.Watch.Report()
	if !ok {
		return report, problem(http.StatusServiceUnavailable, "not_verified_yet").after(5)
	}
	return report, nil
}

// Verify verifies now, and waits for the report.
func (p *Proof) Verify(ctx context.Context) (audit.Report, error) {
	if p.Watch == nil {
		return audit.Report{}, problem(http.StatusServiceUnavailable, "proof_unavailable")
	}
	report, err := p.Watch.Verify(ctx)
	if errors.Is(err, audit.ErrWatchEnded) {
		err = problem(http.StatusServiceUnavailable, "closed").because(err).after(5)
	}
	return report, err
}
