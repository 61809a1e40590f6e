package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/fundledger/fundledger/audit/office"
	"github.com/fundledger/fundledger/audit/sampling"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/words"
)

var (
	byStrata     = &projections.Filter{Name: "by", Kind: projections.Word, Meaning: domain.Text{ZH: "分层依据", EN: "what strata are made by"}, Choices: []string{"amount", "clause", "year", "department"}}
	byHowMany    = &projections.Filter{Name: "strata", Kind: projections.Count, Meaning: domain.Text{ZH: "按金额分几层（默认 4）", EN: "by amount: how many strata (4 without it)"}}
	byBounds     = &projections.Filter{Name: "bounds", Kind: projections.Word, Meaning: domain.Text{ZH: "按金额：各层下限，以逗号分隔", EN: "by amount: where the next stratum begins, with commas between"}}
	byCertainty  = &projections.Filter{Name: "certainty", Kind: projections.Word, Meaning: domain.Text{ZH: "达到此金额的全部抽取", EN: "payouts of this amount or more are all drawn"}}
	byAllocation = &projections.Filter{Name: "allocation", Kind: projections.Word, Meaning: domain.Text{ZH: "各层样本量如何分配（默认按金额）", EN: "how many fall to each stratum (value without it)"}, Choices: []string{"proportional", "value", "neyman"}}
	byFirstDay   = &projections.Filter{Name: "from", Kind: projections.Day, Meaning: domain.Text{ZH: "付款日期自", EN: "paid from this day on"}}
	byLastDay    = &projections.Filter{Name: "to", Kind: projections.Day, Meaning: domain.Text{ZH: "付款日期至", EN: "paid up to this day"}}
	withMatched  = &projections.Filter{Name: "all", Kind: projections.Word, Meaning: domain.Text{ZH: "一致的也列出", EN: "with what matches too"}, Choices: []string{"true", "false"}}
	samplePlan   = []param{byUnits, bySize, byStrata, byHowMany, byBounds, byCertainty, byAllocation}
)

// officeRoutes are the routes for an audit office.
var officeRoutes = []route{
	proved("/v1/sample/stratified", (*Server).getStratified, reflect.TypeFor[sampling.Stratified](), "分层抽样，以检查点的根为种子", "A stratified sample, seeded by a checkpoint's root",
		append(append([]param{}, samplePlan...), asTable, headings, inLanguage)...),
	{method: "POST", path: "/v1/sample/evaluation", roles: everyone, described: true, serve: proving((*Server).postEvaluation), answer: reflect.TypeFor[projected](), body: reflect.TypeFor[worksheet](),
		summary: domain.Text{ZH: "据审定金额推断错报", EN: "What the audited amounts of a sample project to"}},
	proved("/v1/reconciliation", (*Server).getReconciliation, reflect.TypeFor[office.Reconciliation](), "已记录的国库付款与支付的双向核对", "Treasury payments that were recorded, held against the payouts both ways",
		byFirstDay, byLastDay, withMatched, asTable, headings, inLanguage),
	{method: "GET", path: "/v1/pack", roles: everyone, described: true, serve: proving((*Server).getPack), media: "application/zip",
		summary: domain.Text{ZH: "审计数据包：各表 CSV、数据定义与控制总数", EN: "The pack for an audit office: a CSV a table, their definition and control totals"}},
}

// Draw draws a sample of the payouts under a checkpoint, whose root is the seed.
func (p *Proof) Draw(ctx context.Context, d sampling.Drawing) (sampling.DrawnSample, error) {
	if err := d.Check(); err != nil {
		return sampling.DrawnSample{}, faulty("plan_invalid", err)
	}
	checkpoint, items, err := p.population(ctx, d.Size)
	if err != nil {
		return sampling.DrawnSample{}, err
	}
	drawn, err := d.Draw(items, checkpoint)
	if err != nil {
		err = faulty("plan_invalid", err)
	}
	return drawn, err
}

// population is the payouts under a checkpoint.
func (p *Proof) population(ctx context.Context, size uint64) (proof.Signed, []sampling.Item, error) {
	checkpoint, err := p.Checkpoint(ctx, size)
	if err != nil {
		return checkpoint, nil, err
	}
	ctx, done, err := p.turn(ctx)
	if err != nil {
		return checkpoint, nil, err
	}
	defer done()
	p.items.mu.Lock()
	items, known := p.items.items, p.items.size == checkpoint.Size
	p.items.mu.Unlock()
	if known {
		return checkpoint, items, nil
	}
	if items, err = p.paidUpTo(ctx, checkpoint.Size); err != nil {
		return checkpoint, nil, err
	}
	p.items.mu.Lock()
	defer p.items.mu.Unlock()
	p.items.items, p.items.size = items, checkpoint.Size
	return checkpoint, items, nil
}

