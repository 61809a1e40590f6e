package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// offered is what could come next, without what it means.
func offered(t *testing.T, line ...string) []string {
	t.Helper()
	var list []string
	for _, c := range candidates(model(t).Model.Node, line) {
		list = append(list, c.text)
	}
	return list
}

func TestWhatCouldComeNextIsOffered(t *testing.T) {
	for _, c := range []struct {
		line string // an empty last word is a space at the end
		want string // all that is offered; with … those among others
		not  string
	}{
		{"tot", "totals", ""},
		{"policy ", "publish show diff check schema draft", ""},
		{"complete", "", ""},
		{"list re", "rectifications recoveries refusals", ""},
		{"list journal --kind paid,ret", "paid,returned", ""},
		{"list applications --state app", "approved", ""},
		{"totals --format c", "csv", ""},
		{"totals --format=c", "--format=csv", ""},
		{"totals --format = c", "csv", ""}, // as bash cuts it
		{"totals --columns enterprise,us", "enterprise,use", ""},
		{"list payouts --columns pay", "payout", ""},
		{"totals --ye", "--year", ""},
		{"totals --year 2025 --", "--clause … --format --lang", "--year"},
		{"--lang zh tot", "totals", ""},
		{"--lang ", "zh en auto", ""},
		{"review --opinion s", "support", ""},
		{"pay --role t", "treasurer", ""},
		{"pay --sup", "--support-year", ""},
		{"totals --no", "--no-pager", ""},
		{"explain net", "net_paid", ""},
		{"explain … ", "", ""},
		{"completion ", "bash zsh fish", ""},
		{"import --map ", ":files", ""},
		{"--data ", ":files", ""},
		{"restore ", ":files", ""},
		{"nothing ", "…", "nothing"},
		{"", "… serve totals pay", "complete"},
	} {
		got := offered(t, strings.Split(c.line, " ")...)
		want := strings.Fields(c.want)
		some := slices.Contains(want, "…")
		for _, one := range want {
			if one != "…" && !slices.Contains(got, one) {
				t.Errorf("%q is offered %q, without %s", c.line, got, one)
			}
		}
		if !some && len(got) != len(want) || slices.Contains(got, c.not) && c.not != "" {
			t.Errorf("%q is offered %q, want %q", c.line, got, c.want)
		}
	}
}

// bash itself completes, as it does when somebody presses the tabulator.
func TestBashCompletes(t *testing.T) {
	self := program(t)
	for line, want := range map[string]string{
		"fundledger to":                      "token totals",
		"fundledger totals --format ":        "csv json ndjson parquet table xlsx",
		"fundledger totals --format=nd":      "ndjson",
		"fundledger list journal --kind pai": "paid",
		"fundledger import --map ":           "",
	} {
		c := exec.Command("bash", "--norc", "-c", `source <(fundledger completion bash)
COMP_LINE=$1 COMP_POINT=${#1}
read -ra COMP_WORDS <<<"${1//=/ = }"
case $1 in *" ") COMP_WORDS+=("");; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
$(complete -p fundledger | sed 's/.*-F \([^ ]*\).*/\1/') fundledger "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}" | sort | xargs`, "bash", line)
		c.Env = append(self.Env, "PATH="+filepath.Dir(self.Path)+":"+os.Getenv("PATH"))
		out, err := c.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q is completed by %q, want %q: %v", line, got, want, err)
		}
	}
}

// The other shells read their scripts where they are there; everywhere the scripts ask this program, and nothing else.
func TestEveryShellIsToldHowToAsk(t *testing.T) {
	for shell, check := range map[string][]string{"bash": {"bash", "-n"}, "zsh": {"zsh", "-n"}, "fish": {"fish", "--no-execute"}} {
		var script bytes.Buffer
		if got := run([]string{"completion", shell}, &script, &script); got != 0 || !strings.Contains(script.String(), " complete -- ") || !strings.Contains(script.String(), ":files") {
			t.Errorf("completion %s ends with %d:\n%s", shell, got, &script)
		}
		if _, err := exec.LookPath(shell); err != nil && shell != "bash" {
			t.Logf("%s is not here to read its script", shell)
			continue
		}
		path := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(path, script.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if said, err := exec.Command(check[0], check[1], path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", shell, err, said)
		}
	}
}

// groff takes every page without a warning, in both languages; a page says what the help says.
func TestTheManualIsRead(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		dir := t.TempDir()
		var told bytes.Buffer
		if got := run([]string{"man", "--out", dir, "--lang", lang}, &told, &told); got != 0 {
			t.Fatalf("man ends with %d: %s", got, &told)
		}
		pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
		if app := model(t).Model; err != nil || len(pages) != len(app.Leaves(true))+1 {
			t.Errorf("%d pages: %v", len(pages), err)
		}
		c := exec.Command("groff", append([]string{"-man", "-Kutf8", "-Tutf8", "-ww", "-P-cbou"}, pages...)...)
		var shown, warned bytes.Buffer
		c.Stdout, c.Stderr = &shown, &warned
		if err := c.Run(); err != nil || warned.Len() > 0 {
			t.Fatalf("groff (bash tools/deps.sh installs it): %v\n%.2000s", err, &warned)
		}
		for _, want := range map[string][]string{
			"zh": {"--support-year=YEAR", "支持年度", "各命令共有的选项", "退出状态", "fundledger-policy-publish(1)"},
			"en": {"--support-year=YEAR", "Support year", "FLAGS OF EVERY COMMAND", "EXIT STATUS", "fundledger-policy-publish(1)"}}[lang] {
			if !strings.Contains(shown.String(), want) {
				t.Errorf("the manual in %s says nothing of %s", lang, want)
			}
		}
		one, err := os.ReadFile(filepath.Join(dir, "fundledger-policy-show.1"))
		var page bytes.Buffer
		if got := run([]string{"man", "policy", "show", "--lang", lang}, &page, &told); err != nil || got != 0 || page.String() != string(one) {
			t.Errorf("%v: the page by itself ends with %d: %s", err, got, &page)
		}
	}
	if got := run([]string{"man", "nothing"}, new(bytes.Buffer), new(bytes.Buffer)); got != 2 {
		t.Errorf("a page of nothing ends with %d", got)
	}
	if got := roff(`.it's "a\b" -x`); got != `\&.it's \(dqa\eb\(dq \-x` {
		t.Error(got)
	}
}

// What zsh's _describe is told to be options (-o) it offers behind a minus only: commands and lists would never be completed.
func TestZshOffersWordsToo(t *testing.T) {
	script, err := os.ReadFile("completion/fundledger.zsh")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(script), "_describe -t commands fundledger described") {
		t.Errorf("zsh is told otherwise:\n%s", script)
	}
}
