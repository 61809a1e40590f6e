package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/outward"
	"github.com/fundledger/fundledger/wire"
)

// schemas is the document's own words, and judges answers by them. It is written apart from what writes the document.
type schemas struct{ doc map[string]any }

func (s schemas) resolve(schema map[string]any) map[string]any {
	for {
		ref, ok := schema["$ref"].(string)
		if !ok {
			return schema
		}
		at := any(s.doc)
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			at = at.(map[string]any)[part]
		}
		schema = at.(map[string]any)
	}
}

// faults lists where a value is not what its schema says.
func (s schemas) faults(where string, schema map[string]any, v any) []string {
	schema = s.resolve(schema)
	var found []string
	if ways, ok := schema["anyOf"].([]any); ok {
		var last []string
		for _, one := range ways {
			if last = s.faults(where, one.(map[string]any), v); len(last) == 0 {
				return nil
			}
		}
		return last
	}
	if kinds := s.kinds(schema); len(kinds) > 0 && !slices.Contains(kinds, kindOf(v)) && !(kindOf(v) == "integer" && slices.Contains(kinds, "number")) {
		return []string{fmt.Sprintf("%s is %s, wants %v: %v", where, kindOf(v), kinds, v)}
	}
	if values, ok := schema["enum"].([]any); ok && !slices.Contains(values, v) {
		found = append(found, fmt.Sprintf("%s is %v, wants one of %v", where, v, values))
	}
	if text, ok := v.(string); ok {
		found = append(found, s.textFaults(where, schema, text)...)
	}
	if list, ok := v.([]any); ok {
		for i, one := range list {
			if items, ok := schema["items"].(map[string]any); ok {
				found = append(found, s.faults(fmt.Sprintf("%s[%d]", where, i), items, one)...)
			}
		}
	}
	members, ok := v.(map[string]any)
	if !ok {
		return found
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range list(schema["required"]) {
		if _, there := members[name]; !there {
			found = append(found, where+" has no "+name)
		}
	}
	for name, one := range members {
		if known, ok := properties[name].(map[string]any); ok {
			found = append(found, s.faults(where+"."+name, known, one)...)
		} else if schema["additionalProperties"] == false {
			found = append(found, where+" has "+name+", which is not described")
		}
	}
	return found
}

func (s schemas) textFaults(where string, schema map[string]any, text string) []string {
	if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(text) {
		return []string{where + " is not like " + pattern + ": " + text}
	}
	layouts := map[any]string{"date": time.DateOnly, "date-time": time.RFC3339Nano}
	if layout, ok := layouts[schema["format"]]; ok {
		if _, err := time.Parse(layout, text); err != nil {
			return []string{where + ": " + err.Error()}
		}
	}
	return nil
}

func (s schemas) kinds(schema map[string]any) []string {
	if one, ok := schema["type"].(string); ok {
		return []string{one}
	}
	return list(schema["type"])
}

func list(v any) []string {
	var texts []string
	values, _ := v.([]any)
	for _, one := range values {
		texts = append(texts, one.(string))
	}
	return texts
}

func kindOf(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case float64:
		if x == float64(int64(x)) {
			return "integer"
		}
		return "number"
	}
	return "object"
}

func decode(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
	return v
}

// answerSchema is the schema of an operation's answer.
func (s schemas) answer(t *testing.T, method, path string) map[string]any {
	t.Helper()
	at := any(s.doc)
	for _, part := range []string{"paths", path, method, "responses", "200", "content", "application/json", "schema"} {
		next, ok := at.(map[string]any)[part]
		if !ok {
			t.Fatalf("/openapi.json has no %s of %s %s", part, method, path)
		}
		at = next
	}
	return at.(map[string]any)
}

// media is what a path answers with: JSON, unless it has nothing of it.
func (s schemas) media(path string) string {
	get := s.doc["paths"].(map[string]any)[path].(map[string]any)["get"].(map[string]any)
	content := get["responses"].(map[string]any)["200"].(map[string]any)["content"].(map[string]any)
	if _, there := content["application/json"]; there || len(content) != 1 {
		return "application/json"
	}
	for media := range content {
		return media
	}
	return ""
}

