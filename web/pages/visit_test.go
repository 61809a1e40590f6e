package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// The desk tells what others did to somebody's cases since they were here last, until they have been away again: not what they did themselves, not
// what is no case of theirs, and to nobody else.
func TestTheDeskTellsWhatHappenedSinceTheLastVisit(t *testing.T) {
	var passed atomic.Int64
	s := open(t, func(c *web.Config) { c.Now = func() time.Time { return now.Add(time.Duration(passed.Load())) } })
	s.hire(t, "wang.lei", "clerk@science")
	s.hire(t, "other", "clerk@science")
	login := func(name string) {
		t.Helper()
		if status, _, body := s.post("/login", url.Values{"name": {name}, "password": {password}, "next": {"/"}}); status != http.StatusSeeOther {
			t.Fatalf("%d %s", status, body)
		}
	}
	const heading = "您上次离开以后"
	desk := func(as, more string) (news string, told bool) {
		t.Helper()
		login(as)
		_, page := s.get("/?lang=zh" + more)
		_, news, told = strings.Cut(page, heading)
		news, _, _ = strings.Cut(news, "</ol>")
		return news, told
	}
	if _, told := desk("wang.lei", ""); told {
		t.Fatal("who was never here is told what happened since")
	}
	desk("other", "")

	of := func(actor string) map[domain.ApplicationID]bool {
		had := map[domain.ApplicationID]bool{}
		for row, err := range projections.PersonHistory.Every(t.Context(), s.queries, projections.Where(projections.ByActor.Is(domain.PersonID(actor)))) {
			if err != nil {
				t.Fatal(err)
			}
			had[row.Application] = true
		}
		return had
	}
	mine := of("wang.lei")
	var own, foreign domain.ApplicationID
	for row, err := range projections.Applications.Every(t.Context(), s.queries, projections.Where(projections.ByState.Is("accepted"))) {
		switch {
		case err != nil:
			t.Fatal(err)
		case row.Suspended:
		case mine[row.Application]:
			own = row.Application
		default:
			foreign = row.Application
		}
	}
	if own == "" || foreign == "" {
		t.Fatalf("the years have no two cases for this: %q %q", own, foreign)
	}
	last := uint64(0)
	for i, c := range []struct {
		id  domain.ApplicationID
		who domain.PersonID
	}{{own, "zhun"}, {foreign, "zhun"}} {
		policy := publication(t).Policy
		row := must(projections.Applications.Page(t.Context(), s.queries, projections.Where(projections.ByApplication.Is(c.id))))(t).Rows[0]
		clause, _ := policy.Clause(row.Clause)
		r := s.ledger.Do(t.Context(), ledger.Order{Command: &domain.SuspendApplication{Head: domain.Head{ID: domain.CommandID("stop" + string(rune('a'+i))), Date: domain.DateIn(now, domain.Shanghai),
			Actor: domain.Actor{ID: c.who, Role: domain.Approver, Department: clause.Departments[0]}}, Application: c.id, Reason: "待查"}})
		if r.Err != nil || r.Refusal != nil {
			t.Fatal(r.Err, r.Refusal)
		}
		last = r.Outcome.LastSeq
	}
	passed.Store(int64(2 * time.Hour))
	seen := fmt.Sprint("&min_seq=", last)
	for range 2 { // who looks again, or goes back, is told it again
		news, told := desk("wang.lei", seen)
		if !told || !strings.Contains(news, string(own)) || strings.Contains(news, string(foreign)) || !strings.Contains(news, "待查") {
			_, page := s.get("/?lang=zh")
			t.Errorf("who was away is told %t of %s, without %s: %.1000s in %s", told, own, foreign, news, page[strings.Index(page, "<main"):])
		}
		passed.Add(int64(5 * time.Minute))
	}
	if news, told := desk("other", seen); told {
		t.Errorf("somebody else is told of it: %.500s", news)
	}
	passed.Store(int64(5 * time.Hour))
	if news, told := desk("wang.lei", seen); told {
		t.Errorf("what was seen is told at the next visit: %.500s", news)
	}
}
