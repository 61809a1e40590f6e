package pages_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/fundledger/fundledger/projections"
)

// attach chooses a file in a form.
func (w *tab) attach(selector, path string) {
	w.t.Helper()
	w.do(chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path}))
}

// filled is the worksheet of an export of the API, with audited amounts: what the amount is, less what is wrong with the first.
func (s *site) filled(t *testing.T, path, wrong string) string {
	t.Helper()
	r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+path, nil))(t)
	status, _, body := s.send(r)
	if status != http.StatusOK {
		t.Fatalf("%s: status %d: %.300s", path, status, body)
	}
	rows := must(csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll())(t)
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for i, row := range rows[1:] {
		row[column["audited_amount"]] = row[column["amount"]]
		if i == 0 && wrong != "" {
			row[column["audited_amount"]] = wrong
		}
	}
	file := filepath.Join(t.TempDir(), "底稿.csv")
	f := must(os.Create(file))(t)
	defer f.Close()
	must(io.WriteString(f, "\ufeff"))(t)
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return file
}

// An auditor draws a sample, fills in its worksheet and sees what it projects to; a treasurer records what left the treasury, and
// it is held against the payouts.
func TestAnAuditOfficesDayInABrowser(t *testing.T) {
	s := open(t)
	s.hire(t, "shen", "auditor")
	s.hire(t, "cai", "treasurer@finance")
	b := s.browse(t)
	auditor := b.tab(t)
	auditor.login("shen")
	auditor.visit("/audit?lang=en")
	auditor.click(`a[href="/audit/sample"]`)
	auditor.do(chromedp.SetValue(chromedp.ID("n"), "20"))
	auditor.click("form.filters button")
	if !strings.Contains(auditor.text(), "Population") || !strings.Contains(auditor.text(), "Interval") {
		t.Errorf("no sample of monetary units:\n%s", auditor.text())
	}
	auditor.shoot("office sample units")
	export := ask[string](auditor, `document.querySelector(".exports a").getAttribute("href")`)
	auditor.attach("#worksheet", s.filled(t, export, "0.00"))
	auditor.do(chromedp.SetValue(chromedp.ID("tolerable"), "10,000.00"))
	auditor.click(`form[enctype] button`)
	if text := auditor.text(); !strings.Contains(text, "misstated 1") || !strings.Contains(text, "not acceptable") {
		t.Errorf("the worksheet was not evaluated:\n%s", text)
	}
	auditor.shoot("office evaluated units")

	auditor.visit("/audit/sample?n=30&strata_by=amount&strata=3&certainty=5,000,000.00&allocation=neyman&lang=zh")
	export = ask[string](auditor, `document.querySelector(".exports a").getAttribute("href")`)
	auditor.attach("#worksheet", s.filled(t, export, "1.00"))
	auditor.click(`form[enctype] button`)
	if text := auditor.text(); !strings.Contains(text, "推断错报") || !strings.Contains(text, "全部抽取") || !strings.Contains(text, "少于 20 笔") {
		t.Errorf("the strata were not evaluated:\n%s", text)
	}
	auditor.size(390, 900)
	if wide := auditor.overflow(); len(wide) > 0 {
		t.Errorf("wider than the window: %v", wide)
	}
	for _, v := range auditor.barriers() {
		t.Errorf("axe: %s: %s", v.ID, strings.Join(v.Nodes, "\n"))
	}
	auditor.shoot("office evaluated strata")
	auditor.expect("422")
	auditor.attach("#worksheet", s.filled(t, "/v1/sample?n=5&format=csv", ""))
	auditor.click(`form[enctype] button`)
	if !strings.Contains(auditor.text(), "底稿不能用") {
		t.Errorf("another sample's worksheet was taken:\n%s", auditor.text())
	}

	treasurer := b.tab(t)
	treasurer.login("cai")
	payouts := must(projections.Payouts.Page(t.Context(), s.queries, projections.Ask{Limit: 3}))(t).Rows
	file := filepath.Join(t.TempDir(), "九月付款.csv")
	lines := "凭证号,付款日期,金额,收款人,经手\n"
	for i, p := range payouts {
		amount := p.Amount.String()
		if i == 2 {
			amount = "1.23"
		}
		lines += fmt.Sprintf("%s,%s,%s,%s,甲\n", p.Voucher, p.PaidOn, amount, p.EnterpriseName)
	}
	lines += "V-无,2025-09-01,99.00,=HYPERLINK(\"http://x\"),乙\n"
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(lines, `=HYPERLINK("http://x")`, `<script>alert(1)</script>`)), 0o600); err != nil {
		t.Fatal(err)
	}
	treasurer.visit("/audit/reconciliation?lang=zh&from=2025-01-01&to=2025-12-31")
	treasurer.attach("#payments", file)
	treasurer.click(`form[enctype] button`)
	text := treasurer.text()
	for _, want := range []string{"新记录 4", "九月付款", "国库已付，账上无支付", "<script>alert(1)</script>", "有差异", "1.23"} {
		if !strings.Contains(text, want) {
			t.Errorf("the reconciliation does not say %q:\n%.3000s", want, text)
		}
	}
	treasurer.shoot("office reconciliation")
	treasurer.attach("#payments", file)
	treasurer.click(`form[enctype] button`)
	if text := treasurer.text(); !strings.Contains(text, "新记录 0") || !strings.Contains(text, "早已记录 4") {
		t.Errorf("the same file was recorded again:\n%.500s", text)
	}
	auditor.size(1280, 900)
	auditor.visit("/audit/reconciliation?lang=en&all=true")
	if text := auditor.text(); auditor.has("#payments") || !strings.Contains(text, "A treasurer records it") || !strings.Contains(text, "matched") {
		t.Errorf("an auditor's reconciliation:\n%.2000s", text)
	}
}

