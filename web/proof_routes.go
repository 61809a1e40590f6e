package web

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/sampling"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

var (
	bySize      = &projections.Filter{Name: "size", Kind: projections.Position, Meaning: domain.Text{ZH: "树的大小（事件数）；不填为最近的检查点", EN: "the tree's size in events; without it, the latest checkpoint's"}}
	byFrom      = &projections.Filter{Name: "from", Kind: projections.Position, Meaning: domain.Text{ZH: "较早的大小；不填为 1", EN: "the earlier size; 1 without it"}}
	byTo        = &projections.Filter{Name: "to", Kind: projections.Position, Meaning: domain.Text{ZH: "较晚的大小；不填为最近的检查点", EN: "the later size; without it, the latest checkpoint's"}}
	byBefore    = &projections.Filter{Name: "before", Kind: projections.Position, Meaning: domain.Text{ZH: "只列小于该大小的检查点", EN: "only those of sizes below this one: next of the page before"}}
	byAt        = &projections.Filter{Name: "at", Kind: projections.Position, Meaning: domain.Text{ZH: "重放到该位置；不填为全部", EN: "replay up to this event; all of them without it"}}
	byStep      = &projections.Filter{Name: "from", Kind: projections.Position, Meaning: domain.Text{ZH: "从第几步起（默认 0）", EN: "from this step on, counted from 0"}}
	bySteps     = &projections.Filter{Name: "limit", Kind: projections.Count, Meaning: domain.Text{ZH: "json 中的步数，最多 5000（默认 1000）", EN: "how many steps json has, at most 5000 (1000 without it)"}}
	byFigure    = &projections.Filter{Name: "figure", Kind: projections.Identifier, Meaning: domain.Text{ZH: "数字：分录类别、use（已用额度）或 net_paid（净支付，默认）", EN: "the figure: a kind of posting, use, or net_paid, which it is without it"}}
	bySubjectAs = &projections.Filter{Name: "subject_kind", Kind: projections.Identifier, Meaning: domain.Text{ZH: "计额对象的种类", EN: "the kind of the cap subject"}, Choices: []string{"enterprise", "project", "award"}}
	byClaimed   = &projections.Filter{Name: "claimed", Kind: projections.Word, Meaning: domain.Text{ZH: "别处所示的金额，与之核对", EN: "an amount that is shown elsewhere, to be held against the sum"}}
	byCursor    = &projections.Filter{Name: "cursor", Kind: projections.Word, Meaning: domain.Text{ZH: "上一页所给的下一页（next）：涉及 20000 个以上事件或 500 个以上账户明细的数字分页答复", EN: "next of the page before: a figure of more than 20000 events or 500 account lines comes in pages"}}
	byUnits     = &projections.Filter{Name: "n", Kind: projections.Count, Meaning: domain.Text{ZH: "抽取的货币单位数，最多 10000（默认 60）", EN: "how many monetary units are drawn, at most 10000 (60 without it)"}}
	byLimit     = &projections.Filter{Name: "limit", Kind: projections.Count, Meaning: domain.Text{ZH: "行数，最多 500（默认 50）", EN: "how many rows, at most 500 (50 without it)"}}
	byTable     = &projections.Filter{Name: "table", Kind: projections.Word, Meaning: domain.Text{ZH: "以表格答复时的哪一张表（默认为发现）", EN: "which table, where the answer is one (findings without it)"}, Choices: []string{"checks", "kinds", "findings", "cases", "sample", "benford"}}
	byChanges   = &projections.Filter{Name: "table", Kind: projections.Word, Meaning: domain.Text{ZH: "以表格答复时的哪一张表（默认为变动）", EN: "which table, where the answer is one (changed without it)"}, Choices: []string{"changed", "enterprises", "clauses", "departments", "budget_years"}}
	asTable     = &projections.Filter{Name: "format", Kind: projections.Word, Meaning: domain.Text{ZH: "json，或表格：csv、xlsx、parquet、ndjson", EN: "json, or a table: csv, xlsx, parquet, ndjson"}, Choices: []string{"json", "csv", "xlsx", "parquet", "ndjson"}}
	inLanguage  = &projections.Filter{Name: "lang", Kind: projections.Word, Meaning: domain.Text{ZH: "语言", EN: "the language"}, Choices: []string{"zh", "en"}}
	headings    = &projections.Filter{Name: "headings", Kind: projections.Word, Meaning: domain.Text{ZH: "csv 的表头", EN: "of csv: column names, or headings people read"}, Choices: []string{"names", "human"}}
)

