package audit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/audit/sampling"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// Evidence is what a ledger shows to be verified. Only Fund and Log are needed; what is nil or empty is not checked, and the report
// says so.
type Evidence struct {
	Fund        domain.FundID
	Log         proof.Log
	Checkpoints [][]byte     // every note that was kept, in any order
	Trust       proof.Trust  // whose signatures are believed
	Hashes      proof.Hashes // the tree as it is kept
	Rows        Rows         // the projections as they are kept
	Refusals    Refusals     // as they are kept; nil: they are not checked
	Files       Files        // contents of attachments; nil: they are not checked
}

// Options say how to look. The zero Options are the defaults.
type Options struct {
	Now      time.Time // the moment of verification; zero: time.Now
	Limits   Limits
	Sample   int                // how many payouts to draw; 0: 60
	Progress func(done uint64)  // told now and then; may be nil
	Each     func(*Event) error // gets every event in order; may be nil
}

// Check is one thing that was verified, or could not be.
type Check struct {
	Name   string      `json:"name"` // "log", "checkpoints", "tree", "decisions", "projections", "refusals", "attachments", "findings"
	Title  domain.Text `json:"title"`
	Result Result      `json:"result"`
	Detail domain.Text `json:"detail"`
}

// Result is what came of a check.
type Result string

// The results of a check.
const (
	Passed  Result = "passed"
	Failed  Result = "failed"
	Skipped Result = "skipped" // there was nothing to check against
)

// Report is what a verification found.
type Report struct {
	Fund       domain.FundID            `json:"fund"`
	At         time.Time                `json:"at"`    // UTC
	Sound      bool                     `json:"sound"` // no check failed: exit status 0
	Events     uint64                   `json:"events"`
	Commands   uint64                   `json:"commands"`
	Root       tlog.Hash                `json:"root"`                          // of all events
	Checkpoint *proof.Signed            `json:"checkpoint"`                    // the latest that is believed
	Followed   []proof.Rotation         `json:"followed,omitempty"`            // the changes of key that lead from a trusted key to others
	Unknown    int                      `json:"unknown_checkpoints,omitempty"` // that only keys signed which came before the trusted ones
	Checks     []Check                  `json:"checks"`
	Kinds      []KindCount              `json:"kinds"` // of the findings, in their order
	Findings   []Finding                `json:"findings"`
	Counts     map[Severity]int         `json:"counts"`
	Sample     sampling.Sample          `json:"sample"`
	Projected  []projections.Difference `json:"projection_differences,omitempty"` // the tables that differ from the log
	Benford    Benford                  `json:"benford"`
	TookMS     int64                    `json:"took_ms"`
}

// Verify verifies a ledger: its log against every checkpoint kept, its decisions against the rules, its tree and its
// projections against its log; and looks for what an auditor asks about. The error says that something could not be read; what is wrong
// is in the report.
func Verify(ctx context.Context, e Evidence, o Options) (Report, error) {
	began := time.Now()
	if o.Now.IsZero() {
		o.Now = began
	}
	v := newVerification(e, o)
	defer v.close()
	if err := v.begin(ctx); err != nil {
		return Report{}, err
	}
	judgement, err := Judge(ctx, e.Log, v.take(ctx))
	if err != nil {
		return Report{}, err
	}
	if err := v.finish(ctx, judgement); err != nil {
		return Report{}, err
	}
	v.report.TookMS = time.Since(began).Milliseconds()
	return v.report, nil
}

// verification is a verification on its way.
type verification struct {
	evidence Evidence
	options  Options
	report   Report
	tree     *compact.Range
	trust    proof.Trust    // with the keys that followed
	pending  []proof.Signed // checkpoints whose size is not reached yet, by size
	believed int
	bad      int // checkpoints that do not hold
	rows     *rowCheck
	kept     *hashCheck
	analysis *analysis
	findings []Finding
	named    Named // contents that events name
}

