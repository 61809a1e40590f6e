package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/wire"
	"github.com/fundledger/fundledger/words"
)

// columnPick is a column of a list, and whether the page is asked for it.
type columnPick struct {
	Name  string
	Title domain.Text
	On    bool
}

// pick are the columns of a list: those that are asked for in their order, then the others.
func pick(l *projections.List, chosen []string) (list []columnPick) {
	for _, name := range chosen {
		list = append(list, columnPick{name, words.Column(name).Title, true})
	}
	for _, c := range words.ColumnsOf(l.Row) {
		if !slices.Contains(chosen, c.Name) {
			list = append(list, columnPick{c.Name, c.Title, false})
		}
	}
	return list
}

// own adds a list's columns and the viewer's saved views of it to its page.
func (p *Pages) own(r *http.Request, pg *page, l *projections.List) {
	pg.Columns = pick(l, pg.Asked.columns())
	pg.Views = slices.DeleteFunc(p.server.SavedViews(r.Context(), pg.Viewer), func(v web.SavedView) bool { return v.Page() != r.URL.Path })
}

// table is rows of a list as a page shows them.
type table[T any] struct {
	Rows []T
	Sort sorting
}

func tableOf[T any](pg *page, of projections.Question[T], rows []T) table[T] {
	return table[T]{rows, sorting{pg, of.List}}
}

// sorting is the order of a page's list, and the ways to others. On a page about something else there is none.
type sorting struct {
	page *page
	list *projections.List
}

// inOrder is an ask in the order that a page shows a list in, unless its address says another: the latest day first.
func inOrder(l *projections.List, ask projections.Ask) projections.Ask {
	if ask.Sort == "" && l.Day != "" && !l.Ahead {
		ask.Sort = "-" + l.Day
	}
	return ask
}

// lead makes a head lead to the list in the order of its column, and, where it is in it, in the other direction. What is looked for at the top
// comes first: names by the alphabet, amounts from the largest, days from the latest.
func (s sorting) lead(h *head, c tabular.Column, column string) {
	if s.page == nil || !slices.Contains(s.list.Sorts(), column) {
		return
	}
	down := c.Kind != tabular.Text && c.Kind != tabular.Bool
	switch inOrder(s.list, s.page.Asked.ask()).Sort {
	case column:
		h.Sorted, down = "ascending", true
	case "-" + column:
		h.Sorted, down = "descending", false
	}
	if down {
		column = "-" + column
	}
	h.Link = s.page.With("sort", column)
}

// preset is a range of days that is asked for often.
type preset struct {
	Title        domain.Text
	Since, Until domain.Date
}

// presets are the ranges of a day: this month, quarter and year, and those before.
func presets(today domain.Date) []preset {
	at := today.Time(domain.Shanghai)
	month := int(at.Month())
	from := func(year, month int) domain.Date {
		return domain.DateIn(time.Date(year, time.Month(month), 1, 0, 0, 0, 0, domain.Shanghai), domain.Shanghai)
	}
	span := func(zh, en string, first, months int) preset {
		end := time.Date(at.Year(), time.Month(first+months), 0, 0, 0, 0, 0, domain.Shanghai) // the day before the next one begins
		return preset{domain.Text{ZH: zh, EN: en}, from(at.Year(), first), domain.DateIn(end, domain.Shanghai)}
	}
	quarter := (month-1)/3*3 + 1
	return []preset{
		span("本月", "this month", month, 1), span("上月", "last month", month-1, 1), span("本季度", "this quarter", quarter, 3),
		span("上季度", "last quarter", quarter-3, 3), span("本年", "this year", 1, 12), span("上年", "last year", 1-12, 12),
	}
}

// listBody is a list with what it can be filtered by.
type listBody[T any] struct {
	table[T]
	Chosen  *anyTable // the rows with the columns that are asked for; nil: as the page has them
	Presets []preset  // ranges of its rows' days; none: it has no days
	Years   []domain.SupportYear
	Clauses []domain.Clause
	Choices []string // of the state or the kind
}