var mayVerify = []domain.Role{domain.Auditor, domain.Admin}

// proofRoutes are the routes that prove.
var proofRoutes = []route{
	proved("/v1/checkpoint", (*Server).getCheckpoint, reflect.TypeFor[checkpointNow](), "台账与查询表的位置，及最近的检查点", "How far the ledger and its projections are, and the latest checkpoint"),
	proved("/v1/checkpoints", (*Server).getCheckpoints, reflect.TypeFor[checkpointList](), "所存的检查点，从最近的起", "The checkpoints that are kept, the latest first", byBefore, byLimit),
	proved("/v1/checkpoints/{size}", (*Server).getCheckpointOf, reflect.TypeFor[checkpointRow](), "某一大小的检查点", "The checkpoint of a size"),
	proved("/v1/proofs/inclusion/{seq}", (*Server).getInclusion, reflect.TypeFor[inclusionProof](), "证明某事件在树中", "That an event lies in the tree", bySize),
	proved("/v1/proofs/consistency", (*Server).getConsistency, reflect.TypeFor[consistencyProof](), "证明台账只有增加", "That the log only grew", byFrom, byTo),
	proved("/v1/applications/{id}/replay", (*Server).replayApplication, reflect.TypeFor[replayed](), "申请的决定历程，逐步重放", "An application's decisions, step by step", byAt, byStep, bySteps, asTable, headings, inLanguage),
	proved("/v1/enterprises/{id}/replay", (*Server).replayEnterprise, reflect.TypeFor[replayed](), "企业的决定历程，逐步重放", "An enterprise's decisions, step by step", byAt, byStep, bySteps, asTable, headings, inLanguage),
	proved("/v1/explain", (*Server).getExplanation, reflect.TypeFor[replay.Explanation](), "一个数字的由来", "What a number is made of", byFigure, projections.ByEnterprise.Filter, projections.ByClause.Filter, bySubjectAs, projections.BySubject.Filter, projections.ByYear.Filter, pastParams[0], byClaimed, byCursor, asTable, headings, inLanguage),
	proved("/v1/receipts/{seq}", (*Server).getReceipt, reflect.TypeFor[replay.Receipt](), "批准或支付的决定凭据", "The receipt of an approval or a payout"),
	proved("/v1/sample", (*Server).getSample, reflect.TypeFor[sampling.Sample](), "货币单位抽样，以检查点的根为种子", "A monetary-unit sample, seeded by a checkpoint's root", byUnits, bySize, asTable, headings, inLanguage),
	proved("/v1/verification", (*Server).getVerification, reflect.TypeFor[verification](), "最近一次核验的报告", "The last verification's report", byTable, asTable, headings, inLanguage),
	{method: "POST", path: "/v1/verification", roles: mayVerify, described: true, serve: proving((*Server).postVerification), answer: reflect.TypeFor[verification](),
		summary: domain.Text{ZH: "立即核验；Prefer：respond-async 则不等待", EN: "Verify now, and wait; Prefer: respond-async does not wait (202)"}},
	{method: "POST", path: "/v1/what-if", roles: everyone, described: true, serve: proving((*Server).postWhatIf), answer: reflect.TypeFor[replay.WhatIf](), body: reflect.TypeFor[whatIfAsked](),
		params: []param{byChanges, asTable, headings, inLanguage}, summary: domain.Text{ZH: "假设推演：按其他参数重新裁决全部历史", EN: "What if: the whole history decided again under other parameters"}},
	{method: "POST", path: "/v1/simulations", roles: everyone, described: true, serve: proving((*Server).postSimulation), answer: reflect.TypeFor[replay.Simulation](), body: reflect.TypeFor[SimulationAsked](),
		params: []param{byResult, asTable, headings, inLanguage}, summary: domain.Text{ZH: "政策试行：以另一政策裁决历史申请", EN: "Another policy, tried on what was applied for"}},
	{method: "GET", path: "/v1/bundle", roles: everyone, described: true, serve: proving((*Server).getBundle), media: "application/zip",
		params: []param{projections.ByEnterprise.Filter, projections.ByClause.Filter, projections.ByYear.Filter}, summary: domain.Text{ZH: "可离线核验的证明包", EN: "A bundle that anyone can verify offline"}},
	{method: "GET", path: "/checkpoint", described: true, serve: proving((*Server).getNote), media: "text/plain",
		summary: domain.Text{ZH: "最近的检查点（C2SP tlog-tiles）", EN: "The latest checkpoint, as C2SP tlog-tiles has it"}},
	{method: "GET", path: "/tile/{path...}", described: true, serve: proving((*Server).getTile), media: "application/octet-stream",
		summary: domain.Text{ZH: "默克尔树的瓦片 LEVEL/N，以及事件 entries/N（C2SP tlog-tiles）", EN: "A tile of the tree, LEVEL/N, or of events, entries/N, as C2SP tlog-tiles has them"}},
}