func newVerification(e Evidence, o Options) *verification {
	v := &verification{evidence: e, options: o, named: Named{}, analysis: newAnalysis(o.Limits.withDefaults(), domain.DateIn(o.Now, domain.Shanghai))}
	v.tree = (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	v.report = Report{Fund: e.Fund, At: o.Now.UTC(), Counts: map[Severity]int{}}
	return v
}

func (v *verification) note(f Finding) { v.findings = append(v.findings, f) }

// begin opens the checkpoints, and looks how far projections and tree have come.
func (v *verification) begin(ctx context.Context) error {
	origin := proof.Origin(v.evidence.Fund)
	trust, err := v.evidence.Trust.Following(ctx, origin, v.evidence.Log, v.evidence.Checkpoints)
	if err != nil {
		return err
	}
	v.trust, v.report.Followed = trust, trust.Followed
	for i, text := range v.evidence.Checkpoints {
		opened, older, err := trust.Believe(origin, [][]byte{text})
		if older > 0 {
			v.report.Unknown++ // trust does not flow back from a later key
			continue
		}
		if err != nil {
			v.bad++
			v.note(found(codeCheckpointBad, fmt.Sprintf("checkpoint %d", i+1), nil, "n", number(uint64(i+1)), "reason", err.Error()))
			continue
		}
		v.believed++
		v.pending = append(v.pending, opened...)
	}
	slices.SortStableFunc(v.pending, func(a, b proof.Signed) int { return cmp.Compare(a.Size, b.Size) })
	if v.evidence.Hashes != nil {
		v.kept = &hashCheck{hashes: v.evidence.Hashes}
	}
	if v.evidence.Rows == nil {
		return nil
	}
	v.rows, err = newRowCheck(ctx, v.evidence.Rows)
	return err
}

// close ends what was begun.
func (v *verification) close() {
	if v.rows != nil && v.rows.refold != nil {
		v.rows.refold.Close()
	}
}

// take takes events in, in order.
func (v *verification) take(ctx context.Context) func(*Event) error {
	return func(e *Event) error {
		if err := v.tree.Append(e.Leaf[:], nil); err != nil {
			return fmt.Errorf("growing the tree at event %d: %w", e.Record.Seq, err)
		}
		if err := v.reached(); err != nil {
			return err
		}
		if v.kept != nil {
			if err := v.kept.take(ctx, e.Leaf); err != nil {
				return err
			}
		}
		if v.rows != nil {
			if err := v.rows.take(ctx, e); err != nil {
				return err
			}
		}
		if e.Read {
			v.keyChanged(e)
			if err := v.looksAt(e); err != nil {
				v.note(found(CodeUnreadable, event(e.Record.Seq), []uint64{e.Record.Seq}, "seq", number(e.Record.Seq), "reason", err.Error()))
			}
		}
		if v.options.Progress != nil && e.Record.Seq%4096 == 0 {
			v.options.Progress(e.Record.Seq)
		}
		if v.options.Each != nil {
			return v.options.Each(e)
		}
		return nil
	}
}

// looksAt has an event looked at for findings. One that the rules did not make may be such that nobody can.
func (v *verification) looksAt(e *Event) (err error) {
	defer wire.Guard(e.Record.Seq, &err)
	v.named.Take(e.Record.Seq, e.Entry.Event)
	v.analysis.take(&e.Entry)
	return nil
}

// keyChanged finds a change of the checkpoint key that both keys did not sign: whoever follows it follows nobody.
func (v *verification) keyChanged(e *Event) {
	said, ok := e.Entry.Event.(*domain.CheckpointKeyRotated)
	if !ok {
		return
	}
	change := proof.RotationSaid(e.Record.Seq, *said)
	if err := change.Check(proof.Origin(v.evidence.Fund)); err == nil {
		return
	} else if e.Entry.Envelope.Edition > 1 {
		v.note(found(codeKeyForged, "event "+number(e.Record.Seq), []uint64{e.Record.Seq}, "seq", number(e.Record.Seq), "reason", err.Error()))
		v.bad++
		return
	}
	v.note(found(codeKeyUnsigned, "event "+number(e.Record.Seq), []uint64{e.Record.Seq}, "seq", number(e.Record.Seq), "key", said.New))
}

// reached holds the checkpoints of the present size against the root.
func (v *verification) reached() error {
	for len(v.pending) > 0 && v.pending[0].Size <= v.tree.End() {
		s := v.pending[0]
		v.pending = v.pending[1:]
		root, err := v.root()
		if err != nil {
			return err
		}
		if s.Size < v.tree.End() { // of nothing, before the first event
			root = tlog.Hash(rfc6962.DefaultHasher.EmptyRoot())
		}
		if root != s.Root {
			v.bad++
			v.note(found(codeForked, "checkpoint at "+number(s.Size), nil, "size", number(s.Size), "signed", s.Root.String(), "recomputed", root.String()))
			continue
		}
		v.report.Checkpoint = &s
	}
	return nil
}

func (v *verification) root() (tlog.Hash, error) {
	root, err := v.tree.GetRootHash(nil)
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("taking the root at event %d: %w", v.tree.End(), err)
	}
	if len(root) == 0 {
		root = rfc6962.DefaultHasher.EmptyRoot()
	}
	return tlog.Hash(root), nil
}

