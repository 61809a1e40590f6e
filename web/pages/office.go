package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/audit/office"
	"github.com/fundledger/fundledger/audit/sampling"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/web"
)

// officePages are the pages for an audit office: samples and their worksheets, and the treasury's payments.
func (p *Pages) officePages() map[string]func(http.ResponseWriter, *http.Request) error {
	return map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /audit/sample": p.sample, "POST /audit/sample": p.sample,
		"GET /audit/reconciliation": p.reconciliation, "POST /audit/reconciliation": p.reconciliation,
	}
}

// shownRows is how many rows of a sample or a reconciliation a page shows; the exports hold all.
const shownRows = 200

type sampleBody struct {
	Asked     sampling.Drawing
	Bounds    string
	Drawn     *sampling.DrawnSample // nil: nothing was asked for yet
	Rows      []sampleRow
	More      int
	Tolerable string
	Result    *sampling.Evaluated
	Fault     *domain.Text // of the worksheet
	Refused   *domain.Text // why it cannot be drawn so
}

// sampleRow is a payout that was drawn.
type sampleRow struct {
	sampling.Item
	Stratum string
	Hits    int
}

// sample draws a sample as the address says, and evaluates the worksheet that is sent.
func (p *Pages) sample(w http.ResponseWriter, r *http.Request) error {
	proof, err := p.proof()
	if err != nil {
		return err
	}
	pg, err := p.begin(r, "/audit", domain.Text{ZH: "审计抽样", EN: "Audit samples"})
	if err != nil {
		return err
	}
	q := r.URL.Query()
	b := sampleBody{Bounds: q.Get("bounds"), Tolerable: q.Get("tolerable")}
	if b.Asked, err = drawingOf(q); err != nil {
		return err
	}
	status := http.StatusOK
	if b.Asked.N > 0 {
		drawn, err := proof.Draw(r.Context(), b.Asked)
		if err != nil {
			if b.Refused, status, err = typedWrong(err); err != nil {
				return err
			}
			return sampleSheet.write(p, w, status, pg, b)
		}
		b.show(drawn)
		b.Asked.Size = drawn.Checkpoint.Size // so that the worksheet, and the address, stay with this checkpoint
		if r.Method == http.MethodPost {
			p.server.Patient(w, r, uploadAnswered)
			if err := p.evaluate(r, proof, &b); err != nil {
				return err
			}
			if b.Fault != nil {
				status = http.StatusUnprocessableEntity
			}
		}
		pg.Export = exportOf(b.Asked)
	}
	return sampleSheet.write(p, w, status, pg, b)
}

// drawingOf reads how a sample is drawn; N is 0 where nothing is asked for.
func drawingOf(q url.Values) (d sampling.Drawing, err error) {
	number := func(name string) uint64 {
		text := q.Get(name)
		if text == "" || err != nil {
			return 0
		}
		var n uint64
		if n, err = strconv.ParseUint(text, 10, 31); err != nil {
			err = invalid(name, text)
		}
		return n
	}
	d = sampling.Drawing{N: int(number("n")), Size: number("size"), By: q.Get("strata_by"), Strata: int(number("strata")), Certainty: domain.PlainAmount(q.Get("certainty")), Allocation: q.Get("allocation")}
	for _, bound := range strings.FieldsFunc(q.Get("bounds"), func(r rune) bool { return r == ';' || r == '\uff1b' || r == ' ' || r == '\u3001' }) {
		d.Bounds = append(d.Bounds, domain.PlainAmount(bound))
	}
	return d, err
}

func exportOf(d sampling.Drawing) *url.URL {
	q := url.Values{"n": {strconv.Itoa(d.N)}, "size": {strconv.FormatUint(d.Size, 10)}}
	if d.By == "" {
		return &url.URL{Path: "/v1/sample", RawQuery: q.Encode()}
	}
	for name, value := range map[string]string{"by": d.By, "bounds": strings.Join(d.Bounds, ","), "certainty": d.Certainty, "allocation": d.Allocation} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if d.Strata > 0 {
		q.Set("strata", strconv.Itoa(d.Strata))
	}
	return &url.URL{Path: "/v1/sample/stratified", RawQuery: q.Encode()}
}

func (b *sampleBody) show(drawn sampling.DrawnSample) {
	b.Drawn = &drawn
	add := func(row sampleRow) {
		if len(b.Rows) < shownRows {
			b.Rows = append(b.Rows, row)
		} else {
			b.More++
		}
	}
	if s := drawn.Stratified; s != nil {
		for _, stratum := range s.Strata {
			for _, item := range stratum.Drawn {
				add(sampleRow{Item: item, Stratum: stratum.Name})
			}
		}
		return
	}
	for _, d := range drawn.Units.Items {
		add(sampleRow{Item: d.Item, Hits: d.Hits})
	}
}

