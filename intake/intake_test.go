package intake_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