func TestEveryAnswerIsWhatTheDocumentSays(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	token := h.token("an", "analyst", "auditor") // who may see everything
	back := `{"command":"book_recovery","id":"back","date":"2025-06-01","recovery":"R-contract","payout":"` +
		firstOf(t, h, token, "/v1/payouts", "payout") + `","amount":"1.00","cause":"error"}`
	treasurer := h.token("tr", "treasurer@finance")
	h.ask("POST", "/v1/commands", treasurer, back).want(t, http.StatusOK)
	for _, i := range rowsOf(t, h, token, "/v1/instalments?limit=5000") {
		if i["unpaid"] != "0.00" {
			plan := fmt.Sprintf(`{"command":"plan_payment","id":"plan","date":"2025-09-10","application":%q,"support_year":%.0f,"month":"2026-12","amount":"0.01"}`,
				i["application"], i["support_year"])
			h.ask("POST", "/v1/commands", treasurer, plan).want(t, http.StatusOK)
			break
		}
	}
	h.ask("POST", "/v1/commands", treasurer, `{"command":"close_budget_year","id":"close","date":"2025-09-10","year":2024,"document":"决算"}`).want(t, http.StatusOK)
	h.ask("POST", "/v1/commands", h.token("qu", "authority@government"),
		`{"command":"reopen_budget_year","id":"reopen","date":"2025-09-10","year":2024,"document":"重开","reason":"漏记"}`).want(t, http.StatusOK)
	h.ask("POST", "/v1/commands", treasurer, `{"command":"close_budget_year","id":"close-again","date":"2025-09-10","year":2024,"document":"决算"}`).want(t, http.StatusOK)
	admin, clerk, firms := h.token("ad", "admin"), h.token("cm", "clerk@commerce"), rowsOf(t, h, token, "/v1/applications?state=approved&clause=5")
	for _, c := range []struct{ token, command string }{
		{admin, `{"command":"amend_policy","id":"add","date":"2025-09-10","effective_on":"2025-09-10","document":"D",` +
			`"add_facts":[{"id":"staff","name":{"zh":"人数","en":"Staff"},"unit":"count","per":"year","sources":["finance"]}]}`},
		{h.token("fi", "clerk@finance"), fmt.Sprintf(`{"command":"record_fact","id":"know","date":"2025-09-10","enterprise":%q,"fact":"staff","period":"2024","value":"31"}`, firms[0]["enterprise"])},
		{h.token("ap", "approver@reform"), fmt.Sprintf(`{"command":"offer_support","id":"offer","date":"2025-09-10","offer":"O-1","enterprise":%q,"clause":"6","project":"绿色改造","title":"绿色低碳",`+
			`"instalments":[{"support_year":2025,"amount":"0.01"}],"expires_on":"2025-12-31"}`, firms[0]["enterprise"])},
		{clerk, fmt.Sprintf(`{"command":"link_enterprises","id":"link","date":"2025-09-10","link":"L-1","a":%q,"b":%q,"kind":"same_controller","document":"D"}`,
			firms[0]["enterprise"], firms[1]["enterprise"])},
		{clerk, `{"command":"register_enterprise","id":"ended","date":"2025-09-10","enterprise":"91310105MA1FW0003B","name":"长宁被并公司","industry":"ai"}`},
		{clerk, fmt.Sprintf(`{"command":"merge_enterprises","id":"merge","date":"2025-09-10","from":"91310105MA1FW0003B","into":%q,"document":"D"}`, firms[2]["enterprise"])},
		{clerk, fmt.Sprintf(`{"command":"register_project","id":"project","date":"2025-09-10","project":"GX-9","name":"智能工厂","enterprise":%q,"place":"虹桥"}`, firms[0]["enterprise"])},
	} {
		h.ask("POST", "/v1/commands", c.token, c.command).want(t, http.StatusOK)
	}
	scores := `"scores":[{"indicator":"staff","score":"90"},{"indicator":"content","score":"80"}]`
	for _, c := range []struct{ token, command string }{
		{admin, `{"command":"amend_policy","id":"measure","date":"2025-09-10","effective_on":"2025-09-10","document":"D","clause":"5","indicators":[` +
			`{"id":"staff","clause":"5","name":{"zh":"就业","en":"Staff"},"fact":"staff","better":"more","baseline":"previous_year","weight":60,"group":"output"},` +
			`{"id":"content","clause":"5","name":{"zh":"满意度","en":"Satisfaction"},"better":"more","baseline":"previous_year","weight":40,"group":"satisfaction"}]}`},
		{clerk, `{"command":"set_target","id":"target","date":"2025-09-10","clause":"5","indicator":"staff","year":2025,"value":"40"}`},
		{clerk, `{"command":"record_evaluation","id":"evaluate","date":"2025-09-10","evaluation":"V-1","clause":"5","year":2025,"kind":"self","conclusion":"较好",` + scores + `}`},
		{clerk, `{"command":"record_rectification","id":"rectify","date":"2025-09-10","rectification":"Z-1","evaluation":"V-1","state":"open","matter":"补充目标"}`},
	} {
		h.ask("POST", "/v1/commands", c.token, c.command).want(t, http.StatusOK)
	}
	h.decideUnequally(t, token)
	if _, err := h.users.AddWebhook("an", accounts.Webhook{Name: "bus", URL: "https://bus.example/in", From: 1}, outward.Names(), false); err != nil {
		t.Fatal(err)
	}
	content := firstOf(t, h, token, "/v1/attachments", "application") + firstOf(t, h, token, "/v1/attachments", "file_name") // as the sample makes them up
	h.ask("POST", "/v1/files?sha256="+firstOf(t, h, token, "/v1/attachments", "sha256"), h.token("cl", "clerk@commerce"), content).want(t, http.StatusOK)
	h.prove()
	s := schemas{decode(t, h.ask("GET", "/openapi.json", token, "").want(t, http.StatusOK).body)}
	application := firstOf(t, h, token, "/v1/applications?state=approved", "application")
	enterprise := firstOf(t, h, token, "/v1/enterprises", "enterprise")
	paths := s.doc["paths"].(map[string]any)
	if len(paths) < 17 {
		t.Errorf("only %d paths are described", len(paths))
	}
	for path, item := range paths {
		if _, get := item.(map[string]any)["get"]; !get || strings.HasPrefix(path, "/v1/jobs/") { // a job is its giver's: see TestABatchIsAnsweredLater
			continue
		}
		id := application
		if strings.HasPrefix(path, "/v1/persons") {
			id = firstOf(t, h, token, "/v1/applications/"+application+"/history", "actor") // others went on with what this person began
		}
		if strings.HasPrefix(path, "/v1/projects") {
			id = firstOf(t, h, token, "/v1/journal?subject_kind=project&kind=requested", "subject")
		}
		if strings.HasPrefix(path, "/v1/exceptions") {
			id = firstOf(t, h, token, "/v1/exceptions", "exception")
		}
		if strings.HasPrefix(path, "/v1/enterprises") {
			id = enterprise
		}
		asked := strings.NewReplacer("{id}", id, "{size}", h.checkpoint(), "{seq}", h.decision(token), "{path}", "0/000", "{year}", "2024", "{user}", "an", "{webhook}", "bus", "{sha256}", firstOf(t, h, token, "/v1/attachments", "sha256")).Replace(path)
		if path == "/v1/search" { // nothing is found where nothing is looked for
			asked += "?q=" + id
		}
		t.Run(path, func(t *testing.T) {
			a := h.ask("GET", asked, token, "").want(t, http.StatusOK)
			if media := s.media(path); media != "application/json" {
				if !strings.HasPrefix(a.header.Get("Content-Type"), media) {
					t.Errorf("it is %s, not %s", a.header.Get("Content-Type"), media)
				}
				return
			}
			v := decode(t, a.body)
			for _, fault := range s.faults(path, s.answer(t, "get", path), v) {
				t.Error(fault)
			}
			if rows, isList := v["rows"].([]any); isList && len(rows) == 0 {
				t.Error("there are no rows to judge")
			}
			noPosition := slices.ContainsFunc([]string{"/v1/me", "/v1/account-changes", "/v1/users", "/v1/webhooks"}, func(of string) bool { return strings.HasPrefix(path, of) })
			if a.header.Get("ETag") == "" && !noPosition { // these are of no position of the log
				t.Error("it has no ETag")
			}
		})
	}
	for _, path := range []string{"/v1/totals?year=x", "/v1/nothing", "/v1/applications/none"} {
		a := h.ask("GET", path, token, "")
		problem := s.doc["components"].(map[string]any)["schemas"].(map[string]any)["Problem"].(map[string]any)
		for _, fault := range s.faults(path, problem, any(decode(t, a.body))) {
			t.Error(fault)
		}
	}
}

