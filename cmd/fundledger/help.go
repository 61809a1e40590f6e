package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

// What the command line says about itself is written once, in the model that kong makes of the commands: a help text is "English / 中文". Help, manual
// pages and completions are made of it, each in one language.

// languageOf is the language that a command line asks for before it is judged: by --lang, by its variable, or else as the machine has it.
func languageOf(ctx *kong.Context) string {
	s := Settings{Lang: os.Getenv("FUNDLEDGER_LANG")}
	for i, arg := range ctx.Args {
		if value, with := strings.CutPrefix(arg, "--lang="); with {
			s.Lang = value
		} else if arg == "--lang" && i+1 < len(ctx.Args) {
			s.Lang = ctx.Args[i+1]
		}
	}
	if s.Lang != "zh" && s.Lang != "en" {
		s.Lang = "auto"
	}
	return s.lang()
}

// spoken is a help text in "zh" or "en". What has one language only is said in it.
func spoken(help, lang string) string {
	at := strings.LastIndex(help, " / ")
	if at < 0 || !strings.ContainsFunc(help[at:], func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return help
	}
	return domain.Text{ZH: help[at+len(" / "):], EN: help[:at]}.In(lang)
}

// meaning is what is said of a flag or an argument, with its default and its variable.
func meaning(v *kong.Value, lang string) string {
	say := func(zh, en string) string { return domain.Text{ZH: zh, EN: en}.In(lang) }
	var more []string
	if v.HasDefault && v.Default != "" && !v.IsBool() {
		more = append(more, say("默认为 ", "default ")+v.Default)
	}
	for _, name := range v.Tag.Envs {
		more = append(more, "$"+name)
	}
	help := strings.TrimRight(spoken(v.Help, lang), "。.")
	if len(more) == 0 {
		return help
	}
	return help + say("（", " (") + strings.Join(more, say("，", ", ")) + say("）", ")")
}

// written is how a flag is written.
func written(f *kong.Flag) string {
	text := "    --" + f.Name
	if f.Short != 0 {
		text = "-" + string(f.Short) + ", --" + f.Name
	}
	if f.Tag.Negatable != "" {
		return strings.Replace(text, "--", "--[no-]", 1)
	}
	if !f.IsBool() {
		text += "=" + f.FormatPlaceHolder()
	}
	return text
}

// visible are the flags, or the commands, that are not hidden.
func visibleFlags(flags []*kong.Flag) []*kong.Flag {
	return slices.DeleteFunc(slices.Clone(flags), func(f *kong.Flag) bool { return f.Hidden })
}

func visibleCommands(node *kong.Node) []*kong.Node {
	return slices.DeleteFunc(slices.Clone(node.Children), func(n *kong.Node) bool { return n.Hidden })
}

// leaves are the commands under a node that can be run, each group of them together: first those without a group.
func leaves(node *kong.Node) [][]*kong.Node {
	var groups [][]*kong.Node
	var names []string
	for _, n := range node.Leaves(true) {
		name := ""
		if g := n.ClosestGroup(); g != nil {
			name = g.Title
		}
		at := slices.Index(names, name)
		if at < 0 {
			at, names, groups = len(names), append(names, name), append(groups, nil)
		}
		groups[at] = append(groups[at], n)
	}
	return groups
}

// section is a part of what is said about a command: a title, and lines of what is written with what it means.
type section struct {
	title  string
	rows   [][2]string
	common bool // of the program, not of the command alone
}

// sections are what is said about a command: its arguments, its flags, its commands, and the flags that every command has.
func sections(node *kong.Node, lang string) []section {
	say := func(zh, en string) string { return domain.Text{ZH: zh, EN: en}.In(lang) }
	var all []section
	add := func(title string, rows [][2]string) {
		if len(rows) > 0 {
			all = append(all, section{title: title, rows: rows})
		}
	}
	var arguments [][2]string
	for _, a := range node.Positional {
		arguments = append(arguments, [2]string{a.Summary(), meaning(a, lang)})
	}
	add(say("参数", "Arguments"), arguments)
	if node.Parent != nil {
		add(say("选项", "Flags"), flagRows(node.Flags, lang))
	}
	for _, group := range leaves(node) {
		title := say("命令", "Commands")
		if g := group[0].ClosestGroup(); g != nil {
			title = spoken(g.Title, lang)
		}
		var rows [][2]string
		for _, n := range group {
			rows = append(rows, [2]string{n.Path(), spoken(n.Help, lang)})
		}
		add(title, rows)
	}
	root := node
	for root.Parent != nil {
		root = root.Parent
		if root.Parent != nil {
			add(say("选项", "Flags"), flagRows(root.Flags, lang))
		}
	}
	add(say("各命令共有的选项", "Flags of every command"), flagRows(root.Flags, lang))
	all[len(all)-1].common = true
	return all
}

