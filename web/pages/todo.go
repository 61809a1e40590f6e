package pages

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

const (
	// shownTodo is how many rows of a step the desk shows; its list has all.
	shownTodo = 8
	// judgedTodo is how many rows of a step it looks at, the oldest first: for each the rules are asked whether it is the viewer's turn.
	judgedTodo = 1000
	// judgedAtOnce is how many are judged in one look at the live state, so that no decision waits long for it.
	judgedAtOnce = 50
	// desksKept is for how many persons what waits is remembered.
	desksKept = 500
	// countsWithin is how long a page waits for the number beside its navigation.
	countsWithin = 400 * time.Millisecond
)

// todoBody is what waits for a viewer.
type todoBody struct {
	Today    domain.Date
	Count    int // that the viewer can do today
	Queues   []queue
	Others   []queue // what waits for somebody else
	Amber    int64   // of everybody's, soon late by what is promised
	Red      int64   // late
	More     bool    // only the oldest were looked at
	Findings []audit.Finding
	Open     int                      // findings, for an auditor
	News     []projections.HistoryRow // what others did to cases of the viewer's since they were here last
	MoreNews bool
	LastHere time.Time // when that was
	Until    domain.Date
	Left     int             // days until then
	Expiring []domain.Expiry // policies under which something is not done, and that end in a month at most or have ended with something undecided
}

// queue is what waits for one step.
type queue struct {
	Step    projections.Step
	Name    string    // of the step, or of the part of it that is the viewer's
	Rows    []todoRow // the oldest; what cannot be done today stands behind what can
	Count   int       // of those that can be done today
	Blocked int
	Sum     domain.Money
	Oldest  int64 // days
	Amber   int   // of all of them: soon late by what is promised
	Red     int   // late
}

// todoRow is one of them.
type todoRow struct {
	projections.QueueRow
	Do  string      // the command; "": none today
	Why domain.Text // not
}

// Page is where it is dealt with.
func (r todoRow) Page() string {
	var page string
	switch {
	case r.Step == projections.ToAnswer:
		page = link("/offers/new", "offer", r.Reference)
	case ofClawback(r.Step):
		page = "/clawbacks/" + escape(r.Reference)
	default:
		page = "/applications/" + escape(r.Reference)
	}
	if r.Do != "" {
		page += "#" + r.Do
	}
	return page
}

// Left is how many days an offer has left.
func (r todoRow) Left(today domain.Date) int { return domain.DaysBetween(today, r.PromisedUntil) }

// ofClawback reports whether it is a clawback that waits for a step.
func ofClawback(step projections.Step) bool {
	return step == projections.ToRecover || step == projections.ToDemand
}

// steps are the commands that take a step, the one that is rather given first.
var steps = map[projections.Step][]string{
	projections.ToAnswer: {"confirm_offer", "decline_offer"}, projections.ToAccept: {"accept_application"}, projections.ToDecide: {"approve_application", "record_review"},
	projections.ToPay: {"make_payout"}, projections.ToPayRest: {"make_payout"}, projections.ToPayAgain: {"make_payout"},
	projections.ToRecover: {"receive_recovery"}, projections.ToDemand: {"receive_recovery"}, projections.ToResume: {"resume_application"},
}

// elsewhere are the refusals that say that it is somebody else's turn, or was taken just now; any other says that it is nobody's today.
var elsewhere = map[string]bool{domain.CodeRoleNotAllowed: true, domain.CodeDepartmentNotAllowed: true, domain.CodeFourEyes: true, domain.CodeReviewsRequired: true,
	domain.CodeApplicationState: true, domain.CodeApplicationUnknown: true, domain.CodeClawbackUnknown: true, domain.CodeOfferUnknown: true, domain.CodeOfferAnswered: true}

// mayTake reports whether a viewer's grants let them take a step.
func mayTake(v web.Viewer, step projections.Step) bool {
	return slices.ContainsFunc(steps[step], func(c string) bool { return len(v.May(c)) > 0 })
}

