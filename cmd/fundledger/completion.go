package main

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// A shell is told how to ask this program what could come next, and nothing of what there is: the model of the command line knows that.

//go:embed completion
var completionScripts embed.FS

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish. / bash、zsh 或 fish"`
}

// Run prints the script that a shell reads to complete command lines.
func (c *completionCmd) Run(s *Settings) error {
	script, err := completionScripts.ReadFile("completion/fundledger." + c.Shell)
	if err != nil {
		return err
	}
	_, err = s.stdout.Write(script)
	return err
}

type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:"" help:"The words up to the cursor. / 光标前的各词"`
}

// Run prints what could stand in the place of the last word, one a line, with what it means behind a tab; or that it is a file.
func (c *completeCmd) Run(s *Settings, app *kong.Kong) error {
	typed := c.Words
	if len(typed) > 0 && typed[0] == "--" {
		typed = typed[1:]
	}
	return writeCandidates(s.stdout, candidates(app.Model.Node, typed), s.lang())
}

// aFile stands for any file: the shell knows its own.
var aFile = candidate{text: ":files"}

// candidate is a word that could come next.
type candidate struct{ text, help string }

func writeCandidates(w io.Writer, list []candidate, lang string) error {
	for _, c := range list {
		line := c.text
		if c.help != "" {
			line += "\t" + spoken(c.help, lang)
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// typed is a command line as far as it goes.
type typed struct {
	node   *kong.Node
	args   []string
	flag   *kong.Flag // whose value comes next
	given  []*kong.Flag
	noMore bool // "--" says that no flags come
}

// candidates are what could stand in the place of the last word.
func candidates(root *kong.Node, line []string) []candidate {
	if len(line) == 0 {
		line = []string{""}
	}
	at := typed{node: root}
	for _, word := range line[:len(line)-1] {
		at.take(word)
	}
	last := line[len(line)-1]
	if last == "=" && at.flag != nil { // bash takes it for a word of its own
		last = ""
	}
	name, begun, assigned := strings.Cut(last, "=")
	switch {
	case at.flag != nil:
		return at.values(at.flag.Value, "", last)
	case assigned && strings.HasPrefix(last, "--") && at.find(name) != nil:
		return at.values(at.find(name).Value, name+"=", begun)
	case strings.HasPrefix(last, "-") && !at.noMore:
		return at.flags(last)
	}
	var found []candidate
	for _, n := range visibleCommands(at.node) {
		if strings.HasPrefix(n.Name, last) {
			found = append(found, candidate{n.Name, n.Help})
		}
	}
	if n, args := len(at.args), at.node.Positional; n < len(args) {
		found = append(found, at.values(args[n], "", last)...)
	} else if len(args) > 0 && args[len(args)-1].IsCumulative() {
		found = append(found, at.values(args[len(args)-1], "", last)...)
	}
	return found
}

// take reads a word that is whole.
func (t *typed) take(word string) {
	switch {
	case t.flag != nil && word == "=":
		return
	case t.flag != nil:
		t.flag = nil
		return
	case word == "--":
		t.noMore = true
		return
	case strings.HasPrefix(word, "-") && !t.noMore:
		name, _, assigned := strings.Cut(word, "=")
		if f := t.find(name); f != nil {
			t.given = append(t.given, f)
			if !assigned && !f.IsBool() {
				t.flag = f
			}
		}
		return
	}
	if i := slices.IndexFunc(t.node.Children, func(n *kong.Node) bool { return n.Name == word }); i >= 0 {
		t.node = t.node.Children[i]
		return
	}
	t.args = append(t.args, word)
}

// find is the flag of a name, of the command or of those above it.
func (t *typed) find(name string) *kong.Flag {
	for _, group := range t.node.AllFlags(false) {
		for _, f := range group {
			if name == "--"+f.Name || f.Short != 0 && name == "-"+string(f.Short) || f.Tag.Negatable != "" && name == "--no-"+f.Name {
				return f
			}
		}
	}
	return nil
}

// flags are those that begin so and were not given: the command's own first.
func (t *typed) flags(begun string) []candidate {
	groups := t.node.AllFlags(true)
	slices.Reverse(groups)
	var found []candidate
	for _, f := range slices.Concat(groups...) {
		name := "--" + f.Name
		if f.Tag.Negatable != "" {
			name = "--no-" + f.Name
		}
		if strings.HasPrefix(name, begun) && (f.IsCumulative() || !slices.Contains(t.given, f)) {
			found = append(found, candidate{name, f.Help})
		}
	}
	return found
}

// values are what a flag or an argument can be, each behind what stands before it. Of a list, what follows the last comma.
func (t *typed) values(v *kong.Value, before, begun string) []candidate {
	if slices.Contains([]string{"path", "existingfile", "existingdir"}, v.Tag.Type) || v.Flag != nil && (v.Flag.PlaceHolder == "FILE" || v.Flag.PlaceHolder == "DIR") {
		return []candidate{aFile}
	}
	if at := strings.LastIndex(begun, ","); at >= 0 && (v.IsSlice() || v.Tag.Has("several")) {
		before, begun = before+begun[:at+1], begun[at+1:]
	}
	var found []candidate
	for _, c := range t.choices(v) {
		if strings.HasPrefix(c.text, begun) && c.text != "" {
			found = append(found, candidate{before + c.text, c.help})
		}
	}
	return found
}

// choices are all that a flag or an argument can be, where that is known.
func (t *typed) choices(v *kong.Value) []candidate {
	switch {
	case v.Tag.Has("choices"):
		return plain(strings.Split(v.Tag.Get("choices"), ",")...)
	case v.Name == "columns":
		return t.columns()
	case v.Name == "what" && v.Flag == nil:
		var lists []candidate
		for _, l := range projections.Lists() {
			lists = append(lists, candidate{l.Name, bilingual(l.Title)})
		}
		return lists
	case v.Enum != "":
		return plain(v.EnumSlice()...)
	case v.Name == "format":
		return plain(tabular.Formats()...)
	case v.Name == "role":
		return coded(domain.RoleCodes)
	case v.Name == "figure" && v.Flag == nil:
		return append(coded(words.Codes("kind")), candidate{"use", bilingual(words.Column("use").Title)}, candidate{"net_paid", bilingual(words.Column("net_paid").Title)})
	}
	return nil
}

// columns are those of the list that the command prints.
func (t *typed) columns() []candidate {
	var l *projections.List
	if one, is := t.node.Target.Addr().Interface().(*oneListCmd); is {
		l = one.list
	} else if len(t.args) > 0 {
		l = projections.ListOf(t.args[0])
	}
	if l == nil {
		return nil
	}
	var columns []candidate
	for _, c := range words.ColumnsOf(l.Row) {
		columns = append(columns, candidate{c.Name, bilingual(c.Title)})
	}
	return columns
}

func plain(texts ...string) []candidate {
	list := make([]candidate, len(texts))
	for i, text := range texts {
		list[i].text = text
	}
	return list
}

func coded(codes []domain.Code) []candidate {
	list := make([]candidate, len(codes))
	for i, c := range codes {
		list[i] = candidate{c.Name, bilingual(c.Text)}
	}
	return list
}
