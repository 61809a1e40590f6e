package pages

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// Several cases of one step are given by one confirmation: chosen on a list, shown with what each would do behind those before it, and then booked by the
// commands that were shown, each under its own id. They are all booked as they were shown, or none is: the first is decided on the condition that all of
// them would still do what was shown, each other one on the condition that it does.

// mostTogether is how many cases are given at once: as many as one look at the live state may judge.
const mostTogether = 200

// together are the steps of which several cases are taken at once, by the command that takes each.
var together = map[projections.Step]string{projections.ToDecide: "approve_application",
	projections.ToPay: "make_payout", projections.ToPayRest: "make_payout", projections.ToPayAgain: "make_payout"}

// togetherBody is the cases of a step: to be chosen, then to be confirmed.
type togetherBody struct {
	Step     projections.Step
	Verb     string
	Rows     []todoRow
	Picked   map[string]bool
	Most     int
	More     bool
	Date     string
	Said     string // the first voucher, or the reason
	Fault    *domain.Refusal
	Empty    bool // nothing was chosen
	Lines    []togetherLine
	Shown    bool // the second step
	Reviewed string
	Again    bool
	Sum      domain.Money // of those that pass
	Passing  int
	Refused  int
	Unbooked []togetherLine // what was not booked after all
}

// togetherLine is one command among others, and what is left once it and those before it are booked.
type togetherLine struct {
	Case     domain.ApplicationID
	Title    string
	Name     string
	Clause   domain.ClauseID
	Years    []domain.SupportYear
	Amount   domain.Money
	Voucher  string
	KeptBack domain.Money   // of the amount, what is not paid, for the enterprise owes it
	Headroom domain.Ceiling // the least of the years'
	Budget   domain.Ceiling // the least of the appropriations'; unstated where none is set
	Into     *intoAccount   // that is paid to; nil: none is paid to, or none is recorded
	Give     string         // the command, to be sent again
	Refusal  *domain.Refusal
	Fault    *domain.Text // why it is not known to be booked

	command domain.Command
	grant   web.Grant
}

// Pays reports whether money is paid.
func (b *togetherBody) Pays() bool { return b.Verb == "make_payout" }

// stepTogether is the step that an address names, of which several cases are taken at once.
func (p *Pages) stepTogether(r *http.Request) (*togetherBody, error) {
	step := projections.Step(r.PathValue("step"))
	verb, ok := together[step]
	if v, _ := web.ViewerOf(r); !ok || len(v.May(verb)) == 0 {
		return nil, projections.ErrNotFound
	}
	return &togetherBody{Step: step, Verb: verb, Most: mostTogether, Picked: map[string]bool{}, Date: p.today().String()}, nil
}

// together shows the cases of a step that the viewer can take today, to choose from.
func (p *Pages) together(w http.ResponseWriter, r *http.Request) error {
	b, err := p.stepTogether(r)
	if err != nil {
		return err
	}
	return p.showTogether(w, r, b, r.URL.Query().Get("all") != "")
}

func (p *Pages) showTogether(w http.ResponseWriter, r *http.Request, b *togetherBody, all bool) error {
	pg, err := p.begin(r, "/", domain.Text{ZH: words.Word(string(b.Step), "zh") + "：批量办理", EN: "Several at once: " + words.Word(string(b.Step), "en")})
	if err != nil {
		return err
	}
	if err := p.rowsTogether(r.Context(), pg.Viewer, b); err != nil {
		return err
	}
	titles := map[string]string{}
	for _, row := range b.Rows {
		titles[row.Reference] = row.Title
		if all {
			b.Picked[row.Reference] = true
		}
	}
	for _, list := range [][]togetherLine{b.Lines, b.Unbooked} {
		for i := range list {
			list[i].Title = titles[string(list[i].Case)]
		}
	}
	status := http.StatusOK
	if b.Empty || b.Fault != nil || len(b.Unbooked) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return togetherSheet.write(p, w, status, pg, b)
}

// rowsTogether adds the cases that the viewer can take today, the oldest first.
func (p *Pages) rowsTogether(ctx context.Context, v web.Viewer, b *togetherBody) error {
	more, err := p.turns(ctx, v, p.today(), projections.Where(projections.ByStep.Is(b.Step)), func(row todoRow, own bool) {
		switch {
		case !own || row.Do != b.Verb:
		case len(b.Rows) < mostTogether:
			b.Rows = append(b.Rows, row)
		default:
			b.More = true
		}
	})
	b.More = b.More || more
	return err
}