// hasTurn reports whether a viewer's grants let them take any step, or dispose of findings.
func hasTurn(v web.Viewer) bool {
	return slices.ContainsFunc(projections.Steps, func(s projections.Step) bool { return mayTake(v, s) }) || len(v.May("dispose_finding")) > 0
}

// todo is the page that a person begins the day with. Who has no turn in anything, and an address of the former overview, are led there.
func (p *Pages) todo(w http.ResponseWriter, r *http.Request) error {
	v, _ := web.ViewerOf(r)
	q := r.URL.Query()
	former := slices.ContainsFunc([]string{"year", "budget_year", "as_of", "on"}, q.Has)
	if former || !hasTurn(v) {
		http.Redirect(w, r, address("/overview", q), http.StatusSeeOther)
		return nil
	}
	pg, err := p.enter(r, "/")
	if err != nil {
		return err
	}
	b, err := p.waiting(r.Context(), pg.Viewer, pg.Lag.Projected, p.todos.exactly)
	if err != nil {
		return err
	}
	pg.Waiting, pg.Drafts = b.number(), p.server.Drafts(r.Context(), pg.Viewer)
	if b, err = p.withNews(r.Context(), pg, b); err != nil {
		return err
	}
	return todoSheet.write(p, w, http.StatusOK, pg, b)
}

// waiting is what waits for a viewer at a position.
func (p *Pages) waiting(ctx context.Context, v web.Viewer, seq uint64,
	how func(context.Context, string, uint64, func(context.Context) (*todoBody, error)) (*todoBody, error)) (*todoBody, error) {
	key := fmt.Sprint(v.ID, v.Grants, p.today())
	b, err := how(ctx, key, seq, func(ctx context.Context) (*todoBody, error) { return p.gather(ctx, v) })
	if err != nil {
		return nil, err
	}
	return p.withFindings(v, b), nil
}

// count is how much waits for a viewer, for the navigation; "" where that cannot be told at once, or nothing does.
func (p *Pages) count(ctx context.Context, v web.Viewer, lag web.Lag) string {
	if !hasTurn(v) {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, countsWithin)
	defer cancel()
	b, err := p.waiting(ctx, v, lag.Projected, p.todos.get)
	if err != nil {
		return ""
	}
	return b.number()
}

// number is how much it is, for the navigation; "" for nothing.
func (b *todoBody) number() string {
	switch {
	case b.More:
		return fmt.Sprint(b.Count, "+")
	case b.Count == 0:
		return ""
	}
	return fmt.Sprint(b.Count)
}

