package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/web"
)

// policyFile is the text of a shipped policy, with some of it in other words.
func policyFile(t testing.TB, name string, changes ...string) string {
	t.Helper()
	text, err := os.ReadFile("../policies/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(changes...).Replace(string(text))
}

func simulation(t testing.TB, asked web.SimulationAsked) string {
	t.Helper()
	body, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Another policy is tried by its text, or one of the fund's by its id; what cannot be tried is refused by a code, a faulty file with its line.
func TestAnotherPolicyIsTriedByTheAPI(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	token, analyst := h.token("au", "auditor"), h.token("an", "analyst")
	try := func(token string, asked web.SimulationAsked) replay.Simulation {
		t.Helper()
		return into[replay.Simulation](t, h.ask("POST", "/v1/simulations", token, simulation(t, asked)).want(t, http.StatusOK))
	}
	same := try(token, web.SimulationAsked{Policy: policyFile(t, fund), Decide: "cut"})
	if same.ChangeCount != 0 || !same.Total.Same() || same.Applications == 0 {
		t.Errorf("the same policy: %+v", same.Total)
	}
	if published := try(token, web.SimulationAsked{Of: fund}); published.ChangeCount != 0 || !published.Total.Same() {
		t.Errorf("as it was published: %+v", published.Total)
	}
	if standing := try(token, web.SimulationAsked{Of: fund, InForce: true}); standing.Applications != same.Applications {
		t.Errorf("as it stands: %+v", standing.Total)
	}
	lower := web.SimulationAsked{Policy: policyFile(t, fund), Decide: "cut", Set: []string{"1.1a.cap=1000000.00"}, Budgets: []string{"2025=0.00"}}
	told := try(token, lower)
	if told.ChangeCount == 0 || len(told.Changed) == 0 || told.Envelopes[0].RunsOutOn.IsZero() || !told.Envelopes[0].Granted.IsZero() || told.Withheld != nil {
		t.Errorf("%+v", told)
	}
	for _, table := range []string{"", "&table=clauses", "&table=industries", "&table=envelopes"} {
		h.ask("POST", "/v1/simulations?format=csv"+table, token, simulation(t, lower)).want(t, http.StatusOK)
	}
	// An analyst who is nothing else hands results on: of few enterprises nothing is told.
	handed := try(analyst, lower)
	if len(handed.Changed) != 0 || len(handed.Enterprises) != 0 || handed.Withheld["changed"] != told.ChangeCount || handed.ChangeCount != told.ChangeCount {
		t.Errorf("%+v", handed)
	}
	for _, part := range handed.Parts() {
		for _, line := range part.Rows {
			if line.Enterprises < 5 || len(line.Events) > 0 {
				t.Errorf("an analyst is told of %d enterprises: %s %+v", line.Enterprises, part.Name, line)
			}
		}
	}
	for _, c := range handed.Map {
		if c.Enterprises < 5 {
			t.Errorf("%+v", c)
		}
	}
	for code, asked := range map[string]web.SimulationAsked{
		"policy_faulty 2":     {Policy: "fund: " + fund + "\ntitle: {xx: no}\n"},
		"policy_faulty 1":     {Policy: "[]"},
		"policy_faulty ":      {Policy: "\t"},
		"policy_faulty bomb":  {Policy: "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"},
		"policy_not_tried 1":  {},
		"policy_not_tried 2":  {Policy: policyFile(t, fund), Of: fund},
		"policy_not_tried 3":  {Policy: policyFile(t, fund, "currency: CNY", "currency: EUR")},
		"policy_not_tried 4":  {Of: "nothing"},
		"policy_not_tried 5":  {Of: fund, Set: []string{"99.cap=1.00"}},
		"policy_not_tried 6":  {Of: fund, Budgets: []string{"2025=many"}},
		"policy_not_tried 7":  {Of: fund, Rates: []string{"4=tax-paid:year-1:1"}},
		"policy_not_tried 8":  {Of: fund, Clauses: []string{"99=4"}},
		"not_found ":          {Of: "nothing", InForce: true},
		"parameter_invalid 1": {Of: fund, Decide: "both"},
		"parameter_invalid 2": {Of: fund, Set: strings.Split(strings.Repeat("4.cap=1.00,", 60), ",")},
	} {
		want, line, _ := strings.Cut(code, " ")
		a := h.ask("POST", "/v1/simulations", token, simulation(t, asked))
		if a.status >= 500 || a.problem(t).Code != want || want == "policy_faulty" && line == "2" && (a.problem(t).Figures["line"] != "2" || a.problem(t).Figures["path"] != "title.xx") {
			t.Errorf("%s: %d %s", code, a.status, a.body)
		}
	}
	for _, body := range []string{"", "[]", `{"policy":1}`, `{"other":1}`} {
		if a := h.ask("POST", "/v1/simulations", token, body, "Content-Type", "application/json"); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d", body, a.status)
		}
	}
	h.ask("POST", "/v1/simulations", token, simulation(t, web.SimulationAsked{Policy: strings.Repeat("#", 2<<20)})).want(t, http.StatusRequestEntityTooLarge)
}

// Who may not read a fact learns nothing of it by a policy that they write: the answer is the same whatever its value is. Who may is told.
func TestNobodyLearnsASecretByAPolicyOfTheirOwn(t *testing.T) {
	h := open(t, proving(t))
	enterprise := "91310105MA1FW0003B"
	tokens := map[string]string{}
	for _, grant := range []string{"clerk@science", "clerk@finance", "reviewer@science", "approver@science"} {
		tokens[grant] = h.token("g."+strings.ReplaceAll(grant, "@", "."), grant)
	}
	give := func(grant, command string) {
		t.Helper()
		h.ask("POST", "/v1/commands", tokens[grant], command).want(t, http.StatusOK)
	}
	give("clerk@science", fmt.Sprintf(`{"command":"register_enterprise","id":"e","date":"2025-01-02","enterprise":%q,"name":"长宁测试有限公司","industry":"ai"}`, enterprise))
	give("clerk@finance", fmt.Sprintf(`{"command":"record_fact","id":"f","date":"2025-01-10","enterprise":%q,"fact":"tax-paid","period":"2024","value":"500.00"}`, enterprise))
	give("clerk@science", fmt.Sprintf(`{"command":"submit_application","id":"s","date":"2025-02-01","application":"A-1","enterprise":%q,"clause":"4","project":"P","title":"研发","requested":[{"support_year":2025,"amount":"1000000.00"}]}`, enterprise))
	give("clerk@science", `{"command":"accept_application","id":"a","date":"2025-02-02","application":"A-1"}`)
	give("reviewer@science", `{"command":"record_review","id":"r","date":"2025-02-03","application":"A-1","opinion":"support"}`)
	give("approver@science", `{"command":"approve_application","id":"p","date":"2025-02-04","application":"A-1","instalments":[{"support_year":2025,"amount":"1000000.00"}]}`)
	h.prove()
	asks := func(is, value, sensitive string) web.SimulationAsked {
		return web.SimulationAsked{Decide: "cut", Policy: policyFile(t, fund, "sources: [finance], sensitive: true", "sources: [finance]"+sensitive,
			"    source: 四(二)4\n", "    source: 四(二)4\n    conditions: [{fact: tax-paid, period: year-1, is: \""+is+"\", value: \""+value+"\"}]\n")}
	}
	for grant, reads := range map[string]bool{"analyst": false, "clerk@science": false, "reviewer@science": false, "approver@science": false, "clerk@commerce": false,
		"auditor": true, "treasurer@finance": true} {
		token, answers := h.token("reader."+strings.ReplaceAll(grant, "@", "."), grant), map[string]bool{}
		for _, is := range []string{">=", "<", "=="} {
			for _, value := range []string{"499.99", "500.00", "500.01"} {
				for _, sensitive := range []string{", sensitive: true", ""} {
					a := h.ask("POST", "/v1/simulations", token, simulation(t, asks(is, value, sensitive))).want(t, http.StatusOK)
					answers[string(a.body)] = true
				}
			}
		}
		if (len(answers) > 1) != reads {
			t.Errorf("%s is given %d different answers", grant, len(answers))
		}
	}
}
