package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/ledger"
)

// Somebody with the log's password publishes what is no event. The service names it and answers on, nothing is booked behind it, and the way
// that docs/malformed-event.md describes, command by command, leads on.
func TestTheWayOnFromAMalformedEvent(t *testing.T) {
	t.Parallel()
	dir, into, file := filepath.Join(t.TempDir(), "ledger"), filepath.Join(t.TempDir(), "restored"), filepath.Join(t.TempDir(), "before.backup")
	output(t, "import", "--data", dir, "--policy", "elsewhere-2025", commandFile(t, 30))
	output(t, "user", "add", "root", "--data", dir, "--grant", "admin")
	token := strings.TrimSpace(string(output(t, "token", "create", "root", "cli", "--data", dir)))
	more := commandFile(t, 40)
	said := serving(t, dir, func(url string) {
		fetched(t, url+"/checkpoint") // the first is signed
		if status, text := asked(t, url+"/readyz", "", "en"); status != http.StatusOK {
			t.Fatal(status, text)
		}
		publishGarbage(t, dir)
		namedByReady(t, url)
		// What lies before it is answered on; nothing is booked, and whoever tries is told.
		for _, list := range []string{"totals", "accounts", "enterprises", "applications", "payouts", "journal", "refusals", "findings", "events", "events?format=ndjson",
			"events?from=32"} {
			if status, text := asked(t, url+"/v1/"+list, token, "en"); status != http.StatusOK || strings.Contains(text, `"seq":32`) {
				t.Errorf("%s: %d %s", list, status, text)
			}
		}
		if _, text := asked(t, url+"/v1/events", token, "en"); !strings.Contains(text, `"seq":1,`) || !strings.Contains(text, `{"seq":31,`) || strings.Contains(text, `"next"`) {
			t.Errorf("the events before it: %s", text)
		}
		c := program(t, "import", more, "--server", url, "--token", token)
		if told, err := c.CombinedOutput(); err == nil || !strings.Contains(string(told), "event_unreadable") && !strings.Contains(string(told), "message 32") {
			t.Errorf("an import: %v %s", err, told)
		}
	})
	if !strings.Contains(said, "ALARM") || !strings.Contains(said, "event_unreadable") || !strings.Contains(said, "message 32") || strings.Contains(said, "panic") {
		t.Errorf("the service says:\n%s", said)
	}
	serving(t, dir, func(url string) { // so does one that is started on it
		namedByReady(t, url)
		if status, text := asked(t, url+"/v1/totals", token, "en"); status != http.StatusOK {
			t.Errorf("the totals: %d %s", status, text)
		}
	})
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "malformed-event.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"verify --data ledger --format json", "backup --data ledger --to 31 --with-key --out before.backup", "restore before.backup --data restored",
		"verify --data restored", "serve --data restored"} {
		if !strings.Contains(string(page), "\nfundledger "+line) {
			t.Errorf("the page does not say %q, which is tried here", line)
		}
	}
	// 1. What is wrong, and what is proved before it.
	for _, args := range [][]string{{"rebuild"}, {"import", more}, {"checkpoint"}, {"backup", "--out", file}} {
		if told := refusedTo(t, 1, append(args, "--data", dir)...); !strings.Contains(told, "event_unreadable: message 32") {
			t.Errorf("%v: %s", args, told)
		}
	}
	if told := refusedTo(t, 1, "backup", "--out", file, "--data", dir); !strings.Contains(told, "--to 31") {
		t.Errorf("the backup: %s", told)
	}
	var report struct {
		Sound    bool
		Checks   []struct{ Name, Result string }
		Findings []struct {
			Code   string
			Events []uint64
		}
	}
	c := program(t, "verify", "--data", dir, "--format", "json")
	out, _ := c.Output() // it ends with 1
	if unmarshal(t, out, &report); report.Sound || c.ProcessState.ExitCode() != 1 {
		t.Errorf("%d: %s", c.ProcessState.ExitCode(), out)
	}
	for _, f := range report.Findings {
		if f.Code == "event_unreadable" && slices.Equal(f.Events, []uint64{32}) {
			report.Sound = true
		}
	}
	for _, check := range report.Checks {
		if check.Name == "checkpoints" && check.Result != "passed" {
			t.Errorf("the checkpoints before it: %s", check.Result)
		}
	}
	if !report.Sound {
		t.Errorf("the verification does not name it: %s", out)
	}
	// 2. The log up to the event before it.
	var made backedUp
	unmarshal(t, output(t, "backup", "--data", dir, "--to", "31", "--with-key", "--out", file, "--format", "json"), &made)
	if made.Events.Last != 31 || made.Checkpoint == "" {
		t.Errorf("%+v", made)
	}
	// 3. A new folder, and the users.
	output(t, "restore", file, "--data", into)
	output(t, "user", "export", "--data", dir, "--out", filepath.Join(into, "users.json"))
	// 4. It is sound, and goes on.
	output(t, "verify", "--data", into)
	serving(t, into, func(url string) {
		if status, text := asked(t, url+"/readyz", "", "en"); status != http.StatusOK {
			t.Errorf("%d %s", status, text)
		}
		var sum imported
		unmarshal(t, output(t, "import", more, "--server", url, "--token", token, "--format", "json"), &sum)
		if sum.Accepted == 0 || sum.LastSeq <= 31 {
			t.Errorf("%+v", sum)
		}
	})
	output(t, "verify", "--data", into)
}

// publishGarbage publishes beside the service, with the password that it keeps in its folder.
func publishGarbage(t *testing.T, dir string) {
	t.Helper()
	r, err := readRunning(dir)
	if err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(r.NATSURL, nats.UserInfo(r.NATSUser, r.NATSPassword))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	subject := strings.TrimSuffix(ledger.SubjectsOf("elsewhere-2025")[0], ">") + "payout.p.payout_made"
	ack, err := js.Publish(subject, []byte("\x00 no event at all \xff"))
	if err != nil || ack.Sequence != 32 {
		t.Fatal(ack, err)
	}
}

// namedByReady waits until the service says which message is no event, in both languages.
func namedByReady(t *testing.T, url string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		status, text := asked(t, url+"/readyz", "", "en")
		if status == http.StatusServiceUnavailable && strings.Contains(text, "not ready: event_unreadable: Message 32 ") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(status, text)
		}
	}
	if _, text := asked(t, url+"/readyz", "", "zh"); !strings.Contains(text, "not ready: event_unreadable: 日志第 32 号") {
		t.Error(text)
	}
}

func asked(t *testing.T, url, token, lang string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Language", lang)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}
