package pages

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

//go:embed templates static
var files embed.FS

// look is the language and the unit that templates are made for.
type look struct{ lang, unit string }

// Pages are the pages of one server.
type Pages struct {
	server  web.Face
	sets    map[look]map[string]func() *template.Template
	sums    remembered[*overviewBody]
	todos   remembered[*todoBody]
	uploads uploads
	names   atomic.Pointer[domain.Policy] // that templates call departments and industries by; nil before one is published
}

var _ web.Pages = (*Pages)(nil)

// New are pages whose templates are each read when they are first shown, in that language and unit: all of them at once take as long as the
// rest of a start. They are part of the program: one that does not parse panics, and the tests render every one.
func New() *Pages {
	p := &Pages{sets: map[look]map[string]func() *template.Template{}, todos: remembered[*todoBody]{kept: desksKept}}
	names, err := fs.Glob(files, "templates/pages/*.html")
	if err != nil || len(names) == 0 {
		panic("pages: there are no templates")
	}
	for _, lang := range []string{"zh", "en"} {
		for _, unit := range []string{web.UnitYuan, web.UnitWan, web.UnitYi} {
			common := sync.OnceValue(func() *template.Template {
				return template.Must(template.New("").Funcs(functions(lang, unit, p.names.Load, p.called)).ParseFS(files, "templates/*.html"))
			})
			set := map[string]func() *template.Template{}
			for _, name := range names {
				set[name[len("templates/pages/"):len(name)-len(".html")]] = sync.OnceValue(func() *template.Template {
					return template.Must(template.Must(common().Clone()).ParseFS(files, name))
				})
			}
			p.sets[look{lang, unit}] = set
		}
	}
	return p
}

// Register adds the pages to the mux.
func (p *Pages) Register(mux *http.ServeMux, f web.Face) {
	p.server = f
	for pattern, handler := range p.handlers() {
		p.handle(mux, pattern, handler)
	}
	serve := http.FileServerFS(files)
	mux.HandleFunc("GET /static/{file}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=300")
		serve.ServeHTTP(w, r)
	})
}