// listed answers a page of a list, which is exported from the API with the same filters.
func listed[T any](p *Pages, of projections.Question[T], on sheet[listBody[T]]) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		pg, body, to, err := listBodyOf(p, r, of)
		if err != nil || to != "" {
			return goOn(w, r, to, err)
		}
		return on.write(p, w, http.StatusOK, pg, body)
	}
}

// listBodyOf is the page of a list and what it shows, or where to go on to instead.
func listBodyOf[T any](p *Pages, r *http.Request, of projections.Question[T]) (pg *page, body listBody[T], to string, err error) {
	if pg, err = p.begin(r, "/"+of.Name, of.Title); err != nil {
		return pg, body, "", err
	}
	policy, err := p.policy(r.Context())
	if err != nil {
		return pg, body, "", err
	}
	found, err := of.Page(r.Context(), p.server.Keeper(pg.Viewer.Lang), inOrder(of.List, pg.Asked.ask()))
	if err != nil {
		return pg, body, "", err
	}
	if err := p.addUp(r, pg, of.List); err != nil {
		return pg, body, "", err
	}
	body = listBody[T]{table: tableOf(pg, of, found.Rows), Years: years(policy), Choices: choices(of.List)}
	if of.Filter("since") != nil {
		body.Presets = presets(p.today())
	}
	if policy != nil {
		body.Clauses = policy.Clauses
	}
	if to, err = p.mean(r, pg, of.List, len(found.Rows)); err != nil || to != "" {
		return pg, body, to, err
	}
	if len(pg.Asked.columns()) > 0 {
		if body.Chosen, err = p.anyTable(pg, of.List, anyOf(found.Rows)); err != nil {
			return pg, body, "", err
		}
	}
	pg.Export, pg.Next, pg.then = pg.Asked.export(of.List), found.Next, wholly
	p.own(r, pg, of.List)
	return pg, body, "", nil
}

// addUp adds what a list comes to to its page.
func (p *Pages) addUp(r *http.Request, pg *page, l *projections.List) error {
	if l.Kept != projections.InTables {
		return nil
	}
	sum, err := p.server.Sum(r.Context(), l, pg.Asked.ask())
	if err != nil && r.Context().Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil // the rows are there, and are shown without it
	}
	if err != nil {
		return err
	}
	if sum.More && sum.Rows == 0 { // it is not for who asks
		return nil
	}
	pg.Sum = &comesTo{Rows: sum.Rows, More: sum.More}
	for i, name := range sum.Columns {
		pg.Sum.Amounts = append(pg.Sum.Amounts, titled{words.Column(name).Title, sum.Amounts[i]})
	}
	return nil
}

// comesTo is how long a list is, and what it adds up to.
type comesTo struct {
	Rows    int64
	More    bool // it is longer, and nothing was added up
	Amounts []titled
}

// titled is an amount with what it is.
type titled struct {
	Title  domain.Text
	Amount decimal.Decimal
}

// choices are the values of the filter of a list that has few: the state, the kind, what is pending, or for how long something is overdue.
func choices(l *projections.List) []string {
	for _, name := range []string{"state", "kind", "pending", "bucket"} {
		if f := l.Filter(name); f != nil {
			return f.Choices
		}
	}
	return nil
}

// anyBody is a page of a list that has no page of its own: everything on it is what the list's value says.
type anyBody struct {
	Filters []asking
	Presets []preset
	Past    bool
	Table   *anyTable
	Step    projections.Step // of which the viewer may take several cases at once; "": none
}

// asking is a filter, and what it is set to.
type asking struct {
	*projections.Filter
	Value   string
	Offered []option // what the policy has of it
	Named   bool     // it is an enterprise, which is suggested by its name
}

// Several reports whether it takes several of its choices at once.
func (a asking) Several() bool { return a.Kind == projections.Several }

// OfColumns reports whether its choices are columns.
func (a asking) OfColumns() bool { return a.Name == projections.ByGroups.Name }

// Has reports whether a choice is among those that it is set to.
func (a asking) Has(choice string) bool { return slices.Contains(strings.Split(a.Value, ","), choice) }

