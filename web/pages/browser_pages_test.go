package pages_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/projections"
)

// Every page in a real browser: in both languages, on a wide and on a narrow screen, light and dark. Nothing is wider than
// the window, the browser complains of nothing, the content security policy stops nothing, and axe finds nothing serious.
func TestEveryPageInABrowser(t *testing.T) {
	s := open(t)
	b := s.browse(t)
	w := b.tab(t)
	w.login("officer")
	paths := s.paths(t)
	s.payee(t)
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			w.t = t
			for _, look := range []struct {
				name, lang, scheme string
				width              int64
				axe                bool
			}{{"zh wide", "zh", "light", 1280, true}, {"en narrow dark", "en", "dark", 390, true}, {"zh narrow", "zh", "light", 390, false}, {"en wide", "en", "light", 1280, false}} {
				w.size(look.width, 900)
				w.media("screen", look.scheme)
				w.visit(with(path, "lang", look.lang))
				if wide := w.overflow(); len(wide) > 0 {
					t.Errorf("%s: wider than the window: %s", look.name, strings.Join(wide, "; "))
				}
				if look.width < 640 {
					for _, fault := range w.cramped() {
						t.Errorf("%s: %s", look.name, fault)
					}
				}
				if look.axe {
					for _, v := range w.barriers() {
						t.Errorf("%s: axe: %s (%s): %s\n\t%s", look.name, v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n\t"))
					}
				}
				w.shoot(look.name + path)
			}
			w.clean()
		})
	}
	w.t = t
}

// paths are one page of every kind, with something on it.
func (s *site) paths(t *testing.T) []string {
	ctx := t.Context()
	e := must(projections.Enterprises.Page(ctx, s.queries, projections.Ask{Limit: 1}))(t)
	p := must(projections.Payouts.Page(ctx, s.queries, projections.Ask{Limit: 1}))(t)
	c := must(projections.Clawbacks.Page(ctx, s.queries, projections.Ask{Where: []projections.Condition{projections.ByOutstanding.Is("open")}, Limit: 1}))(t)
	a := must(projections.Applications.Page(ctx, s.queries, projections.Ask{Where: []projections.Condition{projections.ByState.Is("submitted")}, Limit: 1}))(t)
	if status, _, body := s.confirm("/clawbacks/"+url.PathEscape(string(c.Rows[0].Clawback)), url.Values{"command": {"receive_recovery"}, "id": {"back"}, "date": {c.Rows[0].OrderedOn.String()},
		"as": {"treasurer@finance"}, "recovery": {"RC-1"}, "amount": {"1.00"}}); status != http.StatusSeeOther {
		t.Fatalf("receiving answers %d: %.500s", status, body)
	}
	projects := must(projections.Search.Page(ctx, s.queries, projections.Where(projections.ByText.Is("2025-P"))))(t)
	i := slices.IndexFunc(projects.Rows, func(r projections.FoundRow) bool { return r.Object == projections.AProject })
	if i < 0 {
		t.Fatal("the search finds no project")
	}
	paid := "/applications/" + url.PathEscape(string(p.Rows[0].Application))
	return []string{"/", "/todo/to_pay", "/overview", "/overview?on=2025-03-01", "/lists/queue?step=to_pay", "/search?q=2025-A-00", "/enterprises", "/enterprises?q=sh", "/enterprises/" + url.PathEscape(string(e.Rows[0].Enterprise)), "/applications",
		"/applications/" + url.PathEscape(string(a.Rows[0].Application)), paid, "/clauses", "/payouts", "/payouts/" + url.PathEscape(string(p.Rows[0].Payout)),
		"/clawbacks", "/clawbacks/" + url.PathEscape(string(c.Rows[0].Clawback)), "/journal?kind=paid", "/events/500", "/applications/new",
		"/clauses/amend", "/policy/amend", "/clauses/6", "/exceptions", "/exceptions/new", "/appropriations", "/execution?budget_year=2025", "/forecast", "/plan", "/plan/new", "/facts", "/facts/new", "/offers", "/offers/new", "/evaluations/new", "/evaluations/5?year=2025", "/closings", "/closings/new", "/moved_since_close", "/links", "/links/new", "/mergers", "/mergers/new", "/projects", "/projects/new", "/groups", "/payouts/book", "/recoveries", "/recoveries/RC-1?min_seq=" + strconv.FormatUint(s.last(t), 10), "/notices", "/refusals", "/me", "/data", "/help?page=/payouts", "/glossary", "/policy", "/policy/2", "/expiring", "/payouts?columns=amount,voucher",
		"/projects/" + url.PathEscape(projects.Rows[i].Reference), "/audit", "/audit/sample?n=10", "/audit/sample?n=60&strata_by=amount&strata=3&certainty=1000000.00&allocation=neyman", "/audit/reconciliation", "/audit/statement", "/checkpoints?event=5", "/explain?figure=use&clause=6", paid + "/replay?step=3", paid + "/replay?step=2&against=4",
		"/payouts/" + url.PathEscape(string(p.Rows[0].Payout)) + "/voucher", paid + "/sheet", paid + "/letter", "/payouts/summary?year=2025&clause=7",
		"/clawbacks/" + url.PathEscape(string(c.Rows[0].Clawback)) + "/letter",
		"/what-if?cap.6=1000000.00", "/simulate?of=changning-2024&decide=cut&set=4.cap%3D15000000.00", "/receipts/" + strconv.FormatUint(p.Rows[0].Seq, 10)}
}