// doTogether shows what the chosen cases would do, or books what was shown.
func (p *Pages) doTogether(w http.ResponseWriter, r *http.Request) error {
	b, err := p.stepTogether(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return invalid("form", "")
	}
	v, _ := web.ViewerOf(r)
	sent := r.PostForm
	b.Date, b.Said = strings.TrimSpace(sent.Get("date")), strings.TrimSpace(sent.Get("said"))
	for _, id := range sent["case"] {
		b.Picked[id] = true
	}
	switch {
	case sent.Get(stepField) == stepEdit:
		return p.showTogether(w, r, b, false)
	case sent.Get(reviewedField) != "":
		return p.bookTogether(w, r, v, b)
	case len(b.Picked) == 0:
		b.Empty = true
		return p.showTogether(w, r, b, false)
	case len(b.Picked) > mostTogether:
		return invalid("case", strconv.Itoa(len(b.Picked)))
	}
	date, err := domain.ParseDate(b.Date)
	if err != nil {
		if _, b.Fault = wire.Begin(b.Verb, "-", b.Date); b.Fault == nil {
			b.Fault = domain.NewRefusal(domain.CodeFieldMissing, "field", "date")
		}
		return p.showTogether(w, r, b, false)
	}
	lines, run := []togetherLine(nil), rand.Text()
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		taken := map[string]bool{}
		for _, id := range sent["case"] {
			if taken[id] {
				continue
			}
			taken[id] = true
			for _, c := range commandsTogether(s, b.Verb, domain.ApplicationID(id), p.today(), b.Said) {
				*domain.HeadOf(c) = domain.Head{ID: domain.CommandID(fmt.Sprintf("web-%s-%03d", run, len(lines)+1)), Date: date}
				if pay, ok := c.(*domain.MakePayout); ok {
					pay.Payout, pay.Voucher = domain.PayoutID(newID("PO")), numbered(b.Said, len(lines))
				}
				lines = append(lines, togetherLine{command: c, grant: grantFor(s, v, c, p.today())})
			}
		}
		weighTogether(s, v, lines, p.today())
	})
	if err != nil {
		return err
	}
	b.show(lines)
	return p.showTogether(w, r, b, false)
}

// commandsTogether are the commands that take a step of a case: a payment of each year that is due, an approval of what was asked for.
func commandsTogether(s *domain.State, verb string, id domain.ApplicationID, today domain.Date, said string) (list []domain.Command) {
	v, known := s.Application(id)
	switch {
	case !known:
		return nil
	case verb == "approve_application":
		return []domain.Command{&domain.ApproveApplication{Application: id, Instalments: v.Requested, Reason: said}}
	}
	for _, i := range v.Instalments {
		if rest := i.Amount.Sub(i.Paid); rest.Positive() && int(i.SupportYear) <= today.Year() {
			list = append(list, &domain.MakePayout{Application: id, SupportYear: i.SupportYear, Amount: rest})
		}
	}
	return list
}

// grantFor is the grant of a viewer's in which the rules take a command; without any the first that may give it.
func grantFor(s *domain.State, v web.Viewer, c domain.Command, today domain.Date) web.Grant {
	grants := v.May(c.Name())
	for _, g := range grants {
		domain.HeadOf(c).Actor = v.Actor(g)
		if _, refusal := domain.Decide(s, c, today); refusal == nil {
			return g
		}
	}
	return grants[0]
}

var lastNumber = regexp.MustCompile(`[0-9]+([^0-9]*)$`)

// numbered is the n-th voucher behind a first one: its last number goes on. One without a number, or with none, stays as it is.
func numbered(first string, n int) string {
	at := lastNumber.FindStringSubmatchIndex(first)
	if at == nil {
		return first
	}
	digits := first[at[0]:at[2]]
	number, err := strconv.ParseUint(digits, 10, 63)
	if err != nil {
		return first
	}
	return first[:at[0]] + fmt.Sprintf("%0*d", len(digits), number+uint64(n)) + first[at[2]:]
}

// weighTogether says of commands, one behind the other, what each would do by the rules, and what is left then.
func weighTogether(s *domain.State, v web.Viewer, lines []togetherLine, today domain.Date) {
	s.Suppose(func() {
		for i := range lines {
			line := &lines[i]
			domain.HeadOf(line.command).Actor = v.Actor(line.grant)
			line.weigh(s, today)
		}
	})
}

