package postgres_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// promiseTimes promises times before anything waits: a clause others than its policy, and of one clause nothing for its payment.
func promiseTimes(t *testing.T, a *projtest.Author) {
	t.Helper()
	amend := func(clause domain.ClauseID, p domain.Promised) *domain.Refusal {
		return a.Do(&domain.AmendPolicy{Head: a.Head("root", domain.Admin, ""), Clause: clause, EffectiveOn: a.Today(), Document: "承诺 1 号", Promised: &p})
	}
	if r := cmp.Or(amend("", domain.Promised{Acceptance: 30, Review: 60, Approval: 90}), amend("1", domain.Promised{Review: 400, Payment: 500}),
		amend("3", domain.Promised{Approval: 200, Payment: 260})); r != nil {
		t.Fatal(r)
	}
}

// offerOne offers support to whoever may have it.
func offerOne(t *testing.T, a *projtest.Author) {
	t.Helper()
	offer := func(id domain.OfferID, e domain.EnterpriseID) *domain.Refusal {
		h := a.Head("wang", domain.Approver, "commerce")
		until := domain.DateIn(a.Now().AddDate(0, 0, 40), domain.Shanghai)
		return a.Do(&domain.OfferSupport{Head: h, Offer: id, Enterprise: e, Clause: "5", Title: "免申即享", ExpiresOn: until, Project: string(id),
			Instalments: []domain.Instalment{{SupportYear: domain.SupportYear(a.Today().Year()), Amount: domain.Fen(100)}}})
	}
	for _, r := range a.Records() {
		e, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		if e, is := e.Event.(*domain.EnterpriseRegistered); is && offer("offered-1", e.Enterprise) == nil {
			return
		}
	}
	t.Fatal("nobody is offered anything")
}

// tracking is what of each application's way its promised times are counted from: the statements' reckoning, by another way.
type tracking map[domain.ApplicationID]*way

type way struct {
	charge          domain.Charge
	asked, reviewed domain.Date
	approved        domain.Date // first
	offered         bool
	reviewers       []domain.PersonID
	suspended       [][2]domain.Date
	paid            map[domain.SupportYear]domain.Date // last
	ended           []span
}

// span is a stage that is over.
type span struct {
	stage    domain.Stage
	clause   domain.ClauseID
	from, to domain.Date
}

func (t tracking) of(id domain.ApplicationID, c domain.Charge) *way {
	if t[id] == nil {
		t[id] = &way{paid: map[domain.SupportYear]domain.Date{}}
	}
	t[id].charge = c
	return t[id]
}

func (w *way) begins(on domain.Date) { w.asked, w.reviewed, w.reviewers = on, domain.Date{}, nil }

func (w *way) ends(stage domain.Stage, from, to domain.Date) {
	w.ended = append(w.ended, span{stage, w.charge.Applied(), from, to})
}

func (w *way) decided(on domain.Date) {
	if from := w.reviewed; !from.IsZero() {
		w.ends(domain.StageApproval, from, on)
	} else {
		w.ends(domain.StageApproval, w.asked, on)
	}
}