// anyTable is rows of any list, with the columns that are asked for.
type anyTable struct {
	Heads []head
	Rows  [][]shown
	Drawn *groupChart // nil: it is not a list of groups, or there is nothing to compare
}

func (p *Pages) anyTable(pg *page, l *projections.List, rows []any) (*anyTable, error) {
	table := words.ListTable(l, func(yield func(any, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	})
	var err error
	names, where := pg.Asked.columns(), pg.Asked.ask().Where
	if len(names) == 0 && l.Says != nil {
		names = l.Says(where)
	}
	if len(names) > 0 {
		if table, err = table.Only(names...); err != nil {
			return nil, err
		}
	}
	shows := new(anyTable)
	var figures []tabular.Row
	for _, c := range table.Columns {
		h := headOf(c, pg.Viewer.Lang, sorting{pg, l}, c.Name)
		h.Meaning = c.Meaning.In(pg.Viewer.Lang)
		shows.Heads = append(shows.Heads, h)
	}
	for row, err := range table.Rows {
		if err != nil {
			return nil, err
		}
		cells, made := make([]shown, len(row)), ""
		if of, is := rows[len(shows.Rows)].(interface {
			Postings([]projections.Condition) []projections.Condition
		}); is {
			made = journalOf(pg, of.Postings(where))
		}
		replays := ""
		if of, is := rows[len(shows.Rows)].(interface {
			Replays() (a, b domain.ApplicationID)
		}); is {
			a, b := of.Replays()
			replays = "/applications/" + escape(string(a)) + "/replay?" + url.Values{"other": {string(b)}}.Encode()
		}
		for i, c := range table.Columns {
			if cells[i] = p.cellOf(c, row[i], pg.Viewer); cells[i].Number && row[i] != nil && !slices.Contains(l.Key, c.Name) {
				cells[i].Link = made
			}
			if replays != "" && strings.HasSuffix(c.Name, "decision") {
				cells[i].Link = replays
			}
			cells[i].Long = utf8.RuneCountInString(cells[i].Text) > longText
		}
		shows.Rows, figures = append(shows.Rows, cells), append(figures, slices.Clone(row))
	}
	shows.Drawn = shows.draw(l, table.Columns, figures)
	return shows, nil
}

// journalOf is the page of the postings that a figure is made of, as of the moment of its page.
func journalOf(pg *page, where []projections.Condition) string {
	q := url.Values{}
	for _, c := range where {
		q.Set(c.Name, c.Value)
	}
	for _, name := range []string{"as_of", "on"} {
		if value := pg.Asked.Of(name); value != "" {
			q.Set(name, value)
		}
	}
	return "/journal?" + q.Encode()
}

// longText is from how many characters on a text is a sentence.
const longText = 30

// shown is a cell as people read it, and where it leads.
type shown struct {
	Text, Link string
	Number     bool
	Long       bool // a sentence, which is not pressed into a narrow column
}

// anyList answers a page of any list that needs no id.
func (p *Pages) anyList(w http.ResponseWriter, r *http.Request) error {
	l := projections.ListOf(r.PathValue("list"))
	if l == nil || l.Of() != nil {
		return projections.ErrNotFound
	}
	pg, err := p.begin(r, "/data", l.Title)
	if err != nil {
		return err
	}
	found, err := p.server.Keeper(pg.Viewer.Lang).Page(r.Context(), l, inOrder(l, pg.Asked.ask()))
	if err != nil {
		return err
	}
	if to, err := p.mean(r, pg, l, len(found.Rows)); err != nil || to != "" {
		return goOn(w, r, to, err)
	}
	if err := p.addUp(r, pg, l); err != nil {
		return err
	}
	body := anyBody{Past: l.Past}
	if step := projections.Step(pg.Asked.values.Get("step")); l == projections.Queue.List && len(pg.Viewer.May(together[step])) > 0 {
		body.Step = step
	}
	if body.Table, err = p.anyTable(pg, l, found.Rows); err != nil {
		return err
	}
	if l.Filter("since") != nil {
		body.Presets = presets(p.today())
	}
	for _, f := range l.Filters {
		body.Filters = append(body.Filters, asking{f, pg.Asked.values.Get(f.Name), onOffer(p.names.Load(), f.Name), names(f.Name, "enterprise")})
	}
	pg.Export, pg.Next, pg.then = pg.Asked.export(l), found.Next, wholly
	p.own(r, pg, l)
	return listSheet.write(p, w, http.StatusOK, pg, body)
}

// leads are the pages that the columns of some names lead to.
var leads = map[string]string{"enterprise": "/enterprises/", "application": "/applications/", "other_application": "/applications/", "other_enterprise": "/enterprises/", "payout": "/payouts/", "clawback": "/clawbacks/", "exception": "/exceptions/", "seq": "/events/",
	"actor": "/persons/", "actor_for": "/persons/", "granted_by": "/persons/"}

// cellOf shows a cell to a viewer.
func (p *Pages) cellOf(c tabular.Column, value any, v web.Viewer) shown {
	cell := shown{Number: numeric(c)}
	switch x := value.(type) {
	case nil:
		cell.Text = c.Nil.In(v.Lang)
		return cell
	case decimal.Decimal:
		if cell.Text = tabular.Unit(v.Unit).Show(x); c.Kind == tabular.Ratio {
			cell.Text = percent(decimal.NewNullDecimal(x))
		}
	case time.Time:
		cell.Text = x.In(domain.Shanghai).Format("2006-01-02 15:04:05")
	case bool:
		cell.Text = words.Word(strconv.FormatBool(x), v.Lang)
	default:
		cell.Text = words.Said(c.Name, fmt.Sprint(x), v.Lang, p.names.Load())
		if c.Name == "form" { // the address itself
			cell.Link = fmt.Sprint(x)
		}
		if page := leads[c.Name]; page != "" && cell.Text != "" {
			if cell.Link = page + url.PathEscape(fmt.Sprint(x)); page == leads["actor"] {
				cell.Text = p.called(fmt.Sprint(x))
			}
		}
	}
	return cell
}

// clauseBody is a clause with the cap in force, and its versions.
type clauseBody struct {
	domain.Clause
	InForce  domain.Ceiling
	Heads    []domain.Text // the responsible departments
	Told     domain.Text   // its conditions, in words
	Versions []domain.ClauseVersion
}

type policyBody struct {
	Policy *domain.Policy
	Rows   []clauseBody
}

func (p *Pages) clauses(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.enter(r, "/clauses")
	if err != nil {
		return err
	}
	on := p.today()
	if !pg.Asked.on.IsZero() {
		on = pg.Asked.on
	}
	body := policyBody{}
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		if body.Policy = s.Policy(); body.Policy == nil {
			return
		}
		for _, c := range body.Policy.Clauses {
			body.Rows = append(body.Rows, showClause(body.Policy, c, s.Versions(c.ID), on))
		}
	})
	if err != nil {
		return err
	}
	if body.Policy == nil {
		return projections.ErrNotFound
	}
	pg.Export = pg.Asked.export(projections.Clauses.List)
	if !pg.Asked.on.IsZero() {
		pg.then = domain.Text{ZH: "现行上限按所求的业务日期；条款与版本为现在。", EN: "The caps in force are those of the business date; clauses and versions are as they are now."}
	}
	return clausesSheet.write(p, w, http.StatusOK, pg, body)
}

