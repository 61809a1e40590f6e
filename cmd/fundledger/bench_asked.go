package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web/pages"
)

// asking measures a running service: every question of the API, which the service itself lists in /openapi.json, every list by each
// of its filters, and every page. What stands in an address for something of the fund is taken from the fund's own lists.
type asking struct {
	cmd    *benchCmd
	s      *Settings
	base   string
	token  string
	client *http.Client
	rows   map[string]map[string]string // an example row of each list, by column
	end    int64                        // the position of the last event
	last   map[string]timing
}

// timing is how one address answered.
type timing struct {
	Name   string  `json:"name"`
	Status int     `json:"status"`
	First  float64 `json:"first_ms"`
	Least  float64 `json:"least_ms"`
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
	Bytes  int     `json:"bytes"`            // of the body
	Fault  string  `json:"fault,omitempty"`  // there was no whole answer
	Sent   int     `json:"bytes_sent"`       // as it was sent, compressed where the service compresses
	Growth float64 `json:"growth,omitempty"` // of the least, against the run that it is compared with
}

// What bounds the measurement of one address.
const (
	askAddress = 8 * time.Second // after which no more is asked of one address
	askOnce    = 5 * time.Minute // what one answer may take
	askAgain   = 60              // times that a service is asked again, a second apart, that cannot answer
)