// finish draws up the report.
func (v *verification) finish(ctx context.Context, j Judgement) error {
	r := &v.report
	r.Events, r.Commands = j.Events, j.Commands
	if r.Fund == "" {
		r.Fund = j.Fund
	}
	if err := v.reached(); err != nil { // of an empty log no event came
		return err
	}
	for _, s := range v.pending {
		v.bad++
		v.note(found(codeRolledBack, "checkpoint at "+number(s.Size), nil, "size", number(s.Size), "end", number(j.Events)))
	}
	var err error
	if r.Root, err = v.root(); err != nil {
		return err
	}
	v.judged(j)
	v.checkpointsChecked()
	if err := v.keptChecked(ctx); err != nil {
		return err
	}
	if err := v.rowsChecked(ctx, j); err != nil {
		return err
	}
	if err := v.refusalsChecked(ctx); err != nil {
		return err
	}
	if err := v.filesChecked(ctx); err != nil {
		return err
	}
	v.analysed(j)
	v.closeReport()
	return nil
}

func (v *verification) check(name string, result Result, title domain.Text, zh, en string, args ...any) {
	in := func(lang string) []any {
		said := slices.Clone(args)
		for i, arg := range said {
			if text, ok := arg.(domain.Text); ok {
				said[i] = text.In(lang)
			}
		}
		return said
	}
	v.report.Checks = append(v.report.Checks, Check{Name: name, Title: title, Result: result,
		Detail: domain.Text{ZH: fmt.Sprintf(zh, in("zh")...), EN: fmt.Sprintf(en, in("en")...)}})
}

func passed(ok bool) Result {
	if ok {
		return Passed
	}
	return Failed
}

// judged takes over what judging found, the log's own faults apart from the decisions'.
func (v *verification) judged(j Judgement) {
	broken := 0
	for _, f := range j.Findings {
		v.note(f)
		if f.Code == CodeUnreadable || f.Code == CodeSequence {
			broken++
		}
	}
	wrong := 0
	for _, f := range j.Findings {
		if f.Severity == Error && f.Code != CodeUnreadable && f.Code != CodeSequence {
			wrong++
		}
	}
	if v.evidence.Fund != "" && j.Fund != v.evidence.Fund && j.Events > 0 {
		broken++
		v.note(found(CodeOtherFund, "log", nil, "fund", string(v.evidence.Fund), "found", string(j.Fund)))
	}
	v.check("log", passed(broken == 0), domain.Text{ZH: "日志", EN: "log"}, "共 %d 个事件，序号连续且均可读取：%d 处不符", "%d events, read and in sequence: %d faults", j.Events, broken)
	v.check("decisions", passed(wrong == 0), domain.Text{ZH: "决定", EN: "decisions"}, "按当时规则重新裁决 %d 条指令：%d 处不符，%d 条指令的摘要无法重算",
		"%d commands decided again: %d differ; the hashes of %d cannot be made again", j.Commands, max(wrong, int(j.FindingCount)-len(j.Findings)), j.HashesUnknown)
}

func (v *verification) checkpointsChecked() {
	title := domain.Text{ZH: "检查点", EN: "checkpoints"}
	if len(v.evidence.Checkpoints) == 0 {
		v.check("checkpoints", Skipped, title, "没有检查点可供核对", "there is no checkpoint to check against")
		return
	}
	if v.believed == 0 && v.report.Unknown > 0 {
		v.bad++
	}
	outside := Witnessed(proof.Signed{})
	if last := v.report.Checkpoint; last != nil {
		outside = Witnessed(*last)
	}
	v.check("checkpoints", passed(v.bad == 0), title, "核对 %d 个检查点：%d 个不符；%s", "%d checkpoints: %d do not hold; %s", len(v.evidence.Checkpoints), v.bad, outside)
}

