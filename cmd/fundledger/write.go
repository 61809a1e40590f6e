package main

import (
	"errors"
	"fmt"
	"iter"
	"os"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// Shape is the flags of a command that prints a table.
type Shape struct {
	Format string `help:"table, csv, json, ndjson, xlsx or parquet. / 输出格式" default:"table" placeholder:"FORMAT"`
	Out    string `short:"o" help:"Write here instead of to standard output. / 输出文件" placeholder:"FILE"`
}

// write prints a table in a format, to a file or to standard output.
func (s *Settings) write(t tabular.Table, format, path string) error {
	as, err := tabular.ParseFormat(format)
	if err != nil {
		return usageError{err}
	}
	binary := as == tabular.XLSX || as == tabular.Parquet
	if binary && (path == "" || path == "-") && terminal(s.stdout) {
		return usageError{errors.New(s.say("该格式不能显示在终端上；请用 --out 写入文件", "this format is not for a terminal; write it to a file with --out"))}
	}
	// A question that is refused has no table: nothing is written, not even a file.
	next, stop := iter.Pull2(t.Rows)
	defer stop()
	row, err, more := next()
	if err != nil {
		return err
	}
	t.Rows = func(yield func(tabular.Row, error) bool) {
		for ; more && yield(row, err); row, err, more = next() {
			continue
		}
	}
	out, closeOut, err := s.output(path)
	if err != nil {
		return err
	}
	_, noColor := os.LookupEnv("NO_COLOR")
	options := tabular.Options{Lang: s.lang(), Color: !noColor && path == "" && terminal(s.stdout)}
	_, err = tabular.Write(out, as, t, options)
	if err := errors.Join(err, closeOut()); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}

// policyTable is a policy's clauses as rows.
func policyTable(v policies.View, lang string) tabular.Table {
	columns := words.Named("clause", "name", "version", "cap", "subject_kind", "period", "stronger_support", "departments")
	columns[3].Nil = words.NoneStated
	rows := func(yield func(tabular.Row, error) bool) {
		for _, c := range v.Clauses {
			departments := ""
			for i, d := range c.Departments {
				if i > 0 {
					departments += ", "
				}
				departments += d.In(lang)
			}
			var limit any
			if c.Cap.Amount.Stated {
				limit = c.Cap.Amount.Amount.Decimal()
			}
			row := tabular.Row{string(c.ID), c.Name.In(lang), c.Version, limit, text(c.Cap.Subject), text(c.Cap.Period), c.StrongerSupport, departments}
			if !yield(row, nil) {
				return
			}
		}
	}
	return tabular.Table{Name: "policy", Title: v.Title, Columns: columns, Rows: rows,
		Meta: []tabular.Meta{{Name: "fund", Value: string(v.Fund)}, {Name: "version", Value: fmt.Sprint(v.Version)},
			{Name: "term", Value: v.Term.From.String() + " – " + v.Term.To.String()}}}
}

func text[T ~string](value *T) any {
	if value == nil {
		return nil
	}
	return string(*value)
}

// date reads an optional date flag.
func date(flag string) (domain.Date, error) {
	if flag == "" {
		return domain.Date{}, nil
	}
	d, err := domain.ParseDate(flag)
	if err != nil {
		return d, usageError{err}
	}
	return d, nil
}
