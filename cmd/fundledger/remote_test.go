package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/projections"
)

// What --server prints is what is printed beside the ledger, and a command that is given there is the token's user's.
func TestAServerAnswersAsTheLedgerItself(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 400))
	output(t, "grant", "--data", dir, "--exception", "X-1", "--clause", "B", "--subject", "P-1", "--support-year", "2025", "--amount", "1.00", "--document", "d", "--department", "council")
	output(t, "user", "add", "ana", "--data", dir, "--name", "安娜", "--grant", "analyst", "--grant", "clerk")
	token := strings.TrimSpace(string(output(t, "token", "create", "ana", "cli", "--data", dir)))
	application, enterprise := firstApplication(t, dir)
	serving(t, dir, func(url string) {
		if c := program(t, "register", "--server", url, "--token", token, "--enterprise", enterprise, "--name", "又名", "--industry", "fishing", "--id", "again-1"); c.Run() == nil {
			t.Error("an enterprise was registered twice")
		}
		questions := [][]string{{"totals"}, {"totals", "--year", "2025"}, {"accounts"}, {"list", "journal", "--kind", "paid"}, {"list", "journal", "--limit", "3"}, {"accounts", "--limit", "1"}, {"totals", "--as-of", "seq:300"}, {"refused"},
			{"refused", "--enterprise", enterprise, "--lang", "zh"}, {"list", "events", "--from", "7", "--event-type", "enterprise_registered", "--columns", "event_type,seq"},
			{"history", application}, {"history", application, "--lang", "zh"}, {"history", application, "--as-of", "seq:300"}, {"history", "--enterprise", enterprise}}
		questions = append(questions, everyList(t, url, token, dir)...)
		formats := []string{"csv", "json", "table"}
		for i, question := range questions {
			shapes := formats
			if i > 0 { // in turn: each list is asked both ways, and each shape is printed both ways
				shapes = formats[i%len(formats):][:1]
			}
			for _, format := range shapes {
				shape := append(slices.Clone(question), "--format", format)
				here := output(t, append(slices.Clone(shape), "--data", dir)...)
				there := output(t, append(slices.Clone(shape), "--server", url, "--token", token)...)
				if !bytes.Equal(here, there) {
					t.Errorf("%v: here\n%.600s\nthere\n%.600s", shape, here, there)
				}
				if some := slices.Contains([]string{"events", "refusals", "clauses", "search", "application_history", "refused"}, question[len(question)-1]); some && bytes.Count(here, []byte("\n")) < 2 {
					t.Errorf("%v prints nothing", shape)
				}
			}
		}
		for slip, want := range map[string]string{"totals --clause 99": `has no "99"; it has: A, `, "totals --enterprise NOBODY": `has no "NOBODY"`, "accounts --year 1900 --lang zh": "没有“1900”；有：2025",
			"list payouts --payout " + application: "filter payout", "list journal --event 99999": "it has: 1 – ", "history --enterprise NOBODY": "NOBODY",
			"list refusals --enterprise NOBODY": `has no "NOBODY"`, "refused --code nothing": `has no "nothing"`, "list clauses --clause 99": `has no "99"; it has: A, `} {
			for _, at := range [][]string{{"--data", dir}, {"--server", url, "--token", token}} {
				c := program(t, append(strings.Fields(slip), at...)...)
				var told, printed bytes.Buffer
				c.Stdout, c.Stderr = &printed, &told
				if c.Run() == nil || c.ProcessState.ExitCode() != 1 || !strings.Contains(told.String(), want) || printed.Len() > 0 {
					t.Errorf("%s %s: %s%s", slip, at[0], &told, &printed)
				}
			}
		}
		for wrong, want := range map[string]string{"list application_history": "with --application say which", "list person_history --lang zh": "请用 --actor 写明", "list events --as-of seq:3 --lang zh": "此清单只有现状",
			"list clauses --on 2025-03-01": "kept as it is now", "list refusals --state open": "it has: from, enterprise, application, code"} {
			for _, at := range [][]string{{"--data", dir}, {"--server", url, "--token", token}} {
				c := program(t, append(strings.Fields(wrong), at...)...)
				var told, printed bytes.Buffer
				c.Stdout, c.Stderr = &printed, &told
				if c.Run() == nil || c.ProcessState.ExitCode() != 2 || !strings.Contains(told.String(), want) || printed.Len() > 0 {
					t.Errorf("%s %s: %s%s", wrong, at[0], &told, &printed)
				}
			}
		}
		for _, real := range [][]string{{"totals", "--year", "2025", "--enterprise", enterprise, "--as-of", "seq:1"}, {"history", application, "--as-of", "seq:1"}} {
			for _, at := range [][]string{{"--data", dir}, {"--server", url, "--token", token}} {
				if empty := output(t, slices.Concat(real, at, []string{"--format", "json"})...); string(empty) != "[]\n" {
					t.Errorf("%v %s: %s", real, at[0], empty)
				}
			}
		}
		fitsTheTerminal(t, dir, application)
		register := []string{"register", "--server", url, "--token", token, "--enterprise", "R-1", "--name", "远程", "--industry", "fishing", "--id", "remote-1", "--date", "2025-03-01"}
		if first, second := output(t, register...), output(t, register...); !strings.Contains(string(second), `"repeated":true`) {
			t.Errorf("%s then %s", first, second)
		}
		if list := string(output(t, "list", "enterprises", "--search", "远程", "--data", dir)); !strings.Contains(list, "R-1") {
			t.Errorf("what was given is not there: %s", list)
		}
		if c := program(t, "history", "no-such", "--server", url, "--token", token); c.Run() == nil || c.ProcessState.ExitCode() != 1 {
			t.Error("a history of nothing was printed")
		}
		for wanted, args := range map[int][]string{1: {"totals", "--server", url, "--token", "flt_wrong"}, 2: {"totals", "--server", url}} {
			c := program(t, args...)
			c.Env = append(c.Env, "FUNDLEDGER_TOKEN=")
			if err := c.Run(); err == nil || c.ProcessState.ExitCode() != wanted {
				t.Errorf("%v ends with %v, want status %d", args, err, wanted)
			}
		}
		if c := program(t, "verify", "--server", url, "--token", token); c.Run() == nil || c.ProcessState.ExitCode() != 2 {
			t.Error("what --server cannot do was done elsewhere")
		}
	})
}

