package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit/office"
	"github.com/fundledger/fundledger/audit/sampling"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

func TestAStratifiedSampleIsDrawnAndEvaluated(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	signed := h.prove()
	token := h.token("au", "auditor")
	path := "/v1/sample/stratified?by=amount&strata=2&n=4&certainty=5000000.00&allocation=neyman&size=" + digits(signed.Size)
	first := h.ask("GET", path, token, "").want(t, http.StatusOK)
	sample := into[sampling.Stratified](t, first)
	if sample.Seed != signed.Root || sample.Population == 0 || len(sample.Strata) == 0 {
		t.Fatalf("%+v", sample)
	}
	must(h.remote(h.token("li.na", "clerk@investment")).Do(t.Context(), registration("later", 7777)))(t)
	if again := h.ask("GET", path, token, "").want(t, http.StatusOK); !bytes.Equal(first.body, again.body) {
		t.Error("another sample")
	}
	if csv := string(h.ask("GET", path+"&format=csv&lang=en", token, "").want(t, http.StatusOK).body); !strings.Contains(csv, "audited_amount") {
		t.Errorf("%.300s", csv)
	}
	type row struct {
		Payout        string `json:"payout"`
		AuditedAmount string `json:"audited_amount"`
	}
	var rows []row
	for _, stratum := range sample.Strata {
		for _, item := range stratum.Drawn {
			rows = append(rows, row{item.ID, item.Amount.String()})
		}
	}
	body := func(rows []row, more string) string {
		text := must(json.Marshal(rows))(t)
		return fmt.Sprintf(`{"by":"amount","strata":2,"n":4,"certainty":"5000000.00","allocation":"neyman","size":%d,"audited":%s%s}`, signed.Size, text, more)
	}
	evaluate := func(body string, status int) answer {
		return h.ask("POST", "/v1/sample/evaluation", token, body, "Content-Type", "application/json").want(t, status)
	}
	var said struct {
		Size       uint64                         `json:"size"`
		Stratified *sampling.StratifiedEvaluation `json:"stratified"`
	}
	if err := json.Unmarshal(evaluate(body(rows, ""), http.StatusOK).body, &said); err != nil || said.Size != signed.Size || said.Stratified == nil || said.Stratified.Items != len(rows) ||
		!said.Stratified.Projected.IsZero() {
		t.Errorf("%v, %+v", err, said)
	}
	if p := evaluate(body(rows[1:], ""), http.StatusBadRequest).problem(t); p.Code != "worksheet_invalid" || !strings.Contains(p.Message.ZH, rows[0].Payout) {
		t.Errorf("%+v", p)
	}
	if p := evaluate(body(append(slices.Clone(rows), rows[0]), ""), http.StatusBadRequest).problem(t); p.Code != "worksheet_invalid" {
		t.Errorf("%+v", p)
	}
	for _, wrong := range []string{"", "[]", `{"audited":1}`, body(rows, `,"write":true`), body(rows, `,"tolerable":"1e9"`), body([]row{{"P", "x"}}, ""), `{"n":-1,"audited":[]}`} {
		evaluate(wrong, http.StatusBadRequest).problem(t)
	}
	units := into[sampling.Sample](t, h.ask("GET", "/v1/sample?n=3&size="+digits(signed.Size), token, "").want(t, http.StatusOK))
	rows = nil
	for _, item := range units.Items {
		rows = append(rows, row{item.ID, item.Amount.String()})
	}
	text := must(json.Marshal(rows))(t)
	var e struct {
		Units *sampling.Evaluation `json:"units"`
	}
	if err := json.Unmarshal(evaluate(fmt.Sprintf(`{"n":3,"size":%d,"audited":%s,"tolerable":"1.00"}`, signed.Size, text), http.StatusOK).body, &e); err != nil || e.Units == nil || e.Units.Acceptable ||
		e.Units.Precision.IsZero() {
		t.Errorf("%v, %+v", err, e)
	}
}

