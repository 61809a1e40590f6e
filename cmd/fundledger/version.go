package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/alecthomas/kong"

	"github.com/fundledger/fundledger/domain"
)

// version, commit and commitDate are set by the build (-ldflags -X). What it leaves out is taken from what the go command writes into a program.
var version, commit, commitDate string

// build is what this program was built from.
type build struct {
	Version string
	Commit  string // "": not known
	Date    string // of the commit; "": not known
	Changed bool   // files were not as they are committed
}

// built reads what this program was built from.
var built = sync.OnceValue(func() build {
	b := build{Version: version, Commit: commit, Date: commitDate}
	info, known := debug.ReadBuildInfo()
	if known && info.Main.Version != "(devel)" {
		b.Version = cmp.Or(b.Version, info.Main.Version)
	}
	if known {
		for _, setting := range info.Settings {
			switch setting.Key {
			case "vcs.revision":
				b.Commit = cmp.Or(b.Commit, setting.Value)
			case "vcs.time":
				b.Date = cmp.Or(b.Date, setting.Value)
			case "vcs.modified":
				b.Changed = setting.Value == "true"
			}
		}
	}
	b.Version = cmp.Or(b.Version, "dev")
	return b
})

// print writes the version on a line of its own, as ever, and below it what it was built from, as far as that is known.
func (b build) print(w io.Writer, lang string) error {
	text := "fundledger " + b.Version + "\n"
	line := func(zh, en, value string) { text += domain.Text{ZH: zh, EN: en}.In(lang) + value + "\n" }
	if b.Commit != "" {
		changed := ""
		if b.Changed {
			changed = domain.Text{ZH: "（另有未提交的改动）", EN: " (and changes that are not committed)"}.In(lang)
		}
		line("提交：", "commit: ", b.Commit+changed)
	}
	if b.Date != "" {
		line("日期：", "date: ", b.Date)
	}
	line("Go：", "go: ", runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH)
	line("规则：", "rules: ", fmt.Sprintf(domain.Text{ZH: "第 %d 版", EN: "edition %d"}.In(lang), domain.Edition))
	_, err := io.WriteString(w, text)
	return err
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s *Settings) error { return built().print(s.stdout, s.lang()) }

// versionFlag prints the version wherever it stands.
type versionFlag bool

// BeforeReset ends the program before anything else of the command line is judged.
func (versionFlag) BeforeReset(app *kong.Kong, ctx *kong.Context) error {
	err := built().print(app.Stdout, languageOf(ctx))
	app.Exit(0)
	return err
}
