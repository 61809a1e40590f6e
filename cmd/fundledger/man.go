package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/fundledger/fundledger/domain"
)

type manCmd struct {
	Command []string `arg:"" optional:"" help:"The command; left out: the program. / 命令；缺省为程序本身"`
	Out     string   `help:"Write the pages of the program and of every command into this folder. / 把程序与各命令的手册页写入此目录" type:"path" placeholder:"DIR"`
}

// Run prints a manual page, or writes all of them.
func (c *manCmd) Run(s *Settings, app *kong.Kong) error {
	root := app.Model.Node
	if c.Out == "" {
		node := root
		for _, name := range c.Command {
			i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == name && !n.Hidden })
			if i < 0 {
				return usageError{fmt.Errorf(s.say("没有命令 %s", "there is no command %s"), strings.Join(c.Command, " "))}
			}
			node = node.Children[i]
		}
		_, err := s.stdout.Write([]byte(manPage(node, s.lang())))
		return err
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return fmt.Errorf("making the folder of the manual: %w", err)
	}
	for _, node := range append(root.Leaves(true), root) {
		if err := os.WriteFile(filepath.Join(c.Out, manName(node)+".1"), []byte(manPage(node, s.lang())), 0o644); err != nil {
			return fmt.Errorf("writing a page of the manual: %w", err)
		}
	}
	return nil
}

// manName is what a command's page is called.
func manName(node *kong.Node) string { return strings.ReplaceAll(node.FullPath(), " ", "-") }

// manPage is what is said about a command, in the language of man(7).
func manPage(node *kong.Node, lang string) string {
	say := func(zh, en string) string { return domain.Text{ZH: zh, EN: en}.In(lang) }
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	line(`.TH "`, roff(strings.ToUpper(manName(node))), `" 1 "" "fundledger `, roff(built().Version), `" "`, say("fundledger 手册", "fundledger"), `"`)
	line(".ad l\n.nh") // ragged, no word is cut: names of flags and variables stay whole
	line(".SH ", say("名称", "NAME"))
	line(roff(manName(node)), ` \- `, unbroken(roff(strings.TrimRight(spoken(node.Help, lang), "。."))))
	line(".SH ", say("用法", "SYNOPSIS"))
	line(roff(usage(node, lang)))
	for _, p := range sections(node, lang) {
		if p.common && node.Parent != nil {
			continue
		}
		line(`.SH "`, roff(strings.ToUpper(strings.TrimRight(p.title, ":："))), `"`)
		for _, row := range p.rows {
			line(".TP")
			line(`\fB`, unbroken(roff(strings.TrimSpace(row[0]))), `\fR`)
			line(roff(row[1]))
		}
	}
	line(`.SH "`, say("退出状态", "EXIT STATUS"), `"`)
	line(roff(say("0 成功；1 有指令被拒，或未能完成；2 命令行或输入文件不合要求。", "0 when it was done, 1 when something was refused or failed, 2 when the command line or an input file is not what it should be.")))
	line(`.SH "`, say("另见", "SEE ALSO"), `"`)
	also := []string{}
	if node.Parent != nil {
		also = append(also, "fundledger(1)")
	} else {
		for _, n := range node.Leaves(true) {
			also = append(also, manName(n)+"(1)")
		}
	}
	line(roff(strings.Join(also, say("、", ", "))))
	if node.Parent != nil {
		line(".PP")
		line(roff(say("各命令共有的选项见 fundledger(1)。", "The flags of every command are in fundledger(1).")))
	}
	return b.String()
}

// roff is a text as man(7) takes it: nothing in it is a request or an escape.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`, "\n", " ",
		"，", `，\:`, "；", `；\:`, "：", `：\:`, "、", `、\:`, "（", `\:（`, "/", `/\:`).Replace(text) // where a line may end
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

// unbroken is such a text that stands on one line.
func unbroken(text string) string { return strings.ReplaceAll(text, `\:`, "") }