// paidUpTo are the payouts up to an event: of the tables, where they are that far.
func (p *Proof) paidUpTo(ctx context.Context, size uint64) ([]sampling.Item, error) {
	if p.Paid != nil {
		paid, err := p.Paid(ctx, size, math.MaxInt32)
		if !errors.Is(err, projections.ErrNotYet) {
			return sampling.PopulationOf(paid), err
		}
	}
	return sampling.Population(ctx, p.Log, size)
}

// faulty is a problem that says in both languages what a person has to change.
func faulty(code string, err error) *Problem {
	p := problem(http.StatusBadRequest, code, "reason", err.Error())
	var both interface{ Message() domain.Text }
	if errors.As(err, &both) {
		text := both.Message()
		p.Message = &text
	}
	return p
}

// Evaluate draws a sample again and projects what its audited amounts say.
func (p *Proof) Evaluate(ctx context.Context, d sampling.Drawing, audited sampling.Audited, tolerable domain.Money) (sampling.DrawnSample, sampling.Evaluated, error) {
	drawn, err := p.Draw(ctx, d)
	if err != nil {
		return drawn, sampling.Evaluated{}, err
	}
	e, err := drawn.Evaluate(audited, tolerable)
	if errors.Is(err, sampling.ErrWorksheet) {
		err = faulty("worksheet_invalid", err)
	}
	return drawn, e, err
}

// Reconcile holds the treasury's payments that were recorded against the payouts of a period; a side of it that is left open is
// that of all that was paid.
func (p *Proof) Reconcile(ctx context.Context, from, to domain.Date) (office.Reconciliation, error) {
	ctx, done, err := p.turn(ctx)
	if err != nil {
		return office.Reconciliation{}, err
	}
	defer done()
	payouts, recorded, err := p.payments(ctx)
	if errors.Is(err, office.ErrReconcile) {
		err = faulty("reconciliation_invalid", err)
	}
	if err != nil {
		return office.Reconciliation{}, err
	}
	first, last := from, to
	reach := func(paidOn domain.Date) {
		if from.IsZero() && (first.IsZero() || paidOn.Before(first)) {
			first = paidOn
		}
		if to.IsZero() && paidOn.After(last) {
			last = paidOn
		}
	}
	for _, payout := range payouts {
		reach(payout.PaidOn)
	}
	for _, line := range recorded {
		reach(line.PaidOn)
	}
	r, err := office.Reconcile(payouts, office.Within(recorded, first, last), first, last)
	if errors.Is(err, office.ErrReconcile) {
		err = faulty("reconciliation_invalid", err)
	}
	return r, err
}

// payments is what was paid, and what the treasury's payment files say of it: of the tables, where there are any.
func (p *Proof) payments(ctx context.Context) ([]office.PaidOut, []office.PaymentLine, error) {
	if p.Payments == nil {
		return office.PaymentsOn(ctx, p.Log)
	}
	kept, err := p.Payments(ctx, office.MaxReconciled)
	if errors.Is(err, projections.ErrTooMany) {
		err = fmt.Errorf("%w: %w", office.ErrReconcile, err)
	}
	if err != nil {
		return nil, nil, err
	}
	return office.PaymentsIn(kept)
}

// tablesWait is how long it is waited for the tables to be as far as the log.
const tablesWait = 20 * time.Second

// UpToDate is a question of the tables that waits until they are as far as the log is now: who recorded something just now sees it.
func UpToDate[T any](log interface {
	Last(ctx context.Context) (uint64, error)
}, tables interface {
	WaitFor(ctx context.Context, position uint64) error
}, ask func(ctx context.Context, most int) (T, error)) func(ctx context.Context, most int) (T, error) {
	return func(ctx context.Context, most int) (none T, err error) {
		last, err := log.Last(ctx)
		if err != nil {
			return none, err
		}
		waiting, cancel := context.WithTimeout(ctx, tablesWait)
		defer cancel()
		if err := tables.WaitFor(waiting, last); err != nil {
			return none, fmt.Errorf("%w: waiting for event %d: %w", projections.ErrUnavailable, last, err)
		}
		return ask(ctx, most)
	}
}

