package pages_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/projections"
)

// A page that is asked for a past moment says what of it is of that moment, and leads back to the present; one that has none says so in a word. Its
// figures are of that moment, and lead to what they were made of then.
func TestAPageOfThePastSaysWhatOfItIs(t *testing.T) {
	s := open(t)
	application := must(projections.Applications.Page(t.Context(), s.queries, projections.Ask{Limit: 1}))(t).Rows[0]
	payout := must(projections.Payouts.Page(t.Context(), s.queries, projections.Ask{Limit: 1}))(t).Rows[0]
	seq := must(s.ledger.Log().Last(t.Context()))(t) / 2
	past := fmt.Sprint("as_of=seq:", seq)
	for _, path := range []string{"/overview", "/payouts", "/clawbacks", "/recoveries", "/exceptions", "/appropriations", "/journal", "/notices", "/lists/totals", "/lists/accounts",
		"/clauses", "/clauses/4", "/refusals", "/events/3", "/what-if", "/enterprises/" + string(application.Enterprise), "/applications/" + string(application.Application),
		"/payouts/" + string(payout.Payout), "/persons/xu.xia", "/explain?clause=4", "/enterprises", "/applications", "/lists/queue"} {
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		status, page := s.get(path + join + past)
		switch {
		case status == http.StatusBadRequest:
			if !strings.Contains(page, "只有现在") && !strings.Contains(page, "过去") {
				t.Errorf("%s refuses a past moment without a word of it: %.300s", path, page)
			}
		case status == http.StatusNotFound && strings.HasPrefix(path, "/persons"):
		case status != http.StatusOK || !strings.Contains(page, "过去时点") || !strings.Contains(page, "回到现在"):
			t.Errorf("%s of the past answers %d and does not say what of it is past", path, status)
		}
	}
	if status, page := s.get("/payouts?as_of=yesterday"); status != http.StatusBadRequest || !strings.Contains(page, "seq:1234") {
		t.Errorf("a moment that is none: %d, and not what is right", status)
	}

	_, page := s.get("/enterprises/" + string(application.Enterprise) + "?unit=yuan&" + past)
	want := projections.Ask{Where: []projections.Condition{projections.ByEnterprise.Is(application.Enterprise)}, AsOf: projections.AsOf{Seq: seq}}
	approved := "0.00"
	if sum := must(s.queries.Sum(t.Context(), projections.Totals.List, want))(t); len(sum.Columns) > 0 {
		for i, name := range sum.Columns {
			if name == "approved" {
				approved = sum.Amounts[i].StringFixed(2)
			}
		}
	}
	figure := regexp.MustCompile(`href="(/journal[^"]*kind=approved[^"]*)">([^<]*)</a>`).FindStringSubmatch(page)
	if figure == nil || strings.ReplaceAll(figure[2], ",", "") != approved {
		t.Fatalf("the enterprise had %s approved, and its page says %v", approved, figure)
	}
	if link := html.UnescapeString(figure[1]); !strings.Contains(link, "as_of=seq") {
		t.Errorf("a figure of the past leads to %s, which is of now", link)
	}
	_, overview := s.get("/overview?" + past)
	for _, m := range regexp.MustCompile(`href="(/(?:journal|explain|clawbacks|appropriations)\?[^"]*)"`).FindAllStringSubmatch(overview, -1) {
		if !strings.Contains(m[1], "as_of=") {
			t.Errorf("the overview of the past leads to %s, which is of now", m[1])
		}
	}
}
