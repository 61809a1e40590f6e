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

func TestEveryVerbIsWhole(t *testing.T) {
	names, shorts := map[string]bool{}, map[string]bool{}
	rule := regexp.MustCompile(`^R([1-9]|1[0-6])$`)
	for _, v := range Verbs {
		if !name.MatchString(v.Name) || names[v.Name] || v.New().Name() != v.Name {
			t.Errorf("%T has the name %q", v.New(), v.Name)
		}
		names[v.Name] = true
		if v.Short != "" && shorts[v.Short] {
			t.Errorf("two verbs are %q on the command line", v.Short)
		}
		shorts[v.Short] = true
		if len(v.Roles) == 0 || len(v.Rules) == 0 {
			t.Errorf("%s may be given by %v, under %v", v.Name, v.Roles, v.Rules)
		}
		for _, r := range v.Rules {
			if !rule.MatchString(r) {
				t.Errorf("%s rests on %q", v.Name, r)
			}
		}
		for what, text := range map[string]Text{"title": v.Title, "help": v.Help} {
			if text.ZH == "" || text.EN == "" {
				t.Errorf("the %s of %s is %+v", what, v.Name, text)
			}
		}
		for _, f := range v.Fields {
			if f.Label.ZH == "" || f.Label.EN == "" {
				t.Errorf("the field %s of %s has no words", f.Name, v.Name)
			}
		}
		for _, other := range v.MadeGood {
			if _, known := VerbNamed(other); !known {
				t.Errorf("%s is made good by %q, which is no verb", v.Name, other)
			}
		}
		if found, ok := VerbNamed(v.Name); !ok || found.Name != v.Name {
			t.Errorf("%s is not found", v.Name)
		}
	}
	if _, ok := VerbNamed("burn_money"); ok {
		t.Error("a verb that is none is found")
	}
}

func TestTheFieldsOfAVerbAreThoseOfItsCommand(t *testing.T) {
	known := map[string]bool{}
	for _, v := range Verbs {
		command := reflect.TypeOf(v.New()).Elem()
		if len(v.Fields) != command.NumField()-1 {
			t.Errorf("%s has %d fields, its command %d and a head", v.Name, len(v.Fields), command.NumField()-1)
		}
		for _, f := range v.Fields {
			known[f.Name], known[v.Name+"."+f.Name] = true, true
		}
	}
	for field := range fieldWords {
		if !known[field] {
			t.Errorf("%s has words and is no field", field)
		}
	}
	pay, _ := VerbNamed("make_payout")
	if f, ok := pay.Field("amount"); !ok || f.Kind != AmountField || f.Optional {
		t.Errorf("a payout's amount is %+v", f)
	}
	if f, ok := pay.Field("paid_on"); !ok || f.Kind != DateField || !f.Optional {
		t.Errorf("a payout's day is %+v", f)
	}
	if _, ok := pay.Field("id"); ok {
		t.Error("the head is a field")
	}
}

func TestEveryEventIsDescribedInBothLanguages(t *testing.T) {
	for _, v := range Verbs {
		text := Describe(v.Event())
		if text.ZH == "" || text.EN == "" || strings.Contains(text.ZH+text.EN, "%!") {
			t.Errorf("%s is described as %q, %q", v.Event().Name(), text.ZH, text.EN)
		}
	}
}

// An event and its command belong together: the command that an event answers is that of its verb.
func TestEveryEventAnswersTheCommandOfItsVerb(t *testing.T) {
	for _, v := range Verbs {
		head := Head{ID: "c", Date: day("2025-03-01"), Actor: Actor{ID: "p", Role: v.Roles[0]}}
		c := CommandOf(v.Event(), head)
		if c.Name() != v.Name || c.Given() != head {
			t.Errorf("%s answers %s %v", v.Event().Name(), c.Name(), c.Given())
		}
	}
}

func TestEveryEventHasANameOfItsOwnAndAnEntity(t *testing.T) {
	kinds := []string{"policy", "clause", "enterprise", "application", "exception", "appropriation", "finding", "statement", "key", "link", "project"}
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
	for _, v := range Verbs {
		listed[reflect.TypeOf(v.New()).Elem().Name()], listed[reflect.TypeOf(v.Event()).Elem().Name()] = true, true
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
	rule := regexp.MustCompile(`^R([1-9]|1[0-6])$`)
	marks := regexp.MustCompile(`\{[a-z_]+\}`)
	titles := map[string]string{}
	for code, text := range refusalTexts {
		for _, title := range []string{text.title.ZH, text.title.EN} {
			if title == "" || titles[title] != "" || strings.ContainsAny(title, "{}[]。.") {
				t.Errorf("%s is called %q, as %s is", code, title, titles[title])
			}
			titles[title] = code
		}
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
