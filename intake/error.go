package intake

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
)

// FileError says that a file cannot be read as what it is, and where. Nothing of the file has been given out when
// [Open] returns one; from [Source.Next] it ends the file.
type FileError struct {
	File   string
	Line   int    // line of a text file, row of a sheet; 0 where the file as a whole is meant
	Cell   string // such as "明细!C5"; empty where none
	Reason domain.Text
}

// Error is the English message.
func (e *FileError) Error() string { return e.Message().EN }

// Message is the fault with its place, in both languages.
func (e *FileError) Message() domain.Text {
	t := domain.Text{ZH: e.File + "：", EN: e.File + ": "}
	if e.Line > 0 {
		t.ZH, t.EN = fmt.Sprintf("%s第 %d 行：", t.ZH, e.Line), fmt.Sprintf("%sline %d: ", t.EN, e.Line)
	}
	if e.Cell != "" {
		t.ZH, t.EN = t.ZH+"单元格 "+e.Cell+"：", t.EN+"cell "+e.Cell+": "
	}
	return domain.Text{ZH: t.ZH + e.Reason.ZH, EN: t.EN + e.Reason.EN}
}

func say(zh, en string, args ...any) domain.Text {
	return domain.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}
