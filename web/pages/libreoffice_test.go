//go:build office

package pages_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/projections"
)

// Run by "make office": what the ledger writes is opened by LibreOffice, printed and saved again, and what it saved is read. It needs soffice, pdfinfo and
// pdftotext, and fails where they are not.

// spreadsheets is LibreOffice with a profile of its own.
type spreadsheets struct {
	t       *testing.T
	profile string
}

// saved has files opened and saved as another kind, in one run; the answer is the folder that they lie in.
func (o spreadsheets) saved(kind string, files ...string) string {
	o.t.Helper()
	out := o.t.TempDir()
	ctx, cancel := context.WithTimeout(o.t.Context(), 10*time.Minute)
	defer cancel()
	// The filter is of CSVs: commas, quotation marks, UTF-8, as the dialogue offers them; workbooks do not ask.
	args := append([]string{"-env:UserInstallation=file://" + o.profile, "--headless", "--infilter=CSV:44,34,76,1", "--convert-to", kind, "--outdir", out}, files...)
	if text, err := exec.CommandContext(ctx, "soffice", args...).CombinedOutput(); err != nil {
		o.t.Fatalf("soffice (apt-get install libreoffice-calc poppler-utils): %v: %s", err, text)
	}
	for _, f := range files {
		if _, err := os.Stat(o.in(out, f, kind)); err != nil {
			o.t.Errorf("LibreOffice did not save %s as %s", filepath.Base(f), kind)
		}
	}
	return out
}

func (o spreadsheets) in(folder, file, kind string) string {
	name := filepath.Base(file)
	return filepath.Join(folder, strings.TrimSuffix(name, filepath.Ext(name))+"."+kind)
}

func (s *site) fetched(t *testing.T, address, path string) {
	t.Helper()
	r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+address, nil))(t)
	status, _, body := s.send(r)
	if status != http.StatusOK {
		t.Fatalf("%s: status %d: %.300s", address, status, body)
	}
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
}

// sameCell says whether two cells are one: LibreOffice keeps 15 digits of a number, which are all of an amount, and of a moment what is seen. What begins with
// a nought is an id.
func sameCell(a, b string) bool {
	n, err := strconv.ParseFloat(a, 64)
	m, no := strconv.ParseFloat(b, 64)
	id := regexp.MustCompile(`^0[0-9]`)
	return a == b || err == nil && no == nil && math.Abs(n-m) < 1e-9 && !id.MatchString(a) && !id.MatchString(b)
}

// cells are a workbook's cells as they are kept, sheet by sheet, without what is empty at the end of rows.
func cells(t *testing.T, path string) (all [][]string) {
	t.Helper()
	book := must(excelize.OpenFile(path))(t)
	defer book.Close()
	for _, sheet := range book.GetSheetList() {
		for _, row := range must(book.GetRows(sheet, excelize.Options{RawCellValue: true}))(t) {
			for len(row) > 0 && row[len(row)-1] == "" {
				row = row[:len(row)-1]
			}
			all = append(all, row)
		}
	}
	return all
}

var pageNumber = regexp.MustCompile(`第 (\d+) 页，共 (\d+) 页`)