// handlers are all pages and forms, by the patterns of their addresses.
func (p *Pages) handlers() map[string]func(http.ResponseWriter, *http.Request) error {
	all := map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /{$}": p.todo, "GET /overview": p.overview, "GET /search": p.search, "GET /persons/{id}": p.person, "GET /enterprises": p.enterprises, "GET /enterprises/{id}": p.enterprise,
		"GET /applications": listed(p, projections.Applications, applicationsSheet), "GET /applications/{id}": p.application, "POST /applications/{id}": p.doApplication,
		"POST /applications/{id}/files": p.supplyFile,
		"GET /clauses":                  p.clauses, "GET /clauses/{id}": p.clause, "GET /payouts": listed(p, projections.Payouts, payoutsSheet), "GET /payouts/{id}": p.payout, "POST /payouts/{id}": p.doPayout,
		"GET /payouts/{id}/voucher": p.voucher, "GET /payouts/summary": p.summed, "GET /clawbacks/{id}/letter": p.dunningLetter,
		"GET /applications/{id}/sheet": p.approvalSheet, "GET /applications/{id}/letter": p.decisionLetter,
		"GET /clawbacks": listed(p, projections.Clawbacks, clawbacksSheet), "GET /clawbacks/{id}": p.clawback, "POST /clawbacks/{id}": p.doClawback,
		"GET /applications/new": p.newApplication, "POST /applications/new": p.newApplication, "GET /enterprises/new": p.newEnterprise, "POST /enterprises/new": p.newEnterprise,
		"GET /enterprises/{id}/edit": p.editEnterprise, "POST /enterprises/{id}/edit": p.editEnterprise, "GET /clauses/amend": p.newAmendment, "POST /clauses/amend": p.newAmendment,
		"GET /exceptions": listed(p, projections.Exceptions, exceptionsSheet), "GET /exceptions/new": p.newException, "POST /exceptions/new": p.newException, "GET /exceptions/{id}": p.exception, "POST /exceptions/{id}": p.doException,
		"GET /closings": listed(p, projections.Closings, closingsSheet), "GET /closings/new": p.newClosing, "POST /closings/new": p.newClosing, "GET /closings/{year}": p.closing,
		"GET /links": listed(p, projections.Links, linksSheet), "GET /links/new": p.newLink, "POST /links/new": p.newLink,
		"GET /links/{id}/edit": p.endLink, "POST /links/{id}/edit": p.endLink, "GET /groups": listed(p, projections.Groups, groupsSheet),
		"GET /projects": listed(p, projections.Projects, projectsSheet), "GET /projects/new": p.newProject, "POST /projects/new": p.newProject,
		"GET /mergers": listed(p, projections.Mergers, mergersSheet), "GET /mergers/new": p.newMerger, "POST /mergers/new": p.newMerger,
		"GET /moved_since_close": listed(p, projections.MovedSinceClose, movedSheet),
		"GET /appropriations":    listed(p, projections.Appropriations, appropriationsSheet), "GET /appropriations/new": p.newAppropriation, "POST /appropriations/new": p.newAppropriation,
		"GET /execution": p.execution, "GET /forecast": p.forecast, "GET /plan": p.plan, "GET /facts": p.facts, "GET /offers": listed(p, projections.Offers, offersSheet), "GET /offers/new": p.offerSupport, "POST /offers/new": p.offerSupport, "GET /facts/new": p.recordFact, "POST /facts/new": p.recordFact, "GET /plan/new": p.planPayment, "POST /plan/new": p.planPayment,
		"GET /payouts/book": p.bookPayout, "POST /payouts/book": p.bookPayout, "GET /ageing": listed(p, projections.Ageing, ageingSheet), "GET /recoveries": listed(p, projections.Recoveries, recoveriesSheet),
		"GET /notices":         listed(p, projections.Notices, noticesSheet),
		"GET /recoveries/{id}": p.recovery, "POST /recoveries/{id}": p.doRecovery, "GET /recoveries/{id}/edit": p.reverseRecovery, "POST /recoveries/{id}/edit": p.reverseRecovery,
		"GET /data": p.data, "GET /lists/{list}": p.anyList, "GET /import": p.importPage, "POST /import": p.importPage, "GET /import/rejects/{token}": p.rejects, "GET /import/template": p.template,
		"GET /headroom": p.headroom, "GET /pick": p.pick, "GET /todo/{step}": p.together, "POST /todo/{step}": p.doTogether, "GET /todo/{step}/{run}": p.run, "GET /todo/{step}/{run}/sheet": p.runPaper, "GET /todo/{step}/{run}/file": p.runFile,
		"GET /expiring": listed(p, projections.Expiring, expiringSheet), "GET /policy": p.versions, "GET /policy/amend": p.amendPolicy, "POST /policy/amend": p.amendPolicy, "GET /policy/{n}": p.version, "GET /projects/{id}": p.project,
		"GET /evaluations/new": p.recordEvaluation, "POST /evaluations/new": p.recordEvaluation, "GET /evaluations/{id}": p.evaluationReport,
		"GET /help": p.help, "GET /glossary": p.glossary,
		"GET /refusals": p.refusals, "GET /journal": listed(p, projections.Journal, journalSheet), "GET /events/{seq}": p.event, "POST /events/{seq}": p.event,
	}
	for _, more := range []map[string]func(http.ResponseWriter, *http.Request) error{p.proofPages(), p.officePages(), p.accountPages()} {
		maps.Copy(all, more)
	}
	return all
}

// Addresses are the patterns of the addresses of all pages.
func Addresses() (patterns []string) {
	for pattern := range new(Pages).handlers() {
		if path, page := strings.CutPrefix(pattern, "GET "); page {
			patterns = append(patterns, path)
		}
	}
	slices.Sort(patterns)
	return patterns
}

func (p *Pages) handle(mux *http.ServeMux, pattern string, handler func(http.ResponseWriter, *http.Request) error) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if to := narrowed(r); to != "" {
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		if err := handler(w, r); err != nil {
			p.server.Answer(w, r, err)
		}
	})
}

