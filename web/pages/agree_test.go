package pages_test

import (
	"context"
	"fmt"
	"html"
	"iter"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

var (
	shownRow  = regexp.MustCompile(`(?s)<tr[^>]*>(.*?)</tr>`)
	shownCell = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
	aTag      = regexp.MustCompile(`<[^>]*>`)
)

// shownTable is the first table of a page: its headings, and its rows' texts.
func shownTable(page string) (headings []string, rows [][]string) {
	_, page, _ = strings.Cut(page, "<table")
	page, _, _ = strings.Cut(page, "</table>")
	for _, row := range shownRow.FindAllStringSubmatch(page, -1) {
		var cells []string
		for _, cell := range shownCell.FindAllStringSubmatch(row[1], -1) {
			cells = append(cells, strings.TrimSpace(html.UnescapeString(aTag.ReplaceAllString(cell[1], ""))))
		}
		if headings == nil {
			headings = cells
			continue
		}
		rows = append(rows, cells)
	}
	return headings, rows
}

// What a page shows of totals and accounts is what the questions behind the API and the files answer, now and as of past moments: so all
// of them tell one headroom, one excess.
func TestPagesShowTheTotalsAndAccountsThatTheListsHold(t *testing.T) {
	s := open(t)
	money := func(m domain.Money) string { return m.String() }
	ceiling := func(c domain.Ceiling) string {
		if !c.Stated {
			return words.NoneStated.EN
		}
		return c.Amount.String()
	}
	over := false
	for _, seq := range []uint64{0, 600, 1500} {
		ask := projections.Ask{AsOf: projections.AsOf{Seq: seq}, Limit: projections.MaxLimit}
		at := "?lang=en&unit=yuan"
		if seq > 0 {
			at += fmt.Sprintf("&as_of=seq:%d", seq)
		}
		s.shows("/lists/totals"+at, []string{"enterprise", "clause", "use", "headroom", "over_by", "received_beyond"},
			asTexts(t, projections.Totals.Every, s, ask, func(r projections.TotalsRow) []string {
				over = over || r.OverBy.Positive()
				return []string{string(r.Enterprise), string(r.Clause), money(r.Use), ceiling(r.Headroom), money(r.OverBy), money(r.ReceivedBeyond)}
			}))
		s.shows("/lists/accounts"+at, []string{"clause", "subject", "use", "headroom", "over_by", "received_beyond"},
			asTexts(t, projections.Accounts.Every, s, ask, func(r projections.AccountRow) []string {
				return []string{string(r.Clause), r.Subject, money(r.Use), ceiling(r.Headroom), money(r.OverBy), money(r.ReceivedBeyond)}
			}))
	}
	if !over {
		t.Error("nothing is over: the sample does not try it")
	}
	if _, page := s.get("/clauses/1.3b?lang=en"); strings.Contains(page, "by its conditions") {
		t.Error("a clause without conditions shows who meets them")
	}
}

// asTexts are a list's rows as texts.
func asTexts[T any](t *testing.T, every func(context.Context, projections.Keeper, projections.Ask) iter.Seq2[T, error], s *site, ask projections.Ask, text func(T) []string) (rows [][]string) {
	t.Helper()
	for row, err := range every(t.Context(), s.queries, ask) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, text(row))
	}
	return rows
}

// shows fails unless a page's first rows are these, in the columns of these names.
func (s *site) shows(path string, names []string, want [][]string) {
	s.t.Helper()
	status, page := s.get(path)
	if status != http.StatusOK {
		s.t.Fatalf("%s: status %d", path, status)
	}
	headings, rows := shownTable(page)
	if len(rows) == 0 || len(rows) > len(want) {
		s.t.Fatalf("%s shows %d rows of %d", path, len(rows), len(want))
	}
	var places []int
	for _, column := range words.Named(names...) {
		at := slices.Index(headings, column.Title.EN)
		if at < 0 {
			s.t.Fatalf("%s has no column %s: %q", path, column.Title.EN, headings)
		}
		places = append(places, at)
	}
	for i, row := range rows {
		var got []string
		for _, at := range places {
			got = append(got, strings.ReplaceAll(row[at], ",", ""))
		}
		if !slices.Equal(got, want[i]) {
			s.t.Errorf("%s, row %d: %q, the list says %q", path, i+1, got, want[i])
		}
	}
}
