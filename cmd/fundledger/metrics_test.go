package main

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/fundledger/fundledger/domain"
)

// metricsPage is where the page of metrics is left for "make promtool".
var metricsPage = flag.String("metrics-page", "", "the file that the test of the metrics writes their page to")

// linted has Prometheus judge the page of metrics, as promtool does.
func linted(t *testing.T, url string) {
	t.Helper()
	response, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	if err != nil {
		t.Error(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	if *metricsPage != "" {
		if err := os.WriteFile(*metricsPage, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// exposition is what a scraper reads from a service, each series by its name and labels.
type exposition struct {
	series map[string]float64
	help   map[string]string // by the metric's name
}

// scraped asks a service for its metrics, in the text that Prometheus asks for.
func scraped(t *testing.T, url string) exposition {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if kind := response.Header.Get("Content-Type"); err != nil || response.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "application/openmetrics-text") {
		t.Fatalf("%v, %d, %s", err, response.StatusCode, kind)
	}
	x := exposition{map[string]float64{}, map[string]string{}}
	if !strings.HasSuffix(string(text), "# EOF\n") {
		t.Error("the metrics do not end as OpenMetrics says")
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, help, _ := strings.Cut(rest, " ")
			x.help[name] = help
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndex(line, " ")
		value, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		x.series[line[:at]] = value
	}
	return x
}

// has reports whether a series of that name is exported.
func (x exposition) has(name string) bool {
	for series := range x.series {
		if plain, _, _ := strings.Cut(series, "{"); plain == name {
			return true
		}
	}
	return false
}

// ours are the names of metrics in a text; Prometheus makes "up" itself.
var ours = regexp.MustCompile(`\b(?:fundledger|go|process)_[a-z_]+\b`)

// What the rules and the dashboard ask for is what the real service exports, each with a text that says what it is; and it says what happened.
func TestTheServiceExportsWhatItsAlarmsAskFor(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "policy", "publish", "elsewhere-2025", "--data", dir)
	output(t, "user", "add", "ana", "--data", dir, "--grant", "clerk")
	token := strings.TrimSpace(string(output(t, "token", "create", "ana", "cli", "--data", dir)))
	output(t, "webhook", "add", "ana", "bus", "http://127.0.0.1:9/", "--from", "1", "--data", dir) // nobody is there
	serving(t, dir, func(url string) {
		give := func(body string) (seq string) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/commands", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+token)
			request.Header.Set("Content-Type", "application/json")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			return response.Header.Get("X-Last-Seq")
		}
		register := `{"command":"register_enterprise","id":"one","date":"2025-03-03","enterprise":"N-1","name":"网上","industry":"fishing"}`
		give(register)
		give(register)
		give(`{"command":"register_enterprise","id":"two","date":"2025-03-03","enterprise":"N-1","name":"再来","industry":"fishing"}`)
		x := scraped(t, url)
		untold := func() bool {
			return x.series[`fundledger_webhook_deliveries_total{outcome="unreachable",webhook="ana/bus"}`] == 0
		}
		for end := time.Now().Add(patience); (x.series["fundledger_projection_lag_events"] > 0 || untold()) && time.Now().Before(end); x = scraped(t, url) {
			time.Sleep(50 * time.Millisecond)
		}
		refusals := 0.0
		for series, n := range x.series {
			if strings.HasPrefix(series, "fundledger_refusals_total{") {
				refusals += n
			}
		}
		for series, want := range map[string]float64{
			`fundledger_commands_total{command="register_enterprise",outcome="accepted"}`: 1,
			`fundledger_commands_total{command="register_enterprise",outcome="repeated"}`: 1,
			`fundledger_commands_total{command="register_enterprise",outcome="refused"}`:  1,
			`fundledger_append_failures_total{reason="refused"}`:                          0,
			`fundledger_stream_up{stream="events"}`:                                       1,
			`fundledger_stream_up{stream="refusals"}`:                                     1,
			`fundledger_stream_messages{stream="events"}`:                                 2,
			`fundledger_stream_messages{stream="refusals"}`:                               1,
			`fundledger_stream_replicas{stream="events"}`:                                 1,
			`fundledger_stream_replicas_current{stream="events"}`:                         1,
			`fundledger_stream_leader{stream="events"}`:                                   1,
			`fundledger_log_position`:                                                     2,
			`fundledger_projection_lag_events`:                                            0,
			`fundledger_projection_lag_seconds`:                                           0,
			`fundledger_database_up`:                                                      1,
			`fundledger_ready`:                                                            1,
			`fundledger_log_contradicted`:                                                 0,
			`fundledger_webhook_behind_events{webhook="ana/bus"}`:                         2,
			`fundledger_webhook_undelivered{webhook="ana/bus"}`:                           0,
		} {
			if got, ok := x.series[series]; !ok || got != want {
				t.Errorf("%s is %v, want %v", series, got, want)
			}
		}
		if refusals != 1 || x.series[`fundledger_refusals_total{code="`+domain.CodeEnterpriseExists+`",rule="`+domain.RefusalCodes()[domain.CodeEnterpriseExists]+`"}`] != 1 {
			t.Errorf("%v refusals are counted", refusals)
		}
		for _, series := range []string{`fundledger_stream_bytes{stream="events"}`, `fundledger_database_bytes`, `fundledger_disk_free_bytes{folder="log"}`,
			`fundledger_disk_size_bytes{folder="postgres"}`, `fundledger_folder_bytes{folder="data"}`, `fundledger_folder_bytes{folder="postgres"}`} {
			if x.series[series] < 1 {
				t.Errorf("%s is %v", series, x.series[series])
			}
		}
		for name, help := range x.help {
			if strings.HasPrefix(name, "fundledger_") && (len(help) < 10 || !strings.HasSuffix(help, ".")) {
				t.Errorf("%s is explained by %q", name, help)
			}
		}
		linted(t, url)
		if len(x.series) > 1000 {
			t.Errorf("%d series are many for a service that did so little", len(x.series))
		}
		for _, file := range []string{"../../deploy/prometheus/fundledger.rules.yml", "../../deploy/grafana/fundledger.json", "../../docs/alarms.md", "../../docs/operate.md"} {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			names := ours.FindAllString(string(text), -1)
			slices.Sort(names)
			for _, name := range slices.Compact(names) {
				if !x.has(name) {
					t.Errorf("%s asks for %s, which the service does not export", file, name)
				}
			}
		}
	}, "--open-metrics")
}

// Every alarm has its entry in the runbook, and no entry is of none.
func TestEveryAlarmIsInTheRunbook(t *testing.T) {
	rules, err := os.ReadFile("../../deploy/prometheus/fundledger.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	book, err := os.ReadFile("../../docs/alarms.md")
	if err != nil {
		t.Fatal(err)
	}
	found := func(pattern string, text []byte) (names []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
			names = append(names, string(m[1]))
		}
		return names
	}
	alarms, entries := found(`(?m)^ *- alert: (\w+)$`, rules), found(`(?m)^## (Fundledger\w+)$`, book)
	if len(alarms) < 10 || !slices.Equal(alarms, entries) {
		t.Errorf("the alarms are\n%q,\nthe runbook has\n%q", alarms, entries)
	}
	for i, link := range found(`(?m)^ *runbook: docs/alarms\.md#(\w+)$`, rules) {
		if link != strings.ToLower(alarms[i]) {
			t.Errorf("the alarm %s names the entry %s", alarms[i], link)
		}
	}
	for part := range strings.SplitSeq(string(book), "\n## ") {
		if name, text, _ := strings.Cut(part, "\n"); slices.Contains(alarms, name) && (!strings.Contains(text, "**Means.** ") || !strings.Contains(text, "**Do.** ")) {
			t.Errorf("the entry of %s does not say what it means, or what to do", name)
		}
	}
}