func proved(path string, serve func(*Server, http.ResponseWriter, *http.Request) error, answer reflect.Type, zh, en string, params ...param) route {
	if path != "/v1/checkpoint" { // which says something without a proof too
		serve = proving(serve)
	}
	return route{method: "GET", path: path, roles: everyone, described: true, serve: serve, answer: answer, params: params, summary: domain.Text{ZH: zh, EN: en}}
}

// proving answers 503 where nothing proves the ledger.
func proving(serve func(*Server, http.ResponseWriter, *http.Request) error) func(*Server, http.ResponseWriter, *http.Request) error {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		if s.cfg.Proof == nil {
			return problem(http.StatusServiceUnavailable, "proof_unavailable")
		}
		return serve(s, w, r)
	}
}

// sequence is the number in a path.
func sequence(r *http.Request, name string) (uint64, error) {
	text := r.PathValue(name)
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != text {
		return 0, projections.ErrNotFound
	}
	return n, nil
}

// checkpointRow is a checkpoint as it is answered.
type checkpointRow struct {
	Origin       string              `json:"origin"`
	Size         uint64              `json:"size"`
	Root         string              `json:"root"` // base64
	Note         string              `json:"note"` // the signed note, as it is verified
	Cosignatures []proof.Cosignature `json:"cosignatures"`
}

func rowOf(s proof.Signed) checkpointRow {
	return checkpointRow{Origin: s.Origin, Size: s.Size, Root: s.Root.String(), Note: string(s.Note), Cosignatures: s.Cosignatures}
}

// checkpointNow is how far everything is.
type checkpointNow struct {
	Fund domain.FundID `json:"fund"`
	Lag
	Origin       string              `json:"origin,omitzero"` // of the latest checkpoint, as everything below
	Size         uint64              `json:"size,omitzero"`
	Root         string              `json:"root,omitzero"`
	Note         string              `json:"note,omitzero"`
	Cosignatures []proof.Cosignature `json:"cosignatures,omitempty"`
	Verifiers    []string            `json:"verifiers,omitempty"` // keys to check signatures with, the present one first
	Verified     audit.Badge         `json:"verified"`
}

func (s *Server) getCheckpoint(w http.ResponseWriter, r *http.Request) error {
	lag, err := s.Lag(r.Context())
	if err != nil {
		return err
	}
	now := checkpointNow{Fund: s.cfg.Fund, Lag: lag}
	if p := s.cfg.Proof; p != nil {
		now.Verifiers, now.Verified = p.Verifiers, p.Badge()
		switch latest, err := p.Latest(r.Context()); {
		case err == nil:
			row := rowOf(latest)
			now.Origin, now.Size, now.Root, now.Note, now.Cosignatures = row.Origin, row.Size, row.Root, row.Note, row.Cosignatures
		case ErrorProblem(err).Code != "checkpoint_none":
			return err
		}
	}
	w.Header().Set("ETag", etag(lag.Last))
	return writeJSON(w, http.StatusOK, now)
}

type checkpointList struct {
	Checkpoints []checkpointRow `json:"checkpoints"`
	Next        uint64          `json:"next,omitzero"` // before of the next page
}

func (s *Server) getCheckpoints(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, []param{byBefore, byLimit})
	if err != nil {
		return err
	}
	limit := 50
	if n := a.number("limit"); n > 0 {
		limit = int(min(n, 500))
	}
	list, err := s.cfg.Proof.Checkpoints(r.Context(), a.number("before"), limit+1)
	if err != nil {
		return err
	}
	answer := checkpointList{Checkpoints: []checkpointRow{}}
	for i, one := range list {
		if i == limit {
			answer.Next = list[i-1].Size
			break
		}
		answer.Checkpoints = append(answer.Checkpoints, rowOf(one))
	}
	size := uint64(0)
	if len(list) > 0 {
		size = list[0].Size
	}
	w.Header().Set("ETag", etag(size))
	return writeJSON(w, http.StatusOK, answer)
}

