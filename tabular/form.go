package tabular

import (
	"fmt"
	"io"
	"strconv"
)

// formWidth is the width of a form's columns, in characters.
const formWidth = 22

// WriteForm writes a workbook to be filled in: one sheet of that name, the headings frozen above an example. Every column is
// text, also where nothing stands yet, so that no identifier that is typed in loses digits and no amount becomes a float.
func WriteForm(out io.Writer, name string, headings, example []string) error {
	if err := writeForm(out, name, headings, example); err != nil {
		return fmt.Errorf("writing the form %s: %w", name, err)
	}
	return nil
}

func writeForm(out io.Writer, name string, headings, example []string) error {
	w, err := newWorkbook(out, Table{Name: name, Columns: make([]Column, len(headings))}, Options{}, sheetRows)
	if err != nil {
		return err
	}
	for _, text := range append(headings[:len(headings):len(headings)], example...) {
		if err := fits(text); err != nil {
			return err
		}
	}
	if err := w.newSheet(name); err != nil {
		return err
	}
	w.sheet.WriteString(frozenHeading)
	fmt.Fprintf(w.sheet, `<cols><col min="1" max="%d" width="%d" style="%d" customWidth="1"/></cols><sheetData>`,
		len(headings), formWidth, styleText)
	for i, texts := range [][]string{headings, example} {
		number := strconv.Itoa(i + 1)
		row := []byte(`<row r="` + number + `">`)
		for column, text := range texts {
			if text != "" {
				row = appendText(row, w.refs[column], number, styleText, text)
			}
		}
		w.sheet.Write(append(row, `</row>`...))
	}
	w.sheet.WriteString(`</sheetData>`)
	w.printed(name)
	if err := w.sheet.Flush(); err != nil {
		return err
	}
	if err := w.skeleton(); err != nil {
		return err
	}
	return w.zip.Close()
}