// evaluate reads the worksheet of a form and projects it. What is wrong with it is told on the page.
func (p *Pages) evaluate(r *http.Request, proof *web.Proof, b *sampleBody) error {
	path, done, err := p.received(r, "worksheet")
	if err != nil {
		return err
	}
	defer done()
	tolerable := domain.NoMoney
	b.Tolerable = domain.PlainAmount(r.PostFormValue("tolerable"))
	if b.Tolerable != "" {
		if tolerable, err = domain.ParseMoney(b.Tolerable); err != nil {
			return invalid("tolerable", b.Tolerable)
		}
	}
	audited, h := sampling.Audited{}, sampling.WorksheetHeadings
	_, err = intake.ReadTable(path, []intake.Wanted{{Headings: h[0], Kind: intake.Identifier}, {Headings: h[1], Kind: intake.Amount}}, nil,
		func(_ int, cells []string) error { return audited.Take(cells[0], cells[1]) })
	if err == nil {
		var e sampling.Evaluated
		if _, e, err = proof.Evaluate(r.Context(), b.Asked, audited, tolerable); err == nil {
			b.Result = &e
			return nil
		}
	}
	b.Fault, err = told(err)
	return err
}

// typedWrong is what a person asked for that cannot be: the form is shown again with what was typed, and says why. Another error is
// another page's.
func typedWrong(err error) (*domain.Text, int, error) {
	var problem *web.Problem
	if errors.As(err, &problem) && problem.Status == http.StatusBadRequest && problem.Message != nil {
		return problem.Message, problem.Status, nil
	}
	return nil, 0, err
}

// told is what a person did wrong with a file, in both languages; another error is one of ours.
func told(err error) (*domain.Text, error) {
	var file *intake.FileError
	var problem *web.Problem
	var row *intake.RowError
	switch {
	case errors.As(err, &file):
		known := *file
		known.File = filepath.Base(known.File)
		text := known.Message()
		return &text, nil
	case errors.As(err, &problem) && problem.Message != nil && problem.Status < 500:
		return problem.Message, nil
	case errors.As(err, &row):
		text := domain.Text{ZH: row.Err.Error(), EN: row.Err.Error()}
		var both interface{ Message() domain.Text }
		if errors.As(row.Err, &both) {
			text = both.Message()
		}
		return &domain.Text{ZH: fmt.Sprintf("第 %d 行：%s", row.Row, text.ZH), EN: fmt.Sprintf("Row %d: %s", row.Row, text.EN)}, nil
	}
	var mapping interface{ Message() domain.Text }
	if errors.As(err, &mapping) {
		text := mapping.Message()
		return &text, nil
	}
	return nil, err
}

// received keeps the file of a form until done is called, under a name that is the form's but for what kind of file it is.
func (p *Pages) received(r *http.Request, name string) (path string, done func(), err error) {
	file, err := chosenFile(r, name, ".csv", ".xlsx", ".xlsm", ".tsv", ".txt", ".xls", ".et")
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "fundledger-office-")
	if err != nil {
		return "", nil, fmt.Errorf("keeping an upload: %w", err)
	}
	done = func() {
		_ = r.MultipartForm.RemoveAll()
		_ = os.RemoveAll(dir) // what stays behind lies in the system's folder for such things
	}
	path = filepath.Join(dir, name+strings.ToLower(filepath.Ext(plainName(file))))
	if err := save(file, path); err != nil {
		done()
		return "", nil, err
	}
	return path, done, nil
}

type reconciliationBody struct {
	From, To, Statement string
	Result              office.Reconciliation
	Rows                []office.Reconciled
	More                int
	All                 bool
	MayRecord           bool
	Recorded, Repeated  int
	Refused             []refusedPayment
	Notes               []domain.Text // of how the file was read
	Fault               *domain.Text
}

type refusedPayment struct {
	Line    int
	Refusal *domain.Refusal
}

