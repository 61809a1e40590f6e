package main

import (
	"bytes"
	_ "embed"
	"os"
	"strings"
	"testing"
)

//go:embed testdata/first.jsonl
var firstLedger []byte

// The commands that the README shows are run, in its order, on the demo's ledger; those of both languages are the same.
func TestReadmeCommandsRun(t *testing.T) {
	english, chinese := readmeCommands(t, "../../README.md"), readmeCommands(t, "../../README.zh-CN.md")
	if strings.Join(english, "\n") != strings.Join(chinese, "\n") {
		t.Fatalf("the two READMEs show other commands:\n%q\n%q", english, chinese)
	}
	if len(english) < 10 {
		t.Fatalf("only %d commands were found: %q", len(english), english)
	}
	t.Chdir(t.TempDir())
	t.Setenv("FUNDLEDGER_LANG", "en")
	if err := os.MkdirAll("cmd/fundledger/testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("cmd/fundledger/testdata/first.jsonl", firstLedger, 0o644); err != nil {
		t.Fatal(err)
	}
	runsWith(t, 0, "demo", "--no-serve")
	for _, command := range english {
		runsWith(t, 0, strings.Fields(command)...)
	}
}

func runsWith(t *testing.T, want int, args ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := run(args, &stdout, &stderr); got != want {
		t.Errorf("fundledger %s ends with %d:\n%s", strings.Join(args, " "), got, stderr.String())
	}
	if stdout.Len() == 0 && !strings.Contains(strings.Join(args, " "), "--out") {
		t.Errorf("fundledger %s prints nothing", strings.Join(args, " "))
	}
}

// readmeCommands are the lines of a README that call the built program.
func readmeCommands(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "bin/fundledger "); ok {
			commands = append(commands, rest)
		}
	}
	return commands
}