func (s *Server) getCheckpointOf(w http.ResponseWriter, r *http.Request) error {
	size, err := sequence(r, "size")
	if err != nil {
		return err
	}
	one, err := s.cfg.Proof.Checkpoint(r.Context(), size)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(size))
	return writeJSON(w, http.StatusOK, rowOf(one))
}

type inclusionProof struct {
	proof.Inclusion
	Checkpoint *checkpointRow `json:"checkpoint,omitempty"` // of the size, where there is one: its root is what the proof leads to
}

func (s *Server) getInclusion(w http.ResponseWriter, r *http.Request) error {
	seq, err := sequence(r, "seq")
	if err != nil {
		return err
	}
	a, err := readQuery(r.URL.RawQuery, []param{bySize})
	if err != nil {
		return err
	}
	proof, signed, err := s.cfg.Proof.Inclusion(r.Context(), seq, a.number("size"))
	if err != nil {
		return err
	}
	answer := inclusionProof{Inclusion: proof}
	if signed != nil {
		row := rowOf(*signed)
		answer.Checkpoint = &row
	}
	w.Header().Set("ETag", etag(proof.Size))
	return writeJSON(w, http.StatusOK, answer)
}

type consistencyProof struct {
	proof.Consistency
	FromRoot string `json:"from_root"` // base64, of the first from_size events
	ToRoot   string `json:"to_root"`
}

func (s *Server) getConsistency(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, []param{byFrom, byTo})
	if err != nil {
		return err
	}
	from := a.number("from")
	if a.text("from") == "" {
		from = 1
	}
	shown, err := s.cfg.Proof.Consistency(r.Context(), from, a.number("to"))
	if err != nil {
		return err
	}
	answer := consistencyProof{Consistency: shown}
	for size, root := range map[uint64]*string{shown.From: &answer.FromRoot, shown.To: &answer.ToRoot} {
		h, err := proof.RootAt(r.Context(), s.cfg.Proof.Tree.Hashes, size)
		if err != nil {
			return err
		}
		*root = h.String()
	}
	if shown.From == shown.To {
		answer.FromRoot, answer.ToRoot = orElse(answer.FromRoot, answer.ToRoot), orElse(answer.ToRoot, answer.FromRoot)
	}
	w.Header().Set("ETag", etag(shown.To))
	return writeJSON(w, http.StatusOK, answer)
}

func (s *Server) replayApplication(w http.ResponseWriter, r *http.Request) error {
	return s.replay(w, r, replay.Question{Application: domain.ApplicationID(r.PathValue("id"))})
}

func (s *Server) replayEnterprise(w http.ResponseWriter, r *http.Request) error {
	return s.replay(w, r, replay.Question{Enterprise: domain.EnterpriseID(r.PathValue("id"))})
}

func (s *Server) replay(w http.ResponseWriter, r *http.Request, q replay.Question) error {
	if projections.ByApplication.Check(string(q.Application)) != nil || projections.ByEnterprise.Check(string(q.Enterprise)) != nil {
		return projections.ErrNotFound
	}
	a, err := readQuery(r.URL.RawQuery, []param{byAt, byStep, bySteps, asTable, headings, inLanguage})
	if err != nil {
		return err
	}
	if q.Upto = a.number("at"); q.Upto > 0 {
		if err := s.recorded(r.Context(), q.Upto); err != nil {
			return err
		}
	}
	history, err := s.cfg.Proof.Replay(r.Context(), q)
	if err != nil {
		return err
	}
	page := replayed{History: history, Count: len(history.Steps)}
	first, limit := int(min(a.number("from"), uint64(page.Count))), 1000
	if n := a.number("limit"); n > 0 {
		limit = int(min(n, 5000))
	}
	if page.Steps = history.Steps[first:]; len(page.Steps) > limit {
		page.Steps, page.Next = page.Steps[:limit], first+limit
	}
	return s.respondProof(w, r, a, history.Seq, page, func() (words.Sheet, bool) { return history.Table(), true })
}

// replayed is a page of a history's steps.
type replayed struct {
	replay.History
	Count int `json:"count"`         // of all steps
	Next  int `json:"next,omitzero"` // from, of the next page
}

// recorded says no where the log has not come to a position.
func (s *Server) recorded(ctx context.Context, seq uint64) error {
	lag, err := s.Lag(ctx)
	if err == nil && seq > lag.Projected {
		return problem(http.StatusUnprocessableEntity, "position_unknown", "reason", digits(seq)+" > "+digits(lag.Projected))
	}
	return err
}

