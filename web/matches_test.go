package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// What enterprises may have is told page by page, each row once, in every format, of one enterprise, of one clause, and of all.
func TestMatchesAreToldOfAnEnterpriseAndOfAClause(t *testing.T) {
	h := open(t)
	h.play()
	token := h.token("li.na", "clerk@investment")
	all := h.told(token, "matches", "csv", "")
	if len(all) < 1000 {
		t.Fatalf("%d matches", len(all))
	}
	enterprise := all[len(all)/2]["enterprise"]
	for name, where := range map[string][]projections.Condition{
		"of an enterprise": {{Name: "enterprise", Value: enterprise}}, "under a clause": {{Name: "clause", Value: "2.1.1"}},
		"of both": {{Name: "enterprise", Value: enterprise}, {Name: "clause", Value: "2.1.1"}},
	} {
		asked, want := "", 0
		for _, c := range where {
			asked += "&" + c.Name + "=" + c.Value
		}
		for _, row := range all {
			fits := true
			for _, c := range where {
				fits = fits && row[c.Name] == c.Value
			}
			if fits {
				want++
			}
		}
		seen := map[string]bool{}
		for row, err := range projections.Matches.Every(t.Context(), h.remote(token), projections.Ask{Where: where, Limit: 7}) {
			if err != nil {
				t.Fatal(err)
			}
			key := fmt.Sprint(row.Enterprise, row.Clause, row.SubjectKind, row.Subject)
			if seen[key] {
				t.Errorf("%s: %s is told twice", name, key)
			}
			seen[key] = true
			if row.Answer == "no" && (row.Code == "" || row.Message == "" || row.Headroom.Amount.Positive()) {
				t.Errorf("%s: %+v", name, row)
			}
		}
		if rows := h.told(token, "matches", "json", asked); len(seen) != want || len(rows) != want || want == 0 {
			t.Errorf("%s: %d in pages of seven, %d in one, %d among all", name, len(seen), len(rows), want)
		}
	}
	// Pages are of the position of the first, whatever is booked meanwhile.
	check, _ := domain.CreditCodeCheck("91310105MA1YY9999")
	late, told := "91310105MA1YY9999"+string(check), []string(nil)
	for row, err := range projections.Matches.Every(t.Context(), h.remote(token), projections.Ask{Limit: 7}) {
		if err != nil {
			t.Fatal(err)
		}
		if told = append(told, string(row.Enterprise)); len(told) == 7 {
			if a := h.ask("POST", "/v1/commands", h.token("late.clerk", "clerk@commerce"), fmt.Sprintf(`{"command":"register_enterprise","id":"late","date":%q,"enterprise":%q,"name":"后来","industry":"ai"}`,
				domain.DateIn(now, domain.Shanghai), late)); a.status != http.StatusOK {
				t.Fatalf("%d %s", a.status, a.body)
			}
		}
		if string(row.Enterprise) == late {
			t.Error("a later page tells of an enterprise that came behind the first")
		}
	}
	if len(told) != len(all) {
		t.Errorf("%d are told in pages, %d at once before", len(told), len(all))
	}
	h.ask("GET", "/v1/matches?cursor=x", token, "").want(t, http.StatusBadRequest)
	h.ask("GET", "/v1/matches?cursor=Ny5Y", token, "").want(t, http.StatusBadRequest) // as it was written before
	h.ask("GET", "/v1/matches?year=1", token, "").want(t, http.StatusBadRequest)
}