// Pack writes the pack for an audit office.
func (p *Proof) Pack(ctx context.Context, w io.Writer) (office.PackManifest, error) {
	p.begin()
	ctx, done, err := p.bundles.heavy(ctx, p.most)
	if err != nil {
		return office.PackManifest{}, err
	}
	defer done()
	return office.WritePack(ctx, w, office.PackSource{Fund: p.Fund, Log: p.Log})
}

func drawingOf(a asked) sampling.Drawing {
	d := sampling.Drawing{N: int(a.number("n")), Size: a.number("size"), By: a.text("by"), Strata: int(a.number("strata")), Certainty: a.text("certainty"), Allocation: a.text("allocation")}
	if text := a.text("bounds"); text != "" {
		d.Bounds = strings.Split(text, ",")
	}
	return d
}

func (s *Server) getStratified(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, append(append([]param{}, samplePlan...), asTable, headings, inLanguage))
	if err != nil {
		return err
	}
	d := drawingOf(a)
	d.By = orElse(d.By, string(sampling.StrataByAmount))
	drawn, err := s.cfg.Proof.Draw(r.Context(), d)
	if err != nil {
		return err
	}
	return s.respondProof(w, r, a, drawn.Checkpoint.Size, drawn.Stratified, func() (words.Sheet, bool) { return drawn.Table(), true })
}

// worksheet is an audited sample: how it was drawn, and what each payout should have been.
type worksheet struct {
	sampling.Drawing
	Tolerable string       `json:"tolerable,omitzero"`
	Audited   []auditedRow `json:"audited"`
}

type auditedRow struct {
	Payout        string `json:"payout"`
	AuditedAmount string `json:"audited_amount"`
}

// projected is what an audited sample projects to.
type projected struct {
	Size uint64 `json:"size"` // of the checkpoint that it was drawn under
	sampling.Evaluated
}

func (s *Server) postEvaluation(w http.ResponseWriter, r *http.Request) error {
	if err := needsMedia(r, "application/json"); err != nil {
		return err
	}
	var asked worksheet
	if err := readBody(r, &asked); err != nil {
		return err
	}
	tolerable := domain.NoMoney
	if asked.Tolerable != "" {
		var err error
		if tolerable, err = domain.ParseMoney(asked.Tolerable); err != nil {
			return invalid("tolerable", asked.Tolerable, err)
		}
	}
	audited := sampling.Audited{}
	for _, row := range asked.Audited {
		if err := audited.Take(row.Payout, row.AuditedAmount); err != nil {
			return faulty("worksheet_invalid", err)
		}
	}
	drawn, e, err := s.cfg.Proof.Evaluate(r.Context(), asked.Drawing, audited, tolerable)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, projected{drawn.Checkpoint.Size, e})
}

func (s *Server) getReconciliation(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, []param{byFirstDay, byLastDay, withMatched, asTable, headings, inLanguage})
	if err != nil {
		return err
	}
	lag, err := s.Lag(r.Context())
	if err != nil {
		return err
	}
	result, err := s.cfg.Proof.Reconcile(r.Context(), a.day("from"), a.day("to"))
	if err != nil {
		return err
	}
	if a.text("all") != "true" {
		result.Items = result.Open()
	}
	return s.respondProof(w, r, a, lag.Last, result, func() (words.Sheet, bool) { return result.Table(), true })
}

func (s *Server) getPack(w http.ResponseWriter, r *http.Request) error {
	if _, err := readQuery(r.URL.RawQuery, nil); err != nil {
		return err
	}
	if err := s.ReadsAll(r.Context()); err != nil {
		return err
	}
	return s.pour(w, r, "fundledger-pack-", func(out io.Writer) error {
		_, err := s.cfg.Proof.Pack(r.Context(), out)
		return err
	})
}

// pour streams a .zip file. One that breaks off is cut, so that it does not look whole.
func (s *Server) pour(w http.ResponseWriter, r *http.Request, name string, write func(io.Writer) error) error {
	name += s.cfg.Now().In(domain.Shanghai).Format(stamp) + ".zip"
	out := &poured{taker: s.taker(w, r), begin: func() {
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		w.Header().Set("Cache-Control", "private, no-store")
	}}
	_ = out.control.SetWriteDeadline(time.Now().Add(pouredWithin))
	if err := write(out); err != nil {
		if !out.begun {
			return err
		}
		s.cfg.Logger.Warn("a download broke off", "file", name, "error", err)
		panic(http.ErrAbortHandler) // the client must see that it is cut
	}
	return nil
}

// pouredWithin is how long a file may be in the making before its first byte is there: a pack is judged whole before.
const pouredWithin = 10 * time.Minute
