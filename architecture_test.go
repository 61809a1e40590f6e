// Package fundledger_test keeps the house in order: who may import whom.
package fundledger_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/fundledger/fundledger"

// room is what a package, with the folders below it, may import of ours: itself always. Tests may import more.
type room struct{ imports, tests []string }

var all = []string{"*"}

var rooms = map[string]room{
	".":           {},
	"domain":      {},
	"eventstore":  {},
	"pgserver":    {},
	"tabular":     {},
	"migrations":  {},
	"wire":        {imports: []string{"domain", "eventstore"}},
	"policies":    {imports: []string{"domain"}},
	"ledger":      {imports: []string{"domain", "eventstore", "wire"}, tests: []string{"policies"}},
	"projections": {imports: []string{"domain", "eventstore", "wire", "migrations"}, tests: []string{"audit", "proof", "pgserver", "policies", "ledger", "demo"}},
	"intake":      {imports: []string{"domain", "wire", "tabular", "policies"}},
	"words":       {imports: []string{"domain", "projections", "tabular"}},
	"demo":        {imports: []string{"domain", "policies", "wire"}, tests: []string{"eventstore", "ledger"}},
	"proof":       {imports: []string{"domain", "eventstore", "wire"}, tests: []string{"internal"}},
	"audit":       {imports: []string{"archive", "domain", "eventstore", "projections", "proof", "tabular", "wire", "words"}, tests: []string{"demo", "internal"}},
	"replay":      {imports: []string{"audit", "domain", "eventstore", "projections", "proof", "wire", "words"}, tests: []string{"demo", "internal", "ledger"}},
	"archive":     {imports: []string{"audit", "domain", "eventstore", "projections", "proof", "replay", "wire"}, tests: []string{"internal", "ledger"}},
	"internal":    {imports: []string{"demo", "domain", "eventstore", "policies", "projections", "proof", "wire", "words"}},
	"web": {imports: []string{"archive", "audit", "domain", "eventstore", "intake", "ledger", "projections", "proof", "replay", "tabular", "wire", "words"},
		tests: all},
	"deploy": {tests: []string{"eventstore", "pgserver"}},
	"cmd":    {imports: all},
}

// pure is all that domain may import besides: its one dependency, and what of the standard library neither
// reads nor writes anything.
var pure = []string{"cmp", "errors", "fmt", "iter", "maps", "math", "math/big", "slices", "strconv", "strings", "time", "unicode", "unicode/utf8",
	"github.com/shopspring/decimal"}

// clock is what of the time package domain leaves alone: it is told the day.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "LoadLocation", "Local"}

func TestEveryPackageImportsOnlyWhatItMay(t *testing.T) {
	eachFile(t, func(file string, tree *ast.File) {
		top := strings.Split(path.Dir(file), "/")[0]
		rules, known := rooms[top]
		if !known {
			t.Errorf("%s: the package %s has no line in the table of imports", file, top)
			return
		}
		test := strings.HasSuffix(file, "_test.go")
		for _, spec := range tree.Imports {
			target, _ := strconv.Unquote(spec.Path.Value)
			if top == "domain" && !test && !slices.Contains(pure, target) {
				t.Errorf("%s imports %s: domain is pure", file, target)
			}
			ours, ok := strings.CutPrefix(target, module)
			if !ok {
				continue
			}
			to := strings.Split(strings.TrimPrefix(ours, "/"), "/")[0]
			allowed := rules.imports
			if test {
				allowed = append(slices.Clone(allowed), rules.tests...)
			}
			if to != top && !slices.Contains(allowed, to) && !slices.Contains(allowed, "*") {
				t.Errorf("%s imports %s: %s may import %v", file, to, top, allowed)
			}
		}
	})
}

func TestDomainKnowsNoClock(t *testing.T) {
	eachFile(t, func(file string, tree *ast.File) {
		if path.Dir(file) != "domain" || strings.HasSuffix(file, "_test.go") {
			return
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if of, ok := s.X.(*ast.Ident); ok && of.Name == "time" && slices.Contains(clock, s.Sel.Name) {
					t.Errorf("%s uses time.%s", file, s.Sel.Name)
				}
			}
			return true
		})
	})
}

// eachFile parses every Go file of the module; folders with a module of their own, or hidden, or of test data, are not of it.
func eachFile(t *testing.T, judge func(file string, tree *ast.File)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "tools" || entry.Name() == "bin") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files++
		judge(filepath.ToSlash(name), tree)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were found: is this the root of the module?", files)
	}
}
