package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shellBlock is a block of a document that is run as it stands; "```sh elsewhere" is not.
var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// What the operators' documents show is run, in its order, by one shell. Only the port is another.
func TestWhatOperatorsAreToldToRunRuns(t *testing.T) {
	t.Parallel()
	var script strings.Builder
	// The service that a block starts ends with the shell, however that ends; no tail of it is left.
	script.WriteString("set -euo pipefail; set -m\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n")
	blocks := 0
	for _, document := range []string{"operate.md", "alarms.md"} {
		text, err := os.ReadFile(filepath.Join("../../docs", document))
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range shellBlock.FindAllStringSubmatch(string(text), -1) {
			blocks++
			script.WriteString(block[1])
		}
	}
	if blocks < 10 {
		t.Fatalf("only %d blocks were found", blocks)
	}
	text := strings.ReplaceAll(script.String(), "127.0.0.1:8080", fmt.Sprintf("127.0.0.1:%d", freePorts(t, 1)[0]))
	dir := t.TempDir()
	linked := program(t).Path
	shell := exec.Command("bash", "-c", text)
	shell.Dir = dir
	shell.Env = append(os.Environ(), "FUNDLEDGER_LANG=en", "FUNDLEDGER_ACTOR=officer", "PATH="+filepath.Dir(linked)+":"+os.Getenv("PATH"))
	said, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, folder := range []string{"ledger", "restored", "until-1"} {
		if !present(filepath.Join(dir, folder, fundFile)) {
			t.Errorf("there is no ledger in %s", folder)
		}
	}
	for _, want := range []string{"fundledger_ready 1.0", "log, decisions, projections and checkpoints agree"} {
		if !strings.Contains(string(said), want) && !strings.Contains(string(said), strings.TrimSuffix(want, ".0")) {
			t.Errorf("nothing says %q:\n%s", want, said)
		}
	}
}