// everyList are the lists that the API describes, as the command line asks for them: it has each of them.
func everyList(t *testing.T, url, token, dir string) (questions [][]string) {
	t.Helper()
	var spec struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
				}
			}
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/openapi.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&spec); err != nil {
		t.Fatal(err)
	}
	application, enterprise := firstApplication(t, dir)
	var persons []struct{ Actor string }
	unmarshal(t, output(t, "list", "persons", "--data", dir, "--format", "json"), &persons)
	type account struct {
		Kind    string `json:"subject_kind"`
		Subject string
	}
	var accounts []account
	unmarshal(t, output(t, "accounts", "--data", dir, "--format", "json"), &accounts)
	accounts = slices.DeleteFunc(accounts, func(a account) bool { return a.Kind != "project" })
	if len(persons) == 0 || len(accounts) == 0 {
		t.Fatalf("%d persons, %d accounts of projects", len(persons), len(accounts))
	}
	var exceptions []struct{ Exception string }
	unmarshal(t, output(t, "list", "exceptions", "--data", dir, "--format", "json"), &exceptions)
	if len(exceptions) == 0 {
		t.Fatal("there is no exception")
	}
	narrowed := map[string][]string{"search": {"--search", "安娜"}}
	one := map[string]string{"application": application, "enterprise": enterprise, "project": accounts[0].Subject, "actor": persons[0].Actor, "exception": exceptions[0].Exception}
	known := projections.Lists()
	for _, path := range slices.Sorted(maps.Keys(spec.Paths)) {
		if !strings.HasSuffix(spec.Paths[path]["get"].Responses["200"].Content["application/json"].Schema.Ref, "Page") {
			continue
		}
		at := slices.IndexFunc(known, func(l *projections.List) bool { return l.Address == path })
		if at < 0 || !slices.Contains(offered(t, "list", ""), known[at].Name) {
			t.Errorf("the API has a list at %s that the command line has not", path)
			continue
		}
		ask := narrowed[known[at].Name]
		if of := known[at].Of(); of != nil {
			ask = []string{"--" + of.Name, one[of.Name]}
		}
		questions = append(questions, slices.Concat([]string{"list"}, ask, []string{known[at].Name}))
	}
	if len(questions) < 20 {
		t.Errorf("the API describes %d lists", len(questions))
	}
	return questions
}

// firstApplication is an application of a ledger, and its enterprise.
func firstApplication(t *testing.T, dir string) (application, enterprise string) {
	t.Helper()
	var rows []struct{ Application, Enterprise string }
	if err := json.Unmarshal(output(t, "list", "applications", "--data", dir, "--format", "json"), &rows); err != nil || len(rows) == 0 {
		t.Fatalf("%v, %d applications", err, len(rows))
	}
	return rows[0].Application, rows[0].Enterprise
}

