package main

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/alecthomas/kong"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
)

func chinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// model is what kong makes of the command line.
func model(t *testing.T) *kong.Kong {
	t.Helper()
	var c cli
	parser, err := c.parser(domain.Verbs, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// Whatever the command line says about itself it says in both languages, each by itself.
func TestEveryHelpIsInBothLanguages(t *testing.T) {
	judged := 0
	judge := func(what, help string) {
		judged++
		zh, en := spoken(help, "zh"), spoken(help, "en")
		if !chinese(zh) || chinese(en) || en == "" {
			t.Errorf("%s: Chinese %q, English %q", what, zh, en)
		}
	}
	err := kong.Visit(model(t).Model.Node, func(at kong.Visitable, next kong.Next) error {
		switch v := at.(type) {
		case *kong.Node:
			if v.Hidden {
				return nil
			}
			judge(v.FullPath(), v.Help)
			if v.Group != nil {
				judge(v.FullPath(), v.Group.Title)
			}
			for _, a := range v.Positional {
				judge(v.FullPath()+" "+a.Name, a.Help)
			}
		case *kong.Flag:
			judge("--"+v.Name, v.Help)
		}
		return next(nil)
	})
	if err != nil || judged < 500 {
		t.Errorf("%d texts were judged: %v", judged, err)
	}
}

// The help of every command fits the terminal, but for a word that is longer.
func TestHelpFitsTheTerminal(t *testing.T) {
	app := model(t).Model
	for _, node := range append(app.Leaves(false), app.Node) {
		for _, lang := range []string{"zh", "en"} {
			var out bytes.Buffer
			if err := writeHelp(&out, node, lang, 80); err != nil {
				t.Fatal(err)
			}
			text := out.String()
			if chinese(text) != (lang == "zh") && node.FullPath() != "fundledger policy draft" { // whose defaults are titles in Chinese
				t.Errorf("%s --help in %s:\n%s", node.FullPath(), lang, text)
			}
			for line := range strings.Lines(text[strings.Index(text, "\n"):]) {
				if wide := tabular.Width(strings.TrimSpace(line)); tabular.Width(strings.TrimSuffix(line, "\n")) > 80 && strings.Contains(strings.TrimSpace(line), " ") && wide < 80 {
					t.Errorf("%s --help has a line that is too long: %s", node.FullPath(), line)
				}
			}
		}
	}
}

func TestACommandLineThatCannotBeReadIsAnsweredInItsLanguage(t *testing.T) {
	for line, want := range map[string]string{
		"pay --payout P --lang zh":            "--amount  金额",
		"pay --payout P --lang=en":            "--amount  Amount",
		"pay --lang zh --nothing":             "没有选项 --nothing",
		"tot --lang zh":                       `"totals"`,
		"list nothing --lang zh":              "须为",
		"--lang zh import":                    "缺少参数 <file>",
		"totals --lang xx":                    "--lang",
		"totals --headings neither --lang en": "fundledger totals --help",
		"pay --payout P --application A --support-year 2025 --amount x --lang zh": "--amount  金额",
	} {
		var stderr bytes.Buffer
		if got := run(strings.Fields(line), io.Discard, &stderr); got != 2 || !strings.Contains(stderr.String(), want) {
			t.Errorf("fundledger %s ends with %d: %s", line, got, &stderr)
		}
		if zh := strings.Contains(line, "zh"); zh && !chinese(stderr.String()) {
			t.Errorf("fundledger %s: %s", line, &stderr)
		}
	}
}

func TestTheVersionSaysWhatItWasBuiltFrom(t *testing.T) {
	for _, args := range [][]string{{"--version"}, {"version"}, {"totals", "--version"}, {"--lang", "zh", "--version"}} {
		var stdout, stderr bytes.Buffer
		got := run(args, &stdout, &stderr)
		first, rest, _ := strings.Cut(stdout.String(), "\n")
		if got != 0 || first != "fundledger "+built().Version || !strings.Contains(rest, runtime.Version()) || !strings.Contains(rest, "2") {
			t.Errorf("%v ends with %d: %s%s", args, got, &stdout, &stderr)
		}
	}
	b := build{Version: "v1.2.3", Commit: "0123abc", Date: "2026-01-02T03:04:05Z", Changed: true}
	var out bytes.Buffer
	if err := b.print(&out, "en"); err != nil || !strings.HasPrefix(out.String(), "fundledger v1.2.3\ncommit: 0123abc (and changes") || !strings.Contains(out.String(), "date: 2026-01-02T03:04:05Z\n") {
		t.Errorf("%v: %s", err, &out)
	}
}
