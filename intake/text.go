package intake

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	utf16 "golang.org/x/text/encoding/unicode"

	"github.com/fundledger/fundledger/domain"
)

// textFormat is how a table of text is written.
type textFormat struct {
	Format
	size     int64
	encoding string // UTF-8, GB18030 or UTF-16
	comma    rune   // between cells
	cr       bool   // lines end in CR alone, as on old Macintoshes
}

// decoded is a file's text in UTF-8, with lines that end in LF.
func (f textFormat) decoded(r io.Reader) io.Reader {
	switch f.encoding {
	case "GB18030":
		r = simplifiedchinese.GB18030.NewDecoder().Reader(r)
	case "UTF-16":
		r = marked.NewDecoder().Reader(r)
	}
	if f.cr {
		r = &crReader{r}
	}
	return r
}

var marked encoding.Encoding = utf16.UTF16(utf16.LittleEndian, utf16.ExpectBOM)

// hasWideMark says whether a text begins with the mark of UTF-16.
func hasWideMark(head []byte) bool {
	return wide(head) == "UTF-16" && (bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}))
}

// crReader reads every CR as LF.
type crReader struct{ r io.Reader }

func (c *crReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// textFormatOf finds how a table is written: from its beginning the ends of its lines and what stands between its cells, and from the whole of it the
// encoding. A text of which hardly a line with Chinese in it is UTF-8, and all lines are GB18030, is GB18030; in any other text that is not UTF-8 the
// rows are judged one by one.
func textFormatOf(f *os.File, size int64, head []byte) (textFormat, *domain.Text, error) {
	t := textFormat{Format: CSV, size: size, encoding: "UTF-8"}
	if hasWideMark(head) {
		t.encoding = "UTF-16"
		head, _ = marked.NewDecoder().Bytes(head[:len(head)&^1])
	}
	t.cr = bytes.IndexByte(head, '\r') >= 0 && bytes.IndexByte(head, '\n') < 0
	if t.encoding == "UTF-8" && !bytes.HasPrefix(head, []byte("\ufeff")) {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return t, nil, err
		}
		var fault *domain.Text
		var err error
		if t.encoding, fault, err = encodingOf(t.decoded(f)); err != nil || fault != nil {
			return t, fault, err
		}
	}
	t.comma = commaOf(head)
	_, err := f.Seek(0, io.SeekStart)
	return t, nil, err
}

func encodingOf(r io.Reader) (string, *domain.Text, error) {
	lines := bufio.NewReaderSize(r, 64<<10)
	ours, other, chinese := 0, 0, 0
	for {
		line, _, err := readLine(lines)
		if err != nil && err != io.EOF {
			return "", nil, err
		}
		switch {
		case ascii(line):
		case utf8.Valid(line):
			ours++
		default:
			other++
			if isChinese(line) {
				chinese++
			}
		}
		if err == io.EOF {
			break
		}
	}
	switch {
	case other > 0 && chinese == other && ours*4 <= other:
		return "GB18030", nil, nil
	case other > 0 && ours == 0:
		fault := say("编码无法识别；请另存为 UTF-8（Excel：CSV UTF-8）", "its encoding cannot be told; save it as UTF-8 (Excel: CSV UTF-8)")
		return "", &fault, nil
	}
	return "UTF-8", nil, nil
}

// isChinese says whether a line is GB18030: it can be decoded, and most of its characters are those of GB 2312, which have both bytes above 0xA0. A
// letter with an accent of another encoding has not: it would be taken, with the letter behind it, for a rare character.
func isChinese(line []byte) bool {
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(line)
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
		return false
	}
	common, rare := 0, 0
	for i := 0; i < len(line); i++ {
		if line[i] < 0x80 {
			continue
		}
		if i+1 < len(line) && line[i] >= 0xa1 && line[i+1] >= 0xa1 {
			common++
		} else {
			rare++
		}
		i++
	}
	return common > rare
}

// misread is a text in Chinese as it was before somebody opened it, in UTF-8, as Latin-1 or Windows-1252 and saved what they saw; "" where it does not
// look like that. A few bytes may have gone on the way: some stood for spaces, or for nothing.
func misread(text string) string {
	var former []byte
	for _, r := range text {
		b, known := byte(r), r < 0x100
		if !known {
			b, known = charmap.Windows1252.EncodeRune(r)
		}
		if !known {
			return ""
		}
		former = append(former, b)
	}
	chinese, lost := 0, 0
	var shown strings.Builder
	for len(former) > 0 {
		r, size := utf8.DecodeRune(former)
		former = former[size:]
		switch {
		case r == utf8.RuneError && size == 1:
			lost++
			continue
		case unicode.Is(unicode.Han, r):
			chinese++
		}
		shown.WriteRune(r)
	}
	if chinese == 0 || lost > 2*chinese {
		return ""
	}
	return shown.String()
}

// commaOf is what stands between the cells of a table: the sign that most of its first lines have, and the same number of times, outside of quotation
// marks. An amount with commas in it has one in some rows and two in others; where two signs are alike in that, a tab comes first, for nobody types one
// into a cell.
func commaOf(head []byte) rune {
	lines := strings.FieldsFunc(string(head), func(r rune) bool { return r == '\n' || r == '\r' })
	best, most := ',', 0
	for _, sign := range "\t,;" {
		alike := map[int]int{}
		for _, line := range lines[:min(len(lines), maxTitles)] {
			if n := strings.Count(unquoted(line), string(sign)); n > 0 {
				alike[n]++
			}
		}
		for _, lines := range alike {
			if lines > most {
				best, most = sign, lines
			}
		}
	}
	return best
}

// unquoted is a line without what stands in quotation marks; one that they do not pair up in is as it stands.
func unquoted(line string) string {
	parts := strings.Split(line, `"`)
	if len(parts)%2 == 0 {
		return line
	}
	var outside strings.Builder
	for i := 0; i < len(parts); i += 2 {
		outside.WriteString(parts[i])
	}
	return outside.String()
}
