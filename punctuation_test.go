package fundledger_test

import (
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// A Chinese sentence has signs of its own width: , ; : ( ) ! ? beside a Han character are a slip of the keyboard. Data keep the
// signs that they have: what is mostly Latin, code between backquotes, the files of tests, and the policies' own texts.
func TestChineseIsPunctuatedInFullWidth(t *testing.T) {
	judged := 0
	fault := func(file, text string) {
		judged++
		for _, slip := range slips(text) {
			t.Errorf("%s: %q has a half-width sign: %q", file, slip, text)
		}
	}
	eachFile(t, func(file string, tree *ast.File) {
		if strings.HasSuffix(file, "_test.go") {
			return // tests hold files and foreign spellings
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, _ := strconv.Unquote(lit.Value)
				fault(file, text)
			}
			return true
		})
	})
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains(outside, entry.Name())) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !slices.Contains([]string{".md", ".html", ".sql", ".js"}, filepath.Ext(name)) {
			return nil
		}
		text, err := os.ReadFile(name)
		for _, line := range strings.Split(string(text), "\n") {
			fault(filepath.ToSlash(name), line)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if judged < 5000 {
		t.Errorf("only %d texts were judged", judged)
	}
}

// pieces are cut where a text of another kind begins: a quotation, a tag, an action of a template, code, the other language.
var pieces = regexp.MustCompile(`["<>]|\{\{|\}\}|` + "`[^`]*`" + `| / `)

var (
	filled  = regexp.MustCompile(`\{[a-z_]+\}`)
	latin   = regexp.MustCompile(`[A-Za-z]+`)
	slipped = regexp.MustCompile(`\p{Han}[,;:()!?]|[,;:()!?]\p{Han}`)
)

// slips are the half-width signs in the Chinese sentences of a text, each with what stands beside it.
func slips(text string) (list []string) {
	for _, piece := range pieces.Split(text, -1) {
		words := filled.ReplaceAllString(piece, "")
		if han := strings.Map(onlyHan, words); len([]rune(han)) > len(latin.FindAllString(words, -1)) {
			list = append(list, slipped.FindAllString(filled.ReplaceAllString(piece, "某"), -1)...)
		}
	}
	return list
}

func onlyHan(r rune) rune {
	if unicode.Is(unicode.Han, r) {
		return r
	}
	return -1
}

func TestASlipOfPunctuationIsSeen(t *testing.T) {
	for text, want := range map[string]int{
		"已付 {use},未付 {rest};请更正":              2,
		"超出上限(例外)":                            2,
		"超出上限（例外），请更正：见 {id}":                 0,
		"{asked}({limit})已满":                  2,
		"write it as 金额, please":              0,
		"Only compare / 只比较,不替换":              1,
		`{{t "尚未记账,请稍候" "not booked, wait"}}`: 1,
		"{event}, {amount}: {message_en}":     0,
		"`seq:1` 之后":                          0,
		"金额不超过 999,999.99":                    0,
	} {
		if got := slips(text); len(got) != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
