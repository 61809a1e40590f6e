package pages_test

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// unread is what nobody reads as a sentence: the head, what is typed or shown as it lies in the log, ids, and a part in another language.
	unread = regexp.MustCompile(`(?s)<head>.*?</head>|<pre.*?</pre>|<code.*?</code>|<[a-z]+[^>]*class="[^"]*\b(?:mono|id|person|code)\b[^"]*"[^>]*>[^<]*(?:<a[^>]*>[^<]*</a>[^<]*)*</[a-z]+>|<[a-z]+[^>]*lang="en"[^>]*>[^<]*</[a-z]+>`)
	anyTag = regexp.MustCompile(`<[^>]*>`)
	latin  = regexp.MustCompile(`[A-Za-z0-9_.@:/+-]*[A-Za-z]{3,}[A-Za-z0-9_.@:/+-]*`)
	// anID holds a digit, or joins parts of a name: an enterprise's code, an application, a person, a fund, an address.
	anID = regexp.MustCompile(`[0-9]|^[a-z-]+\.[a-z]+$|@|^https?:`)
)

// alike are the names that are written so in Chinese too.
var alike = []string{"API", "CSV", "CloudEvents", "Ctrl", "Enter", "Esc", "Excel", "JSON", "NATS", "NDJSON", "PDF", "Parquet", "RFC", "PostgreSQL", "SQL", "SM2", "WPS", "XLSX", "YAML", "Webhooks", "English", "csv", "jsonl", "pdf", "xls", "xlsx", "fundledger", "openapi.json"}

// english are the words of a page in Chinese that are neither Chinese nor a name.
func english(page string) (words []string) {
	text := html.UnescapeString(anyTag.ReplaceAllString(unread.ReplaceAllString(page, " "), " "))
	for _, word := range latin.FindAllString(text, -1) {
		if word = strings.Trim(word, ".:-/"); !anID.MatchString(word) && !slices.Contains(alike, word) && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// machines are the pages that describe what programs read, in the words that programs use, and the one that tells grants as they are typed.
var machines = regexp.MustCompile(`^/(docs|data|lists/|events/|import/template|account-changes)`)

func TestEnglishInAChinesePageIsFound(t *testing.T) {
	for page, want := range map[string]string{
		`<p>超过 cap_exceeded 上限</p>`: "cap_exceeded", `<p>支付 payout 已退回</p>`: "payout", `<td class="id">PO-1 abc</td><p>企业 91310105MA7T80740L，经办 xu.xia</p>`: "",
		`<head><title>fundledger</title></head><p>导出 CSV Excel</p><span class="mono">make_payout</span>`: "", `<option>four_eyes</option>`: "four_eyes",
	} {
		if got := strings.Join(english(page), " "); got != want {
			t.Errorf("in %s is found %q", page, got)
		}
	}
}