// narrowed is the address of a page without the fields of its form that were left empty, and with the columns that were ticked as one value: what is sent to somebody else, or kept, says what was
// asked for and nothing else. "": it is so already.
func narrowed(r *http.Request) string {
	several := strings.Count(r.URL.RawQuery, "columns=") > 1 && len(r.URL.Query()["columns"]) > 1
	if r.Method != http.MethodGet || !several && !strings.Contains(r.URL.RawQuery, "=&") && !strings.HasSuffix(r.URL.RawQuery, "=") {
		return ""
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return ""
	}
	before := len(q)
	maps.DeleteFunc(q, func(_ string, values []string) bool { return len(values) == 1 && values[0] == "" })
	if several {
		q.Set("columns", strings.Join(q["columns"], ","))
	}
	if len(q) == before && !several {
		return ""
	}
	return address(r.URL.EscapedPath(), q)
}

// page is what the layout shows around a body.
type page struct {
	Title   domain.Text
	Viewer  web.Viewer
	Signed  bool
	Here    string // the entry of the navigation
	URL     *url.URL
	Lag     web.Lag
	Badge   *audit.Badge // nil: nothing is verified here
	Asked   asked
	Export  *url.URL        // of the API; nil: nothing to export
	Next    string          // the cursor of the next page of the list
	Sum     *comesTo        // of the list, as it is narrowed; nil: it is none of a table
	Draft   *opened         // that the page is opened with; nil: none
	Done    uint64          // the position of what was booked just now
	Drafts  []web.Draft     // the viewer's own, where the page lists them
	Views   []web.SavedView // of this list, the viewer's own
	Columns []columnPick    // that the list has
	Meant   *meant          // what a filter's value may be, where nothing is called so
	then    domain.Text     // what of the page is of the past moment that is asked for; none: nothing is
	Beside  *neighbours     // in the list that the page was reached from; nil: it was reached otherwise
	Waiting string          // how much the viewer has to do
	pattern string          // of the page's address
	Refusal *domain.Refusal
	Ahead   string // today, by a sample's clock that is ahead; empty: the clock is right
}

// Lang is the viewer's language.
func (p *page) Lang() string { return p.Viewer.Lang }

// wholly says that a page shows a past moment where one is asked for, and nothing else.
var wholly = domain.Text{ZH: "以下为过去时点的数字。", EN: "These are the figures of a past moment."}

// Then says what of the page is of the past moment that is asked for.
func (p *page) Then() domain.Text {
	if p.then == (domain.Text{}) {
		return domain.Text{ZH: "本页没有过去时点：所示为现在。", EN: "This page has no past: it shows what is so now."}
	}
	return p.then
}

// own are the page's parameters, without where its list was turned to and what was done.
func (p *page) own() url.Values {
	q := p.URL.Query()
	q.Del("cursor")
	q.Del("done")
	return q
}

// Present is the page's address without the past moment.
func (p *page) Present() string {
	q := p.own()
	q.Del("as_of")
	q.Del("on")
	return address(p.URL.Path, q)
}

// Link is an address with parameters, of the same past moment as the page: a figure leads to what it was made of then.
func (p *page) Link(path string, pairs ...any) string {
	return link(path, append(pairs, "as_of", p.Asked.AsOf, "on", p.Asked.On)...)
}

// To is where a thing has its page, of the same past moment as this one.
func (p *page) To(base string, id any) string { return base + escape(show(id)) + p.Link("") }

// Posted is where what a posting of a kind refers to is shown; "": it refers to nothing.
func (p *page) Posted(kind, reference string) string {
	switch {
	case reference == "":
		return ""
	case kind == projections.Exception.String():
		return p.To("/exceptions/", reference)
	case kind == projections.ClawbackOrdered.String(), kind == projections.ClawbackWaived.String(), kind == projections.WrittenOff.String():
		return p.To("/clawbacks/", reference)
	case kind == projections.Paid.String(), kind == projections.Returned.String(), kind == projections.Outside.String(), kind == projections.Approved.String():
		return p.To("/payouts/", reference)
	}
	return p.Link("/recoveries", "recovery", reference)
}

// Address is the page's own.
func (p *page) Address() string { return p.Under(p.URL.Path) }

// With is the page's address with one parameter changed; an empty value takes it away. Another filter begins the list anew.
func (p *page) With(name string, value any) string {
	q := p.own()
	if text := show(value); text != "" {
		q.Set(name, text)
	} else {
		q.Del(name)
	}
	return address(p.URL.Path, q)
}

// Between is the page's address with another range of days.
func (p *page) Between(since, until domain.Date) string {
	q := p.own()
	q.Set("since", since.String())
	q.Set("until", until.String())
	return address(p.URL.Path, q)
}

