package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/policies"
)

// template is a text with the values of a row in it: "pay-{invoice}-{occurrence}".
type template []piece

// piece is a plain text, or a name whose value goes through functions.
type piece struct {
	text      string
	name      string
	functions []string
}

// functions are what a template can make of a value.
var functions = map[string]func(string) string{
	"id":   policies.OpaqueID,
	"hash": hash,
	"year": func(s string) string { return s[:min(len(s), 4)] },
	"previous": func(s string) string {
		if n, err := strconv.Atoi(s); err == nil {
			return strconv.Itoa(n - 1)
		}
		return s
	},
	"upper": strings.ToUpper,
	"lower": strings.ToLower,
}

// hash is the first 16 hex digits of a text's SHA-256: 64 bits, so that ten million values have a chance of one in
// 300,000 that any two share one.
func hash(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:8])
}

// compile reads a template: {name} or {name|function|…}; {{ and }} are braces.
func (m *Mapping) compile(tree *policies.Tree, at, text string) (template, error) {
	var t template
	plain := ""
	for text != "" {
		switch {
		case strings.HasPrefix(text, "{{"), strings.HasPrefix(text, "}}"):
			plain, text = plain+text[:1], text[2:]
		case text[0] == '}':
			return nil, tree.Fault(at, say("“}”没有对应的“{”", "a } has no {"))
		case text[0] != '{':
			next := strings.IndexAny(text, "{}")
			if next < 0 {
				next = len(text)
			}
			plain, text = plain+text[:next], text[next:]
		default:
			inner, rest, closed := strings.Cut(text[1:], "}")
			if !closed {
				return nil, tree.Fault(at, say("“{”没有对应的“}”", "a { has no }"))
			}
			words := strings.Split(inner, "|")
			p := piece{text: plain, name: words[0], functions: words[1:]}
			if _, column := m.Columns[p.name]; !column && !slices.Contains(given, p.name) {
				return nil, tree.Fault(at, say("columns 中没有“%s”", "columns has no %q", p.name))
			}
			for _, f := range p.functions {
				if functions[f] == nil {
					return nil, tree.Fault(at, say("没有函数“%s”；可用：id、hash、year、previous、upper、lower", "there is no function %q; there are id, hash, year, previous, upper, lower", f))
				}
			}
			t = append(t, p)
			plain, text = "", rest
		}
	}
	if plain != "" {
		t = append(t, piece{text: plain})
	}
	return t, nil
}

// fill is the template's text with the values of a row. Where every value in it is empty, so is the whole.
func (t template) fill(value func(name string) (string, *domain.Refusal)) (string, *domain.Refusal) {
	var b strings.Builder
	named, said := false, false
	for _, p := range t {
		b.WriteString(p.text)
		if p.name == "" {
			continue
		}
		text, r := value(p.name)
		if r != nil {
			return "", r
		}
		named = true
		if text == "" {
			continue
		}
		said = true
		for _, f := range p.functions {
			text = functions[f](text)
		}
		b.WriteString(text)
	}
	if named && !said {
		return "", nil
	}
	return b.String(), nil
}

// column is the first column that a template draws from; empty for a constant.
func (t template) column() string {
	for _, p := range t {
		if p.name != "" && !slices.Contains(given, p.name) {
			return p.name
		}
	}
	return ""
}

// given says whether a template draws from what every mapping has: the row, its content, its occurrence.
func (t template) given() bool {
	return slices.ContainsFunc(t, func(p piece) bool { return slices.Contains(given, p.name) })
}

// names says whether a template draws from a name.
func (t template) names(name string) bool {
	return slices.ContainsFunc(t, func(p piece) bool { return p.name == name })
}
