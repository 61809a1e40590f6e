package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/projections"
)

// rowsOf are the rows of a list, of one page that has to be the whole.
func rowsOf(t *testing.T, h *house, token, path string) []map[string]any {
	t.Helper()
	v := decode(t, h.ask("GET", path, token, "").want(t, http.StatusOK).body)
	if v["next"] != nil {
		t.Fatalf("%s has more than a page", path)
	}
	var rows []map[string]any
	for _, row := range anyList(v["rows"]) {
		rows = append(rows, row.(map[string]any))
	}
	return rows
}

func sumOf(t *testing.T, rows []map[string]any, column string) (sum decimal.Decimal) {
	t.Helper()
	for _, r := range rows {
		sum = sum.Add(must(decimal.NewFromString(r[column].(string)))(t))
	}
	return sum
}

func TestALinkFromANumberShowsTheRowsThatSumToIt(t *testing.T) {
	h := open(t)
	h.play()
	token := h.token("an", "analyst")
	for _, account := range rowsOf(t, h, token, "/v1/accounts?year=2024&clause=2&limit=5000") {
		link := "/v1/journal?limit=5000&support_year=2024&clause=2&kind=paid&subject_kind=" + account["subject_kind"].(string) + "&subject=" + url.QueryEscape(account["subject"].(string))
		if got := sumOf(t, rowsOf(t, h, token, link), "amount").StringFixed(2); got != account["paid"] {
			t.Errorf("%s is paid %s, its postings make %s", account["subject"], account["paid"], got)
		}
	}
	scopes := map[string]bool{}
	for _, budget := range rowsOf(t, h, token, "/v1/appropriations?budget_year=2025&limit=5000") {
		link := "/v1/journal?limit=5000&budget_year=2025"
		if clause, _ := budget["clause"].(string); clause != "" {
			link += "&budget_clause=" + url.QueryEscape(clause)
		}
		if strings.HasSuffix(budget["scope_kind"].(string), "department") {
			link += "&budget_department=" + url.QueryEscape(budget["scope"].(string))
		}
		scopes[budget["scope_kind"].(string)] = true
		rows := rowsOf(t, h, token, link)
		var paid, returned []map[string]any
		for _, r := range rows {
			if r["kind"] == "paid" {
				paid = append(paid, r)
			} else {
				returned = append(returned, r)
			}
		}
		if got := sumOf(t, paid, "amount").Sub(sumOf(t, returned, "amount")).StringFixed(2); got != budget["paid"] {
			t.Errorf("of %s %s is paid, its postings make %s", budget["scope"], budget["paid"], got)
		}
	}
	if len(scopes) != 4 {
		t.Errorf("there are budgets of %v only", scopes)
	}
	clawback := rowsOf(t, h, token, "/v1/clawbacks?limit=5000")[0]
	if rows := rowsOf(t, h, token, "/v1/payouts?payout="+url.QueryEscape(clawback["payout"].(string))); len(rows) != 1 || rows[0]["payout"] != clawback["payout"] {
		t.Errorf("the payout of a clawback: %v", rows)
	}
	if rows := rowsOf(t, h, token, "/v1/clawbacks?clawback="+url.QueryEscape(clawback["clawback"].(string))); len(rows) != 1 {
		t.Errorf("a clawback by its number: %v", rows)
	}
}

func TestThePastIsAnsweredExactlyOrRefusedWithAWayOn(t *testing.T) {
	h := open(t)
	h.play()
	token := h.token("an", "analyst")
	for _, list := range []string{"payouts", "clawbacks", "recoveries", "exceptions", "appropriations", "journal"} {
		if rows := rowsOf(t, h, token, "/v1/"+list+"?as_of=seq:1"); len(rows) != 0 {
			t.Errorf("%s as of the policy alone: %v", list, rows)
		}
	}
	for _, list := range []string{"payouts", "journal"} {
		half, whole := len(rowsOf(t, h, token, "/v1/"+list+"?on=2025-03-31&limit=5000")), len(rowsOf(t, h, token, "/v1/"+list+"?limit=5000"))
		if half == 0 || half >= whole {
			t.Errorf("%s up to a day in the middle: %d rows of %d", list, half, whole)
		}
	}
	for path, code := range map[string]string{
		"/v1/enterprises?as_of=seq:1": "present_only", "/v1/applications?on=2025-01-01": "present_only",
		"/v1/journal?kind=paid,gift": "parameter_invalid", "/v1/journal?support_year=12": "parameter_invalid", "/v1/recoveries?state=open": "parameter_invalid",
	} {
		if p := h.ask("GET", path, token, "").want(t, http.StatusBadRequest).problem(t); p.Code != code {
			t.Errorf("%s: %s", path, p.Code)
		}
	}
	if p := h.ask("GET", "/v1/enterprises?as_of=seq:1", token, "").problem(t); !strings.Contains(p.Message.EN, "journal") || !strings.Contains(p.Message.ZH, "分录") {
		t.Errorf("it does not say where the past is: %+v", p.Message)
	}
}

