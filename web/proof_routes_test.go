package web_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/shopspring/decimal"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/sampling"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
)

func into[T any](t *testing.T, a answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(a.body, &v, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatalf("%v: %.300s", err, a.body)
	}
	return v
}

type keptCheckpoint struct {
	Origin, Root, Note string
	Size               uint64
	Cosignatures       []proof.Cosignature
}

func rootOf(t *testing.T, text string) (h tlog.Hash) {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || copy(h[:], raw) != len(h) {
		t.Fatalf("%q is no root", text)
	}
	return h
}

func TestAProofFromTheAPIHoldsForWhoTrustsTheKeyAlone(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	token := h.token("an", "analyst")
	now := into[struct {
		Verifiers []string `json:"verifiers"`
		Note      string   `json:"note"`
		Size      uint64   `json:"size"`
		Root      string   `json:"root"`
		Projected uint64   `json:"projected"`
		Verified  struct {
			Known, Sound bool
			Upto         uint64
		} `json:"verified"`
	}](t, h.ask("GET", "/v1/checkpoint", token, "").want(t, http.StatusOK))
	trust := must(proof.ParseTrust(now.Verifiers...))(t)
	signed := must(trust.Open(proof.Origin(fund), []byte(now.Note)))(t)
	if signed.Size != now.Size || signed.Root != rootOf(t, now.Root) || now.Size != now.Projected || now.Verified.Upto != now.Size {
		t.Errorf("%+v", now)
	}
	inclusion := into[proof.Inclusion](t, h.ask("GET", "/v1/proofs/inclusion/17", token, "").want(t, http.StatusOK))
	record := must(h.ledger.Log().Get(t.Context(), 17))(t)
	if err := inclusion.Check(signed.Root); err != nil || inclusion.Leaf != eventstore.LeafHash(record) {
		t.Errorf("%v", err)
	}
	grown := into[struct {
		From  uint64      `json:"from_size"`
		To    uint64      `json:"to_size"`
		Proof []tlog.Hash `json:"proof"`
		A     string      `json:"from_root"`
		B     string      `json:"to_root"`
	}](t, h.ask("GET", "/v1/proofs/consistency?from=1000", token, "").want(t, http.StatusOK))
	between := proof.Consistency{From: grown.From, To: grown.To, Hashes: grown.Proof}
	if err := between.Check(rootOf(t, grown.A), signed.Root); err != nil || grown.B != now.Root {
		t.Errorf("%v", err)
	}
	list := into[struct {
		Checkpoints []keptCheckpoint `json:"checkpoints"`
		Next        uint64           `json:"next"`
	}](t, h.ask("GET", "/v1/checkpoints?limit=2", token, "").want(t, http.StatusOK))
	if len(list.Checkpoints) == 0 || list.Checkpoints[0].Size != now.Size {
		t.Fatalf("%+v", list)
	}
	for list.Next > 0 {
		before := list.Next
		list.Next = 0
		next := into[struct {
			Checkpoints []keptCheckpoint `json:"checkpoints"`
			Next        uint64           `json:"next"`
		}](t, h.ask("GET", "/v1/checkpoints?limit=2&before="+digits(before), token, "").want(t, http.StatusOK))
		for _, c := range next.Checkpoints {
			if c.Size >= before {
				t.Errorf("size %d is listed twice", c.Size)
			}
			older := must(trust.Open(proof.Origin(fund), []byte(c.Note)))(t)
			p := into[proof.Consistency](t, h.ask("GET", "/v1/proofs/consistency?from="+digits(c.Size), token, "").want(t, http.StatusOK))
			if err := p.Check(older.Root, signed.Root); err != nil {
				t.Error(err)
			}
		}
		list.Next = next.Next
	}
}

func digits(n uint64) string { return decimal.NewFromUint64(n).String() }

func TestABundleFromTheAPIIsVerifiedOffline(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	token := h.token("au", "auditor")
	trust := must(proof.ParseTrust(h.web.Proof().Verifiers...))(t)
	for _, query := range []string{"", "?clause=4", "?year=2025&clause=6"} {
		a := h.ask("GET", "/v1/bundle"+query, token, "").want(t, http.StatusOK)
		if _, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body))); err != nil {
			t.Fatal(err)
		}
		bundle := must(archive.ReadBundle(bytes.NewReader(a.body), int64(len(a.body))))(t)
		report := must(archive.VerifyBundle(t.Context(), bundle, trust))(t)
		if !report.Sound || !report.SumsSigned || (report.Extract != nil) != (query != "") {
			t.Errorf("%s: %+v", query, report.Checks)
		}
	}
}

