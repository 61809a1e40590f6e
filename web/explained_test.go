package web_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/web"
)

// pagesOf takes a figure apart page after page, and puts the pages together.
func pagesOf(t *testing.T, h *house, total replay.Total) (whole replay.Explanation, pages int) {
	t.Helper()
	for total.Limit = 37; ; pages++ {
		p := must(h.queries.Made(t.Context(), must(total.Made())(t)))(t)
		e := must(replay.ExplainPage(total, p))(t)
		if pages == 0 {
			whole = e
		} else {
			for i, term := range e.Parts {
				if term.ID != whole.Parts[i].ID || term.Amount != whole.Parts[i].Amount {
					t.Errorf("another term: %+v", term)
				}
				for _, a := range term.Parts {
					mine := &whole.Parts[i].Parts
					if n := len(*mine); n > 0 && (*mine)[n-1].ID == a.ID { // of none, over several pages
						(*mine)[n-1].Parts, (*mine)[n-1].Amount.Money = append((*mine)[n-1].Parts, a.Parts...), (*mine)[n-1].Amount.Add(a.Amount.Money)
						continue
					}
					*mine = append(*mine, a)
				}
			}
		}
		if total.Cursor = e.Next; e.Next == "" {
			whole.Next = ""
			return whole, pages + 1
		}
		total.Upto = p.Seq
	}
}

// inOrder sorts the applications of an explanation, which come by their first posting or by their id.
func inOrder(e replay.Explanation) replay.Explanation {
	e.Parts = slices.Clone(e.Parts)
	for i, term := range e.Parts {
		term.Postings = 0
		term.Parts = slices.Clone(term.Parts)
		slices.SortFunc(term.Parts, func(a, b replay.Explanation) int { return cmp.Compare(a.ID, b.ID) })
		e.Parts[i] = term
	}
	return e
}

// A figure that comes in pages from the tables is what the log says it is: the same applications, postings and people, each once.
func TestAFigureInPagesIsWhatTheLogSays(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	log := h.web.Proof().Log
	most := 0
	for _, total := range []replay.Total{{Figure: "use"}, {Figure: "net_paid"}, {Figure: "requested"}, {Figure: "exception"}, {Figure: "interest"}, {Figure: "use", Clause: "6"},
		{Figure: "net_paid", Year: 2025}, {Figure: "use", SubjectKind: domain.SubjectProject}, {Figure: "approved", Upto: 900},
		{Figure: "use", Clause: "6", Year: 2025, Upto: 1100}} {
		want := must(replay.Explain(t.Context(), log, total))(t)
		got, pages := pagesOf(t, h, total)
		most = max(most, pages)
		if !want.Holds || !got.Holds {
			t.Errorf("%+v holds: %t by the log, %t by the tables", total, want.Holds, got.Holds)
		}
		byLog, byTables := must(json.Marshal(inOrder(want)))(t), must(json.Marshal(inOrder(got)))(t)
		for i := range byLog {
			if i >= len(byTables) || byLog[i] != byTables[i] {
				t.Errorf("%+v in %d pages: by the log …%.400s…\nby the tables …%.400s…", total, pages, byLog[max(0, i-100):], byTables[min(len(byTables), max(0, i-100)):])
				break
			}
		}
	}
	if most < 10 {
		t.Errorf("%d pages are not many", most)
	}
	// What happened on many lines is told to be too much by the lines alone, on as many as may be it is counted, and one subject's are few.
	of := projections.Concern{Lines: &projections.Lines{Clause: "6"}, Limit: 20_000, MostLines: 3}
	if _, err := h.queries.Concerned(t.Context(), of); !errors.Is(err, projections.ErrTooMany) {
		t.Errorf("more lines than are to be asked about: %v", err)
	}
	of.MostLines = 10_000
	if seqs, err := h.queries.Concerned(t.Context(), of); err != nil || len(seqs) < 10 {
		t.Errorf("%d events, %v", len(seqs), err)
	}
}

// What is too much for one answer is answered in pages, as JSON with a link to the next, as a file whole; a cursor that is none is a problem.
func TestAFigureOfVeryManyEventsIsAnswered(t *testing.T) {
	h := open(t, proving(t), func(cfg *web.Config) {
		made := cfg.Queries.(interface {
			Made(context.Context, projections.Made) (projections.MadePage, error)
		}).Made
		cfg.Proof.Concerned = func(context.Context, projections.Concern) ([]uint64, error) { return nil, projections.ErrTooMany }
		cfg.Proof.Made = func(ctx context.Context, ask projections.Made) (projections.MadePage, error) {
			ask.Limit = 60
			return made(ctx, ask)
		}
	})
	h.play()
	token := h.token("an", "analyst")
	total := into[replay.Explanation](t, h.ask("GET", "/v1/explain?figure=use", token, "").want(t, http.StatusOK))
	applications, pages := 0, 0
	for path := "/v1/explain?figure=use"; path != ""; pages++ {
		a := h.ask("GET", path, token, "").want(t, http.StatusOK)
		e := into[replay.Explanation](t, a)
		for _, term := range e.Parts {
			applications += len(term.Parts)
		}
		if e.Amount != total.Amount || !e.Holds {
			t.Errorf("page %d is of %s, the first of %s", pages, e.Amount, total.Amount)
		}
		link, _, more := strings.Cut(strings.TrimPrefix(a.header.Get("Link"), "<"), ">")
		if path = link; more != (e.Next != "") {
			t.Fatalf("next is %q, and the link %q", e.Next, a.header.Get("Link"))
		}
	}
	lines := strings.Count(string(h.ask("GET", "/v1/explain?figure=use&format=ndjson", token, "").want(t, http.StatusOK).body), `"level":"application"`)
	if pages < 5 || lines != applications {
		t.Errorf("%d pages of %d applications, %d in the file", pages, applications, lines)
	}
	for _, cursor := range []string{"x", "YQ", url.QueryEscape("bzEuLTE"), "enp6"} {
		if p := h.ask("GET", "/v1/explain?figure=use&cursor="+cursor, token, ""); p.status != http.StatusBadRequest {
			t.Errorf("the cursor %s: %d", cursor, p.status)
		}
	}
	if _, err := h.queries.Made(t.Context(), projections.Made{Cursor: "%%"}); !errors.Is(err, projections.ErrCursor) {
		t.Error(err)
	}
}