// Witnessed says how many outside witnesses vouch for a ledger's latest checkpoint, and what a check by the log's own key alone is worth.
func Witnessed(last proof.Signed) domain.Text {
	names := make([]string, len(last.Cosignatures))
	for i, c := range last.Cosignatures {
		names[i] = c.Witness
	}
	said := domain.Text{ZH: fmt.Sprintf("最近一个由 %d 个外部见证者联署（%s）", len(names), strings.Join(names, "、")), EN: fmt.Sprintf("the last is cosigned by %d outside witnesses (%s)", len(names), strings.Join(names, ", "))}
	if len(names) == 0 {
		said = domain.Text{ZH: "最近一个没有外部见证者联署，掌握本机与密钥者仍可改写全部历史", EN: "no outside witness cosigned the last, so whoever owns the machine and its key could have written another history"}
	}
	if last.Unknown > 0 {
		said.ZH += fmt.Sprintf("；其上另有 %d 个签名，公钥未被信任", last.Unknown)
		said.EN += fmt.Sprintf("; %d more signatures on it are by keys that are not trusted here", last.Unknown)
	}
	return said
}

func (v *verification) keptChecked(ctx context.Context) error {
	title := domain.Text{ZH: "默克尔树", EN: "tree"}
	if v.kept == nil {
		v.check("tree", Skipped, title, "未提供所存的默克尔树", "no kept tree was shown")
		return nil
	}
	findings, err := v.kept.finish(ctx, v.report.Root)
	if err != nil {
		return err
	}
	v.findings = append(v.findings, findings...)
	v.check("tree", passed(len(findings) == 0), title, "所存 %d 个叶子与日志核对：%d 处不符", "%d kept leaves held against the log: %d differ", v.kept.next, len(findings))
	return nil
}

func (v *verification) rowsChecked(ctx context.Context, j Judgement) error {
	title := domain.Text{ZH: "投影", EN: "projections"}
	if v.rows == nil {
		v.check("projections", Skipped, title, "未提供投影表", "no projections were shown")
		return nil
	}
	if err := v.rows.finish(ctx, j); err != nil {
		return err
	}
	v.findings = append(v.findings, v.rows.findings...)
	v.report.Projected = v.rows.differing()
	v.check("projections", passed(v.rows.wrong == 0), title, "%d 张投影表的每一列均与日志核对至第 %d 号事件：%d 处不符",
		"every column of %d tables held against the log up to event %d: %d differences", len(v.rows.tables), v.rows.position, v.rows.wrong)
	return nil
}

func (v *verification) analysed(j Judgement) {
	findings := v.analysis.finish(j.State)
	v.findings = append(v.findings, findings...)
	v.report.Benford = v.analysis.benford()
	n := v.options.Sample
	if n == 0 {
		n = 60
	}
	seed := v.report.Root
	if v.report.Checkpoint != nil {
		seed = v.report.Checkpoint.Root
	}
	v.report.Sample = sampling.Draw(v.analysis.population(), n, seed)
	v.check("findings", Passed, domain.Text{ZH: "审计发现", EN: "findings"}, "%d 项供审阅", "%d to look at", len(findings))
}

func (v *verification) closeReport() {
	r := &v.report
	r.Findings = append([]Finding{}, v.findings...) // none is an empty list to who reads JSON
	for i := range r.Findings {
		f := &r.Findings[i]
		r.Counts[f.Severity]++
		f.dispose(v.analysis.disposed)
		f.explain(v.analysis.facts.policy)
	}
	sortFindings(r.Findings)
	r.Kinds = counted(r.Findings)
	r.Sound = !slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Result == Failed })
}

// population is every payout, in the order of the log.
func (a *analysis) population() []sampling.Item {
	items := make([]sampling.Item, len(a.payouts))
	for i, p := range a.payouts {
		items[i] = sampling.Item{ID: string(p.id), Seq: p.seq, Enterprise: p.enterprise, Clause: p.clause, SupportYear: p.year, Department: p.department, Amount: p.amount}
	}
	return items
}