func showClause(p *domain.Policy, c domain.Clause, versions []domain.ClauseVersion, on domain.Date) clauseBody {
	row := clauseBody{Clause: c, InForce: c.Cap.Amount, Versions: versions, Told: p.TellConditions(c.Conditions, 0)}
	if len(versions) > 0 {
		row.InForce = domain.VersionOn(versions, on).Cap
	}
	for _, d := range p.Departments {
		if slices.Contains(c.Departments, d.ID) {
			row.Heads = append(row.Heads, d.Name)
		}
	}
	return row
}

// header is a header of an event.
type header struct{ Name, Value string }

type eventBody struct {
	wire.Entry
	offers  // what undoes it, where no other page has that
	Headers []header
	Data    string
	Leaf    string
	Held    *held           // against a paper; nil: the address names no leaf
	Payout  domain.PayoutID // that the event made; it has a voucher
	Policy  bool            // it made the policy what it is
	Ties    []tie           // what it names
	Signed  uint64          // the first checkpoint that holds it; 0: none does yet
}

// tie leads to a thing that an event names.
type tie struct {
	Name       domain.Text // of the column that names it
	Text, Link string
}

// ties are the things of an event that have a page.
func ties(e domain.Event) (list []tie) {
	row := reflect.ValueOf(e).Elem()
	for _, c := range projections.Columns(row.Type()) {
		if page := leads[c.Name]; page != "" && c.Type.Kind() == reflect.String {
			if id := row.FieldByIndex(c.Index).String(); id != "" {
				list = append(list, tie{words.Column(c.Name).Title, id, page + url.PathEscape(id)})
			}
		}
	}
	return list
}

