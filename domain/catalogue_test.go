package domain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var name = regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`)

func TestEveryCommandHasANameOfItsOwnAndARight(t *testing.T) {
	seen := map[string]bool{}
	for _, maker := range Commands {
		c := maker()
		if !name.MatchString(c.Name()) || seen[c.Name()] {
			t.Errorf("%T has the name %q", c, c.Name())
		}
		seen[c.Name()] = true
		if len(rights[c.Name()].roles) == 0 {
			t.Errorf("nobody may give %s", c.Name())
		}
	}
	if len(rights) != len(Commands) {
		t.Errorf("%d rights for %d commands", len(rights), len(Commands))
	}
}

func TestEveryEventHasANameOfItsOwnAndAnEntity(t *testing.T) {
	kinds := []string{"policy", "clause", "enterprise", "application", "exception", "appropriation", "finding", "statement", "key"}
	seen := map[string]bool{}
	for _, maker := range Events {
		e := maker()
		if !name.MatchString(e.Name()) || seen[e.Name()] {
			t.Errorf("%T has the name %q", e, e.Name())
		}
		seen[e.Name()] = true
		fillIDs(reflect.ValueOf(e).Elem())
		kind, id := e.Entity()
		if !slices.Contains(kinds, kind) || !validID(id) {
			t.Errorf("%s happens to %q %q", e.Name(), kind, id)
		}
	}
}

func fillIDs(v reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("x1")
		case reflect.Struct:
			if f.Type() != reflect.TypeFor[Money]() && f.Type() != reflect.TypeFor[Date]() && f.Type() != reflect.TypeFor[Ceiling]() {
				fillIDs(f)
			}
		}
	}
}

// Every type of the package that is a command or an event stands in its table of contents, so none can be forgotten.
func TestTheTablesOfContentsAreWhole(t *testing.T) {
	listed := map[string]bool{}
	for _, maker := range Commands {
		listed[reflect.TypeOf(maker()).Elem().Name()] = true
	}
	for _, maker := range Events {
		listed[reflect.TypeOf(maker()).Elem().Name()] = true
	}
	for _, file := range source(t) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "decide" && f.Name.Name != "apply" {
				continue
			}
			if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok && !listed[star.X.(*ast.Ident).Name] {
				t.Errorf("%s is in no table of contents", star.X.(*ast.Ident).Name)
			}
		}
	}
}

func source(t *testing.T) map[string]*ast.File {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		if files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestEveryRefusalCodeHasItsRuleAndBothTexts(t *testing.T) {
	rule := regexp.MustCompile(`^R([1-9]|1[0-5])$`)
	marks := regexp.MustCompile(`\{[a-z_]+\}`)
	for code, text := range refusalTexts {
		if !rule.MatchString(text.rule) || RefusalCodes()[code] != text.rule {
			t.Errorf("%s has the rule %q", code, text.rule)
		}
		zh, en := marks.FindAllString(text.zh, -1), marks.FindAllString(text.en, -1)
		slices.Sort(zh)
		slices.Sort(en)
		if !slices.Equal(slices.Compact(zh), slices.Compact(en)) {
			t.Errorf("%s says %v in Chinese and %v in English", code, zh, en)
		}
		figures := Figures{}
		for _, mark := range en {
			figures[strings.Trim(mark, "{}")] = "1234567.00"
		}
		r := &Refusal{Code: code, Rule: text.rule, Figures: figures}
		readable(t, r)
		if m := r.Message(); strings.Contains(m.EN, "–") || len(en) > 0 && !strings.Contains(m.EN, "1,234,567.00") {
			t.Errorf("%s: %s", code, m.EN)
		}
	}
}

func TestEveryCodeIsInTheTableAndEveryEntryIsACode(t *testing.T) {
	constants := map[string]bool{}
	for _, file := range source(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
				constants[spec.Names[0].Name] = true
			}
			return true
		})
	}
	if len(constants) != len(refusalTexts) {
		t.Errorf("%d code constants, %d texts", len(constants), len(refusalTexts))
	}
	for code := range maps.Keys(refusalTexts) {
		if !name.MatchString(code) {
			t.Errorf("the code %q is not written like a code", code)
		}
	}
	// refuse takes its code from a constant, always: a code without texts would be an empty sentence
	for path, file := range source(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := call.Fun.(*ast.Ident); ok && f.Name == "refuse" && path != "refusal.go" {
				if arg, ok := call.Args[0].(*ast.Ident); !ok || !strings.HasPrefix(arg.Name, "Code") {
					t.Errorf("%s: refuse is called without a Code constant", path)
				}
			}
			return true
		})
	}
}

func TestAnUnknownCodeIsAFaultOfTheProgram(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("NewRefusal took an unknown code")
		}
	}()
	NewRefusal("no_such_code")
}

func TestFiguresAreGroupedInSentencesAndPlainInData(t *testing.T) {
	r := NewRefusal(CodeRequestedExceeded, "limit", Yuan(1_000_000), "asked", Yuan(1_234_567), "short_by", Fen(23_456_700))
	if r.Figures["asked"] != "1234567.00" || !strings.Contains(r.Message().EN, "1,234,567.00") || !strings.Contains(r.Message().ZH, "1,234,567.00") {
		t.Errorf("%v: %v", r.Figures, r.Message())
	}
	if text := r.Error(); !strings.HasSuffix(text, "("+CodeRequestedExceeded+", R2)") {
		t.Errorf("Error is %q", text)
	}
}
