package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"

	"golang.org/x/term"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// Shape is the flags of a command that prints a table.
type Shape struct {
	Format   string   `help:"table, csv, json, ndjson, xlsx or parquet. / 输出格式：table（表格）、csv、json、ndjson、xlsx 或 parquet" default:"table" placeholder:"FORMAT"`
	Out      string   `short:"o" help:"Write here instead of to standard output. / 写入此文件，而不是标准输出" placeholder:"FILE"`
	Columns  []string `help:"Only these columns, in this order, by their names; a name that there is not is answered with those that there are. / 只要这些列，并按此顺序；写列的代号，写错时会列出可用的" placeholder:"NAME"`
	Headings string   `help:"Of csv: names for programs, human for people in the language of --lang; auto: human where --lang or its variable says a language. / csv 的表头：names 为供程序用的代号，human 为 --lang 语言的列名；auto 在指明语言时用列名" enum:"auto,names,human" default:"auto" placeholder:"names|human"`
	Wide     bool     `help:"All columns, however wide the terminal is. / 显示全部列，不论终端宽窄"`
	Width    int      `help:"Fit a table to so many cells. Left out: to the terminal, or to what COLUMNS says. / 表格适应的宽度（字符格）；缺省为终端的宽度，或 COLUMNS 所写" placeholder:"CELLS"`
	policy   *domain.Policy
	Pager    bool `help:"Show on a terminal by way of $PAGER, or less. / 在终端上用 $PAGER 或 less 分页显示" default:"true" negatable:""`
}

// headings says whether a csv has headings for people.
func (c Shape) human(s *Settings) bool {
	return c.Headings == "human" || c.Headings == "auto" && s.Lang != "auto"
}

// cells is how wide a table may be; 0: as wide as it takes.
func (c Shape) cells(s *Settings) int {
	switch {
	case c.Wide:
		return 0
	case c.Width != 0 || c.Out != "":
		return c.Width
	}
	return screen(s.stdout, 0)
}

// screen is the width of a terminal, which COLUMNS may say otherwise; or another width where there is neither.
func screen(w io.Writer, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if f, ok := w.(*os.File); ok && terminal(w) {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return otherwise
}

// write prints a table in the shape that was asked for, to a file or to standard output.
func (s *Settings) write(t tabular.Table, c Shape) error {
	as, err := tabular.ParseFormat(c.Format)
	if err != nil {
		return usageError{err}
	}
	if as.Binary() && (c.Out == "" || c.Out == "-") && terminal(s.stdout) {
		return usageError{errors.New(s.say("该格式不能显示在终端上；请用 --out 写入文件", "this format is not for a terminal; write it to a file with --out"))}
	}
	if c.Width < 0 {
		return usageError{fmt.Errorf(s.say("--width %d 不是宽度", "--width %d is no width"), c.Width)}
	}
	if len(c.Columns) > 0 {
		if t, err = t.Only(c.Columns...); err != nil {
			return usageError{err}
		}
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
	if c.Out != "" || !terminal(s.stdout) { // else its rows are what is seen
		bar := s.progress(s.say("写出", "writing"))
		defer bar.done()
		t.Rows = counted(t.Rows, bar)
	}
	_, noColor := os.LookupEnv("NO_COLOR")
	options := tabular.Options{Lang: s.lang(), HumanHeadings: c.human(s), Width: c.cells(s), Color: !noColor && c.Out == "" && terminal(s.stdout),
		Elsewhere: s.say("全部显示：--wide；自选：--columns 加列的代号", "--wide shows them, --columns NAME,NAME chooses")}
	return s.paging(c, func(s *Settings) error {
		out, closeOut, err := s.output(c.Out)
		if err != nil {
			return err
		}
		_, err = words.Written(out, as, t, options, c.policy)
		if err := errors.Join(err, closeOut()); err != nil {
			return fmt.Errorf("writing the table: %w", err)
		}
		return nil
	})
}

// counted are rows whose number is shown.
func counted(rows iter.Seq2[tabular.Row, error], bar *progress) iter.Seq2[tabular.Row, error] {
	return func(yield func(tabular.Row, error) bool) {
		n := int64(0)
		for row, err := range rows {
			if !yield(row, err) {
				return
			}
			if n++; n%1000 == 0 {
				bar.at(n, 0)
			}
		}
	}
}

// policyTable is a policy's clauses as rows.
func policyTable(v policies.View, lang string) tabular.Table {
	columns := words.Named("clause", "name", "version", "cap", "subject_kind", "period", "stronger_support", "departments", "clause_conditions")
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
			row := tabular.Row{string(c.ID), c.Name.In(lang), c.Version, limit, text(c.Cap.Subject), text(c.Cap.Period), c.StrongerSupport, departments, c.Told.In(lang)}
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