// A file that is imported through a server comes to what it comes to beside the ledger: same sums, same rejects, nothing twice.
func TestAServerImportsAsTheLedgerItself(t *testing.T) {
	t.Parallel()
	here, there := filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "there")
	file := commandFile(t, 1200)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	refused := bytes.Replace(lines[0], []byte(`"id":"`), []byte(`"id":"again-`), 1) // what is registered already
	text = slices.Concat([]byte("{\"command\":\"fly\",\"id\":\"x1\"}\n"), bytes.Join(lines[:700], nil), []byte("not a command\n\"nor this\"\n"), refused, bytes.Join(lines[700:], nil), []byte("[]\n"))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{here, there} {
		output(t, "policy", "publish", "elsewhere-2025", "--data", dir)
	}
	output(t, "user", "add", "root", "--data", there, "--grant", "admin")
	admin := strings.TrimSpace(string(output(t, "token", "create", "root", "cli", "--data", there)))
	output(t, "user", "add", "ana", "--data", there, "--grant", "clerk")
	clerk := strings.TrimSpace(string(output(t, "token", "create", "ana", "cli", "--data", there)))
	run := func(file string, more ...string) (sums, rejects string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "rejects.jsonl")
		c := program(t, append([]string{"import", file, "--policy", "elsewhere-2025", "--format", "json", "--rejects", path, "--actor", "root"}, more...)...)
		var told bytes.Buffer
		c.Stderr = &told
		defer func() {
			if t.Failed() {
				t.Logf("%s", &told)
			}
		}()
		out, err := c.Output()
		if exit := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 2) {
			t.Fatalf("%v ends with %v", more, err)
		}
		kept, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(out), string(kept)
	}
	serving(t, there, func(url string) {
		server := []string{"--server", url, "--token", admin}
		for _, more := range [][]string{{"--dry-run"}, {}, {}} { // tried, booked, repeated
			wantSums, wantRejects := run(file, append(more, "--data", here)...)
			if len(more) > 0 {
				server := slices.Concat(server, more)
				if c := program(t, append([]string{"import", file, "--policy", "elsewhere-2025"}, server...)...); c.Run() == nil || c.ProcessState.ExitCode() != 2 {
					t.Error("a dry run published a policy")
				}
				c := program(t, append([]string{"import", file, "--format", "json"}, server...)...)
				out, _ := c.Output() // it ends with 2, for the lines that cannot be read
				if string(out) != wantSums {
					t.Errorf("dry run: %s, beside the ledger %s", out, wantSums)
				}
				if list := string(output(t, "list", "enterprises", "--data", there, "--format", "json")); strings.TrimSpace(list) != "[]" {
					t.Errorf("a dry run booked: %.300s", list)
				}
				continue
			}
			sums, rejects := run(file, server...)
			if sums != wantSums || rejects != wantRejects || strings.Count(rejects, "\n") != 5 {
				t.Errorf("%s%s beside the ledger %s%s", sums, rejects, wantSums, wantRejects)
			}
		}
		c := program(t, "import", file, "--server", url, "--token", clerk)
		var told bytes.Buffer
		c.Stderr = &told
		if c.Run() == nil || !strings.Contains(told.String(), "import_not_allowed") {
			t.Errorf("a clerk imported: %s", &told)
		}
	})
	if a, b := output(t, "totals", "--data", here, "--format", "csv"), output(t, "totals", "--data", there, "--format", "csv"); !bytes.Equal(a, b) {
		t.Errorf("totals\n%.600s\nthrough a server\n%.600s", a, b)
	}
}

// A connection that breaks off in the middle says what to do, and how far the file was read.
func TestAnImportThatIsCutOffSaysWhatToDo(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		_ = control.EnableFullDuplex()
		_, _ = io.CopyN(io.Discard, r.Body, 500)
		_, _ = io.WriteString(w, `{"line":1,"status":200,"id":"e-000000001","first_seq":2,"last_seq":2}`+"\n")
		_ = control.Flush()
		if conn, _, err := control.Hijack(); err == nil {
			_ = conn.Close()
		}
	}))
	defer service.Close()
	c := program(t, "import", commandFile(t, 2000), "--server", service.URL, "--token", "flt_x_y", "--format", "json")
	var told bytes.Buffer
	c.Stderr = &told
	out, err := c.Output()
	var sums struct{ Lines, Accepted int }
	if err == nil || c.ProcessState.ExitCode() != 1 || json.Unmarshal(out, &sums) != nil || sums.Accepted > 1 || sums.Lines == 0 || !strings.Contains(told.String(), "nothing is booked twice") {
		t.Errorf("%v: %s %s", err, out, &told)
	}
}
