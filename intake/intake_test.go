package intake_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
)

// file writes a file of a name and content.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read is everything in a file: commands as JSON, refusals as "line id code cell".
func read(t *testing.T, path string, o intake.Options) (lines []intake.Line, report intake.Report) {
	t.Helper()
	s, err := intake.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		line, err := s.Next()
		if err == io.EOF {
			return lines, s.Report()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
}

// readError is the error of a file that cannot be read.
func readError(t *testing.T, path string, o intake.Options) *intake.FileError {
	t.Helper()
	s, err := intake.Open(path, o)
	if err == nil {
		defer s.Close()
		for err == nil {
			_, err = s.Next()
		}
	}
	var fault *intake.FileError
	if !errors.As(err, &fault) {
		t.Fatalf("want a FileError, got %v", err)
	}
	if fault.Reason.ZH == "" || fault.Reason.EN == "" || strings.Contains(fault.Error(), "%!") || strings.Contains(fault.Message().ZH, "%!") {
		t.Errorf("the error is not whole in both languages: %q", fault.Message())
	}
	return fault
}

const submit = `{"command":"rename_enterprise","id":"c-1","date":"2025-03-01","actor":{"id":"li","role":"clerk"},"enterprise":"E","name":"甲"}`

func TestAJSONLineIsACommand(t *testing.T) {
	lines, report := read(t, file(t, "a.jsonl", "\ufeff"+submit+"\r\n\r\n \n"+strings.Replace(submit, "c-1", "c-2", 1)), intake.Options{})
	if len(lines) != 2 || lines[0].ID != "c-1" || lines[1].Number != 4 || lines[1].Command == nil || report.Commands != 2 {
		t.Errorf("read %+v, %+v", lines, report)
	}
}

func TestACSVRowIsACommand(t *testing.T) {
	lines, _ := read(t, file(t, "a.csv", "指令,编号,日期,经办人,角色,企业,名称\r\n企业更名,c-1,2025-03-01,li,经办,E,甲\r\n"), intake.Options{})
	if len(lines) != 1 || lines[0].Refusal != nil {
		t.Fatalf("read %+v %v", lines, lines[0].Refusal)
	}
	if want := `{"command":"rename_enterprise","id":"c-1","date":"2025-03-01","enterprise":"E","name":"甲","actor":{"id":"li","role":"clerk"}}`; string(lines[0].Text) != want {
		t.Errorf("made %s", lines[0].Text)
	}
}

// A cell with a list is typed with a Chinese keyboard as often as with another: either gives the same command.
func TestAListInACellMayHaveSignsOfEitherWidth(t *testing.T) {
	const name, hash = "申请：表，一.pdf", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	made := func(requested, attachments, names string) string {
		t.Helper()
		rows := "指令,编号,日期,经办人,角色,企业,条款,申请,申请事项,申请金额,附件,并非\r\n" +
			`提交申请,c-1,2025-03-01,li,经办,E,c5,A,甲,"` + requested + `","` + attachments + `","` + names + `"` + "\r\n"
		lines, _ := read(t, file(t, "a.csv", rows), intake.Options{})
		if len(lines) != 1 {
			t.Fatalf("read %d lines", len(lines))
		}
		if r := lines[0].Refusal; r != nil {
			return r.Code + " " + r.Figures["cell"] + " " + r.Figures["reason"]
		}
		return string(lines[0].Text)
	}
	want := made("2025:1.00; 2026:2.00", name+"="+hash+"; b.pdf="+hash, "甲; 乙")
	if !strings.Contains(want, `"requested":[{"support_year":2025,"amount":"1.00"},{"support_year":2026,"amount":"2.00"}]`) ||
		!strings.Contains(want, `{"name":"`+name+`","sha256":"`+hash+`"},{"name":"b.pdf"`) || !strings.Contains(want, `["甲","乙"]`) {
		t.Fatalf("the plain spelling gives %s", want)
	}
	for _, list := range []string{"2025：1.00；2026：2.00", "2025：1.00；2026：2.00；", " 2025 ： 1.00 ； 2026：2.00 ", "2025:1.00；2026：2.00",
		"2025：1.00，2026：2.00", "2025:1.00, 2026:2.00", "2025：1.00、2026：2.00"} {
		if got := made(list, name+"＝"+hash+"；b.pdf="+hash+"；", "甲；乙；"); got != want {
			t.Errorf("%q gives %s, want %s", list, got, want)
		}
	}
	for list, refusal := range map[string]string{
		"2025：1，000.00":     "amount_malformed",
		"2025:1,000.00":     "amount_malformed",
		"2025：1.00；；2026：2": "field_invalid",
		"2025；1.00":         "field_invalid",
		"1.00":              "field_invalid",
	} {
		if got := made(list, "", ""); !strings.HasPrefix(got, refusal) || !strings.Contains(got, "J2") {
			t.Errorf("%q gives %q, want %s in J2", list, got, refusal)
		}
	}
}

func TestAFaultOfAFileSaysItsPlaceInEachLanguagesSigns(t *testing.T) {
	fault := &intake.FileError{File: "a.csv", Line: 3, Cell: "C3", Reason: domain.Text{ZH: "错", EN: "wrong"}}
	if m := fault.Message(); m.ZH != "a.csv：第 3 行：单元格 C3：错" || m.EN != "a.csv: line 3: cell C3: wrong" {
		t.Errorf("it says %q", m)
	}
}
