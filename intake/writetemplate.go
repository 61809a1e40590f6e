package intake

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
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
		return tabular.WriteForm(w, command, headings, example)
	}
	return fmt.Errorf("there is no template as %q; there are csv and xlsx", string(format))
}

// Templates are the verbs that a row of a table can give.
func Templates() []domain.Verb {
	return slices.DeleteFunc(slices.Clone(domain.Verbs), func(v domain.Verb) bool {
		_, err := columnsOf(v.Name)
		return v.Local || err != nil
	})
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