// What conditions answer is told with figures, source and form to who may read the fact; who decides on the clause learns the answer alone, and anybody else
// learns nothing by the answer either. Of a past moment it is told what was known then.
func TestConditionsAnswerAccordingToWhoAsks(t *testing.T) {
	h := open(t)
	admin, finance := h.token("the.admin", "admin"), h.token("the.clerk", "clerk@finance")
	check, _ := domain.CreditCodeCheck("91310105MA1FW0001")
	enterprise, today := "91310105MA1FW0001"+string(check), domain.DateIn(now, domain.Shanghai)
	give := func(token, body string) {
		t.Helper()
		if a := h.ask("POST", "/v1/commands", token, body); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	give(admin, fmt.Sprintf(`{"command":"amend_policy","id":"c-1","date":%q,"effective_on":%q,"document":"D","clause":"1.1a","add_facts":[{"id":"secret","name":{"zh":"税收","en":"Tax"},
		"unit":"cny","per":"year","sources":["finance"],"sensitive":true}],"conditions":[{"fact":"secret","period":"year-1","is":">=","value":"20000000.00"}]}`, today, today))
	give(finance, fmt.Sprintf(`{"command":"register_enterprise","id":"c-2","date":%q,"enterprise":%q,"name":"长宁测试有限公司","industry":"ai"}`, today, enterprise))
	before := h.position()
	record := fmt.Sprintf(`{"command":"record_fact","id":"c-3","date":%q,"enterprise":%q,"fact":"secret","period":"%d","value":"19999999.99"}`, today, enterprise, today.Year()-1)
	give(finance, record)
	if err := h.projector.WaitFor(t.Context(), h.position()); err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{}
	asked := func(grant, more string) (map[string]string, string) {
		t.Helper()
		token := tokens[grant]
		if token == "" {
			token = h.token("reader."+strings.ReplaceAll(grant, "@", "."), grant)
			tokens[grant] = token
		}
		more += "&year=" + fmt.Sprint(today.Year())
		rows := h.told(token, "matches", "csv", "&enterprise="+enterprise+"&clause=1.1a"+more)
		if len(rows) != 1 {
			t.Fatalf("%s is told %d", grant, len(rows))
		}
		body := ""
		for _, format := range []string{"json", "ndjson"} {
			body += string(h.ask("GET", "/v1/matches?lang=en&enterprise="+enterprise+"&clause=1.1a&format="+format+more, token, "").body)
		}
		return rows[0], body
	}
	for grant, want := range map[string][4]string{"clerk@finance": {"no", "condition_not_met", "19999999.99", "0.01"}, "auditor": {"no", "condition_not_met", "19999999.99", "0.01"},
		"clerk@commerce": {"no", "condition_not_met", "", ""}, "approver@science": {"no", "condition_not_met", "", ""}, "clerk@reform": {"unknown", "fact_withheld", "", ""},
		"analyst": {"unknown", "fact_withheld", "", ""}} {
		row, body := asked(grant, "")
		if got := [4]string{row["answer"], row["code"], row["value"], row["short_by"]}; got != want {
			t.Errorf("%s is told %v", grant, got)
		}
		figure := strings.Contains(body, "19999999.99") || strings.Contains(body, "19,999,999.99") || strings.Contains(body, "short by CNY")
		if figure != (want[2] != "") || !strings.Contains(body, "20,000,000.00") || (want[0] == "no") != (row["form"] == "") {
			t.Errorf("%s: %s", grant, body)
		}
		then, _ := asked(grant, fmt.Sprint("&as_of=seq:", before))
		if grant != "clerk@reform" && grant != "analyst" && then["code"] != "fact_not_known" || then["answer"] != "unknown" {
			t.Errorf("%s is told of the time before: %v", grant, then)
		}
		form, err := url.Parse(then["form"])
		if err != nil || form.Path != "/applications/new" || form.Query().Get("enterprise") != enterprise || form.Query().Get("clause") != "1.1a" || form.Query().Get("year") != fmt.Sprint(today.Year()) {
			t.Errorf("the form is %q", then["form"])
		}
	}
	if rows := h.told(finance, "matches", "csv", "&answer=no&clause=1.1a&year="+fmt.Sprint(today.Year())); len(rows) != 1 {
		t.Errorf("%d are answered no", len(rows))
	}
	if rows := h.told(finance, "matches", "csv", "&answer=yes"); len(rows) != 0 {
		t.Errorf("%d are answered yes", len(rows))
	}
	h.ask("GET", "/v1/matches?answer=perhaps", finance, "").want(t, http.StatusBadRequest)
	h.ask("GET", "/v1/matches?as_of=seq:0", finance, "").want(t, http.StatusBadRequest)
	for _, moment := range []string{"seq:99999999", "2030-01-01"} { // as every list says: an answer for it would not stay the same
		totals := h.ask("GET", "/v1/totals?as_of="+moment, finance, "")
		if got := h.ask("GET", "/v1/matches?as_of="+moment, finance, ""); got.status != totals.status || got.status < 400 {
			t.Errorf("as of %s: matches answer %d, totals %d", moment, got.status, totals.status)
		}
	}
	day := h.told(finance, "matches", "csv", "&clause=1.1a&on="+today.Next().String())
	if now := h.told(finance, "matches", "csv", "&clause=1.1a"); len(day) != 1 || day[0]["days_left"] == now[0]["days_left"] {
		t.Errorf("of the next day it is told %v", day)
	}
}
