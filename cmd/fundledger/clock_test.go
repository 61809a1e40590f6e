package main

import (
	"bytes"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
)

func TestDemoUntilIsADayThatTheSampleHas(t *testing.T) {
	t.Setenv("FUNDLEDGER_LANG", "en")
	for day, reason := range map[string]string{"2024-11-14": "before the sample's first day, 2024-11-15", "2027-04-01": "behind the sample's last day, 2027-03-31",
		"tomorrow": "no date", "2027-02-29": "no date", "2027-3-1": "no date"} {
		dir := filepath.Join(t.TempDir(), "ledger")
		var stdout, stderr bytes.Buffer
		if got := run([]string{"demo", "--no-serve", "--data", dir, "--until", day}, &stdout, &stderr); got != 2 || !strings.Contains(stderr.String(), reason) {
			t.Errorf("--until %s ends with %d:\n%s", day, got, &stderr)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("--until %s leaves a folder", day)
		}
	}
}

// A folder's clock is set before its first event, and never again: what is recorded was recorded by it.
func TestASampleClockIsSetOnANewFolderOnly(t *testing.T) {
	t.Setenv("FUNDLEDGER_LANG", "en")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fundFile), []byte("changning-2024\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	later := plusDays(clock{}.today(), 1)
	if later.After(demo.Ends) {
		t.Skip("the sample's last day is over")
	}
	for _, flags := range [][]string{{"--data", dir}, {"--data", filepath.Join(dir, "new"), "--nats", "nats://127.0.0.1:1"}} {
		var stdout, stderr bytes.Buffer
		if got := run(append([]string{"demo", "--no-serve", "--until", later.String()}, flags...), &stdout, &stderr); got != 2 {
			t.Errorf("%v ends with %d:\n%s", flags, got, &stderr)
		}
	}
	if c, err := clockOf(dir); err != nil || c.ahead() {
		t.Errorf("the clock was set: %+v, %v", c, err)
	}
}

func plusDays(d domain.Date, n int) domain.Date {
	for range n {
		d = d.Next()
	}
	return d
}

func TestAClockIsKeptAndRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	day := plusDays(clock{}.today(), 121)
	c := reaching(day)
	if c.today() != day || !c.ahead() || reaching(clock{}.today()).ahead() || reaching(domain.DateOf(2024, 11, 15)).ahead() {
		t.Errorf("the clock that reaches %s shows %s", day, c.today())
	}
	if err := c.keep(dir); err != nil {
		t.Fatal(err)
	}
	if kept, err := clockOf(dir); err != nil || kept != c {
		t.Errorf("kept is %+v, %v", kept, err)
	}
	for _, text := range []string{"", "-1\n", "soon\n", "99999999\n"} {
		if err := os.WriteFile(filepath.Join(dir, clockFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := clockOf(dir); err == nil {
			t.Errorf("%q is taken for a clock", text)
		}
	}
}

// TestTheSampleGoesOnInto2027 runs the program: it serves by the sample's clock, shows both policies, and its folder is sound afterwards.
func TestTheSampleGoesOnInto2027(t *testing.T) {
	t.Setenv("FUNDLEDGER_LANG", "en")
	if (clock{}).today().After(demo.Ends) {
		t.Skip("the sample's last day is over")
	}
	dir := filepath.Join(t.TempDir(), "ledger")
	said := whileServing(t, func(at, said string) {
		password := regexp.MustCompile(`(?m)^  admin +(\S+)$`).FindStringSubmatch(said)
		jar, err := cookiejar.New(nil)
		if err != nil || password == nil {
			t.Fatalf("nobody may sign in: %v\n%s", err, said)
		}
		client := &http.Client{Jar: jar}
		ask := func(path string) (int, string) {
			answer, err := client.Get(at + path)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			return answer.StatusCode, string(body)
		}
		if status, body := ask("/readyz"); status != http.StatusOK {
			t.Errorf("/readyz answers %d: %s", status, body)
		}
		answer, err := client.PostForm(at+"/login", url.Values{"name": {"admin"}, "password": {password[1]}, "next": {"/policy"}})
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		_, page := ask("/policy?lang=en")
		for _, want := range []string{"Changning district industrial-support policy 2027 (invented sample)", "This is a sample by a clock that is ahead: today is 2027-"} {
			if !strings.Contains(page, want) {
				t.Errorf("/policy does not say %q:\n%s", want, page)
			}
		}
		// Carried use is taken apart under the earlier clause.
		carried := 0
		for _, clause := range []string{"27-2.1.1", "27-2.1.2", "27-4"} {
			_, page := ask("/clauses/" + clause + "?lang=en&unit=yuan")
			for _, m := range regexp.MustCompile(`href="/(explain\?[^"]*)">\+ (?i:carried use) ([0-9,.]+)</a>`).FindAllStringSubmatch(page, -1) {
				carried++
				address := html.UnescapeString(m[1])
				if strings.Contains(address, "clause=27-") || !strings.Contains(address, "clause=") {
					t.Errorf("what %s carries leads to %s", clause, address)
				}
				if _, apart := ask("/" + address + "&lang=en&unit=yuan"); !regexp.MustCompile(`[ >]` + regexp.QuoteMeta(m[2]) + `[ <]`).MatchString(apart) {
					t.Errorf("%s carries %s, and %s does not add up to it", clause, m[2], address)
				}
			}
		}
		if carried < 3 {
			t.Errorf("%d accounts show what they carry", carried)
		}
	}, "demo", "--data", dir, "--listen", "127.0.0.1:0", "--until", demo.Ends.String())
	if !strings.Contains(said, "the sample's clock is ahead: today is 2027-") {
		t.Errorf("the terminal does not say that the clock is ahead:\n%s", said)
	}
	var stdout, stderr bytes.Buffer
	if got := run([]string{"verify", "--data", dir}, &stdout, &stderr); got != 0 || !strings.Contains(stdout.String(), "log, decisions, projections and checkpoints agree") {
		t.Errorf("verify ends with %d:\n%s%s", got, &stdout, &stderr)
	}
	for clause, wanted := range map[string]string{"4": "20000000.00", "27-4": "25000000.00"} {
		stdout.Reset()
		run([]string{"accounts", "--data", dir, "--clause", clause, "--format", "csv"}, &stdout, &stderr)
		if !regexp.MustCompile(`金融科技实验室.*` + regexp.QuoteMeta(wanted)).MatchString(stdout.String()) {
			t.Errorf("the laboratory's account under %s does not show %s", clause, wanted)
		}
	}
	stdout.Reset()
	run([]string{"refused", "--data", dir, "--format", "csv"}, &stdout, &stderr)
	if !strings.Contains(stdout.String(), domain.CodePolicyExpired) {
		t.Error("nothing is told as policy_expired")
	}
}
