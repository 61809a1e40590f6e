package pages

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
)

// What a field of a verb is called, in what unit it is and what is to be known of it is written with the verb: no page
// writes it a second time.
func TestNoPageNamesAFieldOfAVerb(t *testing.T) {
	labels := map[domain.Text]string{}
	for _, verb := range domain.Verbs {
		for _, f := range verb.Fields {
			labels[bare(f.Label)] = verb.Name + "." + f.Name
		}
	}
	sources := map[string]string{}
	for name, from := range map[string]fs.FS{"*.go": os.DirFS("."), "templates/*.html": files, "templates/pages/*.html": files} {
		found, err := fs.Glob(from, name)
		if err != nil || len(found) == 0 {
			t.Fatalf("there is no %s: %v", name, err)
		}
		for _, one := range found {
			text, err := fs.ReadFile(from, one)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(one, "_test.go") {
				sources[filepath.Base(one)] = string(text)
			}
		}
	}
	for name, text := range sources {
		for _, written := range labelsIn(text) {
			if field := labels[bare(written)]; field != "" {
				t.Errorf("%s calls something %q, as the verbs call %s", name, written, field)
			}
		}
	}
	for _, again := range []string{`{{t "支持年度" "Support year"}}`, `{{t "金额（元）"` + "\n" + `  "Amount (CNY)"}}`,
		`Label: domain.Text{ZH: "理由", EN: "Reason"}`, `text("document", "文号", "document")`} {
		if found := labelsIn(again); len(found) != 1 || labels[bare(found[0])] == "" {
			t.Errorf("%s would not be found", again)
		}
	}
}

// twice is a text in both languages, as pages write it.
var twice = regexp.MustCompile(`"([^"\n]*\p{Han}[^"\n]*)",?\s+(?:EN: )?"([^"\n]*)"`)

func labelsIn(source string) (list []domain.Text) {
	for _, found := range twice.FindAllStringSubmatch(source, -1) {
		list = append(list, domain.Text{ZH: found[1], EN: found[2]})
	}
	return list
}

// bare is a label without what stands in brackets behind it.
func bare(label domain.Text) domain.Text {
	zh, _, _ := strings.Cut(label.ZH, "（")
	en, _, _ := strings.Cut(label.EN, " (")
	return domain.Text{ZH: zh, EN: strings.ToLower(en)}
}
