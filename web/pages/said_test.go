package pages

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

var (
	actions = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tags    = regexp.MustCompile(`(?s)<pre.*?</pre>|<title>.*?</title>|<[^>]*>`)
	oneSaid = regexp.MustCompile(`\bt\s+"([^"]*)"\s+"([^"]*)"`)
	marks   = regexp.MustCompile(`[()（）:：,，、;；。]`)
)

// A sign between what a page shows belongs to a language: brackets, colons and commas are of full width in Chinese and half in
// English. So a template writes none of its own, and says nothing in one language only.
func TestTemplatesLeaveSignsToTheLanguage(t *testing.T) {
	var names []string
	for _, pattern := range []string{"templates/*.html", "templates/pages/*.html"} {
		found, err := fs.Glob(files, pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("there is no %s: %v", pattern, err)
		}
		names = append(names, found...)
	}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range slipsOf(string(text)) {
			t.Errorf("%s: %s", name, fault)
		}
	}
	for _, wrong := range []string{`<p>{{t "数" "number"}} ({{.N}})</p>`, `{{.Who}}: {{.What}}`, `{{if .I}}、{{end}}`, `{{.N}}{{t "月" ""}}`, `{{.A}},{{.B}}`} {
		if len(slipsOf(wrong)) == 0 {
			t.Errorf("%s would not be found", wrong)
		}
	}
}

// slipsOf are a template's own signs, and what it says in one language only.
func slipsOf(text string) (list []string) {
	for _, said := range oneSaid.FindAllStringSubmatch(text, -1) {
		if said[1] == "" || said[2] == "" {
			list = append(list, "nothing in one language: "+said[0])
		}
	}
	for line := range strings.Lines(tags.ReplaceAllString(actions.ReplaceAllString(text, "\u00b7"), "")) {
		if marks.MatchString(line) {
			list = append(list, "a sign of its own: "+strings.TrimSpace(line))
		}
	}
	return list
}

func TestBracketsAreOfTheLanguage(t *testing.T) {
	for lang, want := range map[string]string{"zh": "（2，其中因修订 1）", "en": " (2, by amendment 1)"} {
		said := domain.Text{ZH: "，其中因修订 ", EN: ", by amendment "}.In(lang)
		if got := brackets(lang, 2, said, 1); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if zh, en := month(2, "zh"), month(2, "en"); zh != "2月" || en != "Feb" {
		t.Errorf("a month is called %q and %q", zh, en)
	}
}

func noPolicy() *domain.Policy { return nil }