func (p *Pages) event(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.begin(r, "", domain.Text{})
	if err != nil {
		return err
	}
	seq, err := strconv.ParseUint(r.PathValue("seq"), 10, 63)
	if err != nil || seq == 0 || seq > pg.Lag.Last {
		return projections.ErrNotFound
	}
	record, err := p.server.Record(r.Context(), seq)
	if errors.Is(err, eventstore.ErrNotFound) {
		return projections.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("reading event %d: %w", seq, err)
	}
	entry, err := wire.Decode(record)
	if err != nil {
		return err
	}
	body, answer := eventBody{Entry: entry, Data: string(record.Data), Ties: ties(entry.Event), Leaf: eventstore.LeafHash(record).String()}, (*said)(nil)
	if !p.server.MayRead(r.Context(), entry.Event) {
		body.Data = web.WithheldData()
	}
	switch e := entry.Event.(type) {
	case *domain.PayoutMade:
		body.Payout = e.Payout
	case *domain.PayoutBooked:
		body.Payout = e.Payout
	case *domain.PolicyPublished, *domain.PolicyAmended, *domain.ClauseAmended:
		body.Policy = true
	}
	if body.Held, err = p.hold(r, seq, body.Leaf); err != nil {
		return err
	}
	if paid, ok := entry.Event.(*domain.TreasuryPaymentRecorded); ok {
		if answer, err = p.void(w, r, pg.Viewer, paid, &body); err != nil || r.Method == http.MethodPost && answer == nil {
			return err
		}
	} else if r.Method == http.MethodPost {
		return projections.ErrNotFound
	}
	if kept := p.server.Proof(); kept != nil {
		if _, body.Signed, err = kept.Beside(r.Context(), seq-1); err != nil {
			return err
		}
	}
	for name, values := range record.Header {
		for _, value := range values {
			body.Headers = append(body.Headers, header{name, value})
		}
	}
	slices.SortFunc(body.Headers, func(a, b header) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	pg.Title = domain.Text{ZH: fmt.Sprintf("事件 %d", seq), EN: fmt.Sprintf("Event %d", seq)}
	return eventSheet.write(p, w, body.answer(pg, answer, r.PostForm), pg, body)
}

// void is the form that takes a recorded line of a payment file back, or gives what was sent from it.
func (p *Pages) void(w http.ResponseWriter, r *http.Request, v web.Viewer, paid *domain.TreasuryPaymentRecorded, b *eventBody) (*said, error) {
	err := p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		void := asks(s.Policy(), "void_treasury_payment", "reason").tried(func(h domain.Head) domain.Command {
			return &domain.VoidTreasuryPayment{Head: h, Statement: paid.Statement, Line: paid.Line, Reason: "-"}
		})
		b.Forms, b.Absent = judge(s, v, p.today(), []draft{void})
	})
	if err != nil || r.Method != http.MethodPost {
		return nil, err
	}
	return p.giveNext(w, r, map[string]string{"statement": string(paid.Statement), "line": strconv.Itoa(paid.Line)},
		func(domain.Command) string { return "/audit/reconciliation" }, "void_treasury_payment")
}