// reconciliation shows what was recorded of the treasury's payments against the payouts, and records the file that is sent.
func (p *Pages) reconciliation(w http.ResponseWriter, r *http.Request) error {
	proof, err := p.proof()
	if err != nil {
		return err
	}
	pg, err := p.begin(r, "/audit", domain.Text{ZH: "国库付款对账", EN: "Reconciliation with the treasury"})
	if err != nil {
		return err
	}
	q := r.URL.Query()
	b := reconciliationBody{From: q.Get("from"), To: q.Get("to"), All: q.Get("all") == "true", MayRecord: pg.Viewer.Has(domain.Treasurer)}
	from, err := day("from", b.From)
	if err != nil {
		return err
	}
	to, err := day("to", b.To)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		p.server.Patient(w, r, uploadAnswered)
		if err := p.recordPayments(r, pg.Viewer, &b); err != nil {
			return err
		}
		if b.Fault != nil || len(b.Refused) > 0 {
			status = http.StatusUnprocessableEntity
		}
	}
	if b.Result, err = proof.Reconcile(r.Context(), from, to); err != nil {
		return err
	}
	if b.Rows = b.Result.Items; !b.All {
		b.Rows = b.Result.Open()
	}
	b.More = max(len(b.Rows)-shownRows, 0)
	b.Rows = b.Rows[:len(b.Rows)-b.More]
	export := url.Values{}
	for _, name := range []string{"from", "to", "all"} {
		if q.Get(name) != "" {
			export.Set(name, q.Get(name))
		}
	}
	pg.Export = &url.URL{Path: "/v1/reconciliation", RawQuery: export.Encode()}
	return reconciliationSheet.write(p, w, status, pg, b)
}

// day reads a day of the address; none is none.
func day(name, text string) (domain.Date, error) {
	if text == "" {
		return domain.Date{}, nil
	}
	d, err := domain.ParseDate(text)
	if err != nil {
		return d, invalid(name, text)
	}
	return d, nil
}

// shownRefused is how many refused lines of a payment file a page shows.
const shownRefused = 50

// recordPayments records a payment file as events, in the treasurer's name. It is read whole before anything is recorded; the same file again
// records nothing.
func (p *Pages) recordPayments(r *http.Request, v web.Viewer, b *reconciliationBody) error {
	path, done, err := p.received(r, "payments")
	if err != nil {
		return err
	}
	defer done()
	if b.Statement = strings.TrimSpace(r.PostFormValue("statement")); b.Statement == "" {
		name := plainName(r.MultipartForm.File["payments"][0])
		b.Statement = strings.TrimSuffix(name, filepath.Ext(name))
	}
	var commands []domain.Command
	var lines []int
	wanted := intake.PaymentColumns(office.PaymentHeadings)
	columns, err := paymentsMap(r, wanted)
	if err == nil {
		var report intake.Report
		report, err = intake.ReadTable(path, wanted, columns, func(n int, cells []string) error {
			cells[3] = strings.TrimSpace(cells[3])
			line, err := office.ParsePayment(domain.StatementID(b.Statement), len(commands)+1, cells)
			commands, lines = append(commands, line.Command(p.today())), append(lines, n)
			return err
		})
		b.Notes = report.Notes()
	}
	if err != nil {
		b.Fault, err = told(err)
		return err
	}
	if len(commands) == 0 {
		b.Fault = &domain.Text{ZH: "文件中没有付款。", EN: "There is no payment in the file."}
		return nil
	}
	return p.giveAll(r, v, b, commands, lines)
}

// paymentsMap is the mapping that a form has beside its payment file; nil where there is none.
func paymentsMap(r *http.Request, wanted []intake.Wanted) (*intake.Columns, error) {
	maps := r.MultipartForm.File["map"]
	if len(maps) == 0 || maps[0].Size == 0 {
		return nil, nil
	}
	if maps[0].Size > maxMappingLen {
		return nil, invalid("map", maps[0].Filename)
	}
	f, err := maps[0].Open()
	if err != nil {
		return nil, fmt.Errorf("reading the mapping: %w", err)
	}
	defer f.Close()
	return intake.LoadColumns(f, "mapping.yaml", wanted)
}

func (p *Pages) giveAll(r *http.Request, v web.Viewer, b *reconciliationBody, commands []domain.Command, lines []int) error {
	grant, err := p.server.Choose(r.Context(), v, commands[0])
	if err != nil {
		return err
	}
	last := uint64(0)
	for at := 0; at < len(commands); at += importBatch {
		part := commands[at:min(at+importBatch, len(commands))]
		for i, result := range p.server.DoAll(r.Context(), v, grant, part) {
			switch {
			case result.Err != nil:
				return result.Err
			case result.Refusal != nil && result.Refusal.Code == domain.CodeCommandConflict:
				b.Repeated++ // the same line, recorded on another day or by somebody else
			case result.Refusal != nil:
				if len(b.Refused) < shownRefused {
					b.Refused = append(b.Refused, refusedPayment{lines[at+i], result.Refusal})
				}
			case result.Outcome.Repeated:
				b.Repeated++
			default:
				b.Recorded++
				last = max(last, result.Outcome.LastSeq)
			}
		}
	}
	_ = p.server.WaitFor(r.Context(), last) // pages say how far they are
	return nil
}
