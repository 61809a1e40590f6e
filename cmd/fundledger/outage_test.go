package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/pgserver"
)

// alone is a service on a data folder of its own, with a policy and an admin.
func alone(t *testing.T, dir string, flags ...string) (*instance, asker) {
	t.Helper()
	output(t, "policy", "publish", servedFund, "--data", dir, "--fund", servedFund)
	token := adminOf(t, []string{"--data", dir}, "admin")
	i := startInstance(t, append([]string{"--data", dir, "--log-level", "error"}, flags...)...)
	return i, asker{i.url.String(), token}
}

// metric is a value of /metrics.
func (c asker) metric(t *testing.T, name string) (float64, error) {
	t.Helper()
	_, body, err := c.do(t.Context(), http.MethodGet, "/metrics", "")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(body)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("no metric %s", name)
}

// measures is an error where a metric is not as wanted.
func (c asker) measures(t *testing.T, name string, ok func(float64) bool) error {
	t.Helper()
	value, err := c.metric(t, name)
	if err == nil && !ok(value) {
		err = fmt.Errorf("%s is %v", name, value)
	}
	return err
}

// refusedFor is that an answer is 503 with a code, and says when to ask again.
func (c asker) refusedFor(t *testing.T, method, path, body, code string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var problem struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&problem); err != nil {
		return fmt.Errorf("%s: %w", answer.Status, err)
	}
	if after, err := strconv.Atoi(answer.Header.Get("Retry-After")); err != nil || after <= 0 ||
		answer.StatusCode != http.StatusServiceUnavailable || problem.Code != code || problem.Detail == "" {
		return fmt.Errorf("%s %s: %s, Retry-After %q, %+v", method, path, answer.Status, answer.Header.Get("Retry-After"), problem)
	}
	return nil
}