// Under is another address with this one's parameters, from the beginning of its list.
func (p *page) Under(path string) string { return address(path, p.own()) }

// Kept are the address' parameters but for some, as a form has to send them again. They are in the order of their names.
func (p *page) Kept(but ...string) []option {
	var list []option
	q := p.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if value := q.Get(name); value != "" && name != "done" && !slices.Contains(but, name) {
			list = append(list, kept(name, value))
		}
	}
	return list
}

// kept is a value that a form sends again, by its name.
func kept(name, value string) option {
	return option{Value: name, Label: domain.Text{ZH: value, EN: value}}
}

// Download is the API's address of what the page lists, in a format.
func (p *page) Download(format string) string {
	q := p.Export.Query()
	q.Set("format", format)
	q.Set("lang", p.Viewer.Lang)
	return address(p.Export.Path, q)
}

func address(path string, q url.Values) string {
	u := url.URL{Path: path, RawQuery: q.Encode()}
	return u.String()
}

// begin makes a page for a request.
func (p *Pages) begin(r *http.Request, here string, title domain.Text) (*page, error) {
	v, signed := web.ViewerOf(r)
	lag, err := p.server.Lag(r.Context())
	if err != nil {
		return nil, err
	}
	if p.names.Load() == nil { // a ledger has one policy, once it has any
		policy, err := p.policy(r.Context())
		if err != nil {
			return nil, err
		}
		p.names.Store(policy)
	}
	a, err := readAsked(r)
	pg := &page{Title: title, Viewer: v, Signed: signed, Here: here, URL: r.URL, Lag: lag, Badge: p.badge(), Asked: a, Done: a.done}
	_, pg.pattern, _ = strings.Cut(r.Pattern, " ")
	pg.Draft = p.draftOfPage(r, v)
	if here != "/" { // the desk says it itself
		pg.Waiting = p.count(r.Context(), v, lag)
	}
	return pg, err
}

// write renders a page whole before anything is sent: a fault in the middle is an error page, not half a page.
func (s sheet[B]) write(p *Pages, w http.ResponseWriter, status int, pg *page, body B) error {
	var b bytes.Buffer
	if err := s.execute(p, &b, pg, body); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(labelled(b.Bytes())) // a client that is gone needs no page
	return nil
}

// execute fills the template in the viewer's language and unit.
func (s sheet[B]) execute(p *Pages, w io.Writer, pg *page, body B) error {
	if pg.Viewer.Lang != "en" {
		pg.Viewer.Lang = "zh"
	}
	if p.server != nil && p.server.SampleClock() {
		pg.Ahead = p.today().String()
	}
	return p.setOf(pg.Viewer)[s.name]().ExecuteTemplate(w, "layout", laid[B]{pg, body})
}

// setOf are the templates in a viewer's language and unit.
func (p *Pages) setOf(v web.Viewer) map[string]func() *template.Template {
	lang := "zh"
	if v.Lang == "en" {
		lang = v.Lang
	}
	if set, ok := p.sets[look{lang, v.Unit}]; ok {
		return set
	}
	return p.sets[look{lang, web.UnitYuan}]
}

// Login writes the sign-in page; its status and headers are already set.
func (p *Pages) Login(w http.ResponseWriter, r *http.Request, f web.LoginForm) {
	pg := &page{Title: domain.Text{ZH: "登录", EN: "Sign in"}, Viewer: web.Viewer{Lang: f.Lang}, URL: r.URL}
	_ = loginSheet.execute(p, w, pg, f) // a client that is gone needs no page
}

// Problem writes an error page.
func (p *Pages) Problem(w http.ResponseWriter, r *http.Request, problem *web.Problem) {
	v, signed := web.ViewerOf(r)
	told := problem.In(v.Lang)
	pg := &page{Title: domain.Text{ZH: told.Title, EN: told.Title}, Viewer: v, Signed: signed, URL: r.URL}
	if p.server != nil {
		pg.Lag, _ = p.server.Lag(r.Context()) // where it cannot be told, the page says nothing of it
	}
	if err := problemSheet.write(p, w, problem.Status, pg, told); err != nil {
		http.Error(w, told.Detail, problem.Status)
	}
}
