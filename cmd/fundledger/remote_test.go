package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// What --server prints is what is printed beside the ledger, and a command that is given there is the token's user's.
func TestAServerAnswersAsTheLedgerItself(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 400))
	output(t, "user", "add", "ana", "--data", dir, "--grant", "analyst", "--grant", "clerk")
	token := strings.TrimSpace(string(output(t, "token", "create", "ana", "cli", "--data", dir)))
	serving(t, dir, func(url string) {
		for _, question := range [][]string{{"totals"}, {"totals", "--year", "2025"}, {"accounts"}, {"list", "enterprises"}, {"list", "applications"}, {"list", "payouts"},
			{"list", "journal", "--kind", "paid"}, {"list", "appropriations"}, {"totals", "--as-of", "seq:300"}} {
			for _, format := range []string{"csv", "json", "table"} {
				shape := append(question, "--format", format)
				here := output(t, append(shape, "--data", dir)...)
				there := output(t, append(shape, "--server", url, "--token", token)...)
				if !bytes.Equal(here, there) {
					t.Errorf("%v: here\n%.600s\nthere\n%.600s", shape, here, there)
				}
			}
		}
		register := []string{"register", "--server", url, "--token", token, "--enterprise", "R-1", "--name", "远程", "--industry", "fishing", "--id", "remote-1", "--date", "2025-03-01"}
		if first, second := output(t, register...), output(t, register...); !strings.Contains(string(second), `"repeated":true`) {
			t.Errorf("%s then %s", first, second)
		}
		if list := string(output(t, "list", "enterprises", "--search", "远程", "--data", dir)); !strings.Contains(list, "R-1") {
			t.Errorf("what was given is not there: %s", list)
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