// Every filter of every list, on every list that has it not: it is refused by its name, with those that the list has, and never passed over.
func TestAFilterThatAListHasNotIsRefusedByName(t *testing.T) {
	h := open(t)
	token, tried := h.token("an", "auditor"), 0
	for _, l := range projections.Lists() {
		for _, other := range projections.Lists() {
			for _, f := range other.Filters {
				if its := l.Filter(f.Name); its != nil && its != l.Of() {
					continue
				}
				tried++
				path := strings.Replace(l.Address, "{id}", "x", 1) + "?" + f.Name + "=1"
				p := h.ask("GET", path, token, "").want(t, http.StatusBadRequest).problem(t)
				if p.Code != "parameter_unknown" || p.Figures["parameter"] != f.Name || l.Of() == nil && len(l.Filters) > 0 && !strings.Contains(p.Figures["allowed"], l.Filters[0].Name) {
					t.Errorf("%s: %+v", path, p)
				}
				if _, err := l.Values(projections.Where(projections.Condition{Name: f.Name, Value: "1"})); l.Filter(f.Name) == nil && err == nil {
					t.Errorf("%s takes %s", l.Name, f.Name)
				}
			}
		}
	}
	if tried < 500 {
		t.Errorf("only %d filters were tried", tried)
	}
}

// A refused exception names no application: it belongs to the case of each that is charged on its account.
func TestRefusalsOfAnApplicationAreThoseOnItsAccountToo(t *testing.T) {
	h := open(t)
	h.play()
	token, authority := h.token("an", "analyst"), h.token("qu", "authority@government")
	var id, subject string
	for _, a := range rowsOf(t, h, token, "/v1/applications?limit=5000") {
		if a["subject_kind"] == "project" && a["clause"] == "4" && a["via_clause"] == "" {
			id, subject = a["application"].(string), a["subject"].(string)
		}
	}
	command := `{"command":"grant_exception","id":"no-document","date":"2026-01-05","exception":"X-none","clause":"4","subject":%q,"support_year":2026,"amount":"1.00"}`
	h.ask("POST", "/v1/commands", authority, fmt.Sprintf(command, subject)).want(t, http.StatusUnprocessableEntity)
	found := false
	for _, r := range rowsOf(t, h, token, "/v1/refusals?limit=5000&application="+url.QueryEscape(id)) {
		found = found || r["command_id"] == "no-document"
	}
	if !found {
		t.Errorf("the exception on %s that was refused is not among the refusals of %s", subject, id)
	}
	for _, r := range rowsOf(t, h, token, "/v1/refusals?limit=5000&application=no-such") {
		t.Errorf("a refusal of an application that there is not: %v", r)
	}
}

func TestRefusalsOfAnEnterpriseAreThoseOnItsApplicationsToo(t *testing.T) {
	h := open(t)
	h.play()
	token := h.token("an", "analyst")
	all := rowsOf(t, h, token, "/v1/refusals?limit=5000")
	want, named := map[string]int{}, map[string]string{}
	for _, r := range all {
		want[r["enterprise"].(string)]++
		if command := r["command"].(string); command == "approve_application" || command == "make_payout" {
			if r["enterprise"] == "" || r["application"] == "" {
				t.Errorf("%s is about no enterprise or application: %v", command, r)
			}
			named[command] = r["enterprise"].(string)
		}
	}
	if len(named) == 0 {
		t.Fatalf("the sample refuses no approval or payout among %d", len(all))
	}
	for command, enterprise := range named {
		rows, found := rowsOf(t, h, token, "/v1/refusals?limit=5000&enterprise="+url.QueryEscape(enterprise)), false
		for _, r := range rows {
			found = found || r["command"] == command
		}
		if !found || len(rows) != want[enterprise] {
			t.Errorf("refusals of %s: %d of %d, a %s among them: %v", enterprise, len(rows), want[enterprise], command, found)
		}
	}
	paged, next := 0, "/v1/refusals?limit=7"
	for next != "" {
		v := decode(t, h.ask("GET", next, token, "").want(t, http.StatusOK).body)
		paged += len(anyList(v["rows"]))
		if next, _ = v["next"].(string); next != "" {
			next = "/v1/refusals?limit=7&cursor=" + url.QueryEscape(next)
		}
	}
	if paged != len(all) {
		t.Errorf("by pages there are %d of %d", paged, len(all))
	}
}
