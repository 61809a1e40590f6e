package main

import (
	"archive/zip"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// A data folder that an earlier program left is served as it is: its users sign in, its figures and root are what that program said,
// it is sound, and it goes on.
func TestAFolderOfAnEarlierReleaseOpens(t *testing.T) {
	t.Parallel()
	for _, release := range []string{"0.1.0", "edition-2"} {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			left := filepath.Join("testdata", "folders", release)
			var said struct {
				Events    uint64
				Root      string
				Refused   int
				Passwords map[string]string
				Token     string
				Totals    []map[string]any
			}
			text, err := os.ReadFile(left + ".json")
			if err != nil {
				t.Fatal(err)
			}
			unmarshal(t, text, &said)
			folder, err := zip.OpenReader(left + ".zip")
			if err != nil {
				t.Fatal(err)
			}
			defer folder.Close()
			dir := filepath.Join(t.TempDir(), "ledger")
			if err := os.CopyFS(dir, folder); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(filepath.Join(dir, keyFile), 0o600); err != nil { // a zip's modes do not come along
				t.Fatal(err)
			}

			serving(t, dir, func(url string) {
				until(t, "readiness", func() error { return asker{url, ""}.answers(t, "/readyz", http.StatusOK, "lag: 0 events") })
				for name, password := range said.Passwords {
					if status := browserAt(t, url).signIn(name, password); status != http.StatusSeeOther {
						t.Errorf("%s signs in: %d", name, status)
					}
				}
				if err := (asker{url, said.Token}).answers(t, "/v1/me", http.StatusOK, "xu.min"); err != nil {
					t.Error(err)
				}

				var totals, refused []map[string]any
				unmarshal(t, output(t, "totals", "--data", dir, "--format", "json"), &totals)
				sameTotals(t, totals, said.Totals)
				if unmarshal(t, output(t, "refused", "--data", dir, "--format", "json"), &refused); len(refused) != said.Refused {
					t.Errorf("%d commands were refused, not %d", len(refused), said.Refused)
				}
				root := verifiedSound(t, dir, said.Events)
				if root != said.Root {
					t.Errorf("the root is %s, not %s", root, said.Root)
				}

				treasurer := browserAt(t, url)
				treasurer.signIn("wu.xia", said.Passwords["wu.xia"])
				answer := treasurer.want(http.StatusOK, "POST", "/v1/commands", `{"command":"set_appropriation","id":"goes-on","date":"2026-11-20",
					"budget_year":2026,"clause":"7","amount":"1000000000.00","document":"长财〔2026〕99号"}`)
				if !strings.Contains(answer, fmt.Sprintf(`"last_seq":%d`, said.Events+1)) {
					t.Errorf("a new command: %s", answer)
				}
				verifiedSound(t, dir, said.Events+1)
			})
		})
	}
}

// sameTotals holds rows against what an earlier program said of them; columns that it did not have are new.
func sameTotals(t *testing.T, rows, said []map[string]any) {
	t.Helper()
	if len(rows) != len(said) {
		t.Fatalf("%d rows of totals, not %d", len(rows), len(said))
	}
	for i := range said {
		for column, value := range said[i] {
			if !reflect.DeepEqual(rows[i][column], value) {
				t.Errorf("row %d: %s is %v, not %v", i, column, rows[i][column], value)
			}
		}
	}
}

// verifiedSound verifies the whole ledger and returns its root.
func verifiedSound(t *testing.T, dir string, events uint64) string {
	t.Helper()
	var v struct {
		Checks []struct{ Name, Result string }
		Events uint64
		Root   string
	}
	unmarshal(t, output(t, "verify", "--data", dir, "--format", "json"), &v)
	if len(v.Checks) < 5 || v.Events != events {
		t.Errorf("%d events were verified by %d checks, of %d", v.Events, len(v.Checks), events)
	}
	for _, check := range v.Checks {
		if check.Result != "passed" {
			t.Errorf("%s: %s", check.Name, check.Result)
		}
	}
	return v.Root
}