// gather asks the tables what waits, and the rules whose turn it is, step by step: of one that the viewer's grants cannot take it is counted only.
func (p *Pages) gather(ctx context.Context, v web.Viewer) (*todoBody, error) {
	b := &todoBody{Today: p.today()}
	for _, step := range projections.Steps {
		ask := projections.Where(projections.ByStep.Is(step))
		if step == projections.ToAnswer { // an offer lapses, however long it has waited
			ask.Sort = "promised_until"
		}
		if !mayTake(v, step) {
			sum, err := p.server.Sum(ctx, projections.Queue.List, ask)
			if err != nil {
				return nil, err
			}
			if sum.Rows > 0 {
				others := queue{Step: step, Count: int(sum.Rows)}
				if !sum.More {
					others.Sum = domain.Fen(sum.Amounts[0].Shift(2).IntPart())
				}
				for is, count := range map[domain.Standing]*int{domain.Amber: &others.Amber, domain.Red: &others.Red} {
					of, err := p.server.Sum(ctx, projections.Queue.List, projections.Where(projections.ByStep.Is(step), projections.ByStanding.Is(is)))
					if err != nil {
						return nil, err
					}
					*count = int(of.Rows)
				}
				b.Others = append(b.Others, others)
			}
			continue
		}
		if err := p.judgeStep(ctx, v, b, step, ask); err != nil {
			return nil, err
		}
	}
	for _, standing := range []struct {
		is    domain.Standing
		count *int64
	}{{domain.Amber, &b.Amber}, {domain.Red, &b.Red}} {
		sum, err := p.server.Sum(ctx, projections.Queue.List, projections.Where(projections.ByStanding.Is(standing.is)))
		if err != nil {
			return nil, err
		}
		*standing.count = sum.Rows
	}
	err := p.server.View(ctx, func(s *domain.State, _ uint64) {
		for _, e := range s.Expiries(b.Today) {
			if left := e.DaysLasting(b.Today); left <= domain.ExpiresWithin && (e.Undecided > 0 || left >= 0 && e.Unpaid.Positive()) {
				b.Expiring = append(b.Expiring, e)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if !b.Until.IsZero() {
		b.Left = int(b.Until.Time(domain.Shanghai).Sub(b.Today.Time(domain.Shanghai)).Hours() / 24)
	}
	return b, nil
}

// judgeStep adds what waits for a step that the viewer's grants can take.
func (p *Pages) judgeStep(ctx context.Context, v web.Viewer, b *todoBody, step projections.Step, ask projections.Ask) error {
	mine, others := queue{Step: step, Name: string(step)}, queue{Step: step}
	reviews := queue{Step: step, Name: "to_review"}
	if step == projections.ToDecide { // who is to review is not who is to approve, where both are asked for
		mine.Name = "to_approve"
	}
	more, err := p.turns(ctx, v, b.Today, ask, func(judged todoRow, own bool) {
		switch {
		case own && judged.Do == "record_review":
			reviews.take(judged)
		case own:
			mine.take(judged)
		default:
			others.take(judged)
		}
	})
	if err != nil {
		return err
	}
	if policy := p.names.Load(); policy != nil {
		b.Until = policy.Term.To
	}
	b.More = b.More || more
	for _, q := range []queue{reviews, mine} {
		if len(q.Rows) > 0 {
			q.cut()
			b.Queues, b.Count = append(b.Queues, q), b.Count+q.Count
		}
	}
	if len(others.Rows) > 0 {
		b.Others = append(b.Others, others)
	}
	return nil
}

// turns judges what waits, the oldest first, and hands each over with whether it is the viewer's turn; more: not all was looked at.
func (p *Pages) turns(ctx context.Context, v web.Viewer, today domain.Date, ask projections.Ask, take func(judged todoRow, own bool)) (more bool, err error) {
	ask.Limit = judgedTodo
	found, err := projections.Queue.Page(ctx, p.server.Keeper(v.Lang), ask)
	if err != nil {
		return false, err
	}
	for rows := range slices.Chunk(found.Rows, judgedAtOnce) {
		err := p.server.View(ctx, func(s *domain.State, _ uint64) {
			for _, row := range rows {
				take(turnOf(s, v, today, row))
			}
		})
		if err != nil {
			return false, err
		}
	}
	return found.Next != "", nil
}

const (
	// shownNews is how much of what happened since the last visit the desk shows, looked for among so many of the latest events.
	shownNews  = 8
	newsWithin = 20_000
)

// withNews adds what others did to cases of the viewer's since they were here last: the latest first.
func (p *Pages) withNews(ctx context.Context, pg *page, b *todoBody) (*todoBody, error) {
	seq := pg.Lag.Projected
	before, left := p.server.Visit(ctx, pg.Viewer, seq)
	if before == 0 || before >= seq {
		return b, nil
	}
	ask := projections.Where(projections.ByActor.Is(pg.Viewer.ID), projections.From.Is(max(before, seq-min(seq, newsWithin))+1))
	ask.Limit = shownNews
	found, err := projections.News.Page(ctx, p.server.Keeper(pg.Viewer.Lang), ask)
	if err != nil {
		return nil, err
	}
	own := *b
	own.News, own.MoreNews, own.LastHere = found.Rows, found.Next != "", left
	return &own, nil
}

// withFindings adds those that an auditor has to dispose of, of the last verification: they change while nothing is booked.
func (p *Pages) withFindings(v web.Viewer, b *todoBody) *todoBody {
	proof := p.server.Proof()
	if proof == nil || len(v.May("dispose_finding")) == 0 {
		return b
	}
	report, err := proof.Report()
	if err != nil { // nothing was verified yet, and there is nothing to dispose of
		return b
	}
	own := *b
	for _, f := range report.Findings {
		if !f.Open() {
			continue
		}
		if own.Open++; len(own.Findings) < shownTodo {
			own.Findings = append(own.Findings, f)
		}
	}
	own.Count += own.Open
	return &own
}

// take adds a row, in the order of what waits longest.
func (q *queue) take(r todoRow) {
	if r.Why != (domain.Text{}) {
		q.Blocked++
	} else {
		q.Count++
		q.Sum = q.Sum.Add(r.Amount)
	}
	q.Oldest = max(q.Oldest, r.WaitingDays)
	switch r.Standing {
	case domain.Amber:
		q.Amber++
	case domain.Red:
		q.Red++
	}
	q.Rows = append(q.Rows, r)
}

// Together reports whether several of them can be taken at once.
func (q queue) Together() bool {
	verb, ok := together[q.Step]
	return ok && q.Count > 1 && slices.ContainsFunc(q.Rows, func(r todoRow) bool { return r.Do == verb })
}

// cut keeps the rows that are shown.
func (q *queue) cut() {
	slices.SortStableFunc(q.Rows, func(a, b todoRow) int { return strings.Compare(a.Why.ZH, b.Why.ZH) }) // "" is first
	q.Rows = q.Rows[:min(len(q.Rows), shownTodo)]
}

// turnOf asks the rules whether a viewer can take a row's step today: by the same drafts that its page makes forms of. own: it is their turn,
// even where something else has to be done first.
func turnOf(s *domain.State, v web.Viewer, today domain.Date, row projections.QueueRow) (judged todoRow, own bool) {
	judged.QueueRow = row
	commands := steps[row.Step]
	if s.Policy() == nil { // another instance is ahead of this one
		return judged, false
	}
	var drafts []draft
	switch {
	case row.Step == projections.ToAnswer:
		drafts = answering(s, v, today, row)
	case ofClawback(row.Step):
		b := &clawbackBody{ID: domain.ClawbackID(row.Reference)}
		b.Now, _ = s.Clawback(b.ID)
		drafts = clawbackDrafts(s, b)
	default:
		b := &applicationBody{ID: domain.ApplicationID(row.Reference)}
		b.Now, _ = s.Application(b.ID)
		drafts = applicationDrafts(s.Policy(), b)
		if reviewed(s, v, b.Now) {
			commands = commands[:1]
		}
	}
	drafts = slices.DeleteFunc(drafts, func(d draft) bool { return !slices.Contains(commands, d.command) })
	forms, none := judge(s, v, today, drafts)
	for _, c := range commands {
		if slices.ContainsFunc(forms, func(f form) bool { return f.Command == c }) {
			judged.Do = c
			return judged, true
		}
	}
	for _, a := range none {
		if !elsewhere[a.Code] {
			judged.Why, own = a.Why, true
		}
	}
	return judged, own
}

// answering are the drafts that answer an offer, for the clerks of a department that is responsible for its clause.
func answering(s *domain.State, v web.Viewer, today domain.Date, row projections.QueueRow) []draft {
	id := domain.OfferID(row.Reference)
	its := s.ClauseOn(cmp.Or(row.ViaClause, row.Clause), today).Departments
	if !slices.ContainsFunc(v.May("confirm_offer"), func(g web.Grant) bool { return g.Department == "" || slices.Contains(its, g.Department) }) {
		return nil
	}
	drafts := offerDrafts(s.Policy(), id)
	drafts[0] = drafts[0].tried(func(h domain.Head) domain.Command { return &domain.ConfirmOffer{Head: h, Offer: id} })
	drafts[1] = drafts[1].tried(func(h domain.Head) domain.Command { return &domain.DeclineOffer{Head: h, Offer: id} })
	return drafts
}

// reviewed reports whether an application waits for no review of a viewer: there are enough, or theirs is among them. They may give another.
func reviewed(s *domain.State, v web.Viewer, now domain.ApplicationView) bool {
	return now.Reviews >= s.Policy().Workflow.Reviews || !slices.ContainsFunc(v.May("record_review"), func(g web.Grant) bool {
		return v.Actor(g).Among(now.Duties[domain.DutyReview]) == ""
	})
}