func (s *Server) getExplanation(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, []param{byFigure, projections.ByEnterprise.Filter, projections.ByClause.Filter, bySubjectAs, projections.BySubject.Filter, projections.ByYear.Filter, pastParams[0], byClaimed, byCursor, asTable, headings, inLanguage})
	if err != nil {
		return err
	}
	t := replay.Total{Figure: orElse(a.text("figure"), "net_paid"), Enterprise: domain.EnterpriseID(a.text("enterprise")), Clause: domain.ClauseID(a.text("clause")),
		SubjectKind: domain.SubjectKind(a.text("subject_kind")), Subject: a.text("subject"), Year: a.year("year"), Cursor: a.text("cursor")}
	if text := a.text("claimed"); text != "" {
		t.Claimed = &domain.Balance{}
		if err := t.Claimed.UnmarshalText([]byte(text)); err != nil {
			return invalid("claimed", text, err)
		}
	}
	if t.Upto, err = s.Upto(r.Context(), a.asOf()); err != nil {
		return err
	}
	format, err := formatOf(r, a)
	if err != nil {
		return err
	}
	ctx, done, err := s.heavy.heavy(r.Context(), s.cfg.HeavyFor)
	if err != nil {
		return err
	}
	defer done()
	r = r.WithContext(ctx)
	explained, err := s.Explain(ctx, t)
	if err != nil {
		return err
	}
	if explained.Next == "" {
		return s.respondProof(w, r, a, t.Upto, explained, func() (words.Sheet, bool) { return explained.Table(), true })
	}
	if format == tabular.JSON {
		q := cloned(a.values)
		q.Set("cursor", explained.Next)
		q.Set("as_of", "seq:"+digits(t.Upto)) // all pages are of one position
		w.Header().Set("Link", "<"+r.URL.EscapedPath()+"?"+q.Encode()+`>; rel="next"`)
		return s.respondProof(w, r, a, t.Upto, explained, nil)
	}
	table := explained.Table().As(langOf(r), tabular.Meta{Name: "position", Value: digits(t.Upto)}, tabular.Meta{Name: "fund", Value: string(s.cfg.Fund)})
	table.Rows = s.explainedRows(ctx, t, explained, langOf(r))
	return s.export(w, r, table, format, t.Upto, &t.Upto, a.text("headings") == "human")
}

// explainedRows are the rows of an explanation, page after page.
func (s *Server) explainedRows(ctx context.Context, t replay.Total, page replay.Explanation, lang string) iter.Seq2[tabular.Row, error] {
	return func(yield func(tabular.Row, error) bool) {
		for first := true; ; first = false {
			sheet := page.Table()
			if !first {
				sheet = page.Behind()
			}
			for row, err := range sheet.As(lang).Rows {
				if !yield(row, err) {
					return
				}
			}
			if t.Cursor, t.NoSums = page.Next, true; t.Cursor == "" {
				return
			}
			var err error
			if page, err = s.cfg.Proof.Explain(ctx, t); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// Upto is the last event of a moment, as the projections say; without one it is how far they are.
func (s *Server) Upto(ctx context.Context, asOf projections.AsOf) (uint64, error) {
	p, err := projections.Journal.Page(ctx, s.cfg.Queries, projections.Ask{AsOf: asOf, Limit: 1})
	return p.Seq, err
}

// Explain is [Proof.Explain] of a total of what is there: an enterprise or a clause that the ledger does not know has no total,
// not one of nought.
func (s *Server) Explain(ctx context.Context, t replay.Total) (replay.Explanation, error) {
	var unknown error
	err := s.cfg.Ledger.View(ctx, func(state *domain.State, _ uint64) {
		if _, known := state.Enterprise(t.Enterprise); t.Enterprise != "" && !known {
			unknown = problem(http.StatusNotFound, "no_such_total", "parameter", "enterprise", "value", t.Enterprise)
		}
		if t.Clause == "" {
			return
		}
		if state.Policy() != nil {
			if _, known := state.Policy().Clause(t.Clause); known {
				return
			}
		}
		unknown = problem(http.StatusNotFound, "no_such_total", "parameter", "clause", "value", t.Clause)
	})
	if err = errors.Join(err, unknown); err != nil {
		return replay.Explanation{}, err
	}
	return s.cfg.Proof.Explain(ctx, t)
}

func (s *Server) getReceipt(w http.ResponseWriter, r *http.Request) error {
	seq, err := sequence(r, "seq")
	if err != nil {
		return err
	}
	if _, err := readQuery(r.URL.RawQuery, nil); err != nil {
		return err
	}
	if err := s.recorded(r.Context(), seq); err != nil {
		return projections.ErrNotFound
	}
	receipt, err := s.cfg.Proof.Receipt(r.Context(), seq)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(seq))
	return writeJSON(w, http.StatusOK, receipt)
}

func (s *Server) getSample(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, []param{byUnits, bySize, asTable, headings, inLanguage})
	if err != nil {
		return err
	}
	drawn, err := s.cfg.Proof.Draw(r.Context(), drawingOf(a))
	if err != nil {
		return err
	}
	lag, err := s.Lag(r.Context())
	if err != nil {
		return err
	}
	return s.respondProof(w, r, a, lag.Last, drawn.Units, func() (words.Sheet, bool) { return drawn.Table(), true })
}

// verification is the last report, and whether another is on its way.
type verification struct {
	Running   bool          `json:"running"`
	Witnesses int           `json:"witnesses"` // outside witnesses that cosigned the latest checkpoint, as of now
	Report    *audit.Report `json:"report,omitempty"`
}

func (s *Server) getVerification(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, []param{byTable, asTable, headings, inLanguage})
	if err != nil {
		return err
	}
	report, err := s.cfg.Proof.Report()
	if err != nil {
		return err
	}
	badge := s.cfg.Proof.Badge()
	return s.respondProof(w, r, a, report.Events, verification{badge.Running, badge.Witnesses, &report}, func() (words.Sheet, bool) {
		return named(report.Tables(), orElse(a.text("table"), "findings"))
	})
}

