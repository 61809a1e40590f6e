package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// asked is a page's filters, as its address says.
type asked struct {
	Year                                            domain.SupportYear
	Clause, Enterprise, Application, State, Kind, Q string
	AsOf, On                                        string     // as they were written
	more                                            url.Values // narrower filters of the journal, which links from numbers have
	asOf                                            projections.AsOf
	on                                              domain.Date
	cursor                                          string
	supportYear                                     *domain.SupportYear
	budgetYear                                      int
	done                                            uint64
}

// pageRows is how many rows a page of a list shows.
const pageRows = 100

func readAsked(r *http.Request) (asked, error) {
	var a asked
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return a, invalid("?", r.URL.RawQuery)
	}
	for name, list := range values {
		if len(list) > 1 || !plain(list[0]) {
			return a, invalid(name, strings.Join(list, ", "))
		}
	}
	a.Clause, a.Enterprise, a.Application, a.State = values.Get("clause"), values.Get("enterprise"), values.Get("application"), values.Get("state")
	a.Kind, a.Q, a.AsOf, a.On, a.cursor = values.Get("kind"), values.Get("q"), values.Get("as_of"), values.Get("on"), values.Get("cursor")
	if text := values.Get("year"); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n < 1900 || n > 9999 {
			return a, invalid("year", text)
		}
		a.Year = domain.SupportYear(n)
	}
	if a.asOf, err = projections.ParseAsOf(a.AsOf); err != nil {
		return a, err
	}
	if a.On != "" {
		if a.on, err = domain.ParseDate(a.On); err != nil {
			return a, invalid("on", a.On)
		}
	}
	a.more = url.Values{}
	for _, name := range narrower {
		if value := values.Get(name); value != "" {
			a.more.Set(name, value)
		}
	}
	if err := a.readNumbers(); err != nil {
		return a, err
	}
	a.done, _ = strconv.ParseUint(values.Get("done"), 10, 63) // what is no number says nothing was done
	return a, nil
}

// narrower are filters of the journal that have no field on the page: links from numbers narrow it to exactly the rows that sum to them.
var narrower = []string{"subject_kind", "subject", "support_year", "reference", "budget_year", "budget_clause", "budget_department", "payout", "recovery"}

func (a *asked) readNumbers() error {
	for _, name := range []string{"support_year", "budget_year"} {
		text := a.more.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n != 0 && (n < 1900 || n > 9999) {
			return invalid(name, text)
		}
		if year := domain.SupportYear(n); name == "support_year" {
			a.supportYear = &year
		} else {
			a.budgetYear = int(n)
		}
	}
	return nil
}

// past is the query with its moment, for lists that answer the past.
func (a asked) past() projections.ListQuery {
	q := a.list()
	q.AsOf, q.On = a.asOf, a.on
	return q
}

// Past reports whether figures of a past moment or business date are asked for.
func (a asked) Past() bool { return a.AsOf != "" || a.On != "" }

func (a asked) list() projections.ListQuery {
	return projections.ListQuery{Search: a.Q, Enterprise: domain.EnterpriseID(a.Enterprise), Application: domain.ApplicationID(a.Application),
		Clause: domain.ClauseID(a.Clause), Year: a.Year, State: a.State, Kinds: split(a.Kind), Limit: pageRows, Cursor: a.cursor,
		SubjectKind: domain.SubjectKind(a.more.Get("subject_kind")), Subject: a.more.Get("subject"), SupportYear: a.supportYear, Reference: a.more.Get("reference"),
		BudgetYear: a.budgetYear, BudgetClause: domain.ClauseID(a.more.Get("budget_clause")), BudgetDepartment: domain.DepartmentID(a.more.Get("budget_department")),
		Payout: domain.PayoutID(a.more.Get("payout")), Recovery: domain.RecoveryID(a.more.Get("recovery"))}
}

// export is the API's address of a list with the filters that it takes.
func (a asked) export(path string, names ...string) *url.URL {
	all := map[string]string{"clause": a.Clause, "enterprise": a.Enterprise, "application": a.Application, "state": a.State, "kind": a.Kind, "q": a.Q,
		"as_of": a.AsOf, "on": a.On, "year": yearText(a.Year)}
	q := url.Values{}
	for _, name := range narrower {
		if a.more.Get(name) != "" && slices.Contains(names, name) {
			q.Set(name, a.more.Get(name))
		}
	}
	for _, name := range names {
		if all[name] != "" {
			q.Set(name, all[name])
		}
	}
	return &url.URL{Path: path, RawQuery: q.Encode()}
}

// split takes a list of kinds apart: "approved,outside".
func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

func yearText(y domain.SupportYear) string {
	if y == 0 {
		return ""
	}
	return y.String()
}

// plain reports whether a text from outside may go to the database: valid, bounded, without control characters.
func plain(text string) bool {
	return len(text) <= 1000 && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// pathID is the id in the address; what can be none is not found.
func pathID(r *http.Request) (string, error) {
	id := r.PathValue("id")
	if id == "" || len(id) > 200 || !plain(id) {
		return "", projections.ErrNotFound
	}
	return id, nil
}

func invalid(name, value string) *web.Problem {
	value = strings.ToValidUTF8(value, "\uFFFD")
	return &web.Problem{Type: "urn:fundledger:problem:parameter_invalid", Status: http.StatusBadRequest, Code: "parameter_invalid",
		Figures: domain.Figures{"parameter": name, "value": value},
		Message: &domain.Text{ZH: "参数 " + name + " 的值“" + value + "”有误;请改正地址或筛选条件。", EN: "The parameter " + name + " cannot be “" + value + "”: correct the address or the filter."}}
}
