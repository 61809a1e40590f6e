package postgres_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/wire"
)

// waits is what the live state says waits for somebody on a day, by the step and what it is about: a count by another way than the tables'.
func waits(s *domain.State, seen []domain.Event, day domain.Date) map[string]string {
	all := map[string]string{}
	last := map[domain.ApplicationID]map[domain.SupportYear]domain.PayoutID{}
	for _, e := range seen {
		switch e := e.(type) {
		case *domain.PayoutMade:
			note(last, e.Application, e.SupportYear, e.Payout)
		case *domain.PayoutBooked:
			note(last, e.Application, e.SupportYear, e.Payout)
		}
	}
	for _, e := range seen {
		switch e := e.(type) {
		case *domain.ApplicationSubmitted:
			a, _ := s.Application(e.Application)
			if step, amount := stepOf(s, a, last[e.Application], day); step != "" {
				all[string(e.Application)] = fmt.Sprint(step, " ", amount)
			}
		case *domain.SupportOffered:
			if _, answered := s.Application(domain.ApplicationID(e.Offer)); !answered && !e.ExpiresOn.Before(day) {
				all[string(e.Offer)] = fmt.Sprint(projections.ToAnswer, " ", e.Instalments[0].Amount)
			}
		case *domain.ClawbackOrdered:
			if c, _ := s.Clawback(e.Clawback); c.Outstanding.Positive() {
				step, amount := projections.ToRecover, c.Outstanding
				if over := c.Overdue(day); over.Positive() {
					step, amount = projections.ToDemand, over
				}
				all[string(e.Clawback)] = fmt.Sprint(step, " ", amount)
			}
		}
	}
	return all
}

func note(last map[domain.ApplicationID]map[domain.SupportYear]domain.PayoutID, a domain.ApplicationID, y domain.SupportYear, p domain.PayoutID) {
	if last[a] == nil {
		last[a] = map[domain.SupportYear]domain.PayoutID{}
	}
	last[a][y] = p
}

func stepOf(s *domain.State, a domain.ApplicationView, last map[domain.SupportYear]domain.PayoutID, day domain.Date) (step projections.Step, amount domain.Money) {
	for _, asked := range a.Requested {
		amount = amount.Add(asked.Amount)
	}
	switch a.State {
	case domain.Submitted:
		if step = projections.ToAccept; !s.Policy().Workflow.Acceptance {
			step = projections.ToDecide
		}
	case domain.Accepted:
		step = projections.ToDecide
	case domain.Returned:
		step = projections.ToComplete
	case domain.Approved:
		amount = domain.Money{}
		paid, back := false, false
		for _, i := range a.Instalments {
			paid = paid || i.Paid.Positive()
			if rest := i.Amount.Sub(i.Paid); rest.Positive() && int(i.SupportYear) <= day.Year() {
				amount = amount.Add(rest)
			}
			if p, ok := s.Payout(last[i.SupportYear]); ok && p.Returned.Positive() && i.Paid.Cmp(i.Amount) < 0 {
				back = true
			}
		}
		switch {
		case !amount.Positive():
			return "", amount
		case back:
			step = projections.ToPayAgain
		case paid || len(last) > 0:
			step = projections.ToPayRest
		default:
			step = projections.ToPay
		}
	}
	if step != "" && a.Suspended {
		step = projections.ToResume
	}
	return step, amount
}

// returnAndSuspend adds what histories undo again: an application that is returned for completion, and two that are suspended.
func returnAndSuspend(t *testing.T, a *projtest.Author) {
	t.Helper()
	var of [3]domain.ApplicationID
	for _, r := range a.Records() {
		e, err := wire.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := e.Event.(*domain.ApplicationSubmitted); ok {
			switch v, _ := a.State().Application(e.Application); v.State {
			case domain.Submitted:
				of[0] = e.Application
			case domain.Accepted:
				of[1] = e.Application
			case domain.Approved:
				of[2] = e.Application
			}
		}
	}
	if r := a.Do(&domain.ReturnApplication{Head: a.Head("chen", domain.Clerk, ""), Application: of[0], Reason: "补正"}); r != nil {
		t.Fatal(r)
	}
	for _, id := range of[1:] {
		var r *domain.Refusal
		for _, d := range a.State().Policy().Departments {
			if r = a.Do(&domain.SuspendApplication{Head: a.Head("wang", domain.Approver, d.ID), Application: id, Reason: "核查"}); r == nil {
				break
			}
		}
		if r != nil {
			t.Fatal(r)
		}
	}
}