// verifyPatience is how long a request waits for a verification that it asked for.
const verifyPatience = 90 * time.Second

func (s *Server) postVerification(w http.ResponseWriter, r *http.Request) error {
	p := s.cfg.Proof
	if p.Watch == nil {
		return problem(http.StatusServiceUnavailable, "proof_unavailable")
	}
	accepted := func() error {
		w.Header().Set("Location", "/v1/verification")
		return writeJSON(w, http.StatusAccepted, verification{Running: true})
	}
	if prefersAsync(r) {
		p.Watch.Ask()
		w.Header().Set("Preference-Applied", "respond-async")
		return accepted()
	}
	waiting, cancel := context.WithTimeout(r.Context(), verifyPatience)
	defer cancel()
	report, err := p.Verify(waiting)
	if err != nil && waiting.Err() != nil && r.Context().Err() == nil {
		return accepted()
	}
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(report.Events))
	return writeJSON(w, http.StatusOK, verification{Witnesses: s.cfg.Proof.Badge().Witnesses, Report: &report})
}

func prefersAsync(r *http.Request) bool {
	for _, header := range r.Header.Values("Prefer") {
		for one := range strings.SplitSeq(header, ",") {
			if strings.EqualFold(strings.TrimSpace(one), "respond-async") {
				return true
			}
		}
	}
	return false
}

// whatIfAsked is what a what-if is asked with.
type whatIfAsked struct {
	Set []string `json:"set"` // "4.cap=15000000.00", "workflow.reviews=2", …
}

func (s *Server) postWhatIf(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, []param{byChanges, asTable, headings, inLanguage})
	if err != nil {
		return err
	}
	if err := needsMedia(r, "application/json"); err != nil {
		return err
	}
	var asked whatIfAsked
	if err := readBody(r, &asked); err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(whatIfPatience + s.cfg.Stall))
	ctx, cancel := context.WithTimeout(r.Context(), whatIfPatience)
	defer cancel()
	result, err := s.cfg.Proof.DecideAgain(ctx, asked.Set, s.today())
	if err != nil {
		return err
	}
	return s.respondProof(w, r, a, result.Seq, result, func() (words.Sheet, bool) {
		return named(result.Tables(), orElse(a.text("table"), "changed"))
	})
}

// whatIfPatience is the longest that a what-if may take.
const whatIfPatience = 5 * time.Minute

// readBody reads a JSON body that is no command, strictly.
func readBody(r *http.Request, into any) error {
	err := json.UnmarshalRead(r.Body, into, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	if p := ErrorProblem(err); p.Status == http.StatusRequestEntityTooLarge {
		return p
	}
	at := "/"
	var place *json.SemanticError
	if errors.As(err, &place) {
		at = "/" + strings.TrimPrefix(string(place.JSONPointer), "/")
	}
	return invalid("body", at, domain.Text{ZH: "须为接口说明（/docs）所述的 JSON", EN: "JSON, as /docs describes it"})
}
