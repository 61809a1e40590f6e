package main

import (
	"bytes"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/tabular"
)

// fitsTheTerminal looks at tables of a ledger that a service runs on, on terminals of several widths.
func fitsTheTerminal(t *testing.T, dir, application string) {
	t.Helper()
	for _, question := range [][]string{{"totals"}, {"list", "journal", "--kind", "paid"}, {"history", application}} {
		for _, on := range []struct {
			width int
			lang  string
			out   string // what is said of columns that are left out
		}{{60, "zh", "\n另有 "}, {100, "en", " not shown: "}} {
			out := string(output(t, append(question, "--data", dir, "--lang", on.lang, "--width", strconv.Itoa(on.width))...))
			table, below, whole := strings.Cut(out, on.out)
			if !whole || !strings.Contains(below, "--wide") || !strings.Contains(below, "--columns") {
				t.Errorf("%v in %d cells says nothing of what it leaves out:\n%.900s", question, on.width, out)
			}
			for line := range strings.Lines(table) {
				if got := tabular.Width(strings.TrimSuffix(line, "\n")); got > on.width && !strings.Contains(line, "column") {
					t.Errorf("%v in %d cells has a line of %d: %s", question, on.width, got, line)
				}
			}
		}
	}
	chosen := output(t, "totals", "--data", dir, "--columns", "use,enterprise", "--format", "csv", "--headings", "names")
	if head, _, _ := bytes.Cut(chosen, []byte("\r\n")); string(head) != "\uFEFFuse,enterprise" {
		t.Errorf("the columns chosen are %q", head)
	}
	if object := output(t, "totals", "--data", dir, "--columns", "use", "--format", "ndjson"); !bytes.HasPrefix(object, []byte(`{"use":"`)) {
		t.Errorf("the column chosen: %.80s", object)
	}
	for columns, want := range map[string]string{"use,nobody": "headroom", "use,use": "twice"} {
		c := program(t, "totals", "--data", dir, "--columns", columns)
		said, err := c.CombinedOutput()
		if err == nil || c.ProcessState.ExitCode() != 2 || !bytes.Contains(said, []byte(want)) {
			t.Errorf("--columns %s ends with %v: %s", columns, err, said)
		}
	}
	// On a real terminal: its width counts, and a pager shows it; neither does where it is not wanted.
	on := func(command string, more ...string) string {
		c := program(t)
		line := "stty cols 70 rows 24; " + c.Path + " totals --data " + dir + " " + command
		pty := exec.Command("script", "-qec", line, "/dev/null")
		pty.Env = append(c.Env, append([]string{"SHELL=/bin/sh", "PAGER=sed 's/^/through: /'", "COLUMNS="}, more...)...)
		out, err := pty.CombinedOutput()
		if err != nil {
			t.Errorf("%s on a terminal: %v\n%s", command, err, out)
		}
		return string(out)
	}
	if shown := on(""); !strings.Contains(shown, "through: Yearly totals") || !strings.Contains(shown, "not shown: ") {
		t.Errorf("on a terminal of 70 cells\n%.900s", shown)
	}
	if shown := on("--no-pager --wide"); strings.Contains(shown, "through: ") || strings.Contains(shown, "not shown: ") || !strings.Contains(shown, "received beyond") {
		t.Errorf("all columns, without a pager\n%.900s", shown)
	}
	if shown := on("", "NO_PAGER=1", "COLUMNS=400"); strings.Contains(shown, "through: ") || strings.Contains(shown, "not shown: ") {
		t.Errorf("COLUMNS says 400\n%.900s", shown)
	}
}
