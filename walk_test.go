package fundledger_test

import (
	"go/ast"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The walk of a payout is drawn in docs/design.md, and the drawing is held to the code: each function calls the next one itself,
// or hands over by the name that is drawn; the calls, the shapes and the figures below the drawing are counted. Whoever puts another function or another
// type in between corrects the drawing, and sees what it costs.
func TestTheWalkOfAPayoutIsAsItIsDrawn(t *testing.T) {
	text, err := os.ReadFile("docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	_, drawing, ok := strings.Cut(string(text), "\n```walk\n")
	drawing, below, ended := strings.Cut(drawing, "```\n")
	if !ok || !ended {
		t.Fatal("docs/design.md has no drawing of the walk")
	}
	house := functions(t)
	steps := map[string]int{} // by what the line draws
	for line := range strings.Lines(drawing) {
		what, rest, _ := strings.Cut(line, " ")
		if what == "shapes" {
			want := strings.Fields(rest)
			if got := house.payouts; !slices.Equal(got, want) {
				t.Errorf("a payout has the shapes %q, drawn are %q: correct the drawing in docs/design.md, or let a shape that is there serve", got, want)
			}
			continue
		}
		links := chain(rest)
		if len(links) == 0 {
			t.Errorf("%q draws no step", line)
		}
		for _, l := range links {
			if fault := house.judge(l); fault != "" {
				t.Errorf("%s: correct the drawing in docs/design.md", fault)
			}
		}
		steps[what] += len(links)
	}
	if want := []string{"JSON", "asked", "decided", "form", "given", "stored", "taken", "written"}; !slices.Equal(slices.Sorted(maps.Keys(steps)), want) {
		t.Errorf("drawn are %v", slices.Sorted(maps.Keys(steps)))
	}
	longest := 0
	for what, n := range steps {
		if what != "JSON" { // the form's way is the other of the two
			longest += n
		}
	}
	if counted := regexp.MustCompile(`has (\d+) calls`).FindStringSubmatch(below); counted == nil || counted[1] != strconv.Itoa(longest) {
		t.Errorf("the longest way has %d calls, and docs/design.md says %q", longest, counted)
	}
}

// The judge is judged: by a walk that is not so.
func TestADrawingThatIsNotSoIsSeen(t *testing.T) {
	house := functions(t)
	for _, not := range []string{
		"web.postCommand > ledger.Start",           // there is more in between
		"web.postCommand > wire.Nothing",           // no such function
		"nowhere.postCommand > wire.DecodeCommand", // no such package
		"ledger.Start ~refusals~ ledger.run",       // handed over otherwise
	} {
		links := chain(not)
		if len(links) != 1 || house.judge(links[0]) == "" {
			t.Errorf("%s is not so", not)
		}
	}
}

// link is a step of the walk: a call, or a handing over by a name.
type link struct{ from, to, by string }

var step = regexp.MustCompile(`^ (>|~(\w+)~) ([\w/]+\.\w+)`)

// chain are the steps that a line draws.
func chain(text string) (links []link) {
	text = strings.TrimLeft(text, " ")
	from := regexp.MustCompile(`^[\w/]+\.\w+`).FindString(text)
	text = text[len(from):]
	for {
		m := step.FindStringSubmatch(text)
		if m == nil {
			return links
		}
		links = append(links, link{from, m[3], m[2]})
		from, text = m[3], text[len(m[0]):]
	}
}

// names are the functions of the house, "folder.Name" with methods by their names alone, with what each calls and what it mentions; and
// the types that hold a payout.
type names struct {
	calls, mentions map[string]map[string]bool
	payouts         []string
}

func functions(t *testing.T) names {
	t.Helper()
	all := names{calls: map[string]map[string]bool{}, mentions: map[string]map[string]bool{}}
	eachFile(t, func(file string, tree *ast.File) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		for _, d := range tree.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				all.function(path.Dir(file)+"."+d.Name.Name, d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok && isPayout(s) {
						all.payouts = append(all.payouts, path.Dir(file)+"."+s.Name.Name)
					}
				}
			}
		}
	})
	slices.Sort(all.payouts)
	return all
}

func (n names) function(name string, d *ast.FuncDecl) {
	if n.calls[name] == nil {
		n.calls[name], n.mentions[name] = map[string]bool{}, map[string]bool{}
	}
	ast.Inspect(d, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.Ident:
			n.mentions[name][node.Name] = true
		case *ast.CallExpr:
			switch called := node.Fun.(type) {
			case *ast.Ident:
				n.calls[name][called.Name] = true
			case *ast.SelectorExpr:
				n.calls[name][called.Sel.Name] = true
			}
		}
		return true
	})
}

// isPayout tells whether a struct holds a payout as it was made: with its voucher, its day, its amount and its application.
func isPayout(s *ast.TypeSpec) bool {
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return false
	}
	var fields []string
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			fields = append(fields, n.Name)
		}
	}
	for _, need := range []string{"Voucher", "PaidOn", "Amount", "Application"} {
		if !slices.Contains(fields, need) {
			return false
		}
	}
	return true
}

// judge says what is not so of a step.
func (n names) judge(l link) string {
	name := l.to[strings.LastIndex(l.to, ".")+1:]
	switch {
	case n.calls[l.from] == nil:
		return l.from + " is drawn, and is not there"
	case n.calls[l.to] == nil:
		return l.to + " is drawn, and is not there"
	case l.by == "" && !n.calls[l.from][name]:
		return l.from + " does not call " + l.to + " itself"
	case l.by != "" && (!n.mentions[l.from][l.by] || !n.mentions[l.to][l.by]):
		return l.from + " does not hand over to " + l.to + " by " + l.by
	}
	return ""
}
