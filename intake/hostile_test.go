package intake_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/fundledger/fundledger/intake"
)

func gbk(t *testing.T, text string) string {
	t.Helper()
	encoded, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func utf16le(text string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestAFileThatIsSomethingElseSaysWhatItIs(t *testing.T) {
	head := "指令,编号,日期\n"
	for name, c := range map[string]struct{ file, content, says string }{
		"empty":                   {"a.jsonl", "", "empty"},
		"blank":                   {"a.csv", "\n \n", "empty"},
		"only a mark":             {"a.csv", "\ufeff", "empty"},
		"PDF":                     {"a.csv", "%PDF-1.7\n", "PDF"},
		"PNG named jsonl":         {"a.jsonl", "\x89PNG\r\n", "PNG"},
		"binary":                  {"a.jsonl", "{\x00\x01\x02", "binary"},
		"HTML named xlsx":         {"a.xlsx", "<html><table></table></html>", "HTML"},
		"old Excel":               {"a.xlsx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), ".xls"},
		"password":                {"a.xlsx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600) + "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00", "password"},
		"GBK lines":               {"a.jsonl", gbk(t, submit+"\n"), "GBK"},
		"UTF-16 lines":            {"a.jsonl", utf16le(submit), "UTF-16"},
		"Latin-1 table":           {"a.csv", "command,id\nx,caf\xe9 noir\n", "UTF-8"},
		"Latin-1 among letters":   {"a.csv", "command,id\nx,Montr\xe9al\nx,b\xe9ton arm\xe9e\n", "UTF-8"},
		"UTF-16 without mark":     {"a.csv", utf16le("id,date")[2:], "UTF-16"},
		"JSON array":              {"a.jsonl", "[" + submit + "]", "array"},
		"JSON over several lines": {"a.jsonl", "{\n \"command\": 1\n}", "several lines"},
		"JSON named csv":          {"a.csv", submit, ".jsonl"},
		"table named jsonl":       {"a.jsonl", head, ".csv"},
		"text named xlsx":         {"a.xlsx", head, ".csv"},
		"no extension":            {"a", head, "named"},
		"archive":                 {"a.csv", "PK\x03\x04xxxx", "zip"},
		"broken archive":          {"a.xlsx", "PK\x03\x04xxxx", "broken"},
		"bars":                    {"a.csv", "指令|编号|日期\n", "separated"},
		"unknown column":          {"a.csv", "指令,编号,日期,金額\n", "D1"},
		"column twice":            {"a.csv", "指令,编号,编号\n", "C1"},
		"column twice, bilingual": {"a.csv", "指令,编号,id\n", "C1"},
		"no command column":       {"a.csv", "编号,日期\n", "command"},
		"unmatched quote":         {"a.csv", head + "a,b,c\nx,\"y,z\n", "line 3"},
		"quote inside":            {"a.csv", head + "a,b\"b,c\n", "line 2"},
	} {
		t.Run(name, func(t *testing.T) {
			fault := readError(t, file(t, c.file, c.content), intake.Options{})
			if !strings.Contains(fault.Error(), c.says) {
				t.Errorf("want %q in %v", c.says, fault)
			}
		})
	}
}

func TestFoldersAndMissingFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	for path, says := range map[string]string{dir: "folder", filepath.Join(dir, "none.csv"): "no such file"} {
		if fault := readError(t, path, intake.Options{}); !strings.Contains(fault.Error(), says) {
			t.Errorf("want %q in %v", says, fault)
		}
	}
}

func TestEachLineIsJudgedByItself(t *testing.T) {
	swap := func(old, with string) string { return strings.Replace(submit, old, with, 1) }
	payout := `{"command":"book_payout","id":"p","date":"2025-03-01","actor":{"id":"li","role":"treasurer"},"payout":"P","enterprise":"E","clause":"nowhere","support_year":2025,"amount":%s}`
	bad := []struct{ text, code string }{
		{"{", "command_malformed"},
		{swap(`"name"`, `"nom"`), "field_unknown"},
		{fmt.Sprintf(payout, `"1.001"`), "amount_too_precise"},
		{fmt.Sprintf(payout, `"1e3"`), "amount_malformed"},
		{fmt.Sprintf(payout, `"-5.00"`), "amount_negative"},
		{fmt.Sprintf(payout, `5.00`), "field_invalid"},
		{swap("甲", gbk(t, "甲乙")), "command_malformed"},
		{"[]", "command_malformed"},
	}
	text := submit + "\n"
	for _, b := range bad {
		text += b.text + "\n"
	}
	text += fmt.Sprintf(payout, `"5.00"`)
	lines, report := read(t, file(t, "a.jsonl", text), intake.Options{})
	if len(lines) != len(bad)+2 || report.Refused != len(bad) || report.Commands != 2 {
		t.Fatalf("%d lines, %+v", len(lines), report)
	}
	for i, b := range bad {
		if got := lines[i+1]; got.Refusal == nil || got.Refusal.Code != b.code || got.Number != i+2 {
			t.Errorf("line %d (%s): %v", got.Number, b.text, got.Refusal)
		}
	}
	if last := lines[len(lines)-1]; last.Command == nil {
		t.Errorf("an unknown clause is the ledger's affair, not the reader's: %v", last.Refusal)
	}
}

func TestALineOf200MegabytesIsRefusedWithoutBeingHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long.jsonl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintf(w, "%s\n{\"x\":\"", submit)
	block := bytes.Repeat([]byte("x"), 1<<20)
	for range 200 {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintf(w, "\"}\n%s", strings.Replace(submit, "c-1", "c-3", 1))
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	lines, _ := read(t, path, intake.Options{})
	runtime.ReadMemStats(&after)
	if len(lines) != 3 || lines[1].Number != 2 || lines[1].Refusal == nil || lines[2].ID != "c-3" {
		t.Fatalf("read %d lines", len(lines))
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("%d bytes were allocated for a line that is refused", grown)
	}
}

func TestARowWithoutEndIsRefusedBeforeItFillsTheMemory(t *testing.T) {
	path := file(t, "a.csv", "指令,编号\na,\""+strings.Repeat("x\n", 3<<20)+"\"\n")
	if fault := readError(t, path, intake.Options{}); fault.Line != 2 {
		t.Errorf("got %v", fault)
	}
}

func TestCSVRowsNameTheCellAtFault(t *testing.T) {
	head := "指令,编号,日期,经办人,角色,部门,支付,企业,条款,支持年度,金额\n"
	row := func(year, amount string) string {
		return "补记支付,p,2025-03-01,li,财政,finance,P,E,4," + year + "," + amount + "\n"
	}
	text := "\ufeff" + head + row("2025", "5.00") + row("2025", "1.001") + row("2025", "\"1,000.00\"") + row("25", "5") + row("2025", "5.00,x") + "\n" +
		row("2025", " 6.00 ") + "补记支付,\"" + gbk(t, "甲乙") + "\"\n"
	lines, _ := read(t, file(t, "a.csv", text), intake.Options{})
	var got []string
	for _, l := range lines {
		if l.Refusal == nil {
			got = append(got, fmt.Sprint(l.Number, " ok"))
			continue
		}
		got = append(got, fmt.Sprint(l.Number, " ", l.Refusal.Code, " ", l.Refusal.Figures["cell"]))
	}
	want := "2 ok|3 amount_too_precise K3|4 ok|5 field_invalid J5|6 command_malformed L6|8 ok|9 command_malformed B9"
	if strings.Join(got, "|") != want {
		t.Errorf("read\n%s, want\n%s", strings.Join(got, "|"), want)
	}
	if r := intake.Rejected(lines[1], lines[1].Refusal); !strings.Contains(r.Message.ZH, "K3") || r.ID != "p" || r.Line != 3 {
		t.Errorf("the reject is %+v", r)
	}
}

func TestRejectsAreJSONLines(t *testing.T) {
	lines, _ := read(t, file(t, "a.jsonl", strings.Replace(submit, "\"甲\"", "7", 1)), intake.Options{})
	var b bytes.Buffer
	if err := intake.WriteReject(&b, intake.Rejected(lines[0], lines[0].Refusal)); err != nil {
		t.Fatal(err)
	}
	want := `{"line":1,"id":"c-1","code":"field_invalid","rule":"R11","message":{"zh":`
	if !strings.HasPrefix(b.String(), want) || !strings.HasSuffix(b.String(), "\"}}\n") || !strings.Contains(b.String(), `"figures":{"expected":"string","field":"name"`) {
		t.Errorf("written %s", b.String())
	}
}

func TestTheEndStaysTheEnd(t *testing.T) {
	for name, content := range map[string]string{"a.jsonl": submit, "a.csv": "指令,编号\n企业更名,1\n"} {
		s, err := intake.Open(file(t, name, content), intake.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Next(); err != nil {
			t.Error(err)
		}
		for range 2 {
			if _, err := s.Next(); err != io.EOF {
				t.Errorf("%s: behind the end: %v", name, err)
			}
		}
		if done, of := s.Progress(); done != of {
			t.Errorf("%s: %d of %d bytes read", name, done, of)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