func TestTreasuryPaymentsAreReconciledBothWays(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	token := h.token("au", "auditor")
	before := into[office.Reconciliation](t, h.ask("GET", "/v1/reconciliation", token, "").want(t, http.StatusOK))
	payouts := before.Counts[office.PayoutWithoutPayment]
	if payouts == 0 || before.Lines != 0 {
		t.Fatalf("%+v", before)
	}
	paid := before.Items[0].Payout
	treasurer := h.token("fin", "treasurer@finance")
	record := fmt.Sprintf(`{"command":"record_treasury_payment","id":"tp-1","date":"2025-09-10","statement":"jan","line":1,"voucher":%q,"paid_on":%q,"amount":%q,"payee":%q}`,
		paid.Voucher, paid.PaidOn, paid.Amount, paid.Enterprise)
	h.ask("POST", "/v1/commands", treasurer, record, "Content-Type", "application/json").want(t, http.StatusOK)
	after := into[office.Reconciliation](t, h.ask("GET", "/v1/reconciliation", token, "").want(t, http.StatusOK))
	if after.Lines != 1 || after.Counts[office.Matched]+after.Counts[office.MatchedDiffering] != 1 || len(after.Items) != len(after.Open()) {
		t.Errorf("%+v", after)
	}
	all := into[office.Reconciliation](t, h.ask("GET", "/v1/reconciliation?all=true", token, "").want(t, http.StatusOK))
	if len(all.Items) < len(after.Items) {
		t.Errorf("%d of %d", len(after.Items), len(all.Items))
	}
	if none := into[office.Reconciliation](t, h.ask("GET", "/v1/reconciliation?from=2024-11-15&to=2024-11-15", token, "").want(t, http.StatusOK)); none.Lines != 0 || none.From != domain.DateOf(2024, 11, 15) {
		t.Errorf("%+v", none)
	}
	h.ask("GET", "/v1/reconciliation?format=xlsx&lang=zh", token, "").want(t, http.StatusOK)
}

// A sample is drawn of the tables, and payments are reconciled by them: of every position they hold what the log says, in its order, also of a line
// that was voided and recorded anew, and of an enterprise that was renamed.
func TestWhatWasPaidIsInTheTablesAsOnTheLog(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	clerk, treasurer := h.remote(h.token("li.na", "clerk@investment")), h.remote(h.token("tr", "treasurer@finance"))
	must(clerk.Do(t.Context(), registration("later", 7777)))(t)
	for i, text := range []string{
		`{"command":"record_treasury_payment","statement":"S","line":1,"voucher":"V-1","paid_on":"2025-03-01","amount":"5.00","payee":"甲"}`,
		`{"command":"record_treasury_payment","statement":"S","line":2,"voucher":"V-2","paid_on":"2025-03-02","amount":"6.00","payee":"乙"}`,
		`{"command":"void_treasury_payment","statement":"S","line":1,"reason":"录错"}`,
		`{"command":"record_treasury_payment","statement":"S","line":1,"voucher":"V-1","paid_on":"2025-03-01","amount":"7.00","payee":"甲"}`,
	} {
		text = strings.Replace(text, "{", fmt.Sprintf(`{"id":"t-%d","date":"2025-09-01","actor":{"id":"tr","role":"treasurer","department":"finance"},`, i), 1)
		command, refusal := wire.DecodeCommand([]byte(text))
		if refusal != nil {
			t.Fatal(refusal)
		}
		must(treasurer.Do(t.Context(), command))(t)
	}
	p := h.web.Proof()
	kept := must(p.Payments(t.Context(), 100_000))(t)
	payouts, lines, err := office.PaymentsIn(kept)
	if err != nil {
		t.Fatal(err)
	}
	logged, recorded, err := office.PaymentsOn(t.Context(), p.Log)
	if err != nil || len(payouts) < 100 || len(lines) != 2 || !reflect.DeepEqual(payouts, logged) || !reflect.DeepEqual(lines, recorded) {
		t.Errorf("%v: %d payouts and %v, on the log %d and %v", err, len(payouts), lines, len(logged), recorded)
	}
	last := must(h.ledger.Log().Last(t.Context()))(t)
	for size := uint64(1); size <= last; size += last / 7 {
		want := must(sampling.Population(t.Context(), p.Log, size))(t)
		got := sampling.PopulationOf(must(p.Paid(t.Context(), size, 100_000))(t))
		if len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("at %d: %d payouts, on the log %d", size, len(got), len(want))
		}
	}
	if _, err := p.Paid(t.Context(), last+1, 100_000); !errors.Is(err, projections.ErrNotYet) {
		t.Errorf("of a position that is not there: %v", err)
	}
	if _, err := p.Payments(t.Context(), 3); !errors.Is(err, projections.ErrTooMany) {
		t.Errorf("of more than were asked for: %v", err)
	}
}

func TestThePackIsDownloaded(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	h.prove()
	a := h.ask("GET", "/v1/pack", h.token("au", "auditor"), "").want(t, http.StatusOK)
	z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if !slices.Contains(names, "manifest.json") || len(names) < 5 {
		t.Errorf("%v", names)
	}
}
