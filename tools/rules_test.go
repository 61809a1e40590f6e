// Package tools pins the programs that the Makefile runs, and holds the alarms of deploy/ against Prometheus' own engine. What
// promtool does, it does with these libraries; promtool itself brings 1,364 packages along, for every cloud that Prometheus can look
// for services in.
package tools

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
	"go.yaml.in/yaml/v3"
)

const prometheusDir = "../deploy/prometheus/"

// rulesTests is what of promtool's format the file of tests uses; any other field is an error.
type rulesTests struct {
	RuleFiles          []string       `yaml:"rule_files"`
	EvaluationInterval model.Duration `yaml:"evaluation_interval"`
	Tests              []struct {
		Interval    model.Duration `yaml:"interval"`
		InputSeries []struct {
			Series string `yaml:"series"`
			Values string `yaml:"values"`
		} `yaml:"input_series"`
		AlertRuleTest []struct {
			AlertName string         `yaml:"alertname"`
			EvalTime  model.Duration `yaml:"eval_time"`
			ExpAlerts []struct {
				Labels      map[string]string `yaml:"exp_labels"`
				Annotations map[string]string `yaml:"exp_annotations"`
			} `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
	} `yaml:"tests"`
}

func rulesOf(t *testing.T, p parser.Parser) map[string]rulefmt.Rule {
	t.Helper()
	groups, errs := rulefmt.ParseFile(prometheusDir+"fundledger.rules.yml", false, model.UTF8Validation, p, nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	rules := map[string]rulefmt.Rule{}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			rules[rule.Alert] = rule
		}
	}
	return rules
}

// Each alarm fires on what it is for, and is quiet on what looks like it.
func TestAlarmsFireOnWhatTheyAreFor(t *testing.T) {
	p := parser.NewParser(parser.Options{})
	rules := rulesOf(t, p)
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: 5 * time.Minute, Parser: p})
	t.Cleanup(func() { _ = engine.Close() })
	file, err := os.Open(prometheusDir + "fundledger.tests.yml")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	var tests rulesTests
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&tests); err != nil {
		t.Fatal(err)
	}
	fired, quiet := map[string]bool{}, map[string]bool{}
	for i, test := range tests.Tests {
		var stored memory
		for _, s := range test.InputSeries {
			name, values, err := p.ParseSeriesDesc(s.Series + " " + s.Values)
			if err != nil {
				t.Fatalf("test %d: %v", i, err)
			}
			stored = append(stored, seriesOf(name, values, time.Duration(test.Interval)))
		}
		for _, c := range test.AlertRuleTest {
			got := firing(t, engine, stored, rules[c.AlertName], time.Duration(tests.EvaluationInterval), time.Duration(c.EvalTime))
			var want []string
			for _, alert := range c.ExpAlerts {
				want = append(want, labels.FromMap(alert.Labels).String())
				if !maps.Equal(alert.Annotations, rules[c.AlertName].Annotations) {
					t.Errorf("test %d: %s says %v, want %v", i, c.AlertName, rules[c.AlertName].Annotations, alert.Annotations)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("test %d: %s fires %v at %v, want %v", i, c.AlertName, got, c.EvalTime, want)
			}
			fired[c.AlertName], quiet[c.AlertName] = fired[c.AlertName] || len(want) > 0, quiet[c.AlertName] || len(want) == 0
		}
	}
	for name := range rules {
		if !fired[name] || !quiet[name] {
			t.Errorf("no test has %s fire, or none has it stay quiet", name)
		}
	}
}

// firing evaluates a rule again and again until a moment, as Prometheus does: what it finds each time for as long as "for" says fires.
func firing(t *testing.T, engine *promql.Engine, stored memory, rule rulefmt.Rule, every, until time.Duration) (alerts []string) {
	t.Helper()
	since := map[string]time.Duration{}
	for at := time.Duration(0); at <= until; at += every {
		query, err := engine.NewInstantQuery(t.Context(), stored, nil, rule.Expr, time.UnixMilli(0).Add(at))
		if err != nil {
			t.Fatal(err)
		}
		vector, err := query.Exec(t.Context()).Vector()
		if err != nil {
			t.Fatal(err)
		}
		now := map[string]time.Duration{}
		for _, sample := range vector {
			b := labels.NewBuilder(sample.Metric).Del(labels.MetricName)
			for name, value := range rule.Labels {
				b.Set(name, value)
			}
			alert := b.Labels().String()
			began, before := since[alert]
			if !before {
				began = at
			}
			now[alert] = began
		}
		query.Close()
		since = now
	}
	for alert, began := range since {
		if until-began >= time.Duration(rule.For) {
			alerts = append(alerts, alert)
		}
	}
	slices.Sort(alerts)
	return alerts
}

// The dashboard's questions can be asked.
func TestTheDashboardsQuestionsAreQuestions(t *testing.T) {
	text, err := os.ReadFile("../deploy/grafana/fundledger.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			ID      int    `json:"id"`
			Title   string `json:"title"`
			Type    string `json:"type"`
			Targets []struct {
				Expr string `json:"expr"`
			} `json:"targets"`
		} `json:"panels"`
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	p, asked, ids := parser.NewParser(parser.Options{}), 0, map[int]bool{}
	for _, panel := range board.Panels {
		if ids[panel.ID] || panel.Title == "" || (panel.Type == "row") == (len(panel.Targets) > 0) {
			t.Errorf("panel %d (%s) has another's number, no title, or nothing to show", panel.ID, panel.Title)
		}
		ids[panel.ID] = true
		for _, target := range panel.Targets {
			asked++
			if _, err := p.ParseExpr(strings.ReplaceAll(target.Expr, "$__rate_interval", "5m")); err != nil {
				t.Errorf("panel %s: %v", panel.Title, err)
			}
		}
	}
	if asked < 20 {
		t.Errorf("only %d questions were found", asked)
	}
}

func seriesOf(name labels.Labels, values []parser.SequenceValue, every time.Duration) storage.Series {
	var samples []chunks.Sample
	for i, v := range values {
		if !v.Omitted {
			samples = append(samples, sample{int64(i) * every.Milliseconds(), v.Value})
		}
	}
	return storage.NewListSeries(name, samples)
}

// sample is a number at a moment.
type sample struct {
	at    int64
	value float64
}

func (s sample) T() int64                      { return s.at }
func (s sample) ST() int64                     { return 0 }
func (s sample) F() float64                    { return s.value }
func (s sample) H() *histogram.Histogram       { return nil }
func (s sample) FH() *histogram.FloatHistogram { return nil }
func (s sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample           { return s }

// memory is a store of a few series.
type memory []storage.Series

func (m memory) Querier(int64, int64) (storage.Querier, error) { return m, nil }
func (m memory) Close() error                                  { return nil }

func (m memory) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	var found found
	for _, s := range m {
		if !slices.ContainsFunc(matchers, func(l *labels.Matcher) bool { return !l.Matches(s.Labels().Get(l.Name)) }) {
			found.next = append(found.next, s)
		}
	}
	return &found
}

// LabelValues is for autocompletion, which nobody asks for here; so is LabelNames.
func (m memory) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (m memory) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// found is what was selected.
type found struct {
	next []storage.Series
	at   storage.Series
}

func (f *found) Next() bool {
	if len(f.next) == 0 {
		return false
	}
	f.at, f.next = f.next[0], f.next[1:]
	return true
}

func (f *found) At() storage.Series                { return f.at }
func (f *found) Err() error                        { return nil }
func (f *found) Warnings() annotations.Annotations { return nil }