func (t tracking) take(s *domain.State, e wire.Entry) {
	switch v := e.Event.(type) {
	case *domain.OfferConfirmed:
		t.of(v.Application, v.Charge).offered = true
	case *domain.ApplicationSubmitted:
		t.of(v.Application, v.Charge).begins(e.Date)
	case *domain.ApplicationAccepted:
		w := t.of(v.Application, v.Charge)
		if !w.offered {
			w.ends(domain.StageAcceptance, w.asked, e.Date)
		}
		w.begins(e.Date)
	case *domain.ApplicationTransferred:
		t.of(v.Application, v.Charge).begins(e.Date)
	case *domain.ApplicationMoved:
		t.of(v.Application, v.Charge).begins(e.Date)
	case *domain.ApplicationAmended:
		if w := t.of(v.Application, v.Charge); len(v.Previously) > 0 {
			w.begins(e.Date)
		}
	case *domain.ApplicationReviewed:
		w, by := t.of(v.Application, v.Charge), e.Deed().Actor.ID
		if v.Opinion == domain.Abstain || slices.Contains(w.reviewers, by) {
			return
		}
		if w.reviewers = append(w.reviewers, by); len(w.reviewers) == s.WorkflowOn(v.Charge.Applied(), w.asked).Reviews {
			w.reviewed = e.Date
			w.ends(domain.StageReview, w.asked, e.Date)
		}
	case *domain.ApplicationApproved:
		w := t.of(v.Application, v.Charge)
		w.decided(e.Date)
		if w.approved.IsZero() {
			w.approved = e.Date
		}
	case *domain.ApplicationRejected:
		t.of(v.Application, v.Charge).decided(e.Date)
	case *domain.PayoutMade:
		t.of(v.Application, v.Charge).paid[v.SupportYear] = v.PaidOn
	case *domain.ApplicationSuspended:
		w := t.of(v.Application, v.Charge)
		w.suspended = append(w.suspended, [2]domain.Date{e.Date, {}})
	case *domain.ApplicationResumed:
		w := t.of(v.Application, v.Charge)
		w.suspended[len(w.suspended)-1][1] = e.Date
	}
}

// held reports whether it was suspended on a day: not yet on the first one, still on the last.
func (w *way) held(d domain.Date) bool {
	return slices.ContainsFunc(w.suspended, func(s [2]domain.Date) bool { return d.After(s[0]) && !d.After(s[1]) })
}

// took is how many days were worked on it between two days.
func (w *way) took(from, to domain.Date) (n int64) {
	for d := from.Next(); !d.After(to); d = d.Next() {
		if works(d) && !w.held(d) {
			n++
		}
	}
	return n
}

// atLeast is a day, or the first of a later support year.
func atLeast(d domain.Date, y int) domain.Date {
	if first := domain.DateOf(y, 1, 1); first.After(d) {
		return first
	}
	return d
}

// works reports whether a day is worked, by the shipped holidays.
func works(d domain.Date) bool {
	weekday := d.Time(time.UTC).Weekday()
	return slices.Contains(shipped.Worked(), d) || !slices.Contains(shipped.Off(), d) && weekday != time.Saturday && weekday != time.Sunday
}

var shipped = policies.Chinese()

// promised is until when a row's stage is promised, and how it stands: counted day by day.
func (t tracking) promised(s *domain.State, r projections.QueueRow, today domain.Date) (domain.Date, domain.Standing) {
	if r.Step == projections.ToAnswer {
		if r.WaitingDays*5 >= int64(domain.DaysBetween(r.Since, r.PromisedUntil))*4 {
			return r.PromisedUntil, domain.Amber // the offer's own day: the offers' test has it
		}
		return r.PromisedUntil, domain.OnTime
	}
	w, begun, stage := t[domain.ApplicationID(r.Reference)], domain.Date{}, domain.Stage("")
	switch r.Step {
	case projections.ToAccept:
		begun, stage = w.asked, domain.StageAcceptance
	case projections.ToDecide:
		begun, stage = w.asked, domain.StageReview
		if !w.reviewed.IsZero() {
			begun, stage = w.reviewed, domain.StageApproval
		}
	case projections.ToPay, projections.ToPayRest, projections.ToPayAgain:
		begun, stage = r.Since, domain.StagePayment
		a, _ := s.Application(domain.ApplicationID(r.Reference))
		first := 9999
		for _, i := range a.Instalments {
			if i.Paid.Cmp(i.Amount) < 0 {
				first = min(first, int(i.SupportYear))
			}
		}
		begun = atLeast(begun, first)
	}
	days := s.PromisedOn(cmp.Or(r.ViaClause, r.Clause), begun).Of(stage)
	if stage == "" || days == 0 {
		return domain.Date{}, ""
	}
	until, left, gone := begun, days, 0
	for d := begun.Next(); left > 0; d = d.Next() {
		if works(d) && !w.held(d) {
			until, left = d, left-1
			if !d.After(today) {
				gone++
			}
		}
	}
	switch {
	case today.After(until):
		return until, domain.Red
	case gone*5 >= days*4:
		return until, domain.Amber
	}
	return until, domain.OnTime
}

