package intake

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"github.com/fundledger/fundledger/domain"
)

// WriteTemplate writes an empty table for a command: its name in the first column, headings in both languages, every
// column of a workbook formatted as text, so that no identifier loses digits and no amount becomes a float. The format
// is [CSV] or [XLSX].
func WriteTemplate(w io.Writer, command string, format Format) error {
	columns, err := columnsOf(command)
	if err != nil {
		return err
	}
	headings, example := make([]string, len(columns)), make([]string, len(columns))
	for i, f := range columns {
		headings[i] = f.heading()
	}
	example[0] = command
	switch format {
	case CSV:
		return writeCSVTemplate(w, headings, example)
	case XLSX:
		return writeWorkbookTemplate(w, command, headings, example)
	}
	return fmt.Errorf("there is no template as %q; there are csv and xlsx", string(format))
}

// columnsOf lists the columns that a command has, in the order of the glossary.
func columnsOf(command string) ([]field, error) {
	verb, ok := domain.VerbNamed(command)
	if !ok {
		return nil, fmt.Errorf("there is no command named %q", command)
	}
	names := map[string]bool{"command": true, "id": true, "date": true, "actor.id": true, "actor.role": true, "actor.department": true}
	for _, f := range verb.Fields {
		if f.Kind == domain.PolicyField {
			return nil, fmt.Errorf("%s takes a policy file, not a table", command)
		}
		names[f.Name] = true
	}
	var columns []field
	for _, f := range fields {
		if names[f.name] {
			columns = append(columns, f)
		}
	}
	return columns, nil
}

func writeCSVTemplate(w io.Writer, headings, example []string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("writing the template: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.WriteAll([][]string{headings, example}); err != nil {
		return fmt.Errorf("writing the template: %w", err)
	}
	return nil
}

func writeWorkbookTemplate(w io.Writer, command string, headings, example []string) error {
	f := excelize.NewFile()
	defer f.Close()
	sheet := f.GetSheetName(0)
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return fmt.Errorf("writing the template: %w", err)
	}
	last := columnName(len(headings) - 1)
	for _, step := range []func() error{
		func() error { return f.SetSheetName(sheet, command) },
		func() error { return f.SetColStyle(command, "A:"+last, text) },
		func() error { return f.SetColWidth(command, "A", last, 22) },
		func() error { return f.SetSheetRow(command, "A1", &headings) },
		func() error { return f.SetSheetRow(command, "A2", &example) },
		func() error {
			return f.SetPanes(command, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
		},
		func() error { return f.Write(w) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("writing the template: %w", err)
		}
	}
	return nil
}