func TestTheQueueHoldsWhatTheLiveStateSaysWaits(t *testing.T) {
	steps, standings := map[projections.Step]int{}, map[domain.Standing]int{}
	for seed := range uint64(3) {
		author := projtest.NewAuthor(30+seed, 900)
		promiseTimes(t, author)
		for len(author.Records()) < 900 {
			author.Act()
		}
		returnAndSuspend(t, author)
		offerOne(t, author)
		records := author.Records()
		url := migrated(t)
		project(t, url, records)
		state, tracked := domain.NewState(), tracking{}
		var seen []domain.Event
		var latest domain.Date
		for _, r := range records {
			e, err := wire.Decode(r)
			if err != nil {
				t.Fatal(err)
			}
			tracked.take(state, e)
			domain.Apply(state, e.Event, e.Deed())
			if seen = append(seen, e.Event); latest.Before(e.Date) {
				latest = e.Date
			}
		}
		now := latest.Time(domain.Shanghai).Add(12 * time.Hour)
		q := ask(t, url, now)
		rows := every(t, q, projections.Queue, projections.Ask{})
		listed := map[string]string{}
		before := domain.Date{}
		for _, r := range rows {
			if _, twice := listed[r.Reference]; twice {
				t.Errorf("%s waits twice", r.Reference)
			}
			listed[r.Reference] = fmt.Sprint(r.Step, " ", r.Amount)
			steps[r.Step]++
			standings[r.Standing]++
			if until, standing := tracked.promised(state, r, latest); r.PromisedUntil != until || r.Standing != standing {
				t.Errorf("%s of %s since %s is promised until %s (%q), not %s (%q), on %s", r.Reference, r.Step, r.Since, r.PromisedUntil, r.Standing, until, standing, latest)
			}
			if r.Since.Before(before) {
				t.Errorf("%s since %s stands behind one since %s", r.Reference, r.Since, before)
			}
			if before = r.Since; r.WaitingDays != int64(latest.Time(domain.Shanghai).Sub(r.Since.Time(domain.Shanghai)).Hours()/24) {
				t.Errorf("%s since %s waits %d days on %s", r.Reference, r.Since, r.WaitingDays, latest)
			}
		}
		want := waits(state, seen, latest)
		for _, id := range slices.Sorted(maps.Keys(want)) {
			if listed[id] != want[id] {
				t.Errorf("%s: %q is listed, the state says %q", id, listed[id], want[id])
			}
		}
		for id := range listed {
			if want[id] == "" {
				t.Errorf("%s does not wait, and is listed: %s", id, listed[id])
			}
		}

		// Each department's part, and a clause's: what is listed for somebody is what is under their clauses.
		for _, d := range state.Policy().Departments {
			own := map[string]bool{}
			for _, r := range rows {
				applied := r.ViaClause
				if applied == "" {
					applied = r.Clause
				}
				if c, _ := state.Policy().Clause(applied); slices.Contains(c.Departments, d.ID) {
					own[r.Reference] = true
				}
			}
			for _, r := range every(t, q, projections.Queue, projections.Where(projections.ByResponsible.Is(d.ID))) {
				if !own[r.Reference] {
					t.Errorf("%s is not %s's", r.Reference, d.ID)
				}
				delete(own, r.Reference)
			}
			if len(own) > 0 {
				t.Errorf("%s has %v too", d.ID, own)
			}
		}
	}
	for _, s := range []domain.Standing{"", domain.OnTime, domain.Amber, domain.Red} {
		if standings[s] == 0 {
			t.Errorf("nothing stands as %q: %v", s, standings)
		}
	}
	for _, step := range projections.Steps {
		if steps[step] == 0 {
			t.Errorf("nothing waits for %s: %v", step, steps)
		}
	}
}