// times is what the list of stage times has, reckoned from the ways.
func (t tracking) times(s *domain.State, day domain.Date) map[string]projections.StageTimesRow {
	took := map[string][]int64{}
	rows := map[string]projections.StageTimesRow{}
	for _, w := range t {
		all := slices.Clone(w.ended)
		for year, on := range w.paid {
			if !w.approved.IsZero() {
				all = append(all, span{domain.StagePayment, w.charge.Applied(), atLeast(w.approved, int(year)), on})
			}
		}
		for _, one := range all {
			key := string(one.clause) + " " + string(one.stage)
			days, promised := w.took(one.from, one.to), int64(s.PromisedOn(one.clause, one.from).Of(one.stage))
			took[key] = append(took[key], days)
			r := rows[key]
			r.Clause, r.Stage, r.Cases, r.LongestDays = one.clause, one.stage, r.Cases+1, max(r.LongestDays, days)
			r.PromisedDays = int64(s.PromisedOn(one.clause, day).Of(one.stage))
			if promised > 0 {
				r.PromisedCases++
				if days > promised {
					r.LateCases++
				}
			}
			rows[key] = r
		}
	}
	for key, list := range took {
		r := rows[key]
		slices.Sort(list)
		r.MedianDays = list[(len(list)-1)/2]
		rows[key] = r
	}
	return rows
}

// How long stages took, now and as of a position, against a reckoning day by day; and what a suspension holds up does not count.
func TestStageTimesAreThoseOfTheEvents(t *testing.T) {
	author := projtest.NewAuthor(77, 900)
	promiseTimes(t, author)
	var halted []domain.ApplicationID
	for len(author.Records()) < 900 {
		if n := len(author.Records()); n%60 < 3 {
			for _, id := range halted {
				author.Do(&domain.ResumeApplication{Head: author.Head("wang", domain.Approver, "commerce"), Application: id})
			}
			halted = halt(t, author)
		}
		author.Act()
	}
	records := author.Records()
	url := migrated(t)
	project(t, url, records)
	late, held := int64(0), 0
	for _, upto := range []int{len(records) / 2, len(records)} {
		state, tracked := domain.NewState(), tracking{}
		var last wire.Entry
		for _, r := range records[:upto] {
			e, err := wire.Decode(r)
			if err != nil {
				t.Fatal(err)
			}
			tracked.take(state, e)
			domain.Apply(state, e.Event, e.Deed())
			last = e
		}
		q := ask(t, url, last.Recorded.Add(time.Minute))
		wanted := tracked.times(state, domain.DateIn(last.Recorded, domain.Shanghai))
		asked := projections.Ask{}
		if upto < len(records) {
			asked.AsOf = projections.AsOf{Seq: uint64(upto)}
		}
		rows := every(t, q, projections.StageTimes, asked)
		for _, r := range rows {
			key := string(r.Clause) + " " + string(r.Stage)
			if r != wanted[key] {
				t.Errorf("at %d: %+v, not %+v", upto, r, wanted[key])
			}
			delete(wanted, key)
			late += r.LateCases
		}
		for key := range wanted {
			t.Errorf("at %d: %s is not listed", upto, key)
		}
		for _, w := range tracked {
			for _, s := range w.suspended {
				if !s[1].IsZero() && s[1].After(s[0]) {
					held++
				}
			}
		}
	}
	if late == 0 || held < 5 {
		t.Errorf("%d late, %d held", late, held)
	}
}

// halt suspends what can be.
func halt(t *testing.T, a *projtest.Author) (list []domain.ApplicationID) {
	t.Helper()
	for _, r := range a.Records() {
		e, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		s, is := e.Event.(*domain.ApplicationSubmitted)
		if !is || len(list) == 3 {
			continue
		}
		if r := a.Do(&domain.SuspendApplication{Head: a.Head("wang", domain.Approver, "commerce"), Application: s.Application, Reason: "核查"}); r == nil {
			list = append(list, s.Application)
		}
	}
	return list
}
