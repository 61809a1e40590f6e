package intake_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/words"
)

func mapping(t *testing.T, text string) *intake.Mapping {
	t.Helper()
	m, err := intake.LoadMapping(strings.NewReader(text), "map.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheSampleMappingTakesOverAHistory(t *testing.T) {
	m, err := intake.MappingFile("testdata/grants-map.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines, report := read(t, "testdata/grants.csv", intake.Options{Map: m})
	var got []string
	ids := map[string]bool{}
	for _, l := range lines {
		switch c := l.Command.(type) {
		case *domain.RegisterEnterprise:
			got = append(got, fmt.Sprint(l.Number, " registers ", c.Enterprise))
		case *domain.BookPayout:
			got = append(got, fmt.Sprint(l.Number, " pays ", c.Enterprise, " ", c.Clause, " ", c.SupportYear, " ", c.Amount, " ", c.PaidOn))
		default:
			got = append(got, fmt.Sprint(l.Number, " ", l.Refusal.Code, " ", l.Refusal.Figures["cell"]))
		}
		if l.ID == "" || ids[l.ID] {
			t.Errorf("line %d has the id %q, which is empty or taken", l.Number, l.ID)
		}
		ids[l.ID] = true
	}
	want := []string{"2 registers Alder & Sons", "2 pays Alder & Sons Harbour Fund 2021 1205000.00 2021-06-30", "3 registers Birch, Ltd.",
		"3 pays Birch, Ltd. Harbour Fund 2021 800000.00 2021-06-30", "4 pays Alder & Sons Storm Relief 2022 100000.00 2022-06-30",
		"5 pays Alder & Sons Storm Relief 2022 100000.00 2022-06-30", "6 registers Cedar Co-op", "6 amount_malformed E6"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if report.Lines != 6 || report.Skipped != 1 || report.Refused != 1 || report.Rounded.Count != 1 || report.Rounded.Sum.String() != "0.0000000001" {
		t.Errorf("the report is %+v", report)
	}
}

func TestAMappedFileGivesTheSameCommandsAgain(t *testing.T) {
	texts := func() (all []string) {
		m, err := intake.MappingFile("testdata/grants-map.yaml")
		if err != nil {
			t.Fatal(err)
		}
		lines, _ := read(t, "testdata/grants.csv", intake.Options{Map: m})
		for _, l := range lines {
			all = append(all, l.ID+string(l.Text))
		}
		return all
	}
	if diff := cmp.Diff(texts(), texts()); diff != "" {
		t.Error(diff)
	}
}

const columnMap = `columns:
  a: {column: A%s}
  n: {column: N}
commands:
  - fields: {command: make_payout, id: "{n}", voucher: "%s"}
`

func TestCellsAreReadAsTheMappingSays(t *testing.T) {
	for name, c := range map[string]struct{ rules, template, cell, want string }{
		"text without its blanks":     {"", "{a}", " \u00a0\u3000x y\u200b ", "x y"},
		"trimmed":                     {", trim: true", "{a}", "  x ", "x"},
		"translated":                  {", values: {区财政局: finance}", "{a}", "区财政局", "finance"},
		"not translated":              {", values: {区财政局: finance}", "{a}", "区商务委", "field_invalid"},
		"default":                     {", default: none", "{a}", "", "none"},
		"empty leaves out":            {"", "x-{a}", "", ""},
		"braces":                      {"", "{{{a}}}", "x", "{x}"},
		"functions in turn":           {"", "{a|lower|upper}", "xY", "XY"},
		"year of a date":              {", read: date", "{a|year}", "2025-03-01", "2025"},
		"plain amount":                {", read: amount", "{a}", "1800000", "1800000.00"},
		"noise without rounding":      {", read: amount", "{a}", "799999.9999999999", "amount_too_precise"},
		"noise rounded":               {", read: amount, round: half_up", "{a}", "799999.9999999999", "800000.00"},
		"half goes up":                {", read: amount, round: half_up", "{a}", "0.125", "0.13"},
		"below half goes down":        {", read: amount, round: half_up", "{a}", "0.1249999", "0.12"},
		"exponent rounded":            {", read: amount, round: half_up", "{a}", "1.8E6", "1800000.00"},
		"negative":                    {", read: amount, round: half_up", "{a}", "-1.005", "amount_negative"},
		"ten thousands":               {", read: amount, unit: wan", "{a}", "120.5", "1205000.00"},
		"hundredths":                  {", read: amount, unit: fen", "{a}", "12345", "123.45"},
		"finer than a hundredth":      {", read: amount, unit: wan", "{a}", "0.0000001", "amount_too_precise"},
		"separators":                  {", read: amount, thousands: true", "{a}", "1,234,567.5", "1234567.50"},
		"separators of a full width":  {", read: amount, thousands: true", "{a}", "1，234，567.5", "1234567.50"},
		"separators misplaced":        {", read: amount, thousands: true", "{a}", "12,34", "amount_malformed"},
		"separators undeclared":       {", read: amount", "{a}", "1,234", "1234.00"},
		"full-width digits":           {", read: amount", "{a}", "１，２３４．５", "1234.50"},
		"spaces around and between":   {", read: amount", "{a}", "\u00a01\u00a0800\u202f000.00\u3000", "1800000.00"},
		"with the sign of yuan":       {", read: amount", "{a}", " ￥1,800,000.00 ", "1800000.00"},
		"with the word yuan":          {", read: amount", "{a}", "1,800,000.00元", "1800000.00"},
		"in dollars":                  {", read: amount", "{a}", "$1,800,000.00", "amount_malformed"},
		"spaces misplaced":            {", read: amount", "{a}", "18 00.00", "amount_malformed"},
		"superscript":                 {", read: amount", "{a}", "100²", "amount_malformed"},
		"declared signs":              {", read: amount, group: '.', decimal: ','", "{a}", "1.800.000,5", "1800000.50"},
		"a point among commas":        {", read: amount, decimal: ','", "{a}", "1800.50", "amount_malformed"},
		"a group sign misplaced":      {", read: amount, group: '.', decimal: ','", "{a}", "1.80,5", "amount_malformed"},
		"in brackets":                 {", read: amount", "{a}", "(5.00)", "amount_negative"},
		"four digits of ten thousand": {", read: amount, unit: wan", "{a}", "180.0001", "1800001.00"},
		"year of a full width":        {", read: year", "{a}", "２０２５年度", "2025"},
		"midnight":                    {", read: date", "{a}", "2025/3/1 0:00:00", "2025-03-01"},
		"time of day":                 {", read: date", "{a}", "2025/3/1 8:00:00", "field_invalid"},
		"eight digits":                {", read: date", "{a}", "20250301", "2025-03-01"},
		"day first":                   {", read: date", "{a}", "01/03/2025", "field_invalid"},
		"decimal comma":               {", read: amount, round: half_up", "{a}", "1234,56", "amount_malformed"},
		"too large":                   {", read: amount, unit: wan", "{a}", "100000000", "amount_too_large"},
		"slashes":                     {", read: date, layout: YYYY/M/D", "{a}", "2025/3/1", "2025-03-01"},
		"Chinese date":                {", read: date, layout: YYYY年M月D日", "{a}", "2025年3月1日", "2025-03-01"},
		"other layout":                {", read: date, layout: DD/MM/YYYY", "{a}", "2025年3月1日", "2025-03-01"},
		"no such day":                 {", read: date", "{a}", "2025-02-30", "field_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			m := mapping(t, fmt.Sprintf(columnMap, c.rules, c.template))
			lines, _ := read(t, file(t, "a.csv", "N,A\n7,\""+c.cell+"\"\n"), intake.Options{Map: m})
			if len(lines) != 1 {
				t.Fatalf("%d lines", len(lines))
			}
			if r := lines[0].Refusal; r != nil {
				if r.Code != c.want || r.Figures["cell"] != "B2" || lines[0].ID != "7" {
					t.Errorf("want %s, got %v in %s of %s", c.want, r, r.Figures["cell"], lines[0].ID)
				}
				return
			}
			if got := lines[0].Command.(*domain.MakePayout).Voucher; got != c.want {
				t.Errorf("want %q, got %q", c.want, got)
			}
		})
	}
}

func TestMalformedMappingsAreRefusedWithLineAndReason(t *testing.T) {
	good := fmt.Sprintf(columnMap, "", "{a}")
	for name, c := range map[string]struct {
		old, with string
		line      int
		says      string
	}{
		"unknown key":      {"commands:", "comands:", 4, "no such key"},
		"unknown column":   {"{a}", "{b}", 5, `"b"`},
		"unknown function": {"{a}", "{a|sum}", 5, "sum"},
		"open brace":       {"{a}", "{a", 5, "has no }"},
		"unknown field":    {"voucher", "vaucher", 5, "no such field"},
		"no id":            {`id: "{n}", `, "", 5, "id"},
		"rounding a text":  {"{column: A}", "{column: A, round: half_up}", 2, "only amounts"},
		"other rounding":   {"{column: A}", "{column: A, read: amount, round: down}", 2, "half_up"},
		"unknown unit":     {"{column: A}", "{column: A, read: amount, unit: yi}", 2, "unit"},
		"unknown layout":   {"{column: A}", "{column: A, read: date, layout: Y}", 2, "YYYY-MM-DD"},
		"unknown reading":  {"{column: A}", "{column: A, read: float}", 2, "text, amount"},
		"no heading":       {"{column: A}", "{read: text}", 2, "column"},
		"group of a text":  {"{column: A}", "{column: A, group: ','}", 2, "only amounts"},
		"one sign twice":   {"{column: A}", "{column: A, read: amount, group: '.'}", 2, "differ"},
		"odd decimal sign": {"{column: A}", "{column: A, read: amount, decimal: x}", 2, "decimal sign"},
		"content of none":  {"commands:", "content: [z]\ncommands:", 4, `"z"`},
		"when of a text":   {"  - fields:", "  - when: {a: negative}\n    fields:", 5, `"a"`},
		"reserved name":    {"  a:", "  row:", 2, "row"},
		"no commands":      {"  - fields: {command: make_payout, id: \"{n}\", voucher: \"{a}\"}", "  []", 4, "commands"},
		"skip of nothing":  {"commands:", "skip: [{column: z, equals: x}]\ncommands:", 4, `"z"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := intake.LoadMapping(strings.NewReader(strings.Replace(good, c.old, c.with, 1)), "map.yaml")
			var fault *policies.Error
			if !errors.As(err, &fault) || fault.Line != c.line || !strings.Contains(err.Error(), c.says) {
				t.Errorf("want line %d and %q, got %v", c.line, c.says, err)
			}
		})
	}
}

func TestAMappingNamesTheColumnThatTheTableLacks(t *testing.T) {
	m := mapping(t, fmt.Sprintf(columnMap, "", "{a}"))
	if fault := readError(t, file(t, "a.csv", "N,B\n1,2\n"), intake.Options{Map: m}); !strings.Contains(fault.Error(), `"A"`) {
		t.Error(fault)
	}
	if fault := readError(t, file(t, "a.jsonl", submit), intake.Options{Map: m}); !strings.Contains(fault.Error(), "mapping") {
		t.Error(fault)
	}
}

func TestAHeadingFurtherDownIsFoundByItsRow(t *testing.T) {
	m := mapping(t, "header_row: 3\n"+fmt.Sprintf(columnMap, "", "{a}"))
	lines, _ := read(t, file(t, "a.csv", "2025 年拨付表\n单位:元\nN,A\n7,v\n"), intake.Options{Map: m})
	if len(lines) != 1 || lines[0].ID != "7" || lines[0].Number != 4 {
		t.Errorf("read %+v", lines)
	}
}

// fieldNames are the names that the README lists; every field of every command that a table can give is among them.
func TestTheGlossaryKnowsEveryFieldOfEveryCommand(t *testing.T) {
	for _, v := range domain.Verbs {
		c := v.New()
		if c.Name() == "publish_policy" || v.Local {
			continue
		}
		typ := reflect.TypeOf(c).Elem()
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if f, _ := v.Field(name); name == "" || f.Kind == domain.PolicyField {
				continue
			}
			s, err := intake.Open(file(t, "a.csv", "command,"+name+"\n"), intake.Options{})
			if err != nil {
				t.Errorf("%s: %s", c.Name(), err)
				continue
			}
			s.Close()
		}
	}
}

// A table of ours that was written with headings for people, in either language, is read by them.
func TestTheHeadingsOfOurOwnTablesAreRead(t *testing.T) {
	seen := map[string]string{}
	for _, v := range domain.Verbs {
		for _, f := range v.Fields {
			if f.Name == "department" || f.Name == "comment" || f.Name == "kind" || f.Name == "policy" || v.Local || !words.HasColumn(f.Name) {
				continue // what is the actor's too, or of a finding or a posting, is called otherwise here
			}
			for _, lang := range []string{"zh", "en"} {
				heading := words.Column(f.Name).Heading(lang)
				if of, taken := seen[heading]; taken && of != f.Name {
					t.Errorf("%q is the heading of %s and of %s", heading, of, f.Name)
				}
				seen[heading] = f.Name
				s, err := intake.Open(file(t, "a.csv", "command,"+heading+"\n"), intake.Options{})
				if err != nil {
					t.Errorf("%s of %s: %v", heading, f.Name, err)
					continue
				}
				s.Close()
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d headings were read", len(seen))
	}
}

func TestListsAndTruthAreWrittenInCells(t *testing.T) {
	text := "指令,编号,申请金额,附件,追溯,额度\n提交申请,1,2025:1000000.00;2026:500000.00,申请表.pdf=ab; b=cd,,\n修订条款,2,,,是,未列明\n修订条款,3,,,也许,\n提交申请,4,2025,,,\n"
	lines, _ := read(t, file(t, "a.csv", text), intake.Options{})
	want := []string{
		`{"command":"submit_application","id":"1","requested":[{"support_year":2025,"amount":"1000000.00"},{"support_year":2026,"amount":"500000.00"}],"attachments":[{"name":"申请表.pdf","sha256":"ab"},{"name":"b","sha256":"cd"}]}`,
		`{"command":"amend_clause","id":"2","retroactive":true,"cap":null}`, "field_invalid E4", "field_invalid C5",
	}
	for i, l := range lines {
		got := string(l.Text)
		if l.Refusal != nil {
			got = l.Refusal.Code + " " + l.Refusal.Figures["cell"]
		}
		if got != want[i] {
			t.Errorf("row %d: want %s\ngot %s", l.Number, want[i], got)
		}
	}
}

func FuzzMapping(f *testing.F) {
	sample, err := os.ReadFile("testdata/grants-map.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sample))
	f.Add(fmt.Sprintf(columnMap, ", read: amount, round: half_up", "{{{a|hash}}}-{row}"))
	f.Fuzz(func(t *testing.T, text string) {
		m, err := intake.LoadMapping(strings.NewReader(text), "map.yaml")
		if err != nil {
			return
		}
		s, err := intake.Open("testdata/grants.csv", intake.Options{Map: m})
		if err != nil {
			return
		}
		defer s.Close()
		exhaust(t, s)
	})
}

func FuzzCSV(f *testing.F) {
	f.Add("指令,编号,金额\n补记支付,1,5.00\n")
	f.Add("command,id,requested\nsubmit_application,\"a\"\"b\",2025:1;2026:2\n")
	f.Fuzz(func(t *testing.T, text string) { fuzzFile(t, "a.csv", text) })
}

func FuzzLines(f *testing.F) {
	f.Add(submit + "\n\n" + submit)
	f.Add("\ufeff{}\r\n[")
	f.Fuzz(func(t *testing.T, text string) { fuzzFile(t, "a.jsonl", text) })
}

func fuzzFile(t *testing.T, name, text string) { fuzzOpen(t, file(t, name, text)) }

func fuzzOpen(t *testing.T, path string) {
	s, err := intake.Open(path, intake.Options{})
	if err != nil {
		var fault *intake.FileError
		if !errors.As(err, &fault) {
			t.Errorf("an error that says nothing of the file: %v", err)
		}
		return
	}
	defer s.Close()
	exhaust(t, s)
}

func exhaust(t *testing.T, s *intake.Source) {
	last := 0
	for {
		line, err := s.Next()
		if err != nil {
			return
		}
		if line.Number < last || (line.Command == nil) == (line.Refusal == nil) {
			t.Fatalf("line %d behind line %d: %+v", line.Number, last, line)
		}
		last = line.Number
		if line.Refusal != nil {
			if m := intake.Rejected(line, line.Refusal).Message; m.ZH == "" || m.EN == "" {
				t.Errorf("a refusal without words: %+v", line.Refusal)
			}
		}
	}
}

// Links, mergers and their voiding come in a table with Chinese headings and words, from a CSV file as from a workbook.
func TestLinksAndMergersAreReadByTheirChineseNames(t *testing.T) {
	head := []string{"李四", "受理员", "commerce"}
	links := [][]string{{"指令", "编号", "业务日期", "经办人", "角色", "部门", "关联编号", "企业甲", "企业乙", "关联类别", "持股比例", "关联起始日", "文号"},
		append(append([]string{"登记关联", "1", "2025-03-01"}, head...), "L1", "91310105MA1FW00015", "91310105MA1FW00023", "控股或控制", "50.01", "2025-02-01", "企登 1 号")}
	mergers := [][]string{{"指令", "编号", "业务日期", "经办人", "角色", "部门", "被并企业", "存续企业", "合并日", "文号", "理由"},
		append(append([]string{"企业合并", "2", "2025-03-02"}, head...), "91310105MA1FW00015", "91310105MA1FW00023", "2025-03-01", "市监 1 号", ""),
		append(append([]string{"作废企业合并", "3", "2025-03-03"}, head...), "91310105MA1FW00015", "", "", "市监 2 号", "误登")}
	readAlike(t, links, &domain.LinkEnterprises{Link: "L1", A: "91310105MA1FW00015", B: "91310105MA1FW00023", Kind: domain.Controls, Share: "50.01",
		From: domain.DateOf(2025, 2, 1), Document: "企登 1 号"})
	readAlike(t, mergers, &domain.MergeEnterprises{From: "91310105MA1FW00015", Into: "91310105MA1FW00023", On: domain.DateOf(2025, 3, 1), Document: "市监 1 号"},
		&domain.VoidMerger{From: "91310105MA1FW00015", Document: "市监 2 号", Reason: "误登"})
}

// readAlike reads a table from a CSV file and from a workbook, and holds its commands to what they should be, but for who gives them.
func readAlike(t *testing.T, rows [][]string, want ...domain.Command) {
	t.Helper()
	var text strings.Builder
	cells := make([][]any, len(rows))
	for i, row := range rows {
		text.WriteString(strings.Join(row, ",") + "\n")
		for _, cell := range row {
			cells[i] = append(cells[i], cell)
		}
	}
	for _, from := range []string{file(t, "a.csv", text.String()), sheetOf(t, nil, cells...)} {
		lines, _ := read(t, from, intake.Options{})
		if len(lines) != len(want) {
			t.Fatalf("%s: %d lines", from, len(lines))
		}
		for i, line := range lines {
			if line.Refusal != nil {
				t.Fatal(from, line.Number, line.Refusal, line.Refusal.Figures)
			}
			got := fmt.Sprintf("%+v", line.Command)
			if is := fmt.Sprintf("%+v", want[i]); got[strings.Index(got, "}"):] != is[strings.Index(is, "}"):] {
				t.Errorf("%s: %s, not %s", from, got, is)
			}
		}
	}
}