func TestLibreOfficeOpensPrintsAndSavesWhatIsExported(t *testing.T) {
	o := spreadsheets{t, t.TempDir()}
	s := open(t)
	folder := t.TempDir()
	var books, texts []string
	for _, l := range projections.Lists() {
		if l.Of() != nil || l.Filter("q") != nil && l.Name == "search" {
			continue
		}
		books, texts = append(books, filepath.Join(folder, l.Name+".xlsx")), append(texts, filepath.Join(folder, l.Name+"-text.csv"))
		s.fetched(t, l.Address+"?format=xlsx&lang=zh", books[len(books)-1])
		s.fetched(t, l.Address+"?format=csv&headings=human&lang=zh", texts[len(texts)-1])
	}
	for _, v := range []string{"make_payout", "book_payout", "submit_application", "register_enterprise", "record_treasury_payment"} {
		books = append(books, filepath.Join(folder, "template-"+v+".xlsx"))
		s.fetched(t, "/import/template?command="+v+"&format=xlsx&lang=zh", books[len(books)-1])
	}
	again, printed, opened := o.saved("xlsx", books...), o.saved("pdf", books...), o.saved("xlsx", texts...)
	for _, book := range books {
		name := filepath.Base(book)
		before, after := cells(t, book), cells(t, o.in(again, book, "xlsx"))
		if diff := cmp.Diff(before, after, cmp.Comparer(sameCell)); diff != "" {
			t.Errorf("%s says something else once LibreOffice saved it (-before +after): %.2000s", name, diff)
		}
		pdf := o.in(printed, book, "pdf")
		info := string(must(exec.CommandContext(t.Context(), "pdfinfo", pdf).Output())(t))
		if !strings.Contains(info, "(A4)") || !regexp.MustCompile(`Page size: +84\d\.\d+ x 59\d`).MatchString(info) {
			t.Errorf("%s is not printed on A4, lying: %s", name, info)
		}
		pages := strings.Split(strings.TrimSuffix(string(must(exec.CommandContext(t.Context(), "pdftotext", "-layout", pdf, "-").Output())(t)), "\f"), "\f")
		money := slices.ContainsFunc(before, func(row []string) bool { return slices.Contains(row, "金额") })
		for i, page := range pages {
			said := pageNumber.FindStringSubmatch(page)
			if said == nil || said[1] != fmt.Sprint(i+1) || said[2] != fmt.Sprint(len(pages)) || money && !strings.Contains(page, "单位：元") {
				t.Errorf("%s: page %d of %d says %q: %.200s", name, i+1, len(pages), said, page)
			}
			if len(before) > 1 && i < len(pages)-1 && !strings.Contains(strings.Join(strings.Fields(page), ""), before[0][0]) {
				t.Errorf("%s: page %d has no heading: %.300s", name, i+1, page)
			}
		}
	}
	for _, text := range texts {
		if rows := cells(t, o.in(opened, text, "xlsx")); len(rows) == 0 || strings.HasPrefix(rows[0][0], "\ufeff") {
			t.Errorf("%s is opened as %q", filepath.Base(text), rows[:min(len(rows), 1)])
		}
	}
	s.reconciles(t, o, filepath.Join(folder, "payouts.xlsx"), o.in(again, "payouts.xlsx", "xlsx"), o.in(opened, "payouts-text.csv", "xlsx"))
}

// payments are the columns of our list of payouts that a payment file has.
var payments = intake.PaymentColumns([4][]string{{"凭证号"}, {"支付日期"}, {"金额"}, {"企业名称"}})