func flagRows(flags []*kong.Flag, lang string) [][2]string {
	var rows [][2]string
	for _, f := range visibleFlags(flags) {
		rows = append(rows, [2]string{written(f), meaning(f.Value, lang)})
	}
	return rows
}

// usage is how a command is written: itself, the flags that it needs, its arguments.
func usage(node *kong.Node, lang string) string {
	text := node.FullPath()
	for _, f := range visibleFlags(node.Flags) {
		if f.Required {
			text += " " + strings.TrimSpace(written(f))
		}
	}
	text += domain.Text{ZH: " [选项]", EN: " [flags]"}.In(lang)
	for _, a := range node.Positional {
		text += " " + a.Summary()
	}
	if len(visibleCommands(node)) > 0 {
		text += domain.Text{ZH: " <命令>", EN: " <command>"}.In(lang)
	}
	return text
}

// printHelp prints what is said about the command that was named.
func printHelp(_ kong.HelpOptions, ctx *kong.Context) error {
	lang, node := languageOf(ctx), ctx.Selected()
	if node == nil {
		node = ctx.Model.Node
	}
	return writeHelp(ctx.Stdout, node, lang, screen(ctx.Stdout, 80))
}

// helpColumn is the widest that what is written may be for its meaning to stand beside it.
const helpColumn = 30

func writeHelp(w io.Writer, node *kong.Node, lang string, width int) error {
	say := func(zh, en string) string { return domain.Text{ZH: zh, EN: en}.In(lang) }
	var b strings.Builder
	b.WriteString(say("用法：", "Usage: ") + usage(node, lang) + "\n\n")
	for _, line := range tabular.Wrap(spoken(node.Help, lang), width) {
		b.WriteString(line + "\n")
	}
	for _, p := range sections(node, lang) {
		b.WriteString("\n" + strings.TrimRight(p.title, ":：") + say("：", ":") + "\n")
		left := 0
		for _, row := range p.rows {
			if n := tabular.Width(row[0]); n <= helpColumn {
				left = max(left, n)
			}
		}
		for _, row := range p.rows {
			indent := strings.Repeat(" ", left+4)
			head := "  " + row[0]
			if n := tabular.Width(row[0]); n <= left {
				head += strings.Repeat(" ", left-n+2)
			} else {
				head += "\n" + indent
			}
			b.WriteString(strings.TrimRight(head+strings.Join(tabular.Wrap(row[1], width-left-4), "\n"+indent), " ") + "\n")
		}
	}
	if len(visibleCommands(node)) > 0 {
		fmt.Fprintf(&b, say("\n各命令的说明：%s <命令> --help\n", "\nRun \"%s <command> --help\" for more about a command.\n"), node.FullPath())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// misreadings are what kong says of a command line that it cannot read, in Chinese.
var misreadings = []struct {
	english *regexp.Regexp
	chinese string
}{
	{regexp.MustCompile(`^missing flags: `), "缺少选项："},
	{regexp.MustCompile(`^unknown flag (\S+?)(,|$)`), "没有选项 $1$2"},
	{regexp.MustCompile(`^unexpected argument (\S+?)(,|$)`), "多余的参数 $1$2"},
	{regexp.MustCompile(`, did you mean (.*)\?$`), "；是否为 $1？"},
	{regexp.MustCompile(`^expected one of (.*)$`), "须为其中之一：$1"},
	{regexp.MustCompile(`^expected "(.*)"$`), "缺少参数 $1"},
	{regexp.MustCompile(`^(\S+) must be one of (.*) but got (.*)$`), "$1 须为 $2 之一，而不是 $3"},
}

// misread says why a command line cannot be read, and what the flags mean that it is about.
func misread(err error) string {
	var wrong *kong.ParseError
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	lang, node, text := languageOf(wrong.Context), wrong.Context.Selected(), err.Error()
	path := wrong.Context.Model.Name
	var about string
	if node != nil {
		path = node.FullPath()
		for _, f := range node.Flags {
			if regexp.MustCompile(`--` + regexp.QuoteMeta(f.Name) + `\b($|[^-])`).MatchString(text) {
				about += "\n  --" + f.Name + "  " + spoken(f.Help, lang)
			}
		}
	}
	if lang == "zh" {
		for _, m := range misreadings {
			text = m.english.ReplaceAllString(text, m.chinese)
		}
	}
	return text + about + "\n" + fmt.Sprintf(domain.Text{ZH: "用法见：%s --help", EN: "Run \"%s --help\" for how it is used."}.In(lang), path)
}
