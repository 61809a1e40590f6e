package pages_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// sheet is a workbook of text cells.
func sheet(t *testing.T, path string, rows [][]string) {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.SaveAs(path), f.Close()); err != nil {
		t.Fatal(err)
	}
}

const nameList = `columns:
  code: {column: 统一社会信用代码}
  name: {column: 单位名称}
  day: {column: 日期, read: date, layout: YYYY/M/D}
fields: {actor.id: chen, actor.role: clerk, actor.department: commerce, date: "{day}"}
commands:
  - fields: {command: register_enterprise, id: "reg-{code}", enterprise: "{code}", name: "{name}", industry: ai}
`

// A workbook, lines of JSON, a table with a mapping and one whose mapping is wrong: each preview names what is at fault, in both
// languages, on a wide and on a narrow screen.
func TestEveryKindOfFileIsTriedInABrowser(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) string {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return at(name)
	}
	sheet(t, at("登记.xlsx"), [][]string{{"command", "id", "date", "actor.id", "actor.role", "actor.department", "enterprise", "name", "industry"},
		{"register_enterprise", "x-1", "2025-09-01", "chen", "clerk", "commerce", "914403001922038216", "甲", "ai"},
		{"register_enterprise", "x-2", "九月一日", "chen", "clerk", "commerce", "91330100799655058B", "乙", "ai"}})
	lines := write("登记.jsonl", register("l-1", "914403001922038216", "甲")+"{\"command\":\"register_enterprise\",\"nonsense\":1}\n")
	list := write("名单.csv", "统一社会信用代码,单位名称,日期\n914403001922038216,甲,2025/9/1\n91330100799655058B,乙,2025/9/31\n")
	right, wrong := write("right.yaml", nameList), write("wrong.yaml", strings.Replace(nameList, "columns:\n  code", "columns:\n  Code", 1))
	lacking := write("lacking.yaml", strings.Replace(nameList, "单位名称", "企业名称", 1))
	w := s.browse(t).tab(t)
	w.login("root")
	for _, c := range []struct {
		name, file, mapping string
		books               bool
		zh, en              []string
	}{
		{"workbook", at("登记.xlsx"), "", true, []string{"将记账\t1", "C3", "日期应写成"}, []string{"Would be booked\t1", "C3", "a date is written"}},
		{"lines", lines, "", true, []string{"将记账\t1", "field_unknown"}, []string{"Would be booked\t1", "field_unknown"}},
		{"mapped", list, right, true, []string{"将记账\t1", "C3"}, []string{"Would be booked\t1", "C3"}},
		{"wrong mapping", list, wrong, false, []string{"未记任何账", "小写字母"}, []string{"nothing was booked", "small letters"}},
		{"mapping of another table", list, lacking, false, []string{"未记任何账", "企业名称"}, []string{"nothing was booked", "企业名称"}},
	} {
		for lang, want := range map[string][]string{"zh": c.zh, "en": c.en} {
			width := map[string]int64{"zh": 1280, "en": 390}[lang]
			w.size(width, 900)
			w.visit("/import?lang=" + lang)
			w.attach("#file", c.file)
			if c.mapping != "" {
				w.attach("#map", c.mapping)
			}
			w.click("#drop button")
			text := w.text()
			for _, part := range want {
				if !strings.Contains(strings.ReplaceAll(text, "\n", "\t"), part) {
					t.Errorf("%s in %s lacks %q:\n%s", c.name, lang, part, text)
				}
			}
			if w.has(`input[name="token"]`) != c.books {
				t.Errorf("%s in %s: there is something to confirm: %v", c.name, lang, !c.books)
			}
			if cell := strings.Contains(text, "C3"); cell != w.has("td.fault") {
				t.Errorf("%s in %s: the cell at fault is not marked", c.name, lang)
			}
			if wide := w.overflow(); len(wide) > 0 {
				t.Errorf("%s in %s: wider than the window: %v", c.name, lang, wide)
			}
			for _, v := range w.barriers() {
				t.Errorf("%s in %s: axe: %s: %s", c.name, lang, v.ID, strings.Join(v.Nodes, "\n"))
			}
			w.shoot("import " + c.name + " " + lang)
		}
	}
	w.clean()
}

// An admin looks at a table with wrong cells before it is booked, in both languages and on a narrow screen, and books what is right.
func TestAnImportInABrowser(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	w := s.browse(t).tab(t)
	w.login("root")
	file := filepath.Join(t.TempDir(), "九月登记.csv")
	if err := os.WriteFile(file, []byte("指令,指令编号,业务日期,经办人,角色,经办部门,企业,名称,行业\n"+
		"登记企业,b-1,2025-09-01,chen,受理员,commerce,914403001922038216,深圳示例股份有限公司,ai\n"+
		"登记企业,b-2,2025-09-31,chen,受理员,commerce,91330100799655058B,杭州示例有限公司,ai\n"+
		"登记企业,b-3,2025-09-01,chen,受理员,commerce,91350100M000100Y4Z,<b>错码</b>有限公司,ai\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, look := range []struct {
		lang, would, cell string
		width             int64
	}{{"zh", "将记账", "C3", 1280}, {"en", "Would be booked", "C3", 390}} {
		w.size(look.width, 900)
		w.visit("/import?lang=" + look.lang)
		w.attach("#file", file)
		w.click("#drop button")
		if text := w.text(); !strings.Contains(text, look.would) || !strings.Contains(text, look.cell) || !strings.Contains(text, "credit_code_invalid") {
			t.Errorf("%s: the preview:\n%s", look.lang, text)
		}
		if wide := w.overflow(); len(wide) > 0 {
			t.Errorf("%s: wider than the window: %v", look.lang, wide)
		}
		for _, v := range w.barriers() {
			t.Errorf("%s: axe: %s: %s", look.lang, v.ID, strings.Join(v.Nodes, "\n"))
		}
		w.shoot("import preview " + look.lang)
	}
	w.click(`form:has(input[name="token"]) button`)
	if text := w.text(); !strings.Contains(text, "booked") || !strings.Contains(text, "Booked") {
		t.Errorf("it was not booked:\n%s", text)
	}
	w.visit("/enterprises/914403001922038216")
	if !strings.Contains(w.text(), "深圳示例股份有限公司") {
		t.Error("what was booked is not there")
	}
}