// reconciles reads a list of payouts as a payment file: what LibreOffice saved says what was exported, whatever it was saved from.
func (s *site) reconciles(t *testing.T, o spreadsheets, files ...string) {
	t.Helper()
	read := func(path string) (rows []string) {
		_, err := intake.ReadTable(path, payments, nil, func(_ int, cells []string) error {
			m, err := domain.ParseMoney(cells[2])
			rows = append(rows, fmt.Sprint(cells[0], " ", cells[1], " ", m, " ", cells[3]))
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		return rows
	}
	want := read(files[0])
	if len(want) == 0 {
		t.Fatal("the list of payouts is no payment file")
	}
	for _, path := range files[1:] {
		if diff := cmp.Diff(want, read(path)); diff != "" {
			t.Errorf("%s: %.1000s", path, diff)
		}
	}
	for _, kind := range []string{"ods", "xls"} {
		path := o.in(o.saved(kind, files[0]), files[0], kind)
		_, err := intake.ReadTable(path, payments, nil, func(int, []string) error { return nil })
		if err == nil || !strings.Contains(err.Error(), ".xlsx") {
			t.Errorf("a file of .%s is answered %v", kind, err)
		}
	}
}

// A table of commands is filled in and imported, saved by LibreOffice and imported again: nothing is booked twice.
func TestWhatLibreOfficeSavedIsNotBookedTwice(t *testing.T) {
	o := spreadsheets{t, t.TempDir()}
	m := must(intake.LoadMapping(strings.NewReader(`columns:
  ent: {column: 企业}
  clause: {column: 条款}
  year: {column: 支持年度, read: year}
  amount: {column: 金额, read: amount}
  paid: {column: 支付日期, read: date}
fields: {date: "2025-12-31", actor.id: takeover, actor.role: treasurer}
commands:
  - fields: {command: book_payout, id: "pay-{content}-{occurrence}", payout: "{content}-{occurrence}", enterprise: "{ent}", clause: "{clause}", support_year: "{year}", amount: "{amount}", paid_on: "{paid}"}
`), "map.yaml"))(t)
	folder := t.TempDir()
	text := filepath.Join(folder, "text.csv")
	body := "企业,条款,支持年度,金额,支付日期\nLAKE-001,C,2025,\"1,800,000.00\",2025-03-01\n合计划科技有限公司,C,2025,250000.5,2025/4/1\n00123,C,２０２５,0.10,2025年5月1日\n合 计,,,2050000.6,\n"
	if err := os.WriteFile(text, []byte("\ufeff"+body), 0o600); err != nil {
		t.Fatal(err)
	}
	ids := func(path string) (list []string) {
		source := must(intake.Open(path, intake.Options{Map: m}))(t)
		defer source.Close()
		for {
			line, err := source.Next()
			if err != nil {
				return list
			}
			if line.Refusal != nil {
				t.Errorf("%s: row %d: %v", filepath.Base(path), line.Number, line.Refusal.Message().EN)
			}
			list = append(list, line.ID)
		}
	}
	want := ids(text)
	if len(want) != 3 {
		t.Fatalf("read %q", want)
	}
	book := o.in(o.saved("xlsx", text), text, "xlsx")
	again := o.in(o.saved("xlsx", book), book, "xlsx")
	for _, path := range []string{book, again} {
		got := ids(path)
		if len(got) != 3 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for _, kind := range []string{"ods", "xls"} {
		path := o.in(o.saved(kind, book), book, kind)
		if _, err := intake.Open(path, intake.Options{Map: m}); err == nil || !strings.Contains(err.Error(), ".xlsx") {
			t.Errorf("a file of .%s is answered %v", kind, err)
		}
	}
}

// The file for the bank is opened by LibreOffice as it is: numbers of accounts keep all of their nineteen digits and their noughts. (A CSV is for
// the bank's own program: the page says that spreadsheets cut the numbers in it, as they do.) The pack's tables are opened too.
func TestLibreOfficeOpensTheBanksFileAndThePack(t *testing.T) {
	o := spreadsheets{t, t.TempDir()}
	s := open(t)
	cai := s.as(t, "cai", "treasurer@finance")
	_, body := cai.get("/todo/to_pay?lang=zh")
	of := html.UnescapeString(caseOf.FindStringSubmatch(body)[1])
	var to domain.ApplicationView
	if err := s.ledger.View(t.Context(), func(state *domain.State, _ uint64) { to, _ = state.Application(domain.ApplicationID(of)) }); err != nil {
		t.Fatal(err)
	}
	const account = "0622202123456789012"
	if status, _, body := s.confirm("/enterprises/"+url.PathEscape(string(to.Charge.Enterprise))+"/edit", url.Values{"command": {"record_payee_account"},
		"id": {"into"}, "date": {"2025-09-01"}, "as": {"clerk@commerce"}, "holder": {"某某有限公司"}, "reason": {"托管"}, "account": {account}, "bank": {"示例银行"}}); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, saidOn(body))
	}
	_, _, body = cai.post("/todo/to_pay?lang=zh", url.Values{"date": {domain.DateIn(now, domain.Shanghai).String()}, "case": {of}})
	status, header, body := cai.post("/todo/to_pay?lang=zh", hidden(t, body))
	if status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, saidOn(body))
	}
	at, _, _ := strings.Cut(header.Get("Location"), "#")
	path, query, _ := strings.Cut(at, "?")
	folder := t.TempDir()
	keep := func(name, address string) string {
		status, body := cai.get(address)
		if status != http.StatusOK {
			t.Fatalf("%s: status %d: %.300s", address, status, body)
		}
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	book, text := keep("bank.xlsx", path+"/file?format=xlsx&lang=zh&"+query), keep("bank-text.csv", path+"/file?format=csv&lang=zh&"+query)
	want := cells(t, book)
	if len(want) < 2 || !slices.Contains(want[1], account) {
		t.Fatalf("the bank's file holds %q", want)
	}
	if diff := cmp.Diff(want, cells(t, o.in(o.saved("xlsx", book), book, "xlsx")), cmp.Comparer(sameCell)); diff != "" {
		t.Errorf("a workbook for the bank says something else once it was saved (-before +after): %s", diff)
	}
	if written := string(must(os.ReadFile(text))(t)); !strings.Contains(written, ","+account+",") {
		t.Errorf("the CSV for the bank says %s", written)
	}
	s.opensPack(t, o, folder)
}

// opensPack has every table of the pack opened: as many rows as the pack says that it holds, each under its heading.
func (s *site) opensPack(t *testing.T, o spreadsheets, folder string) {
	t.Helper()
	zipped := filepath.Join(folder, "pack.zip")
	s.fetched(t, "/v1/pack", zipped)
	archive := must(zip.OpenReader(zipped))(t)
	defer archive.Close()
	var tables []string
	lines := map[string]int{}
	for _, f := range archive.File {
		if path.Ext(f.Name) != ".csv" {
			continue
		}
		from := must(f.Open())(t)
		text := must(io.ReadAll(from))(t)
		from.Close()
		file := filepath.Join(folder, "pack-"+path.Base(f.Name))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, file)
		lines[file] = len(must(csv.NewReader(bytes.NewReader(text)).ReadAll())(t))
	}
	if len(tables) < 10 {
		t.Fatalf("the pack holds %d tables", len(tables))
	}
	opened := o.saved("xlsx", tables...)
	for _, file := range tables {
		if rows := cells(t, o.in(opened, file, "xlsx")); len(rows) != lines[file] {
			t.Errorf("%s has %d rows, and is opened with %d", filepath.Base(file), lines[file], len(rows))
		}
	}
}
