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
	eachText(t, func(file, text string) {
		for _, slip := range slips(text) {
			t.Errorf("%s: %q has a half-width sign: %q", file, slip, text)
		}
	})
}

// A Chinese sentence has no English words: whoever reads refusals, findings, headings, the API's descriptions or the terminal in Chinese
// reads names. Ids, codes, addresses, what is written so in Chinese too, and what has its Chinese in brackets or stands in brackets behind
// it are no words; nor is what is typed as it stands: names of commands, of the keys of policies and of mappings, and of what a machine sends.
func TestChineseHasNoEnglishWords(t *testing.T) {
	eachText(t, func(file, text string) {
		if typed.MatchString(file) {
			return
		}
		for _, word := range foreign(text) {
			t.Errorf("%s: %q stands in a Chinese sentence: %q", file, word, text)
		}
	})
}

// eachText are the texts that somebody may read: the strings of the program, and the lines of its documents, pages, statements and scripts.
func eachText(t *testing.T, judge func(file, text string)) {
	t.Helper()
	judged := 0
	eachFile(t, func(file string, tree *ast.File) {
		if strings.HasSuffix(file, "_test.go") {
			return // tests hold files and foreign spellings
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, _ := strconv.Unquote(lit.Value)
				judged++
				judge(file, text)
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
			judged++
			judge(filepath.ToSlash(name), line)
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

var (
	// word is a Latin word with what is joined to it: an id, a code, a flag, an address and a file's name hold a digit or a sign.
	word = regexp.MustCompile(`[A-Za-z0-9_.@:/=+%&?\[\]{}*~$#-]*[A-Za-z]{3,}[A-Za-z0-9_.@:/=+%&?\[\]{}*~$#-]*`)
	// typed are the places whose texts are about what somebody types: the terminal, policies, mappings, and their documents.
	typed  = regexp.MustCompile(`^(cmd|docs|deploy|intake|policies)/|\.md$|^domain/policy`)
	joined = regexp.MustCompile(`[0-9_@/=%&?\[\]{}*$#]|--|[a-z.-]+\.[a-z]+|^-`)
)

// foreign are the English words in the Chinese sentences of a text.
func foreign(text string) (list []string) {
	for _, piece := range pieces.Split(text, -1) {
		found := word.FindAllStringIndex(piece, -1)
		if len([]rune(strings.Map(onlyHan, piece))) <= len(found) {
			continue
		}
		for _, at := range found {
			w, glossed := strings.Trim(piece[at[0]:at[1]], ".:/"), strings.HasPrefix(piece[at[1]:], "（") || strings.HasSuffix(piece[:at[0]], "（")
			if !glossed && !joined.MatchString(w) && !slices.Contains(bothSay, w) {
				list = append(list, w)
			}
		}
	}
	return list
}

// bothSay are names that are written so in Chinese too, then file formats, commands of the terminal, and what is typed as it stands.
var bothSay = strings.Fields(`API CSV CNY CloudEvents Ctrl Enter Esc Excel HTTP ISO JSON JetStream MiB NATS NDJSON PDF Parquet RFC PostgreSQL SQL TLS WPS XLSX
	XML YAML Webhooks English fundledger csv json jsonl ndjson parquet pdf xls xlsx
	rebuild serve checkpoint migrate verify token create true false null none
	Authorization Bearer Idempotency-Key POST Prefer respond-async tlog-tiles analyst fundledger_readers numeric`)

func onlyHan(r rune) rune {
	if unicode.Is(unicode.Han, r) {
		return r
	}
	return -1
}

func TestAnEnglishWordInAChineseSentenceIsSeen(t *testing.T) {
	for text, want := range map[string]string{
		"条款 clause 无效":                      "clause",
		"状态为 approved，不能支付":                 "approved",
		"须为 year（年度）或 total（累计）":            "",
		"本对照仅为概况（profile）":                  "",
		"企业 91310105MA7W80873U 的 pay-1 未入账": "",
		"Only approved ones / 只看已批准的":       "",
		"请用 fundledger rebuild 重建":          "",
		"{clause} 已超出，见 /v1/lists 与 .xlsx":  "",
		"the clause, called 条款 in Chinese":  "",
		"已撤销 token create":                  "",
		"未找到 Payout":                        "Payout",
	} {
		if got := strings.Join(foreign(text), " "); got != want {
			t.Errorf("%s: found %q", text, got)
		}
	}
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
