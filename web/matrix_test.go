package web_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/wire"
)

// Every way in, by everybody: nobody, and a person of each role. Who may is what the table of routes says, and nothing else.
func TestEveryRouteIsForItsRolesAlone(t *testing.T) {
	h := open(t, proving(t), func(c *web.Config) { c.OpenTiles = true })
	tokens := map[domain.Role]string{"": ""}
	for _, role := range domain.Roles {
		tokens[role] = h.token("person."+string(role), string(role)+"@finance")
	}
	placeholder := regexp.MustCompile(`\{[^}]*\}`)
	cells, withheld, keeps := 0, 0, map[domain.Role]bool{domain.Analyst: true}
	for _, rt := range web.Routes() {
		for role, token := range tokens {
			r := must(http.NewRequestWithContext(t.Context(), rt.Method, h.http.URL+placeholder.ReplaceAllString(rt.Path, "x"), nil))(t)
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			response, err := h.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			var begins []byte
			if response.StatusCode == http.StatusForbidden {
				begins, _ = io.ReadAll(response.Body)
			}
			_ = response.Body.Close()                                                      // a stream would go on
			if keeps[role] && strings.Contains(string(begins), "problem:facts_withheld") { // their role may, and a sensitive fact stands in what they would take
				withheld++
				continue
			}
			turned := response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden ||
				response.StatusCode == http.StatusSeeOther && strings.HasPrefix(response.Header.Get("Location"), "/login?")
			if rt.Path == "/login" && rt.Method == http.MethodPost {
				turned = false // it says that the password is wrong
			}
			if may := rt.Roles == nil || slices.Contains(rt.Roles, role); may == turned {
				t.Errorf("%s %s by %q: %d, and the table says %v", rt.Method, rt.Path, role, response.StatusCode, may)
			}
			if response.StatusCode >= 500 {
				t.Errorf("%s %s by %q: %d", rt.Method, rt.Path, role, response.StatusCode)
			}
			cells++
		}
	}
	if withheld == 0 {
		t.Error("the policy has a sensitive fact, and an analyst is given the log as a whole")
	}
	t.Logf("%d cells", cells)
}

// Every command by every role of every department in a batch, and of the treasury one by one: what the table of verbs says, and nothing else.
func TestEveryCommandIsForItsRolesAndDepartmentsAlone(t *testing.T) {
	h := open(t)
	samples := map[string]map[string]any{}
	for step := range demo.Changning(h.policy, domain.DateIn(now, domain.Shanghai)) {
		if name := step.Command.Name(); samples[name] == nil {
			samples[name] = fields(t, step.Command)
		}
	}
	for _, v := range domain.Verbs {
		if samples[v.Name] == nil {
			samples[v.Name] = fields(t, v.New())
		}
		if v.Name == "publish_policy" { // one that is no policy is turned away before anybody asks whose command it is
			samples[v.Name] = fields(t, &domain.PublishPolicy{Policy: h.policy})
		}
		delete(samples[v.Name], "actor")
		samples[v.Name]["date"] = "2025-09-01"
	}
	var departments []domain.DepartmentID
	for _, d := range h.policy.Departments {
		departments = append(departments, d.ID)
	}
	cells, judged := 0, map[string]int{}
	for _, role := range domain.Roles {
		for _, department := range append(departments, "") {
			grant := web.Grant{Role: role, Department: department}
			token := h.token(fmt.Sprintf("%s.%s", role, department), grant.String())
			var batch strings.Builder
			for _, v := range domain.Verbs {
				command := maps.Clone(samples[v.Name])
				if department == h.policy.Treasury {
					command["id"] = fmt.Sprintf("one-%s-%s", grant, v.Name)
					one := h.ask("POST", "/v1/commands", token, string(must(json.Marshal(command, json.Deterministic(true)))(t)))
					h.cell(v, grant, one.status, codeOf(one.body))
					cells++
				}
				command["id"] = fmt.Sprintf("batch-%s-%s", grant, v.Name)
				batch.WriteString(string(must(json.Marshal(command, json.Deterministic(true)))(t)) + "\n")
			}
			answers := h.ask("POST", "/v1/commands/batch", token, batch.String(), "Content-Type", "application/x-ndjson")
			if role == domain.Analyst { // no command is for them
				if answers.status != http.StatusForbidden {
					t.Errorf("a batch of an analyst: %d", answers.status)
				}
				continue
			}
			lines := strings.Split(strings.TrimSpace(string(answers.body)), "\n")
			if len(lines) < len(domain.Verbs) {
				t.Fatalf("%s: %d answers: %.500s", grant, len(lines), answers.body)
			}
			for i, v := range domain.Verbs {
				code := codeOf([]byte(lines[i]))
				h.cell(v, grant, 0, code)
				judged[code]++
				cells++
			}
		}
	}
	t.Logf("%d cells: %v", cells, judged)
	if judged["role_not_allowed"] == 0 || judged["department_not_allowed"] == 0 {
		t.Error("nothing was judged")
	}
}

// cell holds one answer against the table of verbs.
func (h *house) cell(v domain.Verb, by web.Grant, status int, code string) {
	h.t.Helper()
	mayRole := slices.Contains(v.Roles, by.Role)
	home := map[domain.Office]domain.DepartmentID{domain.TreasuryOffice: h.policy.Treasury, domain.AuthorityOffice: h.policy.Authority}[v.Office]
	mayDepartment := home == "" || by.Department == home
	turned := code == "role_not_allowed" || code == "route_not_allowed"
	switch {
	case status >= 500:
		h.t.Errorf("%s by %s: %d", v.Name, by, status)
	case v.Local:
		if code != "command_line_only" && !turned {
			h.t.Errorf("%s by %s: %q, and it is for the command line only", v.Name, by, code)
		}
	case !mayRole && !turned:
		h.t.Errorf("%s by %s: %q", v.Name, by, code)
	case mayRole && turned:
		h.t.Errorf("%s by %s is turned away: %q", v.Name, by, code)
	case mayRole && !mayDepartment && code != "department_not_allowed":
		h.t.Errorf("%s by %s, whose department it is not: %q", v.Name, by, code)
	case mayRole && mayDepartment && home != "" && code == "department_not_allowed":
		h.t.Errorf("%s by %s, whose department it is, is turned away", v.Name, by)
	}
}

func fields(t testing.TB, c domain.Command) (f map[string]any) {
	t.Helper()
	if err := json.Unmarshal(must(wire.EncodeCommand(c))(t), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func codeOf(body []byte) string {
	var said struct {
		Code    string `json:"code"`
		Refusal struct {
			Code string `json:"code"`
		} `json:"refusal"`
	}
	_ = json.Unmarshal(body, &said)
	return said.Code + said.Refusal.Code
}
