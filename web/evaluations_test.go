package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// What is reckoned from a fact is told to who may read the fact; analysts are told nothing of fewer than five enterprises. As of a position the result is what
// it was there, whatever was corrected since.
func TestEvaluationsTellNoMoreThanTheirFacts(t *testing.T) {
	h := open(t)
	admin, finance, treasurer := h.token("the.admin", "admin"), h.token("the.clerk", "clerk@finance"), h.token("the.treasurer", "treasurer@finance")
	today := domain.DateIn(now, domain.Shanghai)
	given := 0
	give := func(token, format string, args ...any) {
		t.Helper()
		given++
		body := fmt.Sprintf(`{"id":"e-%d","date":%q,`, given, today) + fmt.Sprintf(format, args...) + "}"
		h.ask("POST", "/v1/commands", token, body).want(t, http.StatusOK)
	}
	year := today.Year()
	indicators := ""
	for i, fact := range []string{"open", "secret"} {
		indicators += fmt.Sprintf(`{"id":%q,"clause":"1.1a","name":{"zh":"指标","en":"Indicator"},"fact":%q,"better":"more","baseline":"previous_year","weight":50,"group":"benefit"}`, fact, fact)
		if i == 0 {
			indicators += ","
		}
	}
	give(admin, `"command":"amend_policy","effective_on":%q,"document":"D","clause":"1.1a","add_facts":[{"id":"open","name":{"zh":"营收","en":"Revenue"},"unit":"cny","per":"year","sources":["finance"]},
		{"id":"secret","name":{"zh":"税收","en":"Tax"},"unit":"cny","per":"year","sources":["finance"],"sensitive":true}],"indicators":[%s]`, today, indicators)
	for i := range 8 {
		enterprise := creditCode(100 + i)
		give(finance, `"command":"register_enterprise","enterprise":%q,"name":"长宁评价%d有限公司","industry":"ai"`, enterprise, i)
		for _, fact := range []string{"open", "secret"} {
			for _, back := range []int{2, 1} {
				give(finance, `"command":"record_fact","enterprise":%q,"fact":%q,"period":"%d","value":"%d7654321.00"`, enterprise, fact, year-back, 5-back)
			}
		}
		if i < 3 {
			give(treasurer, `"command":"book_payout","payout":"EV-%d","enterprise":%q,"clause":"1.1a","support_year":%d,"amount":"1000000.00"`, i, enterprise, year-1)
		}
	}
	asked := fmt.Sprintf("&clause=1.1a&year=%d", year-1)
	before := h.position()
	tell := func(token, list, more string) ([]map[string]string, string) {
		t.Helper()
		return h.told(token, list, "csv", asked+more), string(h.ask("GET", "/v1/"+list+"?lang=en"+asked+more, token, "").want(t, http.StatusOK).body)
	}
	for grant, want := range map[string][2]bool{"clerk@finance": {true, true}, "auditor": {true, true}, "clerk@science": {true, false}, "analyst": {false, false}} {
		token := h.token("reader."+strings.ReplaceAll(grant, "@", "."), grant)
		rows, _ := tell(token, "evaluations", "")
		if len(rows) != 2 {
			t.Fatalf("%s is told %d", grant, len(rows))
		}
		for i, row := range rows {
			if told := row["attained"] != "" && row["p_value"] != "" && row["score"] != ""; told != want[i] || !told && row["mean_change"]+row["level_after"]+row["target"] != "" {
				t.Errorf("%s is told of %s: %v", grant, row["indicator"], row)
			}
			if whole := row["clause_score"] != ""; whole != (want[0] && want[1]) {
				t.Errorf("%s is told a score of %q", grant, row["clause_score"])
			}
		}
		for i, indicator := range []string{"open", "secret"} {
			_, body := tell(token, "evaluated_enterprises", "&indicator="+indicator)
			if told := strings.Contains(body, "7654321"); told != want[i] {
				t.Errorf("%s reads %s: %t", grant, indicator, told)
			}
		}
	}
	rows, _ := tell(finance, "evaluations", "&indicator=open")
	give(finance, `"command":"correct_fact","enterprise":%q,"fact":"open","period":"%d","value":"1.00","reason":"误报"`, creditCode(100), year-1)
	now, _ := tell(finance, "evaluations", "&indicator=open")
	then, _ := tell(finance, "evaluations", fmt.Sprint("&indicator=open&as_of=seq:", before))
	if now[0]["effect_difference"] == rows[0]["effect_difference"] || then[0]["effect_difference"] != rows[0]["effect_difference"] || then[0]["message"] != rows[0]["message"] {
		t.Errorf("it was %v, is %v, and is told to have been %v", rows[0], now[0], then[0])
	}
	h.ask("GET", "/v1/evaluations?cursor=x", finance, "").want(t, http.StatusBadRequest)
}

// creditCode is the code of an enterprise of the test's own.
func creditCode(n int) string {
	first := fmt.Sprintf("91310105MA1FW%04d", n)
	check, _ := domain.CreditCodeCheck(first)
	return first + string(check)
}