func (l *togetherLine) weigh(s *domain.State, today domain.Date) {
	var budgets []domain.Appropriation
	switch c := l.command.(type) {
	case *domain.MakePayout:
		l.Case, l.Years, l.Amount, l.Voucher = c.Application, []domain.SupportYear{c.SupportYear}, c.Amount, c.Voucher
	case *domain.ApproveApplication:
		l.Case, l.Years, l.Amount = c.Application, nil, domain.NoMoney
		for _, i := range c.Instalments {
			l.Years, l.Amount = append(l.Years, i.SupportYear), l.Amount.Add(i.Amount)
		}
	}
	a, _ := s.Application(l.Case)
	e, _ := s.Enterprise(a.Charge.Enterprise)
	l.Name, l.Clause, l.Headroom, l.Budget = e.Name, a.Charge.Applied(), domain.Unstated, domain.Unstated
	l.Into = paidTo(s, l.command, a.Charge.Enterprise)
	decision, refusal := domain.Decide(s, l.command, today)
	if l.Refusal = refusal; refusal != nil {
		return
	}
	decision.Take(s, "")
	if paid, ok := decision.Events[0].(*domain.PayoutMade); ok {
		l.KeptBack = paid.KeptBack
		budgets = s.Appropriations(paid.PaidOn.Year(), paid.Charge, paid.Department)
	}
	for _, year := range l.Years {
		if line, ok := s.Account(a.Charge.Account(), year, today); ok {
			l.Headroom = least(l.Headroom, line.Headroom())
		}
	}
	for _, one := range budgets {
		l.Budget = least(l.Budget, domain.Stated(one.Set.Sub(one.Paid)))
	}
}

// least is the lower of two ceilings.
func least(a, b domain.Ceiling) domain.Ceiling {
	if !a.Stated || b.Stated && b.Amount.Less(a.Amount) {
		return b
	}
	return a
}

// same reports whether a command does now what it was shown to do.
func (l togetherLine) same(o togetherLine) bool {
	return l.Refusal == nil && o.Refusal == nil && l.Amount == o.Amount && l.KeptBack == o.KeptBack && l.Headroom == o.Headroom && l.Budget == o.Budget && l.Into.said() == o.Into.said()
}

