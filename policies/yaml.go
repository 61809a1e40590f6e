package policies

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/fundledger/fundledger/domain"
)

// The bounds of a YAML file.
const (
	MaxBytes = 4 << 20
	maxDepth = 64      // mappings and sequences inside each other
	maxNodes = 500_000 // after aliases are unfolded
)

// Tree is a YAML file that was read: it finds the line of a fault that is noticed later.
type Tree struct {
	file   string
	places map[string]place // by JSON pointer
}

type place struct{ line, column int }

// Fault is an error at a JSON pointer of the file, or at the nearest place above it that the file has.
func (t *Tree) Fault(pointer string, reason domain.Text) *Error {
	e := &Error{File: t.file, Path: pathOf(pointer), Reason: reason}
	for at := pointer; ; at = at[:strings.LastIndexByte(at, '/')] {
		if p, ok := t.places[at]; ok {
			e.Line, e.Column = p.line, p.column
			return e
		}
		if at == "" || !strings.Contains(at, "/") {
			return e
		}
	}
}

// Has reports whether the file holds something at a JSON pointer.
func (t *Tree) Has(pointer string) bool { _, ok := t.places[pointer]; return ok }

// Decode reads one strict YAML document, as the package comment says, into a Go value by its JSON names. Null is taken
// only where nullable says so of a JSON pointer. Errors are of type [*Error].
func Decode(r io.Reader, name string, into any, nullable func(pointer string) bool) (*Tree, error) {
	text, err := readText(r, name)
	if err != nil {
		return nil, err
	}
	root, err := parse(text, name)
	if err != nil {
		return nil, err
	}
	t := &Tree{file: name, places: map[string]place{}}
	u := unfolding{tree: t, nullable: nullable, anchors: map[string]ast.Node{}}
	var b bytes.Buffer
	u.out = jsontext.NewEncoder(&b)
	if err := u.node("", root, 0); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b.Bytes(), into, json.RejectUnknownMembers(true)); err != nil {
		return nil, t.mistyped(err)
	}
	return t, nil
}

func readText(r io.Reader, name string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	switch {
	case len(text) > MaxBytes:
		return nil, &Error{File: name, Reason: say("文件超过 %d 字节，不像是这样的文件", "it has more than %d bytes, more than such a file can have", MaxBytes)}
	case !utf8.Valid(text):
		line, column := invalidAt(text)
		return nil, &Error{File: name, Line: line, Column: column, Reason: say("不是 UTF-8 编码；请另存为 UTF-8", "it is not UTF-8; save it as UTF-8")}
	case bytes.IndexByte(text, 0) >= 0:
		return nil, &Error{File: name, Reason: say("这不是文本文件", "it is not a text file")}
	}
	return text, nil
}

func invalidAt(text []byte) (line, column int) {
	line, column = 1, 1
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if column++; r == '\n' {
			line, column = line+1, 1
		}
		text = text[n:]
	}
	return line, column
}

// parse is the document's root. The tokens are bounded first, for the parser calls itself on every level of nesting.
func parse(text []byte, name string) (ast.Node, error) {
	tokens := lexer.Tokenize(string(text))
	if err := boundTokens(tokens, name); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, syntaxError(err, name)
	}
	bodies := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil })
	switch {
	case len(bodies) == 0:
		return nil, &Error{File: name, Line: 1, Column: 1, Reason: say("文件是空的", "the file is empty")}
	case len(bodies) > 1:
		p := placeOf(bodies[1].Body)
		return nil, &Error{File: name, Line: p.line, Column: p.column, Reason: say("一个文件只能有一份文档", "one file holds one document, and this is a second")}
	}
	return bodies[0].Body, nil
}

func boundTokens(tokens token.Tokens, name string) error {
	flow, chain := 0, 0
	for _, t := range tokens {
		at := func(zh, en string, args ...any) error {
			return &Error{File: name, Line: t.Position.Line, Column: t.Position.Column, Reason: say(zh, en, args...)}
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.TagType, token.DirectiveType, token.MergeKeyType:
			return at("不支持 YAML 标签、指令与合并键；请直接写值", "tags, directives and merge keys are not taken; write the value itself")
		}
		if chain++; t.Type != token.SequenceEntryType && t.Type != token.MappingKeyType && t.Type != token.AnchorType {
			chain = 0
		}
		if flow > maxDepth || chain > maxDepth || t.Position.IndentNum > 4*maxDepth {
			return at("嵌套超过 %d 层", "it is nested deeper than %d levels", maxDepth)
		}
	}
	return nil
}

func syntaxError(err error, name string) error {
	var at yaml.Error
	if !errors.As(err, &at) {
		return &Error{File: name, Reason: say("不是有效的 YAML：%v", "it is not valid YAML: %v", err)}
	}
	// Not at.Error(): it draws the source around the fault, in time that grows with the square of the file.
	e := &Error{File: name, Reason: say("不是有效的 YAML：%s", "it is not valid YAML: %s", at.GetMessage())}
	if t := at.GetToken(); t != nil && t.Position != nil {
		e.Line, e.Column = t.Position.Line, t.Position.Column
	}
	return e
}

func placeOf(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		n = m.Values[0]
	}
	if v, ok := n.(*ast.MappingValueNode); ok {
		n = v.Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return place{t.Position.Line, t.Position.Column}
	}
	return place{1, 1}
}

// unfolding writes a YAML tree as JSON and remembers where everything stands.
type unfolding struct {
	tree     *Tree
	nullable func(string) bool
	anchors  map[string]ast.Node
	nodes    int
	out      *jsontext.Encoder
}

