package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// night is a fund in the night in which its policy ends, on the program as it is shipped.
type night struct {
	t      *testing.T
	dir    string
	tokens map[string]string
	url    string
	given  int

	year, lastDay, firstDay string // the policy's last year and day, and the first day of the one that follows
}

// serve starts the program, and does something while it serves.
func (n *night) serve(work func()) {
	n.t.Helper()
	serving(n.t, n.dir, func(url string) {
		n.url = url
		work()
	}, "--open-metrics")
}

func (n *night) ask(method, path, who, body string) (int, string) {
	n.t.Helper()
	request := must(http.NewRequestWithContext(n.t.Context(), method, n.url+path, strings.NewReader(body)))(n.t)
	request.Header.Set("Authorization", "Bearer "+n.tokens[who])
	request.Header.Set("Content-Type", "application/json")
	answer := must(http.DefaultClient.Do(request))(n.t)
	defer answer.Body.Close()
	return answer.StatusCode, string(must(io.ReadAll(answer.Body))(n.t))
}

// give gives a command, and wants it booked, or refused by a code with figures.
func (n *night) give(who, day, command, code string, figures ...string) {
	n.t.Helper()
	n.given++
	status, answer := n.ask("POST", "/v1/commands", who, strings.Replace(command, "{", fmt.Sprintf(`{"id":"n%d","date":%q,`, n.given, day), 1))
	if code == "" {
		if status != http.StatusOK {
			n.t.Errorf("%s, dated %s by %s: %d %s", command, day, who, status, answer)
		}
		return
	}
	var problem struct {
		Code    string            `json:"code"`
		Figures map[string]string `json:"figures"`
	}
	if err := json.Unmarshal([]byte(answer), &problem); err != nil || problem.Code != code {
		n.t.Errorf("%s, dated %s by %s, is not refused by %s: %d %s", command, day, who, code, status, answer)
	}
	for i := 0; i < len(figures); i += 2 {
		if problem.Figures[figures[i]] != figures[i+1] {
			n.t.Errorf("%s: %s is %q, not %q", code, figures[i], problem.Figures[figures[i]], figures[i+1])
		}
	}
}

