package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

// Format is how a file of commands is written.
type Format string

// The formats.
const (
	JSONL Format = "jsonl" // one command a line
	CSV   Format = "csv"   // one row a command, or as a mapping says
	XLSX  Format = "xlsx"  // the same, in a workbook
)

// Options say how a file is to be read.
type Options struct {
	Map    *Mapping // nil: columns are named as the fields
	Format Format   // empty: by the file's name and content
	Sheet  string   // of a workbook; empty: the mapping's, or the only one that is visible and not empty
}

// Open opens a file of commands. What kind it is must follow from its name (or the format asked for) and from its
// content alike; a file that is something else is a [*FileError] that says what it is. Sheets and CSV files are gone
// through once before the first row is given out, so that what is wrong with the file as a whole is found before anything
// of it is booked.
func Open(path string, o Options) (*Source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	s, err := open(f, path, o)
	if err != nil {
		f.Close()
		return nil, err
	}
	s.closers = append(s.closers, f.Close)
	return s, nil
}

func openError(path string, err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return &FileError{File: path, Reason: say("没有这个文件", "there is no such file")}
	case errors.Is(err, os.ErrPermission):
		return &FileError{File: path, Reason: say("没有读取权限", "it may not be read: check its permissions")}
	}
	return fmt.Errorf("opening %s: %w", path, err)
}

func open(f *os.File, path string, o Options) (*Source, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	if fault := irregular(info); fault != nil {
		return nil, &FileError{File: path, Reason: *fault}
	}
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	format, fault := formatOf(path, o.Format, head[:n])
	if fault != nil {
		if isOLE(head[:n]) {
			fault = oleKind(f, path)
		}
		return nil, &FileError{File: path, Reason: *fault}
	}
	var text textFormat
	if format == CSV {
		if text, fault, err = textFormatOf(f, info.Size(), head[:n]); err != nil {
			return nil, wrapRead(path, err)
		}
		if fault != nil {
			return nil, &FileError{File: path, Reason: *fault}
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	switch {
	case format == XLSX:
		return openWorkbook(f, info.Size(), path, o)
	case format == CSV:
		return openCSV(f, text, path, o)
	case o.Map != nil:
		return nil, &FileError{File: path, Reason: say("映射只用于表格（.csv、.xlsx）；.jsonl 每行已是指令", "a mapping is for tables (.csv, .xlsx); the lines of a .jsonl file are commands already")}
	}
	return openLines(f, info.Size(), path), nil
}

func irregular(info os.FileInfo) *domain.Text {
	var t domain.Text
	switch {
	case info.IsDir():
		t = say("这是文件夹，请给出文件", "it is a folder; name a file")
	case !info.Mode().IsRegular():
		t = say("这不是普通文件", "it is not a regular file")
	case info.Size() == 0:
		t = say("文件是空的", "the file is empty")
	default:
		return nil
	}
	return &t
}

var extensions = map[string]Format{".jsonl": JSONL, ".ndjson": JSONL, ".json": JSONL, ".csv": CSV, ".tsv": CSV, ".txt": CSV, ".xlsx": XLSX}

// formatOf is the format that name and content agree on.
func formatOf(path string, asked Format, head []byte) (Format, *domain.Text) {
	no := func(zh, en string, args ...any) (Format, *domain.Text) { t := say(zh, en, args...); return "", &t }
	format := asked
	if format == "" {
		format = extensions[strings.ToLower(filepath.Ext(path))]
	} else if !slices.Contains([]Format{JSONL, CSV, XLSX}, format) {
		return no("没有格式“%s”；可用：jsonl、csv、xlsx", "there is no format %q; there are jsonl, csv and xlsx", string(format))
	}
	if format == CSV && hasWideMark(head) {
		head, _ = marked.NewDecoder().Bytes(head[:len(head)&^1])
	}
	if kind := foreign(head); kind != nil {
		return "", kind
	}
	workbook := strings.HasPrefix(string(head), "PK\x03\x04")
	object := strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n"), "{")
	switch {
	case workbook && (format == XLSX || format == ""):
		return XLSX, nil
	case workbook:
		return no("这是压缩包或 Excel 工作簿，不是 %s；工作簿的扩展名应为 .xlsx", "it is a zip archive or an Excel workbook, not %s; a workbook is named .xlsx", string(format))
	case format == XLSX:
		return no("这不是 Excel 工作簿，而是文本；若为表格请命名为 .csv，若每行一条 JSON 请命名为 .jsonl", "it is text, not an Excel workbook; name a table .csv, and JSON lines .jsonl")
	case format == CSV && object:
		return no("内容是 JSON 而不是 CSV；每行一条指令的文件应命名为 .jsonl", "it holds JSON, not CSV; a file with one command a line is named .jsonl")
	case format == JSONL && !object:
		return no("不是每行一条 JSON 指令的文件；表格请命名为 .csv", "it is not a file of one JSON command a line; name a table .csv")
	case format == "" && object:
		format = JSONL
	case format == "" && strings.EqualFold(filepath.Ext(path), ".xls") && bytes.IndexByte(head, '\t') >= 0:
		return CSV, nil // as some programs export a table
	case format == "":
		return no("看不出是什么格式；扩展名应为 .jsonl、.csv 或 .xlsx", "its format cannot be told; it should be named .jsonl, .csv or .xlsx")
	}
	if format == JSONL {
		if kind := otherwise(head); kind != nil {
			return "", kind
		}
	}
	return format, nil
}