// A Chinese keyboard writes commas and semicolons of full width: the same sample is drawn.
func TestASamplesAmountsMayHaveCommasOfEitherWidth(t *testing.T) {
	s := open(t)
	body := func(bounds, certainty string) string {
		t.Helper()
		q := url.Values{"n": {"9"}, "strata_by": {"amount"}, "bounds": {bounds}, "certainty": {certainty}}
		status, body := s.get("/audit/sample?" + q.Encode())
		if status != http.StatusOK {
			t.Fatalf("%s, %s: status %d: %.500s", bounds, certainty, status, body)
		}
		return regexp.MustCompile(`(?s)<tbody.*</tbody>`).FindString(body)
	}
	want := body("500000; 1000000", "5000000")
	if want == "" {
		t.Fatal("the sample has no rows")
	}
	for _, bounds := range []string{"500,000; 1,000,000", "500，000；1，000，000", "500，000、1,000,000"} {
		if got := body(bounds, "5，000，000"); got != want {
			t.Errorf("%s draws another sample:\n%.1000s", bounds, got)
		}
	}
}

func TestAnAuditOfficesBadInputIsSaidSo(t *testing.T) {
	s := open(t)
	for path, want := range map[string]int{
		"/audit/sample?n=x": http.StatusBadRequest, "/audit/sample?n=99999999": http.StatusBadRequest, "/audit/sample?n=3&strata_by=colour": http.StatusBadRequest,
		"/audit/sample?n=9&strata_by=amount&bounds=5+1": http.StatusBadRequest, "/audit/sample?n=9&strata_by=clause&certainty=1e9": http.StatusBadRequest, "/audit/sample?n=9&size=3": http.StatusNotFound,
		"/audit/sample?n=9&strata_by=amount&bounds=500,1000": http.StatusBadRequest, "/audit/sample?n=9&strata_by=amount&bounds=500，1000": http.StatusBadRequest,
		"/audit/sample?n=1&strata_by=clause": http.StatusBadRequest, "/audit/reconciliation?from=2025-02-30": http.StatusBadRequest, "/audit/reconciliation?from=x": http.StatusBadRequest,
	} {
		if status, body := s.get(path); status != want {
			t.Errorf("%s: status %d, want %d: %.300s", path, status, want, body)
		}
	}
	for name, want := range map[string]int{"a.exe": http.StatusUnsupportedMediaType, "a.jsonl": http.StatusUnsupportedMediaType, "a.xlsx": http.StatusUnprocessableEntity, "../../a.csv": http.StatusUnprocessableEntity} {
		if status, body := s.uploadTo(t, "/audit/reconciliation", "payments", name, "not,a\nfile,of\n"); status != want {
			t.Errorf("%s: status %d, want %d: %.300s", name, status, want, body)
		}
	}
	if status, body := s.uploadTo(t, "/audit/reconciliation", "payments", "a.csv", "voucher,paid_on,amount,payee\nV-1,2025-04-01,1.00,X\nV-2,2025-04-01,1e5,X\n"); status != http.StatusUnprocessableEntity ||
		!strings.Contains(body, "第 3 行") {
		t.Errorf("status %d: %.3000s", status, body)
	}
	s.hire(t, "cai", "treasurer@finance")
	s.signIn(t, "cai")
	columns := "columns:\n  voucher: {column: 流水号}\n  paid_on: {column: 记账日}\n  amount: {column: 发生额, unit: wan}\n  payee: {column: 户名}\n"
	bank := "国库流水\n流水号,记账日,发生额,户名\nV-77,2025年4月3日,0.07,甲\n合计,,0.07,\n"
	if status, body := s.uploadTo(t, "/audit/reconciliation", "payments", "流水.csv", bank, map[string]string{"map": columns}); status != http.StatusOK || !strings.Contains(body, "V-77") || !strings.Contains(body, "700.00，与各行之和一致") {
		t.Errorf("by a mapping: status %d: %.3000s", status, body)
	}
	if status, body := s.uploadTo(t, "/audit/reconciliation", "payments", "流水.csv", bank, map[string]string{"map": strings.Replace(columns, "payee", "payer", 1)}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "缺少列“payee”") {
		t.Errorf("by a mapping that lacks a column: status %d: %.3000s", status, body)
	}
	s.hire(t, "fen", "analyst")
	s.signIn(t, "fen")
	if status, body := s.uploadTo(t, "/audit/reconciliation", "payments", "a.csv", "voucher,paid_on,amount,payee\nV-1,2025-04-01,1.00,X\n"); status != http.StatusUnprocessableEntity ||
		!strings.Contains(body, "role_not_allowed") {
		t.Errorf("an analyst recorded a payment file: status %d: %.1000s", status, body)
	}
}