func firstOf(t *testing.T, h *house, token, path, column string) string {
	t.Helper()
	v := decode(t, h.ask("GET", path, token, "").want(t, http.StatusOK).body)
	return v["rows"].([]any)[0].(map[string]any)[column].(string)
}

func TestTheDocumentDescribesEveryCommandAndRefersToWhatIsThere(t *testing.T) {
	h := open(t)
	text := h.ask("GET", "/openapi.json", h.token("an", "analyst"), "").want(t, http.StatusOK).body
	s := schemas{decode(t, text)}
	known := s.doc["components"].(map[string]any)["schemas"].(map[string]any)
	for _, found := range regexp.MustCompile(`"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		if _, there := known[found[1]]; !there {
			t.Errorf("it refers to %s, which is not there", found[1])
		}
	}
	mapping := known["Command"].(map[string]any)["discriminator"].(map[string]any)["mapping"].(map[string]any)
	for _, v := range domain.Verbs {
		if _, there := mapping[v.Name]; there == v.Local { // what is given on the command line only is not offered
			t.Errorf("the command %s is not described", v.Name)
		}
	}
	ids := map[string]bool{}
	for path, item := range s.doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			id, _ := op.(map[string]any)["operationId"].(string)
			if id == "" || ids[id] {
				t.Errorf("%s %s: operationId %q is empty or there twice", method, path, id)
			}
			ids[id] = true
			for _, p := range append([]any{}, anyList(op.(map[string]any)["parameters"])...) {
				if param := p.(map[string]any); param["in"] == "path" && !strings.Contains(path, "{"+param["name"].(string)+"}") {
					t.Errorf("%s has no %s", path, param["name"])
				}
			}
		}
	}
}

func anyList(v any) []any {
	l, _ := v.([]any)
	return l
}

func TestEveryCommandOfTheSampleIsWhatTheDocumentSays(t *testing.T) {
	h := open(t)
	s := schemas{decode(t, h.ask("GET", "/openapi.json", h.token("an", "analyst"), "").want(t, http.StatusOK).body)}
	known := s.doc["components"].(map[string]any)["schemas"].(map[string]any)
	mapping := known["Command"].(map[string]any)["discriminator"].(map[string]any)["mapping"].(map[string]any)
	commands := []domain.Command{&domain.PublishPolicy{Head: domain.Head{ID: "p"}, Policy: h.policy}}
	for step := range demo.Changning(h.policy, domain.DateIn(now, domain.Shanghai)) {
		commands = append(commands, step.Command)
	}
	for _, c := range commands {
		text := must(wire.EncodeCommand(c))(t)
		for _, fault := range s.faults(c.Name(), map[string]any{"$ref": mapping[c.Name()]}, any(decode(t, text))) {
			t.Fatalf("%s\n%s", fault, text)
		}
	}
}

// decideUnequally has the same three facts recorded of two enterprises whose applications under one clause wait to be decided, approves the one and rejects the
// other.
func (h *house) decideUnequally(t *testing.T, token string) {
	t.Helper()
	waiting := map[string][]map[string]any{}
	for _, row := range rowsOf(t, h, token, "/v1/queue?step=to_decide&limit=500") {
		clause := row["clause"].(string)
		if pair := waiting[clause]; row["via_clause"] == "" && (len(pair) == 0 || pair[0]["enterprise"] != row["enterprise"]) {
			waiting[clause] = append(pair, row)
		}
	}
	for clause, pair := range waiting {
		if len(pair) < 2 || clause != "7" { // the clause of one department, which is therefore responsible
			continue
		}
		for i, row := range pair[:2] {
			for _, fact := range []string{"revenue finance 1000.00", "rd-spending science 10.00", "employees human-resources 9"} {
				parts := strings.Fields(fact)
				h.ask("POST", "/v1/commands", h.token(fmt.Sprintf("k%d-%s", i, parts[1]), "clerk@"+parts[1]), fmt.Sprintf(
					`{"command":"record_fact","id":"know-%d-%s","date":"2025-09-10","enterprise":%q,"fact":%q,"period":"2024","value":%q}`, i, parts[0], row["enterprise"], parts[0], parts[2])).want(t, http.StatusOK)
			}
		}
		for i, row := range pair[:2] {
			h.ask("POST", "/v1/commands", h.token(fmt.Sprintf("re%d-market", i), "reviewer@market"), fmt.Sprintf(`{"command":"record_review","id":"unequal-review-%d","date":"2025-09-10","application":%q,"opinion":"support"}`,
				i, row["reference"])).want(t, http.StatusOK)
		}
		approver := h.token("ap-market", "approver@market")
		parts := rowsOf(t, h, token, "/v1/instalments?application="+pair[0]["reference"].(string))
		h.ask("POST", "/v1/commands", approver, fmt.Sprintf(`{"command":"approve_application","id":"unequal-1","date":"2025-09-10","application":%q,"instalments":[{"support_year":%v,"amount":"1.00"}]}`,
			pair[0]["reference"], parts[0]["support_year"])).want(t, http.StatusOK)
		h.ask("POST", "/v1/commands", approver, fmt.Sprintf(`{"command":"reject_application","id":"unequal-2","date":"2025-09-10","application":%q,"reason":"不符合条件"}`, pair[1]["reference"])).want(t, http.StatusOK)
		return
	}
	t.Fatalf("no two applications wait under one clause: %v", waiting)
}
