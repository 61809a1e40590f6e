package intake

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/fundledger/fundledger/domain"
)

// signatures are the beginnings of files that are taken for tables by mistake.
var signatures = []struct{ prefix, name string }{
	{"%PDF", "PDF"}, {"\x89PNG", "PNG"}, {"\xff\xd8\xff", "JPEG"}, {"GIF8", "GIF"}, {"\x1f\x8b", "gzip"}, {"7z\xbc\xaf", "7z"}, {"Rar!", "RAR"},
	{"PAR1", "Parquet"}, {"SQLite format 3", "SQLite"}, {"\x7fELF", "ELF"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"{\\rtf", "RTF"}, {"BZh", "bzip2"},
}

const oleSignature = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

func isOLE(head []byte) bool { return strings.HasPrefix(string(head), oleSignature) }

// foreign says what a file is that is none of ours; nil where it may be one.
func foreign(head []byte) *domain.Text {
	say := func(zh, en string, args ...any) *domain.Text { t := say(zh, en, args...); return &t }
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.prefix)) {
			return say("这是 %s 文件，不是指令或表格", "it is a %s file, not commands or a table", s.name)
		}
	}
	text := strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n")
	switch {
	case isOLE(head):
		return say("这是旧版 Excel（.xls）文件", "it is an old Excel file (.xls)") // [oleKind] tells more
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil
	case wide(head) != "":
		return say("编码是 %s；请另存为 UTF-8（Excel：CSV UTF-8）", "its encoding is %s; save it as UTF-8 (Excel: CSV UTF-8)", wide(head))
	case bytes.IndexByte(head, 0) >= 0:
		return say("这是二进制文件，不是指令或表格", "it is a binary file, not commands or a table")
	case text == "":
		if len(head) < 64<<10 {
			return say("文件是空的", "the file is empty")
		}
	case text[0] == '<':
		return say("这是 XML 或 HTML 文件；若由系统导出为 .xls，请在 Excel 中另存为 .xlsx", "it is XML or HTML; if a system exported it as .xls, save it as .xlsx in Excel")
	case text[0] == '[':
		return say("这是一个 JSON 数组；请改为每行一条指令", "it is one JSON array; write one command a line instead")
	case text[0] == '{' && strings.TrimRight(strings.SplitN(text, "\n", 2)[0], " \t\r") == "{":
		return say("一条指令占了多行；请改为每行一条指令", "a command goes over several lines; write one command a line instead")
	}
	return nil
}

// otherwise says that lines of commands are written in another encoding than UTF-8; nil where they are not.
func otherwise(head []byte) *domain.Text {
	encoding := otherEncoding(head)
	if encoding == "" {
		return nil
	}
	t := say("编码是 %s；请另存为 UTF-8", "its encoding is %s; save it as UTF-8", encoding)
	return &t
}

// wide names the encoding of a text that spends several bytes on an ASCII character; empty where it does not.
func wide(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xfe, 0xff}):
		return "UTF-32"
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return "UTF-16"
	case len(head) >= 4 && (head[0] == 0) != (head[1] == 0) && (head[0] == 0) == (head[2] == 0) && (head[1] == 0) == (head[3] == 0):
		return "UTF-16"
	}
	return ""
}

// otherEncoding names the encoding of a text of which no line with Chinese in it is UTF-8; empty where it is UTF-8, or
// a mixture whose lines are judged one by one.
func otherEncoding(head []byte) string {
	if end := bytes.LastIndexByte(head, '\n'); end >= 0 && len(head) == 64<<10 {
		head = head[:end]
	}
	guess := ""
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		switch {
		case utf8.Valid(line) && !ascii(line):
			return ""
		case !utf8.Valid(line):
			guess = guessEncoding(line)
		}
	}
	return guess
}

func ascii(line []byte) bool {
	for _, b := range line {
		if b >= 0x80 {
			return false
		}
	}
	return true
}

// guessEncoding names what a line that is not UTF-8 may be written in.
func guessEncoding(line []byte) string {
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(line)
	if err == nil && !bytes.ContainsRune(decoded, utf8.RuneError) {
		return "GBK/GB18030"
	}
	return "?"
}

// oleKind tells an old .xls and WPS's .et from a workbook under a password: all are OLE containers.
func oleKind(r io.ReadSeeker, path string) *domain.Text {
	t := say("这是旧版 Excel（.xls）文件；请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入", "it is an old Excel file (.xls); open it in Excel or WPS, save it as .xlsx, and import that")
	if strings.EqualFold(filepath.Ext(path), ".et") {
		t = say("这是 WPS 表格（.et）文件；请用 WPS 打开，另存为 .xlsx 后再导入", "it is a WPS spreadsheet (.et); open it in WPS, save it as .xlsx, and import that")
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return &t
	}
	marker := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	content, err := io.ReadAll(io.LimitReader(r, 64<<20))
	if err == nil && bytes.Contains(content, marker) {
		t = say("这个工作簿设有密码；请在 Excel 中取消密码后再导入", "this workbook is protected by a password; remove it in Excel, then import")
	}
	return &t
}