// says asks for a page until it has everything that was given, and wants texts on it.
func (n *night) says(who, path string, texts ...string) {
	n.t.Helper()
	until(n.t, path, func() error {
		status, page := n.ask("GET", path, who, "")
		for _, text := range texts {
			if status != http.StatusOK || !strings.Contains(page, text) {
				return fmt.Errorf("(%d) it does not say %q:\n%s", status, text, page)
			}
		}
		return nil
	})
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// submission is a command that applies for support of a year under a clause.
func submission(id, clause, year string) string {
	return fmt.Sprintf(`{"command":"submit_application","application":%q,"enterprise":"91310105MA1FL12346","clause":%q,"project":"P-%[1]s","title":"研发","requested":[{"support_year":%[3]s,"amount":"100.00"}]}`, id, clause, year)
}

func stepOn(command, id, more string) string {
	return fmt.Sprintf(`{"command":%q,"application":%q%s}`, command, id, more)
}

const (
	supports  = `,"opinion":"support","comment":"同意"`
	toTheNext = `,"clause":"27-4","document":"沪长府规〔2027〕1号"`
)

func ofYear(year string) string {
	return fmt.Sprintf(`,"instalments":[{"support_year":%s,"amount":"100.00"}],"reason":"符合"`, year)
}

// evening is what was done on the last day: A1 is approved, A2 only reviewed.
func (n *night) evening() {
	n.give("clerk", n.lastDay, `{"command":"register_enterprise","enterprise":"91310105MA1FL12346","name":"夜间科技有限公司","industry":"ai"}`, "")
	for _, id := range []string{"A1", "A2"} {
		n.give("clerk", n.lastDay, submission(id, "4", n.year), "")
		n.give("clerk", n.lastDay, stepOn("accept_application", id, ""), "")
		n.give("reader", n.lastDay, stepOn("record_review", id, supports), "")
	}
	n.give("decider", n.lastDay, stepOn("approve_application", "A1", ofYear(n.year)), "")
}

// before is what may be recorded while the day is the last one, and what the pages say.
func (n *night) before() {
	n.give("decider", n.firstDay, stepOn("approve_application", "A2", ofYear(n.year)), domain.CodeDateInFuture)
	n.give("clerk", n.lastDay, submission("A3", "27-4", n.firstDay[:4]), domain.CodePolicyNotInForce)
	n.give("clerk", n.lastDay, stepOn("transfer_application", "A2", toTheNext), domain.CodePolicyNotInForce)
	n.says("clerk", "/policy?lang=en", "in force", "not yet in force")
	n.says("decider", "/?lang=en", "What expires")
	n.says("decider", "/expiring?lang=en&pending=undecided", n.lastDay, "A2")
}

// after is what may be recorded, and by whom, once the day is the next one.
func (n *night) after() {
	n.give("decider", n.firstDay, stepOn("approve_application", "A2", ofYear(n.year)), domain.CodePolicyExpired, "latest", n.lastDay, "continued_by", "27-4")
	n.give("clerk", n.firstDay, submission("A3", "4", n.year), domain.CodePolicyExpired, "latest", n.lastDay, "continued_by", "27-4")
	n.give("clerk", n.firstDay, `{"command":"register_enterprise","enterprise":"91310105MA1GT4567A","name":"清晨科技有限公司","industry":"ai"}`, "")
	n.give("clerk", n.firstDay, submission("A3", "27-4", n.firstDay[:4]), "")
	n.give("payer", n.firstDay, `{"command":"make_payout","payout":"P1","application":"A1","support_year":`+n.year+`,"amount":"100.00","voucher":"V1"}`, "")
	n.says("decider", "/policy?lang=en", "ended", "in force")
	n.says("decider", "/applications/A2?lang=en", "27-4")
	n.give("other", n.firstDay, stepOn("transfer_application", "A2", toTheNext), domain.CodeDepartmentNotAllowed)
	n.give("clerk", n.firstDay, stepOn("transfer_application", "A2", toTheNext), "")
	n.give("decider", n.firstDay, stepOn("approve_application", "A2", ofYear(n.year)), domain.CodeReviewsRequired)
	n.says("decider", "/expiring?lang=en&policy=changning-2027", "A2", "A3")
}

// policiesOfTheYear writes the sample's two policies so that the first ends with a year, and the second goes on from there.
func policiesOfTheYear(t *testing.T, dir string, year int) (files []string) {
	t.Helper()
	for policy, term := range map[string][2]string{
		"changning-2024": {"term: {from: 2024-11-15, to: 2026-12-31}", fmt.Sprintf("term: {from: 2024-11-15, to: %d-12-31}", year)},
		"changning-2027": {"term: {from: 2027-01-01, to: 2029-12-31}", fmt.Sprintf("term: {from: %d-01-01, to: %d-12-31}", year+1, year+3)},
	} {
		text := string(must(os.ReadFile(filepath.Join("../../policies", policy+".yaml")))(t))
		if !strings.Contains(text, term[0]) {
			t.Fatalf("%s has no %q", policy, term[0])
		}
		file := filepath.Join(dir, policy+".yaml")
		if err := os.WriteFile(file, []byte(strings.Replace(text, term[0], term[1], 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	slices.Sort(files)
	return files
}

// Hour by hour over the night in which a policy ends: what may be recorded, by whom, what the pages say, and what is told once. A ledger's clock is set
// once, so that each hour has a ledger of its own; one of them is served through midnight, which is 16:00 in UTC, and started again. No clock can be
// behind the machine's: the policies are the sample's with their terms moved to the end of the present year.
func TestTheNightInWhichAPolicyEnds(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	last := time.Now().In(domain.Shanghai).AddDate(0, 0, 1).Year() // in the evening of a last day, the next one
	midnight := time.Date(last+1, 1, 1, 0, 0, 0, 0, domain.Shanghai)
	policies := policiesOfTheYear(t, root, last)
	var mu sync.Mutex
	told := map[string][]string{}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var event struct {
			Type string                   `json:"type"`
			Data projections.ExpiryNotice `json:"data"`
		}
		if body, err := io.ReadAll(r.Body); err != nil || json.Unmarshal(body, &event) != nil {
			t.Errorf("it was told %s: %v", body, err)
		}
		mu.Lock()
		defer mu.Unlock()
		told[r.URL.Path] = append(told[r.URL.Path], fmt.Sprintf("%s %s %d", event.Data.Notice, event.Data.Policy, event.Data.Undecided))
	}))
	defer receiver.Close()
	hears := func(n *night, want ...string) {
		n.t.Helper()
		heard := func() string {
			mu.Lock()
			defer mu.Unlock()
			return strings.Join(told["/"+filepath.Base(n.dir)], ", ")
		}
		until(n.t, "the policy's end to be told", func() error {
			if got := heard(); len(got) < len(strings.Join(want, ", ")) {
				return fmt.Errorf("told is %q", got)
			}
			return nil
		})
		if got := heard(); got != strings.Join(want, ", ") {
			n.t.Errorf("told is %q, not %q", got, want)
		}
	}
	const waits, ended = "policy_expiring changning-2024 1", "policy_ended changning-2024 1"
	at := func(t *testing.T, moment time.Time) *night {
		n := &night{t: t, dir: filepath.Join(root, moment.Format("02T150405")), tokens: map[string]string{},
			year: strconv.Itoa(last), lastDay: fmt.Sprintf("%d-12-31", last), firstDay: fmt.Sprintf("%d-01-01", last+1)}
		for name, text := range map[string]string{fundFile: "changning-2024", clockFile: time.Until(moment).Round(time.Second).String()} {
			if err := errors.Join(os.MkdirAll(n.dir, 0o755), os.WriteFile(filepath.Join(n.dir, name), []byte(text+"\n"), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		for _, policy := range policies {
			output(t, "policy", "publish", policy, "--data", n.dir)
		}
		for who, grant := range map[string]string{"clerk": "clerk@science", "other": "clerk@talent", "reader": "reviewer@science", "decider": "approver@science", "payer": "treasurer@finance"} {
			output(t, "user", "add", who, "--data", n.dir, "--grant", grant)
			n.tokens[who] = strings.TrimSpace(string(output(t, "token", "create", who, "cli", "--data", n.dir)))
		}
		output(t, "webhook", "add", "clerk", "night", receiver.URL+"/"+filepath.Base(n.dir), "--events", "notice.policy_*", "--data", n.dir)
		return n
	}
	var evening time.Duration // the longest that setting a ledger up and its evening took
	for _, hours := range []time.Duration{-3, -2, -1, 0, 1, 8} {
		moment := midnight.Add(hours * time.Hour)
		t.Run(moment.Format("15:04"), func(t *testing.T) {
			began := time.Now()
			n := at(t, moment)
			n.serve(func() {
				n.evening()
				if hours < 0 {
					n.before()
					return
				}
				n.after()
			})
			evening = max(evening, time.Since(began))
			if hours < 0 {
				n.serve(func() { hears(n, waits) })
			}
		})
	}
	t.Run("through midnight", func(t *testing.T) {
		left := func(n *night) float64 {
			return scraped(t, n.url).series[`fundledger_policy_seconds_left{policy="changning-2024"}`]
		}
		var n *night
		for inTime := false; !inTime; evening *= 2 { // a machine may be slower than it was a moment ago
			n = at(t, midnight.Add(-2*evening-10*time.Second))
			n.serve(func() {
				n.evening()
				if inTime = left(n) > evening.Seconds()/2; inTime {
					n.before()
				}
			})
		}
		n.serve(func() {
			hears(n, waits)
			until(t, "midnight", func() error {
				if seconds := left(n); seconds > 0 {
					return fmt.Errorf("%v seconds are left", seconds)
				}
				return nil
			})
			x := scraped(t, n.url)
			if x.series[`fundledger_policy_undecided_applications{policy="changning-2024"}`] != 1 || x.series["fundledger_governed_seconds_left"] < 3*365*86400 {
				t.Errorf("one is undecided, and the fund is governed for three years more: %v", x.series)
			}
		})
		n.serve(func() {
			hears(n, waits, ended)
			n.after()
		})
		n.serve(func() { hears(n, waits, ended) })
	})
}