// neverFails asks for something until stopped, and reports an answer of 500: an outage is no fault.
func (c asker) neverFails(t *testing.T, paths ...string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ctx.Err() == nil; i++ {
			path := paths[i%len(paths)]
			if status, body, err := c.do(ctx, http.MethodGet, path, ""); err == nil && status == http.StatusInternalServerError {
				t.Errorf("%s: %d %s", path, status, body)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

var askedOfTables = []string{"/v1/enterprises", "/v1/totals", "/v1/journal", "/v1/payouts?format=csv", "/v1/enterprises/1", "/v1/status"}

// The service's own PostgreSQL is killed. While it cannot come back, readiness, the lag and every answer tell so, also where nothing is
// written; commands are booked all the same. It comes back by itself, with what was booked; so it does from a backend that is killed.
func TestTheServicesOwnPostgreSQLIsKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	i, c := alone(t, dir)
	c.book(t, registration(1))
	until(t, "the tables", func() error { return c.answers(t, "/v1/enterprises?min_seq=2", http.StatusOK, "渔业公司 1") })
	until(t, "readiness", func() error { return c.answers(t, "/readyz", http.StatusOK, "lag: 0 events, 0 seconds") })
	stop := c.neverFails(t, askedOfTables...)

	data, away := filepath.Join(dir, "postgres", "data"), filepath.Join(dir, "postgres", "away")
	former := pidIn(filepath.Join(dir, "postgres"))
	if err := os.Rename(data, away); err != nil { // so that it does not come back at once
		t.Fatal(err)
	}
	if err := syscall.Kill(former, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "readiness to end", func() error {
		return c.answers(t, "/readyz", http.StatusServiceUnavailable, "not ready: tables_unavailable")
	})
	until(t, "the part's metric", func() error {
		return c.measures(t, `fundledger_part_up{part="tables"}`, func(v float64) bool { return v == 0 })
	})
	// Nothing was written since, and nothing is lacking but the tables themselves: the lag grows.
	until(t, "the lag", func() error {
		return c.measures(t, "fundledger_projection_lag_seconds", func(v float64) bool { return v > 3 })
	})
	if err := c.measures(t, "fundledger_projection_lag_events", func(v float64) bool { return v == 0 }); err != nil {
		t.Error(err)
	}
	for _, path := range askedOfTables[:4] {
		until(t, "an answer that says why", func() error { return c.refusedFor(t, http.MethodGet, path, "", "tables_unavailable") })
	}
	if status, body, err := c.do(t.Context(), http.MethodPost, "/v1/commands", registration(2)); err != nil || status != http.StatusOK {
		t.Errorf("a command that needs no table: %d %s %v", status, body, err)
	}
	until(t, "the events that lack", func() error {
		return c.measures(t, "fundledger_projection_lag_events", func(v float64) bool { return v == 1 })
	})
	if err := os.Rename(away, data); err != nil {
		t.Fatal(err)
	}
	until(t, "the tables to come back", func() error { return c.answers(t, "/v1/enterprises", http.StatusOK, "渔业公司 2") })
	until(t, "readiness", func() error { return c.answers(t, "/readyz", http.StatusOK, "lag: 0 events, 0 seconds") })

	// A backend alone: the postmaster ends all others and starts again by itself. Then everything at once, again and again.
	killBackend(t, dir)
	c.book(t, registration(3))
	until(t, "the tables to come back", func() error { return c.answers(t, "/v1/enterprises?min_seq=4", http.StatusOK, "渔业公司 3") })
	for n := 4; n < 7; n++ {
		if pid := pidIn(filepath.Join(dir, "postgres")); pid != 0 {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		c.book(t, registration(n))
		until(t, "the tables to come back", func() error { return c.answers(t, "/v1/enterprises", http.StatusOK, fmt.Sprintf("渔业公司 %d", n)) })
	}
	until(t, "readiness", func() error { return c.answers(t, "/readyz", http.StatusOK, "ok") })
	stop()
	if err := i.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := i.process.Wait(); err != nil {
		t.Errorf("the service ends with %v", err)
	}
	if pid := pidIn(filepath.Join(dir, "postgres")); pid != 0 {
		t.Errorf("PostgreSQL %d outlives the service", pid)
	}
}

// killBackend kills one of the service's own sessions.
func killBackend(t *testing.T, dir string) {
	t.Helper()
	url, err := pgserver.Attach(filepath.Join(dir, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	var pid int
	const sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY backend_start LIMIT 1"
	if err := conn.QueryRow(t.Context(), sql).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// NATS and PostgreSQL of their own go away, one after the other, and come back.
func TestServersThatWereGivenGoAwayAndComeBack(t *testing.T) {
	t.Parallel()
	server := newPostgreSQL(t)
	s := serveOnOneNode(t, databaseOf(t, server.URL(), "away"))
	s.book(t, registration(1))
	until(t, "the tables", func() error { return s.answers(t, "/v1/enterprises?min_seq=2", http.StatusOK, "渔业公司 1") })
	stop := s.neverFails(t, askedOfTables...)

	kill(s.nats.process)
	until(t, "readiness to end", func() error {
		return s.answers(t, "/readyz", http.StatusServiceUnavailable, "not ready: store_unavailable")
	})
	until(t, "the part's metric", func() error {
		return s.measures(t, `fundledger_part_up{part="log"}`, func(v float64) bool { return v == 0 })
	})
	until(t, "a command to be told why", func() error {
		return s.refusedFor(t, http.MethodPost, "/v1/commands", registration(2), "store_unavailable")
	})
	if err := s.answers(t, "/v1/enterprises", http.StatusOK, "渔业公司 1"); err != nil {
		t.Errorf("a question that needs no log: %v", err)
	}
	s.nats.dir = filepath.Clean(s.nats.dir)
	s.start(s.nats.dir)
	until(t, "readiness", func() error { return s.answers(t, "/readyz", http.StatusOK, "ok") })
	s.book(t, registration(2))

	server.stop()
	until(t, "readiness to end", func() error {
		return s.answers(t, "/readyz", http.StatusServiceUnavailable, "not ready: tables_unavailable")
	})
	until(t, "a question to be told why", func() error { return s.refusedFor(t, http.MethodGet, "/v1/totals", "", "tables_unavailable") })
	if status, body, err := s.do(t.Context(), http.MethodPost, "/v1/commands", registration(3)); err != nil || status != http.StatusOK {
		t.Errorf("a command that needs no table: %d %s %v", status, body, err)
	}
	until(t, "the lag", func() error { return s.answers(t, "/readyz", http.StatusServiceUnavailable, "lag: 1 events") })
	server.start()
	until(t, "the tables to come back", func() error { return s.answers(t, "/v1/enterprises", http.StatusOK, "渔业公司 3") })
	until(t, "readiness", func() error { return s.answers(t, "/readyz", http.StatusOK, "lag: 0 events, 0 seconds") })
	stop()
}

// The database falls back, as by a failover to a standby that was behind: what was shown and is gone comes into the tables again, though nothing new
// is booked.
func TestADatabaseThatFallsBackIsFilledAgain(t *testing.T) {
	t.Parallel()
	server := newPostgreSQL(t)
	s := serveOnOneNode(t, databaseOf(t, server.URL(), "fallen"))
	s.book(t, registration(1))
	until(t, "the tables", func() error { return s.answers(t, "/v1/enterprises?min_seq=2", http.StatusOK, "渔业公司 1") })
	server.stop()
	older, data := filepath.Join(t.TempDir(), "older"), filepath.Join(server.dir, "data")
	if said, err := exec.CommandContext(t.Context(), "cp", "-a", data, older).CombinedOutput(); err != nil { // with their owner
		t.Fatalf("%v: %s", err, said)
	}
	server.start()
	s.book(t, registration(2))
	until(t, "the tables", func() error { return s.answers(t, "/v1/enterprises?min_seq=3", http.StatusOK, "渔业公司 2") })
	server.stop()
	if err := errors.Join(os.RemoveAll(data), os.Rename(older, data)); err != nil {
		t.Fatal(err)
	}
	server.start()
	until(t, "what lacks", func() error { return s.answers(t, "/v1/enterprises", http.StatusOK, "渔业公司 2") })
	until(t, "readiness", func() error { return s.answers(t, "/readyz", http.StatusOK, "lag: 0 events") })
	output(t, append([]string{"verify"}, s.flags...)...)
}

// mounted is a folder on a disk of its own. Only root mounts one, and not everywhere: where it cannot be done the test says so, and ends.
func mounted(t *testing.T, folder string, mount func() error) {
	t.Helper()
	err := os.MkdirAll(folder, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if err = errors.New("not root"); os.Geteuid() == 0 {
		err = mount()
	}
	if err != nil {
		t.Skipf("no disk of its own can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
}

// small is a folder on a disk of so many MiB, and what fills it up and makes room again.
func small(t *testing.T, folder string, mib int) (fill, room func()) {
	t.Helper()
	mounted(t, folder, func() error { return syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%dm", mib)) })
	ballast := filepath.Join(folder, "ballast")
	return func() {
			t.Helper()
			f, err := os.OpenFile(ballast, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			for size := 1 << 20; size > 0; {
				if _, err := f.Write(make([]byte, size)); err != nil {
					size /= 2
				}
			}
		}, func() {
			t.Helper()
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		}
}

// The disk of the log is full. Commands are answered at once, the service says which disk it is, and when there is room it goes on by
// itself; nothing that was acknowledged is lost.
func TestTheLogsDiskIsFull(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	fill, room := small(t, filepath.Join(dir, "log"), 24)
	t.Setenv("FUNDLEDGER_MIN_FREE", "0")
	i, c := alone(t, dir)
	c.book(t, registration(1))
	next := 2
	for round := range 2 { // it comes back so that it can break again
		fill()
		var acknowledged int
		until(t, "the store to break", func() error {
			status, body, err := c.do(t.Context(), http.MethodPost, "/v1/commands", registration(next))
			switch {
			case err != nil:
				return err
			case status == http.StatusOK:
				acknowledged++
				next++
				return fmt.Errorf("%d are acknowledged", acknowledged)
			case status != http.StatusServiceUnavailable:
				t.Fatalf("%d %s", status, body)
			}
			return nil
		})
		until(t, "commands to be told why", func() error { return c.refusedFor(t, http.MethodPost, "/v1/commands", registration(next), "disk_full") })
		until(t, "readiness to say so", func() error {
			return c.answers(t, "/readyz", http.StatusServiceUnavailable, "not ready: disk_full: 磁盘已满（"+filepath.Join(dir, "log")+" 所在磁盘：剩余 0 MiB")
		})
		until(t, "the metric", func() error { return c.measures(t, "fundledger_disk_full", func(v float64) bool { return v == 1 }) })
		if err := c.answers(t, "/v1/enterprises", http.StatusOK, "渔业公司 1"); err != nil {
			t.Errorf("a question that needs no log: %v", err)
		}
		if round == 1 { // what was opened anew makes streams again whose settings are damaged, as a start does
			spoilSettings(t, dir)
		}
		room()
		c.book(t, registration(next))
		next++
		until(t, "readiness", func() error { return c.answers(t, "/readyz", http.StatusOK, "ok") })
	}
	for n := 1; n < next; n++ {
		if seq := c.book(t, registration(n)); seq != uint64(n+1) {
			t.Errorf("command %d lies at %d", n, seq)
		}
	}
	if err := i.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := i.process.Wait(); err != nil {
		t.Errorf("the service ends with %v", err)
	}
	output(t, "verify", "--data", dir)
}

// spoilSettings damages the settings of every stream in a data folder.
func spoilSettings(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "log", "jetstream", "$G", "streams", "*", "meta.inf"))
	if err != nil || len(files) != 5 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text[len(text)/2] ^= 0x10
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Before a disk is full, booking stops: the store does not break, whoever asks is told how much is lacking, and room is all that it needs.
func TestBookingStopsBeforeADiskIsFull(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	disk := filepath.Join(dir, "log")
	_, _ = small(t, disk, 24)
	t.Setenv("FUNDLEDGER_MIN_FREE", "12")
	_, c := alone(t, dir)
	c.book(t, registration(1))
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 14<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.refusedFor(t, http.MethodPost, "/v1/commands", registration(2), "disk_full"); err != nil {
		t.Error(err)
	}
	until(t, "readiness to say so", func() error {
		return c.answers(t, "/readyz", http.StatusServiceUnavailable, "not ready: disk_full: 磁盘已满（"+disk)
	})
	if err := c.answers(t, "/readyz", http.StatusServiceUnavailable, "须保留 12 MiB"); err != nil {
		t.Error(err)
	}
	other := program(t, "register", "--data", dir, "--enterprise", "2", "--name", "渔业公司 2", "--industry", "fishing", "--date", "2025-03-01", "--id", "two")
	if told, err := other.CombinedOutput(); err == nil || !strings.Contains(string(told), "disk full") || !strings.Contains(string(told), "12 MiB") {
		t.Errorf("a command of another process: %v %s", err, told)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if status, body, err := c.do(t.Context(), http.MethodPost, "/v1/commands", registration(2)); err != nil || status != http.StatusOK {
		t.Errorf("with room again: %d %s %v", status, body, err)
	}
	until(t, "readiness", func() error { return c.answers(t, "/readyz", http.StatusOK, "ok") })
}

// The disk of the tables is full: commands are booked all the same, the lag and the metric tell, and with room the tables come after.
func TestTheTablesDiskIsFull(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	fill, room := small(t, filepath.Join(dir, "postgres"), 160)
	t.Setenv("FUNDLEDGER_MIN_FREE", "0")
	_, c := alone(t, dir)
	c.book(t, registration(1))
	until(t, "the tables", func() error { return c.answers(t, "/v1/enterprises?min_seq=2", http.StatusOK, "渔业公司 1") })
	fill()
	output(t, "import", commandFile(t, 3000), "--server", c.url, "--token", c.token)
	until(t, "the lag", func() error {
		return c.measures(t, "fundledger_projection_lag_seconds", func(v float64) bool { return v > 5 })
	})
	until(t, "readiness to end", func() error { return c.answers(t, "/readyz", http.StatusServiceUnavailable, "not ready: tables_") })
	room()
	until(t, "readiness", func() error { return c.answers(t, "/readyz", http.StatusOK, "lag: 0 events") })
}

// failing is a disk of so many MiB at a folder, and what makes it fail as a disk does: the file system turns read-only under everybody who has
// files open on it, for good. replace puts another disk in its place, with what was written.
func failing(t *testing.T, folder string, mib int) (fail, replace func()) {
	t.Helper()
	run := func(args ...string) error {
		if said, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w: %s", args, err, said)
		}
		return nil
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	image := filepath.Join(t.TempDir(), "disk")
	must(os.WriteFile(image, nil, 0o600))
	must(os.Truncate(image, int64(mib)<<20))
	mounted(t, folder, func() error {
		return errors.Join(run("mkfs.ext4", "-q", image), run("mount", "-o", "loop", image, folder))
	})
	return func() {
			t.Helper()
			must(run("sync", "--file-system", folder)) // what nobody waits for has had its half minute
			must(run("mount", "-o", "remount,abort", folder))
		}, func() {
			t.Helper()
			must(run("cp", "--sparse=always", image, image+"2"))
			must(syscall.Unmount(folder, syscall.MNT_DETACH))
			must(run("mount", "-o", "loop", image+"2", folder))
		}
}

// The disk of the data folder turns read-only. Readiness and the metrics tell so, also while nothing is written, and commands are told at once; with a disk that takes writes the
// service goes on by itself, with all that was acknowledged.
func TestTheDiskOfTheDataFolderTurnsReadOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	fail, replace := failing(t, dir, 512)
	i, c := alone(t, dir)
	c.book(t, registration(1))
	until(t, "the tables", func() error { return c.answers(t, "/v1/enterprises?min_seq=2", http.StatusOK, "渔业公司 1") })
	fail()
	until(t, "readiness to say so", func() error {
		return c.answers(t, "/readyz", http.StatusServiceUnavailable, "not ready: store_unavailable")
	})
	until(t, "the part's metric", func() error {
		return c.measures(t, `fundledger_part_up{part="log"}`, func(v float64) bool { return v == 0 })
	})
	until(t, "commands to be told why", func() error {
		return c.refusedFor(t, http.MethodPost, "/v1/commands", registration(2), "store_unavailable")
	})
	replace()
	c.book(t, registration(2))
	until(t, "the tables to come back", func() error { return c.answers(t, "/v1/enterprises", http.StatusOK, "渔业公司 2") })
	until(t, "readiness", func() error { return c.answers(t, "/readyz", http.StatusOK, "ok\nlag: 0 events") })
	for n := 1; n < 3; n++ {
		if seq := c.book(t, registration(n)); seq != uint64(n+1) {
			t.Errorf("command %d lies at %d", n, seq)
		}
	}
	if err := i.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := i.process.Wait(); err != nil {
		t.Errorf("the service ends with %v", err)
	}
	output(t, "verify", "--data", dir)
}