// Whoever asks for a bundle before the first checkpoint is due has it signed.
func TestABundleBeforeTheFirstCheckpointHasItSigned(t *testing.T) {
	h := open(t, proving(t))
	token := h.token("au", "auditor")
	h.ask("GET", "/v1/checkpoints/1", token, "").want(t, http.StatusNotFound)
	p := h.web.Proof()
	if err := p.Tree.WaitFor(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	a := h.ask("GET", "/v1/bundle", token, "")
	for a.status == http.StatusNotFound { // the notary reads beside the tree
		a = h.ask("GET", "/v1/bundle", token, "")
	}
	a.want(t, http.StatusOK)
	bundle := must(archive.ReadBundle(bytes.NewReader(a.body), int64(len(a.body))))(t)
	report := must(archive.VerifyBundle(t.Context(), bundle, must(proof.ParseTrust(p.Verifiers...))(t)))(t)
	if !report.Sound || report.Checkpoint.Size == 0 {
		t.Errorf("%+v", report)
	}
	h.ask("GET", "/v1/checkpoints/"+digits(report.Checkpoint.Size), token, "").want(t, http.StatusOK)
}

func TestAnExplanationAsATableAddsUp(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	token := h.token("an", "analyst")
	path := "/v1/explain?figure=paid&clause=4&year=2025"
	tree := into[replay.Explanation](t, h.ask("GET", path, token, "").want(t, http.StatusOK))
	if !tree.Holds || len(tree.Parts) == 0 {
		t.Fatalf("%+v", tree)
	}
	body := h.ask("GET", path+"&format=csv", token, "").want(t, http.StatusOK).body
	rows := must(csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff")))).ReadAll())(t)
	sum := decimal.Zero
	for _, row := range rows[1:] {
		if row[1] == "posting" {
			sum = sum.Add(decimal.RequireFromString(row[3]))
		}
	}
	if sum.StringFixed(2) != tree.Amount.String() {
		t.Errorf("the postings come to %s, the figure is %s", sum, tree.Amount)
	}
	wrong := into[replay.Explanation](t, h.ask("GET", path+"&claimed=1.00", token, "").want(t, http.StatusOK))
	if wrong.Holds {
		t.Error("a claimed amount that is another is said to hold")
	}
	past := into[replay.Explanation](t, h.ask("GET", path+"&as_of=seq:400", token, "").want(t, http.StatusOK))
	if past.Amount == tree.Amount {
		t.Error("as of event 400 it is the same")
	}
}

func TestAReplayStopsWhereItIsAskedToAndHasTheRefusals(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	token := h.token("re", "reviewer@investment")
	refused := into[struct {
		Rows []struct{ Data string } `json:"rows"`
	}](t, h.ask("GET", "/v1/refusals?code=cap_exceeded&limit=1", token, "").want(t, http.StatusOK))
	var command struct{ Application string }
	if err := json.Unmarshal([]byte(refused.Rows[0].Data), &command, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	path := "/v1/applications/" + command.Application + "/replay"
	whole := into[replay.History](t, h.ask("GET", path, token, "").want(t, http.StatusOK))
	if last := whole.Steps[len(whole.Steps)-1]; len(whole.Steps) < 2 || last.Seq == 0 {
		t.Fatalf("%+v", whole)
	}
	if !strings.Contains(asJSON(t, whole), `"code":"cap_exceeded"`) {
		t.Error("the refusal is not in its place")
	}
	first := whole.Steps[0]
	cut := into[replay.History](t, h.ask("GET", path+"?at="+digits(first.Seq), token, "").want(t, http.StatusOK))
	if len(cut.Steps) != 1 || cut.Steps[0].Seq != first.Seq {
		t.Errorf("%d steps", len(cut.Steps))
	}
	second := into[struct {
		Steps []replay.Step `json:"steps"`
		Count int           `json:"count"`
		Next  int           `json:"next"`
	}](t, h.ask("GET", path+"?from=1&limit=1", token, "").want(t, http.StatusOK))
	if len(second.Steps) != 1 || second.Count != len(whole.Steps) || second.Steps[0].CommandID != whole.Steps[1].CommandID || (second.Count > 2) != (second.Next == 2) {
		t.Errorf("%d steps of %d, next %d", len(second.Steps), second.Count, second.Next)
	}
	table := h.ask("GET", path+"?format=xlsx", token, "").want(t, http.StatusOK)
	if _, err := zip.NewReader(bytes.NewReader(table.body), int64(len(table.body))); err != nil {
		t.Error(err)
	}
}

func TestAVerificationIsAskedForByThoseWhoMay(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	h.ask("POST", "/v1/verification", h.token("an", "analyst"), "{}").want(t, http.StatusForbidden)
	auditor := h.token("au", "auditor")
	report := into[struct {
		Report *audit.Report `json:"report"`
	}](t, h.ask("POST", "/v1/verification", auditor, "{}").want(t, http.StatusOK))
	if report.Report == nil || !report.Report.Sound {
		t.Errorf("%+v", report)
	}
	later := h.ask("POST", "/v1/verification", auditor, "{}", "Prefer", "wait=1, respond-async").want(t, http.StatusAccepted)
	if later.header.Get("Location") != "/v1/verification" {
		t.Error("it does not say where the report will be")
	}
	for _, table := range []string{"checks", "findings", "sample", "benford"} {
		for _, format := range []string{"csv", "xlsx"} {
			h.ask("GET", "/v1/verification?table="+table+"&format="+format+"&lang=en", auditor, "").want(t, http.StatusOK)
		}
	}
}

func TestASampleIsTheSameForEver(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	signed := h.prove()
	token := h.token("au", "auditor")
	path := "/v1/sample?n=25&size=" + digits(signed.Size)
	first := h.ask("GET", path, token, "").want(t, http.StatusOK)
	sample := into[sampling.Sample](t, first)
	if sample.Seed != signed.Root || len(sample.Items) == 0 || sample.Asked != 25 {
		t.Errorf("%+v", sample)
	}
	must(h.remote(h.token("li.na", "clerk@investment")).Do(t.Context(), registration("later", 7777)))(t)
	if again := h.ask("GET", path, token, "").want(t, http.StatusOK); !bytes.Equal(first.body, again.body) {
		t.Error("another sample")
	}
}

func TestFewWhatIfsAreDecidedAtOnce(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	token := h.token("an", "analyst")
	result := into[struct {
		Parameters []replay.Parameter `json:"parameters"`
		Changes    int                `json:"change_count"`
	}](t, h.ask("POST", "/v1/what-if", token, `{"set":["4.cap=1000000.00"]}`).want(t, http.StatusOK))
	if result.Changes == 0 || len(result.Parameters) != 1 {
		t.Errorf("%+v", result)
	}
	h.ask("POST", "/v1/what-if?format=csv&table=clauses", token, `{"set":["4.cap=1000000.00"]}`).want(t, http.StatusOK)
	gate := gated{Log: h.web.Proof().Log, came: make(chan struct{}), open: make(chan struct{})}
	h.web.Proof().Log = gate
	var running sync.WaitGroup
	for _, token := range []string{token, h.token("bo", "analyst")} {
		running.Go(func() { h.ask("POST", "/v1/what-if", token, `{"set":["4.cap=1000000.00"]}`) })
		<-gate.came
	}
	if p := h.ask("POST", "/v1/what-if", token, `{"set":["4.cap=1.00"]}`).want(t, http.StatusTooManyRequests); p.problem(t).Code != "what_if_busy" || p.header.Get("Retry-After") == "" {
		t.Errorf("%s", p.body)
	}
	close(gate.open)
	running.Wait()
}

// gated is a log that tells when it is read, and answers when its gate is opened.
type gated struct {
	proof.Log
	came, open chan struct{}
}

func (g gated) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	g.came <- struct{}{}
	<-g.open
	return g.Log.Read(ctx, from, to, fn)
}

func TestAServiceIsNotReadyWhenItsLogIsContradicted(t *testing.T) {
	var cfg proof.NotaryConfig
	h := open(t, proving(t, func(c *proof.NotaryConfig) { cfg = *c }))
	h.play()
	signed := h.prove()
	h.ask("GET", "/readyz", "", "").want(t, http.StatusOK)
	// Somebody with the same key signs another log of the size that comes next.
	signer := must(cfg.Key.Signer())(t)
	forged := must(proof.Checkpoint{Origin: signed.Origin, Size: signed.Size + 1, Root: signed.Root}.Sign(signer))(t)
	if err := cfg.Store.Keep(t.Context(), signed.Size+1, forged); err != nil {
		t.Fatal(err)
	}
	must(h.remote(h.token("li.na", "clerk@investment")).Do(t.Context(), registration("later", 7777)))(t)
	p := h.web.Proof()
	var err error
	for deadline := time.Now().Add(patience); err == nil && time.Now().Before(deadline); {
		_, err = p.Notary.Issue(t.Context())
	}
	if !errors.Is(err, proof.ErrForked) || !errors.Is(p.Notary.Err(), proof.ErrForked) {
		t.Fatal(err)
	}
	h.ask("GET", "/readyz", "", "").want(t, http.StatusServiceUnavailable)
}

func TestWithoutAProofItsRoutesSaySo(t *testing.T) {
	h := open(t)
	h.play()
	token := h.token("au", "auditor")
	h.ask("GET", "/v1/checkpoint", token, "").want(t, http.StatusOK)
	for _, path := range []string{"/v1/checkpoints", "/v1/proofs/inclusion/1", "/v1/verification", "/v1/bundle", "/tile/0/000", "/checkpoint", "/v1/explain", "/v1/sample", "/v1/sample/stratified", "/v1/reconciliation", "/v1/pack"} {
		if p := h.ask("GET", path, token, "").want(t, http.StatusServiceUnavailable).problem(t); p.Code != "proof_unavailable" {
			t.Errorf("%s: %s", path, p.Code)
		}
	}
}

func TestNothingThatIsAskedOfAProofIsOursToBlame(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	token := h.token("au", "auditor", "admin")
	long := strings.Repeat("x", 900)
	for _, path := range []string{
		"/v1/checkpoints?limit=0", "/v1/checkpoints?limit=-1", "/v1/checkpoints?before=x", "/v1/checkpoints?nope=1", "/v1/checkpoints?limit=1&limit=2",
		"/v1/checkpoints/0", "/v1/checkpoints/-1", "/v1/checkpoints/01", "/v1/checkpoints/99999999999999999999", "/v1/checkpoints/7", "/v1/checkpoints/%00",
		"/v1/proofs/inclusion/0", "/v1/proofs/inclusion/x", "/v1/proofs/inclusion/99999999", "/v1/proofs/inclusion/5?size=4", "/v1/proofs/inclusion/5?size=9223372036854775807",
		"/v1/proofs/inclusion/5?size=-1", "/v1/proofs/consistency?from=0", "/v1/proofs/consistency?from=9&to=8", "/v1/proofs/consistency?from=1&to=9223372036854775807",
		"/v1/applications/none/replay", "/v1/applications/%00/replay", "/v1/applications/" + long + long + "/replay", "/v1/applications/none/replay?at=99999999",
		"/v1/enterprises/%27%20OR%201=1--/replay", "/v1/enterprises/none/replay?at=x",
		"/v1/explain?clause=9.9", "/v1/explain?enterprise=914403001922038216", "/v1/explain?enterprise=none&clause=none", "/v1/explain?figure=none", "/v1/explain?figure=" + long, "/v1/explain?year=1", "/v1/explain?as_of=seq:99999999", "/v1/explain?as_of=yesterday", "/v1/explain?claimed=1e9",
		"/v1/explain?claimed=NaN", "/v1/explain?subject_kind=person", "/v1/explain?format=table", "/v1/explain?format=exe",
		"/v1/receipts/0", "/v1/receipts/1", "/v1/receipts/99999999", "/v1/receipts/x", "/v1/receipts/1?x=1",
		"/v1/sample?n=0", "/v1/sample?n=1000000", "/v1/sample?n=-3", "/v1/sample?size=7", "/v1/sample/stratified?by=colour", "/v1/sample/stratified?n=3", "/v1/sample/stratified?n=1000000",
		"/v1/sample/stratified?strata=99999999999", "/v1/sample/stratified?bounds=5.00,1.00", "/v1/sample/stratified?bounds=1e5", "/v1/sample/stratified?certainty=x", "/v1/sample/stratified?allocation=fair",
		"/v1/reconciliation?from=yesterday", "/v1/reconciliation?from=2025-02-30", "/v1/reconciliation?all=maybe", "/v1/pack?year=2025", "/v1/verification?table=x", "/v1/bundle?year=x", "/v1/bundle?scope=all",
	} {
		if a := h.ask("GET", path, token, ""); a.status < 400 || a.status >= 500 {
			t.Errorf("%s: status %d: %.200s", path, a.status, a.body)
		} else {
			a.problem(t)
		}
	}
	for _, body := range []string{"", "{}", "[]", `{"set":[]}`, `{"set":"4.cap=1"}`, `{"set":["4.cap"]}`, `{"set":["nothing.cap=1.00"]}`, `{"set":["4.cap=1e9"]}`, `{"set":["4.cap=-1.00"]}`,
		`{"set":["4.cap=1.00"],"write":true}`, `{"set":["4.cap=1.00"]}{"set":[]}`, `{"set":[` + strings.Repeat(`"4.cap=1.00",`, 60) + `"4.cap=1.00"]}`, `{"set":["` + strings.Repeat("9", 2<<20) + `"]}`,
		`{"set":["workflow.reviews=-1"]}`, `{"set":["workflow.reviews=999999999999"]}`, `{"set":["term.to=1900-01-01"]}`} {
		if a := h.ask("POST", "/v1/what-if", token, body, "Content-Type", "application/json"); a.status < 400 || a.status >= 500 {
			t.Errorf("%.60s: status %d: %.200s", body, a.status, a.body)
		}
	}
	h.ask("POST", "/v1/what-if", token, `set=1`, "Content-Type", "text/plain").want(t, http.StatusUnsupportedMediaType)
	h.ask("GET", "/healthz", "", "").want(t, http.StatusOK)
}