// digestTogether is what was shown of commands that pass, in a word.
func digestTogether(lines []togetherLine) string {
	h := sha256.New()
	for _, l := range lines {
		if text, err := wire.EncodeCommand(l.command); err == nil && l.Refusal == nil {
			fmt.Fprintf(h, "%s\n%v %v %v %v%s\n", text, l.Amount, l.KeptBack, l.Headroom, l.Budget, l.Into.said())
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// show makes lines that were weighed the second step.
func (b *togetherBody) show(lines []togetherLine) {
	b.Lines, b.Shown, b.Reviewed = lines, true, digestTogether(lines)
	for i := range lines {
		line := &lines[i]
		b.Picked[string(line.Case)] = true
		if line.Refusal != nil {
			b.Refused++
			continue
		}
		if text, err := wire.EncodeCommand(line.command); err == nil {
			line.Give = string(text)
		}
		b.Passing++
		b.Sum = b.Sum.Add(line.Amount)
	}
}

// bookTogether books what was shown.
func (p *Pages) bookTogether(w http.ResponseWriter, r *http.Request, v web.Viewer, b *togetherBody) error {
	sent := r.PostForm
	if n := len(sent["give"]); n == 0 || n > 4*mostTogether {
		return invalid("give", strconv.Itoa(n))
	}
	lines := make([]togetherLine, len(sent["give"]))
	for i, text := range sent["give"] {
		c, refusal := wire.DecodeCommand([]byte(text))
		if refusal != nil {
			return refusal
		}
		if c.Name() != b.Verb {
			return invalid("command", c.Name())
		}
		by := c.Given().Actor
		lines[i] = togetherLine{command: c, grant: web.Grant{Role: by.Role, Department: by.Department, For: by.For}}
	}
	results, moved := p.giveTogether(r.Context(), v, lines, sent.Get(reviewedField))
	if moved != nil {
		b.Again = true
		b.show(moved)
		return p.showTogether(w, r, b, false)
	}
	from, to := uint64(0), uint64(0)
	for i, result := range results {
		switch {
		case result.Refusal == nil && result.Err == nil:
			from, to = min(cmp.Or(from, result.Outcome.FirstSeq), result.Outcome.FirstSeq), max(to, result.Outcome.LastSeq)
			continue
		case result.Refusal != nil:
			lines[i].Refusal = result.Refusal
		default:
			lines[i].Fault = p.faultOf(result)
		}
		b.Unbooked = append(b.Unbooked, lines[i])
	}
	run := runOf(lines[0].command.Given().ID)
	if from == 0 || run == "" {
		return p.showTogether(w, r, b, false)
	}
	_ = p.server.WaitFor(r.Context(), to)
	http.Redirect(w, r, address("/todo/"+string(b.Step)+"/"+run, url.Values{"from": {strconv.FormatUint(from, 10)}, "to": {strconv.FormatUint(to, 10)},
		"of": {strconv.Itoa(len(lines))}})+"#main", http.StatusSeeOther)
	return nil
}

// faultOf is why an outcome is not known.
func (p *Pages) faultOf(result ledger.Result) *domain.Text {
	if problem, ok := errors.AsType[*web.Problem](result.Err); ok && problem.Message != nil {
		return problem.Message
	}
	return &domain.Text{ZH: "尚不知是否已记账；再次确认不会重复记账。", EN: "It is not known whether it was booked; confirming again books nothing twice."}
}

// giveTogether gives commands that would do what was shown, in order. moved is what they would do instead, where that is something else: then none is given.
func (p *Pages) giveTogether(ctx context.Context, v web.Viewer, lines []togetherLine, reviewed string) (results []ledger.Result, moved []togetherLine) {
	today := p.today()
	given := make([]web.Given, len(lines))
	var expected []togetherLine
	for i, line := range lines {
		given[i] = web.Given{Command: line.command, Grant: line.grant, Holds: func(s *domain.State) bool {
			if i == 0 {
				now := slices.Clone(lines)
				weighTogether(s, v, now, today)
				refused := slices.ContainsFunc(now, func(l togetherLine) bool { return l.Refusal != nil })
				if expected, moved = now, nil; refused || digestTogether(now) != reviewed {
					expected, moved = nil, now
				}
				return moved == nil
			}
			if expected == nil {
				return false
			}
			now := []togetherLine{line}
			weighTogether(s, v, now, today)
			return now[0].same(expected[i])
		}}
	}
	results = p.server.GiveAll(ctx, v, given)
	if _, judged := errors.AsType[*web.Problem](results[0].Err); !judged {
		return results, nil
	}
	return results, moved
}

var runID = regexp.MustCompile(`^web-([A-Z2-7]{26})-[0-9]{3}$`)

// runOf is what the ids of commands have in common that were given together; "" where they were not.
func runOf(id domain.CommandID) string {
	if found := runID.FindStringSubmatch(string(id)); found != nil {
		return found[1]
	}
	return ""
}

// runBody is what was booked together.
type runBody struct {
	Step     projections.Step
	Run      string
	From, To uint64
	Of       int // were confirmed
	Payouts  []projections.PayoutRow
	Decided  []projections.ApplicationRow
	Sum      domain.Money
	KeptBack domain.Money // of the sum
}

// PaidOut is what of the sum is really paid.
func (b *runBody) PaidOut() domain.Money { return b.Sum.Sub(b.KeptBack) }

// Count is how many were booked.
func (b *runBody) Count() int { return len(b.Payouts) + len(b.Decided) }

// mostOfRun is how many events of the log are looked at for those of a run.
const mostOfRun = 4000

// readRun reads from the log what was booked together, and from the tables what became of it since.
func (p *Pages) readRun(r *http.Request) (*runBody, error) {
	b := &runBody{Step: projections.Step(r.PathValue("step")), Run: r.PathValue("run")}
	var err error
	if b.From, err = position(r, "from"); err != nil {
		return nil, err
	}
	if b.To, err = position(r, "to"); err != nil {
		return nil, err
	}
	b.Of, _ = strconv.Atoi(r.URL.Query().Get("of"))
	if b.From == 0 || b.To < b.From || b.To-b.From >= mostOfRun {
		return nil, projections.ErrNotFound
	}
	q := p.server.Queries()
	for seq := b.From; seq <= b.To; seq++ {
		record, err := p.server.Record(r.Context(), seq)
		if errors.Is(err, eventstore.ErrNotFound) {
			return nil, projections.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		entry, err := wire.Decode(record)
		if err != nil {
			return nil, err
		}
		if runOf(domain.CommandID(entry.Envelope.CommandID)) != b.Run {
			continue
		}
		switch e := entry.Event.(type) {
		case *domain.PayoutMade:
			found, err := projections.Payouts.Page(r.Context(), q, projections.Where(projections.ByPayout.Is(e.Payout)))
			if err != nil {
				return nil, err
			}
			b.Payouts = append(b.Payouts, found.Rows...)
			b.Sum, b.KeptBack = b.Sum.Add(e.Amount), b.KeptBack.Add(e.KeptBack)
		case *domain.ApplicationApproved:
			found, err := projections.Applications.Page(r.Context(), q, projections.Where(projections.ByApplication.Is(e.Application)))
			if err != nil {
				return nil, err
			}
			b.Decided = append(b.Decided, found.Rows...)
			for _, i := range e.Instalments {
				b.Sum = b.Sum.Add(i.Amount)
			}
		}
	}
	if b.Count() == 0 {
		return nil, projections.ErrNotFound
	}
	return b, nil
}

// run shows what was booked together, with the bank's file and the sheet.
func (p *Pages) run(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/", domain.Text{ZH: "批量办理结果", EN: "Booked together"})
	if err != nil {
		return err
	}
	b, err := p.readRun(r)
	if err != nil {
		return err
	}
	return runSheet.write(p, w, http.StatusOK, pg, b)
}

// runPaper is the payouts of a run as a paper: the summary of payouts, narrowed to them.
func (p *Pages) runPaper(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "/payouts", domain.Text{ZH: "支付汇总清单", EN: "Summary of payouts"})
	if err != nil {
		return err
	}
	run, err := p.readRun(r)
	if err != nil || len(run.Payouts) == 0 {
		return cmp.Or(err, error(projections.ErrNotFound))
	}
	b := summedBody{Most: projections.MaxLimit, Rows: run.Payouts,
		Narrowed: []narrowing{{Name: "run", Title: domain.Text{ZH: "支付批次", EN: "Paid together"}.In(pg.Viewer.Lang), Value: run.Run}}}
	if b.paper, err = p.paper(r, func(*domain.State) {}); err != nil {
		return err
	}
	b.add()
	return summedSheet.write(p, w, http.StatusOK, pg, b)
}

// paidInto are the bank accounts that payouts went to: those of their days that the ledger knew when they were made, by which it was judged who may
// pay. One that was recorded since, for whatever day, is another's; where none was known, none is told.
func (p *Pages) paidInto(r *http.Request, v web.Viewer, rows []projections.PayoutRow) ([]payee, error) {
	list := make([]payee, len(rows))
	for i, row := range rows {
		to, err := p.payeeAt(r, v, row.Enterprise, row.Seq, row.PaidOn)
		if err != nil {
			return nil, err
		}
		if to == nil {
			continue
		}
		list[i] = *to
		if list[i].Number = strings.ReplaceAll(to.Number, " ", ""); !to.Whole {
			list[i].Number = "…" + to.Number
		}
	}
	return list, nil
}

// runFile is the payouts of a run for the bank: one payment a row. What is all kept back the bank does not pay.
func (p *Pages) runFile(w http.ResponseWriter, r *http.Request) error {
	run, err := p.readRun(r)
	if err == nil {
		run.Payouts = slices.DeleteFunc(run.Payouts, func(row projections.PayoutRow) bool { return row.PaidOut.IsZero() })
	}
	if err != nil || len(run.Payouts) == 0 {
		return cmp.Or(err, error(projections.ErrNotFound))
	}
	v, _ := web.ViewerOf(r)
	format := tabular.Format(r.URL.Query().Get("format"))
	if format != tabular.CSV && format != tabular.XLSX {
		return invalid("format", string(format))
	}
	policy := p.names.Load()
	accounts, err := p.paidInto(r, v, run.Payouts)
	if err != nil {
		return err
	}
	t := tabular.Table{Name: "payments", Title: domain.Text{ZH: "支付批次 " + run.Run, EN: "Payments of " + run.Run},
		Columns: words.Named("payee", "enterprise", "payee_holder", "payee_account", "payee_bank", "amount", "paid_on", "voucher", "purpose", "payout")}
	t.Rows = func(yield func(tabular.Row, error) bool) {
		for i, row := range run.Payouts {
			to := accounts[i]
			purpose := domain.Text{ZH: fmt.Sprintf("条款 %s，%s 年度", called(policy, "clause", string(row.Clause), "zh"), row.SupportYear),
				EN: fmt.Sprintf("Clause %s, support year %s", called(policy, "clause", string(row.Clause), "en"), row.SupportYear)}.In(v.Lang)
			if !yield(tabular.Row{row.EnterpriseName, row.Enterprise, to.Holder, to.Number, to.Bank, row.PaidOut, row.PaidOn, row.Voucher, purpose, row.Payout}, nil) {
				return
			}
		}
	}
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Type", format.ContentType())
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "payments-" + run.Run + format.Extension()}))
	if _, err := words.Written(p.server.PatientWriter(w, r), format, t, tabular.Options{Lang: v.Lang, HumanHeadings: true}, p.names.Load()); err != nil {
		panic(http.ErrAbortHandler) // the client must see that it is cut
	}
	return nil
}
