package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const ndjson = "application/x-ndjson"

func registrations(name string, from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"command":"register_enterprise","id":"%s-%d","date":"2025-03-03","enterprise":%q,"name":"某某公司","industry":"ai"}`+"\n", name, i, sampleCode(from+i))
	}
	return b.String()
}

// ended polls a job until it has ended.
func ended(t *testing.T, h *house, token, location string) map[string]any {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		a := h.ask("GET", location, token, "").want(t, http.StatusOK)
		v := decode(t, a.body)
		if v["ended_at"] != nil {
			return v
		}
		if a.header.Get("Retry-After") == "" || time.Now().After(deadline) {
			t.Fatalf("the job does not end: %s", a.body)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestABatchIsAnsweredLater(t *testing.T) {
	h := open(t)
	clerk, other := h.token("li.na", "clerk@investment"), h.token("zhao.lei", "clerk@investment")
	body := registrations("job", 500, 1200) + "{broken\n" + registrations("twice", 500, 3)
	given := h.ask("POST", "/v1/commands/batch", clerk, body, "Content-Type", ndjson, "Prefer", "wait=10, respond-async").want(t, http.StatusAccepted)
	location := given.header.Get("Location")
	if !strings.HasPrefix(location, "/v1/jobs/") || given.header.Get("Preference-Applied") != "respond-async" {
		t.Fatalf("%v", given.header)
	}
	s := schemas{decode(t, h.ask("GET", "/openapi.json", clerk, "").want(t, http.StatusOK).body)}
	for _, path := range []string{location, location + "/outcomes"} {
		h.ask("GET", path, other, "").want(t, http.StatusNotFound).problem(t)
	}
	job := ended(t, h, clerk, location)
	for _, fault := range s.faults("job", s.answer(t, "get", "/v1/jobs/{id}"), any(job)) {
		t.Error(fault)
	}
	if fmt.Sprintf("%v %v %v %v %v", job["state"], job["lines"], job["accepted"], job["refused"], job["failed"]) != "done 1204 1200 4 0" {
		t.Errorf("%v", job)
	}
	later := h.ask("GET", job["outcomes"].(string), clerk, "").want(t, http.StatusOK)
	atOnce := h.ask("POST", "/v1/commands/batch", clerk, body, "Content-Type", ndjson).want(t, http.StatusOK)
	if again := strings.ReplaceAll(string(atOnce.body), `,"repeated":true`, ""); again != string(later.body) {
		t.Errorf("the outcomes are not those of the batch itself:\n%.300s\n%.300s", later.body, again)
	}
	if later.header.Get("Fundledger-Rows") != "1204" {
		t.Errorf("%v", later.header)
	}
}

func TestJobsAreFewAndOfBoundedSize(t *testing.T) {
	h := open(t)
	clerk := h.token("li.na", "clerk@investment")
	async := []string{"Content-Type", ndjson, "Prefer", "respond-async"}
	var locations []string
	for i := range 8 {
		locations = append(locations, h.ask("POST", "/v1/commands/batch", clerk, registrations(fmt.Sprint("few", i), 3000+i, 1), async...).want(t, http.StatusAccepted).header.Get("Location"))
	}
	if p := h.ask("POST", "/v1/commands/batch", clerk, registrations("many", 4000, 1), async...).want(t, http.StatusTooManyRequests).problem(t); p.Code != "too_many_jobs" {
		t.Errorf("%+v", p)
	}
	for _, location := range locations {
		if job := ended(t, h, clerk, location); job["accepted"] != 1.0 {
			t.Errorf("%v", job)
		}
	}
	other := h.token("zhao.lei", "clerk@investment")
	if p := h.ask("POST", "/v1/commands/batch", other, strings.Repeat("x", 33<<20), async...).want(t, http.StatusRequestEntityTooLarge).problem(t); p.Code != "too_large" {
		t.Errorf("%+v", p)
	}
	h.ask("GET", "/v1/jobs/nothing", other, "").want(t, http.StatusNotFound)
}

// A service that closes while jobs wait and run ends them; what they booked stays, and nothing of them goes on.
func TestJobsEndWithTheService(t *testing.T) {
	h := open(t)
	clerk := h.token("li.na", "clerk@investment")
	for i := range 4 {
		h.ask("POST", "/v1/commands/batch", clerk, registrations(fmt.Sprint("end", i), 10_000+5000*i, 4000), "Content-Type", ndjson, "Prefer", "respond-async").want(t, http.StatusAccepted)
	}
	h.web.Close()
	before := h.position()
	if p := h.ask("POST", "/v1/commands/batch", clerk, registrations("late", 90_000, 1), "Content-Type", ndjson, "Prefer", "respond-async").want(t, http.StatusServiceUnavailable).problem(t); p.Code != "closed" {
		t.Errorf("%+v", p)
	}
	if after := h.position(); after != before {
		t.Errorf("a closed service booked on, from %d to %d", before, after)
	}
}

// An import over HTTP does not ask again what one was refused, unless it is told to; nor does one that is answered later.
func TestABatchOfAnImportIsNotAskedAgain(t *testing.T) {
	h := open(t)
	root := h.token("root", "admin")
	const batch = "/v1/commands/batch?actors=lines"
	restrict := `{"command":"restrict_credit","id":"early","date":"2025-09-02","actor":{"id":"root","role":"treasurer","department":"finance"},` +
		`"enterprise":"` + company + `","reason":"核查"}` + "\n"
	registers := strings.Replace(fmt.Sprintf(register, "late", company), `"date"`, `"actor":{"id":"root","role":"clerk"},"date"`, 1) + "\n"
	ask := func(path, body string, header ...string) string {
		return string(h.ask("POST", path, root, body, append(header, "Content-Type", ndjson)...).want(t, http.StatusOK).body)
	}
	if first := ask(batch, restrict+registers); strings.Contains(first, "refused_before") || !strings.Contains(first, "enterprise_unknown") {
		t.Fatalf("%s", first)
	}
	before := h.position()
	for _, path := range []string{batch, batch + "&dry_run=true", batch + "&retry_refused=false"} {
		if again := ask(path, restrict+registers); !strings.Contains(again, `"refused_before":true`) || !strings.Contains(again, "enterprise_unknown") || h.position() != before {
			t.Errorf("%s: %s", path, again)
		}
	}
	later := h.ask("POST", batch, root, restrict, "Content-Type", ndjson, "Prefer", "respond-async").want(t, http.StatusAccepted)
	if job := ended(t, h, root, later.header.Get("Location")); job["refused"] != 1.0 || job["refused_before"] != 1.0 {
		t.Errorf("%v", job)
	}
	for _, path := range []string{"/v1/commands/batch?retry_refused=true", batch + "&retry_refused=yes"} {
		if p := h.ask("POST", path, root, restrict, "Content-Type", ndjson).want(t, http.StatusBadRequest).problem(t); p.Figures["parameter"] != "retry_refused" {
			t.Errorf("%s: %+v", path, p)
		}
	}
	if retried := ask(batch+"&retry_refused=true", restrict); strings.Contains(retried, "refused") || h.position() != before+1 {
		t.Errorf("%s", retried)
	}
}
