package policies

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
)

// maxIDBytes is what the ledger takes for an identifier.
const maxIDBytes = 200

// OpaqueID makes an identifier of a text: the text itself, spelled as it is, where it can be one. Where it cannot (it
// is too long, or has line breaks or invisible characters in it) it is the text as far as it can be shown, with the
// beginning of the SHA-256 of the exact text behind it, so that different texts never become one identifier.
func OpaqueID(text string) string {
	if text == "" || plainID(text) {
		return text
	}
	shown := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	shown = strings.Join(strings.Fields(shown), " ")
	digest := sha256.Sum256([]byte(text))
	tail := "~" + hex.EncodeToString(digest[:6])
	if room := maxIDBytes - len(tail); len(shown) > room {
		shown = strings.TrimSpace(strings.ToValidUTF8(shown[:room], ""))
	}
	return shown + tail
}

// plainID reports whether a text can be an identifier as it is.
func plainID(s string) bool {
	if len(s) > maxIDBytes || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}

// DraftOptions say what a drafted policy is called and for what time it is.
type DraftOptions struct {
	Fund     domain.FundID
	Title    domain.Text
	Term     domain.Term
	Currency string // ISO 4217
	Column   string // the heading of the column whose values become clauses
}

// maxDraftClauses keeps a draft within what a policy file may be.
const maxDraftClauses = 10_000

// Draft writes a policy for a history taken over from elsewhere: one clause for each distinct value of a column of a
// CSV table (a grantor, a programme), with no cap stated, identifiers taken as they are, no acceptance and no reviews.
// A clause's id is [OpaqueID] of the value. The clauses stand in the order of their ids; Draft reports how many there
// are. The draft is a beginning: departments, names and caps are for people to complete.
func Draft(w io.Writer, table io.Reader, o DraftOptions) (int, error) {
	values, err := distinct(table, o.Column)
	if err != nil {
		return 0, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Drafted from the column %s: one clause for each of its values, no caps.\n", quote(o.Column))
	fmt.Fprintf(&b, "fund: %s\ntitle: {zh: %s, en: %s}\nissued_on: %s\nterm: {from: %s, to: %s}\ncurrency: %s\nbeneficiary_id: opaque\n",
		quote(string(o.Fund)), quote(o.Title.ZH), quote(o.Title.EN), o.Term.From, o.Term.From, o.Term.To, quote(o.Currency))
	b.WriteString("workflow: {acceptance: false, reviews: 0}\ntreasury: finance\nauthority: government\n\ndepartments:\n" +
		"  - {id: finance, name: {zh: 财政部门, en: Treasury}}\n  - {id: government, name: {zh: 授权机关, en: Authority}}\n\nclauses:\n")
	for _, v := range values {
		fmt.Fprintf(&b, "  - id: %s\n    name: {zh: %s, en: %s}\n    source: %s\n    departments: [finance]\n    cap: {amount: null, subject: enterprise, period: year}\n",
			quote(OpaqueID(v)), quote(v), quote(v), quote(o.Column))
	}
	if _, err := Load(bytes.NewReader(b.Bytes()), "draft"); err != nil {
		return 0, fmt.Errorf("drafting a policy: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return 0, fmt.Errorf("writing the draft: %w", err)
	}
	return len(values), nil
}

// distinct lists a column's values, sorted.
func distinct(table io.Reader, column string) ([]string, error) {
	buffered := bufio.NewReader(table)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := buffered.Discard(3); err != nil {
			return nil, fmt.Errorf("reading the table: %w", err)
		}
	}
	rows := csv.NewReader(buffered)
	rows.ReuseRecord = true
	heading, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the table's heading: %w", err)
	}
	at := slices.IndexFunc(heading, func(name string) bool { return strings.TrimSpace(name) == column })
	if at < 0 {
		return nil, fmt.Errorf("the table has no column %q; there are: %s", column, strings.Join(heading, ", "))
	}
	seen := map[string]bool{}
	for {
		record, err := rows.Read()
		if err == io.EOF {
			return slices.Sorted(maps.Keys(seen)), nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the table: %w", err)
		}
		line, _ := rows.FieldPos(at)
		switch value := record[at]; {
		case strings.TrimSpace(value) == "":
			return nil, fmt.Errorf("line %d: the column %s is empty, and a clause needs a name", line, column)
		case !utf8.ValidString(value):
			return nil, fmt.Errorf("line %d: it is not UTF-8; save the table as UTF-8", line)
		default:
			seen[strings.Clone(strings.TrimSpace(value))] = true // as an import reads it
		}
		if len(seen) > maxDraftClauses {
			return nil, fmt.Errorf("the column %s has more than %d different values, too many for clauses", column, maxDraftClauses)
		}
	}
}

// quote writes a text as YAML in quotation marks, which are JSON's.
func quote(s string) string {
	b, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		b = []byte(`""`)
	}
	return string(b)
}