func (u *unfolding) node(pointer string, n ast.Node, depth int) error {
	if _, known := u.tree.places[pointer]; !known {
		u.tree.places[pointer] = placeOf(n)
	}
	if u.nodes++; depth > maxDepth || u.nodes > maxNodes {
		return u.tree.Fault(pointer, say("内容过多或嵌套过深（最多 %d 层、%d 项）", "it is too deep or too large (at most %d levels and %d values)", maxDepth, maxNodes))
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		if err := u.node(pointer, n.Value, depth+1); err != nil {
			return err
		}
		u.anchors[n.Name.String()] = n.Value
		return nil
	case *ast.AliasNode:
		target, ok := u.anchors[n.Value.String()]
		if !ok {
			return u.tree.Fault(pointer, say("别名 *%s 没有指向前文的锚点", "the alias *%s names no anchor before it", n.Value.String()))
		}
		return u.node(pointer, target, depth+1)
	case ast.MapNode:
		return u.mapping(pointer, n, depth)
	case *ast.SequenceNode:
		return u.sequence(pointer, n, depth)
	}
	return u.scalar(pointer, n)
}

func (u *unfolding) mapping(pointer string, m ast.MapNode, depth int) error {
	if err := u.out.WriteToken(jsontext.BeginObject); err != nil {
		return u.unwritable(pointer, err)
	}
	seen := map[string]bool{}
	for pairs := m.MapRange(); pairs.Next(); {
		key, ok := pairs.Key().(ast.ScalarNode)
		if !ok {
			return u.tree.Fault(pointer, say("键须为单词", "a key is a plain word"))
		}
		word := key.GetToken().Value
		below := string(jsontext.Pointer(pointer).AppendToken(word))
		if !seen[word] {
			u.tree.places[below] = placeOf(key)
		}
		if seen[word] {
			e := u.tree.Fault(below, say("键“%s”出现了两次", "the key %s stands twice", word))
			e.Line, e.Column = placeOf(key).line, placeOf(key).column
			return e
		}
		seen[word] = true
		if err := u.out.WriteToken(jsontext.String(word)); err != nil {
			return u.unwritable(below, err)
		}
		if err := u.node(below, pairs.Value(), depth+1); err != nil {
			return err
		}
	}
	return u.out.WriteToken(jsontext.EndObject)
}

func (u *unfolding) sequence(pointer string, s *ast.SequenceNode, depth int) error {
	if err := u.out.WriteToken(jsontext.BeginArray); err != nil {
		return u.unwritable(pointer, err)
	}
	for i, value := range s.Values {
		if err := u.node(fmt.Sprintf("%s/%d", pointer, i), value, depth+1); err != nil {
			return err
		}
	}
	return u.out.WriteToken(jsontext.EndArray)
}

func (u *unfolding) scalar(pointer string, n ast.Node) error {
	var t jsontext.Token
	switch n := n.(type) {
	case *ast.StringNode:
		t = jsontext.String(n.Value)
	case *ast.LiteralNode:
		t = jsontext.String(n.Value.Value)
	case *ast.BoolNode:
		t = jsontext.Bool(n.Value)
	case *ast.IntegerNode:
		return u.number(pointer, fmt.Sprint(n.Value))
	case *ast.FloatNode:
		return u.number(pointer, fmt.Sprintf("%f", n.Value))
	case *ast.NullNode:
		if u.nullable == nil || !u.nullable(pointer) {
			return u.tree.Fault(pointer, say("值为空；请填写，或整行删去", "the value is empty; write one, or leave out the line"))
		}
		t = jsontext.Null
	default:
		return u.tree.Fault(pointer, say("这里不能写这样的值", "such a value is not taken here"))
	}
	if err := u.out.WriteToken(t); err != nil {
		return u.unwritable(pointer, err)
	}
	return nil
}

func (u *unfolding) number(pointer, digits string) error {
	if err := u.out.WriteValue(jsontext.Value(digits)); err != nil {
		return u.unwritable(pointer, err)
	}
	return nil
}

func (u *unfolding) unwritable(pointer string, err error) error {
	return u.tree.Fault(pointer, say("这里不能写这样的值（%v）", "such a value is not taken here (%v)", err))
}

// mistyped says which value is not what its key asks for.
func (t *Tree) mistyped(err error) error {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return t.Fault("", say("内容读不懂：%v", "it cannot be read: %v", err))
	}
	pointer := string(semantic.JSONPointer)
	var amount *domain.AmountError
	var date *domain.DateError
	switch {
	case errors.Is(err, json.ErrUnknownName):
		return t.Fault(pointer, say("没有这个键；请核对拼写", "there is no such key; check its spelling"))
	case errors.As(err, &amount):
		return t.Fault(pointer, say("金额 %s 写法不对：须加引号，如 \"1800000.00\"，至多两位小数", "%s is not an amount: write it in quotation marks like \"1800000.00\", with at most two decimals", amount.Text))
	case errors.As(err, &date):
		return t.Fault(pointer, say("%q 不是日期：请写成 2025-03-01", "%q is not a date: write it like 2025-03-01", date.Text))
	case semantic.JSONKind == '0' || semantic.JSONKind == 't' || semantic.JSONKind == 'f':
		return t.Fault(pointer, say("这里须为文字；像数字或 true/false 的文字请加引号", "a text belongs here; put one that reads as a number or as true/false in quotation marks"))
	}
	return t.Fault(pointer, say("值的类型不对", "the value is of the wrong type"))
}
