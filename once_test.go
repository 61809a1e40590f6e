package fundledger_test

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// An error is told from another by what it is, never by its text, which is for people and changes; and the zone that people see
// stands in domain alone.
func TestErrorsAreNotToldByTheirText(t *testing.T) {
	eachFile(t, func(file string, tree *ast.File) {
		if strings.HasSuffix(file, "_test.go") { // what an error says is a promise too, and tests hold it
			return
		}
		for _, what := range readAsText(tree) {
			t.Errorf("%s: %s reads an error's text: use errors.Is or errors.As", file, what)
		}
		if path.Dir(file) == "domain" {
			return
		}
		for _, what := range zones(tree) {
			t.Errorf("%s: %s makes a zone: use domain.Shanghai", file, what)
		}
	})
}

func TestNobodyGetsRoundTheComparisons(t *testing.T) {
	for code, want := range map[string]int{
		`func f(err error) bool { return strings.Contains(err.Error(), "gone") }`:                1,
		`func f(err error) bool { return "gone" == err.Error() || err.Error() != x }`:            2,
		`func f(err error) bool { return strings.HasPrefix(strings.ToLower(err.Error()), "a") }`: 1,
		`func f(err error) { switch err.Error() { case "gone": } }`:                              1,
		`func f(err error) bool { return gone.MatchString(err.Error()) }`:                        1,
		`func f(err error) string { return clip(err.Error()) + " " + err.Error() }`:              0,
		`func f(err error) bool { return errors.Is(err, gone) }`:                                 0,
	} {
		if got := readAsText(parsed(t, code)); len(got) != want {
			t.Errorf("%s: %q", code, got)
		}
	}
	for code, want := range map[string]int{
		`import "time"; var z = time.FixedZone("Asia/Shanghai", 28800)`:         1,
		`import t "time"; func f() { z, _ := t.LoadLocation("Asia/Shanghai") }`: 1,
		`import "time"; var z = time.UTC`:                                       0,
	} {
		if got := zones(parsed(t, code)); len(got) != want {
			t.Errorf("%s: %q", code, got)
		}
	}
}

// readAsText are the places of a file that decide something by what an error says.
func readAsText(tree *ast.File) (found []string) {
	told := func(e ast.Expr) bool {
		said := false
		ast.Inspect(e, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && len(call.Args) == 0 {
				s, selected := call.Fun.(*ast.SelectorExpr)
				said = said || selected && s.Sel.Name == "Error"
			}
			return true
		})
		return said
	}
	asks := []string{"Contains", "ContainsAny", "HasPrefix", "HasSuffix", "EqualFold", "Index", "LastIndex", "Count", "Cut", "CutPrefix", "CutSuffix",
		"MatchString", "FindString", "FindStringSubmatch"}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(asks, s.Sel.Name) && slices.ContainsFunc(n.Args, told) {
				found = append(found, s.Sel.Name)
			}
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && (told(n.X) || told(n.Y)) {
				found = append(found, n.Op.String())
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && told(n.Tag) {
				found = append(found, "switch")
			}
		}
		return true
	})
	return found
}

// zones are the places of a file that make a zone of their own.
func zones(tree *ast.File) (found []string) {
	ast.Inspect(tree, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && (s.Sel.Name == "FixedZone" || s.Sel.Name == "LoadLocation") {
			found = append(found, s.Sel.Name)
		}
		return true
	})
	return found
}