// ask measures the service at --server.
func (c *benchCmd) ask(ctx context.Context, s *Settings) error {
	if s.Token == "" {
		return usageError{errors.New(s.say("请用 --token 或 FUNDLEDGER_TOKEN 给出接口令牌（fundledger token create）", "give an API token with --token or FUNDLEDGER_TOKEN (fundledger token create)"))}
	}
	a := &asking{cmd: c, s: s, base: strings.TrimRight(s.Server, "/"), token: s.Token, rows: map[string]map[string]string{}, last: map[string]timing{},
		client: &http.Client{Timeout: askOnce, Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if c.Against != "" {
		text, err := os.ReadFile(c.Against)
		if err != nil {
			return fmt.Errorf("reading the run to compare with: %w", err)
		}
		var before askedReport
		if err := json.Unmarshal(text, &before); err != nil {
			return fmt.Errorf("reading the run to compare with: %w", err)
		}
		for _, one := range before.Asked {
			a.last[one.Name] = one
		}
	}
	addresses, err := a.addresses(ctx)
	if err != nil {
		return err
	}
	report := askedReport{Events: a.end}
	bar := s.progress(s.say("询问服务", "asking the service"))
	for i, address := range addresses {
		bar.at(int64(i), int64(len(addresses)))
		if !strings.Contains(address.name, c.Only) {
			continue
		}
		one, err := a.measure(ctx, address)
		if err != nil {
			bar.done()
			return err
		}
		report.Asked = append(report.Asked, one)
	}
	bar.done()
	return report.write(c, s)
}

// address is something to ask: its name stays the same in a fund of any size.
type address struct{ name, path string }

// addresses is everything that is asked.
func (a *asking) addresses(ctx context.Context) ([]address, error) {
	var now struct {
		Last int64 `json:"last"`
	}
	if err := a.read(ctx, "/v1/checkpoint", &now); err != nil {
		return nil, err
	}
	a.end = now.Last
	var list []address
	for _, l := range projections.Lists() {
		if err := a.example(ctx, l); err != nil {
			return nil, err
		}
	}
	if err := a.project(ctx); err != nil {
		return nil, err
	}
	for _, l := range projections.Lists() {
		list = append(list, a.ofList(l)...)
	}
	var spec struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := a.read(ctx, "/openapi.json", &spec); err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, l := range projections.Lists() {
		known[l.Address] = true
	}
	for path, methods := range spec.Paths {
		if _, asks := methods["get"]; asks && !known[path] {
			list = append(list, a.filled(path)...)
		}
	}
	for _, pattern := range pages.Addresses() {
		list = append(list, a.filled(strings.TrimSuffix(pattern, "{$}"))...)
	}
	list = append(list, a.particular()...)
	slices.SortFunc(list, func(x, y address) int { return strings.Compare(x.name, y.name) })
	return list, nil
}

// example keeps a row of a list, to fill addresses with: the last of a page, for the first ones are often odd.
func (a *asking) example(ctx context.Context, l *projections.List) error {
	path := l.Address
	if strings.Contains(path, "{id}") {
		return nil
	}
	var page struct {
		Rows []map[string]any `json:"rows"`
	}
	query := "?limit=50"
	if l.Name == projections.Search.Name {
		query += "&q=1"
	}
	if err := a.read(ctx, path+query, &page); err != nil {
		return err
	}
	row := map[string]string{}
	for _, r := range page.Rows {
		for name, value := range r {
			if text := fmt.Sprint(value); value != nil && text != "" {
				if f, ok := value.(float64); ok {
					text = strconv.FormatFloat(f, 'f', -1, 64)
				}
				row[name] = text
			}
		}
	}
	a.rows[l.Name] = row
	return nil
}

// project keeps a project's id beside an example of an application, which does not say it.
func (a *asking) project(ctx context.Context) error {
	var page struct {
		Rows []projections.JournalRow `json:"rows"`
	}
	if err := a.read(ctx, projections.Journal.Address+"?limit=1&"+projections.BySubjectKind.Name+"="+string(domain.SubjectProject), &page); err != nil {
		return err
	}
	for _, r := range page.Rows {
		a.rows[projections.Applications.Name]["project"] = r.Subject
	}
	return nil
}

// ofList asks a list plainly, by each of its filters, by the day of its rows, and as of the middle of the log.
func (a *asking) ofList(l *projections.List) []address {
	path := l.Address
	if strings.Contains(path, "{id}") {
		path = a.place(path)
		if path == "" {
			return nil
		}
	}
	list := []address{{l.Address, path}}
	add := func(name, query string) {
		list = append(list, address{l.Address + "?" + name, path + "?" + query})
	}
	row := a.rows[l.Name]
	for _, f := range l.Filters {
		if f == l.Of() {
			continue
		}
		if len(f.Choices) > 0 {
			for _, choice := range f.Choices {
				add(f.Name+"="+choice, f.Name+"="+url.QueryEscape(choice))
			}
			continue
		}
		value := row[f.CheckedColumn()]
		switch {
		case f.Name == projections.From.Name:
			value = strconv.FormatInt(a.end/2, 10)
		case f.Bound != projections.Equal:
			value = row[l.Day]
		case l.Name == projections.Search.Name:
			value = a.rows["payouts"]["payout"]
		case f.Name == projections.BySearch.Name:
			value = "上海"
		case value == "" && f.Kind == projections.Identifier:
			value = orText(row[strings.TrimPrefix(f.Name, "budget_")], a.rows["applications"][strings.TrimPrefix(f.Name, "budget_")], a.rows["journal"][f.Name])
		}
		switch { // what the list's rows do not say by that name
		case value != "":
		case f.Name == projections.InMonth.Name:
			value = "2025-06"
		case f.Name == projections.InQuarter.Name:
			value = "2025-Q2"
		case f.Name == projections.ByIndustry.Name, f.Name == projections.BySize.Name, f.Name == projections.ByStreet.Name:
			value = projections.Unknown
		case f.Name == projections.ByCaliper.Name:
			value = "20"
		case f.Name == projections.ByPolicy.Name:
			value = a.rows["policies"]["policy"]
		case f.Kind == projections.Year || f.Kind == projections.AnyYear:
			value = a.rows["totals"]["support_year"]
		case f.Kind == projections.Day:
			value = a.rows["payouts"]["paid_on"]
		}
		if value != "" {
			add(f.Name, f.Name+"="+url.QueryEscape(value))
		}
	}
	if l.Day != "" {
		add("sort=-"+l.Day, "sort=-"+l.Day)
	}
	if l.Past {
		middle := "as_of=seq:" + strconv.FormatInt(a.end/2, 10)
		add("as_of", middle)
		if f := l.Filter(projections.ByEnterprise.Name); f != nil && row["enterprise"] != "" && f != l.Of() {
			add("as_of&enterprise", middle+"&enterprise="+url.QueryEscape(row["enterprise"]))
		}
	}
	return list
}

func orText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// filled are the addresses of a pattern; none where nothing of the fund fits in.
func (a *asking) filled(pattern string) []address {
	if path := a.place(pattern); path != "" {
		return []address{{pattern, path}}
	}
	return nil
}

// placed says which list and which column an address's place is taken from, by what it begins with; without a list it is taken as it stands.
var placed = []struct{ begin, list, column string }{
	{"/applications/{id}", "applications", "application"}, {"/v1/applications/{id}", "applications", "application"},
	{"/enterprises/{id}", "enterprises", "enterprise"}, {"/v1/enterprises/{id}", "enterprises", "enterprise"},
	{"/payouts/{id}", "payouts", "payout"}, {"/clawbacks/{id}", "clawbacks", "clawback"}, {"/recoveries/{id}", "recoveries", "recovery"},
	{"/exceptions/{id}", "exceptions", "exception"}, {"/v1/exceptions/{id}", "exceptions", "exception"},
	{"/clauses/{id}", "applications", "clause"}, {"/evaluations/{id}", "applications", "clause"}, {"/projects/{id}", "applications", "project"}, {"/v1/projects/{id}", "applications", "project"}, {"/persons/{id}", "journal", "actor"}, {"/v1/persons/{id}", "journal", "actor"}, {"/policy/{n}", "", "1"}, {"/events/{seq}", "payouts", "seq"}, {"/receipts/{seq}", "payouts", "seq"},
	{"/v1/receipts/{seq}", "payouts", "seq"}, {"/v1/proofs/inclusion/{seq}", "payouts", "seq"}, {"/todo/{step}", "queue", "step"},
	{"/links/{id}", "links", "link"}, {"/evaluations/{id}", "applications", "clause"}, {"/closings/{year}", "totals", "support_year"}, {"/v1/closings/{year}", "totals", "support_year"},
}

// place is a pattern with something of the fund in its place; "" where there is nothing.
func (a *asking) place(pattern string) string {
	from := strings.Index(pattern, "{")
	if from < 0 {
		return pattern
	}
	for _, p := range placed {
		value := a.rows[p.list][p.column]
		if p.list == "" {
			value = p.column
		}
		if rest, ok := strings.CutPrefix(pattern, p.begin); ok && !strings.Contains(rest, "{") && value != "" {
			return p.begin[:from] + url.PathEscape(value) + rest
		}
	}
	return ""
}

// particular are addresses that a pattern alone does not make: those with a question in them.
func (a *asking) particular() []address {
	application, payout := a.rows["applications"], a.rows["payouts"]
	clause, enterprise := url.QueryEscape(application["clause"]), url.QueryEscape(application["enterprise"])
	year := a.rows["totals"]["support_year"]
	middle := "as_of=seq:" + strconv.FormatInt(a.end/2, 10)
	list := []address{
		{"/overview?as_of", "/overview?" + middle}, {"/overview?year", "/overview?year=" + year},
		{"/applications?enterprise", "/applications?enterprise=" + enterprise}, {"/payouts?clause", "/payouts?clause=" + clause},
		{"/journal?enterprise", "/journal?enterprise=" + enterprise}, {"/clauses/{id}?as_of", "/clauses/" + url.PathEscape(application["clause"]) + "?" + middle},
		{"/enterprises?q", "/enterprises?q=" + url.QueryEscape("企业")},
		{"/lists/totals", "/lists/totals"}, {"/lists/accounts", "/lists/accounts"}, {"/lists/queue", "/lists/queue"},
		{"/v1/totals?limit=5000", "/v1/totals?limit=5000"}, {"/v1/accounts?limit=5000", "/v1/accounts?limit=5000"},
		{"/v1/bundle?enterprise", "/v1/bundle?enterprise=" + enterprise},
		{"/v1/explain?clause&year", "/v1/explain?figure=use&clause=" + clause + "&year=" + year}, {"/v1/explain?enterprise", "/v1/explain?enterprise=" + enterprise},
		{"/explain?clause&year", "/explain?figure=use&clause=" + clause + "&year=" + year},
		{"/v1/sample?size", "/v1/sample?n=60"}, {"/audit/sample?n", "/audit/sample?n=60"},
	}
	for name, text := range map[string]string{"id": application["application"], "id's beginning": application["application"][:min(4, len(application["application"]))], "voucher": payout["voucher"],
		"amount": payout["amount"], "position": payout["seq"], "name": "上海第1", "initials": "shd1qy", "code": application["enterprise"], "person": a.rows["journal"]["actor"], "nothing": "zzz-nothing"} {
		if text != "" {
			list = append(list, address{"/search?q=" + name, "/search?q=" + url.QueryEscape(text)}, address{"/v1/search?q=" + name, "/v1/search?q=" + url.QueryEscape(text)})
		}
	}
	return list
}

// read asks for JSON. A service that cannot answer for a moment is asked again.
func (a *asking) read(ctx context.Context, path string, into any) error {
	status, body, _, err := a.get(ctx, path)
	for tries := 0; err == nil && status == http.StatusServiceUnavailable && tries < askAgain; tries++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		status, body, _, err = a.get(ctx, path)
	}
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%s answers %d: %.300s", path, status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

// get asks once, and reads the answer to its end; sent is how many bytes of a body came.
func (a *asking) get(ctx context.Context, path string) (status int, body []byte, sent int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return 0, nil, 0, err
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	r.Header.Set("Accept-Encoding", "gzip")
	if !strings.HasPrefix(path, "/v1/") {
		r.Header.Set("Accept", "text/html")
	}
	answer, err := a.client.Do(r)
	if err != nil {
		return 0, nil, 0, err
	}
	defer answer.Body.Close()
	if body, err = io.ReadAll(answer.Body); err != nil {
		return 0, nil, 0, err
	}
	if sent = len(body); answer.Header.Get("Content-Encoding") == "gzip" {
		plain, err := gzip.NewReader(strings.NewReader(string(body)))
		if err != nil {
			return 0, nil, 0, err
		}
		if body, err = io.ReadAll(plain); err != nil {
			return 0, nil, 0, err
		}
	}
	return answer.StatusCode, body, sent, nil
}

// measure asks one address again and again.
func (a *asking) measure(ctx context.Context, what address) (timing, error) {
	one := timing{Name: what.name}
	var took []time.Duration
	began := time.Now()
	for i := 0; i <= a.cmd.Rounds && (i < 2 || time.Since(began) < askAddress); i++ {
		at := time.Now()
		status, body, sent, err := a.get(ctx, what.path)
		if ctx.Err() != nil {
			return one, ctx.Err()
		}
		if err != nil { // the others are asked all the same
			one.Fault = err.Error()
			took = append(took, time.Since(at))
			break
		}
		one.Status, one.Bytes, one.Sent = status, len(body), sent
		if i == 0 {
			one.First = milliseconds(time.Since(at))
			continue
		}
		took = append(took, time.Since(at))
	}
	slices.Sort(took)
	one.Least, one.P50, one.P99 = milliseconds(took[0]), milliseconds(took[len(took)/2]), milliseconds(took[len(took)*99/100])
	if before, ok := a.last[what.name]; ok && before.Least > 0 {
		one.Growth = one.Least / before.Least
	}
	return one, nil
}

// askedReport is what was asked, the slowest first.
type askedReport struct {
	Events int64    `json:"events"`
	Asked  []timing `json:"asked"`
}

func (r askedReport) write(c *benchCmd, s *Settings) error {
	slices.SortStableFunc(r.Asked, func(x, y timing) int { return -compareFloat(x.P50, y.P50) })
	if c.Format == "json" {
		out := json.NewEncoder(s.stdout)
		out.SetIndent("", "  ")
		return out.Encode(r)
	}
	fmt.Fprintf(s.stdout, "%d events\n\n%-44s %6s %9s %9s %9s %9s %9s %9s %7s\n", r.Events, "", "status", "first ms", "least ms", "p50 ms", "p99 ms", "bytes", "sent", "growth")
	for _, one := range r.Asked {
		fmt.Fprintf(s.stdout, "%-44s %6d %9.2f %9.2f %9.2f %9.2f %9d %9d %7s\n", one.Name, one.Status, one.First, one.Least, one.P50, one.P99, one.Bytes, one.Sent, figure(one.Growth))
		if one.Fault != "" {
			fmt.Fprintf(s.stdout, "  %s\n", one.Fault)
		}
	}
	return nil
}

func compareFloat(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
