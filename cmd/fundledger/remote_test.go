package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What --server prints is what is printed beside the ledger, and a command that is given there is the token's user's.
func TestAServerAnswersAsTheLedgerItself(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 400))
	output(t, "user", "add", "ana", "--data", dir, "--grant", "analyst", "--grant", "clerk")
	token := strings.TrimSpace(string(output(t, "token", "create", "ana", "cli", "--data", dir)))
	application, enterprise := firstApplication(t, dir)
	serving(t, dir, func(url string) {
		for _, question := range [][]string{{"totals"}, {"totals", "--year", "2025"}, {"accounts"}, {"list", "enterprises"}, {"list", "applications"}, {"list", "payouts"},
			{"list", "journal", "--kind", "paid"}, {"list", "appropriations"}, {"totals", "--as-of", "seq:300"},
			{"history", application}, {"history", application, "--lang", "zh"}, {"history", application, "--as-of", "seq:300"}, {"history", "--enterprise", enterprise}} {
			for _, format := range []string{"csv", "json", "table"} {
				shape := append(question, "--format", format)
				here := output(t, append(shape, "--data", dir)...)
				there := output(t, append(shape, "--server", url, "--token", token)...)
				if !bytes.Equal(here, there) {
					t.Errorf("%v: here\n%.600s\nthere\n%.600s", shape, here, there)
				}
			}
		}
		for slip, want := range map[string]string{"totals --clause 99": `has no "99"; it has: A, `, "totals --enterprise NOBODY": `has no "NOBODY"`, "accounts --year 1900 --lang zh": "没有“1900”；有：2025",
			"list payouts --payout " + application: "filter payout", "list journal --event 99999": "it has: 1 – ", "history --enterprise NOBODY": "NOBODY"} {
			for _, at := range [][]string{{"--data", dir}, {"--server", url, "--token", token}} {
				c := program(t, append(strings.Fields(slip), at...)...)
				var told, printed bytes.Buffer
				c.Stdout, c.Stderr = &printed, &told
				if c.Run() == nil || c.ProcessState.ExitCode() != 1 || !strings.Contains(told.String(), want) || printed.Len() > 0 {
					t.Errorf("%s %s: %s%s", slip, at[0], &told, &printed)
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
